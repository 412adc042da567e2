// The process that owns a data folder's Postgres: starts or adopts it, watches it, and stops it some seconds after
// the last session. It ends when its Postgres does; whoever wants one again makes another keeper.
import { access, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "./failure.ts";
import type { KeeperReport, KeeperTask } from "./keeper-task.ts";
import { FIRST_SESSION_SECONDS, LOOK_MS, START_SECONDS_MAX, WATCH_MS_MAX, WATCH_MS_MIN } from "./limits.ts";
import { endOf, isHeld, tryLock } from "./locks.ts";
import type { Place } from "./place.ts";
import { findServer, type RunningServer } from "./server.ts";
import { startServer } from "./start-server.ts";
import { stopServer } from "./stop-server.ts";

/** Resolves when Postgres has ended or belongs to another keeper. */
export async function runKeeper(argument: string): Promise<void> {
  // Written by `spawnKeeper` of the same version, and by nobody else.
  const task = JSON.parse(argument) as KeeperTask;
  let server: RunningServer | undefined;
  try {
    server = await take(await startServer(task, applicationName()));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    note(`Could not start Postgres: ${message}`);
    return report({ state: "failed", message });
  }
  await report({ state: server ? "ready" : "superseded" });
  if (server) await keep(task, server);
}

/** Shown by pg_stat_activity, so that people find the process. */
function applicationName(): string {
  return `kota keeper ${process.pid}`;
}

async function take(server: RunningServer): Promise<RunningServer | undefined> {
  if (await tryLock(server.client, "keeper", "exclusive")) return server;
  await server.client.end();
  return undefined;
}

/** Returns at once when the other side is gone: it wanted to know, and now nobody does. */
function report(message: KeeperReport): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send || !process.connected) return resolve();
    process.send(message, undefined, undefined, () => resolve());
  });
}

async function keep(task: KeeperTask, first: RunningServer): Promise<void> {
  note(`Keeping Postgres ${first.pid} on port ${first.port}`);
  const asked = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => asked.abort());
  let server: RunningServer | undefined = first;
  while (server) {
    const { pid, client }: RunningServer = server;
    const outcome = await watch({ server, graceSeconds: task.graceSeconds, asked: asked.signal });
    if (outcome === "lost") {
      client.end().catch(() => undefined);
      server = await findAgain(task.place);
      continue;
    }
    note(outcome === "idle" ? `Stopping Postgres ${pid}: nobody uses it` : `Stopping Postgres ${pid}: asked to`);
    await stopServer(pid, task.place);
    break;
  }
  note("Postgres has ended");
  await removeWithDataFolder(task.place);
}

interface Watching {
  server: RunningServer;
  graceSeconds: number;
  asked: AbortSignal;
}

/** `idle`: no session for `graceSeconds`, and no new one gets in any more. `lost`: the connection ended. */
async function watch({ server: { client }, graceSeconds, asked }: Watching): Promise<"idle" | "lost" | "asked"> {
  let isLost = false;
  const woken = new AbortController();
  const wake = () => woken.abort();
  void endOf(client).then(() => {
    isLost = true;
    wake();
  });
  asked.addEventListener("abort", wake, { once: true });
  const usualMs = Math.max(WATCH_MS_MIN, Math.min(WATCH_MS_MAX, graceSeconds * 500));
  // Until the first session is seen: at least as long as the process that asked for the server needs to connect,
  // and looking more often, because a short command is soon gone.
  let [pauseMs, graceMs] = [WATCH_MS_MIN, Math.max(graceSeconds, FIRST_SESSION_SECONDS) * 1000];
  let idleSince = performance.now();
  try {
    for (;;) {
      await sleep(pauseMs, undefined, { signal: woken.signal }).catch(() => undefined);
      if (isLost) return "lost";
      if (asked.aborted) return "asked";
      if (await isHeld(client, "sessions")) {
        [pauseMs, graceMs] = [usualMs, graceSeconds * 1000];
        idleSince = performance.now();
        continue;
      }
      const idleMs = performance.now() - idleSince;
      if (idleMs > FIRST_SESSION_SECONDS * 1000) pauseMs = usualMs;
      if (idleMs < graceMs) continue;
      // From here on a joiner is refused the shared lock and waits for the next server. One that came first keeps it.
      if (await tryLock(client, "sessions", "exclusive")) return "idle";
    }
  } catch {
    return "lost";
  } finally {
    asked.removeEventListener("abort", wake);
  }
}

/** After a lost connection: a crashed child makes Postgres drop them all and recover, a killed one is gone for good. */
async function findAgain(place: Place): Promise<RunningServer | undefined> {
  const deadline = performance.now() + START_SECONDS_MAX * 1000;
  while (performance.now() < deadline) {
    try {
      const server = await findServer(place, applicationName());
      if (server.state === "running") return await take(server);
      if (server.state === "absent") return undefined;
    } catch (error) {
      note(`Lost sight of Postgres: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
    await sleep(LOOK_MS);
  }
  return undefined;
}

/** People throw an index away by removing the data folder; what root had to put elsewhere goes with it. */
async function removeWithDataFolder({ dataDirectory, home }: Place): Promise<void> {
  if (home === dataDirectory) return;
  const isGone = await access(dataDirectory).then(
    () => false,
    (error: unknown) => codeOf(error) === "ENOENT",
  );
  if (!isGone) return;
  note(`Removing ${home}: its data folder was removed`);
  await rm(home, { recursive: true, force: true });
}

/** One line in `postgres.log`, where our standard error goes. */
function note(message: string): void {
  process.stderr.write(`${new Date().toISOString()} [${process.pid}] keeper: ${message}\n`);
}
