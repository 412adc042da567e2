// pg_trgm as it is usually set up: whole files in one table of the same Postgres, a GIN index, no row-level security,
// one client that stays connected. It answers paths alone, of 20 files in no order: less work than a page of Kota.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { joinEmbeddedPostgres } from "../../src/platform/embedded-postgres.ts";
import { createLog } from "../../src/platform/log.ts";
import type { Corpus } from "./corpus.ts";
import { FILES_PER_PAGE, type Query } from "./queries.ts";
import type { Tool } from "./rivals.ts";

export interface Trigrams {
  index_ms: number;
  /** The index alone. */
  index_bytes: number;
}

const BATCH_BYTES = 8 * 1024 * 1024;
const STATEMENT_SECONDS_MAX = 20;

/** In the Postgres of `dataDirectory`, in a database of its own. */
export async function installTrigrams(
  dataDirectory: string,
  corpus: Corpus,
): Promise<{ tool: Tool; trigrams: Trigrams; close: () => Promise<void> }> {
  const searchPath = process.env["PATH"] ?? "";
  const postgres = await joinEmbeddedPostgres({ dataDirectory, searchPath, log: createLog({ level: "error" }) });
  const serverUrl = postgres.connectionString;
  const name = "bench_trigrams";
  await withClient(serverUrl, (client) => client.query(`create database ${name}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const started = performance.now();
  await client.query("create extension pg_trgm; create table file (path text not null, content text not null)");
  await load(client, corpus);
  await client.query(
    "set maintenance_work_mem = '256MB'; create index file_content on file using gin (content gin_trgm_ops)",
  );
  const indexMs = Math.round(performance.now() - started);
  await client.query("vacuum analyze file");
  const sized = await client.query<{ bytes: string }>("select pg_relation_size('file_content')::text as bytes");
  await client.query(`set statement_timeout = '${STATEMENT_SECONDS_MAX}s'`);
  return {
    tool: { name: "pg_trgm, 20 paths", run: (query) => ask(client, query) },
    trigrams: { index_ms: indexMs, index_bytes: Number(sized.rows[0]?.bytes ?? 0) },
    async close() {
      await client.end();
      await withClient(serverUrl, (admin) => admin.query(`drop database ${name} with (force)`));
      await postgres.leave();
    },
  };
}

async function load(client: pg.Client, corpus: Corpus): Promise<void> {
  let paths: string[] = [];
  let contents: string[] = [];
  let bytes = 0;
  const flush = async () => {
    await client.query("insert into file (path, content) select * from unnest($1::text[], $2::text[])", [
      paths,
      contents,
    ]);
    [paths, contents, bytes] = [[], [], 0];
  };
  for (const path of corpus.paths) {
    const content = await readFile(join(corpus.directory, path), "utf8");
    paths.push(path);
    contents.push(content);
    bytes += content.length;
    if (bytes >= BATCH_BYTES) await flush();
  }
  await flush();
}

async function ask(client: pg.Client, { text, isRegex, ignoresCase }: Query): Promise<void> {
  const like = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const pattern = isRegex ? inPostgres(text) : like;
  const operator = isRegex ? "~" : ignoresCase ? "ilike" : "like";
  await client
    .query(`select path from file where content ${operator} $1 limit ${FILES_PER_PAGE}`, [pattern])
    .catch((error: Error & { code?: string }) => {
      if (error.code !== "57014") throw error;
    });
}

/** The dialects differ: a word's border is \y there, and only with `n` are ^, $ and . of a line. Flags stand in one group. */
function inPostgres(regex: string): string {
  const ignoring = "(?i)";
  const [flags, rest] = regex.startsWith(ignoring) ? ["in", regex.slice(ignoring.length)] : ["n", regex];
  return `(?${flags})${rest.replaceAll("\\b", "\\y")}`;
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await work(client).finally(() => client.end());
}
