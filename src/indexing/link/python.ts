// Where Python's imports lead. A module's root is found by walking up its `__init__.py` files, so that `src/`, `lib/` and
// monorepos need no configuration. What a file could import by itself comes before the standard library, what it could
// only import when it is installed comes after.
import { asideFolderOf, folderOf, foldersAround, nameOf } from "../../graph/path-names.ts";
import { filesOf } from "./choice.ts";
import { createPythonProjects } from "./python-projects.ts";
import { PYTHON_STANDARD_LIBRARY } from "./python-standard-library.ts";
import type { Note, Resolution, Resolver, Tree } from "./tree.ts";

export function createPythonResolver(tree: Tree): Resolver {
  const folders = new Set<string>();
  /** Folders that hold the package or module of that name. */
  const holders = new Map<string, Set<string>>();
  const isPackage = (folder: string, note: Note) => {
    const init = inside(folder, "__init__");
    note(init);
    return tree.has(`${init}.py`) || tree.has(`${init}.pyi`);
  };
  for (const path of tree.paths) {
    if (tree.language(path) !== "python") continue;
    for (const folder of foldersAround(folderOf(path))) {
      if (folders.has(folder)) break;
      folders.add(folder);
    }
    const isInit = /^__init__\.pyi?$/.test(nameOf(path));
    const root = isInit ? folderOf(folderOf(path)) : folderOf(path);
    if (isInit && folderOf(path) === "") continue;
    const name = isInit ? nameOf(folderOf(path)) : nameOf(path).replace(/\.\w+$/, "");
    holders.set(name, (holders.get(name) ?? new Set()).add(root));
  }

  const projects = createPythonProjects(tree);
  const isProject = (folder: string, note: Note) =>
    ["pyproject.toml", "setup.cfg", "setup.py"].some((name) => {
      note(inside(folder, name));
      return tree.has(inside(folder, name));
    });

  /** File of the module `name` in a folder; a folder without `__init__.py` is a namespace, told by a slash at its end. */
  function moduleIn(folder: string, name: string, note: Note): string | undefined {
    const path = inside(folder, name);
    note(path);
    const file = [`${path}/__init__.py`, `${path}.py`, `${path}/__init__.pyi`, `${path}.pyi`, `${path}.pyx`].find(
      (path) => tree.has(path),
    );
    if (file !== undefined) return file;
    note(`${path}/`);
    return folders.has(path) ? `${path}/` : undefined;
  }

  function follow(root: string, names: readonly string[], note: Note): string | undefined {
    let folder = root;
    for (const [index, name] of names.entries()) {
      const found = moduleIn(folder, name, note);
      if (found === undefined || index === names.length - 1) return found;
      if (!isNamespace(found) && !/\/__init__\.pyi?$/.test(found)) return undefined;
      folder = folderOf(found);
    }
    return undefined;
  }

  function resolveAbsolute(from: string, specifier: string, note: Note): Resolution {
    const names = specifier.split(".");
    const [first = ""] = names;
    const around = foldersAround(folderOf(from)).filter((folder) => !isPackage(folder, note));
    const own = firstFound(around, (root) => follow(root, names, note));
    if (own !== undefined && !isNamespace(own)) return { kind: "files", paths: [own] };
    if (PYTHON_STANDARD_LIBRARY.has(first)) return { kind: "builtin" };
    note(`?/${first}`);
    // Those that are packages themselves are not where imports start.
    const known = [...(holders.get(first) ?? [])].filter(
      (root) =>
        !isPackage(root, note) &&
        (SOURCE_FOLDER.test(root) || isPackage(inside(root, first), note)) &&
        (isBeside(from, root) || isProject(root, note)),
    );
    const filesIn = (roots: readonly string[]) =>
      roots.flatMap((root) => follow(root, names, note) ?? []).filter((path) => !isNamespace(path));
    const [beside] = filesIn(sourcesAround(from).filter((root) => known.includes(root)));
    if (beside !== undefined) return { kind: "files", paths: [beside] };
    const external: Resolution = { kind: "external", package: `python:${specifier}` };
    if (projects.isAskedFor(first, folderOf(from))) {
      // What is asked for is installed, from the tree if a project there is called so.
      const asked = known.filter((root) => projects.named(first).some((folder) => isWithin(root, folder)));
      const files = filesIn(asked);
      if (files.length > 0) return filesOf(from, files);
      return own === undefined ? external : namespace(own);
    }
    const files = filesIn(known);
    if (files.length > 0) return { ...filesOf(from, files), isGuess: true };
    if (own !== undefined) return namespace(own);
    return known.length > 0 ? { kind: "missing" } : external;
  }

  function resolveRelative(from: string, specifier: string, note: Note): Resolution {
    const dots = /^\.+/.exec(specifier)?.[0].length ?? 0;
    let folder = folderOf(from);
    for (let level = 1; level < dots; level++) {
      if (folder === "") return { kind: "missing" };
      folder = folderOf(folder);
    }
    const names = specifier.slice(dots).split(".").filter(Boolean);
    if (names.length > 0) {
      const found = follow(folder, names, note);
      return found === undefined
        ? { kind: "missing" }
        : isNamespace(found)
          ? namespace(found)
          : { kind: "files", paths: [found] };
    }
    note(inside(folder, "__init__"));
    const init = ["__init__.py", "__init__.pyi"].map((name) => inside(folder, name)).find((path) => tree.has(path));
    return init === undefined ? namespace(`${folder}/`) : { kind: "files", paths: [init] };
  }

  /** Folders that imports lead to which have no file of their own. */
  const namespaces = new WeakMap<readonly string[], string>();
  function namespace(folder: string): Resolution {
    const paths: string[] = [];
    namespaces.set(paths, folderOf(folder));
    return { kind: "files", paths };
  }

  return {
    resolveImport: (from, { specifier }, note) =>
      specifier.startsWith(".") ? resolveRelative(from, specifier, note) : resolveAbsolute(from, specifier, note),
    findMember(paths, name, note) {
      const [path] = paths;
      const folder =
        namespaces.get(paths) ??
        (path !== undefined && /(?:^|\/)__init__\.pyi?$/.test(path) ? folderOf(path) : undefined);
      if (path !== undefined) note(path);
      const file = folder === undefined ? undefined : moduleIn(folder, name, note);
      return file === undefined || isNamespace(file) ? undefined : { file };
    },
  };
}

/** Where a file's own project has what it imports, innermost first. */
function sourcesAround(from: string): string[] {
  return foldersAround(folderOf(from)).flatMap((folder) =>
    ["", "src", "lib", "python"].map((one) => inside(folder, one)),
  );
}

/** Where loose modules are meant to be imported from elsewhere. */
const SOURCE_FOLDER = /(?:^|\/)(?:src|lib|python|)$/;

/** What stands among examples or tests is for what stands there too, unless it is a project of its own. */
function isBeside(from: string, root: string): boolean {
  const aside = asideFolderOf(root);
  return aside === undefined || from.startsWith(`${aside}/`);
}

function inside(folder: string, name: string): string {
  return folder === "" || name === "" ? folder + name : `${folder}/${name}`;
}

function isWithin(folder: string, around: string): boolean {
  return around === "" || folder === around || folder.startsWith(`${around}/`);
}

function isNamespace(path: string): boolean {
  return path.endsWith("/");
}

function firstFound<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
