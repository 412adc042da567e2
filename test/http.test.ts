// What a hosted server does with clients that mean no good, and when its database is away.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getUsage } from "../src/operations/get-usage.ts";
import { createLog } from "../src/platform/log.ts";
import { createHealthCheck } from "../src/surfaces/health.ts";
import { startHttpServer } from "../src/surfaces/http.ts";
import { DOCUMENTS_PER_MINUTE_MAX } from "../src/surfaces/limits.ts";
import { runKota } from "./harness/command.ts";
import { withClient } from "./harness/database.ts";
import { makeServices } from "./harness/services.ts";
import { install, type Installation, type Served } from "./harness/installation.ts";

let kota: Installation;
let server: Served;
let key: string;

beforeAll(async () => {
  kota = await install({
    KOTA_MODE: "hosted",
    KOTA_PUBLIC_URL: "https://kota.example",
    KOTA_ALLOWED_ORIGINS: "https://app.example",
  });
  const made = await runKota(["keys", "create", "--organization", "Acme", "--json"], { env: kota.env });
  key = (JSON.parse(made.stdout) as { api_key: string }).api_key;
  server = await kota.serve();
});
afterAll(() => kota.remove());

/** A server inside the test, on a port of its own. */
const ALONE = {
  version: "0.0.0",
  port: 0,
  host: "127.0.0.1",
  publicUrl: undefined,
  allowedOrigins: [],
  trustedProxies: [],
  supabase: undefined,
};

/** What comes back for bytes that are sent as they are, until the server closes. */
async function sendRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
  socket.write(text);
  await once(socket, "close");
  return answer;
}

test("a client that sends its headers or its body slowly is let go, with words", { timeout: 150_000 }, async () => {
  const [headers, body] = await Promise.all([
    sendRaw("GET /health HTTP/1.1\r\nHost: localhost\r\n"),
    sendRaw(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    ),
  ]);
  expect(headers).toMatch(/^HTTP\/1\.1 400 .*took too long to arrive/s);
  expect(body).toMatch(/^HTTP\/1\.1 400 .*took too long to arrive/s);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

test("foreign hosts and pages are refused; allowed ones are answered with what browsers need", async () => {
  const raw = (head: string) => sendRaw(`GET /api/v1/usage HTTP/1.1\r\n${head}\r\nConnection: close\r\n\r\n`);
  expect(await raw("Host: evil.example")).toMatch(/^HTTP\/1\.1 403/);
  expect(await raw("Host: kota.example\r\nOrigin: https://evil.example")).toMatch(/^HTTP\/1\.1 403/);
  const allowed = await raw(`Host: kota.example\r\nOrigin: https://app.example\r\nAuthorization: Bearer ${key}`);
  expect(allowed).toMatch(/^HTTP\/1\.1 200/);
  expect(allowed).toMatch(/access-control-allow-origin: https:\/\/app\.example/i);
  for (const header of ["x-content-type-options", "content-security-policy", "x-frame-options", "x-request-id"])
    expect(allowed.toLowerCase()).toContain(`${header}:`);
  // Nobody's page: the same, told apart for caches, and in one piece.
  const plain = await raw(`Host: kota.example\r\nAuthorization: Bearer ${key}`);
  expect(plain).toMatch(/^HTTP\/1\.1 200/);
  expect(plain).not.toMatch(/access-control-|transfer-encoding/i);
  for (const header of [
    "x-content-type-options",
    "content-security-policy",
    "x-request-id",
    "vary: origin",
    "content-length",
  ])
    expect(plain.toLowerCase()).toContain(header);
});

test("whatever is sent is answered in the envelope, with a request id", async () => {
  const heads: [string, RegExp][] = [
    ["GET /api/v1/usage HTTP/1.1\r\nHost: a b", /^HTTP\/1\.1 400/],
    ["GET /api/v1/usage HTTP/1.1\r\nHost: localhost:99999", /^HTTP\/1\.1 400/],
    ["GET /api/v1/usage HTTP/1.1\r\nHost: localhost/x", /^HTTP\/1\.1 400/],
    ["GET /api/v1/usage HTTP/1.1\r\nX-None: 1", /^HTTP\/1\.1 403/],
    ["GET http://[::/ HTTP/1.1\r\nHost: localhost", /^HTTP\/1\.1 400/],
    ["GET /a\\b HTTP/1.1\r\nHost: localhost", /^HTTP\/1\.1 400/],
    ["GET http://evil.example/api/v1/usage HTTP/1.1\r\nHost: localhost", /^HTTP\/1\.1 403/],
    ["GET /api/v1/usage HTTP/1.1\r\nHost: localhost\r\nExpect: x", /^HTTP\/1\.1 401/],
    ["NONSENSE", /^HTTP\/1\.1 400/],
  ];
  for (const [head, status] of heads) {
    const answer = await sendRaw(`${head}\r\nConnection: close\r\n\r\n`);
    expect(answer, head).toMatch(status);
    expect(answer, head).toMatch(/^x-request-id: \S+/im);
    expect(answer, head).toMatch(/\{"error":\{"code":"\w+","message":".+"/);
  }
});

test("one line of the log says that a proxy is not trusted", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kota-http-"));
  const services = makeServices(kota.database, { mirrorDirectory: folder, isLimited: true });
  const lines: string[] = [];
  const { url, stop } = await startHttpServer({
    ...ALONE,
    services: { ...services, log: createLog({ level: "warn", write: (line) => lines.push(line) }) },
    operations: [getUsage],
  });
  try {
    const ask = (headers: Record<string, string>) =>
      fetch(`${url}/api/v1/usage`, { headers: { Authorization: `Bearer ${key}`, ...headers } });
    await ask({});
    expect(lines).toEqual([]);
    for (let i = 1; i <= 3; i++) expect((await ask({ "X-Forwarded-For": `198.51.100.${i}` })).status).toBe(200);
    expect(lines).toEqual([expect.stringMatching(/127\.0\.0\.1 .*KOTA_TRUSTED_PROXIES/)]);
  } finally {
    await stop();
    await services.database.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test("documents for everybody are written once, and given to one address so often in a minute; probes always", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kota-http-"));
  const services = makeServices(kota.database, { mirrorDirectory: folder, isLimited: true });
  let written = 0;
  const counted = Object.defineProperty({ ...getUsage }, "description", {
    get: () => {
      written++;
      return getUsage.description;
    },
  });
  const { url, stop } = await startHttpServer({
    ...ALONE,
    operations: [counted],
    services: { ...services, now: () => new Date("2026-01-01T00:00:30Z") },
    trustedProxies: ["127.0.0.1"],
  });
  try {
    const get = (path: string, address: string) => fetch(`${url}${path}`, { headers: { "X-Forwarded-For": address } });
    const first = await get("/openapi.json", "198.51.100.1");
    expect(await first.json()).toMatchObject({ openapi: "3.1.0" });
    expect(await (await get("/docs", "198.51.100.1")).text()).toContain("<!doctype html>");
    const onceEach = written;
    expect(onceEach).toBeGreaterThan(0);
    for (let i = 2; i < DOCUMENTS_PER_MINUTE_MAX; i++)
      expect((await get(i % 2 ? "/docs" : "/openapi.json", "198.51.100.1")).status).toBe(200);
    expect(written).toBe(onceEach);
    const refused = await get("/docs", "198.51.100.1");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "30"]);
    expect((await get("/docs", "198.51.100.2")).status).toBe(200);
    for (let i = 0; i < 30; i++) expect((await get("/health", "198.51.100.1")).status).toBe(200);
  } finally {
    await stop();
    await services.database.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test("who asks for health while it is looked at gets the same look", async () => {
  const services = makeServices(kota.database, { mirrorDirectory: tmpdir(), isLimited: true });
  const { database } = services;
  let looks = 0;
  const once: typeof database.unsafeProbe.once = (work) => {
    looks++;
    return database.unsafeProbe.once(work);
  };
  const counted = {
    ...database,
    unsafeProbe: Object.assign(database.unsafeProbe.bind(undefined), database.unsafeProbe, { once }),
  };
  const check = createHealthCheck(counted, { version: "0.0.0", now: services.now });
  try {
    const answers = await Promise.all(Array.from({ length: 1000 }, () => check()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["ok"]));
    expect(looks).toBe(1);
    await check();
    expect(looks).toBe(2);
  } finally {
    await database.close();
  }
});

test("while the database is away nobody is let in and nobody is told that their key is wrong", async () => {
  const usage = () => fetch(`${server.url}/api/v1/usage`, { headers: { Authorization: `Bearer ${key}` } });
  expect((await usage()).status).toBe(200);
  const name = new URL(kota.database.url).pathname.slice(1);
  const elsewhere = kota.database.url.replace(/\/[^/]*$/, "/postgres");
  const admit = (isAdmitted: boolean) =>
    withClient(elsewhere, async (client) => {
      await client.query(`alter database ${name} allow_connections ${isAdmitted}`);
      if (!isAdmitted)
        await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
    });
  await admit(false);
  const refused = await usage();
  const text = await refused.text();
  expect({ status: refused.status, text }).toMatchObject({
    status: 503,
    text: expect.stringContaining("unavailable") as string,
  });
  expect(text).not.toMatch(/select|connections|stack|postgres/i);
  expect((await fetch(`${server.url}/health`)).status).toBe(503);
  await admit(true);
  await expect.poll(async () => (await usage()).status, { timeout: 60_000 }).toBe(200);
});
