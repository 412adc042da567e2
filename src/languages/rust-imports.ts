// What `use` binds, and paths that need none: `crate::a::f()`. Paths within this file's own modules are no imports.
import { Draft, findBinding, firstOf, memberOf, type Binding, type Scope } from "./draft.ts";
import { UNKNOWN, type ImportKind, type Target } from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export interface RustFile {
  tree: SyntaxTree;
  draft: Draft;
  file: Scope;
  /** Import facts of paths, by path. */
  paths: Map<string, number>;
  /** Types declared here by `modules:name`. */
  types: Map<string, number>;
  /** Makes imports of paths whose first name nothing binds: done when all names are known, before anything is looked up. */
  starts: (() => void)[];
}

interface Used {
  /** Segments before the name. */
  path: string[];
  name: string;
  alias: string | undefined;
  at: Node;
}

export function visitUse(of: RustFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const isPublic = tree.child(node, "visibility_modifier") !== undefined;
  const kind: ImportKind = isPublic ? "reexport" : "import";
  const argument = tree.field(node, "argument");
  if (argument === undefined) return;
  for (const { path, name, alias, at } of readTree(tree, argument, [])) {
    const segments = path.length > 0 ? path : [name];
    const inside = insidePath(of, segments, scope);
    if (name === "*") {
      if (inside) continue;
      const star = draft.import({ specifier: segments.join("::"), kind, isStar: true }, at);
      const target: Target = { kind: "imported", import: star, name: "*" };
      if (scope.kind === "file") draft.exports.push({ star });
      else if (scope.module !== undefined) scope.names.set(`*${star}`, { target: () => target });
      continue;
    }
    const target = inside
      ? targetInside(of, { segments: path, name, scope })
      : targetOutside(of, { path, name, kind, at });
    const bound = alias ?? name;
    if (!inside || bound !== name || path.length > 1 || !findBinding(scope, bound))
      if (bound !== "_") scope.names.set(bound, { target });
    draft.refer(isPublic ? "reexport" : "import", at, { scope, target });
  }
}

function targetOutside(
  { draft, paths }: RustFile,
  { path, name, kind, at }: { path: string[]; name: string; kind: ImportKind; at: Node },
): () => Target {
  const specifier = path.length > 0 ? path.join("::") : name;
  const number = paths.get(`${kind} ${specifier}`) ?? draft.import({ specifier, kind }, at);
  paths.set(`${kind} ${specifier}`, number);
  return () => ({ kind: "imported", import: number, name: path.length > 0 ? name : "*" });
}

/** Every name that a `use` tree brings. */
function readTree(tree: SyntaxTree, node: Node, before: string[]): Used[] {
  switch (tree.type(node)) {
    case "use_list":
      return tree.children(node).flatMap((child) => readTree(tree, child, before));
    case "scoped_use_list": {
      const path = [...before, ...segmentsOf(tree, tree.field(node, "path"))];
      return tree.children(tree.field(node, "list")).flatMap((child) => readTree(tree, child, path));
    }
    case "use_wildcard":
      return [
        { path: [...before, ...segmentsOf(tree, tree.children(node)[0])], name: "*", alias: undefined, at: node },
      ];
    case "use_as_clause": {
      const [used] = readTree(tree, tree.field(node, "path") ?? node, before);
      return used ? [{ ...used, alias: tree.textOf(tree.field(node, "alias")) }] : [];
    }
    case "self":
      // `a::{self}` is `a`.
      return [{ path: before.slice(0, -1), name: before.at(-1) ?? "self", alias: undefined, at: node }];
    case "identifier":
    case "crate":
    case "super":
      return [{ path: before, name: tree.textOf(node), alias: undefined, at: node }];
    case "scoped_identifier": {
      const path = [...before, ...segmentsOf(tree, tree.field(node, "path"))];
      const name = tree.field(node, "name");
      return name === undefined ? [] : [{ path, name: tree.textOf(name), alias: undefined, at: name }];
    }
    default:
      return [];
  }
}

function segmentsOf(tree: SyntaxTree, node: Node | undefined): string[] {
  if (node === undefined) return [];
  return tree
    .textOf(node)
    .replace(/<.*>|\s/gs, "")
    .split("::")
    .filter(Boolean);
}

/** A path that stays in this file: `self` or `super` within one of its modules, or one of its own types and modules. */
function insidePath({ file }: RustFile, segments: string[], scope: Scope): Scope | undefined {
  const [first = ""] = segments;
  let ups = segments.findIndex((segment) => segment !== "super");
  if (ups < 0) ups = segments.length;
  let module = moduleScope(scope);
  if (first === "super") {
    for (let count = 0; count < ups; count++) {
      if (!module.module) return undefined;
      module = moduleScope(module.parent ?? file);
    }
    return module;
  }
  if (first === "self") return module.module ? module : undefined;
  const binding = findBinding(module, first);
  return binding?.symbol !== undefined ? module : undefined;
}

function moduleScope(scope: Scope): Scope {
  let at = scope;
  while (at.parent && !at.module) at = at.parent;
  return at;
}

function targetInside(
  of: RustFile,
  { segments, name, scope }: { segments: string[]; name: string; scope: Scope },
): () => Target {
  const module = insidePath(of, segments.length > 0 ? segments : [name], scope) ?? scope;
  const [first = "", ...rest] = [...segments.filter((segment) => segment !== "super" && segment !== "self"), name];
  return () => rest.reduce(memberOf, of.draft.valueOf(first, module));
}

/** Makes an import of a path that is used without `use` and leads out of the file. */
export function importPath(of: RustFile, node: Node, scope: Scope): void {
  const { tree } = of;
  const path = tree.field(node, "path");
  // Only whole paths: `crate::a` of `crate::a::f` is none of its own.
  if (tree.is(tree.parent(node), "scoped_identifier", "scoped_type_identifier")) return;
  if (path === undefined || !/^(?:\$?crate|self|super|::)?[\w:\s]*$/.test(tree.textOf(path))) return;
  importSegments(of, { segments: segmentsOf(tree, path), at: node, scope });
}

interface Segments {
  segments: string[];
  at: Node;
  scope: Scope;
}

/** The import is of the module: of a type in it names are members. */
function importSegments(of: RustFile, { segments, at, scope }: Segments): void {
  const [first = ""] = segments;
  const specifier = segments.slice(0, lengthOfModule(segments)).join("::");
  const add = () => {
    if (!of.paths.has(specifier))
      of.paths.set(specifier, of.draft.import({ specifier: specifier.replace(/^\$/, ""), kind: "import" }, at));
  };
  if (isRooted(first)) {
    if (!insidePath(of, segments, scope)) add();
  } else if (/^[a-z]\w*$/.test(first)) of.starts.push(() => findPathStart(scope, first) ?? add());
}

/** How many segments of a path come before the type that it ends with, if it does. */
function lengthOfModule(segments: string[]): number {
  const type = segments.findIndex((segment) => /^\p{Lu}/u.test(segment));
  return type > 0 ? type : segments.length;
}

/** Where `name` behind a path leads, of which a macro was handed the tokens; `object` is what the path leads to. */
export function tokenPath(
  of: RustFile,
  { name, object, ...path }: Segments & { name: string; object: () => Target },
): () => Target {
  importSegments(of, path);
  const { segments, scope } = path;
  return () => pathTarget(of, { segments, name, scope }) ?? memberOf(object(), name);
}

function isRooted(segment: string): boolean {
  return /^(?:\$?crate|self|super)$/.test(segment);
}

/** Where a path leads: by what its first name is bound to, or by the import made of it. */
export function lowerPath(of: RustFile, node: Node, scope: Scope): Target {
  const { tree, draft } = of;
  const path = tree.field(node, "path");
  const name = tree.textOf(tree.field(node, "name"));
  if (path === undefined) return draft.valueOf(name, scope);
  const segments = segmentsOf(tree, path);
  return (
    pathTarget(of, { segments, name, scope }) ??
    memberOf(tree.is(path, "identifier") ? startOf(segments[0] ?? "", scope) : draft.value(path, scope), name)
  );
}

/** The same of one that an import was made of, or that starts with a keyword. */
function pathTarget(
  of: RustFile,
  { segments, name, scope }: { segments: string[]; name: string; scope: Scope },
): Target | undefined {
  const [first = ""] = segments;
  const known = isRooted(first) || !findPathStart(scope, first) ? of.paths.get(segments.join("::")) : undefined;
  const imported: Target | undefined = known === undefined ? undefined : { kind: "imported", import: known, name };
  // A module that a star brings comes before a crate of its name.
  if (imported && !isRooted(first) && of.draft.imports.some(({ isStar }) => isStar)) {
    const free: Target = { kind: "free", name: first };
    return firstOf([[...segments.slice(1), name].reduce(memberOf, free), imported]);
  }
  if (imported || !isRooted(first)) return imported;
  if (insidePath(of, segments, scope)) return targetInside(of, { segments, name, scope })();
  return lengthOfModule(segments) < segments.length ? undefined : UNKNOWN;
}

/** What the first name of a path leads to: variables do not hide modules. */
export function startOf(name: string, scope: Scope): Target {
  return findPathStart(scope, name)?.target() ?? { kind: "free", name };
}

function findPathStart(scope: Scope, name: string): Binding | undefined {
  if (/^\p{Lu}/u.test(name)) return findBinding(scope, name);
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const found = at.names.get(name);
    if (found && !found.isLocal) return found;
  }
  return undefined;
}
