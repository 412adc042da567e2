// Where C's and C++'s names lead: a name can mean what the included files declare, and theirs.
import type { Definition } from "../../graph/links.ts";
import { stemOf } from "../../graph/path-names.ts";
import type { Facts } from "../../languages/facts.ts";
import { groupBy } from "../../platform/group-by.ts";
import { createCIncludes } from "./c-includes.ts";
import { joined, readCSymbols, type CSymbols, type SymbolId } from "./c-symbols.ts";
import { choiceOf, partOf, type Choice } from "./choice.ts";
import { TYPES } from "./symbol-kinds.ts";
import type { Resolver, Tree } from "./tree.ts";

const LANGUAGES = new Set(["c", "cpp"]);

const isHeader = (path: string) => /\.(?:h|hh|hpp|hxx|inc|inl|ipp|tcc)$/.test(path);

/** Namespaces that macros open, both what opens them and where that is written: what stands in those has their names. */
export function frameOfC({ symbols }: Facts): unknown {
  const opening = symbols.flatMap(({ name, opens }) => (opens === undefined ? [] : [[name, opens]]));
  const opened = symbols.flatMap(({ name, kind, signature }) => (kind === "module" && signature === name ? name : []));
  return [opening, opened];
}

export function createCFamilyResolver(tree: Tree): Resolver {
  const symbols = readCSymbols(tree, LANGUAGES);
  const includes = createCIncludes(tree, { symbols, languages: LANGUAGES });
  const { plain } = symbols;

  const lookUp = (tag: string, whole: string, among: CSymbols["known"] = symbols) =>
    tag === "" ? among.named(whole) : among.tagged(whole);

  /** A header can use what those that include it have included before: told where there is but one of that name. */
  function fromIncluders({ tag, bare, scopes }: Name): readonly Definition[] | undefined {
    for (const scope of scopes) {
      const [only, other] = lookUp(tag, joined(scope, bare)).filter((id) =>
        isHeader(tree.paths[symbols.fileOf(id)] ?? ""),
      );
      if (only !== undefined && other === undefined && symbols.kind(only) !== "module")
        return [symbols.definitionOf(only)];
    }
    return undefined;
  }

  /** Definitions before declarations, of several what is nearest. Of overloads all. */
  function choose(from: string, found: readonly SymbolId[]): readonly Choice[] {
    if (found.length < 2) return found.map(symbols.definitionOf);
    const groups = groupBy(found, (id) => symbols.takes(id) ?? "");
    const chosen = [...groups.values()].map((same) => chooseOf(from, same));
    const overloads = chosen.flat().filter((one) => symbols.arity(symbols.idOf(one)));
    return overloads.length > 0 ? overloads : (chosen[0] ?? []);
  }

  /** One of each file. */
  function chooseOf(from: string, found: readonly SymbolId[]): readonly Choice[] {
    const built = preferring(found, (id) => !symbols.is(id, "secondary"));
    const ids = preferring(built, (id) => !symbols.is(id, "declaration"));
    const defined = ids.map(symbols.definitionOf);
    const [first] = ids;
    // A type may be given its name again, and whatever is only declared is one thing.
    const kinds = ids.map(symbols.kind);
    if (kinds.every((kind) => TYPES.has(kind)) && kinds.filter((kind) => kind !== "type").length < 2)
      return partOf(from, defined);
    if (first !== undefined && symbols.is(first, "declaration"))
      return partOf(from, defined).map(({ path, symbol }) => ({ path, symbol }));
    const chosen = choiceOf(from, defined);
    return chosen.filter(({ path }, at) => chosen.findIndex((one) => one.path === path) === at);
  }

  function preferring(found: readonly SymbolId[], isBetter: (id: SymbolId) => boolean): readonly SymbolId[] {
    const better = found.filter(isBetter);
    return better.length > 0 ? better : found;
  }

  /** What a name can mean without being declared in the file that it stands in. */
  function findFree(from: string, { tag, bare, scopes }: Name): readonly Choice[] | undefined {
    const closure = includes.closureOf(from);
    for (const scope of scopes) {
      // Of files that it sees all are known.
      const all = lookUp(tag, joined(scope, bare), symbols.known);
      const seen = all.filter((id) => closure.has(symbols.fileOf(id)));
      if (seen.length > 0)
        return choose(from, seen).map((one) =>
          closure.hasSurely(symbols.placeOf(one.path)) ? one : { ...one, isGuess: true },
        );
    }
    // A structure that headers only name is defined in one of the files that use them.
    const [hidden, other] = tag === "" ? [] : lookUp(tag, bare);
    if (hidden !== undefined && other === undefined) return [symbols.definitionOf(hidden)];
    return isHeader(from) ? fromIncluders({ tag, bare, scopes }) : undefined;
  }

  /** Where what is only declared there is defined. Undefined: nowhere, or nobody can tell. */
  function findDefinition(declaration: Definition): Choice | undefined {
    const id = symbols.idOf(declaration);
    const whole = symbols.wholeName(id);
    if (whole === undefined) return undefined;
    const all = symbols.named(whole).filter((one) => !symbols.is(one, "declaration") && symbols.is(one, "exported"));
    // Of overloads the one with the same parameters; what is of another number is none at all.
    const able = all.filter((one) => symbols.arity(one)?.[1] === symbols.arity(id)?.[1]);
    const defined = preferring(able, (one) => symbols.takes(one) === symbols.takes(id));
    const [only, another] = defined;
    if (another === undefined) return only === undefined ? undefined : symbols.definitionOf(only);
    // `x.h` is declared for `x.c`; else whoever includes the header, nearest first.
    const stem = stemOf(declaration.path);
    const twins = defined.filter((one) => stemOf(tree.paths[symbols.fileOf(one)] ?? "") === stem);
    const [chosen, other] = choose(declaration.path, twins.length > 0 ? twins : defined);
    return other?.isTied ? undefined : chosen;
  }

  /** What was answered for the file that is linked: it uses few names, and the same ones often. */
  let answered = { from: "", names: new Map<string, readonly Choice[] | undefined>() };
  const definitions = new Map<SymbolId, Choice | undefined>();

  return {
    hasOverloads: true,
    resolveImport(from, { specifier }, note) {
      includes.notePlaces(from, specifier, note);
      return includes.resolve(from, specifier);
    },
    findFree(from, name, scopes = "") {
      if (answered.from !== from) answered = { from, names: new Map() };
      return remembered(answered.names, `${name} in ${scopes}`, () => {
        const [, tag = "", bare = ""] = /^(struct )?(.*)$/.exec(name) ?? [];
        const around = scopes.split(" ").filter(Boolean).map(plain);
        return findFree(from, { tag, bare: plain(bare), scopes: [...around, ""] });
      });
    },
    findMembers(type, name) {
      const id = symbols.idOf(type);
      // What an alias has is its type's, and a type with a body has beside it only what is defined apart: others of its
      // name are other files' own. Of a type that is only declared there all is elsewhere.
      const kind = symbols.kind(id);
      const whole = symbols.wholeName(id);
      if (kind === "type" || whole === undefined) return [];
      const all = symbols.members(joined(whole, name));
      const isElsewhere = symbols.is(id, "declaration") || kind === "module";
      return choose(type.path, isElsewhere ? all : all.filter((one) => !symbols.is(one, "contained")));
    },
    findDefinition: (declaration) =>
      remembered(definitions, symbols.idOf(declaration), () => findDefinition(declaration)),
  };
}

/** A name as it can be looked up; `tag`: it is that of a structure. `scopes`: innermost first, "" last. */
interface Name {
  tag: string;
  bare: string;
  scopes: readonly string[];
}

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, work: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined || known.has(key)) return found as Value;
  const value = work();
  known.set(key, value);
  return value;
}
