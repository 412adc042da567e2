// How failures of the embedded Postgres are put into words: what is wrong, and what to do next.
import { AppError } from "../../errors.ts";
import { QUOTED_BYTES_MAX, QUOTED_LINES_MAX } from "./limits.ts";

// Error codes of the system and the words Postgres' programs use for them.
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /(EPERM|EINVAL)[^]*chown|spawn [^]*(EPERM|EINVAL)/,
    "Postgres refuses to run as root, and this root may not hand it to another user: run Kota as an ordinary user, " +
      "or set DATABASE_URL to a Postgres of your own.",
  ],
  [
    /spawn [^]*(EACCES|ENOEXEC)|loading shared libraries|Library not loaded|GLIBC/,
    "The bundled Postgres does not run on this system: set DATABASE_URL to a Postgres of your own.",
  ],
  [/ENOSPC|EDQUOT|No space left/, "The disk is full: free some space and try again."],
  [
    /EACCES|EPERM|EROFS|Permission denied|Read-only file system|Operation not permitted/,
    "Make the folder writable for this user, or choose another one with KOTA_DATA_DIR.",
  ],
  [
    /ENOTDIR|EEXIST|ENAMETOOLONG|ELOOP|Not a directory/,
    "Choose another folder with KOTA_DATA_DIR, or move away what is in its place.",
  ],
  [
    /EAGAIN|ENOMEM|EMFILE|Cannot allocate memory/,
    "The machine is short of memory or processes: free some and try again.",
  ],
];

const OTHERWISE = "Try again; if it stays, set DATABASE_URL to a Postgres of your own.";

/** An `unavailable` that says `what` is wrong, the system's reason, and what to do about that reason. */
export function unavailable(what: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const reason = reasonOf(cause);
  return new AppError("unavailable", `${what}: ${reason}. ${adviceOn(reason)}`, { cause });
}

/** What to do about `reason`, a message of the system or the end of a log. */
export function adviceOn(reason: string): string {
  return ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? OTHERWISE;
}

/** The last lines of `text`, as one line for a message. */
export function lastLines(text: string): string {
  return text.slice(-QUOTED_BYTES_MAX).trim().split(/\r?\n/).slice(-QUOTED_LINES_MAX).join(" | ");
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/\.$/, "") : String(cause);
}
