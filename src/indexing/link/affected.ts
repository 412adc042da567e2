// Which files must be linked again after a change, from what every file's links were worked out from. Conservative: a file
// that is not named here has the same links as if all were linked again.
import { partsOf, type Facts, type ImportFact, type SymbolFact, type Target } from "../../languages/facts.ts";
import { languageOf } from "../../languages/language.ts";
import { addTo } from "../../platform/group-by.ts";
import { concernedBy, isConcernedByName, seesAllSymbols, frameOf } from "./resolvers.ts";
import { folderOf, foldersAround, nameOf } from "../../graph/path-names.ts";
import { ANYTHING, type Reads } from "./tree.ts";

/** A path whose facts changed. `before` is absent for one that was added, `after` for one that was deleted. */
export interface Change {
  path: string;
  before?: Facts;
  after?: Facts;
}

/**
 * Paths to link again, of files that are still there, sorted: those that changed, and those that looked at something that
 * changed. A change of a body alone brings only the file itself; one of a manifest brings all. `augmented` gives what
 * `augmentedBy` says of the tree after the changes; it is asked only where others can see a change.
 */
export function affectedFiles(
  reads: ReadonlyMap<string, Reads>,
  changes: readonly Change[],
  augmented: () => ReadonlyMap<string, readonly string[]>,
): string[] {
  const deleted = new Set(changes.filter(({ after }) => !after).map(({ path }) => path));
  const affected = new Set(changes.filter(({ after }) => after).map(({ path }) => path));
  const outer = changes.filter(isSeenOutside);
  if (outer.length === 0) return [...affected].sort();
  const all = () => [...new Set([...reads.keys(), ...affected])].filter((path) => !deleted.has(path)).sort();
  if (outer.some(({ before, after }) => concernsAll(before) || concernsAll(after))) return all();

  const languages = new Set(
    outer.flatMap((change) => (hasNewFrame(change) ? concernedBy(languageOf(change.path)) : [])),
  );
  const { augmenting, to } = newlyAugmented(reads, augmented());
  for (const path of augmenting) if (!deleted.has(path)) affected.add(path);
  const files = new Set([...outer.map(({ path }) => path), ...to]);
  // Where a file is looked for as one of its package, another package is another place.
  const hasMoved = ({ before, after }: Change) => !before || !after || before.package !== after.package;
  const places = new Set(outer.filter(hasMoved).flatMap(({ path }) => placesOf(path)));
  const names = new Set(
    outer.flatMap((change) =>
      isConcernedByName(languageOf(change.path))
        ? changedNames(change)
        : [...namesOf(change.before), ...namesOf(change.after)],
    ),
  );
  const words = new Set([...names].flatMap(wordsOf));
  for (const [path, read] of reads) {
    if (deleted.has(path)) continue;
    const isNamed = isConcernedByName(languageOf(path));
    if (languages.has(languageOf(path)) || isTouched(read, { files, places, names, words, isNamed }))
      affected.add(path);
  }
  return [...affected].sort();
}

interface Touching {
  files: ReadonlySet<string>;
  places: ReadonlySet<string>;
  names: ReadonlySet<string>;
  /** Of which the names are made. */
  words: ReadonlySet<string>;
  isNamed: boolean;
}

function isTouched(read: Reads, { files, places, names, words, isNamed }: Touching): boolean {
  const meets = (list: readonly string[], set: ReadonlySet<string>) =>
    set.size > 0 && (list[0] === ANYTHING || list.some((one) => set.has(one)));
  if (meets(read.files, files) || meets(read.places, places)) return true;
  if (!isNamed) return meets(read.names, names);
  return words.size > 0 && read.names.some((name) => wordsOf(name).some((word) => words.has(word)));
}

/**
 * The names of which a name as it is written is made: `a.b.C`, `a::b`, `struct a`, `\A\B`; without case, which PHP's have not. Of
 * `a?` and `operator+` too much is taken, which does no harm; of an operator alone its signs.
 */
function wordsOf(name: string): string[] {
  return name.toLowerCase().match(/[\p{L}\p{N}_$]+|[^\s.:\\\p{L}\p{N}_$]+/gu) ?? [];
}

function isSeenOutside({ path, before, after }: Change): boolean {
  if (!before || !after) return true;
  const seesAll = seesAllSymbols(languageOf(path));
  return outsideOf(before, seesAll) !== outsideOf(after, seesAll);
}

/** Of files that are looked through by name: what any answer may depend on has changed. */
function hasNewFrame({ path, before, after }: Change): boolean {
  const language = languageOf(path);
  if (!isConcernedByName(language) || !before || !after) return true;
  return frameText(language, before) !== frameText(language, after);
}

function frameText(language: string, facts: Facts): string {
  const opening = facts.symbols.flatMap(({ name, opens }) => (opens === undefined ? [] : [name, opens]));
  return JSON.stringify([facts.package, opening, frameOf(language, facts)]);
}

/** Names of which something else is declared in a file than before. */
function changedNames({ before, after }: Change): string[] {
  const numbers = new Map<string, number>();
  const [old, now] = [declaredBy(before, numbers), declaredBy(after, numbers)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name)?.join() !== now.get(name)?.join());
}

/** By name of each symbol that is called so the number of the text of all that others can see of it and of what it stands in. */
function declaredBy(facts: Facts | undefined, numbers: Map<string, number>): Map<string, number[]> {
  const declared = new Map<string, number[]>();
  if (!facts) return declared;
  const given = new Set(facts.exports.flatMap((one) => ("name" in one ? one.name : [])));
  const own: number[] = [];
  for (const symbol of facts.symbols) {
    const seen = seenOf(symbol, { seesAll: true, show: (target) => shownByName(target, facts) });
    const text = JSON.stringify([own[symbol.container ?? -1], given.has(symbol.name), seen]);
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    own.push(number);
    addTo(declared, symbol.name, number);
  }
  return declared;
}

/** Manifests say where imports of all files lead. */
function concernsAll(facts: Facts | undefined): boolean {
  return facts?.manifest !== undefined;
}

/** Files whose definitions are added to by others than before, and those others. */
function newlyAugmented(
  reads: ReadonlyMap<string, Reads>,
  augmented: ReadonlyMap<string, readonly string[]>,
): { augmenting: string[]; to: string[] } {
  const augmenting: string[] = [];
  const to: string[] = [];
  for (const path of new Set([...reads.keys(), ...augmented.keys()])) {
    const [before, after] = [reads.get(path)?.augments ?? [], augmented.get(path) ?? []];
    if (before.length + after.length === 0) continue;
    const moved = [...before, ...after].filter((key) => !before.includes(key) || !after.includes(key));
    if (moved.length) augmenting.push(path);
    for (const key of moved) to.push(key.slice(key.indexOf(" ") + 1));
  }
  return { augmenting, to };
}

/** Places where a file of this path is looked for, see NotePlace. */
function placesOf(path: string): string[] {
  const folder = folderOf(path);
  const places = [path, folder];
  const nameAt = folder === "" ? 0 : folder.length + 1;
  for (let dot = path.lastIndexOf("."); dot > nameAt; dot = path.lastIndexOf(".", dot - 1))
    places.push(path.slice(0, dot));
  for (const around of foldersAround(folder)) if (around !== "") places.push(`${around}/`);
  const [name = ""] = nameOf(path).split(".");
  return [...places, `?/${name}`, `?/${nameOf(folder)}`];
}

/** Names by which other files may have found something in this one without knowing the file. */
function namesOf(facts: Facts | undefined): string[] {
  if (!facts) return [];
  const names = facts.symbols.map(({ name }) => name);
  for (const one of facts.exports) if ("name" in one) names.push(one.name);
  return facts.package === undefined ? names : [...names, facts.package];
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
    seesAll && [symbol.signature, symbol.arity, symbol.takes],
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
  return (
    target &&
    JSON.stringify(target, (key, value: unknown) => (key === "import" ? importOf(facts.imports[Number(value)]) : value))
  );
}

/** Symbols by their names as well: others may have come before them. */
function shownByName(target: Target | undefined, facts: Facts): unknown {
  const named = (key: string, value: unknown) =>
    key === "symbol" || key === "owner"
      ? facts.symbols[Number(value)]?.name
      : key === "import"
        ? importOf(facts.imports[Number(value)])
        : value;
  return target && JSON.stringify(target, named);
}

function importOf(fact: ImportFact | undefined): unknown {
  if (!fact) return undefined;
  const { line: _line, column: _column, ...rest } = fact;
  return rest;
}
