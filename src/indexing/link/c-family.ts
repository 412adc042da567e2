// Where C's and C++'s includes and names lead. There is no build file to trust: a header is looked for beside the file,
// then by the end of its path, nearest first. A name can mean what the included files declare, and theirs.
import type { Definition } from "../../graph/links.ts";
import { folderOf, nameOf, nearestTo, pathIn } from "./path-names.ts";
import { C_STANDARD_HEADERS } from "./c-standard-headers.ts";
import { addTo } from "../../platform/group-by.ts";
import type { Resolution, Resolver, Tree } from "./tree.ts";

/** Files that one file includes, also through others. */
const CLOSURE_FILES_MAX = 5000;

export function createCFamilyResolver(tree: Tree): Resolver {
  const byName = new Map<string, string[]>();
  const folders = new Set(tree.paths.flatMap((path) => path.split("/").slice(0, -1)));
  const names = new Map<string, Definition[]>();
  /** Members by whole name of their type, wherever they are declared. */
  const members = new Map<string, Definition[]>();
  const wholes = new Map<string, string[]>();
  for (const path of tree.paths) {
    const language = tree.language(path);
    if (language !== "c" && language !== "cpp") {
      if (/\.(?:inc|def|tcc|tpp)$/.test(path)) addTo(byName, nameOf(path), path);
      continue;
    }
    addTo(byName, nameOf(path), path);
    const own: string[] = [];
    wholes.set(path, own);
    for (const [symbol, { name, container, owner, kind }] of tree.facts(path).symbols.entries()) {
      const around = [container === undefined ? undefined : own[container], owner]
        .filter((part) => part !== undefined)
        .join("::");
      const whole = around === "" ? name : `${around}::${name}`;
      own.push(whole);
      addTo(names, whole, { path, symbol });
      if (kind === "struct" || kind === "class" || kind === "enum") addTo(names, `struct ${whole}`, { path, symbol });
      if (around !== "") addTo(members, whole, { path, symbol });
      // Enumerators of a plain enum are names of what is around it.
      const holder = container === undefined ? undefined : tree.facts(path).symbols[container];
      if (kind === "enum_member" && holder?.kind === "enum")
        addTo(names, [...around.split("::").slice(0, -1), name].join("::"), { path, symbol });
    }
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
    const path = nearestTo(from, offered);
    if (path !== undefined) return { kind: "files", paths: [path] };
    if (C_STANDARD_HEADERS.has(name)) return { kind: "builtin" };
    const [first = end, ...rest] = end.split("/");
    // A folder that the tree does not have is a package's.
    return isSystem || (rest.length > 0 && !folders.has(first))
      ? { kind: "external", package: first }
      : { kind: "missing" };
  }

  let last: { from: string; files: Set<string> } | undefined;
  function closureOf(from: string): Set<string> {
    if (last?.from === from) return last.files;
    const files = new Set([from]);
    for (const path of files) {
      if (files.size > CLOSURE_FILES_MAX) break;
      for (const { specifier } of tree.facts(path).imports) {
        const found = resolve(path, specifier);
        if (found.kind === "files") for (const included of found.paths) files.add(included);
      }
    }
    last = { from, files };
    return files;
  }

  const fact = ({ path, symbol }: Definition) => tree.facts(path).symbols[symbol];

  /** Definitions before declarations, of several what is nearest. */
  function choose(from: string, found: readonly Definition[]): readonly Definition[] {
    const defined = found.filter((definition) => fact(definition)?.isDeclaration !== true);
    const chosen = defined.length > 0 ? defined : found;
    if (chosen.length < 2) return chosen;
    const path = nearestTo(
      from,
      chosen.map((definition) => definition.path),
    );
    return chosen.filter((definition) => definition.path === path).slice(0, 1);
  }

  return {
    resolveImport: (from, { specifier }) => resolve(from, specifier),
    findFree(from, name, scopes = "") {
      const [, tag = "", bare = ""] = /^(struct )?(.*)$/.exec(name) ?? [];
      for (const scope of [...scopes.split(" ").filter(Boolean), ""]) {
        const known = names.get(scope === "" ? name : `${tag}${scope}::${bare}`);
        const files = known && closureOf(from);
        const seen = known?.filter(({ path }) => files?.has(path));
        if (seen?.length) return choose(from, seen);
      }
      return undefined;
    },
    findMembers({ path, symbol }, name) {
      const whole = wholes.get(path)?.[symbol];
      if (whole === undefined) return [];
      // What an alias has is its type's, and a type with a body has beside it only what is defined apart: others of its
      // name are other files' own. Of a type that is only declared there all is elsewhere.
      const { kind, isDeclaration } = tree.facts(path).symbols[symbol] ?? {};
      if (kind === "type") return [];
      const known = members.get(`${whole}::${name}`) ?? [];
      return choose(path, isDeclaration ? known : known.filter((one) => fact(one)?.container === undefined));
    },
    findDefinition(declaration) {
      const whole = wholes.get(declaration.path)?.[declaration.symbol];
      const defined = (whole === undefined ? [] : (names.get(whole) ?? [])).filter(
        (definition) => fact(definition)?.isDeclaration !== true && fact(definition)?.isExported !== false,
      );
      if (defined.length < 2) return defined[0];
      // `x.h` is declared for `x.c`; else whoever includes the header, nearest first.
      const stem = nameOf(declaration.path).replace(/\.\w+$/, "");
      const twins = defined.filter(({ path }) => nameOf(path).replace(/\.\w+$/, "") === stem);
      const [chosen] = choose(declaration.path, twins.length > 0 ? twins : defined);
      return chosen;
    },
  };
}
