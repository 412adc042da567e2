// Tables snapshots, files, blobs and blob_chunks: the content of an organization, once, and what each snapshot
// makes of it. Everything written here is invisible until `publish` makes a ref point at it.
import type { OrganizationSql, Sql } from "../platform/database.ts";
import type { BlobId, OrganizationId, RepositoryId, SegmentId, SnapshotId } from "../platform/ids.ts";
import { SUPERSEDED_MINUTES } from "./limits.ts";

export interface KnownBlob {
  oid: string;
  id: BlobId;
  size_bytes: number;
  chunks: number;
  problem: string | null;
}

/** Those of `oids` that the organization has, in no particular order. */
export async function listKnownBlobs(sql: OrganizationSql, oids: readonly string[]): Promise<KnownBlob[]> {
  return sql<KnownBlob>`
    select oid, id, size_bytes, chunks, problem
    from public.blobs
    where organization_id = ${sql.organizationId} and oid = any(${oids})`;
}

/** Blobs in one flat buffer, as the threads hand them over. */
export interface BlobBatch {
  blobs: { oid: string; sizeBytes: number; lines: number; chunks: number; problem: string | undefined }[];
  /** Chunk i belongs to `blobs[chunkBlobs[i]]` and is `text` from `starts[i]`, `lengths[i]` bytes. */
  chunkBlobs: number[];
  numbers: number[];
  firstLines: number[];
  starts: number[];
  lengths: number[];
  text: Uint8Array;
}

/**
 * Stores blobs with their chunks, all or none; those that another job stored meanwhile are left as they are.
 * The text travels as one binary value that is cut up by the server: no quoting, no second copy in this process.
 */
export async function saveBlobs(sql: OrganizationSql, batch: BlobBatch): Promise<{ oid: string; id: BlobId }[]> {
  const { blobs } = batch;
  const oids = blobs.map((blob) => blob.oid);
  await sql`
    with saved as (
      insert into public.blobs (organization_id, oid, size_bytes, lines, chunks, problem)
      select ${sql.organizationId}, b.oid, b.size_bytes, b.lines, b.chunks, b.problem
      from unnest(${oids}::text[], ${blobs.map((b) => b.sizeBytes)}::bigint[], ${blobs.map((b) => b.lines)}::int[],
        ${blobs.map((b) => b.chunks)}::int[], ${blobs.map((b) => b.problem ?? null)}::text[])
        as b(oid, size_bytes, lines, chunks, problem)
      order by b.oid
      on conflict (organization_id, oid) do nothing
      returning id, oid
    )
    insert into public.blob_chunks (organization_id, blob_id, number, first_line, content)
    select ${sql.organizationId}, s.id, c.number, c.first_line,
      convert_from(substring(${Buffer.from(batch.text.buffer, batch.text.byteOffset, batch.text.length)}::bytea from c.start + 1 for c.length), 'UTF8')
    from unnest(${batch.chunkBlobs.map((i) => blobs[i]?.oid ?? "")}::text[], ${batch.numbers}::int[], ${batch.firstLines}::int[],
      ${batch.starts}::int[], ${batch.lengths}::int[]) as c(oid, number, first_line, start, length)
    join saved s on s.oid = c.oid`;
  return sql<{ oid: string; id: BlobId }>`
    select oid, id from public.blobs where organization_id = ${sql.organizationId} and oid = any(${oids})`;
}

export interface StoredFile {
  path: string;
  is_base: boolean;
  removed: boolean;
  blob_id: BlobId | null;
  oid: string | null;
  problem: string | null;
  stamp: string | null;
  indexed_at: Date;
}

/** Rows of the snapshot and of its base, as stored. */
export async function listStoredFiles(
  sql: OrganizationSql,
  snapshot: { snapshot_id: SnapshotId; base_snapshot_id: SnapshotId | null },
): Promise<StoredFile[]> {
  return sql<StoredFile>`
    select f.path, f.snapshot_id = ${snapshot.base_snapshot_id ?? snapshot.snapshot_id} as is_base, f.removed, f.blob_id, b.oid,
      f.problem, f.stamp, f.indexed_at
    from public.files f
    left join public.blobs b on b.organization_id = f.organization_id and b.id = f.blob_id
    where f.organization_id = ${sql.organizationId} and f.snapshot_id in (${snapshot.snapshot_id}, ${snapshot.base_snapshot_id})`;
}

export interface NewSnapshot {
  repositoryId: RepositoryId;
  ref: string;
  commit: string;
  dirty: boolean;
  baseSnapshotId: SnapshotId | undefined;
  segmentIds: readonly SegmentId[];
}

/** A snapshot nobody can see yet. */
export async function createSnapshot(sql: OrganizationSql, snapshot: NewSnapshot): Promise<SnapshotId> {
  const rows = await sql<{ id: SnapshotId }>`
    insert into public.snapshots (organization_id, repository_id, ref, commit, dirty, base_snapshot_id, segment_ids)
    values (${sql.organizationId}, ${snapshot.repositoryId}, ${snapshot.ref}, ${snapshot.commit}, ${snapshot.dirty},
      ${snapshot.baseSnapshotId ?? null}, ${snapshot.segmentIds})
    returning id`;
  const [row] = rows;
  if (!row) throw new Error("insert of a snapshot returned no row");
  return row.id;
}

export interface NewFile {
  path: string;
  blobId: BlobId | undefined;
  removed: boolean;
  language: string;
  isTest: boolean;
  sizeBytes: number;
  problem: string | undefined;
  stamp: string | undefined;
  indexedAt: Date;
}

export async function saveFiles(
  sql: OrganizationSql,
  snapshotId: SnapshotId,
  files: readonly NewFile[],
): Promise<void> {
  await sql`
    insert into public.files (organization_id, snapshot_id, path, blob_id, removed, language, is_test, size_bytes, problem, stamp, indexed_at)
    select ${sql.organizationId}, ${snapshotId}, f.path, f.blob_id, f.removed, f.language, f.is_test, f.size_bytes, f.problem, f.stamp, f.indexed_at
    from unnest(${files.map((f) => f.path)}::text[], ${files.map((f) => f.blobId ?? null)}::bigint[], ${files.map((f) => f.removed)}::boolean[],
      ${files.map((f) => f.language)}::text[], ${files.map((f) => f.isTest)}::boolean[], ${files.map((f) => f.sizeBytes)}::bigint[],
      ${files.map((f) => f.problem ?? null)}::text[], ${files.map((f) => f.stamp ?? null)}::text[],
      ${files.map((f) => f.indexedAt.toISOString())}::timestamptz[])
      as f(path, blob_id, removed, language, is_test, size_bytes, problem, stamp, indexed_at)`;
}

export interface SnapshotTotals {
  files: number;
  problems: number;
  sizeBytes: number;
  languages: Record<string, number>;
}

/** Makes the snapshot readable and the ref's earlier ones superseded. The ref itself is set by the caller, in the same transaction. */
export async function publishSnapshot(
  sql: OrganizationSql,
  snapshotId: SnapshotId,
  totals: SnapshotTotals,
): Promise<void> {
  await sql`
    update public.snapshots
    set ready_at = now(), files = ${totals.files}, problems = ${totals.problems}, size_bytes = ${totals.sizeBytes}, languages = ${JSON.stringify(totals.languages)}
    where organization_id = ${sql.organizationId} and id = ${snapshotId}`;
  await sql`
    update public.snapshots o
    set superseded_at = now()
    from public.snapshots n
    where n.organization_id = ${sql.organizationId} and n.id = ${snapshotId}
      and o.organization_id = n.organization_id and o.repository_id = n.repository_id and o.ref = n.ref
      and o.id <> n.id and o.superseded_at is null`;
}

// ── sweeping ──────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Deletes snapshots of the repository that nobody can ask for any more: superseded for SUPERSEDED_MINUTES, or left
 * behind by a crash. Only under the repository's lock, when no job is building. A base stays while it is needed.
 */
export async function deleteOldSnapshots(sql: OrganizationSql, repositoryId: RepositoryId): Promise<void> {
  await sql`
    delete from public.snapshots s
    where s.organization_id = ${sql.organizationId} and s.repository_id = ${repositoryId}
      and (s.ready_at is null or s.superseded_at < now() - ${SUPERSEDED_MINUTES} * interval '1 minute')
      and not exists (
        select from public.refs f where f.organization_id = s.organization_id and f.snapshot_id = s.id)
      and not exists (
        select from public.snapshots o
        where o.organization_id = s.organization_id and o.base_snapshot_id = s.id
          and o.ready_at is not null and (o.superseded_at is null or o.superseded_at >= now() - ${SUPERSEDED_MINUTES} * interval '1 minute'))`;
}

/** Deletes up to `limit` files of the repository's snapshots. Only once its refs are gone. */
export async function deleteFilesOf(sql: OrganizationSql, repositoryId: RepositoryId, limit: number): Promise<number> {
  const rows = await sql<{ deleted: number }>`
    with gone as (
      delete from public.files
      where organization_id = ${sql.organizationId} and (snapshot_id, path) in (
        select f.snapshot_id, f.path
        from public.snapshots s
        join public.files f on f.organization_id = s.organization_id and f.snapshot_id = s.id
        where s.organization_id = ${sql.organizationId} and s.repository_id = ${repositoryId}
        limit ${limit})
      returning 1
    )
    select count(*)::int as deleted from gone`;
  return rows[0]?.deleted ?? 0;
}

/** Deletes up to `limit` blobs that no file of any snapshot has. Only under the organization's exclusive lock. */
export async function deleteUnusedBlobs(sql: OrganizationSql, limit: number): Promise<number> {
  const rows = await sql`
    delete from public.blobs
    where organization_id = ${sql.organizationId} and id in (
      select b.id
      from public.blobs b
      where b.organization_id = ${sql.organizationId}
        and not exists (select from public.files f where f.organization_id = b.organization_id and f.blob_id = b.id)
      limit ${limit})
    returning id`;
  return rows.length;
}

/** Every organization with its repositories: the sweeper's round. */
export async function listAllRepositories(
  sql: Sql,
): Promise<{ organization_id: OrganizationId; repository_id: RepositoryId | null }[]> {
  return sql`
    select o.id as organization_id, r.id as repository_id
    from public.organizations o
    left join public.repositories r on r.organization_id = o.id
    order by o.id, r.id`;
}
