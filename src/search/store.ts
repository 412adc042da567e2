// Tables segments, segment_pages and segment_documents: writing a packed segment, reading its pages, and going
// from ordinals to the chunks of files. Every access is by integer or uuid equality, which row-level security
// leaves indexable; the text comparison runs on rows already fetched by key.
import type { SymbolKind } from "../languages/facts.ts";
import { foldedName } from "../languages/folded-name.ts";
import { fragment, type Fragment, type OrganizationSql } from "../platform/database.ts";
import { groupBy } from "../platform/group-by.ts";
import type { BlobId, RepositoryId, SegmentId } from "../platform/ids.ts";
import { KEPT_MINUTES } from "../repositories/limits.ts";
import { filesOf, holdsLines, type IndexedRef } from "../repositories/store.ts";
import type { PathFilter } from "./glob.ts";
import type { Segment } from "./segment.ts";

export interface NewSegment {
  repositoryId: RepositoryId;
  segment: Segment;
  /** By ordinal. */
  blobIds: readonly BlobId[];
  chunkNumbers: ArrayLike<number>;
  /** Segments in whose place the next snapshot lists this one. */
  replaces?: readonly SegmentId[];
}

/** Stores a segment that no snapshot lists yet. The pages travel as one binary value that the server cuts up. */
export async function saveSegment(
  sql: OrganizationSql,
  { repositoryId, segment, blobIds, chunkNumbers, replaces }: NewSegment,
): Promise<SegmentId> {
  const rows = await sql<{ id: SegmentId }>`
    insert into public.segments (organization_id, repository_id, documents, buckets, replaces)
    values (${sql.organizationId}, ${repositoryId}, ${segment.documents}, ${segment.buckets}, ${replaces ?? null})
    returning id`;
  const [row] = rows;
  if (!row) throw new Error("insert of a segment returned no row");
  let start = 0;
  const starts = segment.pages.map(({ data }) => (start += data.length) - data.length);
  await Promise.all([
    sql`
      insert into public.segment_pages (organization_id, segment_id, bucket, data)
      select ${sql.organizationId}, ${row.id}, p.bucket,
        substring(${Buffer.concat(segment.pages.map(({ data }) => data))}::bytea from p.start + 1 for p.length)
      from unnest(${segment.pages.map(({ bucket }) => bucket)}::int[], ${starts}::int[],
        ${segment.pages.map(({ data }) => data.length)}::int[]) as p(bucket, start, length)`,
    sql`
      insert into public.segment_documents (organization_id, segment_id, ordinal, blob_id, chunk_number)
      select ${sql.organizationId}, ${row.id}, d.ordinal - 1, d.blob_id, d.chunk_number
      from unnest(${blobIds}::bigint[], ${Array.from(chunkNumbers)}::int[]) with ordinality as d(blob_id, chunk_number, ordinal)`,
  ]);
  return row.id;
}

export interface SegmentRow {
  id: SegmentId;
  documents: number;
  buckets: number;
}

/** The segments of that id, in no order. */
export async function listSegments(sql: OrganizationSql, ids: readonly SegmentId[]): Promise<SegmentRow[]> {
  return sql.kept<SegmentRow>`
    select id, documents, buckets
    from public.segments
    where organization_id = ${sql.organizationId} and id = any(${ids}::bigint[])`;
}

/** Segments of the repository that wait to be listed in place of others, the earlier made first. */
export async function listReplacements(
  sql: OrganizationSql,
  repositoryId: RepositoryId,
): Promise<{ id: SegmentId; replaces: SegmentId[] }[]> {
  return sql<{ id: SegmentId; replaces: SegmentId[] }>`
    select id, replaces
    from public.segments
    where organization_id = ${sql.organizationId} and repository_id = ${repositoryId} and replaces is not null
    order by id`;
}

/** The blobs that each of the segments indexes, with the number of documents there. Of a segment they are always the same. */
export async function listIndexedBlobs(
  sql: OrganizationSql,
  segmentIds: readonly SegmentId[],
): Promise<{ segment_id: SegmentId; blob_id: BlobId; documents: number }[]> {
  return sql<{ segment_id: SegmentId; blob_id: BlobId; documents: number }>`
    select segment_id, blob_id, count(*)::int as documents
    from public.segment_documents
    where organization_id = ${sql.organizationId} and segment_id = any(${segmentIds}::bigint[])
    group by segment_id, blob_id`;
}

/** All pages of the segment, in no order. */
export async function readPages(sql: OrganizationSql, segmentId: SegmentId): Promise<Buffer[]> {
  const rows = await sql<{ data: Buffer }>`
    select data
    from public.segment_pages
    where organization_id = ${sql.organizationId} and segment_id = ${segmentId}`;
  return rows.map(({ data }) => data);
}

/**
 * Deletes the repository's segments that no snapshot lists which somebody may still ask (an older one may be there as
 * another's base), and that wait for none: one that replaces others is of use while a current snapshot lists all of
 * them. Only under the repository's lock.
 */
export async function deleteUnusedSegments(sql: OrganizationSql, repositoryId: RepositoryId): Promise<void> {
  await sql`
    delete from public.segments g
    where g.organization_id = ${sql.organizationId} and g.repository_id = ${repositoryId}
      and not exists (
        select from public.snapshots s
        where s.organization_id = g.organization_id and s.repository_id = g.repository_id
          and case
            when s.superseded_at is null then g.id = any(s.segment_ids) or g.replaces <@ s.segment_ids
            when s.superseded_at >= now() - ${KEPT_MINUTES} * interval '1 minute' then g.id = any(s.segment_ids)
          end)`;
}

/** Deletes one segment of the repository; 0 when there is none left. Only once its refs are gone. */
export async function deleteSegmentOf(sql: OrganizationSql, repositoryId: RepositoryId): Promise<number> {
  const rows = await sql`
    delete from public.segments
    where organization_id = ${sql.organizationId} and id = (
      select id from public.segments
      where organization_id = ${sql.organizationId} and repository_id = ${repositoryId}
      limit 1)
    returning id`;
  return rows.length;
}

// ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────
// Right after indexing there are no statistics, and plans would be guesses (44 times slower at worst). So each
// statement here leaves one plan only: for every wanted row a look-up by key, in a lateral join that `limit` or
// `offset` keeps from being turned into another one. `+ 0` takes a column away from the index that must not serve:
// without statistics any two columns look as good as the two that find a single row.

/** The page of each (segment, bucket) that is there, by its place in the lists. */
export async function listPages(
  sql: OrganizationSql,
  { segmentIds, buckets }: { segmentIds: readonly SegmentId[]; buckets: readonly number[] },
): Promise<{ place: number; data: Buffer }[]> {
  return sql.kept<{ place: number; data: Buffer }>`
    select w.place - 1 as place, p.data
    from unnest(${segmentIds}::bigint[], ${buckets}::int[]) with ordinality as w(segment_id, bucket, place)
    cross join lateral (
      select data
      from public.segment_pages
      where organization_id = ${sql.organizationId} and segment_id = w.segment_id and bucket = w.bucket
      limit 1
    ) p`;
}

/** The chunks that a segment indexes: of the document with ordinal i, blob `blobIds[i]` and chunk `numbers[i]`. */
export interface SegmentDocuments {
  blobIds: readonly BlobId[];
  numbers: Uint32Array;
}

/** All of the segment's documents. They travel as two binary values: a row each took ten times as long. */
export async function readDocuments(sql: OrganizationSql, segmentId: SegmentId): Promise<SegmentDocuments> {
  const rows = await sql.kept<{ blob_ids: Buffer | null; numbers: Buffer | null }>`
    select string_agg(int8send(blob_id), '' order by ordinal) as blob_ids,
      string_agg(int4send(chunk_number), '' order by ordinal) as numbers
    from public.segment_documents
    where organization_id = ${sql.organizationId} and segment_id = ${segmentId}`;
  const { blob_ids: ids, numbers } = rows[0] ?? {};
  if (!ids || !numbers) return { blobIds: [], numbers: new Uint32Array(0) };
  return {
    // Column blob_id holds ids of blobs.
    blobIds: Array.from({ length: ids.length / 8 }, (_, i) => Number(ids.readBigInt64BE(i * 8)) as BlobId),
    numbers: Uint32Array.from({ length: numbers.length / 4 }, (_, i) => numbers.readInt32BE(i * 4)),
  };
}

/** What files must be like to be searched; part of every plan. */
export interface FileFilter {
  paths: PathFilter | undefined;
  language: string | undefined;
  includeTests: boolean;
}

function passes({ paths, language, includeTests }: FileFilter): Fragment {
  return fragment`(
    ${language === undefined ? fragment`true` : fragment`f.language = ${language}`}
    and ${includeTests ? fragment`true` : fragment`not f.is_test`}
    and ${paths && paths.include.length > 0 ? fragment`f.path ~ any(${paths.include})` : fragment`true`}
    and ${paths && paths.exclude.length > 0 ? fragment`not f.path ~ any(${paths.exclude})` : fragment`true`}
  )`;
}

/**
 * By segment the ordinals, ascending, of the chunks of the snapshot's files that pass the filter; undefined when these
 * have more than `blobsMax` blobs.
 */
export async function findFewOrdinals(
  sql: OrganizationSql,
  { snapshot, filter, blobsMax }: { snapshot: IndexedRef; filter: FileFilter; blobsMax: number },
): Promise<Map<SegmentId, Uint32Array> | undefined> {
  const blobs = await sql<{ blob_id: BlobId }>`
    select f.blob_id
    from ${filesOf(sql, snapshot)} f
    where f.blob_id is not null and ${passes(filter)}
    limit ${blobsMax + 1}`;
  if (blobs.length > blobsMax) return undefined;
  const rows = await listDocumentsOfBlobs(sql, {
    blobIds: [...new Set(blobs.map((row) => row.blob_id))],
    segmentIds: snapshot.segment_ids,
  });
  const grouped = groupBy(rows, (row) => row.segment_id);
  return new Map([...grouped].map(([id, members]) => [id, Uint32Array.from(members, (row) => row.ordinal)]));
}

/** Where the chunks of the blobs are in the segments, by segment and ordinal. */
export async function listDocumentsOfBlobs(
  sql: OrganizationSql,
  { blobIds, segmentIds }: { blobIds: readonly BlobId[]; segmentIds: readonly SegmentId[] },
): Promise<{ blob_id: BlobId; segment_id: SegmentId; ordinal: number }[]> {
  return sql.kept<{ blob_id: BlobId; segment_id: SegmentId; ordinal: number }>`
    select w.blob_id, d.segment_id, d.ordinal
    from unnest(${blobIds}::bigint[]) as w(blob_id)
    cross join lateral (
      select segment_id, ordinal
      from public.segment_documents
      where organization_id = ${sql.organizationId} and blob_id = w.blob_id
        and segment_id + 0 = any(${segmentIds}::bigint[])
      offset 0
    ) d
    order by d.segment_id, d.ordinal`;
}

/**
 * Blobs with a symbol of that name that files of the snapshots or their bases have which pass the filter, at most `limit`, likeliest
 * first by `rank`, each with the first `linesMax` lines on which one is. Of symbols of that name `symbolsMax` are looked at,
 * of those that are called so in other letters twice as many. `rank`: even for the very letters, odd for others; 0 and 1 for types and
 * functions that stand in nothing, 2 and 3 for modules, methods and what stands in something, 4 and 5 for what is only a place for a value.
 */
export async function listBlobsDefining(
  sql: OrganizationSql,
  {
    name,
    caseSensitive,
    snapshots,
    filter,
    ...bounds
  }: {
    name: string;
    caseSensitive: boolean;
    snapshots: readonly IndexedRef[];
    filter: FileFilter;
    symbolsMax: number;
    linesMax: number;
    limit: number;
  },
): Promise<{ blob_id: BlobId; lines: number[]; rank: number }[]> {
  const ids = snapshots.flatMap((snapshot) => [snapshot.snapshot_id, snapshot.base_snapshot_id ?? []].flat());
  const called = (test: Fragment) => fragment`
    (select blob_id, line, name, kind, container
    from public.symbols
    where organization_id = ${sql.organizationId} and folded_name = ${foldedName(name)} and name ${test}
    limit ${bounds.symbolsMax})`;
  const same = called(fragment`= ${name}`);
  // Two ranges of the index: of 500,000 symbols that are called so in these letters "not these" would pass over each.
  const found = caseSensitive
    ? same
    : fragment`${same} union all ${called(fragment`< ${name}`)} union all ${called(fragment`> ${name}`)}`;
  return sql<{ blob_id: BlobId; lines: number[]; rank: number }>`
    select w.blob_id, w.lines, w.rank
    from (
      select s.blob_id, (array_agg(distinct s.line order by s.line))[:${bounds.linesMax}::int] as lines,
        min(case when s.kind = any(${PLACE_KINDS}::text[]) then 4
          when s.container is null and s.kind <> all(${INNER_KINDS}::text[]) then 0 else 2 end + (s.name <> ${name})::int) as rank
      from (${found}) s
      group by s.blob_id
      order by rank, s.blob_id
    ) w
    cross join lateral (
      select
      from public.files f
      where f.organization_id = ${sql.organizationId} and f.blob_id = w.blob_id
        and f.snapshot_id + 0 = any(${ids}::bigint[]) and ${passes(filter)}
      limit 1
    ) f
    order by w.rank, w.blob_id
    limit ${bounds.limit}`;
}

/** See listBlobsDefining. */
const PLACE_KINDS: SymbolKind[] = ["property", "variable", "enum_member"];
const INNER_KINDS: SymbolKind[] = ["module", "method", "constructor", "constant"];

/** Which of the names, folded, each of the blobs defines. */
export async function listNamesDefined(
  sql: OrganizationSql,
  { blobIds, names }: { blobIds: readonly BlobId[]; names: readonly string[] },
): Promise<{ blob_id: BlobId; names: string[] }[]> {
  return sql.kept<{ blob_id: BlobId; names: string[] }>`
    select w.blob_id, array_agg(distinct s.name) as names
    from unnest(${blobIds}::bigint[]) as w(blob_id)
    cross join lateral (
      select folded_name as name
      from public.symbols
      where organization_id = ${sql.organizationId} and blob_id = w.blob_id and folded_name || '' = any(${names}::text[])
      offset 0
    ) s
    group by w.blob_id`;
}

/** For each blob, by its place in the list, the first `limit` symbols of its facts in that grammar. */
export async function listSymbolsOfBlobs(
  sql: OrganizationSql,
  { blobs, limit }: { blobs: readonly { blobId: BlobId; grammar: string }[]; limit: number },
): Promise<{ place: number; name: string; container: string | null; kind: SymbolKind; line: number }[]> {
  return sql.kept`
    select w.place - 1 as place, s.name, s.container, s.kind, s.line
    from unnest(${blobs.map(({ blobId }) => blobId)}::bigint[], ${blobs.map(({ grammar }) => grammar)}::text[])
      with ordinality as w(blob_id, grammar, place)
    cross join lateral (
      select number, name, container, kind, line
      from public.symbols
      where organization_id = ${sql.organizationId} and blob_id = w.blob_id and grammar = w.grammar
      order by number
      limit ${limit}
    ) s
    order by w.place, s.line, s.number`;
}

export interface FileOfBlob {
  path: string;
  language: string;
  is_test: boolean;
}

/** For each blob, by its place in the list, the files of its snapshot that have it and pass the filter, by path. */
export async function listFilesOfBlobs(
  sql: OrganizationSql,
  { blobs, filter }: { blobs: readonly { snapshot: IndexedRef; blobId: BlobId }[]; filter: FileFilter },
): Promise<(FileOfBlob & { place: number })[]> {
  return sql.kept<FileOfBlob & { place: number }>`
    select w.place - 1 as place, f.path, f.language, f.is_test
    from unnest(${blobs.map(({ blobId }) => blobId)}::bigint[],
      ${blobs.map(({ snapshot }) => snapshot.snapshot_id)}::bigint[],
      ${blobs.map(({ snapshot }) => snapshot.base_snapshot_id)}::bigint[])
      with ordinality as w(blob_id, own, base, place)
    cross join lateral (
      select f.path, f.language, f.is_test
      from public.files f
      where f.organization_id = ${sql.organizationId} and f.blob_id = w.blob_id
        and f.snapshot_id + 0 = any(array[w.own, w.base])
        and (f.snapshot_id = w.own or not exists (
          select from public.files o
          where o.organization_id = ${sql.organizationId} and o.snapshot_id = w.own and o.path = f.path
          offset 0))
        and ${passes(filter)}
      offset 0
    ) f
    order by w.place, f.path`;
}

interface ChunkKey {
  blobId: BlobId;
  number: number;
}

interface ChunkText {
  blob_id: BlobId;
  number: number;
  first_line: number;
  content: string | null;
}

/**
 * The chunks in the order asked for; with `literal` those that hold it. From the one on with which they come to more than
 * `bytesMax`, at least a largest file, `content` is null: not read.
 */
export async function listTexts(
  sql: OrganizationSql,
  { chunks, literal, bytesMax }: { chunks: readonly ChunkKey[]; literal: string | undefined; bytesMax: number },
): Promise<ChunkText[]> {
  // The length of a text that is kept apart is known without reading it.
  return sql.kept<ChunkText>`
    select t.blob_id, t.number, t.first_line, t.content
    from (
      select w.place, w.blob_id, w.number, c.first_line,
        case when sum(octet_length(c.content)) over (order by w.place) <= ${bytesMax} then c.content end as content
      from unnest(${chunks.map(({ blobId }) => blobId)}::bigint[], ${chunks.map(({ number }) => number)}::int[])
        with ordinality as w(blob_id, number, place)
      cross join lateral (
        select first_line, content
        from public.blob_chunks
        where organization_id = ${sql.organizationId} and blob_id = w.blob_id and number = w.number
        limit 1
      ) c
    ) t
    where ${literal === undefined ? fragment`true` : fragment`t.content is null or strpos(t.content, ${literal}) > 0`}
    order by t.place`;
}

/**
 * The chunks that hold the lines, by number. One longer than `longChunkBytes` is a single line (splitChunks): of it
 * the first `charactersMax` characters and a newline.
 */
export async function listContext(
  sql: OrganizationSql,
  {
    blobId,
    startLine,
    endLine,
    longChunkBytes,
    charactersMax,
  }: { blobId: BlobId; startLine: number; endLine: number; longChunkBytes: number; charactersMax: number },
): Promise<{ first_line: number; content: string }[]> {
  return sql.kept<{ first_line: number; content: string }>`
    select first_line,
      case when octet_length(content) > ${longChunkBytes} then left(content, ${charactersMax}) || E'\\n'
        else content end as content
    from public.blob_chunks
    where ${holdsLines(sql, { blobId, startLine, endLine })}
    order by number`;
}

export interface FileByPath extends FileOfBlob {
  blob_id: BlobId;
}

/** Files of the snapshot that pass and whose path contains terms, the heaviest sum of weights first. */
export async function listFilesByPath(
  sql: OrganizationSql,
  {
    snapshot,
    filter,
    terms,
    weights,
    limit,
  }: { snapshot: IndexedRef; filter: FileFilter; terms: readonly string[]; weights: readonly number[]; limit: number },
): Promise<FileByPath[]> {
  return sql<FileByPath>`
    select f.path, f.language, f.is_test, f.blob_id
    from ${filesOf(sql, snapshot)} f
    join lateral (
      select sum(t.weight) as weight
      from unnest(${terms}::text[], ${weights}::float8[]) as t(term, weight)
      where strpos(lower(f.path), t.term) > 0
    ) w on w.weight > 0
    where f.blob_id is not null and ${passes(filter)}
    order by w.weight desc, length(f.path), f.path
    limit ${limit}`;
}
