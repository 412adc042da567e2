// What the keeper's process starts with: keeps Postgres, then ends.
import { runKeeper } from "./keeper.ts";

await runKeeper(process.argv[2] ?? "{}");
// An exited or handed-over Postgres may leave handles behind; there is nothing more to wait for.
process.exit(0);
