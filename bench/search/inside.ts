// Kota inside the benchmark's process, on a data folder of its own: for what is done a thousand times, or by a hundred
// organizations. The same jobs and searches as in a server.
import pg from "pg";
import { readLocalPepper } from "../../src/access/local.ts";
import { SCOPES } from "../../src/access/caller.ts";
import { ensureOrganization } from "../../src/access/store.ts";
import { createFolderMemory } from "../../src/indexing/folder-memory.ts";
import { createAnalysePool } from "../../src/indexing/analyse-pool.ts";
import { runIndexJob } from "../../src/indexing/run-index-job.ts";
import { compactTables, sweepAll } from "../../src/indexing/sweep.ts";
import { run, type Services } from "../../src/operation.ts";
import { indexRepository } from "../../src/operations/index-repository.ts";
import { createCursorCodec } from "../../src/platform/cursor.ts";
import type { OrganizationDatabase } from "../../src/platform/database.ts";
import type { JobId } from "../../src/platform/ids.ts";
import { createLog } from "../../src/platform/log.ts";
import { createMemory } from "../../src/platform/memory.ts";
import { KEPT_MINUTES } from "../../src/repositories/limits.ts";
import { runKota } from "../../test/harness/command.ts";
import { measureTables, openPostgres, type Stored } from "./postgres.ts";

export interface Inside {
  /** The organization of that name, made when it is not there. */
  organization(name: string): Promise<Organization>;
  measureTables(): Promise<Stored>;
  /** What the sweeper does once it is quiet: gives back the room that deleted rows left in small tables. */
  rest(): Promise<void>;
  /** Gives back all of it. */
  compact(): Promise<void>;
  /**
   * Lets the time pass after which nobody can page through what was superseded, sweeps, and vacuums what Postgres's own
   * autovacuum, which looks every minute, would have come to in that time.
   */
  age(): Promise<void>;
  close(): Promise<void>;
}

export interface Organization {
  db: OrganizationDatabase;
  /** Indexes a folder as it is; answers the milliseconds until that can be searched. */
  index(path: string, name: string): Promise<number>;
}

export async function openInside(dataDirectory: string): Promise<Inside> {
  const { exitCode, stderr } = await runKota(["migrate"], { env: { KOTA_DATA_DIR: dataDirectory } });
  if (exitCode !== 0) throw new Error(`kota migrate ended with ${exitCode}: ${stderr}`);
  const { connectionString, database, leave } = await openPostgres(dataDirectory);
  const pepper = await readLocalPepper(dataDirectory);
  const services: Services = {
    database,
    log: createLog({ level: "error" }),
    git: { searchPath: process.env["PATH"] ?? "", gitBaseUrl: "https://github.com" },
    mirrorDirectory: `${dataDirectory}/mirrors`,
    cursors: createCursorCodec(pepper),
    pepper,
    isLimited: false,
    memory: createMemory(),
    now: () => new Date(),
  };
  const pool = createAnalysePool();
  return {
    async organization(name) {
      const organizationId = await database.unsafeAllOrganizations((sql) => ensureOrganization(sql, name));
      const db = database.forOrganization(organizationId);
      return {
        db,
        async index(path, repository) {
          const caller = { organizationId, scopes: SCOPES, keyId: undefined };
          const asked = { repository: path, name: repository };
          const answer = await run(services, indexRepository, asked, {
            caller,
            mayReadFolders: true,
          });
          // The operation answered this id.
          const jobId = String(answer["job_id"]) as JobId;
          const signal = new AbortController().signal;
          await runIndexJob(
            { ...services, db, pool, mayReadFolders: true, checks: undefined, folders: createFolderMemory() },
            { jobId, isLastAttempt: true, signal },
          );
          const [job] = await db(
            (sql) => sql<{ state: string; ms: number }>`
              select state, (extract(epoch from finished_at - started_at) * 1000)::int as ms
              from public.index_jobs where organization_id = ${organizationId} and id = ${jobId}`,
          );
          if (job?.state !== "succeeded") throw new Error(`indexing ${path} ended as ${job?.state}`);
          return job.ms;
        },
      };
    },
    measureTables: () => measureTables(database),
    async rest() {
      await compactTables(database, new AbortController().signal);
    },
    compact: () => inNoTransaction(connectionString, (client) => client.query("vacuum full")),
    async age() {
      await database.unsafeAllOrganizations(
        (sql) => sql`
          update public.snapshots
          set superseded_at = superseded_at - ${KEPT_MINUTES + 1} * interval '1 minute'
          where superseded_at is not null`,
      );
      await sweepAll(services, new AbortController().signal);
      await inNoTransaction(connectionString, vacuumAsPostgresDoes);
    },
    async close() {
      await leave();
    },
  };
}

/** Which the database's own handles never are. */
async function inNoTransaction(connectionString: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await work(client).finally(() => client.end());
}

/** By autovacuum's own rule: more than 50 rows and a fifth of the table are dead. */
async function vacuumAsPostgresDoes(client: pg.Client): Promise<void> {
  await client.query("select pg_stat_force_next_flush()");
  const { rows } = await client.query<{ name: string }>(`
    select format('%I.%I', coalesce(m.nspname, n.nspname), coalesce(o.relname, c.relname)) as name
    from pg_stat_all_tables s
    join pg_class c on c.oid = s.relid
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_class o on o.reltoastrelid = c.oid
    left join pg_namespace m on m.oid = o.relnamespace
    where s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0)
    group by 1`);
  for (const { name } of rows) await client.query(`vacuum ${name}`);
}
