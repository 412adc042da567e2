// Where the imports and references of files lead: Targets evaluated over the facts of the whole snapshot. Pure.
import type { Confidence, Definition, Link, UnresolvedImport } from "../../graph/links.ts";
import { EDGE_KINDS, EXPORT_ASSIGNMENT, type EdgeKind, type Target } from "../../languages/facts.ts";
import type { FileLinks, Resolution, Resolver, Tree } from "./tree.ts";

/** Steps from a reference to its definition, and through re-exports; what is further away is not followed. */
const STEPS_MAX = 64;
/** Files looked through for one name behind `export *`. */
const STARS_MAX = 10_000;

/** What a Target evaluates to. */
type Value =
  /** What an import resolved to, in the words of its language's resolver. */
  | { kind: "module"; paths: readonly string[]; resolver: Resolver }
  | ({ kind: "definition" } & Definition)
  /** A value whose type is that definition. */
  | { kind: "instance"; of: Definition }
  /** The type of a value that is no instance: of a module, or of a function under another name. */
  | { kind: "type-of"; value: Value };

interface Found {
  value: Value;
  /** exact: by names and imports alone. inferred: through a type, which a subclass may override. */
  confidence: Extract<Confidence, "exact" | "inferred">;
}

/** Links of each of `paths`, which must be files of the tree; `resolverOf` is that of a file's language. */
export function linkFiles(
  tree: Tree,
  paths: readonly string[],
  resolverOf: (path: string) => Resolver,
): Map<string, FileLinks> {
  const linker = new Linker(tree, resolverOf);
  return new Map(paths.map((path) => [path, linker.link(path)]));
}

class Linker {
  readonly #tree: Tree;
  readonly #resolverOf: (path: string) => Resolver;
  readonly #imports = new Map<string, Resolution[]>();
  readonly #exports = new Map<string, Found | undefined>();
  readonly #members = new Map<string, Map<string, number>>();

  constructor(tree: Tree, resolverOf: (path: string) => Resolver) {
    this.#tree = tree;
    this.#resolverOf = resolverOf;
  }

  link(path: string): FileLinks {
    const facts = this.#tree.facts(path);
    const kinds = new Map<string, Set<EdgeKind>>();
    const addEdge = (to: string, kind: EdgeKind) => {
      if (to !== path) kinds.set(to, (kinds.get(to) ?? new Set()).add(kind));
    };
    const unresolved: UnresolvedImport[] = [];
    const open = new Set<string>();
    for (const [number, resolution] of this.#importsOf(path).entries()) {
      const fact = facts.imports[number];
      if (!fact) continue;
      if (resolution.kind === "files" && resolution.isOpen) for (const to of resolution.paths) open.add(to);
      else if (resolution.kind === "files") for (const to of resolution.paths) addEdge(to, fact.kind);
      else {
        const name = resolution.kind === "external" ? { package: resolution.package } : {};
        unresolved.push({ specifier: fact.specifier, line: fact.line, reason: resolution.kind, ...name });
      }
    }
    const links: Link[] = [];
    for (const [reference, { target }] of facts.references.entries()) {
      const found = this.#evaluate(path, target, 0);
      // `from package import module` depends on the module as on what it names. Where folders offer no members, the
      // module is one that some file has re-exported.
      if (found?.value.kind === "module" && found.value.resolver.findMember && target.kind === "imported")
        for (const to of found.value.paths) addEdge(to, facts.imports[target.import]?.kind ?? "import");
      if (found?.value.kind !== "definition") continue;
      const definition = this.#defined(found.value);
      links.push({ reference, confidence: found.confidence, definitions: [definition] });
      addEdge(definition.path, "symbol");
      if (open.has(definition.path)) addEdge(definition.path, "import");
    }
    const edges = [...kinds]
      .map(([to, set]) => ({ to, kinds: EDGE_KINDS.filter((kind) => set.has(kind)) }))
      .sort((a, b) => (a.to < b.to ? -1 : 1));
    return { edges, links, unresolved };
  }

  #importsOf(path: string): Resolution[] {
    const known = this.#imports.get(path);
    if (known) return known;
    const made = this.#tree
      .facts(path)
      .imports.map((fact): Resolution =>
        fact.isComputed ? { kind: "dynamic" } : this.#resolverOf(path).resolveImport(path, fact),
      );
    this.#imports.set(path, made);
    return made;
  }

  #evaluate(path: string, target: Target, steps: number): Found | undefined {
    if (steps > STEPS_MAX) return undefined;
    switch (target.kind) {
      case "symbol":
        return exact({ kind: "definition", path, symbol: target.symbol });
      case "imported": {
        const module = this.#moduleOf(path, target.import);
        if (!module || target.name === "*") return module && exact(module);
        return this.#offered(module, target.name, steps + 1);
      }
      case "free":
        return this.#free(path, target, steps);
      case "either": {
        for (const one of target.of) {
          const found = this.#evaluate(path, one, steps + 1);
          if (found) return inferred(found.value);
        }
        return undefined;
      }
      case "first": {
        for (const one of target.of) {
          const found = this.#evaluate(path, one, steps + 1);
          if (found) return found;
        }
        return undefined;
      }
      case "typeof": {
        const value = this.#evaluate(path, target.of, steps + 1)?.value;
        if (value?.kind === "instance") return inferred({ kind: "definition", ...value.of });
        return value && exact({ kind: "type-of", value });
      }
      case "member": {
        const object = this.#evaluate(path, target.object, steps + 1);
        const member = object && this.#member(object.value, target.name, steps + 1);
        return member && weakest(member, object);
      }
      case "instance": {
        const type = this.#evaluate(path, target.of, steps + 1);
        return type && inferred(this.#instanceOf(type.value, steps + 1));
      }
      case "result": {
        const called = this.#evaluate(path, target.of, steps + 1);
        return called && inferred(this.#typeOf(called.value, steps + 1));
      }
      default:
        return undefined;
    }
  }

  /** A name that its file does not declare: of its package or namespace, else of a star import. */
  #free(path: string, { name, scopes }: Extract<Target, { kind: "free" }>, steps: number): Found | undefined {
    const own = this.#resolverOf(path).findFree?.(path, name, scopes);
    if (own?.[0]) return firstOf(own);
    for (const [number, { isStar }] of this.#tree.facts(path).imports.entries()) {
      const module = isStar ? this.#moduleOf(path, number) : undefined;
      const found = module && this.#offered(module, name, steps + 1);
      if (found) return found;
    }
    return undefined;
  }

  /** Of what is only declared there, the place where it is defined. */
  #defined({ path, symbol }: Definition): Definition {
    const isDeclaration = this.#tree.facts(path).symbols[symbol]?.isDeclaration === true;
    const found = isDeclaration ? this.#resolverOf(path).findDefinition?.({ path, symbol }) : undefined;
    return found ?? { path, symbol };
  }

  #moduleOf(path: string, number: number): Extract<Value, { kind: "module" }> | undefined {
    const resolution = this.#importsOf(path)[number];
    if (resolution?.kind !== "files") return undefined;
    return { kind: "module", paths: resolution.paths, resolver: this.#resolverOf(path) };
  }

  /** What a module offers under a name: what one of its files exports, or a file of its folder. */
  #offered({ paths, resolver }: Extract<Value, { kind: "module" }>, name: string, steps: number): Found | undefined {
    const member = resolver.findMember?.(paths, name);
    if (member && !("file" in member)) return firstOf(member);
    for (const path of paths) {
      const found = this.#exported(path, name, steps);
      if (found) return found;
    }
    return member && exact({ kind: "module", paths: [member.file], resolver });
  }

  /** What a file offers as `name`: its own exports first, then those behind `export *`, nearest first. */
  #exported(file: string, name: string, steps: number): Found | undefined {
    const key = `${name} ${file}`;
    if (this.#exports.has(key)) return this.#exports.get(key);
    // A circle of re-exports comes back here and finds nothing.
    this.#exports.set(key, undefined);
    const found = this.#findExport(file, name, steps);
    this.#exports.set(key, found);
    return found;
  }

  #findExport(file: string, name: string, steps: number): Found | undefined {
    const seen = new Set([file]);
    for (const path of seen) {
      if (seen.size > STARS_MAX) return undefined;
      const { exports } = this.#tree.facts(path);
      const own = exports.find((one) => "name" in one && one.name === name);
      if (own && "name" in own) return this.#evaluate(path, own.target, steps + 1);
      // `export *` leaves the default out.
      if (name === "default") break;
      for (const one of exports) {
        const to = "star" in one ? this.#importsOf(path)[one.star] : undefined;
        if (to?.kind === "files") for (const star of to.paths) seen.add(star);
      }
    }
    const value = this.#wholeOf(file, steps);
    return name === "default" || !value ? value : this.#member(value.value, name, steps + 1);
  }

  /** What `module.exports =` or `export =` makes of the module. */
  #wholeOf(file: string, steps: number): Found | undefined {
    const whole = this.#tree.facts(file).exports.find((one) => "name" in one && one.name === EXPORT_ASSIGNMENT);
    return whole && "name" in whole ? this.#evaluate(file, whole.target, steps + 1) : undefined;
  }

  #member(object: Value, name: string, steps: number): Found | undefined {
    if (steps > STEPS_MAX) return undefined;
    if (object.kind === "module") return this.#offered(object, name, steps + 1);
    if (object.kind === "type-of") return undefined;
    if (object.kind === "instance") {
      const found = this.#memberOfType(object.of, name, { isStatic: false, steps });
      if (found || !hasOneSetOfMembers(object.of.path)) return inferred(found);
      return inferred(this.#memberOfType(object.of, name, { isStatic: true, steps }));
    }
    const own = this.#memberOfType(object, name, { isStatic: true, steps });
    if (own) return exact(own);
    // `Base.method(self)`: a class offers its instances' members by its own name.
    const ofInstances = hasOneSetOfMembers(object.path)
      ? this.#memberOfType(object, name, { isStatic: false, steps })
      : undefined;
    if (ofInstances) return exact(ofInstances);
    const type = this.#typeOf(object, steps + 1);
    return type?.kind === "instance" || type?.kind === "module"
      ? inferred(this.#member(type, name, steps + 1)?.value)
      : undefined;
  }

  /** A member that the type declares, or inherits. */
  #memberOfType(
    type: Definition,
    name: string,
    { isStatic, steps }: { isStatic: boolean; steps: number },
  ): Value | undefined {
    const pending: Definition[] = [type];
    const seen = new Set<string>();
    while (pending.length > 0 && seen.size < STEPS_MAX) {
      const { path, symbol } = pending.shift() ?? type;
      if (seen.has(`${symbol} ${path}`)) continue;
      seen.add(`${symbol} ${path}`);
      const number = this.#membersOf(path).get(`${symbol} ${isStatic} ${name}`);
      if (number !== undefined) return { kind: "definition", path, symbol: number };
      const [apart] = this.#resolverOf(path).findMembers?.({ path, symbol }, name) ?? [];
      if (apart) return { kind: "definition", ...apart };
      for (const declaration of this.#declarationsOf({ path, symbol })) {
        for (const base of this.#tree.facts(path).symbols[declaration]?.bases ?? []) {
          const value = this.#evaluate(path, base, steps + 1)?.value;
          if (value?.kind === "definition") pending.push(this.#first(value));
        }
      }
    }
    return undefined;
  }

  /** Members of a file's symbols: `container isStatic name`, containers that merge as one. */
  #membersOf(path: string): Map<string, number> {
    const known = this.#members.get(path);
    if (known) return known;
    const members = new Map<string, number>();
    const { symbols } = this.#tree.facts(path);
    for (const [number, { name, container, isStatic, kind }] of symbols.entries()) {
      if (container === undefined) continue;
      const owner = symbols[container];
      // What a module or enum declares is reached through its name, as a static member is.
      const isOfName =
        isStatic === true || owner?.kind === "module" || owner?.kind === "enum" || kind === "constructor";
      const key = `${owner?.mergesWith ?? container} ${isOfName} ${name}`;
      if (!members.has(key)) members.set(key, number);
    }
    this.#members.set(path, members);
    return members;
  }

  /** Some are declared in its own file: Go's methods of `type Names []string`. */
  #hasMembers({ path, symbol }: Definition): boolean {
    return this.#tree.facts(path).symbols.some(({ container }) => container === symbol);
  }

  #declarationsOf({ path, symbol }: Definition): number[] {
    const { symbols } = this.#tree.facts(path);
    return [symbol, ...symbols.flatMap(({ mergesWith }, i) => (mergesWith === symbol ? [i] : []))];
  }

  #first({ path, symbol }: Definition): Definition {
    return { path, symbol: this.#tree.facts(path).symbols[symbol]?.mergesWith ?? symbol };
  }

  /** A value of the type that `type` names. An alias stands for what it was made of, unless it has members itself. */
  #instanceOf(type: Value, steps: number): Value | undefined {
    if (steps > STEPS_MAX) return undefined;
    if (type.kind === "type-of") return type.value;
    if (type.kind === "module") {
      const whole = this.#wholeOf(type.paths[0] ?? "", steps + 1)?.value;
      return whole?.kind === "definition" ? this.#instanceOf(whole, steps + 1) : undefined;
    }
    if (type.kind !== "definition") return undefined;
    const symbol = this.#tree.facts(type.path).symbols[type.symbol];
    if (symbol?.kind === "type" && symbol.type) {
      const meant = this.#hasMembers(type) ? undefined : this.#evaluate(type.path, symbol.type, steps + 1)?.value;
      const instance = meant && this.#instanceOf(meant, steps + 1);
      if (instance || !hasOneSetOfMembers(type.path)) return instance;
    }
    return { kind: "instance", of: this.#first(type) };
  }

  /** The value of a variable or property, or what a call gives. */
  #typeOf(value: Value, steps: number): Value | undefined {
    if (value.kind !== "definition" || steps > STEPS_MAX) return undefined;
    const symbol = this.#tree.facts(value.path).symbols[value.symbol];
    // Calling a class makes one, where no `new` is written.
    if (symbol?.kind === "class" || symbol?.kind === "struct") return { kind: "instance", of: this.#first(value) };
    const type = symbol?.type && this.#evaluate(value.path, symbol.type, steps + 1)?.value;
    return type && this.#instanceOf(type, steps + 1);
  }
}

/** Not so in JavaScript, where a class and its instances may have different members of one name. */
const hasOneSetOfMembers = (path: string) => !/\.[cm]?[jt]sx?$/.test(path);
const firstOf = ([one, ...others]: readonly Definition[]): Found | undefined =>
  one && { value: { kind: "definition", ...one }, confidence: others.length > 0 ? "inferred" : "exact" };
const exact = (value: Value): Found => ({ value, confidence: "exact" });
const inferred = (value: Value | undefined): Found | undefined => value && { value, confidence: "inferred" };
const weakest = (found: Found, through: Found): Found =>
  through.confidence === "inferred" ? { ...found, confidence: "inferred" } : found;
