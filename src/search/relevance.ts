// Search by words: the index alone picks the chunks where the rarest terms meet, these are read, and the files
// ranked. Not complete and not meant to be: the best RANKED_FILES_MAX files, in a stable order.
import type { OrganizationSql } from "../platform/database.ts";
import type { IndexedRef } from "../repositories/store.ts";
import type { BlobId } from "../platform/ids.ts";
import { markDefinitions } from "./definitions.ts";
import { withSymbols, type FileHit } from "./exact.ts";
import { readCandidates, type Candidate, type SearchIndex } from "./index-reader.ts";
import { PAGE_MS_MAX, RANKED_FILES_MAX, RANKED_LINES_MAX } from "./limits.ts";
import { findPromising } from "./promising.ts";
import { scoreOf, termsOf, type Term } from "./rank.ts";
import { columnOf, linesOf, mergeContext, shownLine, type Match } from "./snippet.ts";
import { listNamesDefined, type FileFilter, type FileOfBlob } from "./store.ts";

export interface RelevanceQuery {
  snapshots: readonly IndexedRef[];
  query: string;
  filter: FileFilter;
  contextLines: number;
  /** Files of the ranking that were shown already. */
  shown: number;
  filesMax: number;
  /** false: only paths and counts. */
  withLines: boolean;
  /** Milliseconds, for the time budget of the first page. */
  clock: () => number;
}

interface RelevancePage {
  hits: FileHit[];
  isLast: boolean;
  /** The snapshots that were searched: later pages rank the same, however long it takes. */
  snapshots: readonly IndexedRef[];
  /** Not everything was looked at. */
  isTruncated: boolean;
}

/** One page of the best files for the words of the query, best first; equal scores by repository and path. */
export async function searchByRelevance(index: SearchIndex, query: RelevanceQuery): Promise<RelevancePage> {
  const { ranked, searched, isTruncated } = await rankFiles(index, query);
  const end = query.shown + query.filesMax;
  const page = ranked.slice(query.shown, end).map((hit) => (query.withLines ? hit : { ...hit, matches: [] }));
  const symbols = await markDefinitions(index, page);
  return {
    hits: page.map(({ blobId: _blobId, ...hit }, i) => withSymbols(hit, symbols[i])),
    isLast: end >= ranked.length,
    snapshots: query.snapshots.slice(0, searched),
    isTruncated,
  };
}

async function rankFiles(
  index: SearchIndex,
  query: RelevanceQuery,
): Promise<{ ranked: RankedHit[]; searched: number; isTruncated: boolean }> {
  const terms = termsOf(query.query);
  if (terms.length === 0) return { ranked: [], searched: query.snapshots.length, isTruncated: false };
  const msMax = query.shown === 0 ? PAGE_MS_MAX : Infinity;
  const { chunks, values, searched, isTruncated, ...promising } = await findPromising(index, {
    ...query,
    terms,
    msMax,
  });
  const files = new Map<string, OpenFile>();
  const places = chunks.toSorted((a, b) => a.segmentId - b.segmentId || a.ordinal - b.ordinal);
  const candidates = await readCandidates(index, { places, filter: query.filter, literal: undefined });
  const defined = await findNamesDefined(index.sql, candidates, terms);
  for (const [i, candidate] of candidates.entries()) {
    const snapshot = places[i]?.snapshot;
    if (snapshot) addChunk(files, { snapshot, candidate, defined, terms, query });
  }
  for (const { snapshot, blob_id: blobId, ...file } of promising.files)
    openFile(files, { snapshot, file, blobId, defined, terms });
  const ranked = [...files.values()]
    .map((file) => toHit(file, { terms, values }))
    .filter((hit) => hit.score > 0)
    .sort(
      (a, b) =>
        b.score - a.score ||
        (a.repository < b.repository ? -1 : a.repository > b.repository ? 1 : a.path < b.path ? -1 : 1),
    )
    .slice(0, RANKED_FILES_MAX);
  return { ranked, searched, isTruncated };
}

type DefinedNames = ReadonlyMap<BlobId, ReadonlySet<string>>;

async function findNamesDefined(
  sql: OrganizationSql,
  candidates: readonly Candidate[],
  terms: readonly Term[],
): Promise<DefinedNames> {
  const blobIds = [...new Set(candidates.map(({ blobId }) => blobId))];
  const rows = await listNamesDefined(sql, { blobIds, names: terms.map(({ text }) => text) });
  return new Map(rows.map(({ blob_id: blobId, names }) => [blobId, new Set(names)]));
}

type RankedHit = FileHit & { blobId: BlobId };

interface OpenFile {
  blobId: BlobId;
  repository: string;
  path: string;
  language: string;
  isTest: boolean;
  counts: number[];
  defined: ReadonlySet<string>;
  lines: { match: Match; distinct: number }[];
}

/** The file as it is ranked, with nothing counted yet when it was not there. */
function openFile(
  files: Map<string, OpenFile>,
  {
    snapshot: { repository },
    file: { path, language, is_test: isTest },
    blobId,
    defined,
    terms,
  }: { snapshot: IndexedRef; file: FileOfBlob; blobId: BlobId; defined: DefinedNames; terms: readonly Term[] },
): OpenFile {
  const key = `${repository}\n${path}`;
  const known = files.get(key);
  if (known) return known;
  const names = defined.get(blobId) ?? new Set();
  const counts = terms.map(() => 0);
  const opened = { blobId, repository, path, language, isTest, counts, defined: names, lines: [] };
  files.set(key, opened);
  return opened;
}

function addChunk(
  files: Map<string, OpenFile>,
  {
    snapshot,
    candidate,
    defined,
    terms,
    query,
  }: {
    snapshot: IndexedRef;
    candidate: Candidate;
    defined: DefinedNames;
    terms: readonly Term[];
    query: RelevanceQuery;
  },
): void {
  const lines = linesOf(candidate.content ?? "");
  const lowered = lines.map((line) => line.toLowerCase());
  const counts = terms.map(({ text }) => lowered.reduce((sum, line) => sum + occurrences(line, text), 0));
  const shown = bestLines({ lines, lowered, terms, contextLines: query.contextLines, firstLine: candidate.firstLine });
  for (const one of candidate.files ?? []) {
    const file = openFile(files, { snapshot, file: one, blobId: candidate.blobId, defined, terms });
    counts.forEach((count, i) => (file.counts[i] = (file.counts[i] ?? 0) + count));
    file.lines.push(...shown);
  }
}

/** Lines with the most different terms, at most RANKED_LINES_MAX. */
function bestLines({
  lines,
  lowered,
  terms,
  contextLines,
  firstLine,
}: {
  lines: readonly string[];
  lowered: readonly string[];
  terms: readonly Term[];
  contextLines: number;
  firstLine: number;
}): OpenFile["lines"] {
  return lowered
    .map((line, index) => ({ index, distinct: terms.filter(({ text }) => line.includes(text)).length }))
    .filter(({ distinct }) => distinct > 0)
    .sort((a, b) => b.distinct - a.distinct || a.index - b.index)
    .slice(0, RANKED_LINES_MAX)
    .map(({ index, distinct }) => {
      const line = lines[index] ?? "";
      const places = terms.map(({ text }) => (lowered[index] ?? "").indexOf(text)).filter((place) => place >= 0);
      // Lower case may be longer than the line it came from ("İ"); the place is then close, and never outside.
      const start = Math.min(line.length, ...places);
      const match: Match = { line: firstLine + index, column: columnOf(line, start), text: shownLine(line, start) };
      if (contextLines > 0) {
        match.before = lines.slice(Math.max(0, index - contextLines), index).map((text) => shownLine(text));
        match.after = lines.slice(index + 1, index + 1 + contextLines).map((text) => shownLine(text));
      }
      return { match, distinct };
    });
}

function occurrences(line: string, term: string): number {
  let count = 0;
  for (let at = line.indexOf(term); at >= 0; at = line.indexOf(term, at + term.length)) count++;
  return count;
}

function toHit(file: OpenFile, ranking: { terms: readonly Term[]; values: readonly number[] }): RankedHit {
  const lines = file.lines
    .sort((a, b) => b.distinct - a.distinct || a.match.line - b.match.line)
    .slice(0, RANKED_LINES_MAX);
  return {
    blobId: file.blobId,
    repository: file.repository,
    path: file.path,
    language: file.language,
    score: Math.round(scoreOf(file, ranking) * 1000) / 1000,
    match_count: file.counts.reduce((sum, count) => sum + count, 0),
    matches: mergeContext(lines.map(({ match }) => match).sort((a, b) => a.line - b.line)),
  };
}
