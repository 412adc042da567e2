// The fields of an operation's input, read from its schema: what REST queries, command line flags and OpenAPI are
// derived from, and how their text becomes values.
import { z } from "zod";
import type { Operation } from "../operation.ts";

export interface Field {
  name: string;
  type: "string" | "integer" | "number" | "boolean" | "array" | "object";
  isRequired: boolean;
  description: string;
  default: unknown;
  /** Allowed values, when it is a closed set. */
  choices: string[] | undefined;
}

/** JSON Schema 2020-12 of the input, as callers write it: defaults are not required. */
export function inputSchemaOf({ input }: Pick<Operation, "input">): Record<string, unknown> {
  return z.toJSONSchema(input, { io: "input" });
}

/** JSON Schema 2020-12 of the output. */
export function outputSchemaOf({ output }: Pick<Operation, "output">): Record<string, unknown> {
  return z.toJSONSchema(output, { io: "output" });
}

const property = z.object({
  type: z.enum(["string", "integer", "number", "boolean", "array", "object"]),
  description: z.string().default(""),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
});

/** The fields in the order of the schema. Throws for a schema that surfaces could not offer as flags. */
export function fieldsOf(operation: Pick<Operation, "input" | "name">): Field[] {
  const schema = z
    .object({ properties: z.record(z.string(), z.unknown()), required: z.array(z.string()).default([]) })
    .parse(inputSchemaOf(operation));
  return Object.entries(schema.properties).map(([name, value]) => {
    const { type, description, default: preset, enum: choices } = property.parse(value);
    return { name, type, isRequired: schema.required.includes(name), description, default: preset, choices };
  });
}

/**
 * Text as the field's type. What does not fit stays text, so that the schema refuses it in its own words. An
 * array takes each text as an item.
 */
export function coerce(field: Field | undefined, texts: readonly string[]): unknown {
  if (field?.type === "array") return texts;
  // Twice the same parameter is no value of any other type: the array is refused by the schema.
  if (texts.length !== 1) return texts;
  const text = texts[0] ?? "";
  if (field?.type === "integer" || field?.type === "number")
    return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  if (field?.type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}
