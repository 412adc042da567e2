import { expect, test } from "vitest";
import { linkSources } from "../../../test/harness/linked-tree.ts";

test("re-exports, renames, defaults, stars and namespaces lead to the definition, not to the barrel", () => {
  const linked = linkSources({
    "a.ts": "export function make() {}\nexport default class Thing {}\nexport const hidden = 1;",
    "names.ts": 'export { make as build, default as Thing } from "./a";',
    "barrel.ts": 'export * from "./names";\nexport * as all from "./a";',
    "use.ts":
      'import { build, Thing, all } from "./barrel";\nimport * as ns from "./barrel";\nbuild(); new Thing(); all.hidden; ns.build();',
  });
  expect(linked.references("use.ts")).toEqual([
    "build -> a.ts:make exact",
    "Thing -> a.ts:Thing exact",
    "build -> a.ts:make exact",
    "Thing -> a.ts:Thing exact",
    "hidden -> a.ts:hidden exact",
    "build -> a.ts:make exact",
  ]);
  expect(linked.edges("use.ts")).toEqual(["a.ts symbol", "barrel.ts import"]);
  expect(linked.edges("barrel.ts")).toEqual(["a.ts reexport", "names.ts reexport"]);
});

test("members are found through annotations, constructors, results, inheritance and collections", () => {
  const linked = linkSources({
    "model.ts":
      "export class Base { id = 1; self(): this { return this } }\nexport interface Box { items: Item[] }\nexport class Item extends Base { open(): Box { return { items: [] } } static of() { return new Item() } }",
    "use.ts":
      'import { Item, type Box } from "./model";\nfunction f(box: Box) { box.items.map((item) => item.self().open().items[0].id) }\nconst { items } = new Item().open();\nItem.of().open();',
  });
  expect(linked.references("use.ts").filter((one) => one.includes("."))).toEqual(
    expect.arrayContaining([
      "items -> model.ts:Box.items inferred",
      "self -> model.ts:Base.self inferred",
      "open -> model.ts:Item.open inferred",
      "id -> model.ts:Base.id inferred",
      "of -> model.ts:Item.of exact",
    ]),
  );
});

test("a parameter's type comes from the function that it is handed to", () => {
  const linked = linkSources({
    "app.ts":
      "export interface Context { text(body: string): void }\ntype Handler = (c: Context) => void;\nexport interface Register { (path: string, ...handlers: Handler[]): App }\nexport class App { get!: Register }",
    "use.ts":
      'import { App } from "./app";\nnew App().get("/", (c) => c.text("a"), (c) => c.text("b")).get("/", (c) => c.text("c"));',
  });
  expect(linked.references("use.ts").filter((one) => one.startsWith("text"))).toEqual(
    Array(3).fill("text -> app.ts:Context.text inferred"),
  );
});

test("packages and the language never lead to a symbol of the same name in the repository", () => {
  const linked = linkSources({
    "own.ts":
      "export function createHash() {}\nexport class Response { text() {} }\nexport interface Reader { readLines(): void }",
    "use.ts":
      'import { createHash } from "node:crypto";\nimport got from "got";\ncreateHash().readLines(); new Response().text(); got().readLines();',
  });
  expect(linked.references("use.ts")).toEqual([]);
});

test("a member of an unknown object is a guess, and only where few members have its name", () => {
  const linked = linkSources({
    "own.ts": "export interface Reader { readLines(): void; get(): void }",
    "use.ts": "export function f(x) { x.readLines(); x.get(); }",
  });
  expect(linked.references("use.ts")).toEqual(["readLines -> own.ts:Reader.readLines ambiguous"]);
});

test("declarations of one thing are meant together", () => {
  const linked = linkSources({
    "a.ts":
      "export interface Options { a: 1 }\nexport interface Options { b: 2 }\nexport const Kind = {};\nexport type Kind = string;",
    "more.ts": 'import "./a";\ndeclare module "./a" { interface Options { c: 3 } }',
    "use.ts": 'import type { Options } from "./a";\nfunction f(o: Options) { o.b; o.c }',
  });
  const all = "a.ts:Options & a.ts:Options & more.ts:./a.Options";
  expect(linked.references("use.ts")).toEqual([
    `Options -> ${all} exact`,
    `Options -> ${all} exact`,
    "b -> a.ts:Options.b inferred",
    "c -> more.ts:./a.Options.c inferred",
  ]);
});

test("a file depends on what adds to an interface only where it uses what is added", () => {
  const linked = linkSources({
    "a.ts": "export interface Options { a: 1 }\nexport const read = (o: Options) => o.a;",
    "a.test.ts": 'import "./a";\ndeclare module "./a" { interface Options { c: 3 } }',
    "name.ts": 'import type { Options } from "./a";\nexport const a = (o: Options) => o.a;',
    "member.ts": 'import type { Options } from "./a";\nexport const c = (o: Options) => o.c;',
  });
  expect(linked.edges("a.ts")).toEqual([]);
  expect(linked.edges("name.ts")).toEqual(["a.ts type-import,symbol"]);
  expect(linked.edges("member.ts")).toEqual(["a.test.ts symbol", "a.ts type-import,symbol"]);
});

test("CommonJS, export assignments and default interoperation", () => {
  const linked = linkSources({
    "store.js": "function read() {}\nmodule.exports = { read, write() {} };",
    "single.ts": "class Single { go() {} }\nexport = Single;",
    "use.js":
      'const { read, write } = require("./store");\nconst store = require("./store");\nread(); write(); store.read();',
    "use.ts": 'import Single from "./single";\nimport One = require("./single");\nnew Single().go(); new One().go();',
  });
  expect(new Set(linked.references("use.js"))).toEqual(
    new Set(["read -> store.js:read exact", "write -> store.js:write exact"]),
  );
  expect(linked.references("use.ts").filter((one) => one.startsWith("go"))).toEqual(
    Array(2).fill("go -> single.ts:Single.go inferred"),
  );
});

test("a function or class that is a CommonJS module is called as it calls itself, else as its file is", () => {
  const linked = linkSources({
    "make-it.js": "module.exports = (a) => a;",
    "deep/index.js": "module.exports = class {};",
    "own.js": "module.exports = function named() {};",
    "plain.js": "module.exports = require('x')();",
    "use.js":
      'const makeIt = require("./make-it");\nconst Deep = require("./deep");\nconst own = require("./own");\nconst plain = require("./plain");\nmakeIt(); new Deep(); own(); plain.a;',
  });
  expect(linked.references("use.js").map((one) => one.replace(" exact", ""))).toEqual([
    "makeIt -> make-it.js:makeIt",
    "Deep -> deep/index.js:deep",
    "own -> own.js:named",
    "plain -> plain.js:module.exports",
  ]);
});

test("types in the documentation of CommonJS modules are imported, whatever the modules export", () => {
  const typedef = (name: string) => `/** @typedef {[number, number]} ${name} */\nclass Mod {}\n`;
  const linked = linkSources({
    "whole.js": `${typedef("One")}module.exports = Mod;`,
    "named.js": `${typedef("Two")}module.exports = { Mod };`,
    "member.js": `${typedef("Three")}module.exports.Mod = Mod;`,
    "use.js":
      '/** @import { One } from "./whole" */\n/** @typedef {import("./named").Two} Other */\n/** @type {One} */ let a;\n/** @type {import("./member").Three} */ let b;\nrequire("./whole");',
  });
  expect(linked.references("use.js")).toEqual([
    "Two -> named.js:Two exact",
    "One -> whole.js:One exact",
    "Three -> member.js:Three exact",
  ]);
});

test("a type in the documentation has the members and stands for the type that it says", () => {
  const linked = linkSources({
    "lib.js": `/** @typedef {object} Context
 * @property {Item[]} items things
 * @property {{ deep: Item }} more
 */
/** @typedef {{ one: Item } & Context} Both */
class Item { go() {} }
module.exports = Item;`,
    "use.js": `/** @typedef {import("./lib").Both} Named */
/** @param {import("./lib").Context} a @param {Named} b */
function f(a, b, c) { a.items[0].go(); a.more.deep.go(); b.one.go(); b.items; /** @type {Named} */ (c).one; }`,
  });
  const go = "go -> lib.js:Item.go inferred";
  expect(linked.references("use.js").filter((one) => one.endsWith("inferred"))).toEqual([
    "items -> lib.js:Context.items inferred",
    go,
    "more -> lib.js:Context.more inferred",
    "deep -> lib.js:Context.more.deep inferred",
    go,
    "one -> lib.js:Both.one inferred",
    go,
    "items -> lib.js:Context.items inferred",
    "one -> lib.js:Both.one inferred",
  ]);
});

test("cycles of re-exports and of types end", () => {
  const linked = linkSources({
    "a.ts": 'export * from "./b";\nexport * from "./c";\nexport type A = B | A[];\nimport { B } from "./b";',
    "b.ts": 'export * from "./a";\nimport { A } from "./a";\nexport type B = A & { x: B };',
    "c.ts": 'export * from "./a";\nexport { ghost } from "./c";\nexport const real = 1;',
    "use.ts": 'import { ghost, real, A } from "./b";\nfunction f(a: A) { a.x.x.y }',
  });
  expect(linked.references("use.ts")).toContain("real -> c.ts:real exact");
  expect(linked.references("use.ts")).toContain("x -> b.ts:B.x inferred");
});

test("20,000 files that pass a name on are walked in time and without recursion", () => {
  const sources: Record<string, string> = { "f0.ts": "export const end = 1;" };
  for (let i = 1; i < 20_000; i++) sources[`f${i}.ts`] = `export * from "./f${i - 1}";`;
  sources["use.ts"] = 'import { end } from "./f19999";';
  const linked = linkSources(sources);
  expect(linked.references("use.ts")).toEqual(["end -> f0.ts:end exact"]);
  expect(linked.links.get("use.ts")?.reads.files).toEqual(["*"]);
}, 30_000);

test("Python: packages, namespaces, modules as members, and values by annotation and constructor", () => {
  const linked = linkSources({
    "src/shop/__init__.py": "from .model import Item as Item\nfrom . import model as model\n",
    "src/shop/model.py":
      "class Base:\n  def run(self) -> 'Item': ...\nclass Item(Base):\n  def __init__(self, box: Box):\n    self.box = box\nclass Box:\n  size = 1\n",
    "spread/part.py": "def go(): pass\n",
    "use.py":
      "from shop import Item, model\nfrom spread import part\nimport spread.part\nItem(1).run().box.size\nmodel.Item\npart.go()\nspread.part.go()\nmodel.Base.run\n",
  });
  expect(linked.references("use.py")).toEqual([
    "Item -> src/shop/model.py:Item exact",
    "Item -> src/shop/model.py:Item exact",
    "run -> src/shop/model.py:Base.run inferred",
    "box -> src/shop/model.py:Item.box inferred",
    "size -> src/shop/model.py:Box.size inferred",
    "Item -> src/shop/model.py:Item exact",
    "go -> spread/part.py:go exact",
    "go -> spread/part.py:go exact",
    "Base -> src/shop/model.py:Base exact",
    "run -> src/shop/model.py:Base.run exact",
  ]);
  expect(linked.edges("use.py")).toEqual([
    "spread/part.py import,symbol",
    "src/shop/__init__.py import",
    "src/shop/model.py import,symbol",
  ]);
});

test("components are modules: imported by name, importing, and using what they import in their templates", () => {
  const linked = linkSources({
    "api.ts": "export function load() {}",
    "Row.svelte": '<script>export let label; import { load } from "./api";</script>\n<p on:click={load}>{label}</p>',
    "Panel.vue":
      '<script setup lang="ts">\nimport { load } from "./api";\nimport Row from "@/Row.svelte";\n</script>\n<template><Row :a="load()" /></template>',
    "main.ts": 'import Panel from "./Panel.vue";\nimport Row from "./Row.svelte";\nnew Panel(Row);',
  });
  expect(linked.references("main.ts")).toEqual([
    "Panel -> Panel.vue:Panel exact",
    "Row -> Row.svelte:Row exact",
    "Panel -> Panel.vue:Panel exact",
    "Row -> Row.svelte:Row exact",
  ]);
  expect(linked.edges("Panel.vue")).toEqual(["Row.svelte import,symbol", "api.ts import,symbol"]);
  expect(linked.edges("Row.svelte")).toEqual(["api.ts import,symbol"]);
});

test("type arguments say what members of generic classes, interfaces and aliases are", () => {
  const linked = linkSources({
    "model.ts":
      "export class Item { open() {} }\nexport interface Box<T> { first: T; all: T[]; map: Record<string, T> }\nexport type Loose<T> = { [K in keyof T]?: T[K] };\nexport class Shelf<T extends Item = Item> implements Readonly<{ top: Item }> { get(): T { return 0 as any } }\nexport interface Config extends Readonly<Omit<Item, 'x'> & { root: Item }> {}",
    "use.ts": `import { Shelf, type Box, type Config, type Item, type Loose } from "./model";
function f(box: Box<Item>, loose: Loose<Item>, shelf: Shelf, config: Config) {
  box.first.open(); box.all[0].open(); box.map.one.open(); loose.open(); shelf.get().open();
  new Shelf<Item>().get().open(); config.root.open();
}`,
  });
  expect(linked.references("use.ts").filter((one) => one.startsWith("open"))).toEqual(
    Array(7).fill("open -> model.ts:Item.open inferred"),
  );
  expect(linked.references("use.ts")).toContain("root -> model.ts:Config.root inferred");
});

test("tags in lower case are members of the JSX runtime that the file, the configuration or a global declaration names", () => {
  const elements = (name: string) => `export namespace JSX { interface IntrinsicElements { ${name}: object } }`;
  const linked = linkSources({
    "own/jsx-runtime.ts": elements("one"),
    "all/jsx-runtime.ts": elements("two"),
    "app/tsconfig.json":
      '{ "compilerOptions": { "jsxImportSource": "../all", "paths": { "../all/*": ["../all/*"] } } }',
    "app/pragma.tsx": "/** @jsxImportSource ../own */\nexport const a = <one />;",
    "app/configured.tsx": "export const a = <two></two>;",
    "global.d.ts": "declare namespace JSX { interface IntrinsicElements { three: object } }",
    "plain.tsx": "export const a = [<three />, <two />];",
  });
  expect(linked.references("app/pragma.tsx")).toEqual(["one -> own/jsx-runtime.ts:JSX.IntrinsicElements.one inferred"]);
  expect(linked.edges("app/pragma.tsx")).toEqual(["own/jsx-runtime.ts symbol"]);
  expect(linked.references("app/configured.tsx")).toEqual(
    Array(2).fill("two -> all/jsx-runtime.ts:JSX.IntrinsicElements.two inferred"),
  );
  expect(linked.references("plain.tsx")).toEqual(["three -> global.d.ts:JSX.IntrinsicElements.three inferred"]);
  expect(linked.links.get("plain.tsx")?.unresolved).toEqual([]);
});
