// The cursor sees what web-tree-sitter's own sees, and another version of the package is refused where it is loaded.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { Language, Parser } from "web-tree-sitter";
import type { Cursor } from "../languages/syntax-tree.ts";
import { cursorsOf } from "./tree-cursor.ts";

/** Deeper than the library's first allocation for a path reaches, with aliases, fields, errors and a pair of surrogates. */
const TEXT = `${"namespace a { ".repeat(60)}
template <typename T> struct Pair : Base<T> { T first, *second[2] = {}; Pair() : first(0) {} };
int f(int a, char *b) { if (a > (1 + ) return "𝒳" "y"; for (;;) g(a->b.c, &b); }
#define LIMIT(x) ((x) + 1)
${"}".repeat(60)}`;

type Walked = Omit<Cursor, "descendantCount">;

function listNodes(cursor: Walked): number[][] {
  const nodes: number[][] = [];
  for (let depth = 0; depth >= 0;) {
    nodes.push([depth, cursor.nodeTypeId, cursor.currentFieldId, cursor.startIndex, cursor.endIndex]);
    if (cursor.gotoFirstChild()) {
      depth++;
      continue;
    }
    while (depth >= 0 && !cursor.gotoNextSibling()) {
      depth--;
      expect(cursor.gotoParent()).toBe(depth >= 0);
    }
  }
  return nodes;
}

test("a cursor visits the nodes that the package's own visits", async () => {
  const module = {};
  await Parser.init(module);
  const grammar = createRequire(import.meta.url).resolve("tree-sitter-cpp/tree-sitter-cpp.wasm");
  const parser = new Parser().setLanguage(await Language.load(await readFile(grammar)));
  const tree = parser.parse(TEXT);
  if (!tree) throw new Error("not parsed");
  const own = tree.walk();
  const expected = listNodes(own);
  own.delete();
  // Twice: the first has given back all that it took.
  for (let time = 0; time < 2; time++) {
    const cursor = cursorsOf(module)(tree);
    expect(cursor.descendantCount).toBe(expected.length);
    expect(listNodes(cursor)).toEqual(expected);
    cursor.delete();
  }
  tree.delete();
});

test("a package without the functions is refused", () => {
  expect(() => cursorsOf({})).toThrow("web-tree-sitter has no _ts_tree_root_node_wasm.");
});
