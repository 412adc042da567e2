// Tables snapshot_checks and checked_links: what a type checker adds to a published snapshot, and which it has looked at.
import type { OrganizationSql } from "../../platform/database.ts";
import type { BlobId, RepositoryId, SnapshotId } from "../../platform/ids.ts";

/** Whether a checker has looked at the snapshot, be it in vain. */
export async function isChecked(sql: OrganizationSql, snapshotId: SnapshotId): Promise<boolean> {
  const rows = await sql`
    select 1 from public.snapshot_checks
    where organization_id = ${sql.organizationId} and snapshot_id = ${snapshotId}`;
  return rows.length > 0;
}

/** The texts of blobs, whole. */
export async function listTexts(
  sql: OrganizationSql,
  blobIds: readonly BlobId[],
): Promise<{ blob_id: BlobId; text: string }[]> {
  return sql<{ blob_id: BlobId; text: string }>`
    select blob_id, string_agg(content, '' order by number) as text
    from public.blob_chunks
    where organization_id = ${sql.organizationId} and blob_id = any(${blobIds}::bigint[])
    group by blob_id`;
}

/** Notes that the checker gave up on the snapshot. Safe to repeat. */
export async function saveVainCheck(
  sql: OrganizationSql,
  { snapshotId, key }: { snapshotId: SnapshotId; key: Uint8Array },
): Promise<void> {
  await sql`
    insert into public.snapshot_checks (organization_id, snapshot_id, key)
    values (${sql.organizationId}, ${snapshotId}, ${key})
    on conflict do nothing`;
}

/** Stores what the checker adds: graph and links together are seen at once. Safe to repeat. */
export async function saveCheck(
  sql: OrganizationSql,
  {
    snapshotId,
    key,
    graph,
    links,
  }: {
    snapshotId: SnapshotId;
    key: Uint8Array;
    graph: Uint8Array;
    links: readonly { path: string; data: Uint8Array }[];
  },
): Promise<void> {
  let start = 0;
  const starts = links.map(({ data }) => (start += data.length) - data.length);
  await sql`
    with checked as (
      insert into public.snapshot_checks (organization_id, snapshot_id, key, graph)
      values (${sql.organizationId}, ${snapshotId}, ${key}, ${graph})
      on conflict do nothing
      returning organization_id, snapshot_id
    )
    insert into public.checked_links (organization_id, snapshot_id, path, data)
    select c.organization_id, c.snapshot_id, n.path,
      substring(${Buffer.concat(links.map(({ data }) => data))}::bytea from n.start + 1 for n.length)
    from checked c
    cross join unnest(${links.map(({ path }) => path)}::text[], ${starts}::int[], ${links.map(({ data }) => data.length)}::int[])
      as n(path, start, length)`;
}

/** A snapshot of the repository that a checker has looked at with that key. */
export async function findSameCheck(
  sql: OrganizationSql,
  { repositoryId, key }: { repositoryId: RepositoryId; key: Uint8Array },
): Promise<SnapshotId | undefined> {
  const rows = await sql<{ snapshot_id: SnapshotId }>`
    select k.snapshot_id
    from public.snapshots s
    join public.snapshot_checks k on k.organization_id = s.organization_id and k.snapshot_id = s.id
    where s.organization_id = ${sql.organizationId} and s.repository_id = ${repositoryId} and k.key = ${key}
    order by k.snapshot_id desc
    limit 1`;
  return rows[0]?.snapshot_id;
}

/** Gives a snapshot what a checker added to another of the same key; false: no checker has looked at that. Safe to repeat. */
export async function copyCheck(
  sql: OrganizationSql,
  { from, to }: { from: SnapshotId; to: SnapshotId },
): Promise<boolean> {
  const rows = await sql`
    with links as (
      insert into public.checked_links (organization_id, snapshot_id, path, data)
      select l.organization_id, ${to}::bigint, l.path, l.data
      from public.checked_links l
      where l.organization_id = ${sql.organizationId} and l.snapshot_id = ${from}
      on conflict do nothing
    )
    insert into public.snapshot_checks (organization_id, snapshot_id, key, graph)
    select k.organization_id, ${to}::bigint, k.key, k.graph
    from public.snapshot_checks k
    where k.organization_id = ${sql.organizationId} and k.snapshot_id = ${from}
    on conflict do nothing
    returning snapshot_id`;
  return rows.length > 0;
}
