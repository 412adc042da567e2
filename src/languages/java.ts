// Java, as shapes.
import type { Facts } from "./facts.ts";
import { visitShapes } from "./read-shapes.ts";
import { openShapeFile, type ShapeFile } from "./shape-file.ts";
import type { Grammar, Shape, TypeShape, Variable } from "./shapes.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function extractJava({ tree }: { path: string; tree: SyntaxTree }): Facts {
  const of = openShapeFile(tree, JAVA);
  for (const node of tree.children(tree.root)) if (tree.is(node, "import_declaration")) visitImport(of, node);
  visitShapes(of, tree.root, of.file);
  const name = tree.child(tree.child(tree.root, "package_declaration"), "identifier", "scoped_identifier");
  return { ...of.draft.finish(), ...(name !== undefined && { package: tree.textOf(name).replace(/\s/g, "") }) };
}

/** `import a.b.C` offers C; `import static a.b.C.m` offers m of the type that it names. */
function visitImport({ tree, draft, file }: ShapeFile, node: Node): void {
  const path = tree.child(node, "scoped_identifier", "identifier");
  if (path === undefined) return;
  const isStatic = tree.child(node, "static") !== undefined;
  const text = tree.textOf(path).replace(/\s/g, "");
  if (tree.child(node, "asterisk") !== undefined) {
    draft.import({ specifier: text, kind: "import", isStar: true }, path);
    return;
  }
  const name = tree.field(path, "name") ?? path;
  const bound = tree.textOf(name);
  const number = draft.import({ specifier: isStatic ? text.slice(0, -bound.length - 1) : text, kind: "import" }, path);
  const target = () => ({ kind: "imported", import: number, name: bound }) as const;
  file.names.set(bound, { target });
  draft.refer("import", name, { scope: file, target });
  // Of `a.B.C` also B.
  for (let around = tree.field(path, "scope"); around !== undefined; around = tree.field(around, "scope")) {
    const outer = tree.field(around, "name");
    const whole = tree.textOf(around).replace(/\s/g, "");
    if (outer === undefined || !/^\p{Lu}/u.test(tree.textOf(outer))) break;
    draft.refer("import", outer, { scope: file, target: () => ({ kind: "free", name: whole }) });
  }
}

const TYPES: Record<string, "class" | "enum" | "interface"> = {
  class_declaration: "class",
  record_declaration: "class",
  enum_declaration: "enum",
  interface_declaration: "interface",
  annotation_type_declaration: "interface",
};

const JAVA: Grammar = {
  read: readJava,
  readType: readJavaType,
  modifiers(tree, node) {
    const text = tree.textOf(tree.child(node, "modifiers"));
    return {
      isExported: !/\bprivate\b/.test(text),
      isStatic:
        /\bstatic\b/.test(text) || tree.is(node, "enum_constant", "constant_declaration", ...Object.keys(TYPES)),
      isTest: /@(?:\w+\.)*(?:\w*Test|TestFactory|TestTemplate)\b/.test(text),
    };
  },
  collections: /^(?:\w*List|\w*Set|\w*Collection|Iterable|Iterator|\w*Map|\w*Queue|\w*Deque|Stream|Vector|Stack)$/,
  holders:
    /^(?:Optional|Class|Provider|\w*Future|WeakReference|SoftReference|ThreadLocal|AtomicReference|Mono|Single|Maybe|Lazy)$/,
  elementMethods: /^(?:get|getFirst|getLast|next|peek|poll|pop|remove|take|first|last|element|getOrDefault)$/,
  functionTypes:
    /^(?:(?:Bi)?(?:Function|Consumer|Predicate)|Supplier|Callable|(?:Unary|Binary)Operator|Comparator|To\w+Function|Obj\w+Consumer)$/,
  givingTypes: /^(?:BiFunction|Function|Supplier|Callable)$/,
  handsElements: /^(?:forEach|removeIf)$/,
  noFunctions: "values",
  literalType: javaLiteral,
  hasImplicitThis: true,
  inheritsTypes: (name) => !STANDARD_TYPE.test(name),
  anyType: "Object",
  words: new Set(),
  packagePath: /^[a-z_]\w*(?:\.[a-z_]\w*)*$/,
  standardCollections: /^(?:Class|Collection|Deque|Iterable|Iterator|List|Map|Queue|Set|Stream)$/,
};

/** What every file knows without an import: nobody calls a nested type so. */
const STANDARD_TYPE =
  /^(?:Boolean|Byte|CharSequence|Character|Class|Deprecated|Double|Exception|Float|FunctionalInterface|Integer|Iterable|Long|Number|Object|Override|Runnable|RuntimeException|SafeVarargs|Short|String|StringBuilder|SuppressWarnings|System|Thread|Throwable|Void)$/;

function readJava(tree: SyntaxTree, node: Node): Shape | undefined {
  const type = tree.type(node);
  const field = tree.fieldOf(node);
  switch (type) {
    case "package_declaration":
    case "import_declaration":
    case "labeled_statement":
    case "break_statement":
    case "continue_statement":
      return type === "labeled_statement" ? undefined : { kind: "skip" };
    case "class_declaration":
    case "record_declaration":
    case "enum_declaration":
    case "interface_declaration":
    case "annotation_type_declaration": {
      const lists = tree
        .children(node)
        .filter((child) => tree.is(child, "superclass", "super_interfaces", "extends_interfaces"));
      const bases = lists.flatMap((list) => {
        const inner = tree.child(list, "type_list") ?? list;
        return tree.children(inner).filter((child) => /type/.test(tree.type(child)));
      });
      const parameters = parametersOf(tree, field("parameters")).map((parameter) => ({ ...parameter, isMember: true }));
      return {
        kind: "type",
        as: TYPES[type] ?? "class",
        name: field("name"),
        bases,
        typeParameters: field("type_parameters"),
        parameters,
        body: field("body"),
      };
    }
    case "enum_constant":
      return { kind: "variables", as: "enum_member", variables: nameOnly(field("name")) };
    case "class_body":
      return tree.is(tree.parent(node), "enum_constant")
        ? { kind: "type", as: "class", name: undefined, body: node }
        : undefined;
    case "method_declaration":
    case "annotation_type_element_declaration":
    case "constructor_declaration":
    case "compact_constructor_declaration":
      return {
        kind: "function",
        as: type.includes("constructor") ? "constructor" : "method",
        name: field("name"),
        typeParameters: field("type_parameters"),
        parameters: parametersOf(tree, field("parameters")),
        arity: arityOf(tree, field("parameters")),
        result: field("type"),
        body: field("body"),
      };
    case "lambda_expression": {
      const list = field("parameters");
      const parameters = tree.is(list, "identifier")
        ? [{ name: list }]
        : tree.is(list, "inferred_parameters")
          ? tree.children(list).map((name) => ({ name }))
          : parametersOf(tree, list);
      return { kind: "function", as: "function", parameters, body: field("body") };
    }
    case "field_declaration":
    case "constant_declaration":
    case "local_variable_declaration": {
      const typeNode = field("type");
      const variables = tree.fields(node, "declarator").flatMap((declarator) => {
        const name = tree.field(declarator, "name");
        return name === undefined
          ? []
          : [{ name, type: inferred(tree, typeNode), value: tree.field(declarator, "value"), node: declarator }];
      });
      const isConstant =
        type === "constant_declaration" ||
        /\bstatic\b[^]*\bfinal\b|\bfinal\b[^]*\bstatic\b/.test(tree.textOf(tree.child(node, "modifiers")));
      return {
        kind: "variables",
        variables: variables.map((variable) => ({ ...variable, node })),
        ...(isConstant && { as: "constant" }),
      };
    }
    case "enhanced_for_statement": {
      const name = field("name");
      if (name === undefined) return undefined;
      const variables = [{ name, type: inferred(tree, field("type")), each: field("value") }];
      return { kind: "variables", variables, hasScope: true };
    }
    case "for_statement":
    case "block":
    case "switch_block_statement_group":
    case "switch_rule":
    case "catch_clause":
    case "try_with_resources_statement":
      return { kind: "scope" };
    case "resource":
    case "instanceof_expression":
    case "type_pattern":
    case "record_pattern_component":
    case "catch_formal_parameter": {
      const name =
        field("name") ??
        (type.endsWith("pattern") || type.endsWith("component") ? tree.child(node, "identifier") : undefined);
      const typeNode = field("type") ?? field("right") ?? tree.child(node, "catch_type") ?? tree.children(node)[0];
      if (name === undefined)
        return type === "instanceof_expression" && field("right") !== undefined
          ? { kind: "types", types: [field("right") ?? node] }
          : undefined;
      return {
        kind: "variables",
        variables: [{ name, type: inferred(tree, typeNode), value: type === "resource" ? field("value") : undefined }],
      };
    }
    case "identifier":
      return ofAround(tree, node) ?? { kind: "name", name: node };
    case "field_access":
      return memberShape(tree, { object: field("object"), name: field("field") });
    case "method_reference": {
      const [object, name] = tree.children(node).filter((child) => !tree.is(child, "type_arguments"));
      return object !== undefined && tree.is(name, "identifier") ? { kind: "member", object, name } : undefined;
    }
    case "method_invocation":
      return {
        kind: "call",
        object: field("object"),
        name: field("name"),
        arguments: tree.children(field("arguments")).filter((each) => !tree.type(each).includes("comment")),
      };
    case "object_creation_expression":
      return {
        kind: "new",
        type: field("type"),
        body: tree.child(node, "class_body"),
        arguments: tree.children(field("arguments")).filter((each) => !tree.type(each).includes("comment")),
      };
    case "cast_expression":
      return { kind: "typed", type: field("type") ?? tree.children(node)[0] };
    case "class_literal":
      return { kind: "types", types: tree.children(node) };
    case "array_creation_expression": {
      const dimensions = tree.children(node).filter((child) => tree.is(child, "dimensions_expr"));
      const rest = tree.textOf(tree.child(node, "dimensions")).match(/\[/g) ?? [];
      return { kind: "array", type: field("type"), dimensions: dimensions.length + rest.length };
    }
    case "ternary_expression": {
      const parts = [field("consequence"), field("alternative")];
      return {
        kind: "either",
        of: parts.filter((part) => part !== undefined && !tree.is(part, "null_literal")) as Node[],
      };
    }
    case "binary_expression":
    case "unary_expression": {
      if (javaLiteral(tree, node) !== undefined) return undefined;
      const operands = [field("left"), field("right"), field("operand")].filter((part) => part !== undefined);
      return { kind: "either", of: operands };
    }
    case "throws":
    case "type_arguments":
    case "type_bound":
    case "permits":
      return { kind: "types", types: tree.children(node).filter((child) => tree.type(child).includes("type")) };
    case "type_parameter":
      return { kind: "types", types: tree.children(tree.child(node, "type_bound")) };
    case "parenthesized_expression":
      return { kind: "same", of: tree.children(node)[0] };
    case "array_access":
      return { kind: "element", of: field("array") };
    case "assignment_expression":
      return { kind: "assign", left: field("left"), right: field("right") };
    case "update_expression":
      return { kind: "assign", left: tree.children(node)[0], right: undefined };
    case "this":
      return { kind: "this" };
    case "super":
      return { kind: "super" };
    case "annotation":
    case "marker_annotation":
      return { kind: "decorator", name: field("name") };
    default:
      return undefined;
  }
}

/** `case NAME`, of the type that is switched over, and `name =` of an annotation. */
function ofAround(tree: SyntaxTree, name: Node): Shape | undefined {
  const parent = tree.parent(name);
  if (tree.is(parent, "switch_label")) {
    const object = tree.field(tree.ancestor(name, "switch_expression", "switch_statement"), "condition");
    return object === undefined ? undefined : { kind: "member", object, name, isObjectAround: true, isFree: true };
  }
  if (!tree.is(parent, "element_value_pair") || tree.fieldName(name) !== "key") return undefined;
  const object = tree.field(tree.ancestor(name, "annotation"), "name");
  return object === undefined ? undefined : { kind: "member", object, name, isObjectAround: true };
}

function memberShape(
  tree: SyntaxTree,
  { object, name }: { object: Node | undefined; name: Node | undefined },
): Shape | undefined {
  if (object === undefined || name === undefined) return undefined;
  // `A.this`
  return tree.is(name, "this") ? { kind: "typed", type: object } : { kind: "member", object, name };
}

function nameOnly(name: Node | undefined): Variable[] {
  return name === undefined ? [] : [{ name }];
}

/** `var` says nothing. */
function inferred(tree: SyntaxTree, type: Node | undefined): Node | undefined {
  return tree.textOf(type) === "var" ? undefined : type;
}

function javaLiteral(tree: SyntaxTree, node: Node): string | undefined {
  switch (tree.type(node)) {
    case "null_literal":
      return "null";
    case "string_literal":
      return "String";
    case "decimal_integer_literal":
    case "hex_integer_literal":
    case "octal_integer_literal":
    case "binary_integer_literal":
      return /l$/i.test(tree.textOf(node)) ? "long" : "int";
    case "decimal_floating_point_literal":
      return /f$/i.test(tree.textOf(node)) ? "float" : "double";
    case "true":
    case "false":
      return "boolean";
    case "character_literal":
      return "char";
    case "class_literal":
      return "Class";
    case "instanceof_expression":
      return "boolean";
    case "binary_expression": {
      if (/^(?:[<>]=?|[!=]=|&&|\|\|)$/.test(tree.textOf(tree.field(node, "operator")))) return "boolean";
      const left = tree.field(node, "left");
      const right = tree.field(node, "right");
      const types = [left, right].map((side) => (side === undefined ? undefined : javaLiteral(tree, side)));
      return types.includes("String") ? "String" : undefined;
    }
    case "unary_expression": {
      const operand = tree.field(node, "operand");
      if (tree.textOf(tree.field(node, "operator")) === "!") return "boolean";
      return operand === undefined ? undefined : javaLiteral(tree, operand);
    }
    case "parenthesized_expression": {
      const [inner] = tree.children(node);
      return inner === undefined ? undefined : javaLiteral(tree, inner);
    }
    case "lambda_expression": {
      const list = tree.field(node, "parameters");
      return `=>${tree.is(list, "identifier") ? 1 : tree.children(list).length}`;
    }
    case "method_reference":
      return "=>";
    case "method_invocation":
      return OBJECT_METHODS.get(tree.textOf(tree.field(node, "name")))?.[
        tree.children(tree.field(node, "arguments")).length
      ];
    default:
      return undefined;
  }
}

/** What methods that all objects have give, by the number of arguments. */
const OBJECT_METHODS: ReadonlyMap<string, readonly (string | undefined)[]> = new Map(
  Object.entries({
    toString: ["String"],
    hashCode: ["int"],
    equals: [undefined, "boolean"],
    getClass: ["Class"],
  }),
);

function arityOf(tree: SyntaxTree, list: Node | undefined): [number, number] {
  const { length } = parametersOf(tree, list);
  return tree.child(list, "spread_parameter") === undefined ? [length, length] : [length - 1, -1];
}

function parametersOf(tree: SyntaxTree, list: Node | undefined): Variable[] {
  return tree.children(list).flatMap((parameter) => {
    const name = tree.field(parameter, "name") ?? tree.field(tree.child(parameter, "variable_declarator"), "name");
    const isVariadic = tree.is(parameter, "spread_parameter");
    const type = isVariadic
      ? tree.children(parameter).find((child) => tree.type(child).includes("type"))
      : tree.field(parameter, "type");
    return name === undefined
      ? []
      : [{ name, type: inferred(tree, type), node: parameter, ...(isVariadic && { isRest: true }) }];
  });
}

function readJavaType(tree: SyntaxTree, node: Node): TypeShape | undefined {
  switch (tree.type(node)) {
    case "type_identifier":
    case "identifier":
      return { kind: "named", name: node };
    case "scoped_type_identifier":
    case "scoped_identifier": {
      const parts = tree
        .children(node)
        .filter((child) => tree.type(child).includes("identifier") || tree.is(child, "generic_type"));
      const name = parts.at(-1);
      return name === undefined ? { kind: "none" } : { kind: "named", name, qualifier: parts.at(-2) };
    }
    case "generic_type": {
      const [of] = tree.children(node);
      return { kind: "generic", of, arguments: tree.children(tree.child(node, "type_arguments")) };
    }
    case "array_type": {
      const dimensions = tree.textOf(tree.field(node, "dimensions")).match(/\[/g)?.length ?? 1;
      return { kind: "array", of: tree.field(node, "element"), dimensions };
    }
    case "annotated_type":
      return { kind: "same", of: tree.children(node).at(-1) };
    case "wildcard":
      return { kind: "same", of: tree.children(node).find((child) => tree.type(child).includes("type")) };
    case "integral_type":
    case "floating_point_type":
    case "boolean_type":
      return { kind: "builtin", name: tree.textOf(node) };
    case "void_type":
    case "modifiers":
      return { kind: "none" };
    default:
      return undefined;
  }
}
