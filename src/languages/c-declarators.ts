// C's declarators: what `int *(*f[3])(void)` declares.
import type { Node, SyntaxTree } from "./syntax-tree.ts";

const NAMES = [
  "identifier",
  "field_identifier",
  "type_identifier",
  "qualified_identifier",
  "destructor_name",
  "operator_name",
  "operator_cast",
  "template_function",
];

/** The name in a declarator, however deep it is. */
export function declaredName(tree: SyntaxTree, declarator: Node | undefined): Node | undefined {
  let at = declarator;
  while (at !== undefined && !tree.is(at, ...NAMES)) at = inside(tree, at);
  return tree.is(at, "template_function") ? tree.field(at, "name") : at;
}

function inside(tree: SyntaxTree, node: Node): Node | undefined {
  return (
    tree.field(node, "declarator") ??
    tree.children(node).find((child) => tree.type(child).endsWith("declarator") || tree.is(child, ...NAMES))
  );
}

/** What is declared, or given, is a pointer to the type. */
export function isPointerDeclarator(tree: SyntaxTree, declarator: Node | undefined): boolean {
  let at = declarator;
  while (at !== undefined && !tree.is(at, "pointer_declarator", ...NAMES)) at = inside(tree, at);
  return tree.is(at, "pointer_declarator");
}

/** A function, and not a pointer to one. */
export function isFunctionDeclarator(tree: SyntaxTree, declarator: Node): boolean {
  let at: Node | undefined = declarator;
  while (at !== undefined && !tree.is(at, ...NAMES)) {
    if (tree.is(at, "function_declarator")) return !tree.is(inside(tree, at), "parenthesized_declarator");
    at = inside(tree, at);
  }
  return false;
}

export const MACRO_NAME = /^[A-Z][A-Z0-9_]*$/;

/**
 * `name` of `MACRO(name)(int)`, of which a macro makes another: nothing else is written so, as no function gives functions. A type,
 * a member or a parameter is a pointer to functions then.
 */
export function handedName(tree: SyntaxTree, declarator: Node | undefined): Node | undefined {
  let at = declarator;
  while (tree.is(at, "pointer_declarator")) at = tree.field(at, "declarator");
  return tree.is(at, "function_declarator") ? handedTo(tree, tree.field(at, "declarator")) : undefined;
}

/** The same of `MACRO(name)[3]` and `MACRO(name) = 3`, which are no functions, and of `MACRO(name)` of what is known as a macro. */
export function handedVariable(
  tree: SyntaxTree,
  { declarator, isMacro }: { declarator: Node; isMacro: (name: string) => boolean },
): Node | undefined {
  let at: Node | undefined = declarator;
  while (tree.is(at, "pointer_declarator", "array_declarator", "init_declarator")) at = tree.field(at, "declarator");
  const isNoFunction = tree.is(declarator, "array_declarator", "init_declarator");
  return isNoFunction || isMacro(tree.textOf(tree.field(at, "declarator"))) ? handedTo(tree, at) : undefined;
}

function handedTo(tree: SyntaxTree, made: Node | undefined): Node | undefined {
  if (!tree.is(made, "function_declarator")) return undefined;
  const [name, ...others] = tree.children(tree.field(made, "parameters"));
  if (name === undefined || others.length > 0 || tree.children(name).length > 1) return undefined;
  return MACRO_NAME.test(tree.textOf(tree.field(made, "declarator"))) ? tree.child(name, "type_identifier") : undefined;
}

/** Declarators of a declaration; C++'s `T x` as a reference is one as well. */
export function declaratorsOf(tree: SyntaxTree, node: Node): Node[] {
  return tree.fields(node, "declarator");
}
