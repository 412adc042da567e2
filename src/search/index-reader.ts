// Reading the index through what this process remembers of it. Segments, chunks and the files of a snapshot never
// change, so nothing is ever stale; and every key comes from a snapshot that row-level security let this very
// transaction see, so what was removed or belongs to others is never asked for.
import { refusedCursor } from "../platform/cursor.ts";
import type { OrganizationSql } from "../platform/database.ts";
import { groupBy } from "../platform/group-by.ts";
import type { BlobId, SegmentId } from "../platform/ids.ts";
import type { Memory, Sort } from "../platform/memory.ts";
import type { IndexedRef } from "../repositories/store.ts";
import {
  BATCH_BYTES_MAX,
  FEW_BLOBS_MAX,
  REMEMBERED_DOCUMENT_BYTES,
  REMEMBERED_FILE_BYTES,
  REMEMBERED_PAGE_BYTES,
  REMEMBERED_TEXT_BYTES,
  TEXTS_REMEMBERED_MAX,
} from "./limits.ts";
import { bucketsOf, type OpenSegment } from "./plan.ts";
import {
  findFewOrdinals,
  listDocumentsOfBlobs,
  listFilesOfBlobs,
  listPages,
  listSegments,
  listTexts,
  readDocuments,
  type FileFilter,
  type FileOfBlob,
  type SegmentDocuments,
  type SegmentRow,
} from "./store.ts";

export interface SearchIndex {
  sql: OrganizationSql;
  memory: Memory;
}

interface Text {
  firstLine: number;
  content: string;
}

const SEGMENTS: Sort<SegmentRow> = { name: "segments", bytesMax: REMEMBERED_DOCUMENT_BYTES };
const PAGES: Sort<Buffer> = { name: "pages", bytesMax: REMEMBERED_PAGE_BYTES };
const DOCUMENTS: Sort<SegmentDocuments> = { name: "documents", bytesMax: REMEMBERED_DOCUMENT_BYTES };
const FILES: Sort<readonly FileOfBlob[]> = { name: "files", bytesMax: REMEMBERED_FILE_BYTES };
const FEW: Sort<Few> = { name: "few files", bytesMax: REMEMBERED_FILE_BYTES };
const PLACES: Sort<readonly PlaceInSnapshot[]> = { name: "places", bytesMax: REMEMBERED_DOCUMENT_BYTES };
const TEXTS: Sort<Text> = { name: "texts", bytesMax: REMEMBERED_TEXT_BYTES };

/** A page that is not there holds no grams. */
const EMPTY_PAGE = Buffer.alloc(2);

/** The segments, each with the pages that `grams` need. Throws `invalid_input` when one is gone: its snapshot was swept. */
export async function openSegments(
  { sql, memory }: SearchIndex,
  { segmentIds, grams }: { segmentIds: readonly SegmentId[]; grams: readonly number[] },
): Promise<Map<SegmentId, OpenSegment>> {
  const rows = await findSegments({ sql, memory }, segmentIds);
  const remembered = memory.of(PAGES);
  const opened = new Map<SegmentId, OpenSegment>();
  const missing: { pages: Map<number, Buffer>; segmentId: SegmentId; bucket: number; key: string }[] = [];
  for (const { id, documents, buckets } of rows) {
    const pages = new Map<number, Buffer>();
    opened.set(id, { documents, buckets, pages });
    for (const bucket of bucketsOf(grams, buckets)) {
      const key = `${sql.organizationId} ${id} ${bucket}`;
      const page = remembered.get(key);
      if (page) pages.set(bucket, page);
      else missing.push({ pages, segmentId: id, bucket, key });
    }
  }
  if (missing.length === 0) return opened;
  const found = await listPages(sql, {
    segmentIds: missing.map(({ segmentId }) => segmentId),
    buckets: missing.map(({ bucket }) => bucket),
  });
  const data = new Map(found.map((row) => [row.place, row.data]));
  missing.forEach(({ pages, bucket, key }, place) => {
    const page = data.get(place) ?? EMPTY_PAGE;
    pages.set(bucket, page);
    remembered.set(key, page, page.length);
  });
  return opened;
}

async function findSegments({ sql, memory }: SearchIndex, ids: readonly SegmentId[]): Promise<SegmentRow[]> {
  const remembered = memory.of(SEGMENTS);
  const keyOf = (id: SegmentId) => `${sql.organizationId} ${id}`;
  const known = new Map(ids.map((id) => [id, remembered.get(keyOf(id))]));
  const missing = ids.filter((id) => !known.get(id));
  if (missing.length > 0) {
    for (const row of await listSegments(sql, missing)) {
      known.set(row.id, row);
      remembered.set(keyOf(row.id), row, 0);
    }
  }
  return ids.map((id) => {
    const row = known.get(id);
    if (!row) throw refusedCursor();
    return row;
  });
}

/** By segment the ordinals that a filter leaves; undefined when it may leave more than FEW_BLOBS_MAX blobs. */
interface Few {
  ordinals: ReadonlyMap<SegmentId, Uint32Array> | undefined;
}

/** Where the files are that a narrow filter leaves, so that nothing else is a candidate. */
export async function findFew(
  { sql, memory }: SearchIndex,
  { snapshot, filter }: { snapshot: IndexedRef; filter: FileFilter },
): Promise<Few["ordinals"]> {
  // Leaving out tests alone leaves nearly everything.
  if (filter.paths === undefined && filter.language === undefined) return undefined;
  const remembered = memory.of(FEW);
  const key = `${sql.organizationId} ${snapshot.snapshot_id} ${keyOfFilter(filter)}`;
  const known = remembered.get(key);
  if (known) return known.ordinals;
  const ordinals = await findFewOrdinals(sql, { snapshot, filter, blobsMax: FEW_BLOBS_MAX });
  const size = [...(ordinals?.values() ?? [])].reduce((sum, { byteLength }) => sum + byteLength + 100, 0);
  remembered.set(key, { ordinals }, size + key.length);
  return ordinals;
}

type PlaceInSnapshot = Omit<Place, "snapshot">;

/** For each blob the chunks of it that its snapshot's segments index, in the order of the segments' ids. */
export async function findPlacesOfBlobs(
  { sql, memory }: SearchIndex,
  blobs: readonly { snapshot: IndexedRef; blobId: BlobId }[],
): Promise<(readonly PlaceInSnapshot[])[]> {
  const remembered = memory.of(PLACES);
  const keys = blobs.map(({ snapshot, blobId }) => `${sql.organizationId} ${snapshot.snapshot_id} ${blobId}`);
  const known = keys.map((key) => remembered.get(key));
  const missing = blobs.filter((_, i) => !known[i]);
  if (missing.length === 0) return known.map((places) => places ?? []);
  const rows = await listDocumentsOfBlobs(sql, {
    blobIds: distinct(missing.map(({ blobId }) => blobId)),
    segmentIds: distinct(missing.flatMap(({ snapshot }) => snapshot.segment_ids)),
  });
  const byBlob = groupBy(rows, (row) => row.blob_id);
  return blobs.map(({ snapshot, blobId }, i) => {
    const before = known[i];
    if (before) return before;
    const places = (byBlob.get(blobId) ?? [])
      .filter((row) => snapshot.segment_ids.includes(row.segment_id))
      .map((row) => ({ segmentId: row.segment_id, ordinal: row.ordinal }));
    const key = keys[i] ?? "";
    remembered.set(key, places, key.length + places.length * PLACE_BYTES);
    return places;
  });
}

const PLACE_BYTES = 50;

/** A chunk that may match: a document of a segment of a snapshot. */
export interface Place {
  snapshot: IndexedRef;
  segmentId: SegmentId;
  ordinal: number;
}

/** What stands at a place, with the files of the snapshot that have it. */
export interface Candidate {
  blobId: BlobId;
  firstLine: number;
  /** It is its blob's last chunk. */
  isLast: boolean;
  /** Undefined when the required text is not in it: counted as read, then dropped. */
  content: string | undefined;
  /** By path. Empty when no file of the snapshot passes the filter; undefined where only the content was looked at. */
  files: readonly FileOfBlob[] | undefined;
}

/**
 * A candidate for each place, in that order, up to the first whose text is too much for once (BATCH_BYTES_MAX); at least one.
 * `literal`, when given, must occur in a chunk, or its content is left out.
 */
export async function readCandidates(
  index: SearchIndex,
  { places, filter, literal }: { places: readonly Place[]; filter: FileFilter; literal: string | undefined },
): Promise<Candidate[]> {
  const chunks = await findChunks(index, places);
  const candidate = ({ blobId, number, isLast }: Chunk, { texts, files }: Found): Candidate => {
    const text = texts.get(keyOfText(blobId, number));
    return { blobId, isLast, firstLine: text?.firstLine ?? 1, content: text?.content, files };
  };
  if (isFiltering(filter)) {
    const files = await findFilesOfBlobs(index, { chunks, filter });
    const passing = chunks.filter((_, i) => (files[i]?.length ?? 0) > 0);
    const { texts, unread } = await findTexts(index, { chunks: passing, literal });
    return until(chunks, unread).map((chunk, i) => candidate(chunk, { texts, files: files[i] }));
  }
  if (literal !== undefined && chunks.length > TEXTS_REMEMBERED_MAX) {
    // A scan: few of its chunks hold the text.
    const { texts, unread } = await findTexts(index, { chunks, literal });
    const holding = chunks.filter(({ blobId, number }) => texts.has(keyOfText(blobId, number)));
    const files = await findFilesOfBlobs(index, { chunks: holding, filter });
    const filesOf = new Map(holding.map((chunk, i) => [chunk, files[i]]));
    return until(chunks, unread).map((chunk) => candidate(chunk, { texts, files: filesOf.get(chunk) }));
  }
  const [{ texts, unread }, files] = await Promise.all([
    findTexts(index, { chunks, literal }),
    findFilesOfBlobs(index, { chunks, filter }),
  ]);
  return until(chunks, unread).map((chunk, i) => candidate(chunk, { texts, files: files[i] }));
}

/** The places, in their order, whose blob has a file in its snapshot that passes the filter. */
export async function findPassing<P extends Place>(
  index: SearchIndex,
  { places, filter }: { places: readonly P[]; filter: FileFilter },
): Promise<P[]> {
  const files = await findFilesOfBlobs(index, { chunks: await findChunks(index, places), filter });
  return places.filter((_, i) => (files[i]?.length ?? 0) > 0);
}

async function findChunks(index: SearchIndex, places: readonly Place[]): Promise<Chunk[]> {
  const documents = await findDocuments(index, distinct(places.map(({ segmentId }) => segmentId)));
  return places.map(({ snapshot, segmentId, ordinal }) => {
    const { blobIds, numbers } = documents.get(segmentId) ?? NO_DOCUMENTS;
    const blobId = blobIds[ordinal] ?? NO_BLOB;
    return { snapshot, blobId, number: numbers[ordinal] ?? 0, isLast: blobIds[ordinal + 1] !== blobId };
  });
}

/** The chunks before the first that is among `unread`. */
function until(chunks: readonly Chunk[], unread: ReadonlySet<string>): readonly Chunk[] {
  if (unread.size === 0) return chunks;
  return chunks.slice(
    0,
    chunks.findIndex(({ blobId, number }) => unread.has(keyOfText(blobId, number))),
  );
}

interface Found {
  texts: ReadonlyMap<string, Text>;
  files: readonly FileOfBlob[] | undefined;
}

interface Chunk {
  snapshot: IndexedRef;
  blobId: BlobId;
  number: number;
  isLast: boolean;
}

const NO_DOCUMENTS: SegmentDocuments = { blobIds: [], numbers: new Uint32Array(0) };
/** Ids start at 1. */
const NO_BLOB = 0 as BlobId;

async function findDocuments(
  { sql, memory }: SearchIndex,
  segmentIds: readonly SegmentId[],
): Promise<Map<SegmentId, SegmentDocuments>> {
  const remembered = memory.of(DOCUMENTS);
  const found = new Map<SegmentId, SegmentDocuments>();
  await Promise.all(
    segmentIds.map(async (segmentId) => {
      const key = `${sql.organizationId} ${segmentId}`;
      const known = remembered.get(key);
      const documents = known ?? (await readDocuments(sql, segmentId));
      if (!known) remembered.set(key, documents, documents.blobIds.length * DOCUMENT_BYTES);
      found.set(segmentId, documents);
    }),
  );
  return found;
}

const DOCUMENT_BYTES = 12;

/** Files of each chunk's blob in its snapshot that pass the filter. */
export async function findFilesOfBlobs(
  { sql, memory }: SearchIndex,
  { chunks, filter }: { chunks: readonly Pick<Chunk, "snapshot" | "blobId">[]; filter: FileFilter },
): Promise<(readonly FileOfBlob[])[]> {
  const remembered = memory.of(FILES);
  const keyEnd = keyOfFilter(filter);
  const keys = chunks.map(
    ({ snapshot, blobId }) => `${sql.organizationId} ${snapshot.snapshot_id} ${blobId} ${keyEnd}`,
  );
  const known = new Map(keys.map((key) => [key, remembered.get(key)]));
  const missing = new Map<string, Pick<Chunk, "snapshot" | "blobId">>();
  chunks.forEach((chunk, i) => {
    const key = keys[i] ?? "";
    if (!known.get(key)) missing.set(key, chunk);
  });
  if (missing.size > 0) {
    const asked = [...missing];
    const rows = await listFilesOfBlobs(sql, {
      blobs: asked.map(([, { snapshot, blobId }]) => ({ snapshot, blobId })),
      filter,
    });
    const byPlace = groupBy(rows, (row) => row.place);
    for (const [place, [key]] of asked.entries()) {
      const files = (byPlace.get(place) ?? []).map(({ path, language, is_test }) => ({ path, language, is_test }));
      known.set(key, files);
      remembered.set(
        key,
        files,
        files.reduce((sum, { path }) => sum + path.length + 100, key.length),
      );
    }
  }
  return keys.map((key) => known.get(key) ?? []);
}

/** Texts by keyOfText; only those with `literal` in them. `unread` are those that were too much for once. */
async function findTexts(
  { sql, memory }: SearchIndex,
  { chunks, literal }: { chunks: readonly Chunk[]; literal: string | undefined },
): Promise<{ texts: ReadonlyMap<string, Text>; unread: ReadonlySet<string> }> {
  const remembered = memory.of(TEXTS);
  const texts = new Map<string, Text>();
  const unread = new Set<string>();
  const missing = new Map<string, Chunk>();
  for (const chunk of chunks) {
    const key = keyOfText(chunk.blobId, chunk.number);
    const text = remembered.get(`${sql.organizationId} ${key}`);
    if (!text) missing.set(key, chunk);
    else if (literal === undefined || text.content.includes(literal)) texts.set(key, text);
  }
  if (missing.size === 0) return { texts, unread };
  const asked = [...missing.values()].map(({ blobId, number }) => ({ blobId, number }));
  // A scan reads each text once and would push out what is asked for again and again. Of others also the texts without
  // `literal` are remembered: the same question, and its next page, asks for them again.
  const isScan = chunks.length > TEXTS_REMEMBERED_MAX;
  const rows = await listTexts(sql, {
    chunks: asked,
    literal: isScan ? literal : undefined,
    bytesMax: BATCH_BYTES_MAX,
  });
  for (const { blob_id, number, first_line, content } of rows) {
    const key = keyOfText(blob_id, number);
    if (content === null) {
      unread.add(key);
      continue;
    }
    const text = { firstLine: first_line, content };
    if (literal === undefined || content.includes(literal)) texts.set(key, text);
    const bytes = BEYOND_LATIN.test(content) ? 2 * content.length : content.length;
    if (!isScan) remembered.set(`${sql.organizationId} ${key}`, text, bytes);
  }
  return { texts, unread };
}

/** A string with such a character holds two bytes for each unit. */
const BEYOND_LATIN = /[^\0-\xff]/;

function keyOfText(blobId: BlobId, number: number): string {
  return `${blobId} ${number}`;
}

export function isFiltering({ paths, language, includeTests }: FileFilter): boolean {
  return paths !== undefined || language !== undefined || !includeTests;
}

function keyOfFilter(filter: FileFilter): string {
  return isFiltering(filter) ? JSON.stringify(filter) : "";
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
