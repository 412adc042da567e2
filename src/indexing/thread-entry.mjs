// A worker thread inherits no loader: it registers the one that reads TypeScript, then serves tasks.
import { register } from "tsx/esm/api";

register();
const { serveThread } = await import("./thread.ts");
serveThread();
