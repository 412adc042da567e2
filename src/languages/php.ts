// PHP, as shapes. Variables are looked up with their `$`, so that they are not mistaken for constants and functions.
import type { Facts, SymbolKind } from "./facts.ts";
import { documentationBefore, documentedType, namedType, testedPhpType, type DocumentedType } from "./php-types.ts";
import { visitShapes } from "./read-shapes.ts";
import { openShapeFile, type ShapeFile } from "./shape-file.ts";
import type { Grammar, Shape, TypeShape, Variable } from "./shapes.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function extractPhp({ tree }: { path: string; tree: SyntaxTree }): Facts {
  const of = openShapeFile(tree, PHP);
  const nodes = tree
    .children(tree.root)
    .flatMap((node) => [
      node,
      ...tree.children(tree.is(node, "namespace_definition") ? tree.field(node, "body") : undefined),
    ]);
  for (const node of nodes) if (tree.is(node, "namespace_use_declaration")) visitUse(of, node);
  visitShapes(of, tree.root, of.file);
  const name = tree.textOf(
    tree.field(
      nodes.find((node) => tree.is(node, "namespace_definition")),
      "name",
    ),
  );
  return { ...of.draft.finish(), ...(name && { package: name }) };
}

/** `use A\B\{C, D as E}`; `use function` and `use const` bind names of their own. */
function visitUse({ tree, draft, file }: ShapeFile, node: Node): void {
  const group = tree.field(node, "body");
  const prefix = group === undefined ? "" : `${tree.textOf(tree.child(node, "namespace_name"))}\\`;
  for (const clause of tree.children(group ?? node)) {
    if (!tree.is(clause, "namespace_use_clause")) continue;
    const path = tree.child(clause, "qualified_name", "name");
    if (path === undefined) continue;
    const specifier = (prefix + tree.textOf(path)).replace(/^\\/, "");
    const name = tree.children(path).findLast((child) => tree.is(child, "name")) ?? path;
    const number = draft.import({ specifier, kind: "import" }, path);
    const target = () => ({ kind: "imported", import: number, name: tree.textOf(name) }) as const;
    file.names.set(tree.textOf(tree.field(clause, "alias") ?? name), { target });
    draft.refer("import", name, { scope: file, target });
  }
}

const TYPES: Record<string, SymbolKind> = {
  class_declaration: "class",
  interface_declaration: "interface",
  trait_declaration: "trait",
  enum_declaration: "enum",
};
const INCLUDES = /^(?:require|include)(?:_once)?_expression$/;

const PHP: Grammar = {
  read: readPhp,
  readType: readPhpType,
  modifiers(tree, node) {
    const own = tree.children(node);
    const attributes = own
      .filter((child) => tree.is(child, "attribute_list"))
      .map((child) => tree.textOf(child))
      .join("");
    const name = tree.textOf(tree.field(node, "name"));
    return {
      isExported: !own.some((child) => tree.is(child, "visibility_modifier") && tree.textOf(child) === "private"),
      isStatic:
        own.some((child) => tree.is(child, "static_modifier")) || tree.is(node, "const_declaration", "enum_case"),
      isTest: /\bTest\b/.test(attributes) || (tree.is(node, "method_declaration") && /^test(?:_|\p{Lu})/u.test(name)),
    };
  },
  collections: /^$/,
  holders: /^$/,
  elementMethods: /^$/,
  hasImplicitThis: false,
  testedType: testedPhpType,
  words: new Set([
    "true",
    "false",
    "null",
    "TRUE",
    "FALSE",
    "NULL",
    "__DIR__",
    "__FILE__",
    "__CLASS__",
    "__LINE__",
    "__METHOD__",
    "__NAMESPACE__",
    "__FUNCTION__",
    "PHP_EOL",
    "class",
  ]),
};

function readPhp(tree: SyntaxTree, node: Node): Shape | undefined {
  const type = tree.type(node);
  const field = tree.fieldOf(node);
  const children = tree.children(node);
  switch (type) {
    case "namespace_use_declaration":
    case "namespace_name":
    case "php_tag":
    case "text":
      return { kind: "skip" };
    case "namespace_definition":
      return { kind: "only", of: field("body") };
    case "class_declaration":
    case "interface_declaration":
    case "trait_declaration":
    case "enum_declaration": {
      // As PHP looks for members: of its traits, of its superclass, of interfaces.
      const superclasses = children.filter((child) => tree.is(child, "base_clause"));
      const interfaces = children.filter((child) => tree.is(child, "class_interface_clause"));
      const traits = tree.children(field("body")).filter((child) => tree.is(child, "use_declaration"));
      const namesIn = (clauses: Node[]) =>
        clauses.flatMap((clause) => tree.children(clause).filter((child) => tree.is(child, "name", "qualified_name")));
      return {
        kind: "type",
        as: TYPES[type] ?? "class",
        name: field("name"),
        bases: namesIn([...traits, ...superclasses, ...interfaces]),
        superclass: namesIn(superclasses)[0],
        body: field("body"),
      };
    }
    case "use_declaration":
      return { kind: "skip" };
    case "anonymous_class":
      return { kind: "new", type: tree.children(tree.child(node, "base_clause"))[1], body: field("body") };
    case "function_definition":
    case "method_declaration":
      return {
        kind: "function",
        as: tree.textOf(field("name")) === "__construct" ? "constructor" : "method",
        name: field("name"),
        parameters: parametersOf(tree, field("parameters"), documentationBefore(tree, node)),
        result: field("return_type"),
        documented: documented(tree, node, "@return"),
        body: field("body"),
      };
    case "arrow_function":
    case "anonymous_function":
      return {
        kind: "function",
        as: "function",
        parameters: parametersOf(tree, field("parameters")),
        result: field("return_type"),
        body: field("body"),
      };
    case "property_declaration": {
      const variables = children.flatMap((element) => {
        const name = tree.child(tree.is(element, "property_element") ? tree.field(element, "name") : undefined, "name");
        return name === undefined
          ? []
          : [
              {
                name,
                type: field("type"),
                documented: documented(tree, node, "@var"),
                value: tree.field(element, "default_value"),
                node,
              },
            ];
      });
      return { kind: "variables", as: "property", variables };
    }
    case "const_declaration": {
      const elements = children.filter((child) => tree.is(child, "const_element"));
      return {
        kind: "variables",
        as: "constant",
        variables: elements.flatMap((element) =>
          named(tree.children(element)[0], { value: tree.children(element)[1], node }),
        ),
      };
    }
    case "enum_case":
      return { kind: "variables", as: "enum_member", variables: named(field("name")) };
    case "assignment_expression": {
      const left = field("left");
      const name = tree.is(left, "variable_name") ? tree.child(left, "name") : undefined;
      // A variable of a function is its own from its first assignment on; those of files are no symbols.
      const isLocal = name !== undefined && left !== undefined && tree.textOf(left) !== "$this";
      if (isLocal)
        return {
          kind: "variables",
          variables: [
            {
              name,
              key: tree.textOf(left),
              documented: documented(tree, tree.parent(node), "@var", tree.textOf(left)),
              value: field("right"),
              isLocal: true,
            },
          ],
        };
      return { kind: "assign", left, right: field("right") };
    }
    case "foreach_statement": {
      const [each, item] = children.filter((child) => !tree.is(child, "foreach", "as"));
      const bound = tree.is(item, "pair") ? tree.children(item)[1] : item;
      const name = tree.child(tree.is(bound, "by_ref") ? tree.children(bound)[0] : bound, "name");
      return name === undefined
        ? undefined
        : {
            kind: "variables",
            variables: [
              {
                name,
                key: `$${tree.textOf(name)}`,
                documented: documented(tree, node, "@var", `$${tree.textOf(name)}`),
                each,
              },
            ],
          };
    }
    case "catch_clause": {
      const name = tree.child(field("name"), "name");
      return name === undefined
        ? undefined
        : {
            kind: "variables",
            variables: [{ name, key: `$${tree.textOf(name)}`, type: field("type"), isLocal: true }],
          };
    }
    case "static_variable_declaration":
      return undefined;
    case "variable_name": {
      if (tree.textOf(node) === "$this") return { kind: "this" };
      const name = tree.child(node, "name");
      return name === undefined ? undefined : { kind: "name", name, key: tree.textOf(node) };
    }
    case "name":
      return { kind: "name", name: node };
    case "qualified_name": {
      return { kind: "types", types: [node] };
    }
    case "member_access_expression":
    case "nullsafe_member_access_expression":
      return memberShape(tree, { object: field("object"), name: field("name") });
    case "scoped_property_access_expression": {
      const name = tree.child(field("name"), "name");
      return memberShape(tree, { object: field("scope"), name });
    }
    case "class_constant_access_expression": {
      const [object, name] = children;
      if (tree.textOf(name) === "class")
        return tree.is(object, "name", "qualified_name") ? { kind: "types", types: [object] } : undefined;
      return memberShape(tree, { object, name });
    }
    case "member_call_expression":
    case "nullsafe_member_call_expression":
      return tree.is(field("name"), "name")
        ? { kind: "call", object: field("object"), name: field("name") }
        : undefined;
    case "scoped_call_expression":
      return tree.is(field("name"), "name") ? { kind: "call", object: field("scope"), name: field("name") } : undefined;
    case "function_call_expression": {
      const callee = field("function");
      if (!tree.is(callee, "qualified_name")) return { kind: "call", callee };
      return { kind: "call", name: tree.children(callee).at(-1), key: tree.textOf(callee) };
    }
    case "object_creation_expression": {
      const made = children.find((child) => !tree.is(child, "new", "arguments"));
      if (tree.is(made, "relative_scope")) return { kind: "same", of: made };
      return tree.is(made, "name", "qualified_name") ? { kind: "new", type: made } : undefined;
    }
    case "relative_scope":
      return { kind: tree.textOf(node) === "parent" ? "super" : "this" };
    case "parenthesized_expression":
    case "clone_expression":
      return { kind: "same", of: children.at(-1) };
    case "subscript_expression":
      return { kind: "element", of: children[0] };
    case "augmented_assignment_expression":
      return { kind: "assign", left: field("left"), right: field("right") };
    case "binary_expression":
      switch (tree.textOf(field("operator"))) {
        case "instanceof":
          return {
            kind: "types",
            types: tree.is(field("right"), "name", "qualified_name") ? [field("right") ?? node] : [],
          };
        case "??":
          return eitherOf(tree, [field("left"), field("right")]);
        default:
          return undefined;
      }
    case "conditional_expression":
      return eitherOf(tree, [field("body") ?? field("condition"), field("alternative")]);
    case "match_expression":
      return eitherOf(
        tree,
        tree.children(field("body")).map((arm) => tree.field(arm, "return_expression")),
      );
    case "attribute":
      return { kind: "decorator", name: children[0] };
    case "named_type":
    case "optional_type":
    case "union_type":
    case "intersection_type":
      return { kind: "types", types: [node] };
    case "argument":
      return { kind: "only", of: children.at(-1) };
    default: {
      if (!INCLUDES.test(type)) return undefined;
      return { kind: "include", of: node };
    }
  }
}

/** A value that is one of these; `null` and what is thrown is none. */
function eitherOf(tree: SyntaxTree, values: readonly (Node | undefined)[]): Shape {
  const of = values.filter((one) => one !== undefined && !tree.is(one, "null", "throw_expression"));
  return { kind: "either", of: of as Node[] };
}

function memberShape(
  tree: SyntaxTree,
  { object, name }: { object: Node | undefined; name: Node | undefined },
): Shape | undefined {
  return object === undefined || !tree.is(name, "name") ? undefined : { kind: "member", object, name };
}

function named(name: Node | undefined, more: Omit<Variable, "name"> = {}): Variable[] {
  return name === undefined ? [] : [{ name, ...more }];
}

function documented(tree: SyntaxTree, node: Node | undefined, tag: string, name?: string): DocumentedType | undefined {
  const type = documentedType(documentationBefore(tree, node), tag, name);
  return type === undefined ? undefined : namedType(type);
}

function parametersOf(tree: SyntaxTree, list: Node | undefined, documentation = ""): Variable[] {
  return tree.children(list).flatMap((parameter) => {
    const variable = tree.field(parameter, "name");
    const name = tree.child(tree.is(variable, "by_ref") ? tree.children(variable)[0] : variable, "name");
    if (name === undefined) return [];
    const isMember = tree.is(parameter, "property_promotion_parameter");
    const key = `$${tree.textOf(name)}`;
    const said = documentedType(documentation, "@param", key);
    const documented = said === undefined ? undefined : namedType(said);
    return [{ name, key, type: tree.field(parameter, "type"), documented, isMember, node: parameter }];
  });
}

function readPhpType(tree: SyntaxTree, node: Node): TypeShape | undefined {
  switch (tree.type(node)) {
    case "name":
      return /^(?:self|static|parent)$/.test(tree.textOf(node)) ? { kind: "own" } : { kind: "named", name: node };
    case "qualified_name": {
      const name = tree.children(node).findLast((child) => tree.is(child, "name"));
      return name === undefined ? { kind: "none" } : { kind: "named", name, path: tree.textOf(node) };
    }
    case "primitive_type":
      return tree.textOf(node) === "static" || tree.textOf(node) === "self" ? { kind: "own" } : { kind: "none" };
    case "named_type":
    case "optional_type":
      return { kind: "same", of: tree.children(node)[0] };
    case "relative_scope":
      return { kind: "own" };
    default:
      return undefined;
  }
}
