// C#, as shapes. Types and names are written alike: only their place tells them apart.
import { keyOfGeneric, type Facts, type SymbolKind } from "./facts.ts";
import { visitShapes } from "./read-shapes.ts";
import { openShapeFile, type ShapeFile } from "./shape-file.ts";
import type { Grammar, Shape, TypeShape, Variable } from "./shapes.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function extractCSharp({ tree }: { path: string; tree: SyntaxTree }): Facts {
  const of = openShapeFile(tree, CSHARP);
  const nodes = outerNodes(tree, tree.root);
  for (const node of nodes) if (tree.is(node, "using_directive")) visitUsing(of, node);
  visitShapes(of, tree.root, of.file);
  const namespace = nodes.find((node) => tree.is(node, "namespace_declaration", "file_scoped_namespace_declaration"));
  const name = tree.textOf(tree.field(namespace, "name")).replace(/\s/g, "");
  return { ...of.draft.finish(), ...(name && { package: name }) };
}

/** All that stands in the file or in a namespace, also within `#if`. */
function outerNodes(tree: SyntaxTree, node: Node): Node[] {
  return tree.children(node).flatMap((child) => {
    if (tree.type(child).startsWith("preproc_")) return outerNodes(tree, child);
    const body = tree.is(child, "namespace_declaration") ? tree.field(child, "body") : undefined;
    return [child, ...(body === undefined ? [] : outerNodes(tree, body))];
  });
}

/**
 * `using N` makes all of N known, `using static T` the members of T, `using A = T` is another name; `global using N` does so for the
 * whole project (learn.microsoft.com/dotnet/csharp/language-reference/keywords/using-directive).
 */
function visitUsing({ tree, draft, file }: ShapeFile, node: Node): void {
  const alias = tree.field(node, "name");
  const path = tree
    .children(node)
    .findLast((child) => tree.is(child, "identifier", "qualified_name", "alias_qualified_name") && child !== alias);
  if (path === undefined) return;
  const specifier = tree.textOf(path).replace(/\s|^global::/g, "");
  if (alias === undefined) {
    const isShared = tree.child(node, "global") !== undefined;
    draft.import({ specifier, kind: "import", isStar: true, ...(isShared && { isShared }) }, path);
    return;
  }
  const number = draft.import({ specifier, kind: "import" }, path);
  const name = specifier.slice(specifier.lastIndexOf(".") + 1);
  file.names.set(tree.textOf(alias), { target: () => ({ kind: "imported", import: number, name }) });
}

const TYPES: Record<string, SymbolKind> = {
  class_declaration: "class",
  record_declaration: "class",
  record_struct_declaration: "struct",
  struct_declaration: "struct",
  interface_declaration: "interface",
  enum_declaration: "enum",
};
const TYPE_NODE = /^(?:identifier|generic_name|qualified_name|alias_qualified_name|\w+_type)$/;

const CSHARP: Grammar = {
  read: readCSharp,
  readType: readCSharpType,
  modifiers(tree, node) {
    const own = tree.children(node);
    const words = own.filter((child) => tree.is(child, "modifier")).map((child) => tree.textOf(child));
    const attributes = own
      .filter((child) => tree.is(child, "attribute_list"))
      .map((child) => tree.textOf(child))
      .join("");
    const isOfInterface = tree.is(
      tree.ancestor(node, ...Object.keys(TYPES)),
      "interface_declaration",
      "enum_declaration",
    );
    const isType = tree.type(node) in TYPES || tree.is(node, "delegate_declaration", "enum_member_declaration");
    return {
      isExported:
        words.some((word) => /^(?:public|internal|protected)$/.test(word)) ||
        isOfInterface ||
        tree.is(node, "parameter") ||
        (isType && !words.includes("private")),
      isStatic: words.includes("static") || words.includes("const") || isType,
      isTest: /\[\s*(?:\w+\.)*(?:Test|TestCase|Fact|Theory|TestMethod|TestFixture|TestClass)\b/.test(attributes),
    };
  },
  collections:
    /^(?:\w*List|\w*Set|\w*Collection|\w*Enumerable|\w*Enumerator|\w*Dictionary|\w*Queue|\w*Stack|IQueryable)$/,
  standardCollections:
    /^(?:Lazy|Type|ValueTask|Dictionary|HashSet|ICollection|IDictionary|IEnumerable|IEnumerator|IList|IReadOnlyCollection|IReadOnlyDictionary|IReadOnlyList|List|Nullable|Task)$/,
  holders: /^(?:Task|ValueTask|Nullable|Lazy|IOptions|Type)$/,
  functionTypes: /^(?:Action|Func|Predicate|Comparison)$/,
  givingTypes: /^Func$/,
  elementMethods:
    /^(?:First|Last|Single|ElementAt|FirstOrDefault|LastOrDefault|SingleOrDefault|Peek|Dequeue|Pop|Find)$/,
  handsElements:
    /^(?:ForEach|Select|SelectMany|Where|Any|All|Count|First|FirstOrDefault|Last|LastOrDefault|Single|SingleOrDefault|OrderBy|OrderByDescending|ThenBy|GroupBy|ToDictionary|Sum|Max|Min|Find|FindAll|Exists|RemoveAll|TakeWhile|SkipWhile)$/,
  noFunctions: "objects",
  literalType: csharpLiteral,
  hasImplicitThis: true,
  hasParts: true,
  countsTypeParameters: true,
  decoratorEnding: "Attribute",
  words: new Set(["nameof", "var", "_", "value", "await"]),
  packagePath: /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/,
};

function readCSharp(tree: SyntaxTree, node: Node): Shape | undefined {
  const type = tree.type(node);
  const field = tree.fieldOf(node);
  switch (type) {
    case "using_directive":
    case "predefined_type":
    case "modifier":
    case "implicit_type":
    case "preproc_if":
      return type === "preproc_if" ? undefined : { kind: "skip" };
    case "namespace_declaration":
      return { kind: "only", of: field("body") };
    case "class_declaration":
    case "record_declaration":
    case "record_struct_declaration":
    case "struct_declaration":
    case "interface_declaration":
    case "enum_declaration": {
      const bases = tree.children(tree.child(node, "base_list")).flatMap((base) => {
        const [first = base] = tree.is(base, "primary_constructor_base_type") ? tree.children(base) : [];
        return TYPE_NODE.test(tree.type(first)) ? [first] : [];
      });
      const isRecord = type.startsWith("record");
      const parameters = parametersOf(tree, tree.child(node, "parameter_list"));
      return {
        kind: "type",
        as: TYPES[type] ?? "class",
        name: field("name"),
        bases,
        typeParameters: tree.child(node, "type_parameter_list"),
        parameters: parameters.map((parameter) => ({ ...parameter, isMember: isRecord })),
        body: field("body"),
      };
    }
    case "delegate_declaration":
      return {
        kind: "type",
        as: "type",
        name: field("name"),
        typeParameters: field("type_parameters"),
        parameters: parametersOf(tree, field("parameters")),
      };
    case "enum_member_declaration":
      return { kind: "variables", as: "enum_member", variables: nameOf(field("name")) };
    case "method_declaration":
    case "constructor_declaration":
    case "local_function_statement": {
      const parameters = parametersOf(tree, field("parameters"));
      return {
        kind: "function",
        as: type === "method_declaration" ? "method" : type === "constructor_declaration" ? "constructor" : "function",
        name: field("name"),
        typeParameters: field("type_parameters"),
        parameters,
        arity: arityOf(tree, field("parameters")),
        result: field("returns") ?? field("type"),
        body: field("body"),
      };
    }
    case "operator_declaration":
    case "conversion_operator_declaration":
    case "indexer_declaration":
    case "destructor_declaration":
      return {
        kind: "function",
        as: "method",
        parameters: parametersOf(tree, field("parameters")),
        result: field("type"),
      };
    case "lambda_expression":
    case "anonymous_method_expression": {
      const list = field("parameters");
      const parameters = tree.is(list, "identifier", "implicit_parameter")
        ? [{ name: list }]
        : parametersOf(tree, list);
      return { kind: "function", as: "function", parameters, body: field("body") };
    }
    case "property_declaration":
    case "event_declaration": {
      const name = field("name");
      return name === undefined
        ? undefined
        : {
            kind: "variables",
            as: "property",
            variables: [
              {
                name,
                type: field("type"),
                value: tree.is(field("value"), "arrow_expression_clause") ? undefined : field("value"),
              },
            ],
          };
    }
    case "field_declaration":
    case "event_field_declaration": {
      const isConstant = tree
        .children(node)
        .some((child) => tree.is(child, "modifier") && tree.textOf(child) === "const");
      return {
        kind: "variables",
        as: isConstant ? "constant" : "property",
        variables: declarators(tree, tree.child(node, "variable_declaration"), node),
      };
    }
    case "variable_declaration":
      return { kind: "variables", variables: declarators(tree, node, node) };
    case "foreach_statement": {
      const name = field("left");
      if (!tree.is(name, "identifier")) return { kind: "scope" };
      const variables = [{ name, type: explicit(tree, field("type")), each: field("right") }];
      return { kind: "variables", variables, hasScope: true };
    }
    case "block":
    case "for_statement":
    case "using_statement":
    case "switch_section":
    case "switch_expression_arm":
    case "catch_clause":
      return { kind: "scope" };
    case "declaration_pattern":
    case "declaration_expression":
    case "recursive_pattern":
    case "catch_declaration": {
      const name = field("name");
      const written = explicit(tree, field("type"));
      return tree.is(name, "identifier")
        ? { kind: "variables", variables: [{ name, type: written }] }
        : { kind: "types", types: written === undefined ? [] : [written] };
    }
    case "subpattern":
      return { kind: "only", of: tree.children(node).at(-1) };
    case "identifier": {
      const made = initialized(tree, node);
      return made === undefined
        ? { kind: "name", name: node }
        : { kind: "member", object: made, name: node, isObjectAround: true };
    }
    case "generic_name": {
      const name = tree.child(node, "identifier");
      return name === undefined
        ? undefined
        : { kind: "name", name, key: isFunction(tree, node) ? undefined : typeKey(tree, name) };
    }
    case "member_access_expression":
    case "qualified_name": {
      const shape = memberShape(tree, { object: field("expression") ?? field("qualifier"), name: field("name") });
      return shape && isObject(tree, node) ? { ...shape, key: typeKey(tree, shape.name) } : shape;
    }
    case "conditional_access_expression": {
      const binding = tree.children(node).find((child) => tree.is(child, "member_binding_expression"));
      return binding === undefined
        ? undefined
        : memberShape(tree, { object: field("condition"), name: tree.field(binding, "name") });
    }
    case "member_binding_expression":
      return undefined;
    case "type_argument_list":
      return { kind: "types", types: tree.children(node) };
    case "invocation_expression":
      return {
        kind: "call",
        callee: field("function"),
        typeArguments: typeArgumentsOf(tree, field("function")),
        arguments: argumentsOf(tree, field("arguments")),
      };
    case "object_creation_expression":
      return { kind: "new", type: field("type"), arguments: argumentsOf(tree, field("arguments")) };
    case "implicit_object_creation_expression": {
      const handed = argumentsOf(tree, tree.child(node, "argument_list"));
      return { kind: "new", type: wantedType(tree, node), arguments: handed, isImplicit: true };
    }
    case "cast_expression":
    case "typeof_expression":
    case "default_expression":
      return { kind: "typed", type: field("type") };
    case "as_expression":
    case "is_expression":
      return { kind: "typed", type: field("right") };
    case "array_type":
    case "type_parameter_constraint":
      return { kind: "types", types: tree.fields(node, "type") };
    case "type_parameter_constraints_clause":
      return {
        kind: "types",
        types: tree
          .children(node)
          .flatMap((child) => (tree.is(child, "type_parameter_constraint") ? tree.fields(child, "type") : [])),
      };
    case "parenthesized_expression":
    case "await_expression":
    case "argument":
      if (field("name") !== undefined) return { kind: "only", of: tree.children(node).at(-1) };
      return {
        kind: "same",
        of: tree
          .children(node)
          .findLast((child) => !/^[a-z]+$/.test(tree.textOf(child)) || !tree.is(child, "await", "ref", "out", "in")),
      };
    case "element_access_expression":
      return { kind: "element", of: field("expression") };
    case "assignment_expression":
      return { kind: "assign", left: field("left"), right: field("right") };
    case "this":
    case "this_expression":
      return { kind: "this" };
    case "base":
    case "base_expression":
      return { kind: "super" };
    case "attribute":
      return { kind: "decorator", name: field("name") };
    default:
      return undefined;
  }
}

function argumentsOf(tree: SyntaxTree, list: Node | undefined): Node[] {
  return tree.children(list).flatMap((each) => (tree.is(each, "argument") ? (tree.children(each).at(-1) ?? []) : []));
}

/** The type that is written for what is declared with the value, or given. */
function wantedType(tree: SyntaxTree, value: Node): Node | undefined {
  let at = tree.parent(value);
  if (tree.is(at, "variable_declarator", "arrow_expression_clause")) at = tree.parent(at);
  if (tree.is(at, "return_statement"))
    at = tree.ancestor(
      value,
      "method_declaration",
      "local_function_statement",
      "lambda_expression",
      "accessor_declaration",
    );
  if (
    at === undefined ||
    !tree.is(at, "variable_declaration", "property_declaration", "method_declaration", "local_function_statement")
  )
    return undefined;
  return explicit(tree, tree.field(at, "returns") ?? tree.field(at, "type"));
}

/** Something is taken from it. */
function isObject(tree: SyntaxTree, node: Node): boolean {
  return tree.is(tree.parent(node), "member_access_expression") && tree.fieldName(node) === "expression";
}

/** `A<T>` is called or handed on, and no type. */
function isFunction(tree: SyntaxTree, generic: Node): boolean {
  const parent = tree.parent(generic);
  if (tree.is(parent, "argument"))
    return !/^nameof\b/.test(tree.textOf(tree.ancestor(generic, "invocation_expression")));
  if (tree.is(parent, "invocation_expression")) return true;
  return tree.is(parent, "assignment_expression", "variable_declarator", "arrow_expression_clause", "return_statement");
}

/** What `A` of `A<T>` is looked up by. */
function typeKey(tree: SyntaxTree, name: Node): string | undefined {
  const generic = tree.parent(name);
  if (generic === undefined || !tree.is(generic, "generic_name")) return undefined;
  return keyOfGeneric(tree.textOf(name), countOf(tree, generic));
}

/** Of `A<,>` two. */
function countOf(tree: SyntaxTree, generic: Node): number {
  const list = tree.child(generic, "type_argument_list");
  return tree.children(list).length || tree.textOf(list).split(",").length;
}

/** How many a called function is written with. */
function typeArgumentsOf(tree: SyntaxTree, callee: Node | undefined): number {
  const binding = tree.child(callee, "member_binding_expression");
  const named = tree.is(callee, "generic_name") ? callee : tree.field(binding ?? callee, "name");
  return named !== undefined && tree.is(named, "generic_name") ? countOf(tree, named) : 0;
}

/** Of `X` in `new T { X = 1 }` the whole of it. */
function initialized(tree: SyntaxTree, node: Node): Node | undefined {
  const assignment = tree.parent(node);
  if (!tree.is(assignment, "assignment_expression") || tree.fieldName(node) !== "left") return undefined;
  const list = tree.parent(assignment);
  const made = tree.is(list, "initializer_expression") ? tree.parent(list) : undefined;
  return tree.is(made, "object_creation_expression") ? made : undefined;
}

function memberShape(
  tree: SyntaxTree,
  { object, name }: { object: Node | undefined; name: Node | undefined },
): Extract<Shape, { kind: "member" }> | undefined {
  const simple = tree.is(name, "generic_name") ? tree.child(name, "identifier") : name;
  return object === undefined || simple === undefined ? undefined : { kind: "member", object, name: simple };
}

function nameOf(name: Node | undefined): Variable[] {
  return name === undefined ? [] : [{ name }];
}

function explicit(tree: SyntaxTree, type: Node | undefined): Node | undefined {
  return tree.is(type, "implicit_type") ? undefined : type;
}

function declarators(tree: SyntaxTree, declaration: Node | undefined, node: Node): Variable[] {
  const type = explicit(tree, tree.field(declaration, "type"));
  return tree.children(declaration).flatMap((declarator) => {
    const name = tree.is(declarator, "variable_declarator") ? tree.field(declarator, "name") : undefined;
    return name === undefined
      ? []
      : [
          {
            name,
            type,
            value: tree
              .children(declarator)
              .find((child) => child !== name && !tree.is(child, "bracketed_argument_list")),
            node,
          },
        ];
  });
}

function csharpLiteral(tree: SyntaxTree, node: Node): string | undefined {
  switch (tree.type(node)) {
    case "string_literal":
    case "verbatim_string_literal":
    case "raw_string_literal":
    case "interpolated_string_expression":
      return "string";
    case "integer_literal":
      return /u?l$/i.test(tree.textOf(node)) ? "long" : "int";
    case "real_literal": {
      const suffix = /[fm]$/i.exec(tree.textOf(node))?.[0].toLowerCase();
      return suffix === "m" ? "decimal" : suffix === "f" ? "float" : "double";
    }
    case "boolean_literal":
      return "bool";
    case "character_literal":
      return "char";
    case "typeof_expression":
      return "Type";
    case "null_literal":
      return "null";
    case "lambda_expression": {
      const list = tree.field(node, "parameters");
      return `=>${tree.is(list, "identifier", "implicit_parameter") ? 1 : parametersOf(tree, list).length}`;
    }
    case "binary_expression":
      return tree.children(node).some((child) => csharpLiteral(tree, child) === "string") ? "string" : undefined;
    default:
      return undefined;
  }
}

function arityOf(tree: SyntaxTree, list: Node | undefined): [number, number] {
  const parameters = tree.children(list).filter((each) => tree.is(each, "parameter"));
  const optional = parameters.filter((each) => tree.textOf(each).includes("="));
  // An extension is also called by its class's name.
  const own = /^\(\s*this\b/.test(tree.textOf(list)) ? 1 : 0;
  const isOpen = tree.field(list, "name") !== undefined;
  return [parameters.length - optional.length - own, isOpen ? -1 : parameters.length];
}

function parametersOf(tree: SyntaxTree, list: Node | undefined): Variable[] {
  const parameters = tree.children(list).flatMap((parameter) => {
    const name = tree.is(parameter, "parameter") ? tree.field(parameter, "name") : undefined;
    return name === undefined ? [] : [{ name, type: explicit(tree, tree.field(parameter, "type")), node: parameter }];
  });
  // `params T[] rest` has no node of its own.
  const rest = tree.field(list, "name");
  return rest === undefined ? parameters : [...parameters, { name: rest, type: tree.field(list, "type") }];
}

function readCSharpType(tree: SyntaxTree, node: Node): TypeShape | undefined {
  switch (tree.type(node)) {
    case "identifier":
      return tree.textOf(node) === "var" ? { kind: "none" } : { kind: "named", name: node, key: typeKey(tree, node) };
    case "qualified_name":
    case "alias_qualified_name": {
      const name = tree.field(node, "name");
      if (name === undefined) return { kind: "none" };
      if (tree.is(name, "generic_name"))
        return {
          kind: "generic",
          of: tree.child(name, "identifier"),
          arguments: tree.children(tree.child(name, "type_argument_list")),
        };
      return {
        kind: "named",
        name,
        ...(tree.is(node, "qualified_name") && { qualifier: tree.field(node, "qualifier") }),
      };
    }
    case "generic_name":
      return {
        kind: "generic",
        of: tree.child(node, "identifier"),
        arguments: tree.children(tree.child(node, "type_argument_list")),
      };
    case "array_type":
      return { kind: "array", of: tree.field(node, "type") };
    case "nullable_type":
    case "ref_type":
    case "pointer_type":
    case "scoped_type":
      return { kind: "same", of: tree.field(node, "type") ?? tree.children(node)[0] };
    case "predefined_type":
      return tree.textOf(node) === "void" ? { kind: "none" } : { kind: "builtin", name: tree.textOf(node) };
    case "implicit_type":
    case "array_rank_specifier":
      return { kind: "none" };
    default:
      return undefined;
  }
}
