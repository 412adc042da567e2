// A thread of the checker's process that ends it, and the executable with it, once who asked has died: the process itself waits
// for the executable and hears of nothing.
import { workerData } from "node:worker_threads";

/** Between two looks. */
const LOOK_MS = 1000;

setInterval(() => {
  if (process.ppid !== workerData) process.kill(-process.pid, "SIGKILL");
}, LOOK_MS);
