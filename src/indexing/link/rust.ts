// Where Rust's paths lead. Modules are files found from the crate's roots by their `mod` declarations; crates are the
// Cargo.toml files of the tree. What is not a file of the path is looked up among the names of the last one that is.
import type { Definition } from "../../graph/links.ts";
import { folderOf, nameOf, pathIn } from "../../graph/path-names.ts";
import { addTo } from "../../platform/group-by.ts";
import { createCrates } from "./rust-crates.ts";
import { givenIn, isOfModule, moduleOf, type Given } from "./rust-reach.ts";
import type { Resolution, Resolver, Tree } from "./tree.ts";

/** A file and the names of a path that are below it. */
interface Place {
  file: string;
  rest: string[];
  /** No manifest says that the crate that it is of is the tree's. */
  isGuess?: true;
}

const STEPS_MAX = 24;
/** Crates that come with the language, and its own types. */
const BUILTIN = /^(?:std|core|alloc|proc_macro|test|[iu](?:8|16|32|64|128|size)|f32|f64|bool|char|str)$/;

/**
 * `use`s that one path may lead through, all its branches together: names that are given on in a circle took 24 steps at
 * each of eight levels, which is for ever.
 */
const USES_MAX = 64;
interface Left {
  uses: number;
  /** Paths of those that it led through, and of the files above that it began from. */
  through: string[];
}

const allUses = (): Left => ({ uses: USES_MAX, through: [] });

type Member = ReturnType<NonNullable<Resolver["findMember"]>>;

export function createRustResolver(tree: Tree): Resolver {
  const crates = createCrates(tree);
  const crateOf = (path: string) => crates.of(path);
  const children = new Map<string, Map<string, string>>();
  const parents = new Map<string, string>();
  const members = new Map<string, Definition[]>();
  const macros = new Map<string, Definition[]>();
  const given = new Map<string, Given>();
  const paths = new Map<string, Map<string, number>>();
  const files = tree.filesIn(new Set(["rust"]));
  tree.announce(files);
  for (const path of files) readModules(path);
  for (const path of files) readMembers(path);

  function readModules(path: string): void {
    const own = new Map<string, string>();
    for (const { specifier } of tree.facts(path).imports) {
      if (!isOfModule(specifier)) continue;
      const isPath = specifier.startsWith("./");
      const names = isPath ? [] : specifier.split("::").slice(1);
      const found = isPath ? pathIn(folderOf(path), specifier) : moduleFile(path, names);
      // Nothing is known of the names in a file of another ending (`#[path = "x.inc"]`).
      if (found === undefined || !tree.has(found) || tree.language(found) !== "rust" || found === path) continue;
      own.set(isPath ? specifier : names.join("::"), found);
      if (!parents.has(found)) parents.set(found, path);
    }
    children.set(path, own);
  }

  /** Where `mod name;` of a file has its text. */
  function moduleFile(path: string, names: readonly string[]): string | undefined {
    const folder = folderOf(path);
    const ownFolder = isRoot(path) || nameOf(path) === "mod.rs" ? folder : path.replace(/\.rs$/, "");
    const base = pathIn(ownFolder, names.join("/")) ?? "";
    return [`${base}.rs`, `${base}/mod.rs`].find((file) => tree.has(file));
  }

  function isRoot(path: string): boolean {
    const crate = crateOf(path);
    if (!crate) return /^(?:lib|main)\.rs$/.test(nameOf(path));
    const inside = path.slice(crate.folder === "" ? 0 : crate.folder.length + 1);
    return (
      path === crate.library ||
      crate.manifest.binaryPaths.includes(inside) ||
      /^(?:src\/(?:lib|main)|src\/bin\/(?:[^/]+|[^/]+\/main)|(?:tests|examples|benches)\/(?:[^/]+|[^/]+\/main)|build)\.rs$/.test(
        inside,
      )
    );
  }

  function rootOf(path: string, left: Left): string | undefined {
    let at = path;
    for (let step = 0; step < STEPS_MAX * 4; step++) {
      const parent = parents.get(at);
      if (parent === undefined) break;
      left.through.push(moduleOf(parent));
      at = parent;
    }
    return at !== path || isRoot(path) ? at : crateOf(path)?.library;
  }

  function readMembers(path: string): void {
    const folder = crateOf(path)?.folder ?? "";
    for (const [symbol, { name, owner, kind, signature }] of tree.facts(path).symbols.entries()) {
      if (owner !== undefined) addTo(members, `${folder} ${owner}.${name}`, { path, symbol });
      // Those that functions make are only known by paths.
      if (kind === "macro" && signature.startsWith("macro_rules")) addTo(macros, name, { path, symbol });
    }
  }

  /** From a file down the names of a path, as far as they are files or given on by them. */
  function descend(start: Place, left: Left): Place {
    let { file, rest } = start;
    for (let step = 0; rest.length > 0 && step < STEPS_MAX; step++) {
      const next = nextPlace({ file, rest }, left);
      if (!next) break;
      ({ file, rest } = next);
    }
    return { file, rest };
  }

  /** The file of the first name, or of the first few where they are modules written in this file; else where it is from. */
  function nextPlace({ file, rest }: Place, left: Left): Place | undefined {
    for (let count = 1; count <= rest.length; count++) {
      const name = rest.slice(0, count).join("::");
      const more = rest.slice(count);
      const child = children.get(file)?.get(name);
      if (child !== undefined) return { file: child, rest: more };
      const passedOn =
        through(file, name, left) ?? (isThere(file, rest.slice(0, count)) ? undefined : stars(file, name, left));
      if (passedOn) return { file: passedOn.file, rest: [...passedOn.rest, ...more] };
      if (!isModule(file, rest.slice(0, count))) return undefined;
    }
    return undefined;
  }

  const isThere = (file: string, names: readonly string[]) => pathsIn(file).has(names.join("::"));

  /** Symbols of a file by their path in it; of several of one path that of an ordinary build. */
  function pathsIn(file: string): Map<string, number> {
    const known = paths.get(file);
    if (known) return known;
    const own = new Map<string, number>();
    paths.set(file, own);
    const { symbols } = tree.facts(file);
    const wholes: string[] = [];
    for (const [number, { name, container, owner, isSecondary }] of symbols.entries()) {
      const around = container === undefined ? undefined : wholes[container];
      const whole = around === undefined ? name : `${around}::${name}`;
      wholes.push(whole);
      const earlier = own.get(whole);
      if (owner === undefined && (earlier === undefined || (symbols[earlier]?.isSecondary && !isSecondary)))
        own.set(whole, number);
    }
    return own;
  }

  function isModule(file: string, names: readonly string[]): boolean {
    return tree.facts(file).symbols[pathsIn(file).get(names.join("::")) ?? -1]?.kind === "module";
  }

  /** What a file has from elsewhere under a name: `use a::b` or `mod b`. */
  function through(file: string, name: string, left: Left): Place | undefined {
    if (left.uses-- <= 0) return undefined;
    const path = givenBy(file).names.get(name);
    if (path === undefined) return undefined;
    left.through.push(path);
    return inTree(place(file, path, left));
  }

  /** The same by `use a::*`, where what is named is there. */
  function stars(file: string, name: string, left: Left): Place | undefined {
    const around = name.slice(0, Math.max(0, name.lastIndexOf("::")));
    for (const specifier of givenBy(file).stars.get(around) ?? []) {
      if (left.uses-- <= 0) return undefined;
      left.through.push(specifier);
      const start = inTree(place(file, specifier, left));
      if (!start || (start.file === file && start.rest.join("::") === around)) continue;
      const found = descend(
        { file: start.file, rest: [...start.rest, name.slice(around === "" ? 0 : around.length + 2)] },
        left,
      );
      if (found.rest.length === 0 || isThere(found.file, found.rest)) return found;
    }
    return undefined;
  }

  const inTree = (found: ReturnType<typeof place>) => (found === undefined || "kind" in found ? undefined : found);

  /** What a file gives on: by name, and the stars of each of its modules by the module's path. */
  function givenBy(file: string): Given {
    const known = given.get(file);
    if (known) return known;
    const own = givenIn(tree.facts(file));
    given.set(file, own);
    return own;
  }

  function place(
    from: string,
    specifier: string,
    left: Left,
  ): Place | { kind: "external"; package: string } | { kind: "builtin" } | undefined {
    if (specifier.startsWith("./")) {
      const file = pathIn(folderOf(from), specifier);
      return file === undefined || !tree.has(file) || file === from ? undefined : { file, rest: [] };
    }
    const names = specifier.split("::").filter(Boolean);
    const [first = "", ...rest] = names;
    if (first === "crate") {
      const file = rootOf(from, left);
      return file === undefined ? undefined : descend({ file, rest }, left);
    }
    if (first === "self" || first === "super") {
      let file: string | undefined = from;
      let at = first === "self" ? 1 : 0;
      for (; names[at] === "super" && file !== undefined; at++) {
        file = parents.get(file);
        if (file !== undefined) left.through.push(moduleOf(file));
      }
      if (file === undefined) return undefined;
      const whole = children.get(file)?.get(names.slice(at).join("::"));
      return whole === undefined ? descend({ file, rest: names.slice(at) }, left) : { file: whole, rest: [] };
    }
    const child = children.get(from)?.get(first);
    if (child !== undefined) return descend({ file: child, rest }, left);
    if (BUILTIN.test(first)) return { kind: "builtin" };
    const { library, isGuess, elsewhere } = crates.find(from, first);
    if (library !== undefined && !isGuess) return descend({ file: library, rest }, left);
    const own = through(from, first, left);
    if (own) return descend({ file: own.file, rest: [...own.rest, ...rest] }, left);
    if (library !== undefined) return { ...descend({ file: library, rest }, left), isGuess: true };
    return { kind: "external", package: `cargo:${elsewhere}` };
  }

  /** What is left of a path below the files it resolved to. */
  const rests = new WeakMap<readonly string[], string[]>();
  /** By what an import led to, what was found there: most names of it are used more than once. */
  const foundMembers = new WeakMap<readonly string[], Map<string, { member: Member; through: readonly string[] }>>();
  return {
    resolveImport(from, { specifier }, note): Resolution {
      if (specifier.startsWith("./")) note(pathIn(folderOf(from), specifier) ?? "");
      const left = allUses();
      const found = place(from, specifier, left);
      for (const path of [specifier, ...left.through]) note({ name: path });
      if (!found) return { kind: "missing" };
      if ("kind" in found) return found;
      const paths = [found.file];
      rests.set(paths, found.rest);
      return found.isGuess ? { kind: "files", paths, isGuess: true } : { kind: "files", paths };
    },
    findFree(from, name) {
      if (!name.endsWith("!")) return undefined;
      const known = macros.get(name.slice(0, -1)) ?? [];
      const own = known.filter(({ path }) => crateOf(path) === crateOf(from));
      return own.length > 0
        ? own.slice(-1)
        : known.filter(({ path, symbol }) => tree.facts(path).symbols[symbol]?.isExported);
    },
    findMember(paths, name, note) {
      let known = foundMembers.get(paths);
      if (!known) foundMembers.set(paths, (known = new Map()));
      let found = known.get(name);
      if (!found) {
        const left = allUses();
        known.set(name, (found = { member: memberOf(paths, name, left), through: left.through }));
      }
      for (const path of [name, ...found.through]) note({ name: path });
      return found.member;
    },
    findMembers({ path, symbol }, name) {
      const type = tree.facts(path).symbols[symbol];
      return (type && members.get(`${crateOf(path)?.folder ?? ""} ${type.name}.${name}`)) ?? [];
    },
  };

  function memberOf(paths: readonly string[], name: string, left: Left): Member {
    const [file] = paths;
    if (file === undefined) return undefined;
    const below = descend({ file, rest: [...(rests.get(paths) ?? []), name] }, left);
    if (below.rest.length === 0) return { file: below.file };
    const found = pathsIn(below.file).get(below.rest.join("::"));
    if (found !== undefined) return [{ path: below.file, symbol: found }];
    const owner = below.rest.at(-2);
    const within = crateOf(below.file);
    const member = owner === undefined ? undefined : members.get(`${within?.folder ?? ""} ${owner}.${name}`);
    return (
      member ??
      macros
        .get(name)
        ?.filter(({ path, symbol }) => crateOf(path) === within && tree.facts(path).symbols[symbol]?.isExported)
    );
  }
}
