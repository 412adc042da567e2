// Python's tests of types: `isinstance(value, Type)`.
import { instanceOf, type Draft, type Scope } from "./draft.ts";
import { EITHER_MAX, type Target } from "./facts.ts";
import { testedType, type Tests } from "./narrowing.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

/** What a test says that the value of a name, or of a chain of names, is there. */
export function narrowed(
  { tree, draft }: { tree: SyntaxTree; draft: Draft },
  node: Node,
  scope: Scope,
): Target | undefined {
  if (!tree.is(node, "identifier", "attribute")) return undefined;
  const type = testedType(tree, node, PYTHON_TESTS);
  if (type === undefined) return undefined;
  const isClass = tree.textOf(tree.field(tree.ancestor(type, "call"), "function")) === "issubclass";
  const types = (tree.is(type, "tuple") ? tree.children(type) : [type])
    .map((one) => draft.value(one, scope))
    .filter(({ kind }) => kind !== "unknown")
    .map((one) => (isClass ? one : instanceOf(one)));
  return types.length > 1 ? { kind: "either", of: types.slice(0, EITHER_MAX) } : types[0];
}

const PYTHON_TESTS: Tests = {
  borders: new Set(["function_definition", "class_definition", "lambda"]),
  blocks: new Set(["block", "module"]),
  around(tree, at, below) {
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
        return tree.fieldName(below) === "right" && isAnd(tree, at) ? [tree.field(at, "left")] : [];
      case "list_comprehension":
      case "set_comprehension":
      case "dictionary_comprehension":
      case "generator_expression":
        return tree.children(at).flatMap((child) => (tree.is(child, "if_clause") ? tree.children(child).at(-1) : []));
      default:
        return [];
    }
  },
  after(tree, statement) {
    if (tree.is(statement, "assert_statement")) return [tree.children(statement)[1]];
    const condition = tree.is(statement, "if_statement") ? tree.field(statement, "condition") : undefined;
    const last = tree.children(tree.field(statement, "consequence")).at(-1);
    const isExit = tree.is(last, "return_statement", "raise_statement", "continue_statement", "break_statement");
    return isExit && tree.is(condition, "not_operator") ? [tree.field(condition, "argument")] : [];
  },
  typeIn(tree, condition, text) {
    if (tree.is(condition, "parenthesized_expression")) return this.typeIn(tree, tree.children(condition)[0], text);
    if (tree.is(condition, "boolean_operator") && isAnd(tree, condition))
      return (
        this.typeIn(tree, tree.field(condition, "left"), text) ??
        this.typeIn(tree, tree.field(condition, "right"), text)
      );
    if (!tree.is(condition, "call")) return undefined;
    const [value, type] = tree.children(tree.field(condition, "arguments"));
    const isTest = /^is(?:instance|subclass)$/.test(tree.textOf(tree.field(condition, "function")));
    return isTest && tree.textOf(value) === text ? type : undefined;
  },
  written: (tree, node) =>
    tree.is(node, "assignment", "for_statement")
      ? tree.field(node, "left")
      : tree.is(node, "named_expression")
        ? tree.field(node, "name")
        : undefined,
};

function isAnd(tree: SyntaxTree, operation: Node): boolean {
  return tree.textOf(tree.field(operation, "operator")) === "and";
}
