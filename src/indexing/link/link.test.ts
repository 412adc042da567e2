import { expect, test } from "vitest";
import { extractFacts } from "../../languages/extract.ts";
import { NO_FACTS } from "../../languages/facts.ts";
import { grammarOf } from "../../languages/grammar.ts";
import { languageOf } from "../../languages/language.ts";
import { createJavascriptResolver, publishedPackages } from "./javascript.ts";
import { linkFiles } from "./link.ts";
import type { Tree } from "./tree.ts";

function treeOf(files: Record<string, string>): Tree {
  const facts = new Map(
    Object.entries(files).map(([path, text]) => {
      const grammar = grammarOf(path);
      return [path, grammar === undefined ? NO_FACTS : extractFacts(grammar, { path, text })];
    }),
  );
  return {
    paths: [...facts.keys()].sort(),
    has: (path) => facts.has(path),
    language: languageOf,
    facts: (path) => facts.get(path) ?? NO_FACTS,
  };
}

function link(files: Record<string, string>) {
  const tree = treeOf(files);
  const resolver = createJavascriptResolver(tree);
  return { tree, links: linkFiles(tree, tree.paths, () => resolver) };
}

/** Where the imports of `from` lead, in order. */
function resolve(from: string, files: Record<string, string>): string[] {
  const tree = treeOf(files);
  const resolver = createJavascriptResolver(tree);
  return tree.facts(from).imports.map((fact) => {
    const resolution = resolver.resolveImport(from, fact);
    if (resolution.kind === "files") return resolution.paths.join();
    return resolution.kind === "external" ? `external ${resolution.package}` : resolution.kind;
  });
}

/** References of `from` as `name@line → path#symbol confidence`. */
function references(from: string, files: Record<string, string>): string[] {
  const { tree, links } = link(files);
  return (links.get(from)?.links ?? []).map(({ reference, confidence, definitions }) => {
    const { name, line } = tree.facts(from).references[reference] ?? { name: "?", line: 0 };
    const [to] = definitions;
    const symbol = to && tree.facts(to.path).symbols[to.symbol];
    return `${name}@${line} → ${to?.path}#${symbol?.name} ${confidence}`;
  });
}

test("relative imports, written endings, folders, JSON, queries, and what is not there", () => {
  expect(
    resolve("src/a.ts", {
      "src/a.ts": `import "./b.js"; import "./folder"; import "../data.json"; import "./c"; import "./d.mjs";
        import logo from "./logo.svg?raw"; import "./gone"; import "node:fs"; import "path"; import "react/jsx-runtime";
        import "@scope/pkg/deep"; import "."; import "../../outside"; require("./b");`,
      "src/b.ts": "",
      "src/folder/index.tsx": "",
      "data.json": "{}",
      "src/c.d.ts": "",
      "src/d.mts": "",
      "src/logo.svg": "",
      "src/index.ts": "",
    }),
  ).toEqual([
    "src/b.ts",
    "src/folder/index.tsx",
    "data.json",
    "src/c.d.ts",
    "src/d.mts",
    "src/logo.svg",
    "missing",
    "builtin",
    "builtin",
    "external react",
    "external @scope/pkg",
    "src/index.ts",
    "missing",
    "src/b.ts",
  ]);
});

test("paths and baseUrl of the nearest tsconfig, through extends, with comments", () => {
  expect(
    resolve("app/src/a.ts", {
      "app/src/a.ts": `import "@/x"; import "@/deep/y"; import "lib/z"; import "exact"; import "other";`,
      "app/tsconfig.json": `{ // nearest
        "extends": "../base.json", "compilerOptions": { "paths": { "@/*": ["./src/*"], "@/deep/*": ["./deeper/*"], "exact": ["./one.ts"], }, } }`,
      "base.json": `{ "compilerOptions": { "baseUrl": "./shared", "paths": { "never": ["x"] } } }`,
      "tsconfig.base.json": "",
      "app/src/x.ts": "",
      "app/deeper/y.ts": "",
      "shared/lib/z.ts": "",
      "app/one.ts": "",
    }),
  ).toEqual(["app/src/x.ts", "app/deeper/y.ts", "external lib", "app/one.ts", "external other"]);
});

test("workspace packages by name: exports, conditions, patterns, built files, imports and self reference", () => {
  const files = {
    "packages/core/package.json": JSON.stringify({
      name: "@acme/core",
      exports: {
        ".": { types: "./dist/index.d.ts", import: "./dist/index.js" },
        "./*": "./src/*.ts",
        "./sub": "./lib/sub.js",
      },
      imports: { "#internal/*": "./src/internal/*.js" },
    }),
    "packages/core/src/index.ts": `import "#internal/a"; import "@acme/core/feature"; import "#nowhere";`,
    "packages/core/src/internal/a.ts": "",
    "packages/core/src/feature.ts": "",
    "packages/core/src/sub.ts": "",
    "packages/app/main.ts": `import "@acme/core"; import "@acme/core/feature"; import "@acme/core/sub"; import "@acme/core/none"; import "plain";`,
    "packages/plain/package.json": `{ "name": "plain", "main": "./lib/main.js" }`,
    "packages/plain/src/main.ts": "",
  };
  expect(resolve("packages/app/main.ts", files)).toEqual([
    "packages/core/src/index.ts",
    "packages/core/src/feature.ts",
    "packages/core/src/sub.ts",
    "external @acme/core",
    "packages/plain/src/main.ts",
  ]);
  expect(resolve("packages/core/src/index.ts", files)).toEqual([
    "packages/core/src/internal/a.ts",
    "packages/core/src/feature.ts",
    "missing",
  ]);
  expect(publishedPackages(treeOf(files))).toEqual(["@acme/core", "plain"]);
});

test("references go through barrels, renames, stars, namespaces and circles to the definition", () => {
  const files = {
    "def.ts":
      "export function made() {}\nexport class Thing { grow() {} static of() { return new Thing(); } }\nexport default made;",
    "barrel.ts": `export * from "./circle.ts"; export { made as renamed } from "./def.ts"; export * as all from "./def.ts";`,
    "circle.ts": `export * from "./barrel.ts"; export * from "./def.ts";`,
    "use.ts": `import { renamed, Thing, all } from "./barrel.ts";\nimport whole from "./def.ts";
renamed();
all.made();
new Thing().grow();
Thing.of();
whole();`,
  };
  expect(references("use.ts", files)).toEqual([
    "renamed@1 → def.ts#made exact",
    "Thing@1 → def.ts#Thing exact",
    "whole@2 → def.ts#made exact",
    "renamed@3 → def.ts#made exact",
    "made@4 → def.ts#made exact",
    "grow@5 → def.ts#grow inferred",
    "Thing@5 → def.ts#Thing exact",
    "of@6 → def.ts#of exact",
    "Thing@6 → def.ts#Thing exact",
    "whole@7 → def.ts#made exact",
  ]);
});

test("members by annotation, inheritance and results; built-ins never resolve to a symbol of the same name", () => {
  const files = {
    "base.ts": "export class Base { run() {} }\nexport interface Map { own(): void }",
    "child.ts": `import { Base } from "./base.ts";\nexport class Child extends Base { next(): Child { return this; } }`,
    "use.ts": `import { Child } from "./child.ts";
export function go(child: Child, map: Map<string, string>) {
  child.next().next().run();
  map.own();
  console.log(JSON.parse("1").run);
}`,
  };
  expect(references("use.ts", files).filter((one) => /@[345]/.test(one))).toEqual([
    "run@3 → base.ts#run inferred",
    "next@3 → child.ts#next inferred",
    "next@3 → child.ts#next inferred",
  ]);
});

test("CommonJS exports are found by name and as a whole", () => {
  const files = {
    "lib.cjs": "function one() {}\nfunction two() {}\nmodule.exports = { one, other: two };",
    "whole.cjs": "class Whole { go() {} }\nmodule.exports = Whole;",
    "use.cjs": `const { one } = require("./lib.cjs");\nconst lib = require("./lib.cjs");\nconst Whole = require("./whole.cjs");
one();
lib.other();
new Whole().go();`,
  };
  expect(references("use.cjs", files).filter((one) => /@[456]/.test(one))).toEqual([
    "one@4 → lib.cjs#one exact",
    "other@5 → lib.cjs#two exact",
    "go@6 → whole.cjs#go inferred",
  ]);
});

test("20,000 re-exports in a chain need no recursion that overflows", () => {
  const files: Record<string, string> = { "f0.ts": "export const end = 1;" };
  for (let i = 1; i <= 20_000; i++) files[`f${i}.ts`] = `export * from "./f${i - 1}.ts";`;
  files["use.ts"] = `import { end } from "./f20000.ts";`;
  const { links } = link(files);
  expect(links.get("use.ts")?.edges).toContainEqual({ to: "f20000.ts", kinds: ["import"] });
});
