// Facts of a file in a language with classes, from the shapes that its grammar tells of.
import { declare } from "./declare-shape.ts";
import { bindLocal, findBinding, instanceOf, openScope, symbolTarget, typeOf, type Scope } from "./draft.ts";
import { keyOfGeneric, UNKNOWN, type ReferenceKind, type Target } from "./facts.ts";
import { argumentsOf, handedTo, parameterOf } from "./shape-arguments.ts";
import type { ShapeFile } from "./shape-file.ts";
import { bindTypeParameters, erased } from "./shape-parameters.ts";
import { arrayOf, declaredType, lowerMember, lowerShape, lowerType, nameTarget, typeScope } from "./shape-values.ts";
import type { Shape, Variable } from "./shapes.ts";
import type { Node } from "./syntax-tree.ts";

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
      if (shape.isImplicit) return visitBut(of, node, scope, []);
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

/** An expression that a member is taken from. */
function visitObject(of: ShapeFile, node: Node, scope: Scope): void {
  const shape = of.grammar.read(of.tree, node);
  const isNamed = shape?.kind === "name" || shape?.kind === "member";
  if (isNamed) visitNamed(of, "read", node, scope, { isObject: true });
  else visitShapes(of, node, scope);
}

/** An expression whose last name is used as `kind`. */
function visitNamed(
  of: ShapeFile,
  kind: ReferenceKind,
  node: Node,
  scope: Scope,
  {
    handed,
    typeArguments,
    isObject,
  }: { handed?: Node[] | undefined; typeArguments?: number | undefined; isObject?: boolean } = {},
): void {
  const { tree, draft, grammar } = of;
  const shape = grammar.read(tree, node);
  const isNoFunction = isObject === true && grammar.noFunctions !== undefined;
  if (shape?.kind === "name") {
    const key = shape.key ?? tree.textOf(shape.name);
    if (grammar.words.has(key) || key.startsWith("$")) return;
    const isValue = isNoFunction || (kind !== "call" && grammar.noFunctions === "values");
    draft.refer(kind, shape.name, {
      scope,
      arguments: argumentsOf(of, handed, scope),
      typeArguments,
      isNoFunction: isValue,
      target: () => nameTarget(of, key, scope, isValue),
    });
  } else if (shape?.kind === "member") {
    if (!shape.isObjectAround) visitObject(of, shape.object, scope);
    const target = () => lowerMember(of, shape, scope);
    draft.refer(kind === "read" ? "member" : kind, shape.name, {
      scope,
      arguments: argumentsOf(of, handed, scope),
      typeArguments,
      isNoFunction,
      target,
    });
    visitBut(of, node, scope, [shape.object, shape.name]);
  } else if (shape?.kind === "call") {
    if (shape.callee !== undefined) {
      const { arguments: given, typeArguments: counted } = shape;
      visitNamed(of, "call", shape.callee, scope, { handed: given, typeArguments: counted });
    }
    if (shape.object !== undefined) visitObject(of, shape.object, scope);
    const { name, object } = shape;
    if (name !== undefined) {
      const key = shape.key ?? tree.textOf(name);
      const target = () =>
        object === undefined ? nameTarget(of, key, scope) : lowerMember(of, { object, name }, scope);
      draft.refer("call", name, { scope, arguments: argumentsOf(of, shape.arguments, scope), target });
    }
    visitBut(of, node, scope, [shape.callee, shape.object, shape.name]);
  } else if (shape?.kind === "same" && kind !== "read" && shape.of !== undefined) {
    visitNamed(of, kind, shape.of, scope, { handed, typeArguments });
    visitBut(of, node, scope, [shape.of]);
  } else visitShapes(of, node, scope);
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
      const written = shape.key ?? tree.textOf(shape.name);
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

function visitTypeDefinition(
  of: ShapeFile,
  node: Node,
  { shape, scope, self }: { shape: Extract<Shape, { kind: "type" }>; scope: Scope; self?: () => Target },
): void {
  const { tree, grammar } = of;
  const { name, bases = [], body } = shape;
  const inner = openScope(scope, "type", undefined);
  const { length: typeParameters } = countedTypeParameters(of, shape.typeParameters);
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
          key: typeParameters > 0 ? keyOfGeneric(tree.textOf(name), typeParameters) : undefined,
          typeParameters,
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

function countedTypeParameters({ tree, grammar }: ShapeFile, list: Node | undefined): Node[] {
  return grammar.countsTypeParameters ? tree.children(list).filter((each) => tree.is(each, "type_parameter")) : [];
}

/** Whether what a function is handed tells what the type parameter stands for. */
function isTold({ tree }: ShapeFile, typeParameter: Node, parameters: readonly Variable[]): boolean {
  const name = tree.textOf(tree.field(typeParameter, "name"));
  return parameters.some(({ type }) => tree.textOf(type).split(/\W+/).includes(name));
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
  const typeParameters = countedTypeParameters(of, shape.typeParameters);
  const symbol =
    name === undefined
      ? scope.symbol
      : declare(of, {
          scope,
          name,
          node,
          body: shape.body,
          as: shape.as,
          owner: receiver === undefined ? undefined : typeName(of, receiver),
          modifiers: grammar.modifiers(tree, node),
          arity: shape.arity,
          typeParameters: typeParameters.length,
          isTypeWritten: typeParameters.some((each) => !isTold(of, each, parameters)),
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

function visitVariables(
  of: ShapeFile,
  node: Node,
  { shape, scope: outer }: { shape: Extract<Shape, { kind: "variables" }>; scope: Scope },
): void {
  const scope = shape.hasScope ? openScope(outer, "function") : outer;
  const { tree, draft, grammar } = of;
  const types = new Set<Node>();
  const [{ receiver } = {}] = shape.variables;
  const inner = receiver === undefined ? scope : openScope(scope, "function");
  if (receiver !== undefined) {
    inner.names.set("this type", { target: () => lowerType(of, receiver, scope), isLocal: true });
    visitType(of, receiver, scope);
  }
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
        owner: receiver === undefined ? undefined : typeName(of, receiver),
        modifiers,
        type: () => typeOf(typed()),
      });
    }
    if (type !== undefined && !types.has(type)) visitType(of, type, scope);
    if (type !== undefined) types.add(type);
  }
  const names = shape.variables.map(({ name }) => name);
  visitBelow(of, node, { scope: inner, done: new Set([...names, receiver, ...types]) });
}

/** `List` of `a.List<T>?`. */
function typeName(of: ShapeFile, type: Node): string {
  const shape = of.grammar.readType(of.tree, type);
  const inner =
    shape?.kind === "named" ? shape.name : shape?.kind === "generic" || shape?.kind === "same" ? shape.of : undefined;
  return inner === undefined || inner === type ? of.tree.textOf(type) : typeName(of, inner);
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
