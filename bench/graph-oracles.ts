// Scores the links of a folder against what the language's own compiler says of it (bench/graph/oracles).
// usage: node --import tsx bench/graph-oracles.ts FOLDER ORACLE-FILE [--misses N]
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { linkFiles } from "../src/indexing/link/link.ts";
import { resolversOf } from "../src/indexing/link/resolvers.ts";
import type { FileLinks, Tree } from "../src/indexing/link/tree.ts";
import { readTree } from "./graph/tree.ts";

interface Oracle {
  files: Set<string>;
  edges: Set<string>;
  /** Of each file all that it depends on through imports, where the compiler tells that. */
  dependencies: Map<string, Set<string>>;
  /** `path:line:name` → where it leads, as `path:line`, and whether it is a member. OUTSIDE: out of the folder. */
  references: Map<string, Reference>;
}

interface Reference {
  to: Set<string>;
  instead: Set<string>;
  isMember: boolean;
}

/** Of what is not in the folder. */
const OUTSIDE = "-:0";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { misses: { type: "string", default: "0" } },
});
const [folder = ".", file = ""] = positionals;
const oracle = readOracle(await readFile(file, "utf8"));
const read = await readTree(folder);
const started = process.cpuUsage();
const links = linkFiles(
  read.tree,
  [...oracle.files].filter((path) => read.tree.has(path)),
  resolversOf(read.tree),
);
const { user, system } = process.cpuUsage(started);
const missesMax = Number(values.misses);
const report = {
  files: oracle.files.size,
  code_mb: Number((read.sizeBytes / 1e6).toFixed(2)),
  extract_cpu_s: Number((read.extractMs / 1000).toFixed(2)),
  link_cpu_s: Number(((user + system) / 1e6).toFixed(2)),
  ...scoreEdges(oracle, read.tree, links),
  ...scoreReferences(oracle, read.tree, links),
};
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);

function readOracle(text: string): Oracle {
  const found: Oracle = { files: new Set(), edges: new Set(), dependencies: new Map(), references: new Map() };
  for (const row of text.split("\n")) {
    const [kind, path = "", ...rest] = row.split("\t");
    if (kind === "F") found.files.add(path);
    if (kind === "D") found.dependencies.set(path, (found.dependencies.get(path) ?? new Set()).add(rest[0] ?? ""));
    if (kind === "E" && rest[0] !== path) found.edges.add(`${path} -> ${rest[0]}`);
    if (kind !== "R" && kind !== "A") continue;
    const [line = "", name = "", member, to = "-", toLine = "0"] = rest;
    const key = `${path}:${line}:${name}`;
    const known = found.references.get(key) ?? { to: new Set(), instead: new Set(), isMember: member === "1" };
    (kind === "R" ? known.to : known.instead).add(to === "-" ? OUTSIDE : `${to}:${toLine}`);
    found.references.set(key, known);
  }
  return found;
}

/**
 * Import edges between files that the compiler read; and all edges, against where its references lead. `judged`: without those
 * for which there are only names that it says nothing of: fields and macros, of some compilers.
 */
function scoreEdges(
  { files, edges, dependencies, references }: Oracle,
  tree: Tree,
  found: ReadonlyMap<string, FileLinks>,
) {
  const imports = new Set<string>();
  const all = new Set<string>();
  const judged = new Set<string>();
  for (const [from, { edges: own, links: ownLinks }] of found) {
    for (const { to, kinds } of own) {
      if (!files.has(to)) continue;
      if (kinds.some((kind) => kind !== "symbol")) imports.add(`${from} -> ${to}`);
      if (kinds.includes("symbol")) all.add(`${from} -> ${to}`);
    }
    for (const { reference, confidence, definitions } of ownLinks) {
      const fact = tree.facts(from).references[reference];
      if (!fact || !references.has(`${from}:${fact.line}:${fact.name}`)) continue;
      const paths = new Set(definitions.map(({ path }) => path));
      if (confidence !== "ambiguous" || paths.size === 1) for (const to of paths) judged.add(`${from} -> ${to}`);
    }
  }
  const used = new Set<string>();
  const linked = linkedTo(tree, found);
  for (const [key, reference] of references) {
    const from = key.slice(0, key.indexOf(":"));
    for (const target of accepted(reference, linked.get(key))) {
      const path = target.slice(0, target.lastIndexOf(":"));
      if (files.has(path) && path !== from) used.add(`${from} -> ${path}`);
    }
  }
  const imported = new Set([...edges].filter((edge) => files.has(edge.slice(edge.indexOf(" -> ") + 4))));
  return {
    ...(edges.size > 0 && { import_edges: rates(imports, imported) }),
    ...(dependencies.size > 0 && { import_dependencies: scoreDependencies(dependencies, { files, found }) }),
    ...(used.size > 0 && { symbol_file_edges: rates(all, used) }),
    ...(used.size > 0 && { judged_file_edges: rates(new Set([...judged].filter((edge) => all.has(edge))), used) }),
  };
}

function scoreDependencies(
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
  { files, found }: { files: ReadonlySet<string>; found: ReadonlyMap<string, FileLinks> },
) {
  const gold = new Set<string>();
  const ours = new Set<string>();
  for (const [from, all] of dependencies) {
    for (const to of all) if (to !== from && files.has(to)) gold.add(`${from} -> ${to}`);
    const reached = new Set([from]);
    for (const at of reached)
      for (const { to, kinds } of found.get(at)?.edges ?? [])
        if (files.has(to) && kinds.some((kind) => kind !== "symbol")) reached.add(to);
    for (const to of reached) if (to !== from) ours.add(`${from} -> ${to}`);
  }
  return rates(ours, gold);
}

/** References to other files: links that the default answer shows, judged where the compiler knows the name's meaning. */
function scoreReferences({ references, files }: Oracle, tree: Tree, found: ReadonlyMap<string, FileLinks>) {
  if (references.size === 0) return {};
  const linked = linkedTo(tree, found);
  const tally = { nonmember: newTally(), member: newTally() };
  const [wrong, missing]: [string[], string[]] = [[], []];
  for (const [key, reference] of references) {
    const { isMember } = reference;
    const to = accepted(reference, linked.get(key));
    const from = key.slice(0, key.indexOf(":"));
    const isElsewhere = (target: string) => target !== OUTSIDE && !target.startsWith(`${from}:`);
    const gold = [...to].filter(isElsewhere);
    const ours = [...(linked.get(key) ?? [])].filter((target) => isElsewhere(target) && files.has(pathOf(target)));
    const group = tally[isMember ? "member" : "nonmember"];
    group.gold += gold.length;
    for (const target of ours)
      if (to.has(target)) group.right++;
      else {
        group.wrong++;
        if (gold.some((other) => pathOf(other) === pathOf(target))) group.wrong_same_file++;
        wrong.push(`${key} → ${target}, not ${[...to].join(" ")}`);
      }
    for (const target of gold) if (!linked.get(key)?.has(target)) missing.push(`${key} → ${target}`);
  }
  return {
    references: Object.fromEntries(
      Object.entries(tally).map(([name, { right, wrong: bad, wrong_same_file, gold }]) => [
        name,
        { precision: share(right, right + bad), recall: share(right, gold), right, wrong: bad, wrong_same_file, gold },
      ]),
    ),
    ...(missesMax > 0 && { wrong: spread(wrong), missing: spread(missing) }),
  };
}

/** `path:line:name` of what the default answer shows → the definitions, as `path:line`. */
function linkedTo(tree: Tree, found: ReadonlyMap<string, FileLinks>): Map<string, Set<string>> {
  const linked = new Map<string, Set<string>>();
  for (const [path, { links: own }] of found)
    for (const { reference, confidence, definitions } of own) {
      const fact = tree.facts(path).references[reference];
      if (!fact || confidence === "ambiguous") continue;
      const key = `${path}:${fact.line}:${fact.name}`;
      const to = linked.get(key) ?? new Set();
      for (const one of definitions) to.add(`${one.path}:${tree.facts(one.path).symbols[one.symbol]?.line}`);
      linked.set(key, to);
    }
  return linked;
}

/** Where a name leads; of what would be right too, that which was found. */
function accepted({ to, instead }: Reference, ours: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const other = [...ours].filter((target) => instead.has(target));
  return other.length > 0 && !other.some((target) => to.has(target)) ? new Set(other) : to;
}

function pathOf(target: string): string {
  return target.slice(0, target.lastIndexOf(":"));
}

/** `wrong_same_file`: another definition in the right file, as overloads are. */
function newTally() {
  return { right: 0, wrong: 0, wrong_same_file: 0, gold: 0 };
}

function share(part: number, whole: number): number {
  return Number((whole ? part / whole : 0).toFixed(4));
}

function rates(found: ReadonlySet<string>, gold: ReadonlySet<string>) {
  const right = [...found].filter((one) => gold.has(one)).length;
  const [precision, recall] = [share(right, found.size), share(right, gold.size)];
  const extra = [...found].filter((one) => !gold.has(one));
  const missing = [...gold].filter((one) => !found.has(one));
  return {
    precision,
    recall,
    f1: share(2 * precision * recall, precision + recall),
    gold: gold.size,
    ...(missesMax > 0 && { extra: spread(extra), missing: spread(missing) }),
  };
}

/** An even sample. */
function spread(list: readonly string[]): string[] {
  const step = Math.max(1, list.length / missesMax);
  return Array.from({ length: Math.min(missesMax, list.length) }, (_, i) => list[Math.floor(i * step)] ?? "");
}
