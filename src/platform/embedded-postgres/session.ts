// A process' session on the embedded Postgres: how it is taken, on a server that runs or that a keeper starts for
// it, and how it is given back.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { AppError } from "../../errors.ts";
import type { Log } from "../log.ts";
import { prepareBinaries } from "./binaries.ts";
import { clusterExists, createCluster } from "./cluster.ts";
import { codeOf, unavailable } from "./failure.ts";
import { KEEPER_BACK_MS, LOOK_MS, START_SECONDS_MAX, STOP_SECONDS_MAX } from "./limits.ts";
import { endOf, isHeld, tryLock } from "./locks.ts";
import type { Place } from "./place.ts";
import { findServer, requirePassword, type RunningServer } from "./server.ts";
import { spawnKeeper } from "./spawn-keeper.ts";

/** What every Kota process works in. */
export const DATABASE = "kota";

export interface Joining {
  place: Place;
  log: Log;
  graceSeconds: number;
  /** PATH of the programs we start. */
  searchPath: string;
  /** False where a server was already: new files would hide that the old ones are lost. */
  mayCreate: boolean;
}

/** Until a session is held: joins what runs, else has a keeper start it. Each round waits for something that ends. */
export async function enter(joining: Joining): Promise<RunningServer> {
  const { place } = joining;
  const deadline = performance.now() + START_SECONDS_MAX * 1000;
  await requirePassword(place);
  while (performance.now() < deadline) {
    const server = await findServer(place, `kota session ${process.pid}`);
    if (server.state === "running" && (await takeSession(server, joining))) return server;
    if (server.state !== "running") await spawnKeeper(await prepare(joining), { isAwaited: true });
    await sleep(LOOK_MS);
  }
  throw new AppError(
    "unavailable",
    `The embedded Postgres could not be joined within ${START_SECONDS_MAX} seconds. See ${place.logFile} and try again.`,
  );
}

/** False when the server is about to stop, or went away meanwhile; the connection is closed then. */
async function takeSession(server: RunningServer, joining: Joining): Promise<boolean> {
  const { client } = server;
  const ended = endOf(client);
  try {
    if (await tryLock(client, "sessions", "shared")) {
      await ensureDatabase(client);
      // The session is good without one, so nobody waits for it.
      if (!(await isHeld(client, "keeper"))) void replaceKeeperUnlessBack(client, joining);
      // A process that is through with its work need not remember to leave.
      server.socket.unref();
      return true;
    }
    // Its keeper holds the lock alone: the server takes no one in any more, and ends every connection on its way out.
    await Promise.race([ended, sleep(STOP_SECONDS_MAX * 1000, undefined, { ref: false })]);
  } catch (error) {
    await close(server);
    if (!isLost(error)) throw unavailable("The embedded Postgres cannot be joined", error);
    return false;
  }
  await close(server);
  return false;
}

async function ensureDatabase(client: pg.Client): Promise<void> {
  const { rows } = await client.query("select from pg_database where datname = $1", [DATABASE]);
  if (rows.length > 0) return;
  try {
    // template0: unlike template1 nobody, not even autovacuum, is connected to it, which would make this wait.
    await client.query(`create database ${DATABASE} template template0`);
  } catch (error) {
    // duplicate_database, or unique_violation in the same moment: another process made it.
    if (!["42P04", "23505"].includes(codeOf(error) ?? "")) throw error;
  }
}

/** A crash inside Postgres cuts the keeper off too; it comes back as fast as we do, unlike one that was killed. */
async function replaceKeeperUnlessBack(client: pg.Client, joining: Joining): Promise<void> {
  await sleep(KEEPER_BACK_MS, undefined, { ref: false });
  const isKept = await isHeld(client, "keeper").catch(() => true);
  if (!isKept) await replaceKeeper(joining, { isAwaited: false });
}

/** The server's keeper was killed: another one adopts the server, so that it still stops after the last session. */
async function replaceKeeper(joining: Joining, waiting: { isAwaited: boolean }): Promise<void> {
  try {
    await spawnKeeper(await prepare(joining), waiting);
  } catch (error) {
    joining.log.warn("The embedded Postgres has no keeper and will not stop by itself", { error });
  }
}

/** Programs and files, made where they are missing, and with them what a keeper must know. */
async function prepare({ place, graceSeconds, searchPath, mayCreate }: Joining) {
  const binaries = await prepareBinaries(place);
  if (mayCreate) await createCluster(place, binaries, searchPath);
  else if (!(await clusterExists(place))) {
    throw new AppError(
      "unavailable",
      `The Postgres files in ${place.clusterDirectory} are gone. Restart Kota to begin with an empty index.`,
    );
  }
  return { place, binaries, searchPath, graceSeconds };
}

/** The last to leave is the last who can see that the keeper was killed. */
export async function giveBack(session: RunningServer, joining: Joining): Promise<void> {
  session.socket.ref();
  const isKept = await isHeld(session.client, "keeper").catch(() => true);
  if (!isKept) await replaceKeeper(joining, { isAwaited: true });
  await close(session);
}

export async function isAlive({ client, socket }: RunningServer): Promise<boolean> {
  // Unlike the session itself, waiting for an answer is a reason not to exit.
  socket.ref();
  return client
    .query("select")
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.unref());
}

async function close({ client, socket }: RunningServer): Promise<void> {
  socket.ref();
  await client.end().catch(() => undefined);
}

/** The connection broke or Postgres is shutting down (class 57), as opposed to a statement that failed. */
function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return true;
  return code.startsWith("57P") || code.startsWith("08") || /^E[A-Z]+$/.test(code);
}
