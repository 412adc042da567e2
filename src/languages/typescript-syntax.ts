// The parser that TypeScript facts are read with, and the few of its internals that are used.
// The version is pinned exactly: binder tables are not part of its public types.
import ts from "typescript-parser";

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
export function parseTypescript({
  path,
  text,
  scriptKind,
}: {
  path: string;
  text: string;
  scriptKind: ts.ScriptKind;
}): ts.SourceFile {
  const isJavascript = scriptKind === ts.ScriptKind.JS || scriptKind === ts.ScriptKind.JSX;
  const source = ts.createSourceFile(
    path,
    text,
    {
      languageVersion: ts.ScriptTarget.Latest,
      // JSDoc holds types in JavaScript alone; elsewhere documentation is cut from the text.
      jsDocParsingMode: isJavascript ? ts.JSDocParsingMode.ParseAll : ts.JSDocParsingMode.ParseNone,
    },
    true,
    scriptKind,
  );
  // Exported by the module, absent from its public types.
  const { bindSourceFile } = ts as unknown as {
    bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  };
  bindSourceFile(source, { allowJs: true });
  return source;
}

/** The predicates of the parser on one plain object: its own exports are getters of a huge one, 20 times slower. */
export const is = {
  kinds: ts.SyntaxKind,
  flags: ts.SymbolFlags,
  forEachChild: ts.forEachChild,
  isArrayLiteral: ts.isArrayLiteralExpression,
  isArrayType: ts.isArrayTypeNode,
  isArrow: ts.isArrowFunction,
  isAs: ts.isAsExpression,
  isAwait: ts.isAwaitExpression,
  isBinary: ts.isBinaryExpression,
  isBindingElement: ts.isBindingElement,
  isBlock: ts.isBlock,
  isCall: ts.isCallExpression,
  isCallSignature: ts.isCallSignatureDeclaration,
  isNamedTupleMember: ts.isNamedTupleMember,
  isClass: ts.isClassLike,
  isClassExpression: ts.isClassExpression,
  isConditional: ts.isConditionalExpression,
  isConstructor: ts.isConstructorDeclaration,
  isDecorator: ts.isDecorator,
  isElementAccess: ts.isElementAccessExpression,
  isEnum: ts.isEnumDeclaration,
  isEnumMember: ts.isEnumMember,
  isExportAssignment: ts.isExportAssignment,
  isExportDeclaration: ts.isExportDeclaration,
  isExportSpecifier: ts.isExportSpecifier,
  isExternalModuleReference: ts.isExternalModuleReference,
  isForOf: ts.isForOfStatement,
  isFunctionDeclaration: ts.isFunctionDeclaration,
  isFunctionExpression: ts.isFunctionExpression,
  isFunctionLike: ts.isFunctionLike,
  isFunctionType: ts.isFunctionTypeNode,
  isGetter: ts.isGetAccessorDeclaration,
  isHeritageClause: ts.isHeritageClause,
  isIdentifier: ts.isIdentifier,
  isImportAttribute: ts.isImportAttribute,
  isImportClause: ts.isImportClause,
  isImportDeclaration: ts.isImportDeclaration,
  isImportEquals: ts.isImportEqualsDeclaration,
  isImportSpecifier: ts.isImportSpecifier,
  isImportType: ts.isImportTypeNode,
  isIndexedAccessType: ts.isIndexedAccessTypeNode,
  isInterface: ts.isInterfaceDeclaration,
  isIntersectionType: ts.isIntersectionTypeNode,
  isJsxAttribute: ts.isJsxAttribute,
  isLiteralType: ts.isLiteralTypeNode,
  isMethod: ts.isMethodDeclaration,
  isMethodSignature: ts.isMethodSignature,
  isModule: ts.isModuleDeclaration,
  isModuleBlock: ts.isModuleBlock,
  isNamedExports: ts.isNamedExports,
  isNamedImports: ts.isNamedImports,
  isNamespaceExport: ts.isNamespaceExport,
  isNamespaceImport: ts.isNamespaceImport,
  isNew: ts.isNewExpression,
  isNonNull: ts.isNonNullExpression,
  isObjectLiteral: ts.isObjectLiteralExpression,
  isObjectPattern: ts.isObjectBindingPattern,
  isArrayPattern: ts.isArrayBindingPattern,
  isParameter: ts.isParameter,
  isParenthesized: ts.isParenthesizedExpression,
  isParenthesizedType: ts.isParenthesizedTypeNode,
  isPrivateIdentifier: ts.isPrivateIdentifier,
  isPropertyAccess: ts.isPropertyAccessExpression,
  isPropertyAssignment: ts.isPropertyAssignment,
  isPropertyDeclaration: ts.isPropertyDeclaration,
  isPropertySignature: ts.isPropertySignature,
  isQualifiedName: ts.isQualifiedName,
  isReturn: ts.isReturnStatement,
  isSatisfies: ts.isSatisfiesExpression,
  isSetter: ts.isSetAccessorDeclaration,
  isShorthand: ts.isShorthandPropertyAssignment,
  isSourceFile: ts.isSourceFile,
  isSpread: ts.isSpreadAssignment,
  isStringLike: ts.isStringLiteralLike,
  isAssignment: (kind: ts.SyntaxKind) => kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment,
  isJsx: (node: ts.Node): node is ts.JsxOpeningLikeElement | ts.JsxClosingElement =>
    ts.isJsxOpeningLikeElement(node) || ts.isJsxClosingElement(node),
  isLabel: (node: ts.Node) => ts.isLabeledStatement(node) || ts.isBreakOrContinueStatement(node),
  isMappedType: ts.isMappedTypeNode,
  isConditionalType: ts.isConditionalTypeNode,
  isMetaProperty: ts.isMetaProperty,
  isUpdate: (node: ts.Node) =>
    ts.isPostfixUnaryExpression(node) ||
    (ts.isPrefixUnaryExpression(node) &&
      (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)),
  isStatement: ts.isStatement,
  isCaseOrBlock: (node: ts.Node) => ts.isCaseBlock(node) || ts.isCaseOrDefaultClause(node) || ts.isCatchClause(node),
  isExpressionStatement: ts.isExpressionStatement,
  isJsDocType: (node: ts.Node) => ts.isJSDocTypedefTag(node) || ts.isJSDocCallbackTag(node),
  isClassElement: ts.isClassElement,
  isTaggedTemplate: ts.isTaggedTemplateExpression,
  isTypeAlias: ts.isTypeAliasDeclaration,
  isTypeAssertion: ts.isTypeAssertionExpression,
  isTypeLiteral: ts.isTypeLiteralNode,
  isTypeOperator: ts.isTypeOperatorNode,
  isTypeParameter: ts.isTypeParameterDeclaration,
  isTypePredicate: ts.isTypePredicateNode,
  isTypeQuery: ts.isTypeQueryNode,
  isTypeReference: ts.isTypeReferenceNode,
  isTupleType: ts.isTupleTypeNode,
  isUnionType: ts.isUnionTypeNode,
  isVariable: ts.isVariableDeclaration,
  isVariableList: ts.isVariableDeclarationList,
  isVariableStatement: ts.isVariableStatement,
  isWithTypeArguments: ts.isExpressionWithTypeArguments,
};
