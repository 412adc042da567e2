// Characters that no set of a program tells apart are one symbol: the alphabet of its automaton, a few symbols
// instead of a million code points. Symbols are looked up by UTF-16 unit, pairs by binary search.
import { type CodePoints, CODE_POINT_MAX } from "./code-points.ts";
import { wordChars } from "./unicode.ts";

export interface Alphabet {
  size: number;
  /** The symbol of a UTF-16 unit; PAIR for the second half of a surrogate pair. */
  symbolOfUnit: Uint16Array;
  symbolOfCodePoint: (codePoint: number) => number;
  /** `members[symbol]` is 1 when the set holds the symbol, for each of the sets given. */
  members: readonly Uint8Array[];
  /** 1 where the symbol is a word character. All 0 unless words were asked for. */
  isWord: Uint8Array;
}

/** Above every symbol: a pattern of 1000 characters has at most as many sets, which cut out a few thousand symbols. */
export const PAIR = 0xffff;

const SURROGATES: CodePoints = [0xd800, 0xdfff];
const LOW_SURROGATES = 0xdc00;

export function alphabetOf(sets: readonly CodePoints[], { tellsWords }: { tellsWords: boolean }): Alphabet {
  const all = tellsWords ? [...sets, wordChars()] : sets;
  const cuts = cutsOf(all);
  const { symbols, size } = symbolsOf(all, cuts);
  const symbolOfUnit = new Uint16Array(0x10000);
  for (let i = 0; i < cuts.length && (cuts[i] ?? 0) <= 0xffff; i++) {
    symbolOfUnit.fill(symbols[i] ?? 0, cuts[i], Math.min(cuts[i + 1] ?? 0x10000, 0x10000));
  }
  symbolOfUnit.fill(PAIR, LOW_SURROGATES, 0xe000);
  const members = all.map((set) => {
    const isMember = new Uint8Array(size);
    for (const i of cutsWithin(set, cuts)) isMember[symbols[i] ?? 0] = 1;
    return isMember;
  });
  return {
    size,
    symbolOfUnit,
    symbolOfCodePoint: (codePoint) => symbols[findCut(cuts, codePoint)] ?? 0,
    members,
    isWord: (tellsWords ? members.at(-1) : undefined) ?? new Uint8Array(size),
  };
}

/** Where a stretch of like code points begins, ascending from 0. */
function cutsOf(sets: readonly CodePoints[]): number[] {
  const cuts = new Set([0]);
  for (const set of [...sets, SURROGATES]) {
    for (let i = 0; i < set.length; i += 2) {
      cuts.add(set[i] ?? 0);
      if ((set[i + 1] ?? 0) < CODE_POINT_MAX) cuts.add((set[i + 1] ?? 0) + 1);
    }
  }
  return [...cuts].sort((a, b) => a - b);
}

/** Splits the symbols by one set after the other, touching only what the set holds. */
function symbolsOf(sets: readonly CodePoints[], cuts: readonly number[]): { symbols: number[]; size: number } {
  const symbols = cuts.map(() => 0);
  let next = 1;
  for (const set of sets) {
    const inside = new Map<number, number>();
    for (const i of cutsWithin(set, cuts)) {
      const before = symbols[i] ?? 0;
      if (!inside.has(before)) inside.set(before, next++);
      symbols[i] = inside.get(before) ?? 0;
    }
  }
  const dense = new Map<number, number>();
  for (const symbol of symbols) if (!dense.has(symbol)) dense.set(symbol, dense.size);
  return { symbols: symbols.map((symbol) => dense.get(symbol) ?? 0), size: dense.size };
}

function* cutsWithin(set: CodePoints, cuts: readonly number[]): Generator<number> {
  for (let i = 0; i < set.length; i += 2) {
    const to = set[i + 1] ?? 0;
    for (let at = findCut(cuts, set[i] ?? 0); at < cuts.length && (cuts[at] ?? 0) <= to; at++) yield at;
  }
}

/** The last cut at or before the code point. */
function findCut(cuts: readonly number[], codePoint: number): number {
  let low = 0;
  let high = cuts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((cuts[middle] ?? 0) <= codePoint) low = middle;
    else high = middle - 1;
  }
  return low;
}
