// What a Target leads to once all files are known: definitions, values of a type, modules, or the world outside.
// Shared by all languages. Every answer is bounded, remembered, and knows what it was worked out from.
import type { Definition } from "../../graph/links.ts";
import { UNKNOWN, type SymbolFact, type Target } from "../../languages/facts.ts";
import { createCalls } from "./calls.ts";
import type { Choice } from "./choice.ts";
import { createDefinitions } from "./definitions.ts";
import { createFileTables } from "./file-tables.ts";
import { firstInside, limited, NO_DEFINITIONS, NOTHING, type Found, type Within } from "./found.ts";
import { createImportedNames } from "./imported-names.ts";
import { createMembers } from "./members.ts";
import type { Memory } from "./memory.ts";
import { TYPES } from "./symbol-kinds.ts";
import type { Resolution, Resolver, Tree } from "./tree.ts";
import { createTypeArguments } from "./type-arguments.ts";
import { createValues } from "./values.ts";
import type { World } from "./world.ts";

export interface Evaluator {
  evaluate(path: string, target: Target): readonly Found[];
  resolution(path: string, number: number): Resolution;
  /** The symbols among what was found, each under all its declarations, those that other files add included. */
  definitions(found: readonly Found[]): Choice[];
  valuesOf(path: string, target: Target): readonly Found[];
  elementOf(list: Found): readonly Found[];
  basesOf(type: Definition): readonly Found[];
  symbolAt(definition: Definition): SymbolFact | undefined;
  typesNamed(path: string, name: string): readonly Definition[];
  functionParameters(type: Definition): number | undefined;
  inherited(member: Definition): readonly Found[];
  /** A package or namespace is in use in a file although the file does not say so. */
  sees(path: string, namespace: string): boolean;
  /** It adds to what another file declares (`declare module`): a name that both have is that file's. */
  isAddition(definition: Definition): boolean;
  /** Files that add to definitions of others, and which. */
  augmented: ReadonlyMap<string, readonly string[]>;
}

export function createEvaluator(
  tree: Tree,
  { memory, resolverOf }: { memory: Memory; resolverOf: (path: string) => Resolver },
): Evaluator {
  const files = createFileTables(tree, memory);
  const { symbolAt } = files;
  const world: World = { tree, memory, resolverOf, files, evaluate, member: (object, name) => member(object, name) };
  const names = createImportedNames(world);
  const { imported, free } = names;
  const { argumentOf, applied } = createTypeArguments(world);
  const values = createValues(world, { argumentOf, applied });
  const { valueOf, valuesOf } = values;
  const calls = createCalls(world, values);
  const { result, parameter, context, element } = calls;
  const definitions = createDefinitions(world, names);
  const { member, inherited, basesOf } = createMembers(world, { ...names, ...definitions, ...values, ...calls });
  memory.record(definitions.collectAugmentations);
  return {
    evaluate,
    resolution: names.resolution,
    definitions: definitions.definitions,
    valuesOf,
    symbolAt,
    elementOf: element,
    basesOf,
    typesNamed,
    functionParameters: calls.functionParameters,
    inherited,
    sees: (path, namespace) => resolverOf(path).sees?.(path, namespace) === true,
    isAddition: definitions.isAddition,
    augmented: definitions.augmented,
  };

  function evaluate(path: string, target: Target, within: Within = {}): readonly Found[] {
    switch (target.kind) {
      case "symbol":
        return memory.once(path, `symbol ${target.symbol}`, () => [
          { is: "symbol", path, symbol: target.symbol, isSure: true },
        ]);
      case "imported":
        return memory.once(path, `imported ${target.import} ${target.isExtension} ${target.name}`, () =>
          imported(path, target.import, target.name).filter(
            (one) => !target.isExtension || (one.is === "symbol" && symbolAt(one)?.owner !== undefined),
          ),
        );
      case "free":
        return memory.once(path, `free ${target.name} ${target.scopes}`, () => free(path, target.name, target.scopes));
      case "member":
        return each(evaluate(path, target.object, within), `.${target.name}`, (one) => member(one, target.name));
      case "instance":
        return valueOf(path, target.of, within);
      case "typeof":
        return evaluate(path, target.of, within);
      case "either":
        return limited(target.of.flatMap((one) => evaluate(path, one, within)));
      case "first":
        return firstInside(target.of, (one) => evaluate(path, one, within));
      case "result":
        return each(evaluate(path, target.of, within), "result", result);
      case "element":
        return each(evaluate(path, target.of, within), "element", element);
      case "parameter":
        return each(evaluate(path, target.of, within), `parameter ${target.index}`, (one) =>
          parameter(one, target.index),
        );
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

  /** What `step` leads to from each. */
  function each(from: readonly Found[], step: string, follow: (one: Found) => readonly Found[]): readonly Found[] {
    return memory.once(from, step, () => limited(from.flatMap((one) => follow(one))));
  }

  /** Of C#'s names, whatever type parameters it has. */
  function keyOfAny(path: string, name: string): string {
    return tree.language(path) === "csharp" ? `${name}\`*` : name;
  }

  /** The types that a name in the file can mean, as far as files of the tree declare them. */
  function typesNamed(path: string, name: string): readonly Definition[] {
    return memory.ask(`named ${name} ${path}`, NO_DEFINITIONS, () => {
      files.note(path, name);
      const { symbols, imports } = tree.facts(path);
      const isType = (one: Definition) => TYPES.has(symbolAt(one)?.kind ?? "variable");
      const own = symbols.flatMap((symbol, number) => (symbol.name === name ? [{ path, symbol: number }] : []));
      const named = imports.flatMap(({ specifier }, number) =>
        specifier.endsWith(`.${name}`) ? imported(path, number, name) : [],
      );
      const around = own.some(isType) || named.length ? named : free(path, keyOfAny(path, name));
      return [...own, ...around.flatMap((one) => (one.is === "symbol" ? [one] : []))].filter(isType);
    });
  }
}
