// What tests say that a value is where they hold: in a condition around, or in one shortly before that was passed. Shared by
// languages whose values have few written types; each says what its tests look like.
import type { Node, SyntaxTree } from "./syntax-tree.ts";

type Conditions = readonly (Node | undefined)[];

export interface Tests {
  /** Nodes that tests outside say nothing in. */
  borders: ReadonlySet<string>;
  /** Nodes that hold one statement after the other. */
  blocks: ReadonlySet<string>;
  /** What holds where `below`, a child of `at`, is run. */
  around(tree: SyntaxTree, at: Node, below: Node): Conditions;
  /** What holds once the statement has been passed. */
  after(tree: SyntaxTree, statement: Node): Conditions;
  /** Where `condition` says of what is written as `text` that it is of a type: that. */
  typeIn(tree: SyntaxTree, condition: Node | undefined, text: string): Node | undefined;
  /** What the node gives a value, if it does. */
  written(tree: SyntaxTree, node: Node): Node | undefined;
}

/** Statements before in one block that are looked at. */
const STATEMENTS_BEFORE_MAX = 64;

/** The type that a test says what is written at `node` is of there. */
export function testedType(tree: SyntaxTree, node: Node, tests: Tests): Node | undefined {
  const text = tree.textOf(node);
  let below = node;
  for (let at = tree.parent(node); at !== undefined; below = at, at = tree.parent(at)) {
    if (tests.borders.has(tree.type(at))) return undefined;
    const before = tests.blocks.has(tree.type(at)) ? passedBefore(tree, below, tests) : [];
    for (const condition of [...tests.around(tree, at, below), ...before]) {
      const type = tests.typeIn(tree, condition, text);
      if (type !== undefined && condition !== undefined)
        return isWrittenBetween(tree, { text, from: condition, to: node }, tests) ? undefined : type;
    }
  }
  return undefined;
}

function passedBefore(tree: SyntaxTree, statement: Node, { after }: Tests): Conditions {
  const found: (Node | undefined)[] = [];
  let before = tree.previous(statement);
  for (let count = 0; before !== undefined && count < STATEMENTS_BEFORE_MAX; count++) {
    found.push(...after(tree, before));
    before = tree.previous(before);
  }
  return found;
}

function isWrittenBetween(
  tree: SyntaxTree,
  { text, from, to }: { text: string; from: Node; to: Node },
  { written }: Tests,
): boolean {
  return tree.between(from, to).some((node) => {
    const target = tree.end(node) > tree.start(to) ? undefined : written(tree, node);
    return target !== undefined && tree.textOf(target) === text;
  });
}
