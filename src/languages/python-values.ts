// What Python expressions and type annotations lead to.
import { Draft, findBinding, instanceOf, memberOf, resultOf, type Scope } from "./draft.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import type { PythonFile } from "./python.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

/** Of `Optional[X]` and its like the type inside says what a value is. */
const TRANSPARENT =
  /^(?:\w+\.)*(?:Optional|Union|Annotated|ClassVar|Final|InitVar|Type|type|Required|NotRequired|ReadOnly|Awaitable|Self)$/;

export function lowerPython(
  of: { tree: SyntaxTree; draft: Draft; modules: ReadonlyMap<string, number> },
  node: Node,
  scope: Scope,
): Target {
  const { tree, draft } = of;
  switch (tree.type(node)) {
    case "identifier":
      return draft.valueOf(tree.textOf(node), scope);
    case "attribute": {
      const module = of.modules.get(tree.textOf(node));
      if (module !== undefined && findBinding(scope, tree.textOf(firstName(tree, node)))?.isLocal !== true)
        return { kind: "imported", import: module, name: "*" };
      return memberOf(draft.value(tree.field(node, "object"), scope), tree.textOf(tree.field(node, "attribute")));
    }
    case "call": {
      const callee = tree.field(node, "function");
      if (tree.textOf(callee) === "super") return findBinding(scope, "super()")?.target() ?? UNKNOWN;
      if (/^(?:\w+\.)?cast$/.test(tree.textOf(callee)))
        return instanceOf(draft.value(tree.children(tree.field(node, "arguments"))[0], scope));
      return resultOf(draft.value(callee, scope));
    }
    case "type":
    case "parenthesized_expression":
    case "await":
      return draft.value(
        tree.children(node).findLast((child) => !tree.is(child, "comment")),
        scope,
      );
    case "named_expression":
      return draft.value(tree.field(node, "value"), scope);
    case "conditional_expression":
    case "boolean_operator":
    case "binary_operator":
    case "union_type": {
      const [first, ...rest] = tree
        .children(node)
        .filter((child) => !/^\W+$|^(?:if|else|or|and)$/.test(tree.type(child)));
      // `a if condition else b`, `a or b` and `X | None`: what the first says, else the last.
      if (tree.is(node, "binary_operator") && tree.textOf(tree.field(node, "operator")) !== "|") return UNKNOWN;
      const value = draft.value(first, scope);
      return value.kind === "unknown" ? draft.value(rest.at(-1), scope) : value;
    }
    case "subscript":
    case "generic_type": {
      const [object, ...inside] = tree.children(node);
      const parameters = tree.is(inside[0], "type_parameter") ? tree.children(inside[0]) : inside;
      if (!TRANSPARENT.test(tree.textOf(object)))
        return tree.is(node, "generic_type") || isInType(tree, node) ? draft.value(object, scope) : UNKNOWN;
      return draft.value(
        parameters.find((parameter) => tree.textOf(parameter) !== "None"),
        scope,
      );
    }
    case "string": {
      const quoted = tree.textOf(tree.child(node, "string_content"));
      if (!/^[A-Za-z_][\w.]*$/.test(quoted) || !isInType(tree, node)) return { kind: "free", name: "str" };
      const [first = "", ...names] = quoted.split(".");
      return names.reduce<Target>(memberOf, draft.valueOf(first, scope));
    }
    default:
      return UNKNOWN;
  }
}

function isInType(tree: SyntaxTree, node: Node): boolean {
  return tree.ancestor(node, "type") !== undefined || tree.is(tree.parent(node), "argument_list");
}

function firstName(tree: SyntaxTree, node: Node): Node {
  let at = node;
  for (let object = tree.field(at, "object"); object !== undefined; object = tree.field(at, "object")) at = object;
  return at;
}

/** `super()`: a value of the first superclass. */
export function superOf(of: PythonFile, symbol: number): Target {
  const base = of.draft.symbols[symbol]?.bases?.[0];
  return base ? instanceOf(base) : UNKNOWN;
}

/** What a function without an annotation gives: the first of its `return`s that says anything. */
export function returnedType(of: PythonFile, { body, scope }: { body: Node | undefined; scope: Scope }): Target {
  const { tree, draft } = of;
  if (body === undefined) return UNKNOWN;
  for (const node of tree.descendants(body)) {
    if (!tree.is(node, "return_statement") || tree.ancestor(node, "function_definition") !== tree.parent(body))
      continue;
    const value = draft.value(tree.children(node)[1], scope);
    if (value.kind !== "unknown") return value;
  }
  return UNKNOWN;
}
