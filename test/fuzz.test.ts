// Any input at all, made from each operation's own schema: never a 500, and errors that say what would be right.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { mintApiKey } from "../src/access/api-key.ts";
import type { Operation } from "../src/operation.ts";
import { OPERATIONS } from "../src/operations/index.ts";
import { fieldsOf, inputSchemaOf } from "../src/surfaces/fields.ts";
import { routeOf } from "../src/surfaces/routes.ts";
import { startGitServer, type GitServer } from "./harness/git-server.ts";
import { inputsOf, type Known } from "./harness/inputs.ts";
import { install, type Installation, type Served } from "./harness/installation.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";
import { startSupabaseAuth, type FakeSupabaseAuth } from "./harness/supabase-auth.ts";

const RUNS_OF_OPERATION = 60;

/** A server, and what is known of its one organization. */
interface Asked {
  kota: Installation;
  server: Served;
  key: string;
  known: Known;
}

let repository: TestRepository;
let git: GitServer;
let auth: FakeSupabaseAuth;
const asked: Partial<Record<"local" | "hosted", Asked>> = {};

function at(mode: "local" | "hosted"): Asked {
  const found = asked[mode];
  if (!found) throw new Error(`there is no ${mode} server`);
  return found;
}

beforeAll(async () => {
  repository = await makeRepository({
    "a.ts": "export const a = 1;\n",
    "b.ts": 'import { a } from "./a.js";\nuse(a);\n',
  });
  git = await startGitServer();
  await git.publish(repository.path, "acme/a");
  await git.publish(repository.path, "acme/b");
  auth = await startSupabaseAuth();
  const local = await install({ KOTA_GIT_BASE_URL: git.url });
  expect(await local.kota("index", repository.path, "--name", "acme/a")).toMatchObject({ exitCode: 0 });
  asked.local = await askedOf(local, (await local.apiKey()).trim());
  // As it is run: what a caller asks is counted, and tokens are looked at. Of the highest tier, so that all of it is asked.
  const hosted = await install({
    KOTA_MODE: "hosted",
    KOTA_GIT_BASE_URL: git.url,
    KOTA_TRUSTED_PROXIES: "127.0.0.1",
    ...auth.env,
  });
  const made = await hosted.ask(
    "keys",
    "create",
    "--organization",
    "Acme",
    "--tier",
    "team",
    "--scopes",
    "read,write,admin",
  );
  asked.hosted = await askedOf(hosted, String(made["api_key"]));
});
afterAll(async () => {
  for (const { kota } of Object.values(asked)) await kota.remove();
  await git.stop();
  await auth.stop();
  await repository.remove();
});

async function askedOf(kota: Installation, key: string): Promise<Asked> {
  const server = await kota.serve();
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return ((await response.json()) as { data: Record<string, string> }).data;
  };
  const { job_id: job = "" } = await ask("POST", "/repositories", { repository: "acme/b", wait_seconds: 60 });
  const { key_id: made = "" } = await ask("POST", "/keys", { name: "doomed" });
  const texts = ["acme/a", "acme/b", "a.ts", "a", "main"];
  return { kota, server, key, known: { texts, ids: [job, made] } };
}

/** Asks over REST, or over MCP where only a body can carry the value as it is. */
async function call(
  { server, key }: Asked,
  operation: Operation,
  input: Record<string, unknown>,
): Promise<{ status: number; text: string }> {
  const { method, path, pathFields } = routeOf(operation);
  const filled = path.replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(asText(input[name]) || "x"));
  const rest = Object.entries(input).filter(([name]) => !pathFields.includes(name));
  const isQuery = method === "GET" || method === "DELETE";
  const query = new URLSearchParams(
    rest.flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one: unknown): [string, string] => [name, asText(one)]),
    ),
  );
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
  { server, key }: Asked,
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

/** What takes away comes last, so that there is something to ask about. */
const IN_ORDER = ["read", "write", "delete"].flatMap((effect) => OPERATIONS.filter((one) => one.effect === effect));

describe.each(["local", "hosted"] as const)("%s mode", (mode) => {
  test.each(IN_ORDER)("$name: no input makes it fail on our side", async (operation) => {
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(inputsOf(operation, at(mode).known), async (input) => {
        // Waiting is not what is tried here.
        const { wait_seconds: _wait, ...sent } = input;
        if (operation.input.safeParse(sent).success) reached++;
        const answers = [
          await call(at(mode), operation, sent),
          ...(operation.toolset ? [await callTool(at(mode), operation, sent)] : []),
        ];
        for (const { status, text } of answers) {
          expect(status, text).toBeLessThan(500);
          expect(status, text).not.toBe(429);
          expect(text).not.toMatch(/-32603|"internal"/);
        }
      }),
      { numRuns: RUNS_OF_OPERATION },
    );
    // The operation itself, behind its schema.
    expect(reached).toBeGreaterThan(0);
  });
});

/** What HTTP lets into a header: what is visible of Latin-1. */
const header = fc.string({
  unit: fc
    .oneof(fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff }))
    .map((code) => String.fromCharCode(code)),
});
const part = fc.stringMatching(/^[\w-]{1,40}$/);

test("no credential, organization or address makes a hosted server fail, and the key alone opens its organization", async () => {
  const { server, key } = at("hosted");
  const token = await auth.token({ id: crypto.randomUUID(), email: "ann@example.com" });
  const isIn = { [key]: ["Acme", "ACME", undefined], [token]: ["ann@example.com", undefined] };
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        credential: fc.oneof(
          fc.constantFrom(key, token, `${token.slice(0, -4)}AAAA`, mintApiKey()),
          fc.tuple(part, part, part).map(([one, two, three]) => `eyJ${one}.${two}.${three}`),
          part.map((text) => `kota_live_${text}`),
          header,
        ),
        organization: fc.option(fc.oneof(fc.constantFrom("Acme", "ACME", "ann@example.com"), fc.uuid(), header), {
          nil: undefined,
        }),
        address: fc.oneof(
          fc.ipV4(),
          fc.ipV6(),
          fc.tuple(header, fc.ipV4()).map((both) => both.join(", ")),
          header,
        ),
      }),
      async ({ credential, organization, address }) => {
        const response = await fetch(`${server.url}/api/v1/usage`, {
          headers: {
            Authorization: `Bearer ${credential}`,
            "X-Forwarded-For": address,
            ...(organization !== undefined && { "X-Kota-Organization": organization }),
          },
        });
        const text = await response.text();
        const opens = isIn[credential];
        const expected = opens === undefined ? [401, 429] : opens.includes(organization) ? [200] : [404];
        expect(expected, `${response.status} ${text}`).toContain(response.status);
      },
    ),
    { numRuns: 500 },
  );
});

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
  if (operation.toolset) return callTool(at("local"), operation, input);
  const { method, pathFields } = routeOf(operation);
  const isText = pathFields.includes(field) || method === "GET" || method === "DELETE";
  return isText && typeof input[field] !== "string" && field !== "no_such_field"
    ? undefined
    : call(at("local"), operation, input);
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
