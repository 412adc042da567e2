// What a TypeScript or JavaScript file offers to others: ES exports, export assignments, CommonJS, and globals.
import { EXPORT_ASSIGNMENT, type ExportFact, type Target } from "./facts.ts";
import type { TypescriptFile } from "./typescript-file.ts";
import { bound, type BoundSymbol, is } from "./typescript-syntax.ts";
import { isExports } from "./typescript-symbols.ts";
import { nameTarget, symbolTarget, valueTarget } from "./typescript-targets.ts";
import type ts from "typescript-parser";

export function findExports(file: TypescriptFile): void {
  const table = bound(file.source).symbol?.exports;
  if (table && file.isModule) for (const [name, symbol] of table) exportSymbol(file, name, symbol);
  else if (!file.isJavascript) exportGlobals(file, bound(file.source).locals);
  if (file.isJavascript) for (const statement of file.source.statements) commonJs(file, statement);
  if (file.isJavascript && !file.isModule)
    for (const [name, symbol] of table ?? []) exportDocumented(file, name, symbol);
  for (const statement of file.source.statements) if (is.isModule(statement)) exportAugmented(file, statement);
  markExported(file);
}

function exportSymbol(file: TypescriptFile, key: string, symbol: BoundSymbol): void {
  const { facts } = file;
  if (key === "__export") {
    for (const node of symbol.declarations ?? []) {
      const star = file.imports.get(node);
      if (star !== undefined) facts.exports.push({ star });
    }
    return;
  }
  const name = is.nameOf(key);
  const declaration = symbol.declarations?.[0];
  if (!declaration) return;
  if (file.numbers.has(symbol)) facts.exports.push({ name, target: symbolTarget(file, symbol) });
  else if (is.isExportSpecifier(declaration)) {
    const source = declaration.propertyName ?? declaration.name;
    const number = file.imports.get(declaration.parent.parent);
    if (number !== undefined) addTo(facts.exports, name, { kind: "imported", import: number, name: source.text });
    else if (is.isIdentifier(source))
      addTo(facts.exports, name, nameTarget(file, source, is.flags.Value | is.flags.Type | is.flags.Namespace));
  } else if (is.isNamespaceExport(declaration)) {
    const number = file.imports.get(declaration.parent);
    if (number !== undefined) addTo(facts.exports, name, { kind: "imported", import: number, name: "*" });
  } else if (is.isExportAssignment(declaration)) {
    const number = file.declared.get(declaration);
    const target: Target =
      number === undefined
        ? is.isIdentifier(declaration.expression)
          ? nameTarget(file, declaration.expression, is.flags.Value | is.flags.Type | is.flags.Namespace)
          : valueTarget(file, declaration.expression)
        : { kind: "symbol", symbol: number };
    addTo(facts.exports, declaration.isExportEquals ? EXPORT_ASSIGNMENT : name, target);
  } else addTo(facts.exports, name, symbolTarget(file, symbol));
}

function addTo(exports: ExportFact[], name: string, target: Target): void {
  if (target.kind !== "unknown") exports.push({ name, target });
}

function exportGlobals(file: TypescriptFile, table: Map<string, BoundSymbol> | undefined): void {
  for (const [key, symbol] of table ?? []) {
    const target = symbolTarget(file, symbol.exportSymbol ?? symbol);
    if (target.kind === "symbol") file.facts.exports.push({ name: is.nameOf(key), target, isGlobal: true });
  }
}

/** What `declare global` and `declare module "./x"` add elsewhere. */
function exportAugmented(file: TypescriptFile, node: ts.ModuleDeclaration): void {
  const table = bound(node).symbol?.exports;
  if (node.flags & is.nodeFlags.GlobalAugmentation) return exportGlobals(file, table);
  const augments = file.imports.get(node);
  if (augments === undefined) return;
  for (const [key, symbol] of table ?? []) {
    const target = symbolTarget(file, symbol);
    if (target.kind === "symbol") file.facts.exports.push({ name: is.nameOf(key), target, augments });
  }
}

function commonJs(file: TypescriptFile, statement: ts.Statement): void {
  if (!is.isExpressionStatement(statement)) return;
  for (let node: ts.Expression = statement.expression; is.isBinary(node); node = node.right) {
    if (node.operatorToken.kind !== is.kinds.EqualsToken) return;
    if (isExports(node.left)) wholeModule(file, node);
    else if (is.isPropertyAccess(node.left) && isExports(node.left.expression)) {
      const number = file.declared.get(node);
      const target: Target = number === undefined ? valueTarget(file, node.right) : { kind: "symbol", symbol: number };
      addTo(file.facts.exports, node.left.name.text, target);
    }
  }
}

/** Types in the documentation of a CommonJS module (`@typedef`, `@callback`) are offered whatever `module.exports` is. */
function exportDocumented(file: TypescriptFile, key: string, symbol: BoundSymbol): void {
  if (symbol.declarations?.some(is.isJsDocType)) addTo(file.facts.exports, is.nameOf(key), symbolTarget(file, symbol));
}

/** `module.exports = …`: an object's properties are the module's names, anything else is the module itself. */
function wholeModule(file: TypescriptFile, node: ts.BinaryExpression): void {
  const { exports } = file.facts;
  if (!is.isObjectLiteral(node.right)) {
    const number = file.declared.get(node);
    const target: Target = number === undefined ? valueTarget(file, node.right) : { kind: "symbol", symbol: number };
    if (target.kind === "imported" && target.name === "*") exports.push({ star: target.import });
    return addTo(exports, EXPORT_ASSIGNMENT, target);
  }
  for (const property of node.right.properties) {
    if (is.isSpread(property)) {
      const from = valueTarget(file, property.expression);
      if (from.kind === "imported" && from.name === "*") exports.push({ star: from.import });
    } else if (property.name && is.isIdentifier(property.name)) {
      const value = is.isShorthand(property)
        ? property.name
        : is.isPropertyAssignment(property)
          ? property.initializer
          : undefined;
      const number = file.declared.get(property);
      const own: Target = number === undefined ? { kind: "unknown" } : { kind: "symbol", symbol: number };
      addTo(exports, property.name.text, value && is.isIdentifier(value) ? valueTarget(file, value) : own);
    }
  }
}

/** Exported is what an export names, and the members of that. */
function markExported(file: TypescriptFile): void {
  const { symbols, exports } = file.facts;
  const { hidden } = file;
  const named = new Set(
    exports.flatMap((one) => ("target" in one && one.target.kind === "symbol" ? [one.target.symbol] : [])),
  );
  symbols.forEach((symbol, number) => {
    if (symbol.container === undefined) symbol.isExported = named.has(symbol.mergesWith ?? number);
    else symbol.isExported = (symbols[symbol.container]?.isExported ?? false) && !hidden.has(number) && !symbol.isTest;
  });
}
