// Structured logs on stderr (stdout belongs to protocols and answers), with the ids of the request or job
// at hand on every line and secrets masked in keys, values and message text alike.
import { AsyncLocalStorage } from "node:async_hooks";
import pino from "pino";

export interface LogContext {
  requestId?: string;
  jobId?: string;
  organizationId?: string;
}

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

const context = new AsyncLocalStorage<LogContext>();

/** Runs `work` with `ids` on each of its log lines, merged with those already set. */
export function withLogContext<T>(ids: LogContext, work: () => T): T {
  return context.run({ ...context.getStore(), ...ids }, work);
}

// Keys of ours, GitHub, Stripe and Supabase, JWTs, and credentials in headers or URLs. The final line is
// scrubbed because pino's `redact` reaches neither deep keys nor message text.
const SECRET =
  /\bkota_[a-z]+_[A-Za-z0-9]{20,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\b(?:sk|rk|whsec|pk)_(?:live_|test_)?[A-Za-z0-9]{10,}|\bsb_(?:secret|publishable)_\w{10,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|((?:bearer|basic) )[\w+/=.~-]{8,}|(:\/\/[^\s/:@"]*:)[^\s/@"]+(?=@)|("(?:password|secret|token|authorization|api_?key|pepper)"\s*:\s*")[^"]+/gi;

/** `text` with every secret replaced by `***`; what surrounds it stays. */
export function maskSecrets(text: string): string {
  return text.replace(
    SECRET,
    (_match, scheme: string | undefined, user: string | undefined, key: string | undefined) =>
      `${scheme ?? user ?? key ?? ""}***`,
  );
}

/** A log whose lines go to stderr as JSON, or to `write` in tests. */
export function createLog({ level, write }: { level: string; write?: (line: string) => void }): Log {
  const sink = write ?? ((line: string) => void process.stderr.write(line));
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, mixin: () => ({ ...context.getStore() }) },
    { write: (line: string) => sink(maskSecrets(line)) },
  );
  const at =
    (name: "debug" | "info" | "warn" | "error") =>
    (message: string, fields: Record<string, unknown> = {}) =>
      logger[name](withErrors(fields), message);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Error values with their stack and causes: JSON would print `{}`. */
function withErrors(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? describeError(value) : value]),
  );
}

const CAUSES_MAX = 5;

function describeError(error: Error, depth = 0): Record<string, unknown> {
  const code = "code" in error ? { code: error.code } : {};
  const cause =
    error.cause instanceof Error && depth < CAUSES_MAX ? { cause: describeError(error.cause, depth + 1) } : {};
  return { name: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}
