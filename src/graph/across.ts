// Edges between the repositories of one organization: one publishes a package, files of another import it. They are found
// when asked for, because either side may be indexed again at any time.
import type { OrganizationSql } from "../platform/database.ts";
import type { SnapshotId } from "../platform/ids.ts";
import type { Memory } from "../platform/memory.ts";
import { OTHER_REPOSITORIES_MAX } from "./limits.ts";
import type { Graph } from "./pack.ts";
import { readGraphs } from "./read-graph.ts";
import { listPackageNeighbours } from "./store.ts";

export interface OtherRepository {
  repository: string;
  snapshotId: SnapshotId;
  graph: Graph;
  /** See ReadGraph. */
  isChecked: boolean;
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
 * `page`, if given, are the snapshots of an earlier page, and those that it read as checked.
 */
export async function readOthers(
  sql: OrganizationSql,
  memory: Memory,
  { graph, snapshotId, page }: { graph: Graph; snapshotId: SnapshotId; page: Page | undefined },
): Promise<{ others: OtherRepository[]; isCut: boolean }> {
  if (graph.published.length + graph.importers.size === 0) return { others: [], isCut: false };
  const asked = { snapshotId, snapshots: page?.others, limit: OTHER_REPOSITORIES_MAX + 1 };
  const rows = await listPackageNeighbours(sql, asked);
  const used = rows.slice(0, OTHER_REPOSITORIES_MAX);
  const snapshotIds = used.map((row) => row.snapshot_id);
  const graphs = await readGraphs(sql, memory, { snapshotIds, checked: page?.checked });
  const others = used.flatMap(({ repository, snapshot_id: other }, i): OtherRepository[] =>
    graphs[i] ? [{ repository, snapshotId: other, ...graphs[i] }] : [],
  );
  return { others, isCut: rows.length > OTHER_REPOSITORIES_MAX };
}

/** What a page of an answer was read from: the next one is from the same. */
export interface Page {
  /** Snapshots of other repositories. */
  others: readonly number[];
  /** Those snapshots, the repository's own among them, whose graphs were read with what a type checker added. */
  checked: readonly number[];
}

/** The page as its cursor has it. */
export function pageOf(own: { snapshotId: SnapshotId; isChecked: boolean }, others: readonly OtherRepository[]): Page {
  return {
    others: others.map(({ snapshotId }) => snapshotId),
    checked: [own, ...others].flatMap(({ snapshotId, isChecked }) => (isChecked ? [snapshotId] : [])),
  };
}

/** From files that import something to the files that it stands for in another repository; of all files, or of these. */
export function crossingsOut(
  graph: Graph,
  others: readonly OtherRepository[],
  files?: ReadonlyMap<number, unknown>,
): Crossing[] {
  const imported = [...graph.importers].flatMap(([name, importers]) => {
    const wanted = files ? importers.filter((file) => files.has(file)) : importers;
    return wanted.length > 0 ? [{ name, wanted }] : [];
  });
  return others.flatMap(({ repository, graph: other }) =>
    distinct(
      imported.flatMap(({ name, wanted }) =>
        other.filesOf(name).flatMap((path) => wanted.map((file) => ({ file, repository, path }))),
      ),
    ),
  );
}

/** From those of the files that we publish to the files of other repositories that import them. */
export function crossingsIn(
  graph: Graph,
  others: readonly OtherRepository[],
  { files, includeTests }: { files: ReadonlyMap<number, unknown>; includeTests: boolean },
): Crossing[] {
  return others.flatMap(({ repository, graph: other }) =>
    distinct(
      [...other.importers].flatMap(([name, importers]) =>
        graph.filesOf(name).flatMap((entry) => {
          const file = graph.find(entry);
          if (file === undefined || !files.has(file)) return [];
          return importers.flatMap((importer) =>
            includeTests || !other.isTest(importer) ? [{ file, repository, path: other.paths[importer] ?? "" }] : [],
          );
        }),
      ),
    ),
  );
}

/** Two names may stand for one file: a type, and a member of it. */
function distinct(crossings: readonly Crossing[]): Crossing[] {
  return [...new Map(crossings.map((one) => [`${one.file} ${one.path}`, one])).values()];
}
