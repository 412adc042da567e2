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
  if (graph.published.length + graph.importers.size === 0) return { others: [], isCut: false };
  const asked = { snapshotId, snapshots, limit: OTHER_REPOSITORIES_MAX + 1 };
  const rows = await listPackageNeighbours(sql, asked);
  const others: OtherRepository[] = [];
  for (const { repository, snapshot_id: other } of rows.slice(0, OTHER_REPOSITORIES_MAX))
    others.push({ repository, snapshotId: other, graph: await readGraph(sql, memory, other) });
  return { others, isCut: rows.length > OTHER_REPOSITORIES_MAX };
}

/** From files that import something to the files that it stands for in another repository. */
export function crossingsOut(graph: Graph, others: readonly OtherRepository[]): Crossing[] {
  return others.flatMap(({ repository, graph: other }) =>
    distinct(
      [...graph.importers].flatMap(([name, files]) =>
        other.filesOf(name).flatMap((path) => files.map((file) => ({ file, repository, path }))),
      ),
    ),
  );
}

/** From files that we publish to the files of other repositories that import them. */
export function crossingsIn(
  graph: Graph,
  others: readonly OtherRepository[],
  { includeTests }: { includeTests: boolean },
): Crossing[] {
  return others.flatMap(({ repository, graph: other }) =>
    distinct(
      [...other.importers].flatMap(([name, importers]) => {
        const wanted = importers.filter((importer) => includeTests || !other.isTest(importer));
        return graph
          .filesOf(name)
          .flatMap((entry) =>
            wanted.map((importer) => ({ file: graph.find(entry) ?? 0, repository, path: other.paths[importer] ?? "" })),
          );
      }),
    ),
  );
}

/** Two names may stand for one file: a type, and a member of it. */
function distinct(crossings: readonly Crossing[]): Crossing[] {
  return [...new Map(crossings.map((one) => [`${one.file} ${one.path}`, one])).values()];
}
