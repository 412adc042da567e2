// A folder of files as the linker sees it: read, extracted and held in memory, with the time that took.
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import typescript from "typescript-parser";
import type { Tree } from "../../src/indexing/link/tree.ts";
import { extractFacts } from "../../src/languages/extract.ts";
import { NO_FACTS, type Facts } from "../../src/languages/facts.ts";
import { textProblemOf } from "../../src/languages/generated.ts";
import { languageOf } from "../../src/languages/language.ts";

export interface ReadTree {
  tree: Tree;
  texts: Map<string, string>;
  factsOf: Map<string, Facts>;
  extractMs: number;
  sizeBytes: number;
}

export const LANGUAGES = new Set(["astro", "javascript", "json", "svelte", "typescript", "vue"]);
const FILE_BYTES_MAX = 1024 * 1024;

export async function readTree(folder: string): Promise<ReadTree> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isFile() && !path.startsWith(".git/")) texts.set(path, "");
  }
  for (const path of texts.keys())
    if (LANGUAGES.has(languageOf(path))) texts.set(path, await readFile(join(folder, path), "utf8"));
  const started = process.cpuUsage();
  const factsOf = new Map<string, Facts>();
  let sizeBytes = 0;
  for (const [path, text] of texts) {
    const facts = factsOfText(path, text);
    factsOf.set(path, facts);
    if (facts !== NO_FACTS && languageOf(path) !== "json") sizeBytes += text.length;
  }
  const { user, system } = process.cpuUsage(started);
  return { tree: treeOf(factsOf), texts, factsOf, extractMs: (user + system) / 1000, sizeBytes };
}

export function factsOfText(path: string, text: string): Facts {
  const lines = text.split("\n").length;
  if (
    text.length > FILE_BYTES_MAX ||
    textProblemOf({ head: text.slice(0, 4096), sizeBytes: text.length, lines }) === "minified"
  )
    return NO_FACTS;
  return extractFacts({ path, language: languageOf(path), text }, { typescript });
}

export function treeOf(factsOf: ReadonlyMap<string, Facts>): Tree {
  return {
    paths: [...factsOf.keys()].sort(),
    has: (path) => factsOf.has(path),
    language: languageOf,
    facts: (path) => factsOf.get(path) ?? NO_FACTS,
  };
}
