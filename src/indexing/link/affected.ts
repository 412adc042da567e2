// Which files must be linked again after a change, from what every file's links were worked out from. Conservative: a file
// that is not named here has the same links as if all were linked again.
import type { Facts } from "../../languages/facts.ts";
import { languageOf } from "../../languages/language.ts";
import { addTo, groupBy } from "../../platform/group-by.ts";
import { familyOf, isSearchedByName, languagesOf } from "./resolvers.ts";
import { differenceOf, GONE, hasNewFrame, hasNewIncludes, isSeenOutside, type Change } from "./seen-outside.ts";
import { folderOf, foldersAround, nameOf } from "../../graph/path-names.ts";
import { ANYTHING, type Reads, type TextTest } from "./tree.ts";

export interface Affected {
  /** Files that must be linked again, of those that are still there, sorted. */
  again: string[];
  /** Others that may lead to symbols that are the same under other numbers, sorted. */
  renumbered: string[];
  /** The new numbers of symbols by the old ones, by the paths of their files: see Difference. */
  numbers: ReadonlyMap<string, readonly number[]>;
}

/**
 * Linked again are those that changed, and those that looked at something that changed. A change of a body alone brings only the
 * file itself; one of a manifest brings all. Of the tree after the changes `augmented` gives what `augmentedBy` says, `factsOf` what a
 * file says, `manifests` the Cargo.toml files; they are asked only where others can see a change.
 */
export function affectedFiles(
  reads: ReadonlyMap<string, Reads>,
  changes: readonly Change[],
  {
    augmented,
    factsOf,
    manifests = () => [],
  }: {
    augmented: () => ReadonlyMap<string, readonly string[]>;
    factsOf: (path: string) => Facts;
    manifests?: () => readonly string[];
  },
): Affected {
  const deleted = new Set(changes.filter(({ after }) => !after).map(({ path }) => path));
  const affected = new Set(changes.filter(({ after }) => after).map(({ path }) => path));
  const outer = changes.filter(isSeenOutside);
  const numbers = new Map<string, readonly number[]>();
  if (outer.length === 0) return { again: [...affected].sort(), renumbered: [], numbers };
  const all = (): Affected => {
    const again = [...new Set([...reads.keys(), ...affected])].filter((path) => !deleted.has(path)).sort();
    return { again, renumbered: [], numbers };
  };
  if (outer.some(({ before, after }) => concernsAll(before) || concernsAll(after))) return all();

  const isByName = ({ path }: { path: string }) => isSearchedByName(languageOf(path));
  const changed = new Set(changes.map(({ path }) => path));
  const concernsFew = arrivals({ reads, changed, factsOf });
  const crates = outer.some(({ path }) => familyOf(languageOf(path))?.reachOf)
    ? manifests().map((path) => ({ path, facts: factsOf(path) }))
    : [];
  const named = outer.map((change) => {
    const difference = isByName(change) ? differenceOf(change) : undefined;
    const { reachOf } = familyOf(languageOf(change.path)) ?? {};
    const reach = reachOf?.(change, crates);
    return { change, difference, reach, names: [...(difference?.names ?? namesOf(change)), ...(reach?.names ?? [])] };
  });
  // Where a name has no words, nobody can tell who asked for it: operators of Scala, `::` among them.
  const concerningAll = named.filter(
    ({ change, names, reach }) =>
      isByName(change) &&
      (reach?.isAll === true ||
        hasNewFrame(change) ||
        names.some(isWordless) ||
        (comesOrGoes(change) && !concernsFew(change))),
  );
  const languages = new Set(concerningAll.flatMap(({ change }) => languagesOf(languageOf(change.path))));
  const including = outer.filter(
    (change) => hasIncludes(change.path) && (comesOrGoes(change) || hasNewIncludes(change)),
  );
  const includers = includersOf(including, reads);
  for (const path of includers) if (!deleted.has(path)) affected.add(path);
  const { augmenting, to } = newlyAugmented(reads, augmented());
  for (const path of augmenting) if (!deleted.has(path)) affected.add(path);
  const files = new Set([...to, ...includers]);
  const partly = new Set<string>();
  const within = new Set<string>();
  for (const { change, difference } of named)
    if (!difference || difference.isOfAnyName || comesOrGoes(change)) files.add(change.path);
    else {
      partly.add(change.path);
      for (const name of difference.within) within.add(name);
      if (difference.numbers.some((number, old) => number !== old && number !== GONE))
        numbers.set(change.path, difference.numbers);
    }
  // Where a file is looked for as one of its package, another package is another place.
  const moved = outer.filter((change) => comesOrGoes(change) || change.before?.package !== change.after?.package);
  const places = new Set([...moved.flatMap(({ path }) => placesOf(path)), ...folderPlaces(moved, { reads, changed })]);
  const hasFile = isAmong(files);
  const beginnings = new Map<string, Set<string>>();
  for (const { change, reach } of named)
    for (const language of reach ? languagesOf(languageOf(change.path)) : []) {
      const own = beginnings.get(language) ?? new Set();
      beginnings.set(language, own);
      for (const beginning of reach?.beginnings ?? []) own.add(beginning);
    }
  const inside = named.flatMap(({ reach }) => reach?.inside ?? []);
  const isFileName = hasWordOf(new Set(inside.flatMap(({ files }) => files)));
  const isInside = hasWordOf(new Set(inside.flatMap(({ names }) => names)));
  const isPartly = isAmong(partly);
  const isWithin = isAmong(within);
  const isRenumbered = isAmong(numbers);
  const hasPlace = isAmong(places);
  const hasName = new Map<string, TextTest>();
  // No language asks for a name of another family's.
  for (const [first, own] of groupBy(named, ({ change }) => languagesOf(languageOf(change.path))[0])) {
    if (first === undefined) continue;
    const names = new Set(own.flatMap((one) => one.names));
    const test = isSearchedByName(first) ? hasWordOf(names) : isAmong(names);
    for (const language of languagesOf(first)) hasName.set(language, test);
  }
  const renumbered: string[] = [];
  for (const [path, read] of reads) {
    if (deleted.has(path) || affected.has(path)) continue;
    const language = languageOf(path);
    const isNamed = hasName.get(language);
    if (
      languages.has(language) ||
      beginsWithAny(path, beginnings.get(language)) ||
      (inside.length > 0 && isAny(read, "names", isFileName) && isAny(read, "names", isInside)) ||
      isAny(read, "files", hasFile) ||
      (isAny(read, "files", isPartly) && isAny(read, "within", isWithin)) ||
      isAny(read, "places", hasPlace) ||
      (isNamed && isAny(read, "names", isNamed))
    )
      affected.add(path);
    else if (isAny(read, "files", isRenumbered)) renumbered.push(path);
  }
  return { again: [...affected].sort(), renumbered: renumbered.sort(), numbers };
}

/** Each is a path, a folder with a slash behind, or nothing. */
function beginsWithAny(path: string, beginnings: ReadonlySet<string> = new Set()): boolean {
  if (beginnings.size === 0) return false;
  return (
    beginnings.has("") || beginnings.has(path) || foldersAround(folderOf(path)).some((one) => beginnings.has(`${one}/`))
  );
}

function comesOrGoes({ before, after }: Change): boolean {
  return !before || !after;
}

/**
 * Tells of a file that comes or goes whether it concerns only who asked for its names or places, see Family.arrival. 3,000 files
 * come at once when a branch is checked out.
 */
function arrivals({
  reads,
  changed,
  factsOf,
}: {
  reads: ReadonlyMap<string, Reads>;
  changed: ReadonlySet<string>;
  factsOf: (path: string) => Facts;
}): (change: Change) => boolean {
  let inFolders: Map<string, string[]> | undefined;
  return ({ path, before, after }) => {
    const family = familyOf(languageOf(path));
    if (family?.arrival !== "beside-others") return family?.arrival === "anywhere";
    inFolders ??= groupBy([...reads.keys()], folderOf);
    return (inFolders.get(folderOf(path)) ?? []).some(
      (other) =>
        familyOf(languageOf(other)) === family &&
        !changed.has(other) &&
        // What a script declares is its own.
        !other.endsWith(".kts") &&
        factsOf(other).package === (before ?? after)?.package,
    );
  };
}

const hasIncludes = (path: string) => familyOf(languageOf(path))?.hasIncludes === true;

/** Files that may include one of those, also through others: by the names of what they include. */
function includersOf(changes: readonly Change[], reads: ReadonlyMap<string, Reads>): Set<string> {
  if (changes.length === 0) return new Set();
  const byPlace = new Map<string, string[]>();
  for (const [path, { places }] of reads)
    if (hasIncludes(path))
      for (const place of places) if (place.startsWith("?/") || place === ANYTHING) addTo(byPlace, place, path);
  const found = new Set(changes.map(({ path }) => path));
  for (const path of found)
    for (const place of [`?/${nameOf(path)}`, ANYTHING])
      for (const includer of byPlace.get(place) ?? []) found.add(includer);
  return found;
}

function isAny(read: Reads, list: "files" | "places" | "names" | "within", test: TextTest): boolean {
  return read.any ? read.any(list, test) : read[list].some(test);
}

function isAmong(set: Pick<ReadonlySet<string>, "has" | "size">): TextTest {
  return (text) => set.size > 0 && (text === ANYTHING || set.has(text));
}

/** Of a text that one of its words is one of the words of `names`. */
function hasWordOf(names: ReadonlySet<string>): TextTest {
  const words = new Set([...names].flatMap(wordsOf));
  return (text) => wordsOf(text).some((word) => words.has(word));
}

function isWordless(name: string): boolean {
  return name !== "" && wordsOf(name).length === 0;
}

/**
 * The names of which a name as it is written is made: `a.b.C`, `a::b`, `struct a`, `\A\B`; without case, which PHP's have not. Signs
 * are left out: of `a?` and `operator+` too much is taken then, which does no harm, of `::` nothing.
 */
function wordsOf(name: string): string[] {
  return name.toLowerCase().match(/[\p{L}\p{N}_$]+/gu) ?? [];
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

/** Of names of folders the places, where the first folder of that name comes or the last one goes. */
function folderPlaces(
  moved: readonly Change[],
  { reads, changed }: { reads: ReadonlyMap<string, Reads>; changed: ReadonlySet<string> },
): string[] {
  const folderNames = (path: string) => path.split("/").slice(0, -1);
  const names = new Set(moved.flatMap(({ path }) => folderNames(path)));
  for (const path of reads.keys()) {
    if (names.size === 0) break;
    if (!changed.has(path)) for (const name of folderNames(path)) names.delete(name);
  }
  return [...names].map((name) => `?/${name}/`);
}

/** Places where a file of this path is looked for, see Note. */
function placesOf(path: string): string[] {
  const folder = folderOf(path);
  const places = [path, folder];
  const nameAt = folder === "" ? 0 : folder.length + 1;
  for (let dot = path.lastIndexOf("."); dot > nameAt; dot = path.lastIndexOf(".", dot - 1))
    places.push(path.slice(0, dot));
  for (const around of foldersAround(folder)) if (around !== "") places.push(`${around}/`);
  const [name = ""] = nameOf(path).split(".");
  return [...places, `?/${name}`, `?/${nameOf(path)}`, `?/${nameOf(folder)}`];
}

/** Names by which other files may have found something in this one without knowing the file. */
function namesOf({ before, after }: Change): string[] {
  return [before, after].flatMap((facts) => {
    if (!facts) return [];
    const names = facts.symbols.map(({ name }) => name);
    for (const one of facts.exports) if ("name" in one) names.push(one.name);
    return facts.package === undefined ? names : [...names, facts.package];
  });
}
