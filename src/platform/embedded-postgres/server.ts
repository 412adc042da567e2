// Finds the server of a cluster: through the file in which Postgres names its process and port, never believing it
// before the process is ours and a connection says which files it serves.
import { link, readFile, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { AppError } from "../../errors.ts";
import { clusterExists, readPassword } from "./cluster.ts";
import { codeOf, unavailable } from "./failure.ts";
import { CONNECT_SECONDS_MAX } from "./limits.ts";
import type { Place } from "./place.ts";
import { identifyPostmaster } from "./postmaster-process.ts";

/** `client` is a verified connection to the database `postgres`, owned by who asked. */
export interface RunningServer {
  state: "running";
  pid: number;
  port: number;
  client: pg.Client;
  /** The client's: pg does not type its own way to `unref`. */
  socket: Socket;
}

export type Server =
  | RunningServer
  /** Starting, recovering, stopping, or overloaded: `reason` is what it answered. */
  | { state: "busy"; reason: string }
  /** `port` is where the last one was, when it ended without tidying up; `stale` the file it left in the way. */
  | { state: "absent"; port?: number; stale?: string };

/** Looks once, changes nothing. Throws `unavailable` for what waiting will not mend. */
export async function findServer(place: Place, applicationName: string): Promise<Server> {
  const text = await readPidFile(place);
  if (text === undefined) return { state: "absent" };
  const { pid, port } = parsePidFile(text);
  if (pid === undefined) return { state: "busy", reason: "its pid file is not written yet" };
  const known = port === undefined ? {} : { port };
  const identity = await identifyPostmaster(pid, place.clusterDirectory);
  // Postgres replaces by itself the file of a process that is gone, but believes in zombies and strangers.
  if (identity === "gone") return { state: "absent", ...known };
  if (identity === "other") return { state: "absent", ...known, stale: text };
  if (port === undefined) return { state: "busy", reason: "its port is not written yet" };
  return connect({ place, pid, port, applicationName });
}

/**
 * Removes the pid file if it still is `stale`. Another process may have started a server meanwhile: what was moved
 * away by mistake is put back. Should that fail, Postgres' own lock on shared memory still forbids a second server.
 */
export async function removePidFile(place: Place, stale: string): Promise<void> {
  const path = pidFileOf(place);
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, "utf8")) !== stale) await link(aside, path);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "EEXIST") return;
    throw unavailable(`The outdated file ${path} cannot be removed`, error);
  } finally {
    await rm(aside, { force: true });
  }
}

/** Where the user's programs connect. Holds the password: never for a log or a message. */
export function connectionStringOf(server: RunningServer, database: string): string {
  const { user = "", password } = server.client;
  return `postgres://${user}:${String(password)}@127.0.0.1:${server.port}/${database}`;
}

function pidFileOf(place: Place): string {
  return join(place.clusterDirectory, "postmaster.pid");
}

async function readPidFile(place: Place): Promise<string | undefined> {
  try {
    return await readFile(pidFileOf(place), "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw unavailable(`The Postgres files in ${place.clusterDirectory} cannot be read`, error);
  }
}

/** Line 1 is the process, line 4 the port (src/include/utils/pidfile.h). Postgres fills the file line by line. */
function parsePidFile(text: string): { pid: number | undefined; port: number | undefined } {
  const lines = text.split("\n");
  const complete = lines.slice(0, -1);
  return { pid: positive(complete[0]), port: positive(complete[3]) };
}

function positive(line: string | undefined): number | undefined {
  const value = Number(line ?? "");
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

interface Connecting {
  place: Place;
  pid: number;
  port: number;
  applicationName: string;
}

async function connect({ place, pid, port, applicationName }: Connecting): Promise<Server> {
  const password = await readPassword(place);
  if (password === undefined) throw passwordMissing(place);
  const socket = new Socket();
  const client = new pg.Client({
    stream: () => socket,
    host: "127.0.0.1",
    port,
    user: "postgres",
    password,
    database: "postgres",
    ssl: false,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_SECONDS_MAX * 1000,
    query_timeout: CONNECT_SECONDS_MAX * 1000,
  });
  // Whoever uses the client learns of a lost connection from its `end`; without a listener an error ends the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>("show data_directory");
    if (rows[0]?.data_directory === place.clusterDirectory) return { state: "running", pid, port, client, socket };
    await client.end();
    return { state: "busy", reason: `port ${port} belongs to another Postgres` };
  } catch (error) {
    client.end().catch(() => undefined);
    // Class 28: the password was refused. The process is ours, so it is the file that is wrong.
    if (codeOf(error)?.startsWith("28")) throw passwordRefused(place, error);
    return { state: "busy", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Throws `unavailable` when there are Postgres files that nobody can log in to any more. */
export async function requirePassword(place: Place): Promise<void> {
  if ((await clusterExists(place)) && (await readPassword(place)) === undefined) throw passwordMissing(place);
}

function passwordMissing(place: Place): AppError {
  return new AppError(
    "unavailable",
    `${place.passwordFile}, the password of the Postgres in ${place.clusterDirectory}, is missing. ` +
      "Put it back, or remove that folder to start anew with an empty index.",
  );
}

function passwordRefused(place: Place, cause: unknown): AppError {
  return new AppError(
    "unavailable",
    `The Postgres in ${place.clusterDirectory} refuses the password in ${place.passwordFile}. ` +
      "Put the right file back, or remove that folder to start anew with an empty index.",
    { cause },
  );
}
