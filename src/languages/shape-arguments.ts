// What calls hand: their arguments as overloads need them, and what functions written among them are handed.
import { instanceOf, typeOf, type Scope } from "./draft.ts";
import { UNKNOWN, type Handed, type Target } from "./facts.ts";
import type { ShapeFile } from "./shape-file.ts";
import { calleeOf, lowerType } from "./shape-values.ts";
import type { Variable } from "./shapes.ts";
import type { Node } from "./syntax-tree.ts";

/** What a call is handed, as ReferenceFact has it. */
export function argumentsOf(of: ShapeFile, handed: Node[] | undefined, scope: Scope): (() => Handed[]) | undefined {
  const { tree, draft, grammar } = of;
  return (
    handed && (() => handed.map((node) => grammar.literalType?.(tree, node) ?? handedAs(draft.value(node, scope))))
  );
}

function handedAs(value: Target): Handed {
  if (value.kind === "unknown") return "";
  return value.kind === "instance" && value.of.kind === "builtin" ? value.of.name : value;
}

/** What the call hands to a function written among its arguments: `items.map { … }`, `item.let { … }`. */
export function handedTo(
  of: ShapeFile,
  node: Node,
  scope: Scope,
): { number: number; first: Pick<Variable, "value" | "each"> } | undefined {
  const { tree, draft, grammar } = of;
  let argument = node;
  const within = new Set([node]);
  let at = tree.parent(node);
  for (let height = 0; at !== undefined && height < 4; height++) {
    const shape = grammar.read(tree, at);
    if (shape?.kind === "call") {
      const index = shape.arguments?.findIndex((each) => within.has(each)) ?? -1;
      // Parameters before the last may be left out.
      const isLast = grammar.hasContexts === true && index === (shape.arguments?.length ?? 0) - 1;
      const named = shape.callee === undefined ? shape : grammar.read(tree, shape.callee);
      const object = named?.kind === "member" || named?.kind === "call" ? named.object : undefined;
      const name =
        named?.kind === "member" || named?.kind === "call" || named?.kind === "name" ? tree.textOf(named.name) : "";
      const entered = grammar.entersFirst?.test(name)
        ? shape.arguments?.[0]
        : grammar.entersItself?.test(name)
          ? object
          : undefined;
      const number = draft.lambda(() =>
        entered === undefined
          ? index < 0
            ? UNKNOWN
            : parameterOf(calleeOf(of, shape, scope), isLast ? -1 : index)
          : { kind: "function", parameters: [], type: UNKNOWN, context: typeOf(draft.value(entered, scope)) },
      );
      if (object !== undefined && grammar.handsElements?.test(name)) return { number, first: { each: object } };
      return { number, first: grammar.handsItself?.test(name) ? { value: object } : {} };
    }
    if (shape?.kind === "new" && shape.arguments !== undefined && shape.type !== undefined) {
      const { type } = shape;
      const index = shape.arguments.findIndex((each) => within.has(each));
      const made = () => (index < 0 ? UNKNOWN : parameterOf(lowerType(of, type, scope), index));
      return { number: draft.lambda(made), first: {} };
    }
    const written =
      shape?.kind === "variables"
        ? shape.variables.find(({ value }) => value === argument)?.type
        : shape?.kind === "typed"
          ? shape.type
          : undefined;
    if (written !== undefined)
      return { number: draft.lambda(() => instanceOf(lowerType(of, written, scope))), first: {} };
    if (shape && shape.kind !== "same") return undefined;
    argument = at;
    within.add(at);
    at = tree.parent(at);
  }
  return undefined;
}

export function parameterOf(of: Target, index: number): Target {
  return of.kind === "unknown" ? UNKNOWN : { kind: "parameter", of, index };
}
