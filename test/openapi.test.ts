// What the API says of itself is what it does: every answer's status and headers are declared, for each way it can end.
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { OPERATIONS } from "../src/operations/index.ts";
import { ANSWER_HEADERS, FAILURES, REQUEST_HEADERS } from "../src/surfaces/answers.ts";
import { runKota } from "./harness/command.ts";
import { withClient } from "./harness/database.ts";
import { withinOneHour } from "./harness/clock.ts";
import { install, type Installation, type Served } from "./harness/installation.ts";

let kota: Installation;
let server: Served;
let key: string;
let reader: string;

beforeAll(async () => {
  // An address that nothing listens on, as a git server that is away.
  kota = await install({ KOTA_MODE: "hosted", KOTA_GIT_BASE_URL: "http://127.0.0.1:1" });
  const makeKey = async (scopes: string) => {
    const made = await runKota(["keys", "create", "--organization", "Acme", "--scopes", scopes, "--json"], {
      env: kota.env,
    });
    return (JSON.parse(made.stdout) as { api_key: string }).api_key;
  };
  key = await makeKey("read,write,admin");
  reader = await makeKey("read");
  server = await kota.serve();
});
afterAll(() => kota.remove());

const reference = z.object({ $ref: z.string() });
const answer = z.object({ description: z.string(), headers: z.record(z.string(), reference) });
const documentShape = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        parameters: z.array(z.union([reference, z.object({ name: z.string() })])),
        responses: z.record(z.string(), z.union([reference, answer])),
      }),
    ),
  ),
  components: z.object({
    securitySchemes: z.object({ bearer: z.object({ description: z.string() }) }),
    parameters: z.record(z.string(), z.object({ name: z.string(), in: z.literal("header") })),
    headers: z.record(z.string(), z.object({ description: z.string(), schema: z.object({ type: z.string() }) })),
    responses: z.record(z.string(), answer),
  }),
});

const readDocument = async () => documentShape.parse(await (await fetch(`${server.url}/openapi.json`)).json());

test("credentials, headers and failures are in the document and on the page", async () => {
  const { paths, components } = await readDocument();
  expect(components.securitySchemes.bearer.description).toMatch(/API key.*token/);
  expect(Object.keys(components.headers)).toEqual(Object.keys(ANSWER_HEADERS));
  const described = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(described).toHaveLength(OPERATIONS.length);
  for (const { parameters } of described)
    expect(parameters).toContainEqual({ $ref: "#/components/parameters/X-Kota-Organization" });
  const page = await (await fetch(`${server.url}/docs`)).text();
  const known = [...Object.keys(REQUEST_HEADERS), ...Object.keys(ANSWER_HEADERS), ...FAILURES.map(({ code }) => code)];
  for (const name of known) expect(page).toContain(`<code>${name}</code>`);
  expect(page).toMatch(/<code>rate_limited<\/code><\/td><td>429/);
});

test("every answer's status is declared for its operation, and its headers are too", async () => {
  const { paths, components } = await readDocument();
  const seen: Record<string, string[]> = {};
  const check = async (method: string, path: string, init: RequestInit & { key?: string } = {}) => {
    const { key: shown = key, headers, ...rest } = init;
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method,
      ...rest,
      headers: { Authorization: `Bearer ${shown}`, "Content-Type": "application/json", ...headers },
    });
    const declared = paths[`/api/v1${path.replace(/\?.*/, "").replace(/^\/projects\/.+/, "/projects/{project}")}`];
    const found = declared?.[method.toLowerCase()]?.responses[response.status];
    if (!found) throw new Error(`${method} ${path}: ${response.status} is not declared: ${await response.text()}`);
    const resolved = "$ref" in found ? components.responses[found.$ref.split("/").at(-1) ?? ""] : found;
    const own = [...response.headers.keys()].filter((name) => /^x-(?:rate|request)|^retry|^www/.test(name));
    const known = Object.keys(resolved?.headers ?? {}).map((name) => name.toLowerCase());
    expect(known, `${method} ${path}: ${response.status}`).toEqual(expect.arrayContaining(own));
    seen[response.status] = own;
  };
  const json = JSON.stringify;
  await check("GET", "/usage");
  await check("GET", "/search?query=");
  await check("GET", "/usage", { key: "wrong" });
  await check("GET", "/keys", { key: reader });
  await check("GET", "/projects/none");
  await check("POST", "/projects", { body: json({ name: "a" }) });
  await check("POST", "/projects", { body: json({ name: "A" }) });
  await check("POST", "/projects", { body: "x".repeat(1024 * 1024 + 1) });
  await check("POST", "/projects", { body: "name=a", headers: { "Content-Type": "text/plain" } });
  await check("POST", "/repositories", { body: json({ repository: "acme/app" }) });
  await withinOneHour(async () => {
    await check("GET", "/usage");
    await withClient(kota.database.url, (client) => client.query("update rate_limit_counters set used = 1000"));
    await withClient(kota.database.url, (client) => client.query("update rate_limit_counters_daily set used = 5000"));
    await check("GET", "/usage");
  });
  const limits = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
  const counted = [...limits, "x-request-id"];
  expect(seen).toEqual({
    200: counted,
    400: counted,
    401: ["www-authenticate", "x-request-id"],
    403: counted,
    404: counted,
    409: counted,
    413: ["x-request-id"],
    415: counted,
    429: ["retry-after", ...counted].sort(),
    502: counted,
  });
});
