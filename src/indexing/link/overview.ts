// What linking must know of all files at once. Kept from one snapshot to the next, so that after a small change the facts of
// most files need not be opened.
import { manifestKindOf, type ManifestKind } from "../../languages/grammar.ts";
import { languageOf } from "../../languages/language.ts";
import type { Facts, SymbolFact } from "../../languages/facts.ts";
import { addTo, groupBy } from "../../platform/group-by.ts";
import type { Tree } from "./tree.ts";

export interface Overview {
  /** It declares something for files that do not import it: globals, additions to what others declare. */
  isAmbient: boolean;
  /** A macro of it opens a namespace. */
  opensNamespaces: boolean;
  /** It adds members to types that are declared elsewhere. */
  extends: boolean;
  /** An import of it holds in other files as well. */
  shares: boolean;
  /** See Facts. */
  package: string | undefined;
  /** Names that its package has from it, each once, sorted. */
  declared: readonly string[];
  /** Names of the members of its types, each once, sorted. */
  memberNames: readonly string[];
}

export function overviewOf(facts: Facts, language: string): Overview {
  const { symbols, exports, imports, package: ofPackage } = facts;
  const names = new Set<string>();
  for (const { name, container, mergesWith, isTest } of symbols)
    if (container !== undefined && mergesWith === undefined && !isTest) names.add(name);
  const isAmbient = exports.some((one) => "name" in one && (one.isGlobal === true || one.augments !== undefined));
  const opensNamespaces = symbols.some(({ opens }) => opens !== undefined);
  return {
    isAmbient,
    opensNamespaces,
    extends: symbols.some((symbol) => symbol.owner !== undefined || extendedBy(symbol) !== undefined),
    shares: imports.some(({ isShared }) => isShared),
    package: ofPackage,
    declared: [...new Set(declaredIn(facts, language).map((number) => symbols[number]?.name ?? ""))].sort(),
    memberNames: [...names].sort(),
  };
}

/** Symbols that the package of the file has from it, by number; none in languages whose packages are folders or that have none. */
export function declaredIn({ symbols, exports }: Facts, language: string): number[] {
  const isDeclared = DECLARED[language];
  if (!isDeclared) return [];
  const given = new Set(exports.flatMap((one) => ("name" in one ? one.name : [])));
  return [...symbols.entries()].flatMap(([number, symbol]) =>
    symbol.container === undefined && isDeclared(symbol, given) ? number : [],
  );
}

const isGiven = ({ name }: SymbolFact, given: ReadonlySet<string>) => given.has(name);
const DECLARED: Readonly<Record<string, (symbol: SymbolFact, given: ReadonlySet<string>) => boolean>> = {
  java: isGiven,
  kotlin: isGiven,
  scala: isGiven,
  csharp: ({ kind }) => kind !== "function",
  php: () => true,
};

/** Of an extension method of C# the type that it extends, without its namespace. */
export function extendedBy({ isStatic, kind, signature }: SymbolFact): string | undefined {
  return isStatic && kind === "method" ? /\(\s*this\s+(?:\w+\.)*(\w+)/.exec(signature)?.[1] : undefined;
}

/** Asking for so many takes about as long as listing the members of 100,000 files, 0.5 s. */
const MEMBERS_ASKED_MAX = 300;

/** The tree of these files; `overview` may be asked before `facts`, and of every file. */
export function makeTree(
  files: readonly string[],
  {
    facts,
    overview,
    announce = () => undefined,
    declaring,
  }: {
    facts: (path: string) => Facts;
    overview: (path: string) => Overview;
    announce?: (paths: readonly string[]) => void;
    declaring?: Tree["declaring"];
  },
): Tree {
  const paths = [...files].sort();
  const present = new Set(paths);
  const languages = new Map<string, string>();
  let manifests: Map<ManifestKind | undefined, string[]> | undefined;
  let ambient: string[] | undefined;
  let withMember: Map<string, string[]> | undefined;
  let asked = 0;
  const language = (path: string) => {
    let known = languages.get(path);
    if (known === undefined) languages.set(path, (known = languageOf(path)));
    return known;
  };
  return {
    paths,
    has: (path) => present.has(path),
    language,
    manifests: (kind) => (manifests ??= groupBy(paths, manifestKindOf)).get(kind) ?? [],
    facts,
    announce,
    filesIn: (languages) => paths.filter((path) => languages.has(language(path))),
    ambient: () => (ambient ??= paths.filter((path) => overview(path).isAmbient)),
    withMember(name) {
      const told =
        !withMember && asked++ < MEMBERS_ASKED_MAX ? declaring?.({ names: [name], containers: undefined }) : undefined;
      if (told) return told.filter((path) => overview(path).memberNames.includes(name)).sort();
      withMember ??= byMember(paths, overview);
      return withMember.get(name) ?? [];
    },
    overview,
    opensNamespaces: () => paths.some((path) => overview(path).opensNamespaces),
    declaring,
  };
}

function byMember(paths: readonly string[], overview: (path: string) => Overview): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of paths) for (const name of overview(path).memberNames) addTo(found, name, path);
  return found;
}
