// What expressions and types of C and C++ lead to. Pointers and smart pointers are what they point to.
import { elementOf, findBinding, firstOf, instanceOf, listOf, memberOf, resultOf, type Scope } from "./draft.ts";
import type { CFile } from "./c-family.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

const HOLDERS =
  /^(?:unique_ptr|shared_ptr|weak_ptr|optional|reference_wrapper|atomic|scoped_refptr|RefPtr|Ref|ref_ptr|intrusive_ptr|not_null)$/;
const COLLECTIONS =
  /^(?:vector|array|list|deque|set|map|unordered_map|unordered_set|span|queue|stack|initializer_list|basic_string_view|SmallVector|ArrayRef)$/;

/** A path without template arguments and spaces. */
export function plainPath(path: string): string {
  let depth = 0;
  let plain = "";
  for (const character of path.replace(/\boperator\s*[^\w\s(]+/g, "operator")) {
    if (character === "<") depth++;
    else if (character === ">") depth = Math.max(0, depth - 1);
    else if (depth === 0 && !/\s/.test(character)) plain += character;
  }
  return plain;
}

/** What a bare name means: bound here, a member of the class around, or known to the namespaces around. */
export function nameTarget(of: CFile, name: string, scope: Scope): Target {
  const bound = findBinding(scope, name);
  if (bound) return bound.target();
  if (!of.isCpp) return { kind: "free", name };
  const self = findBinding(scope, "this")?.target();
  return firstOf([...(self ? [memberOf(self, name)] : []), freeName(of, name, scope)]);
}

/** The key of a type among the names of a scope, and of the tree: it may share its name with something else. */
export const tagName = (name: string) => `struct ${name}`;

/** What `struct X` means. */
function tagTarget(of: CFile, name: string, scope: Scope): Target {
  return findBinding(scope, tagName(name))?.target() ?? freeName(of, tagName(name), scope);
}

/** A name of the namespaces and classes around, or of those that are used. */
export function freeName(of: CFile, name: string, scope: Scope): Target {
  const parts = (of.isCpp && scope.module?.split("::")) || [];
  const around = parts.map((_, index) => parts.slice(0, parts.length - index).join("::"));
  const scopes = [...around, ...of.used].slice(0, SCOPES_MAX).join(" ");
  return { kind: "free", name, ...(scopes && { scopes }) };
}

const SCOPES_MAX = 8;

const isTag = (type: string) => /^(?:struct|class|union|enum)_specifier$/.test(type);

export function lowerC(of: CFile, node: Node, scope: Scope): Target {
  const { tree, draft } = of;
  const part = draft.partOf(node, scope);
  switch (tree.type(node)) {
    case "identifier":
    case "type_identifier":
    case "namespace_identifier":
      if (tree.fieldName(node) === "name" && isTag(tree.type(tree.parent(node) ?? node)))
        return tagTarget(of, tree.textOf(node), scope);
      if (scope.typeParameters?.has(tree.textOf(node))) return UNKNOWN;
      return nameTarget(of, tree.textOf(node), scope);
    case "this":
      return findBinding(scope, "this")?.target() ?? UNKNOWN;
    case "qualified_identifier":
      return lowerPath(of, node, scope);
    case "struct_specifier":
    case "class_specifier":
    case "union_specifier":
    case "enum_specifier": {
      const name = tree.field(node, "name");
      if (name !== undefined) return draft.value(name, scope);
      return UNKNOWN;
    }
    case "template_type":
    case "template_function": {
      const name = tree.textOf(tree.field(node, "name"));
      const [first, ...rest] = tree.children(tree.field(node, "arguments"));
      if (HOLDERS.test(name) || /^make_(?:unique|shared)$/.test(name)) return draft.value(first, scope);
      if (COLLECTIONS.test(name))
        return name.endsWith("map") ? mapOf(draft.value(rest[0], scope)) : listOf(draft.value(first, scope));
      return tree.is(node, "template_type") ? applied(of, node, { template: part("name"), scope }) : part("name");
    }
    case "type_descriptor":
      return tree.field(node, "declarator") === undefined ? part("type") : templateItself(part("type"));
    case "field_expression": {
      const field = tree.field(node, "field");
      const name = tree.textOf(tree.is(field, "template_method") ? tree.field(field, "name") : field);
      const object = tree.field(node, "argument");
      if (!of.isCpp || object === undefined || field === undefined) return memberOf(part("argument"), name);
      // What a smart pointer has itself is not meant.
      const isArrow = tree.text.slice(tree.end(object), tree.start(field)).includes("->");
      return memberOf(pairedValue(of, object, scope), isArrow ? `->${name}` : name);
    }
    case "call_expression": {
      const callee = tree.field(node, "function");
      const name = plainPath(tree.textOf(callee)).replace(/^std::/, "");
      const [first] = tree.children(tree.field(node, "arguments"));
      const cast = name.endsWith("_cast") ? castType(tree, callee) : undefined;
      if (cast !== undefined) return instanceOf(draft.value(cast, scope));
      if (/^make_(?:unique|shared)$/.test(name)) return instanceOf(draft.value(callee, scope));
      if (name === "move" || name === "forward") return draft.value(first, scope);
      const object = tree.field(callee, "argument");
      if (/\.(?:front|back|at|top)$/.test(name)) return elementOf(draft.value(object, scope));
      const result = resultOf(draft.value(callee, scope));
      if (/\.(?:c?r?begin|constBegin)$/.test(name)) return firstOf([result, elementOf(draft.value(object, scope))]);
      // Of what is a holder by its type that is what it holds already.
      return first === undefined && /(?:\.|->)(?:get|data|value)$/.test(name)
        ? firstOf([result, draft.value(object, scope)])
        : result;
    }
    case "conditional_expression":
      return firstOf([part("consequence"), part("alternative")]);
    case "new_expression":
    case "cast_expression":
    case "compound_literal_expression":
      return instanceOf(part("type"));
    case "subscript_expression":
      return element(part("argument"), of.isCpp);
    case "pointer_expression":
      return pairedValue(of, tree.field(node, "argument"), scope);
    case "parenthesized_expression":
      return draft.value(tree.children(node)[0], scope);
    default:
      return UNKNOWN;
  }
}

/**
 * The type `A<T>` with what it is handed. Of a template that the tree does not have nothing is known but that it holds T: what
 * `->` gives of it, and its elements.
 */
function applied(of: CFile, node: Node, { template, scope }: { template: Target; scope: Scope }): Target {
  const { tree, draft } = of;
  const types = tree.children(tree.field(node, "arguments")).filter((one) => tree.is(one, "type_descriptor"));
  const [first = UNKNOWN, second] = template.kind === "unknown" ? [] : types.map((type) => draft.value(type, scope));
  const name = tree.textOf(tree.field(node, "name"));
  if (types.length === 2 && /(?:map|hash)$/i.test(name)) return firstOf([template, mapOf(second ?? UNKNOWN)]);
  if (types.length !== 1 || first.kind === "unknown") return template;
  const type: Target = { kind: "applied", of: template, types: [first] };
  return template.kind === "symbol" ? type : firstOf([type, { kind: "list", of: first, name }]);
}

/** The same without what it holds: of a pointer to it `->` means its own members. */
export function templateItself(type: Target): Target {
  if (type.kind !== "first") return type;
  return firstOf(type.of.filter((one) => one.kind !== "list" || one.name === MAP));
}

/** A collection of pairs, known by the second of each. */
const MAP = "map";
function mapOf(of: Target): Target {
  return of.kind === "unknown" ? UNKNOWN : { kind: "list", of, name: MAP };
}

/** What the second name of `auto& [key, value] : map` stands for: nothing of what holds no pairs. */
export function pairedElement(map: Target): Target {
  return resultOf(memberOf(map, "getValue"));
}

/** The value of an expression; of \`it->second\` the one that \`it\` is known by. */
export function pairedValue(of: CFile, node: Node | undefined, scope: Scope): Target {
  const { tree, draft } = of;
  const value = draft.value(node, scope);
  return of.isCpp && tree.is(node, "field_expression") && tree.textOf(tree.field(node, "field")) === "second"
    ? firstOf([value, draft.value(tree.field(node, "argument"), scope)])
    : value;
}

/** `T` of `any_cast<T>(…)`. */
function castType(tree: SyntaxTree, callee: Node | undefined): Node | undefined {
  let at = callee;
  while (tree.is(at, "qualified_identifier")) at = tree.field(at, "name");
  return tree.is(at, "template_function") ? tree.children(tree.field(at, "arguments"))[0] : undefined;
}

/** Of an array or pointer the type is that of its elements already; in C++ what is indexed may be a class that holds others. */
function element(target: Target, isCpp: boolean): Target {
  if (target.kind === "instance" && target.of.kind !== "list")
    return isCpp ? firstOf([elementOf(target), target]) : target;
  return isCpp ? elementOf(target) : firstOf([elementOf(target), target]);
}

function lowerPath(of: CFile, node: Node, scope: Scope): Target {
  const { tree, draft } = of;
  const around = tree.field(node, "scope");
  const name = tree.field(node, "name");
  if (name === undefined) return UNKNOWN;
  const path = plainPath(tree.textOf(node));
  // `std::vector<T>` and its like say what they hold.
  if (tree.textOf(around) === "std")
    return tree.is(name, "template_type", "template_function") && !tree.is(name, "qualified_identifier")
      ? holder(of, name, scope)
      : UNKNOWN;
  if (around === undefined) return { kind: "free", name: path.replace(/^::/, "") };
  const parts = path.split("::").filter(Boolean);
  const chain = parts.slice(1).reduce<Target>(memberOf, draft.value(around, scope));
  // A path of namespaces and classes is looked up as a whole, in all files that are seen.
  const [first = ""] = parts;
  if (findBinding(scope, first)?.isLocal || scope.typeParameters?.has(first)) return chain;
  const template = firstOf([freeName(of, parts.join("::"), scope), chain]);
  return tree.is(name, "template_type") ? applied(of, name, { template, scope }) : template;
}

function holder(of: CFile, node: Node, scope: Scope): Target {
  const name = of.tree.textOf(of.tree.field(node, "name"));
  return HOLDERS.test(name) || COLLECTIONS.test(name) || name.startsWith("make_")
    ? of.draft.value(node, scope)
    : UNKNOWN;
}
