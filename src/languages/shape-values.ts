// What the expressions and types of a language with classes lead to.
import {
  elementOf,
  firstOf,
  findBinding,
  instanceOf,
  listOf,
  memberOf,
  resultOf,
  symbolTarget,
  type Scope,
} from "./draft.ts";
import { EITHER_MAX, keyOfGeneric, keyOfSymbol, UNKNOWN, type Target } from "./facts.ts";
import type { DocumentedType } from "./php-types.ts";
import type { ShapeFile } from "./shape-file.ts";
import type { Shape } from "./shapes.ts";
import type { Node } from "./syntax-tree.ts";

export function typeScope(scope: Scope | undefined): Scope | undefined {
  let at = scope;
  while (at && at.kind !== "type") at = at.parent;
  return at;
}

/** What a bare name means: something bound here, else a member of a superclass, else something of the package. */
export function nameTarget(of: ShapeFile, name: string, scope: Scope, isNoFunction = false): Target {
  const { draft, grammar, overloads } = of;
  const contexts = contextsOf(of, name, scope);
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const binding = at.names.get(name);
    const isOverloaded = at.kind === "type" && binding && overloads.get(at.symbol ?? -1)?.has(name) === true;
    if (isNoFunction && (isOverloaded || isFunction(of, binding?.symbol))) {
      const { symbol } = at;
      const value = draft.symbols.findIndex(
        (one, number) => keyOfSymbol(one) === name && one.container === symbol && !isFunction(of, number),
      );
      if (value < 0) continue;
      return symbolTarget(value);
    }
    if (!binding || (at.kind === "type" && binding.symbol !== undefined && !grammar.hasImplicitThis)) continue;
    if (at.kind === "file" && contexts.length > 0)
      return firstOf([...contexts, ...ownMembers(of, name, scope, isNoFunction), draft.named(name, at)]);
    if (at.kind !== "type" || binding.symbol === undefined || at.symbol === undefined) return draft.named(name, at);
    return isOverloaded ? memberOf(thisType(at), name) : binding.target();
  }
  const free: Target = { kind: "free", name };
  if (!grammar.hasImplicitThis) return free;
  return firstOf([...contexts, ...ownMembers(of, name, scope, isNoFunction), free]);
}

function isFunction({ draft }: ShapeFile, symbol: number | undefined): boolean {
  const kind = symbol === undefined ? undefined : draft.symbols[symbol]?.kind;
  return kind === "method" || kind === "function" || kind === "constructor";
}

const CONTEXTS_MAX = 4;

/** Members of what functions around have for `this`, innermost first. Names of types are not looked for there. */
function contextsOf({ grammar }: ShapeFile, name: string, scope: Scope): Target[] {
  const found: Target[] = [];
  if (!grammar.hasContexts || /^\p{Lu}/u.test(name)) return found;
  for (let at: Scope | undefined = scope; at && found.length < CONTEXTS_MAX; at = at.parent)
    if (at.lambda !== undefined) found.push(memberOf(contextOf(at.lambda), name));
  return found;
}

function contextOf(lambda: number): Target {
  return { kind: "context", of: { kind: "lambda", lambda } };
}

/** Members of superclasses, of other parts of the class, and of what an extension extends. */
function ownMembers(of: ShapeFile, name: string, scope: Scope, isNoFunction: boolean): Target[] {
  const { grammar } = of;
  const own: Target[] = [];
  for (let at: Scope | undefined = scope; at && own.length < 2; at = at.parent) {
    const symbol = at.names.get("this type")?.target();
    // The receiver of an extension.
    if (symbol && at.kind === "function") own.push(memberOf(instanceOf(symbol), name));
    if (at.kind !== "type") continue;
    const bases = symbol?.kind === "symbol" ? of.draft.symbols[symbol.symbol]?.bases : undefined;
    // Its own function hides a value that it inherits.
    if (bases && isNoFunction && isFunction(of, at.names.get(name)?.symbol))
      own.push(...bases.map((base) => memberOf(instanceOf(base), name)));
    else if (symbol && (symbol.kind !== "symbol" || bases?.length || grammar.hasParts))
      own.push(memberOf(instanceOf(symbol), name));
  }
  return own;
}

function thisType(scope: Scope | undefined): Target {
  return findBinding(scope, "this type")?.target() ?? UNKNOWN;
}

export function lowerMember(
  of: ShapeFile,
  { object, name, key, isFree }: { object: Node; name: Node; key?: string | undefined; isFree?: boolean },
  scope: Scope,
): Target {
  const { tree, grammar } = of;
  const text = key ?? tree.textOf(name);
  const path = tree.textOf(object);
  const [first = ""] = path.split(/\W+/);
  // A type by its whole name: `a.b.C`.
  if (
    grammar.packagePath?.test(path) &&
    !/^(?:this|base|super)\b/.test(path) &&
    !findBinding(scope, first) &&
    (grammar.hasPackageMembers || /^\p{Lu}/u.test(text))
  ) {
    const whole: Target = { kind: "free", name: `${path}.${text}` };
    return /^\p{Lu}/u.test(path) || grammar.hasPackageMembers
      ? firstOf([memberOf(objectValue(of, object, scope), text), whole])
      : whole;
  }
  const tested = grammar.testedType?.(tree, object);
  const declared = memberOf(objectValue(of, object, scope), text);
  const member =
    tested === undefined ? declared : firstOf([memberOf(instanceOf(lowerType(of, tested, scope)), text), declared]);
  if (isFree) return firstOf([member, nameTarget(of, text, scope)]);
  const imported = grammar.hasImportedMembers ? of.file.names.get(text)?.target() : undefined;
  return imported ? firstOf([member, extensionOf(imported)]) : member;
}

function extensionOf(imported: Target): Target {
  if (imported.kind === "imported") return { ...imported, isExtension: true };
  return imported.kind === "either" ? { kind: "either", of: imported.of.map(extensionOf) } : UNKNOWN;
}

/** What a member is taken from. */
function objectValue(of: ShapeFile, object: Node, scope: Scope): Target {
  const { tree, draft, grammar } = of;
  const shape = grammar.noFunctions === undefined ? undefined : grammar.read(tree, object);
  if (shape?.kind !== "name") return draft.value(object, scope);
  const key = shape.key ?? tree.textOf(shape.name);
  const binding = findBinding(scope, key);
  return (!binding && grammar.words.has(key)) || binding?.isLocal
    ? draft.value(object, scope)
    : nameTarget(of, key, scope, true);
}

export function lowerShape(of: ShapeFile, node: Node, scope: Scope, isElement = false): Target {
  if (isElement) return elementOf(of.draft.value(node, scope));
  const { tree, draft, grammar } = of;
  const shape = grammar.read(tree, node);
  switch (shape?.kind) {
    case "name": {
      const key = shape.key ?? tree.textOf(shape.name);
      const binding = findBinding(scope, key);
      if (!binding && grammar.words.has(key)) return UNKNOWN;
      return binding?.isLocal ? binding.target() : nameTarget(of, key, scope, grammar.noFunctions === "values");
    }
    case "member":
      return lowerMember(of, shape, scope);
    case "call": {
      const { callee, object, name } = shape;
      if (callee !== undefined) {
        const member = grammar.read(tree, callee);
        const called = member?.kind === "member" || member?.kind === "name" ? tree.textOf(member.name) : "";
        if (grammar.givesItself?.test(called) && !findBinding(scope, called)) {
          if (member?.kind === "member") return draft.value(member.object, scope);
          return typeScope(scope)?.isStatic ? UNKNOWN : instanceOf(thisType(scope));
        }
        if (member?.kind === "member" && grammar.elementMethods.test(tree.textOf(member.name))) {
          const list = draft.value(member.object, scope);
          if (list.kind === "instance" && list.of.kind === "list") return elementOf(list);
        }
        return resultOf(draft.value(callee, scope));
      }
      if (name === undefined) return UNKNOWN;
      if (object === undefined) return resultOf(nameTarget(of, shape.key ?? tree.textOf(name), scope));
      if (grammar.elementMethods.test(tree.textOf(name))) {
        const list = draft.value(object, scope);
        if (list.kind === "instance" && list.of.kind === "list") return elementOf(list);
      }
      return resultOf(lowerMember(of, { object, name }, scope));
    }
    case "array":
      return instanceOf(
        arrayOf(shape.type === undefined ? UNKNOWN : lowerType(of, shape.type, scope), shape.dimensions),
      );
    case "either": {
      const known = shape.of.map((each) => draft.value(each, scope));
      return known.some(({ kind }) => kind === "unknown")
        ? UNKNOWN
        : { kind: "either", of: known.slice(0, EITHER_MAX) };
    }
    case "new":
    case "typed":
      return shape.type === undefined ? UNKNOWN : instanceOf(lowerType(of, shape.type, scope));
    case "same":
      return draft.value(shape.of, scope);
    case "element":
      return elementOf(draft.value(shape.of, scope));
    case "assign":
      return draft.value(shape.right, scope);
    case "this": {
      const type = thisType(scope);
      const own = typeScope(scope)?.isStatic ? type : instanceOf(type);
      const contexts: Target[] = [];
      for (let at: Scope | undefined = grammar.hasContexts ? scope : undefined; at?.kind === "function"; at = at.parent)
        if (at.lambda !== undefined) contexts.push(contextOf(at.lambda));
      return firstOf([...contexts.slice(0, CONTEXTS_MAX), own]);
    }
    case "super": {
      const named = findBinding(scope, "super type")?.target();
      if (named) return instanceOf(named);
      const type = thisType(scope);
      const base = type.kind === "symbol" ? draft.symbols[type.symbol]?.bases?.[0] : undefined;
      return base ? instanceOf(base) : UNKNOWN;
    }
    default: {
      const literal = grammar.literalType?.(tree, node);
      return literal === undefined || !/^\w+$/.test(literal) || literal === "null"
        ? UNKNOWN
        : instanceOf({ kind: "builtin", name: literal });
    }
  }
}

/** A collection that comes with the language. */
function isStandard({ grammar, draft }: ShapeFile, type: Target, unbound: string | undefined): boolean {
  if (type.kind === "imported") return STANDARD_PACKAGE.test(draft.imports[type.import]?.specifier ?? "");
  return type.kind === "unknown" || (unbound !== undefined && grammar.standardCollections?.test(unbound) === true);
}

const STANDARD_PACKAGE = /^(?:java|kotlin|scala|System)\./;

/** The function that a call is of. */
export function calleeOf(
  of: ShapeFile,
  { callee, object, name, key }: Extract<Shape, { kind: "call" }>,
  scope: Scope,
): Target {
  if (callee !== undefined) return of.draft.value(callee, scope);
  if (name === undefined) return UNKNOWN;
  return object === undefined
    ? nameTarget(of, key ?? of.tree.textOf(name), scope)
    : lowerMember(of, { object, name }, scope);
}

/** An array of arrays of as many dimensions. */
export function arrayOf(of: Target, dimensions: number): Target {
  return dimensions < 1 ? of : { kind: "list", of: arrayOf(of, dimensions - 1), name: "[]" };
}

export function lowerType(of: ShapeFile, node: Node, scope: Scope): Target {
  const { tree, grammar } = of;
  const shape = grammar.readType(tree, node);
  switch (shape?.kind) {
    case "named": {
      const text = shape.key ?? tree.textOf(shape.name);
      if (shape.path !== undefined) return lowerPath(of, shape.path, scope);
      if (shape.qualifier !== undefined) {
        const path = tree.textOf(shape.qualifier).replace(/\s/g, "");
        const isPackage = grammar.packagePath?.test(path) && !findBinding(scope, path.split(/\W+/)[0] ?? "");
        const whole: Target = { kind: "free", name: `${path}.${text}` };
        if (isPackage && !/^\p{Lu}/u.test(path)) return whole;
        const member = memberOf(lowerType(of, shape.qualifier, scope), text);
        return isPackage ? firstOf([member, whole]) : member;
      }
      const binding = findBinding(scope, text);
      if (binding?.values) return UNKNOWN;
      return binding?.target() ?? inheritedType(of, text, scope);
    }
    case "generic": {
      const name = /\w*$/.exec(tree.textOf(shape.of))?.[0] ?? "";
      const last = shape.arguments.at(-1);
      if (grammar.functionTypes?.test(name)) return standardFunction(of, { name, types: shape.arguments }, scope);
      const isHeld = grammar.holders.test(name);
      const list: Target | undefined =
        last !== undefined && (isHeld || grammar.collections.test(name))
          ? { kind: "list", of: lowerType(of, last, scope), name, ...(isHeld && { isHeld }) }
          : undefined;
      const plain = shape.of === undefined ? UNKNOWN : lowerType(of, shape.of, scope);
      const isBound = findBinding(scope, name) ?? findBinding(scope, keyOfGeneric(name, shape.arguments.length));
      if (list && isStandard(of, plain, isBound ? undefined : name)) return list;
      const types = shape.arguments.slice(0, EITHER_MAX).map((argument) => lowerType(of, argument, scope));
      const isKnown = plain.kind !== "unknown" && types.some(({ kind }) => kind !== "unknown");
      const applied: Target = isKnown ? { kind: "applied", of: plain, types } : plain;
      // The tree may have a class of its own that is called like a collection.
      return list ? firstOf([applied, list]) : applied;
    }
    case "array":
      return arrayOf(shape.of === undefined ? UNKNOWN : lowerType(of, shape.of, scope), shape.dimensions ?? 1);
    case "function":
      return {
        kind: "function",
        parameters: shape.parameters.map((parameter) => lowerType(of, parameter, scope)),
        type: shape.result === undefined ? UNKNOWN : lowerType(of, shape.result, scope),
        ...(shape.context !== undefined && { context: lowerType(of, shape.context, scope) }),
      };
    case "builtin":
      return { kind: "builtin", name: shape.name };
    case "same":
      return shape.of === undefined ? UNKNOWN : lowerType(of, shape.of, scope);
    case "own":
      return thisType(scope);
    case "none":
      return UNKNOWN;
    default: {
      const [first] = tree.children(node);
      return first === undefined ? UNKNOWN : lowerType(of, first, scope);
    }
  }
}

/** The type that a declaration has: as it is written, else as documentation says. */
export function declaredType(
  of: ShapeFile,
  { type, documented }: { type?: Node | undefined; documented?: DocumentedType | undefined },
  scope: Scope,
): Target {
  const written = type === undefined ? UNKNOWN : lowerType(of, type, scope);
  if (written.kind !== "unknown" || documented === undefined) return written;
  const { name, isCollection } = documented;
  const bound = findBinding(scope, name);
  const named = /^(?:self|static|\$this)$/.test(name)
    ? thisType(scope)
    : name.includes("\\")
      ? lowerPath(of, name, scope)
      : bound?.values
        ? UNKNOWN
        : (bound?.target() ?? { kind: "free", name });
  return isCollection ? listOf(named) : named;
}

/** `Function<A, B>`, `Predicate<A>`, `BinaryOperator<A>`. */
function standardFunction(of: ShapeFile, { name, types }: { name: string; types: Node[] }, scope: Scope): Target {
  const all = types.map((type) => lowerType(of, type, scope));
  const [first = UNKNOWN] = all;
  const isGiving = of.grammar.givingTypes?.test(name) === true;
  if (/^UnaryOperator$/.test(name)) return { kind: "function", parameters: [first], type: first, name };
  if (/^(?:BinaryOperator|Comparator)$/.test(name))
    return { kind: "function", parameters: [first, first], type: first, name };
  return {
    kind: "function",
    parameters: isGiving ? all.slice(0, -1) : all,
    type: isGiving ? (all.at(-1) ?? UNKNOWN) : UNKNOWN,
    name,
  };
}

/** A type that nothing here declares: nested in a superclass, or of the package. */
function inheritedType(of: ShapeFile, name: string, scope: Scope): Target {
  const free: Target = { kind: "free", name };
  if (!of.grammar.inheritsTypes?.(name)) return free;
  const own: Target[] = [];
  for (let at = typeScope(scope); at && own.length < 2; at = typeScope(at.parent)) {
    const type = at.names.get("this type")?.target();
    if (type?.kind === "symbol" && of.draft.symbols[type.symbol]?.bases?.length) own.push(memberOf(type, name));
  }
  return firstOf([...own, free]);
}

/** PHP's `A\\B`: its first part may be imported; with a `\\` before it, it is whole. */
function lowerPath(of: ShapeFile, path: string, scope: Scope): Target {
  if (path.startsWith("\\")) return { kind: "free", name: path };
  const [first = "", ...rest] = path.split("\\");
  const known = findBinding(scope, first)?.target();
  if (known?.kind !== "imported") return { kind: "free", name: path };
  const whole = of.draft.imports[known.import]?.specifier;
  return { kind: "free", name: `\\${[whole, ...rest].join("\\")}` };
}
