// Tables blob_facts, symbols, file_links, snapshot_graphs and what a type checker adds to them, read. They are written by indexing/.
import { AppError } from "../errors.ts";
import type { SymbolKind } from "../languages/facts.ts";
import { foldedName } from "../languages/folded-name.ts";
import { FACTS_VERSION } from "../languages/grammar.ts";
import { fragment, type OrganizationSql } from "../platform/database.ts";
import type { BlobId, SnapshotId } from "../platform/ids.ts";
import { filesOf, type IndexedRef } from "../repositories/store.ts";
import { SIMILAR_CHARACTERS_MIN, SIMILAR_NAMES_MAX, SIMILAR_SYMBOLS_MAX } from "./limits.ts";

/** Those to whose graph a type checker has added: then it is another one. */
export async function listCheckedGraphs(
  sql: OrganizationSql,
  snapshotIds: readonly SnapshotId[],
): Promise<SnapshotId[]> {
  if (snapshotIds.length === 0) return [];
  const rows = await sql<{ snapshot_id: SnapshotId }>`
    select snapshot_id from public.snapshot_checks
    where organization_id = ${sql.organizationId} and snapshot_id = any(${snapshotIds}::bigint[]) and graph is not null
    order by snapshot_id`;
  return rows.map((row) => row.snapshot_id);
}

/** As linking left it, or with what a type checker added. */
export async function findGraph(
  sql: OrganizationSql,
  { snapshotId, isChecked }: { snapshotId: SnapshotId; isChecked: boolean },
): Promise<Buffer | undefined> {
  const rows = isChecked
    ? await sql<{ data: Buffer }>`
        select graph as data from public.snapshot_checks
        where organization_id = ${sql.organizationId} and snapshot_id = ${snapshotId}`
    : await sql<{ data: Buffer }>`
        select data from public.snapshot_graphs
        where organization_id = ${sql.organizationId} and snapshot_id = ${snapshotId}`;
  return rows[0]?.data;
}

/**
 * Other repositories, as their default refs are indexed, that publish a package which the snapshot imports, or import one
 * that it publishes; by name. With `snapshots` those instead. Names are joined one by one: `&&` compares each with each, which
 * among 1,000 repositories took 9 s (5,000 names imported, 500 by each other) against 0.05 s; and under row-level security no
 * index is used for it.
 */
export async function listPackageNeighbours(
  sql: OrganizationSql,
  { snapshotId, snapshots, limit }: { snapshotId: SnapshotId; snapshots: readonly number[] | undefined; limit: number },
): Promise<{ repository: string; snapshot_id: SnapshotId }[]> {
  const chosen =
    snapshots === undefined
      ? fragment`s.id in (
          select f.snapshot_id from public.refs f
          where f.organization_id = ${sql.organizationId} and f.repository_id = r.id and f.ref = r.default_ref)`
      : fragment`s.id = any(${snapshots})`;
  return sql<{ repository: string; snapshot_id: SnapshotId }>`
    with own as materialized (
      select s.repository_id, g.packages, g.imported
      from public.snapshots s
      join public.snapshot_graphs g on g.organization_id = s.organization_id and g.snapshot_id = s.id
      where s.organization_id = ${sql.organizationId} and s.id = ${snapshotId}
    ),
    other as materialized (
      select r.name as repository, r.folded_name, s.id as snapshot_id, g.packages, g.imported
      from own
      join public.repositories r on r.organization_id = ${sql.organizationId} and r.id <> own.repository_id
      join public.snapshots s on s.organization_id = r.organization_id and s.repository_id = r.id
      join public.snapshot_graphs g on g.organization_id = s.organization_id and g.snapshot_id = s.id
      where ${chosen}
    ),
    neighbour as (
      select p.snapshot_id
      from (select snapshot_id, unnest(packages) as name from other) p
      where p.name in (select unnest(imported) from own)
      union
      select i.snapshot_id
      from (select snapshot_id, unnest(imported) as name from other) i
      where i.name in (select unnest(packages) from own)
    )
    select o.repository, o.snapshot_id
    from other o
    where o.snapshot_id in (select snapshot_id from neighbour)
    order by o.folded_name
    limit ${limit}`;
}

export interface LinkedRow {
  path: string;
  blob_id: BlobId;
  language: string;
  is_test: boolean;
  /** See openLinks; null for a file without links. */
  links: Buffer | null;
  /** Links that a type checker gave in place of some of these, or beside them; see openLinks. */
  checked: Buffer | null;
  /** Facts of the blob, see openFacts; null for a file without facts. */
  facts: Buffer | null;
}

/**
 * Links and facts of files of the snapshot, by path; `grammars[i]` is how `paths[i]` is read. Throws `conflict` where another version
 * of Kota wrote them, which packs them in its own way.
 */
export async function listLinkedFiles(
  sql: OrganizationSql,
  snapshot: Pick<IndexedRef, "snapshot_id" | "base_snapshot_id">,
  { paths, grammars }: { paths: readonly string[]; grammars: readonly string[] },
): Promise<LinkedRow[]> {
  const rows = await sql<LinkedRow & { is_readable: boolean }>`
    select f.path, f.blob_id, f.language, f.is_test, coalesce(o.data, b.data) as links, c.data as checked,
      a.data as facts, coalesce(g.version = ${FACTS_VERSION}, true) and coalesce(a.version = ${FACTS_VERSION}, true) as is_readable
    from unnest(${paths}::text[], ${grammars}::text[]) as w(path, grammar)
    join ${filesOf(sql, snapshot)} f on f.path = w.path and f.blob_id is not null
    left join public.file_links o
      on o.organization_id = ${sql.organizationId} and o.snapshot_id = ${snapshot.snapshot_id} and o.path = w.path
    left join public.file_links b
      on b.organization_id = ${sql.organizationId} and b.snapshot_id = ${snapshot.base_snapshot_id} and b.path = w.path
    left join public.checked_links c
      on c.organization_id = ${sql.organizationId} and c.snapshot_id = ${snapshot.snapshot_id} and c.path = w.path
    left join public.blob_facts a
      on a.organization_id = ${sql.organizationId} and a.blob_id = f.blob_id and a.grammar = w.grammar
    left join public.snapshot_graphs g
      on g.organization_id = ${sql.organizationId} and g.snapshot_id = ${snapshot.snapshot_id}
    order by f.path`;
  if (!rows.every((row) => row.is_readable))
    throw new AppError(
      "conflict",
      "Another version of Kota has indexed this. Index the repository again (index_repository), then ask again.",
    );
  return rows;
}

export interface SymbolRow {
  path: string;
  /** How the blob was read: only paths that are read so have the symbol. */
  grammar: string;
  number: number;
  name: string;
  container: string | null;
  kind: string;
  line: number;
  end_line: number;
}

/** Definitions of exactly that name in the snapshot, of members of `container` when it is given; by path and line. */
export async function listDefinitions(
  sql: OrganizationSql,
  snapshot: Pick<IndexedRef, "snapshot_id" | "base_snapshot_id">,
  {
    name,
    container,
    path,
    limit,
  }: { name: string; container: string | undefined; path: string | undefined; limit: number },
): Promise<SymbolRow[]> {
  return sql<SymbolRow>`
    with named as materialized (
      select blob_id, grammar, number, name, container, kind, line, end_line
      from public.symbols
      where organization_id = ${sql.organizationId} and folded_name = ${foldedName(name)} and name = ${name}
        and ${container === undefined ? fragment`true` : fragment`container = ${container}`}
    )
    select f.path, n.grammar, n.number, n.name, n.container, n.kind, n.line, n.end_line
    from named n
    join ${filesOf(sql, snapshot)} f on f.blob_id = n.blob_id
    where ${path === undefined ? fragment`true` : fragment`f.path = ${path}`}
    order by f.path, n.line, n.number
    limit ${limit}`;
}

/** Symbols of the file's blob, in the order of their lines. */
export async function listSymbols(
  sql: OrganizationSql,
  {
    blobId,
    grammar,
    startLine,
    endLine,
    limit,
  }: { blobId: BlobId; grammar: string; startLine: number; endLine: number; limit: number },
): Promise<{ name: string; container: string | null; kind: SymbolKind; line: number }[]> {
  return sql`
    select name, container, kind, line
    from public.symbols
    where organization_id = ${sql.organizationId} and blob_id = ${blobId} and grammar = ${grammar}
      and line between ${startLine} and ${endLine}
    order by line, number
    limit ${limit}`;
}

/** Sorts behind whatever else may follow a beginning. */
const LAST_CHARACTER = "\u{10ffff}";

/** Names in the snapshot that differ in case alone, then those that begin with it or that it begins with, the nearest in length first. */
export async function listSimilarNames(
  sql: OrganizationSql,
  snapshot: Pick<IndexedRef, "snapshot_id" | "base_snapshot_id">,
  name: string,
): Promise<string[]> {
  const isLong = name.length >= SIMILAR_CHARACTERS_MIN;
  const folded = foldedName(name);
  const beginnings = Array.from(folded, (_, i) => folded.slice(0, i + 1)).filter(
    (one) => one.length >= SIMILAR_CHARACTERS_MIN || one === folded,
  );
  const rows = await sql<{ name: string }>`
    with alike as materialized (
      select name, blob_id
      from public.symbols
      where organization_id = ${sql.organizationId}
        and folded_name = any(${beginnings}::text[])
      union
      (select name, blob_id
      from public.symbols
      where organization_id = ${sql.organizationId} and ${isLong}
        and folded_name >= ${folded} and folded_name < ${folded + LAST_CHARACTER}
      order by folded_name
      limit ${SIMILAR_SYMBOLS_MAX})
    )
    select a.name
    from alike a
    join ${filesOf(sql, snapshot)} f on f.blob_id = a.blob_id
    group by a.name
    order by abs(length(a.name) - length(${name}::text)), a.name
    limit ${SIMILAR_NAMES_MAX}`;
  return rows.map((row) => row.name);
}
