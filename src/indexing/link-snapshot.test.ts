import fc from "fast-check";
import { expect, test } from "vitest";
import { historyOf, WORLDS } from "../../test/harness/link-worlds.ts";
import { edited, link, packed, stored, type Linked } from "../../test/harness/relinked.ts";
import { openGraph } from "../graph/pack.ts";
import { ALL_FILES, markOfFamily, markOfFile, type LinkMark } from "./link-mark.ts";
import { familyNumberOf } from "./link/resolvers.ts";
import { linkSnapshot, openLinks } from "./link-snapshot.ts";

const SEED = Number(process.env["KOTA_LINK_SEED"] ?? 20_261_130);

function edgesOf(linked: Linked): number {
  const graph = openGraph(linked.graph);
  return graph.paths.reduce((sum, _, file) => sum + graph.dependencies(file).length, 0);
}

test.each(Object.entries(WORLDS))(
  "linking what a change in %s concerns gives what linking everything gives",
  (_, world) => {
    let kept = 0;
    let edges = 0;
    fc.assert(
      fc.property(historyOf(world), ({ start, steps }) => {
        let files = edited(new Map(), start);
        let linked = link(files);
        for (const step of steps) {
          files = edited(files, step);
          linked = link(files, linked);
          const whole = link(new Map([...files].reverse()));
          kept += whole.links.length - linked.links.length;
          expect(stored(linked)).toEqual(stored(whole));
          edges += edgesOf(whole);
        }
      }),
      { numRuns: 125, seed: SEED },
    );
    // Where all files of a language concern each other few are kept.
    expect(kept).toBeGreaterThan(10);
    expect(edges).toBeGreaterThan(100);
  },
);

test("what a thread works on is told: a file, the resolver of a language, or what concerns all files", () => {
  const texts = {
    "a.ts": 'import { b } from "./b";',
    "b.py": "import c",
    "c.java": "class A { B b; }",
    "d.java": "class B { A a; }",
  };
  const facts = Object.entries(texts).map(([path, text]) => packed(path, text));
  const files = Object.keys(texts).map((path) => ({ path, content: path, isTest: false, hasFacts: true }));
  const marks: LinkMark[] = [];
  linkSnapshot(
    { files, skipped: [], previous: undefined },
    {
      readFacts: (numbers) => numbers.map((number) => facts[number]),
      readLinks: () => [],
      onMark: (mark) => marks.push(mark),
    },
  );
  const [a, b, c, d] = [0, 1, 2, 3].map(markOfFile);
  const made = (language: string) => markOfFamily(familyNumberOf(language));
  const expected = [
    ...["typescript", "python", "java"].map((language) => [made(language), ALL_FILES]),
    [a, ALL_FILES],
    [b, ALL_FILES],
    [c, d, ALL_FILES],
  ];
  expect(marks).toEqual(expected.flat());
  expect(new Set(marks).size).toBe(8);
});

test("where links stay as they were, what is stored of them is taken over unpacked", () => {
  const files = new Map([
    ["a.ts", packed("a.ts", "export function a(): number { return 1 }")],
    ["b.ts", packed("b.ts", 'import { a } from "./a";\na();')],
  ]);
  const before = openLinks(link(files));
  const edited = new Map([...files, ["b.ts", packed("b.ts", 'import { a } from "./a";\n\n// Twice.\na();\na();')]]);
  const described = [...edited.keys()].map((path) => ({ path, content: path, isTest: false, hasFacts: true }));
  const changes = [{ path: "b.ts", wasThere: true, facts: files.get("b.ts") }];
  const linked = linkSnapshot(
    { files: described, skipped: [], previous: { key: before.key, changes } },
    {
      readFacts: (numbers) => numbers.map((number) => edited.get(described[number]?.path ?? "")),
      readLinks: () => [],
      before,
    },
  );
  expect(linked.links.map(({ path }) => path)).toEqual(["b.ts"]);
  expect(linked.graph).toBe(before.graph);
  expect(linked.state).toBe(before.state);
});
