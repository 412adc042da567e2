// Structured logs on stderr (stdout belongs to protocols and answers), with the ids of the request or job
// at hand on every line and secrets masked in keys, values and message text alike.
import { AsyncLocalStorage } from "node:async_hooks";
import pino from "pino";
import { maskSecrets } from "./secrets.ts";

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
