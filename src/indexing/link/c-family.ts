// Where C's and C++'s includes and names lead. There is no build file to trust: a header is looked for beside the file,
// then by the end of its path, nearest first. A name can mean what the included files declare, and theirs.
import type { Definition } from "../../graph/links.ts";
import { folderOf, nameOf, pathIn } from "../../graph/path-names.ts";
import { C_STANDARD_HEADERS } from "./c-standard-headers.ts";
import type { SymbolFact } from "../../languages/facts.ts";
import { addTo, groupBy } from "../../platform/group-by.ts";
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

/** Files that an include leads to; `isSure`: to no other ones. */
interface Inclusion {
  paths: readonly string[];
  isSure: boolean;
}

const joined = (around: string, name: string) => (around === "" ? name : `${around}::${name}`);

export function createCFamilyResolver(tree: Tree): Resolver {
  const byName = new Map<string, string[]>();
  const folders = new Set(tree.paths.flatMap((path) => path.split("/").slice(0, -1)));
  const names = new Map<string, Definition[]>();
  /** What macros that stand for the beginning of a namespace open. */
  const opened = new Map<string, string>();
  for (const path of tree.paths)
    if (isOfFamily(tree.language(path)))
      for (const { name, opens } of tree.facts(path).symbols)
        if (opens !== undefined && !opened.get(name)) opened.set(name, opens);
  /** Members by whole name of their type, wherever they are declared. */
  const members = new Map<string, Definition[]>();
  const wholes = new Map<string, string[]>();
  /** What each file includes. By itself, for the facts of all headers that a file sees do not stay open together. */
  const includes = new Map<string, string[]>();
  for (const path of tree.paths) {
    if (!isOfFamily(tree.language(path))) {
      if (/\.(?:inc|def|tcc|tpp)$/.test(path)) addTo(byName, nameOf(path), path);
      continue;
    }
    addTo(byName, nameOf(path), path);
    includes.set(
      path,
      tree.facts(path).imports.map(({ specifier }) => specifier),
    );
    const own: string[] = [];
    wholes.set(path, own);
    for (const [symbol, { name, container, owner, kind, signature }] of tree.facts(path).symbols.entries()) {
      const around = owner === undefined ? (own[container ?? -1] ?? "") : plain(owner);
      const isOpen = kind === "module" && (/^inline\b/.test(signature) || plain(name) === "");
      const whole = isOpen ? around : joined(around, kind === "module" ? plain(name) : name);
      own.push(whole);
      // Constructors are called by the name of their class, and are that.
      if (kind === "constructor" || name === "" || whole === around) continue;
      addTo(names, whole, { path, symbol });
      if (kind === "struct" || kind === "class" || kind === "enum") addTo(names, `struct ${whole}`, { path, symbol });
      if (around !== "") addTo(members, whole, { path, symbol });
      // Enumerators of a plain enum are names of what is around it.
      const holder = container === undefined ? undefined : tree.facts(path).symbols[container];
      const isPlain = holder?.kind === "enum" && !/^enum\s+(?:class|struct)\b/.test(holder.signature);
      if (kind === "enum_member" && isPlain)
        addTo(names, [...around.split("::").slice(0, -1), name].join("::"), { path, symbol });
    }
  }

  /** A path as the compiler sees it. */
  function plain(path: string): string {
    if (opened.size === 0) return path;
    return path
      .split("::")
      .map((part) => opened.get(part) ?? part)
      .filter(Boolean)
      .join("::");
  }

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

  const included = new Map<string, readonly Inclusion[]>();
  function inclusionsOf(path: string): readonly Inclusion[] {
    const known = included.get(path);
    if (known) return known;
    const found = (includes.get(path) ?? []).flatMap((specifier): Inclusion[] => {
      const resolution = resolve(path, specifier);
      if (resolution.kind !== "files") return [];
      return [{ paths: resolution.paths, isSure: !resolution.isGuess && !resolution.isTied }];
    });
    included.set(path, found);
    return found;
  }

  let last: { from: string; files: Map<string, { isSure: boolean }> } | undefined;
  /** Files that it includes, also through others; `isSure`: not only by headers that were chosen of several. */
  function closureOf(from: string): Map<string, { isSure: boolean }> {
    if (last?.from === from) return last.files;
    const files = new Map([[from, { isSure: true }]]);
    let guessed: string[] = [];
    include(true);
    while (guessed.length > 0) include(false);
    last = { from, files };
    return files;

    function include(isSure: boolean): void {
      const queue = isSure ? [from] : guessed.filter((path) => !files.has(path));
      guessed = [];
      for (const path of queue) files.set(path, { isSure });
      for (const path of queue) {
        if (files.size > CLOSURE_FILES_MAX) return;
        for (const inclusion of inclusionsOf(path)) {
          for (const header of inclusion.paths) {
            if (files.has(header)) continue;
            if (isSure && !inclusion.isSure) {
              guessed.push(header);
              continue;
            }
            files.set(header, { isSure });
            queue.push(header);
          }
        }
      }
    }
  }

  /** A header can use what those that include it have included before: told where there is but one of that name. */
  function fromIncluders({ name, scopes }: { name: string; scopes: string }): readonly Definition[] | undefined {
    for (const scope of [...scopes.split(" ").filter(Boolean), ""]) {
      const known = names.get(joined(plain(scope), plain(name)))?.filter((one) => isHeader(one.path));
      if (known?.length === 1 && fact(known[0] ?? { path: "", symbol: 0 })?.kind !== "module") return known;
    }
    return undefined;
  }

  const fact = ({ path, symbol }: Definition) => tree.facts(path).symbols[symbol];

  /** Definitions before declarations, of several what is nearest. Of overloads all. */
  function choose(from: string, found: readonly Definition[]): readonly Choice[] {
    if (found.length < 2) return found;
    const groups = groupBy(found, (definition) => fact(definition)?.takes?.join() ?? "");
    const chosen = [...groups.values()].map((same) => chooseOf(from, same));
    const overloads = chosen.flat().filter((one) => fact(one)?.arity);
    return overloads.length > 0 ? overloads : (chosen[0] ?? []);
  }

  /** One of each file. */
  function chooseOf(from: string, found: readonly Definition[]): readonly Choice[] {
    const built = preferring(found, (one) => one?.isSecondary !== true);
    const defined = preferring(built, (one) => one?.isDeclaration !== true);
    const [first] = defined;
    // A type may be given its name again, and whatever is only declared is one thing.
    const kinds = defined.map((one) => fact(one)?.kind ?? "variable");
    if (kinds.every((kind) => TYPES.has(kind)) && kinds.filter((kind) => kind !== "type").length < 2)
      return partOf(from, defined);
    if (first && fact(first)?.isDeclaration) return partOf(from, defined).map(({ path, symbol }) => ({ path, symbol }));
    const chosen = choiceOf(from, defined);
    return chosen.filter(({ path }, at) => chosen.findIndex((one) => one.path === path) === at);
  }

  function preferring(
    found: readonly Definition[],
    isBetter: (symbol: SymbolFact | undefined) => boolean,
  ): readonly Definition[] {
    const better = found.filter((one) => isBetter(fact(one)));
    return better.length > 0 ? better : found;
  }

  return {
    hasOverloads: true,
    resolveImport: (from, { specifier }) => resolve(from, specifier),
    findFree(from, name, scopes = "") {
      const [, tag = "", bare = ""] = /^(struct )?(.*)$/.exec(name) ?? [];
      for (const scope of [...scopes.split(" ").filter(Boolean), ""]) {
        const known = names.get(tag + joined(plain(scope), plain(bare)));
        const files = known && closureOf(from);
        const seen = known?.filter(({ path }) => files?.has(path));
        if (seen?.length)
          return choose(from, seen).map((one) => (files?.get(one.path)?.isSure ? one : { ...one, isGuess: true }));
      }
      // A structure that headers only name is defined in one of the files that use them.
      const hidden = tag === "" ? [] : (names.get(tag + plain(bare)) ?? []);
      if (hidden.length === 1) return hidden;
      return isHeader(from) ? fromIncluders({ name, scopes }) : undefined;
    },
    findMembers({ path, symbol }, name) {
      const whole = wholes.get(path)?.[symbol];
      if (whole === undefined) return [];
      // What an alias has is its type's, and a type with a body has beside it only what is defined apart: others of its
      // name are other files' own. Of a type that is only declared there all is elsewhere.
      const { kind, isDeclaration } = tree.facts(path).symbols[symbol] ?? {};
      if (kind === "type") return [];
      const known = members.get(joined(whole, name)) ?? [];
      return choose(
        path,
        isDeclaration || kind === "module" ? known : known.filter((one) => fact(one)?.container === undefined),
      );
    },
    findDefinition(declaration) {
      const whole = wholes.get(declaration.path)?.[declaration.symbol];
      const all = (whole === undefined ? [] : (names.get(whole) ?? [])).filter(
        (definition) => fact(definition)?.isDeclaration !== true && fact(definition)?.isExported !== false,
      );
      const { takes, arity } = fact(declaration) ?? {};
      // Of overloads the one with the same parameters; what is of another number is none at all.
      const able = all.filter((definition) => fact(definition)?.arity?.[1] === arity?.[1]);
      const defined = preferring(able, (one) => one?.takes?.join() === takes?.join());
      if (defined.length < 2) return defined[0];
      // `x.h` is declared for `x.c`; else whoever includes the header, nearest first.
      const stem = nameOf(declaration.path).replace(/\.\w+$/, "");
      const twins = defined.filter(({ path }) => nameOf(path).replace(/\.\w+$/, "") === stem);
      const [chosen, other] = choose(declaration.path, twins.length > 0 ? twins : defined);
      return other?.isTied ? undefined : chosen;
    },
  };
}
