// Edges between the repositories of one organization: one publishes a package, files of another import it. They are found
// when asked for, because either side may be indexed again at any time.
import type { OrganizationSql } from "../platform/database.ts";
import type { SnapshotId } from "../platform/ids.ts";
import type { Memory } from "../platform/memory.ts";
import { OTHER_REPOSITORIES_MAX } from "./limits.ts";
import type { Graph } from "./pack.ts";
import { readGraph } from "./read-graph.ts";
import { listPackageNeighbours } from "./store.ts";

export interface OtherRepository {
  repository: string;
  snapshotId: SnapshotId;
  graph: Graph;
}

/** A file of another repository, next to one of ours. */
export interface Crossing {
  /** Number of our file. */
  file: number;
  repository: string;
  path: string;
}

/**
 * Repositories that lead to the one of `graph` or that it leads to, by name, at most OTHER_REPOSITORIES_MAX;
 * `snapshots`, if given, are those of an earlier page.
 */
export async function readOthers(
  sql: OrganizationSql,
  memory: Memory,
  { graph, snapshotId, snapshots }: { graph: Graph; snapshotId: SnapshotId; snapshots: readonly number[] | undefined },
): Promise<{ others: OtherRepository[]; isCut: boolean }> {
  const published = Object.keys(graph.published);
  const imported = [...graph.importers.keys()];
  if (published.length + imported.length === 0) return { others: [], isCut: false };
  const asked = { snapshotId, published, imported, snapshots, limit: OTHER_REPOSITORIES_MAX + 1 };
  const rows = await listPackageNeighbours(sql, asked);
  const others: OtherRepository[] = [];
  for (const { repository, snapshot_id: other } of rows.slice(0, OTHER_REPOSITORIES_MAX))
    others.push({ repository, snapshotId: other, graph: await readGraph(sql, memory, other) });
  return { others, isCut: rows.length > OTHER_REPOSITORIES_MAX };
}

/** From files that import a package to where another repository's package of that name begins. */
export function crossingsOut(graph: Graph, others: readonly OtherRepository[]): Crossing[] {
  return others.flatMap(({ repository, graph: other }) =>
    Object.entries(other.published).flatMap(([name, path]) =>
      (graph.importers.get(name) ?? []).map((file) => ({ file, repository, path })),
    ),
  );
}

/** From files where our packages begin to the files of other repositories that import them. */
export function crossingsIn(
  graph: Graph,
  others: readonly OtherRepository[],
  { includeTests }: { includeTests: boolean },
): Crossing[] {
  return Object.entries(graph.published).flatMap(([name, entry]) => {
    const file = graph.find(entry);
    if (file === undefined) return [];
    return others.flatMap(({ repository, graph: other }) =>
      (other.importers.get(name) ?? [])
        .filter((importer) => includeTests || !other.isTest(importer))
        .map((importer) => ({ file, repository, path: other.paths[importer] ?? "" })),
    );
  });
}
