import { expect, test } from "vitest";
import type { SegmentId } from "../platform/ids.ts";
import { chooseMerge, replaceMerged, type ListedSegment } from "./choose-segments.ts";
import { MERGED_DOCUMENTS_MAX } from "./limits.ts";

// A test may make ids.
const id = (number: number) => number as SegmentId;

const listed = (...sizes: (number | [documents: number, live: number])[]): ListedSegment[] =>
  sizes.map((size, i) => {
    const [documents, live] = typeof size === "number" ? [size, size] : size;
    return { id: id(i + 1), documents, live };
  });

function checkMerge(segments: ListedSegment[], expected: number[]): void {
  expect(chooseMerge(segments).map(({ documents }) => documents)).toEqual(expected);
}

test("the smallest are merged, with larger ones that grow by it", () => {
  checkMerge(listed(5000), []);
  checkMerge(listed(5000, 1, 1, 1), []);
  checkMerge(listed(5000, 1, 1, 1, 1), [1, 1, 1, 1]);
  checkMerge(listed(5000, 6, 1, 1, 1), [6, 1, 1, 1]);
  checkMerge(listed(5000, 7, 1, 1, 1, 1), [7, 1, 1, 1, 1]);
  checkMerge(listed(5000, 9, 1, 1, 1, 1), [1, 1, 1, 1]);
  checkMerge(listed(5000, 600, 200, 30, 5), []);
  checkMerge(listed(5000, 300, 280, 250, 5), [300, 280, 250, 5]);
});

test("nothing grows beyond what one merge may pack", () => {
  checkMerge(listed(4000, 4000, 4000, 4000), []);
  checkMerge(listed(MERGED_DOCUMENTS_MAX, 2000, 2000, 2000, 2000), [2000, 2000, 2000, 2000]);
});

test("a segment that holds too much that is gone is packed alone", () => {
  checkMerge(listed([10_000, 8000]), []);
  checkMerge(listed([10_000, 7000], 1), [10_000]);
  checkMerge(listed([10_000, 0], 1), []);
});

test("a thousand updates leave few segments, and pack each document a few times", () => {
  let segments = listed(4000);
  let next = 2;
  let packed = 0;
  let most = 0;
  for (let update = 0; update < 1000; update++) {
    segments.push({ id: id(next++), documents: 1, live: 1 });
    most = Math.max(most, segments.length);
    const chosen = chooseMerge(segments);
    if (chosen.length === 0) continue;
    const documents = chosen.reduce((sum, { live }) => sum + live, 0);
    packed += documents;
    segments = [...segments.filter((one) => !chosen.includes(one)), { id: id(next++), documents, live: documents }];
  }
  expect(segments.reduce((sum, { live }) => sum + live, 0)).toBe(5000);
  expect(most).toBeLessThanOrEqual(10);
  expect(packed).toBeLessThan(10_000);
});

test("a merged segment stands where the first of those it replaces stood", () => {
  const replace = (ids: number[], merged: [number, number[]][]) =>
    replaceMerged(
      ids.map(id),
      merged.map(([one, replaces]) => ({ id: id(one), replaces: replaces.map(id) })),
    );
  expect(replace([1, 2, 3, 4], [[9, [2, 4]]])).toEqual([1, 9, 3]);
  expect(replace([1, 2, 3], [[9, [2, 4]]])).toEqual([1, 2, 3]);
  expect(
    replace(
      [1, 2, 3],
      [
        [8, [2, 3]],
        [9, [1, 8]],
      ],
    ),
  ).toEqual([9]);
  expect(
    replace(
      [1, 2, 3],
      [
        [8, [1, 2]],
        [9, [2, 3]],
      ],
    ),
  ).toEqual([8, 3]);
});
