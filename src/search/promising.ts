// Which chunks to read for a query of words: those where, by the index alone, the rarest terms meet.
import type { IndexedRef } from "../repositories/store.ts";
import { planGrams } from "./grams.ts";
import { findFew, findPassing, isFiltering, openSegments, type Place, type SearchIndex } from "./index-reader.ts";
import { RANKED_CHUNKS_MAX, RANKED_FILTERED_MAX } from "./limits.ts";
import { parsePattern } from "./parse-query.ts";
import { gramsOf, ordinalsOf } from "./plan.ts";
import { rarity, type Term } from "./rank.ts";
import type { SegmentId } from "../platform/ids.ts";
import type { FileFilter } from "./store.ts";

interface Asked {
  snapshots: readonly IndexedRef[];
  terms: readonly Term[];
  filter: FileFilter;
}

interface Promising {
  /** At most RANKED_CHUNKS_MAX that pass the filter, best first. */
  chunks: Place[];
  /** What each term is worth over everything searched. */
  values: number[];
}

export async function findPromising(index: SearchIndex, { snapshots, terms, filter }: Asked): Promise<Promising> {
  const plans = terms.map(({ text }) =>
    planGrams(parsePattern({ query: text, match: "literal", caseSensitive: false })),
  );
  const segments = await openSegments(index, {
    segmentIds: snapshots.flatMap(({ segment_ids }) => segment_ids),
    grams: plans.flatMap(gramsOf),
  });
  const counts = terms.map(() => 0);
  let total = 0;
  const found: FoundInSegment[] = [];
  for (const snapshot of snapshots) {
    const allowed = await findFew(index, { snapshot, filter });
    for (const segmentId of snapshot.segment_ids) {
      const segment = segments.get(segmentId);
      if (!segment) continue;
      total += segment.documents;
      // A term too short for a gram is in every document as far as the index knows: it only counts once read.
      const lists = plans.map((plan) => (plan.kind === "all" ? new Uint32Array(0) : ordinalsOf(plan, segment)));
      lists.forEach((list, i) => (counts[i] = (counts[i] ?? 0) + list.length));
      const few = allowed && (allowed.get(segmentId) ?? new Uint32Array(0));
      found.push({ snapshot, segmentId, documents: segment.documents, lists, few });
    }
  }
  const values = terms.map(
    ({ weight }, i) => weight * rarity(plans[i]?.kind === "all" ? total : (counts[i] ?? 0), total),
  );
  const promising = found.flatMap((one) => valuesOf(one, values));
  // Stable: equal values stay in index order, which is static rank.
  promising.sort((a, b) => b.value - a.value);
  return { chunks: await takePassing(index, promising, filter), values };
}

interface FoundInSegment {
  snapshot: IndexedRef;
  segmentId: SegmentId;
  documents: number;
  /** For each term the ordinals that may have it. */
  lists: readonly Uint32Array[];
  /** The ordinals that a narrow filter leaves. */
  few: Uint32Array | undefined;
}

function valuesOf(
  { snapshot, segmentId, documents, lists, few }: FoundInSegment,
  values: readonly number[],
): (Place & { value: number })[] {
  const sums = new Float64Array(documents);
  lists.forEach((list, i) => list.forEach((ordinal) => (sums[ordinal] = (sums[ordinal] ?? 0) + (values[i] ?? 0))));
  return [...(few ?? sums.keys())]
    .map((ordinal) => ({ snapshot, segmentId, ordinal, value: sums[ordinal] ?? 0 }))
    .filter(({ value }) => value > 0);
}

/** The cut comes after the filter: the best of what passes may be far from the best of all. */
async function takePassing(index: SearchIndex, places: readonly Place[], filter: FileFilter): Promise<Place[]> {
  if (!isFiltering(filter)) return places.slice(0, RANKED_CHUNKS_MAX);
  const end = Math.min(places.length, RANKED_FILTERED_MAX);
  const passing: Place[] = [];
  for (let start = 0; start < end && passing.length < RANKED_CHUNKS_MAX; start += RANKED_CHUNKS_MAX)
    passing.push(...(await findPassing(index, { places: places.slice(start, start + RANKED_CHUNKS_MAX), filter })));
  return passing.slice(0, RANKED_CHUNKS_MAX);
}
