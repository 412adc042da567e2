// Reads, analyses and packs what is new, in the threads, and stores what they hand over.
import { FACTS_VERSION, grammarOf } from "../languages/grammar.ts";
import type { BlobId } from "../platform/ids.ts";
import type { ProblemReason } from "../repositories/problems.ts";
import type { Segment } from "../search/segment.ts";
import { saveSegment } from "../search/store.ts";
import { type BatchFacts, ThreadLost } from "./analyse-pool.ts";
import { type ListedSegment, type SegmentBlobs, chooseSegments } from "./choose-segments.ts";
import { type Blobs, type Step, factsKey, findFacts } from "./find-blobs.ts";
import { inPieces } from "./in-pieces.ts";
import { LOST_THREADS_MAX, SEGMENT_DOCUMENTS_MAX, SEGMENT_PARALLEL_BLOBS_MIN } from "./limits.ts";
import type { PipelineContext } from "./pipeline.ts";
import { rankPaths } from "./rank-paths.ts";
import type { Source } from "./source.ts";
import { type BlobBatch, type KnownBlob, saveBlobs, saveFacts } from "./store.ts";
import type { BlobFacts, Item, SegmentDocuments } from "./thread.ts";
import { together } from "./together.ts";

/** Reads what is new, stores and packs it; answers the segments of the snapshot. */
export async function indexBlobs(
  source: Source,
  step: Step & { blobs: Blobs },
): Promise<{ segments: ListedSegment[]; held: SegmentBlobs; bytesRead: number }> {
  const { job, blobs, context } = step;
  const live = new Set<BlobId>();
  for (const oid of blobs.oids.values()) {
    const known = blobs.known.get(oid);
    if (known) live.add(known.id);
  }
  const { snapshot, held: known } = step.previous;
  const { kept, covered, held } = await context.db((sql) =>
    chooseSegments(sql, { repositoryId: job.repository_id, before: snapshot?.segment_ids ?? [], live, known }),
  );
  const items = chooseItems(source, { blobs, covered, isWithFacts: await findFacts(source, step) });
  const made: { share: number; segment: ListedSegment }[] = [];
  const total = source.files.length + source.problems.length;
  const progress = { filesDone: total - items.length, bytesDone: 0 };
  const report = () => context.onProgress({ phase: "indexing", ...progress, filesTotal: total });
  report();
  await together(divide(items, context.pool.size), context.signal, (share, signal, number) =>
    withoutKillers(share, (reading) => {
      // A second try packs the whole share again.
      made.splice(0, made.length, ...made.filter((one) => one.share !== number));
      const task = { kind: "segment", reader: source.reader, items: share, reading } as const;
      const receiver = {
        async onBatch(batch: BlobBatch, { facts, outcomes, bytes }: BatchFacts) {
          await saveBatch(batch, { facts, blobs, context });
          for (const outcome of outcomes) {
            const item = share[outcome.index];
            if (!item) continue;
            if ("oid" in outcome) noteContent(blobs, item, outcome.oid);
            else noteUnreadable(blobs, item, outcome.problem);
          }
          progress.filesDone += outcomes.length;
          progress.bytesDone += bytes;
          report();
        },
        async onSegment(segment: Segment, documents: SegmentDocuments) {
          const blobIds = documents.items.map((index) => idOf(blobs, share[index]));
          const saved = { repositoryId: job.repository_id, segment, blobIds, chunkNumbers: documents.numbers };
          const id = await context.db((sql) => saveSegment(sql, saved));
          made.push({ share: number, segment: { id, documents: segment.documents, live: segment.documents } });
        },
      };
      return context.pool.run(task, receiver, signal);
    }),
  );
  // New segments in the order of rank, whichever thread was first.
  made.sort((a, b) => a.share - b.share || a.segment.id - b.segment.id);
  return { segments: [...kept, ...made.map(({ segment }) => segment)], held, bytesRead: progress.bytesDone };
}

async function saveBatch(
  batch: BlobBatch,
  { facts, blobs, context }: { facts: BlobFacts[]; blobs: Blobs; context: PipelineContext },
): Promise<void> {
  if (batch.blobs.length === 0 && facts.length === 0) return;
  const byOid = new Map(batch.blobs.map((blob) => [blob.oid, blob]));
  await context.db(async (sql) => {
    for (const { oid, id } of batch.blobs.length > 0 ? await saveBlobs(sql, batch) : []) {
      const { chunks = 0, sizeBytes = 0, problem = null } = byOid.get(oid) ?? {};
      blobs.known.set(oid, { oid, id, chunks, size_bytes: sizeBytes, problem });
    }
    const stored = facts.flatMap(({ oid, ...rest }) => {
      const blob = blobs.known.get(oid);
      return blob ? [{ blobId: blob.id, ...rest }] : [];
    });
    for (const { blobId, grammar, problem } of stored) if (problem) blobs.unparsed.add(factsKey(blobId, grammar));
    await saveFacts(sql, FACTS_VERSION, stored);
  });
}

/**
 * Runs a share, and again when reading the facts of one of its texts killed the thread: that text then has none.
 * Nothing that a repository holds may stop its indexing.
 */
async function withoutKillers(share: Item[], run: (reading: SharedArrayBuffer) => Promise<void>): Promise<void> {
  for (let lost = 0; ; lost++) {
    const reading = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    try {
      return await run(reading);
    } catch (error) {
      const killer = share[Atomics.load(new Int32Array(reading), 0) - 1];
      if (!(error instanceof ThreadLost) || !killer || lost >= LOST_THREADS_MAX) throw error;
      killer.isUnreadable = true;
    }
  }
}

/** A working file changed after it was hashed: every path of that item has the new content. */
function noteContent(blobs: Blobs, item: Item, oid: string): void {
  if (item.oid !== oid) blobs.oids.set(item.path, oid);
}

function noteUnreadable(blobs: Blobs, item: Item, problem: ProblemReason): void {
  for (const [path, oid] of blobs.oids) {
    if (oid !== item.oid) continue;
    blobs.oids.delete(path);
    blobs.unreadable.set(path, problem);
  }
}

function idOf({ oids, known }: Blobs, item: Item | undefined): BlobId {
  const blob = known.get(oids.get(item?.path ?? "") ?? "");
  if (!blob) throw new Error("a document of a segment belongs to no stored blob");
  return blob.id;
}

/** One item for each blob that must be read, in static rank order. */
function chooseItems(
  source: Source,
  {
    blobs,
    covered,
    isWithFacts,
  }: { blobs: Blobs; covered: ReadonlySet<BlobId>; isWithFacts: Awaited<ReturnType<typeof findFacts>> },
): Item[] {
  const isPacked = (known: KnownBlob | undefined) =>
    known !== undefined && (known.chunks === 0 || covered.has(known.id));
  const wantedFacts = (path: string, known: KnownBlob | undefined) =>
    known && (known.chunks === 0 || isWithFacts(path, known)) ? undefined : grammarOf(path);
  const read = new Set<string>();
  for (const { path } of source.files) {
    const oid = blobs.oids.get(path);
    if (oid === undefined) continue;
    const known = blobs.known.get(oid);
    if (!isPacked(known) || wantedFacts(path, known) !== undefined) read.add(oid);
  }
  if (read.size === 0) return [];
  const paths = source.files.flatMap(({ path }) => (read.has(blobs.oids.get(path) ?? "") ? [path] : []));
  const items = new Map<string, Item>();
  for (const path of rankPaths(paths)) {
    const oid = blobs.oids.get(path) ?? "";
    const known = blobs.known.get(oid);
    const item = items.get(oid) ?? {
      path,
      oid,
      isStored: known !== undefined,
      isUnpacked: !isPacked(known),
      factsOf: [],
    };
    items.set(oid, item);
    const grammar = wantedFacts(path, known);
    if (grammar !== undefined && !item.factsOf.some((one) => one.grammar === grammar))
      item.factsOf.push({ grammar, path });
  }
  return [...items.values()];
}

/** Shares for the threads: few, for every segment costs each query a page; several once there is enough to do. */
function divide(items: readonly Item[], threads: number): Item[][] {
  if (items.length === 0) return [];
  const forThreads = items.length >= SEGMENT_PARALLEL_BLOBS_MIN ? threads : 1;
  const shares = Math.max(forThreads, Math.ceil(items.length / SEGMENT_DOCUMENTS_MAX));
  return inPieces(items, Math.ceil(items.length / shares));
}
