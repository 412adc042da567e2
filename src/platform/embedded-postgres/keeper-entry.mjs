// The keeper's process: plain JavaScript that registers the loader which reads TypeScript, then keeps Postgres.
import { register } from "tsx/esm/api";

register();
const { runKeeper } = await import("./keeper.ts");
await runKeeper(process.argv[2] ?? "{}");
// An exited or handed-over Postgres may leave handles behind; there is nothing more to wait for.
process.exit(0);
