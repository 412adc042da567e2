// Members by name: of values and types, inherited, declared apart from their type, added by other files, and of modules.
import type { Definition } from "../../graph/links.ts";
import type { SymbolFact } from "../../languages/facts.ts";
import type { Calls } from "./calls.ts";
import type { Definitions } from "./definitions.ts";
import { keyOfArguments, limited, NOTHING, OUTSIDE, type Found } from "./found.ts";
import type { ImportedNames } from "./imported-names.ts";
import { isStandardMember } from "./standard-members.ts";
import { standardNames } from "./standard-types.ts";
import { CONSTANTS } from "./symbol-kinds.ts";
import type { Values } from "./values.ts";
import type { World } from "./world.ts";

/** Before the name of a member that is taken from what a value points to: `->` may mean another than `.`. */
const ARROW = "->";

const HELD_GIVING = new Set("get getNow join orElse orElseThrow orElseGet value getValue call await".split(" "));

export function createMembers(
  world: World,
  {
    ofModule,
    augmentationsOf,
    valueOf,
    typed,
    element,
    declaredParameter,
  }: ImportedNames & Definitions & Values & Calls,
) {
  const { tree, memory, resolverOf } = world;
  const { membersOf, symbolAt, declarations, sidesOf } = world.files;
  return { member, inherited, basesOf };

  function member(object: Found, name: string): readonly Found[] {
    if (name.startsWith(ARROW)) return arrowMember(object, name.slice(ARROW.length));
    switch (object.is) {
      case "outside":
        return ofOutside(object, name);
      case "function":
        return object.name !== undefined || name === "invoke" ? [object] : [OUTSIDE];
      case "list":
        if (object.isHeld && !HELD_GIVING.has(name)) return element(object).flatMap((held) => member(held, name));
        if (object.isRecord) return element(object);
        const added = object.name === undefined ? NOTHING : extension(object.path, object.name, name);
        const fitting = added.filter((one) => isForElements(object, one));
        return fitting.length ? fitting : [{ is: "list-member", list: object, name }];
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

  /** `object->name` of C++: a smart pointer stands for what it holds, where it has no such member itself. */
  function arrowMember(object: Found, name: string): readonly Found[] {
    if (object.is === "list") return limited(element(object).flatMap((held) => member(held, name)));
    const own = member(object, name).filter(({ is }) => is !== "list-member");
    if (own.length || (object.is !== "symbol" && object.is !== "instance")) return own;
    return memory.ask(`${object.is} ${object.symbol}->${name} ${object.path}${keyOfArguments(object)}`, NOTHING, () => {
      const [held] = object.arguments?.types ?? [];
      const given = held ? valueOf(held.path, held.type) : NOTHING;
      return limited([
        ...typed(object).flatMap((value) => arrowMember(value, name)),
        ...given.flatMap((value) => member(value, name)),
      ]);
    });
  }

  function ofOutside({ name: type, from }: Found & { is: "outside" }, name: string): readonly Found[] {
    if (type === undefined) return [OUTSIDE];
    const added = from === undefined ? NOTHING : extension(from, type, name);
    return added.length ? added : [{ is: "outside", member: `${type}.${name}` }];
  }

  /** What the tree adds to a type that is not in it. */
  function extension(path: string, type: string, name: string): readonly Found[] {
    const resolver = resolverOf(path);
    // What the type has itself comes first.
    if (!resolver.findExtensions || isStandardMember(type, name)) return NOTHING;
    memory.readName(name);
    for (const above of standardNames(type).names.keys()) {
      const found = resolver.findExtensions(above, name);
      if (found.length) return found.map((one) => ({ is: "symbol", ...one, isSure: false }));
    }
    return NOTHING;
  }

  /** Whether an extension of a collection is for one that holds such values, as far as it says: `this List<A>`, `fun List<A>.f()`. */
  function isForElements(list: Found & { is: "list" }, extension: Found): boolean {
    const { signature = "" } = extension.is === "symbol" ? (symbolAt(extension) ?? {}) : {};
    const { parameters = "", held } = EXTENDED_COLLECTION.exec(signature)?.groups ?? {};
    if (held === undefined || parameters.split(/\W+/).includes(held)) return true;
    const names = element(list).map(namesOf);
    return names.length === 0 || names.some((known) => known === undefined || known.has(held));
  }

  /** Names of a type and of all that it is declared to be as well. */
  function namesOf(type: Found): ReadonlySet<string> | undefined {
    if (type.is === "outside")
      return type.name === undefined ? undefined : new Set(standardNames(type.name).names.keys());
    if (type.is !== "instance") return undefined;
    const names = new Set<string>();
    for (let level: readonly Found[] = [type]; level.length > 0;) {
      const above: Found[] = [];
      for (const one of level) {
        const name = one.is === "instance" || one.is === "symbol" ? symbolAt(one)?.name : undefined;
        if (name === undefined || names.has(name)) continue;
        names.add(name);
        if (one.is === "instance" || one.is === "symbol") above.push(...basesOf(one));
      }
      level = above;
    }
    return names;
  }

  function withReceiver(found: Found, object: Found & { is: "symbol" | "instance" }): Found {
    if (found.is !== "symbol") return found;
    // A member of a superclass is read with what the subclass gives that.
    const given = found.arguments ?? object.arguments;
    const isTied = found.isTied ?? object.isTied;
    return { ...found, isSure: found.isSure && object.isSure, isTied, self: object, arguments: given };
  }

  function declaredMember(object: Found & { is: "symbol" | "instance" }, name: string): readonly Found[] {
    if (/^\d/.test(name)) return declaredParameter(object, Number(name));
    const { symbols } = tree.facts(object.path);
    const group = sidesOf(object);
    const all = declarations(object)
      .flatMap((symbol) => membersOf({ path: object.path, symbol }, name))
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
      const added = membersOf(part, name);
      if (added.length) return added.map((symbol) => ({ is: "symbol", path: part.path, symbol, isSure: false }));
    }
    return limited(typed(object).flatMap((value) => member(value, name)));
  }

  /** Members declared in other files than their type. */
  function findApart(object: Found & { is: "symbol" | "instance" }, name: string): readonly Found[] {
    const resolver = resolverOf(object.path);
    if (!resolver.findMembers) return NOTHING;
    memory.readName(name);
    noteParts(object);
    const all = resolver.findMembers({ path: object.path, symbol: object.symbol }, name, object.is === "symbol");
    // Extensions of one name are overloads.
    const isOverloaded = resolver.hasOverloads || all.every((one) => symbolAt(one)?.takes !== undefined);
    return (isOverloaded ? all : all.slice(0, 1)).map(({ path, symbol, isGuess, isTied }) => ({
      is: "symbol",
      path,
      symbol,
      isSure: object.is === "symbol" && !isGuess && !isTied,
      isTied,
    }));
  }

  /** Which places are parts of a type depends on all that has its name. */
  function noteParts(type: Definition): void {
    if (resolverOf(type.path).findParts) memory.readName(symbolAt(type)?.name ?? "");
  }

  function inheritedMember(
    object: Found & { is: "symbol" | "instance" },
    group: number[],
    name: string,
  ): readonly Found[] {
    let isOutside = false;
    noteParts(object);
    const parts = resolverOf(object.path).findParts?.({ path: object.path, symbol: object.symbol }) ?? [];
    for (const { path, symbol } of [...group.map((symbol) => ({ path: object.path, symbol })), ...parts]) {
      for (const base of symbolAt({ path, symbol })?.bases ?? []) {
        // What a type is itself an instance of its instances know nothing of.
        if (base.kind === "instance" && object.is === "instance") continue;
        const from = object.is === "instance" ? valueOf(path, base, object) : world.evaluate(path, base, object);
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
      const own = membersOf(module, name);
      const constant = own.find((symbol) => CONSTANTS.has(symbols[symbol]?.kind ?? "method"));
      return constant === undefined
        ? inheritedMember(module, sidesOf(module), name)
        : [{ is: "symbol", path: module.path, symbol: constant, isSure: true }];
    });
  }

  /** Members of the same name in what the container of `symbol` is declared to be as well. */
  function inherited({ path, symbol }: Definition): readonly Found[] {
    const fact = symbolAt({ path, symbol });
    if (fact?.container === undefined) return NOTHING;
    const type = { path, symbol: fact.container };
    return memory.ask(`inherited ${fact.container}.${fact.isStatic === true}.${fact.name} ${path}`, NOTHING, () => {
      memory.readName(fact.name);
      noteParts(type);
      const apart = resolverOf(path).findMembers?.(type, fact.name, fact.isStatic === true) ?? [];
      return limited([
        ...apart.map(({ path: to, symbol: number }): Found => ({
          is: "symbol",
          path: to,
          symbol: number,
          isSure: false,
        })),
        ...basesOf(type).flatMap((base) =>
          member(base.is === "symbol" ? { ...base, is: "instance" } : base, fact.name),
        ),
      ]);
    });
  }

  /** What a type is declared to be as well. */
  function basesOf({ path, symbol }: Definition): readonly Found[] {
    return memory.ask(`bases ${symbol} ${path}`, NOTHING, () =>
      limited((symbolAt({ path, symbol })?.bases ?? []).flatMap((base) => world.evaluate(path, base))),
    );
  }
}

/** C#'s and Kotlin's extensions of collections, with the last of the type's arguments. */
const EXTENDED_COLLECTION =
  /(?:<(?<parameters>[^()]*)>)?\s*(?:\(\s*this\s+)?[\w.]+<(?:[^<>]*[,\s])?(?:[\w]+\.)*(?<held>\w+)\??>\??(?:\s+\w+\s*[,)]|\.\w+)/;

/** Without those that an ordinary build leaves out, where there are others. */
function built(numbers: number[], symbols: readonly SymbolFact[]): number[] {
  const found = numbers.filter((number) => !symbols[number]?.isSecondary);
  return found.length > 0 ? found : numbers;
}
