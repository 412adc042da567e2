// What functions and collections give and hand on: results, parameters, elements, `this` of a function.
import type { Definition } from "../../graph/links.ts";
import { UNKNOWN } from "../../languages/facts.ts";
import {
  keyOfArguments,
  instanceOf,
  limited,
  NOTHING,
  OUTSIDE,
  outsideOf,
  tied,
  unsure,
  type Found,
  type Within,
} from "./found.ts";
import { standardResult } from "./standard-members.ts";
import { TYPES } from "./symbol-kinds.ts";
import type { Values } from "./values.ts";
import type { World } from "./world.ts";

const ELEMENT_GIVING = new Set("at find findLast get pop shift reduce".split(" "));

/** And of collections that have a name. */
const OTHER_ELEMENT_GIVING = new Set(
  "element elementAt first firstOrNull getFirst getLast getOrDefault getOrNull getValue head headOption last lastOrNull next peek poll random remove removeFirst removeLast single singleOrNull take First FirstOrDefault Last LastOrDefault Single SingleOrDefault ElementAt Peek Dequeue Pop Find".split(
    " ",
  ),
);

const LIST_GIVING = new Set(
  "concat entries filter flat reverse slice sort splice toReversed toSorted toSpliced values with".split(" "),
);

export type Calls = ReturnType<typeof createCalls>;

export function createCalls({ tree, memory, files, member }: World, { valueOf, typeValues, typed }: Values) {
  const { membersOf, allMembersOf, symbolAt, declarations } = files;
  return { result, parameter, declaredParameter, context, element, functionParameters };

  /** What a call gives. */
  function result(callee: Found): readonly Found[] {
    return "isTied" in callee && callee.isTied ? tied(resultOf(callee)) : resultOf(callee);
  }

  function resultOf(callee: Found): readonly Found[] {
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
    if (callee.is === "symbol" && kind === "property" && isComponent(callee)) return typed(callee);
    if (callee.is === "symbol" && (kind === "class" || kind === "struct")) return [instanceOf(callee)];
    // A conversion: `Handler(f)`.
    if (callee.is === "symbol" && kind !== undefined && TYPES.has(kind) && tree.language(callee.path) === "go")
      return [instanceOf(callee)];
    if (callee.is === "symbol" && (kind === "function" || kind === "method"))
      return limited(declarations(callee).flatMap((symbol) => typeValues({ ...callee, symbol })));
    return memory.ask(`result ${callee.is} ${callee.symbol} ${callee.path}${keyOfArguments(callee)}`, NOTHING, () =>
      limited(typed(callee).flatMap(result)),
    );
  }

  /** Of a record of Java, got by a method of its name. A field and a method of one name are otherwise two things. */
  function isComponent({ path, symbol }: Definition): boolean {
    const container = tree.language(path) === "java" ? symbolAt({ path, symbol })?.container : undefined;
    return container !== undefined && /\brecord\b/.test(symbolAt({ path, symbol: container })?.signature ?? "");
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
    const constructors = of.is === "symbol" && (kind === "class" || kind === "struct") ? constructorsOf(of) : [];
    if (constructors.length > 0 || (of.is === "symbol" && kind === "class")) {
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

  /** Those that are called like their class are no members of it. */
  function constructorsOf(type: Definition): readonly number[] {
    const named = membersOf(type, "constructor");
    if (named.length > 0 || !/^(?:java|csharp)$/.test(tree.language(type.path))) return named;
    const { symbols } = tree.facts(type.path);
    return symbols.flatMap(({ kind, container }, number) =>
      kind === "constructor" && container === type.symbol ? [number] : [],
    );
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
    const type = symbolAt(of)?.parameters?.at(index);
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
      const inherited = limited(bases.flatMap((base) => valueOf(of.path, base, of)).flatMap(element));
      const isIndexed = inherited.every(({ is }) => is === "outside") && tree.language(of.path) === "kotlin";
      const given = isIndexed ? limited(member(of, "get").flatMap(result)) : NOTHING;
      return given.length > 0 ? given : inherited;
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
  function methodsToWrite(type: Definition): number[] {
    const { symbols } = tree.facts(type.path);
    return allMembersOf(type).filter((number) => {
      const { kind, signature = "" } = symbols[number] ?? {};
      return kind === "method" && !/^(?:(?:public|abstract) )*(?:default|static|private) /.test(signature);
    });
  }
}

function givesElement({ list, name }: Found & { is: "list-member" }): boolean {
  return ELEMENT_GIVING.has(name) || (list.name !== undefined && OTHER_ELEMENT_GIVING.has(name));
}
