// Links the files of a folder in memory, times it, and scores it against what compilers say.
// usage: node --import tsx bench/graph.ts FOLDER [--oracle FILE] [--misses N]
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { linkFiles } from "../src/indexing/link/link.ts";
import { resolversOf } from "../src/indexing/link/resolvers.ts";
import { readOracle, saidByLinks, score } from "./graph/score.ts";
import { readTree } from "./graph/tree.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { oracle: { type: "string" }, misses: { type: "string", default: "0" } },
});
const read = await readTree(positionals[0] ?? ".");
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
  ...(values.oracle &&
    score(saidByLinks(read.tree, links), {
      oracle: readOracle(await readFile(values.oracle, "utf8")),
      missesMax: Number(values.misses),
    })),
};
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
