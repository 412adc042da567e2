// Literal and regular expression search: complete, in index order, a page at a time. The order is snapshot, segment,
// ordinal, path, after the files that define what is asked for; a position in it and those are all that a cursor needs,
// for snapshots and segments never change.
import type { OrganizationSql } from "../platform/database.ts";
import type { IndexedRef } from "../repositories/store.ts";
import { markDefinitions, type Definition } from "./definitions.ts";
import { planGrams } from "./grams.ts";
import {
  BATCH_CHUNKS_MAX,
  BATCH_CHUNKS_SPARE,
  CHUNK_BYTES_MAX,
  CHUNKS_PER_PAGE_MAX,
  LINE_CHARACTERS_MAX,
  LINES_PER_FILE_MAX,
  PAGE_MS_MAX,
  REGEX_PAGE_WORK_MAX,
  REGEX_TURN_WORK_MAX,
  SEGMENTS_FIRST_READ_MAX,
  SEGMENTS_PER_READ_MAX,
} from "./limits.ts";
import { createMatcher, type Matcher } from "./match.ts";
import type { Pattern } from "./parse-query.ts";
import {
  findFew,
  findPlacesOfBlobs,
  openSegments,
  readCandidates,
  type Candidate,
  type Place,
  type SearchIndex,
} from "./index-reader.ts";
import { gramsOf, ordinalsOf } from "./plan.ts";
import { intersect } from "./segment.ts";
import { takeGroup } from "./take-group.ts";
import { columnOf, linesOf, mergeContext, shownLine, type MarkedSymbol, type Match } from "./snippet.ts";
import { listContext, type FileFilter, type FileOfBlob } from "./store.ts";
import type { BlobId } from "../platform/ids.ts";

/** Where a page goes on: at `ordinal` of the segment, after `path` if that blob has several. */
export interface ExactPosition {
  /** Before that order begins: at this one of the definitions. */
  definition?: number | undefined;
  snapshot: number;
  segment: number;
  ordinal: number;
  path?: string | undefined;
}

export interface ExactQuery {
  snapshots: readonly IndexedRef[];
  pattern: Pattern;
  filter: FileFilter;
  /** Their files come before all others, and not again. The same list for every page. */
  definitions: readonly Definition[];
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
  /** Definitions on lines of the matches. */
  symbols?: MarkedSymbol[];
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

/** One page of the files that match. Reads at most CHUNKS_PER_PAGE_MAX chunks and one batch more. */
export async function searchExact(index: SearchIndex, query: ExactQuery): Promise<ExactPage> {
  const page = new PageOfHits(query);
  const plan = planGrams(query.pattern);
  const grams = gramsOf(plan);
  if (query.from.definition !== undefined) await addDefinitions(index, { page, query, start: query.from.definition });
  let first = query.from.snapshot;
  for (let segmentsMax = SEGMENTS_FIRST_READ_MAX; first < query.snapshots.length && !page.isDone;) {
    if (first > query.from.snapshot && page.isSpent()) {
      await page.endBefore(index, { snapshot: first, segment: 0, ordinal: 0 });
      break;
    }
    const group = takeGroup(query.snapshots, { first, segmentsMax });
    const segments = await openSegments(index, { segmentIds: group.flatMap(({ segment_ids }) => segment_ids), grams });
    segmentsMax = SEGMENTS_PER_READ_MAX;
    for (const [offset, snapshot] of group.entries()) {
      if (page.isDone) break;
      const allowed = await findFew(index, { snapshot, filter: query.filter });
      const at = first + offset;
      const isFirst = at === query.from.snapshot;
      for (let s = isFirst ? query.from.segment : 0; s < snapshot.segment_ids.length && !page.isDone; s++) {
        const segmentId = snapshot.segment_ids[s];
        const opened = segmentId === undefined ? undefined : segments.get(segmentId);
        if (segmentId === undefined || !opened) continue;
        const found = ordinalsOf(plan, opened);
        const ordinals = allowed ? intersect(found, allowed.get(segmentId) ?? new Uint32Array(0)) : found;
        const start = isFirst && s === query.from.segment ? query.from.ordinal : 0;
        for (const ordinal of ordinals) {
          if (ordinal < start) continue;
          if (page.add({ snapshot, segmentId, ordinal, at: { snapshot: at, segment: s, ordinal } }))
            await page.read(index);
          if (page.isDone) break;
        }
      }
    }
    first += group.length;
  }
  return page.finish(index);
}

/** Puts all chunks of the definitions from `start` on into the page. */
async function addDefinitions(
  index: SearchIndex,
  { page, query, start }: { page: PageOfHits; query: ExactQuery; start: number },
): Promise<void> {
  const defining = query.definitions.flatMap(({ snapshot: at, blobId }, number) => {
    const snapshot = query.snapshots[at];
    return number < start || !snapshot ? [] : [{ snapshot, blobId, number }];
  });
  const places = await findPlacesOfBlobs(index, defining);
  for (const [i, { snapshot, number }] of defining.entries()) {
    for (const { segmentId, ordinal } of places[i] ?? []) {
      if (page.isDone) return;
      const at = { definition: number, snapshot: 0, segment: 0, ordinal: 0 };
      if (page.add({ snapshot, segmentId, ordinal, at })) await page.read(index);
    }
  }
}

/** A blob whose chunks are being matched; they follow one another. */
interface OpenBlob {
  at: ExactPosition;
  snapshot: IndexedRef;
  blobId: BlobId;
  files: readonly FileOfBlob[];
  /** The lines on which it defines what is asked for: shown, whatever else matches. */
  definedAt: ReadonlySet<number>;
  matchCount: number;
  matches: ShownMatch[];
}

type PlaceInOrder = Place & { at: ExactPosition };

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
  #stepsAtTurn = 0;
  #batch: PlaceInOrder[] = [];
  #batchMax: number;
  /** Blobs that came first, with their snapshots. */
  readonly #definitions: ReadonlySet<string>;

  constructor(query: ExactQuery) {
    this.#query = query;
    this.#matcher = createMatcher(query.pattern);
    const required = this.#matcher.requiredLiteral;
    this.#literal = required?.caseSensitive ? required.text : undefined;
    this.#startedMs = query.clock();
    this.#batchMax = Math.min(BATCH_CHUNKS_MAX, query.filesMax + BATCH_CHUNKS_SPARE);
    this.#definitions = new Set(query.definitions.map(({ snapshot, blobId }) => `${snapshot} ${blobId}`));
  }

  /** Puts a place into the next batch, in index order; true when that is full and wants to be read. */
  add(place: PlaceInOrder): boolean {
    this.#batch.push(place);
    return this.#batch.length >= this.#batchMax;
  }

  /** Matches the chunks of the batch. */
  async read(index: SearchIndex): Promise<void> {
    const places = this.#batch;
    this.#batch = [];
    this.#batchMax = Math.min(BATCH_CHUNKS_MAX, this.#batchMax * 2);
    const candidates = await readCandidates(index, { places, filter: this.#query.filter, literal: this.#literal });
    for (const [i, candidate] of candidates.entries()) {
      const place = places[i];
      if (place) this.#enter(place, candidate);
      if (this.isDone) return;
      await this.#giveWay();
    }
    // Too many bytes for once: the rest comes first the next time.
    const rest = places.slice(candidates.length);
    if (rest.length === 0) return;
    this.#batch = rest;
    await this.read(index);
  }

  /** Matching holds up every other request of this process; other work has its turn after each REGEX_TURN_WORK_MAX. */
  async #giveWay(): Promise<void> {
    if (this.#matcher.steps - this.#stepsAtTurn < REGEX_TURN_WORK_MAX) return;
    this.#stepsAtTurn = this.#matcher.steps;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The budget is spent: matches what waits, and the next page begins at `next`, in another snapshot. */
  async endBefore(index: SearchIndex, next: ExactPosition): Promise<void> {
    await this.#readRest(index);
    if (!this.isDone) this.#stop(next, true);
  }

  async finish(index: SearchIndex): Promise<ExactPage> {
    await this.#readRest(index);
    const [symbols] = await Promise.all([
      markDefinitions(
        index,
        this.#hits.map(({ hit, blobId }) => ({ ...hit, blobId })),
      ),
      ...this.#hits.flatMap(({ shown, blobId }) => shown.map((entry) => completeContext(index.sql, blobId, entry))),
    ]);
    return {
      hits: this.#hits.map(({ hit }, i) => withSymbols({ ...hit, matches: mergeContext(hit.matches) }, symbols[i])),
      next: this.#next,
      isTruncated: this.#isTruncated,
      chunksRead: this.#chunksRead,
    };
  }

  isSpent(): boolean {
    return (
      this.#chunksRead >= CHUNKS_PER_PAGE_MAX ||
      this.#matcher.steps >= REGEX_PAGE_WORK_MAX ||
      this.#query.clock() - this.#startedMs >= PAGE_MS_MAX
    );
  }

  async #readRest(index: SearchIndex): Promise<void> {
    if (!this.isDone && this.#batch.length > 0) await this.read(index);
    if (!this.isDone) this.#close();
  }

  /** The next page begins at `next`. */
  #stop(next: ExactPosition, isTruncated: boolean): void {
    this.isDone = true;
    this.#next = next;
    this.#isTruncated = isTruncated;
  }

  #enter({ snapshot, at }: PlaceInOrder, candidate: Candidate): void {
    if (at.definition === undefined && this.#definitions.has(`${at.snapshot} ${candidate.blobId}`)) return;
    if (this.#blob && (this.#blob.blobId !== candidate.blobId || this.#blob.snapshot !== snapshot)) {
      this.#close();
      if (this.isDone) return;
    }
    if (!this.#blob && this.isSpent() && !isSamePlace(at, this.#query.from)) return this.#stop(at, true);
    const { blobId, files, content } = candidate;
    if (files?.length === 0) return;
    this.#chunksRead += Math.max(1, Math.ceil((content?.length ?? 0) / CHUNK_BYTES_MAX));
    if (!this.#blob && this.#hits.length >= this.#query.filesMax) return this.#stop(at, false);
    if (content === undefined || files === undefined) return;
    // Opened by the same chunk whatever was remembered or filtered out, for cursors name its place.
    if (!this.#blob) this.#matcher.beginFile(files[0]?.path ?? "");
    const { lines = [] } = this.#query.definitions[at.definition ?? -1] ?? {};
    this.#blob ??= { at, snapshot, blobId, files, definedAt: new Set(lines), matchCount: 0, matches: [] };
    this.#match(this.#blob, candidate, content);
  }

  #match(blob: OpenBlob, candidate: Candidate, content: string): void {
    const { contextLines, linesMax } = this.#query;
    const shownMax = Math.min(linesMax, LINES_PER_FILE_MAX);
    const left = Math.max(0, shownMax - blob.matches.length);
    const { matchCount, lines } = this.#matcher.matchText(content, {
      linesMax: blob.definedAt.size > 0 ? Infinity : left,
    });
    blob.matchCount += matchCount;
    const isDefining = (line: number) => blob.definedAt.has(line);
    const shown = lines.filter(({ lineIndex }, i) => i < left || isDefining(candidate.firstLine + lineIndex));
    if (shown.length === 0) return;
    const all = contextLines > 0 ? linesOf(content) : [];
    for (const { lineIndex, lineStart, lineEnd, start } of shown) {
      if (blob.matches.length >= shownMax) {
        const last = blob.matches.findLastIndex(({ match }) => !isDefining(match.line));
        if (last < 0) return;
        blob.matches.splice(last, 1);
      }
      const text = content.slice(lineStart, lineEnd);
      const match: Match = {
        line: candidate.firstLine + lineIndex,
        column: columnOf(text, start),
        text: shownLine(text, start),
      };
      const { isLast } = candidate;
      blob.matches.push({ match, missing: addContext(match, { all, lineIndex, contextLines, isLast }) });
    }
  }

  /** The blob is complete: each of its files that comes after the position is a result. */
  #close(): void {
    const blob = this.#blob;
    this.#blob = undefined;
    if (!blob || blob.matchCount === 0) return;
    const { from } = this.#query;
    let last = isSamePlace(blob.at, from) ? from.path : undefined;
    for (const { path, language } of blob.files) {
      if (last !== undefined && path <= last) continue;
      if (this.#hits.length >= this.#query.filesMax) return this.#stop({ ...blob.at, path: last }, false);
      const matches = blob.matches.map(({ match }) => match);
      this.#hits.push({
        hit: { repository: blob.snapshot.repository, path, language, score: 1, match_count: blob.matchCount, matches },
        shown: blob.matches,
        blobId: blob.blobId,
      });
      last = path;
    }
  }
}

function isSamePlace(a: ExactPosition, b: ExactPosition): boolean {
  return (
    a.definition === b.definition && a.snapshot === b.snapshot && a.segment === b.segment && a.ordinal === b.ordinal
  );
}

/** The hit as it is answered: without the field where nothing is defined. */
export function withSymbols(hit: FileHit, symbols: MarkedSymbol[] | undefined): FileHit {
  return symbols && symbols.length > 0 ? { ...hit, symbols } : hit;
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
  const chunks = await listContext(sql, {
    blobId,
    ...missing,
    longChunkBytes: CHUNK_BYTES_MAX,
    charactersMax: LINE_CHARACTERS_MAX + 1,
  });
  const first = chunks[0]?.first_line ?? 1;
  const lines = linesOf(chunks.map((chunk) => chunk.content).join(""));
  const show = (start: number, end: number) =>
    lines.slice(Math.max(0, start - first), Math.max(0, end - first)).map((line) => shownLine(line));
  match.before = show(missing.startLine, match.line);
  match.after = show(match.line + 1, missing.endLine + 1);
}
