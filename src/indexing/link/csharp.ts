// Where C#'s names lead: a namespace is whatever files declare it, a type may lie in several of them (`partial`), and
// extension methods are members of what they extend.
import type { Definition } from "../../graph/links.ts";
import { folderOf, nameOf } from "../../graph/path-names.ts";
import { keyOfSymbol, nameInKey, type Facts, type SymbolFact } from "../../languages/facts.ts";
import { symbolPath } from "./container-names.ts";
import { addTo } from "../../platform/group-by.ts";
import { extendedBy } from "./overview.ts";
import { createPackageNames } from "./package-names.ts";
import type { Resolution, Resolver, Tree } from "./tree.ts";

interface Types {
  /** What is meant: of one class that lies in several files one part. */
  main: readonly Definition[];
  /** All its parts. */
  parts: readonly Definition[];
}

export function createCSharpResolver(tree: Tree): Resolver {
  const files = tree.filesIn(new Set(["csharp"]));
  const { files: namespaces, declared } = createPackageNames(tree, files);
  const extensions = new Map<string, Definition[]>();
  const shared: { folder: string; namespace: string }[] = [];
  const open = files.filter((path) => tree.overview(path).extends || tree.overview(path).shares);
  tree.announce(open);
  for (const path of open) {
    const { imports, symbols } = tree.facts(path);
    for (const { specifier, isShared } of imports)
      if (isShared) shared.push({ folder: projectFolder(path), namespace: specifier });
    for (const [symbol, fact] of symbols.entries()) {
      const extended = extendedBy(fact);
      if (extended === undefined) continue;
      addTo(extensions, `${extended}.${fact.name}`, { path, symbol });
      const [taken = ""] = fact.takes ?? [];
      if (taken !== extended) addTo(extensions, `${taken}.${fact.name}`, { path, symbol });
    }
  }

  const known = new Map<string, Types>();
  /** Whatever has that key in the namespace; with `*` for the number of type parameters whatever has the name. */
  function typesIn(namespace: string, key: string): Types {
    const place = `${namespace} ${key}`;
    let types = known.get(place);
    if (!types) {
      const all = declared(namespace, nameInKey(key));
      types = key.endsWith("*")
        ? { main: all, parts: [] }
        : mainPart(
            key,
            all.filter((one) => keyOf(one) === key),
          );
      known.set(place, types);
    }
    return types;
  }

  function keyOf({ path, symbol }: Definition): string {
    const fact = tree.facts(path).symbols[symbol];
    return fact ? keyOfSymbol(fact) : "";
  }

  /** Parts of one class are one: the part in the file that has its name. */
  function mainPart(name: string, parts: readonly Definition[]): Types {
    if (parts.length < 2) return { main: parts, parts: [] };
    const isPart = ({ path, symbol }: Definition) =>
      /\bpartial\b/.test(tree.facts(path).symbols[symbol]?.signature ?? "");
    if (!parts.every(isPart)) return { main: parts, parts: [] };
    const main = parts.find(({ path }) => nameOf(path) === `${nameInKey(name)}.cs`) ?? parts[0];
    return { main: main ? [main] : [], parts };
  }

  /** All parts of a class, of which it is one. */
  function partsOf({ path, symbol }: Definition): readonly Definition[] {
    const { symbols, package: namespace = "" } = tree.facts(path);
    const type = symbols[symbol];
    return type && type.container === undefined ? typesIn(namespace, keyOfSymbol(type)).parts : [];
  }

  /** By whole name: `A.B.Type` or `A.B.Type.Nested`. */
  function find(name: string): { definitions: readonly Definition[]; rest: string[] } | undefined {
    const parts = name.split(".");
    for (let length = parts.length - 1; length >= 0; length--) {
      const [top = "", ...rest] = parts.slice(length);
      const definitions = typesIn(parts.slice(0, length).join("."), top).main;
      if (definitions.length > 0) return { definitions, rest };
    }
    return undefined;
  }

  function nested({
    definitions,
    rest,
  }: {
    definitions: readonly Definition[];
    rest: readonly string[];
  }): Definition[] {
    return definitions.flatMap(({ path, symbol }) => {
      const facts = tree.facts(path);
      const type = facts.symbols[symbol];
      const found = symbolPath(facts, [type ? keyOfSymbol(type) : "", ...rest]);
      return found === undefined ? [] : [{ path, symbol: found }];
    });
  }

  const byFiles = new Map([...namespaces].map(([name, paths]) => [paths, name]));
  const rests = new WeakMap<readonly string[], string[]>();
  return {
    resolveImport(_from, { specifier, isStar }, note): Resolution {
      note({ name: specifier });
      const whole = namespaces.get(specifier);
      if (whole) return { kind: "files", paths: whole, isOpen: true };
      const found = find(specifier);
      if (found) {
        const paths = found.definitions.map(({ path }) => path);
        const name = specifier.split(".").at(-1 - found.rest.length) ?? "";
        rests.set(paths, [name, ...found.rest]);
        return { kind: "files", paths };
      }
      if (/^(?:System|Microsoft\.(?:CSharp|VisualBasic|Win32))(?:\.|$)/.test(specifier)) return { kind: "builtin" };
      // A namespace that only holds others.
      if (isStar && [...namespaces.keys()].some((name) => name.startsWith(`${specifier}.`)))
        return { kind: "files", paths: [] };
      return { kind: "external", package: `csharp:${specifier}` };
    },
    findFree(from, name) {
      if (name.includes(".")) {
        const found = findAround(from, name);
        return found && nested(found);
      }
      return findAround(from, name)?.definitions ?? findShared(from, name);
    },
    sees: (from, namespace) => sharedWith(from).includes(namespace),
    findMember(paths, name, note) {
      note({ name });
      const whole = byFiles.get(paths);
      if (whole !== undefined) return typesIn(whole, name).main;
      const rest = rests.get(paths);
      if (rest === undefined) return undefined;
      const isType = rest.at(-1) === name;
      const types = paths.flatMap((path) => {
        const found = symbolPath(tree.facts(path), rest);
        return found === undefined ? [] : [{ path, symbol: found }];
      });
      return isType ? types : { types, name };
    },
    findExtensions: (type, name) => extensions.get(`${type}.${name}`) ?? [],
    findParts: (type) => partsOf(type).filter((part) => part.path !== type.path || part.symbol !== type.symbol),
    findMembers({ path, symbol }, name) {
      const facts = tree.facts(path);
      const type = facts.symbols[symbol];
      if (!type) return [];
      const members = partsOf({ path, symbol }).flatMap((part) => {
        const others = tree.facts(part.path).symbols;
        return others.flatMap((member, number) =>
          member.container === part.symbol && keyOfSymbol(member) === name ? [{ path: part.path, symbol: number }] : [],
        );
      });
      return members.length > 0
        ? members
        : (extensions.get(`${keyOfSymbol(type)}.${name}`) ?? []).filter((one) => extendsExactly(type, one));
    },
  };

  /** Of `A<T>` and `A` the one that is extended. */
  function extendsExactly(type: SymbolFact, { path, symbol }: Definition): boolean {
    const [taken = ""] = tree.facts(path).symbols[symbol]?.takes ?? [];
    return nameInKey(taken) !== type.name || taken === keyOfSymbol(type);
  }

  /** Namespaces that are in use in all files of its project. */
  function sharedWith(from: string): string[] {
    const within = shared.filter(({ folder }) => folder === "" || from.startsWith(`${folder}/`));
    return within.map(({ namespace }) => namespace);
  }

  function findShared(from: string, name: string): readonly Definition[] | undefined {
    for (const namespace of shared.length > 0 ? sharedWith(from) : []) {
      const found = typesIn(namespace, name).main;
      if (found.length > 0) return found;
    }
    return undefined;
  }

  /** In the namespace of a file and those around it. */
  function findAround(from: string, name: string): ReturnType<typeof find> {
    const parts = (tree.facts(from).package ?? "").split(".").filter(Boolean);
    for (let length = parts.length; length >= 0; length--) {
      const found = find([...parts.slice(0, length), name].join("."));
      if (found && found.rest.length < name.split(".").length) return found;
    }
    return undefined;
  }
}

/** Where `global using`s of a file hold: it stands at the root of its project, or in one of the folders that are kept for such files. */
function projectFolder(path: string): string {
  return folderOf(path).replace(/(?:^|\/)(?:Properties|Usings?|GlobalUsings?)$/, "");
}

/** What of a file decides what others find under any name. */
export function frameOfCSharp({ imports }: Facts): unknown {
  return imports.flatMap(({ specifier, isShared }) => (isShared ? specifier : []));
}
