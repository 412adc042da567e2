// Scala, as shapes.
import type { Facts, SymbolKind } from "./facts.ts";
import { visitShapes } from "./read-shapes.ts";
import { openShapeFile, type ShapeFile } from "./shape-file.ts";
import type { Grammar, Shape, TypeShape, Variable } from "./shapes.ts";
import type { Scope } from "./draft.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function extractScala({ tree }: { path: string; tree: SyntaxTree }): Facts {
  const of = openShapeFile(tree, SCALA);
  for (const node of tree.descendants(tree.root))
    if (tree.is(node, "import_declaration")) visitImport(of, node, of.file);
  visitShapes(of, tree.root, of.file);
  const packages = tree.descendants(tree.root).filter((node) => tree.is(node, "package_clause"));
  const name = packages.map((node) => tree.textOf(tree.field(node, "name")).replace(/\s/g, "")).join(".");
  return { ...of.draft.finish(), ...(name && { package: name }) };
}

function visitImport(of: ShapeFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const path = tree.fields(node, "path").filter((part) => tree.type(part).includes("identifier"));
  const [at] = path;
  if (at === undefined) return;
  const names = path.map((part) => tree.textOf(part));
  const selectors = tree.child(node, "namespace_selectors");
  const isStar =
    tree.child(node, "namespace_wildcard", "_") !== undefined ||
    tree.child(selectors, "namespace_wildcard") !== undefined;
  if (isStar) draft.import({ specifier: names.join("."), kind: "import", isStar: true }, at);
  const bind = (name: Node, { bound, specifier }: { bound: string; specifier: string }) => {
    const number = draft.import({ specifier, kind: "import" }, at);
    const target = () => ({ kind: "imported", import: number, name: tree.textOf(name) }) as const;
    scope.names.set(bound, { target });
    draft.refer("import", name, { scope, target });
  };
  for (const selector of tree.children(selectors)) {
    const name = tree.field(selector, "name") ?? (tree.is(selector, "identifier") ? selector : undefined);
    if (name === undefined) continue;
    const bound = tree.textOf(tree.field(selector, "alias") ?? name);
    bind(name, { bound, specifier: [...names, tree.textOf(name)].join(".") });
  }
  const last = path.at(-1);
  if (selectors === undefined && !isStar && last !== undefined)
    bind(last, { bound: tree.textOf(last), specifier: names.join(".") });
}

const TYPES: Record<string, SymbolKind> = {
  class_definition: "class",
  object_definition: "class",
  package_object: "class",
  trait_definition: "trait",
  enum_definition: "enum",
};

const SCALA: Grammar = {
  read: readScala,
  readType: readScalaType,
  modifiers(tree, node) {
    const text = tree.textOf(tree.child(node, "modifiers"));
    return { isExported: !/\bprivate\b(?!\[)/.test(text), isStatic: tree.type(node) in TYPES, isTest: false };
  },
  collections:
    /^(?:\w*List|\w*Seq|\w*Set|Vector|\w*Map|Array|Iterator|Iterable|Traversable|LazyList|Stream|\w*Buffer|\w*Queue|Chunk)$/,
  standardCollections: /^(?:Array|Iterable|Iterator|LazyList|List|Map|Option|Seq|Set|Some|Vector)$/,
  holders: /^(?:Option|Some|Future|Try|Class|Lazy|IO|ClassTag)$/,
  elementMethods: /^(?:apply|head|last|next|find|headOption|lastOption|max|min|reduce)$/,
  handsElements:
    /^(?:foreach|map|flatMap|filter|filterNot|withFilter|exists|forall|find|count|collect|sortBy|groupBy|partition|takeWhile|dropWhile|maxBy|minBy)$/,
  hasImplicitThis: true,
  words: new Set(["_"]),
  packagePath: /^[a-z_]\w*(?:\.[a-z_]\w*)*$/,
  hasPackageMembers: true,
};

function readScala(tree: SyntaxTree, node: Node): Shape | undefined {
  const type = tree.type(node);
  const field = tree.fieldOf(node);
  const children = tree.children(node);
  switch (type) {
    case "package_clause":
      return field("body") === undefined ? { kind: "skip" } : { kind: "same", of: field("body") };
    case "package_identifier":
    case "import_declaration":
    case "modifiers":
      return { kind: "skip" };
    case "class_definition":
    case "object_definition":
    case "package_object":
    case "trait_definition":
    case "enum_definition": {
      const extend = tree.child(node, "extends_clause");
      const bases = tree.fields(extend, "type").filter((base) => !tree.is(base, "with"));
      const isCase = children.some((child) => tree.is(child, "case"));
      const parameters = children.flatMap((list) =>
        tree.is(list, "class_parameters") ? parametersOf(tree, list) : [],
      );
      return {
        kind: "type",
        as: TYPES[type] ?? "class",
        name: field("name"),
        bases: bases.flatMap((base) =>
          tree.is(base, "compound_type") ? tree.children(base).filter((child) => !tree.is(child, "with")) : [base],
        ),
        typeParameters: field("type_parameters"),
        // A parameter without `val` is seen in the class alone, and by the companion's users of a case class.
        parameters: parameters.map((parameter) => ({
          ...parameter,
          isMember: isCase || tree.child(parameter.node ?? parameter.name, "val", "var") !== undefined,
        })),
        body: field("body"),
        isObject: type.includes("object"),
      };
    }
    case "simple_enum_case":
    case "full_enum_case": {
      const name = field("name");
      return { kind: "variables", as: "enum_member", variables: name === undefined ? [] : [{ name }] };
    }
    case "type_definition":
      return { kind: "type", as: "type", name: field("name"), bases: [], typeParameters: field("type_parameters") };
    case "function_definition":
    case "function_declaration": {
      const lists = children.filter((child) => tree.is(child, "parameters"));
      const extension = tree.ancestor(node, "extension_definition", "template_body", "compilation_unit");
      const receiver = tree.is(extension, "extension_definition")
        ? tree.field(tree.child(tree.child(extension, "parameters"), "parameter"), "type")
        : undefined;
      const body = field("body");
      return {
        kind: "function",
        as: tree.textOf(field("name")) === "this" ? "constructor" : "method",
        name: field("name"),
        typeParameters: tree.child(node, "type_parameters"),
        parameters: lists.flatMap((list) => parametersOf(tree, list)),
        result: field("return_type"),
        value: tree.is(body, "block") ? undefined : body,
        receiver,
        body,
      };
    }
    case "lambda_expression": {
      const list = field("parameters");
      const parameters = tree.is(list, "identifier") ? [{ name: list }] : parametersOf(tree, list);
      return { kind: "function", as: "function", parameters };
    }
    case "val_definition":
    case "var_definition":
    case "val_declaration":
    case "var_declaration":
    case "given_definition": {
      const name = field("pattern") ?? field("name");
      const isConstant = /^[A-Z][A-Z0-9_]*$/.test(tree.textOf(name));
      const names = tree.is(name, "identifier")
        ? [name]
        : name === undefined
          ? []
          : tree.descendants(name).filter((each) => tree.is(each, "identifier"));
      return {
        kind: "variables",
        ...(isConstant && { as: "constant" }),
        variables: names.map((each) => ({
          name: each,
          type: names.length === 1 ? (field("type") ?? field("return_type")) : undefined,
          value: names.length === 1 ? (field("value") ?? field("body")) : undefined,
          node,
        })),
      };
    }
    case "enumerator": {
      const [name, value] = children.filter((child) => !tree.is(child, "guard", "case"));
      if (!tree.is(name, "identifier") || value === undefined) return undefined;
      const isEach = tree.text.slice(tree.end(name), tree.start(value)).includes("<-");
      return { kind: "variables", variables: [isEach ? { name, each: value } : { name, value }] };
    }
    case "case_clause":
    case "for_expression":
    case "block":
      return { kind: "scope" };
    case "typed_pattern": {
      const name = field("pattern");
      const written = field("type");
      return tree.is(name, "identifier")
        ? { kind: "variables", variables: [{ name, type: written }] }
        : { kind: "types", types: written === undefined ? [] : [written] };
    }
    case "case_class_pattern": {
      const names = tree
        .fields(node, "pattern")
        .filter((name) => tree.is(name, "identifier") && /^\p{Ll}/u.test(tree.textOf(name)));
      return { kind: "variables", variables: names.map((name) => ({ name })) };
    }
    case "identifier":
    case "operator_identifier":
      return /^(?:this|super)$/.test(tree.textOf(node))
        ? { kind: tree.textOf(node) === "this" ? "this" : "super" }
        : type === "identifier"
          ? { kind: "name", name: node }
          : { kind: "skip" };
    case "field_expression": {
      const object = field("value");
      const name = field("field");
      return object === undefined || name === undefined || !tree.is(name, "identifier")
        ? undefined
        : { kind: "member", object, name };
    }
    case "stable_identifier": {
      const [object, name] = [children[0], children.at(-1)];
      return object === undefined || name === undefined || object === name
        ? undefined
        : { kind: "member", object, name };
    }
    case "infix_expression": {
      const object = field("left");
      const name = field("operator");
      return object === undefined || !tree.is(name, "identifier") ? undefined : { kind: "call", object, name };
    }
    case "generic_function":
      return { kind: "same", of: field("function") };
    case "call_expression":
      return { kind: "call", callee: field("function"), arguments: tree.children(tree.child(node, "arguments")) };
    case "instance_expression": {
      const made = children.find((child) => !tree.is(child, "new", "arguments", "template_body"));
      const base = tree.is(made, "compound_type") ? tree.field(made, "base") : made;
      return { kind: "new", type: base, body: tree.child(node, "template_body") };
    }
    case "type_arguments":
    case "upper_bound":
    case "lower_bound":
    case "context_bound":
      return { kind: "types", types: children };
    case "type_identifier":
    case "generic_type":
      return { kind: "types", types: [node] };
    case "parenthesized_expression":
    case "ascription_expression":
      return { kind: "same", of: children[0] };
    case "assignment_expression":
      return { kind: "assign", left: field("left"), right: field("right") };
    case "annotation":
      return { kind: "decorator", name: field("name") };
    default:
      return undefined;
  }
}

function parametersOf(tree: SyntaxTree, list: Node | undefined): Variable[] {
  return tree.children(list).flatMap((parameter) => {
    const name = tree.field(parameter, "name");
    return name === undefined ? [] : [{ name, type: tree.field(parameter, "type"), node: parameter }];
  });
}

function readScalaType(tree: SyntaxTree, node: Node): TypeShape | undefined {
  switch (tree.type(node)) {
    case "identifier":
    case "type_identifier":
      return { kind: "named", name: node };
    case "stable_type_identifier": {
      const parts = tree.children(node);
      const name = parts.at(-1);
      return name === undefined ? { kind: "none" } : { kind: "named", name, qualifier: parts[0] };
    }
    case "stable_identifier": {
      const parts = tree.children(node);
      const name = parts.at(-1);
      return name === undefined ? { kind: "none" } : { kind: "named", name, qualifier: parts.at(-2) };
    }
    case "generic_type":
      return {
        kind: "generic",
        of: tree.field(node, "type"),
        arguments: tree.children(tree.field(node, "type_arguments")),
      };
    case "repeated_parameter_type":
      return { kind: "array", of: tree.field(node, "type") };
    case "lazy_parameter_type":
    case "annotated_type":
      return { kind: "same", of: tree.field(node, "type") ?? tree.children(node)[0] };
    case "function_type":
      return {
        kind: "function",
        parameters: tree.children(tree.field(node, "parameter_types")),
        result: tree.field(node, "return_type"),
      };
    case "compound_type":
      return undefined;
    case "singleton_type":
    case "wildcard":
    case "with":
      return { kind: "none" };
    default:
      return undefined;
  }
}
