// Asks TypeScript's type checker what members mean, wherever linking had to infer it or could not. Runs in a process of its own
// (run-checker.ts), for the checker is an executable that answers when it likes. What it answers is only ever turned into
// definitions of the snapshot.
import { API, SymbolFlags, type Checker, type Symbol } from "typescript/unstable/sync";
import type { Definition, Link, StoredLinks } from "../../graph/links.ts";
import type { Facts, ReferenceFact } from "../../languages/facts.ts";
import { resolversOf } from "../link/resolvers.ts";
import type { Tree } from "../link/tree.ts";
import { offsetsIn } from "./offsets.ts";
import { CONFIGURATION, createVirtualFiles, type ModuleLink, type VirtualFiles } from "./virtual-files.ts";

export interface Executable {
  path: string;
  readLibrary: (path: string) => string | undefined;
}

/**
 * The links by which the checker differs from linking, of each file that has any; `links` of a file are what linking says of it.
 * Each stands in place of linking's for that reference. One without definitions says that it leads out of the snapshot.
 */
export function checkFiles(
  { tree, texts, links }: { tree: Tree; texts: ReadonlyMap<string, string>; links: (path: string) => StoredLinks },
  { path: executable, readLibrary }: Executable,
): Map<string, Link[]> {
  const virtual = createVirtualFiles(texts, moduleLinks(tree, [...texts.keys()]), readLibrary);
  const api = new API({ cwd: "/", fs: virtual.fileSystem, tsserverPath: executable });
  try {
    const project = api.updateSnapshot({ openProjects: [CONFIGURATION] }).getProject(CONFIGURATION);
    const found = new Map<string, Link[]>();
    if (!project) return found;
    const definitions = createDefinitions(project.checker, { virtual, tree, texts });
    for (const [path, text] of texts) {
      const asked = askedReferences({ path, text, facts: tree.facts(path) }, links(path));
      if (asked.length === 0) continue;
      const offsets = asked.map(({ offset }) => offset);
      const symbols = project.checker.getSymbolAtPosition(virtual.nameOf(path), offsets);
      const differing = asked.flatMap((one, i): Link[] => {
        const meant = definitions.of(symbols[i]);
        return meant && differs(meant, one, tree)
          ? [{ reference: one.reference, confidence: "inferred", definitions: meant }]
          : [];
      });
      if (differing.length > 0) found.set(path, differing);
    }
    return found;
  } finally {
    api.close();
  }
}

function moduleLinks(tree: Tree, paths: readonly string[]): ModuleLink[] {
  const resolverOf = resolversOf(tree);
  return paths.flatMap((path) =>
    tree.facts(path).imports.flatMap((fact) => {
      if (fact.isComputed || fact.isImplicit || /^\.\.?(?:\/|$)/.test(fact.specifier)) return [];
      const resolution = resolverOf(path).resolveImport(path, fact, () => undefined);
      const to = resolution.kind === "files" ? resolution.paths[0] : undefined;
      const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      return to === undefined ? [] : [{ folder, specifier: fact.specifier, to }];
    }),
  );
}

interface Asked {
  path: string;
  reference: number;
  fact: ReferenceFact;
  offset: number;
  /** Linking's. */
  link: Link | undefined;
}

/** Members that linking found no definition of, only candidates, or one by the type that it gave the object. */
function askedReferences(
  { path, text, facts: { references } }: { path: string; text: string; facts: Facts },
  { links }: StoredLinks,
): Asked[] {
  const known = new Map(links.map((link) => [link.reference, link]));
  const wanted = references.flatMap((fact, reference) => {
    const link = known.get(reference);
    return ASKED.has(fact.target.kind) && link?.confidence !== "exact" ? [{ fact, reference, link }] : [];
  });
  const offsets = offsetsIn(
    text,
    wanted.map(({ fact }) => fact),
  );
  return wanted.flatMap((one, i) => {
    const offset = offsets[i];
    return offset === undefined ? [] : [{ ...one, path, offset }];
  });
}

const ASKED: ReadonlySet<string> = new Set(["member", "unknown"]);

function differs(meant: readonly Definition[], { path, fact, link }: Asked, tree: Tree): boolean {
  // The key of a literal declares itself, whatever is expected there: linking knows better.
  const isItself = meant.some((one) => {
    const symbol = one.path === path ? tree.facts(path).symbols[one.symbol] : undefined;
    // A reference to a name in quotes stands behind the first of them.
    return symbol?.line === fact.line && (symbol.column === fact.column || symbol.column === fact.column - 1);
  });
  if (isItself) return false;
  const before = link?.definitions ?? [];
  if (link?.confidence === "ambiguous") return true;
  const wholes = (all: readonly Definition[]) =>
    [...new Set(all.map((one) => `${tree.facts(one.path).symbols[one.symbol]?.mergesWith ?? one.symbol} ${one.path}`))]
      .sort()
      .join("\0");
  return wholes(meant) !== wholes(before);
}

interface Definitions {
  /**
   * Definitions of the snapshot that the symbol stands for, by path and number; none of what is declared by the language
   * alone. Undefined: there is no telling, or it is declared where the snapshot has no definition.
   */
  of(symbol: Symbol | undefined): Definition[] | undefined;
}

/**
 * Which definition a declaration is, is found by asking the checker what stands at the name of each definition: it gives each
 * declaration a handle, the same wherever it comes from.
 */
function createDefinitions(
  checker: Checker,
  { virtual, tree, texts }: { virtual: VirtualFiles; tree: Tree; texts: ReadonlyMap<string, string> },
): Definitions {
  const files = new Map<string, Map<number, number>>();
  const numbersIn = (path: string) => {
    const known = files.get(path) ?? declaredIn(path);
    files.set(path, known);
    return known;
  };

  /** By handle, the number of the symbol that is declared there. */
  function declaredIn(path: string): Map<number, number> {
    const { symbols } = tree.facts(path);
    const places = offsetsIn(texts.get(path) ?? "", symbols);
    const named = symbols
      .flatMap((_, number) => {
        const offset = places[number];
        return offset === undefined ? [] : [{ number, offset }];
      })
      .sort((a, b) => a.offset - b.offset);
    const meant = checker.getSymbolAtPosition(
      virtual.nameOf(path),
      named.map(({ offset }) => offset),
    );
    const bySymbol = new Map<Symbol, number[]>();
    for (const [i, symbol] of meant.entries()) {
      const number = named[i]?.number;
      if (!symbol || number === undefined || symbols[number]?.name !== symbol.name) continue;
      bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), number]);
    }
    const numbers = new Map<number, number>();
    for (const [symbol, own] of bySymbol) {
      const handles = symbol.declarations
        .filter((one) => virtual.find(one.path) === path)
        .map(({ index }) => index)
        .sort((a, b) => a - b);
      // What is assigned to a member is a symbol too, where nothing told that the member is declared elsewhere.
      const declared = own.length > handles.length ? own.filter((one) => isMemberOf(one, symbol.getParent())) : own;
      const [first] = declared;
      if (first === undefined) continue;
      // Declarations of one thing stand in the same order here and there; where some are missing, the first is as good.
      for (const [i, handle] of handles.entries())
        numbers.set(handle, handles.length === declared.length ? (declared[i] ?? first) : first);
    }
    return numbers;

    function isMemberOf(number: number, parent: Symbol | undefined): boolean {
      const container = symbols[number]?.container;
      return container !== undefined && symbols[container]?.name === parent?.name;
    }
  }

  function definitionsOf(symbol: Symbol): Definition[] | undefined {
    const { declarations } = symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const inside = declarations.flatMap(({ path: name, index }) => {
      const path = virtual.find(name);
      return path === undefined ? [] : [{ path, number: numbersIn(path).get(index) }];
    });
    const found = new Map<string, Definition>();
    for (const { path, number } of inside)
      if (number !== undefined) found.set(`${path} ${number}`, { path, symbol: number });
    if (found.size === 0) return inside.length > 0 || declarations.length === 0 ? undefined : [];
    return [...found.values()].sort((a, b) => (a.path === b.path ? a.symbol - b.symbol : a.path < b.path ? -1 : 1));
  }

  const known = new Map<Symbol, Definition[] | undefined>();
  return {
    of(symbol) {
      if (!symbol || known.has(symbol)) return symbol && known.get(symbol);
      const definitions = definitionsOf(symbol);
      known.set(symbol, definitions);
      return definitions;
    },
  };
}
