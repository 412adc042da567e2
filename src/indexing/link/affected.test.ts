import fc from "fast-check";
import typescript from "typescript-parser";
import { expect, test } from "vitest";
import { extractFacts } from "../../languages/extract.ts";
import type { Facts } from "../../languages/facts.ts";
import { languageOf } from "../../languages/language.ts";
import { affectedFiles, outsideOf, type Change } from "./affected.ts";
import { javascriptResolver } from "./javascript.ts";
import { augmentedBy, linkFiles } from "./link.ts";
import type { FileLinks, Tree } from "./tree.ts";

const factsOf = (path: string, text: string) =>
  extractFacts({ path, language: languageOf(path), text }, { typescript });

function treeOf(files: ReadonlyMap<string, Facts>): Tree {
  return {
    paths: [...files.keys()].sort(),
    has: (path) => files.has(path),
    language: languageOf,
    facts: (path) => files.get(path) ?? { symbols: [], imports: [], exports: [], references: [] },
  };
}

function linker(files: ReadonlyMap<string, Facts>) {
  const tree = treeOf(files);
  const resolver = javascriptResolver(tree);
  const resolvers = { typescript: resolver, javascript: resolver, vue: resolver };
  return {
    link: (paths: readonly string[]): Map<string, FileLinks> => linkFiles(tree, paths, resolvers),
    augmented: () => augmentedBy(tree, resolvers),
  };
}

const PATHS = [
  "a.ts",
  "b.ts",
  "c.tsx",
  "d/index.ts",
  "d/e.ts",
  "d.d.ts",
  "d/f.js",
  "g.vue",
  "lib/package.json",
  "lib/src/index.ts",
  "tsconfig.json",
  "types.d.ts",
];
const NAMES = ["alpha", "beta", "Gamma", "Delta", "omega"];
const SPECIFIERS = [
  "./a",
  "./a.js",
  "./b",
  "./c",
  "./d",
  "./d/e",
  "../b",
  "./e",
  "..",
  "lib",
  "@/a",
  "node:fs",
  "./g.vue",
  "./d/f.js",
];
const pick = (list: readonly string[]) => fc.constantFrom(...list);
const line = fc.oneof(
  fc.tuple(pick(NAMES), pick(SPECIFIERS)).map(([name, from]) => `import { ${name} } from "${from}";`),
  fc.tuple(pick(NAMES), pick(SPECIFIERS)).map(([name, from]) => `import ${name} from "${from}";`),
  fc.tuple(pick(NAMES), pick(SPECIFIERS)).map(([name, from]) => `import * as ${name} from "${from}";`),
  pick(SPECIFIERS).map((from) => `export * from "${from}";`),
  fc.tuple(pick(NAMES), pick(NAMES), pick(SPECIFIERS)).map(([a, b, from]) => `export { ${a} as ${b} } from "${from}";`),
  fc
    .tuple(pick(NAMES), pick(NAMES))
    .map(([name, base]) => `export class ${name} extends ${base} { ${base}m() { return this } }`),
  fc
    .tuple(pick(NAMES), pick(NAMES))
    .map(([name, base]) => `export interface ${name} extends ${base} { own: ${base}; special(): ${name} }`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([name, type]) => `export type ${name} = ${type} | { inner: ${type} };`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([name, other]) => `export const ${name} = ${other}.own.special();`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([name, other]) => `export function ${name}(x: ${other}) { return x.own }`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([a, b]) => `${a}.special().own; ${b}((c) => c.special()); thing.inner;`),
  pick(NAMES).map((name) => `declare global { interface ${name} { special: string } }`),
  fc
    .tuple(pick(SPECIFIERS), pick(NAMES))
    .map(([from, name]) => `declare module "${from}" { interface ${name} { inner: 1 } }`),
  pick(NAMES).map((name) => `export default ${name};`),
);
const source = fc.array(line, { maxLength: 7 }).map((lines) => lines.join("\n"));

function content(path: string, text: string): string {
  if (path.endsWith("tsconfig.json")) return text.length % 2 ? '{"compilerOptions":{"paths":{"@/*":["./*"]}}}' : "{}";
  if (path.endsWith(".json")) return text.length % 2 ? '{"name":"lib","main":"dist/index.js"}' : '{"name":"other"}';
  return path.endsWith(".vue") ? `<template><Gamma/></template>\n<script lang="ts">\n${text}\n</script>` : text;
}

const edit = fc.tuple(pick(PATHS), fc.option(source, { freq: 4 }));

test("linking what is affected gives what linking everything gives", () => {
  let skipped = 0;
  fc.assert(
    fc.property(
      fc.array(edit, { minLength: 8, maxLength: 12 }),
      fc.array(fc.array(edit, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 6 }),
      (start, steps) => {
        const files = new Map<string, Facts>();
        for (const [path, text] of start) if (text !== null) files.set(path, factsOf(path, content(path, text)));
        let links = linker(files).link([...files.keys()]);
        for (const step of steps) {
          const changes = new Map<string, Change>();
          for (const [path, text] of step) {
            const first = changes.get(path);
            const before = first ? first.before : files.get(path);
            const after = text === null ? undefined : factsOf(path, content(path, text));
            if (after) files.set(path, after);
            else files.delete(path);
            changes.set(path, { path, ...(before && { before }), ...(after && { after }) });
          }
          const reads = new Map([...links].map(([path, one]) => [path, one.reads]));
          const affected = affectedFiles(reads, [...changes.values()], linker(files).augmented());
          skipped += files.size - affected.length;
          const kept = [...links].filter(([path]) => files.has(path) && !affected.includes(path));
          links = new Map([...kept, ...linker(files).link(affected)]);
          const sorted = (map: Map<string, FileLinks>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
          expect(sorted(links)).toEqual(sorted(linker(files).link([...files.keys()].reverse())));
        }
      },
    ),
    { numRuns: 400 },
  );
  expect(skipped).toBeGreaterThan(1000);
});

test("a change of a body brings only its own file", () => {
  const files = new Map<string, Facts>();
  files.set("a.ts", factsOf("a.ts", "export function a(): number { return 1 }"));
  files.set("b.ts", factsOf("b.ts", 'import { a } from "./a"; a();'));
  const reads = new Map([...linker(files).link([...files.keys()])].map(([path, one]) => [path, one.reads]));
  const before = files.get("a.ts") as Facts;
  const body = factsOf("a.ts", "// why\nexport function a(): number {\n  const local = 2;\n  return local;\n}");
  expect(outsideOf(body)).toBe(outsideOf(before));
  expect(affectedFiles(reads, [{ path: "a.ts", before, after: body }], new Map())).toEqual(["a.ts"]);
  const outside = factsOf("a.ts", "export function z() {}\nexport function a(): number { return 1 }");
  expect(affectedFiles(reads, [{ path: "a.ts", before, after: outside }], new Map())).toEqual(["a.ts", "b.ts"]);
});
