// Several segments as one, without reading any text: each posting list is taken from its page, renumbered, and packed
// again. Pure.
import { entriesOf, packPages, readPostings, type Segment } from "./segment.ts";

export interface MergeInput {
  pages: readonly Buffer[];
  /** The new ordinal of each document; LEFT_OUT of one that is not wanted any more. */
  ordinals: Uint32Array;
}

export const LEFT_OUT = 2 ** 32 - 1;

/** `documents` is how many are wanted; each of 0 … documents - 1 is some document's new ordinal. Linear in the postings. */
export function mergeSegments(inputs: readonly MergeInput[], documents: number): Segment {
  const lists = new Map<number, Uint32Array[]>();
  let total = 0;
  for (const { pages, ordinals } of inputs) {
    for (const page of pages) {
      for (const { gram, postings } of entriesOf(page)) {
        const list = renumber(readPostings(postings), ordinals);
        if (list.length === 0) continue;
        total += list.length;
        const others = lists.get(gram);
        if (others) others.push(list);
        else lists.set(gram, [list]);
      }
    }
  }
  const grams = Uint32Array.from(lists.keys()).sort();
  const starts = new Uint32Array(grams.length + 1);
  const sorted = new Uint32Array(total);
  let size = 0;
  for (const [i, gram] of grams.entries()) {
    const start = (starts[i] = size);
    for (const list of lists.get(gram) ?? []) {
      sorted.set(list, size);
      size += list.length;
    }
    sorted.subarray(start, size).sort();
  }
  starts[grams.length] = size;
  return { documents, ...packPages({ grams, starts, ordinals: sorted }) };
}

function renumber(list: Uint32Array, ordinals: Uint32Array): Uint32Array {
  return list.map((ordinal) => ordinals[ordinal] ?? LEFT_OUT).filter((ordinal) => ordinal !== LEFT_OUT);
}
