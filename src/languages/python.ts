// Python: modules, classes, functions, instance attributes; what `import` binds; types by annotation or constructor.
import { bindLocal, Draft, instanceOf, openScope, symbolTarget, type Binding, type Scope } from "./draft.ts";
import { UNKNOWN, type Facts, type ReferenceKind, type Target } from "./facts.ts";
import { bindParameters, bindPattern, declare, declareAssigned } from "./python-declare.ts";
import { importDynamically, importModules, importNames } from "./python-imports.ts";
import { eachOf, lowerPython, returnedType, superOf } from "./python-values.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export interface PythonFile {
  tree: SyntaxTree;
  draft: Draft;
  file: Scope;
  /** `import a.b`, by its name: what `a.b` means in an expression. */
  modules: Map<string, number>;
  /** Attributes of instances by class and name: the types of what they are set to. */
  attributes: Map<string, (() => Target)[]>;
  /** `self` of methods → the class. */
  selves: Map<Binding, number>;
  /** Functions that say only how they can be called. */
  overloads: Set<number>;
}

export function extractPython({ tree }: { path: string; tree: SyntaxTree }): Facts {
  const modules = new Map<string, number>();
  const draft: Draft = new Draft(tree, (node, scope) => lowerPython({ tree, draft, modules }, node, scope));
  const file = openScope(undefined, "file");
  visitChildren(
    { tree, draft, file, modules, attributes: new Map(), selves: new Map(), overloads: new Set() },
    tree.root,
    file,
  );
  // Everything a module binds can be imported from it, what it imported itself included.
  draft.later(() => {
    for (const [name, { target, isLocal }] of file.names) if (!isLocal) draft.exports.push({ name, target: target() });
  });
  return draft.finish();
}

function visitChildren(of: PythonFile, node: Node | undefined, scope: Scope): void {
  for (const child of of.tree.children(node)) visit(of, child, scope);
}

function visit(of: PythonFile, node: Node | undefined, scope: Scope): void {
  if (node === undefined) return;
  const { tree } = of;
  switch (tree.type(node)) {
    case "import_statement":
      return importModules(of, node, scope);
    case "future_import_statement":
      return;
    case "import_from_statement":
      return importNames(of, node, scope);
    case "decorated_definition":
      for (const decorator of tree.children(node))
        if (tree.is(decorator, "decorator")) visitAs(of, "decorator", tree.children(decorator)[0], scope);
      return visit(of, tree.field(node, "definition"), scope);
    case "class_definition":
      return visitClass(of, node, scope);
    case "function_definition":
      return visitFunction(of, node, scope);
    case "assignment":
    case "augmented_assignment":
      return visitAssignment(of, node, scope);
    case "named_expression":
      bindLocal(scope, tree.textOf(tree.field(node, "name")), () => of.draft.value(tree.field(node, "value"), scope));
      return visit(of, tree.field(node, "value"), scope);
    case "type_alias_statement": {
      const name = tree.child(tree.field(node, "left"), "identifier");
      const right = tree.field(node, "right");
      if (name !== undefined) {
        const type = () => of.draft.value(right, scope);
        declare(of, { name, node, scope, kind: "type", type });
      }
      return visit(of, right, scope);
    }
    case "for_statement":
    case "for_in_clause": {
      const left = tree.field(node, "left");
      const isAsync = tree.is(tree.children(node)[0], "async");
      bindPattern(of, left, scope, () =>
        isAsync ? UNKNOWN : eachOf(of.draft.value(tree.field(node, "right"), scope)),
      );
      for (const child of tree.children(node)) if (child !== left) visit(of, child, scope);
      return;
    }
    case "as_pattern": {
      const [value] = tree.children(node);
      const alias = tree.field(node, "alias");
      const isCaught = tree.is(tree.parent(node), "except_clause");
      const typed = () => (isCaught ? instanceOf(of.draft.value(value, scope)) : of.draft.value(value, scope));
      for (const name of tree.children(alias)) bindPattern(of, name, scope, typed);
      return visit(of, value, scope);
    }
    case "lambda": {
      const inner = openScope(scope, "function");
      bindParameters(of, tree.field(node, "parameters"), inner);
      return visit(of, tree.field(node, "body"), inner);
    }
    case "list_comprehension":
    case "set_comprehension":
    case "dictionary_comprehension":
    case "generator_expression":
      return visitChildren(of, node, openScope(scope, "function"));
    case "case_pattern": {
      const name = tree.child(node, "dotted_name");
      const parts = tree.children(name);
      if (name !== undefined && parts.length === 1) return bindLocal(scope, tree.textOf(parts[0]));
      return visitChildren(of, node, scope);
    }
    case "splat_pattern":
      return bindLocal(scope, tree.textOf(tree.child(node, "identifier")));
    case "dotted_name":
      return of.draft.refer("read", tree.children(node)[0] ?? node, { scope });
    case "keyword_pattern":
      for (const child of tree.children(node).slice(1))
        if (tree.is(child, "dotted_name") && tree.children(child).length === 1)
          bindLocal(scope, tree.textOf(tree.children(child)[0]));
        else visit(of, child, scope);
      return;
    case "global_statement":
    case "nonlocal_statement": {
      const outer = tree.is(node, "global_statement") ? of.file : scope.parent;
      for (const name of tree.children(node)) {
        const text = tree.textOf(name);
        if (outer && tree.is(name, "identifier"))
          scope.names.set(text, { target: () => of.draft.valueOf(text, outer) });
      }
      return;
    }
    case "keyword_argument":
      return visit(of, tree.field(node, "value"), scope);
    case "call":
      visitAs(of, "call", tree.field(node, "function"), scope);
      importDynamically(of, node);
      return visitChildren(of, tree.field(node, "arguments"), scope);
    case "type":
      return visitType(of, node, scope);
    case "attribute":
    case "identifier":
      return visitAs(of, "read", node, scope);
    default:
      return visitChildren(of, node, scope);
  }
}

/** An expression whose last name is used as `kind`. */
function visitAs(of: PythonFile, kind: ReferenceKind, node: Node | undefined, scope: Scope): void {
  const { tree, draft } = of;
  if (node === undefined) return;
  // By its name alone (PEP 8), as what it leads to is often in another file.
  const used = (name: Node) => (kind === "call" && /^_*[A-Z]\w*[a-z]/.test(tree.textOf(name)) ? "new" : kind);
  if (tree.is(node, "identifier")) draft.refer(used(node), node, { scope });
  else if (tree.is(node, "attribute")) {
    const name = tree.field(node, "attribute");
    if (name === undefined) return;
    visitAs(of, "read", tree.field(node, "object"), scope);
    draft.refer(kind === "read" ? "member" : used(name), name, { scope, target: () => draft.value(node, scope) });
  } else if (kind === "decorator" && tree.is(node, "call")) {
    visitAs(of, kind, tree.field(node, "function"), scope);
    visitChildren(of, tree.field(node, "arguments"), scope);
  } else if (kind === "inherit" && tree.is(node, "subscript")) {
    visitAs(of, kind, tree.field(node, "value"), scope);
    for (const type of tree.fields(node, "subscript")) visitType(of, type, scope);
  } else visit(of, node, scope);
}

/** Names in a type, in quotes or not. */
function visitType(of: PythonFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  if (tree.is(node, "identifier", "attribute")) return visitAs(of, "type", node, scope);
  const quoted = tree.is(node, "string") ? tree.child(node, "string_content") : undefined;
  const text = tree.textOf(quoted);
  if (quoted !== undefined && /^[\w.]+$/.test(text)) {
    const dot = text.lastIndexOf(".") + 1;
    draft.refer("type", quoted, { scope, name: text.slice(dot), offset: dot, target: () => draft.value(node, scope) });
  } else for (const child of tree.children(node)) visitType(of, child, scope);
}

function visitClass(of: PythonFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const name = tree.field(node, "name");
  const body = tree.field(node, "body");
  const supers = tree.children(tree.field(node, "superclasses"));
  const bases = supers.filter((base) => !tree.is(base, "keyword_argument", "comment"));
  for (const base of supers)
    if (bases.includes(base)) visitAs(of, "inherit", base, scope);
    else visit(of, base, scope);
  if (name === undefined) return;
  const isEnum = bases.some((base) => /(?:Enum|Flag)$/.test(tree.textOf(base)));
  const symbol = declare(of, {
    name,
    node,
    body,
    scope,
    kind: isEnum ? "enum" : "class",
    bases: bases.map((base) => () => draft.value(base, scope)),
    isTest: /^Test[A-Z_]/.test(tree.textOf(name)),
  });
  const inner = openScope(scope, "type", symbol);
  bindTypeParameters(of, node, inner);
  visitChildren(of, body, inner);
}

function visitFunction(of: PythonFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const name = tree.field(node, "name");
  if (name === undefined) return;
  const body = tree.field(node, "body");
  const parameters = tree.field(node, "parameters");
  const returned = tree.field(node, "return_type");
  const decorators = decoratorsOf(tree, node);
  const text = tree.textOf(name);
  const isManager = decorators.some((decorator) => /(?:^|\.)(?:async)?contextmanager$/.test(decorator));
  const isProperty = decorators.some((decorator) => /(?:^|[._])property$|\.(?:setter|getter|deleter)$/.test(decorator));
  const kind =
    scope.kind !== "type" ? "function" : text === "__init__" ? "constructor" : isProperty ? "property" : "method";
  const symbol: number = declare(of, {
    name,
    node,
    body,
    scope,
    kind,
    type: () =>
      returned === undefined ? returnedType(of, { body, scope: inner, isManager }) : draft.value(returned, inner),
    isStatic: scope.kind === "type" && decorators.some((decorator) => /^(?:static|class)method$/.test(decorator)),
    isTest: text.startsWith("test_"),
  });
  if (decorators.some((decorator) => /(?:^|\.)overload$/.test(decorator))) of.overloads.add(symbol);
  // A class is not a scope for the names in its methods.
  const inner = openScope(scope.kind === "type" ? scope.parent : scope, "function", symbol);
  bindTypeParameters(of, node, inner);
  bindParameters(of, parameters, inner);
  if (scope.kind === "type" && scope.symbol !== undefined && !decorators.includes("staticmethod")) {
    const owner = scope.symbol;
    const type = symbolTarget(owner);
    const isOfClass = decorators.includes("classmethod") || text === "__new__";
    const [self] = tree.children(parameters);
    if (tree.is(self, "identifier")) {
      const binding = { target: () => (isOfClass ? type : instanceOf(type)), isLocal: true };
      inner.names.set(tree.textOf(self), binding);
      if (!isOfClass) of.selves.set(binding, owner);
    }
    inner.names.set("super()", { target: () => superOf(of, owner), isLocal: true });
  }
  visitDefaults(of, parameters, { ...inner, parent: scope });
  if (returned !== undefined) visitType(of, returned, inner);
  visitChildren(of, body, inner);
}

function bindTypeParameters(of: PythonFile, node: Node, scope: Scope): void {
  const { tree } = of;
  for (const parameter of tree.children(tree.field(node, "type_parameters")))
    bindLocal(scope, tree.textOf(tree.child(parameter, "identifier")));
}

function decoratorsOf(tree: SyntaxTree, node: Node): string[] {
  const parent = tree.parent(node);
  if (!tree.is(parent, "decorated_definition")) return [];
  return tree
    .children(parent)
    .flatMap((child) => (tree.is(child, "decorator") ? [tree.textOf(tree.children(child)[0])] : []));
}

function visitDefaults(of: PythonFile, parameters: Node | undefined, scope: Scope): void {
  for (const parameter of of.tree.children(parameters)) {
    visit(of, of.tree.field(parameter, "value"), scope);
    visit(of, of.tree.field(parameter, "type"), scope);
  }
}

function visitAssignment(of: PythonFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const left = tree.field(node, "left");
  const right = tree.field(node, "right");
  const type = tree.field(node, "type");
  if (left === undefined) return;
  // `Name = Name` in a class takes it from around, where that is not set yet.
  const isFromAround =
    scope.kind === "type" &&
    scope.parent &&
    tree.is(right, "identifier") &&
    !scope.names.has(tree.textOf(left)) &&
    tree.textOf(left) === tree.textOf(right);
  const from = isFromAround && scope.parent ? { ...scope.parent, symbol: scope.symbol } : scope;
  const isDeclared = tree.is(node, "assignment") && declareAssigned(of, { left, node, scope, from });
  if (isDeclared) visitTargets(of, left, scope);
  else if (tree.is(left, "identifier")) draft.refer("write", left, { scope });
  else visitTargets(of, left, scope);
  visit(of, type, scope);
  visit(of, right, from);
}

/** What is written to, but for names that the assignment itself declares. */
function visitTargets(of: PythonFile, left: Node, scope: Scope): void {
  const { tree, draft } = of;
  if (tree.is(left, "identifier")) return;
  if (tree.is(left, "attribute")) {
    const name = tree.field(left, "attribute");
    visit(of, tree.field(left, "object"), scope);
    if (name !== undefined) draft.refer("write", name, { scope, target: () => draft.value(left, scope) });
  } else if (tree.is(left, "pattern_list", "tuple_pattern", "list_pattern"))
    for (const child of tree.children(left)) visitTargets(of, child, scope);
  else visit(of, left, scope);
}
