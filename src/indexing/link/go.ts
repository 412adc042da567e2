// Where Go's imports lead: to the files of a folder below some module's path. A package is all files of its folder with
// one package clause; test files see the others but are not seen.
import type { Definition } from "../../graph/links.ts";
import type { GoModule } from "../../languages/package-manifests.ts";
import { folderOf, foldersAround, pathIn } from "./path-names.ts";
import type { Resolution, Resolver, Tree } from "./tree.ts";

interface Package {
  files: string[];
  names: Map<string, Definition[]>;
  /** By `Type.member`, of members that stand in another file than their type. */
  members: Map<string, Definition[]>;
}

export function createGoResolver(tree: Tree): Resolver {
  const packages = new Map<string, Package>();
  /** Module path → folder, longest path first. */
  const modules: { path: string; folder: string }[] = [];
  for (const path of tree.paths) {
    const { manifest } = tree.facts(path);
    if (manifest?.kind === "go.mod") {
      // Written by our own reader of go.mod.
      const { module, replace } = manifest.content as GoModule;
      modules.push({ path: module, folder: folderOf(path) });
      for (const [replaced, target] of Object.entries(replace)) {
        const folder = pathIn(folderOf(path), target);
        if (folder !== undefined) modules.push({ path: replaced, folder });
      }
    }
    if (tree.language(path) === "go") addFile(path);
  }
  modules.sort((one, other) => other.path.length - one.path.length);

  function addFile(path: string): void {
    const facts = tree.facts(path);
    const key = `${folderOf(path)} ${facts.package ?? ""}`;
    const known: Package = packages.get(key) ?? { files: [], names: new Map(), members: new Map() };
    packages.set(key, known);
    known.files.push(path);
    for (const [symbol, { name, owner, container }] of facts.symbols.entries()) {
      if (owner !== undefined) push(known.members, `${owner}.${name}`, { path, symbol });
      else if (container === undefined) push(known.names, name, { path, symbol });
    }
  }

  const packageOf = (path: string) => packages.get(`${folderOf(path)} ${tree.facts(path).package ?? ""}`);
  const isSeen = (from: string, path: string) => !path.endsWith("_test.go") || folderOf(path) === folderOf(from);

  /** Files of the package in a folder that others can import. */
  function filesIn(folder: string): string[] {
    return [...packages.entries()].flatMap(([key, { files }]) =>
      key.startsWith(`${folder} `) ? files.filter((path) => !path.endsWith("_test.go")) : [],
    );
  }
  const filesByFolder = new Map<string, string[]>();
  function files(folder: string): Resolution | undefined {
    const paths = filesByFolder.get(folder) ?? filesIn(folder);
    filesByFolder.set(folder, paths);
    return paths.length > 0 ? { kind: "files", paths } : undefined;
  }

  return {
    resolveImport(from, { specifier }) {
      if (specifier.startsWith(".")) return files(pathIn(folderOf(from), specifier) ?? "") ?? { kind: "missing" };
      for (const folder of foldersAround(folderOf(from))) {
        const vendored = files(`${folder === "" ? "" : `${folder}/`}vendor/${specifier}`);
        if (vendored) return vendored;
      }
      for (const { path, folder } of modules) {
        if (specifier !== path && !specifier.startsWith(`${path}/`)) continue;
        const found = files(pathIn(folder, specifier.slice(path.length + 1)) ?? "");
        if (found) return found;
        return { kind: "missing" };
      }
      const [host = ""] = specifier.split("/");
      // Outside the standard library a path starts with a domain (go.dev/ref/mod#module-path).
      return host.includes(".") ? { kind: "external", package: packageName(specifier) } : { kind: "builtin" };
    },
    findFree: (from, name) =>
      packageOf(from)
        ?.names.get(name)
        ?.filter(({ path }) => isSeen(from, path)),
    findMembers: ({ path, symbol }, name) => {
      const type = tree.facts(path).symbols[symbol];
      return (type && packageOf(path)?.members.get(`${type.name}.${name}`)) ?? [];
    },
  };
}

/** `github.com/owner/name`, whatever folder of it is imported. */
function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, /^(?:github|gitlab|bitbucket)\.\w+\//.test(specifier) ? 3 : 2)
    .join("/");
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
