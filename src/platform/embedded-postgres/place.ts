// Where the files of a data folder's Postgres are and who runs it. Postgres refuses to run as root, so root hands
// it to another user, and to a folder which that user can reach.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, mkdir, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AppError } from "../../errors.ts";
import { codeOf, unavailable } from "./failure.ts";

/** In the folder's name, because a server reads the files of its own major version only. */
export const POSTGRES_MAJOR = 17;

/** For what root runs as another user but keeps in a folder closed to it. */
const SHARED_DIRECTORY = "/var/lib/kota";

/** `nobody` on Linux; needs no entry in /etc/passwd. On macOS an unused id serves as well. */
const NOBODY = { uid: 65_534, gid: 65_534 };

export interface User {
  uid: number;
  gid: number;
}

/** Everything a keeper must know; plain data, as it travels on its command line. Holds no secret. */
export interface Place {
  dataDirectory: string;
  /** Folder of the Postgres files: the data folder, or root's substitute. */
  home: string;
  clusterDirectory: string;
  /** For copies of binaries that the running user could not reach where they are. */
  copyDirectory: string;
  passwordFile: string;
  logFile: string;
  /** Set for root only: who runs Postgres. */
  runAs?: User;
}

/**
 * Creates the data folder when it is missing and says where its Postgres belongs: in `<dataDirectory>/pg17`, or
 * for root with a folder closed to others in `/var/lib/kota/<hash of the path>/pg17`. Throws `unavailable`.
 */
export async function findPlace(dataDirectory: string): Promise<Place> {
  const path = resolve(dataDirectory);
  const isRoot = process.getuid?.() === 0;
  try {
    // 711 lets Postgres' user pass to its own folder and nobody list ours.
    await mkdir(path, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
    // Two spellings of one folder must meet at one server.
    const real = await realpath(path);
    await access(real, constants.W_OK);
    return isRoot ? await findPlaceForRoot(real) : placeAt({ dataDirectory: real, home: real });
  } catch (error) {
    throw unavailable(`The data folder ${path} cannot be used`, error);
  }
}

async function findPlaceForRoot(dataDirectory: string): Promise<Place> {
  const inside = placeAt({ dataDirectory, home: dataDirectory });
  const substitute = join(SHARED_DIRECTORY, createHash("sha256").update(dataDirectory).digest("hex").slice(0, 16));
  const outside = placeAt({ dataDirectory, home: substitute });
  for (const place of [inside, outside]) {
    const owner = await ownerOf(place.clusterDirectory);
    if (owner === undefined) continue;
    // Files that a person made before they called us with sudo stay theirs. Root cannot have made any.
    const runAs = owner.uid === 0 ? NOBODY : owner;
    if (await canReach(place.home, runAs)) return { ...place, copyDirectory: SHARED_DIRECTORY, runAs };
    throw new AppError(
      "unavailable",
      `Postgres' files are in ${place.clusterDirectory}, which its user (${runAs.uid}) cannot reach any more. ` +
        "Give the folders above it the permission to pass (chmod o+x), as they had when the files were made.",
    );
  }
  if (await canReach(dataDirectory, NOBODY)) return { ...inside, copyDirectory: SHARED_DIRECTORY, runAs: NOBODY };
  for (const folder of [SHARED_DIRECTORY, outside.home]) {
    await mkdir(folder, { recursive: true });
    // Whatever the umask: these hold nothing of their own, and Postgres' user must pass.
    await chmod(folder, 0o755);
  }
  return { ...outside, copyDirectory: SHARED_DIRECTORY, runAs: NOBODY };
}

function placeAt({ dataDirectory, home }: { dataDirectory: string; home: string }): Place {
  return {
    dataDirectory,
    home,
    clusterDirectory: join(home, `pg${POSTGRES_MAJOR}`),
    copyDirectory: home,
    passwordFile: join(dataDirectory, "postgres-password"),
    logFile: join(dataDirectory, "postgres.log"),
  };
}

async function ownerOf(path: string): Promise<User | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether `user` may pass through `directory` and all above it, by their modes; `directory` has no links in it. */
export async function canReach(directory: string, user: User): Promise<boolean> {
  const { mode, uid, gid } = await stat(directory);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  const parent = dirname(directory);
  return parent === directory || canReach(parent, user);
}
