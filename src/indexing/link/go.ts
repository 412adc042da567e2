// Where Go's imports lead: to the files of a folder below some module's path. A package is all files of its folder with
// one package clause; test files see the others but are not seen.
import type { Definition } from "../../graph/links.ts";
import { folderOf, foldersAround, pathIn } from "../../graph/path-names.ts";
import { sureness } from "./choice.ts";
import { createGoModules } from "./go-modules.ts";
import { addTo, groupBy } from "../../platform/group-by.ts";
import type { Note, Resolution, Resolver, Tree } from "./tree.ts";

interface Package {
  names: Map<string, Definition[]>;
  /** By `Type.member`, of members that stand in another file than their type. */
  members: Map<string, Definition[]>;
}

export function createGoResolver(tree: Tree): Resolver {
  const findPackage = createGoModules(tree);
  /** Go files by folder. */
  const files = groupBy(
    tree.paths.filter((path) => tree.language(path) === "go"),
    folderOf,
  );
  /** Packages of a folder by their clause. */
  const packages = new Map<string, Map<string, Package>>();

  function packageOf(path: string): Package | undefined {
    const folder = folderOf(path);
    const known = packages.get(folder) ?? packagesIn(folder);
    packages.set(folder, known);
    return known.get(tree.facts(path).package ?? "");
  }

  function packagesIn(folder: string): Map<string, Package> {
    const found = new Map<string, Package>();
    // What an ordinary build leaves out comes last.
    const isLeftOut = (path: string) => tree.facts(path).symbols.some(({ isSecondary }) => isSecondary);
    const own = files.get(folder) ?? [];
    for (const path of [...own.filter((one) => !isLeftOut(one)), ...own.filter(isLeftOut)]) {
      const { package: clause = "", symbols } = tree.facts(path);
      const one: Package = found.get(clause) ?? { names: new Map(), members: new Map() };
      found.set(clause, one);
      for (const [symbol, { name, owner, container }] of symbols.entries()) {
        if (owner !== undefined) addTo(one.members, `${owner}.${name}`, { path, symbol });
        else if (container === undefined) addTo(one.names, name, { path, symbol });
      }
    }
    return found;
  }

  const isSeen = (from: string, path: string) => !path.endsWith("_test.go") || folderOf(path) === folderOf(from);

  /** Files of a folder that others can import: of one package, and of a program's only where there is nothing else. */
  function importable(folder: string | undefined, note: Note): readonly string[] {
    if (folder === undefined) return [];
    note(folder);
    const own = files.get(folder)?.filter((path) => !path.endsWith("_test.go")) ?? [];
    if (own.length < 2) return own;
    const byClause = groupBy(own, (path) => tree.facts(path).package ?? "");
    if (byClause.size < 2) return own;
    // Programs that make the package's files stand beside them, which no build takes (`//go:build ignore`).
    byClause.delete("main");
    return [...byClause.values()].reduce((most, some) => (some.length > most.length ? some : most));
  }

  return {
    resolveImport(from, { specifier }, note) {
      const asFiles = (paths: readonly string[]): Resolution =>
        paths.length > 0 ? { kind: "files", paths } : { kind: "missing" };
      if (specifier.startsWith(".")) return asFiles(importable(pathIn(folderOf(from), specifier), note));
      for (const folder of foldersAround(folderOf(from))) {
        const vendor = folder === "" ? "vendor" : `${folder}/vendor`;
        note(`${vendor}/`);
        const vendored = importable(`${vendor}/${specifier}`, note);
        if (vendored.length > 0) return asFiles(vendored);
      }
      const found = findPackage(from, specifier);
      for (const places of found) {
        const paths = places.flatMap(({ folder }) => importable(folder, note));
        if (paths.length > 0) return { kind: "files", paths, ...sureness(places) };
      }
      if (found.length > 0) return { kind: "missing" };
      const [host = ""] = specifier.split("/");
      // Outside the standard library a path starts with a domain (go.dev/ref/mod#module-path).
      return host.includes(".") ? { kind: "external", package: `go:${specifier}` } : { kind: "builtin" };
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
