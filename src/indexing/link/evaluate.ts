// What a Target leads to once all files are known: definitions, values of a type, modules, or the world outside.
// Shared by all languages. Every answer is bounded, remembered, and knows what it was worked out from.
import {
  EXPORT_ASSIGNMENT,
  partsOf,
  UNKNOWN,
  type ImportFact,
  type SymbolFact,
  type SymbolKind,
  type Target,
} from "../../languages/facts.ts";
import type { Definition } from "../../graph/links.ts";
import type { Memory } from "./memory.ts";
import { standardNames } from "./standard-types.ts";
import { standardField, standardResult } from "./standard-members.ts";
import { ANYTHING, type NotePlace, type Resolution, type Resolver, type Tree } from "./tree.ts";

/** Something that a Target leads to. `isSure`: by the language's rules alone, without trusting a type hint. */
export type Found =
  /** The symbol itself; `self` is what it was taken from as a member. */
  | { is: "symbol"; path: string; symbol: number; isSure: boolean; self?: Found; arguments?: Arguments | undefined }
  /** A value of the type that the symbol names. */
  | { is: "instance"; path: string; symbol: number; isSure: boolean; arguments?: Arguments | undefined }
  /** `paths` is what the import `fact` of `from` resolved to, or with `isMember` a file that this offers as its member. */
  | { is: "module"; paths: readonly string[]; isSure: boolean; fact: ImportFact; from: string; isMember?: true }
  /** A value of a type written in `path`: a collection or a function. */
  | {
      is: "list";
      path: string;
      of: Target;
      isRecord: boolean;
      name?: string | undefined;
      isHeld?: boolean | undefined;
      arguments?: Arguments | undefined;
    }
  | { is: "list-member"; list: Found & { is: "list" }; name: string }
  | {
      is: "function";
      path: string;
      parameters: Target[];
      type: Target;
      context?: Target | undefined;
      name?: string | undefined;
      arguments?: Arguments | undefined;
    }
  /** Of the language or of a package: nothing of it is in the tree. `name` is that of a type that `from` names, `member` that of one's member. */
  | { is: "outside"; name?: string; member?: string; from?: string };

/** A type and the file it is written in. */
interface Written {
  path: string;
  type: Target;
}

/** What the type parameters of `owner` stand for. Equal ones have the same key. */
interface Arguments {
  owner: Definition;
  types: readonly Written[];
  key: string;
}

/** What a type is read with: what `receiver` stands for, and what type parameters do. */
interface Within {
  self?: Found | undefined;
  arguments?: Arguments | undefined;
}

const OUTSIDE: Found = { is: "outside" };
const NOTHING: readonly Found[] = [];
const NO_DEFINITIONS: readonly Definition[] = [];
const HAVE_NO_TYPE = new Set<SymbolKind>(["class", "function", "method", "struct", "trait", "enum"]);
const TYPES = new Set<SymbolKind>(["class", "interface", "type", "enum", "struct", "trait"]);
const CONSTANTS = new Set<SymbolKind>(["class", "constant", "module"]);
/** A class has as many overloads of one name, and few have more. */
const FOUND_MAX = 64;
/** A value of more types is one of a union that is mostly told apart first, of whose members nobody then knows which are meant. */
const VALUES_MAX = 16;

const ELEMENT_GIVING = new Set("at find findLast get pop shift reduce".split(" "));
/** And of collections that have a name. */
const OTHER_ELEMENT_GIVING = new Set(
  "element elementAt first firstOrNull getFirst getLast getOrDefault getOrNull getValue head headOption last lastOrNull next peek poll random remove removeFirst removeLast single singleOrNull take First FirstOrDefault Last LastOrDefault Single SingleOrDefault ElementAt Peek Dequeue Pop Find".split(
    " ",
  ),
);
const HELD_GIVING = new Set("get getNow join orElse orElseThrow orElseGet value getValue call await".split(" "));
const LIST_GIVING = new Set(
  "concat entries filter flat reverse slice sort splice toReversed toSorted toSpliced values with".split(" "),
);

/** A name that a file offers. */
interface Step {
  path: string;
  name: string;
}

/** What is worked out, with the places that were noted meanwhile; none noted are all. */
function noting<Value>(work: (note: NotePlace) => Value): { value: Value; places: string[] } {
  const places: string[] = [];
  const value = work((place) => void places.push(place));
  return { value, places: places.length > 0 ? places : [ANYTHING] };
}

export interface Evaluator {
  evaluate(path: string, target: Target): readonly Found[];
  resolution(path: string, number: number): Resolution;
  /** The symbols among what was found, each under all its declarations, those that other files add included. */
  definitions(found: readonly Found[]): Definition[];
  valuesOf(path: string, target: Target): readonly Found[];
  elementOf(list: Found): readonly Found[];
  basesOf(type: Definition): readonly Found[];
  nameOf(definition: Definition): string;
  typesNamed(path: string, name: string): readonly Definition[];
  functionParameters(type: Definition): number | undefined;
  inherited(member: Definition): readonly Found[];
  /** Files that add to definitions of others, and which. */
  augmented: ReadonlyMap<string, readonly string[]>;
}

export function createEvaluator(
  tree: Tree,
  { memory, resolverOf }: { memory: Memory; resolverOf: (path: string) => Resolver },
): Evaluator {
  const resolutions = new Map<string, { resolution: Resolution; places: string[] }[]>();
  const tables = new Map<string, FileTable>();
  const texts = new WeakMap<readonly Target[], string>();
  const augmentations = new Map<string, Definition[]>();
  const augmented = new Map<string, readonly string[]>();

  /** Where import `number` of the file leads. */
  function resolution(path: string, number: number): Resolution {
    const { resolution: to, places } = resolve(path, number);
    for (const place of places) memory.readPlace(place);
    return to;
  }

  function resolve(path: string, number: number): { resolution: Resolution; places: string[] } {
    let known = resolutions.get(path);
    if (!known) resolutions.set(path, (known = []));
    let one = known[number];
    if (!one) {
      const fact = tree.facts(path).imports[number];
      const { value, places } = noting((note) => fact && resolverOf(path).resolveImport(path, fact, note));
      one = { resolution: value ?? { kind: "missing" }, places };
      known[number] = one;
    }
    return one;
  }

  function table(path: string): FileTable {
    memory.readFile(path);
    return tableAt(path);
  }

  function tableAt(path: string): FileTable {
    let known = tables.get(path);
    if (!known) tables.set(path, (known = tableOf(tree.facts(path))));
    return known;
  }

  function symbolAt(found: { path: string; symbol: number }): SymbolFact | undefined {
    memory.readFile(found.path);
    return tree.facts(found.path).symbols[found.symbol];
  }

  function evaluate(path: string, target: Target, within: Within = {}): readonly Found[] {
    switch (target.kind) {
      case "symbol":
        return [{ is: "symbol", path, symbol: target.symbol, isSure: true }];
      case "imported":
        return imported(path, target.import, target.name);
      case "free":
        return free(path, target.name, target.scopes);
      case "member":
        return limited(evaluate(path, target.object, within).flatMap((object) => member(object, target.name)));
      case "instance":
        return valueOf(path, target.of, within);
      case "typeof":
        return evaluate(path, target.of, within);
      case "either":
        return limited(target.of.flatMap((one) => evaluate(path, one, within)));
      case "first":
        return firstInside(target.of, (one) => evaluate(path, one, within));
      case "result":
        return limited(evaluate(path, target.of, within).flatMap(result));
      case "element":
        return limited(evaluate(path, target.of, within).flatMap(element));
      case "parameter":
        return limited(evaluate(path, target.of, within).flatMap((of) => parameter(of, target.index)));
      case "list":
        return [{ ...target, is: "list", path, isRecord: target.isRecord === true, arguments: within.arguments }];
      case "builtin":
        return [{ is: "outside", name: target.name, from: path }];
      case "function":
        return [{ ...target, is: "function", path, arguments: within.arguments }];
      case "applied":
        return evaluate(path, target.of, within).map((found) =>
          found.is === "symbol"
            ? { ...found, arguments: applied(found, { path, types: target.types, within }) }
            : found,
        );
      case "type-parameter": {
        const given = argumentOf(path, target, within);
        if (given) return evaluate(given.path, given.type);
        return target.bound ? evaluate(path, target.bound, within) : NOTHING;
      }
      case "lambda":
        return memory.ask(`lambda ${target.lambda} ${path}`, NOTHING, () =>
          evaluate(path, tree.facts(path).lambdas?.[target.lambda] ?? UNKNOWN),
        );
      case "context":
        return limited(evaluate(path, target.of).flatMap(context));
      case "receiver":
      case "unknown":
        return NOTHING;
    }
  }

  /** A value of the type that `type` names. */
  function valueOf(path: string, type: Target, within: Within = {}): readonly Found[] {
    if (type.kind === "typeof") return unsure(evaluate(path, type.of, within));
    if (type.kind === "receiver") return within.self ? [within.self] : NOTHING;
    if (type.kind === "either") return limited(type.of.flatMap((one) => valueOf(path, one, within)));
    if (type.kind === "first") return firstInside(type.of, (one) => valueOf(path, one, within));
    const given = type.kind === "type-parameter" && argumentOf(path, type, within);
    if (given) return valueOf(given.path, given.type);
    if (type.kind === "type-parameter") return type.bound ? valueOf(path, type.bound, within) : NOTHING;
    return typesOf(evaluate(path, type, within)).map((found) =>
      found.is === "symbol"
        ? { is: "instance", path: found.path, symbol: found.symbol, isSure: false, arguments: found.arguments }
        : found,
    );
  }

  /** Of types and functions of one name the types. */
  function typesOf(found: readonly Found[]): readonly Found[] {
    if (found.length < 2) return found;
    const isFunction = (one: Found) => one.is === "symbol" && symbolAt(one)?.takes !== undefined;
    return found.every(isFunction) ? found : found.filter((one) => !isFunction(one));
  }

  /** The type that a type parameter stands for. */
  function argumentOf(
    path: string,
    { owner, index }: Target & { kind: "type-parameter" },
    { arguments: given }: Within,
  ): Written | undefined {
    const type = given?.types[index];
    if (!type || given.owner.path !== path || given.owner.symbol !== firstOf({ path, symbol: owner })) return undefined;
    return type;
  }

  /**
   * A type argument that is a type parameter itself is what that stands for there. What is further inside stands for its
   * bounds: what else it may be is not followed.
   */
  function applied(
    of: Definition,
    { path, types, within }: { path: string; types: readonly Target[]; within: Within },
  ): Arguments {
    const owner = { path: of.path, symbol: firstOf(of) };
    const known = types.map((type) => (type.kind === "type-parameter" ? argumentOf(path, type, within) : undefined));
    const text = known.some(Boolean) ? JSON.stringify([types, known]) : textOf(types);
    return {
      owner,
      types: types.map((type, index) => known[index] ?? { path, type }),
      key: `<${owner.symbol} ${owner.path} ${path} ${text}>`,
    };
  }

  function textOf(types: readonly Target[]): string {
    const known = texts.get(types) ?? JSON.stringify(types);
    texts.set(types, known);
    return known;
  }

  /** The first declaration of a merged symbol. */
  function firstOf({ path, symbol }: Definition): number {
    return tree.facts(path).symbols[symbol]?.mergesWith ?? symbol;
  }

  /** The values that a variable, property or type alias stands for. */
  function typeValues(found: { path: string; symbol: number } & Within): readonly Found[] {
    const fact = symbolAt(found);
    if (!fact?.type) return NOTHING;
    const { type } = fact;
    if ((found.self && mentions(type, "receiver")) || (found.arguments && mentions(type, "type-parameter")))
      return unsure(valueOf(found.path, type, found));
    return memory.ask(`type ${found.symbol} ${found.path}`, NOTHING, () => unsure(valueOf(found.path, type)));
  }

  function imported(path: string, number: number, name: string): readonly Found[] {
    const to = resolution(path, number);
    if (to.kind !== "files") return to.kind === "dynamic" ? NOTHING : [{ is: "outside", name, from: path }];
    const fact = tree.facts(path).imports[number];
    if (!fact) return NOTHING;
    const module: Found = { is: "module", paths: to.paths, isSure: true, fact, from: path };
    if (name === "*") return limited([...to.paths.flatMap(assigned), module]);
    return ofModule(module, name);
  }

  /** What `export =` makes of the module. */
  function assigned(path: string): readonly Found[] {
    return table(path).exports.has(EXPORT_ASSIGNMENT) ? exported(path, EXPORT_ASSIGNMENT) : NOTHING;
  }

  function ofModule(module: Found & { is: "module" }, name: string): readonly Found[] {
    const member = memberOfFolder(module, name);
    if (member && !("file" in member)) return likeliest(member, resolverOf(module.from));
    let secondary = NOTHING;
    for (const path of module.paths) {
      const found = exported(path, name);
      if (found.length === 0) continue;
      if (!found.every((one) => one.is === "symbol" && symbolAt(one)?.isSecondary)) return found;
      if (secondary.length === 0) secondary = found;
    }
    if (secondary.length > 0) return secondary;
    if (!member) return NOTHING;
    return [{ ...module, paths: [member.file], isMember: true }];
  }

  function memberOfFolder({ paths, from }: Found & { is: "module" }, name: string) {
    const resolver = resolverOf(from);
    if (!resolver.findMember) return undefined;
    memory.readName(name);
    const { value, places } = noting((note) => resolver.findMember?.(paths, name, note, from));
    for (const place of places) memory.readPlace(place);
    return value;
  }

  /** What the file offers under `name`, through any chain of re-exports. Chains are walked without recursion. */
  function exported(path: string, name: string): readonly Found[] {
    const steps: Step[] = [];
    const seen = new Set<string>();
    for (let at: Step | undefined = { path, name }; at; at = memory.isKnown(keyOf(at)) ? undefined : nextStep(at)) {
      const key = keyOf(at);
      if (seen.has(key)) break;
      seen.add(key);
      steps.push(at);
    }
    let found = NOTHING;
    for (const step of steps.reverse()) found = passedOn(step);
    return found;
  }

  /** From the far end of a chain to its beginning, each of these finds the next one's answer known. */
  function passedOn(step: Step): readonly Found[] {
    const next = nextStep(step);
    if (!next) return memory.ask(keyOf(step), NOTHING, () => branching(step.path, step.name));
    return memory.pass(keyOf(step), NOTHING, () => {
      table(step.path);
      resolution(step.path, next.through);
      return passedOn(next);
    });
  }

  /** The one place that the name is passed on from, if it is only passed on. */
  function nextStep({ path, name }: Step): (Step & { through: number }) | undefined {
    const { exports, stars } = tableAt(path);
    const target = exports.get(name);
    if (target && (target.kind !== "imported" || target.name === "*")) return undefined;
    const isStar = stars.length === 1 && name !== "default" && !exports.has(EXPORT_ASSIGNMENT);
    const through = target?.kind === "imported" ? target.import : isStar ? stars[0] : undefined;
    if (through === undefined) return undefined;
    const to = resolve(path, through).resolution;
    const only = to.kind === "files" && to.paths.length === 1 ? to.paths[0] : undefined;
    if (only === undefined) return undefined;
    return { path: only, name: target?.kind === "imported" ? target.name : name, through };
  }

  function branching(path: string, name: string): readonly Found[] {
    const { exports, stars } = table(path);
    const target = exports.get(name);
    if (target) return evaluate(path, target);
    const assignment = exports.get(EXPORT_ASSIGNMENT);
    if (assignment) {
      const whole = evaluate(path, assignment);
      return name === "default" ? whole : limited(whole.flatMap((one) => member(one, name)));
    }
    if (name === "default") return NOTHING;
    return limited(stars.flatMap((number) => imported(path, number, name)).filter(({ is }) => is !== "outside"));
  }

  /** Of several definitions that a resolver finds the first; of functions of one name, and a type that is called so, all. */
  function likeliest(all: readonly Definition[], { hasOverloads }: Resolver): readonly Found[] {
    if (hasOverloads) return all.slice(0, FOUND_MAX).map((one) => ({ is: "symbol", ...one, isSure: all.length === 1 }));
    const isType = (one: Definition) => TYPES.has(symbolAt(one)?.kind ?? "variable");
    const isOverloaded = all.length > 1 && all.every((one) => isType(one) || symbolAt(one)?.takes !== undefined);
    const types = isOverloaded ? all.filter(isType).length : 0;
    return (isOverloaded ? all : all.slice(0, 1)).map((one) => ({
      is: "symbol",
      ...one,
      isSure: (isType(one) && isOverloaded ? types : all.length - types) === 1,
    }));
  }

  /** A name that its file does not declare. */
  function free(path: string, name: string, scopes?: string): readonly Found[] {
    memory.readName(name);
    const own = resolverOf(path).findFree?.(path, name, scopes);
    if (own?.length) return likeliest(own, resolverOf(path));
    const { imports } = tree.facts(path);
    for (const [number, fact] of imports.entries()) {
      if (!fact.isStar) continue;
      const found = imported(path, number, name).filter(({ is }) => is !== "outside");
      if (found.length) return found;
    }
    return [{ is: "outside", name, from: path }];
  }

  function member(object: Found, name: string): readonly Found[] {
    switch (object.is) {
      case "outside":
        return ofOutside(object, name);
      case "function":
        return object.name !== undefined || name === "invoke" ? [object] : [OUTSIDE];
      case "list":
        if (object.isHeld && !HELD_GIVING.has(name)) return element(object).flatMap((held) => member(held, name));
        if (object.isRecord) return element(object);
        const added = object.name === undefined ? NOTHING : extension(object.path, object.name, name);
        return added.length ? added : [{ is: "list-member", list: object, name }];
      case "list-member":
        return NOTHING;
      case "module":
        return ofModule(object, name);
      case "symbol":
      case "instance":
        return limited(
          memory
            .ask(`${object.is} ${object.symbol}.${name} ${object.path}${keyOfArguments(object)}`, NOTHING, () =>
              declaredMember(object, name),
            )
            .map((found) => withReceiver(found, object)),
        );
    }
  }

  function ofOutside({ name: type, from }: Found & { is: "outside" }, name: string): readonly Found[] {
    if (type === undefined) return [OUTSIDE];
    // What the type has itself comes first.
    const isOwn = standardResult(`${type}.${name}`) !== undefined;
    const added = isOwn || from === undefined ? NOTHING : extension(from, type, name);
    return added.length ? added : [{ is: "outside", member: `${type}.${name}` }];
  }

  /** What the tree adds to a type that is not in it. */
  function extension(path: string, type: string, name: string): readonly Found[] {
    const resolver = resolverOf(path);
    if (!resolver.findExtensions) return NOTHING;
    memory.readName(name);
    for (const above of standardNames(type).names.keys()) {
      const found = resolver.findExtensions(above, name);
      if (found.length) return found.map((one) => ({ is: "symbol", ...one, isSure: false }));
    }
    return NOTHING;
  }

  function withReceiver(found: Found, object: Found & { is: "symbol" | "instance" }): Found {
    if (found.is !== "symbol") return found;
    // A member of a superclass is read with what the subclass gives that.
    const given = found.arguments ?? object.arguments;
    return { ...found, isSure: found.isSure && object.isSure, self: object, arguments: given };
  }

  function declaredMember(object: Found & { is: "symbol" | "instance" }, name: string): readonly Found[] {
    if (/^\d/.test(name)) return declaredParameter(object, Number(name));
    const { members } = table(object.path);
    const { symbols } = tree.facts(object.path);
    const group = sidesOf(object);
    const all = declarations(object)
      .flatMap((number) => members.get(number)?.get(name) ?? [])
      // A constructor that is called like its class is no member of it.
      .filter((number) => symbols[number]?.kind !== "constructor" || symbols[number].takes === undefined);
    const wantsStatic = object.is === "symbol";
    const isFitting = (number: number) => !!symbols[number]?.isStatic === wantsStatic;
    const isSeparate = resolverOf(object.path).hasSeparateStatics === true;
    const own = isSeparate ? all.filter((number) => symbols[number]?.kind !== "method" || isFitting(number)) : all;
    // Of overloads the arguments decide, whether they need an instance or not.
    const isOverloaded = own.length > 1 && own.every((number) => symbols[number]?.arity !== undefined);
    const fitting = isOverloaded ? own : own.filter(isFitting);
    const chosen = built(fitting.length ? fitting : own, symbols);
    if (chosen.length)
      return [...new Set(chosen.map((number) => symbols[number]?.mergesWith ?? number))].map((symbol) => ({
        is: "symbol",
        path: object.path,
        symbol,
        isSure: object.is === "symbol",
      }));
    const apart = findApart(object, name);
    if (apart.length) return apart;
    const inherited = inheritedMember(object, group, name);
    if (inherited.length) return inherited;
    for (const part of augmentationsOf({ path: object.path, symbol: group[0] ?? object.symbol })) {
      const added = table(part.path).members.get(part.symbol)?.get(name);
      if (added?.length) return added.map((symbol) => ({ is: "symbol", path: part.path, symbol, isSure: false }));
    }
    return limited(typed(object).flatMap((value) => member(value, name)));
  }

  /** The values that variables, properties and type aliases stand for. */
  function typed(object: Found & { is: "symbol" | "instance" }): readonly Found[] {
    const { symbols } = tree.facts(object.path);
    return sidesOf(object)
      .filter((number) => !HAVE_NO_TYPE.has(symbols[number]?.kind ?? "class"))
      .flatMap((symbol) => typeValues({ path: object.path, symbol, arguments: object.arguments }));
  }

  /** Members declared in other files than their type. */
  function findApart(object: Found & { is: "symbol" | "instance" }, name: string): readonly Found[] {
    const resolver = resolverOf(object.path);
    if (!resolver.findMembers) return NOTHING;
    memory.readName(name);
    const all = resolver.findMembers({ path: object.path, symbol: object.symbol }, name, object.is === "symbol");
    // Extensions of one name are overloads.
    const isOverloaded = resolver.hasOverloads || all.every((one) => symbolAt(one)?.takes !== undefined);
    const isSure = object.is === "symbol";
    return (isOverloaded ? all : all.slice(0, 1)).map((one) => ({ is: "symbol", ...one, isSure }));
  }

  /** Of what is a value and a type under one name, the declarations that matter: `const A` and `interface A`. */
  function sidesOf(object: Found & { is: "symbol" | "instance" }): number[] {
    const group = declarations(object);
    if (group.length < 2) return group;
    const { symbols } = tree.facts(object.path);
    const side = group.filter(
      (number) => TYPES.has(symbols[number]?.kind ?? "variable") === (object.is === "instance"),
    );
    return side.length ? side : group;
  }

  function inheritedMember(
    object: Found & { is: "symbol" | "instance" },
    group: number[],
    name: string,
  ): readonly Found[] {
    let isOutside = false;
    const parts = resolverOf(object.path).findParts?.({ path: object.path, symbol: object.symbol }) ?? [];
    for (const { path, symbol } of [...group.map((symbol) => ({ path: object.path, symbol })), ...parts]) {
      if (path !== object.path) memory.readFile(path);
      for (const base of tree.facts(path).symbols[symbol]?.bases ?? []) {
        // What a type is itself an instance of its instances know nothing of.
        if (base.kind === "instance" && object.is === "instance") continue;
        const from = object.is === "instance" ? valueOf(path, base, object) : evaluate(path, base, object);
        const found = from.flatMap((one) => (isModuleItself(one) ? mixedInMember(one, name) : member(one, name)));
        const inside = found.filter(({ is }) => is === "symbol" || is === "instance" || is === "module");
        if (inside.length) return inside;
        if (found.length) isOutside = true;
      }
    }
    return isOutside ? [OUTSIDE] : NOTHING;
  }

  function isModuleItself(found: Found): found is Found & { is: "symbol" } {
    if (found.is !== "symbol" || resolverOf(found.path).hasSeparateStatics !== true) return false;
    return symbolAt(found)?.kind === "module";
  }

  /** What a class that includes the module has itself of it: its constants, but not its own methods. */
  function mixedInMember(module: Found & { is: "symbol" }, name: string): readonly Found[] {
    return memory.ask(`mixed in ${module.symbol}.${name} ${module.path}`, NOTHING, () => {
      const { symbols } = tree.facts(module.path);
      const own = table(module.path).members.get(module.symbol)?.get(name) ?? [];
      const constant = own.find((symbol) => CONSTANTS.has(symbols[symbol]?.kind ?? "method"));
      return constant === undefined
        ? inheritedMember(module, sidesOf(module), name)
        : [{ is: "symbol", path: module.path, symbol: constant, isSure: true }];
    });
  }

  /** What a call gives. */
  function result(callee: Found): readonly Found[] {
    switch (callee.is) {
      case "outside":
      case "module":
      case "list":
        return callee.is === "outside" ? [outsideOf(standardResult(callee.member))] : NOTHING;
      case "list-member":
        if (callee.list.isHeld || givesElement(callee)) return element(callee.list);
        if (LIST_GIVING.has(callee.name)) return [callee.list];
        return [outsideOf(standardResult(`${callee.list.name}.${callee.name}`))];
      case "function":
        return unsure(valueOf(callee.path, callee.type, callee));
      case "symbol":
      case "instance":
        break;
    }
    const kind = symbolAt(callee)?.kind;
    if (callee.is === "symbol" && (kind === "class" || kind === "struct"))
      return [{ is: "instance", path: callee.path, symbol: callee.symbol, isSure: false, arguments: callee.arguments }];
    if (callee.is === "symbol" && (kind === "function" || kind === "method"))
      return limited(declarations(callee).flatMap((symbol) => typeValues({ ...callee, symbol })));
    return memory.ask(`result ${callee.is} ${callee.symbol} ${callee.path}${keyOfArguments(callee)}`, NOTHING, () =>
      limited(typed(callee).flatMap(result)),
    );
  }

  /** What a function is handed as argument number `index`. */
  function parameter(of: Found, index: number): readonly Found[] {
    switch (of.is) {
      case "outside":
        return [OUTSIDE];
      case "list-member":
        return index === 0 ? [{ ...of.list, is: "function", parameters: [of.list.of], type: UNKNOWN }] : NOTHING;
      case "function":
        return unsure(valueOf(of.path, of.parameters.at(index) ?? UNKNOWN, of));
      case "symbol":
      case "instance":
        return memory.ask(`parameter ${index} ${of.is} ${of.symbol} ${of.path}${keyOfArguments(of)}`, NOTHING, () =>
          declaredParameter(of, index),
        );
      default:
        return NOTHING;
    }
  }

  function declaredParameter(of: Found & { is: "symbol" | "instance" }, index: number): readonly Found[] {
    const kind = symbolAt(of)?.kind;
    if (of.is === "symbol" && kind === "class") {
      const constructors = table(of.path).members.get(of.symbol)?.get("constructor") ?? [];
      return limited(constructors.flatMap((symbol) => parameterValues({ ...of, symbol }, index)));
    }
    const isFunction = of.is === "symbol" && (kind === "function" || kind === "method");
    if (isFunction || kind === "struct" || kind === "enum_member")
      return limited(declarations(of).flatMap((symbol) => parameterValues({ ...of, symbol }, index)));
    const found = limited(typed(of).flatMap((value) => parameter(value, index)));
    if (found.length || kind !== "interface") return found;
    const [method, ...others] = methodsToWrite(of);
    return method === undefined || others.length ? NOTHING : parameterValues({ ...of, symbol: method }, index);
  }

  /** What a function of that type has for `this`. */
  function context(of: Found): readonly Found[] {
    if (of.is === "outside") return [OUTSIDE];
    if (of.is === "function") return of.context ? unsure(valueOf(of.path, of.context, of)) : NOTHING;
    if (of.is !== "symbol" && of.is !== "instance") return NOTHING;
    return memory.ask(`context ${of.is} ${of.symbol} ${of.path}${keyOfArguments(of)}`, NOTHING, () =>
      limited(typed(of).flatMap(context)),
    );
  }

  function parameterValues(of: Definition & Within, index: number): readonly Found[] {
    const type = tree.facts(of.path).symbols[of.symbol]?.parameters?.at(index);
    return type ? unsure(valueOf(of.path, type, { arguments: of.arguments })) : NOTHING;
  }

  function element(of: Found): readonly Found[] {
    if (of.is === "outside") return [OUTSIDE];
    if (of.is === "list") return unsure(valueOf(of.path, of.of, of));
    if (of.is !== "instance" && of.is !== "symbol") return NOTHING;
    return memory.ask(`element ${of.is} ${of.symbol} ${of.path}${keyOfArguments(of)}`, NOTHING, () => {
      const held = limited(typed(of).flatMap(element));
      if (held.length || of.is === "symbol") return held;
      // A class that is itself a collection.
      const { bases = [] } = symbolAt(of) ?? {};
      return limited(bases.flatMap((base) => valueOf(of.path, base, of)).flatMap(element));
    });
  }

  /** What a value can be handed as: of a variable what it holds, of a member of an enumeration that. */
  function valuesOf(path: string, target: Target): readonly Found[] {
    return limited(evaluate(path, target).flatMap(held));
  }

  function held(found: Found): readonly Found[] {
    if (found.is === "outside" && found.member !== undefined) return [outsideOf(standardField(found.member))];
    if (found.is !== "symbol") return [found];
    const fact = symbolAt(found);
    if (!fact) return NOTHING;
    const { kind, container } = fact;
    if (kind === "enum_member" && container !== undefined) return [{ ...found, is: "instance", symbol: container }];
    return TYPES.has(kind) ? [{ ...found, is: "instance" }] : typed(found);
  }

  /** The types that a name in the file can mean, as far as files of the tree declare them. */
  function typesNamed(path: string, name: string): readonly Definition[] {
    return memory.ask(`named ${name} ${path}`, NO_DEFINITIONS, () => {
      memory.readFile(path);
      const { symbols, imports } = tree.facts(path);
      const isType = (one: Definition) => TYPES.has(symbolAt(one)?.kind ?? "variable");
      const own = symbols.flatMap((symbol, number) => (symbol.name === name ? [{ path, symbol: number }] : []));
      const named = imports.flatMap(({ specifier }, number) =>
        specifier.endsWith(`.${name}`) ? imported(path, number, name) : [],
      );
      const around = own.some(isType) || named.length ? named : free(path, name);
      return [...own, ...around.flatMap((one) => (one.is === "symbol" ? [one] : []))].filter(isType);
    });
  }

  /** How many parameters a function has that stands for the type; -1: any number. Undefined: no function does. */
  function functionParameters(type: Definition): number | undefined {
    const kind = symbolAt(type)?.kind;
    if (kind === "class" || kind === "enum" || kind === "struct") return undefined;
    if (kind !== "interface") return -1;
    const methods = methodsToWrite(type);
    // The one method may be inherited.
    return methods.length > 1 ? undefined : (tree.facts(type.path).symbols[methods[0] ?? -1]?.arity?.[0] ?? -1);
  }

  /** Methods of an interface that have no body. */
  function methodsToWrite({ path, symbol }: Definition): number[] {
    const { symbols } = tree.facts(path);
    return [...(table(path).members.get(symbol)?.values() ?? [])].flat().filter((number) => {
      const { kind, signature = "" } = symbols[number] ?? {};
      return kind === "method" && !/^(?:(?:public|abstract) )*(?:default|static|private) /.test(signature);
    });
  }

  /** Members of the same name in what the container of `symbol` is declared to be as well. */
  function inherited({ path, symbol }: Definition): readonly Found[] {
    const fact = symbolAt({ path, symbol });
    if (fact?.container === undefined) return NOTHING;
    const type = { path, symbol: fact.container };
    return memory.ask(`inherited ${fact.container}.${fact.isStatic === true}.${fact.name} ${path}`, NOTHING, () => {
      const apart = resolverOf(path).findMembers?.(type, fact.name, fact.isStatic === true) ?? [];
      return limited([
        ...apart.map((one): Found => ({ is: "symbol", ...one, isSure: false })),
        ...basesOf(type).flatMap((base) =>
          member(base.is === "symbol" ? { ...base, is: "instance" } : base, fact.name),
        ),
      ]);
    });
  }

  /** What a type is declared to be as well. */
  function basesOf({ path, symbol }: Definition): readonly Found[] {
    return memory.ask(`bases ${symbol} ${path}`, NOTHING, () =>
      limited((symbolAt({ path, symbol })?.bases ?? []).flatMap((base) => evaluate(path, base))),
    );
  }

  /** All declarations of a merged symbol. */
  function declarations({ path, symbol }: { path: string; symbol: number }): number[] {
    return table(path).groups.get(symbol) ?? [symbol];
  }

  function definitions(found: readonly Found[]): Definition[] {
    const all: Definition[] = [];
    for (const one of found) {
      if (one.is !== "symbol" || resolverOf(one.path).isAddition?.(one)) continue;
      const first = { path: one.path, symbol: symbolAt(one)?.mergesWith ?? one.symbol };
      for (const symbol of declarations(first)) all.push(defined({ path: first.path, symbol }));
      for (const part of augmentations.size > 0 ? augmentationsOf(first) : NO_DEFINITIONS)
        for (const symbol of declarations(part)) all.push(defined({ path: part.path, symbol }));
    }
    return all;
  }

  /** Of what is only declared there, the place where it is defined. */
  function defined(declaration: Definition): Definition {
    const symbol = symbolAt(declaration);
    const resolver = resolverOf(declaration.path);
    if (!symbol?.isDeclaration || !resolver.findDefinition) return declaration;
    memory.readName(symbol.name);
    return resolver.findDefinition(declaration) ?? declaration;
  }

  function augmentationsOf({ path, symbol }: Definition): readonly Definition[] {
    return augmentations.get(`${symbol} ${path}`) ?? [];
  }

  /** By the symbol that `declare module "./x"` or one more global declaration adds to. Comes before all questions, so that no file's reads hold it. */
  function collectAugmentations(): void {
    for (const path of tree.ambient()) {
      const keys = new Set<string>();
      for (const one of tree.facts(path).exports) {
        if ("star" in one || one.target.kind !== "symbol") continue;
        const addition = { path, symbol: one.target.symbol };
        const base = one.augments === undefined ? NOTHING : imported(path, one.augments, one.name);
        for (const found of one.isGlobal ? free(path, one.name) : base) {
          if (found.is !== "symbol" || found.path === path) continue;
          const key = `${found.symbol} ${found.path}`;
          keys.add(key);
          augmentations.set(key, [...(augmentations.get(key) ?? []), addition]);
        }
      }
      if (keys.size) augmented.set(path, [...keys].sort());
    }
  }

  memory.record(collectAugmentations);
  return {
    evaluate,
    resolution,
    definitions,
    valuesOf,
    nameOf: (found) => symbolAt(found)?.name ?? "",
    elementOf: element,
    basesOf,
    typesNamed,
    functionParameters,
    inherited,
    augmented,
  };
}

const keyOf = ({ path, name }: Step) => `export ${name} ${path}`;

interface FileTable {
  exports: Map<string, Target>;
  stars: number[];
  /** Container → name → symbols. */
  members: Map<number, Map<string, number[]>>;
  /** First declaration → all declarations, where there are several. */
  groups: Map<number, number[]>;
}

function tableOf(facts: ReturnType<Tree["facts"]>): FileTable {
  const table: FileTable = { exports: new Map(), stars: [], members: new Map(), groups: new Map() };
  for (const one of facts.exports) {
    if ("star" in one) table.stars.push(one.star);
    else if (!one.isGlobal && one.augments === undefined && !table.exports.has(one.name))
      table.exports.set(one.name, one.target);
  }
  facts.symbols.forEach(({ name, kind, container, mergesWith }, number) => {
    if (mergesWith !== undefined) {
      const group = table.groups.get(mergesWith) ?? [mergesWith];
      table.groups.set(mergesWith, [...group, number]);
    }
    // It is called by the name of its class, and is that.
    if (container === undefined || (kind === "constructor" && name === facts.symbols[container]?.name)) return;
    let names = table.members.get(container);
    if (!names) table.members.set(container, (names = new Map()));
    names.set(name, [...(names.get(name) ?? []), number]);
  });
  return table;
}

/** What the first of the targets leads to that leads into the tree; else outside, if one does. */
function firstInside(targets: readonly Target[], find: (target: Target) => readonly Found[]): readonly Found[] {
  let outside = NOTHING;
  for (const target of targets) {
    const found = find(target);
    if (found.some(({ is }) => is !== "outside")) return found;
    if (found.length) outside = found;
  }
  return outside;
}

function outsideOf(name: string | undefined): Found {
  return name === undefined ? OUTSIDE : { is: "outside", name };
}

function keyOfArguments({ arguments: given }: { arguments?: Arguments | undefined }): string {
  return given?.key ?? "";
}

function givesElement({ list, name }: Found & { is: "list-member" }): boolean {
  return ELEMENT_GIVING.has(name) || (list.name !== undefined && OTHER_ELEMENT_GIVING.has(name));
}

/** Without those that an ordinary build leaves out, where there are others. */
function built(numbers: number[], symbols: readonly SymbolFact[]): number[] {
  const found = numbers.filter((number) => !symbols[number]?.isSecondary);
  return found.length > 0 ? found : numbers;
}

function mentions(type: Target, kind: "receiver" | "type-parameter"): boolean {
  return type.kind === kind || partsOf(type).some((part) => mentions(part, kind));
}

function unsure(found: readonly Found[]): readonly Found[] {
  return found.map((one) => ("isSure" in one && one.isSure ? { ...one, isSure: false } : one));
}

/** Distinct and bounded: so few that looking through them beats a set of keys (a quarter of linking hono went there). */
function limited(found: readonly Found[]): readonly Found[] {
  if (found.length < 2) return found;
  const distinct: Found[] = [];
  let values = 0;
  for (const one of found) {
    if (distinct.length === FOUND_MAX) break;
    if ((one.is === "instance" && values === VALUES_MAX) || distinct.some((other) => isSame(one, other))) continue;
    if (one.is === "instance") values++;
    distinct.push(one);
  }
  return distinct;
}

function isSame(one: Found, other: Found): boolean {
  if (one === other) return true;
  if (one.is === "symbol" || one.is === "instance")
    return (
      one.is === other.is &&
      one.symbol === other.symbol &&
      one.path === other.path &&
      one.arguments?.key === other.arguments?.key
    );
  if (one.is === "outside") return other.is === "outside" && one.name === other.name && one.member === other.member;
  if (one.is !== "module" || other.is !== "module") return false;
  return one.paths.length === other.paths.length && one.paths.every((path, at) => path === other.paths[at]);
}
