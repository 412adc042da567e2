// The same code path on a Postgres that somebody else runs: Debian's, the oldest major we support.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runKota, startKota } from "../harness/command.ts";
import { withClient } from "../harness/database.ts";
import { startDebianPostgres, type DebianPostgres } from "../harness/debian-postgres.ts";
import { makeRepository } from "../harness/repository.ts";
import { dumpSchema } from "../harness/schema.ts";

let postgres: DebianPostgres;
let serverUrl: string;
let env: Record<string, string>;

beforeAll(async () => {
  postgres = await startDebianPostgres();
  serverUrl = postgres.serverUrl;
  env = {
    KOTA_DATA_DIR: await mkdtemp(join(tmpdir(), "kota-debian-data-")),
    DATABASE_URL: `${serverUrl}/kota`,
    KOTA_KEY_PEPPER: "p".repeat(40),
    KOTA_ORGANIZATION: "acme",
  };
  await withClient(`${serverUrl}/postgres`, (client) => client.query("create database kota"));
});

afterAll(async () => {
  await postgres.stop();
  await rm(env["KOTA_DATA_DIR"] ?? "", { recursive: true, force: true });
});

test("several processes migrate at once, and one schema comes of it", async () => {
  const results = await Promise.all(Array.from({ length: 4 }, () => runKota(["migrate"], { env })));
  for (const { exitCode, stderr } of results) expect(exitCode, stderr).toBe(0);
  const schema = await withClient(`${serverUrl}/kota`, dumpSchema);
  // Nothing of Supabase was there before, unlike where the golden comes from: the outcome must not depend on it.
  expect(schema).toBe(await readFile(new URL("../../db-schema.sql", import.meta.url), "utf8"));
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
