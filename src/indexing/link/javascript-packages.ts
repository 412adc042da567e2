// Which file of a package its name stands for, by package.json alone: nothing is installed and nothing is built, so where
// a manifest names build output, the source that it is built from is looked for.
import { isRecord, type PackageManifest } from "../../languages/manifest.ts";

/** Conditions that name sources are asked first, then those of types, then the rest in the order they are written. */
const CONDITION_RANKS: readonly [RegExp, number][] = [
  [/(?:^|[/-])(?:source|src)$|^development$/, 0],
  [/^types(?:@|$)/, 1],
  [/^require$|^node-addons$|^react-server$/, 3],
];
const RANK_OTHERWISE = 2;
const LEAVES_MAX = 64;

const OUTPUT_FOLDERS = new Set(
  "dist build lib out output es esm cjs bin types typings dist-types generated .output".split(" "),
);
const SOURCE_FOLDERS = ["src", "source", "lib", ""];
const OUTPUT_EXTENSION = /(?:\.d)?\.[cm]?[jt]sx?$/;

/** Files, relative to the package, that `subpath` ("." or "./x") may mean, likeliest first. */
export function entriesOf(manifest: PackageManifest, subpath: string): string[] {
  if (manifest.exports !== undefined) {
    const leaves = exportedLeaves(manifest.exports, subpath);
    if (leaves.length) return leaves;
  }
  if (subpath !== ".") return [subpath];
  return [manifest.source, manifest.types, manifest.module, manifest.main].filter((entry) => entry !== undefined);
}

/** Targets of `exports` or `imports` for one key, with `*` filled in. */
export function exportedLeaves(exports: unknown, subpath: string): string[] {
  const isMap = isRecord(exports) && Object.keys(exports).some((key) => key.startsWith(".") || key.startsWith("#"));
  if (!isMap) return subpath === "." ? leavesOf(exports) : [];
  if (Object.hasOwn(exports, subpath)) return leavesOf(exports[subpath]);
  const patterns = Object.keys(exports)
    .filter((key) => key.includes("*") || key.endsWith("/"))
    .sort((a, b) => b.indexOf("*") - a.indexOf("*"));
  for (const pattern of patterns) {
    const filled = fillPattern(pattern.endsWith("/") ? `${pattern}*` : pattern, subpath);
    if (filled === undefined) continue;
    return leavesOf(exports[pattern]).map((leaf) =>
      leaf.endsWith("/") ? leaf + filled : leaf.replaceAll("*", filled),
    );
  }
  return [];
}

/** What `*` stands for where `pattern` matches the text; undefined where it does not. */
export function fillPattern(pattern: string, text: string): string | undefined {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === text ? "" : undefined;
  const before = pattern.slice(0, star);
  const after = pattern.slice(star + 1);
  const fits = text.startsWith(before) && text.endsWith(after) && text.length >= before.length + after.length;
  return fits ? text.slice(before.length, text.length - after.length) : undefined;
}

function leavesOf(value: unknown): string[] {
  const leaves: { leaf: string; rank: number }[] = [];
  const visit = (node: unknown, rank: number, depth: number) => {
    if (leaves.length >= LEAVES_MAX || depth > 8) return;
    if (typeof node === "string") leaves.push({ leaf: node, rank });
    else if (Array.isArray(node)) for (const one of node) visit(one, rank, depth + 1);
    else if (isRecord(node))
      for (const [condition, inner] of Object.entries(node)) visit(inner, Math.min(rank, rankOf(condition)), depth + 1);
  };
  visit(value, 9, 0);
  return leaves.sort((a, b) => a.rank - b.rank).map(({ leaf }) => leaf);
}

function rankOf(condition: string): number {
  return CONDITION_RANKS.find(([pattern]) => pattern.test(condition))?.[1] ?? RANK_OTHERWISE;
}

/** Where the source of a built file may be, relative to the package, without extension: `dist/esm/a.js` → `src/a`. */
export function sourcesOf(entry: string, { outDir, rootDir }: { outDir?: string; rootDir?: string }): string[] {
  const path = entry.replace(/^\.\//, "");
  const stem = path.replace(OUTPUT_EXTENSION, "");
  const sources: string[] = [];
  const folder = outDir?.replace(/^\.\/|\/$/g, "");
  if (folder && stem.startsWith(`${folder}/`)) {
    const rest = stem.slice(folder.length + 1);
    if (rootDir) sources.push(`${rootDir.replace(/^\.\/|\/$/g, "")}/${rest}`);
  }
  const segments = stem.split("/");
  segments.forEach((segment, at) => {
    if (!OUTPUT_FOLDERS.has(segment)) return;
    const before = segments.slice(0, at);
    for (let skip = at + 1; skip < segments.length && skip <= at + 2; skip++)
      for (const source of SOURCE_FOLDERS)
        sources.push([...before, ...(source ? [source] : []), ...segments.slice(skip)].join("/"));
  });
  return [...new Set(sources)].filter((source) => source !== stem);
}
