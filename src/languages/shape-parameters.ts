// Type parameters of types and functions, and the types of parameters as overloads are told apart by them.
import { findBinding, type Scope } from "./draft.ts";
import { keyOfGeneric, UNKNOWN, type Target } from "./facts.ts";
import type { ShapeFile } from "./shape-file.ts";
import { lowerType } from "./shape-values.ts";
import type { Variable } from "./shapes.ts";
import type { Node } from "./syntax-tree.ts";

/** `owner`: the type that they are given to where it is named; a function's stand for their bounds. */
export function bindTypeParameters(
  of: ShapeFile,
  list: Node | undefined,
  { scope, owner }: { scope: Scope; owner?: number | undefined },
): void {
  const { tree } = of;
  let index = 0;
  for (const parameter of tree.children(list)) {
    if (tree.type(parameter).endsWith("_bound")) continue;
    const name = tree.is(parameter, "identifier", "type_identifier")
      ? parameter
      : (tree.field(parameter, "name") ?? tree.child(parameter, "identifier", "type_identifier"));
    if (name === undefined) continue;
    const known = tree.textOf(name);
    if (scope.names.has(known)) continue;
    const bound = boundOf(of, parameter, name);
    const number = index++;
    scope.names.set(known, {
      isLocal: true,
      isTypeParameter: true,
      target: () => {
        const limit = bound === undefined ? UNKNOWN : lowerBound(of, bound, { scope, known });
        if (owner === undefined) return limit;
        return { kind: "type-parameter", owner, index: number, ...(limit.kind !== "unknown" && { bound: limit }) };
      },
    });
  }
}

/** The first type that a type parameter is written to be: `T extends A`, `T : A`, `T <: A`. */
function boundOf({ tree, grammar }: ShapeFile, parameter: Node, name: Node): Node | undefined {
  if (parameter === name) return undefined;
  const around = tree.child(parameter, "type_bound", "upper_bound");
  const children = tree.children(around ?? parameter);
  return children.find((child) => child !== name && grammar.readType(tree, child)?.kind.match(/named|generic|builtin/));
}

/** `T extends Comparable<T>` would lead back to itself. */
function lowerBound(of: ShapeFile, bound: Node, { scope, known }: { scope: Scope; known: string }): Target {
  const shape = of.grammar.readType(of.tree, bound);
  const node = shape?.kind === "generic" ? shape.of : bound;
  if (node === undefined || of.tree.textOf(node) === known) return UNKNOWN;
  const found = of.tree.textOf(node);
  return findBinding(scope, found)?.isTypeParameter ? UNKNOWN : lowerType(of, node, scope);
}

/** The type of a parameter as SymbolFact has it. */
export function erased(of: ShapeFile, { type, isRest }: Variable, scope: Scope): string {
  const { tree, grammar } = of;
  const lowered = type === undefined ? UNKNOWN : lowerType(of, type, scope);
  if (lowered.kind === "function" && lowered.name === undefined) return `=>${lowered.parameters.length}`;
  const written = bareType(tree.textOf(type));
  const brackets = written.indexOf("[");
  const name = brackets < 0 ? written : written.slice(0, brackets);
  const parameter = findBinding(scope, name);
  const bound = parameter?.isTypeParameter ? nameOfType(of, parameter.target()) : name;
  const rest = (brackets < 0 ? "" : written.slice(brackets)) + (isRest ? "[]" : "");
  const typeArguments = grammar.countsTypeParameters && rest === "" ? countTypeArguments(of, type) : 0;
  if (typeArguments > 0) return keyOfGeneric(name, typeArguments);
  return `${bound === "" && parameter ? (grammar.anyType ?? "*") : bound}${rest}`;
}

function countTypeArguments(of: ShapeFile, type: Node | undefined): number {
  const shape = type === undefined ? undefined : of.grammar.readType(of.tree, type);
  if (shape?.kind === "same") return countTypeArguments(of, shape.of);
  return shape?.kind === "generic" ? shape.arguments.length : 0;
}

function nameOfType({ draft }: Pick<ShapeFile, "draft">, type: Target): string {
  const of = type.kind === "type-parameter" ? (type.bound ?? UNKNOWN) : type;
  switch (of.kind) {
    case "symbol":
      return draft.symbols[of.symbol]?.name ?? "";
    case "first":
      return nameOfType({ draft }, of.of.at(-1) ?? UNKNOWN);
    case "free":
    case "imported":
    case "builtin":
    case "member":
      return of.name;
    case "list":
      return of.name ?? "";
    default:
      return "";
  }
}

/** `List` of `java.util.List<T>`, `int[]` of `int[]`. */
function bareType(annotated: string): string {
  const text = annotated.replace(/@\w+(?:\([^()]*\))?\s*/g, "");
  const arrays = /(?:\[[\s,]*\]\s*)*\??$/.exec(text)?.[0].match(/\[/g) ?? [];
  return `${/^[\w.:]*?(\w+)(?=\W|$)(?![.:])/.exec(text.trim())?.[1] ?? ""}${"[]".repeat(arrays.length)}`;
}
