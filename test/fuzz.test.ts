// Any input at all, made from each operation's own schema: never a 500, and errors that say what would be right.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Operation } from "../src/operation.ts";
import { OPERATIONS } from "../src/operations/index.ts";
import { fieldsOf, inputSchemaOf, type Field } from "../src/surfaces/fields.ts";
import { routeOf } from "../src/surfaces/routes.ts";
import { startGitServer, type GitServer } from "./harness/git-server.ts";
import { install, type Installation, type Served } from "./harness/installation.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

const RUNS_OF_OPERATION = 60;

let kota: Installation;
let server: Served;
let repository: TestRepository;
let git: GitServer;
let key: string;

beforeAll(async () => {
  repository = await makeRepository({
    "a.ts": "export const a = 1;\n",
    "b.ts": 'import { a } from "./a.js";\nuse(a);\n',
  });
  git = await startGitServer();
  await git.publish(repository.path, "acme/b");
  kota = await install({ KOTA_GIT_BASE_URL: git.url });
  expect(await kota.kota("index", repository.path, "--name", "acme/a")).toMatchObject({ exitCode: 0 });
  server = await kota.serve();
  key = (await kota.apiKey()).trim();
});
afterAll(async () => {
  await kota.remove();
  await git.stop();
  await repository.remove();
});

/** Asks over REST, or over MCP where only a body can carry the value as it is. */
async function call(operation: Operation, input: Record<string, unknown>): Promise<{ status: number; text: string }> {
  const { method, path, pathFields } = routeOf(operation);
  const filled = path.replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(asText(input[name]) || "x"));
  const rest = Object.entries(input).filter(([name]) => !pathFields.includes(name));
  const isQuery = method === "GET" || method === "DELETE";
  const query = new URLSearchParams(rest.map(([name, value]): [string, string] => [name, asText(value)]));
  const response = await fetch(`${server.url}/api/v1${filled}${isQuery && rest.length > 0 ? `?${query}` : ""}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    ...(!isQuery && { body: JSON.stringify(Object.fromEntries(rest)) }),
  });
  return { status: response.status, text: await response.text() };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

async function callTool(
  operation: Operation,
  input: Record<string, unknown>,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server.url}/mcp`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2025-06-18",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: operation.name, arguments: input },
    }),
  });
  return { status: response.status, text: await response.text() };
}

const oddText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 2000 }),
  fc.constantFrom(
    "acme/a",
    "acme/b",
    "a.ts",
    "a",
    "main",
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
  ),
);
const anything = fc.oneof(
  oddText,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.json().map((text) => JSON.parse(text) as unknown),
);

/** Values of the field's type, mostly: those that get past the schema reach the operation. */
function valueOf({ type, choices }: Field): fc.Arbitrary<unknown> {
  const fitting: Record<Field["type"], fc.Arbitrary<unknown>> = {
    string: choices ? fc.constantFrom(...choices) : oddText,
    integer: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer()),
    number: fc.double(),
    boolean: fc.boolean(),
    array: fc.array(oddText, { maxLength: 5 }),
    object: fc.dictionary(fc.string(), anything, { maxKeys: 3 }),
  };
  return fc.oneof({ weight: 6, arbitrary: fitting[type] }, { weight: 1, arbitrary: anything });
}

function inputsOf(operation: Operation): fc.Arbitrary<Record<string, unknown>> {
  const fields = fieldsOf(operation);
  const known = fc.record(Object.fromEntries(fields.map((field) => [field.name, valueOf(field)])), {
    requiredKeys: fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
  });
  const withStray = fc.tuple(known, fc.dictionary(fc.string({ maxLength: 10 }), anything, { maxKeys: 2 }));
  return fc.oneof(
    { weight: 8, arbitrary: known },
    { weight: 1, arbitrary: withStray.map(([one, two]) => ({ ...two, ...one })) },
  );
}

/** What takes away comes last, so that there is something to ask about. */
const IN_ORDER = ["read", "write", "delete"].flatMap((effect) => OPERATIONS.filter((one) => one.effect === effect));

for (const operation of IN_ORDER) {
  test(`${operation.name}: no input makes it fail on our side`, async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(operation), async (input) => {
        // Waiting is not what is tried here.
        const { wait_seconds: _wait, ...asked } = input;
        const answers = [
          await call(operation, asked),
          ...(operation.toolset ? [await callTool(operation, asked)] : []),
        ];
        for (const { status, text } of answers) {
          expect(status, text).toBeLessThan(500);
          expect(text).not.toMatch(/-32603|"internal"/);
        }
      }),
      { numRuns: RUNS_OF_OPERATION },
    );
  });
}

/** One wrong value in an otherwise good call, and what an answer has to hold to be of help. */
interface Malformed {
  operation: Operation;
  input: Record<string, unknown>;
  field: string;
  /** Something that would have been right. */
  allowed: RegExp;
}

const GOOD: Record<string, unknown> = {
  query: "a",
  symbol: "a",
  path: "a.ts",
  file_path: "a.ts",
  repository: "acme/a",
  project: "p",
  name: "n",
  job_id: "00000000-0000-4000-8000-000000000000",
  key_id: "00000000-0000-4000-8000-000000000000",
};
const property = z.object({
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
});

function malformedCalls(): Malformed[] {
  return OPERATIONS.flatMap((operation) => {
    const fields = fieldsOf(operation);
    const { properties } = z.object({ properties: z.record(z.string(), property) }).parse(inputSchemaOf(operation));
    const good = Object.fromEntries(
      fields.filter(({ isRequired }) => isRequired).map(({ name }) => [name, GOOD[name]]),
    );
    const wrong = (field: string, value: unknown, allowed: RegExp): Malformed => ({
      operation,
      input: { ...good, [field]: value },
      field,
      allowed,
    });
    const stray = wrong("no_such_field", 1, new RegExp(fields[0]?.name ?? "none"));
    return [
      stray,
      ...fields.flatMap(({ name, type, isRequired, choices }): Malformed[] => {
        const { maximum, maxLength } = properties[name] ?? {};
        const several = (allowed: RegExp, ...values: unknown[]) => values.map((value) => wrong(name, value, allowed));
        if (choices && type !== "array") return several(new RegExp(choices[0] ?? ""), "no such choice", 7, {});
        if (type === "integer")
          return [
            ...several(/integer/, "many", {}, 1.5),
            ...(maximum === undefined ? [] : several(new RegExp(String(maximum)), maximum + 1)),
          ];
        if (type === "boolean") return several(/true or false/, "maybe", 7, {});
        if (type === "array") return several(/list/, "one", 7, {});
        return [
          ...several(/\b(?:text|an id|a time)\b/, 7, {}, ["one"]),
          ...(maxLength === undefined ? [] : several(new RegExp(String(maxLength)), "x".repeat(maxLength + 1))),
          ...(isRequired ? several(/required: (?:text|an id|a time)/, undefined) : []),
        ];
      }),
    ];
  });
}

/** Over MCP; what is no tool over REST, where a path or a query can carry text alone. */
function callMalformed({ operation, input, field }: Malformed): Promise<{ status: number; text: string }> | undefined {
  if (operation.toolset) return callTool(operation, input);
  const { method, pathFields } = routeOf(operation);
  const isText = pathFields.includes(field) || method === "GET" || method === "DELETE";
  return isText && typeof input[field] !== "string" && field !== "no_such_field" ? undefined : call(operation, input);
}

test("of 200 malformed calls at least 90 % are told the field and what is allowed", async () => {
  const asked = new Set<string>();
  const unhelpful: string[] = [];
  for (const malformed of malformedCalls()) {
    const { operation, input, field, allowed } = malformed;
    const answer = await callMalformed(malformed);
    if (!answer) continue;
    asked.add(`${operation.name} ${field} ${JSON.stringify(input)}`);
    expect(answer.text).toContain("invalid_input");
    if (!answer.text.includes(field) || !allowed.test(answer.text))
      unhelpful.push(`${operation.name}.${field}: ${answer.text}`);
  }
  expect(asked.size).toBeGreaterThanOrEqual(200);
  expect(unhelpful.length, unhelpful.join("\n")).toBeLessThanOrEqual(asked.size / 10);
});
