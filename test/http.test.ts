// What a hosted server does with clients that mean no good, and when its database is away.
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runKota } from "./harness/command.ts";
import { withClient } from "./harness/database.ts";
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
  expect(body).toMatch(/^HTTP\/1\.1 400 .*took too long to arrive|^$/s);
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
