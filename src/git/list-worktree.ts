// The files of a working folder: tracked and untracked-not-ignored, as git lists them, each looked at on disk.
import { lstatSync, type BigIntStats } from "node:fs";
import { dirname, join } from "node:path";
import { argumentsOf } from "./list-folders.ts";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LIST_SECONDS_MAX, LOOK_SLICE_MS, PROBLEMS_MAX } from "./limits.ts";
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
  await listFiles(context, worktree, { signal: options.signal, listed });
  const found = await lookAtEach(worktree.root, listed, options.signal);
  const files = found.sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path } of files.slice(options.filesMax)) listed.problems.set(path, "too_many_files");
  const problems = [...listed.problems].slice(0, PROBLEMS_MAX).map(([path, reason]) => ({ path, reason }));
  return { files: files.slice(0, options.filesMax), problems };
}

/** What is at a listed path now: the file, undefined when nothing is, or "another" when it is no regular file or unreadable. */
export function lookAtFile(root: string, path: string): WorktreeFile | "another" | undefined {
  const stats = look(root, path);
  if (stats === undefined) return undefined;
  return stats !== "unreadable" && stats.isFile() ? toFile(path, stats) : "another";
}

interface Listed {
  paths: Set<string>;
  /** Tracked as a submodule; on disk it may have become something else. */
  submodules: Set<string>;
  problems: Map<string, LeftOutReason>;
}

/**
 * Tracked files as `TAG SP MODE SP OID SP STAGE TAB PATH`, a path in conflict in several stages; others as `? PATH`, a
 * repository within the folder as `? PATH/`.
 */
function addRecord(listed: Listed, record: Buffer): void {
  if (record[0] !== UNTRACKED) {
    const path = addPath(listed, record.subarray(record.indexOf(0x09) + 1));
    if (path !== undefined && record.toString("latin1", 2, 8) === "160000") listed.submodules.add(path);
  } else if (record.at(-1) !== 0x2f) addPath(listed, record.subarray(2));
  else listed.problems.set(decodePath(record.subarray(2, -1)).path, "nested_repository");
}

/** `?` */
const UNTRACKED = 0x3f;

function addPath({ paths, problems }: Listed, bytes: Buffer): string | undefined {
  const { path, isUtf8 } = decodePath(bytes);
  if (!isUtf8) problems.set(path, "path_not_utf8");
  else if (!isSafePath(path)) problems.set(path, "unreadable");
  else paths.add(path);
  return isUtf8 ? path : undefined;
}

async function listFiles(
  context: GitContext,
  worktree: Pick<Worktree, "root" | "gitDirectory">,
  { signal, listed }: Pick<ListOptions, "signal"> & { listed: Listed },
): Promise<void> {
  const flags = ["-z", "-t", "--stage", "--cached", "--others", "--exclude-standard"];
  let warnings = "";
  const git = startGit(context, [...argumentsOf(worktree), "ls-files", ...flags], {
    subject: worktree.root,
    timeoutSeconds: LIST_SECONDS_MAX,
    signal,
    onMessage: (text) => void (warnings += text),
  });
  git.stdin.end();
  try {
    await readRecords(git.stdout, (record) => addRecord(listed, record));
    await git.ended;
  } finally {
    git.stop(new Error("no more is wanted"));
  }
  for (const [, path] of warnings.matchAll(/^warning: could not open directory '(.*?)\/?': /gm))
    listed.problems.set(path ?? "", "unreadable");
}

/**
 * `lstat` of each path. What is no regular file becomes a problem or, when gone, nothing. Done without waiting for each, in
 * slices of LOOK_SLICE_MS: a promise for each takes three times as long, most of it on the event loop (22,000 files: 0.4 s).
 */
async function lookAtEach(root: string, listed: Listed, signal: AbortSignal | undefined): Promise<WorktreeFile[]> {
  const files: WorktreeFile[] = [];
  const folders = new Map<string, boolean>([[".", true]]);
  let sliceMs = performance.now();
  for (const path of listed.paths) {
    if (performance.now() - sliceMs > LOOK_SLICE_MS) {
      await nextTurn();
      signal?.throwIfAborted();
      sliceMs = performance.now();
    }
    if (!isInRealFolder(dirname(path), { root, folders, listed })) continue;
    const stats = look(root, path);
    if (stats === undefined) continue;
    if (stats === "unreadable") listed.problems.set(path, stats);
    else if (stats.isFile()) files.push(toFile(path, stats));
    else if (!stats.isDirectory())
      listed.problems.set(path, stats.isSymbolicLink() ? "symbolic_link" : "not_a_regular_file");
    else if (listed.submodules.has(path)) listed.problems.set(path, "submodule");
  }
  return files;
}

/** Whether `folder` and all above it, below `root`, are folders and not links to some. Each is looked at once. */
function isInRealFolder(folder: string, at: { root: string; folders: Map<string, boolean>; listed: Listed }): boolean {
  const { root, folders, listed } = at;
  const known = folders.get(folder);
  if (known !== undefined) return known;
  const stats = isInRealFolder(dirname(folder), at) ? look(root, folder) : undefined;
  if (stats === "unreadable") listed.problems.set(folder, stats);
  else if (stats?.isSymbolicLink()) listed.problems.set(folder, "symbolic_link");
  const isReal = stats !== undefined && stats !== "unreadable" && stats.isDirectory();
  folders.set(folder, isReal);
  return isReal;
}

/** Undefined: it is gone. */
function look(root: string, path: string): BigIntStats | "unreadable" | undefined {
  try {
    return lstatSync(join(root, path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ENOTDIR" ? undefined : "unreadable";
  }
}

function toFile(path: string, stats: BigIntStats): WorktreeFile {
  return {
    path,
    sizeBytes: Number(stats.size),
    stamp: `${stats.size}-${stats.mtimeNs}-${stats.ctimeNs}-${stats.ino}`,
    changedMs: Math.max(Number(stats.mtimeMs), Number(stats.ctimeMs)),
  };
}
