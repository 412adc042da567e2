// The files of a new Postgres: made aside, synced, and put in place by one rename, so that neither a killed process
// nor two that start at once leave half a cluster or two.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, chown, link, lstat, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../errors.ts";
import { environmentOf, type Binaries } from "./binaries.ts";
import { adviceOn, codeOf, lastLines, unavailable } from "./failure.ts";
import { INITDB_SECONDS_MAX, LEFTOVER_SECONDS_MIN, QUOTED_BYTES_MAX } from "./limits.ts";
import type { Place } from "./place.ts";

export async function clusterExists(place: Place): Promise<boolean> {
  try {
    await access(join(place.clusterDirectory, "PG_VERSION"));
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    // Its folder is closed to everybody but Postgres' user: there, and `findServer` will say what does not work.
    if (codeOf(error) === "EACCES") return true;
    throw unavailable(`The Postgres files in ${place.clusterDirectory} cannot be read`, error);
  }
}

/** Makes the cluster and its password unless they are there. Safe to repeat, and for two processes at once. */
export async function createCluster(place: Place, binaries: Binaries, searchPath: string): Promise<void> {
  if (await clusterExists(place)) return;
  try {
    const password = await ensurePassword(place);
    await removeLeftovers(place);
    const unfinished = await mkdtemp(`${place.clusterDirectory}.new-`);
    const passwordFile = `${unfinished}.password`;
    try {
      await writeFile(passwordFile, password, { mode: 0o600, flag: "wx" });
      if (place.runAs) await Promise.all([unfinished, passwordFile].map((path) => giveTo(place, path)));
      await initialize({ place, binaries, searchPath, directory: unfinished, passwordFile });
      await rename(unfinished, place.clusterDirectory);
      await syncDirectory(place.home);
    } finally {
      await Promise.all([unfinished, passwordFile].map((path) => rm(path, { recursive: true, force: true })));
    }
  } catch (error) {
    // Another process was faster: its rename came first, and a folder with files in it is not replaced.
    if (await clusterExists(place)) return;
    throw unavailable(`The Postgres files cannot be made in ${place.home}`, error);
  }
}

/** The superuser's password, or undefined when none was made yet. Throws `unavailable` when it may not be read. */
export async function readPassword(place: Place): Promise<string | undefined> {
  try {
    return (await readFile(place.passwordFile, "utf8")).trim() || undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw unavailable(`The password of the embedded Postgres cannot be read from ${place.passwordFile}`, error);
  }
}

async function ensurePassword(place: Place): Promise<string> {
  const unfinished = `${place.passwordFile}.new-${randomBytes(6).toString("hex")}`;
  await writeSynced(unfinished, `${randomBytes(32).toString("base64url")}\n`);
  try {
    // Unlike a rename this leaves a password alone that another process made a moment ago.
    await link(unfinished, place.passwordFile);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
  const password = await readPassword(place);
  if (password === undefined) throw new Error(`${place.passwordFile} is empty`);
  return password;
}

async function giveTo({ runAs }: Place, path: string): Promise<void> {
  if (runAs) await chown(path, runAs.uid, runAs.gid);
}

interface Initialization {
  place: Place;
  binaries: Binaries;
  searchPath: string;
  directory: string;
  passwordFile: string;
}

/**
 * Order and comparison by code point, the same on every machine and in every version of its C library. The C
 * library's own C.UTF-8, where there is one, decides only what a letter is (pg_trgm asks it).
 */
async function initialize(initialization: Initialization): Promise<void> {
  const first = await runInitdb(initialization, ["--locale=C.UTF-8"]);
  if (first === undefined) return;
  const isWithoutLocale = /invalid locale|could not be determined|setlocale/.test(first);
  const problem = isWithoutLocale ? await runInitdb(initialization, ["--locale=C", "--builtin-locale=C.UTF-8"]) : first;
  if (problem === undefined) return;
  throw new AppError("unavailable", `initdb failed in ${initialization.place.home}: ${problem}. ${adviceOn(problem)}`);
}

/** Resolves to undefined when it went well, else to the last lines of what it said. */
function runInitdb(
  { place, binaries, searchPath, directory, passwordFile }: Initialization,
  locale: readonly string[],
): Promise<string | undefined> {
  const options = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8"];
  return new Promise((resolve, reject) => {
    // It syncs all it wrote (0.1 s of 0.6 on an SSD): --no-sync would make a power loss fatal days later.
    const child = spawn(binaries.initdb, [...options, "--locale-provider=builtin", ...locale, "-D", directory], {
      ...environmentOf({ binaries, searchPath }),
      ...place.runAs,
      cwd: directory,
      stdio: ["ignore", "ignore", "pipe"],
      windowsHide: true,
      timeout: INITDB_SECONDS_MAX * 1000,
      killSignal: "SIGKILL",
    });
    let messages = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      messages = (messages + text).slice(-2 * QUOTED_BYTES_MAX);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(lastLines(messages) || `ended by ${signal ?? `code ${code}`}`);
    });
  });
}

/** What killed processes left half made. Young ones may be in the making. */
async function removeLeftovers({ clusterDirectory }: Place): Promise<void> {
  const names = await readdir(dirname(clusterDirectory));
  for (const name of names.filter((name) => name.startsWith(`${basename(clusterDirectory)}.new-`))) {
    const path = join(dirname(clusterDirectory), name);
    const changed = await lstat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (changed < Date.now() - LEFTOVER_SECONDS_MIN * 1000) await rm(path, { recursive: true, force: true });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open folders; there the file system's own log orders the rename.
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
