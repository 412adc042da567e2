// Rust: a file as a module, with the modules written in it. Items are declared before anything is looked into, as their
// order does not matter. Methods of a type of another file name their type as owner.
import {
  bindLocal,
  commentBefore,
  Draft,
  eitherOf,
  elementOf,
  findBinding,
  instanceOf,
  memberOf,
  openScope,
  symbolTarget,
  type Scope,
  type SymbolDraft,
} from "./draft.ts";
import { UNKNOWN, type Facts, type ReferenceKind, type SymbolKind, type Target } from "./facts.ts";
import { importPath, startOf, visitUse, type RustFile } from "./rust-imports.ts";
import { visitTokens } from "./rust-macros.ts";
import { bindRustPattern, handedTo, isPassedOn, lowerRust } from "./rust-values.ts";
import { isLeftOut } from "./rust-conditions.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export function extractRust({ tree }: { path: string; tree: SyntaxTree }): Facts {
  const of: RustFile = {
    tree,
    draft: new Draft(tree, (node, scope) => lowerRust(of, node, scope)),
    file: openScope(undefined, "file"),
    paths: new Map(),
    types: new Map(),
    starts: [],
  };
  of.draft.later(() => {
    for (const importStart of of.starts) importStart();
  });
  visitItems(of, tree.root, of.file);
  of.draft.later(() => {
    for (const [name, { target, isLocal }] of of.file.names)
      if (!isLocal) of.draft.exports.push({ name: name.replace(/!$/, ""), target: target() });
  });
  return of.draft.finish();
}

const DECLARED_FIRST: Record<string, SymbolKind> = {
  struct_item: "struct",
  union_item: "struct",
  enum_item: "enum",
  trait_item: "trait",
};

/** The items of a file, module or block: types first, as `impl`s and paths lead to them. */
function visitItems(of: RustFile, node: Node | undefined, scope: Scope): void {
  const { tree } = of;
  const items = tree.children(node);
  const isType = (item: Node) => tree.type(item) in DECLARED_FIRST;
  for (const item of items) if (isType(item)) visitType(of, item, scope);
  for (const item of items) if (tree.is(item, "mod_item", "macro_definition")) visit(of, item, scope);
  for (const item of items) if (!isType(item) && !tree.is(item, "mod_item", "macro_definition")) visit(of, item, scope);
}

function visitChildren(of: RustFile, node: Node | undefined, scope: Scope): void {
  for (const child of of.tree.children(node)) visit(of, child, scope);
}

function visit(of: RustFile, node: Node | undefined, scope: Scope): void {
  if (node === undefined) return;
  const { tree, draft } = of;
  switch (tree.type(node)) {
    case "use_declaration":
      return visitUse(of, node, scope);
    case "mod_item":
      return visitModule(of, node, scope);
    case "extern_crate_declaration": {
      const name = tree.field(node, "name");
      if (name === undefined) return;
      const number = draft.import({ specifier: tree.textOf(name), kind: "import" }, name);
      const alias = tree.field(node, "alias") ?? name;
      scope.names.set(tree.textOf(alias), {
        target: () => ({ kind: "imported", import: number, name: "*" }),
        isPackage: true,
      });
      return;
    }
    case "impl_item":
      return visitImpl(of, node, scope);
    case "function_item":
    case "function_signature_item":
      return visitFunction(of, node, scope);
    case "macro_definition": {
      const name = tree.field(node, "name");
      if (name === undefined) return;
      const isExported = /macro_export/.test(attributesOf(tree, node));
      const symbol = declare(of, { name, node, scope, kind: "macro", key: `${tree.textOf(name)}!`, isExported });
      // Of what it makes only `$crate::a` is known before it is used: nothing is bound.
      for (const rule of tree.children(node))
        visitTokens(of, tree.field(rule, "right"), openScope(undefined, "file", symbol));
      return;
    }
    case "const_item":
    case "static_item":
    case "type_item":
    case "associated_type": {
      const name = tree.field(node, "name");
      const type = tree.field(node, "type");
      const kind = tree.is(node, "type_item", "associated_type")
        ? "type"
        : tree.is(node, "const_item")
          ? "constant"
          : "variable";
      const inner = openScope(scope, "type");
      const symbol = name && declare(of, { name, node, scope, kind, type: () => draft.value(type, inner) });
      bindTypeParameters(of, node, { scope: inner, owner: symbol });
      return visitBut(of, node, inner, "name");
    }
    case "attribute":
      return visitAttribute(of, node, scope);
    case "let_declaration":
    case "let_condition": {
      const value = tree.field(node, "value");
      const type = tree.field(node, "type");
      const outside = isRebound(of, tree.field(node, "pattern"), scope)
        ? { ...scope, names: new Map(scope.names) }
        : scope;
      visit(of, value, outside);
      const typed = () => (type === undefined ? draft.value(value, outside) : instanceOf(draft.value(type, scope)));
      visitPattern(of, tree.field(node, "pattern"), { scope, value: typed });
      visit(of, type, scope);
      return visit(of, tree.field(node, "alternative"), scope);
    }
    case "for_expression": {
      const inner = openScope(scope, "function");
      const value = tree.field(node, "value");
      visitPattern(of, tree.field(node, "pattern"), {
        scope: inner,
        value: () => elementOf(draft.value(value, scope)),
      });
      visit(of, value, scope);
      return visit(of, tree.field(node, "body"), inner);
    }
    case "match_expression": {
      const value = tree.field(node, "value");
      visit(of, value, scope);
      for (const arm of tree.children(tree.field(node, "body"))) {
        const inner = openScope(scope, "function");
        const pattern = tree.field(arm, "pattern");
        visitPattern(of, tree.children(pattern)[0], { scope: inner, value: () => draft.value(value, scope) });
        visit(of, tree.field(pattern, "condition"), inner);
        visit(of, tree.field(arm, "value"), inner);
      }
      return;
    }
    case "closure_expression": {
      const inner = openScope(scope, "function");
      for (const [index, parameter] of tree.children(tree.field(node, "parameters")).entries()) {
        const type = tree.field(parameter, "type");
        visitPattern(of, tree.field(parameter, "pattern") ?? parameter, {
          scope: inner,
          value: () =>
            type === undefined ? handedTo(of, node, { scope, index }) : instanceOf(draft.value(type, scope)),
        });
        visit(of, type, scope);
      }
      visit(of, tree.field(node, "return_type"), scope);
      return visit(of, tree.field(node, "body"), inner);
    }
    case "block":
      return visitItems(of, node, openScope(scope, "function"));
    case "if_expression":
    case "while_expression":
      return visitChildren(of, node, openScope(scope, "function"));
    case "call_expression":
      visitAs(of, "call", tree.field(node, "function"), scope);
      return visit(of, tree.field(node, "arguments"), scope);
    case "macro_invocation": {
      const name = tree.field(node, "macro");
      if (tree.is(name, "identifier")) {
        const text = tree.textOf(name);
        const found = () => (findBinding(scope, `${text}!`) ?? findBinding(scope, text))?.target();
        draft.refer("call", name, { scope, target: () => found() ?? { kind: "free", name: `${text}!` } });
      } else visitAs(of, "call", name, scope);
      return visitTokens(of, tree.child(node, "token_tree"), scope);
    }
    case "assignment_expression":
    case "compound_assignment_expr":
      visitAs(of, "write", tree.field(node, "left"), scope);
      return visit(of, tree.field(node, "right"), scope);
    case "struct_expression": {
      const type = tree.field(node, "name");
      visitAs(of, "new", type, scope);
      for (const field of tree.children(tree.field(node, "body"))) {
        const isShort = tree.is(field, "shorthand_field_initializer");
        const name = isShort ? tree.child(field, "identifier") : tree.field(field, "field");
        if (name !== undefined && !tree.is(field, "base_field_initializer"))
          draft.refer("write", name, { scope, target: () => memberOf(draft.value(type, scope), tree.textOf(name)) });
        if (!isShort) visitBut(of, field, scope, "field");
      }
      return;
    }
    case "type_identifier":
    case "scoped_type_identifier":
      return visitAs(of, "type", node, scope);
    case "identifier":
    case "scoped_identifier":
    case "field_expression":
      return visitAs(of, "read", node, scope);
    case "lifetime":
    case "label":
    case "field_identifier":
    case "visibility_modifier":
      return;
    default:
      return visitChildren(of, node, scope);
  }
}

/** `let x = x.y()`: the value's `x` is another. */
function isRebound({ tree }: RustFile, pattern: Node | undefined, scope: Scope): boolean {
  if (pattern === undefined) return false;
  return tree.descendants(pattern).some((node) => tree.is(node, "identifier") && scope.names.has(tree.textOf(node)));
}

function visitBut(of: RustFile, node: Node, scope: Scope, field: string): void {
  for (const child of of.tree.children(node)) if (of.tree.fieldName(child) !== field) visit(of, child, scope);
}

/** An expression, path or type whose last name is used as `kind`. */
function visitAs(of: RustFile, kind: ReferenceKind, node: Node | undefined, scope: Scope): void {
  const { tree, draft } = of;
  if (node === undefined) return;
  if (tree.is(node, "identifier", "type_identifier")) {
    if (tree.textOf(node) === "Self") return;
    return draft.refer(kind, node, { scope });
  }
  if (tree.is(node, "scoped_identifier", "scoped_type_identifier")) {
    const path = tree.field(node, "path");
    const name = tree.field(node, "name");
    importPath(of, node, scope);
    if (tree.is(path, "identifier") && /^[a-z]/.test(tree.textOf(path)))
      draft.refer("read", path, { scope, target: () => startOf(tree.textOf(path), scope) });
    else visitAs(of, tree.is(path, "generic_type") ? "type" : "read", path, scope);
    if (name !== undefined) draft.refer(kind, name, { scope, target: () => draft.value(node, scope) });
  } else if (tree.is(node, "field_expression")) {
    const name = tree.field(node, "field");
    visit(of, tree.field(node, "value"), scope);
    if (!tree.is(name, "field_identifier")) return;
    draft.refer(kind === "read" ? "member" : kind, name, { scope, target: () => draft.value(node, scope) });
  } else if (tree.is(node, "generic_function", "generic_type", "generic_type_with_turbofish")) {
    visitAs(of, kind, tree.field(node, "function") ?? tree.field(node, "type"), scope);
    visit(of, tree.field(node, "type_arguments"), scope);
  } else visit(of, node, scope);
}

function declare(
  of: RustFile,
  {
    scope,
    key,
    isExported,
    ...draft
  }: Omit<SymbolDraft, "isExported"> & { scope: Scope; key?: string; isExported?: boolean },
): number {
  const { tree } = of;
  const parent = of.draft.symbols[scope.symbol ?? -1];
  const isMember =
    draft.container !== undefined || draft.owner !== undefined || (scope.kind === "type" && scope.symbol !== undefined);
  const container =
    draft.owner === undefined ? (draft.container ?? (scope.kind === "type" ? scope.symbol : undefined)) : undefined;
  const isPublic = tree.child(draft.node, "visibility_modifier") !== undefined;
  const isImplied = parent?.kind === "trait" || parent?.kind === "enum";
  const symbol = of.draft.symbol({
    body: tree.field(draft.node, "body") ?? tree.field(draft.node, "value"),
    documentation: commentBefore(tree, draft.node),
    ...draft,
    container,
    isSecondary: scope.isSecondary === true || isLeftOut(attributesOf(tree, draft.node)),
    isExported: isExported ?? ((isPublic || (isImplied && parent.isExported)) && (isMember || scope.kind === "file")),
  });
  const name = key ?? tree.textOf(draft.name);
  // Members are named through their type alone.
  const isNamedBare = scope.kind !== "type" || scope.module !== undefined;
  const known = scope.names.get(name)?.symbol;
  const isBetter = known !== undefined && of.draft.symbols[known]?.isSecondary === true;
  if (isNamedBare && (!scope.names.has(name) || isBetter))
    scope.names.set(name, { symbol, target: () => symbolTarget(symbol) });
  return symbol;
}

/** The attributes before an item, as written. */
function attributesOf(tree: SyntaxTree, node: Node): string {
  let text = "";
  for (let at = tree.previous(node); at !== undefined; at = tree.previous(at)) {
    if (tree.is(at, "attribute_item")) text += tree.textOf(at);
    else if (!tree.type(at).includes("comment")) break;
  }
  return text;
}

function visitModule(of: RustFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const name = tree.field(node, "name");
  const body = tree.field(node, "body");
  if (name === undefined) return;
  const attributes = attributesOf(tree, node);
  if (body !== undefined) {
    const symbol = declare(of, { name, node, scope, kind: "module", isTest: /\bcfg\(.*\btest\b/.test(attributes) });
    const inner: Scope = {
      ...openScope(scope, "type", symbol),
      module: tree.textOf(name),
      isSecondary: scope.isSecondary === true || isLeftOut(attributes),
    };
    visitItems(of, body, inner);
    return passOn(of, inner);
  }
  const path = /\bpath\s*=\s*"([^"]+)"/.exec(attributes)?.[1];
  const around = modulesAround(scope)
    .map((module) => `${module}::`)
    .join("");
  const number = draft.import(
    { specifier: path ? `./${path}` : `self::${around}${tree.textOf(name)}`, kind: "import" },
    name,
  );
  scope.names.set(tree.textOf(name), {
    target: () => ({ kind: "imported", import: number, name: "*" }),
    isPackage: true,
  });
}

/** What a module written inside a file has from elsewhere, others have from it under its path. */
function passOn(of: RustFile, module: Scope): void {
  const path = modulesAround(module).join("::");
  of.draft.later(() => {
    for (const [name, { target, symbol, isLocal }] of module.names)
      if (!isLocal && symbol === undefined)
        of.draft.exports.push({ name: `${path}::${name.replace(/!$/, "")}`, target: target() });
  });
}

/** Names of the modules of this file that a scope is in, outermost first. */
function modulesAround(scope: Scope): string[] {
  const modules: string[] = [];
  for (let at: Scope | undefined = scope; at; at = at.parent) if (at.module) modules.unshift(at.module);
  return modules;
}

function visitType(of: RustFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const name = tree.field(node, "name");
  if (name === undefined) return;
  const inner = openScope(scope, "type");
  const bounds = tree.children(tree.field(node, "bounds")).filter((bound) => !tree.is(bound, "lifetime"));
  const kind = DECLARED_FIRST[tree.type(node)] ?? "struct";
  const bases = bounds.map((bound) => () => draft.value(bound, inner));
  const body = tree.field(node, "body");
  const symbol = declare(of, { name, node, scope, kind, bases, parts: partsOf(of, body, inner) });
  const path = `${modulesAround(scope).join("::")}:${tree.textOf(name)}`;
  const known = draft.symbols[of.types.get(path) ?? -1];
  // Functions have types of their own, the last of which is the nearest.
  if (!known || known.isSecondary || !draft.symbols[symbol]?.isSecondary) of.types.set(path, symbol);
  const within: Scope = { ...inner, symbol };
  inner.names.set("Self", { target: () => symbolTarget(symbol), isLocal: true });
  bindTypeParameters(of, node, { scope: inner, owner: symbol });
  for (const bound of bounds) visitAs(of, "inherit", bound, within);
  visit(of, tree.field(node, "type_parameters"), within);
  visit(of, tree.child(node, "where_clause"), within);
  if (kind === "trait") return visitItems(of, body, within);
  for (const child of tree.children(body)) visitField(of, child, { scope: within, container: symbol });
}

/** Types of the parts of a tuple struct or variant. */
function partsOf({ tree, draft }: RustFile, body: Node | undefined, scope: Scope): (() => Target)[] {
  if (!tree.is(body, "ordered_field_declaration_list")) return [];
  return tree.fields(body, "type").map((type) => () => draft.value(type, scope));
}

function visitField(of: RustFile, node: Node, { scope, container }: { scope: Scope; container: number }): void {
  const { tree, draft } = of;
  const name = tree.field(node, "name");
  const type = tree.field(node, "type");
  const own: Scope = { ...scope, names: new Map() };
  if (tree.is(node, "field_declaration") && name !== undefined) {
    declare(of, { name, node, scope: own, kind: "property", container, type: () => draft.value(type, scope) });
    visit(of, type, scope);
  } else if (tree.is(node, "enum_variant") && name !== undefined) {
    const type = () => symbolTarget(container);
    const parts = partsOf(of, tree.field(node, "body"), scope);
    const variant = declare(of, {
      name,
      node,
      scope: own,
      kind: "enum_member",
      container,
      isStatic: true,
      type,
      parts,
    });
    for (const child of tree.children(tree.field(node, "body"))) visitField(of, child, { scope, container: variant });
    visit(of, tree.field(node, "value"), scope);
  } else visit(of, node, scope);
}

function visitImpl(of: RustFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const type = tree.field(node, "type");
  const implemented = tree.field(node, "trait");
  const named = tree.is(type, "generic_type") ? tree.field(type, "type") : type;
  const simple = tree.is(named, "scoped_type_identifier") ? tree.field(named, "name") : named;
  const isBlanket = simple !== undefined && parametersOf(of, node).includes(tree.textOf(simple));
  const name = tree.is(simple, "type_identifier") && !isBlanket ? tree.textOf(simple) : undefined;
  const isHere = simple === named && name !== undefined;
  const container = isHere
    ? scopesOf(scope)
        .map((module) => of.types.get(`${module}:${name}`))
        .find((symbol) => symbol !== undefined)
    : undefined;
  const outer = openScope(scope, "type");
  const names = typeArguments(of, type);
  bindTypeParameters(of, node, { scope: outer, owner: container, names });
  if (type !== undefined) outer.names.set("Self", { target: () => draft.value(type, outer), isLocal: true });
  const inner: Scope = {
    ...outer,
    isSecondary: scope.isSecondary === true || isLeftOut(attributesOf(tree, node)),
    symbol: container,
    ...(container === undefined && name !== undefined && { owner: name }),
  };
  visitAs(of, "inherit", implemented, inner);
  visit(of, type, inner);
  visit(of, tree.field(node, "type_parameters"), inner);
  visit(of, tree.child(node, "where_clause"), inner);
  if (implemented !== undefined && container !== undefined)
    draft.later(() => {
      const fact = draft.symbols[container];
      const base = draft.value(implemented, outer);
      // Methods are also looked for in what it can be borrowed as.
      const target = /(?:^|::)Deref$/.test(tree.textOf(implemented)) ? targetOf(of, node) : undefined;
      const bases = [base, draft.value(target, outer)].filter(({ kind }) => kind !== "unknown");
      if (fact && bases.length > 0) fact.bases = [...(fact.bases ?? []), ...bases];
    });
  visitItems(of, tree.field(node, "body"), inner);
}

/** `X` of `type Target = X;` in an `impl`. */
function targetOf({ tree }: RustFile, node: Node): Node | undefined {
  const given = tree
    .children(tree.field(node, "body"))
    .find((item) => tree.is(item, "type_item") && tree.textOf(tree.field(item, "name")) === "Target");
  return given === undefined ? undefined : tree.field(given, "type");
}

/** Paths of the modules of this file around a scope, innermost first. */
function scopesOf(scope: Scope): string[] {
  const modules = modulesAround(scope);
  return [...modules, ""].map((_, index) => modules.slice(0, modules.length - index).join("::"));
}

function visitFunction(of: RustFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const name = tree.field(node, "name");
  if (name === undefined) return;
  const result = tree.field(node, "return_type");
  const parameters = tree.field(node, "parameters");
  const isMethod = scope.kind === "type" && !scope.module;
  const inner = openScope(scope, "function");
  const isStatic = isMethod && tree.child(parameters, "self_parameter") === undefined;
  const attributes = attributesOf(tree, node);
  const symbol = declare(of, {
    name,
    node,
    scope,
    kind: isMethod ? "method" : /\bproc_macro(?:_attribute|_derive)?\b/.test(attributes) ? "macro" : "function",
    owner: scope.owner,
    type: () => draft.value(result, inner),
    parameters: tree
      .children(parameters)
      .filter((parameter) => tree.is(parameter, "parameter"))
      .map((parameter) => () => draft.value(tree.field(parameter, "type"), inner)),
    isStatic,
    isTest: /\btest\b(?!\))/.test(attributes),
  });
  const within: Scope = { ...inner, symbol };
  bindTypeParameters(of, node, { scope: inner });
  inner.names.set("self", { target: () => instanceOf(findBinding(scope, "Self")?.target() ?? UNKNOWN), isLocal: true });
  for (const parameter of tree.children(parameters)) {
    const type = tree.field(parameter, "type");
    const pattern = tree.field(parameter, "pattern");
    if (pattern !== undefined)
      visitPattern(of, pattern, { scope: within, value: () => instanceOf(draft.value(type, inner)) });
    visit(of, type, within);
  }
  for (const field of ["type_parameters", "return_type"]) visit(of, tree.field(node, field), within);
  visit(of, tree.child(node, "where_clause"), within);
  visit(of, tree.field(node, "body"), within);
}

/**
 * A type parameter is what its bounds say, where `owner` is given also what that type is applied to. `names`: what an `impl`
 * calls the parameters of its type, in order.
 */
function bindTypeParameters(
  of: RustFile,
  node: Node,
  { scope, owner, names = parametersOf(of, node) }: { scope: Scope; owner?: number | undefined; names?: string[] },
): void {
  const { draft } = of;
  const bounds = boundsOf(of, node);
  for (const name of new Set([...parametersOf(of, node), ...bounds.keys()])) {
    if (name === "Self") continue;
    const outer = scope.parent && findBinding(scope.parent, name);
    const index = names.indexOf(name);
    bindLocal(scope, name, () => {
      const around = outer?.isLocal && !parametersOf(of, node).includes(name) ? [outer.target()] : [];
      const bound = eitherOf([...around, ...(bounds.get(name) ?? []).map((type) => draft.value(type, scope))]);
      if (owner === undefined || index < 0) return bound;
      return { kind: "type-parameter", owner, index, ...(bound.kind !== "unknown" && { bound }) };
    });
  }
}

/** Names of the type parameters of an item, lifetimes left out. */
function parametersOf({ tree }: RustFile, node: Node): string[] {
  return tree
    .children(tree.field(node, "type_parameters"))
    .filter((parameter) => tree.is(parameter, "type_parameter", "const_parameter"))
    .map((parameter) => tree.textOf(tree.field(parameter, "name")));
}

/** Bounds by the name of what they bind, of the parameters and of `where`. */
function boundsOf({ tree }: RustFile, node: Node): Map<string, Node[]> {
  const found = new Map<string, Node[]>();
  const add = (name: Node | undefined, bounds: Node | undefined) => {
    const known = found.get(tree.textOf(name)) ?? [];
    const named = tree.children(bounds).filter((bound) => !tree.is(bound, "lifetime", "removed_trait_bound"));
    if (named.length > 0) found.set(tree.textOf(name), [...known, ...named]);
  };
  for (const parameter of tree.children(tree.field(node, "type_parameters")))
    if (tree.is(parameter, "type_parameter")) add(tree.field(parameter, "name"), tree.field(parameter, "bounds"));
  for (const predicate of tree.children(tree.child(node, "where_clause"))) {
    const left = tree.field(predicate, "left");
    if (tree.is(left, "type_identifier")) add(left, tree.field(predicate, "bounds"));
  }
  return found;
}

/** What a type is applied to, as written, lifetimes left out. */
function typeArguments({ tree }: RustFile, type: Node | undefined): string[] {
  return tree
    .children(tree.field(type, "type_arguments"))
    .filter((argument) => !tree.is(argument, "lifetime"))
    .map((argument) => tree.textOf(argument));
}

/** Names that a pattern binds, and those of constants, variants and types in it. */
function visitPattern(
  of: RustFile,
  node: Node | undefined,
  { scope, value }: { scope: Scope; value: () => Target },
): void {
  const { tree, draft } = of;
  if (node === undefined) return;
  if (bindRustPattern(of, node, { scope, value })) return;
  if (tree.is(node, "tuple_struct_pattern", "struct_pattern")) {
    const type = tree.field(node, "type");
    visitAs(of, "read", type, scope);
    const isHeld = isPassedOn(tree.textOf(type));
    for (const [index, child] of tree.children(node).entries()) {
      if (child === type) continue;
      const part = (): Target => ({ kind: "parameter", of: draft.value(type, scope), index: index - 1 });
      const inside = isHeld ? value : part;
      const field = tree.is(child, "field_pattern") ? tree.field(child, "name") : undefined;
      if (field === undefined) {
        visitPattern(of, child, { scope, value: inside });
        continue;
      }
      const member = () => memberOf(draft.value(type, scope), tree.textOf(field));
      draft.refer("read", field, { scope, target: member });
      const pattern = tree.field(child, "pattern");
      if (pattern === undefined) bindLocal(scope, tree.textOf(field), member);
      else visitPattern(of, pattern, { scope, value: member });
    }
  } else if (tree.is(node, "identifier", "scoped_identifier")) visitAs(of, "read", node, scope);
  else
    for (const child of tree.children(node))
      visitPattern(of, child, {
        scope,
        value: tree.is(node, "reference_pattern", "captured_pattern", "or_pattern", "ref_pattern", "mut_pattern")
          ? value
          : () => UNKNOWN,
      });
}

/** `#[derive(A, B)]` and `#[a::b(…)]`. */
function visitAttribute(of: RustFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const [path] = tree.children(node);
  const names = tree.textOf(path) === "derive" ? tree.children(tree.field(node, "arguments")) : [path];
  for (const name of names)
    if (tree.is(name, "identifier") && findBinding(scope, tree.textOf(name))) draft.refer("decorator", name, { scope });
    else if (tree.is(name, "scoped_identifier")) visitAs(of, "decorator", name, scope);
}
