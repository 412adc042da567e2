// Where a snapshot comes from: a commit of a remote (through its mirror), a commit of a folder's repository, or the
// folder as it is on disk. Each gives paths with what is known of their content, and a reader for the threads.
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../errors.ts";
import { fetchCommit } from "../git/mirror.ts";
import type { GitContext } from "../git/run-git.ts";
import { readTree } from "../git/tree.ts";
import {
  differsFromTree,
  listWorktree,
  lookAtFile,
  openWorktree,
  type Worktree,
  type WorktreeFile,
} from "../git/worktree.ts";
import type { OrganizationId, RepositoryId } from "../platform/ids.ts";
import type { KnownFolder } from "./folder-memory.ts";
import type { IndexJob } from "../repositories/store.ts";
import { FETCH_SECONDS_MAX, FILES_MAX, MIRROR_BYTES_MAX, PATH_BYTES_MAX, STAMP_AGE_MS_MIN } from "./limits.ts";
import type { ProblemReason } from "../repositories/problems.ts";
import type { Reader } from "./thread.ts";

/** The ref that stands for a folder as it is on disk. */
export const WORKTREE_REF = "worktree";

/** Stands for HEAD of a repository without commits. */
export const NO_COMMIT = "0".repeat(40);

export interface SourceFile {
  path: string;
  /** Known from the commit; a working file must be read to know. */
  oid: string | undefined;
  /** Changes whenever a working file may have changed; undefined when that cannot be relied on. */
  stamp: string | undefined;
}

export interface Source {
  commit: string;
  files: SourceFile[];
  problems: { path: string; reason: ProblemReason }[];
  reader: Reader;
  /** Whether the files, once their object ids are known, differ from the commit. */
  differs(oids: ReadonlyMap<string, string>): Promise<boolean>;
}

export interface SourceContext {
  git: GitContext;
  mirrorDirectory: string;
  mayReadFolders: boolean;
  signal: AbortSignal;
  /** Of a folder whose changes are known. */
  known?: KnownFolder | undefined;
  /** How many of the remote's objects have arrived. */
  onFetch: (objects: { done: number; total: number }) => void;
}

/** The folder's path when the repository is one of this machine. */
export function folderOf(url: string): string | undefined {
  return url.startsWith("file:") ? fileURLToPath(url) : undefined;
}

export function mirrorPathOf(
  mirrorDirectory: string,
  { organizationId, repositoryId }: { organizationId: OrganizationId; repositoryId: RepositoryId },
): string {
  return join(mirrorDirectory, organizationId, `${repositoryId}.git`);
}

/** Fetches where needed and lists what is there. Throws what git/ throws. */
export async function openSource(
  job: IndexJob,
  { organizationId, ...context }: SourceContext & { organizationId: OrganizationId },
): Promise<Source> {
  const folder = folderOf(job.url);
  if (folder !== undefined && !context.mayReadFolders)
    throw new AppError(
      "forbidden",
      `'${job.repository}' is a folder of the machine it was indexed on, and this server reads none. Index its remote instead.`,
    );
  if (folder !== undefined && job.ref === WORKTREE_REF) return openFolder(folder, context);
  if (folder !== undefined) {
    const { gitDirectory } = await openWorktree(context.git, folder);
    return openCommit(gitDirectory, job.commit, context);
  }
  const directory = mirrorPathOf(context.mirrorDirectory, { organizationId, repositoryId: job.repository_id });
  await fetchCommit(context.git, {
    directory,
    url: job.url,
    ref: job.ref,
    commit: job.commit,
    sizeBytesMax: MIRROR_BYTES_MAX,
    timeoutSeconds: FETCH_SECONDS_MAX,
    signal: context.signal,
    onProgress: ({ objectsDone, objectsTotal }) => context.onFetch({ done: objectsDone, total: objectsTotal }),
  });
  return openCommit(directory, job.commit, context);
}

async function openCommit(directory: string, commit: string, { git, signal }: SourceContext): Promise<Source> {
  const { entries, problems } = await readTree(git, { gitDirectory: directory, commit, filesMax: FILES_MAX, signal });
  const files = entries.map(({ path, oid }) => ({ path, oid, stamp: undefined }));
  return {
    commit,
    ...withoutLongPaths(files, problems),
    reader: { kind: "objects", git: plainContext(git), directory },
    differs: () => Promise.resolve(false),
  };
}

async function openFolder(path: string, { git, signal, known }: SourceContext): Promise<Source> {
  const worktree = await openWorktree(git, path);
  const again = known && lookAgain(known, worktree);
  if (again) return again;
  const { gitDirectory, commit } = worktree;
  // Asked for at once, for git is waited for longer than it works.
  const tree = commit === undefined ? undefined : readTree(git, { gitDirectory, commit, filesMax: FILES_MAX, signal });
  tree?.catch(() => undefined);
  const { files, problems } = await listWorktree(git, worktree, { filesMax: FILES_MAX, signal });
  const listed = files.map(sourceFileOf);
  return {
    commit: commit ?? NO_COMMIT,
    ...withoutLongPaths(listed, problems),
    reader: { kind: "worktree", root: worktree.root, format: worktree.objectFormat },
    differs: async (oids) => tree === undefined || differsFromTree(oids, (await tree).entries),
  };
}

function sourceFileOf({ path, stamp, changedMs }: WorktreeFile): SourceFile {
  return { path, oid: undefined, stamp: changedMs < Date.now() - STAMP_AGE_MS_MIN ? stamp : undefined };
}

/**
 * The folder as it is now, without listing it; undefined where that takes looking at all of it: HEAD is another, files came or
 * went, or others are ignored.
 */
function lookAgain({ remembered: { source }, changed }: KnownFolder, { root, commit }: Worktree): Source | undefined {
  if (source.commit !== (commit ?? NO_COMMIT)) return undefined;
  const numbers = new Map(source.files.map(({ path }, number) => [path, number]));
  const files = [...source.files];
  const young = files.flatMap(({ path, stamp }) => (stamp === undefined ? [path] : []));
  for (const path of new Set([...changed, ...young])) {
    const found = lookAtFile(root, path);
    const number = numbers.get(path);
    // What an editor writes and takes away again on its way to saving.
    if (found === undefined && number === undefined) continue;
    if (found === undefined || found === "another" || number === undefined || basename(path) === ".gitignore")
      return undefined;
    files[number] = sourceFileOf(found);
  }
  return { ...source, files };
}

function withoutLongPaths(files: SourceFile[], problems: Source["problems"]): Pick<Source, "files" | "problems"> {
  const isShort = (path: string) => Buffer.byteLength(path) <= PATH_BYTES_MAX;
  const tooLong = [...files, ...problems]
    .filter(({ path }) => !isShort(path))
    .map(({ path }) => ({ path: `${[...path].slice(0, 400).join("")}…`, reason: "path_too_long" as const }));
  const unique = new Map(
    [...problems.filter(({ path }) => isShort(path)), ...tooLong].map((problem) => [problem.path, problem]),
  );
  return { files: files.filter(({ path }) => isShort(path)), problems: [...unique.values()] };
}

/** What a thread can be told: no functions. */
function plainContext({ searchPath, gitBaseUrl }: GitContext): GitContext {
  return { searchPath, gitBaseUrl };
}
