// What a repository publishes for others, told by its paths and manifests alone (docs/adr/0015). What stands among
// examples, tests and fixtures is not published. Pure.
import { packageOf, type Ecosystem, type PublishedRoot } from "../../graph/packages.ts";
import type { CargoManifest } from "../../languages/cargo-manifest.ts";
import type { ComposerManifest, GoModule } from "../../languages/package-manifests.ts";
import type { ManifestKind } from "../../languages/grammar.ts";
import { groupBy } from "../../platform/group-by.ts";
import { asideOf, installedIn, listPackages } from "./javascript-workspaces.ts";
import { folderOf, foldersAround, isAside, nameOf, pathIn } from "../../graph/path-names.ts";
import type { Resolver, Tree } from "./tree.ts";

export interface Published {
  roots: PublishedRoot[];
  /** The packages of all names that lead somewhere in here (packageOf), each once, sorted. */
  packages: string[];
}

/** Sorted by ecosystem, name and path. */
export function publishedBy(tree: Tree, resolverOf: (path: string) => Resolver): Published {
  const folders = [...folderRoots(tree, JVM), ...folderRoots(tree, GEM)];
  const roots = [
    ...npmPackages(tree, resolverOf),
    ...goModules(tree),
    ...crates(tree),
    ...autoloaded(tree),
    ...pythonPackages(tree),
    ...folders.map(({ root }) => root),
  ];
  const packages = new Set([
    ...roots.flatMap(({ ecosystem, name }) => (name === "" ? [] : packageOf(`${ecosystem}:${name}`))),
    ...folders.flatMap(({ names }) => names),
  ]);
  return { roots: roots.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)), packages: [...packages].sort() };
}

const keyOf = ({ ecosystem, name, path }: PublishedRoot) => `${ecosystem} ${name} ${path}`;

/** By name the file that the name stands for, or else the manifest. */
function npmPackages(tree: Tree, resolverOf: (path: string) => Resolver): PublishedRoot[] {
  const found = new Map<string, string>();
  const own = listPackages(tree).filter((one) => asideOf(one) === undefined && installedIn(one) === undefined);
  // Of several with one name the outermost counts.
  const byDepth = own.sort((a, b) => a.folder.split("/").length - b.folder.split("/").length);
  for (const { folder, manifest } of byDepth) {
    const { name, isPrivate } = manifest;
    if (!name || isPrivate || found.has(name)) continue;
    const importer = pathIn(folder, "index.ts") ?? "";
    const fact = { kind: "import", specifier: name, line: 1, column: 1 } as const;
    const entry = resolverOf(importer).resolveImport(importer, fact, () => undefined);
    found.set(name, (entry.kind === "files" && entry.paths[0]) || (pathIn(folder, "package.json") ?? ""));
  }
  return [...found].map(([name, path]) => ({ ecosystem: "npm", name, path }));
}

/** Content of the manifests of a kind, those of outer folders first. */
function manifestsOf<Content>(tree: Tree, kind: ManifestKind): { folder: string; content: Content }[] {
  const found = tree.manifests(kind).flatMap((path) => {
    const { manifest } = tree.facts(path);
    // Each kind of manifest is written by the one reader of that kind.
    return manifest && !isAside(path) ? [{ folder: folderOf(path), content: manifest.content as Content }] : [];
  });
  return found.sort((a, b) => foldersAround(a.folder).length - foldersAround(b.folder).length);
}

function goModules(tree: Tree): PublishedRoot[] {
  return manifestsOf<GoModule>(tree, "go.mod").flatMap(({ folder, content }) =>
    content.module === "" ? [] : [{ ecosystem: "go", name: content.module, path: folder }],
  );
}

function crates(tree: Tree): PublishedRoot[] {
  const found = new Map<string, string>();
  for (const { folder, content } of manifestsOf<CargoManifest>(tree, "Cargo.toml")) {
    const { crate, libraryPath = "src/lib.rs" } = content;
    const path = pathIn(folder, libraryPath);
    if (crate !== undefined && path !== undefined && tree.has(path) && !found.has(crate)) found.set(crate, path);
  }
  return [...found].map(([name, path]) => ({ ecosystem: "cargo", name, path }));
}

function autoloaded(tree: Tree): PublishedRoot[] {
  return manifestsOf<ComposerManifest>(tree, "composer.json").flatMap(({ folder, content }) =>
    Object.entries(content.namespaces).flatMap(([name, folders]) =>
      folders.flatMap((one): PublishedRoot[] => {
        const path = pathIn(folder, one);
        return path === undefined || name === "" ? [] : [{ ecosystem: "composer", name, path }];
      }),
    ),
  );
}

const PYTHON_PROJECT = /^(?:pyproject\.toml|setup\.(?:py|cfg))$/;

/** Outermost packages of projects; `src/google/cloud/storage` is `google.cloud.storage` where only the last is a package. */
function pythonPackages(tree: Tree): PublishedRoot[] {
  const projects = tree.paths.filter((path) => PYTHON_PROJECT.test(nameOf(path)) && !isAside(path)).map(folderOf);
  const sources = new Set(projects.flatMap((folder) => ["", "src", "lib", "python"].map((one) => pathIn(folder, one))));
  const found = new Map<string, string>();
  for (const path of tree.paths) {
    if (!/(?:^|\/)__init__\.pyi?$/.test(path) || isAside(path)) continue;
    const folder = folderOf(path);
    const around = folderOf(folder);
    if (folder === "" || tree.has(`${around}/__init__.py`) || tree.has(`${around}/__init__.pyi`)) continue;
    const source = foldersAround(around).find((one) => sources.has(one));
    if (source === undefined) continue;
    const name = folder.slice(source === "" ? 0 : source.length + 1).replaceAll("/", ".");
    if (!found.has(name)) found.set(name, folder);
  }
  return [...found].map(([name, path]) => ({ ecosystem: "python", name, path }));
}

/** Source folders below which paths are names. */
interface FolderLayout {
  ecosystem: Ecosystem;
  /** Matches a path up to the end of its source folder. */
  folder: RegExp;
  /** Ending of the files, and what stands between the parts of a name. */
  ending: RegExp;
  separator: string;
  isPublished: (tree: Tree, folder: string) => boolean;
}

const JVM: FolderLayout = {
  ecosystem: "jvm",
  folder: /^(?:.*?\/)?src\/(?:main|commonMain|jvmMain)\/(?:java|kotlin|scala)(?=\/)/,
  ending: /\.(?:java|kt|scala)$/,
  separator: ".",
  isPublished: () => true,
};

const GEM: FolderLayout = {
  ecosystem: "gem",
  folder: /^(?:.*?\/)?lib(?=\/)/,
  ending: /\.rb$/,
  separator: "/",
  isPublished: (tree, folder) => gemFolders(tree).has(folderOf(folder)),
};

function folderRoots(tree: Tree, layout: FolderLayout): { root: PublishedRoot; names: string[] }[] {
  const { ecosystem, folder, ending, separator, isPublished } = layout;
  const files = tree.paths.filter((path) => ending.test(path));
  const byFolder = groupBy(files, (path) => folder.exec(path)?.[0]);
  return [...byFolder].flatMap(([path, members]) => {
    // Below it paths are names: `com.example.demo` is no demonstration.
    if (path === undefined || isAside(path) || !isPublished(tree, path)) return [];
    const names = members.map((one) => {
      const name = one
        .slice(path.length + 1)
        .replace(ending, "")
        .replaceAll("/", separator);
      return packageOf(`${ecosystem}:${name}`);
    });
    return [{ root: { ecosystem, name: "", path }, names: [...new Set(names)] }];
  });
}

function gemFolders(tree: Tree): Set<string> {
  return new Set(tree.paths.filter((path) => path.endsWith(".gemspec")).map(folderOf));
}
