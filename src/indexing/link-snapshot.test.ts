import fc from "fast-check";
import { expect, test } from "vitest";
import { factsOf } from "../../test/harness/linked-tree.ts";
import { folderOf } from "../graph/path-names.ts";
import { openGraph } from "../graph/pack.ts";
import { grammarOf } from "../languages/grammar.ts";
import { isTestPath } from "../languages/test-file.ts";
import { openFacts, packFacts } from "../graph/packed-facts.ts";
import type { DeclarationsAsked } from "./link/tree.ts";
import { symbolRows } from "./facts-of.ts";
import { ALL_FILES, markOfFamily, markOfFile, type LinkMark } from "./link-mark.ts";
import { familyNumberOf } from "./link/resolvers.ts";
import { linkSnapshot, openLinks, type LinkedSnapshot, type OpenedLinks } from "./link-snapshot.ts";

/** Packed facts by path; undefined for a file without any. */
type Files = ReadonlyMap<string, Uint8Array | undefined>;

interface Linked extends LinkedSnapshot {
  files: Files;
  facts: OpenedLinks["facts"];
  /** Links of all files by path, those kept from before included. */
  all: Map<string, string>;
}

function packed(path: string, text: string): Uint8Array | undefined {
  return grammarOf(path) === undefined ? undefined : packFacts(factsOf(path, text));
}

function link(files: Files, previous?: Linked): Linked {
  const paths = previous ? [...new Set([...files.keys(), ...previous.files.keys()])] : [];
  const isSame = (path: string) =>
    files.has(path) === previous?.files.has(path) && String(files.get(path)) === String(previous.files.get(path));
  const changes = paths
    .filter((path) => !isSame(path))
    .map((path) => ({ path, wasThere: previous?.files.has(path) === true, facts: previous?.files.get(path) }));
  const described = [...files].map(([path, facts]) => ({
    path,
    isTest: isTestPath(path),
    hasFacts: facts !== undefined,
  }));
  const before = previous && openLinks(previous, previous.facts);
  let facts: Linked["facts"] = new Map();
  const linked = linkSnapshot(
    { skipped: [], files: described, previous: before && { key: before.key, changes } },
    {
      readFacts: (numbers) => numbers.map((number) => files.get(described[number]?.path ?? "")),
      findDeclaring: (asked) =>
        described.flatMap(({ path }, number) => (declares(files.get(path), asked) ? number : [])),
      before,
      onFacts: (kept) => (facts = kept),
    },
  );
  const kept = [...(previous?.all ?? [])].filter(([path]) => files.get(path));
  const again = linked.links.map(({ path, data }): [string, string] => [path, Buffer.from(data).toString("base64")]);
  return { ...linked, files, facts, all: new Map([...kept, ...again]) };
}

/** As the database tells it of what is stored. */
function declares(facts: Uint8Array | undefined, { names, containers }: DeclarationsAsked): boolean {
  if (!facts) return false;
  return symbolRows(openFacts(facts)).some(
    ({ name, container, kind }) =>
      names.includes(name) &&
      (container === undefined ||
        !containers ||
        containers.includes(container) ||
        !["property", "method", "constructor"].includes(kind)),
  );
}

/** All that is stored of a snapshot's links, as text. */
function stored({ graph, state, packages, all }: Linked) {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return { graph: text(graph), state: text(state), packages, links: [...all].sort(([a], [b]) => (a < b ? -1 : 1)) };
}

const SEED = Number(process.env["KOTA_LINK_SEED"] ?? 20_261_130);

function edgesOf(linked: Linked): number {
  const graph = openGraph(linked.graph);
  return graph.paths.reduce((sum, _, file) => sum + graph.dependencies(file).length, 0);
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
  "note.md",
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
  fc
    .tuple(pick(NAMES), pick(NAMES))
    .map(
      ([name, bound]) =>
        `export class ${name}<T extends ${bound}> extends ${bound}<T> { own: T; inner: ${name}<${bound}> }`,
    ),
  fc
    .tuple(pick(NAMES), pick(NAMES), pick(NAMES))
    .map(([name, of, type]) => `export const ${name}: ${of}<${type}> = 0; ${name}.own.special().inner.own;`),
  fc
    .tuple(pick(NAMES), pick(NAMES))
    .map(([name, of]) => `export type ${name}<T> = { [K in keyof T]: T[K] } & Readonly<${of}<T>>;`),
  fc
    .tuple(pick(NAMES), pick(NAMES))
    .map(
      ([name, base]) => `class ${name} { own: ${base}; static inner = new ${base}(); special() { return this.own } }`,
    ),
  fc
    .tuple(pick(NAMES), pick(NAMES))
    .map(([name, other]) => `const ${name} = new ${other}(); export { ${name} as ${other} };`),
);
const script = fc.array(line, { maxLength: 7 }).map((lines) => lines.join("\n"));

const python = fc.oneof(
  fc
    .tuple(pick(["pkg", "pkg.one", ".one", ".", "two", "..two", "pkg.sub", "pkg.sub.one"]), pick(NAMES))
    .map(([from, name]) => `from ${from} import ${name}`),
  pick(["import pkg.one", "import two", "from pkg import one, sub", "from two import *", "import pkg.sub.one as one"]),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([a, b]) => `class ${a}(${b}):\n  def special(self) -> "${b}": ...`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([a, b]) => `${a} = ${b}().special().own; one.${a}.special()`),
);
const pythonTests = fc
  .tuple(pick(NAMES), pick(NAMES))
  .map(
    ([a, b]) => `def ${b}(x, y: list[${a}]):\n  for z in y: z.special()\n  if isinstance(x, ${a}): return x.special()`,
  );
const CONSTANTS = ["Alpha", "Beta", "Gamma", "Delta"];
const ruby = fc.oneof(
  fc
    .tuple(pick(CONSTANTS), pick(CONSTANTS), pick(["include", "extend"]))
    .map(([a, b, mix]) => `class ${a} < ${b}\n ${mix} ${b}\n def special = ${b}.new.special\nend`),
  pick(CONSTANTS).map((name) => `module ${name}\n def self.own = 1\n def special = own\nend`),
  pick(CONSTANTS).map((name) => `module ${name}\n class_methods do\n def own = 1\n end\nend`),
  fc.tuple(pick(CONSTANTS), pick(CONSTANTS)).map(([a, b]) => `${a}.own\n${b}.new.special\n${a}::${b}`),
  pick(['require "beta"', 'require_relative "two"', 'require "gamma/x"']),
);
const php = fc.oneof(
  fc
    .tuple(pick(NAMES), pick(NAMES))
    .map(([a, b]) => `class ${a} extends ${b} { use ${b}; public ?${a} $own; public function special(): ${b} {} }`),
  pick(NAMES).map((name) => `trait ${name} { public static function special() {} }`),
  fc
    .tuple(pick(NAMES), pick(NAMES))
    .map(([a, b]) => `function own($x) { if ($x instanceof ${a}) { $x->special(); } /** @var ${b}[] $y */ $y = $x; }`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([a, b]) => `${a}::special()->own; (new ${b}())->own->special();`),
);
const TYPES = ["One", "Two", "Six"];
const types = fc.tuple(pick(TYPES), pick(TYPES));
const java = fc.oneof(
  types.map(([a, b]) => `class ${b} extends ${a} { ${a} own; static ${b} made() { return new ${b}(); } }`),
  types.map(([a, b]) => `class ${a} { ${b} special(${a} x) { return x.own.special(${b}.made()); } }`),
  types.map(([a, b]) => `interface ${a} { ${b} special(${a} x); default ${b} own() { return special(this); } }`),
  pick(["import k.One;", "import k.*;", "import static k.Two.made;", "import s.Six;", "import java.util.List;"]),
);
const kotlin = fc.oneof(
  types.map(([a, b]) => `open class ${a} : ${b}() { val own: ${b} = ${b}(); fun special(x: ${a}) = x.own.special(x) }`),
  types.map(([a, b]) => `fun ${a}.special(): ${b} = this.own.made()`),
  types.map(([a, b]) => `object ${a} { fun made() = ${b}() }\nval six = ${b}.made().own`),
  types.map(([a, b]) => `class ${a} { companion object { fun made(): ${b} = ${b}() } }\ntypealias ${b} = ${a}`),
  types.map(([a, b]) => `fun made(x: ${a}, y: List<${b}>) { x.special(x).own; y.first().special(x); ${b}.made() }`),
  pick(["import j.One", "import j.*", "import s.Six", "import s.made", "import k.inner.Two"]),
);
const scala = fc.oneof(
  types.map(([a, b]) => `class ${a}(val own: ${b}) extends ${b} { def special(x: ${a}): ${b} = x.own.special(x) }`),
  types.map(([a, b]) => `object ${a} { def made: ${b} = new ${b}(null); val six = made.own }`),
  types.map(([a, b]) => `trait ${a} { def special(x: ${b}): ${a} }\ncase class ${b}(own: ${a})`),
  types.map(([a, b]) => `implicit class Rich(x: ${a}) { def special: ${b} = ${b}.made.own }`),
  pick(["import j.One", "import j._", "import k.{One => Two}", "import k.made", "import s.inner.Six"]),
);
const csharp = fc.oneof(
  types.map(
    ([a, b]) => `partial class ${a} : ${b} { public ${b} Own; public ${a} Special(${b} x) => x.Own.Special(x); }`,
  ),
  types.map(([a, b]) => `static class Rich${a} { public static ${b} Special(this ${a} x) { return x.Own; } }`),
  types.map(([a, b]) => `interface ${a} { ${b} Special(${a} x); }\nenum ${b} { ${a}, Own }`),
  types.map(
    ([a, b]) => `record ${a}(${b} Own) { static ${b} Made() { var x = new ${a}(null); return x.Own.Special(x); } }`,
  ),
  types.map(
    ([a, b]) => `class Use${a} { ${a} x = ${b}.Made(); void F(List<${b}> y) { x.Special(x).Own.F(); y.Own(); } }`,
  ),
  pick([
    "using Acme;",
    "using Acme.Inner;",
    "using Two = Acme.Inner.One;",
    "using static Acme.One;",
    "using System;",
    "global using Acme.Inner;",
  ]),
);
const rust = fc.oneof(
  pick(["mod one;", "pub mod two;", "mod deep;", "pub use deep::*;", "pub use self::two::deep::One as Two;"]),
  pick(["use crate::one::One;", "use super::*;", "use other::Two;", "use acme::one;", "use std::fmt::Debug;"]),
  types.map(([a, b]) => `pub struct ${a} { pub own: ${b} }`),
  types.map(([a, b]) => `pub trait ${a} { fn special(&self, x: ${b}) -> ${a}; fn made() -> ${b}; }`),
  types.map(([a, b]) => `impl ${a} for ${b} { fn special(&self, x: ${b}) -> ${a} { self.own.special(x) } }`),
  types.map(
    ([a, b]) => `impl ${a} { pub fn made() -> ${b} { ${b}::made().own }\n fn own(x: &${b}) { x.special(x); } }`,
  ),
  types.map(([a, b]) => `pub enum ${a} { ${b}, Own }\npub type ${b} = ${a};\nconst SIX: ${a} = ${a}::${b};`),
  types.map(([a, b]) => `pub fn made(x: ${a}) { x.special(x).own; one::${b}::made(); crate::two::made(x); six!(x); }`),
  types.map(([a]) => `#[macro_export]\nmacro_rules! six { ($x:expr) => { ${a}::made($x) } }`),
);
const cpp = fc.oneof(
  pick(['#include "a.h"', '#include "inc/b.hpp"', '#include "b.hpp"', "#include <vector>", "using namespace n;"]),
  types.map(([a, b]) => `namespace n { class ${a} : public ${b} { public: ${b} own; ${a} special(${b} x); }; }`),
  types.map(([a, b]) => `n::${a} n::${b}::special(n::${a} x) { return x.own.special(x); }`),
  types.map(([a, b]) => `struct ${a} { ${b} *own; static ${b} made(int x); };\ntypedef ${a} Old${b};`),
  types.map(
    ([a, b]) => `template <class T> ${a} made(T x, ${b} y) { return y.own->special(x); }\nusing ${b} = n::${a};`,
  ),
  types.map(([a, b]) => `void six(${a} x) { n::${b} y; y.special(x).own; ${b}::made(1); made(x, y); }`),
  types.map(([a, b]) => `enum class ${a} { ${b}, Own };\n#define ${b} ${a}`),
);
const go = fc.oneof(
  pick(["acme.dev/a/g", "acme.dev/a/h", "acme.dev/b", "fmt", "other.dev/x/y"]).map((from) => `import "${from}"`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([a, b]) => `type ${a} struct { ${b}; inner ${b} }`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([a, b]) => `func (x ${a}) special() ${b} { return x.inner.special() }`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([a, b]) => `func ${a}(x ${b}) { x.special().inner; ${b}(h.${a}, g.${b}) }`),
  fc.tuple(pick(NAMES), pick(NAMES)).map(([a, b]) => `var ${a} g.${b} = h.${b}(y.${a})`),
);
const c = fc.oneof(
  pick(['#include "k.h"', "#include <stdio.h>"]),
  pick(NAMES).map((name) => `int ${name}(int x);`),
  fc
    .tuple(pick(NAMES), pick(NAMES))
    .map(([a, b]) => `struct ${a} { int special; }; int ${b}(int x) { return ${a}(x); }`),
);

const lines = (line: fc.Arbitrary<string>, before = "") =>
  fc.array(line, { maxLength: 5 }).map((some) => [before, ...some].join("\n"));

function scriptText(path: string): fc.Arbitrary<string> {
  if (path === "tsconfig.json") return pick(['{"compilerOptions":{"paths":{"@/*":["./*"]}}}', "{}"]);
  if (path.endsWith(".json")) return pick(['{"name":"lib","main":"dist/index.js"}', '{"name":"other"}']);
  if (!path.endsWith(".vue")) return script;
  return script.map((body) => `<template><Gamma/></template>\n<script lang="ts">\n${body}\n</script>`);
}

/** By ending of the path, a function to stand behind a text: what stands in it others cannot see. */
const FUNCTIONS: Record<string, { around: [before: string, after: string]; names: readonly string[]; uses: string[] }> =
  {
    c: { around: ["int wrapped(int x) {", "}"], names: NAMES, uses: ["A(B(x));", "struct A y; y.special;"] },
    cs: {
      around: ["class Wrapped { void F(One x) {", "} }"],
      names: TYPES,
      uses: ["A.Made().Own.Special(x);", "x.Special(new B()).Own;", "B.A.Own();"],
    },
    go: {
      around: ["func wrapped(x Gamma) {", "}"],
      names: NAMES,
      uses: ["x.special().inner", "A(h.B, g.A)", "B.special()"],
    },
    hpp: {
      around: ["inline void wrapped(n::One x) {", "}"],
      names: TYPES,
      uses: ["n::A::made(1)->own;", "x.special(n::B()).own;", "A y; y.own->special(x);"],
    },
    java: {
      around: ["class Wrapped { void f(One x) {", "} }"],
      names: TYPES,
      uses: ["A.made().own.special(x);", "x.special(new B()).own;", "var y = B.made(); y.own();"],
    },
    kt: {
      around: ["private fun wrapped(x: One) {", "}"],
      names: TYPES,
      uses: ["A.made().own.special(x)", "x.special(B()).own", "made(B.made(), listOf(A()))"],
    },
    php: {
      around: ["function wrapped(Gamma $x) {", "}"],
      names: NAMES,
      uses: ["A::special()->own;", "$x->special()->own;", "(new B())->own->special(new A());"],
    },
    py: {
      around: ["def wrapped(x: Gamma):\n  pass", ""],
      names: NAMES,
      uses: ["  x.special().own", "  A().special(B)"],
    },
    rb: { around: ["def wrapped", "nil\nend"], names: CONSTANTS, uses: ["A.own", "B.new.special", "A::B"] },
    rs: {
      around: ["fn wrapped(x: One) {", "}"],
      names: TYPES,
      uses: ["A::made().own.special(x);", "x.special(B::made()).own;", "one::A::B; six!(x);"],
    },
    scala: {
      around: ["object Wrapped { def f(x: One) = {", "} }"],
      names: TYPES,
      uses: ["A.made.own.special(x)", "x.special(new B(null)).own", "B.six"],
    },
    ts: {
      around: ["function wrapped(x: Gamma) {", "}"],
      names: NAMES,
      uses: ["x.special().own;", "new A().inner.own(B);"],
    },
  };
const ENDINGS: Record<string, string> = { cc: "hpp", cpp: "hpp", h: "hpp", js: "ts", tsx: "ts" };

function bodyOf(path: string): fc.Arbitrary<string> {
  const ending = path.slice(path.lastIndexOf(".") + 1);
  const wrapped = FUNCTIONS[path === "k.h" ? "c" : (ENDINGS[ending] ?? ending)];
  if (!wrapped) return fc.constant("");
  const { around, names, uses } = wrapped;
  const use = fc
    .tuple(pick(uses), pick(names), pick(names))
    .map(([text, a, b]) => text.replace(/\b[AB]\b/g, (name) => (name === "A" ? a : b)));
  return fc.array(use, { maxLength: 3 }).map((some) => ["", around[0], ...some, around[1]].join("\n"));
}

/** Files that know each other, and texts that fit their paths. */
const WORLDS: [name: string, paths: string[], textOf: (path: string) => fc.Arbitrary<string>][] = [
  ["TypeScript", PATHS, scriptText],
  [
    "Python",
    "pkg/__init__.py pkg/one.py pkg/sub/one.py pkg/sub/__init__.py two.py src/two.py src/pkg/one.py lib/pkg/__init__.py".split(
      " ",
    ),
    () => lines(fc.oneof(python, pythonTests)),
  ],
  ["Ruby", ["one.rb", "lib/two.rb", "lib/beta.rb", "test/one_test.rb"], () => lines(ruby)],
  ["PHP", ["One.php", "Two.php", "Three.php"], () => lines(php, "<?php\nnamespace Acme;")],
  [
    "Go",
    "go.mod g/one.go g/two.go g/one_test.go h/one.go h/two.go b/b.go b/go.mod vendor/other.dev/x/y/y.go".split(" "),
    (path) =>
      path.endsWith(".mod")
        ? pick(["module acme.dev/a", "module acme.dev/b", "module acme.dev/a\nreplace acme.dev/b => ./b"])
        : pick(["g", "h", "g_test"]).chain((name) => lines(go, `package ${name}`)),
  ],
  [
    "Java, Kotlin and Scala",
    "j/One.java j/Two.java k/One.kt k/inner/Two.kt k/made.kt s/Six.scala s/inner/Six.scala".split(" "),
    (path) => {
      const name = folderOf(path).replaceAll("/", ".");
      if (path.endsWith(".java")) return lines(java, `package ${name};`);
      return lines(path.endsWith(".kt") ? kotlin : scala, `package ${name}`);
    },
  ],
  [
    "C#",
    ["One.cs", "Two.cs", "Inner/One.cs", "Inner/Rich.cs"],
    (path) => lines(csharp, path.startsWith("Inner") ? "namespace Acme.Inner;" : "namespace Acme;"),
  ],
  [
    "Rust",
    "Cargo.toml src/lib.rs src/one.rs src/two/mod.rs src/two/deep.rs other/Cargo.toml other/src/lib.rs tests/it.rs".split(
      " ",
    ),
    (path) =>
      path.endsWith(".toml")
        ? pick(["acme", "other"]).map(
            (name) => `[package]\nname = "${name}"\n[dependencies]\nother = { path = "other" }`,
          )
        : lines(rust),
  ],
  ["C++", ["a.cpp", "a.h", "inc/b.hpp", "inc/b.cc", "k.c"], (path) => lines(path === "k.c" ? c : cpp)],
  [
    "several languages",
    ["j/One.java", "j/Two.java", "k.c", "k.h", "a.ts", "two.py"],
    (path) => (path.endsWith(".java") ? lines(java, "package j;") : path.startsWith("k.") ? lines(c) : script),
  ],
];

test.each(WORLDS)("linking what a change in %s concerns gives what linking everything gives", (_, paths, textOf) => {
  // Without a text the file goes; with the body alone all else of it stays.
  const outer = (path: string) => fc.oneof(textOf(path), fc.constantFrom("gone", "same", "same", "same"));
  const edit = pick(paths).chain((path) => fc.tuple(fc.constant(path), outer(path), bodyOf(path)));
  let kept = 0;
  let edges = 0;
  fc.assert(
    fc.property(
      fc.array(edit, { minLength: 8, maxLength: 16 }),
      fc.array(fc.array(edit, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 6 }),
      (start, steps) => {
        const files = new Map<string, Uint8Array | undefined>();
        const texts = new Map<string, string>();
        const apply = (edits: typeof start) => {
          for (const [path, outer, body] of edits) {
            const text = outer === "same" ? (texts.get(path) ?? "") : outer;
            texts.set(path, outer === "gone" ? "" : text);
            if (outer === "gone") files.delete(path);
            else files.set(path, packed(path, text + body));
          }
        };
        apply(start);
        let linked = link(new Map(files));
        for (const step of steps) {
          apply(step);
          linked = link(new Map(files), linked);
          const whole = link(new Map([...files].reverse()));
          kept += whole.links.length - linked.links.length;
          expect(stored(linked)).toEqual(stored(whole));
          edges += edgesOf(whole);
        }
      },
    ),
    { numRuns: 150, seed: SEED },
  );
  // Where all files of a language concern each other few are kept.
  expect(kept).toBeGreaterThan(10);
  expect(edges).toBeGreaterThan(100);
});

test("what a thread works on is told: a file, the resolver of a language, or what concerns all files", () => {
  const texts = {
    "a.ts": 'import { b } from "./b";',
    "b.py": "import c",
    "c.java": "class A { B b; }",
    "d.java": "class B { A a; }",
  };
  const facts = Object.entries(texts).map(([path, text]) => packed(path, text));
  const files = Object.keys(texts).map((path) => ({ path, isTest: false, hasFacts: true }));
  const marks: LinkMark[] = [];
  linkSnapshot(
    { files, skipped: [], previous: undefined },
    { readFacts: (numbers) => numbers.map((number) => facts[number]), onMark: (mark) => marks.push(mark) },
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

test("a change of a body brings only its own file, one of what others see brings them", () => {
  const files = new Map([
    ["a.ts", packed("a.ts", "export function a(): number { return 1 }")],
    ["b.ts", packed("b.ts", 'import { a } from "./a"; a(); export const b = 1;')],
  ]);
  const first = link(files);
  const body =
    'import "./c";\nimport { b } from "./b";\nexport function a(): number {\n  const local = 2;\n  return local;\n}\nfunction inner() {}';
  const second = link(new Map([...files, ["a.ts", packed("a.ts", body)]]), first);
  expect(second.links.map(({ path }) => path)).toEqual(["a.ts"]);
  const third = link(new Map([...files, ["a.ts", packed("a.ts", `export function z() {}\n${body}`)]]), second);
  expect(third.links.map(({ path }) => path)).toEqual(["a.ts", "b.ts"]);
});

test("where links stay as they were, what is stored of them is taken over unpacked", () => {
  const files = new Map([
    ["a.ts", packed("a.ts", "export function a(): number { return 1 }")],
    ["b.ts", packed("b.ts", 'import { a } from "./a";\na();')],
  ]);
  const before = openLinks(link(files));
  const edited = new Map([...files, ["b.ts", packed("b.ts", 'import { a } from "./a";\n\n// Twice.\na();\na();')]]);
  const described = [...edited.keys()].map((path) => ({ path, isTest: false, hasFacts: true }));
  const changes = [{ path: "b.ts", wasThere: true, facts: files.get("b.ts") }];
  const linked = linkSnapshot(
    { files: described, skipped: [], previous: { key: before.key, changes } },
    { readFacts: (numbers) => numbers.map((number) => edited.get(described[number]?.path ?? "")), before },
  );
  expect(linked.links.map(({ path }) => path)).toEqual(["b.ts"]);
  expect(linked.graph).toBe(before.graph);
  expect(linked.state).toBe(before.state);
});
