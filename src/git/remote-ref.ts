// A ref of a remote → the commit it names now, by `git ls-remote`.
import { AppError } from "../errors.ts";
import { displayUrl } from "./address.ts";
import { LS_REMOTE_BYTES_MAX, LS_REMOTE_SECONDS_MAX } from "./limits.ts";
import { atEitherAddress, checkRemote } from "./network.ts";
import { checkRefName, fullNames, OBJECT_ID, shortName } from "./ref-name.ts";
import { type GitContext, runGit } from "./run-git.ts";

export interface RemoteRef {
  /** Short name of a branch or tag, `HEAD` of a remote that is on no branch, or the commit id that was asked for. */
  ref: string;
  commit: string;
}

interface Question {
  url: string;
  ref?: string | undefined;
  token?: string | undefined;
  timeoutSeconds?: number;
  signal?: AbortSignal | undefined;
}

/**
 * `ref` given: a branch, else a tag (peeled), else a full commit id, which only the fetch can prove. Not given:
 * the remote's HEAD, then main, then master.
 * `not_found`: no such repository or ref, or it is private; `invalid_input`: a text no ref can have, or a
 * repository without commits (pushing helps, asking again does not); `upstream_failed`: network, time.
 */
export async function resolveRemoteRef(context: GitContext, question: Question): Promise<RemoteRef> {
  if (question.ref !== undefined) checkRefName(question.ref);
  return atEitherAddress(question.url, async (url) => {
    const answer = await lsRemote(context, { ...question, url }, wantedNames(question.ref));
    const found = question.ref === undefined || question.ref === "HEAD" ? choose(answer) : find(answer, question.ref);
    if (found) return found;
    throw await explainMissing(context, { ...question, url }, answer);
  });
}

function wantedNames(ref: string | undefined): string[] {
  if (ref === undefined || ref === "HEAD") return ["HEAD", "refs/heads/main", "refs/heads/master"];
  return ["HEAD", ...fullNames(ref).flatMap((name) => [name, `${name}^{}`])];
}

interface Answer {
  commits: Map<string, string>;
  /** Full name of the branch HEAD is on. */
  head: string | undefined;
}

async function lsRemote(context: GitContext, question: Question, names: readonly string[]): Promise<Answer> {
  const remote = await checkRemote(context, question);
  const { stdout } = await runGit(context, ["ls-remote", "--symref", "--end-of-options", question.url, ...names], {
    subject: displayUrl(question.url.replace(/\.git$/, "")),
    remote,
    timeoutSeconds: question.timeoutSeconds ?? LS_REMOTE_SECONDS_MAX,
    stdoutBytesMax: LS_REMOTE_BYTES_MAX,
    signal: question.signal,
  });
  const answer: Answer = { commits: new Map(), head: undefined };
  for (const line of stdout.toString("utf8").split("\n")) {
    const [value = "", name = ""] = line.split("\t");
    if (value.startsWith("ref: ") && name === "HEAD") answer.head = value.slice("ref: ".length);
    else if (OBJECT_ID.test(value)) answer.commits.set(name, value);
  }
  return answer;
}

function choose({ commits, head }: Answer): RemoteRef | undefined {
  const headCommit = commits.get("HEAD");
  if (head !== undefined && headCommit !== undefined) return { ref: shortName(head), commit: headCommit };
  for (const ref of ["main", "master"]) {
    const commit = commits.get(`refs/heads/${ref}`);
    if (commit !== undefined) return { ref, commit };
  }
  return headCommit === undefined ? undefined : { ref: "HEAD", commit: headCommit };
}

function find({ commits }: Answer, ref: string): RemoteRef | undefined {
  for (const name of fullNames(ref)) {
    // An annotated tag is an object of its own; `^{}` is the commit behind it.
    const commit = commits.get(`${name}^{}`) ?? commits.get(name);
    if (commit !== undefined) return { ref: shortName(ref), commit };
  }
  return OBJECT_ID.test(ref) ? { ref, commit: ref } : undefined;
}

async function explainMissing(context: GitContext, question: Question, answer: Answer): Promise<AppError> {
  const subject = displayUrl(question.url.replace(/\.git$/, ""));
  if (question.ref !== undefined && answer.commits.has("HEAD")) {
    const hint = answer.head ? ` Its default branch is '${shortName(answer.head)}'.` : "";
    return new AppError("not_found", `No branch, tag or full commit id '${question.ref}' in ${subject}.${hint}`);
  }
  const { commits } = await lsRemote(context, question, ["refs/heads/*"]);
  if (commits.size === 0) {
    return new AppError("invalid_input", `${subject} has no commits yet. Push to it first, then index it.`);
  }
  const some = [...commits.keys()].slice(0, 5).map(shortName).join(", ");
  return question.ref === undefined
    ? new AppError("not_found", `${subject} has no default branch. Give a ref, e.g. one of: ${some}.`)
    : new AppError("not_found", `No branch, tag or full commit id '${question.ref}' in ${subject}. It has: ${some}.`);
}
