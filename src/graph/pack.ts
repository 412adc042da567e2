// The edges of a snapshot as one binary value, and the graph it opens to: files are numbers, both directions are
// arrays; docs/adr/0007 says why. Pure.
//
// Before deflate: u32 files | u32 edges | u32 bytes of paths | u32 bytes of packages | paths joined by NUL |
// Packages as JSON | one byte of flags a file | u32 × files out-degrees | u32 × edges targets | u16 × edges kinds
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { EDGE_KINDS, type EdgeKind } from "../languages/facts.ts";
import { addTo } from "../platform/group-by.ts";
import { GRAPH_BYTES_MAX } from "./limits.ts";
import { createPackageFinder, type PublishedRoot } from "./packages.ts";

/** A file as linking leaves it. */
export interface LinkedFile {
  path: string;
  isTest: boolean;
  edges: readonly { to: string; kinds: readonly EdgeKind[] }[];
  /** Files that an ambiguous reference may lead to: no edges, but find_usages looks there when asked to. */
  maybe: readonly string[];
  /** Names of what it imports from outside, as they are across repositories (packages.ts). */
  packages: readonly string[];
}

/** A file whose edges and packages are those that it has in an earlier graph, as far as their ends are still there. */
export interface KeptFile {
  path: string;
  isTest: boolean;
  isKept: true;
}

const HEADER_BYTES = 16;
/** Bit i of a mask is EDGE_KINDS[i]; the highest says that ambiguous references lead there. */
const MAYBE = 1 << 15;
const CERTAIN = MAYBE - 1;

/**
 * Deterministic: the same files give the same bytes, in whatever order they come, kept or not. `before` has the kept ones;
 * their edges are copied as the numbers they are.
 */
export function packGraph(
  linked: readonly (LinkedFile | KeptFile)[],
  { published = [], before }: { published?: readonly PublishedRoot[]; before?: Graph | undefined } = {},
): Buffer {
  const files = [...linked].sort((a, b) => (a.path < b.path ? -1 : 1));
  const numbers = new Map(files.map((file, i) => [file.path, i]));
  const moved = (before?.paths ?? []).map((path) => numbers.get(path));
  const targets: number[] = [];
  const masks: number[] = [];
  const find = (path: string) => numbers.get(path);
  const degrees = files.map((file) => {
    if ("isKept" in file) {
      const first = targets.length;
      for (const { file: target, kinds } of before?.dependencies(before.find(file.path) ?? -1) ?? []) {
        const number = moved[target];
        if (number === undefined) continue;
        targets.push(number);
        masks.push(kinds);
      }
      return targets.length - first;
    }
    const out = neighboursOf(file, find);
    for (const { file: target, kinds } of out) {
      targets.push(target);
      masks.push(kinds);
    }
    return out.length;
  });
  const paths = Buffer.from(files.map((file) => file.path).join("\0"));
  const packages = Buffer.from(
    JSON.stringify({ importers: importersOf(files, before), roots: published } satisfies Packages),
  );
  const header = Uint32Array.of(files.length, targets.length, paths.length, packages.length);
  const parts = [
    bytesOf(header),
    paths,
    packages,
    Buffer.from(files.map((file) => Number(file.isTest))),
    bytesOf(Uint32Array.from(degrees)),
    bytesOf(Uint32Array.from(targets)),
    bytesOf(Uint16Array.from(masks)),
  ];
  return deflateRawSync(Buffer.concat(parts), { level: 1 });
}

/** The edges of a file by the number of their target; `find` gives that of a path. */
function neighboursOf({ edges, maybe }: LinkedFile, find: (path: string) => number | undefined): Neighbour[] {
  const out = new Map<number, number>();
  const add = (to: string, mask: number) => {
    const number = find(to);
    if (number !== undefined) out.set(number, (out.get(number) ?? 0) | mask);
  };
  for (const { to, kinds } of edges) add(to, maskOf(kinds));
  for (const to of maybe) add(to, MAYBE);
  return [...out].sort(([a], [b]) => a - b).map(([file, kinds]) => ({ file, kinds }));
}

/** Whether \`packGraph\` would give the bytes that \`before\` was opened from, told without packing. */
export function isSameGraph(
  linked: readonly (LinkedFile | KeptFile)[],
  { published, before }: { published: readonly PublishedRoot[]; before: Graph },
): boolean {
  if (linked.length !== before.paths.length) return false;
  const packages = packagesOf(before);
  const isSame = (file: LinkedFile | KeptFile) => {
    const number = before.find(file.path);
    if (number === undefined || before.isTest(number) !== file.isTest) return false;
    if ("isKept" in file) return true;
    const own = packages[number] ?? [];
    if (own.length !== file.packages.length || !file.packages.every((name) => own.includes(name))) return false;
    const edges = before.dependencies(number);
    const now = neighboursOf(file, before.find);
    return (
      edges.length === now.length && now.every((one, i) => one.file === edges[i]?.file && one.kinds === edges[i]?.kinds)
    );
  };
  return linked.every(isSame) && JSON.stringify(published) === JSON.stringify(before.published);
}

interface Packages {
  /** Numbers of the files that import each package. */
  importers: Record<string, number[]>;
  roots: readonly PublishedRoot[];
}

function importersOf(files: readonly (LinkedFile | KeptFile)[], before: Graph | undefined): Record<string, number[]> {
  const importers = new Map<string, number[]>();
  const kept = before ? packagesOf(before) : [];
  for (const [number, file] of files.entries()) {
    const packages = "isKept" in file ? kept[before?.find(file.path) ?? -1] : file.packages;
    for (const name of packages ?? []) addTo(importers, name, number);
  }
  return Object.fromEntries([...importers].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The graph of one snapshot; immutable. */
export interface Graph {
  /** Sorted; a file's number is its place. */
  readonly paths: readonly string[];
  /** By name across repositories (packages.ts), the files that import it. */
  readonly importers: ReadonlyMap<string, readonly number[]>;
  /** What the repository publishes for others. */
  readonly published: readonly PublishedRoot[];
  /** About how much memory it holds. */
  readonly sizeBytes: number;
  find(path: string): number | undefined;
  /** Files that a name across repositories (packages.ts) stands for in this one. */
  filesOf(name: string): readonly string[];
  isTest(file: number): boolean;
  dependencies(file: number): Neighbour[];
  dependents(file: number): Neighbour[];
}

/** A file at the other end of an edge, with the edge's kinds. */
export interface Neighbour {
  file: number;
  kinds: number;
}

export function openGraph(data: Uint8Array): Graph {
  const bytes = inflateRawSync(data, { maxOutputLength: GRAPH_BYTES_MAX });
  const [files = 0, edges = 0, pathBytes = 0, packageBytes = 0] = uint32s(bytes, 0, 4);
  let at = HEADER_BYTES;
  const take = (length: number) => (at += length) - length;
  const paths = files === 0 ? [] : bytes.toString("utf8", take(pathBytes), at).split("\0");
  // Written by packGraph alone.
  const packages = JSON.parse(bytes.toString("utf8", take(packageBytes), at)) as Packages;
  const tests = bytes.subarray(take(files), at);
  const starts = sum(uint32s(bytes, take(files * 4), files));
  const targets = uint32s(bytes, take(edges * 4), edges);
  const masks = uint16s(bytes, take(edges * 2), edges);
  let reverse: ReturnType<typeof reversed> | undefined;
  let filesOf: ReturnType<typeof createPackageFinder> | undefined;
  const numbers = new Map(paths.map((path, i) => [path, i]));
  const find = (path: string) => numbers.get(path);
  return {
    paths,
    importers: new Map(Object.entries(packages.importers)),
    published: packages.roots,
    sizeBytes: bytes.length * 3 + files * 100,
    find,
    filesOf: (name) => (filesOf ??= createPackageFinder(packages.roots, { paths, find }))(name),
    isTest: (file) => tests[file] === 1,
    dependencies(file) {
      const found: Neighbour[] = [];
      for (let edge = starts[file] ?? 0; edge < (starts[file + 1] ?? 0); edge++)
        found.push({ file: targets[edge] ?? 0, kinds: masks[edge] ?? 0 });
      return found;
    },
    dependents(file) {
      const found: Neighbour[] = [];
      const to = (reverse ??= reversed({ files, starts, targets }));
      for (let i = to.starts[file] ?? 0; i < (to.starts[file + 1] ?? 0); i++)
        found.push({ file: to.sources[i] ?? 0, kinds: masks[to.edges[i] ?? 0] ?? 0 });
      return found;
    },
  };
}

/** The files as `packGraph` was given them. */
export function unpackGraph(graph: Graph): LinkedFile[] {
  const packages = packagesOf(graph);
  return graph.paths.map((path, file) => {
    const neighbours = graph.dependencies(file);
    const pathOf = (neighbour: Neighbour) => graph.paths[neighbour.file] ?? "";
    return {
      path,
      isTest: graph.isTest(file),
      edges: neighbours.filter(isEdge).map((one) => ({ to: pathOf(one), kinds: kindsOf(one.kinds) })),
      maybe: neighbours.filter(({ kinds }) => (kinds & MAYBE) !== 0).map(pathOf),
      packages: packages[file] ?? [],
    };
  });
}

/** Names of the packages that each file imports. */
function packagesOf(graph: Graph): string[][] {
  const packages = graph.paths.map((): string[] => []);
  for (const [name, files] of graph.importers) for (const file of files) packages[file]?.push(name);
  return packages;
}

/** Names of the kinds in a mask; empty when only ambiguous references lead there. */
export function kindsOf(mask: number): EdgeKind[] {
  return EDGE_KINDS.filter((_kind, i) => (mask & (1 << i)) !== 0);
}

/** Whether it is an edge at all. */
export function isEdge({ kinds }: Neighbour): boolean {
  return (kinds & CERTAIN) !== 0;
}

function maskOf(kinds: readonly EdgeKind[]): number {
  return kinds.reduce((mask, kind) => mask | (1 << EDGE_KINDS.indexOf(kind)), 0);
}

/** The same edges by target, sources ascending: a counting sort. */
function reversed({ files, starts, targets }: { files: number; starts: Uint32Array; targets: Uint32Array }) {
  const counts = new Uint32Array(files);
  for (const target of targets) counts[target] = (counts[target] ?? 0) + 1;
  const reverseStarts = sum(counts);
  const next = reverseStarts.slice();
  const sources = new Uint32Array(targets.length);
  const edges = new Uint32Array(targets.length);
  for (let file = 0; file < files; file++) {
    for (let edge = starts[file] ?? 0; edge < (starts[file + 1] ?? 0); edge++) {
      const target = targets[edge] ?? 0;
      const place = next[target] ?? 0;
      next[target] = place + 1;
      sources[place] = file;
      edges[place] = edge;
    }
  }
  return { starts: reverseStarts, sources, edges };
}

/** Running sums, with 0 in front. */
function sum(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (const [i, count] of counts.entries()) starts[i + 1] = (starts[i] ?? 0) + count;
  return starts;
}

const bytesOf = (array: Uint32Array | Uint16Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

// Copied, because a typed array must start at a multiple of its element.
const uint32s = (bytes: Buffer, start: number, length: number) =>
  new Uint32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + start + length * 4));
const uint16s = (bytes: Buffer, start: number, length: number) =>
  new Uint16Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + start + length * 2));
