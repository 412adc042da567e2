// What other files can see of a changed one, and how much of that has changed. Pure.
import { NO_FACTS, partsOf, type Facts, type ImportFact, type SymbolFact, type Target } from "../../languages/facts.ts";
import { languageOf } from "../../languages/language.ts";
import { addTo } from "../../platform/group-by.ts";
import { familyOf, seesAllSymbols } from "./resolvers.ts";

/** A path whose facts changed. `before` is absent for one that was added, `after` for one that was deleted. */
export interface Change {
  path: string;
  before?: Facts;
  after?: Facts;
}

/** Others may have to be linked again. */
export function isSeenOutside({ path, before, after }: Change): boolean {
  if (!before || !after) return true;
  const seesAll = seesAllSymbols(languageOf(path));
  return outsideOf(before, seesAll) !== outsideOf(after, seesAll);
}

/** Of files that are looked through by name: what an answer to any name may depend on is another. Of one that is not there that of an empty one. */
export function hasNewFrame({ path, before, after }: Change): boolean {
  if (before && after && before.package !== after.package) return true;
  const frame = (facts = NO_FACTS) => JSON.stringify(familyOf(languageOf(path))?.frameOf?.(facts));
  return frame(before) !== frame(after);
}

export function hasNewIncludes({ before, after }: Change): boolean {
  const included = (facts = NO_FACTS) => facts.imports.map(({ specifier }) => specifier).join("\n");
  return included(before) !== included(after);
}

/** Names of which something else is declared in a file than before. */
export function changedNames({ before, after }: Change): string[] {
  const numbers = new Map<string, number>();
  const [old, now] = [declaredBy(before, numbers), declaredBy(after, numbers)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name)?.join() !== now.get(name)?.join());
}

/**
 * By name of each symbol that is called so a number for all that others can see of it and of what it stands in. Two of which that is
 * the same are told apart by their order, for others may stand in them.
 */
function declaredBy(facts: Facts | undefined, numbers: Map<string, number>): Map<string, number[]> {
  const declared = new Map<string, number[]>();
  if (!facts) return declared;
  const given = new Set(facts.exports.flatMap((one) => ("name" in one ? one.name : [])));
  const own: number[] = [];
  const counts = new Map<string, number>();
  for (const symbol of facts.symbols) {
    const seen = seenOf(symbol, { seesAll: true, show: (target) => shownByName(target, facts) });
    const all = JSON.stringify([own[symbol.container ?? -1], given.has(symbol.name), seen]);
    const count = counts.get(all) ?? 0;
    counts.set(all, count + 1);
    const text = `${count} ${all}`;
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    own.push(number);
    addTo(declared, symbol.name, number);
  }
  return declared;
}

/**
 * All that other files' links can depend on, as text: no positions, no bodies, no references, and nothing that exports do
 * not lead to; where nothing is exported, all symbols and their signatures.
 */
function outsideOf(facts: Facts, seesAll: boolean): string {
  const seen = seesAll ? facts.symbols.keys() : reachableFrom(facts);
  return JSON.stringify([
    facts.package,
    facts.manifest,
    [...seen]
      .sort((a, b) => a - b)
      .map((number) => {
        const symbol = facts.symbols[number];
        return [
          number,
          symbol?.container,
          symbol?.mergesWith,
          symbol && seenOf(symbol, { seesAll, show: (target) => shown(target, facts) }),
        ];
      }),
    facts.exports.map((one) =>
      "star" in one
        ? importOf(facts.imports[one.star])
        : {
            ...one,
            target: shown(one.target, facts),
            augments: one.augments === undefined || importOf(facts.imports[one.augments]),
          },
    ),
    facts.imports.filter(({ isStar }) => seesAll || isStar).map(importOf),
    // By their names alone members are found of types that nothing exports.
    facts.symbols.flatMap(({ name, container, mergesWith, isTest }, number) =>
      container === undefined || mergesWith !== undefined || isTest ? [] : [number, name],
    ),
  ]);
}

/** Of one symbol all but its number and those of others. */
function seenOf(
  symbol: SymbolFact,
  { seesAll, show }: { seesAll: boolean; show: (target: Target | undefined) => unknown },
): unknown[] {
  return [
    symbol.name,
    symbol.kind,
    symbol.owner,
    symbol.isStatic,
    symbol.isDeclaration,
    symbol.isSecondary,
    symbol.opens,
    symbol.isTest,
    show(symbol.type),
    symbol.parameters?.map(show),
    symbol.bases?.map(show),
    seesAll && [symbol.isExported, symbol.signature, symbol.arity, symbol.takes],
  ];
}

/** Symbols that exports lead to: their members, what they merge with, and what their types name. */
function reachableFrom({ symbols, exports }: Facts): Set<number> {
  const nearby = new Map<number, number[]>();
  symbols.forEach(({ container, mergesWith }, number) => {
    if (container !== undefined) addTo(nearby, container, number);
    if (mergesWith !== undefined) {
      addTo(nearby, mergesWith, number);
      addTo(nearby, number, mergesWith);
    }
  });
  const seen = new Set<number>();
  const queue: number[] = [];
  const visit = (number: number) => {
    if (seen.has(number)) return;
    seen.add(number);
    queue.push(number);
  };
  for (const one of exports) if ("target" in one) eachSymbol(one.target, visit);
  for (let number = queue.pop(); number !== undefined; number = queue.pop()) {
    const { type, parameters = [], bases = [], container } = symbols[number] ?? {};
    for (const target of [type, ...parameters, ...bases]) if (target) eachSymbol(target, visit);
    if (container !== undefined) visit(container);
    nearby.get(number)?.forEach(visit);
  }
  return seen;
}

function eachSymbol(target: Target, visit: (symbol: number) => void): void {
  if (target.kind === "symbol") visit(target.symbol);
  for (const part of partsOf(target)) eachSymbol(part, visit);
}

/** A target as text, imports by what they name: their numbers are of no concern to others. */
function shown(target: Target | undefined, facts: Facts): unknown {
  const byName = (key: string, value: unknown) => (key === "import" ? importOf(facts.imports[Number(value)]) : value);
  return target && JSON.stringify(target, byName);
}

/** Symbols by their names as well: others may have come before them. */
function shownByName(target: Target | undefined, facts: Facts): unknown {
  const byName = (key: string, value: unknown) => {
    if (key === "import") return importOf(facts.imports[Number(value)]);
    return key === "symbol" || key === "owner" ? facts.symbols[Number(value)]?.name : value;
  };
  return target && JSON.stringify(target, byName);
}

function importOf(fact: ImportFact | undefined): unknown {
  if (!fact) return undefined;
  const { line: _line, column: _column, ...rest } = fact;
  return rest;
}
