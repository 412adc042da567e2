// Draws links of a folder to read by hand: what a reference leads to in another file, why one file depends on another,
// and names without a definition that something in the tree is called. Those are misses, or of a package or the language.
// usage: node --import tsx bench/graph-sample.ts FOLDER --language NAME [--count 100] [--seed 1]
import { parseArgs } from "node:util";
import type { Definition } from "../src/graph/links.ts";
import { linkFiles } from "../src/indexing/link/link.ts";
import { resolversOf } from "../src/indexing/link/resolvers.ts";
import { readTree } from "./graph/tree.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    language: { type: "string", default: "" },
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
  },
});
const count = Number(values.count);
const { tree, texts } = await readTree(positionals[0] ?? ".");
const links = linkFiles(tree, tree.paths, resolversOf(tree));
const isAsked = (path: string) => values.language === "" || tree.language(path) === values.language;

const linked: string[] = [];
const unlinked: string[] = [];
const edges: string[] = [];
const declared = new Set(
  tree.paths.filter(isAsked).flatMap((path) => tree.facts(path).symbols.map(({ name }) => name)),
);
for (const [path, file] of links) {
  if (!isAsked(path)) continue;
  const { references } = tree.facts(path);
  const reached = new Map<string, string>();
  for (const { reference, confidence, definitions } of file.links) {
    const from = references[reference];
    const elsewhere = definitions.filter((definition) => definition.path !== path);
    if (from === undefined || elsewhere.length === 0 || confidence === "ambiguous") continue;
    const text = `${confidence} ${from.kind} ${from.name}\n  ${lineOf(path, from.line)}\n${elsewhere.map(showDefinition).join("\n")}`;
    linked.push(text);
    for (const definition of elsewhere) if (!reached.has(definition.path)) reached.set(definition.path, text);
  }
  for (const { to, kinds } of file.edges)
    edges.push(`${path} -> ${to} (${kinds.join(", ")})\n${reached.get(to) ?? importOf(path)}`);
  const known = new Set(file.links.map(({ reference }) => reference));
  for (const [number, { name, kind, line }] of references.entries())
    if (!known.has(number) && declared.has(name)) unlinked.push(`${kind} ${name}\n  ${lineOf(path, line)}`);
}
show("REFERENCES TO OTHER FILES", linked);
show("EDGES BETWEEN FILES", edges);
show("NO DEFINITION, THOUGH SOMETHING IS CALLED SO", unlinked);

function showDefinition({ path, symbol }: Definition): string {
  const found = tree.facts(path).symbols[symbol];
  const container = found?.container === undefined ? "" : ` in ${tree.facts(path).symbols[found.container]?.name}`;
  return found === undefined
    ? `  = ${path}`
    : `  = ${found.kind} ${found.name}${container}, ${lineOf(path, found.line)}`;
}

function lineOf(path: string, line: number): string {
  return `${path}:${line}  ${(texts.get(path)?.split("\n")[line - 1] ?? "").trim().slice(0, 160)}`;
}

function importOf(path: string): string {
  const lines = tree.facts(path).imports.map(({ line }) => lineOf(path, line));
  return `  no reference leads there; imports:\n  ${lines.slice(0, 12).join("\n  ")}`;
}

function show(title: string, all: string[]): void {
  const picked = draw(all);
  process.stdout.write(`\n# ${title}: ${picked.length} of ${all.length}\n`);
  for (const [number, one] of picked.entries()) process.stdout.write(`\n${number + 1}. ${one}\n`);
}

/** A sample without repeats that depends on the seed alone (xorshift32). */
function draw(all: readonly string[]): string[] {
  let state = Number(values.seed) || 1;
  const left = [...all];
  const picked: string[] = [];
  while (left.length > 0 && picked.length < count) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    picked.push(...left.splice((state >>> 0) % left.length, 1));
  }
  return picked;
}
