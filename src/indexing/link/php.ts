// Where PHP's names lead: to whatever file declares them, which composer's PSR-4 prefixes tell apart where several do.
import { folderOf, pathIn } from "../../graph/path-names.ts";
import type { ComposerManifest } from "../../languages/package-manifests.ts";
import { choiceOf, sureness, type Choice } from "./choice.ts";
import { createPackageNames } from "./package-names.ts";
import type { Resolution, Resolver, Tree } from "./tree.ts";

/** What composer installed in a folder is for what stands there: fixtures of tests have packages of their own. */
function isInstalledFor(from: string, path: string): boolean {
  const folder = /^(.*?)(?:^|\/)vendor\//.exec(path)?.[1];
  return folder === undefined || folder === "" || from.startsWith(`${folder}/`);
}

export function createPhpResolver(tree: Tree): Resolver {
  /** Namespace prefix → folders. */
  const prefixes: { prefix: string; folders: string[] }[] = [];
  for (const path of tree.manifests("composer.json")) {
    const { manifest } = tree.facts(path);
    if (!manifest) continue;
    // Written by our own reader of composer.json.
    const { namespaces } = manifest.content as ComposerManifest;
    for (const [prefix, folders] of Object.entries(namespaces))
      prefixes.push({ prefix, folders: folders.flatMap((folder) => pathIn(folderOf(path), folder) ?? []) });
  }
  const files = tree.filesIn(new Set(["php"]));
  const folders = new Set(files.map(folderOf));
  // Names of classes and functions have no case.
  const { declared } = createPackageNames(tree, files, (name) => name.toLowerCase());

  function find(from: string, whole: string, isExact = false): readonly Choice[] | undefined {
    const end = whole.lastIndexOf("\\");
    const some = declared(whole.slice(0, Math.max(0, end)), whole.slice(end + 1)).filter(({ path }) =>
      isInstalledFor(from, path),
    );
    const found = isExact
      ? some.filter(({ path, symbol }) => whole.endsWith(tree.facts(path).symbols[symbol]?.name ?? ""))
      : some;
    if (found.length < 2) return found.length === 0 ? undefined : found;
    const autoloaded = found.filter(({ path }) => autoloadPaths(whole).includes(path));
    return choiceOf(from, autoloaded.length > 0 ? autoloaded : found);
  }

  function autoloadPaths(whole: string): string[] {
    return prefixes.flatMap(({ prefix, folders }) =>
      whole.startsWith(prefix)
        ? folders.flatMap((folder) => pathIn(folder, `${whole.slice(prefix.length).replaceAll("\\", "/")}.php`) ?? [])
        : [],
    );
  }

  return {
    resolveImport(from, { specifier, kind }, note): Resolution {
      if (kind === "include") {
        const places = [pathIn(folderOf(from), specifier), pathIn("", specifier)].filter((path) => path !== undefined);
        for (const path of places) note(path);
        const path = places.find((one) => tree.has(one));
        return path === undefined ? { kind: "dynamic" } : { kind: "files", paths: [path] };
      }
      note({ name: specifier });
      const found = find(from, specifier);
      if (found) return { kind: "files", paths: found.map(({ path }) => path), ...sureness(found) };
      for (const path of autoloadPaths(specifier)) note(path);
      const files = autoloadPaths(specifier).filter((path) => tree.has(path));
      if (files.length > 0) return { kind: "files", paths: files };
      // One name alone is of the language or of an extension.
      if (!specifier.includes("\\")) return { kind: "builtin" };
      if (autoloadPaths(specifier).some((path) => folders.has(folderOf(path)))) return { kind: "missing" };
      return { kind: "external", package: `composer:${specifier}` };
    },
    findFree(from, name) {
      if (name.startsWith("\\")) return find(from, name.slice(1));
      const namespace = tree.facts(from).package;
      if (namespace === undefined) return find(from, name);
      // Functions and constants fall back to the global ones. `logger()` is no `Logger`, unless there is nothing else.
      const own = find(from, `${namespace}\\${name}`, true);
      const global = find(from, name, true)?.filter(({ path, symbol }) =>
        /^(?:function|constant)$/.test(tree.facts(path).symbols[symbol]?.kind ?? ""),
      );
      return own ?? (global?.length ? global : find(from, `${namespace}\\${name}`));
    },
  };
}
