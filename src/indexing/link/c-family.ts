// Where C's and C++'s includes and names lead. There is no build file to trust: a header is looked for beside the file,
// then by the end of its path, nearest first. A name can mean what the included files declare, and theirs.
import type { Definition } from "../../graph/links.ts";
import { folderOf, nameOf, pathIn } from "../../graph/path-names.ts";
import { C_STANDARD_HEADERS } from "./c-standard-headers.ts";
import { addTo, groupBy } from "../../platform/group-by.ts";
import { joined, readCSymbols, type SymbolId } from "./c-symbols.ts";
import { choiceOf, filesOf, partOf, type Choice } from "./choice.ts";
import { TYPES } from "./symbol-kinds.ts";
import type { Resolution, Resolver, Tree } from "./tree.ts";

/** Files that one file includes, also through others. */
const CLOSURE_FILES_MAX = 5000;

const isOfFamily = (language: string) => language === "c" || language === "cpp";

const isHeader = (path: string) => /\.(?:h|hh|hpp|hxx|inc|inl|ipp|tcc)$/.test(path);

/** In a folder around the file, or one of headers there: where compilers are mostly told to look. */
function isSearched(from: string, path: string, end: string): boolean {
  const root = path.slice(0, -end.length);
  const around = /^(.*?)(?:(?:include|inc|src|lib)\/)?$/.exec(root)?.[1] ?? root;
  return from.startsWith(around);
}

export function createCFamilyResolver(tree: Tree): Resolver {
  const byName = new Map<string, string[]>();
  for (const path of tree.paths)
    if (isOfFamily(tree.language(path)) || /\.(?:inc|def|tcc|tpp)$/.test(path)) addTo(byName, nameOf(path), path);
  const folders = new Set(tree.paths.flatMap((path) => path.split("/").slice(0, -1)));
  const symbols = readCSymbols(tree, isOfFamily);
  const { plain } = symbols;

  const resolved = new Map<string, Resolution>();
  function resolve(from: string, specifier: string): Resolution {
    const key = `${folderOf(from)} ${specifier}`;
    const known = resolved.get(key);
    if (known) return known;
    const found = resolveInclude(from, specifier);
    resolved.set(key, found);
    return found;
  }

  function resolveInclude(from: string, specifier: string): Resolution {
    const isSystem = specifier.startsWith("<");
    const name = isSystem ? specifier.slice(1, -1) : specifier;
    const beside = pathIn(folderOf(from), name);
    if (!isSystem && beside !== undefined && tree.has(beside)) return { kind: "files", paths: [beside] };
    if (isSystem && C_STANDARD_HEADERS.has(name)) return { kind: "builtin" };
    const end = name.replace(/^(?:\.{1,2}\/)+/, "");
    const found = (byName.get(nameOf(end)) ?? []).filter((path) => path === end || path.endsWith(`/${end}`));
    // Of several a bare system header is one in a folder of headers.
    const offered =
      isSystem && !end.includes("/") && found.length > 1
        ? found.filter((path) => /(?:^|\/)(?:include|inc|src|lib)\//.test(path) || !path.includes("/"))
        : found;
    if (offered.length > 0) {
      const files = filesOf(from, offered);
      // It may as well be one that is made when the program is built (`config.h`).
      return files.paths.some((path) => isSearched(from, path, end)) ? files : { ...files, isGuess: true };
    }
    if (C_STANDARD_HEADERS.has(name)) return { kind: "builtin" };
    const [first = end, ...rest] = end.split("/");
    // A folder that the tree does not have is a package's.
    return isSystem || (rest.length > 0 && !folders.has(first))
      ? { kind: "external", package: `c:${first}` }
      : { kind: "missing" };
  }

  const included: (Int32Array | undefined)[] = Array.from({ length: tree.paths.length }, () => undefined);
  /** Files that it includes, as twice their place among the paths, and one more where it can be no other. */
  function inclusionsOf(file: number): Int32Array {
    const known = included[file];
    if (known) return known;
    const found = symbols.includes(file).flatMap((specifier) => {
      const resolution = resolve(tree.paths[file] ?? "", specifier);
      if (resolution.kind !== "files") return [];
      const isSure = !resolution.isGuess && !resolution.isTied;
      return resolution.paths.map((path) => 2 * symbols.placeOf(path) + Number(isSure));
    });
    return (included[file] = Int32Array.from(found));
  }

  /** Of each file the number of the last closure that held it, even where it did not surely. */
  const marks = new Uint32Array(tree.paths.length);
  let closure = 0;
  let last: string | undefined;
  /** Notes which files it includes, also through others: in Linux hundreds mostly, of which as many are known by all. */
  function close(from: string): void {
    if (last === from) return;
    last = from;
    closure += 2;
    let count = 0;
    let guessed: number[] = [];
    include([symbols.placeOf(from)], true);
    while (guessed.length > 0) include(guessed, false);

    function include(files: readonly number[], isSure: boolean): void {
      guessed = [];
      const mark = closure + Number(isSure);
      const queue = files.filter((file) => see(file, mark));
      for (const file of queue) {
        if (count > CLOSURE_FILES_MAX) return;
        for (const inclusion of inclusionsOf(file)) {
          const other = inclusion >> 1;
          if (isSeen(other)) continue;
          if (isSure && inclusion % 2 === 0) guessed.push(other);
          else if (see(other, mark)) queue.push(other);
        }
      }
    }

    function see(file: number, mark: number): boolean {
      if (isSeen(file)) return false;
      marks[file] = mark;
      count++;
      return true;
    }
  }

  /** The last closure holds the file. */
  const isSeen = (file: number) => (marks[file] ?? 0) >= closure;
  /** And not only by headers that were chosen of several. */
  const isSurelySeen = (file: number) => (marks[file] ?? 0) > closure;

  const known = (tag: string, whole: string) => (tag === "" ? symbols.named(whole) : symbols.tagged(whole));

  /** A header can use what those that include it have included before: told where there is but one of that name. */
  function fromIncluders({ tag, bare, scopes }: Name): readonly Definition[] | undefined {
    for (const scope of scopes) {
      const [only, other] = known(tag, joined(scope, bare)).filter((id) =>
        isHeader(tree.paths[symbols.fileOf(id)] ?? ""),
      );
      if (only !== undefined && other === undefined && symbols.kind(only) !== "module")
        return [symbols.definitionOf(only)];
    }
    return undefined;
  }

  /** Definitions before declarations, of several what is nearest. Of overloads all. */
  function choose(from: string, found: readonly SymbolId[]): readonly Choice[] {
    if (found.length < 2) return found.map(symbols.definitionOf);
    const groups = groupBy(found, (id) => symbols.takes(id) ?? "");
    const chosen = [...groups.values()].map((same) => chooseOf(from, same));
    const overloads = chosen.flat().filter((one) => symbols.arity(symbols.idOf(one)));
    return overloads.length > 0 ? overloads : (chosen[0] ?? []);
  }

  /** One of each file. */
  function chooseOf(from: string, found: readonly SymbolId[]): readonly Choice[] {
    const built = preferring(found, (id) => !symbols.is(id, "secondary"));
    const ids = preferring(built, (id) => !symbols.is(id, "declaration"));
    const defined = ids.map(symbols.definitionOf);
    const [first] = ids;
    // A type may be given its name again, and whatever is only declared is one thing.
    const kinds = ids.map(symbols.kind);
    if (kinds.every((kind) => TYPES.has(kind)) && kinds.filter((kind) => kind !== "type").length < 2)
      return partOf(from, defined);
    if (first !== undefined && symbols.is(first, "declaration"))
      return partOf(from, defined).map(({ path, symbol }) => ({ path, symbol }));
    const chosen = choiceOf(from, defined);
    return chosen.filter(({ path }, at) => chosen.findIndex((one) => one.path === path) === at);
  }

  function preferring(found: readonly SymbolId[], isBetter: (id: SymbolId) => boolean): readonly SymbolId[] {
    const better = found.filter(isBetter);
    return better.length > 0 ? better : found;
  }

  /** What a name can mean without being declared in the file that it stands in. */
  function findFree(from: string, { tag, bare, scopes }: Name): readonly Choice[] | undefined {
    for (const scope of scopes) {
      const all = known(tag, joined(scope, bare));
      if (all.length === 0) continue;
      close(from);
      const seen = all.filter((id) => isSeen(symbols.fileOf(id)));
      if (seen.length > 0)
        return choose(from, seen).map((one) =>
          isSurelySeen(symbols.placeOf(one.path)) ? one : { ...one, isGuess: true },
        );
    }
    // A structure that headers only name is defined in one of the files that use them.
    const [hidden, other] = tag === "" ? [] : known(tag, bare);
    if (hidden !== undefined && other === undefined) return [symbols.definitionOf(hidden)];
    return isHeader(from) ? fromIncluders({ tag, bare, scopes }) : undefined;
  }

  /** Where what is only declared there is defined. Undefined: nowhere, or nobody can tell. */
  function findDefinition(declaration: Definition): Choice | undefined {
    const id = symbols.idOf(declaration);
    const all = symbols
      .named(symbols.wholeName(id))
      .filter((one) => !symbols.is(one, "declaration") && symbols.is(one, "exported"));
    // Of overloads the one with the same parameters; what is of another number is none at all.
    const able = all.filter((one) => symbols.arity(one)?.[1] === symbols.arity(id)?.[1]);
    const defined = preferring(able, (one) => symbols.takes(one) === symbols.takes(id));
    const [only, another] = defined;
    if (another === undefined) return only === undefined ? undefined : symbols.definitionOf(only);
    // `x.h` is declared for `x.c`; else whoever includes the header, nearest first.
    const stem = stemOf(declaration.path);
    const twins = defined.filter((one) => stemOf(tree.paths[symbols.fileOf(one)] ?? "") === stem);
    const [chosen, other] = choose(declaration.path, twins.length > 0 ? twins : defined);
    return other?.isTied ? undefined : chosen;
  }

  /** What was answered for the file that is linked: it uses few names, and the same ones often. */
  let answered = { from: "", names: new Map<string, readonly Choice[] | undefined>() };
  const definitions = new Map<SymbolId, Choice | undefined>();

  return {
    hasOverloads: true,
    resolveImport: (from, { specifier }) => resolve(from, specifier),
    findFree(from, name, scopes = "") {
      if (answered.from !== from) answered = { from, names: new Map() };
      return remembered(answered.names, `${name} in ${scopes}`, () => {
        const [, tag = "", bare = ""] = /^(struct )?(.*)$/.exec(name) ?? [];
        const around = scopes.split(" ").filter(Boolean).map(plain);
        return findFree(from, { tag, bare: plain(bare), scopes: [...around, ""] });
      });
    },
    findMembers(type, name) {
      const id = symbols.idOf(type);
      // What an alias has is its type's, and a type with a body has beside it only what is defined apart: others of its
      // name are other files' own. Of a type that is only declared there all is elsewhere.
      const kind = symbols.kind(id);
      if (kind === "type") return [];
      const all = symbols.members(joined(symbols.wholeName(id), name));
      const isElsewhere = symbols.is(id, "declaration") || kind === "module";
      return choose(type.path, isElsewhere ? all : all.filter((one) => !symbols.is(one, "contained")));
    },
    findDefinition: (declaration) =>
      remembered(definitions, symbols.idOf(declaration), () => findDefinition(declaration)),
  };
}

/** A name as it can be looked up; `tag`: it is that of a structure. `scopes`: innermost first, "" last. */
interface Name {
  tag: string;
  bare: string;
  scopes: readonly string[];
}

const stemOf = (path: string) => nameOf(path).replace(/\.\w+$/, "");

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, work: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined || known.has(key)) return found as Value;
  const value = work();
  known.set(key, value);
  return value;
}
