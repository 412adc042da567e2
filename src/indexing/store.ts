// Tables snapshots, files, blobs and blob_chunks: the content of an organization, once, and what each snapshot
// makes of it. Everything written here is invisible until `publish` makes a ref point at it.
import { AppError } from "../errors.ts";
import type { SymbolKind } from "../languages/facts.ts";
import { foldedName } from "../languages/folded-name.ts";
import type { OrganizationSql, Sql } from "../platform/database.ts";
import type { BlobId, OrganizationId, RepositoryId, SegmentId, SnapshotId } from "../platform/ids.ts";
import { KEPT_MINUTES } from "../repositories/limits.ts";
import type { ProblemReason } from "../repositories/problems.ts";

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

export interface NewFacts {
  blobId: BlobId;
  grammar: string;
  /** Packed; see packFacts. */
  data: Uint8Array;
  symbols: readonly NewSymbol[];
  /** Why some or all are missing. */
  problem: ProblemReason | undefined;
}

export interface NewSymbol {
  number: number;
  name: string;
  container: string | undefined;
  kind: string;
  line: number;
  endLine: number;
}

/** Stores facts with their symbols, all or none. Facts of an earlier version are replaced, those of a later one stay. Safe to repeat. */
export async function saveFacts(sql: OrganizationSql, version: number, all: readonly NewFacts[]): Promise<void> {
  if (all.length === 0) return;
  const blobIds = all.map(({ blobId }) => blobId);
  const grammars = all.map(({ grammar }) => grammar);
  await sql`
    delete from public.blob_facts f
    using unnest(${blobIds}::bigint[], ${grammars}::text[]) as n(blob_id, grammar)
    where f.organization_id = ${sql.organizationId} and f.blob_id = n.blob_id and f.grammar = n.grammar
      and f.version < ${version}`;
  let start = 0;
  const starts = all.map(({ data }) => (start += data.length) - data.length);
  const symbols = all.flatMap(({ blobId, grammar, symbols: own }) => own.map((one) => ({ blobId, grammar, ...one })));
  await sql`
    with saved as (
      insert into public.blob_facts (organization_id, blob_id, grammar, version, data, problem)
      select ${sql.organizationId}, n.blob_id, n.grammar, ${version},
        substring(${Buffer.concat(all.map(({ data }) => data))}::bytea from n.start + 1 for n.length), n.problem
      from unnest(${blobIds}::bigint[], ${grammars}::text[], ${starts}::int[], ${all.map(({ data }) => data.length)}::int[],
        ${all.map(({ problem }) => problem ?? null)}::text[]) as n(blob_id, grammar, start, length, problem)
      order by n.blob_id, n.grammar
      on conflict (organization_id, blob_id, grammar) do nothing
      returning blob_id, grammar
    )
    insert into public.symbols (organization_id, blob_id, grammar, number, name, folded_name, container, kind, line, end_line)
    select ${sql.organizationId}, n.blob_id, n.grammar, n.number, n.name, n.folded_name, n.container, n.kind, n.line, n.end_line
    from unnest(${symbols.map((one) => one.blobId)}::bigint[], ${symbols.map((one) => one.grammar)}::text[],
      ${symbols.map((one) => one.number)}::int[], ${symbols.map((one) => one.name)}::text[],
      ${symbols.map((one) => foldedName(one.name))}::text[], ${symbols.map((one) => one.container ?? null)}::text[], ${symbols.map((one) => one.kind)}::text[],
      ${symbols.map((one) => one.line)}::int[], ${symbols.map((one) => one.endLine)}::int[])
      as n(blob_id, grammar, number, name, folded_name, container, kind, line, end_line)
    join saved s on s.blob_id = n.blob_id and s.grammar = n.grammar`;
}

/** Blobs that have facts of that version, with their grammars, and why some are missing. */
export async function listBlobsWithFacts(
  sql: OrganizationSql,
  { version, blobIds }: { version: number; blobIds: readonly BlobId[] },
): Promise<{ blob_id: BlobId; grammar: string; problem: string | null }[]> {
  return sql<{ blob_id: BlobId; grammar: string; problem: string | null }>`
    select blob_id, grammar, problem
    from public.blob_facts
    where organization_id = ${sql.organizationId} and blob_id = any(${blobIds}::bigint[]) and version = ${version}`;
}

/** Packed facts, in no particular order. Throws `unavailable` where another version wrote them, as while one is rolled out. */
export async function listFacts(
  sql: OrganizationSql,
  { version, places }: { version: number; places: readonly { blobId: BlobId; grammar: string }[] },
): Promise<{ blob_id: BlobId; grammar: string; data: Buffer }[]> {
  const rows = await sql<{ blob_id: BlobId; grammar: string; version: number; data: Buffer }>`
    select f.blob_id, f.grammar, f.version, f.data
    from unnest(${places.map(({ blobId }) => blobId)}::bigint[], ${places.map(({ grammar }) => grammar)}::text[])
      as w(blob_id, grammar)
    join public.blob_facts f
      on f.organization_id = ${sql.organizationId} and f.blob_id = w.blob_id and f.grammar = w.grammar`;
  if (rows.some((row) => row.version !== version))
    throw new AppError("unavailable", "Another version of Kota is indexing the same content. Restart what is older.");
  return rows;
}

/** Members of types, which stand in many of those that share a name. */
const MEMBER_KINDS: readonly SymbolKind[] = ["property", "method", "constructor"];

/** Texts that declare what is called one of `names`, but for members of what is called none of `containers`; one for each declaration. */
export async function listBlobsDeclaring(
  sql: OrganizationSql,
  { names, containers, limit }: { names: readonly string[]; containers: readonly string[] | undefined; limit: number },
): Promise<BlobId[]> {
  const rows = await sql<{ blob_id: BlobId }>`
    select blob_id
    from public.symbols
    where organization_id = ${sql.organizationId} and folded_name = any(${names.map(foldedName)}::text[])
      and name = any(${names}::text[])
      and (container is null or ${containers ?? null}::text[] is null or container = any(${containers ?? null}::text[])
        or kind <> all(${MEMBER_KINDS}::text[]))
    limit ${limit}`;
  return rows.map((row) => row.blob_id);
}

/** Stores those of the links that differ from the base's. */
export async function saveLinks(
  sql: OrganizationSql,
  { snapshotId, baseSnapshotId }: { snapshotId: SnapshotId; baseSnapshotId: SnapshotId | undefined },
  links: readonly { path: string; data: Uint8Array }[],
): Promise<void> {
  let start = 0;
  const starts = links.map(({ data }) => (start += data.length) - data.length);
  await sql`
    insert into public.file_links (organization_id, snapshot_id, path, data)
    select ${sql.organizationId}, ${snapshotId}, n.path, n.data
    from (
      select path, substring(${Buffer.concat(links.map(({ data }) => data))}::bytea from start + 1 for length) as data
      from unnest(${links.map(({ path }) => path)}::text[], ${starts}::int[],
        ${links.map(({ data }) => data.length)}::int[]) as w(path, start, length)
    ) n
    where not exists (
      select from public.file_links b
      where b.organization_id = ${sql.organizationId} and b.snapshot_id = ${baseSnapshotId ?? null}
        and b.path = n.path and b.data = n.data
      offset 0)`;
}

/** Links of some paths that the snapshots have. Of several the newest counts. */
export function listLinks(
  sql: OrganizationSql,
  { from, paths }: { from: readonly SnapshotId[]; paths: readonly string[] },
): Promise<{ path: string; data: Buffer }[]> {
  return sql<{ path: string; data: Buffer }>`
    select distinct on (l.path) l.path, l.data
    from public.file_links l
    where l.organization_id = ${sql.organizationId} and l.snapshot_id = any(${from}::bigint[]) and l.path = any(${paths}::text[])
    order by l.path, l.snapshot_id desc`;
}

/** Gives a snapshot the links that earlier ones have, except those of some paths. Of several the newest counts. */
export async function copyLinks(
  sql: OrganizationSql,
  { from, to, except }: { from: readonly SnapshotId[]; to: SnapshotId; except: readonly string[] },
): Promise<void> {
  await sql`
    insert into public.file_links (organization_id, snapshot_id, path, data)
    select distinct on (l.path) l.organization_id, ${to}::bigint, l.path, l.data
    from public.file_links l
    where l.organization_id = ${sql.organizationId} and l.snapshot_id = any(${from}::bigint[])
      and not exists (select from unnest(${except}::text[]) as e(path) where e.path = l.path)
    order by l.path, l.snapshot_id desc`;
}

export async function saveGraph(
  sql: OrganizationSql,
  {
    snapshotId,
    version,
    data,
    state,
    packages,
    imported,
  }: {
    snapshotId: SnapshotId;
    version: number;
    data: Uint8Array;
    state: Uint8Array;
    packages: readonly string[];
    imported: readonly string[];
  },
): Promise<void> {
  await sql`
    insert into public.snapshot_graphs (organization_id, snapshot_id, version, data, state, packages, imported)
    values (${sql.organizationId}, ${snapshotId}, ${version}, ${data}, ${state}, ${packages}, ${imported})`;
}

/** Names what linking that snapshot left for the next one, by its content: see keyOfLinks. */
export async function findLinkStateKey(sql: OrganizationSql, snapshotId: SnapshotId): Promise<string | undefined> {
  const rows = await sql<{ key: string }>`
    select encode(sha256(data), 'hex') || ' ' || encode(sha256(state), 'hex') as key from public.snapshot_graphs
    where organization_id = ${sql.organizationId} and snapshot_id = ${snapshotId} and state is not null`;
  return rows[0]?.key;
}

/** What linking that snapshot left for the next one. */
export async function findLinkState(
  sql: OrganizationSql,
  snapshotId: SnapshotId,
): Promise<{ graph: Buffer; state: Buffer } | undefined> {
  const rows = await sql<{ graph: Buffer; state: Buffer }>`
    select data as graph, state from public.snapshot_graphs
    where organization_id = ${sql.organizationId} and snapshot_id = ${snapshotId} and state is not null`;
  return rows[0];
}

/** The version of extractors and linker that made the snapshot's graph. */
export async function findGraphVersion(sql: OrganizationSql, snapshotId: SnapshotId): Promise<number | undefined> {
  const rows = await sql<{ version: number }>`
    select version from public.snapshot_graphs
    where organization_id = ${sql.organizationId} and snapshot_id = ${snapshotId}`;
  return rows[0]?.version;
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
  /** Of the blob; null where there is none. */
  size_bytes: number | null;
  chunks: number | null;
  blob_problem: string | null;
}

/** Rows of the snapshot and of its base, as stored. */
export async function listStoredFiles(
  sql: OrganizationSql,
  snapshot: { snapshot_id: SnapshotId; base_snapshot_id: SnapshotId | null },
): Promise<StoredFile[]> {
  return sql<StoredFile>`
    select f.path, f.snapshot_id = ${snapshot.base_snapshot_id ?? snapshot.snapshot_id} as is_base, f.removed, f.blob_id, b.oid,
      f.problem, f.stamp, f.indexed_at, b.size_bytes, b.chunks, b.problem as blob_problem
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
  rowsSinceBase: number;
  segmentIds: readonly SegmentId[];
}

/** A snapshot nobody can see yet. */
export async function createSnapshot(sql: OrganizationSql, snapshot: NewSnapshot): Promise<SnapshotId> {
  const rows = await sql<{ id: SnapshotId }>`
    insert into public.snapshots (organization_id, repository_id, ref, commit, dirty, base_snapshot_id, rows_since_base, segment_ids)
    values (${sql.organizationId}, ${snapshot.repositoryId}, ${snapshot.ref}, ${snapshot.commit}, ${snapshot.dirty},
      ${snapshot.baseSnapshotId ?? null}, ${snapshot.rowsSinceBase}, ${snapshot.segmentIds})
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

/**
 * Makes the snapshot readable and the ref's earlier ones superseded. These lose what linking kept of them: jobs start from a
 * ref's newest snapshot alone, and it was two thirds of what 50 edits of hono left to readers. The ref itself is set by the
 * caller, in the same transaction.
 */
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
    with superseded as (
      update public.snapshots o
      set superseded_at = now()
      from public.snapshots n
      where n.organization_id = ${sql.organizationId} and n.id = ${snapshotId}
        and o.organization_id = n.organization_id and o.repository_id = n.repository_id and o.ref = n.ref
        and o.id <> n.id and o.superseded_at is null
      returning o.organization_id, o.id
    )
    update public.snapshot_graphs g
    set state = null
    from superseded s
    where g.organization_id = s.organization_id and g.snapshot_id = s.id`;
}

// ── sweeping ──────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Deletes snapshots of the repository that nobody can ask for any more: superseded for KEPT_MINUTES, or left
 * behind by a crash; answers how many. Only under the repository's lock, when no job is building. A base stays while it is
 * needed.
 */
export async function deleteOldSnapshots(sql: OrganizationSql, repositoryId: RepositoryId): Promise<number> {
  const rows = await sql`
    delete from public.snapshots s
    where s.organization_id = ${sql.organizationId} and s.repository_id = ${repositoryId}
      and (s.ready_at is null or s.superseded_at < now() - ${KEPT_MINUTES} * interval '1 minute')
      and not exists (
        select from public.refs f where f.organization_id = s.organization_id and f.snapshot_id = s.id)
      and not exists (
        select from public.snapshots o
        where o.organization_id = s.organization_id and o.base_snapshot_id = s.id
          and o.ready_at is not null and (o.superseded_at is null or o.superseded_at >= now() - ${KEPT_MINUTES} * interval '1 minute'))
    returning id`;
  return rows.length;
}

/** Whether some superseded snapshot is still kept for its readers. A base that a newer one needs does not count. */
export async function hasSuperseded(sql: Sql): Promise<boolean> {
  const rows = await sql<{ found: boolean }>`
    select exists (
      select from public.snapshots where superseded_at >= now() - ${KEPT_MINUTES} * interval '1 minute') as found`;
  return rows[0]?.found === true;
}

/** Writes the table anew if it is small and much of it is room that deleted rows left; true when it was. See kota.compact_table. */
export async function compactTable(
  sql: Sql,
  {
    name,
    bytesMax,
    roomBytesMax,
    roomShareMax,
    waitMs,
  }: { name: string; bytesMax: number; roomBytesMax: number; roomShareMax: number; waitMs: number },
): Promise<boolean> {
  const rows = await sql<{ is_compacted: boolean }>`
    select kota.compact_table(${name}, ${bytesMax}, ${roomBytesMax}, ${roomShareMax}, ${waitMs}) as is_compacted`;
  return rows[0]?.is_compacted === true;
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
