// Search side by side: Kota over REST against fresh ripgrep and csearch processes on the same bytes, in one run,
// interleaved query by query; then whether paging to the end gives the files that ripgrep gives.
// node --import tsx bench/search.ts --repository PATH [--rounds N] [--name NAME] [--pg-trgm]
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { copyCorpus, type Corpus } from "./search/corpus.ts";
import { installKota, type ServedKota } from "./search/kota.ts";
import { describeMachine } from "./search/machine.ts";
import { compareRowLevelSecurity, openPostgres } from "./search/postgres.ts";
import { drawQueries, sample, seededRandom, type Query } from "./search/queries.ts";
import {
  renderReport,
  summarize,
  type Exactness,
  type QueryTimes,
  type Report,
  type SearchPart,
} from "./search/report.ts";
import { saveResult } from "./search/results.ts";
import { findTools, listRipgrepFiles, type Tool } from "./search/rivals.ts";
import { installTrigrams } from "./search/trigrams.ts";

const SEED = 1;

/** Appended to a path it leaves no grammar and no manifest. */
const NO_GRAMMAR = ".txt";

/** Autovacuum looks every minute; only then does Postgres have statistics of what was indexed, and plans by them. */
const AUTOVACUUM_MS = 75_000;

const { values } = parseArgs({
  options: {
    repository: { type: "string" },
    rounds: { type: "string", default: "5" },
    name: { type: "string" },
    "pg-trgm": { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
if (values.repository === undefined || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(
    "usage: node --import tsx bench/search.ts --repository PATH [--rounds N] [--name NAME] [--pg-trgm]\n",
  );
  process.exitCode = 2;
} else {
  const repository = resolve(values.repository);
  const report = await measure({ repository, name: values.name ?? basename(repository) });
  await saveResult("search", report);
  process.stdout.write(renderReport(report));
}

async function measure({ repository, name }: { repository: string; name: string }): Promise<Report> {
  const machine = describeMachine();
  const directory = await mkdtemp(join(tmpdir(), "kota-bench-"));
  await chmod(directory, 0o711);
  try {
    progress("copying what is searchable");
    const corpus = await copyCorpus(repository, join(directory, "corpus"));
    const queries = drawQueries(corpus.texts, SEED);
    const installed = await installKota({ corpus, name, dataDirectory: join(directory, "data") });
    const searchPart = await measureSearchPart(corpus, { directory, name });
    const { tools, csearch } = await findTools(corpus.directory, join(directory, "csearch-index"));
    const kota = await installed.serve();
    try {
      const justIndexed = await timeInTurns(queries, { tools: [kotaTool(kota)], corpus, rounds: 1 });
      const editToFoundMs = await kota.measureEdits(corpus);
      progress("waiting for autovacuum");
      await sleep(AUTOVACUUM_MS);
      const trgm = values["pg-trgm"] ? await installTrigrams(join(directory, "data"), corpus) : undefined;
      const everyTool = [kotaTool(kota), ...tools, ...(trgm ? [trgm.tool] : [])];
      const times = await timeInTurns(queries, { tools: everyTool, corpus, rounds });
      await trgm?.close();
      const postgres = await openPostgres(join(directory, "data"));
      progress("with row-level security and without");
      const security = await compareRowLevelSecurity(postgres.database, {
        queries,
        repository: installed.repository,
        rounds,
      }).finally(() => postgres.leave());
      const exactness = await compareFiles(queries, { kota, corpus });
      await kota.stop();
      return {
        date: new Date().toISOString(),
        code: await readCommit(),
        machine,
        rounds,
        seed: SEED,
        corpus: { name, files: corpus.files, bytes: corpus.bytes, sources: await readSources(repository) },
        setup: installed.setup,
        search_part: searchPart,
        edits: { edit_to_found_ms: editToFoundMs, ...(await installed.measureReindexing()) },
        csearch,
        pg_trgm: trgm?.trigrams,
        row_level_security: security,
        just_indexed: summarize(justIndexed).tools["kota"],
        ...summarize(times),
        exactness,
      };
    } finally {
      await kota.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** In a data folder of its own: the same content is stored once. */
async function measureSearchPart(
  corpus: Corpus,
  { directory, name }: { directory: string; name: string },
): Promise<SearchPart> {
  progress("the search part alone");
  const plain = await copyCorpus(corpus.directory, join(directory, "plain"), { ending: NO_GRAMMAR });
  const { setup } = await installKota({ corpus: plain, name, dataDirectory: join(directory, "plain-data") });
  const { index_ms, index_mb_per_second, index_peak_memory_mb } = setup;
  return { index_ms, index_mb_per_second, index_peak_memory_mb };
}

/** Of the code that is measured. */
async function readCommit(): Promise<string> {
  const { stdout } = await promisify(execFile)("git", ["rev-parse", "--short", "HEAD"], { cwd: import.meta.dirname });
  return stdout.trim();
}

/** What bench/assemble.ts noted beside a corpus that it made. */
async function readSources(repository: string): Promise<unknown> {
  const text = await readFile(`${repository}.sources.json`, "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

function kotaTool(kota: ServedKota): Tool {
  return { name: "kota", run: (query) => kota.firstPage(query) };
}

/**
 * Medians of `rounds` per query and tool; one unmeasured round warms up. Each turn has an order of its own: what a tool leaves in
 * the caches then helps or hinders every other.
 */
async function timeInTurns(
  queries: readonly Query[],
  { tools, corpus, rounds }: { tools: readonly Tool[]; corpus: Corpus; rounds: number },
): Promise<QueryTimes[]> {
  const samples = queries.map(() => new Map<string, number[]>(tools.map(({ name }) => [name, []])));
  const random = seededRandom(SEED);
  for (let round = 0; round <= rounds; round++) {
    progress(round === 0 ? "warming up" : `round ${round} of ${rounds}`);
    for (const [at, query] of queries.entries()) {
      for (const tool of sample(tools, { count: tools.length, random })) {
        const started = performance.now();
        await tool.run(query, corpus.directory);
        if (round > 0) samples[at]?.get(tool.name)?.push(performance.now() - started);
      }
    }
  }
  return queries.map((query, at) => ({ query, samples: samples[at] ?? new Map<string, number[]>() }));
}

/** Pages every query to its end and compares the files, and the time that takes, with `rg -l`. */
async function compareFiles(
  queries: readonly Query[],
  { kota, corpus }: { kota: ServedKota; corpus: Corpus },
): Promise<Exactness> {
  progress("paging every query to its end");
  const rows: Exactness["queries"] = [];
  for (const query of queries) {
    let started = performance.now();
    const theirs = await listRipgrepFiles(query, corpus.directory);
    const rgMs = performance.now() - started;
    started = performance.now();
    const { paths, pages } = await kota.everyPage(query);
    const kotaMs = performance.now() - started;
    const ours = new Set(paths);
    const missing = [...theirs].filter((path) => !ours.has(path)).length;
    const extra = [...ours].filter((path) => !theirs.has(path)).length;
    rows.push({
      text: query.text,
      files: theirs.size,
      pages,
      missing,
      extra,
      repeated: paths.length - ours.size,
      kota_ms: Math.round(kotaMs * 10) / 10,
      rg_l_ms: Math.round(rgMs * 10) / 10,
    });
  }
  const equal = rows.filter(({ missing, extra, repeated }) => missing + extra + repeated === 0).length;
  return { equal, of: rows.length, queries: rows };
}

function progress(what: string): void {
  process.stderr.write(`${what}\n`);
}
