// From the facts of all files to the graph and links of a snapshot, as they are stored. Runs in an indexing thread.
import { packLinks } from "../graph/links.ts";
import { packGraph, type LinkedFile } from "../graph/pack.ts";
import { openFacts } from "../graph/usages.ts";
import { NO_FACTS, type Facts } from "../languages/facts.ts";
import { languageOf } from "../languages/language.ts";
import { publishedPackages } from "./link/javascript.ts";
import { linkFiles } from "./link/link.ts";
import { resolversOf } from "./link/resolvers.ts";
import type { FileLinks, Tree } from "./link/tree.ts";

/** Every file of the snapshot that has content, with its packed facts where it has any. */
export type LinkRequest = { path: string; isTest: boolean; facts: Uint8Array | undefined }[];

export interface LinkedSnapshot {
  /** See packGraph. */
  graph: Uint8Array;
  /** See packLinks; files without facts have none. */
  links: { path: string; data: Uint8Array }[];
  /** Names under which the repository publishes packages. */
  packages: string[];
}

export function linkSnapshot(request: LinkRequest): LinkedSnapshot {
  const tree = openTree(request);
  const linked = linkFiles(
    tree,
    request.filter(({ facts }) => facts).map(({ path }) => path),
    resolversOf(tree),
  );
  const files = request.map(({ path, isTest }) => describeFile({ path, isTest, links: linked.get(path) }));
  return {
    graph: packGraph(files),
    links: [...linked].map(([path, links]) => ({ path, data: packLinks(links) })),
    packages: publishedPackages(tree),
  };
}

function openTree(request: LinkRequest): Tree {
  const packed = new Map(request.map((file) => [file.path, file.facts]));
  const opened = new Map<string, Facts>();
  return {
    paths: [...packed.keys()].sort(),
    has: (path) => packed.has(path),
    language: languageOf,
    facts(path) {
      const known = opened.get(path);
      if (known) return known;
      const data = packed.get(path);
      const facts = data ? openFacts(data) : NO_FACTS;
      opened.set(path, facts);
      return facts;
    },
  };
}

function describeFile({
  path,
  isTest,
  links,
}: {
  path: string;
  isTest: boolean;
  links: FileLinks | undefined;
}): LinkedFile {
  if (!links) return { path, isTest, edges: [], maybe: [], packages: [] };
  const maybe = links.links.flatMap(({ confidence, definitions }) =>
    confidence === "ambiguous" ? definitions.map((definition) => definition.path) : [],
  );
  const packages = links.unresolved.flatMap(({ package: name }) => name ?? []);
  return { path, isTest, edges: links.edges, maybe: [...new Set(maybe)], packages: [...new Set(packages)] };
}
