// Folders of a working tree in which git knows no file: empty ones, and those that have just come.
import { readdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { LIST_SECONDS_MAX } from "./limits.ts";
import { decodePath, isSafePath, readRecords } from "./records.ts";
import { runGit, startGit, type GitContext } from "./run-git.ts";
import type { Worktree } from "./worktree.ts";

type Place = Pick<Worktree, "root" | "gitDirectory">;

/** Folders that hold nothing tracked and are not ignored, each only by the outermost, sorted. */
export async function listUntrackedFolders(context: GitContext, worktree: Place): Promise<string[]> {
  const folders: string[] = [];
  const flags = ["-z", "--others", "--directory", "--exclude-standard"];
  const git = startGit(context, [...placeOf(worktree), "ls-files", ...flags], {
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

/** The folders and all in them, but for what is ignored and for repositories of their own: at most `foldersMax`, outer ones first. */
export async function listFoldersBelow(
  context: GitContext,
  { worktree, folders, foldersMax }: { worktree: Place; folders: readonly string[]; foldersMax: number },
): Promise<string[]> {
  const found: string[] = [];
  for (let level = [...folders]; level.length > 0 && found.length < foldersMax;) {
    const ignored = await listIgnored(context, worktree, level);
    const kept = level.filter((folder) => !ignored.has(folder)).slice(0, foldersMax - found.length);
    level = [];
    for (const folder of kept) {
      const inside = await readdir(join(worktree.root, folder), { withFileTypes: true }).catch(() => undefined);
      if (!inside || inside.some(({ name }) => name === ".git")) continue;
      found.push(folder);
      for (const one of inside) if (one.isDirectory()) level.push(posix.join(folder, one.name));
    }
  }
  return found;
}

/** Those of the paths that are ignored. */
export async function listIgnored(
  context: GitContext,
  worktree: Place,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const { stdout } = await runGit(context, [...placeOf(worktree), "check-ignore", "-z", "--stdin"], {
    subject: worktree.root,
    input: paths.map((path) => `${path}\0`).join(""),
    exitCodes: [0, NONE_IGNORED],
  });
  return new Set(stdout.toString("utf8").split("\0").filter(Boolean));
}

const NONE_IGNORED = 1;

function placeOf({ root, gitDirectory }: Place): string[] {
  return ["-C", root, `--git-dir=${gitDirectory}`, `--work-tree=${root}`];
}
