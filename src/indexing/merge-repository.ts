// After a job: packs small segments of its snapshot into one, for the next snapshot to list in their place. What is
// published stays as it is, so nobody sees this half-way, and nothing is lost when it is cut short: the next job of
// the repository chooses again.
import type { OrganizationDatabase } from "../platform/database.ts";
import type { BlobId, RepositoryId } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import { LEFT_OUT } from "../search/merge-segments.ts";
import type { Segment } from "../search/segment.ts";
import { readDocuments, readPages, saveSegment, type SegmentDocuments } from "../search/store.ts";
import type { AnalysePool } from "./analyse-pool.ts";
import { chooseMerge } from "./choose-segments.ts";
import type { Built } from "./pipeline.ts";
import { rankPaths } from "./rank-paths.ts";

/** Only under the repository's lock, whose loss aborts `signal`. Never throws: search works as well without, only slower. */
export async function mergeRepository(
  { db, pool, log }: { db: OrganizationDatabase; pool: AnalysePool; log: Log },
  { repositoryId, built, signal }: { repositoryId: RepositoryId; built: Built; signal: AbortSignal },
): Promise<void> {
  const chosen = chooseMerge(built.segments);
  if (chosen.length === 0) return;
  const replaces = chosen.map(({ id }) => id);
  try {
    const read = await db((sql) =>
      Promise.all(
        replaces.map(async (id) => ({ pages: await readPages(sql, id), documents: await readDocuments(sql, id) })),
      ),
    );
    const { ordinals, blobIds, chunkNumbers } = renumber(
      read.map(({ documents }) => documents),
      rankBlobs(built.files),
    );
    const inputs = read.map(({ pages }, i) => ({ pages, ordinals: ordinals[i] ?? new Uint32Array(0) }));
    let segment: Segment | undefined;
    const receiver = { onMerged: (merged: Segment) => (segment = merged) };
    await pool.run({ kind: "merge", inputs, documents: blobIds.length }, receiver, signal);
    if (!segment) throw new Error("merging ended without a segment");
    const saved = { repositoryId, segment, blobIds, chunkNumbers, replaces };
    signal.throwIfAborted();
    await db((sql) => saveSegment(sql, saved));
  } catch (error) {
    log.warn("Segments could not be merged; the next job of the repository tries again", { repositoryId, error });
  }
}

/** The place of each blob of the snapshot in static rank order. */
function rankBlobs(files: Built["files"]): Map<BlobId, number> {
  const blobOf = new Map(files.map(({ path, blobId }) => [path, blobId]));
  const ranks = new Map<BlobId, number>();
  for (const [rank, path] of rankPaths([...blobOf.keys()]).entries()) {
    const blobId = blobOf.get(path);
    if (blobId !== undefined && !ranks.has(blobId)) ranks.set(blobId, rank);
  }
  return ranks;
}

/** The documents that the snapshot still has, best first, and for each segment where its documents are among them. */
function renumber(
  segments: readonly SegmentDocuments[],
  ranks: ReadonlyMap<BlobId, number>,
): { ordinals: Uint32Array[]; blobIds: BlobId[]; chunkNumbers: number[] } {
  const ordinals = segments.map(({ blobIds }) => new Uint32Array(blobIds.length).fill(LEFT_OUT));
  const wanted = segments.flatMap(({ blobIds, numbers }, segment) =>
    blobIds.flatMap((blobId, ordinal) => {
      const rank = ranks.get(blobId);
      return rank === undefined ? [] : [{ segment, ordinal, rank, blobId, number: numbers[ordinal] ?? 0 }];
    }),
  );
  wanted.sort((a, b) => a.rank - b.rank || a.number - b.number);
  wanted.forEach(({ segment, ordinal }, place) => ordinals[segment]?.fill(place, ordinal, ordinal + 1));
  return {
    ordinals,
    blobIds: wanted.map(({ blobId }) => blobId),
    chunkNumbers: wanted.map(({ number }) => number),
  };
}
