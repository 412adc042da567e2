// What Rust's names lead to where macros, inline modules and other crates of the tree are involved.
import { expect, test } from "vitest";
import { linkSources } from "../../../test/harness/linked-tree.ts";

const KIT = {
  "Cargo.toml": '[package]\nname = "app"\n[dependencies]\nkit = { path = "kit" }\n',
  "kit/Cargo.toml": '[package]\nname = "kit"\n',
  "kit/src/lib.rs": `pub struct Value { pub n: i64 }
impl Value { pub fn of(n: i64) -> Value { Value { n } } pub fn get(&self) -> i64 { self.n } }
pub enum Fault { Bad { why: String }, Other }
pub struct Example { pub result: Option<Value> }
pub fn made() -> Value { Value::of(1) }
pub mod prelude { pub use crate::{made, Example, Fault, Value}; }
`,
};

/** What the first file's names lead to, each once and in order. */
function leads(sources: Record<string, string>): string[] {
  const [from = ""] = Object.keys(sources);
  return [...new Set(linkSources({ ...sources, ...KIT }).references(from))].map((one) =>
    one.replace("kit/src/lib.rs", "kit"),
  );
}

test("macros are handed names that stars bring and paths of crates", () => {
  const text = `use kit::prelude::*;
fn all(e: Fault) {
  vec![Example { result: Some(Value::of(1)) }];
  assert!(matches!(e, kit::Fault::Bad { .. }) && made().get() > 0);
  sql! { of made; why: made };
  hit!(mark);
  make! { fn made() => 1 }
}
fn mark() {}`;
  expect(leads({ "src/lib.rs": text })).toEqual([
    "Fault -> kit:Fault exact",
    "Example -> kit:Example exact",
    "Value -> kit:Value exact",
    "of -> kit:Value.of exact",
    "Bad -> kit:Fault.Bad exact",
    "made -> kit:made exact",
    "get -> kit:Value.get inferred",
  ]);
});

test("macros in inline modules are handed what the file binds further down", () => {
  const text = `mod tests {
  use super::*;
  fn t() { assert_eq!(own(1), Value::of(1)); }
}
use kit::Value;
fn own(n: i64) -> Value { Value::of(n) }`;
  expect(leads({ "src/lib.rs": text }).slice(0, 3)).toEqual([
    "own -> src/lib.rs:own exact",
    "Value -> kit:Value exact",
    "of -> kit:Value.of exact",
  ]);
});

test("crates are in scope wherever a type is written, and types before what they have", () => {
  const text = `mod tests {
  fn t() -> Result<(), kit::Fault> { kit::Value::of(1); Ok(()) }
}
struct Own { fault: kit::Fault }`;
  expect(leads({ "src/lib.rs": text })).toEqual([
    "Fault -> kit:Fault exact",
    "Value -> kit:Value exact",
    "of -> kit:Value.of exact",
  ]);
});

test("a module that a star brings comes before a crate of its name", () => {
  const sources = {
    "src/tests.rs": "use super::*;\nfn t() { parts::take(); assert!(parts::take()); kit::made(); }",
    "src/lib.rs": "mod tests;\nmod parts;\n",
    "src/parts.rs": "pub fn take() {}",
  };
  expect(leads(sources)).toEqual(["take -> src/parts.rs:take exact", "made -> kit:made exact"]);
});

test("of two types under conditions the one of an ordinary build has the members", () => {
  const text = `#[cfg(feature = "a")]
pub struct Clock(u8);
#[cfg(not(feature = "a"))]
pub struct Clock;
#[cfg(feature = "a")]
impl Clock { pub fn tick(&self) {} }
#[cfg(not(feature = "a"))]
impl Clock { pub fn tick(&self) {} }
fn f(c: Clock) { c.tick(); }`;
  const { links } = linkSources({ "src/lib.rs": text, ...KIT });
  expect(links.get("src/lib.rs")?.links.map(({ confidence, definitions }) => [confidence, definitions])).toEqual([
    ["exact", [{ path: "src/lib.rs", symbol: 0 }]],
    ["exact", [{ path: "src/lib.rs", symbol: 0 }]],
    ["exact", [{ path: "src/lib.rs", symbol: 0 }]],
    ["inferred", [{ path: "src/lib.rs", symbol: 2 }]],
  ]);
});

test("attributes are macros: no function or module of their name", () => {
  const sources = {
    "src/lib.rs":
      "use kit::{test, marks::marked, marks::Make};\n#[derive(Make)]\nstruct A;\n#[marked]\n#[test]\nfn t() { test(); }",
    "kit/src/marks.rs": "#[proc_macro_attribute]\npub fn marked() {}\npub trait Make {}",
  };
  const kit = { ...KIT, "kit/src/lib.rs": "pub mod marks;\npub fn test() {}" };
  expect(linkSources({ ...sources, ...kit }).references("src/lib.rs")).toEqual([
    "test -> kit/src/lib.rs:test exact",
    "marked -> kit/src/marks.rs:marked exact",
    "Make -> kit/src/marks.rs:Make exact",
    "Make -> kit/src/marks.rs:Make exact",
    "marked -> kit/src/marks.rs:marked exact",
    "test -> kit/src/lib.rs:test exact",
  ]);
});

test("a value has the methods of the only trait in scope that declares them", () => {
  const traits = `pub trait Pour { fn pour(&self); fn clone(&self); }
impl<T: Into<u8>> Pour for T { fn pour(&self) {} fn clone(&self) {} }
pub trait Spill { fn pour(&self); fn spill(&self); }`;
  const use = (imports: string) => ({
    "src/lib.rs": `${imports}\npub struct Cup;\nimpl From<Cup> for u8 {}\nfn f(cup: Cup, any: Gone) { cup.pour(); cup.clone(); any.spill(); }`,
    "kit/src/traits.rs": traits,
  });
  const kit = { ...KIT, "kit/src/lib.rs": "pub mod traits;" };
  const calls = (imports: string) =>
    linkSources({ ...use(imports), ...kit })
      .references("src/lib.rs")
      .filter((one) => /^(?:pour|clone|spill)/.test(one));
  expect(calls("use kit::traits::Pour as _;")).toEqual(["pour -> kit/src/traits.rs:Pour.pour inferred"]);
  expect(calls("use kit::traits::Spill;")).toEqual(["pour -> kit/src/traits.rs:Spill.pour inferred"]);
  expect(calls("use kit::traits::*;")).toEqual([]);
  expect(calls("")).toEqual([]);
});
