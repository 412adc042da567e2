// Edits whose effect on other files is easily missed: linking what they concern must give what linking everything gives.
import { expect, test } from "vitest";
import { factsOf } from "../../../test/harness/linked-tree.ts";
import { edited, link, stored, type Files, type Texts } from "../../../test/harness/relinked.ts";
import { openFacts } from "../../graph/packed-facts.ts";
import { NO_FACTS } from "../../languages/facts.ts";
import { openLinks } from "../link-snapshot.ts";
import { affectedFiles } from "./affected.ts";
import { ANYTHING } from "./tree.ts";

const RUST_PACKAGES = {
  "Cargo.toml": '[package]\nname = "acme"\n[dependencies]\nother = { path = "other" }\n',
  "other/Cargo.toml": '[package]\nname = "other"\n',
};

test.each<[situation: string, start: Texts, edit: Texts]>([
  [
    "TypeScript: a file comes to a folder of a name with a sign in front",
    {
      "tsconfig.json": '{"compilerOptions":{"paths":{"@/*":["./=gen/*","./src/*"]}}}',
      "src/x.ts": "export const x = 1;",
      "a.ts": 'import { x } from "@/x";\nx;',
    },
    { "=gen/x.ts": "export const x = 2;" },
  ],
  [
    "Java: a file moves to another package",
    { "A.java": "package a;\npublic class A { }", "B.java": "package b;\nimport a.A;\nclass B { A a; }" },
    { "A.java": "package c;\npublic class A { }" },
  ],
  [
    "Kotlin: an object becomes the companion of its class",
    {
      "k/A.kt": "package k\nclass A {\n  object Inner {\n    fun x() = 1\n  }\n}",
      "use.kt": "package use\nimport k.A\nfun g() = A.x()",
    },
    { "k/A.kt": "package k\nclass A {\n  companion object {\n    fun x() = 1\n  }\n}" },
  ],
  [
    "Scala: a class comes whose name is an operator",
    {
      "a/F.scala": "package a\nclass Other",
      "b/G.scala": "package b\nimport a.{:: => Cons}\nclass G(x: Cons) { new Cons }",
    },
    { "a/F.scala": "package a\nclass Other\nclass ::" },
  ],
  [
    "C#: a class of the same name that is no part of the type comes",
    {
      "One.cs": "namespace Acme;\npartial class T { void M() { N(); } }",
      "Two.cs": "namespace Acme;\npartial class T { public void N() { } }",
      "Three.cs": "namespace Acme;\nclass U { }",
    },
    { "Three.cs": "namespace Acme;\nclass T { }" },
  ],
  [
    "C#: a class becomes a part of the base of a type that is used",
    {
      "Lib.cs": "namespace Acme;\npartial class T { }\npublic class U : T { }",
      "Two.cs": "namespace Acme;\npartial class T { public void N() { } }",
      "Three.cs": "namespace Acme;\nclass T { }",
      "Use.cs": "namespace Acme;\nclass V { void M(U u) { u.N(); } }",
    },
    { "Three.cs": "namespace Acme;\npartial class T { }" },
  ],
  [
    "C#: a member moves to a part of its type that reads the same",
    {
      "A.cs":
        "namespace Acme;\npublic static partial class A { }\npublic static partial class A { public static void X() { } }",
      "B.cs": "namespace Other;\nusing static Acme.A;\nclass B { void M() { X(); } }",
    },
    {
      "A.cs":
        "namespace Acme;\npublic static partial class A { public static void X() { } }\npublic static partial class A { }",
    },
  ],
  [
    "C#: a namespace is used in all files",
    {
      "A.cs": "namespace Acme;\npublic class A { }",
      "B.cs": "namespace Other;\nclass B { A a; }",
      "Usings.cs": "using System;",
    },
    { "Usings.cs": "global using Acme;" },
  ],
  [
    "C#: a class goes that is imported and not used",
    {
      "A.cs": "namespace Acme;\npublic static class A { }\npublic class C { }",
      "B.cs": "namespace Other;\nusing static Acme.A;\nclass B { }",
    },
    { "A.cs": "namespace Acme;\npublic class C { }" },
  ],
  [
    "Rust: a file becomes a module",
    {
      "Cargo.toml": '[package]\nname = "acme"',
      "src/lib.rs": "mod two;",
      "src/two/mod.rs": "pub struct Two;",
      "src/two/deep.rs": "use super::Two;\nfn f(x: Two) {}",
    },
    { "src/two/mod.rs": "pub struct Two;\nmod deep;" },
  ],
  [
    "Rust: a file becomes a module of one that is called like a root",
    {
      "Cargo.toml": '[package]\nname = "acme"',
      "src/lib.rs": "mod build;\nmod tests;\npub struct Two;",
      "src/build.rs": "pub struct Two;",
      "src/build/deep.rs": "use super::Two;\nfn f(x: Two) {}",
      "src/tests/foo.rs": "pub struct Two;",
      "src/tests/foo/deep.rs": "use super::Two;\nfn f(x: Two) {}",
    },
    { "src/build.rs": "pub struct Two;\nmod deep;", "src/tests/foo.rs": "pub struct Two;\nmod deep;" },
  ],
  [
    "Rust: a file becomes a module that has one elsewhere",
    {
      "Cargo.toml": '[package]\nname = "acme"',
      "src/lib.rs": "mod a;\npub struct Foo;",
      "src/a.rs": "",
      "src/a/b.rs": '#[path = "../../x/y.rs"]\nmod y;',
      "x/y.rs": "use crate::Foo;\nfn g(x: Foo) {}",
    },
    { "src/a.rs": "mod b;" },
  ],
  [
    "Rust: a module gives on all of another to one that stands elsewhere",
    {
      "Cargo.toml": '[package]\nname = "acme"',
      "src/lib.rs": "mod two;\nmod three;",
      "src/two.rs": "mod b;",
      "src/two/b.rs": '#[path = "../../x/y.rs"]\nmod y;',
      "src/three.rs": "pub struct Thing;",
      "x/y.rs": "use super::super::Thing;\nfn g(x: Thing) {}",
    },
    { "src/two.rs": "mod b;\npub use crate::three::*;" },
  ],
  [
    "Ruby: another file of a gem is required",
    {
      "a.rb": "class Gamma < Beta::One\n  def go\n    Beta.new\n  end\nend",
      "b.rb": "module Beta\n  class One\n  end\nend",
      "c.rb": 'require "beta"',
      "lib/beta/y.rb": "class Other\nend",
    },
    { "c.rb": 'require "beta/y"' },
  ],
  [
    "Kotlin: functions that are handed on stand five deep in one another",
    { "a.kt": "package a\nfun one() = 1", "b.kt": "package b\nimport a.one\nval x = one()" },
    {
      "a.kt":
        "package a\nclass S { val view = column { row { box { text { style { object : X { override fun y() = bar() } } } } } } }\nfun one() = 1",
    },
  ],
  [
    "Rust: a macro is exported from its crate",
    {
      ...RUST_PACKAGES,
      "src/lib.rs": "pub fn f() { six!(1); }",
      "other/src/lib.rs": "macro_rules! six { ($x:expr) => { $x } }",
    },
    { "other/src/lib.rs": "#[macro_export]\nmacro_rules! six { ($x:expr) => { $x } }" },
  ],
  [
    "Rust: a second trait in scope declares a method",
    {
      ...RUST_PACKAGES,
      "src/lib.rs": "use other::*;\nfn f(s: Seat) { s.take(); s.give(); }",
      "other/src/lib.rs": "mod more;\npub use more::*;\npub struct Seat;\npub trait Give { fn give(&self); }",
      "other/src/more.rs": "pub trait Take { fn taken(&self); }",
    },
    { "other/src/more.rs": "pub trait Take { fn give(&self); }" },
  ],
  [
    "Rust: a star brings a module of a crate's name",
    {
      ...RUST_PACKAGES,
      "src/lib.rs": "mod deep;",
      "src/deep.rs": "use super::*;\nfn f() { other::g(); assert!(other::g()); }",
      "src/mine.rs": "pub fn g() {}",
      "other/src/lib.rs": "pub fn g() {}",
    },
    { "src/lib.rs": "mod deep;\nmod mine;\nuse mine as other;" },
  ],
  [
    "Rust: a function becomes an attribute",
    {
      ...RUST_PACKAGES,
      "src/lib.rs": "use other::mark;\n#[mark]\nfn f() {}",
      "other/src/lib.rs": "pub fn mark() {}",
    },
    { "other/src/lib.rs": "#[proc_macro_attribute]\npub fn mark() {}" },
  ],
  [
    "C: a file of no language comes that another includes",
    { "a.c": '#include "table.def"\nint a;' },
    { "table.def": "X(1)" },
  ],
  [
    "C: a header no longer includes another",
    {
      "a.c": '#include "b.h"\nint a() { return f(); }',
      "b.h": '#include "c.h"',
      "c.h": "int f();",
      "d.h": "int f();",
    },
    { "b.h": "" },
  ],
  [
    "C++: a function moves into an unnamed namespace of its namespace",
    {
      "a.h": "namespace n { int f(int x); }",
      "a.cpp": '#include "a.h"\nnamespace n { int f(int x) { return x; } }',
      "b.cpp": '#include "a.h"\nint g() { return n::f(1); }',
    },
    { "a.cpp": '#include "a.h"\nnamespace n { namespace { int f(int x) { return x; } } }' },
  ],
  [
    "C++: a header opens a namespace by a macro",
    {
      "config.h": "#define FMT_BEGIN_NAMESPACE namespace fmt {\n#define FMT_END_NAMESPACE }",
      "format.h": "namespace fmt { void format(int x); }",
      "other.h": '#include "config.h"\nint y;\nclass A { };',
      "use.cpp": '#include "other.h"\nvoid f() { fmt::format(1); }',
    },
    { "other.h": '#include "config.h"\nint y;\nFMT_BEGIN_NAMESPACE\nclass A { };\nFMT_END_NAMESPACE' },
  ],
  [
    "C++: a macro opens another namespace",
    {
      "config.h": "#define FMT_BEGIN_NAMESPACE namespace other {\n#define FMT_END_NAMESPACE }",
      "format.h": '#include "config.h"\nFMT_BEGIN_NAMESPACE\nclass A { };\nvoid format(int x);\nFMT_END_NAMESPACE',
      "use.cpp": '#include "format.h"\nvoid f() { fmt::format(1); }',
    },
    { "config.h": "#define FMT_BEGIN_NAMESPACE namespace fmt {\n#define FMT_END_NAMESPACE }" },
  ],
  [
    "PHP: a function goes that is called in another case",
    { "a.php": "<?php\nnamespace N;\nfunction Foo() {}", "b.php": "<?php\nnamespace N;\nfoo();" },
    { "a.php": "<?php\nnamespace N;\nfunction Bar() {}" },
  ],
  [
    "PHP: a class goes that is imported and not used",
    {
      "a.php": "<?php\nnamespace N;\nclass A {}\nclass C {}",
      "b.php": "<?php\nnamespace M;\nuse N\\A;",
    },
    { "a.php": "<?php\nnamespace N;\nclass C {}" },
  ],
  [
    "C: a header that others see through two more includes another",
    {
      "a.c": '#include "one.h"\nint f() { return g(); }',
      "one.h": '#include "two.h"',
      "two.h": '#include "three.h"',
      "three.h": "int three;",
      "deep/g.h": "int g();",
      "z/g2.h": "int g();",
    },
    { "three.h": '#include "deep/g.h"\nint three;' },
  ],
  [
    "C: a header includes another, and a file knows by a name alone what includes that header",
    {
      "a.c": "int f(struct S *s) { return s->t->go; }",
      "b.c": '#include "t.h"\nstruct S { T *t; };',
      "t.h": '#include "u.h"',
      "u.h": "typedef struct { int go; } T;",
      "v.h": "typedef struct { int go; } T;",
    },
    { "t.h": '#include "v.h"' },
  ],
  [
    "C: the first file comes to a folder that an include names",
    { "a.c": '#include "foo/x.h"\nint a;', "b.c": "int b;" },
    { "foo/y.h": "int y;" },
  ],
  [
    "Kotlin: the first class comes to a package of which there is a script",
    {
      "k/a.kts": "package k\nval x = 1",
      "u/U.kt": "package u\nimport k.Nope\nfun f(x: Nope) {}",
    },
    { "k/B.kt": "package k\nclass B" },
  ],
  [
    "Java: a class comes to a package that is imported whole",
    {
      "a/One.java": "package a;\npublic class One { }",
      "b/B.java": "package b;\nimport a.*;\nclass B { Two t; }",
    },
    { "a/Two.java": "package a;\npublic class Two { }" },
  ],
  [
    "Java: the first class comes to a package",
    { "a/One.java": "package a;\npublic class One { }", "b/B.java": "package b;\nimport c.Two;\nclass B { Two t; }" },
    { "c/Three.java": "package c;\npublic class Three { }" },
  ],
  [
    "PHP: a file comes where a class would be loaded from, without it",
    {
      "composer.json": '{"autoload":{"psr-4":{"Acme\\\\":"src/"}}}',
      "src/One.php": "<?php\nnamespace Acme;\nclass One {}",
      "b.php": "<?php\nuse Acme\\Two;\nnew Two();",
    },
    { "src/Two.php": "<?php\nnamespace Acme;\nclass Other {}" },
  ],
  [
    "Ruby: a file requires the gem that another adds to",
    { "a.rb": "class Gamma < Beta::One\nend\nBeta.new", "b.rb": "module Beta\nend", "c.rb": "" },
    { "c.rb": 'require "beta"' },
  ],
])("%s", (_, start, edit) => {
  const before = edited(new Map(), start);
  const after = edited(before, edit);
  const [whole, wholeAfter] = [link(before), link(after)];
  expect(stored(link(after, whole))).toEqual(stored(wholeAfter));
  expect(stored(link(before, wholeAfter))).toEqual(stored(whole));
  // A case in which nothing of the others changes would show nothing.
  const others = [...before.keys()].filter((path) => !(path in edit));
  expect(others.some((path) => whole.all.get(path) !== wholeAfter.all.get(path))).toBe(true);
});

test("a change of a body brings only its own file, one of what others see brings them", () => {
  const first = link(
    edited(new Map(), {
      "a.ts": "export function a(): number { return 1 }",
      "b.ts": 'import { a } from "./a"; a(); export const b = 1;',
    }),
  );
  const body =
    'import "./c";\nimport { b } from "./b";\nexport function a(): number {\n  const local = 2;\n  return local;\n}\nfunction inner() {}';
  const second = link(edited(first.files, { "a.ts": body }), first);
  expect(second.links.map(({ path }) => path)).toEqual(["a.ts"]);
  const third = link(edited(second.files, { "a.ts": `export function z() {}\n${body}` }), second);
  expect(third.links.map(({ path }) => path)).toEqual(["a.ts", "b.ts"]);
});

test("a file of no language that comes or goes brings none", () => {
  const first = link(
    edited(new Map(), {
      "j/One.java": "package j;\nimport j.Two;\nclass One { Two t; }",
      "j/Two.java": "package j;\nclass Two { }",
      "k.c": '#include "k.h"\nint f() { return g(); }',
      "k.h": "int g();",
      "one.rb": 'require "readme"\nTwo.new',
      "src/lib.rs": "mod readme;\nuse readme::One;",
      "One.php": "<?php\nuse Acme\\Readme;\nnew Readme();",
    }),
  );
  const second = link(edited(first.files, { "README.md": "# Kota" }), first);
  expect(second.links).toEqual([]);
  expect(link(first.files, second).links).toEqual([]);
});

test("a file that comes beside others of its package, or includes more, brings only those whose answers can be others", () => {
  const first = link(
    edited(new Map(), {
      "j/One.java": "package j;\nclass One { }",
      "k/Use.java": "package k;\nimport j.One;\nclass Use { One one; }",
      "k/Lost.java": "package k;\nimport j.Two;\nclass Lost { Two two; }",
      "a.c": '#include "a.h"\nint a() { return g(); }',
      "src/p/__init__.py": "",
      "src/p/sub/__init__.py": "",
      "x/use.py": "import p",
      "a.h": "int g();",
      "b.c": '#include "a.h"\n#include "j/lost.h"\nint b() { return g(); }',
    }),
  );
  const again = (texts: Texts) =>
    link(edited(first.files, texts), first)
      .links.map(({ path }) => path)
      .sort();
  expect(again({ "j/Two.java": "package j;\npublic class Two { }" })).toEqual(["j/Two.java", "k/Lost.java"]);
  expect(again({ "b.c": '#include "a.h"\n#include "j/lost.h"\n#include "c.h"\nint b() { return g(); }' })).toEqual([
    "b.c",
  ]);
  expect(again({ "c.c": '#include "a.h"\nint c() { return g(); }' })).toEqual(["c.c"]);
  expect(again({ "j/c.c": "int c() { return 1; }" })).toEqual(["j/c.c"]);
  expect(again({ "src/p/sub/new.py": "new = 1" })).toEqual(["src/p/sub/new.py"]);
  expect(again({ "a.h": "#include <stdio.h>\nint g();" })).toEqual(["a.c", "a.h", "b.c"]);
});

test("a header that others see through one that was given up brings them", () => {
  const start = edited(new Map(), {
    "a.c": '#include "b.h"\nint f() { return g(); }',
    "b.h": '#include "c.h"',
    "c.h": "int three;",
    "d.h": "int g();",
    "e.h": "int g();",
  });
  const after = edited(start, { "c.h": '#include "d.h"\nint three;' });
  const whole = link(after, undefined, ["b.h"]);
  const again = link(after, link(start, undefined, ["b.h"]), ["b.h"]);
  expect(stored(again)).toEqual(stored(whole));
  expect(again.links.map(({ path }) => path)).toContain("a.c");
});

test("what looked at too many files to be told counts as including any", () => {
  const reads = { files: [ANYTHING], places: [ANYTHING], names: [], within: [ANYTHING] };
  const one = { files: [], places: ["?/mid.h"], names: [], within: [] };
  const before = NO_FACTS;
  const after = { ...before, imports: factsOf("t.h", '#include "u.h"').imports };
  const { again } = affectedFiles(
    new Map([
      ["mid.h", reads],
      ["a.c", one],
      ["b.c", { ...one, places: ["?/b.h"] }],
    ]),
    [{ path: "t.h", before, after }],
    { augmented: () => new Map(), factsOf: () => NO_FACTS },
  );
  expect(again).toEqual(["a.c", "mid.h", "t.h"]);
});

/** What an edit has linked again, and what only gets new numbers. */
function broughtBy(start: Texts, edit: Texts): { again: string[]; renumbered: string[] } {
  const before = edited(new Map(), start);
  const after = edited(before, edit);
  const { states } = openLinks(link(before)).opened;
  const factsIn = (files: Files, path: string) => {
    const facts = files.get(path);
    return facts && openFacts(facts);
  };
  const changes = Object.keys(edit).map((path) => {
    const [old, now] = [factsIn(before, path), factsIn(after, path)];
    return { path, ...(old && { before: old }), ...(now && { after: now }) };
  });
  const { again, renumbered } = affectedFiles(new Map([...states].map(([path, { reads }]) => [path, reads])), changes, {
    augmented: () => new Map(),
    factsOf: (path) => factsIn(after, path) ?? NO_FACTS,
    manifests: () => [...after.keys()].filter((path) => path.endsWith("Cargo.toml")),
  });
  return { again, renumbered };
}

test.each<[situation: string, start: Texts, edit: Texts, expected: ReturnType<typeof broughtBy>]>([
  [
    "Java: a method comes before others that are used",
    {
      "a/Texts.java": "package a;\npublic class Texts {\n  public static int used() { return 1; }\n}",
      "b/Use.java": "package b;\nimport a.Texts;\nclass Use { int x = Texts.used(); }",
      "b/Asks.java": "package b;\nimport a.Texts;\nclass Asks { int x = Texts.added(); }",
    },
    {
      "a/Texts.java":
        "package a;\npublic class Texts {\n  public static int added() { return 2; }\n  public static int used() { return 1; }\n}",
    },
    { again: ["a/Texts.java", "b/Asks.java"], renumbered: ["b/Use.java"] },
  ],
  [
    "Rust: a path is used that others do not name",
    {
      "Cargo.toml": '[package]\nname = "acme"',
      "src/lib.rs": "mod one;\nmod two;\nmod three;",
      "src/one.rs": "pub struct One;\npub struct Other;",
      "src/two.rs": "pub struct Two;\nfn f() {}",
      "src/three.rs": "use crate::two::Two;\nfn f(x: Two) {}",
    },
    { "src/two.rs": "use crate::one::Other;\npub struct Two;\nfn f(x: Other) {}" },
    { again: ["src/two.rs"], renumbered: [] },
  ],
  [
    "Rust: a module comes",
    {
      "Cargo.toml": '[package]\nname = "acme"',
      "src/lib.rs": "mod one;\nmod two;",
      "src/one.rs": "pub struct One;",
      "src/two.rs": "use crate::one::One;\nfn f(x: One) {}",
      "src/one/deep.rs": "use super::One;\nfn f(x: One) {}",
    },
    { "src/lib.rs": "mod one;\nmod two;\nmod three;", "src/three.rs": "pub fn three() {}" },
    { again: ["src/lib.rs", "src/three.rs"], renumbered: [] },
  ],
  [
    "Ruby: a file comes and another requires it",
    {
      "lib/one.rb": "class One\n  def go\n  end\nend",
      "lib/two.rb": 'require "one"\nOne.new.go',
      "lib/three.rb": 'require "four"\nOne.new.go',
    },
    { "lib/two.rb": 'require "one"\nrequire "four"\nOne.new.go', "lib/four.rb": "class Four\nend" },
    { again: ["lib/four.rb", "lib/three.rb", "lib/two.rb"], renumbered: [] },
  ],
])("%s: it brings no more", (_, start, edit, expected) => {
  expect(broughtBy(start, edit)).toEqual(expected);
});
