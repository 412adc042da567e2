// Ruby: modules and classes, which other files may reopen, and their methods, attributes and constants. A constant is
// looked for from the innermost module outwards; its whole name is what other files know it by.
import {
  bindLocal,
  commentBefore,
  Draft,
  firstOf,
  elementOf,
  findBinding,
  instanceOf,
  memberOf,
  openScope,
  resultOf,
  symbolTarget,
  typeOf,
  type Scope,
  type SymbolDraft,
} from "./draft.ts";
import { UNKNOWN, type Facts, type ReferenceKind, type Target } from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

interface RubyFile {
  tree: SyntaxTree;
  draft: Draft;
  file: Scope;
  /** Modules after a bare `private`. */
  privates: Set<Scope>;
}

export function extractRuby({ tree }: { path: string; tree: SyntaxTree }): Facts {
  const of: RubyFile = {
    tree,
    draft: new Draft(tree, (node, scope) => lower(of, node, scope)),
    file: openScope(undefined, "file"),
    privates: new Set(),
  };
  visit(of, tree.root, of.file);
  of.draft.later(() => {
    for (const [name, { symbol }] of of.file.names)
      if (symbol !== undefined) of.draft.exports.push({ name, target: symbolTarget(symbol) });
  });
  return of.draft.finish();
}

function visitChildren(of: RubyFile, node: Node | undefined, scope: Scope): void {
  for (const child of of.tree.children(node)) visit(of, child, scope);
}

function visit(of: RubyFile, node: Node | undefined, scope: Scope): void {
  if (node === undefined) return;
  const { tree, draft } = of;
  const field = tree.fieldOf(node);
  switch (tree.type(node)) {
    case "module":
    case "class":
      return tree.field(node, "name") === undefined ? undefined : visitModule(of, node, scope);
    case "singleton_class":
      return visitChildren(of, field("body"), { ...scope, isStatic: true });
    case "method":
    case "singleton_method":
      return visitMethod(of, node, scope);
    case "lambda":
    case "block":
    case "do_block": {
      const inner = openScope(scope, "function");
      bindParameters(of, field("parameters"), inner);
      return visitChildren(of, node, inner);
    }
    case "assignment":
    case "operator_assignment":
      return visitAssignment(of, node, scope);
    case "for": {
      const value = tree.children(field("value"))[1];
      bindPattern(of, field("pattern"), { scope, value: () => elementOf(draft.value(value, scope)) });
      visit(of, field("value"), scope);
      return visit(of, field("body"), scope);
    }
    case "rescue": {
      const name = tree.child(field("variable"), "identifier");
      const [type] = tree.children(field("exceptions"));
      if (name !== undefined) bindLocal(scope, tree.textOf(name), () => instanceOf(draft.value(type, scope)));
      visit(of, field("exceptions"), scope);
      return visit(of, field("body"), scope);
    }
    case "call":
      return visitCall(of, node, scope);
    case "constant":
      return draft.refer("read", node, { scope, target: () => constantTarget(tree.textOf(node), scope) });
    case "scope_resolution": {
      const name = field("name");
      visitQualifier(of, field("scope"), scope);
      if (name !== undefined) draft.refer("read", name, { scope, target: () => draft.value(node, scope) });
      return;
    }
    case "identifier": {
      const name = tree.textOf(node);
      if (name === "private" || name === "protected") of.privates.add(scope);
      else if (name === "public") of.privates.delete(scope);
      else if (name === "module_function" && scope.kind === "type" && scope.symbol !== undefined) {
        const self = symbolTarget(scope.symbol);
        mixIn(of, scope.symbol, () => mixedIn(self, true));
      } else if (!findBinding(scope, name)?.isLocal)
        draft.refer("call", node, { scope, target: () => methodTarget(name, scope) });
      return;
    }
    case "instance_variable":
    case "class_variable":
      return draft.refer("read", node, { scope, target: () => draft.value(node, scope) });
    case "method_parameters":
    case "block_parameters":
    case "lambda_parameters":
      for (const parameter of tree.children(node)) visit(of, tree.field(parameter, "value"), scope);
      return;
    case "alias":
    case "undef":
    case "hash_key_symbol":
      return;
    default:
      return visitChildren(of, node, scope);
  }
}

function typeScope(scope: Scope): Scope | undefined {
  let at: Scope | undefined = scope;
  while (at && at.kind !== "type") at = at.parent;
  return at;
}

function selfOf(scope: Scope): Target {
  const around = typeScope(scope);
  const isStatic = findBinding(scope, "self")?.isPackage === true || scope.kind === "type";
  if (around?.symbol === undefined) return UNKNOWN;
  return isStatic ? symbolTarget(around.symbol) : instanceOf(symbolTarget(around.symbol));
}

/** A call without a receiver: of one's own class, or of a file's own functions. */
function methodTarget(name: string, scope: Scope): Target {
  const self = selfOf(scope);
  const bound = findBinding(scope, name);
  if (bound?.symbol !== undefined) return bound.target();
  const free: Target = { kind: "free", name };
  if (self.kind === "unknown") return free;
  // What a block in a class is run by, the class or an instance, only the method knows that it is handed to.
  const isInBlock = self.kind === "instance" && !findBinding(scope, "self");
  return firstOf([memberOf(self, name), ...(isInBlock ? [memberOf(self.of, name)] : []), free]);
}

/** From the innermost module outwards. */
function constantTarget(name: string, scope: Scope): Target {
  const bound = findBinding(scope, name);
  if (bound) return bound.target();
  const scopes: string[] = [];
  for (let at: Scope | undefined = scope; at; at = at.parent) if (at.module) scopes.push(at.module);
  const free: Target = { kind: "free", name, ...(scopes.length > 0 && { scopes: scopes.join(" ") }) };
  // Then those of what the class inherits and includes.
  const around = typeScope(scope)?.symbol;
  return around === undefined ? free : firstOf([free, memberOf(symbolTarget(around), name)]);
}

function declare(of: RubyFile, { scope, ...draft }: Omit<SymbolDraft, "isExported"> & { scope: Scope }): number {
  const { tree } = of;
  const container = scope.kind === "type" ? scope.symbol : undefined;
  const name = draft.as ?? tree.textOf(draft.name);
  const symbol = of.draft.symbol({
    documentation: commentBefore(tree, draft.node),
    container,
    ...draft,
    isExported: scope.kind !== "function" && !of.privates.has(scope) && !name.startsWith("@"),
    isStatic: draft.isStatic === true || scope.isStatic === true,
  });
  // Methods are called on something; functions and constants by their names.
  const isNamedBare = draft.kind !== "method" && draft.kind !== "property" && draft.kind !== "constructor";
  if (isNamedBare && draft.owner === undefined && !scope.names.has(name))
    scope.names.set(name, { symbol, target: () => symbolTarget(symbol) });
  return symbol;
}

function visitModule(of: RubyFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const written = tree.field(node, "name");
  const name = tree.is(written, "scope_resolution") ? tree.field(written, "name") : written;
  if (name === undefined) return;
  const before = tree.is(written, "scope_resolution") ? tree.field(written, "scope") : undefined;
  const superclass = tree.children(tree.field(node, "superclass"))[0];
  const symbol = declare(of, {
    name,
    node,
    scope,
    from: node,
    kind: tree.is(node, "module") ? "module" : "class",
    owner: before === undefined ? undefined : tree.textOf(before).replace(/^::/, ""),
    bases: [() => draft.value(superclass, scope)],
    isTest: /Test$|^Test/.test(tree.textOf(name)) && tree.is(node, "class"),
  });
  visitQualifier(of, before, scope);
  visitConstant(of, "inherit", { node: superclass, scope: { ...scope, symbol } });
  const around = scope.module === undefined ? "" : `${scope.module}::`;
  const module = around + tree.textOf(written).replace(/^::/, "");
  visitChildren(of, tree.field(node, "body"), { ...openScope(scope, "type", symbol), module });
}

/** A constant that is used as `kind`. */
function visitConstant(
  of: RubyFile,
  kind: ReferenceKind,
  { node, scope }: { node: Node | undefined; scope: Scope },
): void {
  const { tree, draft } = of;
  if (node === undefined) return;
  const name = tree.is(node, "scope_resolution") ? tree.field(node, "name") : node;
  if (tree.is(node, "scope_resolution")) visitQualifier(of, tree.field(node, "scope"), scope);
  if (tree.is(name, "constant")) draft.refer(kind, name, { scope, target: () => draft.value(node, scope) });
  else visit(of, node, scope);
}

/** Modules that only hold what is meant are opened in many files: naming one is a use of none of them. */
function visitQualifier(of: RubyFile, node: Node | undefined, scope: Scope): void {
  if (node !== undefined && !of.tree.is(node, "constant", "scope_resolution")) visit(of, node, scope);
}

function visitMethod(of: RubyFile, node: Node, scope: Scope): void {
  const { tree } = of;
  const name = tree.field(node, "name");
  if (name === undefined) return;
  const text = tree.textOf(name);
  const isStatic = tree.is(node, "singleton_method") || scope.isStatic === true;
  const isMember = scope.kind === "type";
  const body = tree.field(node, "body");
  const symbol: number = declare(of, {
    name,
    node,
    scope,
    type: () => typeOf(of.draft.value(lastOf(tree, body), inner)),
    kind: !isMember ? "function" : text === "initialize" ? "constructor" : "method",
    isStatic,
    isTest: text.startsWith("test_"),
  });
  const inner = openScope(scope, "function", symbol);
  inner.names.set("self", { target: () => UNKNOWN, isLocal: true, isPackage: isStatic });
  bindParameters(of, tree.field(node, "parameters"), inner);
  visit(of, tree.field(node, "parameters"), inner);
  visit(of, body, inner);
}

/** What a method gives: the value of its last statement. */
function lastOf(tree: SyntaxTree, body: Node | undefined): Node | undefined {
  if (!tree.is(body, "body_statement")) return body;
  return tree.children(body).findLast((child) => !tree.is(child, "comment", "rescue", "ensure", "else"));
}

function bindParameters({ tree }: RubyFile, list: Node | undefined, scope: Scope): void {
  for (const parameter of tree.children(list)) {
    const name = tree.is(parameter, "identifier") ? parameter : tree.field(parameter, "name");
    if (name !== undefined) bindLocal(scope, tree.textOf(name));
    else for (const inner of tree.children(parameter)) bindLocal(scope, tree.textOf(inner));
  }
}

function bindPattern(
  { tree }: RubyFile,
  pattern: Node | undefined,
  { scope, value }: { scope: Scope; value?: () => Target },
): void {
  if (pattern === undefined) return;
  if (tree.is(pattern, "identifier")) bindLocal(scope, tree.textOf(pattern), value);
  else
    for (const name of tree.descendants(pattern)) if (tree.is(name, "identifier")) bindLocal(scope, tree.textOf(name));
}

function visitAssignment(of: RubyFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const left = tree.field(node, "left");
  const right = tree.field(node, "right");
  if (left === undefined) return;
  const value = () => draft.value(right, scope);
  switch (tree.type(left)) {
    case "identifier":
    case "left_assignment_list":
      bindPattern(of, left, { scope, value });
      return visit(of, right, scope);
    case "constant": {
      // `Point = Struct.new(…) do … end` is a class.
      const block = tree.field(right, "block");
      const isClass = /^(?:Struct|Class|Module|Data)\.(?:new|define)\b/.test(tree.textOf(right));
      const symbol = declare(of, {
        name: left,
        node,
        scope,
        kind: isClass ? "class" : "constant",
        ...(!isClass && { type: () => typeOf(value()) }),
      });
      if (!isClass) return visit(of, right, scope);
      const inner: Scope = {
        ...openScope(scope, "type", symbol),
        module: `${scope.module === undefined ? "" : `${scope.module}::`}${tree.textOf(left)}`,
      };
      for (const member of tree.children(tree.field(right, "arguments")))
        if (tree.is(member, "simple_symbol")) declareSymbol(of, member, { scope: inner, node: member });
      return visitChildren(of, block, inner);
    }
    case "instance_variable":
    case "class_variable": {
      const around = typeScope(scope);
      const name = tree.textOf(left);
      if (around?.symbol !== undefined && !around.names.has(name)) {
        const symbol = declare(of, { name: left, node, scope: around, kind: "property", type: () => typeOf(value()) });
        around.names.set(name, { symbol, target: () => symbolTarget(symbol) });
      } else draft.refer("write", left, { scope, target: () => draft.value(left, scope) });
      return visit(of, right, scope);
    }
    case "call": {
      const name = tree.field(left, "method");
      const receiver = tree.field(left, "receiver");
      visit(of, receiver, scope);
      if (name !== undefined && receiver !== undefined) {
        const written = (ending: string) => memberOf(draft.value(receiver, scope), tree.textOf(name) + ending);
        draft.refer("write", name, { scope, target: () => firstOf([written("="), written("")]) });
      }
      return visit(of, right, scope);
    }
    default:
      visit(of, left, scope);
      return visit(of, right, scope);
  }
}

/** A member that is named by a symbol: `attr_reader :x`. */
function declareSymbol(of: RubyFile, name: Node, { scope, node }: { scope: Scope; node: Node }): void {
  const text = of.tree.textOf(name).replace(/^:/, "");
  if (text && scope.kind === "type") declare(of, { name, as: text, node, scope, kind: "property" });
}

const REQUIRES = new Set(["require", "require_relative", "load", "autoload"]);

function visitCall(of: RubyFile, node: Node, scope: Scope): void {
  const { tree, draft } = of;
  const receiver = tree.field(node, "receiver");
  const method = tree.field(node, "method");
  const name = tree.textOf(method);
  const given = tree.children(tree.field(node, "arguments"));
  if (receiver === undefined && REQUIRES.has(name)) {
    const text = tree.child(
      given.findLast((argument) => tree.is(argument, "string")),
      "string_content",
    );
    if (text === undefined) return visit(of, tree.field(node, "arguments"), scope);
    const path = tree.textOf(text);
    const specifier = name === "require_relative" && !path.startsWith(".") ? `./${path}` : path;
    draft.import({ specifier, kind: "require", isStar: true }, text);
    return;
  }
  if (receiver === undefined && scope.kind === "type" && scope.symbol !== undefined) {
    if (/^(?:include|extend|prepend)$/.test(name)) {
      const isOfItself = name === "extend" || scope.isStatic === true;
      for (const base of given) visitConstant(of, "inherit", { node: base, scope });
      mixIn(of, scope.symbol, () => given.flatMap((base) => mixedIn(draft.value(base, scope), isOfItself)));
      return;
    }
    if (/^(?:included|prepended|class_methods)$/.test(name)) return visitConcern(of, node, scope);
    if (
      /^(?:(?:thread_)?(?:c|m)?attr(?:ibute)?_\w+|class_attribute|attribute|delegate|has_many|has_one|belongs_to|scope|property|alias_method)$/.test(
        name,
      )
    )
      for (const member of /^(?:scope|property|has_\w+|belongs_to|attribute|alias_method)$/.test(name)
        ? given.slice(0, 1)
        : given)
        if (tree.is(member, "simple_symbol")) declareSymbol(of, member, { scope, node });
    if (name === "module_function") {
      const self = symbolTarget(scope.symbol);
      mixIn(of, scope.symbol, () => mixedIn(self, true));
    }
    if (/^(?:private|protected|private_class_method|public|module_function)$/.test(name))
      return visit(of, tree.field(node, "arguments"), scope);
  }
  const isNew = name === "new" && tree.is(receiver, "constant", "scope_resolution");
  if (isNew) visitConstant(of, "new", { node: receiver, scope });
  else visit(of, receiver, scope);
  if (method !== undefined && !isNew)
    draft.refer("call", method, {
      scope,
      target: () => (receiver === undefined ? methodTarget(name, scope) : memberOf(draft.value(receiver, scope), name)),
    });
  visit(of, tree.field(node, "arguments"), scope);
  visit(of, tree.field(node, "block"), scope);
}

function mixIn({ draft }: RubyFile, owner: number, bases: () => Target[]): void {
  draft.later(() => {
    const fact = draft.symbols[owner];
    const known = bases().filter(({ kind }) => kind !== "unknown");
    // The last one that is mixed in is asked first, the superclass last.
    if (fact && known.length > 0) fact.bases = [...known, ...(fact.bases ?? [])];
  });
}

/**
 * What a class gets of a module. One that it is extended by makes the class itself an instance of that; one that it
 * includes brings, by convention (`included`, ActiveSupport::Concern), what its `ClassMethods` hold for the class itself.
 */
function mixedIn(module: Target, isOfItself: boolean): Target[] {
  if (module.kind === "unknown") return [];
  return isOfItself ? [instanceOf(module)] : [module, instanceOf(memberOf(module, "ClassMethods"))];
}

/** `included do` is run in the class that includes the module; what `class_methods do` defines is in its `ClassMethods`. */
function visitConcern(of: RubyFile, node: Node, scope: Scope): void {
  const { tree } = of;
  const block = tree.field(node, "block");
  const method = tree.field(node, "method");
  if (method === undefined || tree.textOf(method) !== "class_methods") return visitChildren(of, block, scope);
  const known = scope.names.get("ClassMethods")?.symbol;
  const symbol = known ?? declare(of, { name: method, as: "ClassMethods", node, scope, kind: "module" });
  const module = `${scope.module ?? ""}::ClassMethods`;
  return visitChildren(of, block, { ...openScope(scope, "type", symbol), module });
}

function lower(of: RubyFile, node: Node, scope: Scope): Target {
  const { tree, draft } = of;
  switch (tree.type(node)) {
    case "constant":
      return constantTarget(tree.textOf(node), scope);
    case "scope_resolution": {
      const around = tree.field(node, "scope");
      const name = tree.textOf(tree.field(node, "name"));
      return around === undefined ? { kind: "free", name } : memberOf(draft.value(around, scope), name);
    }
    case "self":
      return selfOf(scope);
    case "identifier": {
      const bound = findBinding(scope, tree.textOf(node));
      return bound?.isLocal ? bound.target() : resultOf(methodTarget(tree.textOf(node), scope));
    }
    case "instance_variable":
    case "class_variable": {
      const self = typeScope(scope)?.symbol;
      return (
        typeScope(scope)?.names.get(tree.textOf(node))?.target() ??
        (self === undefined ? UNKNOWN : memberOf(instanceOf(symbolTarget(self)), tree.textOf(node)))
      );
    }
    case "call": {
      const receiver = tree.field(node, "receiver");
      const name = tree.textOf(tree.field(node, "method"));
      if (receiver === undefined) return resultOf(methodTarget(name, scope));
      if (name === "new") return instanceOf(draft.value(receiver, scope));
      if (name === "class") return typeOf(draft.value(receiver, scope));
      if (/^(?:freeze|dup|clone|tap|itself)$/.test(name)) return draft.value(receiver, scope);
      return resultOf(memberOf(draft.value(receiver, scope), name));
    }
    case "parenthesized_statements":
      return draft.value(tree.children(node)[0], scope);
    case "assignment":
    case "operator_assignment":
      return draft.value(tree.field(node, "right"), scope);
    case "return":
      return draft.value(tree.children(tree.child(node, "argument_list"))[0], scope);
    default:
      return UNKNOWN;
  }
}
