// Each language over a tree of a few files: where imports lead, what names and members bind to across files, and that
// what is of the language or of a package never binds to the tree's own symbol of the same name.
import { expect, test } from "vitest";
import { extractFacts, parserOf } from "../../languages/extract.ts";
import { NO_FACTS, type Facts } from "../../languages/facts.ts";
import { grammarOf } from "../../languages/grammar.ts";
import { loadParser } from "../parsers.ts";
import { linkFiles } from "./link.ts";
import { languageOf } from "../../languages/language.ts";
import { makeTree, overviewOf } from "./overview.ts";
import { resolversOf } from "./resolvers.ts";
import type { Tree } from "./tree.ts";

async function treeOf(files: Record<string, string>): Promise<Tree> {
  const facts = new Map<string, Facts>();
  for (const [path, text] of Object.entries(files)) {
    const grammar = grammarOf(path);
    if (grammar === undefined) facts.set(path, NO_FACTS);
    else facts.set(path, extractFacts(grammar, { path, text }, await loadParser(parserOf(grammar, text))));
  }
  const find = (path: string) => facts.get(path) ?? NO_FACTS;
  return makeTree([...facts.keys()], { facts: find, overview: (path) => overviewOf(find(path), languageOf(path)) });
}

/**
 * `imports` of the first file, each as `specifier → path, path` or with the reason why not; its `references`, each once
 * and in order: `name → path:Container.name`, or `name → nothing`, with `?` behind where it is
 * inferred and `??` where candidates are listed.
 */
async function check(files: Record<string, string>, expected: { imports: string[]; references: string[] }) {
  const tree = await treeOf(files);
  const [from = ""] = Object.keys(files);
  const resolverOf = resolversOf(tree);
  const facts = tree.facts(from);
  const imports = facts.imports.map((fact) => {
    const to = resolverOf(from).resolveImport(from, fact, () => undefined);
    const where =
      to.kind === "files" ? to.paths.join(", ") : to.kind === "external" ? `package ${to.package}` : to.kind;
    return `${fact.specifier} → ${where}`;
  });
  const links = new Map(
    linkFiles(tree, [from], resolverOf)
      .get(from)
      ?.links.map((link) => [link.reference, link]),
  );
  const references = facts.references.map(({ name }, number) => {
    const link = links.get(number);
    const to = link?.definitions.map(({ path, symbol }) => `${path}:${whole(tree.facts(path), symbol)}`).join(", ");
    const sign = link?.confidence === "ambiguous" ? " ??" : link?.confidence === "inferred" ? " ?" : "";
    return `${name} → ${to ?? "nothing"}${sign}`;
  });
  expect({ imports, references: [...new Set(references)] }).toEqual(expected);
}

function whole({ symbols }: Facts, number: number): string {
  const symbol = symbols[number];
  const around = symbol?.container === undefined ? symbol?.owner : whole({ ...NO_FACTS, symbols }, symbol.container);
  return around === undefined ? `${symbol?.name}` : `${around}.${symbol?.name}`;
}

test("Python: values of collections and loops, tests of types, names of branches and of classes", () =>
  check(
    {
      "shop/main.py": `from .items import Item, Box, Shelf, Label, pack, made, opened
class Main:
    Label = Label
    def __init__(self, boxes: list[Box]):
        self.boxes = boxes
        self.later = None
    def run(self, thing, other):
        for box in self.boxes:
            box.looped()
        self.boxes[0].indexed()
        self.later = Item()
        self.later.set_later
        Shelf()["x"].by_getitem()
        [item.yielded for item in made()]
        with opened() as item:
            item.handed
        if isinstance(thing, Box) and thing.tested_before():
            thing.tested()
        else:
            thing.untested()
        other.in_either if isinstance(other, Item) else other.untested()
        if not isinstance(other, Box):
            return
        other.after_exit()
        other = other.made_new()
        other.untested()
        pack()
def early():
    it = Late()
    it.value = 1
class Late:
    def set(self):
        self.value = 2
`,
      "shop/items.py": `from contextlib import contextmanager
class Item:
    set_later = yielded = handed = 1
    yielded: str
    handed: str
    in_either: str
class Box:
    def looped(self): ...
    def indexed(self): ...
    def by_getitem(self): ...
    def tested_before(self): ...
    def tested(self): ...
    def untested(self): ...
    def after_exit(self): ...
    def made_new(self): ...
class Shelf:
    def __getitem__(self, key): return Box()
class Label: ...
def made():
    yield Item()
@contextmanager
def opened():
    yield Item()
try:
    import zlib
    def pack(): ...
except ImportError:
    def pack(): ...
`,
    },
    {
      imports: [".items → shop/items.py"],
      references: [
        "Item → shop/items.py:Item",
        "Box → shop/items.py:Box",
        "Shelf → shop/items.py:Shelf",
        "Label → shop/items.py:Label",
        "pack → shop/items.py:pack, shop/items.py:pack",
        "made → shop/items.py:made",
        "opened → shop/items.py:opened",
        "list → nothing",
        "boxes → shop/main.py:Main.boxes ?",
        "later → shop/main.py:Main.later ?",
        "looped → shop/items.py:Box.looped ?",
        "indexed → shop/items.py:Box.indexed ?",
        "set_later → shop/items.py:Item.set_later ?",
        "by_getitem → shop/items.py:Box.by_getitem ?",
        "yielded → shop/items.py:Item.yielded ?",
        "handed → shop/items.py:Item.handed ?",
        "isinstance → nothing",
        "tested_before → shop/items.py:Box.tested_before ?",
        "tested → shop/items.py:Box.tested ?",
        "untested → shop/items.py:Box.untested ??",
        "in_either → shop/items.py:Item.in_either ?",
        "after_exit → shop/items.py:Box.after_exit ?",
        "made_new → shop/items.py:Box.made_new ?",
        "Late → shop/main.py:Late",
        "value → shop/main.py:Late.value ?",
      ],
    },
  ));

test("Go: packages of folders, modules and replacements, methods in other files", () =>
  check(
    {
      "cmd/main.go": `package main
import ("fmt"; "strings"; "example.com/shop/items"; "example.com/other/dep"; "github.com/acme/lib/sub"; "example.com/shop/gone")
func run(box *items.Box) { fmt.Println(strings.ToUpper(box.Name()), box.Size, helper(), len(dep.All)); sub.Do(); Println() }`,
      "cmd/helper.go": "package main\nfunc helper() int { return 0 }\nfunc Println() {}\nfunc len() {}",
      "cmd/main_test.go": "package main\nfunc onlyInTests() {}",
      "go.mod": "module example.com/shop\nreplace example.com/other => ./third/other",
      "items/box.go": "package items\ntype Box struct { Size int }",
      "items/name.go": 'package items\nfunc (b *Box) Name() string { return "" }',
      "items/box_test.go": "package items_test",
      "third/other/dep/all.go": "package dep\nvar All []string",
    },
    {
      imports: [
        "fmt → builtin",
        "strings → builtin",
        "example.com/shop/items → items/box.go, items/name.go",
        "example.com/other/dep → third/other/dep/all.go",
        "github.com/acme/lib/sub → package go:github.com/acme/lib/sub",
        "example.com/shop/gone → missing",
      ],
      references: [
        "Box → items/box.go:Box",
        "Println → nothing",
        "ToUpper → nothing",
        "Name → items/name.go:Box.Name ?",
        "Size → items/box.go:Box.Size ?",
        "helper → cmd/helper.go:helper",
        "All → third/other/dep/all.go:All",
        "Do → nothing",
        "Println → cmd/helper.go:Println",
      ],
    },
  ));

const goModule = (path: string, rest = "") => `module ${path}\n\ngo 1.22\n${rest}`;

test("Go: the importer's own module and its replacements come first, then the workspace's, then the nearest", () => {
  const files = {
    "a/go.mod": goModule("example.com/app", "replace example.com/lib => ../forks/lib\n"),
    "a/x/x.go": "package x\nfunc Do() {}\n",
    "b/go.mod": goModule("example.com/app"),
    "b/x/x.go": "package x\nfunc Do() {}\n",
    "forks/lib/lib.go": "package lib\n",
    "lib/go.mod": goModule("example.com/lib"),
    "lib/lib.go": "package lib\n",
    "work/go.work": "go 1.22\n\nuse (\n\t./one // first\n\t./two\n)\nreplace example.com/lib => ./own\n",
    "work/own/lib.go": "package lib\n",
    "work/one/go.mod": goModule("example.com/one"),
    "work/two/go.mod": goModule("example.com/app"),
    "work/two/x/x.go": "package x\nfunc Do() {}\n",
    "work/apart/go.mod": goModule("example.com/apart"),
  };
  const main = 'package main\nimport ("example.com/app/x"; "example.com/lib")\nfunc main() { x.Do() }\n';
  const leads = (from: string, expected: [app: string, lib: string], reference: string) =>
    check(
      { [from]: main, ...files },
      { imports: [`example.com/app/x → ${expected[0]}`, `example.com/lib → ${expected[1]}`], references: [reference] },
    );
  return Promise.all([
    leads("b/main.go", ["b/x/x.go", "lib/lib.go"], "Do → b/x/x.go:Do"),
    leads("a/main.go", ["a/x/x.go", "forks/lib/lib.go"], "Do → a/x/x.go:Do"),
    leads("work/one/main.go", ["work/two/x/x.go", "work/own/lib.go"], "Do → work/two/x/x.go:Do"),
    leads("work/apart/main.go", ["work/two/x/x.go", "lib/lib.go"], "Do → work/two/x/x.go:Do ?"),
    leads("lib/main.go", ["a/x/x.go, b/x/x.go", "lib/lib.go"], "Do → a/x/x.go:Do, b/x/x.go:Do ??"),
  ]);
});

test("Go: a package is the files of its clause, without the program that makes them", () =>
  check(
    {
      "main.go": 'package main\nimport ("acme.dev/shop/disk"; "acme.dev/shop/cmd")\nfunc main() { disk.Open() }\n',
      "go.mod": "module acme.dev/shop\n",
      "cmd/cmd.go": "package main\n",
      "disk/gen.go": "//go:build ignore\n\npackage main\n\nfunc Open() {}\n",
      "disk/open.go": "package disk\n\nfunc Open() {}\n",
    },
    {
      imports: ["acme.dev/shop/disk → disk/open.go", "acme.dev/shop/cmd → cmd/cmd.go"],
      references: ["Open → disk/open.go:Open"],
    },
  ));

test("Go: of files for several systems those of an ordinary build", () =>
  check(
    {
      "main.go": 'package main\n\nimport "acme.dev/shop/disk"\n\nfunc main() { disk.Open(); disk.Label(); local() }\n',
      "a_windows.go": "package main\n\nfunc local() {}\n",
      "b_linux.go": "package main\n\nfunc local() {}\n",
      "disk/disk_darwin.go": "package disk\n\nfunc Open() {}\n",
      "disk/disk_unix.go": "//go:build linux || freebsd\n\npackage disk\n\nfunc Open() {}\n",
      "disk/label_a.go": "//go:build slow && !fast\n\npackage disk\n\nfunc Label() {}\n",
      "disk/label_b.go": "//go:build !slow\n\npackage disk\n\nfunc Label() {}\n",
      "go.mod": "module acme.dev/shop\n",
    },
    {
      imports: ["acme.dev/shop/disk → disk/disk_darwin.go, disk/disk_unix.go, disk/label_a.go, disk/label_b.go"],
      references: ["Open → disk/disk_unix.go:Open", "Label → disk/label_b.go:Label", "local → b_linux.go:local ?"],
    },
  ));

test("Rust: modules by their files, crates by their manifests, re-exports and impls elsewhere", () =>
  check(
    {
      "app/src/main.rs": `mod shop;
use shop::{boxes::Box as Crate, sell};
use shop_core::prices::Price;
use std::collections::HashMap;
use serde::Serialize;
fn main(map: HashMap<u8, Price>, made: Crate) { sell(made.open(), Price::zero()); map.get(&1); println!("x"); crate::shop::boxes::LIMIT; }`,
      "app/Cargo.toml": '[package]\nname = "app"\n[dependencies]\nshop-core = { path = "../core" }\nserde = "1"',
      "app/src/shop/mod.rs": "pub mod boxes;\npub use self::boxes::selling::sell;",
      "app/src/shop/boxes.rs":
        "pub mod selling;\npub struct Box { pub size: u8 }\npub const LIMIT: u8 = 1;\nstruct HashMap;",
      "app/src/shop/boxes/selling.rs": "use super::Box;\npub fn sell() {}\nimpl Box { pub fn open(&self) {} }",
      "core/Cargo.toml": '[package]\nname = "shop-core"',
      "core/src/lib.rs": "pub mod prices;\nmacro_rules! println { () => {} }",
      "core/src/prices.rs": "pub struct Price;\nimpl Price { pub fn zero() -> Self { Price } }",
    },
    {
      imports: [
        "self::shop → app/src/shop/mod.rs",
        "shop::boxes → app/src/shop/boxes.rs",
        "shop → app/src/shop/mod.rs",
        "shop_core::prices → core/src/prices.rs",
        "std::collections → builtin",
        "serde → package cargo:serde",
        "crate::shop::boxes → app/src/shop/boxes.rs",
      ],
      references: [
        "Box → app/src/shop/boxes.rs:Box",
        "sell → app/src/shop/boxes/selling.rs:sell",
        "Price → core/src/prices.rs:Price",
        "HashMap → nothing",
        "Serialize → nothing",
        "Crate → app/src/shop/boxes.rs:Box",
        "open → app/src/shop/boxes/selling.rs:Box.open ?",
        "zero → core/src/prices.rs:Price.zero",
        "get → nothing",
        "println → nothing",
        "shop → nothing",
        "boxes → nothing",
        "LIMIT → app/src/shop/boxes.rs:LIMIT",
      ],
    },
  ));

test("Rust: a crate of the tree is meant where the manifests lead to its folder, and nowhere else", () => {
  const library = (name: string, folder = name) => ({
    [`${folder}/Cargo.toml`]: `[package]\nname = "${name}"\n[lib]\n`,
    [`${folder}/src/lib.rs`]: "pub struct It;\n",
  });
  return check(
    {
      "app/src/main.rs":
        "use serde::It as A;\nuse log::It as B;\nuse shared::It as C;\nuse other::It as D;\nuse loose::It as E;\nuse app::It as F;\nuse twice::It as G;\nuse real::It as H;\nfn main(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H) {}",
      "app/Cargo.toml": `[package]
name = "app"
[dependencies]
serde = { version = "1", features = ["derive"] }
log = "0.4"
shared.workspace = true
twice = { workspace = true }
[target.'cfg(unix)'.dependencies.other]
package = "named-so"
path = "../other"
[dev-dependencies]
real-rs = { path = "../real" }
`,
      "app/src/lib.rs": "pub struct It;\n",
      "Cargo.toml": `[workspace]
members = ["*"]
[workspace.dependencies]
shared = { path = "crates/shared", version = "1" }
twice = "2"
[patch.crates-io]
log = { path = "patched/log" }
`,
      ...library("serde"),
      ...library("log"),
      ...library("log", "patched/log"),
      ...library("shared", "crates/shared"),
      ...library("shared"),
      ...library("named-so", "other"),
      ...library("loose"),
      ...library("twice"),
      ...library("real"),
    },
    {
      imports: [
        "serde → package cargo:serde",
        "log → patched/log/src/lib.rs",
        "shared → crates/shared/src/lib.rs",
        "other → other/src/lib.rs",
        "loose → loose/src/lib.rs",
        "app → app/src/lib.rs",
        "twice → package cargo:twice",
        "real → real/src/lib.rs",
      ],
      references: [
        "It → nothing",
        "It → patched/log/src/lib.rs:It",
        "It → crates/shared/src/lib.rs:It",
        "It → other/src/lib.rs:It",
        "It → loose/src/lib.rs:It ?",
        "It → app/src/lib.rs:It",
        "It → real/src/lib.rs:It",
        "A → nothing",
        "B → patched/log/src/lib.rs:It",
        "C → crates/shared/src/lib.rs:It",
        "D → other/src/lib.rs:It",
        "E → loose/src/lib.rs:It ?",
        "F → app/src/lib.rs:It",
        "G → nothing",
        "H → real/src/lib.rs:It",
      ],
    },
  );
});

test("Rust: modules within files give names on, by name and by star", () =>
  check(
    {
      "src/lib.rs":
        "mod loom; mod own;\nuse crate::loom::sync::{Lock, Seat};\nfn f(l: Lock, s: Seat) { crate::loom::deep::inner(); }\n",
      "src/loom.rs":
        "mod real;\npub mod sync { pub use super::real::Lock; pub use crate::own::*; }\npub mod deep { pub use super::real::inner; }\n",
      "src/loom/real.rs": "pub struct Lock; pub fn inner() {}\n",
      "src/own.rs": "pub struct Seat;\n",
      "Cargo.toml": '[package]\nname = "a"\n',
    },
    {
      imports: [
        "self::loom → src/loom.rs",
        "self::own → src/own.rs",
        "crate::loom::sync → src/loom.rs",
        "crate::loom::deep → src/loom.rs",
      ],
      references: [
        "Lock → src/loom/real.rs:Lock",
        "Seat → src/own.rs:Seat",
        "loom → nothing",
        "deep → nothing",
        "inner → src/loom/real.rs:inner",
      ],
    },
  ));

test("Rust: members by bounds, type arguments, what is borrowed, and what a closure is handed", () =>
  check(
    {
      "src/lib.rs": `mod kit;
use kit::{Cell, Cup, Draw, Guard, Pour, Shape};
struct Holder<T> { cell: Cell<T>, shape: Shape }
impl<T> Holder<T> where T: Pour + Draw {
  fn run(&self, each: &impl Draw) {
    self.cell.lock().pour();
    self.cell.with(|it| it.draw());
    each.draw();
    if let Shape::Round(cup) = &self.shape { cup.fill(); }
  }
}
fn local(task: Cup) { task::go(); task.fill(); }
mod task { pub fn go() {} }
`,
      "src/kit.rs": `pub trait Pour { fn pour(&self); }
pub trait Draw { fn draw(&self); }
pub struct Cell<T>(T);
impl<T> Cell<T> {
  pub fn lock(&self) -> Guard<T> { todo!() }
  pub fn with<R>(&self, act: impl FnOnce(&T) -> R) -> R { act(&self.0) }
}
pub struct Guard<T> { value: T }
impl<T> std::ops::Deref for Guard<T> { type Target = T; fn deref(&self) -> &T { &self.value } }
pub struct Cup;
impl Cup { pub fn fill(&self) {} }
pub enum Shape { Round(Box<Cup>), Flat }
`,
      "Cargo.toml": '[package]\nname = "a"\n',
    },
    {
      imports: ["self::kit → src/kit.rs", "kit → src/kit.rs"],
      references: [
        "Cell → src/kit.rs:Cell",
        "Cup → src/kit.rs:Cup",
        "Draw → src/kit.rs:Draw",
        "Guard → src/kit.rs:Guard",
        "Pour → src/kit.rs:Pour",
        "Shape → src/kit.rs:Shape",
        "Holder → src/lib.rs:Holder",
        "cell → src/lib.rs:Holder.cell ?",
        "lock → src/kit.rs:Cell.lock ?",
        "pour → src/kit.rs:Pour.pour ?",
        "with → src/kit.rs:Cell.with ?",
        "draw → src/kit.rs:Draw.draw ?",
        "Round → src/kit.rs:Shape.Round",
        "shape → src/lib.rs:Holder.shape ?",
        "fill → src/kit.rs:Cup.fill ?",
        "task → src/lib.rs:task",
        "go → src/lib.rs:task.go",
      ],
    },
  ));

test("Rust: of definitions under conditions that of an ordinary build, and all where nobody can tell", () =>
  check(
    {
      "src/lib.rs": "mod kit;\nuse kit::{Clock, Place};\nfn f(c: Clock) { c.tick(); }\n",
      "src/kit.rs": `#[cfg(not(feature = "time"))]
pub struct Clock;
#[cfg(feature = "time")]
pub struct Clock { at: u8 }
#[cfg(test)]
impl Clock { pub fn tick(&self) {} }
#[cfg(all(unix, not(loom)))]
impl Clock { pub fn tick(&self) {} }
#[cfg(windows)]
mod place { pub struct Place; }
#[cfg(unix)]
mod place { pub struct Place; }
pub use place::Place;
`,
      "Cargo.toml": '[package]\nname = "a"\n',
    },
    {
      imports: ["self::kit → src/kit.rs", "kit → src/kit.rs"],
      references: ["Clock → src/kit.rs:Clock", "Place → src/kit.rs:place.Place", "tick → src/kit.rs:Clock.tick ?"],
    },
  ));

test("Rust: items in macros that let them through, and macros that are languages of their own", () =>
  check(
    {
      "src/lib.rs": `cfg_unix! {
    // The "}" of a comment or text closes nothing.
    pub mod unix;
    pub use unix::open;
}
cfg_if::cfg_if! {
    if #[cfg(feature = "a")] {
        mod first;
    } else {
        mod second;
    }
}
lazy_static! { static ref TABLE: u8 = open(); }
fn main() { open(); first::go(); second::go(); vec! { open() }; }`,
      "src/unix.rs": 'pin_project! {\n    pub struct File { size: u8 }\n}\npub fn open() -> File { log!("{") }',
      "src/first.rs": "pub fn go() {}",
      "src/second.rs": "pub fn go() {}",
      "Cargo.toml": '[package]\nname = "app"',
    },
    {
      imports: [
        "self::unix → src/unix.rs",
        "self::first → src/first.rs",
        "self::second → src/second.rs",
        "unix → src/unix.rs",
        "cfg_if → package cargo:cfg_if",
      ],
      references: [
        "cfg_unix → nothing",
        "open → src/unix.rs:open",
        "cfg_if → nothing",
        "lazy_static → nothing",
        "first → nothing",
        "go → src/first.rs:go",
        "second → nothing",
        "go → src/second.rs:go",
        "vec → nothing",
      ],
    },
  ));

test("Rust: names given on in a circle lead nowhere, in no time", () =>
  check(
    {
      "src/main.rs":
        "mod a;\nmod b;\nuse a::round;\nuse b::{round as other, done};\nfn main() { round(); other(); done(); }",
      "Cargo.toml": '[package]\nname = "circle"',
      "src/a.rs": "pub use crate::b::round;\npub fn done() {}",
      "src/b.rs": "pub use crate::a::round;\npub use crate::a::done;",
    },
    {
      imports: ["self::a → src/a.rs", "self::b → src/b.rs", "a → src/a.rs", "b → src/b.rs"],
      references: ["round → nothing", "done → src/a.rs:done", "other → nothing"],
    },
  ));

test("Java: packages across source roots, nested types, static imports, inherited members", () =>
  check(
    {
      "app/src/main/java/com/acme/app/Main.java": `package com.acme.app;
import com.acme.items.Box;
import com.acme.items.Box.Lid;
import static com.acme.items.Sizes.LARGE;
import com.acme.prices.*;
import java.util.List;
import org.junit.Test;
import com.acme.items.Gone;
class Main extends Base {
  List<Box> boxes;
  @Override public String toString() { return String.valueOf(boxes.size()); }
  void run(Box box, Lid lid) { box.open().close(); lid.turn(); inherited(); Helper.help(LARGE); new Price().round(); System.out.println(box.size); }
}`,
      "app/src/main/java/com/acme/app/Helper.java": "package com.acme.app; class Helper { static void help(int x) {} }",
      "app/src/main/java/com/acme/app/Base.java":
        "package com.acme.app; class Base { protected void inherited() {} } class List {} class String { static void valueOf() {} }",
      "lib/src/com/acme/items/Box.java":
        "package com.acme.items; public class Box { public int size; public Box open() { return this; } public void close() {} public static class Lid { public void turn() {} } }",
      "lib/src/com/acme/items/Sizes.java": "package com.acme.items; public interface Sizes { int LARGE = 2; }",
      "lib/src/com/acme/prices/Price.java": "package com.acme.prices; public class Price { public void round() {} }",
      "lib/src/com/acme/prices/Other.java": "package com.acme.prices; class Unseen {}",
    },
    {
      imports: [
        "com.acme.items.Box → lib/src/com/acme/items/Box.java",
        "com.acme.items.Box.Lid → lib/src/com/acme/items/Box.java",
        "com.acme.items.Sizes → lib/src/com/acme/items/Sizes.java",
        "com.acme.prices → lib/src/com/acme/prices/Other.java, lib/src/com/acme/prices/Price.java",
        "java.util.List → builtin",
        "org.junit.Test → package jvm:org.junit.Test",
        "com.acme.items.Gone → missing",
      ],
      references: [
        "Box → lib/src/com/acme/items/Box.java:Box",
        "Lid → lib/src/com/acme/items/Box.java:Box.Lid",
        "Sizes → lib/src/com/acme/items/Sizes.java:Sizes",
        "LARGE → lib/src/com/acme/items/Sizes.java:Sizes.LARGE",
        "List → nothing",
        "Test → nothing",
        "Gone → nothing",
        "Base → app/src/main/java/com/acme/app/Base.java:Base",
        "Override → nothing",
        "String → app/src/main/java/com/acme/app/Base.java:String",
        "valueOf → app/src/main/java/com/acme/app/Base.java:String.valueOf",
        "boxes → app/src/main/java/com/acme/app/Main.java:Main.boxes",
        "size → nothing",
        "open → lib/src/com/acme/items/Box.java:Box.open ?",
        "close → lib/src/com/acme/items/Box.java:Box.close ?",
        "turn → lib/src/com/acme/items/Box.java:Box.Lid.turn ?",
        "inherited → app/src/main/java/com/acme/app/Base.java:Base.inherited ?",
        "Helper → app/src/main/java/com/acme/app/Helper.java:Helper",
        "help → app/src/main/java/com/acme/app/Helper.java:Helper.help",
        "Price → lib/src/com/acme/prices/Price.java:Price",
        "round → lib/src/com/acme/prices/Price.java:Price.round ?",
        "System → nothing",
        "out → nothing",
        "println → nothing",
        "size → lib/src/com/acme/items/Box.java:Box.size ?",
      ],
    },
  ));

test("Kotlin: names of packages in any file, extensions, companions", () =>
  check(
    {
      "src/Main.kt": `package com.acme.app
import com.acme.items.Box
import com.acme.items.describe
import com.acme.items.*
import kotlin.collections.List
import io.ktor.Server
fun run(box: Box, names: List<Box>) { box.open().describe(); Box.make(); seal(names.first()); listOf(box).forEach { it.size }; println(Server()) }`,
      "src/Box.kt":
        "package com.acme.items\nclass Box(val size: Int) {\n  fun open(): Box { return this }\n  companion object {\n    fun make() = Box(1)\n  }\n}\nfun println() {}",
      "src/functions.kt":
        'package com.acme.items\nfun Box.describe(): String = ""\nfun seal(box: Box) {}\nclass Server',
    },
    {
      imports: [
        "com.acme.items.Box → src/Box.kt",
        "com.acme.items.describe → src/functions.kt",
        "com.acme.items → src/Box.kt, src/functions.kt",
        "kotlin.collections.List → builtin",
        "io.ktor.Server → package jvm:io.ktor.Server",
      ],
      references: [
        "Box → src/Box.kt:Box",
        "describe → src/functions.kt:Box.describe",
        "List → nothing",
        "Server → nothing",
        "open → src/Box.kt:Box.open ?",
        "describe → src/functions.kt:Box.describe ?",
        "make → src/Box.kt:Box.make",
        "seal → src/functions.kt:seal",
        "first → nothing",
        "listOf → nothing",
        "forEach → nothing",
        "size → nothing",
        "println → src/Box.kt:println",
      ],
    },
  ));

test("C++: headers called .h that hold functions or an enumeration alone", () =>
  check(
    {
      "use.cpp": '#include "a.h"\n#include "b.h"\nvoid f() { fmt::twice(1); Color c = Color::red; }\n',
      "a.h": '#include "config.h"\nFMT_BEGIN_NAMESPACE\nint twice(int n);\nFMT_END_NAMESPACE\n',
      "b.h": "enum class Color : int { red, blue };\n",
      "config.h": "#define FMT_BEGIN_NAMESPACE namespace fmt {\n#define FMT_END_NAMESPACE }\n",
    },
    {
      imports: ["a.h → a.h", "b.h → b.h"],
      references: [
        "fmt → nothing",
        "twice → a.h:FMT_BEGIN_NAMESPACE.twice",
        "Color → b.h:Color",
        "red → b.h:Color.red",
      ],
    },
  ));

test("Kotlin: members of a companion, with a name of its own and without", () =>
  check(
    {
      "Main.kt":
        "package a\nfun run() {\n  Named.make()\n  Named.Maker.make()\n  Named.Other.made()\n  Plain.Companion.make()\n}",
      "Named.kt":
        "package a\nclass Named {\n  companion object Maker {\n    fun make() = 1\n  }\n  object Other {\n    fun made() = 1\n  }\n}",
      "Plain.kt": "package a\nclass Plain {\n  companion object {\n    fun make() = 1\n  }\n}",
    },
    {
      imports: [],
      references: [
        "Named → Named.kt:Named",
        "make → Named.kt:Named.Maker.make",
        "Maker → Named.kt:Named.Maker",
        "Other → Named.kt:Named.Other",
        "made → Named.kt:Named.Other.made",
        "Plain → Plain.kt:Plain",
        "Companion → Plain.kt:Plain",
        "make → Plain.kt:Plain.make",
      ],
    },
  ));

test("Scala: selectors, renames, companions, names of the packages around", () =>
  check(
    {
      "src/Main.scala": `package com.acme.app
import com.acme.items.{Box => Crate, Sizes}
import com.acme.prices._
import scala.collection.mutable.Map
import cats.effect.IO
object Main { def run(box: Crate, map: Map[String, IO]): Unit = { box.open().close(); Crate(1); Sizes.Large; round(Shared.one); map.get("x"); println(1) } }`,
      "src/Box.scala":
        "package com.acme.items\nclass Box(val size: Int) { def open(): Box = this\n def close(): Unit = () }\nobject Box { def apply(size: Int): Box = new Box(size) }\nobject Sizes { val Large = 2 }\nclass Map",
      "src/package.scala": "package com.acme\npackage object prices { def round(x: Int): Int = x }",
      "src/Shared.scala": "package com.acme.app\nobject Shared { val one = 1 }\nclass IO",
    },
    {
      imports: [
        "com.acme.items.Box → src/Box.scala",
        "com.acme.items.Sizes → src/Box.scala",
        "com.acme.prices → src/package.scala",
        "scala.collection.mutable.Map → builtin",
        "cats.effect.IO → package jvm:cats.effect.IO",
      ],
      references: [
        "Box → src/Box.scala:Box",
        "Sizes → src/Box.scala:Sizes",
        "Map → nothing",
        "IO → nothing",
        "Crate → src/Box.scala:Box",
        "String → nothing",
        "Unit → nothing",
        "open → src/Box.scala:Box.open ?",
        "close → src/Box.scala:Box.close ?",
        "Large → src/Box.scala:Sizes.Large",
        "round → src/package.scala:prices.round",
        "Shared → src/Shared.scala:Shared",
        "one → src/Shared.scala:Shared.one",
        "get → nothing",
        "println → nothing",
      ],
    },
  ));

test("C#: namespaces of several files, partial classes, extensions, aliases", () =>
  check(
    {
      "App/Main.cs": `using System; using Acme.Items; using Money = Acme.Prices.Price; using static Acme.Prices.Rates; using Newtonsoft.Json;
namespace Acme.App { class Main : Base { void Run(Box box, Console other) { box.Open().Close(); box.Describe(); Rate(1); new Money().Round(); Inherited(); Console.WriteLine(box.Size); JsonConvert.Do(); Shared.One(); } } }`,
      "App/Base.cs": "namespace Acme.App { class Base { protected void Inherited() {} } }",
      "Shared.cs": "namespace Acme { static class Shared { public static void One() {} } }",
      "Items/Box.cs":
        "namespace Acme.Items { public partial class Box { public int Size; public Box Open() { return this; } } }",
      "Items/Box.Close.cs":
        "namespace Acme.Items { public partial class Box { public void Close() {} } public static class Extensions { public static void Describe(this Box box) {} } }",
      "Prices/Price.cs":
        "namespace Acme.Prices; public struct Price { public void Round() {} } public static class Rates { public static void Rate(int x) {} } public class JsonConvert { public static void Do() {} }",
    },
    {
      imports: [
        "System → builtin",
        "Acme.Items → Items/Box.Close.cs, Items/Box.cs",
        "Acme.Prices.Price → Prices/Price.cs",
        "Acme.Prices.Rates → Prices/Price.cs",
        "Newtonsoft.Json → package csharp:Newtonsoft.Json",
      ],
      references: [
        "Base → App/Base.cs:Base",
        "Box → Items/Box.cs:Box",
        "Console → nothing",
        "Open → Items/Box.cs:Box.Open ?",
        "Close → Items/Box.Close.cs:Box.Close ?",
        "Describe → Items/Box.Close.cs:Extensions.Describe ?",
        "Rate → Prices/Price.cs:Rates.Rate",
        "Money → Prices/Price.cs:Price",
        "Round → Prices/Price.cs:Price.Round ?",
        "Inherited → App/Base.cs:Base.Inherited ?",
        "WriteLine → nothing",
        "Size → Items/Box.cs:Box.Size ?",
        "JsonConvert → nothing",
        "Do → nothing",
        "Shared → Shared.cs:Shared",
        "One → Shared.cs:Shared.One",
      ],
    },
  ));

test("PHP: names by namespace and composer's folders, traits, functions that fall back", () =>
  check(
    {
      "src/Main.php": `<?php namespace Acme\\App;
use Acme\\Items\\{Box, Lid as Cover}; use function Acme\\Items\\describe; use Psr\\Log\\LoggerInterface; use Acme\\Items\\Gone;
require __DIR__ . '/legacy.php';
class Main extends Base { use Logs; private Box $box;
  function run(Cover $lid, LoggerInterface $log) { $this->box->open()->close(); $lid->turn(); $this->inherited(); $this->log(); describe(Box::LIMIT); legacy(); strlen("x"); new \\Exception(); $log->info(); Helper::help(); } }`,
      "src/Base.php":
        "<?php namespace Acme\\App; class Base { function inherited() {} } trait Logs { function log() {} } class Helper { static function help() {} }",
      "src/legacy.php": "<?php function legacy() {}",
      "src/Items/Box.php":
        "<?php namespace Acme\\Items; class Box { const LIMIT = 1; function open(): self { return $this; } function close() {} }\nfunction describe() {} function strlen() {} class Exception {}",
      "src/Items/Lid.php": "<?php namespace Acme\\Items; class Lid { function turn() {} }",
      "copies/Items/Lid.php": "<?php namespace Acme\\Items; class Lid { function turn() {} }",
      "composer.json": '{ "autoload": { "psr-4": { "Acme\\\\Items\\\\": "src/Items/" } } }',
    },
    {
      imports: [
        "Acme\\Items\\Box → src/Items/Box.php",
        "Acme\\Items\\Lid → src/Items/Lid.php",
        "Acme\\Items\\describe → src/Items/Box.php",
        "Psr\\Log\\LoggerInterface → package composer:Psr\\Log\\LoggerInterface",
        "Acme\\Items\\Gone → missing",
        "/legacy.php → src/legacy.php",
      ],
      references: [
        "Box → src/Items/Box.php:Box",
        "Lid → src/Items/Lid.php:Lid",
        "describe → src/Items/Box.php:describe",
        "LoggerInterface → nothing",
        "Gone → nothing",
        "Base → src/Base.php:Base",
        "Logs → src/Base.php:Logs",
        "Cover → src/Items/Lid.php:Lid",
        "box → src/Main.php:Main.box ?",
        "open → src/Items/Box.php:Box.open ?",
        "close → src/Items/Box.php:Box.close ?",
        "turn → src/Items/Lid.php:Lid.turn ?",
        "inherited → src/Base.php:Base.inherited ?",
        "log → src/Base.php:Logs.log ?",
        "LIMIT → src/Items/Box.php:Box.LIMIT",
        "legacy → src/legacy.php:legacy",
        "strlen → nothing",
        "Exception → nothing",
        "info → nothing",
        "Helper → src/Base.php:Helper",
        "help → src/Base.php:Helper.help",
      ],
    },
  ));

test("PHP: tests with instanceof, types that documentation gives, members behind both", () =>
  check(
    {
      "src/Main.php": `<?php
namespace Acme;
class Main {
    /** @var Box[] */
    private array $boxes;
    /** @var iterable<string, Item> */
    private iterable $items;
    /**
     * @param Box|null $given  what there is
     * @param array<int, Item> $more
     */
    public function run($given, array $more, Thing $thing, Thing $other, Thing $last) {
        $given->documented();
        foreach ($more as $one) { $one->inArray(); }
        foreach ($this->items as $one) { $one->inIterable(); }
        $this->boxes[0]->indexed();
        if (!$thing instanceof Box || null === $other) { throw new \\Exception(); }
        $thing->afterExit();
        $thing->ofThing();
        if ($other instanceof Item && $other->inCondition()) { $other->inBranch(); } else { $other->elsewhere(); }
        $last = $last instanceof Box ? $last->inChoice() : null;
        assert($last instanceof Item);
        $last->asserted();
        $last = unknown();
        $last->elsewhere();
        /** @var Item $made */
        $made = unknown();
        $made->annotated();
        return $made::class;
    }
    /** @return static */
    public function same() {}
    public function twice() { $this->same()->run(); }
}`,
      "src/Box.php": `<?php
namespace Acme;
class Box {
    public function documented() {}
    public function indexed() {}
    public function afterExit() {}
    public function inChoice() {}
    public function elsewhere() {}
}`,
      "src/Item.php": `<?php
namespace Acme;
class Item {
    public function inArray() {}
    public function inIterable() {}
    public function inCondition() {}
    public function inBranch() {}
    public function asserted() {}
    public function annotated() {}
}`,
      "src/Thing.php": "<?php\nnamespace Acme;\ninterface Thing { public function ofThing(); }",
    },
    {
      imports: [],
      references: [
        "Thing → src/Thing.php:Thing",
        "documented → src/Box.php:Box.documented ?",
        "inArray → src/Item.php:Item.inArray ?",
        "items → src/Main.php:Main.items ?",
        "inIterable → src/Item.php:Item.inIterable ?",
        "boxes → src/Main.php:Main.boxes ?",
        "indexed → src/Box.php:Box.indexed ?",
        "Box → src/Box.php:Box",
        "Exception → nothing",
        "afterExit → src/Box.php:Box.afterExit ?",
        "ofThing → src/Thing.php:Thing.ofThing ?",
        "Item → src/Item.php:Item",
        "inCondition → src/Item.php:Item.inCondition ?",
        "inBranch → src/Item.php:Item.inBranch ?",
        "elsewhere → nothing",
        "inChoice → src/Box.php:Box.inChoice ?",
        "assert → nothing",
        "asserted → src/Item.php:Item.asserted ?",
        "unknown → nothing",
        "annotated → src/Item.php:Item.annotated ?",
        "same → src/Main.php:Main.same ?",
        "run → src/Main.php:Main.run ?",
      ],
    },
  ));

test("PHP: members in PHP's order, functions beside methods and classes of their names, parents", () =>
  check(
    {
      "src/Main.php": `<?php
namespace Acme;
class Main extends Base implements Listing {
    use Lists;
    public function value() {}
    public function run() {
        value(1);
        logger();
        $this->wrap();
        self::of();
        parent::run();
        new class extends Other { public function run() { parent::run(); } };
    }
}`,
      "src/Base.php": "<?php\nnamespace Acme;\nclass Base { public function wrap() {} public function run() {} }",
      "src/Other.php": "<?php\nnamespace Acme;\nclass Other { public function run() {} }",
      "src/Listing.php":
        "<?php\nnamespace Acme;\ninterface Listing { public static function of(); public function wrap(); }",
      "src/Lists.php":
        "<?php\nnamespace Acme;\ntrait Lists { public static function of() {} public function wrap() {} }",
      "src/Logger.php": "<?php\nnamespace Acme;\nclass Logger {}",
      "src/functions.php": "<?php\nfunction value($it) {}\nfunction logger() {}",
    },
    {
      imports: [],
      references: [
        "Base → src/Base.php:Base",
        "Listing → src/Listing.php:Listing",
        "Lists → src/Lists.php:Lists",
        "value → src/functions.php:value",
        "logger → src/functions.php:logger",
        "wrap → src/Lists.php:Lists.wrap ?",
        "of → src/Lists.php:Lists.of ?",
        "run → src/Base.php:Base.run ?",
        "Other → src/Other.php:Other",
        "run → src/Other.php:Other.run ?",
      ],
    },
  ));

test("PHP: values that are one of several, and packages that are installed for a fixture", () =>
  check(
    {
      "src/Run.php": `<?php
namespace Acme;
use Other\\Tool;
class Run {
  private ?Link $one = null;
  function run(Tool $tool, array $all) {
    $a = $all ? null : new Link();
    $a->inConditional();
    $b = match (true) { $all => throw new \\Exception(), default => new Link() };
    $b->inMatch();
    $c = $this->one ?? new Link();
    $c->inNull();
  }
}
`,
      "src/Link.php": `<?php
namespace Acme;
class Link {
  function inConditional() {}
  function inMatch() {}
  function inNull() {}
}
`,
      "tests/fixture/vendor/other/Tool.php": "<?php\nnamespace Other;\nclass Tool {}\n",
    },
    {
      imports: ["Other\\Tool → package composer:Other\\Tool"],
      references: [
        "Tool → nothing",
        "Link → src/Link.php:Link",
        "inConditional → src/Link.php:Link.inConditional ?",
        "Exception → nothing",
        "inMatch → src/Link.php:Link.inMatch ?",
        "one → src/Run.php:Run.one ?",
        "inNull → src/Link.php:Link.inNull ?",
      ],
    },
  ));

test("Python: Self is whichever class a method is taken from", () =>
  check(
    {
      "main.py": `from kinds import Base, Special
Special.make().own()
Special().again().quoted()
Base.make().own()
Base.other().common()
with Special() as one:
    one.own()
`,
      "kinds.py": `import typing as t
from typing import Self
class Base:
    @classmethod
    def make(cls) -> Self: return cls()
    @classmethod
    def other(cls) -> t.Self | None: return cls()
    def again(self) -> "Self": return self
    def __enter__(self) -> Self: return self
    def common(self): ...
class Special(Base):
    def own(self): ...
    def quoted(self): ...
`,
    },
    {
      imports: ["kinds → kinds.py"],
      references: [
        "Base → kinds.py:Base",
        "Special → kinds.py:Special",
        "make → kinds.py:Base.make",
        "own → kinds.py:Special.own ?",
        "again → kinds.py:Base.again ?",
        "quoted → kinds.py:Special.quoted ?",
        "own → nothing",
        "other → kinds.py:Base.other",
        "common → kinds.py:Base.common ?",
      ],
    },
  ));

test("Python: a package among examples is not what others import, unless that is a project", () =>
  check(
    {
      "shop/main.py": "import pydantic\nfrom toolbox import Tool\nimport flaskr\nfrom examples.pydantic import Model\n",
      "shop/__init__.py": "",
      "examples/pydantic/__init__.py": "class Model: ...\n",
      "examples/tutorial/pyproject.toml": "",
      "examples/tutorial/flaskr/__init__.py": "",
      "tools/toolbox/__init__.py": "class Tool: ...\n",
    },
    {
      imports: [
        "pydantic → package python:pydantic",
        "toolbox → tools/toolbox/__init__.py",
        "flaskr → examples/tutorial/flaskr/__init__.py",
        "examples.pydantic → examples/pydantic/__init__.py",
      ],
      // Nothing says that `tools` is where the shop imports from.
      references: ["Tool → tools/toolbox/__init__.py:Tool ?", "Model → examples/pydantic/__init__.py:Model"],
    },
  ));

test("Python: a package that is asked for is installed, unless a project of the tree or the importer's own source has it", () =>
  check(
    {
      "worker/main.py":
        "from redis import Redis\nfrom acme_money import Rate\nfrom cache import Cache\nfrom kombu import Queue\nfrom loose import It\n",
      "worker/requirements.txt": "redis>=4\ncache\n",
      "pyproject.toml": '[project]\nname = "root"\ndependencies = ["Acme-Money>=1", "kombu[redis]"]\n',
      "services/redis/__init__.py": "class Redis: ...\n",
      "services/loose/__init__.py": "class It: ...\n",
      "services/kombu/__init__.py": "class Queue: ...\n",
      "libs/money/pyproject.toml": '[project]\nname = "acme-money"\n',
      "libs/money/src/acme_money/__init__.py": "class Rate: ...\n",
      "src/cache/__init__.py": "class Cache: ...\n",
    },
    {
      imports: [
        "redis → package python:redis",
        "acme_money → libs/money/src/acme_money/__init__.py",
        "cache → src/cache/__init__.py",
        "kombu → package python:kombu",
        "loose → services/loose/__init__.py",
      ],
      references: [
        "Redis → nothing",
        "Rate → libs/money/src/acme_money/__init__.py:Rate",
        "Cache → src/cache/__init__.py:Cache",
        "Queue → nothing",
        "It → services/loose/__init__.py:It ?",
      ],
    },
  ));

test("Python: tests import the packages that stand among them", () =>
  check(
    {
      "tests/test_blueprints.py": "import blueprintapp\n",
      "tests/test_apps/blueprintapp/__init__.py": "",
    },
    { imports: ["blueprintapp → tests/test_apps/blueprintapp/__init__.py"], references: [] },
  ));

test("TypeScript: catch of a promise gives what that holds, a catch of one's own what it says", () =>
  check(
    {
      "main.ts": `import * as z from "./schema.ts";
z.catch(1).caught;
new z.Schema().catch(2).caught;
async function run() { (await z.load().catch(() => null)).loaded; z.load().finally(() => {}).loaded }`,
      "schema.ts": `export class Caught { caught = 1 }
export class Schema { loaded = 1; catch(x: number): Caught { return new Caught() } }
export class Text { loaded = 1 }
function _catch(x: number): Caught { return new Caught() }
export { _catch as catch };
export async function load(): Promise<Text> { return new Text() }`,
    },
    {
      imports: ["./schema.ts → schema.ts"],
      references: [
        "z → nothing",
        "catch → schema.ts:_catch",
        "caught → schema.ts:Caught.caught ?",
        "Schema → schema.ts:Schema",
        "catch → schema.ts:Schema.catch ?",
        "load → schema.ts:load",
        "catch → nothing",
        "loaded → schema.ts:Text.loaded ?",
        "finally → nothing",
      ],
    },
  ));

test("components: what their scripts declare is their own", () =>
  check(
    {
      "src/main.ts": 'export const fail = () => new Error(title("x"));',
      "src/bad.astro": "---\nconst Error = 1;\nfunction title() {}\n---\n<p>{title()}</p>",
    },
    { imports: [], references: ["Error → nothing", "title → nothing"] },
  ));

test("Ruby: required files, constants of reopened modules, mixed-in methods", () =>
  check(
    {
      "lib/acme/main.rb": `require "json"
require "acme/box"
require_relative "helper"
require "rack/utils"
require_relative "gone"
module Acme
  class Main < Base
    include Helper
    def run
      Box.make.open
      box = Box.new(Box::LIMIT)
      box.close
      help
      inherited
      Items::Lid.new.turn
      JSON.parse("x")
      puts Array.new
    end
  end
end`,
      "lib/acme/box.rb":
        "module Acme\n class Box\n LIMIT = 1\n def self.make\n new(1)\n end\n def close\n end\n end\n class JSON2; end\nend",
      "lib/acme/helper.rb":
        "module Acme\n module Helper\n def help\n end\n end\n class Base\n def inherited\n end\n end\nend",
      "lib/acme/items/lid.rb": "module Acme::Items\n class Lid\n def turn\n end\n end\nend",
      "lib/acme/json.rb": "module Acme\n module Json\n end\nend",
      "other/array.rb": "module Other\n class Array\n end\n class JSON\n end\nend",
    },
    {
      imports: [
        "json → builtin",
        "acme/box → lib/acme/box.rb",
        "./helper → lib/acme/helper.rb",
        "rack/utils → package gem:rack/utils",
        "./gone → missing",
      ],
      references: [
        "Base → lib/acme/helper.rb:Acme.Base",
        "Helper → lib/acme/helper.rb:Acme.Helper",
        "Box → lib/acme/box.rb:Acme.Box",
        "make → lib/acme/box.rb:Acme.Box.make",
        "open → nothing",
        "LIMIT → lib/acme/box.rb:Acme.Box.LIMIT",
        "close → lib/acme/box.rb:Acme.Box.close ?",
        "help → lib/acme/helper.rb:Acme.Helper.help ?",
        "inherited → lib/acme/helper.rb:Acme.Base.inherited ?",
        "Lid → lib/acme/items/lid.rb:Acme.Items.Lid",
        "turn → lib/acme/items/lid.rb:Acme.Items.Lid.turn ?",
        "JSON → nothing",
        "parse → nothing",
        "puts → nothing",
        "Array → nothing",
      ],
    },
  ));

test("Ruby: what classes get of modules, themselves and for their instances, wherever they are opened", () =>
  check(
    {
      "lib/shop/order.rb": `require "money"
module Shop
  class Order < Base
    include Countable
    extend Findable
    scoped :open
    counted
    find_all
    Array.wrap(Time.now)
    Order.save
    Money.new
    def ship
      save
      count_up
      helper
      find_all
      Registry.register(self)
      Registry.size = 1
      Rates.of
      built
      made.save
      made.made_elsewhere
      Limit
    end
    def made
      note = 1
      Base.new
    end
    test("in a block") { find_all }
  end
end`,
      "lib/shop/base.rb": "module Shop\n class Base\n def save\n end\n end\nend",
      "lib/shop/base_help.rb":
        "module Shop\n class Base\n include Helping\n end\n module Helping\n Limit = 1\n def helper\n end\n end\nend",
      "lib/shop/countable.rb": `module Shop
  module Countable
    def self.counted
    end
    included do
      def built
      end
    end
    class_methods do
      def scoped(name)
      end
    end
    module ClassMethods
      def counted
      end
    end
    def count_up
    end
    def save
    end
  end
end`,
      "lib/shop/findable.rb": "module Shop\n module Findable\n def find_all\n end\n end\nend",
      "lib/shop/registry.rb":
        "module Shop\n class Registry\n class << self\n attr_accessor :size\n def register(it)\n end\n end\n end\nend",
      "lib/shop/rates.rb": "module Shop\n module Rates\n extend self\n def of\n end\n end\nend",
      "other/test/order_test.rb": "module Shop\n class Base\n def made_elsewhere\n end\n end\nend",
      "lib/core.rb": "class Time\nend\nclass Array\n def self.wrap(it)\n end\nend\nmodule Money\nend",
    },
    {
      imports: ["money → package gem:money"],
      references: [
        "Base → lib/shop/base.rb:Shop.Base",
        "Countable → lib/shop/countable.rb:Shop.Countable",
        "Findable → lib/shop/findable.rb:Shop.Findable",
        "scoped → lib/shop/countable.rb:Shop.Countable.ClassMethods.scoped ?",
        "counted → lib/shop/countable.rb:Shop.Countable.ClassMethods.counted ?",
        "find_all → lib/shop/findable.rb:Shop.Findable.find_all ?",
        "Array → nothing",
        "wrap → lib/core.rb:Array.wrap",
        "Time → nothing",
        "now → nothing",
        "Order → lib/shop/order.rb:Shop.Order",
        "save → nothing",
        "Money → nothing",
        "save → lib/shop/countable.rb:Shop.Countable.save ?",
        "count_up → lib/shop/countable.rb:Shop.Countable.count_up ?",
        "helper → lib/shop/base_help.rb:Shop.Helping.helper ?",
        "find_all → nothing",
        "Registry → lib/shop/registry.rb:Shop.Registry",
        "register → lib/shop/registry.rb:Shop.Registry.register",
        "size → lib/shop/registry.rb:Shop.Registry.size",
        "Rates → lib/shop/rates.rb:Shop.Rates",
        "of → lib/shop/rates.rb:Shop.Rates.of ?",
        "built → lib/shop/countable.rb:Shop.Countable.built ?",
        "made → lib/shop/order.rb:Shop.Order.made ?",
        "save → lib/shop/base.rb:Shop.Base.save ?",
        "made_elsewhere → nothing",
        "Limit → lib/shop/base_help.rb:Shop.Helping.Limit",
        "test → nothing",
      ],
    },
  ));

test("C: headers by their path, definitions behind declarations, static functions of one file", () =>
  check(
    {
      "src/main.c": `#include "box.h"
#include "lib/price.h"
#include <stdio.h>
#include <zlib.h>
#include "gone.h"
static int helper(void) { return LIMIT; }
int main(void) { struct box *b = box_open(helper()); b->size = price_of(b->lid.price); printf("%d", hidden()); return other_helper(); }`,
      "src/box.h":
        "#define LIMIT 3\nstruct lid { int price; };\nstruct box { int size; struct lid lid; };\nstruct box *box_open(int n);",
      "src/box.c": '#include "box.h"\nstatic int hidden(void) { return 1; }\nstruct box *box_open(int n) { return 0; }',
      "include/lib/price.h": "int price_of(int x);\nint printf2(void);",
      "lib/price.c": "int price_of(int x) { return x; }\nint printf(const char *x, int y) { return 0; }",
      "unrelated/box.h": "#define LIMIT 4",
      "unrelated/helper.c": "int other_helper(void) { return 0; }",
    },
    {
      imports: [
        "box.h → src/box.h",
        "lib/price.h → include/lib/price.h",
        "<stdio.h> → builtin",
        "<zlib.h> → package c:zlib.h",
        "gone.h → missing",
      ],
      references: [
        "LIMIT → src/box.h:LIMIT",
        "box → src/box.h:box",
        "box_open → src/box.c:box_open",
        "helper → src/main.c:helper",
        "size → src/box.h:box.size ?",
        "price_of → lib/price.c:price_of",
        "lid → src/box.h:box.lid ?",
        "price → src/box.h:lid.price ?",
        "printf → nothing",
        "hidden → nothing",
        "other_helper → nothing",
      ],
    },
  ));

test("C: aliases, elements of arrays and pointers, structs of one name in files that know nothing of each other", () =>
  check(
    {
      "src/main.c": `#include "node.h"
static struct config { int port; } config;
int main(struct table *t) { return t->nodes[0]->flags + config.port + config.host; }`,
      "src/node.h": "typedef struct _node node;\nstruct _node { int flags; };\nstruct table { node **nodes; };",
      "src/other.c": "typedef struct node { int flags; } node;\nstatic struct config { int port; char *host; } config;",
    },
    {
      imports: ["node.h → src/node.h"],
      references: [
        "table → src/node.h:table",
        "nodes → src/node.h:table.nodes ?",
        "flags → src/node.h:_node.flags ?",
        "config → src/main.c:config",
        "port → src/main.c:config.port ?",
        "host → nothing",
      ],
    },
  ));

test("C: structures that headers only name, members that macros make, and branches of conditions", () =>
  check(
    {
      "src/main.c": `#include "kit.h"
int run(struct kit *k, socket_t s) { k->state->depth = LIMIT; k->done = 1; return k->at.line + open_it(s); }`,
      "src/kit.h": `#if defined(_WIN32)
typedef void *socket_t;
#define LIMIT 1
#else
typedef int socket_t;
#define LIMIT 2
#endif
struct state;
struct kit { struct state *state; BIT(done); struct { int line; } at; };
KIT_API int KIT_DEPRECATED("use another") open_it(socket_t s) KIT_PRINTF(1, 2);
`,
      "src/state.c": "struct state { int depth; };",
    },
    {
      imports: ["kit.h → src/kit.h"],
      references: [
        "kit → src/kit.h:kit",
        "socket_t → src/kit.h:socket_t",
        "state → src/kit.h:kit.state ?",
        "depth → src/state.c:state.depth ?",
        "LIMIT → src/kit.h:LIMIT",
        "done → src/kit.h:kit.done ?",
        "at → src/kit.h:kit.at ?",
        "line → src/kit.h:kit.at.line ?",
        "open_it → src/kit.h:open_it",
      ],
    },
  ));

test("C++: namespaces that macros open, inline ones, overloads that nobody can tell apart, constructors", () =>
  check(
    {
      "src/main.cpp": `#include "acme/kit.hpp"
int run(kit::box b) { kit::box made("x"); return kit::open(1) + kit::open(1, 2) + kit::close(b.size()) + kit::detail::deep() + kit::box::count; }`,
      "include/acme/base.hpp": `#define KIT_BEGIN_NAMESPACE namespace kit { inline namespace v1 {
#define KIT_END_NAMESPACE } }
`,
      "include/acme/kit.hpp": `#include "acme/base.hpp"
KIT_BEGIN_NAMESPACE
class KIT_API box { public: KIT_CONSTEXPR box(const char* name) : size_(0) {} int size() const; static int count; int size_; };
KIT_INLINE int open(int x) { return x; }
KIT_INLINE int open(int x, int y) { return x; }
template <typename T, KIT_ENABLE_IF(true)> int close(T x) { return 0; }
template <typename T> int close(T* x) { return 0; }
namespace detail { KIT_API int deep(); }
KIT_END_NAMESPACE
`,
      "src/kit.cpp": `#include "acme/kit.hpp"
KIT_BEGIN_NAMESPACE
int KIT_API box::size() const { return size_; }
namespace detail { int deep() { return 1; } }
KIT_END_NAMESPACE
`,
    },
    {
      imports: ["acme/kit.hpp → include/acme/kit.hpp"],
      references: [
        "kit → nothing",
        "box → include/acme/kit.hpp:KIT_BEGIN_NAMESPACE.box",
        "open → include/acme/kit.hpp:KIT_BEGIN_NAMESPACE.open ?",
        "close → include/acme/kit.hpp:KIT_BEGIN_NAMESPACE.close, include/acme/kit.hpp:KIT_BEGIN_NAMESPACE.close ??",
        "size → src/kit.cpp:KIT_BEGIN_NAMESPACE::box.size ?",
        "deep → src/kit.cpp:KIT_BEGIN_NAMESPACE.detail.deep",
        "count → include/acme/kit.hpp:KIT_BEGIN_NAMESPACE.box.count",
      ],
    },
  ));

test("C++: namespaces, members defined apart, using, overloads of free names", () =>
  check(
    {
      "src/main.cpp": `#include "acme/box.hpp"
#include <vector>
#include <boost/any.hpp>
using namespace acme::prices;
namespace acme { namespace app {
int run(const Box& box, std::vector<Box> boxes) { box.open().close(); Price p = round(box.size); for (auto& each : boxes) each.close(); return prices::rate + std::max(1, 2) + local(); }
} }`,
      "include/acme/box.hpp":
        "namespace acme { class Box { public: Box& open() const; void close(); int size; };\nint local();\nint max(int, int);\nnamespace prices { struct Price {}; Price round(int x); extern int rate; } }",
      "src/box.cpp":
        '#include "acme/box.hpp"\nnamespace acme { Box& Box::open() const { return *this; }\nvoid Box::close() {}\nint local() { return 1; } }\nacme::prices::Price acme::prices::round(int x) { return {}; }',
    },
    {
      imports: ["acme/box.hpp → include/acme/box.hpp", "<vector> → builtin", "<boost/any.hpp> → package c:boost"],
      references: [
        "Box → include/acme/box.hpp:acme.Box",
        "open → src/box.cpp:acme::Box.open ?",
        "close → src/box.cpp:acme::Box.close ?",
        "Price → include/acme/box.hpp:acme.prices.Price",
        "round → src/box.cpp:acme::prices.round",
        "size → include/acme/box.hpp:acme.Box.size ?",
        "prices → nothing",
        "rate → include/acme/box.hpp:acme.prices.rate",
        "local → src/box.cpp:acme.local",
      ],
    },
  ));

test("overloads: by how many arguments a call has and what is known of their types", () =>
  check(
    {
      "src/Main.java": `class Main { void run(Shop shop, Item item, Other other) {
  shop.sell(); shop.sell("x"); shop.sell(item); shop.sell(1, 2, 3); shop.sell(other.unknown()); } }`,
      "src/Shop.java": `class Shop {
  void sell() {}
  void sell(String name) {}
  void sell(Item item) {}
  void sell(int... counts) {}
}
class Item {}`,
    },
    {
      imports: [],
      references: [
        "Shop → src/Shop.java:Shop",
        "Item → src/Shop.java:Item",
        "Other → nothing",
        "sell → src/Shop.java:Shop.sell ?",
        "sell → src/Shop.java:Shop.sell, src/Shop.java:Shop.sell, src/Shop.java:Shop.sell ??",
        "unknown → nothing",
      ],
    },
  ));

/** Lines of the definitions that calls of `name` in the first file lead to, in order; `?` before those that are a guess. */
async function overloadsCalled(name: string, files: Record<string, string>): Promise<string[]> {
  const tree = await treeOf(files);
  const [from = ""] = Object.keys(files);
  const { references } = tree.facts(from);
  const links = linkFiles(tree, [from], resolversOf(tree)).get(from)?.links ?? [];
  return links.flatMap(({ reference, confidence, definitions }) => {
    const fact = references[reference];
    if (fact?.name !== name || fact.kind === "import") return [];
    const lines = definitions.map(({ path, symbol }) => tree.facts(path).symbols[symbol]?.line);
    return [`${confidence === "ambiguous" ? "?" : ""}${lines.join(",")}`];
  });
}

test("Java: of overloads the one that the types of the arguments mean", async () => {
  const shop = `package shop;
public class Shop<T> extends Base {
  void put(int x) {}
  void put(long x) {}
  void put(Object x) {}
  void put(String x) {}
  void put(Object... x) {}
  void put(int[] x) {}
  void put(Part x) {}
  void put(Runnable x) {}
  void put(Maker x) {}
  private void put(Sub x) {}
  void put(T[] x, String y) {}
  static Part part() { return null; }
}
class Base { void put(char x) {} void put(Part[] x) {} }
class Part {}
class Sub extends Part {}
interface Maker { int make(int a); }
`;
  const calls: Record<string, string> = {
    "1": "3",
    count: "3",
    "count + 2L": "4",
    "(byte) 1": "3",
    "name.length()": "3",
    "Long.MAX_VALUE": "4",
    "name + 1": "6",
    "name.trim()": "6",
    "this.toString()": "6",
    "Integer.valueOf(2)": "5",
    boxed: "5",
    "new StringBuilder()": "5",
    parts: "16",
    "new int[] { 1 }": "8",
    rest: "8",
    "new Part()": "9",
    "new Sub()": "9",
    "Shop.part()": "9",
    "all.get(0)": "9",
    "() -> {}": "10",
    "a -> a": "11",
    "'c'": "16",
    "1, 2": "7",
    "null, name": "13",
    "unknown()": "?3,4,5,6,8,9,10,11,16,16",
  };
  const body = Object.keys(calls).map((call) => `    shop.put(${call});`);
  const main = `package shop;
class Main {
  void run(Shop<Part> shop, int count, String name, Integer boxed, java.util.List<Part> all, Part[] parts, int... rest) {
${body.join("\n")}
  }
}`;
  const found = await overloadsCalled("put", { "Main.java": main, "Shop.java": shop });
  expect(Object.fromEntries(Object.keys(calls).map((call, index) => [call, found[index]]))).toEqual(calls);
});

test("Kotlin: what a function among arguments has for `this`, and extensions that only their imports tell apart", () =>
  check(
    {
      "app/main.kt": `package app
import shop.*
fun run(log: Log) {
  shop { sell(); item { weigh(); sell() } }
  serve { it.sell() }
  log.trace { "x" }
  weigh()
}
class Log {
  fun trace(text: String) {}
}`,
      "app/log.kt": "package app\nfun Log.trace(text: () -> String) {}",
      "shop/shop.kt": `package shop
typealias Build = Shop.() -> Unit
fun shop(build: Build) {}
fun serve(each: (Shop) -> Unit) {}
class Shop {
  fun sell() {}
}
class Item
fun Shop.item(build: Item.() -> Unit) {}
fun Item.weigh() {}`,
    },
    {
      imports: ["shop → shop/shop.kt"],
      references: [
        "Log → app/main.kt:Log",
        "shop → shop/shop.kt:shop",
        "sell → shop/shop.kt:Shop.sell ?",
        "item → shop/shop.kt:Shop.item ?",
        "weigh → shop/shop.kt:Item.weigh ?",
        "serve → shop/shop.kt:serve",
        "trace → app/log.kt:Log.trace ?",
        "weigh → shop/shop.kt:Item.weigh ??",
        "String → nothing",
      ],
    },
  ));

test("C#: what a file uses within a condition, extensions where their namespace is in use", () =>
  check(
    {
      "Main.cs": `#if !OLD
using Shop.Tools;
namespace App { class Main { void Run(string name) { name.Weigh(); name.Hide(); new Box().Open(1.5m); } } }
#endif`,
      "Tools.cs": `namespace Shop.Tools {
public static class More { public static int Weigh(this string name) => 1; }
public class Box { public void Open(double size) {} public void Open(decimal size) {} } }`,
      "Other.cs": "namespace Shop.Hidden { static class Less { public static int Hide(this string name) => 1; } }",
    },
    {
      imports: ["Shop.Tools → Tools.cs"],
      references: [
        "OLD → nothing",
        "Weigh → Tools.cs:More.Weigh ?",
        "Hide → nothing",
        "Box → Tools.cs:Box",
        "Open → Tools.cs:Box.Open ?",
      ],
    },
  ));

test("C#: what a project has in use everywhere, its extensions included; another project has not", () =>
  check(
    {
      "Shop/Main.cs":
        "namespace App { class Main { void Run(string name) { new Box().Open(); name.Weigh(); new Lid(); } } }",
      "Shop/Properties/Usings.cs": "global using System;\nglobal using Shop.Tools;",
      "Other/GlobalUsings.cs": "global using Shop.Hidden;",
      "Shop/Tools.cs": `namespace Shop.Tools {
public static class More { public static int Weigh(this string name) => 1; }
public class Box { public void Open() {} } }`,
      "Shop/Lid.cs": "namespace Shop.Hidden { public class Lid {} }",
    },
    {
      imports: [],
      references: [
        "Box → Shop/Tools.cs:Box",
        "Open → Shop/Tools.cs:Box.Open ?",
        "Weigh → Shop/Tools.cs:More.Weigh ?",
        "Lid → nothing",
      ],
    },
  ));

test("C++: of overloads the one that a literal means; a type is no text for letters within its name", async () => {
  const main =
    '#include "box.hpp"\nvoid run(Box &box) { box.put(1); box.put(1.5); box.put("x"); box.put(0); box.put(1u); }';
  const box = `struct Registry { Registry(int size); };
struct Box {
  void put(Registry x);
  void put(std::string x);
  void put(double x);
  void put(char *x, int y);
};`;
  expect(await overloadsCalled("put", { "main.cpp": main, "box.hpp": box })).toEqual([
    "?3,5",
    "5",
    "4",
    "?3,4,5",
    "?3,4,5",
  ]);
});
