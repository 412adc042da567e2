// Asks TypeScript's type checker what the references mean whose object linking knows nothing of. Runs in a process of its
// own (run-checker.ts), for the checker is an executable that answers when it likes. What it answers is only ever turned into
// definitions of the snapshot.
import { API, SymbolFlags, type Checker, type Symbol } from "typescript/unstable/sync";
import type { Definition, Link, StoredLinks } from "../../graph/links.ts";
import type { Facts, ReferenceFact } from "../../languages/facts.ts";
import { languageOf } from "../../languages/language.ts";
import { resolversOf } from "../link/resolvers.ts";
import type { Tree } from "../link/tree.ts";
import { offsetsIn } from "./offsets.ts";
import { CONFIGURATION, createVirtualFiles, type ModuleLink, type VirtualFiles } from "./virtual-files.ts";

export interface Executable {
  path: string;
  readLibrary: (path: string) => string | undefined;
}

/** Sources whose references are asked about. Components (.vue and the like) are none: they are no programs as they stand. */
export function isCheckable(path: string): boolean {
  return /^(?:type|java)script$/.test(languageOf(path));
}

/**
 * The links that the checker adds to those of linking, of each file that it adds any to: `links` of a file are what linking says
 * of it. A reference that linking was unsure of has a link here in place of its own.
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
      const asked = unsureReferences(tree.facts(path), links(path));
      const offsets = offsetsIn(
        text,
        asked.map(({ fact }) => fact),
      );
      const answered = asked.flatMap(({ reference }, i) => {
        const offset = offsets[i];
        return offset === undefined ? [] : [{ reference, offset }];
      });
      if (answered.length === 0) continue;
      const symbols = project.checker.getSymbolAtPosition(
        virtual.nameOf(path),
        answered.map(({ offset }) => offset),
      );
      const added = answered.flatMap(({ reference }, i): Link[] => {
        const meant = definitions.of(symbols[i]).filter((one) => !isItself(one, { path, reference, tree }));
        return meant.length === 0 ? [] : [{ reference, confidence: "inferred", definitions: meant }];
      });
      if (added.length > 0) found.set(path, added);
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

/** Members that linking found no definition of, or only candidates. */
function unsureReferences({ references }: Facts, { links }: StoredLinks): { reference: number; fact: ReferenceFact }[] {
  const sure = new Set(links.flatMap(({ reference, confidence }) => (confidence === "ambiguous" ? [] : reference)));
  return references.flatMap((fact, reference) =>
    sure.has(reference) || !ASKED.has(fact.target.kind) ? [] : { reference, fact },
  );
}

const ASKED: ReadonlySet<string> = new Set(["member", "unknown"]);

/** A key of a literal that nothing expects anything of declares itself. */
function isItself(
  { path: to, symbol }: Definition,
  { path, reference, tree }: { path: string; reference: number; tree: Tree },
) {
  const [here, there] = [tree.facts(path).references[reference], tree.facts(to).symbols[symbol]];
  return to === path && here?.line === there?.line && here?.column === there?.column;
}

interface Definitions {
  /** Definitions of the snapshot that the symbol stands for, by path and number; none of what the language brings. */
  of(symbol: Symbol | undefined): Definition[];
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
    const named = symbols.flatMap((_, number) => {
      const offset = places[number];
      return offset === undefined ? [] : [{ number, offset }];
    });
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
      // Declarations of one thing stand in the same order here and there; where one is missing, the first is any.
      for (const [i, handle] of handles.entries()) numbers.set(handle, own[handles.length === own.length ? i : 0] ?? 0);
    }
    return numbers;
  }

  const known = new Map<Symbol, Definition[]>();
  return {
    of(symbol) {
      if (!symbol) return [];
      const before = known.get(symbol);
      if (before) return before;
      const whole = symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const definitions = whole.declarations.flatMap(({ path: name, index }): Definition[] => {
        const path = virtual.find(name);
        const number = path === undefined ? undefined : numbersIn(path).get(index);
        return path === undefined || number === undefined ? [] : [{ path, symbol: number }];
      });
      const sorted = definitions.sort((a, b) => (a.path === b.path ? a.symbol - b.symbol : a.path < b.path ? -1 : 1));
      const distinct = sorted.filter(
        (one, i) => one.path !== sorted[i - 1]?.path || one.symbol !== sorted[i - 1]?.symbol,
      );
      known.set(symbol, distinct);
      return distinct;
    },
  };
}
