// A person's folder as it is on disk: which files git would care about, and whether they differ from HEAD. Only
// local mode comes here. Nothing is written, no link is followed, and nothing the folder's configuration names is run.
import { constants } from "node:fs";
import { access, lstat, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AppError } from "../errors.ts";
import { displayUrl } from "./address.ts";
import type { ObjectFormat } from "./blobs.ts";
import { type GitContext, runGit } from "./run-git.ts";
import { headCommit, type TreeEntry } from "./tree.ts";

export { listIgnored, listRealFolders, listUntrackedFolders, visitFolders } from "./list-folders.ts";
export { listWorktree, lookAtFile, type WorktreeFile } from "./list-worktree.ts";
export { readWorktreeFile, type WorktreeRead } from "./worktree-file.ts";

export interface Worktree {
  /** The top folder, without links. */
  root: string;
  /** Of this worktree; a linked one has its own. */
  gitDirectory: string;
  /** HEAD; undefined before the first commit. */
  commit: string | undefined;
  objectFormat: ObjectFormat;
}

/**
 * The worktree that `path` is in. `not_found`: no such folder; `forbidden`: no permission; `invalid_input`: not a
 * folder, not in a git repository, a bare repository, or a worktree that is configured to be elsewhere.
 */
export async function openWorktree(context: GitContext, path: string): Promise<Worktree> {
  const folder = resolve(path);
  await checkFolder(folder);
  const worktree = (await openAtOnce(context, folder)) ?? (await openStepByStep(context, folder));
  await checkTopFolder(worktree.root, worktree.gitDirectory);
  return worktree;
}

const ASKED = ["--is-bare-repository", "--is-inside-git-dir", "--show-object-format", "--absolute-git-dir"];

const HEAD = "HEAD^{commit}";

/** In one process, for starting one holds ours up for milliseconds, 60 when it is large; undefined where git has to be asked step by step. */
async function openAtOnce(context: GitContext, folder: string): Promise<Worktree | undefined> {
  const args = ["-C", folder, "rev-parse", ...ASKED, "--show-toplevel", HEAD];
  const { stdout, exitCode } = await runGit(context, args, { subject: folder, exitCodes: [0, 128] });
  const lines = stdout.toString("utf8").replace(/\n$/, "").split("\n");
  const [isBare, isInside, format, gitDirectory, top, head] = lines;
  // What names no commit yet it prints as it is.
  const commit = exitCode === 128 && head === HEAD ? undefined : head;
  // More lines: a path has a newline in it.
  if (
    (exitCode !== 0 && commit !== undefined) ||
    lines.length !== 6 ||
    isBare !== "false" ||
    isInside !== "false" ||
    !gitDirectory ||
    !top
  )
    return undefined;
  return { root: await realpath(top), gitDirectory, commit, objectFormat: formatOf(format) };
}

/** For what has newlines in its path, or is no worktree, and is then told so. */
async function openStepByStep(context: GitContext, folder: string): Promise<Worktree> {
  const revParse = ["-C", folder, "rev-parse"];
  const { stdout } = await runGit(context, [...revParse, ...ASKED], { subject: folder }).catch(
    async (error: unknown) => {
      throw (await explainUnreadable(folder)) ?? error;
    },
  );
  const [isBare = "", isInside = "", format, ...rest] = stdout.toString("utf8").replace(/\n$/, "").split("\n");
  if (isBare === "true" || isInside === "true") {
    const what = isBare === "true" ? "a bare repository: it has no working files" : "inside a .git folder";
    throw new AppError("invalid_input", `${folder} is ${what}. Give the folder of a clone of it.`);
  }
  const gitDirectory = rest.join("\n");
  const top = await runGit(context, [...revParse, "--show-toplevel"], { subject: folder });
  const root = await realpath(top.stdout.toString("utf8").replace(/\n$/, ""));
  return { root, gitDirectory, commit: await headCommit(context, gitDirectory), objectFormat: formatOf(format) };
}

function formatOf(name: string | undefined): ObjectFormat {
  return name === "sha256" ? "sha256" : "sha1";
}

/**
 * Whether working files (path → object id) differ from a tree: changed, added or gone. Modes, links and submodules
 * are not compared. Ids are those of the bytes on disk: where a filter or line-end conversion lies between disk
 * and commit (LFS, autocrlf) a file counts as changed, since running filters is what must not happen.
 */
export function differsFromTree(oids: ReadonlyMap<string, string>, entries: readonly TreeEntry[]): boolean {
  return oids.size !== entries.length || entries.some(({ path, oid }) => oids.get(path) !== oid);
}

async function checkFolder(folder: string): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory()) {
      throw new AppError("invalid_input", `${folder} is a file. Give the folder of a git repository.`);
    }
    await access(folder, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new AppError("not_found", `There is no folder ${folder}. Check the path.`, { cause: error });
    }
    throw noPermission(folder, error);
  }
}

/** git calls a repository that it may not read none at all. */
async function explainUnreadable(folder: string): Promise<AppError | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const dotGit = join(at, ".git");
    const error = await access(dotGit, constants.R_OK).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (codeOf(error) === "EACCES" || codeOf(error) === "EPERM") return noPermission(dotGit, error);
    if (error === undefined || at === dirname(at)) return undefined;
  }
}

/** `core.worktree` may point anywhere, at `/` too. The folder must say itself that it is this repository's. */
async function checkTopFolder(root: string, gitDirectory: string): Promise<void> {
  const dotGit = join(root, ".git");
  const target = await lstat(dotGit)
    .then(async (found) => {
      if (!found.isFile()) return realpath(dotGit);
      const text = await readFile(dotGit, "utf8");
      return realpath(resolve(root, text.replace(/^gitdir: /, "").replace(/\n$/, "")));
    })
    .catch(() => undefined);
  if (target === undefined || target !== (await realpath(gitDirectory))) {
    throw new AppError(
      "invalid_input",
      `The repository's core.worktree points to ${root}, which is not its folder. Unset it first.`,
    );
  }
}

/** `remote.origin.url` without credentials. */
export async function findOrigin(context: GitContext, gitDirectory: string): Promise<string | undefined> {
  const args = [`--git-dir=${gitDirectory}`, "config", "--get", "remote.origin.url"];
  const { stdout, exitCode } = await runGit(context, args, { subject: gitDirectory, exitCodes: [0, 1] });
  const url = stdout.toString("utf8").trim();
  return exitCode === 0 && url !== "" ? displayUrl(url) : undefined;
}

function noPermission(path: string, cause: unknown): AppError {
  return new AppError("forbidden", `No permission to read ${path}. Run as its owner, or allow reading.`, { cause });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
