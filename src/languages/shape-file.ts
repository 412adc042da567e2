// A file of a language with classes while its facts are being made.
import { Draft, openScope, symbolTarget, type Scope } from "./draft.ts";
import { lowerShape, lowerType } from "./shape-values.ts";
import type { Grammar } from "./shapes.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export interface ShapeFile {
  tree: SyntaxTree;
  draft: Draft;
  grammar: Grammar;
  file: Scope;
  /** Names of members that a class has several of, by class. */
  overloads: Map<number, Set<string>>;
  /** Nodes that are types, as only their place tells. */
  types: Set<Node>;
}

export function openShapeFile(tree: SyntaxTree, grammar: Grammar): ShapeFile {
  const of: ShapeFile = {
    tree,
    grammar,
    draft: new Draft(tree, (node, scope) =>
      of.types.has(node) ? lowerType(of, node, scope) : lowerShape(of, node, scope),
    ),
    file: openScope(undefined, "file"),
    overloads: new Map(),
    types: new Set(),
  };
  of.draft.later(() => {
    for (const [name, { symbol }] of of.file.names)
      if (symbol !== undefined) of.draft.exports.push({ name, target: symbolTarget(symbol) });
  });
  return of;
}
