// Kota inside the test's own process, for what must be counted or called often: the same operations and the same
// job, without the executable.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SCOPES, type Caller } from "../../src/access/caller.ts";
import { ensureOrganization } from "../../src/access/store.ts";
import { createFolderMemory, type FolderMemory } from "../../src/indexing/folder-memory.ts";
import { createAnalysePool, type AnalysePool } from "../../src/indexing/analyse-pool.ts";
import type { Checks } from "../../src/indexing/check/checks.ts";
import { runIndexJob } from "../../src/indexing/run-index-job.ts";
import { run, type Operation, type Services } from "../../src/operation.ts";
import { getIndexJobStatus, jobStatus, type JobStatus } from "../../src/operations/get-index-job-status.ts";
import { indexRepository } from "../../src/operations/index-repository.ts";
import type { OrganizationDatabase } from "../../src/platform/database.ts";
import type { JobId } from "../../src/platform/ids.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { makeServices } from "./services.ts";

const POLL_MS = 20;

export interface KotaProcess {
  services: Services;
  pool: AnalysePool;
  folders: FolderMemory;
  testDatabase: TestDatabase;
  caller: Caller;
  db: OrganizationDatabase;
  ask(operation: Operation, input: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** See indexAs. */
  index(repository: string, options?: { name?: string; ref?: string }): Promise<JobStatus>;
  close(): Promise<void>;
}

export async function openProcess({
  gitBaseUrl = "https://github.com",
  makeChecks = () => undefined,
}: { gitBaseUrl?: string; makeChecks?: (services: Services) => Checks | undefined } = {}): Promise<KotaProcess> {
  const testDatabase = await createTestDatabase();
  const dataDirectory = await mkdtemp(join(tmpdir(), "kota-process-"));
  const services = makeServices(testDatabase, {
    mirrorDirectory: join(dataDirectory, "mirrors"),
    isLimited: false,
    gitBaseUrl,
  });
  const { database } = services;
  const checks = makeChecks(services);
  const pool = createAnalysePool(2);
  const folders = createFolderMemory();
  const organizationId = await database.unsafeAllOrganizations((sql) => ensureOrganization(sql, "test"));
  const caller: Caller = { organizationId, scopes: SCOPES, keyId: undefined };
  const db = database.forOrganization(organizationId);
  const ask: KotaProcess["ask"] = (operation, input) =>
    run(services, operation, input, { caller, mayReadFolders: true });
  return {
    services,
    pool,
    folders,
    testDatabase,
    caller,
    db,
    ask,
    index: (repository, options = {}) => indexAs({ services, pool, folders, checks, caller }, repository, options),
    async close() {
      await checks?.stop();
      await database.close();
      await testDatabase.drop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/**
 * Indexes a folder or address for the caller's organization to the end of its job, and of its type check where there is one;
 * throws when that did not succeed.
 */
export async function indexAs(
  {
    services,
    pool,
    folders = createFolderMemory(),
    checks,
    caller,
  }: Pick<KotaProcess, "services" | "pool" | "caller"> & { folders?: FolderMemory; checks?: Checks | undefined },
  repository: string,
  options: { name?: string; ref?: string } = {},
): Promise<JobStatus> {
  const db = services.database.forOrganization(caller.organizationId);
  const ask = (operation: Operation, input: Record<string, unknown>) =>
    run(services, operation, input, { caller, mayReadFolders: true });
  const { job_id: id } = await ask(indexRepository, { repository, ...options });
  // The operation answered this id.
  const job = { jobId: String(id) as JobId, isLastAttempt: true, signal: new AbortController().signal };
  await runIndexJob({ ...services, db, pool, mayReadFolders: true, checks, folders }, job);
  const look = async () => jobStatus.parse(await ask(getIndexJobStatus, { job_id: id }));
  let status = await look();
  while (status.progress.phase === "checking") {
    await sleep(POLL_MS);
    status = await look();
  }
  if (status.state !== "succeeded") throw new Error(`indexing ${repository} ${status.state}: ${status.error}`);
  return status;
}
