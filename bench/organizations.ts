// Many organizations in one database, against a database that holds one of them alone: does its speed depend on its own
// data only? The corpus is cut into repositories of consecutive files, ORGANIZATIONS × REPOSITORIES of them.
// node --import tsx bench/organizations.ts --repository PATH [--rounds N] [--name NAME]
import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { createMemory } from "../src/platform/memory.ts";
import { copyCorpus, type Corpus } from "./search/corpus.ts";
import { openInside, type Organization } from "./search/inside.ts";
import { describeMachine } from "./search/machine.ts";
import { timePair } from "./search/pairs.ts";
import { firstPage } from "./search/postgres.ts";
import { drawQueries } from "./search/queries.ts";
import { saveResult } from "./search/results.ts";

const ORGANIZATIONS = 100;
const REPOSITORIES = 5;
/** Those that are measured, spread over the order in which they were indexed. */
const ASKERS = [0, 49, 99];
const JOBS_AT_ONCE = 2;
const SEED = 1;

const { values } = parseArgs({
  options: { repository: { type: "string" }, rounds: { type: "string", default: "5" }, name: { type: "string" } },
});
const rounds = Number(values.rounds);
if (values.repository === undefined || !Number.isInteger(rounds)) {
  process.stderr.write(
    "usage: node --import tsx bench/organizations.ts --repository PATH [--rounds N] [--name NAME]\n",
  );
  process.exitCode = 2;
} else {
  const repository = resolve(values.repository);
  const result = await measure(repository, values.name ?? basename(repository));
  await saveResult("organizations", result);
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
}

async function measure(repository: string, name: string) {
  const directory = await mkdtemp(join(tmpdir(), "kota-bench-"));
  await chmod(directory, 0o711);
  const shared = await openInside(join(directory, "shared"));
  try {
    const machine = describeMachine();
    const corpus = await copyCorpus(repository, join(directory, "corpus"));
    const slices = cut(corpus);
    const started = performance.now();
    let next = 0;
    const indexAll = async () => {
      for (let number = next++; number < slices.length; number = next++) {
        const folder = await makeFolder(corpus, {
          paths: slices[number] ?? [],
          folder: join(directory, `slice${number}`),
        });
        const organization = await shared.organization(nameOf(Math.floor(number / REPOSITORIES)));
        await organization.index(folder, `bench/r${number % REPOSITORIES}`);
        if (number % 50 === 0) process.stderr.write(`${number} of ${slices.length} repositories\n`);
      }
    };
    await Promise.all(Array.from({ length: JOBS_AT_ONCE }, indexAll));
    const indexMs = Math.round(performance.now() - started);
    const askers = [];
    for (const asker of ASKERS) {
      const single = await openInside(join(directory, `single${asker}`));
      const alone = await single.organization("bench");
      for (let number = 0; number < REPOSITORIES; number++)
        await alone.index(join(directory, `slice${asker * REPOSITORIES + number}`), `bench/r${number}`);
      const paths = slices.slice(asker * REPOSITORIES, (asker + 1) * REPOSITORIES).flat();
      const texts = await Promise.all(paths.map((path) => readFile(join(corpus.directory, path), "utf8")));
      const among = await shared.organization(nameOf(asker));
      const queries = drawQueries(texts, SEED);
      const compare = (ways: [Organization, Organization], isRemembering: boolean) => {
        const memories = ways.map(() => createMemory());
        const [first, second] = ways.map(({ db }, i) => (query: (typeof queries)[number]) => {
          const memory = (isRemembering ? memories[i] : undefined) ?? createMemory();
          return db.read((sql) => firstPage(sql, { query, memory }));
        });
        if (!first || !second) throw new Error("a pair has two ways");
        return timePair([first, second], { queries, rounds });
      };
      askers.push({
        organization: asker,
        files: paths.length,
        // In pairs: among all, and alone.
        nothing_remembered: await compare([among, alone], false),
        remembered: await compare([among, alone], true),
      });
      await single.close();
    }
    return {
      date: new Date().toISOString(),
      machine,
      rounds,
      corpus: { name, files: corpus.files, bytes: corpus.bytes },
      organizations: ORGANIZATIONS,
      repositories_each: REPOSITORIES,
      index_ms: indexMs,
      stored: await shared.measureTables(),
      askers,
    };
  } finally {
    await shared.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

function nameOf(organization: number): string {
  return `bench-${organization}`;
}

function cut({ paths }: Corpus): string[][] {
  const count = ORGANIZATIONS * REPOSITORIES;
  const size = paths.length / count;
  return Array.from({ length: count }, (_, i) => paths.slice(Math.round(i * size), Math.round((i + 1) * size)));
}

async function makeFolder(
  corpus: Corpus,
  { paths, folder }: { paths: readonly string[]; folder: string },
): Promise<string> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(corpus.directory, path), join(folder, path));
  }
  await promisify(execFile)("git", ["init", "--quiet", folder]);
  return folder;
}
