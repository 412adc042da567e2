// Links the files of a folder in memory, times it, and scores it against what compilers say. `--modules`: imports alone, against
// TypeScript's module resolution over a copy whose packages are linked (FOLDER is a git working tree then).
// usage: node --import tsx bench/graph.ts FOLDER [--oracle FILE | --modules] [--misses N]
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { linkFiles } from "../src/indexing/link/link.ts";
import { resolversOf } from "../src/indexing/link/resolvers.ts";
import { linkPackages, moduleTruth } from "./graph/module-truth.ts";
import { readOracle, saidByLinks, score, type Oracle } from "./graph/score.ts";
import { readTree } from "./graph/tree.ts";
import { copyCorpus } from "./search/corpus.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    oracle: { type: "string" },
    modules: { type: "boolean", default: false },
    misses: { type: "string", default: "0" },
  },
});
const folder = positionals[0] ?? ".";
const oracle = await findOracle();
const read = await readTree(folder);
const started = process.cpuUsage();
const links = linkFiles(read.tree, read.tree.paths, resolversOf(read.tree));
const { user, system } = process.cpuUsage(started);

const count = (confidence: string) =>
  [...links.values()].reduce(
    (sum, file) => sum + file.links.filter((link) => link.confidence === confidence).length,
    0,
  );
const facts = [...read.factsOf.values()];
const report = {
  files: read.tree.paths.length,
  code_mb: Number((read.sizeBytes / 1e6).toFixed(2)),
  extract_cpu_s: Number((read.extractMs / 1000).toFixed(2)),
  link_cpu_s: Number(((user + system) / 1e6).toFixed(2)),
  symbols: facts.reduce((sum, one) => sum + one.symbols.length, 0),
  references: facts.reduce((sum, one) => sum + one.references.length, 0),
  facts_mb: Number((facts.reduce((sum, one) => sum + JSON.stringify(one).length, 0) / 1e6).toFixed(2)),
  exact: count("exact"),
  inferred: count("inferred"),
  ambiguous: count("ambiguous"),
  unresolved: [...links.values()].flatMap((file) => file.unresolved).filter(({ reason }) => reason === "missing")
    .length,
  ...(oracle && score(saidByLinks(read.tree, links), { oracle, missesMax: Number(values.misses) })),
};
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);

async function findOracle(): Promise<Oracle | undefined> {
  if (values.oracle !== undefined) return readOracle(await readFile(values.oracle, "utf8"));
  if (!values.modules) return undefined;
  const copy = await realpath(await mkdtemp(join(tmpdir(), "kota-modules-")));
  try {
    const { paths } = await copyCorpus(folder, copy);
    return await moduleTruth(copy, { paths, packages: await linkPackages(copy, paths) });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
