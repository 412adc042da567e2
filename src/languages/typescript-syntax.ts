// The parser that TypeScript facts are read with, and the few of its internals that are used.
// The version is pinned exactly: binder tables are not part of its public types.
import { createRequire } from "node:module";
import type ts from "typescript-parser";

type Parser = typeof ts;
/** Which syntax is read; of JavaScript always with JSX. */
export type ScriptKind = "JSX" | "TS" | "TSX";
type Predicates = ReturnType<typeof predicatesOf>;

/**
 * The parser's predicates, numbers and walk on one plain object, there once something was parsed: its own exports are getters of a huge
 * one, 20 times slower.
 */
export let is: Predicates;
let loaded: Parser | undefined;

/**
 * By `require` and on first use: its 9 MB take 0.14 s of CPU for each thread, and by `import`, which searches them for
 * names first, 0.42 s (Node 20).
 */
function loadParser(): Parser {
  if (loaded) return loaded;
  loaded = createRequire(import.meta.url)("typescript-parser") as Parser;
  is = predicatesOf(loaded);
  return loaded;
}

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
  scriptKind: ScriptKind;
}): ts.SourceFile {
  const parser = loadParser();
  const isJavascript = scriptKind === "JSX";
  const source = parser.createSourceFile(
    path,
    text,
    {
      languageVersion: parser.ScriptTarget.Latest,
      // JSDoc holds types in JavaScript alone; elsewhere documentation is cut from the text.
      jsDocParsingMode: isJavascript ? parser.JSDocParsingMode.ParseAll : parser.JSDocParsingMode.ParseNone,
    },
    // Parents are set by the binder: once more here is a walk over the whole tree, 5 % of reading a text.
    false,
    parser.ScriptKind[scriptKind],
  );
  // Exported by the module, absent from its public types.
  const { bindSourceFile } = parser as unknown as {
    bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  };
  bindSourceFile(source, { allowJs: true });
  return source;
}

/** Specifiers of imports and where they stand, found without building a tree. */
export function scanImports(text: string): { specifier: string; pos: number }[] {
  const { importedFiles } = loadParser().preProcessFile(text, true, true);
  return importedFiles.map(({ fileName, pos }) => ({ specifier: fileName, pos }));
}

function predicatesOf(parser: Parser) {
  return {
    kinds: parser.SyntaxKind,
    flags: parser.SymbolFlags,
    nodeFlags: parser.NodeFlags,
    leadingComments: parser.getLeadingCommentRanges,
    jsDocType: parser.getJSDocType,
    jsDocReturnType: parser.getJSDocReturnType,
    isJsDocImport: parser.isJSDocImportTag,
    isTemplate: parser.isTemplateExpression,
    forEachChild: parser.forEachChild,
    /** A name as tables of symbols have it, with one more `_` where two begin it; and back. */
    // TypeScript only marks such text as something else.
    keyOf: (name: string) => parser.escapeLeadingUnderscores(name) as string,
    nameOf: (key: string) => parser.unescapeLeadingUnderscores(key as ts.__String),
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
    isMappedType: parser.isMappedTypeNode,
    isConditionalType: parser.isConditionalTypeNode,
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
    isJsDocProperty: parser.isJSDocPropertyTag,
    isJsDocTypedef: parser.isJSDocTypedefTag,
    isJsDocTypeExpression: parser.isJSDocTypeExpression,
    isJsDocTypeLiteral: parser.isJSDocTypeLiteral,
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
