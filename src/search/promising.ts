// Which chunks to read for a query of words: those where, by the index alone, the rarest terms meet. And which files to
// rank beside theirs, for what stands in their path.
import type { OrganizationSql } from "../platform/database.ts";
import type { SegmentId } from "../platform/ids.ts";
import type { IndexedRef } from "../repositories/store.ts";
import { planGrams } from "./grams.ts";
import { findFew, findPassing, isFiltering, openSegments, type Place, type SearchIndex } from "./index-reader.ts";
import {
  PAGES_PER_READ_MAX,
  RANKED_CHUNKS_MAX,
  RANKED_FILTERED_MAX,
  RANKED_PATHS_MAX,
  SEGMENTS_PER_READ_MAX,
} from "./limits.ts";
import { parsePattern } from "./parse-query.ts";
import { gramsOf, ordinalsOf } from "./plan.ts";
import { rarity, type Term } from "./rank.ts";
import { listFilesByPath, type FileByPath, type FileFilter } from "./store.ts";
import { takeGroup } from "./take-group.ts";

interface Asked {
  snapshots: readonly IndexedRef[];
  terms: readonly Term[];
  filter: FileFilter;
  /** Time after which no further group of snapshots is begun. */
  msMax: number;
  clock: () => number;
}

interface Promising {
  /** At most RANKED_CHUNKS_MAX that pass the filter, best first. */
  chunks: Place[];
  /** Of each snapshot at most RANKED_PATHS_MAX that pass the filter and have terms in their path. */
  files: (FileByPath & { snapshot: IndexedRef })[];
  /** What each term is worth over everything searched. */
  values: number[];
  /** How many of the snapshots were searched, from the first on. */
  searched: number;
  /** There may be better ones: that were not all, or the bound of chunks to filter was met. */
  isTruncated: boolean;
}

export async function findPromising(
  index: SearchIndex,
  { snapshots, terms, filter, msMax, clock }: Asked,
): Promise<Promising> {
  const startedMs = clock();
  const plans = terms.map(({ text }) =>
    planGrams(parsePattern({ query: text, match: "literal", caseSensitive: false })),
  );
  const grams = [...new Set(plans.flatMap(gramsOf))];
  const segmentsMax = Math.min(SEGMENTS_PER_READ_MAX, Math.floor(PAGES_PER_READ_MAX / Math.max(1, grams.length)));
  const found: FoundInSegment[] = [];
  const files: Promising["files"] = [];
  const counts = terms.map(() => 0);
  let total = 0;
  let values: number[] = [];
  let first = 0;
  while (first < snapshots.length && (first === 0 || clock() - startedMs < msMax)) {
    const group = takeGroup(snapshots, { first, segmentsMax });
    first += group.length;
    const [segments, few] = await Promise.all([
      openSegments(index, { segmentIds: group.flatMap(({ segment_ids }) => segment_ids), grams }),
      Promise.all(group.map((snapshot) => findFew(index, { snapshot, filter }))),
    ]);
    for (const [i, snapshot] of group.entries()) {
      for (const segmentId of snapshot.segment_ids) {
        const segment = segments.get(segmentId);
        if (!segment) continue;
        const { documents } = segment;
        total += documents;
        // A term too short for a gram is in every document as far as the index knows: it only counts once read.
        const lists = plans.map((plan) => (plan.kind === "all" ? NOTHING : ordinalsOf(plan, segment)));
        lists.forEach((list, t) => (counts[t] = (counts[t] ?? 0) + list.length));
        const allowed = few[i] && (few[i].get(segmentId) ?? NOTHING);
        found.push({ snapshot, segmentId, documents, lists, allowed });
      }
    }
    values = terms.map(({ weight }, t) => weight * rarity(plans[t]?.kind === "all" ? total : (counts[t] ?? 0), total));
    files.push(...(await findByPath(index.sql, group, { filter, terms, weights: values })));
  }
  const promising = found.flatMap((one) => valuesOf(one, values));
  // Stable: equal values stay in index order, which is static rank.
  promising.sort((a, b) => b.value - a.value);
  const { chunks, isCut } = await takePassing(index, promising, filter);
  return { chunks, files, values, searched: first, isTruncated: isCut || first < snapshots.length };
}

const NOTHING = new Uint32Array(0);

async function findByPath(
  sql: OrganizationSql,
  snapshots: readonly IndexedRef[],
  { filter, terms, weights }: { filter: FileFilter; terms: readonly Term[]; weights: readonly number[] },
): Promise<Promising["files"]> {
  const asked = { filter, terms: terms.map(({ text }) => text), weights, limit: RANKED_PATHS_MAX };
  const lists = snapshots.map(async (snapshot) =>
    (await listFilesByPath(sql, { snapshot, ...asked })).map((file) => ({ ...file, snapshot })),
  );
  return (await Promise.all(lists)).flat();
}

interface FoundInSegment {
  snapshot: IndexedRef;
  segmentId: SegmentId;
  documents: number;
  /** For each term the ordinals that may have it. */
  lists: readonly Uint32Array[];
  /** The ordinals that a narrow filter leaves. */
  allowed: Uint32Array | undefined;
}

function valuesOf(
  { snapshot, segmentId, documents, lists, allowed }: FoundInSegment,
  values: readonly number[],
): (Place & { value: number })[] {
  const sums = new Float64Array(documents);
  lists.forEach((list, i) => list.forEach((ordinal) => (sums[ordinal] = (sums[ordinal] ?? 0) + (values[i] ?? 0))));
  return [...(allowed ?? sums.keys())]
    .map((ordinal) => ({ snapshot, segmentId, ordinal, value: sums[ordinal] ?? 0 }))
    .filter(({ value }) => value > 0);
}

/** The cut comes after the filter: the best of what passes may be far from the best of all. */
async function takePassing(
  index: SearchIndex,
  places: readonly Place[],
  filter: FileFilter,
): Promise<{ chunks: Place[]; isCut: boolean }> {
  if (!isFiltering(filter)) return { chunks: places.slice(0, RANKED_CHUNKS_MAX), isCut: false };
  const passing: Place[] = [];
  let start = 0;
  while (start < Math.min(places.length, RANKED_FILTERED_MAX) && passing.length < RANKED_CHUNKS_MAX) {
    const end = start + RANKED_CHUNKS_MAX;
    passing.push(...(await findPassing(index, { places: places.slice(start, end), filter })));
    start = end;
  }
  const isCut = start < places.length && passing.length < RANKED_CHUNKS_MAX;
  return { chunks: passing.slice(0, RANKED_CHUNKS_MAX), isCut };
}
