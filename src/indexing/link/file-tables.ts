// What a file offers and what its symbols hold, by name. Looking is noted as having read the file.
import type { Definition } from "../../graph/links.ts";
import type { SymbolFact, Target } from "../../languages/facts.ts";
import type { Found } from "./found.ts";
import { addTo } from "../../platform/group-by.ts";
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
  return { table, tableAt, symbolAt, firstOf, declarations, sidesOf };

  function table(path: string): FileTable {
    memory.readFile(path);
    return tableAt(path);
  }

  function tableAt(path: string): FileTable {
    let known = tables.get(path);
    if (!known) tables.set(path, (known = tableOf(tree.facts(path))));
    return known;
  }

  function symbolAt(found: { path: string; symbol: number }): SymbolFact | undefined {
    memory.readFile(found.path);
    return tree.facts(found.path).symbols[found.symbol];
  }

  /** The first declaration of a merged symbol. */
  function firstOf({ path, symbol }: Definition): number {
    return tree.facts(path).symbols[symbol]?.mergesWith ?? symbol;
  }

  /** All declarations of a merged symbol. */
  function declarations({ path, symbol }: { path: string; symbol: number }): number[] {
    return table(path).groups.get(symbol) ?? [symbol];
  }

  /** Of what is a value and a type under one name, the declarations that matter: `const A` and `interface A`. */
  function sidesOf(object: Found & { is: "symbol" | "instance" }): number[] {
    const group = declarations(object);
    if (group.length < 2) return group;
    const { symbols } = tree.facts(object.path);
    const side = group.filter(
      (number) => TYPES.has(symbols[number]?.kind ?? "variable") === (object.is === "instance"),
    );
    return side.length ? side : group;
  }
}

function tableOf(facts: ReturnType<Tree["facts"]>): FileTable {
  const table: FileTable = { exports: new Map(), stars: [], members: new Map(), groups: new Map() };
  for (const one of facts.exports) {
    if ("star" in one) table.stars.push(one.star);
    else if (!one.isGlobal && one.augments === undefined && !table.exports.has(one.name))
      table.exports.set(one.name, one.target);
  }
  facts.symbols.forEach(({ name, kind, container, mergesWith }, number) => {
    if (mergesWith !== undefined) {
      if (!table.groups.has(mergesWith)) table.groups.set(mergesWith, [mergesWith]);
      addTo(table.groups, mergesWith, number);
    }
    // It is called by the name of its class, and is that.
    if (container === undefined || (kind === "constructor" && name === facts.symbols[container]?.name)) return;
    let names = table.members.get(container);
    if (!names) table.members.set(container, (names = new Map()));
    addTo(names, name, number);
  });
  return table;
}
