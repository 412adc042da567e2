// What a Python file defines: symbols of modules and classes, attributes that methods set, locals of functions.
import {
  bindLocal,
  cleanComment,
  commentBefore,
  firstOf,
  instanceOf,
  typeOf,
  type Scope,
  type SymbolDraft,
} from "./draft.ts";
import { type SymbolKind, type Target } from "./facts.ts";
import type { PythonFile } from "./python.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function declare(
  of: PythonFile,
  { scope, ...draft }: Omit<SymbolDraft, "container" | "isExported"> & { scope: Scope; name: Node; kind: SymbolKind },
): number {
  const { tree } = of;
  const name = tree.textOf(draft.name);
  const parent = tree.parent(draft.node);
  const decorated = tree.is(parent, "decorated_definition") ? parent : undefined;
  const isMember = scope.kind === "type";
  const container = isMember ? of.draft.symbols[scope.symbol ?? -1] : undefined;
  const symbol = of.draft.symbol({
    ...draft,
    node: decorated ?? draft.node,
    from: draft.node,
    container: isMember ? scope.symbol : undefined,
    isExported: isMember ? (container?.isExported ?? false) && isPublic(name) : scope.kind === "file" && isPublic(name),
    documentation: documentationOf(tree, draft.node) ?? commentBefore(tree, decorated ?? draft.node),
  });
  const fact = of.draft.symbols[symbol];
  const first = scope.names.get(name)?.symbol;
  const isOverload = first !== undefined && of.overloads.has(first);
  const isAlternative = tree.ancestor(draft.node, "except_clause", "else_clause", "elif_clause") !== undefined;
  // Of overloads, of a property and what sets it, and of branches the first counts, else the later definition.
  if (fact && first !== undefined && (isOverload || isAlternative || draft.kind === "property"))
    fact.mergesWith = of.draft.symbols[first]?.mergesWith ?? first;
  else scope.names.set(name, { symbol, target: () => ({ kind: "symbol", symbol }) });
  return symbol;
}

function isPublic(name: string): boolean {
  return !name.startsWith("_") || /^__\w+__$/.test(name);
}

function documentationOf(tree: SyntaxTree, node: Node): string | undefined {
  const body = tree.field(node, "body");
  const first = tree.children(body).find((child) => !tree.is(child, "comment"));
  const text = tree.is(first, "expression_statement") ? tree.child(first, "string") : undefined;
  return text === undefined ? undefined : cleanComment(tree.textOf(tree.child(text, "string_content")));
}

/** Declares what `left = …` defines there, with names of the value looked up in `from`. False: it is defined already. */
export function declareAssigned(
  of: PythonFile,
  { left, node, scope, from }: { left: Node; node: Node; scope: Scope; from: Scope },
): boolean {
  const { tree, draft } = of;
  const right = tree.field(node, "right");
  const annotation = tree.field(node, "type");
  const value = () =>
    annotation === undefined ? draft.value(right, from) : instanceOf(draft.value(annotation, scope));
  const type = () => (annotation === undefined ? typeOf(draft.value(right, from)) : draft.value(annotation, scope));
  if (tree.is(left, "identifier") && scope.kind !== "function") {
    const name = tree.textOf(left);
    if (scope.names.has(name)) return false;
    const container = scope.kind === "type" ? draft.symbols[scope.symbol ?? -1] : undefined;
    const isConstant = /^_*[A-Z][A-Z0-9_]*$/.test(name);
    const kind =
      container?.kind === "enum" && right !== undefined
        ? "enum_member"
        : container
          ? "property"
          : isConstant
            ? "constant"
            : "variable";
    const types = [type];
    const isStatic = container !== undefined && annotation === undefined;
    declare(of, { scope, name: left, node, kind, type: () => firstOf(types.map((of) => of())), isStatic });
    if (isStatic) of.attributes.set(`${scope.symbol}.${name}`, types);
    return true;
  }
  if (tree.is(left, "attribute")) return declareAttribute(of, { left, node, scope, type });
  if (tree.is(left, "pattern_list", "tuple_pattern", "list_pattern")) {
    for (const child of tree.children(left)) {
      if (tree.is(child, "identifier") && scope.kind !== "function" && !scope.names.has(tree.textOf(child)))
        declare(of, { scope, name: child, node, kind: scope.kind === "type" ? "property" : "variable" });
      else if (!tree.is(child, "attribute") || !declareAttribute(of, { left: child, node, scope }))
        bindPattern(of, child, scope);
    }
    return true;
  }
  bindPattern(of, left, scope, value);
  return (
    scope.kind === "function" && tree.is(left, "identifier") && scope.names.get(tree.textOf(left))?.isLocal === true
  );
}

/** `self.name = …` in a method: an attribute of the class, at the first place that sets it. */
function declareAttribute(
  of: PythonFile,
  { left, node, scope, type }: { left: Node; node: Node; scope: Scope; type?: () => Target },
): boolean {
  const { tree, draft } = of;
  const object = tree.field(left, "object");
  const name = tree.field(left, "attribute");
  if (!tree.is(object, "identifier") || name === undefined || scope.kind !== "function") return false;
  const self = scope.names.get(tree.textOf(object));
  // By the binding alone: values are worked out when all names of the file are known.
  const container = self && of.selves.get(self);
  if (container === undefined || scope.symbol === undefined || draft.symbols[scope.symbol]?.container !== container)
    return false;
  const key = `${container}.${tree.textOf(name)}`;
  const known = of.attributes.get(key);
  if (known) {
    if (type && known.length < TYPES_MAX) known.push(type);
    return false;
  }
  const types = type ? [type] : [];
  of.attributes.set(key, types);
  if (draft.symbols.some((symbol) => symbol.container === container && symbol.name === tree.textOf(name))) return false;
  const isExported = (draft.symbols[container]?.isExported ?? false) && isPublic(tree.textOf(name));
  draft.symbol({
    kind: "property",
    name,
    node,
    container,
    isExported,
    type: () => firstOf(types.map((of) => of())),
  });
  return true;
}

/** Values of one attribute that are considered. */
const TYPES_MAX = 4;

/** Locals of a function, with what they are where that shows; elsewhere names that are not worth a symbol. */
export function bindPattern(of: PythonFile, pattern: Node | undefined, scope: Scope, value?: () => Target): void {
  const { tree } = of;
  if (pattern === undefined) return;
  if (tree.is(pattern, "identifier")) bindLocal(scope, tree.textOf(pattern), value);
  else if (tree.is(pattern, "pattern_list", "tuple_pattern", "list_pattern", "tuple", "list_splat_pattern", "list"))
    for (const child of tree.children(pattern)) bindPattern(of, child, scope);
}

export function bindParameters(of: PythonFile, parameters: Node | undefined, scope: Scope): void {
  const { tree, draft } = of;
  for (const parameter of tree.children(parameters)) {
    const name = tree.is(parameter, "identifier")
      ? parameter
      : (tree.field(parameter, "name") ?? tree.child(parameter, "identifier"));
    const splat = tree.child(parameter, "list_splat_pattern", "dictionary_splat_pattern");
    const type = tree.field(parameter, "type");
    const typed = type === undefined || splat !== undefined ? undefined : () => instanceOf(draft.value(type, scope));
    bindLocal(scope, tree.textOf(name ?? tree.child(splat ?? parameter, "identifier")), typed);
  }
}
