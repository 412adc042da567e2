// A folder of files as the linker sees it: read, extracted and held in memory, with the time that took.
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { languageOf } from "../../src/languages/language.ts";
import { makeTree, overviewOf } from "../../src/indexing/link/overview.ts";
import type { Tree } from "../../src/indexing/link/tree.ts";
import { loadParser } from "../../src/indexing/parsers.ts";
import { extractFacts, parserOf } from "../../src/languages/extract.ts";
import { NO_FACTS, type Facts } from "../../src/languages/facts.ts";
import { textProblemOf } from "../../src/languages/generated.ts";
import { grammarOf } from "../../src/languages/grammar.ts";

export interface ReadTree {
  tree: Tree;
  texts: Map<string, string>;
  factsOf: Map<string, Facts>;
  extractMs: number;
  sizeBytes: number;
}

const FILE_BYTES_MAX = 1024 * 1024;

export async function readTree(folder: string): Promise<ReadTree> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isFile() && !path.startsWith(".git/")) texts.set(path, "");
  }
  for (const path of texts.keys())
    if (grammarOf(path) !== undefined) texts.set(path, await readFile(join(folder, path), "utf8"));
  const started = process.cpuUsage();
  const factsOf = new Map<string, Facts>();
  let sizeBytes = 0;
  for (const [path, text] of texts) {
    const facts = await factsOfText(path, text);
    factsOf.set(path, facts);
    if (facts !== NO_FACTS && !path.endsWith(".json")) sizeBytes += text.length;
  }
  const { user, system } = process.cpuUsage(started);
  return { tree: treeOf(factsOf), texts, factsOf, extractMs: (user + system) / 1000, sizeBytes };
}

export async function factsOfText(path: string, text: string): Promise<Facts> {
  const grammar = grammarOf(path);
  if (grammar === undefined) return NO_FACTS;
  const lines = text.split("\n").length;
  if (
    text.length > FILE_BYTES_MAX ||
    textProblemOf({ head: text.slice(0, 4096), sizeBytes: text.length, lines }) === "minified"
  )
    return NO_FACTS;
  return extractFacts(grammar, { path, text }, await loadParser(parserOf(grammar, text)));
}

function treeOf(factsOf: ReadonlyMap<string, Facts>): Tree {
  const find = (path: string) => factsOf.get(path) ?? NO_FACTS;
  return makeTree([...factsOf.keys()], { facts: find, overview: (path) => overviewOf(find(path), languageOf(path)) });
}
