// Expressions, types and local names of TypeScript, lowered to Targets: where a name leads as far as its file can tell.
// Locals disappear here: what they were declared with or made from stands in their place.
import { EITHER_MAX, UNKNOWN, type Target } from "./facts.ts";
import { resolveName, type TypescriptFile } from "./typescript-file.ts";
import type { BoundSymbol } from "./typescript-syntax.ts";
import { is } from "./typescript-syntax.ts";
import type ts from "typescript-parser";

/** Overloads of a callable interface that count; places of a rest parameter that are written out. */
const SIGNATURES_MAX = 24;
const REST_PLACES = 4;
/** Longest chain of members and calls that is followed back. */
const TARGET_DEPTH_MAX = 24;

/** Types of the language that stand for what they hold; `await` and property access see through them alike. */
const TRANSPARENT = new Set(
  "Partial Required Readonly NonNullable Awaited Promise PromiseLike Pick Omit Extract Exclude InstanceType ThisType".split(
    " ",
  ),
);
const COLLECTIONS = new Set(
  "Array ReadonlyArray Set ReadonlySet WeakSet Iterable AsyncIterable Iterator AsyncIterator IterableIterator AsyncIterableIterator Generator AsyncGenerator ArrayLike".split(
    " ",
  ),
);
const KEYED_COLLECTIONS = new Set(["Map", "ReadonlyMap", "WeakMap"]);

/** A value of the type `type`. */
export function instanceOf(type: Target): Target {
  if (type.kind === "typeof") return type.of;
  return type.kind === "unknown" ? UNKNOWN : { kind: "instance", of: type };
}

/** The type of the value `value`. */
export function typeOf(value: Target): Target {
  if (value.kind === "instance") return value.of;
  return value.kind === "unknown" ? UNKNOWN : { kind: "typeof", of: value };
}

export function memberOf(object: Target, name: string): Target {
  return object.kind === "unknown" || name === "" ? UNKNOWN : { kind: "member", object, name };
}

/** Where the value of an expression leads. */
export function valueTarget(file: TypescriptFile, node: ts.Node): Target {
  if (file.depth >= TARGET_DEPTH_MAX) return UNKNOWN;
  file.depth++;
  try {
    return expression(file, node);
  } finally {
    file.depth--;
  }
}

function expression(file: TypescriptFile, node: ts.Node): Target {
  if (is.isIdentifier(node)) return nameTarget(file, node, is.flags.Value | is.flags.Namespace);
  if (is.isPropertyAccess(node)) {
    const object = valueTarget(file, node.expression);
    return node.name.text === "prototype" ? instanceOf(object) : memberOf(object, node.name.text);
  }
  if (is.isCall(node)) return callTarget(file, node);
  if (file.isJavascript && is.isParenthesized(node)) {
    // `/** @type {Item} */ (value)`
    const cast = is.jsDocType(node);
    const type = cast ? instanceOf(typeTarget(file, cast)) : UNKNOWN;
    const value = valueTarget(file, node.expression);
    if (type.kind === "unknown" || value.kind === "unknown") return type.kind === "unknown" ? value : type;
    return { kind: "first", of: [type, value] };
  }
  if (is.isNew(node)) return instanceOf(appliedType(file, valueTarget(file, node.expression), node.typeArguments));
  if (
    is.isAwait(node) ||
    is.isParenthesized(node) ||
    is.isNonNull(node) ||
    is.isSatisfies(node) ||
    is.isWithTypeArguments(node)
  )
    return valueTarget(file, node.expression);
  if (is.isAs(node) || is.isTypeAssertion(node))
    return node.type.getText(file.source) === "const"
      ? valueTarget(file, node.expression)
      : instanceOf(typeTarget(file, node.type));
  if (is.isMetaProperty(node) && node.keywordToken === is.kinds.ImportKeyword)
    return { kind: "instance", of: { kind: "free", name: "ImportMeta" } };
  if (node.kind === is.kinds.ThisKeyword) return thisTarget(file, node);
  if (node.kind === is.kinds.SuperKeyword) return superTarget(file, node);
  if (is.isElementAccess(node)) {
    const object = valueTarget(file, node.expression);
    if (is.isStringLike(node.argumentExpression)) return memberOf(object, node.argumentExpression.text);
    return object.kind === "unknown" ? UNKNOWN : { kind: "element", of: object };
  }
  if (is.isConditional(node)) return either([valueTarget(file, node.whenTrue), valueTarget(file, node.whenFalse)]);
  if (is.isBinary(node)) return binaryTarget(file, node);
  if (is.isArrayLiteral(node)) {
    const first = node.elements[0];
    const held = first ? typeOf(valueTarget(file, first)) : UNKNOWN;
    return held.kind === "unknown" ? UNKNOWN : { kind: "instance", of: { kind: "list", of: held } };
  }
  const declared = file.declared.get(node);
  if (declared !== undefined) return { kind: "symbol", symbol: declared };
  if (is.isArrow(node) || is.isFunctionExpression(node)) return { kind: "instance", of: functionType(file, node) };
  return UNKNOWN;
}

function callTarget(file: TypescriptFile, node: ts.CallExpression): Target {
  const imported = file.imports.get(node);
  if (imported !== undefined) return { kind: "imported", import: imported, name: "*" };
  const callee = node.expression;
  const first = node.arguments[0];
  if (
    first &&
    is.isPropertyAccess(callee) &&
    is.isIdentifier(callee.expression) &&
    callee.expression.text === "Object" &&
    /^(?:assign|freeze|seal)$/.test(callee.name.text)
  )
    return valueTarget(file, first);
  if (is.isPropertyAccess(callee)) {
    if (/^(?:catch|finally)$/.test(callee.name.text)) {
      // Of a promise, unless what it is called on has a method of that name: `z.catch(…)`.
      const value = valueTarget(file, callee.expression);
      if (value.kind === "unknown") return UNKNOWN;
      const own: Target = { kind: "result", of: { kind: "member", object: value, name: callee.name.text } };
      return { kind: "first", of: [own, value] };
    }
    // A promise is lowered to what it holds.
    if (callee.name.text === "then" && first && (is.isArrow(first) || is.isFunctionExpression(first)))
      return instanceOf(resultType(file, first));
  }
  const of = valueTarget(file, callee);
  return of.kind === "unknown" ? UNKNOWN : { kind: "result", of };
}

function binaryTarget(file: TypescriptFile, node: ts.BinaryExpression): Target {
  const { kinds } = is;
  switch (node.operatorToken.kind) {
    case kinds.BarBarToken:
    case kinds.QuestionQuestionToken:
      return either([valueTarget(file, node.left), valueTarget(file, node.right)]);
    case kinds.AmpersandAmpersandToken:
    case kinds.CommaToken:
    case kinds.EqualsToken:
      return valueTarget(file, node.right);
    default:
      return UNKNOWN;
  }
}

/** Any of the targets that are known. */
function either(targets: Target[]): Target {
  const known = targets.filter(({ kind }) => kind !== "unknown").slice(0, EITHER_MAX);
  return known.length > 1 ? { kind: "either", of: known } : (known[0] ?? UNKNOWN);
}

/** Where an identifier leads, with the meaning (value, type, namespace) that its place gives it. */
export function nameTarget(file: TypescriptFile, node: ts.Identifier, meaning: number): Target {
  const symbol = resolveName({ name: node.text, node, meaning });
  if (symbol) return symbolTarget(file, symbol);
  return node.text && node.text !== "undefined" ? { kind: "free", name: node.text } : UNKNOWN;
}

export function symbolTarget(file: TypescriptFile, symbol: BoundSymbol): Target {
  const number = file.numbers.get(symbol);
  if (number !== undefined) return { kind: "symbol", symbol: number };
  const node = symbol.declarations?.[0];
  if (!node) return UNKNOWN;
  const alias = file.aliases.get(node);
  if (alias) return alias;
  if (is.isImportEquals(node) && !is.isExternalModuleReference(node.moduleReference))
    return entityTarget(file, node.moduleReference);
  if (is.isTypeParameter(node)) return typeParameterTarget(file, node);
  return localTarget(file, node);
}

/** Of a class, interface or alias what each use of it says; of a function only its bound. */
function typeParameterTarget(file: TypescriptFile, node: ts.TypeParameterDeclaration): Target {
  if (file.locals.has(node)) return file.locals.get(node) ?? UNKNOWN;
  file.locals.set(node, undefined);
  const written = node.constraint ?? node.default;
  const bound = written ? typeTarget(file, written) : UNKNOWN;
  const { parent } = node;
  const owner =
    is.isClass(parent) || is.isInterface(parent) || is.isTypeAlias(parent) ? file.declared.get(parent) : undefined;
  const index = owner === undefined ? -1 : ((parent as ts.InterfaceDeclaration).typeParameters?.indexOf(node) ?? -1);
  const target: Target =
    owner === undefined || index < 0
      ? bound
      : { kind: "type-parameter", owner, index, ...(bound.kind !== "unknown" && { bound }) };
  file.locals.set(node, target);
  return target;
}

/** `A.B.C` in a type or an import. */
export function entityTarget(file: TypescriptFile, node: ts.EntityName, meaning?: number): Target {
  const namespaces = is.flags.Namespace | is.flags.Value;
  if (is.isIdentifier(node)) return nameTarget(file, node, meaning ?? namespaces | is.flags.Type);
  return memberOf(entityTarget(file, node.left, namespaces), node.right.text);
}

/** What a local variable or parameter was declared with or made from. */
export function localTarget(file: TypescriptFile, node: ts.Node): Target {
  if (file.locals.has(node)) return file.locals.get(node) ?? UNKNOWN;
  if (file.depth >= TARGET_DEPTH_MAX) return UNKNOWN;
  file.locals.set(node, undefined);
  file.depth++;
  const target = declaredTarget(file, node);
  file.depth--;
  file.locals.set(node, target);
  return target;
}

function declaredTarget(file: TypescriptFile, node: ts.Node): Target {
  if (is.isVariable(node) || is.isParameter(node)) {
    const type = node.type ?? (file.isJavascript ? is.jsDocType(node) : undefined);
    if (type) return instanceOf(typeTarget(file, type));
    if (node.initializer) return valueTarget(file, node.initializer);
    if (is.isParameter(node)) return contextualParameter(file, node);
    const loop = node.parent.parent;
    if (is.isForOf(loop)) {
      const of = valueTarget(file, loop.expression);
      return of.kind === "unknown" ? UNKNOWN : { kind: "element", of };
    }
    return UNKNOWN;
  }
  if (is.isBindingElement(node)) {
    const from = localTarget(file, node.parent.parent);
    if (node.dotDotDotToken || from.kind === "unknown") return from;
    if (is.isArrayPattern(node.parent)) return { kind: "element", of: from };
    const name = node.propertyName ?? node.name;
    return is.isIdentifier(name) || is.isStringLike(name) ? memberOf(from, name.text) : UNKNOWN;
  }
  return UNKNOWN;
}

/** A parameter without a type of its own has that which the function's place expects. */
function contextualParameter(file: TypescriptFile, node: ts.ParameterDeclaration): Target {
  const owner = node.parent;
  if (!is.isArrow(owner) && !is.isFunctionExpression(owner) && !is.isMethod(owner)) return UNKNOWN;
  const call = owner.parent;
  if (is.isCall(call) && is.isPropertyAccess(call.expression) && call.expression.name.text === "then")
    return call.arguments[0] === owner ? valueTarget(file, call.expression.expression) : UNKNOWN;
  const of = contextualTarget(file, owner);
  return of.kind === "unknown" ? UNKNOWN : { kind: "parameter", of, index: owner.parameters.indexOf(node) };
}

/** The value that the place of an expression expects: an argument's parameter, an annotation, a result. */
export function contextualTarget(file: TypescriptFile, node: ts.Node): Target {
  if (file.depth >= TARGET_DEPTH_MAX) return UNKNOWN;
  const parent = node.parent;
  if (is.isParenthesized(parent) || is.isConditional(parent)) return contextualTarget(file, parent);
  if (is.isSatisfies(parent) || is.isAs(parent))
    return parent.type.getText(file.source) === "const"
      ? contextualTarget(file, parent)
      : instanceOf(typeTarget(file, parent.type));
  if (is.isCall(parent) || is.isNew(parent)) {
    const index = parent.arguments?.findIndex((argument) => argument === node) ?? -1;
    const of = valueTarget(file, parent.expression);
    return index < 0 || of.kind === "unknown" ? UNKNOWN : { kind: "parameter", of, index };
  }
  if (is.isMethod(node) && is.isObjectLiteral(parent) && is.isIdentifier(node.name))
    return memberOf(contextualTarget(file, parent), node.name.text);
  if (is.isPropertyAssignment(parent) && (is.isIdentifier(parent.name) || is.isStringLike(parent.name)))
    return memberOf(contextualTarget(file, parent.parent), parent.name.text);
  if (is.isVariable(parent) || is.isPropertyDeclaration(parent) || is.isParameter(parent)) {
    const type = parent.type ?? (file.isJavascript ? is.jsDocType(parent) : undefined);
    return type ? instanceOf(typeTarget(file, type)) : UNKNOWN;
  }
  if (is.isArrow(parent) && parent.body === node) return contextualResult(file, parent);
  if (is.isReturn(parent)) {
    let owner: ts.Node = parent;
    while (owner.parent && !is.isFunctionLike(owner)) owner = owner.parent;
    return is.isFunctionLike(owner) ? contextualResult(file, owner) : UNKNOWN;
  }
  if (is.isArrayLiteral(parent)) {
    const of = contextualTarget(file, parent);
    return of.kind === "unknown" ? UNKNOWN : { kind: "element", of };
  }
  if (is.isBinary(parent) && parent.right === node && parent.operatorToken.kind === is.kinds.EqualsToken)
    return valueTarget(file, parent.left);
  return UNKNOWN;
}

function contextualResult(file: TypescriptFile, owner: ts.SignatureDeclaration): Target {
  if (owner.type) return instanceOf(typeTarget(file, owner.type));
  if (!is.isArrow(owner) && !is.isFunctionExpression(owner)) return UNKNOWN;
  const of = contextualTarget(file, owner);
  return of.kind === "unknown" ? UNKNOWN : { kind: "result", of };
}

/** Where a written type leads. */
export function typeTarget(file: TypescriptFile, node: ts.TypeNode): Target {
  if (file.depth >= TARGET_DEPTH_MAX) return UNKNOWN;
  file.depth++;
  try {
    return writtenType(file, node);
  } finally {
    file.depth--;
  }
}

function writtenType(file: TypescriptFile, node: ts.TypeNode): Target {
  if (is.isTypeReference(node)) return referencedType(file, node);
  if (is.isWithTypeArguments(node)) return appliedType(file, baseTarget(file, node.expression), node.typeArguments);
  if (is.isConditionalType(node)) return either([typeTarget(file, node.trueType), typeTarget(file, node.falseType)]);
  if (is.isMappedType(node)) return mappedType(file, node);
  if (is.isArrayType(node)) return listOf(typeTarget(file, node.elementType));
  if (is.isTupleType(node))
    return listOf(either(node.elements.map((element) => typeTarget(file, elementType(element)))));
  if (is.isTypeLiteral(node)) {
    const calls = callSignatures(file, node.members);
    if (calls.kind !== "unknown") return calls;
  }
  if (is.isUnionType(node) || is.isIntersectionType(node))
    return either(node.types.slice(0, EITHER_MAX).map((type) => typeTarget(file, type)));
  if (is.isParenthesizedType(node)) return typeTarget(file, node.type);
  if (is.isTypeOperator(node)) return node.operator === is.kinds.KeyOfKeyword ? UNKNOWN : typeTarget(file, node.type);
  if (is.isTypeQuery(node)) {
    const of = is.isImportType(node.exprName) ? UNKNOWN : entityTarget(file, node.exprName, is.flags.Value);
    return typeOf(of);
  }
  if (is.isImportType(node)) return importedType(file, node);
  if (is.isIndexedAccessType(node)) {
    const object = instanceOf(typeTarget(file, node.objectType));
    if (is.isLiteralType(node.indexType) && is.isStringLike(node.indexType.literal))
      return typeOf(memberOf(object, node.indexType.literal.text));
    return object.kind === "unknown" ? UNKNOWN : { kind: "typeof", of: { kind: "element", of: object } };
  }
  if (is.isFunctionType(node)) return functionType(file, node);
  if (node.kind === is.kinds.ThisType) return { kind: "receiver" };
  const declared = file.declared.get(node);
  return declared === undefined ? UNKNOWN : { kind: "symbol", symbol: declared };
}

/** What a class or interface extends: a value, or a type alone. */
function baseTarget(file: TypescriptFile, node: ts.Expression): Target {
  if (!is.isIdentifier(node)) return valueTarget(file, node);
  return nameTarget(file, node, is.flags.Value | is.flags.Type | is.flags.Namespace);
}

function referencedType(file: TypescriptFile, node: ts.TypeReferenceNode): Target {
  return appliedType(file, entityTarget(file, node.typeName, is.flags.Type), node.typeArguments);
}

/** Of the language's own generic types what they hold. */
function appliedType(file: TypescriptFile, target: Target, typeArguments: readonly ts.TypeNode[] | undefined): Target {
  if (!typeArguments || target.kind === "unknown") return target;
  if (target.kind !== "free") {
    const types = typeArguments.map((type) => typeTarget(file, type));
    return types.some(({ kind }) => kind !== "unknown") ? { kind: "applied", of: target, types } : target;
  }
  const [first, second] = typeArguments;
  if (first && TRANSPARENT.has(target.name)) {
    const held = typeTarget(file, first);
    return target.name === "InstanceType" && held.kind === "typeof" ? held.of : held;
  }
  if (first && COLLECTIONS.has(target.name)) return listOf(typeTarget(file, first));
  if (second && target.name === "Record") return recordOf(typeTarget(file, second));
  if (second && KEYED_COLLECTIONS.has(target.name)) return listOf(typeTarget(file, second));
  if (first && target.name === "ReturnType") {
    const of = instanceOf(typeTarget(file, first));
    return of.kind === "unknown" ? UNKNOWN : { kind: "typeof", of: { kind: "result", of } };
  }
  return target;
}

/** `{ [Key in keyof Type]: … }` has the members of `Type`; any other is a collection of its values. */
function mappedType(file: TypescriptFile, node: ts.MappedTypeNode): Target {
  const keys = node.typeParameter.constraint;
  if (keys && is.isTypeOperator(keys) && keys.operator === is.kinds.KeyOfKeyword) return typeTarget(file, keys.type);
  return node.type ? recordOf(typeTarget(file, node.type)) : UNKNOWN;
}

/** The type within the language's own that stand for what they hold: `Readonly<{ … }>`. */
export function heldType(node: ts.TypeNode | ts.ExpressionWithTypeArguments): ts.TypeNode | undefined {
  const name = is.isTypeReference(node) ? node.typeName : is.isWithTypeArguments(node) ? node.expression : undefined;
  const isTransparent = name && is.isIdentifier(name) && TRANSPARENT.has(name.text);
  return isTransparent && "typeArguments" in node ? node.typeArguments?.[0] : undefined;
}

function importedType(file: TypescriptFile, node: ts.ImportTypeNode): Target {
  const number = file.imports.get(node);
  if (number === undefined) return UNKNOWN;
  let target: Target = { kind: "imported", import: number, name: "*" };
  const names: string[] = [];
  for (let rest = node.qualifier; rest; rest = is.isQualifiedName(rest) ? rest.left : undefined)
    names.unshift(is.isQualifiedName(rest) ? rest.right.text : rest.text);
  for (const name of names) target = memberOf(target, name);
  return node.isTypeOf ? typeOf(target) : appliedType(file, target, node.typeArguments);
}

/** A tuple's element without its name. */
function elementType(node: ts.TypeNode): ts.TypeNode {
  return is.isNamedTupleMember(node) ? node.type : node;
}

function listOf(of: Target): Target {
  return of.kind === "unknown" ? UNKNOWN : { kind: "list", of };
}

function recordOf(of: Target): Target {
  return of.kind === "unknown" ? UNKNOWN : { kind: "list", of, isRecord: true };
}

/** A function's type from its own signature. */
function functionType(file: TypescriptFile, node: ts.SignatureDeclaration): Target {
  const type = resultType(file, node);
  const parameters = parameterTypes(file, node);
  if (type.kind === "unknown" && !parameters) return UNKNOWN;
  return { kind: "function", parameters: parameters ?? [], type };
}

/** What an interface or type literal gives when it is called: the functions of its call signatures. */
export function callSignatures(file: TypescriptFile, members: readonly ts.TypeElement[]): Target {
  return either(
    members
      .filter((member) => is.isCallSignature(member))
      .slice(0, SIGNATURES_MAX)
      .map((member) => functionType(file, member)),
  );
}

/** The types of parameters as written, a rest parameter's for a few of its places; undefined where none is. */
export function parameterTypes(file: TypescriptFile, node: ts.SignatureDeclaration): Target[] | undefined {
  const types = node.parameters.flatMap((parameter) => {
    if (is.isIdentifier(parameter.name) && parameter.name.text === "this") return [];
    const type = parameter.type ?? (file.isJavascript ? is.jsDocType(parameter) : undefined);
    if (!type) return [UNKNOWN];
    if (!parameter.dotDotDotToken) return [typeTarget(file, type)];
    if (is.isTupleType(type)) return type.elements.map((element) => typeTarget(file, elementType(element)));
    const list = typeTarget(file, type);
    return Array<Target>(REST_PLACES).fill(list.kind === "list" ? list.of : UNKNOWN);
  });
  return types.some(({ kind }) => kind !== "unknown") ? types : undefined;
}

/** The type of a function's result: as written, else that of what it returns. */
export function resultType(file: TypescriptFile, node: ts.SignatureDeclaration): Target {
  const type = node.type ?? (file.isJavascript ? is.jsDocReturnType(node) : undefined);
  if (type) return typeTarget(file, type);
  if (!("body" in node) || !node.body || file.depth > 4) return UNKNOWN;
  if (!is.isBlock(node.body)) return typeOf(valueTarget(file, node.body));
  const returned: Target[] = [];
  collectReturns(file, node.body, returned);
  return either(returned);
}

function collectReturns(file: TypescriptFile, node: ts.Node, returned: Target[]): void {
  if (returned.length >= EITHER_MAX || is.isFunctionLike(node) || is.isClass(node)) return;
  if (is.isReturn(node)) {
    if (node.expression) returned.push(typeOf(valueTarget(file, node.expression)));
    return;
  }
  // Returns stand in statements alone. Bodies of functions and of `try` are none to the parser.
  if (is.isStatement(node) || is.isBlock(node) || is.isCaseOrBlock(node))
    is.forEachChild(node, (child) => collectReturns(file, child, returned));
}

function thisTarget(file: TypescriptFile, node: ts.Node): Target {
  let owner = node.parent;
  while (owner.parent && (is.isArrow(owner) || !(is.isFunctionLike(owner) || is.isClass(owner.parent))))
    owner = owner.parent;
  const parent = owner.parent;
  if (!parent) return UNKNOWN;
  const number = file.declared.get(parent);
  if (is.isClass(parent) && number !== undefined) {
    const self: Target = { kind: "symbol", symbol: number };
    return hasModifier(owner, is.kinds.StaticKeyword) ? self : { kind: "instance", of: self };
  }
  if (is.isObjectLiteral(parent) && number !== undefined) return { kind: "symbol", symbol: number };
  return is.isFunctionLike(owner) && owner.parameters[0]?.name.getText(file.source) === "this"
    ? localTarget(file, owner.parameters[0])
    : UNKNOWN;
}

export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return "modifiers" in node && Array.isArray(node.modifiers) && node.modifiers.some((one) => one.kind === kind);
}

function superTarget(file: TypescriptFile, node: ts.Node): Target {
  let owner = node;
  while (owner.parent && !is.isClass(owner)) owner = owner.parent;
  if (!is.isClass(owner)) return UNKNOWN;
  const base = owner.heritageClauses?.find(({ token }) => token === is.kinds.ExtendsKeyword)?.types[0];
  return base ? instanceOf(valueTarget(file, base.expression)) : UNKNOWN;
}
