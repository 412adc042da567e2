// In which steps the snapshots of a question are read. Pure.
import type { IndexedRef } from "../repositories/store.ts";

/** Snapshots from `first` on, at least one, with `segmentsMax` segments at most. */
export function takeGroup(
  snapshots: readonly IndexedRef[],
  { first, segmentsMax }: { first: number; segmentsMax: number },
): IndexedRef[] {
  const group: IndexedRef[] = [];
  let segments = 0;
  for (const snapshot of snapshots.slice(first)) {
    segments += snapshot.segment_ids.length;
    if (group.length > 0 && segments > segmentsMax) break;
    group.push(snapshot);
  }
  return group;
}
