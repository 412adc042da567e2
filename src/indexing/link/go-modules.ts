// Which folder a path of Go's modules means: as the importer's own go.mod and the workspace that it is of say, then as any
// module of the tree is called.
import { folderOf, foldersAround, nearestPaths, pathIn } from "../../graph/path-names.ts";
import type { GoModule, GoWorkspace } from "../../languages/package-manifests.ts";
import type { Choice } from "./choice.ts";
import type { Tree } from "./tree.ts";

interface Module {
  path: string;
  folder: string;
}

interface Place extends Pick<Choice, "isGuess" | "isTied"> {
  folder: string;
}

/**
 * Folders that the package `specifier` has as a file names it, likeliest first; several in one place are tied. None: it is
 * below no module of the tree.
 */
export type FindPackage = (from: string, specifier: string) => Place[][];

export function createGoModules(tree: Tree): FindPackage {
  const modules = new Map<string, Module>();
  /** By folder of a module, what its paths mean besides its own. */
  const known = new Map<string, readonly Module[]>();
  const replaced = new Map<string, Module[]>();
  for (const path of tree.manifests("go.mod")) {
    const { manifest } = tree.facts(path);
    if (!manifest) continue;
    // Written by our own reader of go.mod.
    const { module, replace } = manifest.content as GoModule;
    const folder = folderOf(path);
    if (module !== "") modules.set(folder, { path: module, folder });
    replaced.set(folder, foldersOf(folder, replace));
  }
  const all = [...modules.values()];

  /** What files of a module mean by paths, before all others. */
  function ownOf(folder: string): readonly Module[] {
    const before = known.get(folder);
    if (before) return before;
    const own = modules.get(folder);
    const shared = workspaces.find(({ members }) => members.has(folder));
    const found = [...(own ? [own] : []), ...(replaced.get(folder) ?? []), ...(shared?.modules ?? [])];
    known.set(folder, found);
    return found;
  }

  const workspaces = tree.manifests("go.work").flatMap((path) => {
    const { manifest } = tree.facts(path);
    if (!manifest) return [];
    // Written by our own reader of go.work.
    const { use, replace } = manifest.content as GoWorkspace;
    const members = new Set(use.flatMap((one) => pathIn(folderOf(path), one) ?? []));
    const used = [...members].flatMap((folder) => modules.get(folder) ?? []);
    const ofMembers = [...members].flatMap((folder) => replaced.get(folder) ?? []);
    return [{ members, modules: [...used, ...foldersOf(folderOf(path), replace), ...ofMembers] }];
  });

  return (from, specifier) => {
    const home = foldersAround(folderOf(from)).find((folder) => replaced.has(folder));
    const own = home === undefined ? [] : ownOf(home);
    const places = below(own, specifier).map((one) => [one]);
    const others = longest(all, specifier);
    const manifests = others.map(({ folder }) => pathIn(folder, "go.mod") ?? "");
    const nearest = nearestPaths(from, manifests);
    const chosen = others.filter((_, at) => nearest.includes(manifests[at] ?? ""));
    const sureness =
      chosen.length > 1 ? { isTied: true as const } : others.length > 1 ? { isGuess: true as const } : {};
    return [...places, below(chosen, specifier).map((one) => ({ ...one, ...sureness }))].filter(
      (some) => some.length > 0,
    );
  };
}

function foldersOf(around: string, replace: Record<string, string>): Module[] {
  return Object.entries(replace).flatMap(([path, target]) => {
    const folder = pathIn(around, target);
    return folder === undefined ? [] : [{ path, folder }];
  });
}

const isBelow = ({ path }: Module, specifier: string) => specifier === path || specifier.startsWith(`${path}/`);

function longest(modules: readonly Module[], specifier: string): Module[] {
  const around = modules.filter((one) => isBelow(one, specifier));
  const length = Math.max(...around.map(({ path }) => path.length));
  return around.filter(({ path }) => path.length === length);
}

/** Folders of the package in the modules that it is below, of the longest paths first. */
function below(modules: readonly Module[], specifier: string): Place[] {
  const around = modules.filter((one) => isBelow(one, specifier)).sort((a, b) => b.path.length - a.path.length);
  return around.flatMap(({ path, folder }) => {
    const found = pathIn(folder, specifier.slice(path.length + 1));
    return found === undefined ? [] : [{ folder: found }];
  });
}
