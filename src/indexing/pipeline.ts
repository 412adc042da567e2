// Commit → snapshot, in a straight line: what is there, what is new, read and pack the new, say what the snapshot
// consists of, flip. Everything before the flip is invisible, and safe to repeat; what a crash leaves is swept.
import { AppError } from "../errors.ts";
import { groupBy } from "../platform/group-by.ts";
import type { OrganizationDatabase } from "../platform/database.ts";
import type { BlobId, SegmentId, SnapshotId } from "../platform/ids.ts";
import {
  finishJob,
  listIndexedRefs,
  saveJobProblems,
  setRef,
  type IndexedRef,
  type IndexJob,
  type Progress,
} from "../repositories/store.ts";
import type { Segment } from "../search/segment.ts";
import { saveSegment } from "../search/store.ts";
import { FACTS_VERSION, grammarOf } from "../languages/grammar.ts";
import { ThreadLost, type AnalysePool, type BatchFacts } from "./analyse-pool.ts";
import type { Checks } from "./check/checks.ts";
import { copyCheck, isChecked } from "./check/store.ts";
import type { RememberedFolder } from "./folder-memory.ts";
import { chooseSegments, type ListedSegment, type SegmentBlobs } from "./choose-segments.ts";
import { pathFacts, rankPaths } from "./rank-paths.ts";
import {
  FACTS_TEXT_BYTES_MAX,
  HASHED_FILES_MIN,
  IDLE_THREADS_BYTES_MAX,
  LOST_THREADS_MAX,
  OVERLAY_SHARE_MAX,
  RESTAMPED_FILES_MAX,
  ROWS_PER_STATEMENT_MAX,
  SEGMENT_DOCUMENTS_MAX,
  SEGMENT_PARALLEL_BLOBS_MIN,
} from "./limits.ts";
import type { ProblemReason } from "../repositories/problems.ts";
import { WORKTREE_REF, type Source, type SourceFile } from "./source.ts";
import { linkFiles, saveLinkedFiles, type LinkedFiles } from "./link-step.ts";
import {
  createSnapshot,
  findGraphVersion,
  listBlobsWithFacts,
  listKnownBlobs,
  listStoredFiles,
  publishSnapshot,
  saveBlobs,
  saveFacts,
  saveFiles,
  type BlobBatch,
  type KnownBlob,
  type NewFile,
  type StoredFile,
} from "./store.ts";
import type { BlobFacts, Item, Reader, SegmentDocuments } from "./thread.ts";
import { together } from "./together.ts";

export interface PipelineContext {
  db: OrganizationDatabase;
  pool: AnalysePool;
  signal: AbortSignal;
  /** Undefined: no type checker is asked. */
  checks: Checks | undefined;
  onProgress: (progress: Progress) => void;
  now: () => Date;
}

/** What a new snapshot consists of. */
export interface Built {
  segments: ListedSegment[];
  files: NewFile[];
  /** For the next snapshot to start from; undefined: nothing differs from the previous one. */
  next: Omit<RememberedFolder, "source"> | undefined;
}

/** Builds the snapshot and makes it the ref's, ending the job in the same transaction; not when it would be the same. */
export async function buildSnapshot(
  { job, attempt, source, previous }: { job: IndexJob; attempt: number; source: Source; previous: Previous },
  context: PipelineContext,
): Promise<Built> {
  const blobs = await findBlobs(source, { job, previous, context });
  const { segments, held, bytesRead } = await indexBlobs(source, { job, previous, blobs, context });
  const files = describeFiles(source, { previous, blobs, indexedAt: context.now() });
  const dirty = await source.differs(blobs.oids);
  const indexed = { commit: source.commit, dirty };
  if (isUnchanged({ job, previous, files, indexed })) {
    await endUnchanged({ job, attempt, previous, indexed }, context);
    return { segments: [], files, next: undefined };
  }
  const isLarge = bytesRead > IDLE_THREADS_BYTES_MAX;
  if (isLarge) await context.pool.endIdle();
  const onLinked = (done: number) =>
    context.onProgress({ phase: "linking", filesDone: done, filesTotal: files.length, bytesDone: bytesRead });
  onLinked(0);
  const links = await linkFiles(files, {
    previous,
    hasFacts: (file) => hasFacts(blobs, file),
    context: { ...context, onLinked },
  });
  if (isLarge) await context.pool.endIdle();
  const skipped = new Set(links.skipped);
  for (const file of files) if (skipped.has(file.path)) file.problem ??= "not_linked";
  context.onProgress({ phase: "saving", filesDone: files.length, filesTotal: files.length, bytesDone: bytesRead });
  const segmentIds = segments.map(({ id }) => id);
  const told = await saveAndFlip({ job, attempt, previous, files, segmentIds, links, bytesRead, indexed }, context);
  return { segments, files, next: nextOf(files, { previous, blobs, held, ...told }) };
}

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

// ── which blobs ───────────────────────────────────────────────────────────────────────────────────────────────

/** What is known of the content of each file. Filled further while blobs are read. */
interface Blobs {
  /** Object id of each path that has content. */
  oids: Map<string, string>;
  /** By object id: stored blobs. */
  known: Map<string, KnownBlob>;
  /** Paths that could not be read after all. */
  unreadable: Map<string, ProblemReason>;
  /** Texts whose facts are not all there, by `factsKey`. */
  unparsed: Set<string>;
}

interface Step {
  job: IndexJob;
  previous: Previous;
  context: PipelineContext;
}

async function findBlobs(source: Source, { previous, context }: Step): Promise<Blobs> {
  const oids = new Map<string, string>();
  const unreadable = new Map<string, ProblemReason>();
  const unknown: SourceFile[] = [];
  for (const file of source.files) {
    const stored = previous.files.get(file.path);
    // A working file whose stamp is unchanged still has the content it had.
    const oid = file.oid ?? (stored?.stamp && stored.stamp === file.stamp ? stored.oid : undefined);
    if (oid) oids.set(file.path, oid);
    else unknown.push(file);
  }
  await hashFiles(source.reader, { files: unknown, oids, unreadable, context });
  // The snapshot before keeps its blobs: only others need be asked for.
  const known = new Map(
    [...previous.files.values()].flatMap((file) => blobOf(file) ?? []).map((one) => [one.oid, one]),
  );
  const others = [...new Set(oids.values())].filter((oid) => !known.has(oid));
  for (const some of inPieces(others, ROWS_PER_STATEMENT_MAX)) {
    for (const blob of await context.db.once((sql) => listKnownBlobs(sql, some))) known.set(blob.oid, blob);
  }
  return { oids, known, unreadable, unparsed: new Set() };
}

function blobOf({ blob_id: id, oid, size_bytes, chunks, blob_problem: problem }: StoredFile): KnownBlob | undefined {
  return id === null || oid === null || size_bytes === null || chunks === null
    ? undefined
    : { oid, id, size_bytes, chunks, problem };
}

async function hashFiles(
  reader: Reader,
  {
    files,
    oids,
    unreadable,
    context,
  }: {
    files: readonly SourceFile[];
    oids: Map<string, string>;
    unreadable: Map<string, ProblemReason>;
    context: PipelineContext;
  },
): Promise<void> {
  if (files.length === 0) return;
  if (reader.kind !== "worktree") throw new Error("only working files come without an object id");
  const { root, format } = reader;
  let done = 0;
  const pieces = inPieces(files, Math.max(HASHED_FILES_MIN, Math.ceil(files.length / (context.pool.size * 4))));
  await together(pieces, context.signal, (some, signal) =>
    context.pool.run(
      { kind: "hash", root, format, paths: some.map(({ path }) => path) },
      {
        onHashed(outcomes) {
          for (const outcome of outcomes) {
            const path = some[outcome.index]?.path ?? "";
            if ("oid" in outcome) oids.set(path, outcome.oid);
            else unreadable.set(path, outcome.problem);
          }
          done += some.length;
          context.onProgress({ phase: "reading", filesDone: done, filesTotal: files.length, bytesDone: 0 });
        },
      },
      signal,
    ),
  );
}

// ── reading, analysing, packing ───────────────────────────────────────────────────────────────────────────────

/** Reads what is new, stores and packs it; answers the segments of the snapshot. */
async function indexBlobs(
  source: Source,
  step: Step & { blobs: Blobs },
): Promise<{ segments: ListedSegment[]; held: SegmentBlobs; bytesRead: number }> {
  const { job, blobs, context } = step;
  const live = new Set([...blobs.oids.values()].flatMap((oid) => blobs.known.get(oid)?.id ?? []));
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

/** Tells of a path with a stored blob whether its facts are stored, by these extractors. */
async function findFacts(
  source: Source,
  { previous, blobs, context }: Step & { blobs: Blobs },
): Promise<(path: string, blob: KnownBlob) => boolean> {
  // A snapshot that is linked has all facts of its files.
  const wasLinked = (path: string, { id }: KnownBlob) => previous.isLinked && previous.files.get(path)?.blob_id === id;
  const ids = new Set<BlobId>();
  for (const file of source.files) {
    const blob = blobs.known.get(blobs.oids.get(file.path) ?? "");
    if (blob && !wasLinked(file.path, blob) && hasFacts(blobs, file)) ids.add(blob.id);
  }
  const found = new Set<string>();
  for (const blobIds of inPieces([...ids], ROWS_PER_STATEMENT_MAX)) {
    const rows = await context.db.once((sql) => listBlobsWithFacts(sql, { version: FACTS_VERSION, blobIds }));
    for (const { blob_id: id, grammar, problem } of rows) {
      found.add(factsKey(id, grammar));
      if (problem !== null) blobs.unparsed.add(factsKey(id, grammar));
    }
  }
  return (path, blob) => wasLinked(path, blob) || found.has(factsKey(blob.id, grammarOf(path)));
}

const factsKey = (id: BlobId, grammar: string | undefined) => `${id} ${grammar}`;

/** Whether facts of the file are stored, once all that were wanted are: of every text that there is a grammar for. */
function hasFacts({ oids, known }: Blobs, { path }: Pick<NewFile, "path">): boolean {
  return (known.get(oids.get(path) ?? "")?.chunks ?? 0) > 0 && grammarOf(path) !== undefined;
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
  const isPacked = (oid: string) => {
    const known = blobs.known.get(oid);
    return known !== undefined && (known.chunks === 0 || covered.has(known.id));
  };
  const wantedFacts = (path: string, oid: string) => {
    const known = blobs.known.get(oid);
    return known && (known.chunks === 0 || isWithFacts(path, known)) ? undefined : grammarOf(path);
  };
  const read = new Set<string>();
  for (const { path } of source.files) {
    const oid = blobs.oids.get(path);
    if (oid !== undefined && (!isPacked(oid) || wantedFacts(path, oid) !== undefined)) read.add(oid);
  }
  const paths = source.files.flatMap(({ path }) => (read.has(blobs.oids.get(path) ?? "") ? [path] : []));
  const items = new Map<string, Item>();
  for (const path of rankPaths(paths)) {
    const oid = blobs.oids.get(path) ?? "";
    const isStored = blobs.known.has(oid);
    const item = items.get(oid) ?? { path, oid, isStored, isUnpacked: !isPacked(oid), factsOf: [] };
    items.set(oid, item);
    const grammar = wantedFacts(path, oid);
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

// ── the snapshot ──────────────────────────────────────────────────────────────────────────────────────────────

/** Every file of the snapshot, problems included. */
function describeFiles(
  source: Source,
  { previous, blobs, indexedAt }: { previous: Previous; blobs: Blobs; indexedAt: Date },
): NewFile[] {
  const files = source.files.map(({ path, stamp }): NewFile => {
    const { language, isTest, isGenerated } = pathFacts(path);
    const oid = blobs.oids.get(path);
    const blob = oid === undefined ? undefined : blobs.known.get(oid);
    const stored = previous.files.get(path);
    return {
      path,
      blobId: blob?.id,
      removed: false,
      language,
      isTest,
      sizeBytes: blob?.size_bytes ?? 0,
      // Without a blob and a reason, a twin of this working file changed while it was read: the next job mends it.
      problem:
        blobs.unreadable.get(path) ?? (blob ? problemOf(blob, { path, isGenerated, previous, blobs }) : "missing"),
      stamp: blob && stamp,
      indexedAt: blob && stored?.blob_id === blob.id ? stored.indexed_at : indexedAt,
    };
  });
  const problems = source.problems.map(({ path, reason }): NewFile => {
    const { language, isTest } = pathFacts(path);
    const isOld = previous.files.get(path)?.problem === reason;
    return {
      path,
      blobId: undefined,
      removed: false,
      language,
      isTest,
      sizeBytes: 0,
      problem: reason,
      stamp: undefined,
      indexedAt: isOld ? (previous.files.get(path)?.indexed_at ?? indexedAt) : indexedAt,
    };
  });
  return [...files, ...problems];
}

/** Why the text of a file has no symbols, or ranks last. */
function problemOf(
  blob: KnownBlob,
  { path, isGenerated, previous, blobs }: { path: string; isGenerated: boolean; previous: Previous; blobs: Blobs },
): string | undefined {
  if (blob.problem !== null) return blob.problem;
  if (isGenerated) return "generated";
  const grammar = grammarOf(path);
  if (grammar === undefined) return undefined;
  if (blob.size_bytes > FACTS_TEXT_BYTES_MAX) return "too_large_to_parse";
  if (blobs.unparsed.has(factsKey(blob.id, grammar))) return "not_parsed";
  // Of what the snapshot before has nothing was asked; and what took too long takes too long again, until its content, the
  // extractors or the linker are others.
  const stored = previous.isLinked ? previous.files.get(path) : undefined;
  const isSaid = stored?.problem === "not_parsed" || stored?.problem === "not_linked";
  return isSaid && stored.blob_id === blob.id ? (stored.problem ?? undefined) : undefined;
}

async function saveAndFlip(
  {
    job,
    attempt,
    previous,
    files,
    segmentIds,
    links,
    bytesRead,
    indexed,
  }: {
    job: IndexJob;
    attempt: number;
    previous: Previous;
    files: NewFile[];
    segmentIds: SegmentId[];
    links: LinkedFiles;
    bytesRead: number;
    indexed: { commit: string; dirty: boolean };
  },
  { db, signal, checks }: PipelineContext,
): Promise<{ snapshotId: SnapshotId; isBase: boolean }> {
  const { rows, ...told } = chooseRows(files, { job, previous });
  const { baseSnapshotId } = told;
  const snapshotId = await db((sql) =>
    createSnapshot(sql, { repositoryId: job.repository_id, ref: job.ref, ...indexed, ...told, segmentIds }),
  );
  for (const some of inPieces(rows, ROWS_PER_STATEMENT_MAX)) {
    signal.throwIfAborted();
    await db((sql) => saveFiles(sql, snapshotId, some));
  }
  await saveLinkedFiles(links, { snapshotId, baseSnapshotId, previous, context: { db, signal } });
  // Nothing changed that a checker looks at: what it found before is there from the start.
  const sameAs = links.renewed?.length === 0 ? previous.snapshot?.snapshot_id : undefined;
  const isCopied = sameAs !== undefined && (await db((sql) => copyCheck(sql, { from: sameAs, to: snapshotId })));
  const isChecking = checks !== undefined && !isCopied;
  await db(async (sql) => {
    // First, for it locks the job's row: a cancelled or taken over job changes nothing below.
    const isOurs = await finishJob(
      sql,
      { id: job.id, attempt },
      { state: "succeeded", isChecking, indexed: { ...indexed, files: files.length, bytesRead } },
    );
    if (!isOurs) throw new JobLost();
    await publishSnapshot(sql, snapshotId, totalsOf(files));
    await setRef(sql, { repositoryId: job.repository_id, ref: job.ref, isDefault: job.is_default, snapshotId });
    await saveJobProblems(sql, job.id, { snapshot_id: snapshotId, base_snapshot_id: baseSnapshotId ?? null });
  });
  if (isChecking) checks.request({ organizationId: db.organizationId, job, snapshotId, sameAs });
  return { snapshotId, isBase: baseSnapshotId === undefined };
}

/** What readPrevious would say of the snapshot. */
function nextOf(
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

/** A folder in which nothing changed: the snapshot that is there stays. */
function isUnchanged({
  job,
  previous,
  files,
  indexed,
}: {
  job: IndexJob;
  previous: Previous;
  files: readonly NewFile[];
  indexed: { commit: string; dirty: boolean };
}): boolean {
  const { snapshot, files: before } = previous;
  const isSame =
    snapshot &&
    previous.isLinked &&
    snapshot.ref === job.ref &&
    snapshot.commit === indexed.commit &&
    snapshot.dirty === indexed.dirty;
  if (isSame !== true || files.length !== before.size) return false;
  let restamped = 0;
  for (const file of files) {
    const stored = before.get(file.path);
    if (!differs(file, stored)) continue;
    // It was too young for one when it was read.
    const isRestamped = stored?.stamp === null && !differs({ ...file, stamp: undefined }, stored);
    if (!isRestamped || ++restamped > RESTAMPED_FILES_MAX) return false;
  }
  return true;
}

async function endUnchanged(
  {
    job,
    attempt,
    previous,
    indexed,
  }: { job: IndexJob; attempt: number; previous: Previous; indexed: { commit: string; dirty: boolean } },
  { db, checks }: Pick<PipelineContext, "db" | "checks">,
): Promise<void> {
  const { snapshot } = previous;
  const snapshotId = snapshot?.snapshot_id;
  const isChecking =
    checks !== undefined && snapshotId !== undefined && !(await db.once((sql) => isChecked(sql, snapshotId)));
  await db(async (sql) => {
    const isOurs = await finishJob(
      sql,
      { id: job.id, attempt },
      { state: "succeeded", isChecking, indexed: { ...indexed, files: previous.files.size, bytesRead: 0 } },
    );
    if (!isOurs) throw new JobLost();
    if (!snapshot) return;
    const { repository_id: repositoryId, ref, is_default: isDefault } = job;
    await setRef(sql, { repositoryId, ref, isDefault, snapshotId: snapshot.snapshot_id });
    await saveJobProblems(sql, job.id, snapshot);
  });
  if (isChecking) checks.request({ organizationId: db.organizationId, job, snapshotId, sameAs: undefined });
}

/** The previous snapshot already is this commit: there is nothing to read. Folders always have to be looked at. */
export async function endIfCurrent(
  { job, attempt, previous }: { job: IndexJob; attempt: number; previous: Previous },
  context: Pick<PipelineContext, "db" | "checks">,
): Promise<boolean> {
  const { snapshot } = previous;
  if (!previous.isLinked || snapshot?.ref !== job.ref || snapshot.commit !== job.commit || job.ref === WORKTREE_REF)
    return false;
  await endUnchanged({ job, attempt, previous, indexed: { commit: job.commit, dirty: false } }, context);
  return true;
}

/** The job was cancelled or given to another worker: what this attempt did is not wanted. */
export class JobLost extends Error {
  constructor() {
    super("the job is no longer this worker's");
    this.name = "JobLost";
  }
}

/**
 * The rows to store: only the difference from the previous snapshot's base, until all that the ref has stored as differences
 * from it would outgrow the base. Then all files, which is a base for the next: of single edits each n-th among n²/2 files.
 */
function chooseRows(
  files: NewFile[],
  { job, previous: { snapshot, baseFiles } }: { job: IndexJob; previous: Previous },
): { baseSnapshotId: SnapshotId | undefined; rowsSinceBase: number; rows: NewFile[] } {
  const whole = { baseSnapshotId: undefined, rowsSinceBase: 0, rows: files };
  if (!snapshot || baseFiles.size === 0) return whole;
  const paths = new Set(files.map((file) => file.path));
  const changed = files.filter((file) => differs(file, baseFiles.get(file.path)));
  const gone = [...baseFiles.keys()].filter((path) => !paths.has(path)).map(goneFile);
  const rows = [...changed, ...gone];
  // What another ref has stored is no reason to give this one files of its own.
  const rowsSinceBase = rows.length + (snapshot.ref === job.ref ? snapshot.rows_since_base : 0);
  if (rowsSinceBase > baseFiles.size || rows.length > baseFiles.size * OVERLAY_SHARE_MAX) return whole;
  return { baseSnapshotId: snapshot.base_snapshot_id ?? snapshot.snapshot_id, rowsSinceBase, rows };
}

function differs(file: NewFile, stored: StoredFile | undefined): boolean {
  return (
    !stored ||
    stored.blob_id !== (file.blobId ?? null) ||
    stored.problem !== (file.problem ?? null) ||
    stored.stamp !== (file.stamp ?? null)
  );
}

function goneFile(path: string): NewFile {
  return {
    path,
    blobId: undefined,
    removed: true,
    language: "",
    isTest: false,
    sizeBytes: 0,
    problem: undefined,
    stamp: undefined,
    indexedAt: new Date(0),
  };
}

function totalsOf(files: readonly NewFile[]) {
  const withContent = files.filter((file) => file.blobId !== undefined);
  const byLanguage = groupBy(withContent, (file) => file.language);
  return {
    files: files.length,
    problems: files.filter((file) => file.problem !== undefined).length,
    sizeBytes: withContent.reduce((sum, file) => sum + file.sizeBytes, 0),
    languages: Object.fromEntries([...byLanguage].map(([language, members]) => [language, members.length])),
  };
}

function inPieces<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** For a person: why an attempt failed. Nothing of an unexpected failure leaks. */
export function describeJobFailure(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return "Something failed on our side; it has been reported.";
}
