// The files of a working folder: tracked and untracked-not-ignored, as git lists them, each looked at on disk.
import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LIST_SECONDS_MAX, LSTATS_AT_ONCE, PROBLEMS_MAX } from "./limits.ts";
import { decodePath, isSafePath, readRecords } from "./records.ts";
import { type GitContext, startGit } from "./run-git.ts";
import type { LeftOut, LeftOutReason } from "./tree.ts";
import type { Worktree } from "./worktree.ts";

export interface WorktreeFile {
  path: string;
  sizeBytes: number;
  /** Changes whenever the file may have changed, within the grain of the file system's clock. */
  stamp: string;
  /** When content or attributes changed last, in ms since 1970 by the file system's clock. */
  changedMs: number;
}

interface ListOptions {
  filesMax: number;
  signal?: AbortSignal | undefined;
}

/**
 * Regular files by path, the first `filesMax`, and what is left out and why (at most PROBLEMS_MAX). Tracked files
 * that are gone are just absent. A file behind a linked folder is left out with the folder named, once.
 */
export async function listWorktree(
  context: GitContext,
  worktree: Pick<Worktree, "root" | "gitDirectory">,
  options: ListOptions,
): Promise<{ files: WorktreeFile[]; problems: LeftOut[] }> {
  const listed: Listed = { paths: new Set(), submodules: new Set(), problems: new Map() };
  await Promise.all([
    listTracked(context, worktree, { ...options, listed }),
    listUntracked(context, worktree, { ...options, listed }),
  ]);
  const found = await lookAtEach(worktree.root, listed);
  const files = found.sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path } of files.slice(options.filesMax)) listed.problems.set(path, "too_many_files");
  const problems = [...listed.problems].slice(0, PROBLEMS_MAX).map(([path, reason]) => ({ path, reason }));
  return { files: files.slice(0, options.filesMax), problems };
}

interface Listed {
  paths: Set<string>;
  /** Tracked as a submodule; on disk it may have become something else. */
  submodules: Set<string>;
  problems: Map<string, LeftOutReason>;
}

interface Listing extends ListOptions {
  listed: Listed;
}

/** `MODE SP OID SP STAGE TAB PATH`; a path in conflict has several stages. */
function listTracked(context: GitContext, worktree: Pick<Worktree, "root" | "gitDirectory">, listing: Listing) {
  return listFiles(context, worktree, {
    ...listing,
    flags: ["--stage"],
    onRecord(record) {
      const tab = record.indexOf(0x09);
      const path = addPath(listing.listed, record.subarray(tab + 1));
      if (path !== undefined && record.toString("latin1", 0, 6) === "160000") listing.listed.submodules.add(path);
    },
  });
}

/** A repository within the folder is listed as `path/`. */
function listUntracked(context: GitContext, worktree: Pick<Worktree, "root" | "gitDirectory">, listing: Listing) {
  return listFiles(context, worktree, {
    ...listing,
    flags: ["--others", "--exclude-standard"],
    onRecord(record) {
      if (record.at(-1) !== 0x2f) addPath(listing.listed, record);
      else listing.listed.problems.set(decodePath(record.subarray(0, -1)).path, "nested_repository");
    },
    onUnreadable: (path) => void listing.listed.problems.set(path, "unreadable"),
  });
}

function addPath({ paths, problems }: Listed, bytes: Buffer): string | undefined {
  const { path, isUtf8 } = decodePath(bytes);
  if (!isUtf8) problems.set(path, "path_not_utf8");
  else if (!isSafePath(path)) problems.set(path, "unreadable");
  else paths.add(path);
  return isUtf8 ? path : undefined;
}

async function listFiles(
  context: GitContext,
  { root, gitDirectory }: Pick<Worktree, "root" | "gitDirectory">,
  options: Listing & {
    flags: string[];
    onRecord: (record: Buffer) => void;
    onUnreadable?: (path: string) => void;
  },
): Promise<void> {
  const args = ["-C", root, `--git-dir=${gitDirectory}`, `--work-tree=${root}`, "ls-files", "-z", ...options.flags];
  let warnings = "";
  const git = startGit(context, args, {
    subject: root,
    timeoutSeconds: LIST_SECONDS_MAX,
    signal: options.signal,
    onMessage: (text) => void (warnings += text),
  });
  git.stdin.end();
  try {
    await readRecords(git.stdout, options.onRecord);
    await git.ended;
  } finally {
    git.stop(new Error("no more is wanted"));
  }
  for (const [, path] of warnings.matchAll(/^warning: could not open directory '(.*?)\/?': /gm)) {
    options.onUnreadable?.(path ?? "");
  }
}

/** `lstat` of each path, several at a time. What is no regular file becomes a problem or, when gone, nothing. */
async function lookAtEach(root: string, listed: Listed): Promise<WorktreeFile[]> {
  const files: WorktreeFile[] = [];
  const folders = new Map<string, Promise<boolean>>();
  const paths = listed.paths.values();
  const work = async () => {
    for (const path of paths) {
      if (!(await isInRealFolder({ root, path: dirname(path), folders, listed }))) continue;
      const stats = await lstat(join(root, path), { bigint: true }).catch(reasonOf);
      if (stats === undefined) continue;
      if (typeof stats === "string") listed.problems.set(path, stats);
      else if (stats.isFile()) files.push(toFile(path, stats));
      else if (!stats.isDirectory())
        listed.problems.set(path, stats.isSymbolicLink() ? "symbolic_link" : "not_a_regular_file");
      else if (listed.submodules.has(path)) listed.problems.set(path, "submodule");
    }
  };
  await Promise.all(Array.from({ length: LSTATS_AT_ONCE }, work));
  return files;
}

/** Whether `path` and all folders above it, below `root`, are folders and not links to some. Each is looked at once. */
function isInRealFolder(at: {
  root: string;
  path: string;
  folders: Map<string, Promise<boolean>>;
  listed: Listed;
}): Promise<boolean> | boolean {
  const { root, path, folders, listed } = at;
  if (path === ".") return true;
  const known = folders.get(path);
  if (known) return known;
  const answer = (async () => {
    if (!(await isInRealFolder({ ...at, path: dirname(path) }))) return false;
    const stats = await lstat(join(root, path), { bigint: true }).catch(reasonOf);
    if (stats === undefined) return false;
    if (typeof stats === "string") listed.problems.set(path, stats);
    else if (stats.isSymbolicLink()) listed.problems.set(path, "symbolic_link");
    return typeof stats !== "string" && stats.isDirectory();
  })();
  folders.set(path, answer);
  return answer;
}

/** undefined: it is gone. */
function reasonOf(error: unknown): "unreadable" | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR" ? undefined : "unreadable";
}

function toFile(path: string, stats: BigIntStats): WorktreeFile {
  return {
    path,
    sizeBytes: Number(stats.size),
    stamp: `${stats.size}-${stats.mtimeNs}-${stats.ctimeNs}-${stats.ino}`,
    changedMs: Math.max(Number(stats.mtimeMs), Number(stats.ctimeMs)),
  };
}
