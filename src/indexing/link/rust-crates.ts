// The crates of a tree by their Cargo.toml files, and which of them a name in code means, as Cargo finds it: a dependency with
// a folder is the crate there; one with a version alone comes from the registry, whatever the tree has of its name.
import { folderOf, foldersAround, nearestPaths, pathIn } from "../../graph/path-names.ts";
import type { CargoDependency, CargoManifest } from "../../languages/cargo-manifest.ts";
import { addTo } from "../../platform/group-by.ts";
import type { Tree } from "./tree.ts";

interface Crate {
  folder: string;
  manifest: CargoManifest;
  /** File of its library. */
  library: string | undefined;
}

export interface Crates {
  /** The crate that a file is of. */
  of(path: string): Crate | undefined;
  /** What a file means by the name of a crate. */
  find(from: string, name: string): Found;
}

interface Found {
  /** The file of its library, if that is in the tree. */
  library?: string;
  /** No manifest says so. */
  isGuess?: true;
  /** What it is called where it comes from. */
  elsewhere: string;
}

export function createCrates(tree: Tree): Crates {
  const crates = new Map<string, Crate>();
  const byName = new Map<string, string[]>();
  const known = new Map<string, Found>();
  for (const path of tree.manifests("Cargo.toml")) {
    const { manifest } = tree.facts(path);
    if (!manifest) continue;
    // Written by our own reader of Cargo.toml.
    const content = manifest.content as CargoManifest;
    const folder = folderOf(path);
    const library = [content.libraryPath ?? "src/lib.rs", "lib.rs"]
      .map((file) => pathIn(folder, file) ?? "")
      .find((file) => tree.has(file));
    crates.set(folder, { folder, manifest: content, library });
    if (content.crate !== undefined && library !== undefined) addTo(byName, content.crate, library);
  }
  return { of, find };

  function of(path: string): Crate | undefined {
    for (const folder of foldersAround(folderOf(path))) {
      const crate = crates.get(folder);
      if (crate) return crate;
    }
    return undefined;
  }

  function workspaceOf(crate: Crate): Crate | undefined {
    for (const folder of foldersAround(crate.folder)) {
      const root = crates.get(folder);
      if (root?.manifest.workspace) return root;
    }
    return undefined;
  }

  function find(from: string, name: string): Found {
    const crate = of(from);
    const key = `${crate?.folder ?? folderOf(from)} ${name}`;
    const found = known.get(key) ?? findIn(crate, { from, name });
    known.set(key, found);
    return found;
  }

  function findIn(crate: Crate | undefined, { from, name }: { from: string; name: string }): Found {
    if (crate) {
      const { dependencies } = crate.manifest;
      if (Object.hasOwn(dependencies, name)) return asked(crate, name);
      // Tests and programs beside the library call it by its name.
      if (crate.manifest.crate === name && crate.library !== undefined)
        return { library: crate.library, elsewhere: name };
      // A library may be called otherwise than its package.
      for (const one of Object.keys(dependencies)) {
        const { library, elsewhere } = asked(crate, one);
        if (library !== undefined && elsewhere === one && of(library)?.manifest.crate === name)
          return { library, elsewhere: name };
      }
    }
    const place = crate ? (pathIn(crate.folder, "Cargo.toml") ?? from) : from;
    const [nearest, other] = nearestPaths(place, byName.get(name) ?? []);
    return nearest === undefined || other !== undefined
      ? { elsewhere: name }
      : { library: nearest, isGuess: true, elsewhere: name };
  }

  /** What a dependency leads to that the crate asks for. */
  function asked(crate: Crate, name: string): Found {
    const own = ownOf(crate.manifest.dependencies, name);
    const root = workspaceOf(crate);
    const shared = own?.isOfWorkspace ? ownOf(root?.manifest.workspace ?? {}, name) : undefined;
    const elsewhere = own?.package ?? shared?.package ?? name;
    const patches = (root ?? crate).manifest.patches;
    const patched = ownOf(patches, elsewhere) ?? Object.values(patches).find((one) => one.package === elsewhere);
    const folders = [
      [crate, own?.path],
      [root, shared?.path],
      [root ?? crate, patched?.path],
    ] as const;
    for (const [base, path] of folders) {
      const folder = base && path !== undefined ? pathIn(base.folder, path) : undefined;
      const library = folder === undefined ? undefined : crates.get(folder)?.library;
      if (library !== undefined) return { library, elsewhere };
    }
    return { elsewhere };
  }
}

function ownOf(table: Record<string, CargoDependency>, name: string): CargoDependency | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
