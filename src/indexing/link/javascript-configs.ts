// What tsconfig.json and jsconfig.json files say about where imports lead, with what they extend and refer to.
import { folderOf, pathIn } from "../../graph/path-names.ts";
import type { TsconfigManifest } from "../../languages/manifest.ts";
import { manifestOf } from "./javascript-files.ts";
import { splitSpecifier, type Package } from "./javascript-workspaces.ts";
import type { Tree } from "./tree.ts";

const EXTENDS_MAX = 16;

export interface Config {
  folder: string;
  /** Absolute within the tree; first match of the longest pattern. */
  paths: { pattern: string; targets: string[] }[];
  baseUrl?: string;
  outDir?: string;
  rootDir?: string;
  jsxImportSource?: string;
}

/** Of each folder that has one its configuration. */
export function readConfigs(tree: Tree, packages: readonly Package[]): Map<string, Config> {
  const tsconfigs = new Map<string, TsconfigManifest>();
  for (const path of tree.manifests("tsconfig.json")) {
    const manifest = manifestOf(tree, path);
    if (manifest?.kind === "tsconfig.json") tsconfigs.set(path, manifest.content);
  }
  const configs = new Map<string, Config>();
  const named = new Map(packages.map((one) => [one.manifest.name ?? "", one.folder]));
  for (const path of tsconfigs.keys()) {
    if (!/(?:^|\/)(?:tsconfig|jsconfig)\.json$/.test(path)) continue;
    const folder = folderOf(path);
    if (configs.has(folder) && path.endsWith("jsconfig.json")) continue;
    configs.set(folder, configOf(path, { tsconfigs, named }));
  }
  return configs;
}

/** A configuration with what it inherits, and with the paths of those it refers to: editors see them all. */
function configOf(
  path: string,
  { tsconfigs, named }: { tsconfigs: Map<string, TsconfigManifest>; named: Map<string, string> },
): Config {
  const config: Config = { folder: folderOf(path), paths: [] };
  const seen = new Set<string>();
  const queue: string[] = [path];
  for (let next = queue.shift(); next !== undefined && seen.size < EXTENDS_MAX; next = queue.shift()) {
    const content = tsconfigs.get(next);
    if (!content || seen.has(next)) continue;
    seen.add(next);
    const folder = folderOf(next);
    const base = content.baseUrl === undefined ? undefined : pathIn(folder, content.baseUrl);
    if (base !== undefined) config.baseUrl ??= base;
    if (content.paths && !config.paths.length)
      config.paths = Object.entries(content.paths)
        .map(([pattern, targets]) => ({
          pattern,
          targets: targets.flatMap((target) => pathIn(base ?? folder, target) ?? []),
        }))
        .sort((a, b) => lengthBefore(b.pattern) - lengthBefore(a.pattern));
    if (content.outDir !== undefined) config.outDir ??= content.outDir;
    if (content.rootDir !== undefined) config.rootDir ??= content.rootDir;
    if (content.jsxImportSource !== undefined) config.jsxImportSource ??= content.jsxImportSource;
    const found = (candidates: string[]) => candidates.find((one) => tsconfigs.has(one));
    for (const one of [...content.extends].reverse()) {
      const target = one.startsWith(".") ? pathIn(folder, one) : inPackage(one, named);
      const file = target === undefined ? undefined : found([target, `${target}.json`, `${target}/tsconfig.json`]);
      if (file) queue.unshift(file);
    }
    for (const one of content.references) {
      const target = pathIn(folder, one);
      // A reference to another folder is another project, with a configuration of its own.
      const file = target === undefined ? undefined : found([target, `${target}.json`]);
      if (file !== undefined && folderOf(file) === config.folder) queue.push(file);
    }
  }
  return config;
}

function inPackage(specifier: string, named: Map<string, string>): string | undefined {
  const { name, subpath } = splitSpecifier(specifier);
  const folder = named.get(name);
  return folder === undefined ? undefined : pathIn(folder, subpath === "." ? "tsconfig.json" : subpath);
}

/** Exact patterns first, then the longest text before the star. */
function lengthBefore(pattern: string): number {
  const star = pattern.indexOf("*");
  return star < 0 ? Infinity : star;
}
