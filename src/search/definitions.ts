// What the symbols in the facts of the indexed texts add to a search: files that define what was asked for come first,
// and the lines shown that define something say so.
import { FACTS_VERSION, grammarOf } from "../languages/grammar.ts";
import { groupBy } from "../platform/group-by.ts";
import type { BlobId } from "../platform/ids.ts";
import type { Sort } from "../platform/memory.ts";
import type { IndexedRef } from "../repositories/store.ts";
import { findFilesOfBlobs, type SearchIndex } from "./index-reader.ts";
import {
  DEFINING_BLOBS_MAX,
  DEFINING_LINES_MAX,
  DEFINING_SYMBOLS_MAX,
  DEFINITIONS_FIRST_MAX,
  REMEMBERED_SYMBOL_BYTES,
  SYMBOLS_OF_BLOB_MAX,
} from "./limits.ts";
import type { Match, MarkedSymbol } from "./snippet.ts";
import { listBlobsDefining, listDocumentsOfBlobs, listSymbolsOfBlobs, type FileFilter } from "./store.ts";

/** A blob that defines what was asked for, in the snapshot of that place in the list of snapshots. */
export interface Definition {
  snapshot: number;
  blobId: BlobId;
  /** The first lines on which it does. */
  lines: number[];
}

/** Names as languages write them: `user?`, `save!`, `foo'`, `$el` and `#private` too. */
const IDENTIFIER = /^[$#@]?[\p{L}_$][\p{L}\p{N}_$]*[?!'=]?$/u;

/**
 * The blobs that define a symbol of that name, when the query can be one: the first DEFINITIONS_FIRST_MAX of those that have
 * a file which passes the filter, as listBlobsDefining ranks them, those of one rank in index order.
 */
export async function findDefinitions(
  index: SearchIndex,
  { snapshots, query, caseSensitive, filter }: DefinitionsAsked,
): Promise<Definition[]> {
  if (!IDENTIFIER.test(query)) return [];
  const remembered = index.memory.of(DEFINITIONS);
  const ids = snapshots.map(({ snapshot_id: id }) => id).join(" ");
  const key = `${index.sql.organizationId} ${query} ${caseSensitive} ${JSON.stringify(filter)} ${ids}`;
  const known = remembered.get(key);
  if (known) return known;
  const found = await lookUp(index, { snapshots, query, caseSensitive, filter });
  remembered.set(key, found, key.length + found.length * 100);
  return found;
}

interface DefinitionsAsked {
  snapshots: readonly IndexedRef[];
  query: string;
  caseSensitive: boolean;
  filter: FileFilter;
}

const DEFINITIONS: Sort<Definition[]> = { name: "definitions", bytesMax: REMEMBERED_SYMBOL_BYTES };

async function lookUp(
  index: SearchIndex,
  { snapshots, query: name, caseSensitive, filter }: DefinitionsAsked,
): Promise<Definition[]> {
  const defining = await listBlobsDefining(index.sql, {
    name,
    caseSensitive,
    snapshots,
    filter,
    symbolsMax: DEFINING_SYMBOLS_MAX,
    linesMax: DEFINING_LINES_MAX,
    limit: DEFINING_BLOBS_MAX,
  });
  if (defining.length === 0) return [];
  const byBlob = new Map(defining.map((one) => [one.blob_id, one]));
  const rankOf = (blobId: BlobId) => byBlob.get(blobId)?.rank ?? 0;
  const blobIds = [...byBlob.keys()];
  const segmentIds = [...new Set(snapshots.flatMap(({ segment_ids }) => segment_ids))];
  const rows = await listDocumentsOfBlobs(index.sql, { blobIds, segmentIds });
  const bySegment = groupBy(rows, (row) => row.segment_id);
  const places = snapshots.flatMap((snapshot, at) =>
    snapshot.segment_ids.flatMap((segmentId) =>
      [...new Set(bySegment.get(segmentId)?.map((row) => row.blob_id))].map((blobId) => ({ snapshot, at, blobId })),
    ),
  );
  const files = await findFilesOfBlobs(index, { chunks: places, filter });
  return places
    .filter((_, i) => (files[i]?.length ?? 0) > 0)
    .sort((a, b) => rankOf(a.blobId) - rankOf(b.blobId))
    .slice(0, DEFINITIONS_FIRST_MAX)
    .map(({ at, blobId }) => ({ snapshot: at, blobId, lines: byBlob.get(blobId)?.lines ?? [] }));
}

/** What each file, which shows these matches, defines on their lines. */
export async function markDefinitions(
  { sql, memory }: SearchIndex,
  files: readonly { path: string; blobId: BlobId; matches: readonly Match[] }[],
): Promise<MarkedSymbol[][]> {
  const remembered = memory.of(SYMBOLS);
  const asked = files.map(({ path, blobId, matches }) => {
    const grammar = matches.length > 0 ? grammarOf(path) : undefined;
    return { blobId, grammar: grammar ?? "", key: `${sql.organizationId} ${blobId} ${grammar} ${FACTS_VERSION}` };
  });
  const known = new Map(asked.map(({ key }) => [key, remembered.get(key)]));
  const missing = [...new Map(asked.map((one) => [one.key, one])).values()].filter(
    ({ grammar, key }) => grammar !== "" && !known.get(key),
  );
  if (missing.length > 0) {
    const rows = await listSymbolsOfBlobs(sql, { blobs: missing, limit: SYMBOLS_OF_BLOB_MAX });
    const byPlace = groupBy(rows, (row) => row.place);
    for (const [place, { key }] of missing.entries()) {
      const symbols = (byPlace.get(place) ?? []).map(({ name, container, kind, line }): MarkedSymbol => ({
        name: container === null ? name : `${container}.${name}`,
        kind,
        line,
      }));
      known.set(key, symbols);
      remembered.set(key, symbols, key.length + symbols.length * SYMBOL_BYTES);
    }
  }
  return files.map(({ matches }, i) => {
    const lines = new Set(matches.map(({ line }) => line));
    return (known.get(asked[i]?.key ?? "") ?? []).filter(({ line }) => lines.has(line));
  });
}

const SYMBOLS: Sort<MarkedSymbol[]> = { name: "symbols", bytesMax: REMEMBERED_SYMBOL_BYTES };
const SYMBOL_BYTES = 100;
