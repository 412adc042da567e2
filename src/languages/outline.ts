// Languages of which only the symbols are read: Bash, Elixir, Haskell, HCL, Lua, OCaml and Zig.
import { commentBefore, Draft } from "./draft.ts";
import { UNKNOWN, type Facts, type SymbolKind } from "./facts.ts";
import { OUTLINES, type Defined } from "./outline-languages.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function extractOutline(language: string): (source: { path: string; tree: SyntaxTree }) => Facts {
  const read = OUTLINES[language];
  return ({ tree }) => {
    const draft = new Draft(tree, () => UNKNOWN);
    if (read) visit({ tree, draft, read }, tree.root, {});
    return draft.finish();
  };
}

interface Outline {
  tree: SyntaxTree;
  draft: Draft;
  read: (tree: SyntaxTree, node: Node) => Defined[] | undefined;
}

interface Around {
  container?: number | undefined;
  /** In a function: its variables are no symbols. */
  isLocal?: boolean;
}

const VARIABLES = new Set<SymbolKind>(["variable", "constant", "property"]);

function visit(of: Outline, node: Node, around: Around): void {
  const { tree, draft, read } = of;
  let inner = around;
  for (const { name, as, kind, body, isHidden, isTest } of read(tree, node) ?? []) {
    const text = as ?? tree.textOf(name);
    if (text === "" || text === "_" || (around.isLocal && VARIABLES.has(kind))) continue;
    // Several clauses of one function are one symbol.
    const known = draft.symbols.findLastIndex(
      (symbol) => symbol.name === text && symbol.container === around.container && symbol.kind === kind,
    );
    const last = draft.symbols[known];
    if (last && kind === "function" && tree.line(node) <= last.endLine + 3) {
      last.endLine = tree.endLine(node);
      inner = { container: around.container, isLocal: true };
      continue;
    }
    const parent = draft.symbols[around.container ?? -1];
    const symbol = draft.symbol({
      name,
      as: text,
      kind,
      node,
      body,
      container: around.container,
      isExported: !isHidden && !around.isLocal && (parent?.isExported ?? true),
      isTest: isTest === true,
      documentation: commentAround(tree, node),
    });
    if (!around.isLocal && kind !== "function" && !VARIABLES.has(kind)) inner = { container: symbol };
    else if (kind === "function" || kind === "method" || kind === "macro")
      inner = { container: around.container, isLocal: true };
    if (around.container === undefined && !isHidden && !around.isLocal)
      draft.exports.push({ name: text, target: { kind: "symbol", symbol } });
  }
  for (const child of tree.children(node)) visit(of, child, inner);
}

/** The comment before a definition, or before what starts on its line. */
function commentAround(tree: SyntaxTree, node: Node): string | undefined {
  let at: Node | undefined = node;
  while (at !== undefined && at !== tree.root && tree.line(at) === tree.line(node)) {
    const found = commentBefore(tree, at);
    if (found) return found;
    at = tree.parent(at);
  }
  return undefined;
}
