// What the expressions and types of a language with classes lead to.
import { elementOf, firstOf, findBinding, instanceOf, listOf, memberOf, resultOf, type Scope } from "./draft.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import type { DocumentedType } from "./php-types.ts";
import type { ShapeFile } from "./read-shapes.ts";
import type { Node } from "./syntax-tree.ts";

export function typeScope(scope: Scope): Scope | undefined {
  let at: Scope | undefined = scope;
  while (at && at.kind !== "type") at = at.parent;
  return at;
}

/** What a bare name means: something bound here, else a member of a superclass, else something of the package. */
export function nameTarget(of: ShapeFile, name: string, scope: Scope): Target {
  const { draft, grammar, overloads } = of;
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const binding = at.names.get(name);
    if (!binding || (at.kind === "type" && binding.symbol !== undefined && !grammar.hasImplicitThis)) continue;
    if (at.kind !== "type" || binding.symbol === undefined || at.symbol === undefined) return draft.named(name, at);
    const isOverloaded = overloads.get(at.symbol)?.has(name) === true;
    return isOverloaded ? memberOf(thisType(at), name) : binding.target();
  }
  const free: Target = { kind: "free", name };
  if (!grammar.hasImplicitThis) return free;
  const own: Target[] = [];
  for (let at: Scope | undefined = scope; at && own.length < 2; at = at.parent) {
    const symbol = at.names.get("this type")?.target();
    // The receiver of an extension.
    if (symbol && at.kind === "function") own.push(memberOf(instanceOf(symbol), name));
    if (at.kind !== "type") continue;
    const bases = symbol?.kind === "symbol" ? draft.symbols[symbol.symbol]?.bases : undefined;
    if (symbol && (symbol.kind !== "symbol" || bases?.length || grammar.hasParts))
      own.push(memberOf(instanceOf(symbol), name));
  }
  return firstOf([...own, free]);
}

function thisType(scope: Scope | undefined): Target {
  return findBinding(scope, "this type")?.target() ?? UNKNOWN;
}

export function lowerMember(of: ShapeFile, { object, name }: { object: Node; name: Node }, scope: Scope): Target {
  const { tree, draft, grammar } = of;
  const text = tree.textOf(name);
  const path = tree.textOf(object);
  const [first = ""] = path.split(/\W+/);
  // A type by its whole name: `a.b.C`.
  if (
    grammar.packagePath?.test(path) &&
    !/^(?:this|base|super)\b/.test(path) &&
    !findBinding(scope, first) &&
    (grammar.hasPackageMembers || /^\p{Lu}/u.test(text))
  ) {
    const whole: Target = { kind: "free", name: `${path}.${text}` };
    return /^\p{Lu}/u.test(path) || grammar.hasPackageMembers
      ? firstOf([memberOf(draft.value(object, scope), text), whole])
      : whole;
  }
  const tested = grammar.testedType?.(tree, object);
  const declared = memberOf(draft.value(object, scope), text);
  const member =
    tested === undefined ? declared : firstOf([memberOf(instanceOf(lowerType(of, tested, scope)), text), declared]);
  const imported = grammar.hasImportedMembers ? of.file.names.get(text)?.target() : undefined;
  return imported?.kind === "imported" ? firstOf([member, imported]) : member;
}

export function lowerShape(of: ShapeFile, node: Node, scope: Scope, isElement = false): Target {
  if (isElement) return elementOf(of.draft.value(node, scope));
  const { tree, draft, grammar } = of;
  const shape = grammar.read(tree, node);
  switch (shape?.kind) {
    case "name": {
      const key = shape.key ?? tree.textOf(shape.name);
      const binding = findBinding(scope, key);
      if (!binding && grammar.words.has(key)) return UNKNOWN;
      return binding?.isLocal ? binding.target() : nameTarget(of, key, scope);
    }
    case "member":
      return lowerMember(of, shape, scope);
    case "call": {
      const { callee, object, name } = shape;
      if (callee !== undefined) {
        const member = grammar.read(tree, callee);
        if (member?.kind === "member" && grammar.elementMethods.test(tree.textOf(member.name))) {
          const list = draft.value(member.object, scope);
          if (list.kind === "instance" && list.of.kind === "list") return elementOf(list);
        }
        return resultOf(draft.value(callee, scope));
      }
      if (name === undefined) return UNKNOWN;
      if (object === undefined) return resultOf(nameTarget(of, shape.key ?? tree.textOf(name), scope));
      if (grammar.elementMethods.test(tree.textOf(name))) {
        const list = draft.value(object, scope);
        if (list.kind === "instance" && list.of.kind === "list") return elementOf(list);
      }
      return resultOf(lowerMember(of, { object, name }, scope));
    }
    case "new":
    case "typed":
      return shape.type === undefined ? UNKNOWN : instanceOf(lowerType(of, shape.type, scope));
    case "same":
      return draft.value(shape.of, scope);
    case "element":
      return elementOf(draft.value(shape.of, scope));
    case "assign":
      return draft.value(shape.right, scope);
    case "this": {
      const type = thisType(scope);
      return typeScope(scope)?.isStatic ? type : instanceOf(type);
    }
    case "super": {
      const named = findBinding(scope, "super type")?.target();
      if (named) return instanceOf(named);
      const type = thisType(scope);
      const base = type.kind === "symbol" ? draft.symbols[type.symbol]?.bases?.[0] : undefined;
      return base ? instanceOf(base) : UNKNOWN;
    }
    default:
      return UNKNOWN;
  }
}

export function lowerType(of: ShapeFile, node: Node, scope: Scope): Target {
  const { tree, grammar } = of;
  const shape = grammar.readType(tree, node);
  switch (shape?.kind) {
    case "named": {
      const text = tree.textOf(shape.name);
      if (shape.path !== undefined) return lowerPath(of, shape.path, scope);
      if (shape.qualifier !== undefined) {
        const path = tree.textOf(shape.qualifier).replace(/\s/g, "");
        const isPackage = grammar.packagePath?.test(path) && !findBinding(scope, path.split(/\W+/)[0] ?? "");
        const whole: Target = { kind: "free", name: `${path}.${text}` };
        if (isPackage && !/^\p{Lu}/u.test(path)) return whole;
        const member = memberOf(lowerType(of, shape.qualifier, scope), text);
        return isPackage ? firstOf([member, whole]) : member;
      }
      const binding = findBinding(scope, text);
      if (binding?.values) return UNKNOWN;
      return binding?.target() ?? { kind: "free", name: text };
    }
    case "generic": {
      const name = tree.textOf(shape.of);
      const last = shape.arguments.at(-1);
      if (last !== undefined && grammar.holders.test(name)) return lowerType(of, last, scope);
      if (last !== undefined && grammar.collections.test(name)) return listOf(lowerType(of, last, scope));
      return shape.of === undefined ? UNKNOWN : lowerType(of, shape.of, scope);
    }
    case "array":
      return shape.of === undefined ? UNKNOWN : listOf(lowerType(of, shape.of, scope));
    case "same":
      return shape.of === undefined ? UNKNOWN : lowerType(of, shape.of, scope);
    case "own":
      return thisType(scope);
    case "none":
      return UNKNOWN;
    default: {
      const [first] = tree.children(node);
      return first === undefined ? UNKNOWN : lowerType(of, first, scope);
    }
  }
}

/** The type that a declaration has: as it is written, else as documentation says. */
export function declaredType(
  of: ShapeFile,
  { type, documented }: { type?: Node | undefined; documented?: DocumentedType | undefined },
  scope: Scope,
): Target {
  const written = type === undefined ? UNKNOWN : lowerType(of, type, scope);
  if (written.kind !== "unknown" || documented === undefined) return written;
  const { name, isCollection } = documented;
  const bound = findBinding(scope, name);
  const named = /^(?:self|static|\$this)$/.test(name)
    ? thisType(scope)
    : name.includes("\\")
      ? lowerPath(of, name, scope)
      : bound?.values
        ? UNKNOWN
        : (bound?.target() ?? { kind: "free", name });
  return isCollection ? listOf(named) : named;
}

/** PHP's `A\\B`: its first part may be imported; with a `\\` before it, it is whole. */
function lowerPath(of: ShapeFile, path: string, scope: Scope): Target {
  if (path.startsWith("\\")) return { kind: "free", name: path };
  const [first = "", ...rest] = path.split("\\");
  const known = findBinding(scope, first)?.target();
  if (known?.kind !== "imported") return { kind: "free", name: path };
  const whole = of.draft.imports[known.import]?.specifier;
  return { kind: "free", name: `\\${[whole, ...rest].join("\\")}` };
}
