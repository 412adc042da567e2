// The snapshot that an indexing job starts from: read from the database, or as this process remembers it of a folder.
import { FACTS_VERSION } from "../languages/grammar.ts";
import type { OrganizationDatabase } from "../platform/database.ts";
import type { SnapshotId } from "../platform/ids.ts";
import { type IndexJob, type IndexedRef, listIndexedRefs } from "../repositories/store.ts";
import type { SegmentBlobs } from "./choose-segments.ts";
import type { Blobs } from "./find-blobs.ts";
import type { RememberedFolder } from "./folder-memory.ts";
import type { Built } from "./pipeline.ts";
import { type KnownBlob, type NewFile, type StoredFile, findGraphVersion, listStoredFiles } from "./store.ts";

/** The snapshot to start from: the ref's own, or for a new ref the default ref's. */
export interface Previous {
  snapshot: IndexedRef | undefined;
  /** Its files by path. */
  files: Map<string, StoredFile>;
  /** Those of the snapshot that a difference would be told against. */
  baseFiles: Map<string, StoredFile>;
  /** What is known already of segments; of others the database is asked. */
  held: SegmentBlobs;
  /** Its graph was made by these extractors and this linker. */
  isLinked: boolean;
}

/** `remembered` is taken for what is stored, where it is of that snapshot. */
export async function readPrevious(
  db: OrganizationDatabase,
  { job, remembered }: { job: IndexJob; remembered: RememberedFolder | undefined },
): Promise<Previous> {
  return db(async (sql) => {
    const own = await listIndexedRefs(sql, { repository: job.repository_id, ref: job.ref });
    const snapshot = own[0] ?? (await listIndexedRefs(sql, { repository: job.repository_id }))[0];
    if (!snapshot) return { snapshot, files: new Map(), baseFiles: new Map(), held: new Map(), isLinked: false };
    const isLinked = (await findGraphVersion(sql, snapshot.snapshot_id)) === FACTS_VERSION;
    if (snapshot.snapshot_id === remembered?.snapshotId) {
      const { files, baseFiles, held } = remembered;
      return { snapshot, files, baseFiles, held, isLinked };
    }
    const files = new Map<string, StoredFile>();
    const baseFiles = new Map<string, StoredFile>();
    const rows = await listStoredFiles(sql, snapshot);
    for (const row of rows) if (row.is_base) baseFiles.set(row.path, row);
    for (const [path, row] of baseFiles) files.set(path, row);
    for (const row of rows) {
      if (row.is_base) continue;
      if (row.removed) files.delete(row.path);
      else files.set(row.path, row);
    }
    return { snapshot, files, baseFiles, held: remembered?.held ?? new Map(), isLinked };
  });
}

/** What readPrevious would say of the snapshot. */
export function nextOf(
  files: readonly NewFile[],
  {
    previous,
    blobs,
    held,
    snapshotId,
    isBase,
  }: { previous: Previous; blobs: Blobs; held: SegmentBlobs; snapshotId: SnapshotId; isBase: boolean },
): Built["next"] {
  const stored = new Map<string, StoredFile>();
  for (const file of files) {
    const before = previous.files.get(file.path);
    const oid = blobs.oids.get(file.path);
    const blob = oid === undefined ? undefined : blobs.known.get(oid);
    const isSame = before !== undefined && !differs(file, before);
    stored.set(file.path, isSame ? before : storedFile(file, blob));
  }
  return { snapshotId, files: stored, baseFiles: isBase ? stored : previous.baseFiles, held };
}

function storedFile(file: NewFile, blob: KnownBlob | undefined): StoredFile {
  return {
    path: file.path,
    is_base: false,
    removed: false,
    blob_id: blob?.id ?? null,
    oid: blob?.oid ?? null,
    problem: file.problem ?? null,
    stamp: file.stamp ?? null,
    indexed_at: file.indexedAt,
    size_bytes: blob?.size_bytes ?? null,
    chunks: blob?.chunks ?? null,
    blob_problem: blob?.problem ?? null,
  };
}

export function differs(file: NewFile, stored: StoredFile | undefined): boolean {
  return (
    !stored ||
    stored.blob_id !== (file.blobId ?? null) ||
    stored.problem !== (file.problem ?? null) ||
    stored.stamp !== (file.stamp ?? null)
  );
}
