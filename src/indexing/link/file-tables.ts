// What a file offers and what its symbols hold, by name. Looking is noted as having read the file, and which name in it.
import type { Definition } from "../../graph/links.ts";
import { keyOfSymbol, type SymbolFact, type Target } from "../../languages/facts.ts";
import type { Found } from "./found.ts";
import { addTo } from "../../platform/group-by.ts";
import { isSearchedByName } from "./resolvers.ts";
import { TYPES } from "./symbol-kinds.ts";
import type { Memory } from "./memory.ts";
import type { Tree } from "./tree.ts";

export interface FileTable {
  exports: Map<string, Target>;
  stars: number[];
  /** Container → name → symbols. */
  members: Map<number, Map<string, number[]>>;
  /** First declaration → all declarations, where there are several. */
  groups: Map<number, number[]>;
}

export type FileTables = ReturnType<typeof createFileTables>;

export function createFileTables(tree: Tree, memory: Memory) {
  const tables = new Map<string, FileTable>();
  return { note, tableAt, exportsOf, symbolAt, membersOf, allMembersOf, firstOf, declarations, sidesOf };

  function note(path: string, name: string): void {
    memory.readFile(path);
    if (isSearchedByName(tree.language(path))) memory.readWithin(name);
  }

  function tableAt(path: string): FileTable {
    let known = tables.get(path);
    if (!known) tables.set(path, (known = tableOf(tree.facts(path))));
    return known;
  }

  function symbolAt(found: { path: string; symbol: number }): SymbolFact | undefined {
    const symbol = tree.facts(found.path).symbols[found.symbol];
    note(found.path, symbol?.name ?? "");
    return symbol;
  }

  /** What the file offers, of which only `name` is looked at. */
  function exportsOf(path: string, name: string): FileTable {
    note(path, name);
    return tableAt(path);
  }

  /** Members of that name that the symbol has in its file. */
  function membersOf({ path, symbol }: Definition, name: string): readonly number[] {
    note(path, name);
    return tableAt(path).members.get(symbol)?.get(name) ?? NONE;
  }

  /** All of them: what has an interface knows of them all. */
  function allMembersOf(type: Definition): number[] {
    symbolAt(type);
    const all = [...(tableAt(type.path).members.get(type.symbol)?.values() ?? [])].flat();
    for (const symbol of all) symbolAt({ path: type.path, symbol });
    return all;
  }

  /** The first declaration of a merged symbol. */
  function firstOf({ path, symbol }: Definition): number {
    return symbolAt({ path, symbol })?.mergesWith ?? symbol;
  }

  /** All declarations of a merged symbol. */
  function declarations(found: Definition): number[] {
    symbolAt(found);
    return tableAt(found.path).groups.get(found.symbol) ?? [found.symbol];
  }

  /** Of what is a value and a type under one name, the declarations that matter: `const A` and `interface A`. */
  function sidesOf(object: Found & { is: "symbol" | "instance" }): number[] {
    const group = declarations(object);
    if (group.length < 2) return group;
    const { path } = object;
    const side = group.filter(
      (symbol) => TYPES.has(symbolAt({ path, symbol })?.kind ?? "variable") === (object.is === "instance"),
    );
    return side.length ? side : group;
  }
}

const NONE: readonly number[] = [];

function tableOf(facts: ReturnType<Tree["facts"]>): FileTable {
  const table: FileTable = { exports: new Map(), stars: [], members: new Map(), groups: new Map() };
  for (const one of facts.exports) {
    if ("star" in one) table.stars.push(one.star);
    else if (!one.isGlobal && one.augments === undefined && !table.exports.has(one.name))
      table.exports.set(one.name, one.target);
  }
  facts.symbols.forEach((symbol, number) => {
    const { name, kind, container, mergesWith } = symbol;
    if (mergesWith !== undefined) {
      if (!table.groups.has(mergesWith)) table.groups.set(mergesWith, [mergesWith]);
      addTo(table.groups, mergesWith, number);
    }
    // It is called by the name of its class, and is that.
    if (container === undefined || (kind === "constructor" && name === facts.symbols[container]?.name)) return;
    let names = table.members.get(container);
    if (!names) table.members.set(container, (names = new Map()));
    addTo(names, keyOfSymbol(symbol), number);
  });
  return table;
}
