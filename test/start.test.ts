// The first ten minutes: `kota start` in an empty data folder, the printed configuration used as it is, edits found,
// several processes on one embedded Postgres, and nothing left running at the end.
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LOOK_ALL_MS } from "../src/indexing/limits.ts";
import { joinEmbeddedPostgres } from "../src/platform/embedded-postgres.ts";
import { createLog } from "../src/platform/log.ts";
import { runKota, startKota, type RunningCommand } from "./harness/command.ts";
import { withClient } from "./harness/database.ts";
import { connectMcp } from "./harness/installation.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

let dataDirectory: string;
let env: Record<string, string>;
let repository: TestRepository;
let started: RunningCommand;
let url: string;

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), "kota-start-"));
  env = { KOTA_DATA_DIR: dataDirectory };
  repository = await makeRepository({ "src/index.ts": "export const answer = 42;\n", ".gitignore": "ignored/\n" });
  for (const folder of ["there/from", "there/own", "ignored"])
    await mkdir(join(repository.path, folder), { recursive: true });
  started = startKota(["start", repository.path, "--port", "0"], { env });
  [, url = ""] = await started.printed(/^Listening on (\S+)$/m);
  await started.printed(/Serving until Ctrl-C/);
});

afterAll(async () => {
  started.child.kill("SIGKILL");
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
  await repository.remove();
});

async function find(query: string): Promise<string[]> {
  const key = (await readFile(join(dataDirectory, "api-key"), "utf8")).trim();
  const response = await fetch(`${url}/api/v1/search?${new URLSearchParams({ query, match: "literal" })}`, {
    headers: { Authorization: `Bearer ${key}` },
  });
  const body = (await response.json()) as { data: { results: { path: string }[] } };
  return body.data.results.map(({ path }) => path);
}

async function until(query: string, expected: string[]): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (JSON.stringify(await find(query)) === JSON.stringify(expected)) return;
    await sleep(100);
  }
  expect(await find(query)).toEqual(expected);
}

/** Until nothing looks around by itself any more: so long after the last change it still does. */
async function untilQuiet(): Promise<void> {
  await sleep(LOOK_ALL_MS + 1000);
}

/** How many jobs were asked for, once they have ended. */
async function countJobs(): Promise<number> {
  const postgres = await joinEmbeddedPostgres({ dataDirectory, log: createLog({ level: "error" }) });
  try {
    return await withClient(postgres.connectionString, async (client) => {
      for (let tries = 0; tries < 200; tries++) {
        const { rows } = await client.query<{ jobs: number; open: number }>(
          `select count(*)::int as jobs, count(*) filter (where state in ('queued', 'running'))::int as open from public.index_jobs`,
        );
        if (rows[0]?.open === 0) return rows[0].jobs;
        await sleep(100);
      }
      throw new Error("jobs do not end");
    });
  } finally {
    await postgres.leave();
  }
}

test("the first line on stdout is where it listens, and the key is in the configuration to paste", async () => {
  const [line = ""] = await started.printed(/^claude mcp add .*$/m);
  const [, endpoint = "", key = ""] = /kota (\S+) --header "Authorization: Bearer (\S+)"/.exec(line) ?? [];
  expect(endpoint).toBe(`${url}/mcp`);
  const client = await connectMcp(url, { apiKey: key, era: "2026" });
  const answer = await client.callTool({ name: "search_code", arguments: { query: "answer = 42" } });
  expect(answer.structuredContent).toMatchObject({
    results: [{ path: "src/index.ts", matches: [{ line: 1, column: 14 }] }],
  });
  await client.close();
});

test("secrets are readable by their owner alone", async () => {
  for (const name of ["api-key", "pepper", "server.json"])
    expect((await stat(join(dataDirectory, name))).mode & 0o777, name).toBe(0o600);
});

test("an edit, a new file in a new folder and a deletion are found without being asked for", async () => {
  await repository.write({ "src/index.ts": "export const answer = 43;\n" });
  await until("answer = 43", ["src/index.ts"]);
  await repository.write({ "src/new/folder/deep.ts": "export const deep = true;\n" });
  await until("deep = true", ["src/new/folder/deep.ts"]);
  await repository.write({ "src/new/folder/deep.ts": "export const deeper = true;\n" });
  await until("deeper = true", ["src/new/folder/deep.ts"]);
  await rm(join(repository.path, "src/index.ts"));
  await until("answer = 43", []);
});

test("a file is found that comes to a folder in which there was none", async () => {
  const { path } = repository;
  await mkdir(join(path, "made/inside"), { recursive: true });
  await repository.write({ "emptied/one.ts": "export const emptiedOne = 1;\n" });
  await until("emptiedOne", ["emptied/one.ts"]);
  await rm(join(path, "emptied/one.ts"));
  await until("emptiedOne", []);
  await untilQuiet();
  await repository.write({
    "there/from/before.ts": "export const thereBefore = 1;\n",
    "made/inside/two.ts": "export const madeTwo = 2;\n",
    "emptied/three.ts": "export const emptiedThree = 3;\n",
  });
  await until("thereBefore", ["there/from/before.ts"]);
  await until("madeTwo", ["made/inside/two.ts"]);
  await until("emptiedThree", ["emptied/three.ts"]);
});

test("a folder that is removed and made again is watched, be it empty or as it was", async () => {
  const { path } = repository;
  await repository.write({ "remade/deep/one.ts": "export const remadeOne = 1;\n" });
  await until("remadeOne", ["remade/deep/one.ts"]);
  await rm(join(path, "remade"), { recursive: true });
  await repository.write({ "remade/deep/one.ts": "export const remadeOne = 1;\n" });
  await untilQuiet();
  await repository.write({ "remade/deep/one.ts": "export const remadeTwo = 2;\n" });
  await until("remadeTwo", ["remade/deep/one.ts"]);
  await rm(join(path, "remade"), { recursive: true });
  await mkdir(join(path, "remade/deep"), { recursive: true });
  await untilQuiet();
  await repository.write({ "remade/deep/three.ts": "export const remadeThree = 3;\n" });
  await until("remadeThree", ["remade/deep/three.ts"]);
});

test("a folder that is moved away and leaves a link behind is watched", async () => {
  const { path } = repository;
  await mkdir(join(path, "remade/deep/empty"));
  await rename(join(path, "remade"), join(path, "moved"));
  await symlink("moved", join(path, "remade"));
  await until("remadeThree", ["moved/deep/three.ts"]);
  await untilQuiet();
  await repository.write({ "moved/deep/empty/two.ts": "export const movedTwo = 2;\n" });
  await until("movedTwo", ["moved/deep/empty/two.ts"]);
});

test("what comes into an ignored folder or into a .git asks for no job", async () => {
  // In a folder that is watched.
  await repository.git("init", "-q", "there/own");
  await untilQuiet();
  const jobs = await countJobs();
  await repository.write({
    "ignored/six.ts": "export const ignoredSix = 6;\n",
    "there/own/.git/seven": "7\n",
    "there/own/.git/objects/eight": "8\n",
  });
  await sleep(1000);
  expect(await countJobs()).toBe(jobs);
  await repository.write({ "there/from/nine.ts": "export const thereNine = 9;\n" });
  await until("thereNine", ["there/from/nine.ts"]);
  expect(await countJobs()).toBeGreaterThan(jobs);
});

test("a second start indexes, prints and leaves the first one serving", async () => {
  const other = await makeRepository({ "other.ts": "second repository\n" });
  const second = await runKota(["start", "."], { env, cwd: other.path });
  expect(second.exitCode, second.stderr).toBe(0);
  expect(second.stdout).toContain(`Already serving at ${url}`);
  expect(second.stdout).toContain(`claude mcp add --transport http kota ${url}/mcp`);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  await other.remove();
});

test("commands run beside the server, several at a time", async () => {
  const results = await Promise.all(
    Array.from({ length: 4 }, () => runKota(["search-code", "second repository", "--json"], { env })),
  );
  for (const { exitCode, stdout, stderr } of results) {
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ path: "other.ts" }] });
  }
  const status = await runKota(["status"], { env });
  expect(status.stdout).toContain(`Server: ${url}`);
});

test("a signal while start still indexes cancels that and stops", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kota-start-"));
  const big = await makeRepository(
    Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}.txt`, `file ${i}\n`.repeat(200)])),
  );
  const running = startKota(["start", big.path, "--port", "0"], { env: { KOTA_DATA_DIR: folder } });
  await running.printed(/indexing/);
  running.child.kill("SIGTERM");
  expect((await running.finished).exitCode).toBe(0);
  await expect(stat(join(folder, "server.json"))).rejects.toThrow();
  await big.remove();
  await rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
});

test("stopping drains, takes its note away, and the next command finds everything", async () => {
  started.child.kill("SIGINT");
  expect((await started.finished).exitCode).toBe(0);
  await expect(stat(join(dataDirectory, "server.json"))).rejects.toThrow();
  const after = await runKota(["search-code", "second repository", "--json"], { env });
  expect(JSON.parse(after.stdout)).toMatchObject({ results: [{ path: "other.ts" }] });
});
