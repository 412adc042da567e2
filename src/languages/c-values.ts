// What expressions and types of C and C++ lead to. Pointers and smart pointers are what they point to.
import { elementOf, findBinding, firstOf, instanceOf, listOf, memberOf, resultOf, type Scope } from "./draft.ts";
import type { CFile } from "./c-family.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import type { Node } from "./syntax-tree.ts";

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
      if (HOLDERS.test(name) || /^(?:make_unique|make_shared|(?:static|dynamic|reinterpret|const)_cast)$/.test(name))
        return draft.value(first, scope);
      if (COLLECTIONS.test(name)) return listOf(draft.value(name.endsWith("map") ? rest[0] : first, scope));
      return part("name");
    }
    case "type_descriptor":
      return part("type");
    case "field_expression": {
      const field = tree.field(node, "field");
      return memberOf(
        part("argument"),
        tree.textOf(tree.is(field, "template_method") ? tree.field(field, "name") : field),
      );
    }
    case "call_expression": {
      const callee = tree.field(node, "function");
      const name = plainPath(tree.textOf(callee)).replace(/^std::/, "");
      const [first] = tree.children(tree.field(node, "arguments"));
      if (/_cast$|^make_(?:unique|shared)$/.test(name)) return instanceOf(draft.value(callee, scope));
      if (name === "move" || name === "forward") return draft.value(first, scope);
      if (/\.(?:front|back|at|top)$/.test(name)) return elementOf(draft.value(tree.field(callee, "argument"), scope));
      if (/(?:\.|->)get$/.test(name)) return draft.value(tree.field(callee, "argument"), scope);
      return resultOf(draft.value(callee, scope));
    }
    case "new_expression":
    case "cast_expression":
    case "compound_literal_expression":
      return instanceOf(part("type"));
    case "subscript_expression":
      return element(part("argument"), of.isCpp);
    case "pointer_expression":
      return part("argument");
    case "parenthesized_expression":
      return draft.value(tree.children(node)[0], scope);
    default:
      return UNKNOWN;
  }
}

/** Of an array or pointer the type is that of its elements already; in C++ what is indexed may be a class that holds others. */
function element(target: Target, isCpp: boolean): Target {
  if (target.kind === "instance" && target.of.kind !== "list") return target;
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
  return findBinding(scope, first)?.isLocal || scope.typeParameters?.has(first)
    ? chain
    : firstOf([freeName(of, parts.join("::"), scope), chain]);
}

function holder(of: CFile, node: Node, scope: Scope): Target {
  const name = of.tree.textOf(of.tree.field(node, "name"));
  return HOLDERS.test(name) || COLLECTIONS.test(name) || name.startsWith("make_")
    ? of.draft.value(node, scope)
    : UNKNOWN;
}
