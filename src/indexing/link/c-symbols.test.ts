import { expect, test } from "vitest";
import { treeOfSources } from "../../../test/harness/linked-tree.ts";
import { readCSymbols } from "./c-symbols.ts";

test("who declares a name is asked as long as that is less than looking into all files", () => {
  const count = 700;
  const sources = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`f${i}.c`, `int f${i}(void);\nint both(void);\n`]),
  );
  const tree = treeOfSources(sources);
  let asked = 0;
  const declaring = ({ names }: { names: readonly string[] }) => {
    asked++;
    return names.map((name) => `${name}.c`);
  };
  const symbols = readCSymbols({ ...tree, declaring }, new Set(["c"]));
  for (let i = count - 1; i >= 0; i--)
    expect(symbols.named(`f${i}`).map(symbols.definitionOf)).toEqual([{ path: `f${i}.c`, symbol: 0 }]);
  expect(asked).toBe(500);
  expect(symbols.named("both").map((id) => symbols.definitionOf(id).path)).toEqual(tree.paths);
});

test("nobody is asked again once there were too many to tell", () => {
  const tree = treeOfSources({ "a.c": "int one(void);\n", "b.c": "int two(void);\n" });
  let asked = 0;
  const declaring = () => {
    asked++;
    return undefined;
  };
  const symbols = readCSymbols({ ...tree, declaring }, new Set(["c"]));
  expect([symbols.named("two"), symbols.named("one"), symbols.named("three")].map((ids) => ids.length)).toEqual([
    1, 1, 0,
  ]);
  expect(asked).toBe(1);
});
