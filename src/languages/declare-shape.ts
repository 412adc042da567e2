// Symbols of the definitions that shapes tell of.
import { commentBefore, symbolTarget, type Scope } from "./draft.ts";
import type { SymbolKind, Target } from "./facts.ts";
import type { ShapeFile } from "./shape-file.ts";
import type { Modifiers } from "./shapes.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

interface DeclareOptions {
  scope: Scope;
  name: Node;
  node: Node;
  as: SymbolKind;
  key?: string | undefined;
  body?: Node | undefined;
  owner?: string | undefined;
  modifiers: Modifiers;
  arity?: readonly [number, number] | undefined;
  takes?: (() => string[]) | undefined;
  typeParameters?: number;
  isTypeWritten?: boolean;
  parameters?: (() => Target)[];
  hasAliases?: boolean;
  type?: () => Target;
  bases?: (() => Target)[];
}

export function declare(of: ShapeFile, { scope, as, key, modifiers, ...draft }: DeclareOptions): number {
  const { tree } = of;
  const isMember = scope.kind === "type";
  const container = isMember && draft.owner === undefined && !scope.isAnonymous ? scope.symbol : undefined;
  const isSeen = scope.kind === "file" || (container !== undefined && of.draft.symbols[container]?.isExported === true);
  const symbol = of.draft.symbol({
    ...draft,
    kind: as === "method" && !isMember && draft.owner === undefined ? "function" : as,
    container,
    documentation: commentBefore(tree, draft.node),
    from: firstAfter(tree, draft.node),
    isExported: modifiers.isExported && (isSeen || draft.owner !== undefined),
    isStatic: isMember && (modifiers.isStatic || scope.isStatic === true),
    isTest: modifiers.isTest,
  });
  const name = key ?? tree.textOf(draft.name);
  const known = scope.names.get(name);
  if (known?.symbol !== undefined && container !== undefined)
    of.overloads.set(container, (of.overloads.get(container) ?? new Set()).add(name));
  if (!known && as !== "constructor") scope.names.set(name, { symbol, target: () => symbolTarget(symbol) });
  return symbol;
}

/** Where a declaration starts behind its annotations. */
function firstAfter(tree: SyntaxTree, node: Node): Node | undefined {
  const [first] = tree.children(node);
  const within = tree.is(first, "modifiers") ? tree.children(first) : tree.children(node);
  const found = within.find((child) => !/annotation|attribute|comment/.test(tree.type(child)));
  return found ?? (first === undefined ? undefined : tree.next(first));
}
