import fc from "fast-check";
import { expect, test } from "vitest";
import { LEFT_OUT, mergeSegments } from "./merge-segments.ts";
import { SegmentBuilder, type Segment } from "./segment.ts";

const builder = new SegmentBuilder();

function build(texts: readonly string[]): Segment {
  for (const text of texts) builder.add(Buffer.from(text));
  return builder.finish();
}

const textArb = fc.string({ unit: fc.constantFrom("a", "B", "b", "\n", "é", "_", "0"), maxLength: 200 });

test("segments merged in any order, with documents left out, are the segment built of what remains", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.record({ text: textArb, isWanted: fc.boolean(), rank: fc.nat() }), { maxLength: 12 }), {
        minLength: 1,
        maxLength: 5,
      }),
      (segments) => {
        const wanted = segments
          .flat()
          .filter(({ isWanted }) => isWanted)
          .sort((a, b) => a.rank - b.rank);
        const inputs = segments.map((documents) => ({
          pages: build(documents.map(({ text }) => text)).pages.map(({ data }) => data),
          ordinals: Uint32Array.from(documents, (one) => (one.isWanted ? wanted.indexOf(one) : LEFT_OUT)),
        }));
        expect(mergeSegments(inputs, wanted.length)).toEqual(build(wanted.map(({ text }) => text)));
      },
    ),
    { numRuns: 20 },
  );
});
