// Symbols, imports and exports of a TypeScript or JavaScript module.
import ts from "typescript-parser";
import {
  DOCUMENTATION_CHARACTERS_MAX,
  EXPORT_ASSIGNMENT,
  SIGNATURE_CHARACTERS_MAX,
  type ExportFact,
  type ImportFact,
  type ImportKind,
  type SymbolFact,
  type SymbolKind,
  type Target,
} from "./facts.ts";
import type { Scopes } from "./typescript-scopes.ts";

/** What the first walk finds; targets are filled in once all declarations are known. */
export interface Declared {
  symbols: SymbolFact[];
  imports: ImportFact[];
  /** The declaration of each symbol. */
  numbers: Map<ts.Node, number>;
  /** What import bindings, require calls and import types lead to. */
  imported: Map<ts.Node, Target>;
  /** Line and column of a position, both from 1, columns in code points. */
  placeOf(position: number): { line: number; column: number };
  finish(scopes: Scopes): { symbols: SymbolFact[]; imports: ImportFact[]; exports: ExportFact[] };
}

export function readDeclarations(file: ts.SourceFile): Declared {
  const symbols: SymbolFact[] = [];
  const imports: ImportFact[] = [];
  const numbers = new Map<ts.Node, number>();
  const imported = new Map<ts.Node, Target>();
  const exports: { name: string; target: (scopes: Scopes) => Target }[] = [];
  const stars: number[] = [];
  const typed: { symbol: SymbolFact; node: ts.Node }[] = [];

  const placeOf = (position: number) => {
    const { line, character } = ts.getLineAndCharacterOfPosition(file, position);
    const start = position - character;
    const before = file.text.slice(start, position);
    return { line: line + 1, column: [...before].length + 1 };
  };

  function add(
    node: ts.Node,
    {
      name,
      kind,
      container,
      isExported,
      whole = node,
      isStatic = false,
    }: {
      name: ts.Node;
      kind: SymbolKind;
      container: number | undefined;
      isExported: boolean;
      whole?: ts.Node;
      isStatic?: boolean;
    },
  ): number {
    const text = nameText(name);
    const first = symbols.findIndex(
      (other) => other.name === text && other.container === container && other.isStatic === (isStatic || undefined),
    );
    const documentation = documentationOf(whole);
    const symbol: SymbolFact = {
      name: text,
      kind,
      ...(container !== undefined && { container }),
      ...placeOf(name.getStart(file)),
      startLine: placeOf(whole.getStart(file)).line,
      endLine: placeOf(whole.end).line,
      signature: signatureOf(whole, file),
      ...(documentation !== undefined && { documentation }),
      isExported,
      ...(isStatic && { isStatic }),
      ...(first >= 0 && { mergesWith: symbols[first]?.mergesWith ?? first }),
    };
    numbers.set(node, symbols.length);
    typed.push({ symbol, node });
    return symbols.push(symbol) - 1;
  }

  function addImport(specifier: ts.Node, kind: ImportKind): number {
    const isText = ts.isStringLiteralLike(specifier);
    return (
      imports.push({
        specifier: isText ? specifier.text : specifier.getText(file).slice(0, SIGNATURE_CHARACTERS_MAX),
        kind,
        ...placeOf(specifier.getStart(file)),
        ...(!isText && { isComputed: true }),
      }) - 1
    );
  }

  function exportAs(name: string, target: (scopes: Scopes) => Target): void {
    exports.push({ name, target });
  }

  /** A declaration of a name that statements of `container` can see. */
  function declare(statement: ts.Node, container: number | undefined, isLocal: boolean): void {
    const isExported = !isLocal && hasModifier(statement, ts.SyntaxKind.ExportKeyword);
    const isDefault = hasModifier(statement, ts.SyntaxKind.DefaultKeyword);
    const note = (number: number) => {
      if (!isExported || container !== undefined) return;
      exportAs(isDefault ? "default" : (symbols[number]?.name ?? ""), () => ({ kind: "symbol", symbol: number }));
    };
    if (ts.isFunctionDeclaration(statement)) {
      const name = statement.name ?? statement;
      note(add(statement, { name, kind: "function", container, isExported }));
    } else if (ts.isClassDeclaration(statement)) {
      const number = add(statement, { name: statement.name ?? statement, kind: "class", container, isExported });
      note(number);
      declareMembers(statement.members, number, isExported);
    } else if (ts.isInterfaceDeclaration(statement)) {
      const number = add(statement, { name: statement.name, kind: "interface", container, isExported });
      note(number);
      declareMembers(statement.members, number, isExported);
    } else if (ts.isTypeAliasDeclaration(statement)) {
      const number = add(statement, { name: statement.name, kind: "type", container, isExported });
      note(number);
      for (const literal of literalsOf(statement.type)) declareMembers(literal.members, number, isExported);
    } else if (ts.isEnumDeclaration(statement)) {
      const number = add(statement, { name: statement.name, kind: "enum", container, isExported });
      note(number);
      for (const member of statement.members)
        add(member, { name: member.name, kind: "enum_member", container: number, isExported, isStatic: true });
    } else if (ts.isModuleDeclaration(statement)) {
      const number = add(statement, { name: statement.name, kind: "module", container, isExported });
      note(number);
      if (statement.body && ts.isModuleBlock(statement.body))
        for (const inner of statement.body.statements) declare(inner, number, false);
    } else if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        if (takesFromRequire(declaration)) continue;
        for (const binding of bindingsOf(declaration))
          declareVariable(binding, { statement, container, isExported, isLocal, note });
      }
    }
  }

  /** `const { a, b: c } = require("…")` binds names as an import does. */
  function takesFromRequire({ name: pattern, initializer }: ts.VariableDeclaration): boolean {
    const required = initializer && requireOf(initializer);
    if (!required || !ts.isObjectBindingPattern(pattern)) return false;
    const number = addImport(required, "require");
    imported.set(initializer, { kind: "imported", import: number, name: "*" });
    for (const element of pattern.elements) {
      const name = element.propertyName ?? element.name;
      if (isPlainName(name)) imported.set(element, { kind: "imported", import: number, name: nameText(name) });
    }
    return true;
  }

  function declareVariable(
    binding: ts.VariableDeclaration | ts.BindingElement,
    {
      statement,
      container,
      isExported,
      isLocal,
      note,
    }: {
      statement: ts.VariableStatement;
      container: number | undefined;
      isExported: boolean;
      isLocal: boolean;
      note: (number: number) => void;
    },
  ): void {
    const initializer = ts.isVariableDeclaration(binding) ? unwrap(binding.initializer) : undefined;
    const required = initializer && requireOf(initializer);
    if (required) {
      imported.set(binding, { kind: "imported", import: addImport(required, "require"), name: "*" });
      return;
    }
    const isFunction = initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer));
    const isClass = initializer && ts.isClassExpression(initializer);
    if (isLocal && !isFunction && !isClass) return;
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    const kind = isFunction ? "function" : isClass ? "class" : isConst ? "constant" : "variable";
    const whole = statement.declarationList.declarations.length === 1 ? statement : binding;
    const number = add(binding, { name: binding.name, kind, container, isExported, whole });
    note(number);
    if (isClass) declareMembers(initializer.members, number, isExported);
    if (initializer && ts.isObjectLiteralExpression(initializer)) declareProperties(initializer, number, isExported);
  }

  function declareProperties(literal: ts.ObjectLiteralExpression, container: number, isExported: boolean): void {
    for (const property of literal.properties) {
      if (ts.isSpreadAssignment(property) || ts.isShorthandPropertyAssignment(property)) continue;
      if (!isPlainName(property.name)) continue;
      const value = ts.isPropertyAssignment(property) ? unwrap(property.initializer) : property;
      const isFunction = !ts.isPropertyAssignment(property) || (value && ts.isFunctionLike(value));
      add(property, {
        name: property.name,
        kind: isFunction ? "method" : "property",
        container,
        isExported,
        isStatic: true,
      });
    }
  }

  function declareMembers(
    members: ts.NodeArray<ts.ClassElement> | ts.NodeArray<ts.TypeElement>,
    container: number,
    isExported: boolean,
  ): void {
    for (const member of members) {
      const isStatic = hasModifier(member, ts.SyntaxKind.StaticKeyword);
      const isPrivate = hasModifier(member, ts.SyntaxKind.PrivateKeyword);
      const visible = { container, isExported: isExported && !isPrivate, isStatic };
      if (ts.isConstructorDeclaration(member)) {
        add(member, { ...visible, name: member.getFirstToken(file) ?? member, kind: "constructor" });
        for (const parameter of member.parameters)
          if (parameter.modifiers?.length && ts.isIdentifier(parameter.name))
            add(parameter, { ...visible, name: parameter.name, kind: "property" });
        continue;
      }
      const { name } = member;
      if (!name || !isPlainName(name)) continue;
      const isMethod =
        ts.isMethodDeclaration(member) ||
        ts.isMethodSignature(member) ||
        (ts.isPropertyDeclaration(member) && member.initializer && ts.isFunctionLike(member.initializer));
      add(member, { ...visible, name, kind: isMethod ? "method" : "property" });
    }
  }

  function readImport(statement: ts.ImportDeclaration): void {
    const clause = statement.importClause;
    const number = addImport(statement.moduleSpecifier, clause?.isTypeOnly ? "type-import" : "import");
    if (!clause) return;
    if (clause.name) imported.set(clause, { kind: "imported", import: number, name: "default" });
    const named = clause.namedBindings;
    if (named && ts.isNamespaceImport(named)) imported.set(named, { kind: "imported", import: number, name: "*" });
    if (named && ts.isNamedImports(named))
      for (const one of named.elements)
        imported.set(one, { kind: "imported", import: number, name: (one.propertyName ?? one.name).text });
  }

  function readExport(statement: ts.ExportDeclaration): void {
    const { moduleSpecifier, exportClause } = statement;
    const number = moduleSpecifier && addImport(moduleSpecifier, "reexport");
    if (!exportClause) {
      if (number !== undefined) stars.push(number);
    } else if (ts.isNamespaceExport(exportClause)) {
      if (number !== undefined)
        exportAs(exportClause.name.text, () => ({ kind: "imported", import: number, name: "*" }));
    } else {
      for (const one of exportClause.elements) {
        const source = one.propertyName ?? one.name;
        if (number === undefined) exportAs(one.name.text, (scopes) => scopes.find(source.text, file));
        else {
          const target: Target = { kind: "imported", import: number, name: source.text };
          imported.set(one, target);
          exportAs(one.name.text, () => target);
        }
      }
    }
  }

  /** `module.exports = …`, `module.exports.x = …`, `exports.x = …` */
  function readCommonJs({ left, right }: ts.BinaryExpression): void {
    if (!ts.isPropertyAccessExpression(left)) return;
    const object = left.expression.getText(file);
    if (object === "module" && left.name.text === "exports") {
      if (ts.isObjectLiteralExpression(right)) {
        for (const property of right.properties) {
          if (ts.isShorthandPropertyAssignment(property))
            exportAs(property.name.text, (scopes) => scopes.find(property.name.text, file));
          else if (ts.isPropertyAssignment(property) && isPlainName(property.name))
            exportAs(nameText(property.name), (scopes) => scopes.valueOf(property.initializer));
        }
      }
      exportAs(EXPORT_ASSIGNMENT, (scopes) => scopes.valueOf(right));
    } else if (object === "exports" || object === "module.exports") {
      exportAs(left.name.text, (scopes) => scopes.valueOf(right));
    }
  }

  function walk(node: ts.Node, isLocal: boolean): void {
    if (ts.isImportDeclaration(node)) return readImport(node);
    if (ts.isExportDeclaration(node)) return readExport(node);
    if (ts.isImportEqualsDeclaration(node)) {
      if (ts.isExternalModuleReference(node.moduleReference))
        imported.set(node, {
          kind: "imported",
          import: addImport(node.moduleReference.expression, "require"),
          name: "*",
        });
    } else if (ts.isExportAssignment(node)) {
      exportAs(node.isExportEquals ? EXPORT_ASSIGNMENT : "default", (scopes) => scopes.valueOf(node.expression));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier)
        imported.set(node, { kind: "imported", import: addImport(specifier, "dynamic-import"), name: "*" });
    } else if (ts.isCallExpression(node) && !imported.has(node.parent)) {
      const required = requireOf(node);
      if (required && !imported.has(node))
        imported.set(node, { kind: "imported", import: addImport(required, "require"), name: "*" });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      imported.set(node, { kind: "imported", import: addImport(node.argument.literal, "type-import"), name: "*" });
    } else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      readCommonJs(node);
    } else if (isLocal && !numbers.has(node)) {
      declare(node, undefined, true);
    }
    const isBody = isLocal || ts.isFunctionLike(node) || ts.isBlock(node);
    ts.forEachChild(node, (child) => walk(child, isBody));
  }

  for (const statement of file.statements) declare(statement, undefined, false);
  walk(file, false);

  return {
    symbols,
    imports,
    numbers,
    imported,
    placeOf,
    finish(scopes) {
      for (const { symbol, node } of typed) {
        const value = scopes.valueOfDeclaration(node);
        // The type of what is an instance is what it is an instance of.
        if (value) symbol.type = value.kind === "instance" ? value.of : { kind: "typeof", of: value };
        const bases = scopes.basesOf(node);
        if (bases.length > 0) symbol.bases = bases;
      }
      const named = exports.map(({ name, target }): ExportFact => ({ name, target: target(scopes) }));
      return { symbols, imports, exports: [...named, ...stars.map((star): ExportFact => ({ star }))] };
    },
  };
}

/** The argument of `require("…")`. */
function requireOf(node: ts.Node): ts.Expression | undefined {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== "require")
    return undefined;
  return node.arguments.length === 1 ? node.arguments[0] : undefined;
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && node.modifiers?.some((modifier) => modifier.kind === kind) === true;
}

/** Without parentheses, `as`, `satisfies`, `!`. */
export function unwrap(node: ts.Expression | undefined): ts.Expression | undefined {
  let inner = node;
  while (
    inner &&
    (ts.isParenthesizedExpression(inner) ||
      ts.isAsExpression(inner) ||
      ts.isSatisfiesExpression(inner) ||
      ts.isNonNullExpression(inner))
  )
    inner = inner.expression;
  return inner;
}

function isPlainName(name: ts.Node): boolean {
  return (
    ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name) || ts.isPrivateIdentifier(name)
  );
}

function nameText(name: ts.Node): string {
  return ts.isIdentifier(name) ||
    ts.isStringLiteralLike(name) ||
    ts.isNumericLiteral(name) ||
    ts.isPrivateIdentifier(name)
    ? name.text
    : "default";
}

function bindingsOf(declaration: ts.VariableDeclaration): (ts.VariableDeclaration | ts.BindingElement)[] {
  if (ts.isIdentifier(declaration.name)) return [declaration];
  const found: ts.BindingElement[] = [];
  const collect = (pattern: ts.BindingPattern) => {
    for (const element of pattern.elements) {
      if (ts.isOmittedExpression(element)) continue;
      if (ts.isIdentifier(element.name)) found.push(element);
      else collect(element.name);
    }
  };
  collect(declaration.name);
  return found;
}

/** Object types written in place: `type A = { … }`, `type A = B & { … }`. */
function literalsOf(type: ts.TypeNode): ts.TypeLiteralNode[] {
  if (ts.isTypeLiteralNode(type)) return [type];
  return ts.isIntersectionTypeNode(type) ? type.types.filter((one) => ts.isTypeLiteralNode(one)) : [];
}

/** The declaration up to its body, on one line. */
function signatureOf(node: ts.Node, file: ts.SourceFile): string {
  const body = "body" in node && node.body ? (node.body as ts.Node) : undefined;
  const members = "members" in node ? (node.members as ts.NodeArray<ts.Node>) : undefined;
  const end = body?.getStart(file) ?? (members ? members.pos - 1 : node.end);
  const text = file.text
    .slice(node.getStart(file), Math.max(end, node.getStart(file)))
    .slice(0, SIGNATURE_CHARACTERS_MAX * 2);
  return text.replace(/\s+/g, " ").trim().slice(0, SIGNATURE_CHARACTERS_MAX);
}

function documentationOf(node: ts.Node): string | undefined {
  const [doc] = ts
    .getJSDocCommentsAndTags(node)
    .filter((one) => ts.isJSDoc(one))
    .slice(-1);
  const text = doc && ts.getTextOfJSDocComment(doc.comment)?.trim().slice(0, DOCUMENTATION_CHARACTERS_MAX);
  return text === "" ? undefined : text;
}
