// Where JavaScript and TypeScript imports lead, by the paths and manifests of the snapshot alone: no disk, and no
// node_modules. Order and rules are those of TypeScript's `bundler` resolution.
import { posix } from "node:path";
import type { ImportFact } from "../../languages/facts.ts";
import type { PackageManifest, TsconfigManifest } from "../../languages/manifest.ts";
import { BUILTIN_MODULES } from "./node-builtins.ts";
import type { Resolution, Resolver, Tree } from "./tree.ts";

/** Endings that an import may leave out, in the order they are tried. */
const ENDINGS = [".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".vue", ".svelte"];
/** What a written JavaScript ending may stand for: the source it will be compiled from. */
const SOURCES: Record<string, string[]> = {
  ".js": [".ts", ".tsx", ".d.ts", ".jsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts", ".d.mts"],
  ".cjs": [".cts", ".d.cts"],
};
/** Conditions of `exports`, those that name sources first: what is built is not in the repository. */
const CONDITIONS = ["source", "development", "types", "import", "module", "require", "node", "browser", "default"];
const EXTENDS_MAX = 10;

interface Package {
  directory: string;
  manifest: PackageManifest;
}

export function createJavascriptResolver(tree: Tree): Resolver {
  const packages = packagesOf(tree);
  const byName = new Map(
    [...packages.values()].flatMap((one) => (one.manifest.name ? [[one.manifest.name, one]] : [])),
  );
  const configs = new Map<string, Aliases | undefined>();

  /** The file of a path as an import writes it: itself, with an ending, or as a folder. */
  function findFile(path: string): string | undefined {
    const clean = posix.normalize(path).replace(/\/$/, "");
    if (clean.startsWith("..")) return undefined;
    const extension = posix.extname(clean);
    const stem = clean.slice(0, clean.length - extension.length);
    const candidates = [
      ...(SOURCES[extension] ?? []).map((ending) => stem + ending),
      clean,
      ...ENDINGS.map((ending) => clean + ending),
    ];
    return candidates.find((one) => tree.has(one)) ?? findFolder(clean);
  }

  function findFolder(directory: string): string | undefined {
    const base = directory === "." ? "" : directory;
    const own = packages.get(base);
    const entry = own && base !== "" ? entryOf(own, ".") : undefined;
    return entry ?? ENDINGS.map((ending) => posix.join(base, `index${ending}`)).find((one) => tree.has(one));
  }

  /** What a package offers at `subpath` (`.` or `./x`). Built files are looked for where their sources may be. */
  function entryOf({ directory, manifest }: Package, subpath: string): string | undefined {
    const declared =
      manifest.exports === undefined
        ? subpath === "."
          ? [manifest.types, manifest.module, manifest.main].flatMap((one) => one ?? [])
          : [subpath]
        : exportsAt(manifest.exports, subpath);
    for (const one of declared) {
      const found = findSource(directory, one);
      if (found) return found;
    }
    if (subpath !== ".") return findIn(directory, subpath) ?? findIn(posix.join(directory, "src"), subpath);
    return ["src/index", "index", "src/main", "lib/index"].map((one) => findIn(directory, one)).find(Boolean);
  }

  function findIn(directory: string, path: string): string | undefined {
    return findFile(posix.join(directory, path));
  }

  /** A declared entry, or the source it is built from: `dist/a.js` from `src/a.ts`. */
  function findSource(directory: string, declared: string): string | undefined {
    const direct = findIn(directory, declared);
    if (direct) return direct;
    const plain = declared.replace(/^\.\//, "").replace(/\.d\.([cm]?)ts$/, ".$1js");
    const [, , inside] =
      /^(dist|build|lib|out|esm|cjs|es|types)\/(?:(?:esm|cjs|es|types|src)\/)?(.+)$/.exec(plain) ?? [];
    if (inside === undefined) return undefined;
    return findIn(posix.join(directory, "src"), inside) ?? findIn(directory, inside);
  }

  function nearestPackage(from: string): Package | undefined {
    for (const directory of foldersUp(from)) {
      const found = packages.get(directory);
      if (found) return found;
    }
    return undefined;
  }

  function aliasesFor(from: string): Aliases | undefined {
    for (const directory of foldersUp(from)) {
      const path = ["tsconfig.json", "jsconfig.json"]
        .map((name) => posix.join(directory, name))
        .find((one) => tree.has(one));
      if (path === undefined) continue;
      if (!configs.has(path)) configs.set(path, readAliases(tree, path, findPackageFile));
      return configs.get(path);
    }
    return undefined;
  }

  /** `extends` of a package in the workspace. */
  function findPackageFile(specifier: string): string | undefined {
    const { name, subpath } = splitName(specifier);
    const found = byName.get(name);
    if (!found) return undefined;
    const path = posix.join(found.directory, subpath === "." ? "tsconfig.json" : subpath);
    return [path, `${path}.json`].find((one) => tree.has(one));
  }

  function byAlias(from: string, specifier: string): string | undefined {
    const aliases = aliasesFor(from);
    if (!aliases) return undefined;
    for (const { pattern, targets, base } of aliases.paths) {
      const star = matchStar(pattern, specifier);
      if (star === undefined) continue;
      for (const target of targets) {
        const found = findFile(posix.join(base, target.replace("*", star)));
        if (found) return found;
      }
    }
    return aliases.baseUrl === undefined ? undefined : findFile(posix.join(aliases.baseUrl, specifier));
  }

  function find(from: string, specifier: string): string | undefined {
    if (/^\.\.?(?:\/|$)/.test(specifier)) return findFile(posix.join(posix.dirname(from), specifier));
    if (specifier.startsWith("/")) return undefined;
    if (specifier.startsWith("#")) {
      const own = nearestPackage(from);
      for (const target of own?.manifest.imports === undefined ? [] : exportsAt(own.manifest.imports, specifier)) {
        const found = own && findSource(own.directory, target);
        if (found) return found;
      }
    }
    const aliased = byAlias(from, specifier);
    if (aliased) return aliased;
    const { name, subpath } = splitName(specifier);
    const found = byName.get(name);
    return found && entryOf(found, subpath);
  }

  return {
    resolveImport(from: string, { specifier: written }: ImportFact): Resolution {
      // Bundlers take a query behind the path: `./logo.svg?raw`.
      const specifier = written.replace(/\?.*$/, "");
      if (specifier === "" || /^[a-z]+:\/\//i.test(specifier)) return { kind: "external", package: written };
      if (specifier.startsWith("node:")) return { kind: "builtin" };
      const path = find(from, specifier);
      if (path !== undefined) return { kind: "files", paths: [path] };
      if (/^[./#]/.test(specifier)) return { kind: "missing" };
      const { name } = splitName(specifier);
      return BUILTIN_MODULES.has(name) ? { kind: "builtin" } : { kind: "external", package: name };
    },
  };
}

/** Names under which the repository publishes packages. */
export function publishedPackages(tree: Tree): string[] {
  return [...new Set([...packagesOf(tree).values()].flatMap(({ manifest }) => manifest.name ?? []))].sort();
}

/** Packages by their folder; the root is the empty one. */
function packagesOf(tree: Tree): Map<string, Package> {
  const found = new Map<string, Package>();
  for (const path of tree.paths) {
    if (!path.endsWith("package.json") || (path !== "package.json" && !path.endsWith("/package.json"))) continue;
    const { manifest } = tree.facts(path);
    const directory = path === "package.json" ? "" : posix.dirname(path);
    // The kind says which of our extractors made it.
    if (manifest?.kind === "package.json")
      found.set(directory, { directory, manifest: manifest.content as PackageManifest });
  }
  return found;
}

interface Aliases {
  baseUrl: string | undefined;
  /** Longest fixed part first, as TypeScript chooses. */
  paths: { pattern: string; targets: string[]; base: string }[];
}

/** `paths` and `baseUrl` of a configuration, each from the nearest one in its chain of `extends` that has it. */
function readAliases(
  tree: Tree,
  start: string,
  findPackageFile: (specifier: string) => string | undefined,
): Aliases | undefined {
  let baseUrl: string | undefined;
  let paths: Aliases["paths"] | undefined;
  const pending = [start];
  for (let read = 0; pending.length > 0 && read < EXTENDS_MAX; read++) {
    const path = pending.shift() ?? start;
    const { manifest } = tree.facts(path);
    if (manifest?.kind !== "tsconfig.json") continue;
    // The kind says which of our extractors made it.
    const config = manifest.content as TsconfigManifest;
    const directory = posix.dirname(path);
    if (baseUrl === undefined && config.baseUrl !== undefined) baseUrl = posix.join(directory, config.baseUrl);
    const base = config.baseUrl === undefined ? directory : posix.join(directory, config.baseUrl);
    paths ??= config.paths && Object.entries(config.paths).map(([pattern, targets]) => ({ pattern, targets, base }));
    for (const one of [...(config.extends ?? [])].reverse()) {
      const found = one.startsWith(".")
        ? [posix.join(directory, one), `${posix.join(directory, one)}.json`].find((file) => tree.has(file))
        : findPackageFile(one);
      if (found) pending.push(found);
    }
  }
  const ordered = (paths ?? []).sort((a, b) => fixedLength(b.pattern) - fixedLength(a.pattern));
  return baseUrl === undefined && ordered.length === 0 ? undefined : { baseUrl, paths: ordered };
}

/** Targets of `exports` or `imports` at a key, those of preferred conditions first. */
function exportsAt(declared: unknown, key: string): string[] {
  const isMap = isObject(declared) && Object.keys(declared).some((one) => /^[.#]/.test(one));
  if (!isMap) return key === "." ? targetsOf(declared, "") : [];
  const entries = Object.entries(declared);
  const direct = entries.find(([pattern]) => pattern === key);
  if (direct) return targetsOf(direct[1], "");
  const matching = entries
    .flatMap(([pattern, target]) => {
      const star = pattern.includes("*") ? matchStar(pattern, key) : undefined;
      return star === undefined ? [] : [{ pattern, target, star }];
    })
    .sort((a, b) => fixedLength(b.pattern) - fixedLength(a.pattern));
  return matching.flatMap(({ target, star }) => targetsOf(target, star));
}

function targetsOf(target: unknown, star: string): string[] {
  if (typeof target === "string") return [target.replaceAll("*", star)];
  if (Array.isArray(target)) return target.flatMap((one) => targetsOf(one, star));
  if (!isObject(target)) return [];
  const known = CONDITIONS.filter((one) => one in target);
  const others = Object.keys(target).filter((one) => !CONDITIONS.includes(one));
  return [...known, ...others].flatMap((one) => targetsOf(target[one], star));
}

/** What `*` stands for, if the pattern matches; the empty string for a pattern without one. */
function matchStar(pattern: string, text: string): string | undefined {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === text ? "" : undefined;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const isMatch = text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
  return isMatch ? text.slice(before.length, text.length - after.length) : undefined;
}

const fixedLength = (pattern: string) => pattern.replace(/\*.*$/, "").length;

function splitName(specifier: string): { name: string; subpath: string } {
  const parts = specifier.split("/");
  const count = specifier.startsWith("@") ? 2 : 1;
  const rest = parts.slice(count).join("/");
  return { name: parts.slice(0, count).join("/"), subpath: rest === "" ? "." : `./${rest}` };
}

/** The folder of a file and those above it, the root as the empty one. */
function foldersUp(path: string): string[] {
  const folders: string[] = [];
  for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at)) folders.push(at);
  return [...folders, ""];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
