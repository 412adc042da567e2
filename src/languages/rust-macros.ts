// The arguments of a macro are tokens: paths and chains of members are read from them as far as they look like ones.
import { findBinding, LOCAL, memberOf, resultOf, type Scope } from "./draft.ts";
import { UNKNOWN, type ReferenceKind, type Target } from "./facts.ts";
import { startOf, tokenPath, type RustFile } from "./rust-imports.ts";
import type { Node } from "./syntax-tree.ts";

export function visitTokens(of: RustFile, tokens: Node | undefined, scope: Scope): void {
  walk(of, tokens, {
    scope,
    refer: (kind, token, target) => of.draft.refer(kind, token, { scope, target }),
  });
}

/** What the expression that a macro is handed leads to. */
export function valueOfTokens(of: RustFile, tokens: Node | undefined, scope: Scope): Target {
  return walk(of, tokens, { scope, refer: () => undefined })?.() ?? UNKNOWN;
}

type Refer = (kind: ReferenceKind, token: Node, target: () => Target) => void;

/** Gives what the last of the tokens leads to. */
function walk(
  of: RustFile,
  tokens: Node | undefined,
  { scope, refer, isInner = false }: { scope: Scope; refer: Refer; isInner?: boolean },
): (() => Target) | undefined {
  const { tree } = of;
  const [first] = isInner ? [] : tree.children(tokens);
  let before: { end: number; target: () => Target } | undefined;
  /** Names of a path from its start. */
  let path: string[] = [];
  for (const token of tree.children(tokens)) {
    const joint = before ? tree.text.slice(before.end, tree.start(token)).trim() : "";
    if (tree.is(token, "token_tree")) {
      walk(of, token, { scope, refer, isInner: true });
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
    if (joint === "::" && object && path.length > 0) {
      const target = tokenPath(of, { segments: path, name, at: token, scope, object });
      refer(isCall ? "call" : "read", token, target);
      before = { end: tree.end(token), target };
      path = [...path, name];
    } else if ((joint === "." || joint === "::") && object) {
      const target = () => memberOf(object(), name);
      refer(isCall ? "call" : joint === "." ? "member" : "read", token, target);
      before = { end: tree.end(token), target };
      path = [];
    } else {
      const isStart = tree.text.startsWith("::", tree.end(token));
      const isRooted = isStart && /^(?:\$?crate|self|super)$/.test(name);
      path = isStart ? [name] : [];
      const word = wordTarget(of, { token, scope, isPath: isStart, isCall });
      // Of `hit!(name)` it is a mark, whatever function has that name.
      const isMark =
        token === first &&
        /^\p{Ll}/u.test(name) &&
        /^\s*[,)\]}]/.test(tree.text.slice(tree.end(token), tree.end(token) + LOOK_BACK));
      if (!isRooted && !isMark && name !== "self" && word) refer(isCall ? "call" : "read", token, word.named);
      const value = () => word?.value() ?? UNKNOWN;
      before = { end: tree.end(token), target: isRooted ? () => UNKNOWN : value };
    }
  }
  return before?.target;
}

/** Before a name that is declared, or a member of what is no name; and behind the key of something. */
const NO_WORD = /(?:\b(?:fn|struct|enum|union|trait|type|mod|(?<!\*)const|static(?:\s+ref)?)\s+|::\s*|(?<!\.)\.\s*)$/;
const KEY = /^\s*(?::(?!:)|=(?![=>]))/;
const LOOK_BACK = 16;

/** A name that is no member of another: what it names, and its value. */
function wordTarget(
  { tree, file }: RustFile,
  { token, scope, isPath, isCall }: { token: Node; scope: Scope; isPath: boolean; isCall: boolean },
): { named: () => Target; value: () => Target } | undefined {
  const { text } = tree;
  const name = tree.textOf(token);
  const [start, end] = [tree.start(token), tree.end(token)];
  if (NO_WORD.test(text.slice(Math.max(0, start - LOOK_BACK), start))) return undefined;
  const isLarge = /^\p{Lu}/u.test(name);
  if (!isLarge && KEY.test(text.slice(end, end + LOOK_BACK))) return undefined;
  // What is bound nowhere may be a word of the macro's own, and in what a macro makes a name of wherever it is used.
  const canBeFree = (isPath || isCall || isLarge) && (scope === file || scope.parent !== undefined);
  const binding = () => (isPath && !isLarge ? undefined : findBinding(scope, name));
  const value = () => binding()?.target() ?? (canBeFree ? startOf(name, scope) : UNKNOWN);
  return { value, named: () => (binding()?.isLocal || value() === UNKNOWN ? LOCAL : value()) };
}
