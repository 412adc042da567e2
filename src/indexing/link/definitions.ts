// The definitions that are meant by what was found: all declarations of each, and what other files add to it.
import type { Definition } from "../../graph/links.ts";
import { addTo } from "../../platform/group-by.ts";
import type { Choice } from "./choice.ts";
import { NO_DEFINITIONS, NOTHING, type Found } from "./found.ts";
import type { ImportedNames } from "./imported-names.ts";
import type { Note } from "./tree.ts";
import type { World } from "./world.ts";

export type Definitions = ReturnType<typeof createDefinitions>;

export function createDefinitions({ tree, memory, resolverOf, files }: World, { imported, free }: ImportedNames) {
  const { symbolAt, declarations } = files;
  const note: Note = (what) => (typeof what === "string" ? memory.readPlace(what) : memory.readName(what.name));
  const augmentations = new Map<string, Definition[]>();
  const augmented = new Map<string, readonly string[]>();
  /** Symbols, as `symbol path`, that stand in a `declare module` of a file of the tree. */
  const additions = new Set<string>();
  return { definitions, augmentationsOf, collectAugmentations, augmented, isAddition };

  function isAddition({ path, symbol }: Definition): boolean {
    return additions.size > 0 && additions.has(`${symbol} ${path}`);
  }

  function definitions(found: readonly Found[]): Choice[] {
    const all: Choice[] = [];
    for (const one of found) {
      if (one.is !== "symbol" || resolverOf(one.path).isAddition?.(one, note)) continue;
      const first = { path: one.path, symbol: symbolAt(one)?.mergesWith ?? one.symbol };
      for (const symbol of declarations(first)) all.push(defined({ path: first.path, symbol }));
      for (const part of augmentations.size > 0 ? augmentationsOf(first) : NO_DEFINITIONS)
        for (const symbol of declarations(part)) all.push(defined({ path: part.path, symbol }));
    }
    return all;
  }

  /** Of what is only declared there, the place where it is defined. */
  function defined(declaration: Definition): Choice {
    const symbol = symbolAt(declaration);
    const resolver = resolverOf(declaration.path);
    if (!symbol?.isDeclaration || !resolver.findDefinition) return declaration;
    memory.readName(symbol.name);
    const found = resolver.findDefinition(declaration) ?? declaration;
    symbolAt(found);
    return found;
  }

  function augmentationsOf({ path, symbol }: Definition): readonly Definition[] {
    return augmentations.get(`${symbol} ${path}`) ?? [];
  }

  /** By the symbol that `declare module "./x"` or one more global declaration adds to. Comes before all questions, so that no file's reads hold it. */
  function collectAugmentations(): void {
    for (const path of tree.ambient()) {
      const keys = new Set<string>();
      for (const one of tree.facts(path).exports) {
        if ("star" in one || one.target.kind !== "symbol") continue;
        const addition = { path, symbol: one.target.symbol };
        const base = one.augments === undefined ? NOTHING : imported(path, one.augments, one.name);
        for (const found of one.isGlobal ? free(path, one.name) : base) {
          if (found.is !== "symbol" || found.path === path) continue;
          const key = `${found.symbol} ${found.path}`;
          keys.add(key);
          addTo(augmentations, key, addition);
          if (!one.isGlobal) for (const symbol of declarations(addition)) additions.add(`${symbol} ${path}`);
        }
      }
      if (keys.size) augmented.set(path, [...keys].sort());
    }
  }
}
