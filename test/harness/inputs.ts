// Inputs of an operation made from its own schema: mostly such as get past it, so that the operation itself is tried.
import fc from "fast-check";
import { z } from "zod";
import type { Operation } from "../../src/operation.ts";
import { inputSchemaOf } from "../../src/surfaces/fields.ts";

/** Names and ids that mean something where the inputs are sent. */
export interface Known {
  texts: readonly string[];
  ids: readonly string[];
}

interface Schema {
  type?: string | undefined;
  enum?: unknown[] | undefined;
  format?: string | undefined;
  pattern?: string | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  maxLength?: number | undefined;
  maxItems?: number | undefined;
  items?: Schema | undefined;
  properties?: Record<string, Schema> | undefined;
  required?: string[] | undefined;
}

const schemaShape: z.ZodType<Schema> = z.object({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  maxItems: z.number().optional(),
  get items() {
    return schemaShape.optional();
  },
  get properties() {
    return z.record(z.string(), schemaShape).optional();
  },
  required: z.array(z.string()).optional(),
});

const ODD_TEXTS = [
  "../..",
  "\0",
  "(",
  "[",
  "a{1000}",
  "\\p{L}",
  "%",
  "'; drop table files",
  "-1",
  "null",
  "9999-12-31T23:59:59Z",
];

/** Text that somebody might send, and text that nobody would. */
const oddText = (known: Known) =>
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ unit: "grapheme", maxLength: 2000 }),
    fc.constantFrom(...known.texts, ...ODD_TEXTS),
  );

const anythingOf = (known: Known): fc.Arbitrary<unknown> =>
  fc.oneof(
    oddText(known),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.json().map((text) => JSON.parse(text) as unknown),
  );

/** To the ends of what has four digits, with every offset there is. */
const time = fc
  .tuple(
    fc.oneof(
      fc.date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
      fc.constantFrom(new Date("0000-01-01T00:00:00Z"), new Date("9999-12-31T23:59:59Z")),
    ),
    fc.constantFrom("Z", "+00:00", "-01:00", "+01:00", "-23:59", "+23:59"),
  )
  .map(([date, offset]) => date.toISOString().replace("Z", offset));

/** What the schema takes, as far as it says so itself. */
function fitting(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const { minimum = -Infinity, maximum = Infinity, maxLength = 2000 } = schema;
  switch (schema.type) {
    case "integer":
      return fc.oneof(
        {
          weight: 9,
          arbitrary: fc.integer({ min: Math.max(minimum, -(2 ** 31)), max: Math.min(maximum, 2 ** 31 - 1) }),
        },
        { weight: 1, arbitrary: fc.integer() },
      );
    case "number":
      return fc.double();
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(fitting(schema.items ?? {}, known), { maxLength: Math.min(5, schema.maxItems ?? 5) });
    case "object":
      return objectOf(schema, (one) => fitting(one, known));
    case "string":
      if (schema.format === "uuid") return fc.oneof(fc.constantFrom(...known.ids), fc.uuid());
      if (schema.format === "date-time") return time;
      if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
      return oddText(known).map((text) => text.slice(0, maxLength));
    default:
      return anythingOf(known);
  }
}

function objectOf(
  { properties = {}, required = [] }: Schema,
  valueOf: (schema: Schema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valueOf(schema)]));
  return fc.record(values, { requiredKeys: required.filter((name) => name in values) });
}

export function inputsOf(operation: Operation, known: Known): fc.Arbitrary<Record<string, unknown>> {
  const anything = anythingOf(known);
  const inputs = objectOf(schemaShape.parse(inputSchemaOf(operation)), (schema) =>
    fc.oneof({ weight: 19, arbitrary: fitting(schema, known) }, { weight: 1, arbitrary: anything }),
  );
  const withStray = fc.tuple(inputs, fc.dictionary(fc.string({ maxLength: 10 }), anything, { maxKeys: 2 }));
  return fc.oneof(
    { weight: 8, arbitrary: inputs },
    { weight: 1, arbitrary: withStray.map(([one, two]) => ({ ...two, ...one })) },
  );
}
