// What Python expressions and type annotations lead to.
import {
  Draft,
  elementOf,
  findBinding,
  firstOf,
  instanceOf,
  listOf,
  memberOf,
  resultOf,
  typeOf,
  type Scope,
} from "./draft.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import type { PythonFile } from "./python.ts";
import { narrowed } from "./python-narrowing.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

/** Of `Optional[X]` and its like the type inside says what a value is. */
const TRANSPARENT =
  /^(?:\w+\.)*(?:Optional|Union|Annotated|ClassVar|Final|InitVar|Type|type|Required|NotRequired|ReadOnly|Awaitable|Self)$/;

/** Annotations of what is gone through one by one, by their last name. Those of mappings say what their keys are. */
const COLLECTION =
  /^(?:\w+\.)*(?:[Ll]ist|[Ss]et|[Ff]rozen[Ss]et|[Dd]eque|[Tt]uple|Sequence|MutableSequence|Collection|Iterable|Iterator|Generator|AbstractSet|MutableSet|KeysView|ValuesView|Async(?:Iterable|Iterator|Generator))$/;

export interface PythonValues {
  tree: SyntaxTree;
  draft: Draft;
  modules: ReadonlyMap<string, number>;
}

export function lowerPython(of: PythonValues, node: Node, scope: Scope): Target {
  const { tree, draft } = of;
  switch (tree.type(node)) {
    case "identifier":
      return isSelfType(of, node, scope) ? { kind: "receiver" } : draft.valueOf(tree.textOf(node), scope);
    case "attribute": {
      if (isSelfType(of, node, scope)) return { kind: "receiver" };
      const module = of.modules.get(tree.textOf(node));
      if (module !== undefined && findBinding(scope, tree.textOf(firstName(tree, node)))?.isLocal !== true)
        return { kind: "imported", import: module, name: "*" };
      const object = tree.field(node, "object");
      const name = tree.textOf(tree.field(node, "attribute"));
      const tested = object === undefined ? undefined : narrowed(of, object, scope);
      const member = memberOf(draft.value(object, scope), name);
      return tested ? firstOf([memberOf(tested, name), member]) : member;
    }
    case "call": {
      const callee = tree.field(node, "function");
      if (tree.textOf(callee) === "super") return findBinding(scope, "super()")?.target() ?? UNKNOWN;
      if (/^(?:\w+\.)?cast$/.test(tree.textOf(callee)))
        return instanceOf(draft.value(tree.children(tree.field(node, "arguments"))[0], scope));
      const built = builtIn(of, node, scope);
      const tested = callee === undefined ? undefined : narrowed(of, callee, scope);
      return built ?? resultOf(tested ?? draft.value(callee, scope));
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
      const isType = tree.is(node, "generic_type") || isInType(tree, node);
      if (isType && COLLECTION.test(tree.textOf(object))) return listOf(draft.value(parameters[0], scope));
      if (!TRANSPARENT.test(tree.textOf(object)))
        return isType ? draft.value(object, scope) : itemOf(draft.value(object, scope), tree.is(inside[0], "slice"));
      return draft.value(
        parameters.find((parameter) => tree.textOf(parameter) !== "None"),
        scope,
      );
    }
    case "string": {
      if (isSelfType(of, node, scope)) return { kind: "receiver" };
      const quoted = tree.textOf(tree.child(node, "string_content"));
      if (!/^[A-Za-z_][\w.]*$/.test(quoted) || !isInType(tree, node)) return { kind: "free", name: "str" };
      const [first = "", ...names] = quoted.split(".");
      return names.reduce<Target>(memberOf, draft.valueOf(first, scope));
    }
    case "list":
    case "tuple":
    case "set": {
      const values = tree.children(node).map((child) => typeOf(draft.value(child, scope)));
      return instanceOf(listOf(firstOf(values.slice(0, VALUES_MAX))));
    }
    default:
      return UNKNOWN;
  }
}

/** `list(values)` and its like hold the same, `next(values)` is one of them. */
function builtIn({ tree, draft }: PythonValues, call: Node, scope: Scope): Target | undefined {
  const name = tree.textOf(tree.field(call, "function"));
  const isOne = name === "next";
  if (!isOne && !/^(?:list|tuple|set|frozenset|sorted|reversed|iter)$/.test(name)) return undefined;
  if (findBinding(scope, name)) return undefined;
  const each = eachOf(draft.value(tree.children(tree.field(call, "arguments"))[0], scope));
  return isOne ? each : instanceOf(listOf(typeOf(each)));
}

/** Of a list's values, and of `return`s, those that are looked at. */
const VALUES_MAX = 4;

/** `value[…]`; a slice of a collection is one. */
function itemOf(value: Target, isSlice: boolean): Target {
  if (value.kind === "unknown") return UNKNOWN;
  return firstOf([isSlice ? value : elementOf(value), resultOf(memberOf(value, "__getitem__"))]);
}

/** What a loop over `value` is handed. */
export function eachOf(value: Target): Target {
  if (value.kind === "unknown") return UNKNOWN;
  return firstOf([elementOf(value), elementOf(resultOf(memberOf(value, "__iter__")))]);
}

/** `Self` and `typing.Self` in an annotation, unless a class here is called so. */
function isSelfType({ tree }: PythonValues, node: Node, scope: Scope): boolean {
  if (!/^(["']?)(?:\w+\.)?Self\1$/.test(tree.textOf(node)) || tree.ancestor(node, "type") === undefined) return false;
  return tree.textOf(node).includes(".") || findBinding(scope, "Self")?.target().kind !== "symbol";
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

/**
 * The type of what a function without an annotation gives: the first of its `return`s that says anything; of what it yields a
 * collection, which a context manager hands on.
 */
export function returnedType(
  of: PythonFile,
  { body, scope, isManager }: { body: Node | undefined; scope: Scope; isManager: boolean },
): Target {
  const { tree, draft } = of;
  if (body === undefined) return UNKNOWN;
  const found: Target[] = [];
  for (const node of tree.descendants(body)) {
    const isYield = tree.is(node, "yield");
    const value = tree.children(node)[1];
    if (value === undefined || (!isYield && !tree.is(node, "return_statement"))) continue;
    if (tree.ancestor(node, "function_definition", "lambda") !== tree.parent(body)) continue;
    const type = typeOf(draft.value(value, scope));
    if (type.kind !== "unknown") found.push(isYield && !isManager ? listOf(type) : type);
    if (found.length === VALUES_MAX) break;
  }
  return firstOf(found);
}
