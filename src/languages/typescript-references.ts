// References of a TypeScript module: every use of a name that leads out of the function it stands in.
import ts from "typescript-parser";
import type { ReferenceFact, ReferenceKind, Target } from "./facts.ts";
import type { Declared } from "./typescript-declarations.ts";
import type { Scopes } from "./typescript-scopes.ts";

export function readReferences(
  file: ts.SourceFile,
  { declared, scopes }: { declared: Declared; scopes: Scopes },
): ReferenceFact[] {
  const { numbers, imported, placeOf } = declared;
  const references: ReferenceFact[] = [];

  function add(name: ts.Node & { text: string }, kind: ReferenceKind, target: Target, enclosing: number | undefined) {
    if (target.kind === "unknown" || target.kind === "free" || name.pos === name.end) return;
    references.push({
      name: name.text,
      kind,
      ...placeOf(name.getStart(file)),
      target,
      ...(enclosing !== undefined && { enclosing }),
    });
  }

  /** A plain name, if it is one of the module and no function's local. */
  function addName(node: ts.Identifier, kind: ReferenceKind, enclosing: number | undefined) {
    const declaration = scopes.declarationOf(node.text, node);
    if (!declaration) return;
    const number = numbers.get(declaration);
    const target: Target | undefined =
      number === undefined ? imported.get(declaration) : { kind: "symbol", symbol: number };
    if (target) add(node, kind, target, enclosing);
  }

  function walk(node: ts.Node, within: number | undefined): void {
    const enclosing = numbers.get(node) ?? within;
    if (ts.isIdentifier(node)) return readIdentifier(node, enclosing);
    if (ts.isPropertyAccessExpression(node)) {
      add(node.name, kindOf(node, "member"), scopes.valueOf(node), enclosing);
      return walk(node.expression, enclosing);
    }
    if (ts.isQualifiedName(node)) {
      add(node.right, "type", scopes.entity(node), enclosing);
      return walk(node.left, enclosing);
    }
    if (ts.isImportTypeNode(node)) {
      const type = scopes.valueOfType(node);
      const { qualifier } = node;
      if (qualifier && type.kind === "instance")
        add(ts.isIdentifier(qualifier) ? qualifier : qualifier.right, "type", type.of, enclosing);
      node.typeArguments?.forEach((argument) => walk(argument, enclosing));
      return;
    }
    if (ts.isImportClause(node) || ts.isImportSpecifier(node)) {
      const target = imported.get(node);
      if (target && node.name) add(importedName(node), "import", target, enclosing);
      if (ts.isImportClause(node) && node.namedBindings) walk(node.namedBindings, enclosing);
      return;
    }
    if (ts.isExportSpecifier(node)) {
      const source = node.propertyName ?? node.name;
      const target = imported.get(node) ?? scopes.find(source.text, file);
      return add(source, "reexport", target, enclosing);
    }
    if (ts.isBindingElement(node)) readBinding(node, enclosing);
    ts.forEachChild(node, (child) => walk(child, enclosing));
  }

  function readIdentifier(node: ts.Identifier, enclosing: number | undefined): void {
    const { parent } = node;
    if (isDeclaredName(node, parent) || isLabelOrKey(node, parent) || isIntrinsic(node, parent)) return;
    addName(node, kindOf(node, isTypePosition(node) ? "type" : "read"), enclosing);
  }

  /** `const { a } = value` uses the member `a` of the value. */
  function readBinding(node: ts.BindingElement, enclosing: number | undefined): void {
    const name = node.propertyName ?? node.name;
    if (!ts.isIdentifier(name) || !ts.isObjectBindingPattern(node.parent)) return;
    const direct = imported.get(node);
    if (direct) return add(name, "import", direct, enclosing);
    const value = scopes.valueOfDeclaration(node);
    if (value?.kind === "member") add(name, "member", value, enclosing);
  }

  walk(file, undefined);
  return references;
}

function importedName(node: ts.ImportClause | ts.ImportSpecifier): ts.Node & { text: string } {
  const name = ts.isImportSpecifier(node) ? (node.propertyName ?? node.name) : node.name;
  if (!name) throw new Error("an import without a name");
  return name;
}

/** What the parent does with the name; `plain` when nothing special. */
function kindOf(node: ts.Expression, plain: ReferenceKind): ReferenceKind {
  const { parent } = node;
  if (ts.isCallExpression(parent) && parent.expression === node)
    return ts.isDecorator(parent.parent) ? "decorator" : "call";
  if (ts.isTaggedTemplateExpression(parent) && parent.tag === node) return "call";
  if (ts.isNewExpression(parent) && parent.expression === node) return "new";
  if (ts.isDecorator(parent)) return "decorator";
  if (ts.isExpressionWithTypeArguments(parent) && ts.isHeritageClause(parent.parent)) return "inherit";
  if (ts.isJsxOpeningElement(parent) || ts.isJsxSelfClosingElement(parent) || ts.isJsxClosingElement(parent))
    return parent.tagName === node ? "jsx" : plain;
  if (ts.isBinaryExpression(parent) && parent.left === node && isAssignment(parent.operatorToken.kind)) return "write";
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) {
    const { operator } = parent;
    if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken) return "write";
  }
  return plain;
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isTypePosition(node: ts.Identifier): boolean {
  return ts.isTypeReferenceNode(node.parent) || ts.isTypeQueryNode(node.parent) || ts.isTypePredicateNode(node.parent);
}

function isDeclaredName(node: ts.Identifier, parent: ts.Node): boolean {
  if (ts.isShorthandPropertyAssignment(parent) || ts.isExportAssignment(parent)) return false;
  if (ts.isBindingElement(parent)) return parent.name === node || parent.propertyName === node;
  return "name" in parent && parent.name === node;
}

/** `<div>`: in lower case it is an element of the language of the page, whatever is declared. */
function isIntrinsic(node: ts.Identifier, parent: ts.Node): boolean {
  const isTag = ts.isJsxOpeningElement(parent) || ts.isJsxSelfClosingElement(parent) || ts.isJsxClosingElement(parent);
  return isTag && /^[a-z]/.test(node.text);
}

/** Keys, labels and JSX attributes: names of nothing that is declared. */
function isLabelOrKey(node: ts.Identifier, parent: ts.Node): boolean {
  return (
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    ts.isJsxAttribute(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isMetaProperty(parent) ||
    (ts.isPropertyAssignment(parent) && parent.name === node)
  );
}
