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
  /** Where imports lead is decided by paths and manifests alone, and names are found only where they lead. */
  isByPath?: boolean;
}

const FAMILIES: readonly Family[] = [
  {
    languages: ["astro", "javascript", "svelte", "typescript", "vue"],
    create: createJavascriptResolver,
    isByPath: true,
  },
  { languages: ["c", "cpp"], create: createCFamilyResolver },
  { languages: ["java", "kotlin", "scala"], create: createJvmResolver },
  { languages: ["csharp"], create: createCSharpResolver },
  { languages: ["go"], create: createGoResolver },
  { languages: ["php"], create: createPhpResolver },
  { languages: ["python"], create: createPythonResolver, isByPath: true },
  { languages: ["ruby"], create: createRubyResolver },
  { languages: ["rust"], create: createRustResolver },
];

/** By path. Files of other languages have neither imports nor references, and so nothing to resolve. */
export function resolversOf(tree: Tree): (path: string) => Resolver {
  const present = new Set(tree.paths.map((path) => tree.language(path)));
  const resolvers = new Map<string, Resolver>();
  for (const { languages, create } of FAMILIES) {
    if (!languages.some((language) => present.has(language))) continue;
    const resolver = create(tree);
    for (const language of languages) resolvers.set(language, resolver);
  }
  return (path) => resolvers.get(tree.language(path)) ?? NO_RESOLVER;
}

/** The languages of whose files the resolver of `language` looks into all, wherever imports lead; none of most. */
export function lookedInto(language: string): readonly string[] {
  const family = FAMILIES.find(({ languages }) => languages.includes(language));
  return family && !family.isByPath ? family.languages : [];
}

const NO_RESOLVER: Resolver = { resolveImport: () => ({ kind: "missing" }) };
