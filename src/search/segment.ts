// The packed trigram index of a set of chunks ("documents", numbered from 0 in static rank order). Immutable.
//
// A gram is three bytes of UTF-8 without a newline, case-sensitive. Grams that differ in ASCII case alone share a
// page, so that a search without case reads no more pages than one with it. A page:
//
//   u16 n | n × (u24 gram, u24 length) | n postings: ordinals, ascending, as delta varints (first one from -1)
//
// Page `b` of 2^k holds the grams whose bucket is b; k is chosen so that a page is about PAGE_BYTES.
import { foldGram } from "./grams.ts";
import { PAGE_BYTES, SEGMENT_PAIRS_MAX } from "./limits.ts";

export interface Segment {
  documents: number;
  /** Number of pages, a power of two. A page without grams is left out of `pages`. */
  buckets: number;
  pages: { bucket: number; data: Buffer }[];
}

const GRAMS = 1 << 24;
const NEWLINE = 0x0a;
const HEADER_BYTES = 2;
const ENTRY_BYTES = 6;

/** 32 well mixed bits of a gram, the same for grams that differ in ASCII case alone (Fibonacci hashing). */
function gramHash(gram: number): number {
  return Math.imul(foldGram(gram), 0x9e3779b1) >>> 0;
}

/** The page that holds `gram` among `buckets` (a power of two): the top bits of its hash. */
export function bucketOf(gram: number, buckets: number): number {
  return Math.floor((gramHash(gram) * buckets) / 2 ** 32);
}

/**
 * Collects documents and packs them. Holds 4 bytes for each distinct gram of each document, twice while packing, and one
 * table of 64 MiB, of which a small text touches little: it is never walked, which took 0.3 s. Linear in the text. Reusable
 * after `finish`, and then the same memory serves again: arrays that were left to the garbage collector stood beside their
 * successors (1.4 GB instead of 0.9 at 1.3 GB of text).
 */
export class SegmentBuilder {
  // Last document in which the gram was seen, plus one; while packing, where its next ordinal goes.
  readonly #seen = new Uint32Array(GRAMS);
  // Each gram that was seen, once.
  #distinct = new Uint32Array(1 << 16);
  #distinctCount = 0;
  #grams = new Uint32Array(1 << 20);
  #ordinals = new Uint32Array(0);
  #pairs = 0;
  #ends: number[] = [];

  get documents(): number {
    return this.#ends.length;
  }

  /** No further document should be added: packing would need too much memory. */
  get isFull(): boolean {
    return this.#pairs >= SEGMENT_PAIRS_MAX;
  }

  /** Adds the next document and answers its ordinal. */
  add(bytes: Uint8Array): number {
    const ordinal = this.#ends.length;
    this.#reserve(bytes.length);
    const stamp = ordinal + 1;
    let last = 0;
    let beforeLast = 0;
    // How many bytes of the line are behind us, up to 2: a gram never contains a newline.
    let filled = 0;
    for (const byte of bytes) {
      if (byte === NEWLINE) {
        filled = 0;
        continue;
      }
      if (filled === 2) {
        const gram = (beforeLast << 16) | (last << 8) | byte;
        const seen = at(this.#seen, gram);
        if (seen !== stamp) {
          if (seen === 0) this.#distinct[this.#distinctCount++] = gram;
          this.#seen[gram] = stamp;
          this.#grams[this.#pairs++] = gram;
        }
      } else filled++;
      beforeLast = last;
      last = byte;
    }
    this.#ends.push(this.#pairs);
    return ordinal;
  }

  finish(): Segment {
    const postings = this.#sortByGram();
    const segment = { documents: this.documents, ...packPages(postings) };
    this.clear();
    return segment;
  }

  /** Forgets what was added. */
  clear(): void {
    for (let i = 0; i < this.#distinctCount; i++) this.#seen[at(this.#distinct, i)] = 0;
    this.#distinctCount = 0;
    this.#pairs = 0;
    this.#ends = [];
  }

  /** A counting sort: the distinct grams, ascending, and for each its ordinals, ascending. */
  #sortByGram(): SortedGrams {
    const counts = this.#seen;
    const grams = this.#distinct.slice(0, this.#distinctCount).sort();
    for (const gram of grams) counts[gram] = 0;
    for (let i = 0; i < this.#pairs; i++) counts[at(this.#grams, i)] = at(counts, at(this.#grams, i)) + 1;
    const starts = new Uint32Array(grams.length + 1);
    let total = 0;
    for (const [i, gram] of grams.entries()) {
      const count = at(counts, gram);
      starts[i] = total;
      counts[gram] = total;
      total += count;
    }
    starts[grams.length] = total;
    if (this.#ordinals.length < total) this.#ordinals = new Uint32Array(this.#grams.length);
    const ordinals = this.#ordinals;
    let pair = 0;
    this.#ends.forEach((end, ordinal) => {
      for (; pair < end; pair++) {
        const gram = at(this.#grams, pair);
        const place = at(counts, gram);
        ordinals[place] = ordinal;
        counts[gram] = place + 1;
      }
    });
    return { grams, starts, ordinals };
  }

  #reserve(grams: number): void {
    if (this.#distinctCount + grams > this.#distinct.length) {
      const longer = new Uint32Array(Math.max(this.#distinct.length * 2, this.#distinctCount + grams));
      longer.set(this.#distinct.subarray(0, this.#distinctCount));
      this.#distinct = longer;
    }
    if (this.#pairs + grams <= this.#grams.length) return;
    const larger = new Uint32Array(Math.max(Math.min(this.#grams.length * 2, SEGMENT_PAIRS_MAX), this.#pairs + grams));
    larger.set(this.#grams.subarray(0, this.#pairs));
    this.#grams = larger;
  }
}

interface SortedGrams {
  /** Ascending. */
  grams: Uint32Array;
  /** `grams[i]` owns `ordinals` from `starts[i]` to `starts[i + 1]`. */
  starts: Uint32Array;
  ordinals: Uint32Array;
}

/** The postings in pages, `buckets` of them where each has a gram. */
export function packPages({ grams, starts, ordinals }: SortedGrams): { buckets: number; pages: Segment["pages"] } {
  const encoded = Buffer.allocUnsafe((starts.at(-1) ?? 0) * VARINT_BYTES_MAX);
  const ends = new Uint32Array(grams.length);
  let size = 0;
  for (let i = 0; i < grams.length; i++) {
    let previous = -1;
    for (let j = starts[i] ?? 0; j < (starts[i + 1] ?? 0); j++) {
      const ordinal = at(ordinals, j);
      size = writeVarint(encoded, size, ordinal - previous);
      previous = ordinal;
    }
    ends[i] = size;
  }
  const buckets = powerOfTwo((size + grams.length * ENTRY_BYTES) / PAGE_BYTES);
  const members = new Map<number, number[]>();
  grams.forEach((gram, i) => {
    const bucket = bucketOf(gram, buckets);
    const list = members.get(bucket);
    if (list) list.push(i);
    else members.set(bucket, [i]);
  });
  const pages = [...members]
    .sort(([a], [b]) => a - b)
    .map(([bucket, indexes]) => ({ bucket, data: packPage(indexes, { grams, ends, encoded }) }));
  return { buckets, pages };
}

function packPage(
  indexes: number[],
  { grams, ends, encoded }: { grams: Uint32Array; ends: Uint32Array; encoded: Buffer },
): Buffer {
  const slices = indexes.map((i) => encoded.subarray(i === 0 ? 0 : at(ends, i - 1), at(ends, i)));
  const header = Buffer.alloc(HEADER_BYTES + indexes.length * ENTRY_BYTES);
  header.writeUInt16LE(indexes.length, 0);
  indexes.forEach((i, entry) => {
    header.writeUIntLE(grams[i] ?? 0, HEADER_BYTES + entry * ENTRY_BYTES, 3);
    header.writeUIntLE(slices[entry]?.length ?? 0, HEADER_BYTES + entry * ENTRY_BYTES + 3, 3);
  });
  return Buffer.concat([header, ...slices]);
}

/** A posting list where it stands: bytes `start` to `end` of its page. */
export interface Postings {
  page: Buffer;
  start: number;
  end: number;
}

/** The posting lists of those of `grams` that the page has. All of `grams` belong to this page. */
export function findPostings(page: Buffer, grams: readonly number[]): Postings[] {
  const found: Postings[] = [];
  const entries = byteAt(page, 0) | (byteAt(page, 1) << 8);
  let end = HEADER_BYTES + entries * ENTRY_BYTES;
  for (let place = HEADER_BYTES, last = end; place < last; place += ENTRY_BYTES) {
    const gram = byteAt(page, place) | (byteAt(page, place + 1) << 8) | (byteAt(page, place + 2) << 16);
    const start = end;
    end += byteAt(page, place + 3) | (byteAt(page, place + 4) << 8) | (byteAt(page, place + 5) << 16);
    if (grams.includes(gram)) found.push({ page, start, end });
  }
  return found;
}

/** Every gram of the page with its posting list. */
export function entriesOf(page: Buffer): { gram: number; postings: Postings }[] {
  const entries = page.readUInt16LE(0);
  let end = HEADER_BYTES + entries * ENTRY_BYTES;
  return Array.from({ length: entries }, (_, entry) => {
    const place = HEADER_BYTES + entry * ENTRY_BYTES;
    const start = end;
    end += page.readUIntLE(place + 3, 3);
    return { gram: page.readUIntLE(place, 3), postings: { page, start, end } };
  });
}

/** The ordinals of a posting list, ascending. */
export function readPostings({ page, start, end }: Postings): Uint32Array {
  const ordinals = new Uint32Array(end - start);
  let size = 0;
  let previous = -1;
  for (let offset = start; offset < end;) {
    let delta = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = byteAt(page, offset++);
      delta |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    previous += delta;
    ordinals[size++] = previous;
  }
  return ordinals.subarray(0, size);
}

/** As intersect(ordinals, readPostings(postings)), without making that list. */
export function intersectPostings(ordinals: Uint32Array, { page, start, end }: Postings): Uint32Array {
  const out = new Uint32Array(ordinals.length);
  let size = 0;
  let previous = -1;
  let i = 0;
  for (let offset = start; offset < end && i < ordinals.length;) {
    let delta = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = byteAt(page, offset++);
      delta |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    previous += delta;
    while (i < ordinals.length && at(ordinals, i) < previous) i++;
    if (i < ordinals.length && at(ordinals, i) === previous) out[size++] = previous;
  }
  return out.subarray(0, size);
}

/** What is in both of two ascending lists. */
export function intersect(a: Uint32Array, b: Uint32Array): Uint32Array {
  const out = new Uint32Array(Math.min(a.length, b.length));
  let size = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const x = at(a, i);
    const y = at(b, j);
    if (x === y) out[size++] = x;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return out.subarray(0, size);
}

/** What is in either of two ascending lists, once each. */
export function union(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const out = new Uint32Array(a.length + b.length);
  let size = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const x = a[i] ?? Infinity;
    const y = b[j] ?? Infinity;
    out[size++] = Math.min(x, y);
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return out.subarray(0, size);
}

/** 2^32 > any ordinal, at 7 bits a byte. */
const VARINT_BYTES_MAX = 5;

function writeVarint(target: Buffer, offset: number, value: number): number {
  while (value > 0x7f) {
    target[offset++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  target[offset++] = value;
  return offset;
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, atLeast))));
}

/** A byte that is there: only as many are asked for as the page says it has. */
function byteAt(page: Buffer, index: number): number {
  return page[index] ?? 0;
}

/** An element that is there: the index is below the length wherever this is called. */
function at(array: Uint32Array, index: number): number {
  return array[index] ?? 0;
}
