// A thousand updates of one file each, against a build of what they end in: do speed and size stay?
// node --import tsx bench/updates.ts --repository PATH [--updates N] [--rounds N] [--name NAME]
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createMemory } from "../src/platform/memory.ts";
import { copyCorpus, type Corpus } from "./search/corpus.ts";
import { quantile, round } from "./search/figures.ts";
import { openInside, type Inside, type Organization } from "./search/inside.ts";
import { describeMachine } from "./search/machine.ts";
import { timePair } from "./search/pairs.ts";
import { firstPage } from "./search/postgres.ts";
import { drawQueries, seededRandom } from "./search/queries.ts";
import { saveResult } from "./search/results.ts";

const SEED = 1;

/** So many updates lie within the time that what was superseded can still be read: one every 18 seconds. */
const UPDATES_PER_AGE = 50;

const { values } = parseArgs({
  options: {
    repository: { type: "string" },
    updates: { type: "string", default: "1000" },
    rounds: { type: "string", default: "5" },
    name: { type: "string" },
  },
});
const [updates, rounds] = [Number(values.updates), Number(values.rounds)];
if (values.repository === undefined || !Number.isInteger(updates) || !Number.isInteger(rounds)) {
  process.stderr.write("usage: node --import tsx bench/updates.ts --repository PATH [--updates N] [--rounds N]\n");
  process.exitCode = 2;
} else {
  const repository = resolve(values.repository);
  const result = await measure(repository, values.name ?? basename(repository));
  await saveResult("updates", result);
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
}

async function measure(repository: string, name: string) {
  const directory = await mkdtemp(join(tmpdir(), "kota-bench-"));
  await chmod(directory, 0o711);
  const [updated, fresh] = [await openInside(join(directory, "updated")), await openInside(join(directory, "fresh"))];
  try {
    const machine = describeMachine();
    const corpus = await copyCorpus(repository, join(directory, "corpus"));
    const owner = await updated.organization("bench");
    const repositoryName = `bench/${name}`;
    const firstMs = await owner.index(corpus.directory, repositoryName);
    const history = await update(updated, { owner, corpus, name: repositoryName });
    const atWork = await updated.measureTables();
    await updated.age();
    // The last merge is listed by the next snapshot.
    await owner.index(corpus.directory, repositoryName);
    await updated.age();
    const other = await fresh.organization("bench");
    const freshMs = await other.index(corpus.directory, repositoryName);
    const memories = [createMemory(), createMemory()] as const;
    const queries = drawQueries(corpus.texts, SEED);
    const speed = await timePair(
      [
        (query) => owner.db.read((sql) => firstPage(sql, { query, repository: repositoryName, memory: memories[0] })),
        (query) => other.db.read((sql) => firstPage(sql, { query, repository: repositoryName, memory: memories[1] })),
      ],
      { queries, rounds },
    );
    const nothingRemembered = await timePair(
      [
        (query) =>
          owner.db.read((sql) => firstPage(sql, { query, repository: repositoryName, memory: createMemory() })),
        (query) =>
          other.db.read((sql) => firstPage(sql, { query, repository: repositoryName, memory: createMemory() })),
      ],
      { queries, rounds },
    );
    await Promise.all([updated.rest(), fresh.rest()]);
    const [after, built] = [await updated.measureTables(), await fresh.measureTables()];
    await Promise.all([updated.compact(), fresh.compact()]);
    const [live, liveBuilt] = [await updated.measureTables(), await fresh.measureTables()];
    return {
      date: new Date().toISOString(),
      machine,
      corpus: { name, files: corpus.files, bytes: corpus.bytes },
      updates,
      updates_per_age: UPDATES_PER_AGE,
      rounds,
      first_index_ms: firstMs,
      fresh_index_ms: freshMs,
      ...history,
      // Before the last superseded snapshots went, and with them the room that they took.
      stored_at_work: atWork,
      // In pairs: after the updates and the quiet behind them, and of the fresh build.
      segments: [await countSegments(owner), await countSegments(other)],
      speed_remembered: speed,
      speed_nothing_remembered: nothingRemembered,
      stored: [after, built],
      index_ratio: round(after.index_bytes / built.index_bytes, 3),
      stored_ratio: round(sum(after) / sum(built), 3),
      stored_at_work_ratio: round(sum(atWork) / sum(built), 3),
      // Without the room that deleted rows left, which Postgres uses again and does not give back.
      stored_compact: [live, liveBuilt],
      index_compact_ratio: round(live.index_bytes / liveBuilt.index_bytes, 3),
      stored_compact_ratio: round(sum(live) / sum(liveBuilt), 3),
    };
  } finally {
    await updated.close();
    await fresh.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Adds a line of the corpus somewhere in a file, or takes one away, over and over. */
async function update(
  inside: Inside,
  { owner, corpus, name }: { owner: Organization; corpus: Corpus; name: string },
): Promise<{ update_job_p50_ms: number; update_job_p95_ms: number; update_job_max_ms: number; segments_most: number }> {
  const random = seededRandom(SEED);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const times: number[] = [];
  let most = 0;
  for (let number = 1; number <= updates; number++) {
    const path = join(corpus.directory, pick(corpus.paths) ?? "");
    const lines = (await readFile(path, "utf8")).split("\n");
    const at = Math.floor(random() * lines.length);
    if (number % 3 === 0 && lines.length > 3) lines.splice(at, 1);
    else lines.splice(at, 0, `${pick((pick(corpus.texts) ?? "").split("\n"))} // update ${number}`);
    await writeFile(path, lines.join("\n"));
    times.push(await owner.index(corpus.directory, name));
    most = Math.max(most, await countSegments(owner));
    if (number % UPDATES_PER_AGE === 0) {
      await inside.age();
      process.stderr.write(
        `${number} updates, the last ${UPDATES_PER_AGE} at ${quantile(times.slice(-UPDATES_PER_AGE), 0.5)} ms\n`,
      );
    }
  }
  return {
    update_job_p50_ms: Math.round(quantile(times, 0.5)),
    update_job_p95_ms: Math.round(quantile(times, 0.95)),
    update_job_max_ms: Math.max(...times),
    segments_most: most,
  };
}

async function countSegments({ db }: Organization): Promise<number> {
  const rows = await db.read(
    (sql) => sql<{ segments: number }>`
      select cardinality(s.segment_ids) as segments
      from public.refs f
      join public.snapshots s on s.organization_id = f.organization_id and s.id = f.snapshot_id
      where f.organization_id = ${db.organizationId}`,
  );
  return rows.reduce((total, row) => total + row.segments, 0);
}

function sum(stored: object): number {
  return Object.values(stored).reduce((total: number, bytes: number) => total + bytes, 0);
}
