// Literal and regular expression search: complete, in index order, a page at a time. The order is snapshot,
// segment, ordinal, path; a position in it is all that a cursor needs, for snapshots and segments never change.
import { groupBy } from "../platform/group-by.ts";
import type { OrganizationSql } from "../platform/database.ts";
import type { IndexedRef } from "../repositories/store.ts";
import { planGrams } from "./grams.ts";
import {
  BATCH_CHUNKS_MAX,
  BATCH_CHUNKS_SPARE,
  CHUNKS_PER_PAGE_MAX,
  FEW_BLOBS_MAX,
  LINES_PER_FILE_MAX,
  PAGE_MS_MAX,
  SEGMENTS_PER_READ_MAX,
} from "./limits.ts";
import { createMatcher, type Matcher } from "./match.ts";
import type { Pattern } from "./parse-query.ts";
import { gramsOf, ordinalsOf, type OpenSegment } from "./plan.ts";
import { intersect } from "./segment.ts";
import { columnOf, linesOf, shownLine, type Match } from "./snippet.ts";
import { findFewBlobs, listCandidates, listOrdinals, listPages, type Candidate, type FileFilter } from "./store.ts";
import { listChunks } from "../repositories/store.ts";
import type { BlobId } from "../platform/ids.ts";

/** Where a page goes on: at `ordinal` of the segment, after `path` if that blob has several. */
export interface ExactPosition {
  snapshot: number;
  segment: number;
  ordinal: number;
  path?: string | undefined;
}

export interface ExactQuery {
  snapshots: readonly IndexedRef[];
  pattern: Pattern;
  filter: FileFilter;
  from: ExactPosition;
  filesMax: number;
  /** 0: only paths and counts. */
  linesMax: number;
  contextLines: number;
  /** Milliseconds, for the page's time budget. */
  clock: () => number;
}

export interface FileHit {
  repository: string;
  path: string;
  language: string;
  score: number;
  match_count: number;
  matches: Match[];
}

export interface ExactPage {
  hits: FileHit[];
  /** Undefined at the end. */
  next: ExactPosition | undefined;
  /** The page's work budget ended it. */
  isTruncated: boolean;
  /** Chunks fetched: what the search cost. */
  chunksRead: number;
}

/** One page of the files that match. Reads at most CHUNKS_PER_PAGE_MAX chunks and one blob more. */
export async function searchExact(sql: OrganizationSql, query: ExactQuery): Promise<ExactPage> {
  const page = new PageOfHits(query);
  const plan = planGrams(query.pattern);
  const grams = gramsOf(plan);
  const isSelective = query.filter.paths !== undefined || query.filter.language !== undefined;
  for (let first = query.from.snapshot; first < query.snapshots.length && !page.isDone;) {
    const group = takeGroup(query.snapshots, first);
    const segments = await openSegments(sql, { snapshots: group, grams });
    for (const [offset, snapshot] of group.entries()) {
      if (page.isDone) break;
      const blobs = isSelective
        ? await findFewBlobs(sql, { snapshot, filter: query.filter, blobsMax: FEW_BLOBS_MAX })
        : undefined;
      const allowed = blobs && (await ordinalsBySegment(sql, snapshot.segment_ids, blobs));
      const isFirst = first + offset === query.from.snapshot;
      for (let s = isFirst ? query.from.segment : 0; s < snapshot.segment_ids.length && !page.isDone; s++) {
        const id = snapshot.segment_ids[s] ?? 0;
        const opened = segments.get(id);
        if (!opened) continue;
        const found = ordinalsOf(plan, opened);
        const ordinals = allowed ? intersect(found, allowed.get(id) ?? new Uint32Array(0)) : found;
        const start = isFirst && s === query.from.segment ? query.from.ordinal : 0;
        await page.read(sql, {
          snapshot,
          at: { snapshot: first + offset, segment: s },
          segmentId: id,
          ordinals: ordinals.filter((o) => o >= start),
        });
      }
    }
    first += group.length;
  }
  return page.finish(sql);
}

/** Snapshots from `first` on, at least one, with SEGMENTS_PER_READ_MAX segments at most. */
function takeGroup(snapshots: readonly IndexedRef[], first: number): IndexedRef[] {
  const group: IndexedRef[] = [];
  let segments = 0;
  for (const snapshot of snapshots.slice(first)) {
    segments += snapshot.segment_ids.length;
    if (group.length > 0 && segments > SEGMENTS_PER_READ_MAX) break;
    group.push(snapshot);
  }
  return group;
}

/** The segments of the snapshots with the pages that `grams` need. */
export async function openSegments(
  sql: OrganizationSql,
  { snapshots, grams }: { snapshots: readonly IndexedRef[]; grams: readonly number[] },
): Promise<Map<number, OpenSegment>> {
  const opened = new Map<number, OpenSegment & { pages: Map<number, Buffer> }>();
  const rows = await listPages(sql, { segmentIds: snapshots.flatMap((snapshot) => snapshot.segment_ids), grams });
  for (const { segment_id, documents, buckets, bucket, data } of rows) {
    const segment = opened.get(segment_id) ?? { documents, buckets, pages: new Map<number, Buffer>() };
    if (bucket !== null && data) segment.pages.set(bucket, data);
    opened.set(segment_id, segment);
  }
  return opened;
}

async function ordinalsBySegment(
  sql: OrganizationSql,
  segmentIds: readonly number[],
  blobIds: readonly BlobId[],
): Promise<Map<number, Uint32Array>> {
  const rows = await listOrdinals(sql, { segmentIds, blobIds });
  const grouped = groupBy(rows, (row) => row.segment_id);
  return new Map([...grouped].map(([id, members]) => [id, Uint32Array.from(members, (row) => row.ordinal)]));
}

/** A blob whose chunks are being matched; they follow one another. */
interface OpenBlob {
  at: ExactPosition;
  repository: string;
  blobId: BlobId;
  files: Candidate["files"];
  matchCount: number;
  matches: ShownMatch[];
}

/** A match, and the lines around it that its own chunk does not hold. */
interface ShownMatch {
  match: Match;
  missing: { startLine: number; endLine: number } | undefined;
}

/** Collects one page: batches of chunks in, files out, until the page is full or its budget spent. */
class PageOfHits {
  isDone = false;
  readonly #query: ExactQuery;
  readonly #matcher: Matcher;
  readonly #literal: string | undefined;
  readonly #startedMs: number;
  readonly #hits: { hit: FileHit; shown: ShownMatch[]; blobId: BlobId }[] = [];
  #blob: OpenBlob | undefined;
  #next: ExactPosition | undefined;
  #isTruncated = false;
  #chunksRead = 0;
  #batch: number;

  constructor(query: ExactQuery) {
    this.#query = query;
    this.#matcher = createMatcher(query.pattern);
    const required = this.#matcher.requiredLiteral;
    this.#literal = required?.caseSensitive ? required.text : undefined;
    this.#startedMs = query.clock();
    this.#batch = Math.min(BATCH_CHUNKS_MAX, query.filesMax + BATCH_CHUNKS_SPARE);
  }

  /** Matches the chunks of `ordinals`, ascending, all of one segment. */
  async read(
    sql: OrganizationSql,
    {
      snapshot,
      at,
      segmentId,
      ordinals,
    }: {
      snapshot: IndexedRef;
      at: { snapshot: number; segment: number };
      segmentId: number;
      ordinals: Uint32Array;
    },
  ): Promise<void> {
    for (let done = 0; done < ordinals.length && !this.isDone;) {
      const batch = [...ordinals.subarray(done, done + this.#batch)];
      done += batch.length;
      this.#batch = Math.min(BATCH_CHUNKS_MAX, this.#batch * 2);
      const { filter } = this.#query;
      const candidates = await listCandidates(sql, {
        snapshot,
        segmentId,
        ordinals: batch,
        filter,
        literal: this.#literal,
      });
      this.#chunksRead += candidates.length;
      for (const candidate of candidates) {
        this.#enter(candidate, { ...at, ordinal: candidate.ordinal }, snapshot.repository);
        if (this.isDone) return;
      }
      // The filter dropped the whole batch: no chunk of an open blob, and no boundary to stop at, was in it.
      if (candidates.length === 0) {
        this.#close();
        const next = ordinals[done];
        if (!this.isDone && next !== undefined && this.#isSpent()) this.#stop({ ...at, ordinal: next }, true);
      }
    }
    this.#close();
  }

  async finish(sql: OrganizationSql): Promise<ExactPage> {
    await Promise.all(
      this.#hits.flatMap(({ shown, blobId }) => shown.map((entry) => completeContext(sql, blobId, entry))),
    );
    return {
      hits: this.#hits.map(({ hit }) => hit),
      next: this.#next,
      isTruncated: this.#isTruncated,
      chunksRead: this.#chunksRead,
    };
  }

  #enter(candidate: Candidate, at: ExactPosition, repository: string): void {
    if (this.#blob && this.#blob.blobId !== candidate.blob_id) {
      this.#close();
      if (this.isDone) return;
    }
    if (!this.#blob) {
      if (this.#hits.length >= this.#query.filesMax) return this.#stop(at, false);
      if (this.#isSpent()) return this.#stop(at, true);
      this.#blob = { at, repository, blobId: candidate.blob_id, files: candidate.files, matchCount: 0, matches: [] };
    }
    if (candidate.content !== null) this.#match(this.#blob, candidate, candidate.content);
  }

  #match(blob: OpenBlob, candidate: Candidate, content: string): void {
    const { contextLines, linesMax } = this.#query;
    const left = Math.min(linesMax, LINES_PER_FILE_MAX) - blob.matches.length;
    const { matchCount, lines } = this.#matcher.matchText(content, { linesMax: Math.max(0, left) });
    blob.matchCount += matchCount;
    if (lines.length === 0) return;
    const all = contextLines > 0 ? linesOf(content) : [];
    for (const { lineIndex, lineStart, lineEnd, start } of lines) {
      const text = content.slice(lineStart, lineEnd);
      const match: Match = {
        line: candidate.first_line + lineIndex,
        column: columnOf(text, start),
        text: shownLine(text, start),
      };
      const isLast = candidate.chunk_number === candidate.chunks - 1;
      blob.matches.push({ match, missing: addContext(match, { all, lineIndex, contextLines, isLast }) });
    }
  }

  /** The blob is complete: each of its files that comes after the position is a result. */
  #close(): void {
    const blob = this.#blob;
    this.#blob = undefined;
    if (!blob || blob.matchCount === 0) return;
    const { from } = this.#query;
    const isWhereWeBegan =
      blob.at.snapshot === from.snapshot && blob.at.segment === from.segment && blob.at.ordinal === from.ordinal;
    let last = isWhereWeBegan ? from.path : undefined;
    for (const { path, language } of blob.files) {
      if (last !== undefined && path <= last) continue;
      if (this.#hits.length >= this.#query.filesMax) return this.#stop({ ...blob.at, path: last }, false);
      const matches = blob.matches.map(({ match }) => match);
      this.#hits.push({
        hit: { repository: blob.repository, path, language, score: 1, match_count: blob.matchCount, matches },
        shown: blob.matches,
        blobId: blob.blobId,
      });
      last = path;
    }
  }

  #stop(next: ExactPosition, isTruncated: boolean): void {
    this.isDone = true;
    this.#next = next;
    this.#isTruncated = isTruncated;
  }

  #isSpent(): boolean {
    return this.#chunksRead >= CHUNKS_PER_PAGE_MAX || this.#query.clock() - this.#startedMs >= PAGE_MS_MAX;
  }
}

/** Adds the lines around a match as far as its chunk has them; answers the lines to fetch when some are missing. */
function addContext(
  match: Match,
  { all, lineIndex, contextLines, isLast }: { all: string[]; lineIndex: number; contextLines: number; isLast: boolean },
): ShownMatch["missing"] {
  if (contextLines === 0) return undefined;
  match.before = all.slice(Math.max(0, lineIndex - contextLines), lineIndex).map((line) => shownLine(line));
  match.after = all.slice(lineIndex + 1, lineIndex + 1 + contextLines).map((line) => shownLine(line));
  const hasBefore = lineIndex >= Math.min(contextLines, match.line - 1);
  const hasAfter = isLast || lineIndex + contextLines < all.length;
  return hasBefore && hasAfter
    ? undefined
    : { startLine: Math.max(1, match.line - contextLines), endLine: match.line + contextLines };
}

async function completeContext(sql: OrganizationSql, blobId: BlobId, { match, missing }: ShownMatch): Promise<void> {
  if (!missing) return;
  const chunks = await listChunks(sql, { blobId, ...missing });
  const first = chunks[0]?.first_line ?? 1;
  const lines = linesOf(chunks.map((chunk) => chunk.content).join(""));
  const show = (start: number, end: number) =>
    lines.slice(Math.max(0, start - first), Math.max(0, end - first)).map((line) => shownLine(line));
  match.before = show(missing.startLine, match.line);
  match.after = show(match.line + 1, missing.endLine + 1);
}
