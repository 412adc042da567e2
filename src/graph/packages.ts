// Names of packages across repositories, and which files such a name stands for in the repository that publishes it. Kept
// with each graph are only the roots, a line for a package or a source folder: what is below them its paths tell. Pure.
import { groupBy } from "../platform/group-by.ts";
import { folderOf } from "./path-names.ts";

/**
 * Where packages have names of their own. A name that a file imports is written `ecosystem:name`, as finely as the import has
 * it: `npm:zod`, `go:example.org/log/sink`, `python:acme.money`, `cargo:serde`, `jvm:org.acme.Till`, `composer:Acme\Till`, `gem:acme/till`.
 * C and C# have names too, which nobody publishes.
 */
export type Ecosystem = "npm" | "go" | "python" | "cargo" | "jvm" | "composer" | "gem" | "c" | "csharp";

/** One thing that a repository publishes. */
export interface PublishedRoot {
  ecosystem: Ecosystem;
  /** Of the package, module or namespace prefix; "" for a folder whose files are named by their paths in it. */
  name: string;
  /** The file that it stands for, or the folder below which it lies. */
  path: string;
}

/**
 * What tells whether two repositories have to do with each other, and is few: the package of a name, as far as the name
 * alone says. Two names of one package may come to one name here, never to two.
 */
export function packageOf(name: string): string {
  const [ecosystem, rest] = splitName(name);
  return `${ecosystem}:${SHORTENED[ecosystem]?.(rest) ?? rest}`;
}

const SHORTENED: Partial<Record<string, (name: string) => string>> = {
  // `github.com/owner/name`, whatever folder of it is imported.
  go: (name) =>
    name
      .split("/")
      .slice(0, /^(?:github|gitlab|bitbucket)\.\w+\//.test(name) ? 3 : 2)
      .join("/"),
  python: (name) => name.split(".")[0] ?? "",
  // Packages begin with a small letter and types with a capital one.
  jvm: (name) => /^(?:[^.A-Z][^.]*(?:\.(?![A-Z])|$)){0,3}/.exec(name)?.[0].replace(/\.$/, "") ?? "",
  composer: (name) => name.split("\\")[0] ?? "",
  gem: (name) => name.split("/")[0] ?? "",
};

/** The repository's files, as far as names are looked for among them. */
export interface PublishedFiles {
  readonly paths: readonly string[];
  find(path: string): number | undefined;
}

/**
 * From a name to the files, by path, that it stands for in the repository of these roots; none: it publishes no such thing.
 * What is asked for all imports of another repository takes no look at all paths or roots for each: they are gone through once.
 */
export function createPackageFinder(
  roots: readonly PublishedRoot[],
  { paths, find }: PublishedFiles,
): (name: string) => readonly string[] {
  const byEcosystem = groupBy(roots, ({ ecosystem }): string => ecosystem);
  const byName = groupBy(roots, ({ ecosystem, name }) => `${ecosystem}:${name}`);
  /** Of the roots of each, longest first. */
  const lengths = new Map([...byEcosystem].map(([ecosystem, some]) => [ecosystem, lengthsOf(some)]));
  let goFiles: Map<string, string[]> | undefined;
  const named = new Map<string, Map<string, string>>();

  function inRoot({ ecosystem, name: root, path }: PublishedRoot, name: string): readonly string[] {
    if (ecosystem === "go") {
      const rest = below(root, name, "/");
      if (rest === undefined) return [];
      goFiles ??= groupBy(paths.filter(isImportable), folderOf);
      return goFiles.get(joined(path, rest)) ?? [];
    }
    const file = candidatesIn({ ecosystem, name: root, path }, name).find((one) => find(one) !== undefined);
    return file === undefined ? [] : [file];
  }

  /** Where paths are names. */
  function inFolders(layout: Layout, name: string, some: readonly PublishedRoot[]): readonly string[] {
    const known = named.get(layout.separator) ?? namesBelow(some, paths, layout);
    named.set(layout.separator, known);
    const file = layout.spellings(name).flatMap((one) => known.get(one) ?? [])[0];
    return file === undefined ? [] : [file];
  }

  return (whole) => {
    const [ecosystem, name] = splitName(whole);
    const some = byEcosystem.get(ecosystem) ?? [];
    const layout = LAYOUTS[ecosystem];
    if (layout && some.length > 0) return inFolders(layout, name, some);
    // A root is named as what is below it begins; of roots in one another the innermost has the file.
    for (const length of lengths.get(ecosystem) ?? []) {
      if (length > name.length) continue;
      for (const root of byName.get(`${ecosystem}:${name.slice(0, length)}`) ?? []) {
        const found = inRoot(root, name);
        if (found.length > 0) return found;
      }
    }
    return [];
  };
}

function lengthsOf(roots: readonly PublishedRoot[]): number[] {
  return [...new Set(roots.map(({ name }) => name.length))].sort((a, b) => b - a);
}

interface Layout {
  ending: RegExp;
  separator: string;
  /** Names of files that may have what is meant, likeliest first. */
  spellings: (name: string) => string[];
}

const LAYOUTS: Partial<Record<string, Layout>> = {
  jvm: {
    ending: /\.(?:java|kt|scala)$/,
    separator: ".",
    // `org.acme.Till.Coin.of`: a type in a type, or a static member, is in the outermost type's file.
    spellings: (name) => {
      const parts = name.split(".");
      return [name, parts.slice(0, -1).join("."), parts.slice(0, -2).join(".")];
    },
  },
  gem: { ending: /\.rb$/, separator: "/", spellings: (name) => [name] },
};

function namesBelow(
  roots: readonly PublishedRoot[],
  paths: readonly string[],
  { ending, separator }: Layout,
): Map<string, string> {
  const folders = new Set(roots.map(({ path }) => path));
  const names = new Map<string, string>();
  for (const path of paths) {
    if (!ending.test(path)) continue;
    let root = folderOf(path);
    while (root !== "" && !folders.has(root)) root = folderOf(root);
    if (!folders.has(root)) continue;
    const inside = path.slice(root === "" ? 0 : root.length + 1).replace(ending, "");
    const name = inside.replaceAll("/", separator);
    if (!names.has(name)) names.set(name, path);
  }
  return names;
}

const isImportable = (path: string) => path.endsWith(".go") && !path.endsWith("_test.go");

/** Files that a name may mean below a root, likeliest first. */
function candidatesIn({ ecosystem, name: root, path }: PublishedRoot, name: string): string[] {
  if (ecosystem === "python") {
    const rest = below(root, name, ".");
    if (rest === undefined) return [];
    const base = joined(path, rest.replaceAll(".", "/"));
    return [`${base}/__init__.py`, `${base}.py`, `${base}/__init__.pyi`, `${base}.pyi`];
  }
  if (ecosystem === "composer")
    return name.startsWith(root) ? [`${joined(path, name.slice(root.length).replaceAll("\\", "/"))}.php`] : [];
  return name === root ? [path] : [];
}

/** What of `name` is left below `root`, "" for the root itself; undefined where it is not below it. */
function below(root: string, name: string, separator: string): string | undefined {
  if (name === root) return "";
  return name.startsWith(root + separator) ? name.slice(root.length + 1) : undefined;
}

function splitName(name: string): [ecosystem: string, rest: string] {
  const colon = name.indexOf(":");
  return [name.slice(0, colon), name.slice(colon + 1)];
}

function joined(folder: string, path: string): string {
  if (folder === "" || path === "") return folder + path;
  return `${folder}/${path}`;
}
