// The embedded Postgres of a benchmark's own Kota, looked at beside it: what its tables take, and what asking it
// costs with row-level security and without.
import { readLocalPepper } from "../../src/access/local.ts";
import { openDatabase, type Database, type OrganizationSql } from "../../src/platform/database.ts";
import { joinEmbeddedPostgres } from "../../src/platform/embedded-postgres.ts";
import type { OrganizationId } from "../../src/platform/ids.ts";
import { createLog } from "../../src/platform/log.ts";
import { authenticatorPasswordOf } from "../../src/platform/login.ts";
import { createMemory, type Memory } from "../../src/platform/memory.ts";
import { listIndexedRefs } from "../../src/repositories/store.ts";
import { searchExact } from "../../src/search/exact.ts";
import { LINES_PER_FILE_MAX } from "../../src/search/limits.ts";
import { parsePattern } from "../../src/search/parse-query.ts";
import { FILES_PER_PAGE, type Query } from "./queries.ts";
import { quantile, round } from "./figures.ts";

/** Bytes with indexes and TOAST. */
export interface Stored {
  /** Tables segments, segment_pages and segment_documents. */
  index_bytes: number;
  /** Tables blobs and blob_chunks. */
  text_bytes: number;
  /** Everything else of schema public: file lists, facts, symbols, links, jobs. */
  other_bytes: number;
}

/** Medians over queries of each query's ratio: time under row-level security ÷ the same statements without. */
export interface RowLevelSecurity {
  /** Every statement reaches Postgres: nothing is remembered. */
  p50_ms: number;
  p50_ms_without: number;
  paired_median: number;
  /** With what a process remembers, as requests are served. */
  remembered_p50_ms: number;
  remembered_p50_ms_without: number;
  remembered_paired_median: number;
}

export interface OpenPostgres {
  connectionString: string;
  database: Database;
  leave(): Promise<void>;
}

export async function openPostgres(dataDirectory: string): Promise<OpenPostgres> {
  const log = createLog({ level: "error" });
  const postgres = await joinEmbeddedPostgres({ dataDirectory, searchPath: process.env["PATH"] ?? "", log });
  const { connectionString } = postgres;
  const authenticatorPassword = authenticatorPasswordOf(await readLocalPepper(dataDirectory));
  const database = openDatabase({ connectionString, authenticatorPassword, poolMax: 4, log });
  return {
    connectionString,
    database,
    async leave() {
      await database.close();
      await postgres.leave();
    },
  };
}

export async function measureTables(database: Database): Promise<Stored> {
  const rows = await database.unsafeAllOrganizations(
    (sql) => sql<{ name: string; bytes: string }>`
      select relname as name, pg_total_relation_size(oid)::text as bytes
      from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  const bytesOf = (names: readonly string[]) =>
    rows.filter(({ name }) => names.includes(name)).reduce((sum, { bytes }) => sum + Number(bytes), 0);
  const index = ["segments", "segment_pages", "segment_documents"];
  const text = ["blobs", "blob_chunks"];
  const other = rows.map(({ name }) => name).filter((name) => !index.includes(name) && !text.includes(name));
  return { index_bytes: bytesOf(index), text_bytes: bytesOf(text), other_bytes: bytesOf(other) };
}

/**
 * First pages asked in this process by a confined transaction and by the service's, which policies do not bind: the
 * same statements, naming the organization as they always do. In turns, after one round to warm up.
 */
export async function compareRowLevelSecurity(
  database: Database,
  { queries, repository, rounds }: { queries: readonly Query[]; repository: string; rounds: number },
): Promise<RowLevelSecurity> {
  const organizationId = await findOrganization(database);
  const confined = database.forOrganization(organizationId);
  const ways = [
    (work: (sql: OrganizationSql) => Promise<void>) => confined(work),
    (work: (sql: OrganizationSql) => Promise<void>) =>
      database.unsafeAllOrganizations((sql) => work(Object.assign(sql, { organizationId }))),
  ];
  const compare = async (memoryOf: (way: number) => Memory) => {
    const medians: [number, number][] = [];
    for (const query of queries) {
      const samples: [number[], number[]] = [[], []];
      for (let turn = 0; turn <= rounds; turn++) {
        for (const way of turn % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
          const started = performance.now();
          await ways[way]?.((sql) => firstPage(sql, { query, repository, memory: memoryOf(way) }));
          if (turn > 0) samples[way].push(performance.now() - started);
        }
      }
      medians.push([quantile(samples[0], 0.5), quantile(samples[1], 0.5)]);
    }
    const p50 = (of: 0 | 1) =>
      round(
        quantile(
          medians.map((pair) => pair[of]),
          0.5,
        ),
        2,
      );
    return {
      on: p50(0),
      off: p50(1),
      paired: round(
        quantile(
          medians.map(([on, off]) => on / off),
          0.5,
        ),
        3,
      ),
    };
  };
  const bare = await compare(() => createMemory());
  const memories = ways.map(() => createMemory());
  const remembered = await compare((way) => memories[way] ?? createMemory());
  return {
    p50_ms: bare.on,
    p50_ms_without: bare.off,
    paired_median: bare.paired,
    remembered_p50_ms: remembered.on,
    remembered_p50_ms_without: remembered.off,
    remembered_paired_median: remembered.paired,
  };
}

async function firstPage(
  sql: OrganizationSql,
  { query, repository, memory }: { query: Query; repository: string; memory: Memory },
): Promise<void> {
  const { text, isRegex, ignoresCase } = query;
  await searchExact(
    { sql, memory },
    {
      snapshots: await listIndexedRefs(sql, { repository }),
      pattern: parsePattern({ query: text, match: isRegex ? "regex" : "literal", caseSensitive: !ignoresCase }),
      filter: { paths: undefined, language: undefined, includeTests: true },
      definitions: [],
      from: { snapshot: 0, segment: 0, ordinal: 0 },
      filesMax: FILES_PER_PAGE,
      linesMax: LINES_PER_FILE_MAX,
      contextLines: 0,
      clock: Date.now,
    },
  );
}

async function findOrganization(database: Database): Promise<OrganizationId> {
  const [row] = await database.unsafeAllOrganizations(
    (sql) => sql<{ id: OrganizationId }>`select id from public.organizations order by created_at limit 1`,
  );
  if (!row) throw new Error("the data folder has no organization");
  return row.id;
}
