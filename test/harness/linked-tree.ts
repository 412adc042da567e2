// A tree written out in a test, extracted and linked: what its files lead to, by name.
import { linkFiles } from "../../src/indexing/link/link.ts";
import { languageOf } from "../../src/languages/language.ts";
import { makeTree, overviewOf } from "../../src/indexing/link/overview.ts";
import { resolversOf } from "../../src/indexing/link/resolvers.ts";
import type { FileLinks, Tree } from "../../src/indexing/link/tree.ts";
import { loadParser } from "../../src/indexing/parsers.ts";
import { extractFacts, parserOf } from "../../src/languages/extract.ts";
import { NO_FACTS, type Facts } from "../../src/languages/facts.ts";
import { grammarOf } from "../../src/languages/grammar.ts";

const GRAMMARS = "c cpp csharp go java kotlin php python ruby rust scala".split(" ");
const parsers = new Map(await Promise.all(GRAMMARS.map(async (name) => [name, await loadParser(name)] as const)));

export interface LinkedTree {
  links: Map<string, FileLinks>;
  /** `path -> path kinds`, sorted. */
  edges(from: string): string[];
  /** `name -> path:symbol confidence` of the file's linked references, in order. */
  references(path: string): string[];
}

export function linkSources(sources: Record<string, string>): LinkedTree {
  const tree = treeOfSources(sources);
  const links = linkFiles(tree, tree.paths, resolversOf(tree));
  return {
    links,
    edges: (from) => (links.get(from)?.edges ?? []).map(({ to, kinds }) => `${to} ${kinds.join(",")}`),
    references: (path) =>
      (links.get(path)?.links ?? []).map(({ reference, confidence, definitions }) => {
        const targets = definitions.map((one) => `${one.path}:${qualified(tree, one.path, one.symbol)}`);
        return `${tree.facts(path).references[reference]?.name} -> ${targets.join(" & ")} ${confidence}`;
      }),
  };
}

export function treeOfSources(sources: Record<string, string>): Tree {
  return treeOf(new Map(Object.entries(sources).map(([path, text]) => [path, factsOf(path, text)])));
}

function treeOf(facts: ReadonlyMap<string, Facts>): Tree {
  const find = (path: string) => facts.get(path) ?? NO_FACTS;
  return makeTree([...facts.keys()], { facts: find, overview: (path) => overviewOf(find(path), languageOf(path)) });
}

/** In TypeScript and its kin, and the languages of `parsers`. */
export function factsOf(path: string, text: string): Facts {
  const grammar = grammarOf(path);
  if (grammar === undefined) return NO_FACTS;
  return extractFacts(grammar, { path, text }, parsers.get(parserOf(grammar, text)));
}

function qualified(tree: Tree, path: string, number: number): string {
  const symbol = tree.facts(path).symbols[number];
  const name = symbol?.name ?? "?";
  return symbol?.container === undefined ? name : `${qualified(tree, path, symbol.container)}.${name}`;
}
