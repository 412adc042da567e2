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
import { timePair, type Pair } from "./pairs.ts";

/** Bytes with indexes and TOAST. */
export interface Stored {
  /** Tables segments, segment_pages and segment_documents. */
  index_bytes: number;
  /** Tables blobs and blob_chunks. */
  text_bytes: number;
  /** Everything else of schema public: file lists, facts, symbols, links, jobs. */
  other_bytes: number;
}

/** The same first pages under row-level security (first) and without (second). */
export interface RowLevelSecurity {
  /** Every statement reaches Postgres. */
  nothing_remembered: Pair;
  /** With what a process remembers, as requests are served. */
  remembered: Pair;
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
 * same statements, naming the organization as they always do.
 */
export async function compareRowLevelSecurity(
  database: Database,
  { queries, repository, rounds }: { queries: readonly Query[]; repository: string; rounds: number },
): Promise<RowLevelSecurity> {
  const organizationId = await findOrganization(database);
  const confined = database.forOrganization(organizationId);
  const compare = (memoryOf: (way: 0 | 1) => Memory) =>
    timePair(
      [
        (query) => confined.read((sql) => firstPage(sql, { query, repository, memory: memoryOf(0) })),
        (query) =>
          database.unsafeAllOrganizations.read((sql) =>
            firstPage(Object.assign(sql, { organizationId }), { query, repository, memory: memoryOf(1) }),
          ),
      ],
      { queries, rounds },
    );
  const memories = [createMemory(), createMemory()] as const;
  return {
    nothing_remembered: await compare(() => createMemory()),
    remembered: await compare((way) => memories[way]),
  };
}

/** The work of a search's first page, in the transaction at hand; of all repositories without `repository`. */
export async function firstPage(
  sql: OrganizationSql,
  { query, repository, memory }: { query: Query; repository?: string; memory: Memory },
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
