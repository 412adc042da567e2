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
  /** The container's node. */
  node?: Node;
  /** In a function: its variables are no symbols. */
  isLocal?: boolean;
}

/** Their insides are their own. */
const CALLABLES = new Set<SymbolKind>(["function", "method", "macro"]);
const VARIABLES = new Set<SymbolKind>(["variable", "constant", "property"]);

function visit(of: Outline, node: Node, around: Around): void {
  const { tree, draft, read } = of;
  let inner = around;
  for (const defined of read(tree, node) ?? []) {
    const { name, as, kind, body, owner, isHidden, isTest } = defined;
    const text = as ?? tree.textOf(name);
    if (text === "" || text === "_" || (around.isLocal && VARIABLES.has(kind))) continue;
    const whole = defined.node ?? node;
    const found = draft.symbols.findIndex(({ name: other, container }) => other === owner && container === undefined);
    const container = owner === undefined ? around.container : found < 0 ? undefined : found;
    // Several clauses of one function are one symbol.
    const last = draft.symbols.findLast(
      (symbol) => symbol.name === text && symbol.container === container && symbol.kind === kind,
    );
    if (last && VARIABLES.has(kind) && owner !== undefined) continue;
    if (last && kind === "function" && tree.line(whole) <= last.endLine + 3) {
      last.endLine = tree.endLine(node);
      inner = { container: around.container, isLocal: true };
      continue;
    }
    const parent = draft.symbols[container ?? -1];
    const symbol = draft.symbol({
      name,
      as: text,
      kind,
      node: whole,
      body,
      container,
      owner: container === undefined ? owner : undefined,
      isExported: !isHidden && !around.isLocal && (owner !== undefined || (parent?.isExported ?? true)),
      isTest: isTest === true,
      documentation: defined.documentation ?? commentAround(tree, whole, around.node),
    });
    const fact = draft.symbols[symbol];
    if (fact) fact.endLine = tree.endLine(node);
    if (CALLABLES.has(kind)) inner = { container: around.container, isLocal: true };
    else if (!around.isLocal && (defined.isContainer || !VARIABLES.has(kind))) inner = { container: symbol, node };
    if (container === undefined && !isHidden && !around.isLocal)
      draft.exports.push({ name: text, target: { kind: "symbol", symbol } });
  }
  for (const child of tree.children(node)) visit(of, child, inner);
}

/** The comment before a definition, or before what starts on its line and is no definition around it. */
function commentAround(tree: SyntaxTree, node: Node, container: Node | undefined): string | undefined {
  let at: Node | undefined = node;
  while (at !== undefined && at !== tree.root && at !== container && tree.line(at) === tree.line(node)) {
    const found = commentBefore(tree, at);
    if (found) return found;
    at = tree.parent(at);
  }
  return undefined;
}
