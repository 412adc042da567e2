// Strict input, and what is said about input that is wrong: the field, and what would be right. Callers are agents; the
// message is what they repair their call with.
import { z } from "zod";
import { AppError, invalidInput, type InputProblem } from "./errors.ts";

/** The input as its schema describes it. Throws `invalid_input` naming every wrong field. */
export function parseInput<Input extends z.ZodObject>(schema: Input, input: unknown): z.output<Input> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const shape = schemaShape.parse(z.toJSONSchema(schema, { io: "input" }));
  const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, { input, shape }));
  if (problems.length === 0) throw invalidInput("", "is not what this operation takes");
  const said = problems
    .slice(0, PROBLEMS_SAID_MAX)
    .map(({ path, message }) => (path ? `${path}: ${message}` : message));
  const others = problems.length > said.length ? ` (and ${problems.length - said.length} more)` : "";
  throw new AppError("invalid_input", `${said.join("; ")}${others}`, { details: problems });
}

/** A field that is missing and the name that was given to it instead; MCP has the message alone. */
const PROBLEMS_SAID_MAX = 3;

/** What is read of a JSON Schema to say what a value may be. */
interface Shape {
  type?: string | undefined;
  enum?: unknown[] | undefined;
  format?: string | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minItems?: number | undefined;
  maxItems?: number | undefined;
  properties?: Record<string, Shape> | undefined;
  items?: Shape | undefined;
}

const schemaShape: z.ZodType<Shape> = z.object({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  get properties() {
    return z.record(z.string(), schemaShape).optional();
  },
  get items() {
    return schemaShape.optional();
  },
});

function describeIssue(issue: z.core.$ZodIssue, { input, shape }: { input: unknown; shape: Shape }): InputProblem[] {
  const path = issue.path.map(String).join(".");
  const here = shapeAt(shape, issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(here?.properties ?? {}).join(", ");
    const message = `is not a field of this operation; ${known ? `it takes ${known}` : "it takes none"}`;
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message }));
  }
  if (issue.code === "custom" || (issue.code === "invalid_format" && issue.format === "regex"))
    return [{ path, message: issue.message }];
  const allowed = here && describeShape(here);
  if (allowed === undefined) return [{ path, message: issue.message }];
  const isMissing = valueAt(input, issue.path) === undefined;
  return [{ path, message: isMissing ? `is required: ${allowed}` : `must be ${allowed}` }];
}

/** `an integer from 1 to 100`, `one of a, b`, `text of 1–1000 characters`. */
function describeShape(shape: Shape): string {
  if (shape.enum) return `one of ${shape.enum.map(String).join(", ")}`;
  switch (shape.type) {
    case "integer":
    case "number":
      return describeNumber(shape);
    case "boolean":
      return "true or false";
    case "array":
      return `a list${between(shape.minItems, shape.maxItems, "items")}${shape.items ? `, each ${describeShape(shape.items)}` : ""}`;
    case "object":
      return `an object with ${Object.keys(shape.properties ?? {}).join(", ")}`;
    default:
      if (shape.format === "uuid") return "an id (a UUID)";
      if (shape.format === "date-time") return "a time such as 2026-01-31T12:00:00Z";
      return `text${between(shape.minLength, shape.maxLength, "characters")}`;
  }
}

function describeNumber({ type, minimum, maximum }: Shape): string {
  const noun = type === "integer" ? "an integer" : "a number";
  // What JSON Schema says for "any safe integer" is no help.
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (least !== undefined && most !== undefined) return `${noun} from ${least} to ${most}`;
  if (least !== undefined) return `${noun} of ${least} or more`;
  return most === undefined ? noun : `${noun} of ${most} or less`;
}

function between(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) return ` of ${least}–${most} ${unit}`;
  if (most !== undefined) return ` of at most ${most} ${unit}`;
  return least === undefined ? "" : ` of at least ${least} ${unit}`;
}

function shapeAt(shape: Shape, path: readonly PropertyKey[]): Shape | undefined {
  let here: Shape | undefined = shape;
  for (const key of path) here = typeof key === "number" ? here?.items : here?.properties?.[String(key)];
  return here;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
