// A Kota of its own in a temporary data folder: installed, indexed and served the way a person does it.
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startKota } from "../../test/harness/command.ts";
import type { Corpus } from "./corpus.ts";
import { round } from "./figures.ts";
import { watchMemory } from "./machine.ts";
import { measureTables, openPostgres, type Stored } from "./postgres.ts";
import { FILES_PER_PAGE, type Query } from "./queries.ts";

const EDITS = 5;
const EDIT_SECONDS_MAX = 60;

export interface Setup extends Stored {
  /** `kota migrate` in an empty folder: initdb, start, schema. */
  first_start_ms: number;
  index_ms: number;
  index_mb_per_second: number;
  /** Largest resident memory of the indexing process with its threads, Postgres beside it left out; Linux alone tells. */
  index_peak_memory_mb: number | undefined;
  index_to_corpus: number;
  /** What Postgres' tables and indexes grew by (write-ahead log left out): text, trigrams, file lists. */
  stored_bytes?: number;
  stored_to_corpus?: number;
}

export interface Reindexing {
  /** `kota index` again after one edit: the job, and the whole command. */
  reindex_job_ms: number[];
  reindex_command_ms: number[];
}

export interface InstalledKota {
  setup: Setup;
  /** Its name in Kota. */
  repository: string;
  serve(): Promise<ServedKota>;
  /** Without a server beside it, which watches the folder and would index the edit too. */
  measureReindexing(): Promise<Reindexing>;
}

export interface ServedKota {
  firstPage(query: Query): Promise<void>;
  everyPage(query: Query): Promise<{ paths: string[]; pages: number }>;
  /**
   * Milliseconds from writing a file until the server, which watches the folder, finds the new word; none when that
   * takes longer than EDIT_SECONDS_MAX, as in trees with more folders than are watched.
   */
  measureEdits(corpus: Corpus): Promise<number[]>;
  stop(): Promise<void>;
}

/** `dataDirectory`: anyone must be able to reach it, or Postgres of a root user keeps its tables elsewhere. */
export async function installKota({
  corpus,
  name,
  dataDirectory,
}: {
  corpus: Corpus;
  name: string;
  dataDirectory: string;
}): Promise<InstalledKota> {
  const repository = `bench/${name}`;
  const env = { KOTA_DATA_DIR: dataDirectory };
  const command = async (...args: string[]) => {
    const started = performance.now();
    const running = startKota(args, { env });
    const memory = watchMemory(running.child.pid);
    const { exitCode, stdout, stderr } = await running.finished;
    const peakMemoryMb = memory.stop();
    if (exitCode !== 0) throw new Error(`kota ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
    return { stdout, elapsedMs: Math.round(performance.now() - started), peakMemoryMb };
  };
  const index = async () => {
    const { stdout, elapsedMs, peakMemoryMb } = await command(
      "index",
      corpus.directory,
      "--name",
      repository,
      "--json",
    );
    return { jobMs: jobMilliseconds(JSON.parse(stdout)), commandMs: elapsedMs, peakMemoryMb };
  };

  process.stderr.write("starting Postgres for the first time\n");
  const { elapsedMs: firstStartMs } = await command("migrate");
  const before = await tableBytes(dataDirectory);
  process.stderr.write("indexing\n");
  const { jobMs, peakMemoryMb } = await index();
  const after = await tableBytes(dataDirectory);
  const postgres = await openPostgres(dataDirectory);
  const stored = await measureTables(postgres.database);
  await postgres.leave();
  return {
    setup: {
      first_start_ms: firstStartMs,
      index_ms: jobMs,
      index_mb_per_second: Math.round((corpus.bytes / 1e6 / (jobMs / 1000)) * 10) / 10,
      index_peak_memory_mb: peakMemoryMb,
      ...stored,
      index_to_corpus: round(stored.index_bytes / corpus.bytes, 3),
      ...(before !== undefined && after !== undefined
        ? { stored_bytes: after - before, stored_to_corpus: Math.round(((after - before) / corpus.bytes) * 100) / 100 }
        : {}),
    },
    repository,
    async serve() {
      const running = startKota(["serve", "--port", "0"], { env: { ...env, LOG_LEVEL: "error" } });
      const [, url = ""] = await running.printed(/^Listening on (\S+)$/m);
      const key = (await readFile(join(dataDirectory, "api-key"), "utf8")).trim();
      return serve({ url, key, repository, stop: () => (running.child.kill("SIGTERM"), running.finished) });
    },
    async measureReindexing() {
      const times = [];
      for (const word of editWords("Reindex")) times.push(await whileEdited(corpus, { word, work: index }));
      return {
        reindex_job_ms: times.map(({ jobMs }) => jobMs),
        reindex_command_ms: times.map(({ commandMs }) => commandMs),
      };
    },
  };
}

function serve({
  url,
  key,
  repository,
  stop,
}: {
  url: string;
  key: string;
  repository: string;
  stop: () => Promise<unknown>;
}): ServedKota {
  const ask = async (input: Record<string, string>): Promise<string> => {
    const parameters = new URLSearchParams({ repository, ...input }).toString();
    const { status, body } = await get(`${url}/api/v1/search?${parameters}`, key);
    if (status !== 200) throw new Error(`search ${JSON.stringify(input)} answered ${status}: ${body}`);
    return body;
  };
  return {
    async firstPage(query) {
      await ask({ ...fieldsOf(query), context_lines: "0", limit: String(FILES_PER_PAGE) });
    },
    async everyPage(query) {
      const paths: string[] = [];
      let cursor: string | null = null;
      for (let pages = 1; ; pages++) {
        const page = pageOf(
          await ask({ ...fieldsOf(query), detail: "paths", limit: "100", ...(cursor === null ? {} : { cursor }) }),
        );
        paths.push(...page.results.map(({ path }) => path));
        if (page.next_cursor === null) return { paths, pages };
        cursor = page.next_cursor;
      }
    },
    async measureEdits(corpus) {
      process.stderr.write("editing the watched folder\n");
      const times: number[] = [];
      for (const word of editWords("Watched")) {
        const started = performance.now();
        const isFound = await whileEdited(corpus, {
          word,
          async work() {
            while (pageOf(await ask({ query: word, match: "literal", detail: "paths" })).results.length === 0) {
              if (performance.now() - started > EDIT_SECONDS_MAX * 1000) return false;
              await sleep(20);
            }
            times.push(Math.round(performance.now() - started));
            return true;
          },
        });
        if (!isFound) return times;
        // The folder is as it was only when the word is gone again.
        while (pageOf(await ask({ query: word, match: "literal", detail: "paths" })).results.length > 0)
          await sleep(20);
      }
      return times;
    },
    async stop() {
      await stop();
    },
  };
}

/** One connection that stays open. `fetch` takes a few tenths of a millisecond more, which are not Kota's. */
const CONNECTION = new Agent({ keepAlive: true, maxSockets: 1 });

function get(url: string, key: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}` };
    request(url, { agent: CONNECTION, headers }, (response) => {
      let body = "";
      response
        .setEncoding("utf8")
        .on("data", (text: string) => (body += text))
        .on("end", () => resolve({ status: response.statusCode, body }))
        .on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}

function fieldsOf({ text, isRegex, ignoresCase }: Query): Record<string, string> {
  return { query: text, match: isRegex ? "regex" : "literal", ...(ignoresCase ? { case_sensitive: "false" } : {}) };
}

function editWords(prefix: string): string[] {
  return Array.from({ length: EDITS }, (_, at) => `kota${prefix}${at}${Date.now().toString(36)}`);
}

/** Appends a word to the file in the middle of the corpus, does the work, and puts the file back. */
async function whileEdited<T>(corpus: Corpus, { word, work }: { word: string; work: () => Promise<T> }): Promise<T> {
  const path = join(corpus.directory, corpus.paths[Math.floor(corpus.paths.length / 2)] ?? "");
  const original = await readFile(path);
  await writeFile(path, Buffer.concat([original, Buffer.from(`\n// ${word}\n`)]));
  try {
    return await work();
  } finally {
    await writeFile(path, original);
  }
}

/** Bytes under the `base` folder of the embedded Postgres; undefined where they may not be read. */
async function tableBytes(dataDirectory: string): Promise<number | undefined> {
  try {
    const cluster = (await readdir(dataDirectory)).find((name) => /^pg\d+$/.test(name));
    if (cluster === undefined) return undefined;
    const base = join(dataDirectory, cluster, "base");
    let bytes = 0;
    for (const path of await readdir(base, { recursive: true })) {
      // Postgres may drop a file while we look.
      const stats = await stat(join(base, path)).catch(() => undefined);
      if (stats?.isFile()) bytes += stats.size;
    }
    return bytes;
  } catch {
    return undefined;
  }
}

function pageOf(body: string): { results: { path: string }[]; next_cursor: string | null } {
  // The REST contract of search_code; a benchmark may fail on anything else.
  return (JSON.parse(body) as { data: { results: { path: string }[]; next_cursor: string | null } }).data;
}

function jobMilliseconds(job: unknown): number {
  // What `kota index --json` prints: the output of get_index_job_status.
  const { started_at: started, finished_at: finished } = job as { started_at: string; finished_at: string };
  return Date.parse(finished) - Date.parse(started);
}
