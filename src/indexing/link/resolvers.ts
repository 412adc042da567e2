// Which resolver finds what the files of a language name: the one table of languages that are linked.
import type { Facts } from "../../languages/facts.ts";
import { createCFamilyResolver } from "./c-family.ts";
import { createCSharpResolver, frameOfCSharp } from "./csharp.ts";
import { createGoResolver } from "./go.ts";
import { createJavascriptResolver } from "./javascript.ts";
import { createJvmResolver } from "./jvm.ts";
import { createPhpResolver } from "./php.ts";
import { createPythonResolver } from "./python.ts";
import { createRubyResolver } from "./ruby.ts";
import { createRustResolver, frameOfRust } from "./rust.ts";
import type { Resolver, Tree } from "./tree.ts";

const importsOf = ({ imports }: Facts) => imports.map(({ specifier, kind }) => [specifier, kind]);

interface Family {
  languages: readonly string[];
  create: (tree: Tree) => Resolver;
  /** Each place that an answer depends on is noted. Of others a change that can be seen outside concerns all files, unless … */
  isNoted?: boolean;
  /** … an answer to a name depends, but for its package and what `frameOf` says of each file, on what has one of the names that it is made of. */
  isNamed?: boolean;
  /** What of a file decides what others find under any name, as JSON can tell it. */
  frameOf?: (facts: Facts) => unknown;
  /** Of a file others see what its exports lead to, not all its symbols. */
  hasExports?: boolean;
}

const FAMILIES: readonly Family[] = [
  {
    languages: ["astro", "javascript", "svelte", "typescript", "vue"],
    create: createJavascriptResolver,
    isNoted: true,
    hasExports: true,
  },
  { languages: ["c", "cpp"], create: createCFamilyResolver, isNamed: true, frameOf: importsOf },
  { languages: ["java", "kotlin", "scala"], create: createJvmResolver, isNamed: true },
  { languages: ["csharp"], create: createCSharpResolver, isNamed: true, frameOf: frameOfCSharp },
  { languages: ["go"], create: createGoResolver, isNoted: true },
  { languages: ["php"], create: createPhpResolver, isNamed: true },
  { languages: ["python"], create: createPythonResolver, isNoted: true, hasExports: true },
  { languages: ["ruby"], create: createRubyResolver, isNamed: true, frameOf: importsOf },
  { languages: ["rust"], create: createRustResolver, isNamed: true, frameOf: frameOfRust },
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
    const resolver = making(FAMILIES.indexOf(family), () => {
      // What notes nothing opens the facts of all files of its languages, and so is made when it is first asked for.
      if (!family.isNoted) tree.announce(tree.paths.filter((path) => familyOf(tree.language(path)) === family));
      return family.create(tree);
    });
    resolvers.set(family, resolver);
    return resolver;
  };
}

/** Languages all of whose files a change of one of this language concerns, when others can see it. */
export function concernedBy(language: string): readonly string[] {
  const family = familyOf(language);
  return family && !family.isNoted ? family.languages : [];
}

/** Whether of files of this language only those are concerned that asked for a name that changed. */
export function isConcernedByName(language: string): boolean {
  return familyOf(language)?.isNamed === true;
}

/** Beside its package what of a file of this language decides what others find under any name, as JSON can tell it. */
export function frameOf(language: string, facts: Facts): unknown {
  return familyOf(language)?.frameOf?.(facts);
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
