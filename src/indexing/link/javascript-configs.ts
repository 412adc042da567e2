// What tsconfig.json and jsconfig.json files say about where imports lead, with what they extend and refer to.
import { folderOf, pathIn } from "../../graph/path-names.ts";
import type { TsconfigManifest } from "../../languages/manifest.ts";
import { manifestOf } from "./javascript-files.ts";
import { entriesOf } from "./javascript-packages.ts";
import { splitSpecifier, type Workspaces } from "./javascript-workspaces.ts";
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
export function readConfigs(tree: Tree, workspaces: Workspaces): Map<string, Config> {
  const tsconfigs = new Map<string, TsconfigManifest>();
  for (const path of tree.manifests("tsconfig.json")) {
    const manifest = manifestOf(tree, path);
    if (manifest?.kind === "tsconfig.json") tsconfigs.set(path, manifest.content);
  }
  const configs = new Map<string, Config>();
  for (const path of tsconfigs.keys()) {
    if (!/(?:^|\/)(?:tsconfig|jsconfig)\.json$/.test(path)) continue;
    const folder = folderOf(path);
    if (configs.has(folder) && path.endsWith("jsconfig.json")) continue;
    configs.set(folder, configOf(path, { tsconfigs, workspaces }));
  }
  return configs;
}

interface Sources {
  tsconfigs: ReadonlyMap<string, TsconfigManifest>;
  workspaces: Workspaces;
}

/** A configuration with what it inherits, and with the paths of those it refers to: editors see them all. */
function configOf(path: string, sources: Sources): Config {
  const own = inherited(path, sources);
  const config = optionsOf(path, own);
  for (const one of own[0]?.content.references ?? []) {
    // A reference to another folder is another project, with a configuration of its own.
    const file = fileOf(pathIn(config.folder, one), sources);
    if (file === undefined || folderOf(file) !== config.folder) continue;
    const { paths, ...options } = optionsOf(file, inherited(file, sources));
    Object.assign(config, { ...options, ...config, paths: config.paths.length > 0 ? config.paths : paths });
  }
  return config;
}

interface Layer {
  folder: string;
  content: TsconfigManifest;
}

/** The file and all that it extends, what is nearer first. */
function inherited(path: string, sources: Sources): Layer[] {
  const layers: Layer[] = [];
  const seen = new Set<string>();
  const queue: string[] = [path];
  for (let next = queue.shift(); next !== undefined && seen.size < EXTENDS_MAX; next = queue.shift()) {
    const content = sources.tsconfigs.get(next);
    if (!content || seen.has(next)) continue;
    seen.add(next);
    const folder = folderOf(next);
    layers.push({ folder, content });
    const targets = content.extends.map((one) =>
      one.startsWith(".") ? fileOf(pathIn(folder, one), sources) : inPackage(one, folder, sources),
    );
    // Of several the last counts first.
    queue.unshift(...targets.filter((one) => one !== undefined).reverse());
  }
  return layers;
}

function optionsOf(path: string, layers: readonly Layer[]): Config {
  const folder = folderOf(path);
  /** What a layer says, in the folder it is relative to. */
  const first = (of: (content: TsconfigManifest) => string | undefined) => {
    const layer = layers.find(({ content }) => of(content) !== undefined);
    return layer && { folder: layer.folder, value: of(layer.content) ?? "" };
  };
  const within = (from: string, value: string) =>
    value.startsWith(CONFIG_DIR) ? pathIn(folder, value.slice(CONFIG_DIR.length)) : pathIn(from, value);
  const base = first(({ baseUrl }) => baseUrl);
  const baseUrl = base && within(base.folder, base.value);
  const mapped = layers.find(({ content }) => content.paths);
  // `baseUrl` counts wherever it is said; only without one are paths relative to the file they are in.
  const paths = Object.entries(mapped?.content.paths ?? {}).map(([pattern, targets]) => ({
    pattern,
    targets: targets.flatMap((target) => within(baseUrl ?? mapped?.folder ?? folder, target) ?? []),
  }));
  const config: Config = { folder, paths: paths.sort((a, b) => lengthBefore(b.pattern) - lengthBefore(a.pattern)) };
  if (baseUrl !== undefined) config.baseUrl = baseUrl;
  const [outDir, rootDir] = [first((one) => one.outDir), first((one) => one.rootDir)];
  if (outDir) config.outDir = outDir.value.replace(CONFIG_DIR, ".");
  if (rootDir) config.rootDir = rootDir.value.replace(CONFIG_DIR, ".");
  const jsx = first(({ jsxImportSource }) => jsxImportSource);
  if (jsx) config.jsxImportSource = jsx.value;
  return config;
}

/** The folder of the configuration that extends, in what it extends. */
const CONFIG_DIR = "${configDir}";

function fileOf(path: string | undefined, { tsconfigs }: Sources): string | undefined {
  if (path === undefined) return undefined;
  return [path, `${path}.json`, pathIn(path, "tsconfig.json") ?? ""].find((one) => tsconfigs.has(one));
}

function inPackage(specifier: string, folder: string, sources: Sources): string | undefined {
  const { name, subpath } = splitSpecifier(specifier);
  const one = sources.workspaces.find(name, folder);
  if (!one) return undefined;
  const entries = subpath === "." ? [] : entriesOf(one.manifest, subpath);
  const files = [...entries, subpath].map((entry) => fileOf(pathIn(one.folder, entry), sources));
  return files.find((file) => file !== undefined);
}

/** Exact patterns first, then the longest text before the star. */
function lengthBefore(pattern: string): number {
  const star = pattern.indexOf("*");
  return star < 0 ? Infinity : star;
}
