// Behind a transaction pooler (pgbouncer), where each transaction may run in another session: nothing of one caller may
// stay for the next, and locks, jobs and migrations work.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runKota, startKota, type RunningCommand } from "../harness/command.ts";
import { withClient } from "../harness/database.ts";
import {
  freePort,
  makeOrdinaryFolder,
  ORDINARY,
  startDebianPostgres,
  untilReady,
  type DebianPostgres,
} from "../harness/debian-postgres.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { makeRepository, type TestRepository } from "../harness/repository.ts";

const ORGANIZATIONS = ["Acme", "Beta"] as const;
/** Sessions behind the pooler for each login: fewer than ask at once. */
const POOL_SIZE = 4;

let postgres: DebianPostgres;
let pooler: ChildProcess;
let folder: string;
let git: GitServer;
let server: RunningCommand;
let url: string;
let env: Record<string, string>;
const repositories: TestRepository[] = [];

beforeAll(async () => {
  postgres = await startDebianPostgres();
  await withClient(`${postgres.serverUrl}/postgres`, (client) => client.query("create database kota"));
  folder = await makeOrdinaryFolder("kota-pooler-");
  const port = await freePort();
  await writeFile(join(folder, "users.txt"), '"postgres" ""\n"kota_authenticator" ""\n');
  await writeFile(
    join(folder, "pooler.ini"),
    `[databases]
kota = host=127.0.0.1 port=${postgres.port} dbname=kota
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, "users.txt")}
pool_mode = transaction
default_pool_size = ${POOL_SIZE}
ignore_startup_parameters = extra_float_digits
`,
  );
  pooler = spawn("pgbouncer", [join(folder, "pooler.ini")], { ...ORDINARY, stdio: "ignore" });
  const databaseUrl = `postgres://postgres@127.0.0.1:${port}/kota`;
  await untilReady(databaseUrl);
  git = await startGitServer();
  env = {
    KOTA_DATA_DIR: await mkdtemp(join(tmpdir(), "kota-pooler-data-")),
    DATABASE_URL: databaseUrl,
    DATABASE_POOLER: "transaction",
    KOTA_KEY_PEPPER: "p".repeat(40),
    KOTA_GIT_BASE_URL: git.url,
    KOTA_WORKER_CONCURRENCY: "1",
    LOG_LEVEL: "warn",
  };
});

afterAll(async () => {
  server.child.kill("SIGTERM");
  await server.finished;
  pooler.kill("SIGINT");
  await git.stop();
  await postgres.stop();
  for (const repository of repositories) await repository.remove();
  for (const path of [folder, env["KOTA_DATA_DIR"] ?? folder]) await rm(path, { recursive: true, force: true });
});

const keys = new Map<string, string>();

async function call(organization: string, path: string, init: RequestInit = {}) {
  const response = await fetch(`${url}/api/v1${path}`, {
    ...init,
    headers: { Authorization: `Bearer ${keys.get(organization)}`, "Content-Type": "application/json" },
  });
  const body = (await response.json()) as { data?: Record<string, unknown>; error?: unknown };
  // Seen first, so that a failing test tells why.
  expect(body.error).toBeUndefined();
  return { status: response.status, data: body.data ?? {} };
}

test("several processes migrate, keys are made, and a server starts", async () => {
  const migrated = await Promise.all([1, 2, 3].map(() => runKota(["migrate"], { env })));
  for (const { exitCode, stderr } of migrated) expect(exitCode, stderr).toBe(0);
  for (const organization of ORGANIZATIONS) {
    const made = await runKota(["keys", "create", "--organization", organization, "--tier", "team", "--json"], { env });
    expect(made.exitCode, made.stderr).toBe(0);
    keys.set(organization, (JSON.parse(made.stdout) as { api_key: string }).api_key);
  }
  server = startKota(["serve", "--port", "0"], { env });
  [, url = ""] = await server.printed(/^Listening on (\S+)$/m);
});

test("jobs run to their end, asked for once or twice", async () => {
  for (const organization of ORGANIZATIONS) {
    const repository = await makeRepository({ "a.ts": `export const owner = "${organization}";\n` });
    repositories.push(repository);
    await git.publish(repository.path, `${organization}/app`);
    const body = JSON.stringify({ repository: `${organization}/app`, wait_seconds: 60 });
    const answers = await Promise.all([1, 2].map(() => call(organization, "/repositories", { method: "POST", body })));
    for (const { status, data } of answers)
      expect({ status, state: data["state"] }).toEqual({ status: 202, state: "succeeded" });
  }
});

test("300 questions of two organizations at once, and each sees its own", async () => {
  const asked = Array.from({ length: 300 }, (_, i) => ORGANIZATIONS[i % 2] ?? "Acme");
  const answers = await Promise.all(
    asked.map(async (organization) => ({
      organization,
      ...(await call(organization, "/search?query=owner&match=literal")),
    })),
  );
  for (const { organization, status, data } of answers) {
    expect(status).toBe(200);
    const [only, ...others] = data["results"] as { repository: string; matches: { text: string }[] }[];
    expect(others).toEqual([]);
    expect(only?.repository).toBe(`${organization}/app`);
    expect(only?.matches[0]?.text).toContain(organization);
  }
});

test("no session keeps a role, claims or a lock, and nobody warns", async () => {
  const left = () =>
    withClient(env["DATABASE_URL"] ?? "", async (client) => {
      const { rows } = await client.query<{ left: number }>(
        `select (current_user <> 'postgres')::int + (coalesce(current_setting('request.jwt.claims', true), '') <> '')::int
           + (select count(*)::int from pg_locks where locktype = 'advisory') as left`,
      );
      return rows;
    });
  // The sweeper may be at work.
  await expect.poll(left, { timeout: 60_000 }).toEqual([{ left: 0 }]);
  server.child.kill("SIGTERM");
  const { exitCode, stderr } = await server.finished;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});
