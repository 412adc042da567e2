// Which resolver finds what the files of a language name: the one table of languages that are linked.
import { createCFamilyResolver } from "./c-family.ts";
import { createCSharpResolver } from "./csharp.ts";
import { createGoResolver } from "./go.ts";
import { createJavascriptResolver } from "./javascript.ts";
import { createJvmResolver } from "./jvm.ts";
import { createPhpResolver } from "./php.ts";
import { createPythonResolver } from "./python.ts";
import { createRubyResolver } from "./ruby.ts";
import { createRustResolver } from "./rust.ts";
import type { Resolver, Tree } from "./tree.ts";

interface Family {
  languages: readonly string[];
  create: (tree: Tree) => Resolver;
  /** Each place that an answer depends on is noted. Of others a change that can be seen outside concerns all files. */
  isNoted?: boolean;
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
  { languages: ["c", "cpp"], create: createCFamilyResolver },
  { languages: ["java", "kotlin", "scala"], create: createJvmResolver },
  { languages: ["csharp"], create: createCSharpResolver },
  { languages: ["go"], create: createGoResolver, isNoted: true },
  { languages: ["php"], create: createPhpResolver },
  { languages: ["python"], create: createPythonResolver, isNoted: true, hasExports: true },
  { languages: ["ruby"], create: createRubyResolver },
  { languages: ["rust"], create: createRustResolver },
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
      if (!family.isNoted) tree.prepare(tree.paths.filter((path) => familyOf(tree.language(path)) === family));
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
