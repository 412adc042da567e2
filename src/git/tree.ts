// A commit → its files, and the refs of a repository on this machine. Objects only: no working file is read.
import { AppError } from "../errors.ts";
import { LIST_SECONDS_MAX, PROBLEMS_MAX } from "./limits.ts";
import { decodePath, isSafePath, readRecords } from "./records.ts";
import { checkRefName, fullNames, OBJECT_ID, shortName } from "./ref-name.ts";
import { type GitContext, runGit, startGit } from "./run-git.ts";

/** Why an entry of a tree or a folder is not a file that can be read. A subset of the problem reasons of indexing. */
export type LeftOutReason =
  | "missing"
  | "nested_repository"
  | "not_a_regular_file"
  | "path_not_utf8"
  | "submodule"
  | "symbolic_link"
  | "too_large"
  | "too_many_files"
  | "unreadable";

export interface LeftOut {
  path: string;
  reason: LeftOutReason;
}

export interface TreeEntry {
  path: string;
  oid: string;
}

export interface TreeWanted {
  gitDirectory: string;
  commit: string;
  filesMax: number;
  signal?: AbortSignal | undefined;
}

/**
 * The files of `commit` in git's order (bytes of the path), the first `filesMax` of them, and what is left out
 * and why (at most PROBLEMS_MAX). Sizes are left to readBlobs: asking for them here takes three times as
 * long, and fails to know those of a partial clone. `not_found`: no such commit.
 */
export async function readTree(
  context: GitContext,
  { gitDirectory, commit, filesMax, signal }: TreeWanted,
): Promise<{ entries: TreeEntry[]; problems: LeftOut[] }> {
  if (!OBJECT_ID.test(commit)) throw new AppError("invalid_input", "A commit is a full object id.");
  const args = [`--git-dir=${gitDirectory}`, "ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit];
  const git = startGit(context, args, { subject: gitDirectory, timeoutSeconds: LIST_SECONDS_MAX, signal });
  git.stdin.end();
  const entries: TreeEntry[] = [];
  const problems: LeftOut[] = [];
  try {
    await readRecords(git.stdout, (record) => {
      const entry = readEntry(record);
      if ("oid" in entry && entries.length < filesMax) entries.push(entry);
      else if ("oid" in entry) problems.push({ path: entry.path, reason: "too_many_files" });
      else problems.push(entry);
      return problems.length < PROBLEMS_MAX ? undefined : false;
    });
    if (problems.length < PROBLEMS_MAX) await git.ended;
  } finally {
    git.stop(new Error("no more is wanted"));
  }
  return { entries, problems };
}

/** `MODE SP TYPE SP OID TAB PATH` */
function readEntry(record: Buffer): TreeEntry | LeftOut {
  const tab = record.indexOf(0x09);
  const [mode = "", type = "", oid = ""] = record.toString("latin1", 0, tab).split(" ");
  const decoded = decodePath(record.subarray(tab + 1));
  const { path } = decoded;
  if (type === "commit") return { path, reason: "submodule" };
  if (mode === "120000") return { path, reason: "symbolic_link" };
  if (type !== "blob") return { path, reason: "not_a_regular_file" };
  if (!decoded.isUtf8) return { path, reason: "path_not_utf8" };
  if (!isSafePath(path)) return { path, reason: "unreadable" };
  return { path, oid };
}

/**
 * What `ref` names in a repository on this machine: a branch, else a tag, else a remote's branch (`origin/x`),
 * else a commit id, whole or its first 7 digits or more. `not_found` otherwise, `invalid_input` for what no ref can be.
 */
export async function resolveLocalRef(
  context: GitContext,
  { gitDirectory, ref }: { gitDirectory: string; ref: string },
): Promise<{ ref: string; commit: string }> {
  checkRefName(ref);
  const names = ref.startsWith("refs/") ? [ref] : [...fullNames(ref), `refs/remotes/${ref}`];
  if (ref === "HEAD" || /^[0-9a-f]{7,64}$/.test(ref)) names.push(ref);
  for (const name of names) {
    const commit = await revParse(context, gitDirectory, `${name}^{commit}`);
    if (commit === undefined) continue;
    // HEAD stands for its branch; a commit id for itself, in full.
    if (name === "HEAD") return { ref: (await headBranch(context, gitDirectory)) ?? commit, commit };
    return { ref: name === ref && !ref.startsWith("refs/") ? commit : shortName(ref), commit };
  }
  if ((await headCommit(context, gitDirectory)) === undefined) throw noCommits(gitDirectory);
  const branch = await headBranch(context, gitDirectory);
  const hint = branch === undefined ? "" : ` Its current branch is '${branch}'.`;
  throw new AppError("not_found", `No branch, tag or commit '${ref}' in ${gitDirectory}.${hint}`);
}

/** The commit HEAD names; undefined in a repository without commits. */
export function headCommit(context: GitContext, gitDirectory: string): Promise<string | undefined> {
  return revParse(context, gitDirectory, "HEAD^{commit}");
}

/** The branch HEAD is on, born or not; undefined where it is on none. */
export async function headBranch(context: GitContext, gitDirectory: string): Promise<string | undefined> {
  const args = [`--git-dir=${gitDirectory}`, "symbolic-ref", "--quiet", "HEAD"];
  const { stdout, exitCode } = await runGit(context, args, { subject: gitDirectory, exitCodes: [0, 1] });
  return exitCode === 0 ? shortName(stdout.toString("utf8").trim()) : undefined;
}

async function revParse(context: GitContext, gitDirectory: string, name: string): Promise<string | undefined> {
  const args = [`--git-dir=${gitDirectory}`, "rev-parse", "--verify", "--quiet", "--end-of-options", name];
  const { stdout, exitCode } = await runGit(context, args, { subject: gitDirectory, exitCodes: [0, 1] });
  const commit = stdout.toString("utf8").trim();
  return exitCode === 0 && OBJECT_ID.test(commit) ? commit : undefined;
}

function noCommits(gitDirectory: string): AppError {
  return new AppError(
    "invalid_input",
    `${gitDirectory} has no commits yet. Commit something first, or index the folder without a ref.`,
  );
}
