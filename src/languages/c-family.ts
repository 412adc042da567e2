// C and C++: functions, types, macros, variables, namespaces; what is declared here and defined elsewhere is marked.
// Names are looked for from the innermost namespace outwards; included files are searched when files are linked.
import {
  bindLocal,
  commentBefore,
  Draft,
  findBinding,
  instanceOf,
  openScope,
  symbolTarget,
  typeOf,
  elementOf,
  type Scope,
  type SymbolDraft,
} from "./draft.ts";
import {
  declaredName,
  declaratorsOf,
  handedName,
  handedVariable,
  isFunctionDeclarator,
  isPointerDeclarator,
  MACRO_NAME,
} from "./c-declarators.ts";
import { conditionHolds } from "./c-conditions.ts";
import {
  freeName,
  lowerC,
  nameTarget,
  pairedElement,
  pairedValue,
  plainPath,
  tagName,
  templateItself,
} from "./c-values.ts";
import { macroNamespaces, type MacroNamespace } from "./c-macros.ts";
import type { Facts, ReferenceKind, SymbolKind, Target } from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export interface CFile {
  tree: SyntaxTree;
  draft: Draft;
  isHeader: boolean;
  /** Names are looked up in classes and namespaces. */
  isCpp: boolean;
  /** Namespaces of `using namespace`. */
  used: string[];
  /** Namespaces that macros open, by where those stand, and the scopes made of them. */
  opened: (MacroNamespace & { scope?: Scope })[];
}

/** Headers of C++ are often called `.h`. */
export function isCppHeader(text: string): boolean {
  return CPP_LINE.test(text) || text.includes("std::") || macroNamespaces(text).length > 0;
}

/** How lines begin that no C has. */
const CPP_LINE = new RegExp(
  `^\\s*(?:${[
    "class\\s+\\w",
    "enum\\s+(?:class|struct)\\s+\\w+\\s*[:{]",
    "(?:inline\\s+)?namespace\\s+[\\w:]*\\s*\\{",
    "template\\s*<",
    "using\\s+[\\w:]+",
    "(?:inline\\s+|static\\s+)?constexpr\\s+\\w",
    "(?:public|private|protected)\\s*:",
  ].join("|")})`,
  "m",
);

export function extractCFamily({ path, tree }: { path: string; tree: SyntaxTree }): Facts {
  const of: CFile = {
    tree,
    draft: new Draft(tree, (node, scope) => lowerC(of, node, scope)),
    isHeader: !/\.(?:c|cc|cpp|cxx|c\+\+|cu)$/i.test(path),
    isCpp: path.endsWith(".h") ? isCppHeader(tree.text) : !path.endsWith(".c"),
    used: [],
    opened: [],
  };
  if (of.isCpp) of.opened = macroNamespaces(tree.text);
  const file = openScope(undefined, "file");
  visitChildren(of, tree.root, file);
  return of.draft.finish();
}

/** A scope in another: of the same namespace and template. */
function inside(scope: Scope, kind: Scope["kind"], symbol = scope.symbol): Scope {
  // Written out: every block of a function makes one, and spreading openScope's costs 6 % of reading C.
  return {
    kind,
    parent: scope,
    symbol,
    names: new Map(),
    module: scope.module,
    typeParameters: scope.typeParameters,
    isSecondary: scope.isSecondary,
    opened: scope.opened,
  };
}

function visitChildren(of: CFile, node: Node | undefined, scope: Scope): void {
  for (const child of of.tree.children(node))
    visit(of, child, scope.kind === "function" ? scope : within(of, child, scope));
}

/** The scope that a macro before the node has opened; else the one it stands in. */
function within(of: CFile, node: Node, scope: Scope): Scope {
  const at = of.tree.start(node);
  const one = of.opened.find(({ start, end }) => start < at && at < end);
  if (!one || scope.opened === one.start) return scope;
  // A region that began inside something else has nothing of its own outside of it.
  if (one.start < of.tree.start(of.tree.parent(node) ?? node)) return scope;
  if (one.scope?.parent !== scope) {
    const symbol = declareOpened(of, one, { node, scope });
    const module = `${scope.module === undefined ? "" : `${scope.module}::`}${one.opening}`;
    one.scope = { ...inside(scope, "type", symbol), module, opened: one.start };
  }
  return { ...one.scope, isSecondary: scope.isSecondary };
}

function declareOpened(
  of: CFile,
  { start, end, opening }: MacroNamespace,
  { node, scope }: { node: Node; scope: Scope },
): number {
  return of.draft.symbol({
    kind: "module",
    name: node,
    as: opening,
    node,
    at: { start, end },
    container: scope.kind === "type" ? scope.symbol : undefined,
    isExported: true,
  });
}

function visit(of: CFile, node: Node | undefined, scope: Scope): void {
  if (node === undefined) return;
  const { tree, draft } = of;
  const field = tree.fieldOf(node);
  switch (tree.type(node)) {
    case "preproc_include": {
      const path = field("path");
      if (path === undefined || !tree.is(path, "system_lib_string", "string_literal")) return;
      const text = tree.textOf(path);
      draft.import({ specifier: text.startsWith("<") ? text : text.slice(1, -1), kind: "include" }, path);
      return;
    }
    case "preproc_def":
    case "preproc_function_def": {
      const name = field("name");
      const isGuard =
        field("value") === undefined && tree.textOf(tree.field(tree.parent(node), "name")) === tree.textOf(name);
      if (name !== undefined && !(isGuard && tree.is(tree.parent(node), "preproc_ifdef")))
        declare(of, {
          name,
          node,
          scope: { ...fileScope(scope), isSecondary: scope.isSecondary },
          kind: "macro",
          body: field("value"),
          opens: openedBy(tree.textOf(field("value"))),
        });
      return;
    }
    case "preproc_ifdef":
    case "preproc_elifdef":
    case "preproc_if":
    case "preproc_elif": {
      const holds = conditionHolds(of, node);
      for (const child of tree.children(node)) {
        const name = tree.fieldName(child);
        if (name === "name" || name === "condition") continue;
        const isLeftOut = holds === (name === "alternative");
        visit(of, child, isLeftOut ? { ...scope, isSecondary: true } : within(of, child, scope));
      }
      return;
    }
    case "namespace_alias_definition": {
      const [name, path] = tree.children(node).filter((child) => !tree.is(child, "namespace"));
      if (name === undefined || path === undefined) return;
      const target = (): Target => freeName(of, plainPath(tree.textOf(path)), scope);
      scope.names.set(tree.textOf(name), { target });
      return draft.refer("import", name, { scope, target });
    }
    case "namespace_definition":
      return visitNamespace(of, node, scope);
    case "using_declaration": {
      const path = tree.child(node, "identifier", "qualified_identifier");
      if (path === undefined) return;
      if (tree.child(node, "namespace") !== undefined) {
        if (tree.textOf(path) !== "std") of.used.push(plainPath(tree.textOf(path)));
      } else {
        const last = lastName(tree, path);
        const target = () => draft.value(path, { ...scope, names: new Map() });
        scope.names.set(plainPath(tree.textOf(path)).replace(/^.*::/, ""), { target });
        if (last !== undefined) draft.refer("import", last, { scope, target });
      }
      return;
    }
    case "class_specifier":
    case "struct_specifier":
    case "union_specifier":
    case "enum_specifier":
      return field("body") === undefined ? visitTypeUse(of, node, scope) : visitTypeDefinition(of, node, { scope });
    case "type_definition":
      return visitTypedef(of, node, scope);
    case "alias_declaration": {
      const name = field("name");
      const type = field("type");
      if (name !== undefined) declare(of, { name, node, scope, kind: "type", type: () => draft.value(type, scope) });
      return visit(of, type, scope);
    }
    case "function_definition":
      return visitFunction(of, node, scope);
    case "declaration":
    case "field_declaration":
    case "parameter_declaration":
    case "optional_parameter_declaration":
      return visitDeclaration(of, node, scope);
    case "template_declaration": {
      const parameters = tree.children(field("parameters"));
      const names = parameters.flatMap((parameter) => tree.textOf(tree.child(parameter, "type_identifier")) || []);
      return visitChildren(of, node, {
        ...scope,
        typeParameters: new Set([...(scope.typeParameters ?? []), ...names]),
      });
    }
    case "for_range_loop": {
      const inner = inside(scope, "function");
      const right = field("right");
      const type = field("type");
      const isAuto = tree.is(type, "placeholder_type_specifier");
      const declarator = field("declarator");
      const name = declaredName(tree, declarator);
      const pair = pairIn(tree, declarator);
      if (pair) bindPair(inner, { tree, pair, value: () => pairedElement(draft.value(right, scope)) });
      else if (name !== undefined)
        bindLocal(inner, tree.textOf(name), () =>
          isAuto ? elementOf(draft.value(right, scope)) : instanceOf(draft.value(type, scope)),
        );
      visit(of, type, scope);
      visit(of, right, scope);
      return visit(of, field("body"), inner);
    }
    case "compound_statement":
    case "if_statement":
    case "for_statement":
    case "while_statement":
    case "switch_statement":
    case "catch_clause":
      return visitChildren(of, node, inside(scope, "function"));
    case "lambda_expression": {
      const inner = inside(scope, "function");
      visitParameters(of, field("declarator"), inner);
      visit(of, field("captures"), scope);
      return visitChildren(of, field("body"), inner);
    }
    case "call_expression":
      visitMadeName(of, field("function"), scope);
      visitAs(of, "call", field("function"), scope, field("arguments"));
      return visit(of, field("arguments"), scope);
    case "new_expression":
      visitAs(of, "new", field("type"), scope);
      return visit(of, field("arguments"), scope);
    case "assignment_expression":
      visitAs(of, "write", field("left"), scope);
      return visit(of, field("right"), scope);
    case "update_expression":
      return visitAs(of, "write", field("argument"), scope);
    case "initializer_pair":
    case "offsetof_expression":
      return visit(of, field("value"), scope);
    case "field_initializer": {
      const name = tree.child(node, "field_identifier");
      if (name !== undefined)
        draft.refer("write", name, { scope, target: () => nameTarget(of, tree.textOf(name), scope) });
      for (const child of tree.children(node)) if (child !== name) visit(of, child, scope);
      return;
    }
    case "identifier":
    case "field_expression":
    case "qualified_identifier":
    case "template_function":
      return visitAs(of, "read", node, scope);
    case "type_identifier":
    case "template_type":
      return visitAs(of, "type", node, scope);
    case "labeled_statement":
    case "goto_statement":
      return visitChildren(of, tree.children(node).at(-1), scope);
    case "preproc_params":
    case "statement_identifier":
    case "namespace_identifier":
    case "attribute_specifier":
    case "attribute_declaration":
      return;
    default:
      return visitChildren(of, node, scope);
  }
}

/** `name` of a call of `MACRO(name)(…)`, where functions are declared so. */
function visitMadeName(of: CFile, callee: Node | undefined, scope: Scope): void {
  const { tree } = of;
  if (!tree.is(callee, "call_expression")) return;
  const macro = tree.textOf(tree.field(callee, "function"));
  const [name, ...others] = tree.children(tree.field(callee, "arguments"));
  if (!tree.is(name, "identifier") || others.length > 0 || !MACRO_NAME.test(macro)) return;
  const whole = `${macro}(${tree.textOf(name)})`;
  of.draft.refer("call", name, { scope, target: () => nameTarget(of, whole, scope) });
}

/** An expression or type whose last name is used as `kind`. */
function visitAs(of: CFile, kind: ReferenceKind, node: Node | undefined, scope: Scope, list?: Node): void {
  const { tree, draft } = of;
  if (node === undefined) return;
  const handed =
    of.isCpp && list !== undefined ? () => tree.children(list).map((one) => typeName(of, one, scope)) : undefined;
  const type = tree.type(node);
  if (tree.fieldName(node) === "name" && tree.type(tree.parent(node) ?? node) in TYPES)
    draft.refer(kind, node, { scope, target: () => draft.value(node, scope) });
  else if (type === "identifier" || type === "type_identifier") {
    const name = tree.textOf(node);
    // What is missing where the grammar asks for it has no text.
    if (scope.typeParameters?.has(name) || WORDS.has(name) || name === "") return;
    draft.refer(kind, node, {
      scope,
      arguments: handed,
      target: () => (findBinding(scope, name)?.isLocal ? draft.named(name, scope) : nameTarget(of, name, scope)),
    });
  } else if (type === "field_expression") {
    const name = tree.field(node, "field");
    visit(of, tree.field(node, "argument"), scope);
    const simple = tree.is(name, "template_method") ? tree.field(name, "name") : name;
    if (simple !== undefined)
      draft.refer(kind === "read" ? "member" : kind, simple, {
        scope,
        arguments: handed,
        target: () => draft.value(node, scope),
      });
  } else if (type === "qualified_identifier") {
    const around = tree.field(node, "scope");
    const name = tree.field(node, "name");
    if (tree.is(around, "template_type")) visit(of, around, scope);
    else if (around !== undefined && !/^(?:std)$/.test(tree.textOf(around)))
      draft.refer("read", around, { scope, target: () => draft.value(around, scope) });
    const last = lastName(tree, name);
    // What is of `std` may be read as what it holds, and is not that itself.
    if (last !== undefined && tree.textOf(around) !== "std")
      draft.refer(kind === "read" && tree.is(last, "type_identifier") ? "type" : kind, last, {
        scope,
        arguments: handed,
        target: () => draft.value(node, scope),
      });
    for (const inner of tree.descendants(name ?? node))
      if (tree.is(inner, "template_argument_list")) visitChildren(of, inner, scope);
  } else if (type === "template_type" || type === "template_function") {
    visitAs(of, kind, tree.field(node, "name"), scope, list);
    visit(of, tree.field(node, "arguments"), scope);
  } else if (type === "parenthesized_expression" || type === "pointer_expression")
    visitAs(of, kind === "call" ? "call" : "read", tree.field(node, "argument") ?? tree.children(node)[0], scope);
  else visit(of, node, scope);
}

/** Name of the type of an argument, as parameters have them; "" of one that nobody knows. */
function typeName({ tree, draft }: CFile, node: Node, scope: Scope): string {
  if (tree.is(node, "string_literal", "concatenated_string")) return "char*";
  if (tree.is(node, "number_literal")) return numberType(tree.textOf(node));
  const value = draft.value(node, scope);
  if (value.kind !== "instance") return "";
  const type = templateItself(value.of);
  const plain = type.kind === "applied" ? type.of : type;
  return plain.kind === "symbol"
    ? (draft.symbols[plain.symbol]?.name ?? "")
    : plain.kind === "free"
      ? plain.name.replace(/^.*::/, "")
      : "";
}

/** Of a literal; "" of one with an ending that says more, and of 0, which is a pointer too. */
function numberType(text: string): string {
  if (/^[1-9]\d{0,8}$/.test(text)) return "int";
  return /^\d*(?:\.\d*(?:e[-+]?\d+)?|e[-+]?\d+)$/i.test(text) ? "double" : "";
}

function lastName(tree: SyntaxTree, node: Node | undefined): Node | undefined {
  let at = node;
  while (tree.is(at, "qualified_identifier", "template_type", "template_function", "dependent_name"))
    at = tree.field(at, "name") ?? tree.children(at).at(-1);
  return tree.is(at, "identifier", "type_identifier", "field_identifier", "destructor_name") ? at : undefined;
}

const WORDS = new Set(
  "NULL nullptr true false static_cast dynamic_cast reinterpret_cast const_cast this size_t defined void bool char short int long float double signed unsigned const auto struct wchar_t".split(
    " ",
  ),
);

function fileScope(scope: Scope): Scope {
  let at = scope;
  while (at.parent) at = at.parent;
  return at;
}

function declare(of: CFile, { scope, ...draft }: Omit<SymbolDraft, "isExported"> & { scope: Scope }): number {
  const { tree } = of;
  const container = scope.kind === "type" && draft.owner === undefined ? scope.symbol : undefined;
  const isStatic = /^static\b/.test(tree.textOf(draft.node).slice(0, 40)) && container === undefined;
  const isHidden = (isStatic && !of.isHeader) || scope.isHidden === true;
  const around = tree.parent(draft.node);
  const symbol = of.draft.symbol({
    documentation:
      commentBefore(tree, draft.node) ??
      (tree.is(around, "template_declaration") ? commentBefore(tree, around) : undefined),
    ...draft,
    container,
    isSecondary: scope.isSecondary === true || draft.isSecondary === true,
    isExported: scope.kind !== "function" && !isHidden && scope.isPrivate !== true,
  });
  const name = draft.as ?? tree.textOf(draft.name);
  // Of C++'s functions there may be more of that name elsewhere, and arguments decide.
  const isOverloaded = of.isCpp && scope.kind !== "function" && /^(?:function|method|constructor)$/.test(draft.kind);
  // C's members are named through what they are members of alone.
  const isHeld = !of.isCpp && scope.kind === "type";
  const isNamed = draft.owner === undefined && !draft.isDeclaration && !isOverloaded && !isHeld;
  const binding = { symbol, target: () => symbolTarget(symbol) };
  // A type may share its name with something else: `struct stat stat`.
  const isTag = tree.type(draft.node) in TYPES && draft.kind !== "enum_member";
  if (isTag) scope.names.set(tagName(name), binding);
  const earlier = scope.names.get(name);
  const isBetter = of.draft.symbols[earlier?.symbol ?? -1]?.isSecondary === true;
  const known = isBetter ? undefined : earlier;
  if (isNamed && (!known || (!isTag && known === scope.names.get(tagName(name))))) scope.names.set(name, binding);
  // What is hidden in a file is found there alone.
  if (scope.kind !== "function" && container === undefined && !isHidden && draft.owner === undefined)
    of.draft.later(() => of.draft.exports.push({ name, target: symbolTarget(symbol) }));
  return symbol;
}

function visitNamespace(of: CFile, node: Node, scope: Scope): void {
  const { tree } = of;
  const written = tree.field(node, "name");
  const names =
    written === undefined
      ? []
      : tree.is(written, "nested_namespace_specifier")
        ? tree.descendants(written).filter((part) => tree.is(part, "namespace_identifier"))
        : [written];
  let inner = scope;
  for (const name of names) {
    const symbol = declare(of, { name, node, scope: inner, kind: "module", body: tree.field(node, "body") });
    // What is in an inline namespace is in the one around it as well.
    const isInline = /^inline\b/.test(tree.textOf(node).slice(0, 8));
    inner = {
      ...inside(inner, "type", symbol),
      module: isInline ? inner.module : `${inner.module === undefined ? "" : `${inner.module}::`}${tree.textOf(name)}`,
    };
  }
  visitChildren(of, tree.field(node, "body"), written === undefined ? { ...inner, isHidden: true } : inner);
}

/** The namespace that a macro of that value opens: those that are inline are none of their own. */
function openedBy(value: string): string | undefined {
  const opened = [...value.matchAll(/\b(inline\s+)?namespace\s+([\w:]+)[^{};]*\{/g)];
  return opened.length === 0
    ? undefined
    : opened.flatMap(({ 1: isInline, 2: name = "" }) => (isInline === undefined ? [name] : [])).join("::");
}

const TYPES: Record<string, SymbolKind> = {
  class_specifier: "class",
  struct_specifier: "struct",
  union_specifier: "struct",
  enum_specifier: "enum",
};

/** `struct x` as a type, or a declaration of it. */
function visitTypeUse(of: CFile, node: Node, scope: Scope): void {
  const { tree } = of;
  // `class A;` says nothing but that it exists.
  if (
    tree.is(tree.parent(node), "translation_unit", "declaration_list", "field_declaration_list", "template_declaration")
  )
    return;
  visitAs(of, "type", tree.field(node, "name"), scope);
}

/** `as`: its name, where a typedef gives it. */
function visitTypeDefinition(of: CFile, node: Node, { scope, as }: { scope: Scope; as?: Node | undefined }): void {
  const { tree, draft } = of;
  const written = tree.field(node, "name");
  const name = tree.is(written, "template_type")
    ? tree.field(written, "name")
    : tree.is(written, "qualified_identifier")
      ? lastName(tree, written)
      : (written ?? as);
  const body = tree.field(node, "body");
  const kind = TYPES[tree.type(node)] ?? "struct";
  const bases = tree
    .children(tree.child(node, "base_class_clause"))
    .filter((base) => tree.is(base, "type_identifier", "template_type", "qualified_identifier"));
  // A name in a struct without one is a name of what is around it.
  if (name === undefined) {
    for (const member of tree.children(body))
      visit(of, member, scope.kind === "type" ? scope : inside(scope, "function"));
    return;
  }
  const isSpecial = tree.is(written, "template_type");
  const symbol = declare(of, {
    name,
    node,
    from: node,
    body,
    scope: isSpecial ? { ...scope, names: new Map() } : scope,
    isSecondary: isSpecial,
    kind,
    bases: bases.map((base) => () => draft.value(base, scope)),
  });
  for (const base of bases) visitAs(of, "inherit", base, { ...scope, symbol });
  const module = `${scope.module === undefined ? "" : `${scope.module}::`}${tree.textOf(name)}`;
  const inner: Scope = { ...inside(scope, "type", symbol), module };
  inner.names.set("this", { target: () => instanceOf(symbolTarget(symbol)), isLocal: true });
  // In it its name is the type's, not its constructor's.
  inner.names.set(tree.textOf(name), { symbol, target: () => symbolTarget(symbol) });
  inner.names.set(tagName(tree.textOf(name)), { symbol, target: () => symbolTarget(symbol) });
  let isPrivate = kind === "class";
  for (const member of tree.children(body)) {
    if (tree.is(member, "access_specifier")) isPrivate = tree.textOf(member).startsWith("private");
    else if (tree.is(member, "enumerator"))
      visitEnumerator(of, member, {
        scope: inner,
        outer: scope,
        isScoped: tree.child(node, "class", "struct") !== undefined,
      });
    else visit(of, member, { ...inner, isPrivate });
  }
}

function visitEnumerator(
  of: CFile,
  node: Node,
  { scope, outer, isScoped }: { scope: Scope; outer: Scope; isScoped: boolean },
): void {
  const { tree } = of;
  const name = tree.field(node, "name");
  if (name === undefined) return;
  const symbol = declare(of, { name, node, scope, kind: "enum_member", isStatic: true });
  visit(of, tree.field(node, "value"), scope);
  if (isScoped) return;
  // Known outside by its bare name.
  if (!outer.names.has(tree.textOf(name)))
    outer.names.set(tree.textOf(name), { symbol, target: () => symbolTarget(symbol) });
  if (outer.kind === "file") of.draft.exports.push({ name: tree.textOf(name), target: symbolTarget(symbol) });
}

/** `struct { … }`, but no `enum { … }`, whose names are names of what is around it. */
function isNameless(tree: SyntaxTree, type: Node | undefined): boolean {
  return (
    tree.is(type, "struct_specifier", "union_specifier", "class_specifier") &&
    tree.field(type, "name") === undefined &&
    tree.field(type, "body") !== undefined
  );
}

function visitTypedef(of: CFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const type = tree.field(node, "type");
  const names = declaratorsOf(tree, node).flatMap(
    (declarator) => handedName(tree, declarator) ?? declaredName(tree, declarator) ?? [],
  );
  const [first] = names;
  const isOnlyHere =
    type !== undefined &&
    tree.type(type) in TYPES &&
    tree.field(type, "name") === undefined &&
    tree.field(type, "body") !== undefined;
  if (type !== undefined && tree.type(type) in TYPES && tree.field(type, "body") !== undefined)
    visitTypeDefinition(of, type, { scope, as: first });
  else visit(of, type, scope);
  for (const name of isOnlyHere ? names.slice(1) : names)
    if (isFree(of, tree.textOf(name), scope))
      declare(of, { name, node, scope, kind: "type", type: () => draft.value(type, scope) });
}

/** Whether the name stands for nothing yet, or only for what an ordinary build leaves out. */
function isFree(of: CFile, name: string, scope: Scope): boolean {
  const known = scope.names.get(name);
  return !known || of.draft.symbols[known.symbol ?? -1]?.isSecondary === true;
}

/** Macros of test frameworks that are written as functions: googletest, Catch2, doctest, Boost. */
const TEST_MACRO = /^(?:(?:TYPED_)?TEST(?:_[FP]|_CASE|_METHOD)?|SCENARIO|BOOST_(?:AUTO|FIXTURE)_TEST_CASE)$/;

function visitFunction(of: CFile, node: Node, scope: Scope): void {
  const { tree } = of;
  const declarator = tree.field(node, "declarator");
  const type = tree.field(node, "type");
  if (type === undefined && TEST_MACRO.test(tree.textOf(tree.field(declarator, "declarator")))) {
    const parameters = tree.children(tree.field(declarator, "parameters"));
    const [name] = parameters;
    const as = parameters.map((parameter) => tree.textOf(parameter).replaceAll('"', "")).join(".");
    const test =
      name && declare(of, { name, as, node, scope, kind: "function", isTest: true, body: tree.field(node, "body") });
    const inner = inside(scope, "function", test);
    // What stands in it is a member of its fixture.
    if (name !== undefined && /_[FP]$|^TYPED/.test(tree.textOf(tree.field(declarator, "declarator"))))
      inner.names.set("this", { target: () => instanceOf(nameTarget(of, tree.textOf(name), scope)), isLocal: true });
    return visit(of, tree.field(node, "body"), inner);
  }
  visit(of, type, scope);
  const symbol = declareFunction(of, { node, declarator, type, scope });
  if (symbol === undefined) return visitChildren(of, node, inside(scope, "function"));
  const fact = of.draft.symbols[symbol];
  const inner: Scope = { ...inside(scope, "function", symbol), module: fact?.owner ?? scope.module };
  if (fact?.owner !== undefined) {
    const owner = fact.owner;
    const target = (): Target => ({ kind: "free", name: owner });
    inner.names.set("this", { target: () => instanceOf(target()), isLocal: true });
    inner.names.set(owner.replace(/^.*::/, ""), { target });
  }
  visitParameters(of, declarator, inner);
  for (const child of tree.children(node)) if (child !== type && child !== declarator) visit(of, child, inner);
}

function declareFunction(
  of: CFile,
  { node, declarator, type, scope }: { node: Node; declarator: Node | undefined; type: Node | undefined; scope: Scope },
): number | undefined {
  const { tree, draft } = of;
  const written = declaredName(tree, declarator);
  if (written === undefined) return undefined;
  const name = tree.is(written, "qualified_identifier") ? (lastName(tree, written) ?? written) : written;
  const owner = tree.is(written, "qualified_identifier")
    ? wholeName(plainPath(tree.textOf(written)).split("::").slice(0, -1).join("::"), scope)
    : undefined;
  if (written !== name) visitQualifiers(of, written, scope);
  const text = tree.textOf(name);
  const handed = handedName(tree, declarator);
  const className = (owner ?? (scope.kind === "type" ? scope.module : undefined))?.replace(/^.*::/, "");
  const isMember = owner !== undefined || (scope.kind === "type" && draft.isType(scope.symbol));
  const body = tree.field(node, "body");
  return declare(of, {
    name,
    as: handed === undefined ? plainPath(text).replace(/^.*::/, "") : `${text}(${tree.textOf(handed)})`,
    node,
    body: body ?? tree.child(node, "field_initializer_list"),
    scope,
    owner: owner || undefined,
    kind: !isMember ? "function" : text === className ? "constructor" : "method",
    isDeclaration: body === undefined && !tree.is(node, "function_definition"),
    isStatic:
      isMember &&
      tree.child(node, "storage_class_specifier") !== undefined &&
      /\bstatic\b/.test(tree.textOf(tree.child(node, "storage_class_specifier"))),
    ...(of.isCpp && parametersOf(of, declarator, scope)),
    type: () => {
      const given = draft.value(givenType(tree, type, declarator), scope);
      return isPointerDeclarator(tree, declarator) ? templateItself(given) : given;
    },
  });
}

/** Of a function: `T` of `auto f() -> T` and of `EXTERN(T) f()` as well. */
function givenType(tree: SyntaxTree, type: Node | undefined, declarator: Node | undefined): Node | undefined {
  if (tree.is(type, "placeholder_type_specifier")) return trailingType(tree, declarator);
  return tree.is(type, "macro_type_specifier") ? tree.field(type, "type") : type;
}

/** The names before that of a member that is defined apart from its class. */
function visitQualifiers(of: CFile, written: Node, scope: Scope): void {
  const { tree, draft } = of;
  const names: string[] = [];
  for (let at: Node | undefined = written; tree.is(at, "qualified_identifier"); at = tree.field(at, "name")) {
    const around = tree.field(at, "scope");
    const name = tree.is(around, "template_type") ? tree.field(around, "name") : around;
    if (name === undefined) continue;
    names.push(tree.textOf(name));
    const path = names.join("::");
    draft.refer("type", name, { scope, target: () => freeName(of, path, scope) });
  }
}

/** A name within the namespaces around. */
function wholeName(path: string, { module }: Scope): string {
  return path === "" || module === undefined || path.startsWith("::") ? path.replace(/^::/, "") : `${module}::${path}`;
}

/** `T` of `auto f() -> T`. */
function trailingType(tree: SyntaxTree, declarator: Node | undefined): Node | undefined {
  const trailing = declarator && tree.descendants(declarator).find((node) => tree.is(node, "trailing_return_type"));
  return tree.child(trailing, "type_descriptor");
}

/** How many arguments a function takes, and of what types; pointers end with a star, type parameters say nothing. */
function parametersOf(
  { tree }: CFile,
  declarator: Node | undefined,
  scope: Scope,
): Pick<SymbolDraft, "arity" | "takes"> {
  const list = declarator && tree.descendants(declarator).find((node) => tree.is(node, "parameter_list"));
  const all = tree.children(list).filter((node) => tree.type(node).endsWith("parameter_declaration"));
  const parameters = all.length === 1 && /^\(\s*void\s*\)$/.test(tree.textOf(list)) ? [] : all;
  const fixed = parameters.filter((node) => tree.is(node, "parameter_declaration"));
  const isAny =
    /\.\.\.\s*\)$/.test(tree.textOf(list)) || all.some((node) => tree.is(node, "variadic_parameter_declaration"));
  const takes = parameters.map((node) => {
    const type = tree.field(node, "type");
    const name = plainPath(tree.textOf(type)).replace(/^.*::/, "");
    const star = tree.is(tree.field(node, "declarator"), "pointer_declarator", "abstract_pointer_declarator")
      ? "*"
      : "";
    return scope.typeParameters?.has(name) ? star : name + star;
  });
  return { arity: [fixed.length, isAny ? -1 : parameters.length], takes: () => takes };
}

/** The names of `auto& [one, other]`. */
function pairIn(tree: SyntaxTree, declarator: Node | undefined): Node[] | undefined {
  let at = declarator;
  while (tree.is(at, "reference_declarator", "init_declarator"))
    at = tree.field(at, "declarator") ?? tree.children(at)[0];
  return tree.is(at, "structured_binding_declarator") ? tree.children(at) : undefined;
}

/** Of what stands for none of them alone nothing is known; `value`: what the second of two does. */
function bindPair(
  scope: Scope,
  { tree, pair, value }: { tree: SyntaxTree; pair: readonly Node[]; value?: () => Target },
): void {
  for (const [at, name] of pair.entries())
    bindLocal(scope, tree.textOf(name), at === 1 && pair.length === 2 ? value : undefined);
}

function visitParameters(of: CFile, declarator: Node | undefined, scope: Scope): void {
  const { tree } = of;
  if (declarator === undefined) return;
  const list = tree.descendants(declarator).find((node) => tree.is(node, "parameter_list"));
  for (const parameter of tree.children(list)) visit(of, parameter, scope);
  for (const child of tree.descendants(declarator))
    if (tree.is(child, "trailing_return_type")) visitChildren(of, child, scope);
}

function visitDeclaration(of: CFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const type = tree.field(node, "type");
  const isAuto = tree.is(type, "placeholder_type_specifier");
  // `BIT(done);` in a structure: a macro declares the member that it is handed.
  const made =
    tree.is(type, "macro_type_specifier") && declaratorsOf(tree, node).length === 0
      ? tree.field(type, "type")
      : undefined;
  const given = tree.field(made, "type");
  if (tree.is(given, "type_identifier") && tree.is(node, "field_declaration")) {
    visitAs(of, "call", tree.field(type, "name"), scope);
    return void declare(of, { name: given, node, scope, kind: "property" });
  }
  const body = isNameless(tree, type) ? tree.field(type, "body") : undefined;
  const holds = body !== undefined && scope.kind !== "function" && declaratorsOf(tree, node).length > 0;
  if (!holds) visit(of, type, scope);
  const isExtern = tree
    .children(node)
    .some((child) => tree.is(child, "storage_class_specifier") && tree.textOf(child) === "extern");
  const isConstant = tree.children(node).some((child) => /^(?:const|constexpr)$/.test(tree.textOf(child)));
  for (const declarator of declaratorsOf(tree, node)) {
    const value = tree.field(declarator, "value") ?? tree.field(node, "default_value") ?? tree.field(node, "value");
    const pointer = tree.is(node, "declaration") ? undefined : handedName(tree, declarator);
    const isMacro = (macro: string) => draft.symbols[findBinding(scope, macro)?.symbol ?? -1]?.kind === "macro";
    const variable = scope.kind === "file" ? handedVariable(tree, { declarator, isMacro }) : undefined;
    const name = pointer ?? declaredName(tree, declarator);
    const isVariable = pointer !== undefined || variable !== undefined || scope.kind === "function";
    if (!isVariable && isFunctionDeclarator(tree, declarator)) {
      const symbol = declareFunction(of, { node, declarator, type, scope });
      visitParameters(of, declarator, inside(scope, "function", symbol));
      continue;
    }
    if (name === undefined) continue;
    const isPointer = isPointerDeclarator(tree, declarator);
    const given = () => (isPointer ? templateItself(draft.value(type, scope)) : draft.value(type, scope));
    const typed = () => (isAuto ? pairedValue(of, value, scope) : instanceOf(given()));
    const pair = pairIn(tree, declarator);
    if (pair) {
      bindPair(scope, { tree, pair });
      visit(of, value, scope);
      continue;
    }
    if (scope.kind === "function" || tree.is(node, "parameter_declaration", "optional_parameter_declaration"))
      bindLocal(scope, tree.textOf(name), typed);
    else {
      const isMember = scope.kind === "type" && draft.symbols[scope.symbol ?? -1]?.kind !== "module";
      const owner = tree.is(name, "qualified_identifier")
        ? wholeName(plainPath(tree.textOf(name)).split("::").slice(0, -1).join("::"), scope)
        : undefined;
      const symbol = declare(of, {
        name: lastName(tree, name) ?? name,
        as: variable === undefined ? undefined : `${tree.textOf(name)}(${tree.textOf(variable)})`,
        node,
        scope,
        owner,
        kind: isMember || owner !== undefined ? "property" : isConstant ? "constant" : "variable",
        isDeclaration: isExtern && value === undefined,
        type: (): Target => (isAuto ? typeOf(typed()) : given()),
      });
      // What a structure without a name holds is held by the member or variable of its type.
      if (holds && declarator === declaratorsOf(tree, node)[0])
        visitChildren(of, body, { ...inside(scope, "type", symbol), names: new Map() });
    }
    visit(of, value, scope);
  }
}
