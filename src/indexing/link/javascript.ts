// Where imports of TypeScript and JavaScript lead, by the paths and manifests of the tree alone: no disk, no node_modules.
// Follows TypeScript's bundler resolution; sources are preferred to what is built from them.
import { JSX_RUNTIME, type ImportFact } from "../../languages/facts.ts";
import type { Definition } from "../../graph/links.ts";
import { folderOf, pathIn } from "../../graph/path-names.ts";
import { readConfigs } from "./javascript-configs.ts";
import { finder, type Finder } from "./javascript-files.ts";
import { entriesOf, exportedLeaves, fillPattern, sourcesOf } from "./javascript-packages.ts";
import { createWorkspaces, nearest, splitSpecifier, type Package } from "./javascript-workspaces.ts";
import type { Note, Resolution, Resolver, Tree } from "./tree.ts";

const BUILTINS = new Set(
  "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib".split(
    " ",
  ),
);

/**
 * Files that one global name may be declared in. Declarations of one name are one thing, so each use leads to all of them;
 * a folder of 20,000 scripts that each declare `i` shares nothing, and would be linked for hours.
 */
const GLOBAL_DECLARATIONS_MAX = 32;
/** Configurations around one another that are asked in turn. */
const CONFIGS_AROUND_MAX = 16;
/** Aliases that frameworks define for a package's own sources, where no tsconfig in the tree does. */
const FRAMEWORK_ALIASES: readonly [string, readonly string[]][] = [
  ["$lib/", ["src/lib/"]],
  ["@/", ["src/", "", "app/"]],
  ["~/", ["src/", "", "app/"]],
];

export function createJavascriptResolver(tree: Tree): Resolver {
  const workspaces = createWorkspaces(tree);
  const configs = readConfigs(tree, workspaces);
  const nearestConfig = nearest(configs);
  let globals: Map<string, Definition[]> | undefined;

  function resolveImport(from: string, fact: ImportFact, note: Note): Resolution {
    const { isComputed, isImplicit } = fact;
    const configured = isImplicit && fact.specifier === JSX_RUNTIME && nearestConfig(folderOf(from))?.jsxImportSource;
    const specifier = configured ? `${configured}/${JSX_RUNTIME}` : fact.specifier;
    if (isComputed || (isImplicit && specifier === JSX_RUNTIME)) return noted({ kind: "dynamic" }, specifier, note);
    const name = specifier.slice(specifier.lastIndexOf("!") + 1).replace(/(?<=.)\?.*$/s, "");
    const folder = folderOf(from);
    const find = finder(tree, { prefersTypes: /\.[cm]?tsx?$/.test(from), note });
    if (/^\.\.?(?:\/|$)/.test(name)) {
      const path = pathIn(folder, name);
      if (path === undefined) return noted({ kind: "missing" }, name, note);
      return asFiles(find(path, name.endsWith("/") || /(?:^|\/)\.\.?$/.test(name)));
    }
    if (/^[a-z][a-z\d+.-]*:/i.test(name)) return noted(byScheme(name), name, note);
    if (name.startsWith("/")) return asFiles(find(pathIn(workspaces.packageOf(folder)?.folder ?? "", name.slice(1))));
    const own =
      (name.startsWith("#") && throughImports(name, { folder, find })) || throughConfigs(name, { folder, find });
    if (own) return { kind: "files", paths: [own] };
    const bare = splitSpecifier(name);
    if (BUILTINS.has(bare.name) && !workspaces.isAskedFor(bare.name, folder))
      return noted({ kind: "builtin" }, name, note);
    const inside = throughPackages(bare, { folder, find }) ?? throughAliases(name, { folder, find });
    if (inside) return { kind: "files", paths: [inside] };
    note(name);
    return name.startsWith("#") ? { kind: "missing" } : { kind: "external", package: `npm:${bare.name}` };
  }

  function throughImports(name: string, { folder, find }: { folder: string; find: Finder }): string | undefined {
    const own = workspaces.packageOf(folder);
    if (!own?.manifest.imports) return undefined;
    for (const leaf of exportedLeaves(own.manifest.imports, name)) {
      const found = leaf.startsWith(".")
        ? findEntry(own, leaf, find)
        : throughPackages(splitSpecifier(leaf), { folder, find });
      if (found) return found;
    }
    return undefined;
  }

  /** The nearest configuration decides; those above it are asked after it, for folders that only a bundler's alias covers. */
  function throughConfigs(name: string, { folder, find }: { folder: string; find: Finder }): string | undefined {
    let config = nearestConfig(folder);
    for (let count = 0; config && count < CONFIGS_AROUND_MAX; count++) {
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
        const found = find(pathIn(config.baseUrl, name));
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
    const one = workspaces.find(name, folder);
    if (!one) return undefined;
    for (const entry of entriesOf(one.manifest, subpath)) {
      const found = findEntry(one, entry, find);
      if (found) return found;
    }
    const rest = subpath.slice(2);
    return find(pathIn(one.folder, `src/${rest}`)) ?? find(pathIn(one.folder, rest));
  }

  /** The file of the package that an entry of its manifest names, or the source it is built from. */
  function findEntry(one: Package, entry: string, find: Finder): string | undefined {
    const direct = find(pathIn(one.folder, entry));
    if (direct) return direct;
    const config = configs.get(one.folder);
    const options = {
      ...(config?.outDir !== undefined && { outDir: config.outDir }),
      ...(config?.rootDir !== undefined && { rootDir: config.rootDir }),
    };
    for (const source of sourcesOf(entry, options)) {
      const found = find(pathIn(one.folder, source));
      if (found) return found;
    }
    return undefined;
  }

  function throughAliases(name: string, { folder, find }: { folder: string; find: Finder }): string | undefined {
    const root = workspaces.packageOf(folder)?.folder ?? "";
    for (const [alias, folders] of FRAMEWORK_ALIASES)
      if (name.startsWith(alias))
        for (const target of folders) {
          const found = find(pathIn(root, target + name.slice(alias.length)));
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

function byScheme(name: string): Resolution {
  if (/^(?:node|bun|deno|cloudflare|workerd):/.test(name)) return { kind: "builtin" };
  const registry = /^(?:npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)/.exec(name)?.[1];
  return { kind: "external", package: `npm:${registry ?? name}` };
}

function noted(resolution: Resolution, place: string, note: Note): Resolution {
  note(place);
  return resolution;
}

function asFiles(path: string | undefined): Resolution {
  return path === undefined ? { kind: "missing" } : { kind: "files", paths: [path] };
}
