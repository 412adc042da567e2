// Values by their types: of a type that is written somewhere, of variables and properties, of what is handed to a call.
import { partsOf, type SymbolKind, type Target } from "../../languages/facts.ts";
import { firstInside, instanceOf, limited, NOTHING, outsideOf, unsure, type Found, type Within } from "./found.ts";
import { standardField } from "./standard-members.ts";
import { TYPES } from "./symbol-kinds.ts";
import type { createTypeArguments } from "./type-arguments.ts";
import type { World } from "./world.ts";

const HAVE_NO_TYPE = new Set<SymbolKind>(["class", "function", "method", "struct", "trait", "enum"]);

export type Values = ReturnType<typeof createValues>;

export function createValues(world: World, { argumentOf }: ReturnType<typeof createTypeArguments>) {
  const { tree, memory } = world;
  const { symbolAt, sidesOf } = world.files;
  return { valueOf, typeValues, typed, valuesOf };

  /** A value of the type that `type` names. */
  function valueOf(path: string, type: Target, within: Within = {}): readonly Found[] {
    if (type.kind === "typeof") return unsure(world.evaluate(path, type.of, within));
    if (type.kind === "receiver") return within.self ? [receiverIn(path, within.self)] : NOTHING;
    if (type.kind === "either") return limited(type.of.flatMap((one) => valueOf(path, one, within)));
    if (type.kind === "first") return firstInside(type.of, (one) => valueOf(path, one, within));
    const given = type.kind === "type-parameter" && argumentOf(path, type, within);
    if (given) return valueOf(given.path, given.type);
    if (type.kind === "type-parameter") return type.bound ? valueOf(path, type.bound, within) : NOTHING;
    const types = world.evaluate(path, type, within);
    return memory.once(types, "instance", () =>
      typesOf(types).map((found) => (found.is === "symbol" ? instanceOf(found) : found)),
    );
  }

  /** What a method of a class gives as `Self` is in Python an instance of whichever class it is taken from. */
  function receiverIn(path: string, self: Found): Found {
    const isClass = self.is === "symbol" && symbolAt(self)?.kind === "class" && tree.language(path) === "python";
    return isClass ? instanceOf(self) : self;
  }

  /** Of types and functions of one name the types. */
  function typesOf(found: readonly Found[]): readonly Found[] {
    if (found.length < 2) return found;
    const isFunction = (one: Found) => one.is === "symbol" && symbolAt(one)?.takes !== undefined;
    return found.every(isFunction) ? found : found.filter((one) => !isFunction(one));
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

  /** The values that variables, properties and type aliases stand for. */
  function typed(object: Found & { is: "symbol" | "instance" }): readonly Found[] {
    const { symbols } = tree.facts(object.path);
    return sidesOf(object)
      .filter((number) => !HAVE_NO_TYPE.has(symbols[number]?.kind ?? "class"))
      .flatMap((symbol) => typeValues({ path: object.path, symbol, arguments: object.arguments }));
  }

  /** What a value can be handed as: of a variable what it holds, of a member of an enumeration that. */
  function valuesOf(path: string, target: Target): readonly Found[] {
    return limited(world.evaluate(path, target).flatMap(held));
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
}

function mentions(type: Target, kind: "receiver" | "type-parameter"): boolean {
  return type.kind === kind || partsOf(type).some((part) => mentions(part, kind));
}
