// What an indexing thread starts with.
import { serveThread } from "./thread.ts";

serveThread();
