// What defines something in each of the languages whose symbols alone are read.
import { cleanComment } from "./draft.ts";
import type { SymbolKind } from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export interface Defined {
  name: Node;
  /** Its name where that is not what is written. */
  as?: string;
  kind: SymbolKind;
  body?: Node | undefined;
  /** The whole of it, where it begins before the node: behind its signature. */
  node?: Node | undefined;
  /** Name of what it is a member of, where that is declared elsewhere in the file. */
  owner?: string | undefined;
  documentation?: string | undefined;
  /** What is defined within are its members. */
  isContainer?: boolean;
  /** Not to be named in other files. */
  isHidden?: boolean;
  isTest?: boolean;
}

type Read = (tree: SyntaxTree, node: Node) => Defined[] | undefined;

function one(name: Node | undefined, kind: SymbolKind, more: Omit<Defined, "name" | "kind"> = {}): Defined[] {
  return name === undefined ? [] : [{ name, kind, ...more }];
}

const bash: Read = (tree, node) => {
  const name = tree.field(node, "name");
  switch (tree.type(node)) {
    case "function_definition":
      return one(name, "function", { body: tree.field(node, "body") });
    case "variable_assignment": {
      const around = tree.parent(node);
      // `X=1 command` sets it for that command alone, and `X+=1` for what has been set.
      if (
        !tree.is(around, "program", "declaration_command", "list", "if_statement", "else_clause", "compound_statement")
      )
        return [];
      const isConstant =
        tree.is(around, "declaration_command") && /^(?:readonly|declare\s+-\w*r)/.test(tree.textOf(around));
      return tree.is(name, "variable_name") ? one(name, isConstant ? "constant" : "variable") : [];
    }
    default:
      return undefined;
  }
};

const ELIXIR: Record<string, SymbolKind> = {
  def: "function",
  defp: "function",
  defdelegate: "function",
  defguard: "macro",
  defguardp: "macro",
  defmacro: "macro",
  defmacrop: "macro",
  defmodule: "module",
  defprotocol: "interface",
  defimpl: "module",
  test: "function",
  describe: "module",
};

const elixir: Read = (tree, node) => {
  if (!tree.is(node, "call")) return undefined;
  const word = tree.textOf(tree.field(node, "target"));
  const kind = Object.hasOwn(ELIXIR, word) ? ELIXIR[word] : undefined;
  const [first] = tree.children(tree.child(node, "arguments"));
  const body = tree.child(node, "do_block");
  if (kind === undefined || first === undefined) {
    const attribute = tree.parent(node);
    if (!tree.is(attribute, "unary_operator") || !/^(?:type|opaque|callback)$/.test(word) || first === undefined)
      return undefined;
    const left = tree.field(first, "left") ?? first;
    return one(tree.field(left, "target") ?? left, word === "callback" ? "method" : "type");
  }
  if (word === "test" || word === "describe")
    return tree.is(first, "string")
      ? one(first, kind, { as: tree.textOf(first).slice(1, -1), body, isTest: true })
      : [];
  if (kind === "module" || kind === "interface")
    return tree.is(first, "alias") ? one(first, kind, { body, documentation: moduleDocumentation(tree, body) }) : [];
  // `def f(a) when a`, `def a + b`.
  const head =
    tree.is(first, "binary_operator") && tree.textOf(tree.field(first, "operator")) === "when"
      ? tree.field(first, "left")
      : first;
  const name = tree.is(head, "call") ? tree.field(head, "target") : head;
  return tree.is(name, "identifier")
    ? one(name, kind, { body, isHidden: word.endsWith("p"), documentation: attributeDocumentation(tree, node) })
    : [];
};

/** What `@doc` before a definition says, looking past other attributes. */
function attributeDocumentation(tree: SyntaxTree, node: Node): string | undefined {
  for (let at = tree.previous(node); tree.is(at, "unary_operator"); at = tree.previous(at)) {
    const found = documentationIn(tree, at, "doc");
    if (found !== undefined) return found;
  }
  return undefined;
}

function moduleDocumentation(tree: SyntaxTree, body: Node | undefined): string | undefined {
  return tree
    .children(body)
    .map((child) => documentationIn(tree, child, "moduledoc"))
    .find((found) => found !== undefined);
}

function documentationIn(tree: SyntaxTree, attribute: Node, word: string): string | undefined {
  const call = tree.is(attribute, "unary_operator") ? tree.field(attribute, "operand") : undefined;
  if (tree.textOf(tree.field(call, "target")) !== word) return undefined;
  return cleanComment(tree.textOf(tree.child(tree.child(tree.child(call, "arguments"), "string"), "quoted_content")));
}

/** Undefined: the module offers all that it declares. */
function haskellExports(tree: SyntaxTree): Set<string> | undefined {
  const list = tree.field(tree.child(tree.root, "header"), "exports");
  return list === undefined
    ? undefined
    : new Set(tree.children(list).map((each) => tree.textOf(tree.children(each)[0])));
}

/** The type signature right before a function: its documentation stands before that. */
function signatureBefore(tree: SyntaxTree, node: Node, name: Node | undefined): Node | undefined {
  const before = tree.previous(node);
  return tree.is(before, "signature") && tree.textOf(tree.field(before, "name")) === tree.textOf(name)
    ? before
    : undefined;
}

const haskell: Read = (tree, node) => {
  const name = tree.field(node, "name");
  const isTop = tree.is(tree.parent(node), "declarations");
  const hide = (of: Node | undefined) => ({ isHidden: haskellExports(tree)?.has(tree.textOf(of)) === false });
  switch (tree.type(node)) {
    case "data_type":
      return one(name, "type", hide(name));
    case "newtype":
    case "type_synomym":
    case "type_family":
      return one(name, "type", hide(name));
    case "class":
      return one(name, "interface", { body: tree.field(node, "declarations"), ...hide(name) });
    case "newtype_constructor":
    case "record":
    case "prefix":
      return tree.is(name, "constructor") ? one(name, "constructor") : [];
    case "field_name":
      return one(tree.child(node, "variable"), "property");
    case "signature":
      return tree.is(tree.parent(node), "class_declarations") ? one(name, "method") : [];
    case "function":
    case "bind": {
      const named = name ?? tree.field(tree.child(node, "infix"), "operator");
      const signature = signatureBefore(tree, node, named);
      return isTop
        ? one(named, "function", {
            body: signature === undefined ? tree.field(node, "match") : undefined,
            node: signature,
            ...hide(named),
          })
        : [];
    }
    default:
      return undefined;
  }
};

/** `resource "aws_x" "main"` is `aws_x.main`, as it is named elsewhere. */
const hcl: Read = (tree, node) => {
  const children = tree.children(node);
  const word = tree.textOf(children[0]);
  if (tree.is(node, "block")) {
    const labels = children.filter((child) => tree.is(child, "string_lit"));
    const label = labels.at(-1);
    const at = tree.child(label, "template_literal") ?? label;
    const names = labels.map((label) => tree.textOf(label).replaceAll('"', ""));
    const as = [...(word === "resource" ? [] : [word === "variable" ? "var" : word]), ...names].join(".");
    const kind =
      word === "variable" || word === "output"
        ? "variable"
        : word === "module" || word === "provider"
          ? "module"
          : "struct";
    return at === undefined || !tree.is(tree.parent(tree.parent(node) ?? node), "config_file")
      ? []
      : one(at, kind, { as });
  }
  if (!tree.is(node, "attribute")) return undefined;
  const block = tree.parent(tree.parent(node) ?? node);
  const isLocal = tree.is(block, "block") && tree.textOf(tree.children(block)[0]) === "locals";
  const isTop = tree.is(block, "config_file");
  return isLocal ? one(children[0], "constant", { as: `local.${word}` }) : isTop ? one(children[0], "variable") : [];
};

const lua: Read = (tree, node) => {
  const type = tree.type(node);
  const isLocal = tree.fieldName(node) === "local_declaration";
  if (type === "function_declaration") {
    const name = tree.field(node, "name");
    const isMember = tree.is(name, "dot_index_expression", "method_index_expression");
    const simple = isMember ? (tree.field(name, "field") ?? tree.field(name, "method")) : name;
    const owner = isMember ? tree.textOf(tree.field(name, "table")) : undefined;
    return one(simple, isMember ? "method" : "function", { body: tree.field(node, "body"), isHidden: isLocal, owner });
  }
  if (type === "field") {
    const name = tree.field(node, "name");
    return tree.is(name, "identifier") && tree.is(tree.field(node, "value"), "function_definition")
      ? one(name, "method")
      : [];
  }
  if (type !== "assignment_statement") return undefined;
  const values = tree.fields(tree.child(node, "expression_list"), "value");
  const isHidden = tree.is(tree.parent(node), "variable_declaration");
  return tree.fields(tree.child(node, "variable_list"), "name").flatMap((name, index) => {
    const isFunction = tree.is(values[index], "function_definition");
    if (tree.is(name, "dot_index_expression"))
      return one(tree.field(name, "field"), isFunction ? "method" : "property", {
        owner: tree.textOf(tree.field(name, "table")),
      });
    const isConstant = /^[A-Z][A-Z0-9_]+$/.test(tree.textOf(name));
    return tree.is(name, "identifier")
      ? one(name, isFunction ? "function" : isConstant ? "constant" : "variable", {
          isHidden,
          isContainer: tree.is(values[index], "table_constructor"),
        })
      : [];
  });
};

const ocaml: Read = (tree, node) => {
  const child = (...types: string[]) => tree.child(node, ...types);
  switch (tree.type(node)) {
    case "let_binding": {
      const name = tree.field(node, "pattern");
      const isFunction =
        child("parameter") !== undefined || tree.is(tree.field(node, "body"), "fun_expression", "function_expression");
      return tree.is(name, "value_name", "parenthesized_operator")
        ? one(name, isFunction ? "function" : "variable", { body: tree.field(node, "body") })
        : [];
    }
    case "value_specification":
    case "external":
      return one(child("value_name", "parenthesized_operator"), "function");
    case "type_binding":
      return one(tree.field(node, "name"), "type", { body: tree.field(node, "body") });
    case "constructor_declaration":
      return one(
        child("constructor_name"),
        tree.is(tree.parent(node), "exception_definition") ? "class" : "enum_member",
      );
    case "field_declaration":
      return one(child("field_name"), "property");
    case "module_binding":
      return one(child("module_name"), "module", { body: tree.field(node, "body") });
    case "module_type_definition":
      return one(child("module_type_name"), "interface", { body: tree.field(node, "body") });
    case "class_binding":
      return one(child("class_name"), "class", { body: tree.field(node, "body") });
    case "method_definition":
      return one(child("method_name"), "method", { body: tree.field(node, "body") });
    case "instance_variable_definition":
      return one(child("instance_variable_name"), "property");
    default:
      return undefined;
  }
};

const zig: Read = (tree, node) => {
  const isHidden =
    tree.child(node, "pub") === undefined &&
    !tree.textOf(node).startsWith("pub ") &&
    !tree.textOf(node).startsWith("export ");
  switch (tree.type(node)) {
    case "function_declaration": {
      const isMember = tree.is(
        tree.parent(node),
        "struct_declaration",
        "enum_declaration",
        "union_declaration",
        "opaque_declaration",
      );
      return one(tree.field(node, "name"), isMember ? "method" : "function", {
        body: tree.field(node, "body"),
        isHidden,
      });
    }
    case "variable_declaration": {
      const value = tree.children(node).at(-1);
      const name = tree.child(node, "identifier");
      const kinds: Record<string, SymbolKind> = {
        struct_declaration: "struct",
        union_declaration: "struct",
        opaque_declaration: "struct",
        enum_declaration: "enum",
        error_set_declaration: "enum",
      };
      const type = value === undefined ? "" : tree.type(value);
      const isConstant = tree.child(node, "const") !== undefined;
      return one(name, kinds[type] ?? (isConstant ? "constant" : "variable"), {
        isHidden,
        body: kinds[type] === undefined ? undefined : value,
      });
    }
    case "container_field":
      return one(
        tree.field(node, "name"),
        tree.is(tree.parent(node), "enum_declaration") ? "enum_member" : "property",
        { isHidden: false },
      );
    case "test_declaration": {
      const name = tree.child(node, "string", "identifier");
      return one(name, "function", {
        as: tree.textOf(name).replaceAll('"', ""),
        isHidden: true,
        isTest: true,
        body: tree.child(node, "block"),
      });
    }
    default:
      return undefined;
  }
};

export const OUTLINES: Record<string, Read> = { bash, elixir, haskell, hcl, lua, ocaml, zig };
