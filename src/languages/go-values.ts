// What Go expressions and types lead to. Pointers are what they point to.
import { Draft, elementOf, instanceOf, listOf, memberOf, resultOf, symbolTarget, type Scope } from "./draft.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export interface GoValues {
  tree: SyntaxTree;
  draft: Draft;
  /** Symbols that the fields of structs without a name are members of. */
  structs: Map<Node, number>;
  /** Of those in functions, which are no symbol's, the types of their fields. */
  fields: Map<Target, Map<string, () => Target>>;
}

const CHANNEL = "chan";

export function lowerGo(of: GoValues, node: Node, scope: Scope): Target {
  const { tree, draft } = of;
  const part = draft.partOf(node, scope);
  switch (tree.type(node)) {
    case "identifier":
    case "type_identifier":
    case "package_identifier":
      return draft.valueOf(tree.textOf(node), scope);
    case "selector_expression":
      return fieldOf(of, part("operand"), tree.textOf(tree.field(node, "field")));
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
    case "implicit_length_array_type":
      return listOf(part("element"));
    case "map_type":
      return listOf(part("value"));
    case "channel_type": {
      const values = listOf(part("value"));
      return values.kind === "list" ? { ...values, name: CHANNEL } : values;
    }
    case "function_type":
      return { kind: "function", parameters: [], type: draft.value(resultType(tree, node), scope) };
    case "struct_type":
      return structTarget(of, node, scope);
    case "composite_literal":
    case "type_assertion_expression":
    case "type_conversion_expression":
      return instanceOf(part("type"));
    case "unary_expression": {
      const [sign] = tree.textOf(node);
      return sign === "<" ? elementOf(part("operand")) : sign === "&" || sign === "*" ? part("operand") : UNKNOWN;
    }
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

/** A field of a value: of a struct without a name the value that it has. */
export function fieldOf({ fields }: GoValues, object: Target, name: string): Target {
  const known = object.kind === "instance" ? fields.get(object.of) : undefined;
  return known ? instanceOf(known.get(name)?.() ?? UNKNOWN) : memberOf(object, name);
}

/** Type of the first result. */
export function resultType(tree: SyntaxTree, node: Node): Node | undefined {
  const result = tree.field(node, "result");
  if (!tree.is(result, "parameter_list")) return result;
  return tree.field(tree.child(result, "parameter_declaration"), "type");
}

export function isChannel(value: Target): boolean {
  return value.kind === "instance" && value.of.kind === "list" && value.of.name === CHANNEL;
}

function structTarget({ tree, draft, structs, fields }: GoValues, node: Node, scope: Scope): Target {
  const symbol = structs.get(node);
  if (symbol !== undefined) return symbolTarget(symbol);
  const target: Target = { kind: "builtin", name: "struct" };
  const types = new Map<string, () => Target>();
  for (const field of tree.children(tree.child(node, "field_declaration_list")))
    for (const name of tree.fields(field, "name"))
      types.set(tree.textOf(name), () => draft.value(tree.field(field, "type"), scope));
  fields.set(target, types);
  return target;
}

/** The struct without a name that a type is, points to or holds. */
export function structIn(tree: SyntaxTree, type: Node | undefined): Node | undefined {
  let at = type;
  while (at !== undefined && !tree.is(at, "struct_type"))
    at = tree.is(at, "pointer_type", "parenthesized_type")
      ? tree.children(at)[0]
      : (tree.field(at, "element") ?? tree.field(at, "value"));
  return at;
}
