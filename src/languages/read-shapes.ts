// Facts of a file in a language with classes, from the shapes that its grammar tells of.
import {
  bindLocal,
  commentBefore,
  Draft,
  findBinding,
  instanceOf,
  openScope,
  symbolTarget,
  typeOf,
  type Scope,
} from "./draft.ts";
import { UNKNOWN, type Handed, type ReferenceKind, type SymbolKind, type Target } from "./facts.ts";
import {
  arrayOf,
  calleeOf,
  declaredType,
  lowerMember,
  lowerShape,
  lowerType,
  nameTarget,
  typeScope,
} from "./shape-values.ts";
import type { Grammar, Modifiers, Shape, Variable } from "./shapes.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export interface ShapeFile {
  tree: SyntaxTree;
  draft: Draft;
  grammar: Grammar;
  file: Scope;
  /** Names of members that a class has several of, by class. */
  overloads: Map<number, Set<string>>;
  /** Nodes that are types, as only their place tells. */
  types: Set<Node>;
}

export function openShapeFile(tree: SyntaxTree, grammar: Grammar): ShapeFile {
  const of: ShapeFile = {
    tree,
    grammar,
    draft: new Draft(tree, (node, scope) =>
      of.types.has(node) ? lowerType(of, node, scope) : lowerShape(of, node, scope),
    ),
    file: openScope(undefined, "file"),
    overloads: new Map(),
    types: new Set(),
  };
  of.draft.later(() => {
    for (const [name, { symbol }] of of.file.names)
      if (symbol !== undefined) of.draft.exports.push({ name, target: symbolTarget(symbol) });
  });
  return of;
}

export function visitShapes(of: ShapeFile, node: Node | undefined, scope: Scope): void {
  if (node === undefined) return;
  const shape = of.grammar.read(of.tree, node);
  if (shape) visitShape(of, node, { shape, scope });
  else visitBut(of, node, scope, []);
}

function visitBut(of: ShapeFile, node: Node, scope: Scope, done: readonly (Node | undefined)[]): void {
  for (const child of of.tree.children(node)) if (!done.includes(child)) visitShapes(of, child, scope);
}

function visitShape(of: ShapeFile, node: Node, { shape, scope }: { shape: Shape; scope: Scope }): void {
  switch (shape.kind) {
    case "skip":
    case "this":
    case "super":
      return;
    case "only":
      return visitShapes(of, shape.of, scope);
    case "statics":
      return visitBut(of, node, { ...scope, isStatic: true }, []);
    case "type":
      return visitTypeDefinition(of, node, { shape, scope });
    case "function":
      return visitFunction(of, node, { shape, scope });
    case "variables":
      return visitVariables(of, node, { shape, scope });
    case "scope":
      return visitBut(of, node, openScope(scope, "function"), []);
    case "name":
    case "member":
    case "call":
      return visitNamed(of, shape.kind === "call" ? "call" : "read", node, scope);
    case "new": {
      visitType(of, shape.type, scope, "new");
      if (shape.body === undefined) return visitBut(of, node, scope, [shape.type]);
      const body: Extract<Shape, { kind: "type" }> = { kind: "type", as: "class", name: undefined, body: shape.body };
      visitBut(of, node, scope, [shape.type, shape.body]);
      const type = shape.type;
      return visitTypeDefinition(of, shape.body, {
        shape: body,
        scope,
        self: () => lowerType(of, type ?? node, scope),
      });
    }
    case "typed":
      visitType(of, shape.type, scope);
      return visitBut(of, node, scope, [shape.type]);
    case "array":
      visitType(of, shape.type, scope);
      return visitBut(of, node, scope, [shape.type]);
    case "types":
      for (const type of shape.types) visitType(of, type, scope);
      return visitBut(of, node, scope, shape.types);
    case "assign": {
      if (shape.left !== undefined) visitNamed(of, "write", shape.left, scope);
      return visitBut(of, node, scope, [shape.left]);
    }
    case "include": {
      // Of `__DIR__ . "/x.php"` the string.
      const text = of.tree.descendants(node).find((child) => of.tree.is(child, "string_content"));
      if (text !== undefined) of.draft.import({ specifier: of.tree.textOf(text), kind: "include" }, text);
      return visitBut(of, node, scope, []);
    }
    case "decorator":
      visitType(of, shape.name, scope, "decorator");
      return visitBut(of, node, scope, [shape.name]);
    default:
      return visitBut(of, node, scope, []);
  }
}

/** An expression whose last name is used as `kind`. */
function visitNamed(of: ShapeFile, kind: ReferenceKind, node: Node, scope: Scope, handed?: Node[]): void {
  const { tree, draft, grammar } = of;
  const shape = grammar.read(tree, node);
  if (shape?.kind === "name") {
    const key = shape.key ?? tree.textOf(shape.name);
    if (grammar.words.has(key) || key.startsWith("$")) return;
    draft.refer(kind, shape.name, {
      scope,
      arguments: argumentsOf(of, handed, scope),
      target: () => nameTarget(of, key, scope),
    });
  } else if (shape?.kind === "member") {
    if (!shape.isObjectAround) visitShapes(of, shape.object, scope);
    const target = () => lowerMember(of, shape, scope);
    draft.refer(kind === "read" ? "member" : kind, shape.name, {
      scope,
      arguments: argumentsOf(of, handed, scope),
      target,
    });
    visitBut(of, node, scope, [shape.object, shape.name]);
  } else if (shape?.kind === "call") {
    if (shape.callee !== undefined) visitNamed(of, "call", shape.callee, scope, shape.arguments);
    if (shape.object !== undefined) visitShapes(of, shape.object, scope);
    const { name, object } = shape;
    if (name !== undefined) {
      const key = shape.key ?? tree.textOf(name);
      const target = () =>
        object === undefined ? nameTarget(of, key, scope) : lowerMember(of, { object, name }, scope);
      draft.refer("call", name, { scope, arguments: argumentsOf(of, shape.arguments, scope), target });
    }
    visitBut(of, node, scope, [shape.callee, shape.object, shape.name]);
  } else if (shape?.kind === "same" && kind !== "read" && shape.of !== undefined) {
    visitNamed(of, kind, shape.of, scope, handed);
    visitBut(of, node, scope, [shape.of]);
  } else visitShapes(of, node, scope);
}

/** What a call is handed, as ReferenceFact has it. */
function argumentsOf(of: ShapeFile, handed: Node[] | undefined, scope: Scope): (() => Handed[]) | undefined {
  const { tree, draft, grammar } = of;
  return (
    handed && (() => handed.map((node) => grammar.literalType?.(tree, node) ?? handedAs(draft.value(node, scope))))
  );
}

function handedAs(value: Target): Handed {
  if (value.kind === "unknown") return "";
  return value.kind === "instance" && value.of.kind === "builtin" ? value.of.name : value;
}

/** Names in a type. */
function visitType(of: ShapeFile, node: Node | undefined, scope: Scope, kind: ReferenceKind = "type"): void {
  if (node === undefined) return;
  const { tree, draft, grammar } = of;
  const shape = grammar.readType(tree, node);
  of.types.add(node);
  switch (shape?.kind) {
    case "none":
    case "builtin":
    case "own":
      return;
    case "named": {
      const written = tree.textOf(shape.name);
      const ending = kind === "decorator" ? (grammar.decoratorEnding ?? "") : "";
      const text = written.endsWith(ending) ? written : written + ending;
      if (shape.qualifier !== undefined && /^\W*\p{Lu}/u.test(tree.textOf(shape.qualifier)))
        visitType(of, shape.qualifier, scope);
      draft.refer(kind, shape.name, {
        scope,
        target: () =>
          (findBinding(scope, text)?.isLocal || text !== written) && shape.qualifier === undefined
            ? nameTarget(of, text, scope)
            : lowerType(of, node, scope),
      });
      return;
    }
    case "generic":
      visitType(of, shape.of, scope, kind);
      for (const argument of shape.arguments) visitType(of, argument, scope);
      return;
    case "array":
    case "same":
      return visitType(of, shape.of, scope, kind);
    case "function":
      for (const part of [shape.context, ...shape.parameters, shape.result]) visitType(of, part, scope);
      return;
    default:
      for (const child of tree.children(node)) visitType(of, child, scope);
  }
}

interface DeclareOptions {
  scope: Scope;
  name: Node;
  node: Node;
  as: SymbolKind;
  key?: string | undefined;
  body?: Node | undefined;
  owner?: string | undefined;
  modifiers: Modifiers;
  arity?: readonly [number, number] | undefined;
  takes?: (() => string[]) | undefined;
  parameters?: (() => Target)[];
  hasAliases?: boolean;
  type?: () => Target;
  bases?: (() => Target)[];
}

function declare(of: ShapeFile, { scope, as, key, modifiers, ...draft }: DeclareOptions): number {
  const { tree } = of;
  const isMember = scope.kind === "type";
  const container = isMember && draft.owner === undefined && !scope.isAnonymous ? scope.symbol : undefined;
  const isSeen = scope.kind === "file" || (container !== undefined && of.draft.symbols[container]?.isExported === true);
  const symbol = of.draft.symbol({
    ...draft,
    kind: as === "method" && !isMember && draft.owner === undefined ? "function" : as,
    container,
    documentation: commentBefore(tree, draft.node),
    from: firstAfter(tree, draft.node),
    isExported: modifiers.isExported && (isSeen || draft.owner !== undefined),
    isStatic: isMember && (modifiers.isStatic || scope.isStatic === true),
    isTest: modifiers.isTest,
  });
  const name = key ?? tree.textOf(draft.name);
  const known = scope.names.get(name);
  if (known?.symbol !== undefined && container !== undefined)
    of.overloads.set(container, (of.overloads.get(container) ?? new Set()).add(name));
  if (!known && as !== "constructor") scope.names.set(name, { symbol, target: () => symbolTarget(symbol) });
  return symbol;
}

/** Where a declaration starts behind its annotations. */
function firstAfter(tree: SyntaxTree, node: Node): Node | undefined {
  const [first] = tree.children(node);
  const within = tree.is(first, "modifiers") ? tree.children(first) : tree.children(node);
  const found = within.find((child) => !/annotation|attribute|comment/.test(tree.type(child)));
  return found ?? (first === undefined ? undefined : tree.next(first));
}

function visitTypeDefinition(
  of: ShapeFile,
  node: Node,
  { shape, scope, self }: { shape: Extract<Shape, { kind: "type" }>; scope: Scope; self?: () => Target },
): void {
  const { tree, grammar } = of;
  const { name, bases = [], body } = shape;
  const inner = openScope(scope, "type", undefined);
  for (const base of bases) of.types.add(base);
  const symbol =
    name === undefined
      ? undefined
      : declare(of, {
          scope,
          name,
          node,
          body,
          as: shape.as,
          modifiers: grammar.modifiers(tree, node),
          bases: bases.map((base) => () => lowerType(of, base, inner)),
          ...(shape.alias !== undefined && { type: () => lowerType(of, shape.alias ?? node, inner) }),
        });
  const within: Scope = {
    ...inner,
    symbol: symbol ?? scope.symbol,
    isAnonymous: name === undefined,
    isStatic: shape.isObject === true,
  };
  // The body of an enumeration's constant is one more of its class.
  const around = () => findBinding(scope, "this type")?.target() ?? UNKNOWN;
  const value = symbol === undefined ? (self ?? around) : () => symbolTarget(symbol);
  inner.names.set("this type", { target: value, isLocal: true });
  const { superclass } = shape;
  const superType = superclass === undefined ? self : () => lowerType(of, superclass, inner);
  if (superType) inner.names.set("super type", { target: superType, isLocal: true });
  bindTypeParameters(of, shape.typeParameters, { scope: inner, owner: symbol });
  for (const base of bases) visitType(of, base, within, "inherit");
  for (const parameter of shape.parameters ?? []) visitParameter(of, parameter, within);
  visitType(of, shape.alias, within);
  const done = [name, shape.alias, ...bases, ...(shape.parameters ?? []).flatMap(({ name, type }) => [name, type])];
  visitBelow(of, node, { scope: within, done: new Set(done) });
}

/** `owner`: the type that they are given to where it is named; a function's stand for their bounds. */
function bindTypeParameters(
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

/** A parameter: of the function whose scope it is, and a property of the class where it says so. */
function visitParameter(of: ShapeFile, parameter: Variable, scope: Scope): void {
  const { tree, draft, grammar } = of;
  const { name, type, value, each, node, isRest, handed } = parameter;
  visitType(of, type, scope);
  const untyped = () => {
    if (each !== undefined) return lowerShape(of, each, scope, true);
    return value === undefined && handed ? handed() : draft.value(value, scope);
  };
  const typed = () =>
    type === undefined && parameter.documented === undefined
      ? untyped()
      : instanceOf(arrayOf(declaredType(of, parameter, scope), isRest === true ? 1 : 0));
  const owner = parameter.isMember ? typeScope(scope) : undefined;
  if (owner)
    declare(of, {
      scope: owner,
      name,
      node: node ?? name,
      as: "property",
      modifiers: grammar.modifiers(tree, node ?? name),
      type: () => typeOf(typed()),
    });
  if (owner === scope) return;
  bindLocal(scope, parameter.key ?? tree.textOf(name), typed);
}

function visitFunction(
  of: ShapeFile,
  node: Node,
  { shape, scope }: { shape: Extract<Shape, { kind: "function" }>; scope: Scope },
): void {
  const { tree, draft, grammar } = of;
  const { name, parameters, result, receiver, value } = shape;
  const outer = openScope(scope, "function");
  const receiverName =
    receiver === undefined
      ? undefined
      : tree.descendants(receiver).findLast((at) => tree.type(at).endsWith("identifier"));
  const symbol =
    name === undefined
      ? scope.symbol
      : declare(of, {
          scope,
          name,
          node,
          body: shape.body,
          as: shape.as,
          owner: receiverName === undefined ? undefined : tree.textOf(receiverName),
          modifiers: grammar.modifiers(tree, node),
          arity: shape.arity,
          takes: shape.arity && (() => parameters.map((parameter) => erased(of, parameter, inner))),
          ...(grammar.handsElements && {
            parameters: parameters.map(
              ({ type }) =>
                () =>
                  type === undefined ? UNKNOWN : lowerType(of, type, inner),
            ),
            hasAliases: true,
          }),
          type: () =>
            result === undefined && shape.documented === undefined
              ? typeOf(draft.value(value, inner))
              : declaredType(of, { type: result, documented: shape.documented }, inner),
        });
  const lambda = name === undefined ? handedTo(of, node, scope) : undefined;
  const inner: Scope = { ...outer, symbol, ...(lambda && { lambda: lambda.number }) };
  bindTypeParameters(of, shape.typeParameters, { scope: inner });
  if (receiver !== undefined)
    inner.names.set("this type", { target: () => lowerType(of, receiver, scope), isLocal: true });
  visitType(of, receiver, inner);
  visitType(of, result, inner);
  for (const [index, parameter] of parameters.entries()) {
    const handed = lambda && (() => parameterOf({ kind: "lambda", lambda: lambda.number }, index));
    visitParameter(of, { ...(index === 0 && lambda?.first), ...parameter, handed }, inner);
  }
  const done = [name, result, receiver, ...parameters.flatMap(({ name, type }) => [name, type])];
  visitBelow(of, node, { scope: inner, done: new Set(done) });
}

/** The type of a parameter as SymbolFact has it. */
function erased(of: ShapeFile, { type, isRest }: Variable, scope: Scope): string {
  const { tree, grammar } = of;
  const lowered = type === undefined ? UNKNOWN : lowerType(of, type, scope);
  if (lowered.kind === "function" && lowered.name === undefined) return `=>${lowered.parameters.length}`;
  const written = bareType(tree.textOf(type));
  const brackets = written.indexOf("[");
  const name = brackets < 0 ? written : written.slice(0, brackets);
  const parameter = findBinding(scope, name);
  const bound = parameter?.isTypeParameter ? nameOfType(of, parameter.target()) : name;
  const rest = (brackets < 0 ? "" : written.slice(brackets)) + (isRest ? "[]" : "");
  return `${bound === "" && parameter ? (grammar.anyType ?? "*") : bound}${rest}`;
}

function nameOfType({ draft }: ShapeFile, type: Target): string {
  const of = type.kind === "type-parameter" ? (type.bound ?? UNKNOWN) : type;
  switch (of.kind) {
    case "symbol":
      return draft.symbols[of.symbol]?.name ?? "";
    case "first":
      return nameOfType({ draft } as ShapeFile, of.of.at(-1) ?? UNKNOWN);
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

/** What the call hands to a function written among its arguments: `items.map { … }`, `item.let { … }`. */
function handedTo(
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

function parameterOf(of: Target, index: number): Target {
  return of.kind === "unknown" ? UNKNOWN : { kind: "parameter", of, index };
}

function visitVariables(
  of: ShapeFile,
  node: Node,
  { shape, scope }: { shape: Extract<Shape, { kind: "variables" }>; scope: Scope },
): void {
  const { tree, draft, grammar } = of;
  const types = new Set<Node>();
  for (const { name, key, type, documented, value, each, isLocal, isRest, node: own } of shape.variables) {
    const typed = () => {
      const declared = declaredType(of, { type, documented }, scope);
      if (declared.kind !== "unknown") return instanceOf(arrayOf(declared, isRest === true ? 1 : 0));
      return value === undefined && each !== undefined ? lowerShape(of, each, scope, true) : draft.value(value, scope);
    };
    if (scope.kind === "function" || each !== undefined || isLocal) bindLocal(scope, key ?? tree.textOf(name), typed);
    else {
      const as = shape.as ?? (scope.kind === "file" ? "variable" : "property");
      const modifiers = grammar.modifiers(tree, node);
      declare(of, {
        scope,
        name,
        key,
        node: own ?? node,
        body: value,
        as,
        modifiers,
        type: () => typeOf(typed()),
      });
    }
    if (type !== undefined && !types.has(type)) visitType(of, type, scope);
    if (type !== undefined) types.add(type);
  }
  const names = shape.variables.map(({ name }) => name);
  visitBelow(of, node, { scope, done: new Set([...names, ...types]) });
}

/** Everything below, but for what is done. */
function visitBelow(
  of: ShapeFile,
  node: Node,
  { scope, done }: { scope: Scope; done: ReadonlySet<Node | undefined> },
): void {
  for (const child of of.tree.children(node)) {
    if (done.has(child)) continue;
    const shape = of.grammar.read(of.tree, child);
    // A list of variables within the declaration that told of them.
    const isTold =
      shape?.kind === "variables" && shape.variables.length > 0 && shape.variables.every(({ name }) => done.has(name));
    if (shape && !isTold) visitShape(of, child, { shape, scope });
    else visitBelow(of, child, { scope, done });
  }
}
