// What git says on stderr (LC_ALL=C) → an error that a person or agent can act on. `upstream_failed` and
// `unavailable` may pass with time; the other codes will not.
import { AppError, type ErrorCode } from "../errors.ts";
import { maskSecrets } from "../platform/secrets.ts";
import { QUOTED_CHARS_MAX } from "./limits.ts";

/** The repository's own data is broken. A mirror is then made anew; a person's folder is theirs to repair. */
export class DamagedRepositoryError extends AppError {}

/** No repository at this address, as far as the server says; perhaps at another spelling of it. */
export class WrongAddressError extends AppError {}

interface Failure {
  pattern: RegExp;
  code: ErrorCode;
  message: (subject: string) => string;
  isWrongAddress?: boolean;
}

/** In order: the first that fits. `subject` is a URL without credentials, or a folder. */
const FAILURES: readonly Failure[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    code: "unavailable",
    message: (subject) =>
      `The disk of this machine is full: ${subject} could not be read. Free some space, then retry.`,
  },
  {
    pattern:
      /terminal prompts disabled|Authentication failed|error: 401|HTTP 401|error: 404|repository '.*' not found|Repository not found/i,
    code: "not_found",
    message: (subject) =>
      `No repository at ${subject}, or it is private. Check the address; a private one needs a token that may read it.`,
    isWrongAddress: true,
  },
  {
    pattern: /error: 403|HTTP 403|access denied/i,
    code: "forbidden",
    message: (subject) => `The server refuses access to ${subject}. Check that the token may read this repository.`,
  },
  {
    pattern: /error: 30\d|HTTP 30\d|unable to update url base from redirection/i,
    code: "invalid_input",
    message: (subject) =>
      `The server redirects ${subject} elsewhere, and Kota follows no redirects. Give the address it has now.`,
    isWrongAddress: true,
  },
  {
    pattern: /not our ref|unadvertised object|couldn't find remote ref|remote did not send all necessary objects/i,
    code: "not_found",
    message: (subject) => `${subject} does not offer that commit (any more). Check the ref, then index again.`,
  },
  {
    pattern:
      /dumb http transport|not valid: is this a git repository|invalid server response|protocol error|bad line length/i,
    code: "upstream_failed",
    message: (subject) => `What answers at ${subject} is not git's smart HTTP protocol. Check the address.`,
    isWrongAddress: true,
  },
  {
    pattern: /Could not resolve host/i,
    code: "upstream_failed",
    message: (subject) => `The host of ${subject} was not found. Check the address and this machine's network.`,
  },
  {
    pattern: /SSL certificate|certificate verif|SSL peer|TLS/i,
    code: "upstream_failed",
    message: (subject) => `The certificate of ${subject} is not trusted by this machine.`,
  },
  {
    pattern: /transport '.*' not allowed/i,
    code: "invalid_input",
    message: (subject) => `${subject} needs a protocol that is not allowed. Use an https:// address.`,
  },
  {
    pattern:
      /unable to access|Connection refused|Connection reset|timed out|Operation too slow|early EOF|hung up|RPC failed|unexpected disconnect|error: 5\d\d|invalid index-pack output/i,
    code: "upstream_failed",
    message: (subject) => `The connection to ${subject} failed. Try again later, or check the server.`,
  },
  {
    pattern: /not a git repository/i,
    code: "invalid_input",
    message: (subject) => `${subject} is not a git repository. Give the folder of one, or run 'git init' there.`,
  },
  {
    pattern: /dubious ownership/i,
    code: "forbidden",
    message: (subject) =>
      `${subject} belongs to another user, and this git is too old to read it: install git 2.38 or later.`,
  },
  {
    pattern: /Permission denied/i,
    code: "forbidden",
    message: (subject) => `No permission to read ${subject}. Run as its owner, or allow reading.`,
  },
  {
    pattern: /Not a valid object name|not a tree object|bad revision/i,
    code: "not_found",
    message: (subject) => `${subject} does not have that commit.`,
  },
];

const DAMAGED =
  /corrupt|object file .* is empty|bad object|unable to (?:read|find) [0-9a-f]{40}|missing (?:blob|tree|commit) |inflate|bad (?:index|tree|config)|reinitialize repository|shallow (?:file|line)|packfile .* (?:cannot|does not)|unable to unpack/i;

/** The error for a git process that ended badly. The cause holds its last words, with secrets masked. */
export function explainFailure(
  stderr: string,
  { subject, isRemote, secrets }: { subject: string; isRemote: boolean; secrets: readonly string[] },
): AppError {
  const text = hide(stderr, secrets);
  const cause = new Error(`git: ${text.trim() || "no message"}`);
  const known = FAILURES.find(({ pattern }) => pattern.test(text));
  // A mirror without a readable HEAD is none to git.
  const isBrokenMirror = isRemote && /not a git repository: '/.test(text);
  if (known && !isBrokenMirror) {
    const Failed = known.isWrongAddress ? WrongAddressError : AppError;
    return new Failed(known.code, known.message(subject), { cause });
  }
  if (isBrokenMirror || DAMAGED.test(text)) {
    const advice = "Run 'git fsck' there to see what is wrong, or clone it again.";
    return new DamagedRepositoryError("unavailable", `The git data of ${subject} is damaged. ${advice}`, { cause });
  }
  const line = lastLine(text);
  return new AppError(isRemote ? "upstream_failed" : "unavailable", `git failed on ${subject}${line && `: ${line}`}`, {
    cause,
  });
}

/** `text` without any of `secrets`, nor what looks like one. */
export function hide(text: string, secrets: readonly string[]): string {
  return maskSecrets(secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text));
}

function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => /^(?:fatal|error): /.test(line));
  return (lines.at(-1) ?? "").replace(/^\w+: /, "").slice(0, QUOTED_CHARS_MAX);
}
