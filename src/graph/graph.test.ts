import fc from "fast-check";
import { expect, test } from "vitest";
import type { EdgeKind } from "../languages/facts.ts";
import type { SnapshotId } from "../platform/ids.ts";
import { crossingsIn, crossingsOut } from "./across.ts";
import { cyclesThrough } from "./cycles.ts";
import { listEdges } from "./list-edges.ts";
import { kindsOf, openGraph, packGraph, type Graph, type LinkedFile } from "./pack.ts";
import { createPackageFinder, type PublishedRoot } from "./packages.ts";
import { reach } from "./reach.ts";

/** Files named by their number; `edges` as [from, to]. */
function graphOf(files: number, edges: readonly (readonly [number, number])[], kinds: EdgeKind[] = ["import"]): Graph {
  const linked = Array.from({ length: files }, (_, i): LinkedFile => ({
    path: nameOf(i),
    isTest: i % 7 === 6,
    edges: edges.filter(([from]) => from === i).map(([, to]) => ({ to: nameOf(to), kinds })),
    maybe: [],
    packages: i % 2 === 0 ? ["even"] : [],
  }));
  return openGraph(packGraph(linked));
}

const nameOf = (i: number) => `src/${String(i).padStart(5, "0")}.ts`;

const edgeLists = fc
  .integer({ min: 1, max: 8 })
  .chain((files) =>
    fc.tuple(
      fc.constant(files),
      fc.uniqueArray(fc.tuple(fc.nat(files - 1), fc.nat(files - 1)), { maxLength: 24, selector: String }),
    ),
  );

test("a packed graph opens to the same edges in both directions, whatever order its files came in", () => {
  const files: LinkedFile[] = [
    {
      path: "b.ts",
      isTest: true,
      edges: [
        { to: "a.ts", kinds: ["import", "symbol"] },
        { to: "gone.ts", kinds: ["import"] },
      ],
      maybe: [],
      packages: ["zod"],
    },
    { path: "a.ts", isTest: false, edges: [], maybe: ["c.ts"], packages: [] },
    { path: "c.ts", isTest: false, edges: [{ to: "a.ts", kinds: ["require"] }], maybe: ["a.ts"], packages: ["zod"] },
  ];
  expect(packGraph([...files].reverse())).toEqual(packGraph(files));
  const graph = openGraph(packGraph(files));
  expect(graph.paths).toEqual(["a.ts", "b.ts", "c.ts"]);
  expect(graph.find("nowhere")).toBeUndefined();
  expect(graph.paths.map((_, i) => graph.isTest(i))).toEqual([false, true, false]);
  expect(graph.dependents(0).map(({ file, kinds }) => [file, kindsOf(kinds)])).toEqual([
    [1, ["import", "symbol"]],
    [2, ["require"]],
  ]);
  expect(graph.dependencies(0).map(({ file, kinds }) => [file, kindsOf(kinds)])).toEqual([[2, []]]);
  expect(graph.importers.get("zod")).toEqual([1, 2]);
});

test("an empty graph", () => {
  const graph = openGraph(packGraph([]));
  expect(graph.paths).toEqual([]);
});

test("reaching is the shortest way in every graph", () => {
  fc.assert(
    fc.property(edgeLists, ([files, edges]) => {
      const graph = graphOf(files, edges);
      // Floyd and Warshall, as a second opinion.
      const far = Array.from({ length: files }, (_, i) =>
        Array.from({ length: files }, (_unused, j) =>
          i === j ? 0 : edges.some(([a, b]) => a === i && b === j) ? 1 : Infinity,
        ),
      );
      const at = (i: number, j: number) => far[i]?.[j] ?? Infinity;
      for (let k = 0; k < files; k++)
        for (let i = 0; i < files; i++)
          for (let j = 0; j < files; j++) (far[i] ?? [])[j] = Math.min(at(i, j), at(i, k) + at(k, j));
      const expected = Array.from({ length: files }, (_, j) => ({ file: j, distance: at(0, j) }))
        .filter(({ file, distance }) => file !== 0 && distance <= 3)
        .sort((a, b) => a.distance - b.distance || a.file - b.file);
      const options = { depthMax: 3, includeTests: true };
      expect(
        reach(graph, 0, { ...options, direction: "dependencies" }).map(({ file, distance }) => ({ file, distance })),
      ).toEqual(expected);
      for (const { file, distance } of expected)
        expect(reach(graph, file, { ...options, direction: "dependents" })).toContainEqual(
          expect.objectContaining({ file: 0, distance }),
        );
    }),
  );
});

test("between repositories only what the files at hand import or publish is looked for", () => {
  const file = (path: string, packages: string[] = []): LinkedFile => ({
    path,
    isTest: false,
    edges: [],
    maybe: [],
    packages,
  });
  const ours = openGraph(packGraph([file("a.ts", ["npm:one"]), file("b.ts", ["npm:two", "npm:three"])]));
  const published = ["one", "two"].map((name) => ({ ecosystem: "npm" as const, name, path: `${name}.ts` }));
  const theirs = openGraph(packGraph([file("one.ts"), file("two.ts")], { published }));
  const asked: string[] = [];
  const graph: Graph = {
    ...theirs,
    filesOf(name) {
      asked.push(name);
      return theirs.filesOf(name);
    },
  };
  const other = (one: Graph) => [{ repository: "them", snapshotId: 1 as SnapshotId, graph: one, isChecked: false }];
  const only = (number: number) => new Map([[number, 0]]);
  expect(crossingsOut(ours, other(graph), only(0))).toEqual([{ file: 0, repository: "them", path: "one.ts" }]);
  expect(asked).toEqual(["npm:one"]);
  expect(crossingsOut(ours, other(graph))).toHaveLength(2);
  const into = (files: Map<number, number>) => crossingsIn(theirs, other(ours), { files, includeTests: true });
  expect(into(only(1))).toEqual([{ file: 1, repository: "them", path: "b.ts" }]);
  expect(into(new Map())).toEqual([]);
});

const parts = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 });

test("the file of a package's name is that of the innermost root, however many there are", () => {
  fc.assert(
    fc.property(fc.uniqueArray(parts, { maxLength: 8, selector: String }), parts, (roots, asked) => {
      const published = roots.flatMap((root): PublishedRoot[] => [
        { ecosystem: "python", name: root.join("."), path: root.join("/") },
        { ecosystem: "npm", name: root.join("/"), path: `${root.join("/")}/index.ts` },
        { ecosystem: "composer", name: `${root.join("\\")}\\`, path: root.join("/") },
      ]);
      const innermost = roots
        .filter((root) => root.every((part, i) => part === asked[i]))
        .sort((a, b) => b.length - a.length)[0];
      const inside = asked.slice(innermost?.length);
      const within = (ending: string) => [innermost ?? [], inside].flat().join("/") + ending;
      const paths = [within("/__init__.py"), within("/index.ts"), within(".php")].sort();
      const find = createPackageFinder(published, { paths, find: (path) => paths.indexOf(path) + 1 || undefined });
      expect(find(`python:${asked.join(".")}`)).toEqual(innermost ? [within("/__init__.py")] : []);
      expect(find(`npm:${asked.join("/")}`)).toEqual(innermost && inside.length === 0 ? [within("/index.ts")] : []);
      if (inside.length > 0) expect(find(`composer:${asked.join("\\")}`)).toEqual(innermost ? [within(".php")] : []);
    }),
  );
});

test("without tests nothing is reached through a test", () => {
  const graph = graphOf(9, [
    [6, 0],
    [5, 6],
    [4, 0],
  ]);
  const paths = (includeTests: boolean) =>
    reach(graph, 0, { direction: "dependents", depthMax: 5, includeTests }).map(({ file }) => file);
  expect(paths(true)).toEqual([4, 6, 5]);
  expect(paths(false)).toEqual([4]);
});

test("cycles are all elementary cycles through the file, shortest first", () => {
  fc.assert(
    fc.property(edgeLists, ([files, edges]) => {
      const graph = graphOf(files, edges);
      const every: number[][] = [];
      const walk = (way: number[]) => {
        for (const [from, to] of edges) {
          if (from !== way.at(-1)) continue;
          if (to === 0 && way.length > 1) every.push(way);
          else if (!way.includes(to)) walk([...way, to]);
        }
      };
      walk([0]);
      every.sort((a, b) => a.length - b.length || (a.map(nameOf).join() < b.map(nameOf).join() ? -1 : 1));
      const found = cyclesThrough(graph, 0);
      expect(found.cycles).toEqual(every.slice(0, 20));
      expect(found.isTruncated).toBe(every.length > 20);
    }),
  );
});

test("a ring and a chain of 20,000 files need no recursion", () => {
  const ring = Array.from({ length: 20_000 }, (_, i) => [i, (i + 1) % 20_000] as const);
  const linked = ring.map(([from, to]): LinkedFile => ({
    path: nameOf(from),
    isTest: false,
    edges: [{ to: nameOf(to), kinds: ["import"] }],
    maybe: [],
    packages: [],
  }));
  const graph = openGraph(packGraph(linked));
  const { cycles, isTruncated } = cyclesThrough(graph, 0);
  expect([cycles.length, cycles[0]?.length, isTruncated]).toEqual([1, 20_000, false]);
  expect(reach(graph, 0, { direction: "dependencies", depthMax: 20_000, includeTests: true })).toHaveLength(19_999);
});

test("a graph of 100,000 files: what is reached, the way back, and its edges page by page", () => {
  const files = 100_000;
  // A tree in which each file imports two, and the last file imports the first.
  const imports = (i: number) =>
    i === files - 1 ? [0] : [2 * i + 1, 2 * i + 2].filter((imported) => imported < files);
  const wide = (i: number) => `src/${String(i).padStart(6, "0")}.ts`;
  const graph = openGraph(
    packGraph(
      Array.from({ length: files }, (_, i) => ({
        path: wide(i),
        isTest: false,
        edges: imports(i).map((to) => ({ to: wide(to), kinds: ["import" as const] })),
        maybe: [],
        packages: [],
      })),
    ),
  );
  const depthOf = (i: number) => Math.floor(Math.log2(i + 1));
  const options = { depthMax: 5, includeTests: true };
  const below = reach(graph, 0, { ...options, direction: "dependencies" });
  expect(below.map(({ file, distance }) => [file, distance])).toEqual(
    Array.from({ length: 2 ** 6 - 2 }, (_, i) => [i + 1, depthOf(i + 1)]),
  );
  const all = reach(graph, 0, { ...options, depthMax: 20, direction: "dependencies" });
  expect(all).toHaveLength(files - 1);
  expect(all.every(({ file, distance }) => distance === depthOf(file))).toBe(true);

  const way = [files - 1];
  while ((way[0] ?? 0) > 0) way.unshift(((way[0] ?? 0) - 1) >> 1);
  expect(cyclesThrough(graph, 0)).toEqual({ cycles: [way], isTruncated: false });
  const back = reach(graph, files - 1, { ...options, depthMax: 20, direction: "dependents" });
  expect(back.map(({ file }) => file)).toEqual(way.slice(0, -1).reverse());

  const expected = Array.from({ length: files }, (_, i) => imports(i).map((to) => `${wide(i)} ${wide(to)}`)).flat();
  const listed: string[] = [];
  let pages = 0;
  for (let file = 0; file < files; pages++) {
    const { edges, nextFile } = listEdges({ graph, crossings: [] }, { file, edgesMin: 7001 });
    for (const { from, to } of edges) listed.push(`${from} ${to}`);
    file = nextFile;
  }
  expect(listed).toEqual(expected);
  expect(pages).toBe(15);
});

test("a dense component spends its budget and says so", () => {
  const dense = Array.from({ length: 40 }, (_, i) =>
    Array.from({ length: 40 }, (_unused, j) => [i, j] as const),
  ).flat();
  const { cycles, isTruncated } = cyclesThrough(graphOf(40, dense), 0);
  expect(cycles).toHaveLength(20);
  expect(cycles[0]).toEqual([0, 1]);
  expect(isTruncated).toBe(true);
});
