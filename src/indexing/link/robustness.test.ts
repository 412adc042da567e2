// What broken texts of all languages say is linked together, beside texts that are whole: nothing throws or goes on for ever, and
// every link and edge leads to something that is there.
import { expect, test } from "vitest";
import { BROKEN, samples } from "../../../test/harness/broken-texts.ts";
import { extractFacts, parserOf } from "../../languages/extract.ts";
import { NO_FACTS, type Facts } from "../../languages/facts.ts";
import { loadParser } from "../parsers.ts";
import { linkFiles } from "./link.ts";
import { languageOf } from "../../languages/language.ts";
import { makeTree, overviewOf } from "./overview.ts";
import { resolversOf } from "./resolvers.ts";

/** So many as linking them together takes seconds: a file that declares a name a hundred times over takes some by itself. */
const TEXTS_MAX = 8;
const TEXT_UNITS_MAX = 40_000;
function some(texts: readonly string[]): string[] {
  const step = Math.ceil(texts.length / TEXTS_MAX);
  return texts.filter((_, i) => i % step === 0).map((text) => text.slice(0, TEXT_UNITS_MAX));
}

async function treeOf(broken: (sample: string) => string[]) {
  const facts = new Map<string, Facts>();
  for (const [grammar, { name, text: sample }] of samples)
    for (const [number, text] of [sample, ...some(broken(sample))].entries()) {
      const path = number === 0 ? name : `broken/${number}/${name}`;
      facts.set(path, extractFacts(grammar, { path, text }, await loadParser(parserOf(grammar, text))));
    }
  const find = (path: string) => facts.get(path) ?? NO_FACTS;
  return makeTree([...facts.keys()], { facts: find, overview: (path) => overviewOf(find(path), languageOf(path)) });
}

test.each(Object.entries(BROKEN))("%s", async (_, broken) => {
  const tree = await treeOf(broken);
  const linked = linkFiles(tree, tree.paths, resolversOf(tree));
  const nowhere: string[] = [];
  let links = 0;
  for (const [path, file] of linked) {
    for (const { to } of file.edges) if (!tree.has(to)) nowhere.push(`${path} -> ${to}`);
    for (const { reference, definitions } of file.links) {
      links++;
      if (!tree.facts(path).references[reference]) nowhere.push(`${path} reference ${reference}`);
      for (const one of definitions)
        if (!tree.facts(one.path).symbols[one.symbol]) nowhere.push(`${path} -> ${one.path}:${one.symbol}`);
    }
  }
  expect(nowhere).toEqual([]);
  expect(linked.size).toBe(tree.paths.length);
  expect(links).toBeGreaterThan(200);
});
