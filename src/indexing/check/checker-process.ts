// What the checker's process does: unpacks one request, has the executable check it, packs what that adds. It is given no
// environment and reads no files but the checker's own library.
import { readFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { openGraph, packGraph, unpackGraph } from "../../graph/pack.ts";
import { openLinks, packLinks, type Link, type StoredLinks } from "../../graph/links.ts";
import { openFacts } from "../../graph/packed-facts.ts";
import { EDGE_KINDS, NO_FACTS, type Facts } from "../../languages/facts.ts";
import { compiledModule } from "../../platform/compiled.ts";
import { languageOf } from "../../languages/language.ts";
import { makeTree, overviewOf } from "../link/overview.ts";
import { checkFiles } from "./check-files.ts";

export interface CheckRequest {
  executable: { path: string; libraryFolder: string };
  /** Paths of all files of the snapshot that have content. */
  paths: readonly string[];
  /** Those that are checked, and manifests: packed facts; of the checked their text, and links where they have any. */
  files: readonly { path: string; facts: Uint8Array; links: Uint8Array | undefined; text: string | undefined }[];
  /** As linking left it. */
  graph: Uint8Array;
}

export interface CheckAnswer {
  /** See checkFiles, packed as packLinks does. */
  links: { path: string; data: Uint8Array }[];
  /** The graph with the edges that these links make. */
  graph: Uint8Array;
}

/** `parent` is the process that asks. */
export function answerRequest(parent: number): void {
  // Nobody waits for it: jobs and requests go first.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  new Worker(compiledModule("indexing/check/checker-watch-entry.js"), { workerData: parent }).unref();
  // The only message, from run-checker.ts, which ends the process with its group once it has the answer.
  process.once("message", (request) => process.send?.(check(request as CheckRequest)));
  process.once("disconnect", () => process.exit());
}

function check({ executable, paths, files, graph }: CheckRequest): CheckAnswer {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const facts = new Map(files.map((file) => [file.path, openFacts(file.facts)]));
  const factsOf = (path: string) => facts.get(path) ?? NO_FACTS;
  const tree = makeTree(paths, { facts: factsOf, overview: (path) => overviewOf(factsOf(path), languageOf(path)) });
  // What was too deep for our parser may be too deep for the other.
  const isRead = ({ symbols, exports, references }: Facts) => symbols.length + exports.length + references.length > 0;
  const texts = new Map(
    files.flatMap(({ path, text }) => (text !== undefined && isRead(factsOf(path)) ? [[path, text] as const] : [])),
  );
  const links = (path: string) => {
    const data = byPath.get(path)?.links;
    return data ? openLinks(data) : { links: [], unresolved: [] };
  };
  const { path, libraryFolder } = executable;
  const added = checkFiles({ tree, texts, links }, { path, readLibrary: libraryReader(libraryFolder) });
  return {
    links: [...added].map(([path, links]) => ({ path, data: packLinks({ links, unresolved: [] }) })),
    graph: withLinks(graph, { links, added }),
  };
}

/** The texts of the library's declarations, which stand beside the executable, and of nothing else. */
function libraryReader(folder: string): (path: string) => string | undefined {
  const texts = new Map<string, string | undefined>();
  return (path) => {
    if (!path.startsWith(`${folder}/`) || !/^lib(?:\.[\w.]+)?\.d\.ts$/.test(path.slice(folder.length + 1)))
      return undefined;
    if (!texts.has(path)) texts.set(path, readOrNothing(path));
    return texts.get(path);
  };
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // An option of a source can ask for a part that this version does not have.
    return undefined;
  }
}

/** Edges that only links of linking made, of which the checker says otherwise, go. */
function withLinks(
  graph: Uint8Array,
  { links, added }: { links: (path: string) => StoredLinks; added: ReadonlyMap<string, readonly Link[]> },
): Uint8Array {
  const opened = openGraph(graph);
  const files = unpackGraph(opened).map((file) => {
    const checked = added.get(file.path);
    if (!checked) return file;
    const { links: before } = links(file.path);
    const answered = new Set(checked.map(({ reference }) => reference));
    const after = targetsOf([...checked, ...before.filter(({ reference }) => !answered.has(reference))]);
    const kindsOf = new Map(file.edges.map(({ to, kinds }) => [to, new Set(kinds)]));
    for (const to of targetsOf(before)) if (!after.has(to)) kindsOf.get(to)?.delete("symbol");
    for (const to of after) if (to !== file.path) kindsOf.set(to, (kindsOf.get(to) ?? new Set()).add("symbol"));
    const edges = [...kindsOf].map(([to, kinds]) => ({ to, kinds: EDGE_KINDS.filter((kind) => kinds.has(kind)) }));
    return { ...file, edges: edges.filter(({ kinds }) => kinds.length > 0) };
  });
  return packGraph(files, { published: opened.published });
}

function targetsOf(links: readonly Link[]): Set<string> {
  const certain = links.filter(({ confidence }) => confidence !== "ambiguous");
  return new Set(certain.flatMap(({ definitions }) => definitions.map(({ path }) => path)));
}
