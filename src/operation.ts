// The waist: what an operation is, and run(), the only way in. A definition holds everything its surfaces need;
// MCP, REST, the command line, OpenAPI and the golden surface are derived from it.
import { z } from "zod";
import type { Caller, Scope } from "./access/caller.ts";
import { AppError } from "./errors.ts";
import type { GitContext } from "./git/run-git.ts";
import { parseInput } from "./parse-input.ts";
import type { CursorCodec } from "./platform/cursor.ts";
import type { Database, OrganizationDatabase } from "./platform/database.ts";
import type { Log } from "./platform/log.ts";
import type { Memory } from "./platform/memory.ts";

export const TOOLSETS = ["search", "graph", "plan", "index", "projects"] as const;
export type Toolset = (typeof TOOLSETS)[number];

/** What a call changes: nothing, something that a repeat would not change again, or something it takes away. */
type Effect = "read" | "write" | "delete";

export interface Definition<Input extends z.ZodObject, Output extends z.ZodObject> {
  name: string;
  title: string;
  /** For an agent choosing among tools: what it answers, and when to use it. */
  description: string;
  /** Method and path below /api/v1; `{field}` takes the input's field from the path. */
  route: `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;
  /** HTTP status of success. */
  status?: 202;
  /** The MCP toolset it belongs to; without one it is no tool. */
  toolset?: Toolset;
  effect: Effect;
  /** It reaches hosts beyond this server. */
  isOpenWorld?: true;
  scope: Scope;
  /** Requests that a call counts for; 1 without it. */
  cost?: number;
  /** The field that the command line takes without a flag. */
  positional?: string & keyof z.input<Input>;
  input: Input;
  output: Output;
  handle(input: z.output<Input>, context: OperationContext): Promise<z.input<Output>>;
}

/** A definition whose types are forgotten: what surfaces work with. `run` checks input and output. */
export interface Operation extends Omit<Definition<z.ZodObject, z.ZodObject>, "handle" | "positional"> {
  positional?: string;
  /** Parses `input`, answers, and checks the answer. Throws AppError for what a caller can cause. */
  call(input: unknown, context: OperationContext): Promise<Record<string, unknown>>;
}

/** What the process offers to every operation. */
export interface Services {
  database: Database;
  log: Log;
  git: GitContext;
  /** Where mirrors are kept. */
  mirrorDirectory: string;
  cursors: CursorCodec;
  /** Keys are kept as HMACs with it. */
  pepper: string;
  /** Requests are counted: hosted mode. */
  isLimited: boolean;
  memory: Memory;
  now: () => Date;
}

export interface OperationContext extends Omit<Services, "database"> {
  /** Confined to the caller's organization. */
  db: OrganizationDatabase;
  caller: Caller;
  /** True for the local command line alone: folders of this machine may be named. */
  mayReadFolders: boolean;
  /** Aborts when the caller went away. */
  signal: AbortSignal;
  /** Tells a waiting caller how far the work is. */
  onProgress: (progress: OperationProgress) => void;
}

export interface OperationProgress {
  message: string;
  done: number;
  total: number;
}

export interface Call {
  caller: Caller;
  mayReadFolders?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: OperationProgress) => void;
}

/** Declares an operation. */
export function operation<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: Definition<Input, Output>,
): Operation {
  const { handle, ...declared } = definition;
  return {
    ...declared,
    async call(input, context) {
      const answer = await handle(parseInput(definition.input, input), context);
      return definition.output.parse(answer);
    },
  };
}

/**
 * Answers one call: scope, strict input, the operation, its output checked. Throws AppError alone; anything else
 * is a defect of ours, reported here once and told to the caller as `internal`.
 */
export async function run(
  services: Services,
  operation: Operation,
  input: unknown,
  { caller, mayReadFolders = false, signal, onProgress = () => undefined }: Call,
): Promise<Record<string, unknown>> {
  const { database, ...offered } = services;
  try {
    if (!caller.scopes.includes(operation.scope)) {
      throw new AppError(
        "forbidden",
        `${operation.name} needs a key with scope '${operation.scope}'; this one has: ${caller.scopes.join(", ")}.`,
      );
    }
    return await operation.call(input, {
      ...offered,
      db: database.forOrganization(caller.organizationId),
      caller,
      mayReadFolders,
      signal: signal ?? new AbortController().signal,
      onProgress,
    });
  } catch (error) {
    throw reportUnexpected(error, services.log, operation.name);
  }
}

/** Failures pass here once more on their way out of a surface. */
const noted = new WeakSet<AppError>();

/**
 * The one place that reports. An AppError passes, noted only where our own set-up is the cause; everything else is
 * logged with its stack and becomes `internal`.
 */
export function reportUnexpected(error: unknown, log: Log, during: string): AppError {
  if (error instanceof AppError) {
    if (error.code === "unavailable" && !noted.has(error))
      log.warn(`${during} could not be answered: ${error.message}`, { error });
    noted.add(error);
    return error;
  }
  log.error(`${during} failed unexpectedly`, { error });
  return new AppError("internal", "Something failed on our side; it has been reported. Try again.", { cause: error });
}
