// Go: a file's part of its package. Names of the package's other files are free here; methods name their receiver's type.
import {
  bindLocal,
  commentBefore,
  Draft,
  elementOf,
  findBinding,
  instanceOf,
  openScope,
  symbolTarget,
  typeOf,
  type Scope,
  type SymbolDraft,
} from "./draft.ts";
import { isFileLeftOut } from "./go-conditions.ts";
import { fieldOf, isChannel, lowerGo, resultType, structIn, type GoValues } from "./go-values.ts";
import { UNKNOWN, type Facts, type ReferenceKind, type Target } from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

interface GoFile extends GoValues {
  isTestFile: boolean;
  /** An ordinary build leaves the file out. */
  isSecondary: boolean;
}

export function extractGo({ path, tree }: { path: string; tree: SyntaxTree }): Facts {
  const draft: Draft = new Draft(tree, (node, scope) => lowerGo(of, node, scope));
  const of: GoFile = {
    tree,
    draft,
    structs: new Map(),
    fields: new Map(),
    isTestFile: path.endsWith("_test.go"),
    isSecondary: isFileLeftOut(path, tree.text),
  };
  const file = openScope(undefined, "file");
  const declarations = tree.children(tree.root);
  // Types first: their methods may stand before them.
  const isType = (node: Node) => tree.is(node, "type_declaration");
  for (const node of declarations) if (isType(node)) visit(of, node, file);
  for (const node of declarations) if (!isType(node)) visit(of, node, file);
  draft.later(() => {
    for (const [name, { symbol }] of file.names)
      if (symbol !== undefined) draft.exports.push({ name, target: symbolTarget(symbol) });
  });
  const name = tree.textOf(tree.child(tree.child(tree.root, "package_clause"), "package_identifier"));
  return { ...draft.finish(), ...(name && { package: name }) };
}

function visitChildren(of: GoFile, node: Node | undefined, scope: Scope): void {
  for (const child of of.tree.children(node)) visit(of, child, scope);
}

function visit(of: GoFile, node: Node | undefined, scope: Scope): void {
  if (node === undefined) return;
  const { tree, draft } = of;
  switch (tree.type(node)) {
    case "package_clause":
    case "label_name":
      return;
    case "import_spec":
      return visitImport(of, node, scope);
    case "type_spec":
    case "type_alias":
      return visitType(of, node, scope);
    case "const_spec":
    case "var_spec":
      return visitVariables(of, node, scope);
    case "function_declaration":
    case "method_declaration":
      return visitFunction(of, node, scope);
    case "func_literal": {
      const inner = openScope(scope, "function");
      bindParameters(of, node, inner);
      return visitChildren(of, node, inner);
    }
    case "parameter_declaration":
    case "variadic_parameter_declaration":
    case "type_parameter_declaration":
      return visit(of, tree.field(node, "type"), scope);
    case "short_var_declaration":
      return visitShortVariables(of, node, scope);
    case "receive_statement":
    case "range_clause": {
      const right = tree.field(node, "right");
      const left = tree.children(tree.field(node, "left"));
      const isRange = tree.is(node, "range_clause");
      const value = () => draft.value(right, scope);
      const parts = isRange
        ? [() => (isChannel(value()) ? elementOf(value()) : UNKNOWN), () => elementOf(value())]
        : [value];
      for (const [index, name] of left.entries())
        if (tree.is(name, "identifier") && !scope.names.has(tree.textOf(name)))
          bindLocal(scope, tree.textOf(name), parts[index]);
        else visit(of, name, scope);
      return visit(of, right, scope);
    }
    case "block":
    case "if_statement":
    case "for_statement":
    case "expression_switch_statement":
    case "expression_case":
    case "default_case":
    case "communication_case":
      return visitChildren(of, node, openScope(scope, "function"));
    case "type_switch_statement":
      return visitTypeSwitch(of, node, openScope(scope, "function"));
    case "assignment_statement": {
      for (const left of tree.children(tree.field(node, "left"))) visitAs(of, "write", left, scope);
      return visit(of, tree.field(node, "right"), scope);
    }
    case "call_expression":
      visitAs(of, "call", tree.field(node, "function"), scope);
      visit(of, tree.field(node, "type_arguments"), scope);
      return visit(of, tree.field(node, "arguments"), scope);
    case "composite_literal": {
      const type = tree.field(node, "type");
      visitAs(of, "new", type, scope);
      return visitLiteral(of, tree.field(node, "body"), { scope, type: () => draft.value(type, scope) });
    }
    case "type_identifier":
    case "qualified_type":
      return visitAs(of, "type", node, scope);
    case "identifier":
    case "selector_expression":
      return visitAs(of, "read", node, scope);
    default:
      return visitChildren(of, node, scope);
  }
}

const PREDECLARED = new Set(
  "any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete imag len make max min new panic print println real recover _".split(
    " ",
  ),
);

/** An expression or type whose last name is used as `kind`. */
function visitAs(of: GoFile, kind: ReferenceKind, node: Node | undefined, scope: Scope): void {
  const { tree, draft } = of;
  if (node === undefined) return;
  if (tree.is(node, "identifier", "type_identifier")) {
    const name = tree.textOf(node);
    if (PREDECLARED.has(name) && !findBinding(scope, name)) return;
    draft.refer(kind, node, { scope });
  } else if (tree.is(node, "selector_expression", "qualified_type")) {
    const object = tree.field(node, "operand") ?? tree.field(node, "package");
    const name = tree.field(node, "field") ?? tree.field(node, "name");
    const isPackage = isPackageName(of, object, scope);
    if (!isPackage) visit(of, object, scope);
    const used = kind === "read" && !isPackage ? "member" : kind;
    if (name !== undefined) draft.refer(used, name, { scope, target: () => draft.value(node, scope) });
  } else if (tree.is(node, "generic_type")) {
    visitAs(of, kind, tree.field(node, "type"), scope);
    visit(of, tree.field(node, "type_arguments"), scope);
  } else visit(of, node, scope);
}

function isPackageName(of: GoFile, node: Node | undefined, scope: Scope): boolean {
  if (of.tree.is(node, "package_identifier")) return true;
  return of.tree.is(node, "identifier") && findBinding(scope, of.tree.textOf(node))?.isPackage === true;
}

function visitImport({ tree, draft }: GoFile, node: Node, scope: Scope): void {
  const path = tree.field(node, "path");
  const alias = tree.field(node, "name");
  const specifier = tree.textOf(path).slice(1, -1);
  if (path === undefined || !specifier) return;
  const isStar = tree.is(alias, "dot");
  const number = draft.import({ specifier, kind: "import", ...(isStar && { isStar }) }, path);
  if (isStar || tree.is(alias, "blank_identifier")) return;
  const names = alias === undefined ? packageNames(specifier) : [tree.textOf(alias)];
  const target = (): Target => ({ kind: "imported", import: number, name: "*" });
  for (const name of names) if (!scope.names.has(name)) scope.names.set(name, { target, isPackage: true });
}

/** What a package may call itself, going by its path: version and `go-` are often left out. */
function packageNames(specifier: string): string[] {
  const segments = specifier.split("/");
  const last = segments.at(-1) ?? "";
  const name = (/^v\d+$/.test(last) ? segments.at(-2) : last)?.replace(/\.v\d+$/, "") ?? last;
  const bare = name.replace(/^go[-.]|[-.]go$/g, "");
  return [...new Set([name, bare, bare.replace(/[-.]/g, ""), bare.replace(/^.*[-.]/, "")])];
}

function declare(of: GoFile, { scope, ...draft }: Omit<SymbolDraft, "isExported"> & { scope: Scope }): number {
  const { tree } = of;
  const name = tree.textOf(draft.name);
  const isExported =
    /^\p{Lu}/u.test(name) && (draft.container !== undefined || draft.owner !== undefined || scope.kind === "file");
  const group = tree.parent(draft.node);
  // `type A …` has its comment before `type`.
  const isAlone = tree.is(group, "type_declaration", "const_declaration", "var_declaration");
  const documentation =
    commentBefore(tree, draft.node) ?? (isAlone ? commentBefore(tree, group ?? draft.node) : undefined);
  const symbol = of.draft.symbol({ documentation, isSecondary: of.isSecondary, ...draft, isExported });
  if (draft.container === undefined && draft.owner === undefined && name !== "_")
    scope.names.set(name, { symbol, target: () => symbolTarget(symbol) });
  return symbol;
}

function visitType(of: GoFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const name = tree.field(node, "name");
  const type = tree.field(node, "type");
  if (name === undefined || type === undefined) return;
  const isStruct = tree.is(type, "struct_type");
  const isInterface = tree.is(type, "interface_type");
  const fields = isStruct ? fieldsIn(tree, type) : tree.children(isInterface ? type : undefined);
  const inner = openScope(scope, "type");
  for (const parameter of tree.children(tree.field(node, "type_parameters")))
    for (const parameterName of tree.fields(parameter, "name")) bindLocal(inner, tree.textOf(parameterName));
  const embedded = fields.filter((field) => tree.field(field, "name") === undefined && !tree.is(field, "comment"));
  const symbol = declare(of, {
    name,
    node,
    scope,
    body: isStruct || isInterface ? tree.child(type, "field_declaration_list") : undefined,
    kind: isStruct ? "struct" : isInterface ? "interface" : "type",
    ...(!isStruct && !isInterface && { type: () => draft.value(type, inner) }),
    bases: embedded
      .flatMap((field) => tree.field(field, "type") ?? tree.children(field))
      .map((base) => () => draft.value(base, inner)),
  });
  const within = { ...inner, symbol };
  visit(of, tree.field(node, "type_parameters"), within);
  if (!isStruct && !isInterface) {
    declareStruct(of, type, { scope: within, container: symbol });
    return visit(of, type, within);
  }
  for (const field of fields) {
    const fieldType = tree.field(field, "type");
    if (embedded.includes(field)) {
      for (const base of tree.children(field)) visitAs(of, "inherit", base, within);
      const baseName = tree.descendants(fieldType ?? field).findLast((at) => tree.is(at, "type_identifier"));
      if (!isStruct || baseName === undefined) continue;
      declare(of, {
        name: baseName,
        node: field,
        scope,
        kind: "property",
        container: symbol,
        type: () => draft.value(fieldType, inner),
      });
      continue;
    }
    const kind = tree.is(field, "method_elem") ? "method" : "property";
    const result = kind === "method" ? resultType(tree, field) : fieldType;
    for (const fieldName of tree.fields(field, "name")) {
      const number = declare(of, {
        name: fieldName,
        node: field,
        scope,
        kind,
        container: symbol,
        type: () => draft.value(result, inner),
      });
      if (kind === "property") declareStruct(of, fieldType, { scope: inner, container: number });
    }
    for (const child of tree.children(field)) if (tree.fieldName(child) !== "name") visit(of, child, within);
  }
}

function fieldsIn(tree: SyntaxTree, struct: Node): Node[] {
  return tree.children(tree.child(struct, "field_declaration_list"));
}

/** The fields of a struct without a name are members of what has it for a type, or for that of its values. */
function declareStruct(
  of: GoFile,
  type: Node | undefined,
  { scope, container }: { scope: Scope; container: number },
): void {
  const { tree, draft } = of;
  const struct = structIn(tree, type);
  if (struct === undefined || of.structs.has(struct)) return;
  of.structs.set(struct, container);
  for (const node of fieldsIn(tree, struct)) {
    const fieldType = tree.field(node, "type");
    for (const name of tree.fields(node, "name")) {
      const kind = "property";
      const field = declare(of, { name, node, scope, kind, container, type: () => draft.value(fieldType, scope) });
      declareStruct(of, fieldType, { scope, container: field });
    }
  }
}

function visitVariables(of: GoFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const type = tree.field(node, "type");
  const values = tree.children(tree.field(node, "value"));
  for (const [index, name] of tree.fields(node, "name").entries()) {
    const value = values[index] ?? (index === 0 ? values[0] : undefined);
    const typed = () => (type === undefined ? draft.value(value, scope) : instanceOf(draft.value(type, scope)));
    if (scope.kind !== "file") bindLocal(scope, tree.textOf(name), typed);
    else {
      const kind = tree.is(node, "const_spec") ? "constant" : "variable";
      const container = declare(of, {
        name,
        node,
        scope,
        kind,
        type: () => (type === undefined ? typeOf(typed()) : draft.value(type, scope)),
      });
      const literal = tree.is(value, "composite_literal") ? tree.field(value, "type") : undefined;
      declareStruct(of, type ?? literal, { scope, container });
    }
  }
  visit(of, type, scope);
  visit(of, tree.field(node, "value"), scope);
}

function visitFunction(of: GoFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const name = tree.field(node, "name");
  if (name === undefined) return;
  const receiver = tree.descendants(tree.field(node, "receiver") ?? node).find((at) => tree.is(at, "type_identifier"));
  const isMethod = tree.field(node, "receiver") !== undefined;
  const ownerName = isMethod ? tree.textOf(receiver) : undefined;
  const container = ownerName === undefined ? undefined : findBinding(scope, ownerName)?.symbol;
  const outer = openScope(scope, "function");
  const result = resultType(tree, node);
  const symbol = declare(of, {
    name,
    node,
    scope,
    body: tree.field(node, "body"),
    kind: isMethod ? "method" : "function",
    container,
    owner: container === undefined ? ownerName : undefined,
    type: () => draft.value(result, outer),
    isTest: of.isTestFile && /^(?:Test|Benchmark|Fuzz|Example)(?:\P{Ll}|$)/u.test(tree.textOf(name)),
  });
  const inner = { ...outer, symbol };
  for (const list of [tree.field(node, "type_parameters"), tree.field(node, "receiver")])
    for (const parameter of tree.descendants(list ?? name))
      if (tree.is(tree.parent(parameter), "type_parameter_declaration") && tree.fieldName(parameter) === "name")
        bindLocal(outer, tree.textOf(parameter));
  // Type parameters of a generic receiver: `func (s *Set[T]) …`.
  for (const type of tree.descendants(tree.field(node, "receiver") ?? name))
    if (tree.is(type, "type_elem")) bindLocal(outer, tree.textOf(type));
  bindParameters(of, node, inner);
  for (const child of tree.children(node)) if (tree.fieldName(child) !== "name") visit(of, child, inner);
}

function bindParameters({ tree, draft }: GoFile, node: Node, scope: Scope): void {
  for (const list of ["receiver", "parameters", "result"])
    for (const parameter of tree.children(tree.field(node, list)))
      for (const name of tree.fields(parameter, "name")) {
        const type = tree.field(parameter, "type");
        const isVariadic = tree.is(parameter, "variadic_parameter_declaration");
        const value = () => instanceOf(draft.value(type, scope));
        bindLocal(scope, tree.textOf(name), isVariadic ? undefined : value);
      }
}

function visitShortVariables(of: GoFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const values = tree.children(tree.field(node, "right"));
  // The new variable is not known yet on the right: `x := x.next`, `x := x`.
  const right = tree.textOf(tree.field(node, "right"));
  const names = tree.children(tree.field(node, "left")).map((name) => tree.textOf(name));
  const isUsed = (name: string) => scope.names.has(name) || right.includes(name);
  const outside = names.some(isUsed) ? { ...scope, names: new Map(scope.names) } : scope;
  visit(of, tree.field(node, "right"), outside);
  for (const [index, name] of tree.children(tree.field(node, "left")).entries()) {
    const value = values[index] ?? (index === 0 ? values[0] : undefined);
    if (tree.is(name, "identifier")) bindLocal(scope, tree.textOf(name), () => draft.value(value, outside));
  }
}

/** `switch t := x.(type)`: in each case `t` is of its type. */
function visitTypeSwitch(of: GoFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const alias = tree.children(tree.field(node, "alias"))[0];
  for (const child of tree.children(node)) {
    if (tree.fieldName(child) === "alias") continue;
    const inner = openScope(scope, "function");
    const types = tree.fields(child, "type");
    const value = tree.field(node, "value");
    if (alias !== undefined)
      bindLocal(inner, tree.textOf(alias), () =>
        types.length === 1 ? instanceOf(draft.value(types[0], scope)) : draft.value(value, scope),
      );
    if (tree.is(child, "type_case", "default_case")) visitChildren(of, child, inner);
    else visit(of, child, scope);
  }
}

/** The fields that a literal of a struct names, and the literals within it. */
function visitLiteral(of: GoFile, body: Node | undefined, { scope, type }: { scope: Scope; type: () => Target }): void {
  const { tree, draft } = of;
  const visitElement = (element: Node | undefined, elementType: () => Target) => {
    const literal = tree.child(element, "literal_value");
    if (literal !== undefined) visitLiteral(of, literal, { scope, type: elementType });
    else visitChildren(of, element, scope);
  };
  const inside = (): Target => {
    const found = type();
    return found.kind === "list" ? found.of : typeOf(elementOf(instanceOf(found)));
  };
  for (const child of tree.children(body)) {
    if (!tree.is(child, "keyed_element")) {
      visitElement(child, inside);
      continue;
    }
    const key = tree.children(tree.field(child, "key"))[0];
    const value = tree.field(child, "value");
    if (!tree.is(key, "identifier")) {
      visitElement(tree.field(child, "key"), inside);
      visitElement(value, inside);
      continue;
    }
    const name = tree.textOf(key);
    const field = () => fieldOf(of, instanceOf(type()), name);
    // The keys of a map are values.
    draft.refer("write", key, { scope, target: () => (type().kind === "list" ? draft.valueOf(name, scope) : field()) });
    visitElement(value, () => (type().kind === "list" ? inside() : typeOf(field())));
  }
}
