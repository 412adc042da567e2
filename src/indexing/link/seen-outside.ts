// What other files can see of a changed one, and how much of that has changed. Pure.
import { NO_FACTS, partsOf, type Facts, type ImportFact, type SymbolFact, type Target } from "../../languages/facts.ts";
import { languageOf } from "../../languages/language.ts";
import { addTo, groupBy } from "../../platform/group-by.ts";
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

/** What is another in a file that is searched by name, as one that looked something up there sees it. */
export interface Difference {
  /** Names of which something else is declared than before. */
  names: string[];
  /** And those under which something else is imported or given on. */
  within: string[];
  /** By its old number the new one of each symbol; GONE where others do not see the same any more. */
  numbers: readonly number[];
  /**
   * An answer found there may be another whatever name it was asked for: of what the file uses without naming it, or because the
   * symbols have another order.
   */
  isOfAnyName: boolean;
}

export const GONE = -1;

export function differenceOf({ before = NO_FACTS, after = NO_FACTS }: Change): Difference {
  const known = new Map<string, number>();
  const [old, now] = [declaredBy(before, known), declaredBy(after, known)];
  const changed = (of: "symbols" | "others") =>
    [...new Set([...old[of].keys(), ...now[of].keys()])].filter(
      (name) => old[of].get(name)?.join() !== now[of].get(name)?.join(),
    );
  const names = changed("symbols");
  const places = new Map(now.own.map((declared, number) => [declared, number]));
  const numbers = old.own.map((declared) => places.get(declared) ?? GONE);
  const kept = numbers.filter((number) => number !== GONE);
  const around = (facts: Facts) => JSON.stringify([facts.package, facts.manifest, importsAround(facts)]);
  return {
    names,
    within: [...names, ...changed("others")],
    numbers,
    isOfAnyName: around(before) !== around(after) || kept.some((number, at) => number < (kept[at - 1] ?? 0)),
  };
}

/** Imports by which names can be used that they do not tell, and what is given on by such. */
function importsAround({ imports, exports }: Facts): unknown[] {
  return [
    imports.filter(({ isStar }) => isStar).map(importOf),
    exports.flatMap((one) => ("star" in one ? [importOf(imports[one.star])] : [])),
  ];
}

interface Declared {
  /** Of each symbol a number for all that others can see of it and of what it stands in. */
  own: number[];
  /** The same by the names of the symbols; of exports and imports by theirs. */
  symbols: Map<string, number[]>;
  others: Map<string, number[]>;
}

/** `known`: numbers by what they stand for. Two of which all is the same are told apart by their order, for others may stand in them. */
function declaredBy(facts: Facts, known: Map<string, number>): Declared {
  const numberOf = (all: unknown) => {
    const text = JSON.stringify(all);
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  };
  const shownBy = createShown(facts, numberOf);
  const own: number[] = [];
  const symbols = new Map<string, number[]>();
  const others = new Map<string, number[]>();
  const given = new Set(facts.exports.flatMap((one) => ("name" in one ? one.name : [])));
  const counts = new Map<number, number>();
  const methods = groupBy(facts.symbols, ({ container = -1 }) => container);
  for (const [number, symbol] of facts.symbols.entries()) {
    const seen = seenOf(symbol, { seesAll: true, show: shownBy });
    // How many methods an interface leaves to write decides whether a function can stand for it.
    const members =
      symbol.kind === "interface" && methods.get(number)?.map(({ name, kind, signature }) => [name, kind, signature]);
    const all = numberOf([own[symbol.container ?? -1], given.has(symbol.name), seen, members]);
    const count = counts.get(all) ?? 0;
    counts.set(all, count + 1);
    const declared = numberOf([all, count]);
    own.push(declared);
    addTo(symbols, symbol.name, declared);
  }
  for (const one of facts.exports)
    if ("name" in one) addTo(others, one.name, numberOf([one.isGlobal, one.augments, shownBy(one.target)]));
  for (const one of facts.imports) {
    const last = /[\p{L}\p{N}_$]+$/u.exec(one.specifier)?.[0];
    if (last !== undefined) addTo(others, last, numberOf(importOf(one)));
  }
  return { own, symbols, others };
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
    seesAll && facts.lambdas?.map((one) => shown(one, facts)),
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
    seesAll && [
      symbol.isExported,
      symbol.signature,
      symbol.arity,
      symbol.takes,
      symbol.typeParameters,
      symbol.isTypeWritten,
    ],
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

/**
 * Shows targets of a file as text, symbols by whole names, for others may have come before them: of several of one name with how
 * many came before it.
 */
function createShown(
  { symbols, imports, lambdas = [] }: Facts,
  numberOf: (all: unknown) => number,
): (target: Target | undefined) => unknown {
  const wholes: string[] = [];
  const counts = new Map<string, number>();
  for (const { name, container } of symbols) {
    const whole = `${wholes[container ?? -1] ?? ""}.${name}`;
    const count = counts.get(whole) ?? 0;
    counts.set(whole, count + 1);
    wholes.push(count === 0 ? whole : `${whole} ${count}`);
  }
  // A function is told by those around it, which come before.
  const handed: number[] = [];
  const show = (target: Target | undefined): unknown =>
    target &&
    JSON.stringify(target, (key, value: unknown) => {
      if (key === "import") return importOf(imports[Number(value)]);
      if (key === "symbol" || key === "owner") return wholes[Number(value)];
      return key === "lambda" ? (handed[Number(value)] ?? value) : value;
    });
  for (const one of lambdas) handed.push(numberOf(show(one)));
  return show;
}

function importOf(fact: ImportFact | undefined): unknown {
  if (!fact) return undefined;
  const { line: _line, column: _column, ...rest } = fact;
  return rest;
}
