// kill -9 at random moments of indexing, of Kota and of Postgres: what was acknowledged is there afterwards, and
// nothing half is ever visible.
import { readFile, rm, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SCOPES } from "../src/access/caller.ts";
import { ensureLocalAccess, readLocalPepper } from "../src/access/local.ts";
import { AppError } from "../src/errors.ts";
import { run, type Operation, type Services } from "../src/operation.ts";
import { readFile as readFileOperation } from "../src/operations/read-file.ts";
import { searchCode } from "../src/operations/search-code.ts";
import { createCursorCodec } from "../src/platform/cursor.ts";
import { openDatabase, type Database } from "../src/platform/database.ts";
import { joinEmbeddedPostgres, type EmbeddedPostgres } from "../src/platform/embedded-postgres.ts";
import type { OrganizationId } from "../src/platform/ids.ts";
import { createLog } from "../src/platform/log.ts";
import { authenticatorPasswordOf } from "../src/platform/login.ts";
import { createMemory } from "../src/platform/memory.ts";
import { runKota, startKota } from "./harness/command.ts";
import { withClient } from "./harness/database.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

const KILLS = 50;
const FILES = 60;
const log = createLog({ level: "error", write: () => undefined });

let dataDirectory: string;
let env: Record<string, string>;
let repository: TestRepository;
let postgres: EmbeddedPostgres;
let database: Database;
let organizationId: OrganizationId;
let connectionString: string;

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), "kota-kill-"));
  env = { KOTA_DATA_DIR: dataDirectory };
  repository = await makeRepository();
  await writeGeneration(0);
  expect(await runKota(["index", repository.path, "--name", "t/killed"], { env })).toMatchObject({ exitCode: 0 });
  postgres = await joinEmbeddedPostgres({ dataDirectory, log });
  connectionString = postgres.connectionString;
  const pepper = await readLocalPepper(dataDirectory);
  database = openDatabase({
    connectionString,
    authenticatorPassword: authenticatorPasswordOf(pepper),
    poolMax: 4,
    log,
    recover: async () => (connectionString = await postgres.rejoin()),
  });
  ({ organizationId } = await ensureLocalAccess(database, { dataDirectory, pepper }));
});

afterAll(async () => {
  await database.close();
  await postgres.leave();
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
  await repository.remove();
});

/** Every file of the folder says the same generation, so that half of one would show. */
async function writeGeneration(generation: number): Promise<void> {
  const line = `generation ${generation}; and some more text to make it a chunk\n`;
  await repository.write(
    Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`f${i}.txt`, `file ${i}\n${line.repeat(400)}`])),
  );
}

function ask(operation: Operation, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const services: Services = {
    database,
    log,
    git: { searchPath: process.env["PATH"] ?? "", gitBaseUrl: "https://github.com" },
    mirrorDirectory: join(dataDirectory, "mirrors"),
    cursors: createCursorCodec("kill"),
    pepper: "kill",
    isLimited: false,
    memory: createMemory(),
    now: () => new Date(),
  };
  return run(services, operation, input, { caller: { organizationId, scopes: SCOPES, keyId: undefined } });
}

/** The one generation that readers see. */
async function visibleGeneration(): Promise<number> {
  const file = await ask(readFileOperation, { path: "f7.txt", end_line: 2 });
  const generation = Number(/generation (\d+);/.exec(String(file["text"]))?.[1]);
  const search = async (query: string) => {
    const { results, next_cursor: cursor } = await ask(searchCode, {
      query,
      match: "literal",
      limit: 100,
      detail: "paths",
    });
    expect(cursor).toBeNull();
    return results as { match_count: number }[];
  };
  const whole = await search(`generation ${generation};`);
  expect(whole, `generation ${generation} is whole`).toHaveLength(FILES);
  for (const { match_count: count } of whole) expect(count).toBe(400);
  expect(await search("generation ")).toHaveLength(FILES);
  return generation;
}

/** Resolves once a worker has the job of this round. */
async function untilRunning(since: Date): Promise<void> {
  await withClient(connectionString, async (client) => {
    for (let tries = 0; tries < 5000; tries++) {
      const { rowCount } = await client.query(
        "select 1 from public.index_jobs where state <> 'queued' and created_at > $1",
        [since],
      );
      if (rowCount) return;
      await sleep(2);
    }
    throw new Error("no worker took the job");
  });
}

/** A server that was just killed answers `unavailable`, try again: so we do. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "unavailable" || tries >= 20) throw error;
      await sleep(200);
    }
  }
}

async function killPostgres(): Promise<void> {
  const { rows } = await withClient(connectionString, (client) =>
    client.query<{ path: string }>("select current_setting('data_directory') as path"),
  );
  const pid = Number((await readFile(join(rows[0]?.path ?? "", "postmaster.pid"), "utf8")).split("\n")[0]);
  process.kill(pid, "SIGKILL");
}

test(`${KILLS} kills at random moments of a job lose nothing and show nothing half`, async () => {
  await writeGeneration(1);
  const first = await runKota(["index", repository.path, "--name", "t/killed", "--json"], { env });
  const { started_at: started, finished_at: finished } = JSON.parse(first.stdout) as {
    started_at: string;
    finished_at: string;
  };
  const jobMs = new Date(finished).getTime() - new Date(started).getTime();
  let acknowledged = 1;
  const phases = new Map<string, number>();
  for (let i = 2; i < KILLS + 2; i++) {
    await writeGeneration(i);
    const since = new Date();
    const running = startKota(["index", repository.path, "--name", "t/killed", "--json"], { env });
    await untilRunning(since).catch(async (cause: unknown) => {
      running.child.kill("SIGKILL");
      throw new Error(`round ${i}: ${JSON.stringify(await running.finished)}`, { cause });
    });
    await sleep(Math.random() * jobMs * 1.3);
    const { rows } = await withClient(connectionString, (client) =>
      client.query<{ phase: string }>("select phase from public.index_jobs where created_at > $1", [since]),
    );
    const phase = rows[0]?.phase ?? "none";
    phases.set(phase, (phases.get(phase) ?? 0) + 1);
    if (i % 2 === 0) await killPostgres();
    running.child.kill("SIGKILL");
    const { stdout } = await running.finished;
    if (stdout.includes('"succeeded"')) acknowledged = i;
    const visible = await patiently(visibleGeneration);
    expect(visible, `round ${i}, killed while ${phase}`).toBeGreaterThanOrEqual(acknowledged);
    expect(visible).toBeLessThanOrEqual(i);
  }
  // The next try works, on what so many crashes left behind.
  await writeGeneration(1000);
  expect(await runKota(["index", repository.path, "--name", "t/killed"], { env })).toMatchObject({ exitCode: 0 });
  expect(await visibleGeneration()).toBe(1000);
  expect(
    phases.size,
    `killed while ${[...phases].map(([phase, count]) => `${phase} ×${count}`).join(", ")}`,
  ).toBeGreaterThan(1);
}, 600_000);
