// Where names of Java, Kotlin and Scala lead: packages lie across source roots and languages, so a package is whatever
// files declare it, and a name of it is a top-level definition of any of them.
import type { Definition } from "../../graph/links.ts";
import type { Facts, SymbolFact, SymbolKind } from "../../languages/facts.ts";
import { choiceOf, sureness, type Choice } from "./choice.ts";
import { symbolPath } from "./container-names.ts";
import { addTo, groupBy } from "../../platform/group-by.ts";
import { createPackageNames } from "./package-names.ts";
import type { MemberOfType, Resolution, Resolver, Tree } from "./tree.ts";

const LANGUAGES = new Set(["java", "kotlin", "scala"]);
/** Packages that come with the languages. */
const BUILTIN = /^(?:java|javax|jdk|sun|kotlin|kotlinx\.coroutines\.intrinsics|scala)(?:\.|$)/;

const TYPES = new Set<SymbolKind>(["class", "interface", "trait", "enum", "type"]);

export function createJvmResolver(tree: Tree): Resolver {
  // What a script declares is its own.
  const files = tree.filesIn(LANGUAGES).filter((path) => !path.endsWith(".kts"));
  const { files: packages, declared } = createPackageNames(tree, files);
  /** Extensions by `Type.member`. */
  const members = new Map<string, Definition[]>();
  const extending = files.filter((path) => tree.overview(path).extends);
  tree.announce(extending);
  for (const path of extending)
    for (const [symbol, { name, owner }] of tree.facts(path).symbols.entries())
      if (owner !== undefined) addTo(members, `${owner}.${name}`, { path, symbol });
  /** By path whether something stands in the file beside another of its name: in few. */
  const companions = new Map<string, boolean>();

  /** Of each thing that several source roots declare the nearest; of a class and its companion the first, whose members are those of both. */
  function choose(from: string, found: readonly Definition[]): readonly Choice[] {
    if (found.length < 2) return found;
    const chosen = [...groupBy(found, keyOf).values()].flatMap((same) => nearestOf(from, same));
    // A function that makes values of a type is called like it.
    return [...chosen.filter(isType), ...chosen.filter((one) => !isType(one))];
  }

  function nearestOf(from: string, same: readonly Definition[]): readonly Choice[] {
    const shared = expected(same)?.path;
    const chosen = shared === undefined ? choiceOf(from, same) : same.filter(({ path }) => path === shared);
    // Where a type is meant that has a companion, it is not that.
    return [...groupBy(chosen, ({ path }) => path).values()].flatMap(
      (some) => some.find((one) => !isObject(one)) ?? some.slice(0, 1),
    );
  }

  function isObject({ path, symbol }: Definition): boolean {
    return /^(?:\S+ )*object /.test(tree.facts(path).symbols[symbol]?.signature ?? "");
  }

  function isType({ path, symbol }: Definition): boolean {
    return TYPES.has(tree.facts(path).symbols[symbol]?.kind ?? "function");
  }

  /** A type, or one of several functions of a name. */
  function keyOf(definition: Definition): string {
    const { owner = "", takes } = tree.facts(definition.path).symbols[definition.symbol] ?? {};
    return isType(definition) ? "" : `${owner}(${takes?.join() ?? ""})`;
  }

  /** Of Kotlin's multiplatform declarations the one that all platforms share; the nearest is as good as any other. */
  function expected(found: readonly Definition[]): Definition | undefined {
    return found.find(({ path, symbol }) =>
      /^(?:\w+ )*expect /.test(tree.facts(path).symbols[symbol]?.signature ?? ""),
    );
  }

  /** A definition by its whole name, `a.b.C.D`, and what of it is left below the package. */
  function find(from: string, name: string): { definitions: readonly Choice[]; rest: string[] } | undefined {
    const parts = name.split(".");
    for (let length = parts.length - 1; length >= 0; length--) {
      const [top = "", ...rest] = parts.slice(length);
      const found = choose(from, declared(parts.slice(0, length).join("."), top));
      if (found.length > 0) return { definitions: found, rest };
    }
    return undefined;
  }

  function nested({ definitions, rest }: { definitions: readonly Choice[]; rest: readonly string[] }): Choice[] {
    if (rest.length === 0) return [...definitions];
    return definitions.flatMap((definition) => {
      const { path } = definition;
      const facts = tree.facts(path);
      // Members of a companion without a name are the class's own, and extensions in it are nobody's.
      const names = [nameOf(definition), ...rest.filter((name) => name !== "Companion")];
      const found = symbolPath(facts, names) ?? symbolPath(facts, [nameOf(definition), ...rest]);
      if (found !== undefined) return [{ ...definition, symbol: found }];
      return facts.symbols.flatMap(({ name, owner }, symbol) =>
        owner !== undefined && name === names.at(-1) ? [{ ...definition, symbol }] : [],
      );
    });
  }

  /** What is named below a definition: a type's member, unless it is an extension. */
  function memberOf(definitions: readonly Choice[], rest: readonly string[]): readonly Choice[] | MemberOfType {
    const name = rest.at(-1);
    const found = nested({ definitions, rest });
    const isExtension = ({ path, symbol }: Definition) => tree.facts(path).symbols[symbol]?.owner !== undefined;
    if (name === undefined || found.some(isExtension)) return found;
    return { types: nested({ definitions, rest: rest.slice(0, -1) }), name };
  }

  function nameOf(definition: Definition | undefined): string {
    return (definition && tree.facts(definition.path).symbols[definition.symbol]?.name) ?? "";
  }

  /** Packages that hold others. */
  const holders = new Set([...packages.keys()].flatMap((name) => packagesAround(name).slice(1)));
  const byFiles = new Map([...packages].map(([name, paths]) => [paths, name]));
  const found = new WeakMap<readonly string[], { definitions: readonly Choice[]; rest: string[] }>();
  return {
    resolveImport(from, { specifier, isStar }, note): Resolution {
      note({ name: specifier });
      const whole = packages.get(specifier);
      if (isStar && whole) return { kind: "files", paths: whole, isOpen: true };
      const named = find(from, specifier);
      if (named) {
        const paths = [...new Set(named.definitions.map(({ path }) => path))];
        found.set(paths, named);
        return { kind: "files", paths, ...sureness(named.definitions) };
      }
      if (whole) return { kind: "files", paths: whole, isOpen: true };
      if (BUILTIN.test(specifier)) return { kind: "builtin" };
      const inTree = holders.has(specifier) || packagesAround(specifier).some((name) => packages.has(name));
      return inTree && !isStar ? { kind: "missing" } : { kind: "external", package: `jvm:${specifier}` };
    },
    findFree(from, name) {
      if (name.includes(".")) {
        const found = find(from, name);
        return found && nested(found);
      }
      // A nested package sees the names of those around it (Scala); Java and Kotlin do not.
      const own = tree.facts(from).package ?? "";
      const around = tree.language(from) === "scala" ? packagesAround(own) : [own];
      for (const each of around) {
        const found = choose(from, declared(each, name));
        if (found.length > 0) return found;
      }
      return undefined;
    },
    findMember(paths, name, note, from) {
      note({ name });
      const whole = byFiles.get(paths);
      if (whole !== undefined) return choose(from, declared(whole, name));
      const known = found.get(paths);
      if (!known) return undefined;
      const { definitions, rest } = known;
      const last = rest.at(-1) ?? nameOf(definitions[0]);
      return memberOf(definitions, last === name ? rest : [...rest, name]);
    },
    findExtensions: (type, name) => members.get(`${type}.${name}`) ?? [],
    findMembers({ path, symbol }, name) {
      const { symbols } = tree.facts(path);
      const type = symbols[symbol];
      if (!type) return [];
      // One without a name is called so where it is named, mostly by Java: its class stands for it.
      if (name === "Companion" && tree.language(path) === "kotlin") return [{ path, symbol }];
      const companion = mayHaveCompanions(path) ? companionMembers(path, symbol, name) : [];
      return companion.length > 0 ? companion : (members.get(`${type.name}.${name}`) ?? []);
    },
  };

  function mayHaveCompanions(path: string): boolean {
    let known = companions.get(path);
    if (known === undefined) companions.set(path, (known = !path.endsWith(".kts") && hasCompanions(tree.facts(path))));
    return known;
  }

  /** A companion object has its class's name and stands beside it, or has one of its own and stands in it. */
  function companionMembers(path: string, symbol: number, name: string): Definition[] {
    const { symbols } = tree.facts(path);
    const type = symbols[symbol];
    return symbols.flatMap((member, number) => {
      const owner = member.name === name && member.container !== symbol ? symbols[member.container ?? -1] : undefined;
      if (!owner) return [];
      const isBeside = owner.name === type?.name && owner.container === type.container;
      return isBeside || (owner.container === symbol && isNamedCompanion(owner)) ? [{ path, symbol: number }] : [];
    });
  }
}

/** Kotlin's: what one without a name holds is the class's own. */
function isNamedCompanion({ kind, signature }: SymbolFact): boolean {
  return kind === "class" && /\bcompanion object\b/.test(signature);
}

/** Whether something that has members stands beside another of its name, or is a companion with a name. */
function hasCompanions({ symbols }: Facts): boolean {
  if (symbols.some(isNamedCompanion)) return true;
  const seen = new Map<string, number>();
  for (const { name, container } of symbols) addOne(seen, `${container} ${name}`);
  return symbols.some(({ container }) => {
    const owner = symbols[container ?? -1];
    return owner !== undefined && (seen.get(`${owner.container} ${owner.name}`) ?? 0) > 1;
  });
}

function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function packagesAround(name: string): string[] {
  const parts = name.split(".");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("."));
}
