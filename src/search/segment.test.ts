import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitChunks } from "./chunk.ts";
import {
  bucketOf,
  findPostings,
  intersect,
  intersectPostings,
  readPostings,
  SegmentBuilder,
  union,
  type Segment,
} from "./segment.ts";

const gram = (text: string) => Buffer.from(text).readUIntBE(0, 3);

function postings(segment: Segment, grams: number[]): number[] {
  const bucket = bucketOf(grams[0] ?? 0, segment.buckets);
  const page = segment.pages.find((one) => one.bucket === bucket);
  return page ? [...findPostings(page.data, grams).map(readPostings).reduce(union, new Uint32Array(0))] : [];
}

function build(texts: string[]): Segment {
  const builder = new SegmentBuilder();
  for (const text of texts) builder.add(Buffer.from(text));
  return builder.finish();
}

function gramsIn(text: string): Set<number> {
  const grams = new Set<number>();
  for (const line of text.split("\n")) {
    const bytes = Buffer.from(line);
    for (let i = 0; i + 3 <= bytes.length; i++) grams.add(bytes.readUIntBE(i, 3));
  }
  return grams;
}

test("every gram of every document is found, and no other", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom("a", "B", "b", "\n", "é", "_") }), { maxLength: 40 }),
      (texts) => {
        const segment = build(texts);
        const all = new Set(texts.flatMap((text) => [...gramsIn(text)]));
        for (const one of all) {
          const expected = texts.flatMap((text, i) => (gramsIn(text).has(one) ? [i] : []));
          expect(postings(segment, [one])).toEqual(expected);
        }
        expect(postings(segment, [gram("zzz")])).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});

test("a gram never spans lines", () => {
  expect(postings(build(["ab\ncd"]), [gram("b\nc")])).toEqual([]);
});

test("grams that differ in ASCII case share a page and are told apart in it", () => {
  const segment = build(["Foo", "foo", "fOO"]);
  expect(bucketOf(gram("Foo"), 1024)).toBe(bucketOf(gram("fOO"), 1024));
  expect(postings(segment, [gram("foo")])).toEqual([1]);
  expect(postings(segment, [gram("foo"), gram("Foo")])).toEqual([0, 1]);
});

test("a builder starts afresh after finish, and after clear", () => {
  const builder = new SegmentBuilder();
  builder.add(Buffer.from("first"));
  builder.finish();
  builder.add(Buffer.from("gone"));
  builder.clear();
  builder.add(Buffer.from("second"));
  const segment = builder.finish();
  expect(segment.documents).toBe(1);
  expect(postings(segment, [gram("fir")])).toEqual([]);
  expect(postings(segment, [gram("gon")])).toEqual([]);
  expect(postings(segment, [gram("sec")])).toEqual([0]);
});

test("a builder packs few texts after many, and many after few, as a new one does", () => {
  // 400,000 pairs of gram and document: too many to be looked at one by one.
  const many = Array.from({ length: 8 }, (_, i) =>
    createHash("shake256", { outputLength: 45_000 }).update(`${i}`).digest("base64"),
  );
  const few = ["some lines\nof text", "others"];
  const builder = new SegmentBuilder();
  for (const texts of [few, many, few]) {
    for (const text of texts) builder.add(Buffer.from(text));
    const segment = builder.finish();
    expect(segment).toEqual(build(texts));
    const grams = texts.map(gramsIn);
    for (const one of [...(grams[0] ?? [])].slice(0, 100))
      expect(postings(segment, [one])).toEqual(grams.flatMap((all, i) => (all.has(one) ? [i] : [])));
  }
});

test("lists are intersected and united in order", () => {
  const [a, b] = [Uint32Array.of(1, 3, 5, 9), Uint32Array.of(3, 4, 9)];
  expect([...intersect(a, b)]).toEqual([3, 9]);
  expect([...union(a, b)]).toEqual([1, 3, 4, 5, 9]);
});

test("chunks are whole lines that make up the text", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9000 }), { maxLength: 30 }), (lengths) => {
      const text = Buffer.from(lengths.map((length) => "x".repeat(length)).join("\n"));
      const chunks = splitChunks(text);
      expect(Buffer.concat(chunks.map(({ start, end }) => text.subarray(start, end))).equals(text)).toBe(true);
      let line = 1;
      for (const [i, { firstLine, start, end }] of chunks.entries()) {
        expect(firstLine).toBe(line);
        const piece = text.subarray(start, end);
        line += piece.filter((byte) => byte === 10).length;
        if (i < chunks.length - 1) expect(piece.at(-1)).toBe(10);
      }
    }),
  );
});

test("a posting list is intersected as it stands", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(400)), fc.uniqueArray(fc.nat(400)), (holding, asked) => {
      const holds = new Set(holding);
      const segment = build(Array.from({ length: 401 }, (_, i) => (holds.has(i) ? "abc" : "xyz")));
      const ordinals = Uint32Array.from(asked).sort();
      const [list] = segment.pages.flatMap(({ data }) => findPostings(data, [gram("abc")]));
      const found = list ? intersectPostings(ordinals, list) : new Uint32Array(0);
      expect([...found]).toEqual([...ordinals].filter((ordinal) => holds.has(ordinal)));
    }),
    { numRuns: 50 },
  );
});
