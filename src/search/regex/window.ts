// A window that slides over a text: characters, one set for each, that stand side by side in every match of a pattern.
// Where no literal is required, as in `\d{4}-\d{2}`, it leaves out lines without the automaton reading them: looked at from
// its end, a character that is in none of the sets moves it on by its whole length (Horspool 1980, with sets).
import { contains, countOf, membersOf, type CodePoints } from "./code-points.ts";
import type { Node } from "./syntax.ts";

/** Positions of a window. A longer one moves on faster, and hardly. */
const WINDOW_UNITS_MAX = 32;

/** A window that more than this share of places in code may hold costs more than it leaves out. */
const WINDOW_CHANCE_MAX = 1 / 500;

export interface Window {
  /** The first offset at or after `from` where it may stand, or -1. Only in a text without surrogate pairs. */
  find: (text: string, from: number) => number;
}

/** Undefined when the pattern has no window that is worth sliding. */
export function windowOf(node: Node): Window | undefined {
  const [best] = runsOf(node)
    .map(narrowest)
    .filter((sets) => sets.length > 1 && chanceOf(sets) < WINDOW_CHANCE_MAX)
    .sort((a, b) => b.length - a.length);
  return best && slide(best);
}

const GAP = "gap";

/** Characters that follow one another in every match, in as many runs as there is something unknown between them. */
function runsOf(node: Node): CodePoints[][] {
  const runs: CodePoints[][] = [[]];
  for (const part of partsOf(node)) {
    if (part === GAP) runs.push([]);
    else runs.at(-1)?.push(part);
  }
  return runs;
}

function partsOf(node: Node): (CodePoints | typeof GAP)[] {
  switch (node.kind) {
    case "empty":
    case "assert":
      return [];
    case "chars":
      return [node.set];
    case "concat":
      return node.children.flatMap(partsOf);
    case "alternate":
      return [GAP];
    case "repeat": {
      if (node.min === 0) return [GAP];
      const once = partsOf(node.child);
      const copies = Math.min(node.min, Math.ceil(WINDOW_UNITS_MAX / Math.max(1, once.length)));
      const all = Array.from({ length: copies }, () => once).flat();
      return copies === node.max ? all : [...all, GAP];
    }
  }
}

/** Without sets at either end that hold most of what code is made of, and not longer than a window. */
function narrowest(sets: readonly CodePoints[]): CodePoints[] {
  const isNarrow = (set: CodePoints) => shareOf(set) < 0.5;
  const first = sets.findIndex(isNarrow);
  return first < 0 ? [] : sets.slice(first, sets.findLastIndex(isNarrow) + 1).slice(0, WINDOW_UNITS_MAX);
}

function chanceOf(sets: readonly CodePoints[]): number {
  return sets.reduce((chance, set) => chance * shareOf(set), 1);
}

/** [characters, what part of code they are together], counted over 15 MB of Go, Rust, TypeScript and Markdown. */
const SHARES: readonly [CodePoints, number][] = [
  [[0x61, 0x7a], 0.61],
  [[0x20, 0x20], 0.15],
  [[0x41, 0x5a], 0.05],
  [[0x30, 0x39], 0.015],
  [[0x09, 0x09, 0x0d, 0x0d, 0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e], 0.175],
];

/** Which part of the characters of code the set holds, each as frequent as its kind is on average. */
function shareOf(set: CodePoints): number {
  return SHARES.reduce((sum, [kind, share]) => {
    const held = membersOf(kind).filter((codePoint) => contains(set, codePoint)).length;
    return sum + (share * held) / countOf(kind);
  }, 0);
}

const ASCII = 128;

/** Units beyond ASCII count as held by every set. */
function slide(sets: readonly CodePoints[]): Window {
  const last = sets.length - 1;
  /** Bit j: the unit is in set j. */
  const heldBy = new Uint32Array(ASCII);
  /** How far the window moves on from a unit at its end: to where an earlier set holds it. */
  const steps = new Uint8Array(ASCII).fill(sets.length);
  for (const [j, set] of sets.entries()) {
    for (let unit = 0; unit < ASCII; unit++) {
      if (!contains(set, unit)) continue;
      heldBy[unit] = (heldBy[unit] ?? 0) | (1 << j);
      if (j < last) steps[unit] = last - j;
    }
  }
  return {
    find(text, from) {
      for (let start = from; start + last < text.length;) {
        let j = last;
        let held = 0;
        for (; j >= 0; j--) {
          const unit = text.charCodeAt(start + j);
          held = unit < ASCII ? (heldBy[unit] ?? 0) : -1;
          if (((held >>> j) & 1) === 0) break;
        }
        if (j < 0) return start;
        const end = text.charCodeAt(start + last);
        const step = end < ASCII ? (steps[end] ?? 1) : 1;
        // A unit of no set: no window holds it.
        start += held === 0 ? Math.max(j + 1, step) : step;
      }
      return -1;
    },
  };
}
