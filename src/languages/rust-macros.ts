// The arguments of a macro are tokens: paths and chains of members are read from them as far as they look like ones.
import { findBinding, memberOf, resultOf, type Scope } from "./draft.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import type { RustFile } from "./rust-imports.ts";
import type { Node } from "./syntax-tree.ts";

export function visitTokens(of: RustFile, tokens: Node | undefined, scope: Scope): void {
  const { tree, draft } = of;
  let before: { end: number; target: () => Target } | undefined;
  for (const token of tree.children(tokens)) {
    const joint = before ? tree.text.slice(before.end, tree.start(token)).trim() : "";
    if (tree.is(token, "token_tree")) {
      visitTokens(of, token, scope);
      const callee = before?.target;
      before = joint === "" && callee ? { end: tree.end(token), target: () => resultOf(callee()) } : undefined;
      continue;
    }
    if (!tree.is(token, "identifier", "self")) {
      before = undefined;
      continue;
    }
    const name = tree.textOf(token);
    const next = tree.next(token);
    const isCall = tree.is(next, "token_tree") && tree.text[tree.end(token)] === "(";
    const object: (() => Target) | undefined = before?.target;
    if ((joint === "." || joint === "::") && object) {
      const target = () => memberOf(object(), name);
      draft.refer(isCall ? "call" : joint === "." ? "member" : "read", token, { scope, target });
      before = { end: tree.end(token), target };
    } else {
      // What is bound nowhere may be a word of the macro's own.
      if (findBinding(scope, name) && name !== "self") draft.refer(isCall ? "call" : "read", token, { scope });
      before = { end: tree.end(token), target: () => findBinding(scope, name)?.target() ?? UNKNOWN };
    }
  }
}
