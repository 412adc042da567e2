// Which file a path of TypeScript or JavaScript stands for, without or with another extension, or as a folder.
import { pathIn } from "../../graph/path-names.ts";
import type { JavascriptManifest } from "../../languages/manifest.ts";
import type { Note, Tree } from "./tree.ts";

/** What a written extension may stand for, in TypeScript's order. */
const REPLACED: Record<string, readonly string[]> = {
  ".js": [".ts", ".tsx", ".d.ts", ".js", ".jsx"],
  ".jsx": [".tsx", ".ts", ".d.ts", ".jsx", ".js"],
  ".mjs": [".mts", ".d.mts", ".mjs"],
  ".cjs": [".cts", ".d.cts", ".cjs"],
};
const APPENDED = [
  ".ts",
  ".tsx",
  ".d.ts",
  ".mts",
  ".cts",
  ".d.mts",
  ".d.cts",
  ".js",
  ".jsx",
  ".mjs",
  ".cjs",
  ".json",
  ".vue",
  ".svelte",
  ".astro",
];
/** A `base` that is undefined is outside the tree. */
export type Finder = (base: string | undefined, isFolder?: boolean) => string | undefined;

/** The file that a path without or with another extension, or a folder, stands for. */
export function finder(tree: Tree, { prefersTypes, note }: { prefersTypes: boolean; note: Note }): Finder {
  const ordered = (extensions: readonly string[]) =>
    prefersTypes
      ? extensions
      : [...extensions].sort((a, b) => Number(a.startsWith(".d.")) - Number(b.startsWith(".d.")));
  const withAny = (base: string, extensions: readonly string[]) => {
    const extension = ordered(extensions).find((one) => tree.has(base + one));
    return extension === undefined ? undefined : base + extension;
  };
  return (base, isFolder = false) => {
    if (base === undefined) return undefined;
    note(base);
    const extension = /\.[cm]?jsx?$/.exec(base)?.[0];
    const stem = extension ? base.slice(0, -extension.length) : base;
    if (extension) note(stem);
    const replaced = extension && withAny(stem, REPLACED[extension] ?? []);
    if (replaced) return replaced;
    if (!isFolder && tree.has(base)) return base;
    const index = base ? `${base}/index` : "index";
    return (isFolder ? undefined : withAny(base, APPENDED)) ?? inFolder(base) ?? withAny(index, APPENDED);
  };

  function inFolder(base: string): string | undefined {
    const path = base ? `${base}/package.json` : "package.json";
    const manifest = tree.has(path) ? manifestOf(tree, path) : undefined;
    if (manifest?.kind !== "package.json") return undefined;
    const { types, module, main } = manifest.content;
    for (const entry of [types, module, main]) {
      if (entry === undefined) continue;
      const target = pathIn(base, entry);
      if (target === undefined) continue;
      note(target);
      if (tree.has(target)) return target;
      const found = withAny(target, APPENDED) ?? withAny(target.replace(/\.[cm]?js$/, ""), APPENDED);
      if (found) return found;
    }
    return undefined;
  }
}

export function manifestOf(tree: Tree, path: string): JavascriptManifest | undefined {
  // Only manifest.ts writes manifests of the files that this is asked of.
  return tree.facts(path).manifest as JavascriptManifest | undefined;
}
