// What the C and C++ files of a tree declare, by whole name (`namespace::type::member`). Linux declares 4.5 million symbols: as
// numbers they take a quarter of the memory that an object for each would. After a change only the files are looked into that are
// asked for, or that declare a name that is: opening all of Linux takes 20 s.
import type { Definition } from "../../graph/links.ts";
import { SYMBOL_KINDS, type Facts, type SymbolFact, type SymbolKind } from "../../languages/facts.ts";
import { IdsByName } from "./ids-by-name.ts";
import type { DeclarationsAsked, Tree } from "./tree.ts";

/** A symbol: files as they were looked into, in each the symbols in their order. */
export type SymbolId = number;

export interface CSymbols {
  /** Whatever has that whole name, and enumerators that are known by it. By path, those of a file in their order. */
  named(whole: string): readonly SymbolId[];
  /** Of these the structures, classes and enumerations. */
  tagged(whole: string): readonly SymbolId[];
  /** Of these those that stand in something. */
  members(whole: string): readonly SymbolId[];
  /** As `named` and `tagged` say, of files that were looked into before. */
  known: Pick<CSymbols, "named" | "tagged">;
  /** Looks into those of the files that nobody has looked into yet. */
  lookInto(files: readonly number[]): void;
  lookIntoAll(): void;
  idOf(definition: Definition): SymbolId;
  definitionOf(id: SymbolId): Definition;
  /** The place of its file among the paths of the tree. */
  fileOf(id: SymbolId): number;
  /** The same of any path of the tree. */
  placeOf(path: string): number;
  /** Undefined: it is longer than WHOLE_CHARACTERS_MAX. */
  wholeName(id: SymbolId): string | undefined;
  kind(id: SymbolId): SymbolKind;
  is(id: SymbolId, trait: Trait): boolean;
  /** See SymbolFact; of `takes` the text. Undefined for what is not overloaded. */
  takes(id: SymbolId): string | undefined;
  arity(id: SymbolId): readonly [number, number] | undefined;
  /** As a name is written, as the compiler sees it. */
  plain(name: string): string;
  /** What a file includes, as it is written there. */
  includes(file: number): readonly string[];
}

/** `contained`: in another symbol of its file; `member`: of something, wherever that is declared. */
const TRAITS = ["declaration", "secondary", "exported", "contained", "member"] as const;
type Trait = (typeof TRAITS)[number];
/** Below the traits in what is kept of a symbol. */
const KIND_BITS = Math.ceil(Math.log2(SYMBOL_KINDS.length));

/** Longer whole names are not looked up, nor is what stands in them: 400 KB of namespaces in one another made gigabytes of names. */
const WHOLE_CHARACTERS_MAX = 1000;

/** Asking about so many names, or about one for every so many files, takes half as long as looking into all files, which is done then. */
const NAMES_ASKED_MIN = 500;
const FILES_PER_NAME_ASKED = 10;

/** Of a longer whole name it is not told what its symbol can stand in: 55,000 texts of one of 300 parts. */
const PARTS_MAX = 12;

const TAGGED: ReadonlySet<SymbolKind> = new Set<SymbolKind>(["struct", "class", "enum"]);

export const joined = (around: string, name: string) => (around === "" ? name : `${around}::${name}`);

export function readCSymbols(tree: Tree, languages: ReadonlySet<string>): CSymbols {
  /** What macros that stand for the beginning of a namespace open. Hardly any code has one; it is not known by what it declares. */
  const opened = new Map<string, string>();
  const { declaring } = tree;
  if (declaring && !tree.opensNamespaces()) return createCSymbols(tree, { languages, opened, declaring });
  const symbols = lookIntoAll((name, opens) => {
    if (!opened.get(name)) opened.set(name, opens);
  });
  return opened.size === 0 ? symbols : lookIntoAll();

  function lookIntoAll(onOpens?: (name: string, opens: string) => void): CSymbols {
    const all = createCSymbols(tree, { languages, opened: onOpens ? new Map() : opened, onOpens });
    all.lookIntoAll();
    return all;
  }
}

function createCSymbols(
  tree: Tree,
  {
    languages,
    opened,
    declaring,
    onOpens,
  }: {
    languages: ReadonlySet<string>;
    opened: ReadonlyMap<string, string>;
    declaring?: NonNullable<Tree["declaring"]>;
    onOpens?: ((name: string, opens: string) => void) | undefined;
  },
): CSymbols {
  const names = new IdsByName();
  /** Enumerators of a plain enumeration, by what they are called around it. */
  const enumerators = new IdsByName();
  const tags = new IdsByName();
  /** Files by the order in which they were looked into, with the first id of each; and the other way round. */
  const order: number[] = [];
  const firsts: number[] = [];
  const firstOf = new Int32Array(tree.paths.length).fill(-1);
  let isInOrder = true;
  const files = new Map(tree.paths.map((path, file) => [path, file]));
  const includes = new Map<number, readonly string[]>();
  const wholes: (string | undefined)[] = [];
  let traits = new Uint16Array(1 << 12);
  const takes = new Map<SymbolId, string>();
  const arities = new Map<SymbolId, readonly [number, number]>();
  const texts = new Map<string, string>();
  const askedFor = new Set<string>();
  let isWhole = false;

  function lookInto(wanted: readonly number[]): void {
    const unknown = wanted.filter((file) => firstOf[file] === -1);
    if (unknown.length > 1) tree.announce(unknown.map((file) => tree.paths[file] ?? ""));
    for (const file of unknown) read(file, tree.facts(tree.paths[file] ?? ""));
  }

  function lookIntoAll(): void {
    const paths = tree.filesIn(languages);
    tree.announce(paths);
    for (const path of paths) {
      const file = files.get(path) ?? -1;
      if (firstOf[file] === -1) read(file, tree.facts(path));
    }
  }

  function read(file: number, { imports, symbols }: Facts): void {
    const first = wholes.length;
    isInOrder &&= file > (order.at(-1) ?? -1);
    order.push(file);
    firsts.push(first);
    firstOf[file] = first;
    if (imports.length > 0)
      includes.set(
        file,
        imports.map(({ specifier }) => once(specifier)),
      );
    for (const symbol of symbols) {
      add(wholes.push(undefined) - 1, symbol, { first, symbols });
      if (symbol.opens !== undefined) onOpens?.(symbol.name, symbol.opens);
    }
  }

  /** Many files name the same few texts, each in memory of its own. */
  function once(text: string): string {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, text);
    return text;
  }

  function add(id: SymbolId, fact: SymbolFact, { first, symbols }: { first: number; symbols: SymbolFact[] }): void {
    const { name, kind, container, owner, signature } = fact;
    const outer = container === undefined ? "" : wholes[first + container];
    const around = owner === undefined ? outer : plain(owner);
    if (id === traits.length) traits = grown(traits);
    traits[id] = traitsOf(fact, around !== "");
    if (around === undefined || around.length + name.length > WHOLE_CHARACTERS_MAX) return;
    const isOpen = kind === "module" && (/^inline\b/.test(signature) || plain(name) === "");
    const whole = isOpen ? around : joined(around, kind === "module" ? plain(name) : name);
    wholes[id] = whole;
    if (fact.takes) takes.set(id, once(fact.takes.join()));
    if (fact.arity) arities.set(id, fact.arity);
    // Constructors are called by the name of their class, and are that.
    if (kind === "constructor" || name === "" || whole === around) return;
    names.add(whole, id);
    if (TAGGED.has(kind)) tags.add(whole, id);
    const holder = container === undefined ? undefined : symbols[container];
    const isPlain = holder?.kind === "enum" && !/^enum\s+(?:class|struct)\b/.test(holder.signature);
    if (kind === "enum_member" && isPlain) enumerators.add([...around.split("::").slice(0, -1), name].join("::"), id);
  }

  function plain(path: string): string {
    if (opened.size === 0) return path;
    return path
      .split("::")
      .map((part) => opened.get(part) ?? part)
      .filter(Boolean)
      .join("::");
  }

  /** Looks into every file that declares something of that whole name. */
  function lookFor(whole: string): void {
    if (!declaring || isWhole || askedFor.has(whole)) return;
    askedFor.add(whole);
    const isTooMuch = askedFor.size > Math.max(NAMES_ASKED_MIN, tree.paths.length / FILES_PER_NAME_ASKED);
    const paths = isTooMuch ? undefined : declaring(declarationsOf(whole));
    if (paths) lookInto(paths.flatMap((path) => (languages.has(tree.language(path)) ? (files.get(path) ?? []) : [])));
    else {
      lookIntoAll();
      isWhole = true;
    }
  }

  /** The last file that begins at it or before; those that declare nothing begin where the next one does. */
  function fileOf(id: SymbolId): number {
    let low = 0;
    let high = firsts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((firsts[middle] ?? 0) <= id) low = middle;
      else high = middle;
    }
    return order[low] ?? -1;
  }

  function firstIn(path: string): SymbolId {
    const file = files.get(path) ?? -1;
    lookInto([file]);
    return firstOf[file] ?? 0;
  }

  function byPath(ids: readonly SymbolId[]): readonly SymbolId[] {
    return isInOrder || ids.length < 2 ? ids : ids.toSorted((a, b) => fileOf(a) - fileOf(b) || a - b);
  }

  function hasTrait(id: SymbolId, trait: Trait): boolean {
    return (((traits[id] ?? 0) >> (KIND_BITS + TRAITS.indexOf(trait))) & 1) === 1;
  }

  const known: CSymbols["known"] = {
    named(whole) {
      const [own, around] = [names.of(whole), enumerators.of(whole)];
      return around.length === 0 ? byPath(own) : byPath([...own, ...around].sort((a, b) => a - b));
    },
    tagged: (whole) => byPath(tags.of(whole)),
  };

  return {
    known,
    lookInto,
    lookIntoAll,
    named(whole) {
      lookFor(whole);
      return known.named(whole);
    },
    tagged(whole) {
      lookFor(whole);
      return known.tagged(whole);
    },
    members(whole) {
      lookFor(whole);
      return byPath(names.of(whole).filter((id) => hasTrait(id, "member")));
    },
    idOf: ({ path, symbol }) => firstIn(path) + symbol,
    definitionOf(id) {
      const file = fileOf(id);
      return { path: tree.paths[file] ?? "", symbol: id - (firstOf[file] ?? 0) };
    },
    fileOf,
    placeOf: (path) => files.get(path) ?? -1,
    wholeName: (id) => wholes[id],
    kind: (id) => SYMBOL_KINDS[(traits[id] ?? 0) & (2 ** KIND_BITS - 1)] ?? "variable",
    is: hasTrait,
    takes: (id) => takes.get(id),
    arity: (id) => arities.get(id),
    plain,
    includes(file) {
      lookInto([file]);
      return includes.get(file) ?? [];
    },
  };
}

/** A symbol may be called by several parts of its whole name, as `namespace a::b` is, and so may what it stands in. */
function declarationsOf(whole: string): DeclarationsAsked {
  const parts = whole.split("::");
  const names = parts.map((_, at) => parts.slice(at).join("::"));
  if (parts.length > PARTS_MAX) return { names, containers: undefined };
  const around = parts.slice(0, -1);
  const containers = around.flatMap((_, from) =>
    around.slice(from).map((__, to) => around.slice(from, from + to + 1).join("::")),
  );
  return { names, containers: ["", ...containers] };
}

function traitsOf({ kind, isDeclaration, isSecondary, isExported, container }: SymbolFact, isMember: boolean): number {
  const has: Record<Trait, boolean> = {
    declaration: isDeclaration === true,
    secondary: isSecondary === true,
    exported: isExported,
    contained: container !== undefined,
    member: isMember,
  };
  return TRAITS.reduce(
    (bits, trait, at) => bits | (Number(has[trait]) << (KIND_BITS + at)),
    SYMBOL_KINDS.indexOf(kind),
  );
}

function grown(array: Uint16Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const larger = new Uint16Array(2 * array.length);
  larger.set(array);
  return larger;
}
