// A parsed pattern. Groups capture nothing here: only where a match begins and ends is asked for. Flags are gone:
// case is folded into the sets, and since a text is matched line by line, (?m) and (?s) change nothing.
import { type CodePoints, contains, without } from "./code-points.ts";

export type Assertion = "line-start" | "line-end" | "word-boundary" | "not-word-boundary";

export type Node =
  | { kind: "empty" }
  /** One code point of the set, which never holds NUL, a newline or a surrogate; an empty set matches nothing. */
  | { kind: "chars"; set: CodePoints }
  | { kind: "assert"; assertion: Assertion }
  | { kind: "concat"; children: readonly Node[] }
  /** The first alternative that leads to a match wins. */
  | { kind: "alternate"; children: readonly Node[] }
  | { kind: "repeat"; child: Node; min: number; max: number; greedy: boolean };

const EMPTY: Node = { kind: "empty" };

/** What no character of a line is: NUL (such files are not searchable), the newline, halves of surrogate pairs. */
const NEVER_IN_LINE: CodePoints = [0x00, 0x00, 0x0a, 0x0a, 0xd800, 0xdfff];

export function chars(set: CodePoints): Node {
  const isClean = NEVER_IN_LINE.every((codePoint) => !contains(set, codePoint));
  return { kind: "chars", set: isClean ? set : without(set, NEVER_IN_LINE) };
}

export function concat(children: readonly Node[]): Node {
  if (children.length === 0) return EMPTY;
  return children.length === 1 && children[0] ? children[0] : { kind: "concat", children };
}

export function alternate(children: readonly Node[]): Node {
  return children.length === 1 && children[0] ? children[0] : { kind: "alternate", children };
}

/** What matches only the empty string is repeated once at most: more would change nothing but the size. */
export function repeat(child: Node, { min, max, greedy }: { min: number; max: number; greedy: boolean }): Node {
  if (max === 0) return EMPTY;
  if (consumesNothing(child)) return repeatOnce(child, { min: Math.min(min, 1), max: 1, greedy });
  return repeatOnce(child, { min, max, greedy });
}

function repeatOnce(child: Node, bounds: { min: number; max: number; greedy: boolean }): Node {
  return bounds.min === 1 && bounds.max === 1 ? child : { kind: "repeat", child, ...bounds };
}

function consumesNothing(node: Node): boolean {
  switch (node.kind) {
    case "empty":
    case "assert":
      return true;
    case "chars":
      return false;
    case "repeat":
      return consumesNothing(node.child);
    default:
      return node.children.every(consumesNothing);
  }
}

/** The node can match without a character, where its assertions hold. */
export function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case "empty":
    case "assert":
      return true;
    case "chars":
      return false;
    case "repeat":
      return node.min === 0 || canBeEmpty(node.child);
    case "concat":
      return node.children.every(canBeEmpty);
    case "alternate":
      return node.children.some(canBeEmpty);
  }
}
