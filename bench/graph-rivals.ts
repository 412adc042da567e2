// The graph side by side with codegraph and dependency-cruiser, in one run over the same files: what is right, and what a
// full index costs. Linux.
// node --import tsx bench/graph-rivals.ts NAME=FOLDER… [--truth FOLDER] [--rounds 2] [--rivals FOLDER] [--keep NAME]
// FOLDER is a git working tree. Truth is FOLDER/NAME.json (bench/graph/score.ts), else TypeScript's module resolution.
import { existsSync } from "node:fs";
import { chmod, cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { linkFiles } from "../src/indexing/link/link.ts";
import { resolversOf } from "../src/indexing/link/resolvers.ts";
import { grammarOf } from "../src/languages/grammar.ts";
import { costOf, type Cost } from "./graph/cost.ts";
import { linkPackages, moduleTruth } from "./graph/module-truth.ts";
import {
  codegraphBytes,
  codegraphIndex,
  cruise,
  installRivals,
  readCodegraph,
  readCruise,
  VERSIONS,
} from "./graph/rivals.ts";
import { readOracle, saidByLinks, score, type Oracle } from "./graph/score.ts";
import { openGraphKota } from "./graph/served.ts";
import { readTree } from "./graph/tree.ts";
import { copyCorpus } from "./search/corpus.ts";
import { round } from "./search/figures.ts";
import { describeMachine } from "./search/machine.ts";
import { saveResult } from "./search/results.ts";

/** Files that search_dependencies is asked of, spread over the tree. */
const ASKED_FILES = 200;
const ASKED_DEPTH = 5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    truth: { type: "string" },
    rounds: { type: "string", default: "2" },
    rivals: { type: "string" },
    keep: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const directory = await mkdtemp(join(tmpdir(), "kota-bench-"));
await chmod(directory, 0o711);
try {
  const rivals = values.rivals ? resolve(values.rivals) : join(directory, "rivals");
  if (!values.rivals) await installRivals(rivals);
  const trees: Record<string, unknown> = {};
  const machine = describeMachine();
  for (const argument of positionals) {
    const [name = "", folder = ""] = argument.split("=");
    const at = join(directory, name);
    trees[name] = await measure({ folder: resolve(folder), at, rivals, truth: await findTruth(name) });
    await rm(at, { recursive: true, force: true });
    process.stderr.write(`${name} ${JSON.stringify(trees[name])}\n`);
  }
  const result = { date: new Date().toISOString(), machine, versions: VERSIONS, rounds, trees };
  if (values.keep) await saveResult("graph", { ...result, corpus: { name: values.keep } });
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

async function findTruth(name: string): Promise<Oracle | undefined> {
  const path = values.truth === undefined ? undefined : join(values.truth, `${name}.json`);
  return path !== undefined && existsSync(path) ? readOracle(await readFile(path, "utf8")) : undefined;
}

interface Measured {
  folder: string;
  at: string;
  rivals: string;
  truth: Oracle | undefined;
}

async function measure({ folder, at, rivals, truth }: Measured) {
  const bare = join(at, "kota");
  const { paths, bytes } = await copyCorpus(folder, bare);
  const [theirs, linked] = [join(at, "codegraph"), join(at, "cruise")];
  for (const copy of [theirs, linked]) await cp(bare, copy, { recursive: true });
  const packages = await linkPackages(linked, paths);
  const isTypescript = paths.some((path) => /\.[cm]?tsx?$/.test(path));
  const kota = await openGraphKota(join(at, "data"), bare);
  try {
    const costs: Record<"kota" | "codegraph", Cost[]> = { kota: [], codegraph: [] };
    // Of the first round: what a removed repository leaves is room that Postgres keeps for the next.
    let tables: Record<string, number> | undefined;
    for (let turn = 0; turn < 2 * rounds; turn++) {
      // Each goes first in every other round.
      if ((turn + (turn >> 1)) % 2 === 0) {
        costs.kota.push(await kota.index("off"));
        tables ??= await kota.graphBytes();
      } else {
        await rm(join(theirs, ".codegraph"), { recursive: true, force: true });
        const { stdout: _, ...cost } = await costOf(codegraphIndex(rivals, theirs));
        costs.codegraph.push(cost);
      }
    }
    const code = paths.filter((path) => grammarOf(path) !== undefined);
    const step = Math.max(1, code.length / ASKED_FILES);
    const asked = Array.from(
      { length: Math.min(ASKED_FILES, code.length) },
      (_, i) => code[Math.floor(i * step)] ?? "",
    );
    const checked = isTypescript ? await kota.index("on") : undefined;
    const dependencies = await kota.timeDependencies(asked, ASKED_DEPTH);
    const cruised = isTypescript ? await costOf(cruise(rivals, linked)) : undefined;
    const read = await readTree(bare);
    const links = linkFiles(read.tree, read.tree.paths, resolversOf(read.tree));
    const oracle = truth ?? (isTypescript ? await moduleTruth(linked, { paths, packages }) : undefined);
    const rate = (said: Parameters<typeof score>[0]) => oracle && score(said, { oracle, missesMax: 0 });
    return {
      files: paths.length,
      text_mb: round(bytes / 1e6, 2),
      code_mb: round(read.sizeBytes / 1e6, 2),
      costs,
      ...(checked && { with_checker: checked }),
      cpu_ratio: ratio(costs, "cpu_s"),
      memory_ratio: ratio(costs, "peak_memory_mb"),
      stored: stored(tables ?? {}, { codeBytes: read.sizeBytes, codegraph: await codegraphBytes(theirs) }),
      search_dependencies_depth_5: { files: asked.length, ...dependencies },
      ...(oracle && {
        truth: truth ? "given" : "typescript module resolution",
        kota: rate(saidByLinks(read.tree, links)),
        codegraph: rate(await readCodegraph(rivals, theirs)),
        ...(cruised && { dependency_cruiser: { cpu_s: cruised.cpu_s, ...rate(readCruise(cruised.stdout, linked)) } }),
      }),
    };
  } finally {
    await kota.close();
  }
}

/** Means over the rounds, Kota's by codegraph's. */
function ratio({ kota, codegraph }: Record<"kota" | "codegraph", Cost[]>, field: keyof Cost): number {
  const sum = (list: Cost[]) => list.reduce((total, one) => total + one[field], 0);
  return round(sum(kota) / sum(codegraph), 2);
}

function stored(
  tables: Record<string, number>,
  { codeBytes, codegraph }: { codeBytes: number; codegraph: number },
): Record<string, number> {
  const total = Object.values(tables).reduce((sum, bytes) => sum + bytes, 0);
  return { ...tables, to_code: round(total / codeBytes, 2), codegraph_to_code: round(codegraph / codeBytes, 2) };
}
