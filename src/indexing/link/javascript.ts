// Where imports of TypeScript and JavaScript lead, by the paths and manifests of the tree alone: no disk, no node_modules.
// Follows TypeScript's bundler resolution; sources are preferred to what is built from them.
import { JSX_RUNTIME, type ImportFact } from "../../languages/facts.ts";
import type { JavascriptManifest, PackageManifest, TsconfigManifest } from "../../languages/manifest.ts";
import { entriesOf, exportedLeaves, fillPattern, sourcesOf } from "./javascript-packages.ts";
import type { Definition } from "../../graph/links.ts";
import type { NotePlace, Resolution, Resolver, Tree } from "./tree.ts";

const BUILTINS = new Set(
  "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib".split(
    " ",
  ),
);

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
const EXTENDS_MAX = 16;
/**
 * Files that one global name may be declared in. Declarations of one name are one thing, so each use leads to all of them;
 * a folder of 20,000 scripts that each declare `i` shares nothing, and would be linked for hours.
 */
const GLOBAL_DECLARATIONS_MAX = 32;
/** Aliases that frameworks define for a package's own sources, where no tsconfig in the tree does. */
const FRAMEWORK_ALIASES: readonly [string, readonly string[]][] = [
  ["$lib/", ["src/lib/"]],
  ["@/", ["src/", "", "app/"]],
  ["~/", ["src/", "", "app/"]],
];

interface Config {
  folder: string;
  /** Absolute within the tree; first match of the longest pattern. */
  paths: { pattern: string; targets: string[] }[];
  baseUrl?: string;
  outDir?: string;
  rootDir?: string;
  jsxImportSource?: string;
}

interface Package {
  folder: string;
  manifest: PackageManifest;
}

export function createJavascriptResolver(tree: Tree): Resolver {
  const manifests = readManifests(tree);
  const packagesByName = new Map<string, Package[]>();
  for (const one of manifests.packages.values())
    if (one.manifest.name)
      packagesByName.set(one.manifest.name, [...(packagesByName.get(one.manifest.name) ?? []), one]);
  const nearestPackage = nearest(manifests.packages);
  const nearestConfig = nearest(manifests.configs);
  let globals: Map<string, Definition[]> | undefined;

  function resolveImport(from: string, fact: ImportFact, note: NotePlace): Resolution {
    const { isComputed, isImplicit } = fact;
    const configured = isImplicit && fact.specifier === JSX_RUNTIME && nearestConfig(folderOf(from))?.jsxImportSource;
    const specifier = configured ? `${configured}/${JSX_RUNTIME}` : fact.specifier;
    if (isComputed || (isImplicit && specifier === JSX_RUNTIME)) return noted({ kind: "dynamic" }, specifier, note);
    const name = specifier.slice(specifier.lastIndexOf("!") + 1).replace(/(?<=.)\?.*$/s, "");
    const folder = folderOf(from);
    const find = finder(tree, { prefersTypes: /\.[cm]?tsx?$/.test(from), note });
    if (/^\.\.?(?:\/|$)/.test(name))
      return asFiles(find(join(folder, name), name.endsWith("/") || /(?:^|\/)\.\.?$/.test(name)));
    if (/^[a-z][a-z\d+.-]*:/i.test(name)) return noted(byScheme(name), name, note);
    if (name.startsWith("/")) return asFiles(find(join(nearestPackage(folder)?.folder ?? "", name.slice(1))));
    const own =
      (name.startsWith("#") && throughImports(name, { folder, find })) || throughConfigs(name, { folder, find });
    if (own) return { kind: "files", paths: [own] };
    const bare = packageOf(name);
    if (BUILTINS.has(bare.name) && !declaredInside(bare.name, folder)) return noted({ kind: "builtin" }, name, note);
    const inside = throughPackages(bare, { folder, find }) ?? throughAliases(name, { folder, find });
    if (inside) return { kind: "files", paths: [inside] };
    note(name);
    return name.startsWith("#") ? { kind: "missing" } : { kind: "external", package: `npm:${bare.name}` };
  }

  function throughImports(name: string, { folder, find }: { folder: string; find: Finder }): string | undefined {
    const own = nearestPackage(folder);
    if (!own?.manifest.imports) return undefined;
    for (const leaf of exportedLeaves(own.manifest.imports, name)) {
      const found = leaf.startsWith(".")
        ? findEntry(own, leaf, find)
        : throughPackages(packageOf(leaf), { folder, find });
      if (found) return found;
    }
    return undefined;
  }

  /** The nearest configuration decides; those above it are asked after it, for folders that only a bundler's alias covers. */
  function throughConfigs(name: string, { folder, find }: { folder: string; find: Finder }): string | undefined {
    let config = nearestConfig(folder);
    for (let count = 0; config && count < EXTENDS_MAX; count++) {
      for (const { pattern, targets } of config.paths) {
        const filled = fillPattern(pattern, name);
        if (filled === undefined) continue;
        for (const target of targets) {
          const found = find(target.replace("*", filled));
          if (found) return found;
        }
        break;
      }
      if (config.baseUrl !== undefined) {
        const found = find(join(config.baseUrl, name));
        if (found) return found;
      }
      config = config.folder ? nearestConfig(folderOf(config.folder)) : undefined;
    }
    return undefined;
  }

  function throughPackages(
    { name, subpath }: { name: string; subpath: string },
    { folder, find }: { folder: string; find: Finder },
  ): string | undefined {
    const candidates = packagesByName.get(name);
    if (!candidates) return undefined;
    const importer = nearestPackage(folder);
    const one = importer?.manifest.name === name ? importer : chosenPackage(candidates, { name, folder });
    if (!one) return undefined;
    for (const entry of entriesOf(one.manifest, subpath)) {
      const found = findEntry(one, entry, find);
      if (found) return found;
    }
    const rest = subpath.slice(2);
    return find(join(one.folder, `src/${rest}`)) ?? find(join(one.folder, rest));
  }

  /** The file of the package that an entry of its manifest names, or the source it is built from. */
  function findEntry(one: Package, entry: string, find: Finder): string | undefined {
    const direct = find(join(one.folder, entry));
    if (direct) return direct;
    const config = manifests.configs.get(one.folder);
    const options = {
      ...(config?.outDir !== undefined && { outDir: config.outDir }),
      ...(config?.rootDir !== undefined && { rootDir: config.rootDir }),
    };
    for (const source of sourcesOf(entry, options)) {
      const found = find(join(one.folder, source));
      if (found) return found;
    }
    return undefined;
  }

  /**
   * Several folders may hold a package of that name (fixtures, templates). One that the importer asks for by path or as
   * part of the workspace is meant; one that it asks for by a version is, if its own version can be that one.
   */
  function chosenPackage(
    candidates: Package[],
    { name, folder }: { name: string; folder: string },
  ): Package | undefined {
    const wanted = wantedVersion(name, folder);
    const linked = wanted && /^(?:file|link|portal):(.*)$/.exec(wanted.version)?.[1];
    if (wanted && linked !== undefined) {
      const target = join(wanted.folder, linked);
      return candidates.find((one) => one.folder === target);
    }
    const fitting = candidates.filter(({ manifest }) => !wanted || fits(manifest.version, wanted.version));
    return fitting.sort(
      (a, b) => distance(a.folder, folder) - distance(b.folder, folder) || (a.folder < b.folder ? -1 : 1),
    )[0];
  }

  function declaredInside(name: string, folder: string): boolean {
    return packagesByName.has(name) && wantedVersion(name, folder) !== undefined;
  }

  function wantedVersion(name: string, folder: string): { version: string; folder: string } | undefined {
    let one = nearestPackage(folder);
    for (let count = 0; one && count < EXTENDS_MAX; count++) {
      const { dependencies } = one.manifest;
      const version = Object.hasOwn(dependencies, name) ? dependencies[name] : undefined;
      if (version !== undefined) return { version, folder: one.folder };
      one = one.folder ? nearestPackage(folderOf(one.folder)) : undefined;
    }
    return undefined;
  }

  function throughAliases(name: string, { folder, find }: { folder: string; find: Finder }): string | undefined {
    const root = nearestPackage(folder)?.folder ?? "";
    for (const [alias, folders] of FRAMEWORK_ALIASES)
      if (name.startsWith(alias))
        for (const target of folders) {
          const found = find(join(root, target + name.slice(alias.length)));
          if (found) return found;
        }
    return undefined;
  }

  function findFree(_from: string, name: string): readonly Definition[] | undefined {
    globals ??= collectGlobals(tree);
    return globals.get(name);
  }

  return { resolveImport, findFree };
}

type Finder = (base: string, isFolder?: boolean) => string | undefined;

/** The file that a path without or with another extension, or a folder, stands for. */
function finder(tree: Tree, { prefersTypes, note }: { prefersTypes: boolean; note: NotePlace }): Finder {
  const ordered = (extensions: readonly string[]) =>
    prefersTypes
      ? extensions
      : [...extensions].sort((a, b) => Number(a.startsWith(".d.")) - Number(b.startsWith(".d.")));
  const withAny = (base: string, extensions: readonly string[]) => {
    const extension = ordered(extensions).find((one) => tree.has(base + one));
    return extension === undefined ? undefined : base + extension;
  };
  return (base, isFolder = false) => {
    note(base);
    if (base.startsWith("..")) return undefined;
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
    const manifest = tree.has(path) ? manifestAt(tree, path) : undefined;
    if (manifest?.kind !== "package.json") return undefined;
    const { types, module, main } = manifest.content;
    for (const entry of [types, module, main]) {
      if (entry === undefined) continue;
      const target = join(base, entry);
      note(target);
      if (tree.has(target)) return target;
      const found = withAny(target, APPENDED) ?? withAny(target.replace(/\.[cm]?js$/, ""), APPENDED);
      if (found) return found;
    }
    return undefined;
  }
}

/** Packages of npm that the repository publishes: by name the file that the name stands for, or else the manifest. */
export function publishedNpmPackages(tree: Tree, resolverOf: (path: string) => Resolver): Record<string, string> {
  const published = new Map<string, string>();
  // Of several with one name the outermost counts: those further down are fixtures.
  const byDepth = tree
    .manifests("package.json")
    .flatMap((path): Package[] => {
      const manifest = manifestAt(tree, path);
      return manifest?.kind === "package.json" ? [{ folder: folderOf(path), manifest: manifest.content }] : [];
    })
    .sort((a, b) => depthOf(a) - depthOf(b));
  for (const { folder, manifest } of byDepth) {
    const { name, isPrivate } = manifest;
    if (!name || isPrivate || published.has(name)) continue;
    const path = join(folder, "package.json");
    const importer = join(folder, "index.ts");
    const fact = { kind: "import", specifier: name, line: 1, column: 1 } as const;
    const entry = resolverOf(importer).resolveImport(importer, fact, () => undefined);
    published.set(name, (entry.kind === "files" && entry.paths[0]) || path);
  }
  return Object.fromEntries([...published].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const depthOf = ({ folder }: Package) => folder.split("/").length;

function manifestAt(tree: Tree, path: string): JavascriptManifest | undefined {
  // Only manifest.ts writes manifests of the files that this is asked of.
  return tree.facts(path).manifest as JavascriptManifest | undefined;
}

function readManifests(tree: Tree): { packages: Map<string, Package>; configs: Map<string, Config> } {
  const packages = new Map<string, Package>();
  const tsconfigs = new Map<string, TsconfigManifest>();
  for (const path of [...tree.manifests("package.json"), ...tree.manifests("tsconfig.json")]) {
    const manifest = manifestAt(tree, path);
    if (manifest?.kind === "package.json")
      packages.set(folderOf(path), { folder: folderOf(path), manifest: manifest.content });
    else if (manifest?.kind === "tsconfig.json") tsconfigs.set(path, manifest.content);
  }
  const configs = new Map<string, Config>();
  const named = new Map([...packages.values()].map((one) => [one.manifest.name ?? "", one.folder]));
  for (const path of tsconfigs.keys()) {
    if (!/(?:^|\/)(?:tsconfig|jsconfig)\.json$/.test(path)) continue;
    const folder = folderOf(path);
    if (configs.has(folder) && path.endsWith("jsconfig.json")) continue;
    configs.set(folder, configOf(path, { tsconfigs, named }));
  }
  return { packages, configs };
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
    const base = content.baseUrl === undefined ? undefined : join(folder, content.baseUrl);
    if (base !== undefined) config.baseUrl ??= base;
    if (content.paths && !config.paths.length)
      config.paths = Object.entries(content.paths)
        .map(([pattern, targets]) => ({ pattern, targets: targets.map((target) => join(base ?? folder, target)) }))
        .sort((a, b) => lengthBefore(b.pattern) - lengthBefore(a.pattern));
    if (content.outDir !== undefined) config.outDir ??= content.outDir;
    if (content.rootDir !== undefined) config.rootDir ??= content.rootDir;
    if (content.jsxImportSource !== undefined) config.jsxImportSource ??= content.jsxImportSource;
    const found = (candidates: string[]) => candidates.find((one) => tsconfigs.has(one));
    for (const one of [...content.extends].reverse()) {
      const target = one.startsWith(".") ? join(folder, one) : inPackage(one, named);
      const file = target === undefined ? undefined : found([target, `${target}.json`, `${target}/tsconfig.json`]);
      if (file) queue.unshift(file);
    }
    for (const one of content.references) {
      const target = join(folder, one);
      // A reference to another folder is another project, with a configuration of its own.
      const file = found([target, `${target}.json`]);
      if (file && folderOf(file) === config.folder) queue.push(file);
    }
  }
  return config;
}

function inPackage(specifier: string, named: Map<string, string>): string | undefined {
  const { name, subpath } = packageOf(specifier);
  const folder = named.get(name);
  return folder === undefined ? undefined : join(folder, subpath === "." ? "tsconfig.json" : subpath);
}

/** Exact patterns first, then the longest text before the star. */
function lengthBefore(pattern: string): number {
  const star = pattern.indexOf("*");
  return star < 0 ? Infinity : star;
}

function collectGlobals(tree: Tree): Map<string, Definition[]> {
  const globals = new Map<string, Definition[]>();
  for (const path of tree.ambient())
    for (const one of tree.facts(path).exports) {
      if (!("isGlobal" in one) || !one.isGlobal || one.target.kind !== "symbol") continue;
      const declarations = globals.get(one.name) ?? [];
      declarations.push({ path, symbol: one.target.symbol });
      globals.set(one.name, declarations);
    }
  for (const [name, declarations] of globals) if (declarations.length > GLOBAL_DECLARATIONS_MAX) globals.delete(name);
  return globals;
}

/** The nearest folder that has one, from a folder upwards. */
function nearest<Value>(byFolder: Map<string, Value>): (folder: string) => Value | undefined {
  const known = new Map<string, Value | undefined>();
  return (folder) => {
    const passed: string[] = [];
    let at = folder;
    let found: Value | undefined;
    for (;;) {
      if (known.has(at)) {
        found = known.get(at);
        break;
      }
      passed.push(at);
      found = byFolder.get(at);
      if (found !== undefined || at === "") break;
      at = folderOf(at);
    }
    for (const one of passed) known.set(one, found);
    return found;
  };
}

/** Whether a package of this version can be what `wanted` asks for; what is no number is let through. */
function fits(version: string | undefined, wanted: string): boolean {
  return version === undefined || version === "0.0" || !/^\d/.test(wanted) || version === wanted || wanted === "0";
}

/** Steps from one folder to another through their nearest common folder. */
function distance(a: string, b: string): number {
  const left = a ? a.split("/") : [];
  const right = b ? b.split("/") : [];
  let same = 0;
  while (same < left.length && left[same] === right[same]) same++;
  return left.length + right.length - 2 * same;
}

function packageOf(specifier: string): { name: string; subpath: string } {
  const segments = specifier.split("/");
  const count = specifier.startsWith("@") ? 2 : 1;
  const rest = segments.slice(count).join("/");
  return { name: segments.slice(0, count).join("/"), subpath: rest ? `./${rest}` : "." };
}

function byScheme(name: string): Resolution {
  if (/^(?:node|bun|deno|cloudflare|workerd):/.test(name)) return { kind: "builtin" };
  const registry = /^(?:npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)/.exec(name)?.[1];
  return { kind: "external", package: `npm:${registry ?? name}` };
}

function noted(resolution: Resolution, place: string, note: NotePlace): Resolution {
  note(place);
  return resolution;
}

function asFiles(path: string | undefined): Resolution {
  return path === undefined ? { kind: "missing" } : { kind: "files", paths: [path] };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Below the tree's root; a path that leaves it starts with `..`. */
function join(folder: string, path: string): string {
  const segments: string[] = folder ? folder.split("/") : [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === ".." && segments.length && segments.at(-1) !== "..") segments.pop();
    else segments.push(segment);
  }
  return segments.join("/");
}
