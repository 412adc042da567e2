// Sets of code points as flat ascending ranges: [from, to, from, to, …], both ends included, never touching.

export type CodePoints = readonly number[];

export const CODE_POINT_MAX = 0x10ffff;

export const EVERY: CodePoints = [0, CODE_POINT_MAX];

/** The union of ranges in any order, which may overlap. */
export function fromRanges(ranges: readonly number[]): CodePoints {
  const starts: number[] = [];
  for (let i = 0; i < ranges.length; i += 2) starts.push(i);
  starts.sort((a, b) => (ranges[a] ?? 0) - (ranges[b] ?? 0));
  const out: number[] = [];
  for (const i of starts) {
    const from = ranges[i] ?? 0;
    const to = ranges[i + 1] ?? 0;
    const last = out.at(-1);
    if (last !== undefined && from <= last + 1) out[out.length - 1] = Math.max(last, to);
    else out.push(from, to);
  }
  return out;
}

export function negate(set: CodePoints): CodePoints {
  const out: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    const from = set[i] ?? 0;
    if (from > next) out.push(next, from - 1);
    next = (set[i + 1] ?? 0) + 1;
  }
  if (next <= CODE_POINT_MAX) out.push(next, CODE_POINT_MAX);
  return out;
}

export function without(set: CodePoints, removed: CodePoints): CodePoints {
  return negate(fromRanges([...negate(set), ...removed]));
}

export function contains(set: CodePoints, codePoint: number): boolean {
  let low = 0;
  let high = set.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((set[middle * 2 + 1] ?? 0) < codePoint) low = middle + 1;
    else high = middle;
  }
  return low * 2 < set.length && (set[low * 2] ?? 0) <= codePoint;
}

export function countOf(set: CodePoints): number {
  let count = 0;
  for (let i = 0; i < set.length; i += 2) count += (set[i + 1] ?? 0) - (set[i] ?? 0) + 1;
  return count;
}

/** Every member, ascending. Ask `countOf` first. */
export function membersOf(set: CodePoints): number[] {
  const members: number[] = [];
  for (let i = 0; i < set.length; i += 2) {
    for (let codePoint = set[i] ?? 0; codePoint <= (set[i + 1] ?? 0); codePoint++) members.push(codePoint);
  }
  return members;
}
