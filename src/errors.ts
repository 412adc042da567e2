// What a caller can cause, as one closed table: code → HTTP status, exit code. Whatever is not an AppError
// is a defect of ours: `run` reports it once and answers `internal`, with nothing of the cause.

/** HTTP status and command-line exit code of every error a caller can meet (CONTRACT section 3). */
export const ERROR_CODES = {
  invalid_input: { status: 400, exitCode: 2 },
  unauthenticated: { status: 401, exitCode: 4 },
  forbidden: { status: 403, exitCode: 4 },
  not_found: { status: 404, exitCode: 3 },
  method_not_allowed: { status: 405, exitCode: 2 },
  not_acceptable: { status: 406, exitCode: 2 },
  conflict: { status: 409, exitCode: 1 },
  payload_too_large: { status: 413, exitCode: 2 },
  unsupported_media_type: { status: 415, exitCode: 2 },
  rate_limited: { status: 429, exitCode: 5 },
  internal: { status: 500, exitCode: 1 },
  billing_disabled: { status: 501, exitCode: 1 },
  not_configured: { status: 501, exitCode: 1 },
  upstream_failed: { status: 502, exitCode: 1 },
  unavailable: { status: 503, exitCode: 1 },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One wrong field of an input: `path` is dotted (`files.0.path`), empty for the input as a whole. */
export interface InputProblem {
  path: string;
  message: string;
}

/** An expected failure. `message` says what is wrong and what to do next, to an agent; `cause` is for us alone. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.details = options.details;
  }
}

/** An `invalid_input` about one field. */
export function invalidInput(path: string, message: string, cause?: unknown): AppError {
  return new AppError("invalid_input", path ? `${path}: ${message}` : message, {
    cause,
    details: [{ path, message }] satisfies InputProblem[],
  });
}
