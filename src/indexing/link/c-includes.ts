// Where C's and C++'s includes lead, and what a file sees through them. There is no build file to trust: a header is looked for
// beside the file, then by the end of its path, nearest first.
import { asideFolderOf, folderOf, nameOf, pathIn } from "../../graph/path-names.ts";
import { addTo } from "../../platform/group-by.ts";
import { C_STANDARD_HEADERS } from "./c-standard-headers.ts";
import type { CSymbols } from "./c-symbols.ts";
import { filesOf } from "./choice.ts";
import type { Note, Resolution, Tree } from "./tree.ts";

/** Files that one file includes, also through others. */
const CLOSURE_FILES_MAX = 5000;

/** Files, by their places among the paths of the tree, that a file includes, also through others, and the file itself. */
interface Closure {
  has(file: number): boolean;
  /** Not only by headers that were chosen of several. */
  hasSurely(file: number): boolean;
}

export interface CIncludes {
  resolve(from: string, specifier: string): Resolution;
  /** Tells every place that `resolve` looks at, but for sources and headers: a change of these concerns all of them. */
  notePlaces(from: string, specifier: string, note: Note): void;
  /** Of one file at a time: the next call ends it. What it has was looked into. */
  closureOf(from: string): Closure;
}

/** In a folder around the file, or one of headers there: where compilers are mostly told to look. */
function isSearched(from: string, path: string, end: string): boolean {
  const root = path.slice(0, -end.length);
  const around = /^(.*?)(?:(?:include|inc|src|lib)\/)?$/.exec(root)?.[1] ?? root;
  return from.startsWith(around);
}

export function createCIncludes(
  tree: Tree,
  { symbols, languages }: { symbols: CSymbols; languages: ReadonlySet<string> },
): CIncludes {
  const byName = new Map<string, string[]>();
  for (const path of tree.paths)
    if (languages.has(tree.language(path)) || /\.(?:inc|def|tcc|tpp)$/.test(path)) addTo(byName, nameOf(path), path);
  const folders = new Set(tree.paths.flatMap((path) => path.split("/").slice(0, -1)));

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
    // What stands among examples or tests is for what stands there.
    const meant = offered.filter((path) => from.startsWith(asideFolderOf(path) ?? ""));
    if (offered.length > 0) {
      const files = filesOf(from, meant.length > 0 ? meant : offered);
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

  function notePlaces(from: string, specifier: string, note: Note): void {
    const name = specifier.replace(/^<|>$/g, "");
    const [first = "", ...rest] = name.replace(/^(?:\.{1,2}\/)+/, "").split("/");
    note(pathIn(folderOf(from), name) ?? "");
    note(`?/${nameOf(name)}`);
    if (rest.length > 0) note(`?/${first}/`);
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
      // Others declare nothing that is known, and include nothing.
      const read = resolution.paths.filter((path) => languages.has(tree.language(path)));
      return read.map((path) => 2 * symbols.placeOf(path) + Number(isSure));
    });
    return (included[file] = Int32Array.from(found));
  }

  /** Of each file twice the number of the last closure that held it, and one more where it did so surely. */
  const marks = new Uint32Array(tree.paths.length);
  let number = 0;
  let last: { from: string; closure: Closure } | undefined;

  return { resolve, notePlaces, closureOf };

  /** In Linux it has hundreds of files mostly, and is asked for once for each name. */
  function closureOf(from: string): Closure {
    if (last?.from === from) return last.closure;
    const own = 2 * ++number;
    const closure: Closure = {
      has: (file) => (marks[file] ?? 0) >= own,
      hasSurely: (file) => (marks[file] ?? 0) > own,
    };
    last = { from, closure };
    let count = 0;
    const see = (file: number, isSure: boolean) => {
      marks[file] = own + Number(isSure);
      count++;
      return file;
    };
    const guessed = follow([symbols.placeOf(from)], true);
    follow(guessed, false);
    return closure;

    /** Sees the files and what they include. Answers the files that one of those only may lead to, where that matters. */
    function follow(files: readonly number[], isSure: boolean): number[] {
      const mayLeadTo: number[] = [];
      const queue: number[] = [];
      for (const file of files) if (!closure.has(file)) queue.push(see(file, isSure));
      for (let at = 0, known = 0; at < queue.length; at++) {
        // All that are as far away at once.
        if (at === known) symbols.lookInto(queue.slice(known, (known = queue.length)));
        if (count > CLOSURE_FILES_MAX) continue;
        for (const inclusion of inclusionsOf(queue[at] ?? 0)) {
          const other = inclusion >> 1;
          if (closure.has(other)) continue;
          if (isSure && inclusion % 2 === 0) mayLeadTo.push(other);
          else queue.push(see(other, isSure));
        }
      }
      return mayLeadTo;
    }
  }
}
