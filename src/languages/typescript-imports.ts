// Every way a TypeScript or JavaScript file names another one, and what the names it binds stand for.
import type { ImportKind, Target } from "./facts.ts";
import type { TypescriptFile } from "./typescript-file.ts";
import { memberOf } from "./typescript-targets.ts";
import { is } from "./typescript-syntax.ts";
import type ts from "typescript-parser";

/** Longest computed specifier that is kept. */
const COMPUTED_CHARACTERS_MAX = 200;

/** Notes the import that the node makes, if it makes one. */
export function noteImport(file: TypescriptFile, node: ts.Node): void {
  if (is.isImportDeclaration(node)) {
    const number = addImport(file, node.moduleSpecifier, isTypeOnly(node.importClause) ? "type-import" : "import");
    file.imports.set(node, number);
    if (node.importClause) bindClause(file, node.importClause, number);
  } else if (is.isExportDeclaration(node) && node.moduleSpecifier) {
    file.imports.set(node, addImport(file, node.moduleSpecifier, "reexport"));
  } else if (is.isImportEquals(node) && is.isExternalModuleReference(node.moduleReference)) {
    const number = addImport(file, node.moduleReference.expression, node.isTypeOnly ? "type-import" : "require");
    file.aliases.set(node, { kind: "imported", import: number, name: "*" });
    file.imports.set(node, number);
  } else if (is.isImportType(node) && is.isLiteralType(node.argument) && is.isStringLike(node.argument.literal)) {
    file.imports.set(node, addImport(file, node.argument.literal, "type-import"));
  } else if (is.isModule(node) && is.isStringLike(node.name) && file.isModule) {
    const number = addImport(file, node.name, "type-import");
    const fact = file.facts.imports[number];
    if (fact) fact.isAugmentation = true;
    file.imports.set(node, number);
  } else if (is.isCall(node)) noteImportCall(file, node);
  else if (is.isJsDocImport(node)) {
    const number = addImport(file, node.moduleSpecifier, "type-import");
    file.imports.set(node, number);
    if (node.importClause) bindClause(file, node.importClause, number);
  }
}

function noteImportCall(file: TypescriptFile, node: ts.CallExpression): void {
  const specifier = node.arguments[0];
  if (!specifier || file.imports.has(node)) return;
  const callee = node.expression;
  if (callee.kind === is.kinds.ImportKeyword) file.imports.set(node, addImport(file, specifier, "dynamic-import"));
  else if (
    is.isIdentifier(callee) &&
    callee.text === "require" &&
    node.arguments.length === 1 &&
    isModuleName(specifier)
  )
    file.imports.set(node, addImport(file, specifier, "require"));
}

function isModuleName(node: ts.Node): boolean {
  return is.isStringLike(node) || is.isTemplate(node);
}

function addImport(file: TypescriptFile, specifier: ts.Node, kind: ImportKind): number {
  const position = file.position(specifier.getStart(file.source));
  const isLiteral = is.isStringLike(specifier);
  file.facts.imports.push({
    specifier: isLiteral ? specifier.text : specifier.getText(file.source).slice(0, COMPUTED_CHARACTERS_MAX),
    kind,
    ...position,
    ...(!isLiteral && { isComputed: true }),
  });
  return file.facts.imports.length - 1;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === is.kinds.TypeKeyword) return true;
  const named = clause.namedBindings;
  if (clause.name || !named || !is.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

function bindClause(file: TypescriptFile, clause: ts.ImportClause, number: number): void {
  const imported = (name: string): Target => ({ kind: "imported", import: number, name });
  if (clause.name) file.aliases.set(clause, imported("default"));
  const named = clause.namedBindings;
  if (!named) return;
  if (is.isNamespaceImport(named)) file.aliases.set(named, imported("*"));
  else
    for (const element of named.elements)
      file.aliases.set(element, imported((element.propertyName ?? element.name).text));
}

/** `const x = require("…").y` and its patterns bind names as an import does. True where it was one. */
export function bindRequire(file: TypescriptFile, node: ts.VariableDeclaration): boolean {
  const names: string[] = [];
  let from: ts.Expression | undefined = node.initializer;
  while (from && is.isPropertyAccess(from)) {
    names.unshift(from.name.text);
    from = from.expression;
  }
  if (!from || !is.isCall(from) || !is.isIdentifier(from.expression) || from.expression.text !== "require")
    return false;
  noteImportCall(file, from);
  const number = file.imports.get(from);
  if (number === undefined) return false;
  let target: Target = { kind: "imported", import: number, name: "*" };
  for (const name of names) target = memberOf(target, name);
  bindPattern(file, node, target);
  return true;
}

function bindPattern(file: TypescriptFile, node: ts.VariableDeclaration | ts.BindingElement, target: Target): void {
  file.aliases.set(node, target);
  if (!is.isObjectPattern(node.name)) return;
  for (const element of node.name.elements) {
    const name = element.propertyName ?? element.name;
    if (!element.dotDotDotToken && (is.isIdentifier(name) || is.isStringLike(name)))
      bindPattern(file, element, memberOf(target, name.text));
  }
}
