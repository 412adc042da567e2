// From the facts of all files to the graph and links of a snapshot, as they are stored. Runs in an indexing thread. After a
// small change only those files are linked again whose links can have changed: what comes out is the same, byte for byte.
import { createHash } from "node:crypto";
import { packLinks, renumberLinks } from "../graph/links.ts";
import { openFacts } from "../graph/packed-facts.ts";
import { packageOf } from "../graph/packages.ts";
import { isSameGraph, openGraph, packGraph, type Graph, type KeptFile, type LinkedFile } from "../graph/pack.ts";
import { NO_FACTS, type Facts } from "../languages/facts.ts";
import { MANIFEST_KINDS } from "../languages/grammar.ts";
import { groupBy } from "../platform/group-by.ts";
import {
  ASKING_FILES_MAX,
  FACTS_PER_STATEMENT_MAX,
  KEPT_FACTS_MAX,
  LINKED_AT_ONCE_BYTES_MAX,
  LINKED_AT_ONCE_MAX,
} from "./limits.ts";
import { factsFrom, type ReadFacts } from "./facts-source.ts";
import { ALL_FILES, markOfFamily, markOfFile, type LinkMark } from "./link-mark.ts";
import { isSameState, openState, packState, type FileState } from "./link-state.ts";
import { affectedFiles, type Affected } from "./link/affected.ts";
import { publishedBy, type Published } from "./link/published.ts";
import { augmentedBy, linkFiles } from "./link/link.ts";
import { languageOf } from "../languages/language.ts";
import { makeTree, overviewOf, type Overview } from "./link/overview.ts";
import { familyOf, resolversOf } from "./link/resolvers.ts";
import type { Change } from "./link/seen-outside.ts";
import { ANYTHING, type DeclarationsAsked, type FileLinks, type Resolver, type Tree } from "./link/tree.ts";

export interface LinkRequest {
  /** Every file of the snapshot that has content, which `content` names: files of the same one and path have the same facts. */
  files: { path: string; content: string | number; isTest: boolean; hasFacts: boolean }[];
  /** Paths whose own links are not looked for, because that took too long: others may still lead to them. */
  skipped: readonly string[];
  /** Absent: all is linked. */
  previous: PreviousLinks | undefined;
}

/** What changed since an earlier snapshot that was linked by the same version. */
export interface PreviousLinks {
  /** Names what it left (PackedLinks): see keyOfLinks. */
  key: string;
  /** Paths whose content is another, or that came or went; with the packed facts they had, if they were there with any. */
  changes: { path: string; wasThere: boolean; facts: Uint8Array | undefined }[];
}

/** What linking leaves of a snapshot, as it is stored. */
export interface PackedLinks {
  /** See packGraph. */
  graph: Uint8Array;
  /** See packState. */
  state: Uint8Array;
}

/** The same, opened. */
export interface OpenedLinks extends PackedLinks {
  key: string;
  opened: { graph: Graph; states: ReadonlyMap<string, FileState> };
  /** Of files that every linking looks at, by path. May be empty, and of another repository's: `content` tells. */
  facts: ReadonlyMap<string, { content: string | number; facts: Facts }>;
}

export function openLinks(packed: PackedLinks, facts: OpenedLinks["facts"] = new Map()): OpenedLinks {
  const opened = { graph: openGraph(packed.graph), states: openState(packed.state) };
  return { ...packed, key: keyOfLinks(packed), opened, facts };
}

/** The same key, the same content: what a thread has kept is what is stored, whatever happened in between. */
function keyOfLinks({ graph, state }: PackedLinks): string {
  return [graph, state].map((data) => createHash("sha256").update(data).digest("hex")).join(" ");
}

export interface LinkedSnapshot extends PackedLinks {
  /** See packLinks; files without facts have none. Of files that were not linked again they are as before. */
  links: { path: string; data: Uint8Array<ArrayBuffer> }[];
  /** The packages (packageOf) that the repository publishes, and those that its files import from outside. */
  packages: string[];
  imported: string[];
}

/** What packLinks made of files of the request for the snapshot before, by their numbers; at most FACTS_PER_STATEMENT_MAX at once. */
export type ReadLinks = (files: readonly number[]) => readonly (Uint8Array | undefined)[];

/**
 * `before` is what `previous` names; `onMark` is told what is worked on from now on, at first ALL_FILES, `onFacts` what OpenedLinks says of facts.
 */
export function linkSnapshot(
  { files, skipped, previous }: LinkRequest,
  {
    readFacts,
    readLinks,
    findDeclaring,
    before,
    onMark = () => undefined,
    onFacts = () => undefined,
  }: {
    readFacts: ReadFacts;
    readLinks: ReadLinks;
    /** See Tree.declaring: files of the request, by their numbers. Asked after a change alone; absent: all are looked through. */
    findDeclaring?: (asked: DeclarationsAsked) => readonly number[] | undefined;
    before?: OpenedLinks | undefined;
    onMark?: (mark: LinkMark) => void;
    onFacts?: (facts: OpenedLinks["facts"]) => void;
  },
): LinkedSnapshot {
  const numbers = new Map(files.map(({ path }, number) => [path, number]));
  const hasFacts = (path: string) => files[numbers.get(path) ?? -1]?.hasFacts === true;
  const states = before?.opened.states ?? new Map<string, FileState>();
  const changed = new Set(previous?.changes.map(({ path }) => path));
  const contentOf = (path: string) => files[numbers.get(path) ?? -1]?.content;
  const same = new Map<string, Facts>();
  for (const [path, { content, facts: kept }] of before?.facts ?? [])
    if (content === contentOf(path)) same.set(path, kept);
  const known = (path: string) => (changed.has(path) ? undefined : states.get(path));
  const overviews = new Overviews();
  const { facts, announce, packedBytes } = factsFrom(readFacts, {
    numbers,
    hasFacts,
    known: same,
    onOpened: (path, opened) => !known(path) && overviews.add(path, opened),
  });
  const overview = (path: string): Overview => {
    if (!hasFacts(path)) return NO_OVERVIEW;
    return known(path)?.overview ?? overviews.get(path) ?? overviews.add(path, facts(path));
  };
  let isAsking = true;
  const declaring =
    previous &&
    findDeclaring &&
    ((asked: DeclarationsAsked) =>
      isAsking ? findDeclaring(asked)?.flatMap((number) => files[number]?.path ?? []) : undefined);
  const tree = makeTree([...numbers.keys()], { facts, overview, announce, declaring });
  let mark = ALL_FILES;
  const moveTo = (next: LinkMark) => onMark((mark = next));
  // After a change a resolver is made in the midst of linking the first file that needs it.
  const resolverOf = resolversOf(tree, (family, make) => {
    const around = mark;
    moveTo(markOfFamily(family));
    const resolver = make();
    moveTo(around);
    return resolver;
  });
  const left = new Set(skipped);
  const withFacts = files.flatMap((file) => (file.hasFacts && !left.has(file.path) ? [file.path] : []));
  announce(previous ? [...changed, ...MANIFEST_KINDS.flatMap((kind) => tree.manifests(kind))] : withFacts);
  for (const path of withFacts) {
    // Some resolvers open the facts of all their files, of which the overviews are then there as well.
    if (!previous) resolverOf(path);
    if (!known(path)) overview(path);
  }
  announce(tree.ambient());
  const change = previous && findAffected(previous, { skipped, states, tree, resolverOf });
  const affected = new Set(change?.again ?? withFacts);
  const renumbered = change && renumber(change, (paths) => readLinks(paths.map((path) => numbers.get(path) ?? -1)));
  for (const path of renumbered?.failed ?? []) affected.add(path);
  const again = withFacts.filter((path) => affected.has(path) || !known(path));
  isAsking = again.length <= ASKING_FILES_MAX;
  if (previous) announce(readBy(again, states));
  announce(again);
  const linked = new Map<string, Linked>();
  for (const paths of inPieces(again, tree, packedBytes)) {
    const links = linkFiles(tree, paths, resolverOf, (path) =>
      moveTo(path === undefined ? ALL_FILES : markOfFile(numbers.get(path) ?? 0)),
    );
    for (const [path, one] of links) linked.set(path, packed(path, one));
  }
  const described = describeFiles(files, { linked, left, before: before?.opened.graph });
  const published = publishedBy(tree, resolverOf);
  const stateOf = (path: string): FileState => {
    const one = linked.get(path);
    const state = one ? { reads: one.reads, overview: overview(path) } : known(path);
    if (!state) throw new Error("a file is neither linked nor known");
    return state;
  };
  const always = [...tree.ambient(), ...MANIFEST_KINDS.flatMap((kind) => tree.manifests(kind))];
  if (always.length <= KEPT_FACTS_MAX)
    onFacts(new Map(always.map((path) => [path, { content: contentOf(path) ?? "", facts: facts(path) }])));
  return {
    graph: graphOf(described, { published: published.roots, before }),
    links: [...again.flatMap((path) => linked.get(path)?.row ?? []), ...(renumbered?.links ?? [])],
    state: packStates(withFacts, { stateOf, again, before }),
    packages: published.packages,
    imported: importedBy(described, before?.opened.graph),
  };
}

/** Of files that need not be linked again the links with the new numbers of symbols; `failed`: those that must be after all. */
function renumber(
  { renumbered, numbers }: Affected,
  readLinks: (paths: readonly string[]) => ReturnType<ReadLinks>,
): { links: LinkedSnapshot["links"]; failed: string[] } {
  const links: LinkedSnapshot["links"] = [];
  const failed: string[] = [];
  for (let at = 0; at < renumbered.length; at += FACTS_PER_STATEMENT_MAX) {
    const paths = renumbered.slice(at, at + FACTS_PER_STATEMENT_MAX);
    for (const [index, old] of readLinks(paths).entries()) {
      const path = paths[index] ?? "";
      const data = old && renumberLinks(old, (to) => numbers.get(to));
      if (data) links.push({ path, data });
      else failed.push(path);
    }
  }
  return { links, failed };
}

/** What the files looked at when they were linked last, each once: 60,000 of them may have looked at the same hundreds. */
function readBy(paths: readonly string[], states: ReadonlyMap<string, FileState>): Set<string> {
  const files = new Set<string>();
  for (const path of paths) for (const file of states.get(path)?.reads.files ?? []) files.add(file);
  return files;
}

/** Packing 22,000 files takes 0.1 s, comparing those that were linked again a few milliseconds. */
function graphOf(
  described: readonly (LinkedFile | KeptFile)[],
  { published, before }: { published: Published["roots"]; before: OpenedLinks | undefined },
): Uint8Array {
  if (before && isSameGraph(described, { published, before: before.opened.graph })) return before.graph;
  return packGraph(described, { published, before: before?.opened.graph });
}

function packStates(
  paths: readonly string[],
  {
    stateOf,
    again,
    before,
  }: { stateOf: (path: string) => FileState; again: readonly string[]; before: OpenedLinks | undefined },
): Uint8Array {
  const states = before?.opened.states;
  const isSame = (path: string) => {
    const old = states?.get(path);
    return old !== undefined && isSameState(old, stateOf(path));
  };
  if (before && states?.size === paths.length && paths.every((path) => states.has(path)) && again.every(isSame))
    return before.state;
  return packState(new Map(paths.map((path) => [path, stateOf(path)])));
}

/** What is kept of a file that was linked: its links themselves are many times as large. */
interface Linked {
  row: { path: string; data: Uint8Array<ArrayBuffer> };
  described: Pick<LinkedFile, "edges" | "maybe" | "packages">;
  reads: FileLinks["reads"];
}

function packed(path: string, links: FileLinks): Linked {
  return { row: { path, data: packLinks(links) }, described: describe(links), reads: links.reads };
}

/**
 * Files of one family after the other, at most LINKED_AT_ONCE_MAX with LINKED_AT_ONCE_BYTES_MAX of packed facts at once: what linking
 * works out on the way is kept for each piece, and is by far the most that it keeps.
 */
function* inPieces(paths: readonly string[], tree: Tree, bytesOf: (path: string) => number): Generator<string[]> {
  for (const family of groupBy(paths, (path) => familyOf(tree.language(path))).values()) {
    let piece: string[] = [];
    let bytes = 0;
    for (const path of family) {
      const size = bytesOf(path);
      if (piece.length > 0 && (piece.length === LINKED_AT_ONCE_MAX || bytes + size > LINKED_AT_ONCE_BYTES_MAX)) {
        yield piece;
        piece = [];
        bytes = 0;
      }
      piece.push(path);
      bytes += size;
    }
    yield piece;
  }
}

const NO_OVERVIEW = overviewOf(NO_FACTS, "");

/** Overviews of files whose facts were opened. Many files name the same members: each name is kept once. */
class Overviews {
  readonly #made = new Map<string, Overview>();
  readonly #names = new Map<string, string>();

  get(path: string): Overview | undefined {
    return this.#made.get(path);
  }

  add(path: string, facts: Facts): Overview {
    const known = this.#made.get(path);
    if (known) return known;
    const one = overviewOf(facts, languageOf(path));
    const [declared, memberNames] = [one.declared, one.memberNames].map((names) =>
      names.map((name) => this.#once(name)),
    );
    const made = { ...one, declared: declared ?? [], memberNames: memberNames ?? [] };
    this.#made.set(path, made);
    return made;
  }

  #once(name: string): string {
    const known = this.#names.get(name);
    if (known === undefined) this.#names.set(name, name);
    return known ?? name;
  }
}

function findAffected(
  { changes }: PreviousLinks,
  {
    skipped,
    states,
    tree,
    resolverOf,
  }: {
    skipped: readonly string[];
    states: ReadonlyMap<string, FileState>;
    tree: Tree;
    resolverOf: (path: string) => Resolver;
  },
): Affected {
  const reads = new Map([...states].map(([path, state]) => [path, state.reads]));
  // Nobody has noted what these look at.
  for (const path of skipped) reads.set(path, { files: [], places: [ANYTHING], names: [], within: [] });
  const changed = changes.map(({ path, wasThere, facts }): Change => ({
    path,
    ...(wasThere && { before: facts ? openFacts(facts) : NO_FACTS }),
    ...(tree.has(path) && { after: tree.facts(path) }),
  }));
  return affectedFiles(reads, changed, {
    augmented: () => augmentedBy(tree, resolverOf),
    factsOf: (path) => tree.facts(path),
    manifests: () => tree.manifests("Cargo.toml"),
  });
}

/** Of files that were not linked again as the graph before has them. */
function describeFiles(
  files: LinkRequest["files"],
  {
    linked,
    left,
    before,
  }: { linked: ReadonlyMap<string, Linked>; left: ReadonlySet<string>; before: Graph | undefined },
): (LinkedFile | KeptFile)[] {
  return files.map(({ path, isTest, hasFacts }) => {
    const links = linked.get(path);
    if (links) return { path, isTest, ...links.described };
    const isKept = hasFacts && !left.has(path) && before?.find(path) !== undefined;
    return isKept ? { path, isTest, isKept } : { path, isTest, edges: [], maybe: [], packages: [] };
  });
}

/** The packages that the files import from outside, sorted. */
function importedBy(described: readonly (LinkedFile | KeptFile)[], before: Graph | undefined): string[] {
  const kept = new Set(described.flatMap((file) => ("isKept" in file ? (before?.find(file.path) ?? []) : [])));
  const names = new Set(described.flatMap((file) => ("isKept" in file ? [] : file.packages)));
  for (const [name, files] of before?.importers ?? []) if (files.some((file) => kept.has(file))) names.add(name);
  return [...new Set([...names].map(packageOf))].sort();
}

function describe(links: FileLinks): Linked["described"] {
  const maybe = links.links.flatMap(({ confidence, definitions }) =>
    confidence === "ambiguous" ? definitions.map((definition) => definition.path) : [],
  );
  const packages = links.unresolved.flatMap(({ package: name }) => name ?? []);
  return { edges: links.edges, maybe: [...new Set(maybe)], packages: [...new Set(packages)] };
}
