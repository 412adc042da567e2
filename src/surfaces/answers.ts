// What goes with a call over REST beside its input and output: credentials, headers, failures. Declared once, for OpenAPI, for
// the page for people, and for what pages of browsers may send and read.
import type { ErrorCode } from "../errors.ts";
import type { Operation } from "../operation.ts";
import { hasBody } from "./routes.ts";

export const CREDENTIALS =
  "An API key; or, where the server has a sign-in (/.well-known/oauth-protected-resource names it), the token of a signed-in user.";

export interface Header {
  type: "string" | "integer";
  meaning: string;
}

export const REQUEST_HEADERS: Readonly<Record<string, Header>> = {
  "X-Kota-Organization": {
    type: "string",
    meaning:
      "Name or id of the organization to act for, of a user who is in several; by default their own. A key has one: sent for another it is refused.",
  },
};

/** Where a header stands: on every answer, on those to a caller whose requests are counted, or with one failure. */
type Place = "every answer" | "counted" | ErrorCode;

export const ANSWER_HEADERS: Readonly<Record<string, Header & { on: Place }>> = {
  "X-Request-Id": { type: "string", meaning: "Names the request in the server's log.", on: "every answer" },
  "X-RateLimit-Limit": {
    type: "integer",
    meaning:
      "Requests of the window that binds first, a clock hour or a UTC day. A hosted server counts, a local one does not.",
    on: "counted",
  },
  "X-RateLimit-Remaining": { type: "integer", meaning: "What is left of them.", on: "counted" },
  "X-RateLimit-Reset": { type: "integer", meaning: "When that window ends, in Unix seconds.", on: "counted" },
  "Retry-After": { type: "integer", meaning: "Seconds to wait.", on: "rate_limited" },
  "WWW-Authenticate": { type: "string", meaning: "How to authenticate, and where to sign in.", on: "unauthenticated" },
};

interface Failure {
  code: ErrorCode;
  when: string;
  /** Every operation can fail so unless this says which. */
  isOf?: (operation: Operation) => boolean;
}

export const FAILURES: readonly Failure[] = [
  { code: "invalid_input", when: "A field is missing, wrong or unknown; details lists each." },
  { code: "unauthenticated", when: "There is no credential, or it opens nothing." },
  { code: "forbidden", when: "The credential lacks the scope, or Host or Origin is not allowed." },
  { code: "not_found", when: "It is not there, or belongs to another organization." },
  {
    code: "conflict",
    when: "Something that is there stands against it, such as a name that is taken.",
    isOf: ({ effect }) => effect !== "read",
  },
  { code: "payload_too_large", when: "The body is over 1 MiB, or the request line and headers over 64 KiB." },
  { code: "unsupported_media_type", when: "The body is not said to be JSON.", isOf: hasBody },
  { code: "rate_limited", when: "The tier's requests are used up, or too many from one address were refused." },
  { code: "internal", when: "A defect of ours; it has been reported." },
  { code: "upstream_failed", when: "The git server failed.", isOf: ({ isOpenWorld }) => isOpenWorld === true },
  { code: "unavailable", when: "The database is away, or the server is stopping." },
];

export function failuresOf(operation: Operation): Failure[] {
  return FAILURES.filter(({ isOf }) => isOf === undefined || isOf(operation));
}

/** Names of the headers that an answer may carry: a success (undefined), or a failure. */
export function headersOf(code: ErrorCode | undefined): string[] {
  return Object.entries(ANSWER_HEADERS)
    .filter(([, { on }]) => on === "every answer" || on === code || (on === "counted" && code !== "unauthenticated"))
    .map(([name]) => name);
}
