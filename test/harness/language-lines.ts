// Lines of code that name each other's things, in every language that is linked: what random files are made of.
import fc from "fast-check";

export interface Language {
  names: readonly string[];
  /** What imports may name. */
  modules?: readonly string[];
  /** $A, $B and $C stand for a name, $M for a module. Those in one list are as likely together as one that stands alone. */
  lines: readonly (string | readonly string[])[];
  /** What a function is made of that stands behind the lines: of it other files see nothing. */
  body: { before: string; uses: readonly string[]; after: string };
}

export function lineOf({ lines, ...language }: Language): fc.Arbitrary<string> {
  return filled(fc.oneof(...lines.map((some) => fc.constantFrom(...[some].flat()))), language);
}

export function bodyOf({ body, ...language }: Language): fc.Arbitrary<string> {
  const uses = fc.array(filled(fc.constantFrom(...body.uses), language), { maxLength: 3 });
  return fc.oneof(
    fc.constant(""),
    uses.map((some) => [body.before, ...some, body.after].join("\n")),
  );
}

function filled(
  line: fc.Arbitrary<string>,
  { names, modules = [""] }: Pick<Language, "names" | "modules">,
): fc.Arbitrary<string> {
  const name = fc.constantFrom(...names);
  const words = fc.record({ $A: name, $B: name, $C: name, $M: fc.constantFrom(...modules) });
  return fc.tuple(line, words).map(([text, of]) => text.replace(/\$[ABCM]/g, (word) => of[word as keyof typeof of]));
}

const NAMES = ["alpha", "beta", "Gamma", "Delta", "omega"];
const TYPES = ["One", "Two", "Six"];

export const TYPESCRIPT: Language = {
  names: NAMES,
  modules: "./a ./a.js ./b ./c ./d ./d/e ../b ./e .. lib @/a node:fs ./g.vue ./d/f.js".split(" "),
  lines: [
    'import { $A } from "$M";',
    'import $A from "$M";',
    'import * as $A from "$M";',
    'export * from "$M";',
    'export { $A as $B } from "$M";',
    "export class $A extends $B { $Bm() { return this } }",
    "export interface $A extends $B { own: $B; special(): $A }",
    "export type $A = $B | { inner: $B };",
    "export const $A = $B.own.special();",
    "export function $A(x: $B) { return x.own }",
    "$A.special().own; $B((c) => c.special()); thing.inner;",
    "declare global { interface $A { special: string } }",
    'declare module "$M" { interface $A { inner: 1 } }',
    "export default $A;",
    "export class $A<T extends $B> extends $B<T> { own: T; inner: $A<$B> }",
    "export const $A: $B<$C> = 0; $A.own.special().inner.own;",
    "export type $A<T> = { [K in keyof T]: T[K] } & Readonly<$B<T>>;",
    "class $A { own: $B; static inner = new $B(); special() { return this.own } }",
    "const $A = new $B(); export { $A as $B };",
  ],
  body: {
    before: "function wrapped(x: Gamma) {",
    uses: ["x.special().own;", "new $A().inner.own($B);"],
    after: "}",
  },
};

export const PYTHON: Language = {
  names: NAMES,
  modules: "pkg pkg.one .one . two ..two pkg.sub pkg.sub.one".split(" "),
  lines: [
    "from $M import $A",
    ["import pkg.one", "import two", "from pkg import one, sub", "from two import *", "import pkg.sub.one as one"],
    'class $A($B):\n  def special(self) -> "$B": ...',
    "$A = $B().special().own; one.$A.special()",
    "def $B(x, y: list[$A]):\n  for z in y: z.special()\n  if isinstance(x, $A): return x.special()",
  ],
  body: { before: "def wrapped(x: Gamma):\n  pass", uses: ["  x.special().own", "  $A().special($B)"], after: "" },
};

export const RUBY: Language = {
  names: ["Alpha", "Beta", "Gamma", "Delta"],
  lines: [
    ["class $A < $B\n include $B\n def special = $B.new.special\nend", "class $A < $B\n extend $B\nend"],
    "module $A\n def self.own = 1\n def special = own\nend",
    "module $A\n class_methods do\n def own = 1\n end\nend",
    "class $A::$B < $A\n def own = special\n def [](x) = x\nend",
    "module $B\n module $A\n  X = $A\n  def self.own = X.own\n end\nend",
    "class $A\n private\n def special = 1\n def self.own = $B[1].own\nend",
    "module $A\n extend self\n def own = $B\n class << self\n  def special = own.own\n end\nend",
    "$A.own\n$B.new.special\n$A::$B",
    "$B::$A.own\n$B::$A::X",
    ['require "beta"', 'require_relative "two"', 'require "gamma/x"'],
  ],
  body: { before: "def wrapped", uses: ["$A.own", "$B.new.special", "$A::$B"], after: "nil\nend" },
};

export const PHP: Language = {
  names: NAMES,
  lines: [
    "class $A extends $B { use $B; public ?$A $own; public function special(): $B {} }",
    "trait $A { public static function special() {} }",
    "function own($x) { if ($x instanceof $A) { $x->special(); } /** @var $B[] $y */ $y = $x; }",
    "$A::special()->own; (new $B())->own->special();",
    "use Acme\\$A as $B;\nuse Other\\$B;\nuse function Acme\\own;\nOWN(new \\Acme\\GAMMA());",
    "if (true) { class $A { public $B $own; } } else { class $A { function special(): $B {} } }",
    "const $B = 1;\nfunction $A() { return $B; }",
  ],
  body: {
    before: "function wrapped(Gamma $x) {",
    uses: ["$A::special()->own;", "$x->special()->own;", "(new $B())->own->special(new $A());"],
    after: "}",
  },
};

export const GO: Language = {
  names: NAMES,
  modules: ["acme.dev/a/g", "acme.dev/a/h", "acme.dev/b", "fmt", "other.dev/x/y"],
  lines: [
    'import "$M"',
    "type $A struct { $B; inner $B }",
    "func (x $A) special() $B { return x.inner.special() }",
    "func $A(x $B) { x.special().inner; $B(h.$A, g.$B) }",
    "var $A g.$B = h.$B(y.$A)",
  ],
  body: {
    before: "func wrapped(x Gamma) {",
    uses: ["x.special().inner", "$A(h.$B, g.$A)", "$B.special()"],
    after: "}",
  },
};

export const JAVA: Language = {
  names: TYPES,
  lines: [
    "class $B extends $A { $A own; static $B made() { return new $B(); } }",
    "class $A { $B special($A x) { return x.own.special($B.made()); } }",
    "interface $A { $B special($A x); default $B own() { return special(this); } }",
    "class $A extends $B { private void special(int x) {} void special(String x) { special(1); } }",
    "class $A { static class $B { static $A made() { return null; } } }",
    'class Calls { void f($A x) { x.special("a"); x.special(1); $A.$B.made(); j.$B.made(); } }',
    ["import k.One;", "import k.*;", "import static k.Two.made;", "import s.Six;", "import java.util.List;"],
  ],
  body: {
    before: "class Wrapped { void f(One x) {",
    uses: ["$A.made().own.special(x);", "x.special(new $B()).own;", "var y = $B.made(); y.own();"],
    after: "} }",
  },
};

export const KOTLIN: Language = {
  names: TYPES,
  lines: [
    "open class $A : $B() { val own: $B = $B(); fun special(x: $A) = x.own.special(x) }",
    "fun $A.special(): $B = this.own.made()",
    "object $A { fun made() = $B() }\nval six = $B.made().own",
    "class $A {\n  companion object {\n    fun made(): $B = $B()\n  }\n}\ntypealias $B = $A",
    "fun made(x: $A, y: List<$B>) { x.special(x).own; y.first().special(x); $B.made() }",
    "private fun made(x: $A) = x.own\ninternal val $A.own: $B get() = special()",
    "class $A {\n  object $B {\n    fun made() = 1\n  }\n}",
    ["import j.One", "import j.*", "import s.Six", "import s.made", "import k.inner.Two"],
    ["import k.One.made", "import k.One.Companion.made", "import k.One.Two.made"],
  ],
  body: {
    before: "private fun wrapped(x: One) {",
    uses: ["$A.made().own.special(x)", "x.special($B()).own", "made($B.made(), listOf($A()))"],
    after: "}",
  },
};

export const SCALA: Language = {
  names: TYPES,
  lines: [
    "class $A(val own: $B) extends $B { def special(x: $A): $B = x.own.special(x) }",
    "object $A { def made: $B = new $B(null); val six = made.own }",
    "trait $A { def special(x: $B): $A }\ncase class $B(own: $A)",
    "implicit class Rich(x: $A) { def special: $B = $B.made.own }",
    "class ::(own: $A) { def :::(x: $B) = own }\nobject $B { class :: }",
    "class Uses(x: $A) { val y = new ::(x); y.own.special(x); $B.made.special(x) }",
    ["import j.One", "import j._", "import k.{One => Two}", "import k.made", "import s.inner.Six"],
    ["import s.::", "import s.inner.{:: => Six}", "import s.inner._", "import k.Two.Companion.made", "import k._"],
  ],
  body: {
    before: "object Wrapped { def f(x: One) = {",
    uses: ["$A.made.own.special(x)", "x.special(new $B(null)).own", "$B.six"],
    after: "} }",
  },
};

export const CSHARP: Language = {
  names: TYPES,
  lines: [
    "partial class $A : $B { public $B Own; public $A Special($B x) => x.Own.Special(x); }",
    "static class Rich$A { public static $B Special(this $A x) { return x.Own; } }",
    "interface $A { $B Special($A x); }\nenum $B { $A, Own }",
    "record $A($B Own) { static $B Made() { var x = new $A(null); return x.Own.Special(x); } }",
    "class Use$A { $A x = $B.Made(); void F(List<$B> y) { x.Special(x).Own.F(); y.Own(); } }",
    "partial class $A { void Go($B y) { Own(); this.Special(null); y.Go(null); Made(); } }",
    "class $A { public static $B Made() => null; public $B Own() => null; }",
    "public static partial class $A { public static void Own() {} }\npublic static partial class $A { }",
    "using static Acme.$A;\nusing static Acme.Inner.$B;\nclass Calls { void F() { Own(); Made(); } }",
    ["using Acme;", "using Acme.Inner;", "using Two = Acme.Inner.One;", "using static Acme.One;", "using System;"],
    "global using Acme.Inner;",
  ],
  body: {
    before: "class Wrapped { void F(One x) {",
    uses: ["$A.Made().Own.Special(x);", "x.Special(new $B()).Own;", "$B.$A.Own();"],
    after: "} }",
  },
};

export const RUST: Language = {
  names: TYPES,
  lines: [
    ["mod one;", "pub mod two;", "mod deep;", "pub use deep::*;", "pub use self::two::deep::One as Two;"],
    ["use crate::one::One;", "use super::*;", "use other::Two;", "use acme::one;", "use std::fmt::Debug;"],
    ["use crate::inner::One;", "use other::six;", "use other::inner::Two;"],
    ["pub use crate::one::inner;", "pub use crate::two::One as Six;"],
    "pub struct $A { pub own: $B }",
    "pub trait $A { fn special(&self, x: $B) -> $A; fn made() -> $B; }",
    "impl $A for $B { fn special(&self, x: $B) -> $A { self.own.special(x) } }",
    "impl $A { pub fn made() -> $B { $B::made().own }\n fn own(x: &$B) { x.special(x); } }",
    "pub enum $A { $B, Own }\npub type $B = $A;\nconst SIX: $A = $A::$B;",
    "pub fn made(x: $A) { x.special(x).own; one::$B::made(); crate::two::made(x); six!(x); }",
    "#[macro_export]\nmacro_rules! six { ($x:expr) => { $A::made($x) } }",
    "mod inner { use super::*; pub struct $A; impl $B { pub fn made() -> $A { $A } } }",
    "pub mod inner { pub use crate::two::*; pub use super::$A as $B; }",
  ],
  body: {
    before: "fn wrapped(x: One) {",
    uses: ["$A::made().own.special(x);", "x.special($B::made()).own;", "one::$A::$B; six!(x);"],
    after: "}",
  },
};

export const CPP: Language = {
  names: TYPES,
  lines: [
    ['#include "a.h"', '#include "inc/b.hpp"', '#include "b.hpp"', "#include <vector>", "using namespace n;"],
    "namespace n { class $A : public $B { public: $B own; $A special($B x); }; }",
    "n::$A n::$B::special(n::$A x) { return x.own.special(x); }",
    "struct $A { $B *own; static $B made(int x); };\ntypedef $A Old$B;",
    "template <class T> $A made(T x, $B y) { return y.own->special(x); }\nusing $B = n::$A;",
    "void six($A x) { n::$B y; y.special(x).own; $B::made(1); made(x, y); }",
    "enum class $A { $B, Own };\n#define $B $A",
    "namespace n { namespace { $A made(int x, $B y) { return made(1); } } }",
    "namespace n { $A made(int x, $B y); $A made($B y); }",
    "namespace n { $A made(int x, $B y) { return y; } }\nnamespace { $B made(int x) { return x; } }",
    "$B made(int x);\nextern $A six;\nstatic $B made($A *x) { return n::made(1, x); }\n$A six;",
    ["class $A { private: $B special(n::One x); $B own; };", "class $A { public: $B special(n::One x); $B own; };"],
    "enum $A { $B, Own };\nstruct $B;\nint use(struct $B *x) { return x->own; }",
    [
      "#define N_BEGIN_NAMESPACE namespace n {\n#define N_END_NAMESPACE }",
      "#define N_BEGIN_NAMESPACE inline namespace m {\n#define N_END_NAMESPACE }",
    ],
    "N_BEGIN_NAMESPACE\nclass $A { public: $B own; };\n$A made(int x, $B y);\nN_END_NAMESPACE",
    "inline namespace n { class $A : $B { }; }\nnamespace m = n;\nm::$A *six;",
  ],
  body: {
    before: "inline void wrapped(n::One x) {",
    uses: ["n::$A::made(1)->own;", "x.special(n::$B()).own;", "$A y; y.own->special(x);"],
    after: "}",
  },
};

export const C: Language = {
  names: NAMES,
  lines: [
    ['#include "k.h"', "#include <stdio.h>"],
    "int $A(int x);",
    "struct $A { int special; }; int $B(int x) { return $A(x); }",
  ],
  body: { before: "int wrapped(int x) {", uses: ["$A($B(x));", "struct $A y; y.special;"], after: "}" },
};
