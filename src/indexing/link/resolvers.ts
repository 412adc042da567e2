// Which resolver finds what the files of a language name: the one table of languages that are linked.
import type { Facts } from "../../languages/facts.ts";
import type { Change } from "./seen-outside.ts";
import { createCFamilyResolver, frameOfC } from "./c-family.ts";
import { createCSharpResolver, frameOfCSharp } from "./csharp.ts";
import { createGoResolver } from "./go.ts";
import { createJavascriptResolver } from "./javascript.ts";
import { createJvmResolver } from "./jvm.ts";
import { createPhpResolver } from "./php.ts";
import { createPythonResolver } from "./python.ts";
import { createRubyResolver, reachOfRuby } from "./ruby.ts";
import { reachOfRust } from "./rust-reach.ts";
import { createRustResolver } from "./rust.ts";
import type { Reach, Resolver, Tree } from "./tree.ts";

interface Family {
  languages: readonly string[];
  create: (tree: Tree) => Resolver;
  /**
   * How it is told which files a change that others can see concerns. `noted`: each file, place and name that an answer depends on is
   * noted. `by-name`: files are looked through by name, and an answer depends on what has one of the names that it was asked for
   * or that are noted; on whether there are files of its languages and in which packages; and on what `frameOf` says of each.
   */
  search: "noted" | "by-name";
  /** What of a file decides what others find under any name, as JSON can tell it. */
  frameOf?: (facts: Facts) => unknown;
  /** What a change concerns beside those that asked for the names of the symbols. `manifests`: files that are manifests. */
  reachOf?: (change: Change, manifests: readonly { path: string; facts: Facts }[]) => Reach;
  /**
   * A file that comes or goes concerns those alone that asked for its names or noted its places: `anywhere`, or where another one
   * stands in its folder that has its package. Absent: all of the family.
   */
  arrival?: "anywhere" | "beside-others";
  /** Names of a file are seen by those that include it, also through others; each of them has noted the place `?/name` of what it includes. */
  hasIncludes?: boolean;
  /** Of a file others see what its exports lead to, not all its symbols. */
  hasExports?: boolean;
}

const FAMILIES: readonly Family[] = [
  {
    languages: ["astro", "javascript", "svelte", "typescript", "vue"],
    create: createJavascriptResolver,
    search: "noted",
    hasExports: true,
  },
  {
    languages: ["c", "cpp"],
    create: createCFamilyResolver,
    search: "by-name",
    frameOf: frameOfC,
    arrival: "anywhere",
    hasIncludes: true,
  },
  { languages: ["java", "kotlin", "scala"], create: createJvmResolver, search: "by-name", arrival: "beside-others" },
  {
    languages: ["csharp"],
    create: createCSharpResolver,
    search: "by-name",
    frameOf: frameOfCSharp,
    arrival: "beside-others",
  },
  { languages: ["go"], create: createGoResolver, search: "noted" },
  { languages: ["php"], create: createPhpResolver, search: "by-name", arrival: "beside-others" },
  { languages: ["python"], create: createPythonResolver, search: "noted", hasExports: true },
  { languages: ["ruby"], create: createRubyResolver, search: "by-name", reachOf: reachOfRuby, arrival: "anywhere" },
  { languages: ["rust"], create: createRustResolver, search: "by-name", reachOf: reachOfRust, arrival: "anywhere" },
];

/**
 * By path. Files of other languages have neither imports nor references, and so nothing to resolve. `making` is told of each
 * resolver that is made, by the number of its family, and calls `make`: some look at all files of their languages.
 */
export function resolversOf(
  tree: Tree,
  making: (family: number, make: () => Resolver) => Resolver = (_, make) => make(),
): (path: string) => Resolver {
  const resolvers = new Map<Family, Resolver>();
  return (path) => {
    const family = familyOf(tree.language(path));
    if (!family) return NO_RESOLVER;
    const known = resolvers.get(family);
    if (known) return known;
    // Some open the facts of all files of their languages, and so are made when they are first asked for.
    const resolver = making(FAMILIES.indexOf(family), () => family.create(tree));
    resolvers.set(family, resolver);
    return resolver;
  };
}

/** Languages of the same family, itself among them. */
export function languagesOf(language: string): readonly string[] {
  return familyOf(language)?.languages ?? [];
}

/** See Family.search. */
export function isSearchedByName(language: string): boolean {
  return familyOf(language)?.search === "by-name";
}

/** Whether other files see all symbols of one of this language, and not only what its exports lead to. */
export function seesAllSymbols(language: string): boolean {
  const family = familyOf(language);
  return family !== undefined && !family.hasExports;
}

const BY_LANGUAGE = new Map(FAMILIES.flatMap((family) => family.languages.map((language) => [language, family])));

/** Languages whose files name each other's symbols. */
export function familyOf(language: string): Family | undefined {
  return BY_LANGUAGE.get(language);
}

/** -1 for a language without one. */
export function familyNumberOf(language: string): number {
  const family = familyOf(language);
  return family ? FAMILIES.indexOf(family) : -1;
}

const NO_RESOLVER: Resolver = { resolveImport: () => ({ kind: "missing" }) };
