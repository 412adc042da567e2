// The same code path on a Postgres that somebody else runs: Debian's, the oldest major we support.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runKota, startKota } from "../harness/command.ts";
import { withClient } from "../harness/database.ts";
import { makeRepository } from "../harness/repository.ts";
import { dumpSchema } from "../harness/schema.ts";

const NOBODY = 65_534;
let folder: string;
let server: ChildProcess;
let env: Record<string, string>;
let serverUrl: string;

beforeAll(async () => {
  const [major] = (await readdir("/usr/lib/postgresql")).sort((a, b) => Number(a) - Number(b));
  const bin = `/usr/lib/postgresql/${major}/bin`;
  folder = await mkdtemp(join(tmpdir(), "kota-debian-"));
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if ("uid" in user) await chown(folder, NOBODY, NOBODY);
  const data = join(folder, "data");
  await promisify(execFile)(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust"],
    user,
  );
  const port = await freePort();
  server = spawn(
    join(bin, "postgres"),
    ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    { ...user, stdio: "ignore" },
  );
  serverUrl = `postgres://postgres@127.0.0.1:${port}`;
  await untilReady(`${serverUrl}/postgres`);
  env = {
    KOTA_DATA_DIR: join(folder, "kota"),
    DATABASE_URL: `${serverUrl}/kota`,
    KOTA_KEY_PEPPER: "p".repeat(40),
    KOTA_ORGANIZATION: "acme",
  };
  if ("uid" in user) env["KOTA_DATA_DIR"] = await mkdtemp(join(tmpdir(), "kota-debian-data-"));
  await withClient(`${serverUrl}/postgres`, (client) => client.query("create database kota"));
});

afterAll(async () => {
  server.kill("SIGQUIT");
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  await rm(env["KOTA_DATA_DIR"] ?? folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== "object" || !address) throw new Error("no free port");
  return address.port;
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isUp = await withClient(url, (client) => client.query("select 1")).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await sleep(100);
  }
  throw new Error("Debian's Postgres did not start");
}

test("several processes migrate at once, and one schema comes of it", async () => {
  const results = await Promise.all(Array.from({ length: 4 }, () => runKota(["migrate"], { env })));
  for (const { exitCode, stderr } of results) expect(exitCode, stderr).toBe(0);
  const schema = await withClient(`${serverUrl}/kota`, dumpSchema);
  expect(schema).not.toMatch(/DISABLED|NOT FORCED|NO POLICY/);
});

test("a login without the rights is told which", async () => {
  await withClient(`${serverUrl}/postgres`, async (client) => {
    await client.query("create role weak login");
    await client.query("create database weak owner weak");
  });
  const refused = await runKota(["migrate"], {
    env: { ...env, DATABASE_URL: `${serverUrl.replace("postgres@", "weak@")}/weak` },
  });
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/CREATEROLE and BYPASSRLS/);
});

test("key, index, search and serve as an operator does", async () => {
  const made = await runKota(["keys", "create", "--organization", "acme", "--json"], { env });
  expect(made.exitCode, made.stderr).toBe(0);
  const { api_key: key } = JSON.parse(made.stdout) as { api_key: string };
  const serving = startKota(["serve", "--port", "0"], { env: { ...env, LOG_LEVEL: "error" } });
  const [, url = ""] = await serving.printed(/^Listening on (\S+)$/m);
  const response = await fetch(`${url}/api/v1/repositories`, { headers: { Authorization: `Bearer ${key}` } });
  expect(await response.json()).toMatchObject({ data: { repositories: [] } });
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: "ok" });
  serving.child.kill("SIGTERM");
  expect((await serving.finished).exitCode).toBe(0);
});

test("local mode on the same database indexes a folder", async () => {
  const repository = await makeRepository({ "a.ts": "const onDebian = true;\n" });
  const local = { ...env, KOTA_MODE: "local" };
  const indexed = await runKota(["index", repository.path], { env: local });
  expect(indexed.exitCode, indexed.stderr).toBe(0);
  const found = await runKota(["search-code", "onDebian", "--json"], { env: local });
  expect(JSON.parse(found.stdout)).toMatchObject({ results: [{ path: "a.ts" }] });
  await repository.remove();
});
