// Unicode classes and simple case folding, read out of the engine's own `\p{…}` and /iu once and kept.
import { type CodePoints, CODE_POINT_MAX, contains, fromRanges, membersOf } from "./code-points.ts";

const known = new Map<string, CodePoints | undefined>();

/** ripgrep's `\w`, `\d` and `\s` (UTS #18 annex C). */
export const wordChars = () => getSet("[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]");
export const digitChars = () => getSet("\\p{Nd}");
export const spaceChars = () => getSet("\\p{White_Space}");

/** The set of `\p{name}`: a general category, a script or a binary property; undefined when there is none. */
export function findProperty(name: string): CodePoints | undefined {
  if (!/^[A-Za-z_]+$/.test(name)) return undefined;
  return findSet(`\\p{${name}}`) ?? findSet(`\\p{Script=${name}}`);
}

/** The set and every code point that folds to the same one as a member: K, k and the Kelvin sign. */
export function foldCase(set: CodePoints): CodePoints {
  const { cased, orbits } = getFolding();
  const added: number[] = [];
  const isSmall = set.length === 2 && set[0] === set[1];
  for (const codePoint of isSmall ? membersOf(set) : cased) {
    if (!contains(set, codePoint)) continue;
    for (const other of orbits.get(codePoint) ?? []) added.push(other, other);
  }
  return added.length === 0 ? set : fromRanges([...set, ...added]);
}

function getSet(source: string): CodePoints {
  return findSet(source) ?? [];
}

function findSet(source: string): CodePoints | undefined {
  if (!known.has(source)) known.set(source, scan(source));
  return known.get(source);
}

/** Code points from `first` as one string, so that a class is read with one regular expression a block. */
interface Block {
  first: number;
  text: string;
  width: number;
}

let blocks: Block[] | undefined;

/** Planes 0 to 3 and 14. Planes 4 to 13 are unassigned, 15 and 16 private: there one code point stands for all. */
function getBlocks(): Block[] {
  const spans = [
    [0, 0xd7ff],
    [0xe000, 0xffff],
    [0x10000, 0x1ffff],
    [0x20000, 0x3ffff],
    [0xe0000, 0xeffff],
  ] as const;
  blocks ??= spans.map(([first, last]) => {
    const parts: string[] = [];
    for (let codePoint = first; codePoint <= last; codePoint++) parts.push(String.fromCodePoint(codePoint));
    return { first, text: parts.join(""), width: first > 0xffff ? 2 : 1 };
  });
  return blocks;
}

const UNIFORM_SPANS = [
  [0x40000, 0xdffff],
  [0xf0000, 0xffffd],
  [0xffffe, 0xfffff],
  [0x100000, 0x10fffd],
  [0x10fffe, CODE_POINT_MAX],
] as const;

function scan(source: string): CodePoints | undefined {
  let runs: RegExp;
  try {
    runs = new RegExp(`${source}+`, "gu");
  } catch {
    // The engine has no property of that name; the caller says so.
    return undefined;
  }
  const ranges: number[] = [];
  for (const { first, text, width } of getBlocks()) {
    for (const run of text.matchAll(runs)) {
      const from = first + run.index / width;
      ranges.push(from, from + run[0].length / width - 1);
    }
  }
  const one = new RegExp(source, "u");
  for (const [from, to] of UNIFORM_SPANS) if (one.test(String.fromCodePoint(from))) ranges.push(from, to);
  return fromRanges(ranges);
}

interface Folding {
  /** Code points that have others in their orbit, ascending. */
  cased: number[];
  /** The others that fold to the same code point. */
  orbits: Map<number, number[]>;
}

let folding: Folding | undefined;

/**
 * Candidates share an upper or lower case; a case-insensitive back-reference then says whether two of them are
 * equal under simple folding, which JavaScript gives no other access to (İ and i are not, K and k are).
 */
function getFolding(): Folding {
  if (folding) return folding;
  const isSameFold = /^(.)\1$/iu;
  const groups = new Map<string, string[]>();
  for (const codePoint of membersOf(getSet("[\\p{Changes_When_Casemapped}\\p{Changes_When_Casefolded}]"))) {
    const char = String.fromCodePoint(codePoint);
    const upper = char.toUpperCase();
    for (const key of new Set([char, upper, char.toLowerCase(), upper.toLowerCase()])) {
      const group = groups.get(key);
      if (group) group.push(char);
      else groups.set(key, [char]);
    }
  }
  const found = new Map<number, Set<number>>();
  for (const group of groups.values()) {
    for (const a of group) {
      for (const b of group) {
        if (a === b || !isSameFold.test(a + b)) continue;
        const orbit = found.get(a.codePointAt(0) ?? 0) ?? new Set();
        found.set(a.codePointAt(0) ?? 0, orbit.add(b.codePointAt(0) ?? 0));
      }
    }
  }
  const orbits = new Map([...found].map(([codePoint, others]) => [codePoint, [...closure(found, codePoint, others)]]));
  folding = { cased: [...orbits.keys()].sort((a, b) => a - b), orbits };
  return folding;
}

/** Some members meet only through a third: ſ and s share S, their upper case. */
function closure(found: Map<number, Set<number>>, codePoint: number, others: Set<number>): Set<number> {
  const all = new Set(others);
  for (const other of all) for (const further of found.get(other) ?? []) if (further !== codePoint) all.add(further);
  return all;
}
