// Folders of a working tree in which git knows no file: empty ones, and those that have just come.
import { lstat, readdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { FOLDERS_AT_ONCE, FOLDER_LEVELS_MAX, LIST_SECONDS_MAX } from "./limits.ts";
import { decodePath, isSafePath, readRecords } from "./records.ts";
import { runGit, startGit, type GitContext } from "./run-git.ts";
import type { Worktree } from "./worktree.ts";

type Place = Pick<Worktree, "root" | "gitDirectory">;

/** Folders that hold nothing tracked and are not ignored, each only by the outermost, sorted. */
export async function listUntrackedFolders(context: GitContext, worktree: Place): Promise<string[]> {
  const folders: string[] = [];
  const flags = ["-z", "--others", "--directory", "--exclude-standard"];
  const git = startGit(context, [...argumentsOf(worktree), "ls-files", ...flags], {
    subject: worktree.root,
    timeoutSeconds: LIST_SECONDS_MAX,
  });
  git.stdin.end();
  try {
    await readRecords(git.stdout, (record) => {
      if (record.at(-1) !== SLASH) return;
      const { path, isUtf8 } = decodePath(record.subarray(0, -1));
      if (isUtf8 && isSafePath(path)) folders.push(path);
    });
    await git.ended;
  } finally {
    git.stop(new Error("no more is wanted"));
  }
  return folders.sort();
}

const SLASH = 0x2f;

/**
 * Visits the folders and all in them, outer ones first, but for what is ignored and for repositories of their own: at most
 * `foldersMax`. Each is visited before it is read, so that who watches it hears of what comes after. Answers whether these were all.
 */
export async function visitFolders(
  context: GitContext,
  {
    worktree,
    folders,
    foldersMax,
    visit,
  }: { worktree: Place; folders: readonly string[]; foldersMax: number; visit: (folder: string) => void },
): Promise<boolean> {
  const visited = new Set<string>();
  let level = [...folders];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === FOLDER_LEVELS_MAX) return false;
    const real = await listRealFolders(worktree, level);
    const ignored = await listIgnored(context, worktree, real);
    level = [];
    for (const folders of inBatches(real.filter((folder) => !ignored.has(folder) && !visited.has(folder)))) {
      for (const folder of folders) {
        if (visited.size >= foldersMax) return false;
        visited.add(folder);
        visit(folder);
      }
      for (const inside of await Promise.all(folders.map((folder) => listInside(worktree, folder))))
        level.push(...inside);
    }
  }
  return true;
}

async function listInside({ root }: Place, folder: string): Promise<string[]> {
  const inside = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  return inside
    .filter((one) => one.isDirectory() && one.name !== GIT_FOLDER)
    .map(({ name }) => posix.join(folder, name));
}

/**
 * Those of the paths that are folders below folders, with no link on the way, and of this repository: none of them but the root
 * holds a `.git`, or is one. git refuses to say of what lies beyond a link whether it is ignored.
 */
export async function listRealFolders({ root }: Place, paths: readonly string[]): Promise<string[]> {
  const looked = new Map<string, Promise<boolean>>([["", Promise.resolve(true)]]);
  const isReal = (path: string): Promise<boolean> => {
    const found = looked.get(path) ?? look(path);
    looked.set(path, found);
    return found;
  };
  const look = async (path: string) => {
    if (posix.basename(path) === GIT_FOLDER) return false;
    const parent = posix.dirname(path);
    if (!(await isReal(parent === "." ? "" : parent))) return false;
    // What cannot be looked at cannot be watched either.
    const [stats, git] = await Promise.all(
      [path, posix.join(path, GIT_FOLDER)].map((one) => lstat(join(root, one)).catch(() => undefined)),
    );
    return stats?.isDirectory() === true && git === undefined;
  };
  const real: string[] = [];
  for (const some of inBatches(paths)) {
    const are = await Promise.all(some.map(isReal));
    real.push(...some.filter((_, i) => are[i]));
  }
  return real;
}

const GIT_FOLDER = ".git";

function* inBatches(paths: readonly string[]): Generator<readonly string[]> {
  for (let i = 0; i < paths.length; i += FOLDERS_AT_ONCE) yield paths.slice(i, i + FOLDERS_AT_ONCE);
}

/** Those of the paths that are ignored. */
export async function listIgnored(
  context: GitContext,
  worktree: Place,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const { stdout } = await runGit(context, [...argumentsOf(worktree), "check-ignore", "-z", "--stdin"], {
    subject: worktree.root,
    input: paths.map((path) => `${path}\0`).join(""),
    exitCodes: [0, NONE_IGNORED],
  });
  return new Set(stdout.toString("utf8").split("\0").filter(Boolean));
}

const NONE_IGNORED = 1;

/** What git is told of which working tree is meant: nothing of its configuration says so. */
export function argumentsOf({ root, gitDirectory }: Place): string[] {
  return ["-C", root, `--git-dir=${gitDirectory}`, `--work-tree=${root}`];
}
