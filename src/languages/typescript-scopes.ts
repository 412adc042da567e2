// Where a name of a TypeScript module leads, by the binder's scopes and by types as they are written.
import ts from "typescript-parser";
import type { Target } from "./facts.ts";
import { unwrap, type Declared } from "./typescript-declarations.ts";

export interface Scopes {
  /** What `name` means at `node`. */
  find(name: string, node: ts.Node): Target;
  /** The symbol, import or local that `name` is declared as there; undefined for a free name. */
  declarationOf(name: string, node: ts.Node): ts.Declaration | undefined;
  /** What an expression's value is. */
  valueOf(expression: ts.Expression): Target;
  /** A value of that type. */
  valueOfType(type: ts.TypeNode): Target;
  /** What the entity name of a type or heritage clause leads to. */
  entity(name: ts.EntityName | ts.Expression): Target;
  /** The value of a variable, property or parameter, or a function's result; undefined when nothing tells. */
  valueOfDeclaration(node: ts.Node): Target | undefined;
  basesOf(node: ts.Node): Target[];
}

const UNKNOWN: Target = { kind: "unknown" };
/** Steps from a local to what it was made of. */
const DEPTH_MAX = 12;

/** Generic types whose values are used as values of their argument: `await` and iteration lead there. */
const TRANSPARENT = new Set(["Promise", "PromiseLike", "Awaited", "Readonly", "Partial", "Required", "NonNullable"]);

/** What the binder leaves on a node; not declared in the package's types. */
interface Bound {
  locals?: ts.SymbolTable;
  symbol?: ts.Symbol;
}

export function createScopes({ numbers, imported }: Declared): Scopes {
  let depth = 0;

  function declarationOf(name: string, node: ts.Node): ts.Declaration | undefined {
    const key = ts.escapeLeadingUnderscores(name);
    for (let scope: ts.Node | undefined = node; scope; scope = scope.parent) {
      const { locals, symbol }: Bound = scope as Bound;
      const isNamespace = ts.isModuleDeclaration(scope) || ts.isEnumDeclaration(scope);
      const { declarations } = locals?.get(key) ?? (isNamespace ? symbol?.exports?.get(key) : undefined) ?? {};
      // A name may be a type and a value; a symbol of ours is the better one.
      if (declarations?.length) return declarations.find((one) => numbers.has(one)) ?? declarations[0];
    }
    return undefined;
  }

  function ofDeclaration(declaration: ts.Node): Target {
    const number = numbers.get(declaration);
    if (number !== undefined) return { kind: "symbol", symbol: number };
    const target = imported.get(declaration);
    if (target) return target;
    if (depth >= DEPTH_MAX) return UNKNOWN;
    depth++;
    try {
      return valueOfDeclaration(declaration) ?? UNKNOWN;
    } finally {
      depth--;
    }
  }

  function find(name: string, node: ts.Node): Target {
    const declaration = declarationOf(name, node);
    return declaration ? ofDeclaration(declaration) : { kind: "free", name };
  }

  function thisAt(node: ts.Node): Target {
    for (let at: ts.Node | undefined = node; at; at = at.parent) {
      if (ts.isClassLike(at)) {
        const number = numbers.get(at) ?? numbers.get(at.parent);
        return number === undefined ? UNKNOWN : { kind: "instance", of: { kind: "symbol", symbol: number } };
      }
    }
    return UNKNOWN;
  }

  function valueOf(expression: ts.Expression): Target {
    const node = unwrap(expression);
    if (!node) return UNKNOWN;
    const target = imported.get(node);
    if (target) return target;
    if (ts.isIdentifier(node)) return find(node.text, node);
    if (ts.isPropertyAccessExpression(node)) return memberOf(valueOf(node.expression), node.name.text);
    if (ts.isNewExpression(node)) return { kind: "instance", of: valueOf(node.expression) };
    if (ts.isAwaitExpression(node)) return valueOf(node.expression);
    if (ts.isCallExpression(node)) return resultOf(valueOf(node.expression));
    if (node.kind === ts.SyntaxKind.ThisKeyword) return thisAt(node);
    if (node.kind === ts.SyntaxKind.SuperKeyword) return thisAt(node);
    if (ts.isClassExpression(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node)) {
      const number = numbers.get(node) ?? numbers.get(node.parent);
      return number === undefined ? UNKNOWN : { kind: "symbol", symbol: number };
    }
    return UNKNOWN;
  }

  function entity(name: ts.EntityName | ts.Expression): Target {
    if (ts.isQualifiedName(name)) return memberOf(entity(name.left), name.right.text);
    return ts.isIdentifier(name) ? find(name.text, name) : valueOf(name);
  }

  function valueOfType(type: ts.TypeNode): Target {
    if (ts.isParenthesizedTypeNode(type)) return valueOfType(type.type);
    if (ts.isTypeReferenceNode(type)) {
      const [argument] = type.typeArguments ?? [];
      if (argument && ts.isIdentifier(type.typeName) && TRANSPARENT.has(type.typeName.text))
        return valueOfType(argument);
      const of = entity(type.typeName);
      return of.kind === "free" || of.kind === "unknown" ? UNKNOWN : { kind: "instance", of };
    }
    if (ts.isImportTypeNode(type)) {
      const module = imported.get(type);
      if (!module || !type.qualifier) return module ?? UNKNOWN;
      return { kind: "instance", of: qualified(module, type.qualifier) };
    }
    if (ts.isTypeQueryNode(type) && !ts.isImportTypeNode(type.exprName)) return entity(type.exprName);
    if (type.kind === ts.SyntaxKind.ThisType) return thisAt(type);
    if (ts.isUnionTypeNode(type)) {
      const known = type.types.map(valueOfType).filter(({ kind }) => kind !== "unknown");
      return known.length === 1 ? (known[0] ?? UNKNOWN) : UNKNOWN;
    }
    return UNKNOWN;
  }

  function qualified(module: Target, name: ts.EntityName): Target {
    return ts.isIdentifier(name)
      ? memberOf(module, name.text)
      : memberOf(qualified(module, name.left), name.right.text);
  }

  function valueOfDeclaration(node: ts.Node): Target | undefined {
    const target = typeAsWritten(node);
    return target && target.kind !== "unknown" && target.kind !== "free" ? target : undefined;
  }

  function typeAsWritten(node: ts.Node): Target | undefined {
    if (ts.isTypeAliasDeclaration(node)) return valueOfType(node.type);
    if (ts.isFunctionLike(node) && !ts.isConstructorDeclaration(node)) return resultOfFunction(node);
    if (ts.isBindingElement(node)) return ofBinding(node);
    if (
      ts.isVariableDeclaration(node) ||
      ts.isPropertyDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isPropertySignature(node) ||
      ts.isPropertyAssignment(node)
    ) {
      if ("type" in node && node.type) {
        if (ts.isFunctionTypeNode(node.type)) return valueOfType(node.type.type);
        return valueOfType(node.type);
      }
      const value = "initializer" in node ? unwrap(node.initializer) : undefined;
      if (!value) return undefined;
      if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) return resultOfFunction(value);
      return valueOf(value);
    }
    return undefined;
  }

  function resultOfFunction(node: ts.SignatureDeclaration): Target | undefined {
    if (node.type) return valueOfType(node.type);
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return valueOf(node.body);
    return undefined;
  }

  /** `const { a: b } = value` */
  function ofBinding(node: ts.BindingElement): Target {
    const pattern = node.parent;
    if (!ts.isObjectBindingPattern(pattern) || node.dotDotDotToken) return UNKNOWN;
    const name = node.propertyName ?? node.name;
    const owner = ofPattern(pattern);
    return ts.isIdentifier(name) ? memberOf(owner, name.text) : UNKNOWN;
  }

  function ofPattern(pattern: ts.ObjectBindingPattern): Target {
    const owner = pattern.parent;
    if (ts.isBindingElement(owner)) return ofBinding(owner);
    if (ts.isParameter(owner)) return owner.type ? valueOfType(owner.type) : UNKNOWN;
    if (owner.type) return valueOfType(owner.type);
    const direct = imported.get(owner);
    if (direct) return direct;
    return owner.initializer ? valueOf(owner.initializer) : UNKNOWN;
  }

  function basesOf(node: ts.Node): Target[] {
    const holder =
      ts.isVariableDeclaration(node) && node.initializer && ts.isClassExpression(node.initializer)
        ? node.initializer
        : node;
    if (ts.isTypeAliasDeclaration(holder) && ts.isIntersectionTypeNode(holder.type))
      return holder.type.types
        .flatMap((type) => (ts.isTypeReferenceNode(type) ? [entity(type.typeName)] : []))
        .filter(isKnown);
    if (!ts.isClassLike(holder) && !ts.isInterfaceDeclaration(holder)) return [];
    return (holder.heritageClauses ?? [])
      .flatMap(({ types }) => types.map(({ expression }) => entity(expression)))
      .filter(isKnown);
  }

  return { find, declarationOf, valueOf, valueOfType, entity, valueOfDeclaration, basesOf };
}

const isKnown = ({ kind }: Target) => kind !== "unknown" && kind !== "free";

function memberOf(object: Target, name: string): Target {
  return isKnown(object) ? { kind: "member", object, name } : UNKNOWN;
}

function resultOf(of: Target): Target {
  return isKnown(of) ? { kind: "result", of } : UNKNOWN;
}
