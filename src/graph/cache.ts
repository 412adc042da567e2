// Open graphs of the snapshots asked about last. A graph belongs to one immutable snapshot of one organization; whoever
// asks has found that snapshot under row-level security in the same request, so nothing here outlives access to it.
import type { OrganizationSql } from "../platform/database.ts";
import type { SnapshotId } from "../platform/ids.ts";
import { GRAPHS_KEPT_BYTES_MAX } from "./limits.ts";
import { openGraph, packGraph, type Graph } from "./pack.ts";
import { findGraph } from "./store.ts";

export interface GraphCache {
  /** The snapshot's graph; without edges for one that has none. */
  open(sql: OrganizationSql, snapshotId: SnapshotId): Promise<Graph>;
}

const EMPTY = openGraph(packGraph([]));

/** Holds GRAPHS_KEPT_BYTES_MAX, the least recently asked about goes first. */
export function createGraphCache(): GraphCache {
  const kept = new Map<string, Graph>();
  let keptBytes = 0;
  return {
    async open(sql, snapshotId) {
      const key = `${sql.organizationId} ${snapshotId}`;
      const known = kept.get(key);
      if (known) {
        kept.delete(key);
        kept.set(key, known);
        return known;
      }
      const data = await findGraph(sql, snapshotId);
      if (!data) return EMPTY;
      const graph = openGraph(data);
      if (!kept.has(key)) keptBytes += graph.sizeBytes;
      kept.set(key, graph);
      for (const [oldest, { sizeBytes }] of kept) {
        if (keptBytes <= GRAPHS_KEPT_BYTES_MAX || oldest === key) break;
        kept.delete(oldest);
        keptBytes -= sizeBytes;
      }
      return graph;
    },
  };
}
