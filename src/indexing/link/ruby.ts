// Where Ruby's names lead. Constants have whole names, and modules are reopened in many files: a constant is whatever
// files declare it, which is also what autoloading by file name comes to. `require` looks in `lib` folders.
import type { Definition } from "../../graph/links.ts";
import { folderOf, foldersAround, nameOf, pathIn } from "../../graph/path-names.ts";
import { choiceOf, filesOf, partOf, type Choice } from "./choice.ts";
import { RUBY_CONSTANTS, RUBY_STANDARD_LIBRARY } from "./ruby-standard-library.ts";
import { addTo, groupBy } from "../../platform/group-by.ts";
import { NO_FACTS } from "../../languages/facts.ts";
import type { Change } from "./seen-outside.ts";
import type { Note, Reach, Resolution, Resolver, Tree } from "./tree.ts";

/** Longer whole names are not looked up, nor is what stands in them. */
const WHOLE_CHARACTERS_MAX = 1000;

export function createRubyResolver(tree: Tree): Resolver {
  const constants = new Map<string, Definition[]>();
  const members = new Map<string, Definition[]>();
  const libraries = new Set<string>();
  /** By whole name, the places where a module has superclasses or mixins. */
  const parts = new Map<string, Definition[]>();
  /** What `require` is asked for from files that may mean a gem of that name, without signs, and one of these files. */
  const required = new Map<string, { from: string; specifier: string }>();
  /** Whole names of the modules of a file, by symbol. */
  const names = new Map<string, (string | undefined)[]>();
  const files = tree.filesIn(new Set(["ruby"]));
  tree.announce(files);
  for (const path of files) {
    for (const folder of foldersAround(folderOf(path))) if (/(?:^|\/)(?:lib|app)$/.test(folder)) libraries.add(folder);
    const own: (string | undefined)[] = [];
    const tooDeep = new Set<number>();
    names.set(path, own);
    const { symbols, imports } = tree.facts(path);
    for (const { specifier } of imports) required.set(bare(specifier.split("/")[0]), { from: path, specifier });
    for (const [symbol, { name, kind, container, owner, bases }] of symbols.entries()) {
      const around = container === undefined ? undefined : own[container];
      const whole = [around, owner, name].filter((part) => part !== undefined).join("::");
      // Names in one another would take memory by the square.
      if (whole.length > WHOLE_CHARACTERS_MAX || tooDeep.has(container ?? -1)) {
        tooDeep.add(symbol);
        continue;
      }
      const isConstant = kind === "module" || kind === "class" || kind === "constant";
      own[symbol] = isConstant ? whole : undefined;
      if (isConstant) addTo(constants, whole, { path, symbol });
      if (isConstant && bases) addTo(parts, whole, { path, symbol });
      if (around !== undefined || owner !== undefined)
        addTo(members, `${isConstant ? whole.slice(0, -name.length - 2) : around}.${name}`, { path, symbol });
    }
  }

  // Of each list of definitions those in files named for them: rails' modules are opened in hundreds, and asked for as often.
  const named = new Map<readonly Definition[], readonly Definition[]>();
  function inFilesNamedSo(found: readonly Definition[]): readonly Definition[] {
    let known = named.get(found);
    if (!known) {
      const wanted = ({ path, symbol }: Definition) => fileName(names.get(path)?.[symbol] ?? "");
      const isNamed = ({ path }: Definition, name: string) => path.endsWith(`/${name}.rb`);
      const likely = [
        found.filter((one) => isNamed(one, wanted(one))),
        found.filter((one) => isNamed(one, wanted(one).split("/").at(-1) ?? "")),
        found.filter(({ path, symbol }) =>
          tree.facts(path).symbols[symbol]?.bases?.some(({ kind }) => kind !== "instance"),
        ),
      ];
      known = likely.find((some) => some.length > 0) ?? [];
      named.set(found, known);
    }
    return known;
  }

  /** Of what is opened in many files, the file named for it, else one that gives it a superclass, else the nearest. */
  function choose(from: string, found: readonly Definition[] | undefined): readonly Choice[] | undefined {
    if (!found || found.length < 2) return found;
    const own = found.filter(({ path }) => path === from);
    if (own.length > 0) return own.slice(0, 1);
    const byName = inFilesNamedSo(found);
    if (byName.length === 0) return partOf(from, found);
    const [first, ...others] = choiceOf(from, byName);
    // Several of one file are parts of one thing.
    return [first, ...others.filter(({ path, isTied }) => isTied && path !== first?.path)].filter(
      (one) => one !== undefined,
    );
  }

  function resolveRequire(from: string, specifier: string): Resolution {
    const file = specifier.endsWith(".rb") ? specifier : `${specifier}.rb`;
    if (specifier.startsWith(".")) {
      const path = pathIn(folderOf(from), file);
      return path !== undefined && tree.has(path) ? { kind: "files", paths: [path] } : { kind: "missing" };
    }
    for (const folder of foldersAround(folderOf(from)))
      for (const root of [
        ...(BELOW_LIBRARY.test(folder) ? [] : [folder]),
        `${folder}/lib`,
        `${folder}/test`,
        `${folder}/spec`,
      ]) {
        const path = pathIn(root, file);
        if (path !== undefined && path !== from && tree.has(path)) return { kind: "files", paths: [path] };
      }
    const offered = [...libraries].map((folder) => `${folder}/${file}`).filter((path) => tree.has(path));
    if (offered.length > 0) return filesOf(from, offered);
    const [gem = specifier] = specifier.split("/");
    return RUBY_STANDARD_LIBRARY.has(gem) ? { kind: "builtin" } : { kind: "external", package: `gem:${specifier}` };
  }

  const gems = new Map<string, boolean>();
  /** A module of the name of a gem that is not in the tree, and no file of the tree is named for it. */
  function isOfGem(constant: string, note: Note): boolean {
    let known = gems.get(constant);
    const asked = required.get(bare(constant));
    note({ name: bare(constant) });
    if (asked) noteRequire(asked.specifier, note);
    if (known === undefined) {
      const isExternal = asked !== undefined && resolveRequire(asked.from, asked.specifier).kind === "external";
      known = isExternal && !tree.paths.some((path) => nameOf(path) === `${fileName(constant)}.rb`);
      gems.set(constant, known);
    }
    return known;
  }

  return {
    resolveImport(from, { specifier }, note) {
      noteRequire(specifier, note);
      return resolveRequire(from, specifier);
    },
    findFree(from, name, scopes = "") {
      for (const scope of scopes.split(" ")) {
        const found = scope && choose(from, constants.get(`${scope}::${name}`));
        if (found) return found;
      }
      return choose(from, constants.get(name));
    },
    findMembers({ path, symbol }, name, isStatic) {
      const whole = names.get(path)?.[symbol];
      const all = whole === undefined ? undefined : members.get(`${whole}.${name}`);
      const found = all?.filter((one) => {
        if (!isOfSameProject(one.path, path)) return false;
        const fact = tree.facts(one.path).symbols[one.symbol];
        return fact?.kind !== "method" || (fact.isStatic === true) === isStatic;
      });
      return choose(path, found) ?? [];
    },
    findParts({ path, symbol }) {
      const whole = names.get(path)?.[symbol];
      const found = whole === undefined ? undefined : parts.get(whole);
      return (
        found?.filter((part) => (part.path !== path || part.symbol !== symbol) && isOfSameProject(part.path, path)) ??
        []
      );
    },
    isAddition({ path, symbol }, note) {
      const whole = names.get(path)?.[symbol];
      const kind = tree.facts(path).symbols[symbol]?.kind;
      if (whole === undefined || kind === "constant") return false;
      const [outermost = "", ...inner] = whole.split("::");
      return inner.length === 0
        ? RUBY_CONSTANTS.has(whole) || isOfGem(whole, note)
        : kind === "module" && isOfGem(outermost, note);
    },
    hasSeparateStatics: true,
  };
}

/** What is required, and what a file is called, may say that a module is a gem's. */
export function reachOfRuby({ path, before, after }: Change): Reach {
  // Of several of one gem the last one counts.
  const required = (facts = NO_FACTS) => {
    const specifiers = facts.imports.map(({ specifier }) => specifier);
    return groupBy(specifiers, (specifier) => bare(specifier.split("/")[0]));
  };
  const [old, now] = [required(before), required(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => old.get(name)?.join("\n") !== now.get(name)?.join("\n"),
  );
  if (!before || !after) names.push(bare(nameOf(path).replace(/\.rb$/, "")));
  return { names, beginnings: [] };
}

function noteRequire(specifier: string, note: Note): void {
  note(`?/${nameOf(specifier).replace(/\..*$/s, "")}`);
}

/** Nothing is required by its path from there: `lib/acme/json.rb` is no `json`. */
const BELOW_LIBRARY = /(?:^|\/)(?:lib|app)\/./;

/** What tests of one project open says nothing of classes of another that have the same name. */
function isOfSameProject(opened: string, path: string): boolean {
  const project = /^(.*?)(?:test|tests|spec|features)\//.exec(opened)?.[1];
  return project === undefined || !(project === "" || project.endsWith("/")) || path.startsWith(project);
}

/** As names of gems and of their modules have in common. */
function bare(name = ""): string {
  return name.replace(/[_-]/g, "").toLowerCase();
}

/** `A::HTTPServer` → `a/http_server`, as Zeitwerk and Rails name files. */
function fileName(constant: string): string {
  return constant
    .replaceAll("::", "/")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .toLowerCase();
}
