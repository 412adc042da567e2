// What PHP says of types elsewhere than in declarations: tests with `instanceof`, and types in documentation.
import { testedType, type Tests } from "./narrowing.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

/** The type that a test says the value at `node` is of, of which a member is taken. */
export function testedPhpType(tree: SyntaxTree, node: Node): Node | undefined {
  const isWord = tree.is(node, "variable_name", "member_access_expression", "nullsafe_member_access_expression");
  return isWord && tree.textOf(node) !== "$this" ? testedType(tree, node, PHP_TESTS) : undefined;
}

const PHP_TESTS: Tests = {
  borders: new Set(["function_definition", "method_declaration", "anonymous_function", "arrow_function"]),
  blocks: new Set(["compound_statement", "program"]),
  around(tree, at, below) {
    const role = tree.fieldName(below);
    switch (tree.type(at)) {
      case "if_statement":
      case "else_if_clause":
      case "while_statement":
      case "conditional_expression":
        return role === "body" ? [tree.field(at, "condition")] : [];
      case "binary_expression":
        return role === "right" && isOperation(tree, at, /^(?:&&|and)$/i) ? [tree.field(at, "left")] : [];
      default:
        return [];
    }
  },
  after(tree, statement) {
    if (tree.is(statement, "expression_statement")) {
      const [call] = tree.children(statement);
      const isAssert = tree.textOf(tree.field(call, "function")) === "assert";
      return isAssert ? tree.children(tree.children(tree.field(call, "arguments"))[0]) : [];
    }
    if (!tree.is(statement, "if_statement") || !isExit(tree, tree.field(statement, "body"))) return [];
    return alternatives(tree, tree.field(statement, "condition")).flatMap((one) =>
      tree.is(one, "unary_op_expression") && tree.textOf(one).startsWith("!") ? [tree.field(one, "argument")] : [],
    );
  },
  typeIn(tree, condition, text) {
    if (tree.is(condition, "parenthesized_expression")) return this.typeIn(tree, tree.children(condition)[0], text);
    if (!tree.is(condition, "binary_expression")) return undefined;
    const [left, right] = [tree.field(condition, "left"), tree.field(condition, "right")];
    if (isOperation(tree, condition, /^(?:&&|and)$/i))
      return this.typeIn(tree, left, text) ?? this.typeIn(tree, right, text);
    const isTest = isOperation(tree, condition, /^instanceof$/i) && tree.is(right, "name", "qualified_name");
    // `$value` can be given its value in the test.
    const tested = tree.is(left, "parenthesized_expression") ? tree.children(left)[0] : left;
    const value = tree.is(tested, "assignment_expression") ? tree.field(tested, "left") : tested;
    return isTest && tree.textOf(value) === text ? right : undefined;
  },
  written: (tree, node) => (tree.is(node, "assignment_expression") ? tree.field(node, "left") : undefined),
};

function isOperation(tree: SyntaxTree, node: Node, operator: RegExp): boolean {
  return operator.test(tree.textOf(tree.field(node, "operator")));
}

/** Any of which is enough for the condition to hold. */
function alternatives(tree: SyntaxTree, condition: Node | undefined): Node[] {
  if (condition === undefined) return [];
  if (tree.is(condition, "parenthesized_expression")) return alternatives(tree, tree.children(condition)[0]);
  if (tree.is(condition, "binary_expression") && isOperation(tree, condition, /^(?:\|\||or)$/i))
    return [
      ...alternatives(tree, tree.field(condition, "left")),
      ...alternatives(tree, tree.field(condition, "right")),
    ];
  return [condition];
}

function isExit(tree: SyntaxTree, body: Node | undefined): boolean {
  const last = tree.is(body, "compound_statement") ? tree.children(body).at(-1) : body;
  return (
    tree.is(last, "return_statement", "continue_statement", "break_statement", "exit_statement") ||
    tree.is(tree.children(last)[0], "throw_expression")
  );
}

/** Documentation right before a node, of which attributes are looked past. */
export function documentationBefore(tree: SyntaxTree, node: Node | undefined): string {
  const before = node === undefined ? undefined : tree.previous(node);
  const text = tree.is(before, "comment") ? tree.textOf(before) : "";
  return text.startsWith("/**") ? text.slice(0, DOCUMENTATION_UNITS_MAX) : "";
}

const DOCUMENTATION_UNITS_MAX = 8000;

/** Type that `@tag` gives in documentation: of the variable `name`, if it names one. */
export function documentedType(documentation: string, tag: string, name?: string): string | undefined {
  if (!documentation.includes(tag)) return undefined;
  for (const line of documentation.split("\n")) {
    const at = line.indexOf(`${tag} `);
    if (at < 0) continue;
    const [type = "", variable = ""] = words(line.slice(at + tag.length + 1));
    const named = /^(?:&|\.\.\.)*(\$\w+)/.exec(variable)?.[1];
    if (name === undefined || named === name || (named === undefined && tag === "@var")) return type;
  }
  return undefined;
}

/** What stands before and after the first space outside brackets. */
function words(text: string): string[] {
  const line = text.trim();
  let depth = 0;
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] ?? "";
    if ("<({[".includes(sign)) depth++;
    else if (">)}]".includes(sign)) depth--;
    else if (sign === " " && depth <= 0) return [line.slice(0, at), line.slice(at + 1).trim()];
  }
  return [line.replace(/\s*\*\/$/, "")];
}

export interface DocumentedType {
  name: string;
  isCollection: boolean;
}

/** The class that a documented type names: of `Item[]|null` a collection of `Item`. Undefined: none, or several. */
export function namedType(text: string): DocumentedType | undefined {
  if (text.length > TYPE_UNITS_MAX) return undefined;
  const found = text
    .replace(/^\?/, "")
    .split(/\|(?![^<]*>)/)
    .flatMap((part) => namedPart(part) ?? []);
  return found.length === 1 ? found[0] : undefined;
}

function namedPart(text: string): DocumentedType | undefined {
  const list = LISTS.map((pattern) => pattern.exec(text)?.[1]).find((item) => item !== undefined);
  const name = (list ?? text.replace(/<.*$/, "")).trim();
  const isName = /^\\?[A-Za-z_][\w\\]*$/.test(name) && !ORDINARY_TYPES.test(name);
  return isName ? { name, isCollection: list !== undefined } : undefined;
}

/** Longer types are array shapes and the like. */
const TYPE_UNITS_MAX = 300;

/** `Item[]` and `array<string, Item>`, with the type of what they hold. */
const LISTS = [
  /^\(?([^()]*?)\)?\[\]$/,
  /^(?:(?:non-empty-)?(?:array|list)|iterable|\\?\w*(?:Iterator|Generator|Traversable|Collection))<(?:[^<>]*,)?([^<>,]+)>$/i,
];

const ORDINARY_TYPES =
  /^(?:null|void|never|mixed|bool|boolean|true|false|int|integer|float|double|string|array|iterable|callable|object|resource|scalar|numeric|list)$/i;
