// Third pass over a TypeScript or JavaScript file: every use of a name that can lead to a definition.
import { JSX_RUNTIME, UNKNOWN, type ReferenceKind, type Target } from "./facts.ts";
import { resolveName, type TypescriptFile } from "./typescript-file.ts";
import { bound, type BoundSymbol, is } from "./typescript-syntax.ts";
import { isExports } from "./typescript-symbols.ts";
import {
  contextualTarget,
  entityTarget,
  localTarget,
  memberOf,
  nameTarget,
  symbolTarget,
  typeTarget,
  valueTarget,
} from "./typescript-targets.ts";
import type ts from "typescript-parser";

/** Objects of the language whose members are nobody's. */
const LANGUAGE_OBJECTS = new Set(
  "console Math JSON Object Array Number String Boolean Symbol Promise Reflect Date RegExp Error BigInt Intl Atomics process globalThis window document".split(
    " ",
  ),
);

/** Pragmas stand in the comments that a file begins with. */
const PRAGMA_CHARACTERS_MAX = 2000;

export function findReferences(file: TypescriptFile, node: ts.Node, enclosing: number | undefined): void {
  const inner = file.declared.get(node) ?? enclosing;
  if (file.isJavascript)
    for (const doc of bound(node).jsDoc ?? []) is.forEachChild(doc, (child) => findReferences(file, child, inner));
  if (is.isIdentifier(node)) return identifier(file, node, enclosing);
  if (is.isPropertyAccess(node)) {
    member(file, { object: node.expression, name: node.name, node, enclosing });
    return findReferences(file, node.expression, enclosing);
  }
  if (is.isBinary(node)) return binary(file, node, enclosing);
  if (is.isElementAccess(node) && is.isStringLike(node.argumentExpression))
    member(file, { object: node.expression, name: node.argumentExpression, node, enclosing });
  else if (is.isQualifiedName(node)) {
    note(file, { name: node.right, kind: "type", target: entityTarget(file, node), enclosing });
    return findReferences(file, node.left, enclosing);
  } else if (is.isImportDeclaration(node) || is.isExportDeclaration(node)) return clauses(file, node, enclosing);
  else if (is.isBindingElement(node)) boundKey(file, node, enclosing);
  else if (
    is.isPropertyAssignment(node) ||
    is.isShorthand(node) ||
    (is.isMethod(node) && is.isObjectLiteral(node.parent))
  )
    objectKey(file, node, enclosing);
  else if (is.isImportType(node)) return importType(file, node, enclosing);
  else if (is.isIndexedAccessType(node)) indexedAccess(file, node, enclosing);
  is.forEachChild(node, (child) => findReferences(file, child, inner));
}

/** Sums of thousands of terms nest to the left: the left spine is walked without recursion. */
function binary(file: TypescriptFile, node: ts.BinaryExpression, enclosing: number | undefined): void {
  let left: ts.Expression = node;
  let inner = enclosing;
  while (is.isBinary(left)) {
    inner = file.declared.get(left) ?? inner;
    findReferences(file, left.right, inner);
    left = left.left;
  }
  findReferences(file, left, inner);
}

function identifier(file: TypescriptFile, node: ts.Identifier, enclosing: number | undefined): void {
  if (is.isJsx(node.parent) && /^[a-z]/.test(node.text)) return intrinsic(file, node, enclosing);
  const meaning = meaningAt(node);
  if (meaning === undefined) return;
  const symbol = resolveName({ name: node.text, node, meaning });
  if (symbol ? !isOutward(file, symbol) : isCommonJs(file, node)) return;
  const target = symbol ? symbolTarget(file, symbol) : nameTarget(file, node, meaning);
  if (target.kind === "unknown") return;
  const isType = meaning === is.flags.Type || meaning === is.flags.Namespace;
  note(file, { name: node, kind: isType ? "type" : kindOf(node, "read"), target, enclosing });
}

/** `<button>` is a member of `JSX.IntrinsicElements`, of the runtime that the file or the configuration names, or global. */
function intrinsic(file: TypescriptFile, node: ts.Identifier, enclosing: number | undefined): void {
  const source = /@jsxImportSource\s+([^\s*]+)/.exec(file.text.slice(0, PRAGMA_CHARACTERS_MAX))?.[1];
  if (file.jsxRuntime === undefined) {
    const specifier = source === undefined ? JSX_RUNTIME : `${source}/${JSX_RUNTIME}`;
    file.jsxRuntime = file.facts.imports.length;
    file.facts.imports.push({ specifier, kind: "type-import", line: 1, column: 1, isImplicit: true });
  }
  const elements = (namespace: Target) =>
    memberOf({ kind: "instance", of: memberOf(namespace, "IntrinsicElements") }, node.text);
  const imported = elements({ kind: "imported", import: file.jsxRuntime, name: "JSX" });
  const target: Target =
    source === undefined ? { kind: "either", of: [imported, elements({ kind: "free", name: "JSX" })] } : imported;
  note(file, { name: node, kind: "jsx", target, enclosing });
}

/** `require`, `exports` and `module` of a CommonJS module: the import and the exports say it. */
function isCommonJs(file: TypescriptFile, node: ts.Identifier): boolean {
  return file.imports.has(node.parent) || (file.isJavascript && (node.text === "exports" || node.text === "module"));
}

/** Locals and type parameters are nothing that a reference is kept for; what the file declares or imports is. */
function isOutward(file: TypescriptFile, symbol: BoundSymbol): boolean {
  if (file.numbers.has(symbol)) return true;
  const declaration = symbol.declarations?.[0];
  return declaration !== undefined && (file.aliases.has(declaration) || is.isImportEquals(declaration));
}

/** What an identifier means by its place; undefined where it declares a name, or is handled with its parent. */
function meaningAt(node: ts.Identifier): number | undefined {
  const { parent } = node;
  if (is.isQualifiedName(parent)) return is.flags.Namespace;
  // `as const`
  if (is.isTypeReference(parent)) return node.text === "const" ? undefined : is.flags.Type;
  if (is.isTypeQuery(parent)) return is.flags.Value | is.flags.Namespace;
  if (is.isExportAssignment(parent) || is.isImportEquals(parent))
    return "name" in parent && parent.name === node ? undefined : is.flags.Value | is.flags.Type | is.flags.Namespace;
  if (is.isWithTypeArguments(parent)) return is.flags.Value | is.flags.Type | is.flags.Namespace;
  if (is.isShorthand(parent)) return is.flags.Value;
  if ("name" in parent && parent.name === node) return undefined;
  if ("propertyName" in parent && parent.propertyName === node) return undefined;
  if ("tagName" in parent && parent.tagName === node && !is.isJsx(parent)) return undefined;
  if (is.isLabel(parent) || is.isJsxAttribute(parent) || is.isImportType(parent) || is.isMetaProperty(parent))
    return undefined;
  if (is.isTypePredicate(parent) && parent.parameterName === node) return undefined;
  if (is.isJsx(parent) && /^[a-z]/.test(node.text)) return undefined;
  return is.flags.Value | is.flags.Namespace;
}

/** What is done with the value of an expression. */
function kindOf(node: ts.Node, otherwise: ReferenceKind): ReferenceKind {
  let inner = node;
  let parent = node.parent;
  while (is.isParenthesized(parent) || is.isNonNull(parent)) {
    inner = parent;
    parent = parent.parent;
  }
  if (is.isCall(parent) && parent.expression === inner) return is.isDecorator(parent.parent) ? "decorator" : "call";
  if (is.isNew(parent) && parent.expression === inner) return "new";
  if (is.isDecorator(parent)) return "decorator";
  if (is.isJsx(parent)) return "jsx";
  if (is.isTaggedTemplate(parent) && parent.tag === inner) return "call";
  if (is.isWithTypeArguments(parent) && is.isHeritageClause(parent.parent)) return "inherit";
  if (is.isTypeQuery(parent)) return "type";
  if (is.isBinary(parent) && parent.left === inner && is.isAssignment(parent.operatorToken.kind)) return "write";
  if (is.isUpdate(parent)) return "write";
  return otherwise;
}

function member(
  file: TypescriptFile,
  {
    object,
    name,
    node,
    enclosing,
  }: { object: ts.Expression; name: ts.Node; node: ts.Node; enclosing: number | undefined },
): void {
  if (isExports(node) || (file.isJavascript && isExports(object)) || name.end === name.pos) return;
  const of = valueTarget(file, object);
  const root = rootOf(of);
  if (root.kind === "free" && LANGUAGE_OBJECTS.has(root.name)) return;
  const text = file.text.slice(name.getStart(file.source), name.end).replace(/^["'`]|["'`]$/g, "");
  if (text === "prototype") return;
  note(file, {
    name,
    kind: kindOf(node, "member"),
    target: { kind: "member", object: of, name: text },
    enclosing,
  });
}

function rootOf(target: Target): Target {
  let root = target;
  while (true) {
    if (root.kind === "member") root = root.object;
    else if (
      root.kind === "instance" ||
      root.kind === "result" ||
      root.kind === "typeof" ||
      root.kind === "element" ||
      root.kind === "applied"
    )
      root = root.of;
    else return root;
  }
}

function clauses(
  file: TypescriptFile,
  node: ts.ImportDeclaration | ts.ExportDeclaration,
  enclosing: number | undefined,
): void {
  const number = file.imports.get(node);
  const imported = (name: string): Target =>
    number === undefined ? UNKNOWN : { kind: "imported", import: number, name };
  if (is.isImportDeclaration(node)) {
    const clause = node.importClause;
    if (clause?.name) note(file, { name: clause.name, kind: "import", target: imported("default"), enclosing });
    const named = clause?.namedBindings;
    if (!named || !is.isNamedImports(named)) return;
    for (const { propertyName, name } of named.elements) {
      const target = imported((propertyName ?? name).text);
      note(file, { name: propertyName ?? name, kind: "import", target, enclosing });
    }
    return;
  }
  if (!node.exportClause || !is.isNamedExports(node.exportClause)) return;
  for (const { propertyName, name } of node.exportClause.elements) {
    const source = propertyName ?? name;
    const target = node.moduleSpecifier
      ? imported(source.text)
      : is.isIdentifier(source)
        ? nameTarget(file, source, is.flags.Value | is.flags.Type | is.flags.Namespace)
        : imported(source.text);
    note(file, { name: source, kind: "reexport", target, enclosing });
  }
}

/** `a` in `const { a: b } = object`. */
function boundKey(file: TypescriptFile, node: ts.BindingElement, enclosing: number | undefined): void {
  if (!is.isObjectPattern(node.parent) || node.dotDotDotToken) return;
  const name = node.propertyName ?? node.name;
  if (!is.isIdentifier(name) && !is.isStringLike(name)) return;
  const alias = file.aliases.get(node);
  const target = alias ?? memberOf(localTarget(file, node.parent.parent), name.text);
  if (target.kind !== "unknown") note(file, { name, kind: "member", target, enclosing });
}

/** The key of an object literal names the member of the type that its place expects. */
function objectKey(
  file: TypescriptFile,
  node: ts.PropertyAssignment | ts.ShorthandPropertyAssignment | ts.MethodDeclaration,
  enclosing: number | undefined,
): void {
  if (!is.isIdentifier(node.name) && !is.isStringLike(node.name)) return;
  const expected = contextualTarget(file, node.parent);
  if (expected.kind !== "unknown")
    note(file, { name: node.name, kind: "write", target: memberOf(expected, node.name.text), enclosing });
}

/** `A`, `B` in `import("./x").A.B<…>`. */
function importType(file: TypescriptFile, node: ts.ImportTypeNode, enclosing: number | undefined): void {
  const number = file.imports.get(node);
  const names: ts.Identifier[] = [];
  for (let rest = node.qualifier; rest; rest = is.isQualifiedName(rest) ? rest.left : undefined)
    names.unshift(is.isQualifiedName(rest) ? rest.right : rest);
  let target: Target = number === undefined ? UNKNOWN : { kind: "imported", import: number, name: "*" };
  for (const name of names) {
    target = memberOf(target, name.text);
    if (target.kind !== "unknown") note(file, { name, kind: "type", target, enclosing });
  }
  for (const type of node.typeArguments ?? []) findReferences(file, type, enclosing);
}

/** `"key"` in `Type["key"]`. */
function indexedAccess(file: TypescriptFile, node: ts.IndexedAccessTypeNode, enclosing: number | undefined): void {
  if (!is.isLiteralType(node.indexType) || !is.isStringLike(node.indexType.literal)) return;
  const target = indexedTarget(file, node);
  if (target.kind !== "unknown") note(file, { name: node.indexType.literal, kind: "type", target, enclosing });
}

function indexedTarget(file: TypescriptFile, node: ts.IndexedAccessTypeNode): Target {
  const type = typeTarget(file, node);
  return type.kind === "typeof" ? type.of : UNKNOWN;
}

function note(
  file: TypescriptFile,
  {
    name,
    kind,
    target,
    enclosing,
  }: { name: ts.Node; kind: ReferenceKind; target: Target; enclosing: number | undefined },
): void {
  const start = name.getStart(file.source);
  const text = file.text.slice(start, name.end);
  const isQuoted = /^["'`]/.test(text);
  if (!text) return;
  file.facts.references.push({
    name: isQuoted ? text.slice(1, -1) : text,
    kind,
    ...file.position(isQuoted ? start + 1 : start),
    target,
    ...(enclosing !== undefined && { enclosing }),
  });
}
