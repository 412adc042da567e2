// What Python's import statements bind.
import type { Scope } from "./draft.ts";
import type { ImportKind } from "./facts.ts";
import type { PythonFile } from "./python.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function importModules(of: PythonFile, node: Node, scope: Scope): void {
  const { tree, draft, modules } = of;
  for (const child of tree.fields(node, "name")) {
    const name = tree.is(child, "aliased_import") ? tree.field(child, "name") : child;
    const alias = tree.is(child, "aliased_import") ? tree.field(child, "alias") : undefined;
    if (name === undefined) continue;
    const specifier = tree.textOf(name).replace(/\s/g, "");
    const number = draft.import({ specifier, kind: kindOf(tree, node) }, name);
    const first = specifier.slice(0, Math.max(0, specifier.indexOf("."))) || specifier;
    if (alias === undefined) modules.set(specifier, number);
    if (alias === undefined && first !== specifier && scope.names.has(first)) continue;
    // `import a.b` binds `a`, a module of its own.
    const bound =
      alias !== undefined || first === specifier
        ? number
        : draft.import({ specifier: first, kind: kindOf(tree, node) }, name);
    scope.names.set(alias === undefined ? first : tree.textOf(alias), {
      target: () => ({ kind: "imported", import: bound, name: "*" }),
    });
  }
}

export function importNames(of: PythonFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const from = tree.field(node, "module_name");
  if (from === undefined) return;
  const specifier = tree.textOf(from).replace(/\s/g, "");
  const kind = kindOf(tree, node);
  if (tree.child(node, "wildcard_import") !== undefined) {
    const star = draft.import({ specifier, kind, isStar: true }, from);
    if (scope.kind === "file") draft.exports.push({ star });
    return;
  }
  const number = draft.import({ specifier, kind }, from);
  for (const child of tree.fields(node, "name")) {
    const name = tree.is(child, "aliased_import") ? tree.field(child, "name") : child;
    if (name === undefined) continue;
    const text = tree.textOf(name);
    const target = () => ({ kind: "imported", import: number, name: text }) as const;
    draft.refer("import", name, { scope, target });
    const bound = tree.textOf(tree.is(child, "aliased_import") ? tree.field(child, "alias") : name);
    // Of `try: from a import x`, `except ImportError: from b import x` the first is what is meant.
    if (!scope.names.has(bound) || tree.ancestor(node, "except_clause") === undefined)
      scope.names.set(bound, { target });
  }
}

/** `importlib.import_module("a.b")` and `__import__("a.b")`. */
export function importDynamically({ tree, draft }: PythonFile, call: Node): void {
  if (!/^(?:(?:importlib\.)?import_module|__import__)$/.test(tree.textOf(tree.field(call, "function")))) return;
  const [name] = tree.children(tree.field(call, "arguments"));
  const text = tree.is(name, "string") ? tree.child(name, "string_content") : undefined;
  if (text !== undefined) draft.import({ specifier: tree.textOf(text), kind: "dynamic-import" }, text);
}

/** What stands below `if TYPE_CHECKING:` is there for types alone. */
function kindOf(tree: SyntaxTree, node: Node): ImportKind {
  const condition = tree.field(tree.ancestor(node, "if_statement"), "condition");
  return /(?:^|\.)TYPE_CHECKING$/.test(tree.textOf(condition)) ? "type-import" : "import";
}
