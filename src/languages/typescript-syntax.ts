// The parser that TypeScript facts are read with, as a value handed in, and the few of its internals that are used.
// The version is pinned exactly: binder tables are not part of its public types.
import type ts from "typescript-parser";

export type TypescriptParser = typeof ts;

/** What the binder leaves on a symbol. */
export interface BoundSymbol {
  flags: number;
  declarations?: ts.Node[];
  members?: Map<string, BoundSymbol>;
  exports?: Map<string, BoundSymbol>;
  /** Of the local half of an exported declaration: the half that merges. */
  exportSymbol?: BoundSymbol;
}

/** What the binder leaves on a node. */
export interface BoundNode extends ts.Node {
  symbol?: BoundSymbol;
  localSymbol?: BoundSymbol;
  locals?: Map<string, BoundSymbol>;
  jsDoc?: ts.JSDoc[];
}

/** Any node may carry the binder's tables; reading them is always allowed. */
export function bound(node: ts.Node): BoundNode {
  return node as BoundNode;
}

/**
 * The syntax tree of a text with its scopes bound. Nothing is resolved beyond the file. Throws RangeError where nesting
 * exceeds the stack.
 */
export function parseTypescript(
  parser: TypescriptParser,
  { path, text, scriptKind }: { path: string; text: string; scriptKind: ts.ScriptKind },
): ts.SourceFile {
  const isJavascript = scriptKind === parser.ScriptKind.JS || scriptKind === parser.ScriptKind.JSX;
  const source = parser.createSourceFile(
    path,
    text,
    {
      languageVersion: parser.ScriptTarget.Latest,
      // JSDoc holds types in JavaScript alone; elsewhere documentation is cut from the text.
      jsDocParsingMode: isJavascript ? parser.JSDocParsingMode.ParseAll : parser.JSDocParsingMode.ParseNone,
    },
    true,
    scriptKind,
  );
  // Exported by the module, absent from its public types.
  const { bindSourceFile } = parser as unknown as {
    bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  };
  bindSourceFile(source, { allowJs: true });
  return source;
}

const syntaxes = new WeakMap<TypescriptParser, Syntax>();

/** The predicates of the parser on one plain object: its own exports are getters of a huge one, 20 times slower. */
export function syntaxOf(parser: TypescriptParser): Syntax {
  let syntax = syntaxes.get(parser);
  if (!syntax) syntaxes.set(parser, (syntax = pickSyntax(parser)));
  return syntax;
}

export type Syntax = ReturnType<typeof pickSyntax>;

function pickSyntax(parser: TypescriptParser) {
  return {
    kinds: parser.SyntaxKind,
    flags: parser.SymbolFlags,
    forEachChild: parser.forEachChild,
    isArrayLiteral: parser.isArrayLiteralExpression,
    isArrayType: parser.isArrayTypeNode,
    isArrow: parser.isArrowFunction,
    isAs: parser.isAsExpression,
    isAwait: parser.isAwaitExpression,
    isBinary: parser.isBinaryExpression,
    isBindingElement: parser.isBindingElement,
    isBlock: parser.isBlock,
    isCall: parser.isCallExpression,
    isCallSignature: parser.isCallSignatureDeclaration,
    isNamedTupleMember: parser.isNamedTupleMember,
    isClass: parser.isClassLike,
    isClassExpression: parser.isClassExpression,
    isConditional: parser.isConditionalExpression,
    isConstructor: parser.isConstructorDeclaration,
    isDecorator: parser.isDecorator,
    isElementAccess: parser.isElementAccessExpression,
    isEnum: parser.isEnumDeclaration,
    isEnumMember: parser.isEnumMember,
    isExportAssignment: parser.isExportAssignment,
    isExportDeclaration: parser.isExportDeclaration,
    isExportSpecifier: parser.isExportSpecifier,
    isExternalModuleReference: parser.isExternalModuleReference,
    isForOf: parser.isForOfStatement,
    isFunctionDeclaration: parser.isFunctionDeclaration,
    isFunctionExpression: parser.isFunctionExpression,
    isFunctionLike: parser.isFunctionLike,
    isFunctionType: parser.isFunctionTypeNode,
    isGetter: parser.isGetAccessorDeclaration,
    isHeritageClause: parser.isHeritageClause,
    isIdentifier: parser.isIdentifier,
    isImportAttribute: parser.isImportAttribute,
    isImportClause: parser.isImportClause,
    isImportDeclaration: parser.isImportDeclaration,
    isImportEquals: parser.isImportEqualsDeclaration,
    isImportSpecifier: parser.isImportSpecifier,
    isImportType: parser.isImportTypeNode,
    isIndexedAccessType: parser.isIndexedAccessTypeNode,
    isInterface: parser.isInterfaceDeclaration,
    isIntersectionType: parser.isIntersectionTypeNode,
    isJsxAttribute: parser.isJsxAttribute,
    isLiteralType: parser.isLiteralTypeNode,
    isMethod: parser.isMethodDeclaration,
    isMethodSignature: parser.isMethodSignature,
    isModule: parser.isModuleDeclaration,
    isModuleBlock: parser.isModuleBlock,
    isNamedExports: parser.isNamedExports,
    isNamedImports: parser.isNamedImports,
    isNamespaceExport: parser.isNamespaceExport,
    isNamespaceImport: parser.isNamespaceImport,
    isNew: parser.isNewExpression,
    isNonNull: parser.isNonNullExpression,
    isObjectLiteral: parser.isObjectLiteralExpression,
    isObjectPattern: parser.isObjectBindingPattern,
    isArrayPattern: parser.isArrayBindingPattern,
    isParameter: parser.isParameter,
    isParenthesized: parser.isParenthesizedExpression,
    isParenthesizedType: parser.isParenthesizedTypeNode,
    isPrivateIdentifier: parser.isPrivateIdentifier,
    isPropertyAccess: parser.isPropertyAccessExpression,
    isPropertyAssignment: parser.isPropertyAssignment,
    isPropertyDeclaration: parser.isPropertyDeclaration,
    isPropertySignature: parser.isPropertySignature,
    isQualifiedName: parser.isQualifiedName,
    isReturn: parser.isReturnStatement,
    isSatisfies: parser.isSatisfiesExpression,
    isSetter: parser.isSetAccessorDeclaration,
    isShorthand: parser.isShorthandPropertyAssignment,
    isSourceFile: parser.isSourceFile,
    isSpread: parser.isSpreadAssignment,
    isStringLike: parser.isStringLiteralLike,
    isAssignment: (kind: ts.SyntaxKind) =>
      kind >= parser.SyntaxKind.FirstAssignment && kind <= parser.SyntaxKind.LastAssignment,
    isJsx: (node: ts.Node): node is ts.JsxOpeningLikeElement | ts.JsxClosingElement =>
      parser.isJsxOpeningLikeElement(node) || parser.isJsxClosingElement(node),
    isLabel: (node: ts.Node) => parser.isLabeledStatement(node) || parser.isBreakOrContinueStatement(node),
    isMetaProperty: parser.isMetaProperty,
    isUpdate: (node: ts.Node) =>
      parser.isPostfixUnaryExpression(node) ||
      (parser.isPrefixUnaryExpression(node) &&
        (node.operator === parser.SyntaxKind.PlusPlusToken || node.operator === parser.SyntaxKind.MinusMinusToken)),
    isStatement: parser.isStatement,
    isCaseOrBlock: (node: ts.Node) =>
      parser.isCaseBlock(node) || parser.isCaseOrDefaultClause(node) || parser.isCatchClause(node),
    isExpressionStatement: parser.isExpressionStatement,
    isJsDocType: (node: ts.Node) => parser.isJSDocTypedefTag(node) || parser.isJSDocCallbackTag(node),
    isClassElement: parser.isClassElement,
    isTaggedTemplate: parser.isTaggedTemplateExpression,
    isTypeAlias: parser.isTypeAliasDeclaration,
    isTypeAssertion: parser.isTypeAssertionExpression,
    isTypeLiteral: parser.isTypeLiteralNode,
    isTypeOperator: parser.isTypeOperatorNode,
    isTypeParameter: parser.isTypeParameterDeclaration,
    isTypePredicate: parser.isTypePredicateNode,
    isTypeQuery: parser.isTypeQueryNode,
    isTypeReference: parser.isTypeReferenceNode,
    isTupleType: parser.isTupleTypeNode,
    isUnionType: parser.isUnionTypeNode,
    isVariable: parser.isVariableDeclaration,
    isVariableList: parser.isVariableDeclarationList,
    isVariableStatement: parser.isVariableStatement,
    isWithTypeArguments: parser.isExpressionWithTypeArguments,
  };
}
