// The arguments of a macro are tokens: paths and chains of members are read from them as far as they look like ones.
import { findBinding, memberOf, resultOf, type Scope } from "./draft.ts";
import { UNKNOWN, type ReferenceKind, type Target } from "./facts.ts";
import { tokenPath, type RustFile } from "./rust-imports.ts";
import type { Node } from "./syntax-tree.ts";

export function visitTokens(of: RustFile, tokens: Node | undefined, scope: Scope): void {
  walk(of, tokens, {
    scope,
    refer: (kind, token, target) => of.draft.refer(kind, token, { scope, ...(target && { target }) }),
  });
}

/** What the expression that a macro is handed leads to. */
export function valueOfTokens(of: RustFile, tokens: Node | undefined, scope: Scope): Target {
  return walk(of, tokens, { scope, refer: () => undefined })?.() ?? UNKNOWN;
}

type Refer = (kind: ReferenceKind, token: Node, target: (() => Target) | undefined) => void;

/** Gives what the last of the tokens leads to. */
function walk(
  of: RustFile,
  tokens: Node | undefined,
  { scope, refer }: { scope: Scope; refer: Refer },
): (() => Target) | undefined {
  const { tree } = of;
  let before: { end: number; target: () => Target } | undefined;
  /** Names of a path from its start, where that is a module. */
  let path: string[] = [];
  for (const token of tree.children(tokens)) {
    const joint = before ? tree.text.slice(before.end, tree.start(token)).trim() : "";
    if (tree.is(token, "token_tree")) {
      walk(of, token, { scope, refer });
      const callee = before?.target;
      before = joint === "" && callee ? { end: tree.end(token), target: () => resultOf(callee()) } : undefined;
      path = [];
      continue;
    }
    if (!tree.is(token, "identifier", "self", "crate", "super", "metavariable")) {
      before = undefined;
      path = [];
      continue;
    }
    const name = tree.textOf(token);
    const next = tree.next(token);
    const isCall = tree.is(next, "token_tree") && tree.text[tree.end(token)] === "(";
    const object: (() => Target) | undefined = before?.target;
    if (joint === "::" && path.length > 0) {
      const target = tokenPath(of, { segments: path, name, at: token, scope });
      refer(isCall ? "call" : "read", token, target);
      before = { end: tree.end(token), target };
      path = [...path, name];
    } else if ((joint === "." || joint === "::") && object) {
      const target = () => memberOf(object(), name);
      refer(isCall ? "call" : joint === "." ? "member" : "read", token, target);
      before = { end: tree.end(token), target };
      path = [];
    } else {
      const isStart = /^(?:\$?crate|self|super)$/.test(name) && tree.text.startsWith("::", tree.end(token));
      path = isStart ? [name] : [];
      // What is bound nowhere may be a word of the macro's own.
      if (!isStart && findBinding(scope, name) && name !== "self") refer(isCall ? "call" : "read", token, undefined);
      before = { end: tree.end(token), target: () => findBinding(scope, name)?.target() ?? UNKNOWN };
    }
  }
  return before?.target;
}
