// Which segments a snapshot consists of, and which of them are worth packing together. Every query reads pages of each
// segment, and every update adds one; so smaller ones are merged by size (docs/adr/0002).
import type { OrganizationSql } from "../platform/database.ts";
import { groupBy } from "../platform/group-by.ts";
import type { BlobId, RepositoryId, SegmentId } from "../platform/ids.ts";
import { listIndexedBlobs, listReplacements, listSegments } from "../search/store.ts";
import { DEAD_DOCUMENTS_SHARE_MAX, MERGE_GROWTH_MAX, MERGED_DOCUMENTS_MAX, MERGED_SEGMENTS_MIN } from "./limits.ts";

/** A segment of a snapshot; `live` of its documents are of files that the snapshot has. */
export interface ListedSegment {
  id: SegmentId;
  documents: number;
  live: number;
}

/** Blobs that a segment indexes, with the number of their documents. A segment once stored stays as it is. */
export type SegmentBlobs = ReadonlyMap<SegmentId, readonly { blob_id: BlobId; documents: number }[]>;

/**
 * Of the segments that the snapshot before has, or those that were merged from them, the ones with anything in them
 * that is still wanted; and which of the `live` blobs they cover. `known` are not asked for again.
 */
export async function chooseSegments(
  sql: OrganizationSql,
  {
    repositoryId,
    before,
    live,
    known,
  }: {
    repositoryId: RepositoryId;
    before: readonly SegmentId[];
    live: ReadonlySet<BlobId>;
    known: SegmentBlobs;
  },
): Promise<{ kept: ListedSegment[]; covered: Set<BlobId>; held: SegmentBlobs }> {
  if (before.length === 0) return { kept: [], covered: new Set(), held: new Map() };
  const ids = replaceMerged(before, await listReplacements(sql, repositoryId));
  const unknown = ids.filter((id) => !known.has(id));
  const [rows, asked] = await Promise.all([listSegments(sql, ids), listIndexedBlobs(sql, unknown)]);
  const bySegment = groupBy(asked, (row) => row.segment_id);
  const held: SegmentBlobs = new Map(ids.map((id) => [id, known.get(id) ?? bySegment.get(id) ?? []]));
  const covered = new Set<BlobId>();
  const listed = ids.flatMap((id) => {
    const row = rows.find((one) => one.id === id);
    if (!row) return [];
    const segment = { id, documents: row.documents, live: 0 };
    for (const { blob_id: blob, documents } of held.get(id) ?? []) {
      if (!live.has(blob)) continue;
      covered.add(blob);
      segment.live += documents;
    }
    return [segment];
  });
  return { kept: listed.filter((segment) => segment.live > 0), covered, held };
}

/** The list with each merged segment in place of those it replaces, where all of them are there. */
export function replaceMerged(
  ids: readonly SegmentId[],
  merged: readonly { id: SegmentId; replaces: readonly SegmentId[] }[],
): SegmentId[] {
  let list = [...ids];
  for (const { id, replaces } of merged) {
    if (!replaces.every((one) => list.includes(one))) continue;
    const place = list.findIndex((one) => replaces.includes(one));
    list = list.flatMap((one, i) => (i === place ? [id] : replaces.includes(one) ? [] : [one]));
  }
  return list;
}

/**
 * The segments to pack into one, in the order of the list; none when it is good as it is. The smallest ones, once there
 * are MERGED_SEGMENTS_MIN, with as many larger ones as that makes grow by half at least: so a document is packed again
 * a logarithmic number of times. Else one that holds too much that is gone.
 */
export function chooseMerge(listed: readonly ListedSegment[]): ListedSegment[] {
  const bySize = listed.filter(({ live }) => live > 0).sort((a, b) => a.live - b.live);
  let count = 0;
  let smaller = 0;
  for (const [i, { live }] of bySize.entries()) {
    if (smaller + live > MERGED_DOCUMENTS_MAX) break;
    if (i > 0 && live <= smaller * MERGE_GROWTH_MAX) count = i + 1;
    smaller += live;
  }
  const chosen = new Set(bySize.slice(0, count));
  if (chosen.size >= MERGED_SEGMENTS_MIN) return listed.filter((segment) => chosen.has(segment));
  const stale = bySize.find(({ documents, live }) => documents - live > documents * DEAD_DOCUMENTS_SHARE_MAX);
  return stale ? [stale] : [];
}
