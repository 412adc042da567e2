// First pass over a TypeScript or JavaScript file: what it declares, with numbers, and what it imports.
// Types come afterwards (describeSymbols), when every name of the file has its number.
import type { SymbolFact, SymbolKind, Target } from "./facts.ts";
import { documentationOf, signatureOf, type TypescriptFile } from "./typescript-file.ts";
import { bindRequire, noteImport } from "./typescript-imports.ts";
import { bound, is } from "./typescript-syntax.ts";
import {
  callSignatures,
  hasModifier,
  heldType,
  instanceOf,
  localTarget,
  parameterTypes,
  resultType,
  typeOf,
  typeTarget,
  valueTarget,
} from "./typescript-targets.ts";
import type ts from "typescript-parser";

interface Place {
  /** Number of the symbol whose members stand here. */
  container?: number;
  isInFunction?: boolean;
  /** Number of the test block that it stands in. */
  block?: number;
}

const TITLE_CHARACTERS_MAX = 100;
/** Names of test runners' blocks. */
const TEST_BLOCK = /^(?:describe|context|suite|it|test|specify)$/;
const OBJECT_DEPTH_MAX = 6;

export function declareSymbols(file: TypescriptFile, node: ts.Node, place: Place): void {
  noteImport(file, node);
  if (file.isJavascript) for (const doc of bound(node).jsDoc ?? []) declareInside(file, doc, place);
  if (is.isVariable(node)) return declareVariable(file, node, place);
  if (is.isFunctionDeclaration(node)) {
    add(file, { node, name: node.name, kind: "function", place, bodyStart: node.body?.pos });
    return declareInside(file, node, { isInFunction: true });
  }
  if (is.isClass(node)) return declareClass(file, node, { place, name: node.name, outer: node });
  if (is.isInterface(node)) {
    const number = add(file, { node, name: node.name, kind: "interface", place, bodyStart: node.members.pos - 1 });
    for (const clause of node.heritageClauses ?? [])
      for (const type of clause.types) {
        const held = heldType(type);
        if (held) declareTypes(file, held, number);
      }
    return declareTypeMembers(file, node.members, number);
  }
  if (is.isTypeAlias(node)) {
    const number = add(file, { node, name: node.name, kind: "type", place });
    return declareTypes(file, node.type, number);
  }
  if (is.isEnum(node)) {
    const number = add(file, { node, name: node.name, kind: "enum", place, bodyStart: node.members.pos - 1 });
    for (const member of node.members) {
      add(file, { node: member, name: member.name, kind: "enum_member", place: { container: number } });
      declareInside(file, member, place);
    }
    return;
  }
  if (is.isModule(node)) return declareModule(file, node, place);
  if (is.isExportAssignment(node)) return declareExportAssignment(file, node, place);
  if (is.isBinary(node)) return declareAssignment(file, node, place);
  if (is.isJsDocType(node) && "name" in node && node.name) {
    const number = add(file, { node, name: node.name as ts.Node, kind: "type", place });
    if (is.isJsDocTypedef(node)) return declareDocumented(file, node.typeExpression, number);
  }
  if (is.isCall(node)) {
    const title = testName(node);
    if (title) {
      const at: Place = place.block === undefined ? {} : { container: place.block };
      const block = add(file, {
        node,
        name: title,
        kind: "function",
        place: at,
        isTest: true,
        bodyStart: node.arguments[1]?.pos,
      });
      return declareInside(file, node, { block, isInFunction: true });
    }
  }
  const isFunction = is.isFunctionLike(node);
  declareInside(file, node, isFunction && !place.isInFunction ? { isInFunction: true } : place);
}

function declareInside(file: TypescriptFile, node: ts.Node, place: Place): void {
  is.forEachChild(node, (child) => declareSymbols(file, child, place));
}

function declareVariable(file: TypescriptFile, node: ts.VariableDeclaration, place: Place): void {
  if (bindRequire(file, node)) return node.initializer && declareInside(file, node.initializer, place);
  const isConstant = (node.parent.flags & is.nodeFlags.Const) !== 0;
  const statement =
    is.isVariableList(node.parent) && is.isVariableStatement(node.parent.parent) ? node.parent.parent : node;
  if (is.isIdentifier(node.name)) {
    const value = unwrapped(node.initializer);
    declareValue(file, {
      node,
      name: node.name,
      outer: statement,
      value,
      place,
      otherwise: isConstant ? "constant" : "variable",
    });
    if (node.type) declareSymbols(file, node.type, place);
    return;
  }
  if (!place.isInFunction)
    declarePattern(file, node.name, { place, statement, kind: isConstant ? "constant" : "variable" });
  if (node.type) declareSymbols(file, node.type, place);
  if (node.initializer) declareSymbols(file, node.initializer, place);
}

function declarePattern(
  file: TypescriptFile,
  pattern: ts.BindingPattern,
  { place, statement, kind }: { place: Place; statement: ts.Node; kind: SymbolKind },
): void {
  for (const element of pattern.elements) {
    if (!is.isBindingElement(element)) continue;
    if (is.isIdentifier(element.name)) add(file, { node: element, name: element.name, kind, place, outer: statement });
    else declarePattern(file, element.name, { place, statement, kind });
  }
}

/** What a name is bound to: functions and classes are themselves, objects have members, the rest is a value. */
function declareValue(
  file: TypescriptFile,
  {
    node,
    name,
    outer,
    value,
    place,
    otherwise,
    objectDepth = 0,
  }: {
    node: ts.Node;
    name: ts.Node | string | undefined;
    outer: ts.Node;
    value: ts.Expression | undefined;
    place: Place;
    otherwise: SymbolKind;
    objectDepth?: number;
  },
): void {
  if (value && is.isClassExpression(value)) return declareClass(file, value, { place, name, outer, node });
  if (value && (is.isArrow(value) || is.isFunctionExpression(value))) {
    const number = add(file, {
      node,
      name,
      kind: otherwise === "property" ? "method" : "function",
      place,
      outer,
      bodyStart: value.body.pos,
    });
    file.declared.set(value, number);
    return declareInside(file, value, { isInFunction: true });
  }
  const isLocal = place.isInFunction && place.container === undefined;
  if (isLocal) {
    if (value) declareSymbols(file, value, place);
    return;
  }
  const number = add(file, { node, name, kind: otherwise, place, outer });
  if (value && is.isObjectLiteral(value) && objectDepth < OBJECT_DEPTH_MAX) {
    file.declared.set(value, number);
    declareObject(file, value, { container: number, objectDepth: objectDepth + 1 });
  } else if (value)
    declareSymbols(file, value, place.container === undefined ? place : { isInFunction: !!place.isInFunction });
  if ("type" in node && node.type && is.isTypeLiteral(node.type as ts.Node))
    declareTypes(file, node.type as ts.TypeNode, number);
}

function declareObject(
  file: TypescriptFile,
  object: ts.ObjectLiteralExpression,
  { container, objectDepth }: { container: number | undefined; objectDepth: number },
): void {
  const place: Place = container === undefined ? {} : { container };
  for (const property of object.properties) {
    // Half-typed.
    if (property.name && is.isIdentifier(property.name) && property.name.text === "") continue;
    if (is.isPropertyAssignment(property)) {
      const value = unwrapped(property.initializer);
      // A property of `module.exports` that only names something is that thing exported.
      if (container === undefined && value && is.isIdentifier(value)) continue;
      if (isPlainName(property.name)) {
        declareValue(file, {
          node: property,
          name: property.name,
          outer: property,
          value,
          place,
          otherwise: "property",
          objectDepth,
        });
      } else declareInside(file, property, { isInFunction: false });
    } else if (is.isShorthand(property)) {
      if (container !== undefined) add(file, { node: property, name: property.name, kind: "property", place });
    } else if (is.isMethod(property) || is.isGetter(property) || is.isSetter(property)) {
      const kind = is.isMethod(property) ? "method" : "property";
      if (isPlainName(property.name))
        add(file, { node: property, name: property.name, kind, place, bodyStart: property.body?.pos });
      declareInside(file, property, { isInFunction: true });
    } else declareInside(file, property, { isInFunction: false });
  }
}

function declareClass(
  file: TypescriptFile,
  node: ts.ClassLikeDeclaration,
  {
    place,
    name,
    outer,
    node: owner = node,
  }: { place: Place; name: ts.Node | string | undefined; outer: ts.Node; node?: ts.Node },
): void {
  const bodyStart = node.members.pos - 1;
  const isNamed = name !== undefined || hasModifier(node, is.kinds.DefaultKeyword);
  const number = isNamed ? add(file, { node: owner, name, kind: "class", place, outer, bodyStart }) : undefined;
  if (number !== undefined && owner !== node) {
    file.declared.set(node, number);
    const { symbol } = bound(node);
    if (symbol) file.numbers.set(symbol, number);
  }
  for (const clause of node.heritageClauses ?? []) declareInside(file, clause, place);
  for (const decorator of node.modifiers ?? []) if (is.isDecorator(decorator)) declareInside(file, decorator, place);
  for (const member of node.members) {
    if (number !== undefined) declareMember(file, member, number);
    declareInside(file, member, { isInFunction: true });
  }
}

function declareMember(file: TypescriptFile, node: ts.ClassElement, container: number): void {
  const place: Place = { container };
  const isStatic = hasModifier(node, is.kinds.StaticKeyword);
  if (is.isConstructor(node)) {
    add(file, { node, name: "constructor", kind: "constructor", place, bodyStart: node.body?.pos });
    for (const parameter of node.parameters)
      if (is.isIdentifier(parameter.name) && parameter.modifiers?.length)
        add(file, { node: parameter, name: parameter.name, kind: "property", place });
    return;
  }
  if (!node.name || !(isPlainName(node.name) || is.isPrivateIdentifier(node.name))) return;
  const isFunction = is.isMethod(node) || is.isGetter(node) || is.isSetter(node);
  const value = is.isPropertyDeclaration(node) ? unwrapped(node.initializer) : undefined;
  const isMethod = is.isMethod(node) || (value && (is.isArrow(value) || is.isFunctionExpression(value)));
  const bodyStart = isFunction ? node.body?.pos : value?.pos;
  const number = add(file, {
    node,
    name: node.name,
    kind: isMethod ? "method" : "property",
    place,
    bodyStart,
    isStatic,
  });
  if (is.isPropertyDeclaration(node)) {
    if (value && isMethod) file.declared.set(value, number);
    if (node.type) declareTypes(file, node.type, number);
    if (value && is.isObjectLiteral(value)) {
      file.declared.set(value, number);
      declareObject(file, value, { container: number, objectDepth: OBJECT_DEPTH_MAX });
    }
  }
}

function declareTypeMembers(file: TypescriptFile, members: readonly ts.TypeElement[], container: number): void {
  for (const member of members) {
    const isMethod = is.isMethodSignature(member);
    if (member.name && isPlainName(member.name)) {
      const number = add(file, {
        node: member,
        name: member.name,
        kind: isMethod ? "method" : "property",
        place: { container },
      });
      if (is.isPropertySignature(member) && member.type) {
        declareTypes(file, member.type, number);
        continue;
      }
    }
    declareInside(file, member, { isInFunction: true });
  }
}

/** Members that a type literal, or one within a union or intersection, gives the symbol `container`. */
function declareTypes(file: TypescriptFile, node: ts.TypeNode, container: number): void {
  if (is.isTypeLiteral(node)) {
    file.declared.set(node, container);
    declareTypeMembers(file, node.members, container);
  } else if (is.isUnionType(node) || is.isIntersectionType(node))
    for (const type of node.types) declareTypes(file, type, container);
  else if (is.isParenthesizedType(node)) declareTypes(file, node.type, container);
  else if (is.isTypeReference(node) && heldType(node))
    for (const type of node.typeArguments ?? []) declareTypes(file, type, container);
  else declareSymbols(file, node, { isInFunction: true });
}

/** Members that a `@typedef` gives the symbol `container`: those of a type in braces, or by `@property`. */
function declareDocumented(file: TypescriptFile, node: ts.Node | undefined, container: number): void {
  if (!node) return;
  if (is.isJsDocTypeExpression(node)) return declareDocumented(file, node.type, container);
  if (!is.isJsDocTypeLiteral(node)) return declareTypes(file, node as ts.TypeNode, container);
  for (const tag of node.jsDocPropertyTags ?? []) {
    const isPlain = is.isIdentifier(tag.name) && tag.name.text !== "";
    const place = { container };
    const number = isPlain ? add(file, { node: tag, name: tag.name, kind: "property", place }) : container;
    declareDocumented(file, tag.typeExpression, number);
  }
}

function declareModule(file: TypescriptFile, node: ts.ModuleDeclaration, place: Place): void {
  const isGlobal = (node.flags & is.nodeFlags.GlobalAugmentation) !== 0;
  const number = isGlobal
    ? undefined
    : add(file, { node, name: node.name, kind: "module", place, bodyStart: node.body?.pos });
  const inner: Place = number === undefined ? {} : { container: number };
  if (node.body && is.isModuleBlock(node.body)) declareInside(file, node.body, inner);
  else if (node.body) declareSymbols(file, node.body, inner);
}

function declareExportAssignment(file: TypescriptFile, node: ts.ExportAssignment, place: Place): void {
  const value = unwrapped(node.expression);
  if (is.isIdentifier(node.expression) || is.isPropertyAccess(node.expression)) return;
  declareValue(file, { node, name: "default", outer: node, value, place, otherwise: "constant" });
}

/** `exports.x = …`, `module.exports = …`, `X.prototype.m = …`, `X.m = …` and a JavaScript class's `this.x = …`. */
function declareAssignment(file: TypescriptFile, node: ts.BinaryExpression, place: Place): void {
  // Long sums nest to the left: their left spine is walked without recursion.
  let left: ts.Expression = node;
  while (is.isBinary(left)) {
    if (left.operatorToken.kind === is.kinds.EqualsToken && is.isPropertyAccess(left.left)) {
      if (declareProperty(file, left, place)) return;
    }
    declareSymbols(file, left.right, place);
    left = left.left;
  }
  declareSymbols(file, left, place);
}

function declareProperty(file: TypescriptFile, node: ts.BinaryExpression, place: Place): boolean {
  if (!is.isPropertyAccess(node.left)) return false;
  const { expression: object, name } = node.left;
  // Half-typed.
  if (name.text === "") return false;
  const value = unwrapped(node.right);
  if (file.isJavascript && isExports(node.left)) {
    if (value && is.isObjectLiteral(value)) declareObject(file, value, { container: undefined, objectDepth: 0 });
    else if (
      value &&
      !is.isIdentifier(value) &&
      !(is.isCall(value) && is.isIdentifier(value.expression) && value.expression.text === "require")
    )
      declareValue(file, { node, name: moduleName(file, value), outer: node, value, place: {}, otherwise: "constant" });
    else declareSymbols(file, node.right, place);
    return true;
  }
  if (file.isJavascript && isExports(object)) {
    if (value && is.isIdentifier(value)) return false;
    declareValue(file, { node, name, outer: node, value, place: {}, otherwise: "constant" });
    return true;
  }
  const container = assignedContainer(file, object, node);
  if (container === undefined || hasMember(file, container, name.text)) return false;
  declareValue(file, { node, name, outer: node, value, place: { container }, otherwise: "property" });
  return true;
}

/** A function or class that is the module is called as it calls itself, else as its file is, which is what importers call it. */
function moduleName({ source }: TypescriptFile, value: ts.Expression): ts.Node | string {
  if (!is.isArrow(value) && !is.isFunctionExpression(value) && !is.isClassExpression(value)) return "module.exports";
  const [file = "", folder = "index"] = source.fileName.split("/").reverse();
  const stem = file.replace(/\.\w+$/, "");
  return (
    value.name ?? (stem === "index" ? folder : stem).replace(/[-.]+(\w)/g, (_, letter: string) => letter.toUpperCase())
  );
}

/** `exports` or `module.exports`. */
export function isExports(node: ts.Node): boolean {
  if (is.isIdentifier(node)) return node.text === "exports";
  return (
    is.isPropertyAccess(node) &&
    node.name.text === "exports" &&
    is.isIdentifier(node.expression) &&
    node.expression.text === "module"
  );
}

function assignedContainer(file: TypescriptFile, object: ts.Expression, node: ts.Node): number | undefined {
  if (object.kind === is.kinds.ThisKeyword) {
    if (!file.isJavascript) return undefined;
    const target = valueTarget(file, object);
    return target.kind === "instance" && target.of.kind === "symbol" ? target.of.symbol : undefined;
  }
  if (!is.isExpressionStatement(node.parent)) return undefined;
  const owner = is.isPropertyAccess(object) && object.name.text === "prototype" ? object.expression : object;
  if (!is.isIdentifier(owner)) return undefined;
  const target = valueTarget(file, owner);
  if (target.kind !== "symbol") return undefined;
  const kind = file.facts.symbols[target.symbol]?.kind;
  return kind === "function" || kind === "class" ? target.symbol : undefined;
}

function hasMember(file: TypescriptFile, container: number, name: string): boolean {
  return file.facts.symbols.some((symbol) => symbol.container === container && symbol.name === name);
}

/** The expression without what types put around it. */
function unwrapped(node: ts.Expression | undefined): ts.Expression | undefined {
  let inner = node;
  while (inner && (is.isParenthesized(inner) || is.isAs(inner) || is.isSatisfies(inner))) inner = inner.expression;
  return inner;
}

function isPlainName(node: ts.Node): boolean {
  return is.isIdentifier(node) || is.isStringLike(node);
}

/** `test("adds up")`: with the call, so that no title is the name of a definition. */
function testName(node: ts.CallExpression): string | undefined {
  const title = node.arguments[0];
  if (
    !title ||
    !is.isStringLike(title) ||
    !node.arguments.some((one) => is.isArrow(one) || is.isFunctionExpression(one))
  )
    return undefined;
  let callee: ts.Expression = node.expression;
  while (is.isPropertyAccess(callee) || is.isCall(callee) || is.isTaggedTemplate(callee))
    callee = is.isTaggedTemplate(callee) ? callee.tag : callee.expression;
  if (!is.isIdentifier(callee) || !TEST_BLOCK.test(callee.text)) return undefined;
  return `${callee.text}(${JSON.stringify(title.text.slice(0, TITLE_CHARACTERS_MAX))})`;
}

function add(
  file: TypescriptFile,
  {
    node,
    name,
    kind,
    place,
    bodyStart,
    outer = node,
    isStatic,
    isTest,
  }: {
    node: ts.Node;
    /** Absent: `export default` without a name. */
    name: ts.Node | string | undefined;
    kind: SymbolKind;
    place: Place;
    bodyStart?: number | undefined;
    outer?: ts.Node;
    isStatic?: boolean;
    isTest?: boolean;
  },
): number {
  const { facts, source } = file;
  const start = outer.getStart(source);
  const nameStart = typeof name === "object" ? name.getStart(source) : start;
  const documentation = documentationOf(file, outer.pos, start);
  const { symbol } = bound(node);
  const number = facts.symbols.length;
  const first = symbol && !isTest ? file.numbers.get(symbol) : undefined;
  const fact: SymbolFact = {
    name: typeof name === "object" ? textOf(name) : (name ?? "default"),
    kind,
    ...(place.container !== undefined && { container: place.container }),
    ...file.position(nameStart),
    startLine: file.position(start).line,
    endLine: file.position(node.end).line,
    signature: signatureOf(file, start, bodyStart ?? outer.end),
    ...(documentation && { documentation }),
    isExported: false,
    ...(isStatic && { isStatic }),
    ...(isTest && { isTest }),
    ...(first !== undefined && { mergesWith: first }),
  };
  facts.symbols.push(fact);
  file.declared.set(node, number);
  if (hasModifier(node, is.kinds.PrivateKeyword) || (typeof name === "object" && is.isPrivateIdentifier(name)))
    file.hidden.add(number);
  if (symbol && first === undefined && !isTest) file.numbers.set(symbol, number);
  return number;
}

function textOf(node: ts.Node): string {
  return "text" in node && typeof node.text === "string" ? node.text : node.getText();
}

/** Second pass: the types of what is declared. */
export function describeSymbols(file: TypescriptFile): void {
  for (const [node, number] of file.declared) {
    const fact = file.facts.symbols[number];
    if (fact) describe(file, node, fact);
  }
}

function describe(file: TypescriptFile, node: ts.Node, fact: SymbolFact): void {
  if (is.isClass(node) || is.isInterface(node)) {
    const bases = (node.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => typeTarget(file, type)));
    const known = bases.filter(({ kind }) => kind !== "unknown");
    if (known.length) fact.bases = known;
    if (is.isInterface(node)) setType(file, fact, callSignatures(file, node.members));
  } else if (is.isFunctionLike(node)) {
    const parameters = parameterTypes(file, node);
    if (parameters) fact.parameters = parameters;
    if (!is.isConstructor(node) && !is.isSetter(node)) setType(file, fact, resultType(file, node));
  } else if (!is.isObjectLiteral(node) && !is.isTypeLiteral(node)) describeValue(file, node, fact);
}

function describeValue(file: TypescriptFile, node: ts.Node, fact: SymbolFact): void {
  const written = writtenTypeOf(file, node);
  const isFunction = fact.kind === "function" || fact.kind === "method";
  if (written) {
    const type = typeTarget(file, written);
    // A function's type is that of its result, but the annotation of a variable that holds one is the function's own.
    if (!isFunction) return setType(file, fact, type);
    return type.kind === "unknown" ? undefined : setType(file, fact, typeOf({ kind: "result", of: instanceOf(type) }));
  }
  if (isFunction || fact.kind === "class" || fact.isTest) return;
  const value = valueOf(node);
  if (value) {
    if (!file.declared.has(value)) setType(file, fact, typeOf(valueTarget(file, value)));
  } else if (is.isBindingElement(node)) setType(file, fact, typeOf(localTarget(file, node)));
}

/** A symbol is not its own type: that of `{ … }` is the symbol that has its members. */
function setType(file: TypescriptFile, fact: SymbolFact, type: Target): void {
  if (type.kind === "unknown" || fact.type) return;
  const own = type.kind === "typeof" ? type.of : type;
  if (own.kind === "symbol" && file.facts.symbols[own.symbol] === fact) return;
  fact.type = type;
}

function writtenTypeOf({ isJavascript }: TypescriptFile, node: ts.Node): ts.TypeNode | undefined {
  if (is.isJsDocTypedef(node) || is.isJsDocProperty(node)) {
    const written = node.typeExpression;
    return written && is.isJsDocTypeExpression(written) ? written.type : undefined;
  }
  if (
    is.isVariable(node) ||
    is.isParameter(node) ||
    is.isPropertyDeclaration(node) ||
    is.isPropertySignature(node) ||
    is.isTypeAlias(node)
  )
    return node.type ?? (isJavascript ? is.jsDocType(node) : undefined);
  return isJavascript ? is.jsDocType(node) : undefined;
}

function valueOf(node: ts.Node): ts.Node | undefined {
  if (is.isVariable(node) || is.isPropertyDeclaration(node) || is.isPropertyAssignment(node)) return node.initializer;
  if (is.isShorthand(node)) return node.name;
  if (is.isExportAssignment(node)) return node.expression;
  return is.isBinary(node) ? node.right : undefined;
}
