// Kotlin, as shapes. Most of its grammar has no field names: parts are told by their type and order.
import type { Facts, SymbolKind } from "./facts.ts";
import { visitShapes } from "./read-shapes.ts";
import { openShapeFile, type ShapeFile } from "./shape-file.ts";
import type { Grammar, Shape, TypeShape, Variable } from "./shapes.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function extractKotlin({ tree }: { path: string; tree: SyntaxTree }): Facts {
  const of = openShapeFile(tree, KOTLIN);
  for (const node of tree.children(tree.root)) if (tree.is(node, "import")) visitImport(of, node);
  visitShapes(of, tree.root, of.file);
  const name = tree.textOf(tree.child(tree.child(tree.root, "package_header"), "qualified_identifier", "identifier"));
  return { ...of.draft.finish(), ...(name && { package: name.replace(/\s|`/g, "") }) };
}

function visitImport({ tree, draft, file }: ShapeFile, node: Node): void {
  const path = tree.child(node, "qualified_identifier", "identifier");
  if (path === undefined) return;
  const specifier = tree.textOf(path).replace(/\s|`/g, "");
  if (/\.\*\s*$/.test(tree.textOf(node))) {
    draft.import({ specifier, kind: "import", isStar: true }, path);
    return;
  }
  const name = tree.children(path).at(-1) ?? path;
  const alias = tree.child(node, "identifier");
  const number = draft.import({ specifier, kind: "import" }, path);
  const target = () => ({ kind: "imported", import: number, name: tree.textOf(name) }) as const;
  const bound = tree.textOf(alias ?? name);
  // Extensions of several types can have one name.
  const known = file.names.get(bound);
  file.names.set(bound, { target: known ? () => ({ kind: "either", of: [known.target(), target()] }) : target });
  draft.refer("import", name, { scope: file, target });
}

const KOTLIN: Grammar = {
  read: readKotlin,
  readType: readKotlinType,
  modifiers(tree, node) {
    const text = tree.textOf(tree.child(node, "modifiers"));
    return {
      isExported: !/\bprivate\b/.test(text),
      isStatic: tree.is(node, "enum_entry", "class_declaration", "object_declaration", "companion_object"),
      isTest: /@(?:\w+\.)*\w*Test\b/.test(text),
    };
  },
  collections:
    /^(?:\w*List|\w*Set|\w*Collection|\w*Iterable|\w*Iterator|\w*Map|Array|ArrayDeque|Sequence|Flow|Channel)$/,
  standardCollections:
    /^(?:Array|Class|KClass|Lazy|Result|Collection|Iterable|Iterator|List|Map|MutableList|MutableMap|MutableSet|Sequence|Set)$/,
  holders:
    /^(?:Lazy|Deferred|Result|KClass|Class|Optional|Provider|WeakReference|AtomicReference|StateFlow|MutableStateFlow)$/,
  elementMethods:
    /^(?:get|first|last|single|firstOrNull|lastOrNull|singleOrNull|find|getValue|getOrNull|next|removeFirst|removeLast|random|elementAt)$/,
  handsElements:
    /^(?:forEach|onEach|map|mapNotNull|flatMap|filter|filterNot|any|all|none|count|find|first|firstOrNull|last|lastOrNull|single|sumOf|sortedBy|associateBy|associateWith|groupBy|partition|takeWhile|dropWhile|maxBy|minBy|removeIf|removeAll)$/,
  handsItself: /^(?:let|also|use|takeIf|takeUnless)$/,
  givesItself: /^(?:apply|also|takeIf|takeUnless|onEach)$/,
  entersItself: /^(?:apply|run)$/,
  entersFirst: /^with$/,
  hasContexts: true,
  hasImportedMembers: true,
  noFunctions: "objects",
  literalType: kotlinLiteral,
  hasImplicitThis: true,
  words: new Set(["it", "field", "_", "class", "true", "false", "null"]),
  packagePath: /^[a-z_]\w*(?:\.[a-z_]\w*)*$/,
};

const TYPE_NODE = /^(?:user_type|nullable_type|function_type|parenthesized_type|non_nullable_type|type_reference)$/;
const isTypeNode = (tree: SyntaxTree) => (node: Node) => TYPE_NODE.test(tree.type(node));

function readKotlin(tree: SyntaxTree, node: Node): Shape | undefined {
  const type = tree.type(node);
  const children = tree.children(node);
  switch (type) {
    case "package_header":
    case "import":
    case "label":
      return { kind: "skip" };
    case "class_declaration":
    case "object_declaration":
      return typeShape(tree, node);
    case "companion_object":
      return tree.field(node, "name") === undefined && tree.child(node, "identifier") === undefined
        ? { kind: "statics" }
        : typeShape(tree, node);
    case "object_literal":
      return { kind: "new", type: superTypes(tree, node)[0], body: tree.child(node, "class_body") };
    case "enum_entry": {
      const name = tree.child(node, "identifier");
      return { kind: "variables", as: "enum_member", variables: name === undefined ? [] : [{ name }] };
    }
    case "type_alias": {
      const name = tree.field(node, "type") ?? tree.child(node, "identifier");
      const alias = children.at(-1);
      return {
        kind: "type",
        as: "type",
        name,
        bases: [],
        typeParameters: tree.child(node, "type_parameters"),
        alias: alias !== undefined && isTypeNode(tree)(alias) ? alias : undefined,
      };
    }
    case "function_declaration":
    case "secondary_constructor":
    case "anonymous_function":
      return functionShape(tree, node);
    case "lambda_literal": {
      const list = tree.child(node, "lambda_parameters");
      return {
        kind: "function",
        as: "function",
        parameters:
          list === undefined
            ? [{ name: node, key: "it" }]
            : tree.children(list).flatMap((parameter) => variablesOf(tree, parameter)),
      };
    }
    case "property_declaration": {
      const written = tree.child(node, "variable_declaration", "multi_variable_declaration");
      const declared = tree.is(written, "multi_variable_declaration")
        ? tree.children(written)
        : written === undefined
          ? []
          : [written];
      const value =
        written === undefined
          ? undefined
          : children
              .slice(children.indexOf(written) + 1)
              .find((child) => /expression|literal|identifier|^when|^if|^try/.test(tree.type(child)));
      const isConstant = /\bconst\b/.test(tree.textOf(tree.child(node, "modifiers")));
      const single = declared.length === 1;
      const receiver = children.slice(0, children.indexOf(written ?? node)).find(isTypeNode(tree));
      return {
        kind: "variables",
        ...(isConstant && { as: "constant" }),
        variables: declared
          .flatMap((each) => variableOf(tree, each))
          .map((variable) => ({
            ...variable,
            value: single ? (value ?? lazyValue(tree, node)) : undefined,
            receiver,
            node,
          })),
      };
    }
    case "for_statement": {
      const declared = tree.child(node, "variable_declaration", "multi_variable_declaration");
      const each = children[children.findIndex((child) => tree.is(child, "in")) + 1];
      if (declared === undefined) return { kind: "scope" };
      const isOne = tree.is(declared, "variable_declaration");
      const variables = variablesOf(tree, declared).map((variable) => ({
        ...variable,
        isLocal: true,
        each: isOne ? each : undefined,
      }));
      return { kind: "variables", variables, hasScope: true };
    }
    case "catch_block": {
      const name = tree.child(node, "identifier");
      return name === undefined
        ? { kind: "scope" }
        : { kind: "variables", variables: [{ name, type: children.find(isTypeNode(tree)) }], hasScope: true };
    }
    case "block":
    case "when_entry":
      return { kind: "scope" };
    case "identifier":
      // `return@label`
      return tree.fieldName(node) === "label" ? { kind: "skip" } : { kind: "name", name: node };
    case "navigation_expression": {
      const parts = children.filter((child) => !tree.is(child, "type_arguments"));
      const [object] = parts;
      const name = parts.at(-1);
      if (object === undefined || name === undefined || object === name || !tree.is(name, "identifier"))
        return undefined;
      if (/^(?:class|java|javaClass)$/.test(tree.textOf(name))) return { kind: "same", of: object };
      return { kind: "member", object, name };
    }
    case "infix_expression": {
      const [object, name, ...handed] = children;
      return object !== undefined && tree.is(name, "identifier")
        ? { kind: "call", object, name, arguments: handed }
        : undefined;
    }
    case "callable_reference": {
      const name = children.at(-1);
      const [object] = children;
      return name !== undefined && object !== undefined && object !== name && tree.is(name, "identifier")
        ? { kind: "member", object, name }
        : undefined;
    }
    case "call_expression": {
      // `f(a) { … }` is `f(a)` with one more argument.
      const parent = tree.parent(node);
      if (tree.is(parent, "call_expression") && hasLambdaAlone(tree, parent) && !hasLambda(tree, node))
        return { kind: "only", of: tree.child(node, "value_arguments") };
      const inner = hasLambdaAlone(tree, node) && tree.is(children[0], "call_expression") ? children[0] : undefined;
      const isOne = inner !== undefined && !hasLambda(tree, inner);
      return {
        kind: "call",
        callee: isOne ? tree.children(inner)[0] : children[0],
        arguments: [
          ...tree
            .children(tree.child(isOne ? inner : node, "value_arguments"))
            .flatMap((each) => (tree.is(each, "value_argument") ? (tree.children(each).at(-1) ?? []) : [])),
          ...children.flatMap((each) => (tree.is(each, "annotated_lambda") ? (tree.children(each).at(-1) ?? []) : [])),
        ],
      };
    }
    case "as_expression":
      return { kind: "typed", type: tree.field(node, "right") };
    case "is_expression":
      return { kind: "types", types: tree.fields(node, "right") };
    case "type_test":
    case "type_arguments":
    case "type_projection":
      return {
        kind: "types",
        types: children.filter((child) => isTypeNode(tree)(child) || tree.is(child, "type_projection")),
      };
    case "type_parameter":
    case "type_constraint":
      return {
        kind: "types",
        types: children.filter((child) => tree.is(child, "identifier") === false && isTypeNode(tree)(child)),
      };
    case "value_argument":
      // `name = value`
      return children.length > 1 && tree.is(children[0], "identifier")
        ? { kind: "only", of: children.at(-1) }
        : { kind: "same", of: children.at(-1) };
    case "parenthesized_expression":
    case "unary_expression":
      return { kind: "same", of: tree.field(node, "argument") ?? children.at(-1) };
    case "binary_expression":
      // `a ?: b` is mostly `a`.
      return tree.is(tree.field(node, "operator"), "?:") ? { kind: "same", of: children[0] } : undefined;
    case "if_expression": {
      const condition = tree.field(node, "condition");
      return eitherShape(
        tree,
        children.filter((child) => child !== condition && !tree.is(child, "if", "else")),
      );
    }
    case "when_expression":
      return eitherShape(
        tree,
        children.flatMap((child) => (tree.is(child, "when_entry") ? (tree.children(child).at(-1) ?? []) : [])),
      );
    case "try_expression":
      return eitherShape(
        tree,
        children.flatMap((child) =>
          tree.is(child, "catch_block") ? (tree.child(child, "block") ?? []) : tree.is(child, "block") ? [child] : [],
        ),
      );
    case "index_expression":
      return { kind: "element", of: children[0] };
    case "assignment":
      return { kind: "assign", left: tree.field(node, "left"), right: tree.field(node, "right") };
    case "this_expression":
      return { kind: "this" };
    case "super_expression":
      return { kind: "super" };
    case "annotation": {
      const named =
        tree.child(node, "user_type") ?? tree.child(tree.child(node, "constructor_invocation"), "user_type");
      return { kind: "decorator", name: named };
    }
    case "constructor_invocation":
      return { kind: "types", types: children.filter(isTypeNode(tree)) };
    case "user_type":
    case "nullable_type":
      return { kind: "types", types: [node] };
    default:
      return undefined;
  }
}

/** A value that is one of several: those of branches that are nothing but an expression, if all others end there. */
function eitherShape(tree: SyntaxTree, branches: Node[]): Shape | undefined {
  const of: Node[] = [];
  for (const branch of branches) {
    const [first, ...more] = tree.is(branch, "block") ? tree.children(branch) : [branch];
    if (first === undefined || more.length > 0) return undefined;
    if (!/^(?:throw|return|jump)/.test(tree.type(first)) && tree.textOf(first) !== "null") of.push(first);
  }
  return { kind: "either", of };
}

/** What `by lazy { … }` makes, where that is one expression. */
function lazyValue(tree: SyntaxTree, property: Node): Node | undefined {
  const call = tree.child(tree.child(property, "property_delegate"), "call_expression");
  if (call === undefined || tree.textOf(tree.children(call)[0]) !== "lazy") return undefined;
  const lambda = tree.child(tree.child(call, "annotated_lambda"), "lambda_literal");
  const [value, ...more] = tree.children(lambda);
  return more.length > 0 ? undefined : value;
}

function hasLambda(tree: SyntaxTree, call: Node): boolean {
  return tree.child(call, "annotated_lambda") !== undefined;
}

function hasLambdaAlone(tree: SyntaxTree, call: Node): boolean {
  return hasLambda(tree, call) && tree.child(call, "value_arguments") === undefined;
}

function superTypes(tree: SyntaxTree, node: Node): Node[] {
  return tree.children(tree.child(node, "delegation_specifiers")).flatMap((specifier) => {
    const [inner] = tree.is(specifier, "delegation_specifier") ? tree.children(specifier) : [specifier];
    const holder = tree.is(inner, "constructor_invocation", "explicit_delegation")
      ? tree.children(inner).find(isTypeNode(tree))
      : inner;
    return holder !== undefined && isTypeNode(tree)(holder) ? [holder] : [];
  });
}

function typeShape(tree: SyntaxTree, node: Node): Shape {
  const words = tree.children(node).map((child) => tree.textOf(child).slice(0, 200));
  const isObject = !tree.is(node, "class_declaration");
  const isEnum = /\benum\b/.test(tree.textOf(tree.child(node, "modifiers")));
  const as: SymbolKind = words.includes("interface") ? "interface" : isEnum ? "enum" : "class";
  const list = tree.child(tree.child(node, "primary_constructor"), "class_parameters");
  const parameters = tree.children(list).flatMap((parameter) =>
    variableOf(tree, parameter).map((variable) => ({
      ...variable,
      isMember: tree.child(parameter, "val", "var") !== undefined,
      node: parameter,
    })),
  );
  const name = tree.field(node, "name") ?? tree.child(node, "identifier");
  return {
    kind: "type",
    as,
    name,
    bases: superTypes(tree, node),
    typeParameters: tree.child(node, "type_parameters"),
    parameters,
    body: tree.child(node, "class_body", "enum_class_body"),
    isObject,
  };
}

function functionShape(tree: SyntaxTree, node: Node): Shape {
  const children = tree.children(node);
  const list = tree.child(node, "function_value_parameters");
  const at = list === undefined ? children.length : children.indexOf(list);
  const name = tree.is(node, "function_declaration")
    ? tree.field(node, "name")
    : tree.is(node, "secondary_constructor")
      ? tree.child(node, "constructor")
      : undefined;
  const body = tree.child(node, "function_body", "block");
  const value = tree.textOf(body).startsWith("=") ? tree.children(body)[0] : undefined;
  return {
    kind: "function",
    as: tree.is(node, "secondary_constructor") ? "constructor" : "method",
    name,
    typeParameters: tree.child(node, "type_parameters"),
    // A default stands behind its parameter.
    parameters: tree.children(list).flatMap((each) => (tree.is(each, "parameter") ? variableOf(tree, each) : [])),
    arity: arityOf(tree, list),
    result: children.slice(at).find(isTypeNode(tree)),
    receiver: children.slice(0, at).find(isTypeNode(tree)),
    value,
    body,
  };
}

function kotlinLiteral(tree: SyntaxTree, node: Node): string | undefined {
  switch (tree.type(node)) {
    case "string_literal":
    case "multiline_string_literal":
      return "String";
    case "number_literal":
      return tree.textOf(node).endsWith("L") ? "Long" : "Int";
    case "float_literal":
      return /f$/i.test(tree.textOf(node)) ? "Float" : "Double";
    case "character_literal":
      return "Char";
    case "lambda_literal": {
      const list = tree.child(node, "lambda_parameters");
      return list === undefined ? "=>" : `=>${tree.children(list).length}`;
    }
    case "callable_reference":
      return "=>";
    case "identifier": {
      const word = tree.textOf(node);
      return word === "null" ? "null" : word === "true" || word === "false" ? "Boolean" : undefined;
    }
    default:
      return undefined;
  }
}

function arityOf(tree: SyntaxTree, list: Node | undefined): [number, number] {
  const children = tree.children(list).filter((each) => !tree.type(each).includes("comment"));
  const parameters = children.filter((each) => tree.is(each, "parameter"));
  const optional = parameters.filter((each) => {
    const next = tree.next(each);
    return (
      next !== undefined && !tree.is(next, "parameter", "parameter_modifiers") && !tree.type(next).includes("comment")
    );
  });
  const isOpen = children.some((each) => tree.is(each, "parameter_modifiers") && tree.textOf(each).includes("vararg"));
  return [isOpen ? 0 : parameters.length - optional.length, isOpen ? -1 : parameters.length];
}

/** Those of a pattern, `(a, b)`, too. */
function variablesOf(tree: SyntaxTree, node: Node): Variable[] {
  return tree.is(node, "multi_variable_declaration")
    ? tree.children(node).flatMap((each) => variableOf(tree, each))
    : variableOf(tree, node);
}

function variableOf(tree: SyntaxTree, node: Node): Variable[] {
  const name = tree.is(node, "identifier") ? node : tree.child(node, "identifier");
  return name === undefined ? [] : [{ name, type: tree.children(node).find(isTypeNode(tree)) }];
}

function readKotlinType(tree: SyntaxTree, node: Node): TypeShape | undefined {
  const children = tree.children(node);
  switch (tree.type(node)) {
    case "identifier":
      return { kind: "named", name: node };
    case "user_type": {
      const names = children.filter((child) => tree.is(child, "identifier", "user_type"));
      const last = names.at(-1);
      const list = tree.child(node, "type_arguments");
      if (last === undefined) return { kind: "none" };
      if (list !== undefined) return { kind: "generic", of: last, arguments: tree.children(list) };
      return { kind: "named", name: last, qualifier: names.at(-2) };
    }
    case "type_projection":
    case "nullable_type":
    case "parenthesized_type":
    case "non_nullable_type":
      return { kind: "same", of: children.findLast(isTypeNode(tree)) };
    case "function_type": {
      const list = tree.child(node, "function_type_parameters");
      const at = list === undefined ? 0 : children.indexOf(list);
      return {
        kind: "function",
        parameters: tree
          .children(list)
          .flatMap((each) => (tree.is(each, "parameter") ? (tree.children(each).at(-1) ?? []) : [each])),
        result: children.slice(at + 1).find(isTypeNode(tree)),
        context: children.slice(0, at).find(isTypeNode(tree)),
      };
    }
    case "type_modifiers":
    case "variance_modifier":
      return { kind: "none" };
    default:
      return undefined;
  }
}
