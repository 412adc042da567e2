// What Go expressions and types lead to. Pointers are what they point to.
import { Draft, elementOf, instanceOf, listOf, memberOf, resultOf, type Scope } from "./draft.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function lowerGo({ tree, draft }: { tree: SyntaxTree; draft: Draft }, node: Node, scope: Scope): Target {
  const part = draft.partOf(node, scope);
  switch (tree.type(node)) {
    case "identifier":
    case "type_identifier":
    case "package_identifier":
      return draft.valueOf(tree.textOf(node), scope);
    case "selector_expression":
      return memberOf(part("operand"), tree.textOf(tree.field(node, "field")));
    case "qualified_type":
      return memberOf(part("package"), tree.textOf(tree.field(node, "name")));
    case "pointer_type":
    case "parenthesized_type":
    case "parenthesized_expression":
    case "type_elem":
    case "expression_list":
    case "literal_element":
      return draft.value(tree.children(node)[0], scope);
    case "generic_type":
      return part("type");
    case "slice_type":
    case "array_type":
      return listOf(part("element"));
    case "map_type":
    case "channel_type":
      return listOf(part("value"));
    case "composite_literal":
    case "type_assertion_expression":
    case "type_conversion_expression":
      return instanceOf(part("type"));
    case "unary_expression":
      return /^[&*<]/.test(tree.textOf(node)) ? part("operand") : UNKNOWN;
    case "slice_expression":
      return part("operand");
    case "index_expression":
      return elementOf(part("operand"));
    case "call_expression": {
      const callee = tree.field(node, "function");
      const name = tree.textOf(callee);
      const [first] = tree.children(tree.field(node, "arguments"));
      if (name === "new" || name === "make") return instanceOf(draft.value(first, scope));
      if (name === "append") return draft.value(first, scope);
      return resultOf(draft.value(callee, scope));
    }
    default:
      return UNKNOWN;
  }
}
