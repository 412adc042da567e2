// What a test says that a Python value is, where it holds: `isinstance(value, Type)` in a condition around, or in an `assert` or
// an early exit shortly before.
import { instanceOf, type Draft, type Scope } from "./draft.ts";
import type { Target } from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

/** Statements before in one block that are looked at. */
const STATEMENTS_BEFORE_MAX = 8;

/** The value of a name, or a chain of names, that is called or of which a member is taken. */
export function narrowed(
  { tree, draft }: { tree: SyntaxTree; draft: Draft },
  node: Node,
  scope: Scope,
): Target | undefined {
  const role = tree.fieldName(node);
  const isUsed = role === "object" || (role === "function" && tree.is(tree.parent(node), "call"));
  if (!isUsed) return undefined;
  const text = tree.textOf(node);
  let below = node;
  for (let at = tree.parent(node); at !== undefined; below = at, at = tree.parent(at)) {
    if (tree.is(at, "function_definition", "class_definition", "lambda")) return undefined;
    for (const condition of conditionsFor(tree, at, below)) {
      const type = testedType(tree, condition, text);
      if (type === undefined) continue;
      return isSetBetween(tree, { text, around: at, from: condition, to: node })
        ? undefined
        : lowerTested({ tree, draft }, type, scope);
    }
  }
  return undefined;
}

/** What holds where `below`, a child of `at`, is run. */
function conditionsFor(tree: SyntaxTree, at: Node, below: Node): (Node | undefined)[] {
  switch (tree.type(at)) {
    case "if_statement":
    case "elif_clause":
    case "while_statement":
      return tree.is(below, "block") ? [tree.field(at, "condition")] : [];
    case "conditional_expression": {
      const [value, , condition] = tree.children(at);
      return below === value ? [condition] : [];
    }
    case "boolean_operator":
      return tree.fieldName(below) === "right" && tree.textOf(tree.field(at, "operator")) === "and"
        ? [tree.field(at, "left")]
        : [];
    case "list_comprehension":
    case "set_comprehension":
    case "dictionary_comprehension":
    case "generator_expression":
      return tree.children(at).flatMap((child) => (tree.is(child, "if_clause") ? tree.children(child).at(-1) : []));
    case "block":
    case "module": {
      const found: (Node | undefined)[] = [];
      let before = tree.previous(below);
      for (let count = 0; before !== undefined && count < STATEMENTS_BEFORE_MAX; count++) {
        if (tree.is(before, "assert_statement")) found.push(tree.children(before)[1]);
        const condition = tree.is(before, "if_statement") ? tree.field(before, "condition") : undefined;
        const last = tree.children(tree.field(before, "consequence")).at(-1);
        if (
          tree.is(condition, "not_operator") &&
          tree.is(last, "return_statement", "raise_statement", "continue_statement")
        )
          found.push(tree.field(condition, "argument"));
        before = tree.previous(before);
      }
      return found;
    }
    default:
      return [];
  }
}

/** The type that `condition` says `text` is of: a name, a tuple or a union of some. */
function testedType(tree: SyntaxTree, condition: Node | undefined, text: string): Node | undefined {
  switch (condition === undefined ? undefined : tree.type(condition)) {
    case "parenthesized_expression":
      return testedType(tree, tree.children(condition)[0], text);
    case "boolean_operator":
      return tree.textOf(tree.field(condition, "operator")) === "and"
        ? (testedType(tree, tree.field(condition, "left"), text) ??
            testedType(tree, tree.field(condition, "right"), text))
        : undefined;
    case "call": {
      const [value, type] = tree.children(tree.field(condition, "arguments"));
      const isTest = /^is(?:instance|subclass)$/.test(tree.textOf(tree.field(condition, "function")));
      return isTest && tree.textOf(value) === text ? type : undefined;
    }
    default:
      return undefined;
  }
}

function lowerTested(
  { tree, draft }: { tree: SyntaxTree; draft: Draft },
  type: Node,
  scope: Scope,
): Target | undefined {
  const test = tree.ancestor(type, "call");
  const isClass = tree.textOf(tree.field(test, "function")) === "issubclass";
  const types = (tree.is(type, "tuple") ? tree.children(type) : [type])
    .map((one) => draft.value(one, scope))
    .filter(({ kind }) => kind !== "unknown")
    .map((one) => (isClass ? one : instanceOf(one)));
  return types.length > 1 ? { kind: "either", of: types.slice(0, ALTERNATIVES_MAX) } : types[0];
}

const ALTERNATIVES_MAX = 8;

function isSetBetween(
  tree: SyntaxTree,
  { text, around, from, to }: { text: string; around: Node; from: Node | undefined; to: Node },
): boolean {
  if (from === undefined) return false;
  return tree
    .descendants(around)
    .some(
      (node) =>
        tree.start(node) > tree.start(from) &&
        tree.start(node) < tree.start(to) &&
        tree.is(node, "assignment", "named_expression", "for_statement") &&
        tree.textOf(tree.field(node, tree.is(node, "named_expression") ? "name" : "left")) === text &&
        tree.end(node) <= tree.start(to),
    );
}
