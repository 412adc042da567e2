// The open graph of a snapshot. It belongs to one immutable snapshot of one organization; whoever asks has found that
// snapshot under row-level security in the same transaction, so nothing remembered here outlives access to it.
import type { OrganizationSql } from "../platform/database.ts";
import type { SnapshotId } from "../platform/ids.ts";
import type { Memory, Sort } from "../platform/memory.ts";
import { GRAPHS_KEPT_BYTES_MAX } from "./limits.ts";
import { openGraph, packGraph, type Graph } from "./pack.ts";
import { findGraph, listCheckedGraphs } from "./store.ts";

const GRAPHS: Sort<Graph> = { name: "graphs", bytesMax: GRAPHS_KEPT_BYTES_MAX };

const EMPTY = openGraph(packGraph([]));

export interface ReadGraph {
  graph: Graph;
  /** With what a type checker added: the one thing that is added to a snapshot after it was published. */
  isChecked: boolean;
}

/** As readGraphs, of one. */
export async function readGraph(
  sql: OrganizationSql,
  memory: Memory,
  { snapshotId, checked }: { snapshotId: SnapshotId; checked?: readonly number[] | undefined },
): Promise<ReadGraph> {
  const [read] = await readGraphs(sql, memory, { snapshotIds: [snapshotId], checked });
  return read ?? { graph: EMPTY, isChecked: false };
}

/**
 * The graphs of snapshots, in their order; without edges for one that has none. `checked`, if given, are those that an earlier
 * page read with what a type checker added: all others are read without.
 */
export async function readGraphs(
  sql: OrganizationSql,
  memory: Memory,
  { snapshotIds, checked }: { snapshotIds: readonly SnapshotId[]; checked: readonly number[] | undefined },
): Promise<ReadGraph[]> {
  const graphs = memory.of(GRAPHS);
  const isCheckedNow = new Set(checked ?? (await listCheckedGraphs(sql, snapshotIds)));
  const all: ReadGraph[] = [];
  for (const snapshotId of snapshotIds) {
    const isChecked = isCheckedNow.has(snapshotId);
    const key = `${sql.organizationId} ${snapshotId} ${isChecked}`;
    let graph = graphs.get(key);
    if (!graph) {
      const data = await findGraph(sql, { snapshotId, isChecked });
      graph = data ? openGraph(data) : EMPTY;
      if (data) graphs.set(key, graph, graph.sizeBytes);
    }
    all.push({ graph, isChecked });
  }
  return all;
}
