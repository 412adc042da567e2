// The keeper's way to a running server: adopts the one that is there, waits for one that is on its way, and else
// starts one. That only one starts is Postgres' own doing: its pid file and its shared memory admit one.
import { spawn } from "node:child_process";
import { open, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../errors.ts";
import { environmentOf } from "./binaries.ts";
import { adviceOn, lastLines, unavailable } from "./failure.ts";
import type { KeeperTask } from "./keeper-task.ts";
import { LOOK_MS, PORTS_MAX, QUOTED_BYTES_MAX, RETRY_MS, START_SECONDS_MAX } from "./limits.ts";
import { findServer, removePidFile, type RunningServer } from "./server.ts";

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  // None: a deep data folder exceeds the 107 bytes of a socket's path, and /tmp belongs to everybody.
  unix_socket_directories: "",
  max_connections: 100,
  // A laptop's share: what else is hot stays in the system's cache.
  shared_buffers: "128MB",
  effective_cache_size: "1GB",
  // Acknowledged means on disk, whatever the files' own settings say.
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  // Compiling took longer than our statements, which are short.
  jit: "off",
  // Bounds what a crash leaves to replay.
  max_wal_size: "1GB",
  random_page_cost: 1.1,
  timezone: "UTC",
  log_timezone: "UTC",
  log_destination: "stderr",
  logging_collector: "off",
  log_checkpoints: "off",
  // Failed statements and their values are the callers' secrets: neither errors nor details go to the log.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
} as const;

/** Resolves to the data folder's server, started here or not. Throws `unavailable` with the end of Postgres' log. */
export async function startServer(task: KeeperTask, applicationName: string): Promise<RunningServer> {
  const deadline = performance.now() + START_SECONDS_MAX * 1000;
  let attempt: Attempt | undefined;
  let portsTaken = 0;
  for (;;) {
    const server = await findServer(task.place, applicationName);
    if (server.state === "running") return server;
    if (attempt?.ended()) {
      const verdict = await judge(task, attempt);
      if (verdict === "port taken") portsTaken++;
      if (portsTaken === PORTS_MAX) throw noPort();
      attempt = undefined;
      await sleep(RETRY_MS);
    } else if (server.state === "absent" && !attempt) {
      if (server.stale !== undefined) await removePidFile(task.place, server.stale);
      // The port of before, so that connections that were lost in a crash find the way back by themselves.
      const port = portsTaken === 0 && server.port !== undefined ? server.port : await findFreePort();
      attempt = await launch(task, port);
    }
    if (performance.now() > deadline) throw tooLate(task, server.state === "busy" ? server.reason : "no answer");
    await sleep(LOOK_MS);
  }
}

interface Attempt {
  ended(): boolean;
  /** Why the program could not even be started. */
  failure(): Error | undefined;
  /** Where its part of the log begins. */
  logOffset: number;
}

async function launch(task: KeeperTask, port: number): Promise<Attempt> {
  const { place, binaries, searchPath } = task;
  const { size: logOffset } = await stat(place.logFile);
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(binaries.postgres, ["-D", place.clusterDirectory, "-p", String(port), ...settings], {
    ...environmentOf({ binaries, searchPath }),
    ...place.runAs,
    cwd: place.home,
    // Its own group: a signal to ours, or our death, is no reason for a crash.
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
    windowsHide: true,
  });
  let failure: Error | undefined;
  child.on("error", (error) => (failure = error));
  const ended = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null;
  return { ended, failure: () => failure, logOffset };
}

/** Whether another start makes sense after one that failed; throws `unavailable` when not. */
async function judge({ place }: KeeperTask, attempt: Attempt): Promise<"port taken" | "other server"> {
  const failure = attempt.failure();
  if (failure) throw unavailable("Postgres cannot be started", failure);
  const said = await readEnd(place.logFile, attempt.logOffset);
  if (/could not create any TCP\/IP sockets|could not create listen socket/.test(said)) return "port taken";
  // Another keeper was faster, or the children of a killed server are still going away.
  if (/lock file .* already exists|pre-existing shared memory block|lock file .* is empty/.test(said))
    return "other server";
  const lines = lastLines(said) || "it said nothing";
  throw new AppError("unavailable", `Postgres did not start (${place.logFile}): ${lines}. ${adviceOn(said)}`);
}

async function readEnd(path: string, offset: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(offset, size - 2 * QUOTED_BYTES_MAX);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - start)), 0, null, start);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Free a moment ago: Postgres says so when it no longer is. */
function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("no address"));
      });
    });
  });
}

function noPort(): AppError {
  return new AppError(
    "unavailable",
    `Postgres could not bind any of ${PORTS_MAX} ports on 127.0.0.1. Look for a firewall or too many open ports, ` +
      "or set DATABASE_URL to a Postgres of your own.",
  );
}

function tooLate({ place }: KeeperTask, reason: string): AppError {
  return new AppError(
    "unavailable",
    `Postgres is not ready after ${START_SECONDS_MAX} seconds (${reason}). It may still be recovering: try again in ` +
      `a minute, and see ${place.logFile}.`,
  );
}
