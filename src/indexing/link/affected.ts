// Which files must be linked again after a change, from what every file's links were worked out from. Conservative: a file
// that is not named here has the same links as if all were linked again.
import { partsOf, type Facts, type ImportFact, type Target } from "../../languages/facts.ts";
import { languageOf } from "../../languages/language.ts";
import { addTo } from "../../platform/group-by.ts";
import { concernedBy, seesAllSymbols } from "./resolvers.ts";
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

  const languages = new Set(outer.flatMap(({ path }) => concernedBy(languageOf(path))));
  const { augmenting, to } = newlyAugmented(reads, augmented());
  for (const path of augmenting) if (!deleted.has(path)) affected.add(path);
  const files = new Set([...outer.map(({ path }) => path), ...to]);
  // Where a file is looked for as one of its package, another package is another place.
  const hasMoved = ({ before, after }: Change) => !before || !after || before.package !== after.package;
  const places = new Set(outer.filter(hasMoved).flatMap(({ path }) => placesOf(path)));
  const names = new Set(outer.flatMap(({ before, after }) => [...namesOf(before), ...namesOf(after)]));
  for (const [path, read] of reads) {
    if (deleted.has(path)) continue;
    if (languages.has(languageOf(path)) || isTouched(read, { files, places, names })) affected.add(path);
  }
  return [...affected].sort();
}

function isTouched(
  read: Reads,
  { files, places, names }: { files: Set<string>; places: Set<string>; names: Set<string> },
): boolean {
  const meets = (list: readonly string[], set: Set<string>) =>
    set.size > 0 && (list[0] === ANYTHING || list.some((one) => set.has(one)));
  return meets(read.files, files) || meets(read.places, places) || meets(read.names, names);
}

function isSeenOutside({ path, before, after }: Change): boolean {
  if (!before || !after) return true;
  const seesAll = seesAllSymbols(languageOf(path));
  return outsideOf(before, seesAll) !== outsideOf(after, seesAll);
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
          symbol?.name,
          symbol?.kind,
          symbol?.container,
          symbol?.owner,
          symbol?.mergesWith,
          symbol?.isStatic,
          symbol?.isDeclaration,
          symbol?.isSecondary,
          symbol?.opens,
          symbol?.isTest,
          shown(symbol?.type, facts),
          symbol?.parameters?.map((type) => shown(type, facts)),
          symbol?.bases?.map((type) => shown(type, facts)),
          seesAll && [symbol?.signature, symbol?.arity, symbol?.takes],
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

function importOf(fact: ImportFact | undefined): unknown {
  if (!fact) return undefined;
  const { line: _line, column: _column, ...rest } = fact;
  return rest;
}
