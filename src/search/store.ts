// Tables segments, segment_pages and segment_documents: writing a packed segment, reading its pages, and going
// from ordinals to the chunks of files. Every access is by integer or uuid equality, which row-level security
// leaves indexable; the text comparison runs on rows already fetched by key.
import { fragment, type Fragment, type OrganizationSql } from "../platform/database.ts";
import type { BlobId, RepositoryId, SegmentId } from "../platform/ids.ts";
import { filesOf, type IndexedRef } from "../repositories/store.ts";
import type { PathFilter } from "./glob.ts";
import { gramHash, type Segment } from "./segment.ts";

export interface NewSegment {
  repositoryId: RepositoryId;
  segment: Segment;
  /** By ordinal. */
  blobIds: readonly BlobId[];
  chunkNumbers: readonly number[];
}

/** Stores a segment that no snapshot lists yet. The pages travel as one binary value that the server cuts up. */
export async function saveSegment(
  sql: OrganizationSql,
  { repositoryId, segment, blobIds, chunkNumbers }: NewSegment,
): Promise<SegmentId> {
  const rows = await sql<{ id: SegmentId }>`
    insert into public.segments (organization_id, repository_id, documents, buckets)
    values (${sql.organizationId}, ${repositoryId}, ${segment.documents}, ${segment.buckets})
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
      from unnest(${blobIds}::bigint[], ${chunkNumbers}::int[]) with ordinality as d(blob_id, chunk_number, ordinal)`,
  ]);
  return row.id;
}

export interface SegmentRow {
  id: SegmentId;
  documents: number;
}

/** The segments of that id, in no order. */
export async function listSegments(sql: OrganizationSql, ids: readonly number[]): Promise<SegmentRow[]> {
  return sql<SegmentRow>`
    select id, documents
    from public.segments
    where organization_id = ${sql.organizationId} and id = any(${ids}::bigint[])`;
}

/** Of `blobIds`, those that one of the segments indexes. */
export async function listIndexedBlobs(
  sql: OrganizationSql,
  { segmentIds, blobIds }: { segmentIds: readonly SegmentId[]; blobIds: readonly BlobId[] },
): Promise<BlobId[]> {
  const rows = await sql<{ blob_id: BlobId }>`
    select distinct blob_id
    from public.segment_documents
    where organization_id = ${sql.organizationId} and blob_id = any(${blobIds}::bigint[])
      and segment_id = any(${segmentIds}::bigint[])`;
  return rows.map((row) => row.blob_id);
}

/** Every blob of the segment. */
export async function listBlobsOfSegments(sql: OrganizationSql, segmentIds: readonly SegmentId[]): Promise<BlobId[]> {
  const rows = await sql<{ blob_id: BlobId }>`
    select distinct blob_id
    from public.segment_documents
    where organization_id = ${sql.organizationId} and segment_id = any(${segmentIds}::bigint[])`;
  return rows.map((row) => row.blob_id);
}

/** Deletes the repository's segments that no snapshot lists. Only under the repository's lock. */
export async function deleteUnusedSegments(sql: OrganizationSql, repositoryId: RepositoryId): Promise<void> {
  await sql`
    delete from public.segments g
    where g.organization_id = ${sql.organizationId} and g.repository_id = ${repositoryId}
      and not exists (
        select from public.snapshots s
        where s.organization_id = g.organization_id and s.repository_id = g.repository_id and g.id = any(s.segment_ids))`;
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

export interface PageRow {
  segment_id: SegmentId;
  documents: number;
  buckets: number;
  /** Null with `bucket`: the segment has none of the asked pages. */
  bucket: number | null;
  data: Buffer | null;
}

/** The pages of each segment that hold the grams; every segment gives at least one row. */
export async function listPages(
  sql: OrganizationSql,
  { segmentIds, grams }: { segmentIds: readonly number[]; grams: readonly number[] },
): Promise<PageRow[]> {
  // The bucket is the top bits of the hash: hash × buckets / 2^32, for buckets is a power of two.
  return sql<PageRow>`
    select s.id as segment_id, s.documents, s.buckets, p.bucket, p.data
    from public.segments s
    left join lateral (
      select distinct (h.hash * s.buckets) >> 32 as bucket
      from unnest(${[...new Set(grams.map(gramHash))]}::bigint[]) as h(hash)
    ) w on true
    left join public.segment_pages p
      on p.organization_id = s.organization_id and p.segment_id = s.id and p.bucket = w.bucket
    where s.organization_id = ${sql.organizationId} and s.id = any(${segmentIds}::bigint[])`;
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

/** Blobs of the snapshot's files that pass, when there are at most `blobsMax` of them; else undefined. */
export async function findFewBlobs(
  sql: OrganizationSql,
  { snapshot, filter, blobsMax }: { snapshot: IndexedRef; filter: FileFilter; blobsMax: number },
): Promise<BlobId[] | undefined> {
  const rows = await sql<{ blob_id: BlobId }>`
    select f.blob_id
    from ${filesOf(sql, snapshot)} f
    where f.blob_id is not null and ${passes(filter)}
    limit ${blobsMax + 1}`;
  return rows.length > blobsMax ? undefined : [...new Set(rows.map((row) => row.blob_id))];
}

/** Ordinals of the blobs' chunks in each segment, ascending. */
export async function listOrdinals(
  sql: OrganizationSql,
  { segmentIds, blobIds }: { segmentIds: readonly number[]; blobIds: readonly BlobId[] },
): Promise<{ segment_id: SegmentId; ordinal: number }[]> {
  return sql<{ segment_id: SegmentId; ordinal: number }>`
    select segment_id, ordinal
    from public.segment_documents
    where organization_id = ${sql.organizationId} and blob_id = any(${blobIds}::bigint[])
      and segment_id = any(${segmentIds}::bigint[])
    order by segment_id, ordinal`;
}

/** A candidate: a chunk, with the files of the snapshot that have it. */
export interface Candidate {
  ordinal: number;
  blob_id: BlobId;
  chunk_number: number;
  first_line: number;
  /** How many chunks its blob has. */
  chunks: number;
  /** Null when the required text is not in it: counted as read, then dropped. */
  content: string | null;
  files: { path: string; language: string; is_test: boolean; size_bytes: number }[];
}

/**
 * Chunks of the ordinals that belong to a file of the snapshot passing the filter, by ordinal. `literal`, when
 * given, must occur in the chunk.
 */
export async function listCandidates(
  sql: OrganizationSql,
  {
    snapshot,
    segmentId,
    ordinals,
    filter,
    literal,
  }: {
    snapshot: IndexedRef;
    segmentId: number;
    ordinals: readonly number[];
    filter: FileFilter;
    literal: string | undefined;
  },
): Promise<Candidate[]> {
  const { snapshot_id: own, base_snapshot_id: base } = snapshot;
  return sql<Candidate>`
    select d.ordinal, d.blob_id, d.chunk_number, c.first_line, b.chunks,
      ${literal === undefined ? fragment`c.content` : fragment`case when strpos(c.content, ${literal}) > 0 then c.content end`} as content, l.files
    from unnest(${ordinals}::int[]) as o(ordinal)
    join public.segment_documents d
      on d.organization_id = ${sql.organizationId} and d.segment_id = ${segmentId} and d.ordinal = o.ordinal
    join lateral (
      select jsonb_agg(jsonb_build_object('path', f.path, 'language', f.language, 'is_test', f.is_test, 'size_bytes', f.size_bytes) order by f.path) as files
      from public.files f
      where f.organization_id = ${sql.organizationId} and f.blob_id = d.blob_id
        and (f.snapshot_id = ${own} or (f.snapshot_id = ${base} and not exists (
          select from public.files p
          where p.organization_id = ${sql.organizationId} and p.snapshot_id = ${own} and p.path = f.path)))
        and ${passes(filter)}
    ) l on l.files is not null
    join public.blobs b on b.organization_id = ${sql.organizationId} and b.id = d.blob_id
    join public.blob_chunks c
      on c.organization_id = ${sql.organizationId} and c.blob_id = d.blob_id and c.number = d.chunk_number
    order by d.ordinal`;
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
): Promise<{ path: string; language: string; is_test: boolean; blob_id: BlobId }[]> {
  return sql<{ path: string; language: string; is_test: boolean; blob_id: BlobId }>`
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
