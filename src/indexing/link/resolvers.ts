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

const FAMILIES: readonly [languages: readonly string[], create: (tree: Tree) => Resolver][] = [
  [["astro", "javascript", "svelte", "typescript", "vue"], createJavascriptResolver],
  [["c", "cpp"], createCFamilyResolver],
  [["java", "kotlin", "scala"], createJvmResolver],
  [["csharp"], createCSharpResolver],
  [["go"], createGoResolver],
  [["php"], createPhpResolver],
  [["python"], createPythonResolver],
  [["ruby"], createRubyResolver],
  [["rust"], createRustResolver],
];

/** By path. Files of other languages have neither imports nor references, and so nothing to resolve. */
export function resolversOf(tree: Tree): (path: string) => Resolver {
  const present = new Set(tree.paths.map((path) => tree.language(path)));
  const resolvers = new Map<string, Resolver>();
  for (const [languages, create] of FAMILIES) {
    if (!languages.some((language) => present.has(language))) continue;
    const resolver = create(tree);
    for (const language of languages) resolvers.set(language, resolver);
  }
  return (path) => resolvers.get(tree.language(path)) ?? NO_RESOLVER;
}

const NO_RESOLVER: Resolver = { resolveImport: () => ({ kind: "missing" }) };
