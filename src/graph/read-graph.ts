// The open graph of a snapshot. It belongs to one immutable snapshot of one organization; whoever asks has found that
// snapshot under row-level security in the same transaction, so nothing remembered here outlives access to it.
import type { OrganizationSql } from "../platform/database.ts";
import type { SnapshotId } from "../platform/ids.ts";
import type { Memory, Sort } from "../platform/memory.ts";
import { GRAPHS_KEPT_BYTES_MAX } from "./limits.ts";
import { openGraph, packGraph, type Graph } from "./pack.ts";
import { findGraph, hasCheckedGraph } from "./store.ts";

const GRAPHS: Sort<Graph> = { name: "graphs", bytesMax: GRAPHS_KEPT_BYTES_MAX };

const EMPTY = openGraph(packGraph([]));

/** The snapshot's graph; without edges for one that has none. */
export async function readGraph(sql: OrganizationSql, memory: Memory, snapshotId: SnapshotId): Promise<Graph> {
  const graphs = memory.of(GRAPHS);
  // The one thing that is added to a snapshot after it was published.
  const isChecked = await hasCheckedGraph(sql, snapshotId);
  const key = `${sql.organizationId} ${snapshotId} ${isChecked}`;
  const known = graphs.get(key);
  if (known) return known;
  const data = await findGraph(sql, { snapshotId, isChecked });
  if (!data) return EMPTY;
  const graph = openGraph(data);
  graphs.set(key, graph, graph.sizeBytes);
  return graph;
}
