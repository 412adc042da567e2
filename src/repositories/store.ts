// Tables repositories, refs and index_jobs, and the one way to read a snapshot's files. Snapshots themselves are
// written by indexing/.
import { AppError, invalidInput } from "../errors.ts";
import { fragment, type Fragment, type OrganizationSql, type Sql } from "../platform/database.ts";
import {
  isUuid,
  type BlobId,
  type JobId,
  type ProjectId,
  type RepositoryId,
  type SegmentId,
  type SnapshotId,
} from "../platform/ids.ts";
import {
  JOB_DAYS_MAX,
  JOBS_OF_REF_MAX,
  LINE_CHARACTERS_MAX,
  NAMES_IN_MESSAGE_MAX,
  REPOSITORIES_IN_QUESTION_MAX,
  SUPERSEDED_MINUTES,
} from "./limits.ts";
import type { Phase, ProblemReason } from "./problems.ts";

export interface Repository {
  id: RepositoryId;
  name: string;
  url: string;
  default_ref: string;
}

/** A snapshot of a repository's ref: the one readers get for it now, or one that a cursor goes on in. */
export interface IndexedRef {
  repository_id: RepositoryId;
  repository: string;
  ref: string;
  snapshot_id: SnapshotId;
  base_snapshot_id: SnapshotId | null;
  /** Files stored as differences from the base by the ref's snapshots, this one included. */
  rows_since_base: number;
  segment_ids: SegmentId[];
  commit: string;
  dirty: boolean;
  indexed_at: Date;
  state: RefState;
}

type RefState = "current" | "indexing" | "stale" | "failed";

/** The repository of that id or name (without case), or undefined. */
async function findRepository(sql: OrganizationSql, nameOrId: string, lock: Fragment): Promise<Repository | undefined> {
  const rows = await sql<Repository>`
    select r.id, r.name, r.url, r.default_ref
    from public.repositories r
    where r.organization_id = ${sql.organizationId} and ${named(nameOrId)}
    ${lock}`;
  return rows[0];
}

/** The repository `r` has that id, or that name without case. */
function named(nameOrId: string): Fragment {
  return isUuid(nameOrId) ? fragment`r.id = ${nameOrId}` : fragment`r.folded_name = kota.folded(${nameOrId})`;
}

/** As findRepository; throws `not_found`, naming what the caller has. */
export async function getRepository(sql: OrganizationSql, nameOrId: string): Promise<Repository> {
  return getLocked(sql, nameOrId, fragment``);
}

/** As getRepository; it is not deleted before the transaction ends. */
export async function holdRepository(sql: OrganizationSql, nameOrId: string): Promise<Repository> {
  return getLocked(sql, nameOrId, fragment`for key share`);
}

async function getLocked(sql: OrganizationSql, nameOrId: string, lock: Fragment): Promise<Repository> {
  const repository = await findRepository(sql, nameOrId, lock);
  if (repository) return repository;
  const known = await listNames(sql, nameOrId);
  const hint = known.length > 0 ? `Indexed: ${known.join(", ")}.` : "Nothing is indexed yet.";
  throw new AppError("not_found", `No repository '${nameOrId}'. ${hint} Add one with index_repository.`);
}

/** Each of them once, as holdRepository gives it. */
export async function holdRepositories(sql: OrganizationSql, namesOrIds: readonly string[]): Promise<Repository[]> {
  const found = new Map<RepositoryId, Repository>();
  for (const nameOrId of namesOrIds) {
    const repository = await holdRepository(sql, nameOrId);
    found.set(repository.id, repository);
  }
  return [...found.values()];
}

/** For questions about one repository: the named one, or the only one there is. Throws `not_found`, `invalid_input`. */
export async function getOnlyRepository(sql: OrganizationSql, nameOrId: string | undefined): Promise<Repository> {
  if (nameOrId !== undefined) return getRepository(sql, nameOrId);
  const rows = await sql<Repository>`
    select id, name, url, default_ref
    from public.repositories
    where organization_id = ${sql.organizationId}
    order by folded_name
    limit ${NAMES_IN_MESSAGE_MAX + 1}`;
  const [only, ...others] = rows;
  if (!only) throw new AppError("not_found", "Nothing is indexed yet. Add a repository with index_repository.");
  if (others.length === 0) return only;
  const names = rows.slice(0, NAMES_IN_MESSAGE_MAX).map(({ name }) => name);
  throw invalidInput(
    "repository",
    `is needed, because several are indexed: ${names.join(", ")}${rows.length > NAMES_IN_MESSAGE_MAX ? ", …" : ""}`,
  );
}

/** Up to NAMES_IN_MESSAGE_MAX names, those that share a segment with `like` first. */
async function listNames(sql: OrganizationSql, like: string): Promise<string[]> {
  const rows = await sql<{ name: string }>`
    select name
    from public.repositories
    where organization_id = ${sql.organizationId}
    order by string_to_array(folded_name, '/') && string_to_array(kota.folded(${like}), '/') desc, folded_name
    limit ${NAMES_IN_MESSAGE_MAX}`;
  return rows.map(({ name }) => name);
}

/**
 * The repository of that name, made when missing, with `ref` as its default: it is then all there is. Throws
 * `conflict` when the name stands for another URL. Safe to repeat.
 */
export async function ensureRepository(
  sql: OrganizationSql,
  { name, url, ref }: { name: string; url: string; ref: string },
): Promise<Repository> {
  const rows = await sql<Repository>`
    insert into public.repositories (organization_id, name, url, default_ref)
    values (${sql.organizationId}, ${name}, ${url}, ${ref})
    on conflict (organization_id, folded_name) do update set name = repositories.name
    returning id, name, url, default_ref`;
  const [repository] = rows;
  if (!repository) throw new Error("upsert of a repository returned no row");
  if (repository.url !== url) {
    throw new AppError(
      "conflict",
      `'${name}' is already indexed from ${repository.url}. Give this one another name (--name OWNER/REPO), or remove the other first.`,
    );
  }
  return repository;
}

/** Takes every snapshot of the repository out of sight. */
export async function deleteRefs(sql: OrganizationSql, id: RepositoryId): Promise<void> {
  await sql`delete from public.refs where organization_id = ${sql.organizationId} and repository_id = ${id}`;
}

/** Deletes the repository with its refs, snapshots, segments and jobs. Its blobs stay until they are swept. */
export async function deleteRepository(sql: OrganizationSql, id: RepositoryId): Promise<void> {
  await sql`delete from public.repositories where organization_id = ${sql.organizationId} and id = ${id}`;
}

// ── refs and snapshots ────────────────────────────────────────────────────────────────────────────────────────

/** Of the snapshot `s`, in the repository `r`, as IndexedRef has them; `state` is what is known of the ref by its last job. */
const SNAPSHOT = fragment`
  s.repository_id, r.name as repository, s.ref, s.id as snapshot_id, s.base_snapshot_id, s.rows_since_base, s.segment_ids,
    s.commit, s.dirty, s.ready_at as indexed_at,
    case when s.superseded_at is not null then 'stale' else coalesce((
      select case when j.state in ('queued', 'running') then 'indexing' when j.state = 'failed' then 'failed' else 'current' end
      from public.index_jobs j
      where j.organization_id = s.organization_id and j.repository_id = s.repository_id and j.ref = s.ref
      order by j.created_at desc
      limit 1
    ), 'current') end as state`;

const INDEXED_REF = fragment`
  select ${SNAPSHOT}
  from public.refs f
  join public.repositories r on r.organization_id = f.organization_id and r.id = f.repository_id
  join public.snapshots s on s.organization_id = f.organization_id and s.id = f.snapshot_id`;

/**
 * What a question is about: one repository (id or name), a project's or all, at one ref or each at its default.
 * Ordered by name, bounded by REPOSITORIES_IN_QUESTION_MAX.
 */
export async function listIndexedRefs(
  sql: OrganizationSql,
  {
    repository,
    projectId,
    ref,
  }: { repository?: string | undefined; projectId?: ProjectId | undefined; ref?: string | undefined },
): Promise<IndexedRef[]> {
  const rows = await sql.kept<IndexedRef>`
    ${INDEXED_REF}
    where f.organization_id = ${sql.organizationId}
      and ${repository === undefined ? fragment`true` : named(repository)}
      and ${projectId === undefined ? fragment`true` : memberOf(sql, projectId, fragment`f.repository_id`)}
      and f.ref = ${ref === undefined ? fragment`r.default_ref` : fragment`${ref}`}
    order by r.folded_name
    limit ${REPOSITORIES_IN_QUESTION_MAX + 1}`;
  if (rows.length > REPOSITORIES_IN_QUESTION_MAX) {
    throw invalidInput(
      "repository",
      `is needed: more than ${REPOSITORIES_IN_QUESTION_MAX} repositories are indexed; name one`,
    );
  }
  return rows;
}

/** A condition: the repository belongs to the project. */
function memberOf(sql: OrganizationSql, projectId: ProjectId, repositoryId: Fragment): Fragment {
  return fragment`exists (
    select from public.projects_repositories m
    where m.organization_id = ${sql.organizationId} and m.project_id = ${projectId} and m.repository_id = ${repositoryId})`;
}

/** The ref of one repository, `ref` or its default. Throws `not_found`, naming the refs there are. */
export async function getIndexedRef(
  sql: OrganizationSql,
  repository: Repository,
  ref: string | undefined,
): Promise<IndexedRef> {
  const wanted = ref ?? repository.default_ref;
  const [found] = await listIndexedRefs(sql, { repository: repository.id, ref: wanted });
  if (found) return found;
  const rows = await sql<{ ref: string }>`
    select ref
    from public.refs
    where organization_id = ${sql.organizationId} and repository_id = ${repository.id}
    order by ref
    limit ${NAMES_IN_MESSAGE_MAX}`;
  const hint =
    rows.length > 0
      ? `Indexed refs: ${rows.map((row) => row.ref).join(", ")}.`
      : "It has no ready snapshot yet: get_index_job_status shows how far a job is, index_repository begins one.";
  throw new AppError("not_found", `'${repository.name}' is not indexed at '${wanted}'. ${hint}`);
}

/**
 * Snapshots by id, as they were when a cursor was made; fewer than asked when some are too old. One may still be there
 * as another's base: its segments are not.
 */
export async function listSnapshots(sql: OrganizationSql, ids: readonly number[]): Promise<IndexedRef[]> {
  return sql.kept<IndexedRef>`
    select ${SNAPSHOT}
    from public.snapshots s
    join public.repositories r on r.organization_id = s.organization_id and r.id = s.repository_id
    where s.organization_id = ${sql.organizationId} and s.id = any(${ids}) and s.ready_at is not null
      and (s.superseded_at is null or s.superseded_at >= now() - ${SUPERSEDED_MINUTES} * interval '1 minute')
    order by array_position(${ids}::bigint[], s.id)`;
}

/** A folder of this machine that is indexed as it is on disk. */
export interface WorktreeRef {
  repository_id: RepositoryId;
  repository: string;
  url: string;
  snapshot_id: SnapshotId;
  base_snapshot_id: SnapshotId | null;
}

export async function listWorktreeRefs(sql: OrganizationSql): Promise<WorktreeRef[]> {
  return sql<WorktreeRef>`
    select r.id as repository_id, r.name as repository, r.url, s.id as snapshot_id, s.base_snapshot_id
    from public.repositories r
    join public.refs f on f.organization_id = r.organization_id and f.repository_id = r.id and f.ref = 'worktree'
    join public.snapshots s on s.organization_id = f.organization_id and s.id = f.snapshot_id
    where r.organization_id = ${sql.organizationId} and starts_with(r.url, 'file:')
    order by r.id
    limit ${REPOSITORIES_IN_QUESTION_MAX}`;
}

/** Folders that hold files of the snapshot, without the root. */
export async function listFolders(
  sql: OrganizationSql,
  snapshot: Pick<IndexedRef, "snapshot_id" | "base_snapshot_id">,
): Promise<string[]> {
  const rows = await sql<{ folder: string }>`
    select distinct substring(f.path from '^(.*)/[^/]*$') as folder
    from ${filesOf(sql, snapshot)} f
    where f.path ~ '/'
    order by folder`;
  return rows.map((row) => row.folder);
}

/** Makes `snapshotId` what readers of the ref get, and with `isDefault` those who name no ref. */
export async function setRef(
  sql: OrganizationSql,
  {
    repositoryId,
    ref,
    isDefault,
    snapshotId,
  }: { repositoryId: RepositoryId; ref: string; isDefault: boolean; snapshotId: SnapshotId },
): Promise<void> {
  if (isDefault)
    await sql`
      update public.repositories
      set default_ref = ${ref}
      where organization_id = ${sql.organizationId} and id = ${repositoryId} and default_ref <> ${ref}`;
  await sql`
    insert into public.refs (organization_id, repository_id, ref, snapshot_id)
    values (${sql.organizationId}, ${repositoryId}, ${ref}, ${snapshotId})
    on conflict (organization_id, repository_id, ref) do update set snapshot_id = excluded.snapshot_id`;
}

/** A file of a snapshot, as filesOf gives it. */
export interface FileRow {
  path: string;
  blob_id: BlobId | null;
  language: string;
  is_test: boolean;
  size_bytes: number;
  problem: string | null;
  stamp: string | null;
  indexed_at: Date;
}

/** A table expression of FileRow: the snapshot's own rows, and those of its base that it has no row for. */
export function filesOf(
  sql: OrganizationSql,
  { snapshot_id, base_snapshot_id }: Pick<IndexedRef, "snapshot_id" | "base_snapshot_id">,
): Fragment {
  return fragment`(
    select path, blob_id, language, is_test, size_bytes, problem, stamp, indexed_at
    from public.files
    where organization_id = ${sql.organizationId} and snapshot_id = ${snapshot_id} and not removed
    union all
    select b.path, b.blob_id, b.language, b.is_test, b.size_bytes, b.problem, b.stamp, b.indexed_at
    from public.files b
    where b.organization_id = ${sql.organizationId} and b.snapshot_id = ${base_snapshot_id}
      and not exists (
        select from public.files o
        where o.organization_id = ${sql.organizationId} and o.snapshot_id = ${snapshot_id} and o.path = b.path)
  )`;
}

export interface FoundFile extends FileRow {
  /** Its content is searchable. */
  has_text: boolean;
}

/** The file at that path. Throws `not_found`, naming paths that may have been meant. */
export async function getFile(sql: OrganizationSql, snapshot: IndexedRef, path: string): Promise<FoundFile> {
  const file = await findFile(sql, snapshot, path);
  if (file) return file;
  const similar = await listSimilarPaths(sql, snapshot, path);
  const hint = similar.length > 0 ? `Did you mean ${similar.join(", ")}?` : "search_code finds files by their text.";
  throw new AppError("not_found", `No file '${path}' in ${snapshot.repository} at ${snapshot.ref}. ${hint}`);
}

async function findFile(sql: OrganizationSql, snapshot: IndexedRef, path: string): Promise<FoundFile | undefined> {
  const rows = await sql<FoundFile>`
    select f.path, f.blob_id, f.language, f.is_test, f.size_bytes, f.problem, f.stamp, f.indexed_at,
      coalesce(b.problem is null or b.problem in ('generated', 'minified'), false) as has_text
    from ${filesOf(sql, snapshot)} f
    left join public.blobs b on b.organization_id = ${sql.organizationId} and b.id = f.blob_id
    where f.path = ${path}`;
  return rows[0];
}

/** Paths of the snapshot that end like `path` or lie below it: what somebody who mistyped it may have meant. */
async function listSimilarPaths(sql: OrganizationSql, snapshot: IndexedRef, path: string): Promise<string[]> {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const rows = await sql<{ path: string }>`
    select path
    from ${filesOf(sql, snapshot)} f
    where lower(path) = ${name} or right(lower(path), ${name.length + 1}) = ${`/${name}`} or starts_with(path, ${`${path}/`})
    order by path
    limit ${NAMES_IN_MESSAGE_MAX}`;
  return rows.map((row) => row.path);
}

export interface TextChunk {
  number: number;
  first_line: number;
  content: string;
}

/** The chunks of a text that hold lines `startLine`..`endLine`, in order. */
export async function listChunks(
  sql: OrganizationSql,
  { blobId, startLine, endLine }: { blobId: BlobId; startLine: number; endLine: number },
): Promise<TextChunk[]> {
  return sql.kept<TextChunk>`
    select number, first_line, content
    from public.blob_chunks
    where ${holdsLines(sql, { blobId, startLine, endLine })}
    order by number`;
}

/** Of blob_chunks: a chunk of the blob with some of the lines. */
export function holdsLines(
  sql: OrganizationSql,
  { blobId, startLine, endLine }: { blobId: BlobId; startLine: number; endLine: number },
): Fragment {
  return fragment`
    organization_id = ${sql.organizationId} and blob_id = ${blobId} and first_line <= ${endLine}
    and number >= coalesce((
      select max(number) from public.blob_chunks
      where organization_id = ${sql.organizationId} and blob_id = ${blobId} and first_line <= ${startLine}), 0)`;
}

/** The text of each of those lines, without its end, at most LINE_CHARACTERS_MAX; in the order asked. */
export async function listLines(
  sql: OrganizationSql,
  places: readonly { blobId: BlobId; line: number }[],
): Promise<string[]> {
  const rows = await sql<{ text: string }>`
    select coalesce(left(split_part(c.content, E'\n', w.line - c.first_line + 1), ${LINE_CHARACTERS_MAX}), '') as text
    from unnest(${places.map(({ blobId }) => blobId)}::bigint[], ${places.map(({ line }) => line)}::int[])
      with ordinality as w(blob_id, line, place)
    left join lateral (
      select first_line, content
      from public.blob_chunks
      where organization_id = ${sql.organizationId} and blob_id = w.blob_id and first_line <= w.line
      order by number desc
      limit 1
    ) c on true
    order by w.place`;
  return rows.map((row) => row.text);
}

export async function getLineCount(sql: OrganizationSql, blobId: BlobId): Promise<number> {
  const rows = await sql<{ lines: number }>`
    select lines from public.blobs where organization_id = ${sql.organizationId} and id = ${blobId}`;
  return rows[0]?.lines ?? 0;
}

export interface RecentFile {
  repository: string;
  path: string;
  language: string;
  size_bytes: number;
  commit: string;
  dirty: boolean;
  indexed_at: Date;
}

/** Where a listing goes on: after this row. */
export interface RecentFilePosition {
  indexedAt: string;
  repository: string;
  path: string;
}

/** Searchable files of the given snapshots, those whose content came last first. */
export async function listRecentFiles(
  sql: OrganizationSql,
  {
    snapshots,
    after,
    limit,
  }: { snapshots: readonly IndexedRef[]; after: RecentFilePosition | undefined; limit: number },
): Promise<RecentFile[]> {
  const ids = snapshots.map((snapshot) => snapshot.snapshot_id);
  const bases = snapshots.map((snapshot) => snapshot.base_snapshot_id);
  return sql<RecentFile>`
    with scope as (
      select t.snapshot_id, t.base_snapshot_id, r.name as repository, s.commit, s.dirty
      from unnest(${ids}::bigint[], ${bases}::bigint[]) as t(snapshot_id, base_snapshot_id)
      join public.snapshots s on s.organization_id = ${sql.organizationId} and s.id = t.snapshot_id
      join public.repositories r on r.organization_id = s.organization_id and r.id = s.repository_id
    ), file as (
      select c.repository, c.commit, c.dirty, f.path, f.language, f.size_bytes, f.indexed_at
      from scope c
      join public.files f on f.organization_id = ${sql.organizationId} and f.snapshot_id in (c.snapshot_id, c.base_snapshot_id)
      where f.blob_id is not null
        and (f.snapshot_id = c.snapshot_id or not exists (
          select from public.files o
          where o.organization_id = ${sql.organizationId} and o.snapshot_id = c.snapshot_id and o.path = f.path))
    )
    select repository, path, language, size_bytes, commit, dirty, indexed_at
    from file
    where ${after === undefined ? fragment`true` : fragment`(date_trunc('milliseconds', indexed_at), repository, path) < (${after.indexedAt}::timestamptz, ${after.repository}, ${after.path})`}
    order by date_trunc('milliseconds', indexed_at) desc, repository desc, path desc
    limit ${limit}`;
}

export interface RepositorySummary extends Repository {
  refs: {
    ref: string;
    commit: string;
    dirty: boolean;
    state: RefState;
    indexed_at: string;
    files: number;
    problems: number;
  }[];
  languages: Record<string, number>;
  size_bytes: number;
  /** Names of the projects it belongs to. */
  projects: string[];
}

/** Repositories by name, after `afterName`; languages and size are those of the default ref. */
export async function listRepositories(
  sql: OrganizationSql,
  { afterName, projectId, limit }: { afterName: string | undefined; projectId?: ProjectId | undefined; limit: number },
): Promise<RepositorySummary[]> {
  return sql<RepositorySummary>`
    select o.id, o.name, o.url, o.default_ref,
      coalesce(d.languages, '{}') as languages, coalesce(d.size_bytes, 0) as size_bytes,
      coalesce((
        select jsonb_agg(jsonb_build_object('ref', i.ref, 'commit', i.commit, 'dirty', i.dirty, 'state', i.state,
          'indexed_at', i.indexed_at, 'files', s.files, 'problems', s.problems) order by i.ref)
        from (${INDEXED_REF} where f.organization_id = ${sql.organizationId} and f.repository_id = o.id) i
        join public.snapshots s on s.organization_id = ${sql.organizationId} and s.id = i.snapshot_id
      ), '[]') as refs,
      array(
        select j.name
        from public.projects_repositories m
        join public.projects j on j.organization_id = m.organization_id and j.id = m.project_id
        where m.organization_id = o.organization_id and m.repository_id = o.id
        order by j.folded_name) as projects
    from public.repositories o
    left join public.refs p on p.organization_id = o.organization_id and p.repository_id = o.id and p.ref = o.default_ref
    left join public.snapshots d on d.organization_id = p.organization_id and d.id = p.snapshot_id
    where o.organization_id = ${sql.organizationId}
      and ${afterName === undefined ? fragment`true` : fragment`o.folded_name > kota.folded(${afterName})`}
      and ${projectId === undefined ? fragment`true` : memberOf(sql, projectId, fragment`o.id`)}
    order by o.folded_name
    limit ${limit}`;
}

// ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────

export type JobState = "queued" | "running" | "succeeded" | "failed" | "cancelled";

export interface IndexJob {
  id: JobId;
  repository_id: RepositoryId;
  repository: string;
  url: string;
  ref: string;
  /** Questions that name no ref are about this one, once it is indexed. */
  is_default: boolean;
  commit: string;
  dirty: boolean | null;
  state: JobState;
  /** `checking` of a job that is over: a checker looks at what it, or a later job of the ref, built. */
  phase: Phase;
  files_done: number;
  files_total: number;
  bytes_done: number;
  attempts: number;
  error: string | null;
  problems: { path: string; reason: ProblemReason }[];
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

/**
 * A job for that repository and ref, and its message, in one transaction. One that still waits is brought to
 * `commit` and returned instead. Safe to repeat.
 */
export async function enqueueIndexJob(
  sql: OrganizationSql,
  {
    repositoryId,
    ref,
    isDefault,
    commit,
  }: { repositoryId: RepositoryId; ref: string; isDefault: boolean; commit: string },
): Promise<{ id: JobId; state: JobState }> {
  const rows = await sql<{ id: JobId; state: JobState; is_new: boolean }>`
    insert into public.index_jobs (organization_id, repository_id, ref, is_default, commit)
    values (${sql.organizationId}, ${repositoryId}, ${ref}, ${isDefault}, ${commit})
    on conflict (organization_id, repository_id, ref) where state = 'queued' do update
      set commit = excluded.commit, is_default = index_jobs.is_default or excluded.is_default
    returning id, state, xmax = 0 as is_new`;
  const [job] = rows;
  if (!job) throw new Error("insert of a job returned no row");
  if (job.is_new) await sql`select kota.send_index_job(${job.id})`;
  return { id: job.id, state: job.state };
}

export async function findJob(sql: OrganizationSql, id: string): Promise<IndexJob | undefined> {
  if (!isUuid(id)) return undefined;
  const rows = await sql<IndexJob>`
    select j.id, j.repository_id, r.name as repository, r.url, j.ref, j.is_default, j.commit, j.dirty, j.state, j.files_done, j.files_total,
      case when j.phase = 'done' and exists (
        select from public.index_jobs o
        where o.organization_id = j.organization_id and o.repository_id = j.repository_id and o.ref = j.ref
          and o.phase = 'checking' and o.state = 'succeeded') then 'checking' else j.phase end as phase,
      j.bytes_done, j.attempts, j.error, j.problems, j.created_at, j.started_at, j.finished_at
    from public.index_jobs j
    join public.repositories r on r.organization_id = j.organization_id and r.id = j.repository_id
    where j.organization_id = ${sql.organizationId} and j.id = ${id}`;
  return rows[0];
}

export async function getJob(sql: OrganizationSql, id: string): Promise<IndexJob> {
  const job = await findJob(sql, id);
  if (!job) throw new AppError("not_found", `No job '${id}'. index_repository answers the id of its job.`);
  return job;
}

/** Takes the job; false when it is over already. Counts the attempt. */
export async function startJob(sql: OrganizationSql, id: JobId): Promise<{ attempt: number } | undefined> {
  const rows = await sql<{ attempt: number }>`
    update public.index_jobs
    set state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()), error = null,
      phase = 'waiting', files_done = 0, files_total = 0, bytes_done = 0
    where organization_id = ${sql.organizationId} and id = ${id} and state in ('queued', 'running')
    returning attempts as attempt`;
  return rows[0];
}

export interface Progress {
  phase: Phase;
  filesDone: number;
  filesTotal: number;
  bytesDone: number;
}

/** Notes progress; false when this attempt is no longer the one that counts (cancelled, removed, taken over). */
export async function saveProgress(
  sql: OrganizationSql,
  job: { id: JobId; attempt: number },
  progress: Progress,
): Promise<boolean> {
  const rows = await sql`
    update public.index_jobs
    set phase = ${progress.phase}, files_done = ${progress.filesDone}, files_total = ${progress.filesTotal}, bytes_done = ${progress.bytesDone}
    where organization_id = ${sql.organizationId} and id = ${job.id} and state = 'running' and attempts = ${job.attempt}
    returning id`;
  return rows.length > 0;
}

export interface JobEnd {
  state: "succeeded" | "failed" | "cancelled";
  error?: string;
  /** What it built is there, and a type checker goes on with it. */
  isChecking?: boolean;
  /** What was really indexed: a working tree may have moved on since it was asked for. */
  indexed?: { commit: string; dirty: boolean; files: number; bytesRead: number };
}

/** Ends this attempt's job; false when it was not running under this attempt any more. Locks the row until commit. */
export async function finishJob(
  sql: OrganizationSql,
  job: { id: JobId; attempt: number },
  { state, error, isChecking = false, indexed }: JobEnd,
): Promise<boolean> {
  const rows = await sql`
    update public.index_jobs
    set state = ${state}, error = ${error ?? null}, commit = coalesce(${indexed?.commit ?? null}, commit), dirty = ${indexed?.dirty ?? null}, finished_at = now(),
      phase = case when ${state} <> 'succeeded' then phase when ${isChecking} then 'checking' else 'done' end,
      files_done = coalesce(${indexed?.files ?? null}::int, files_done), files_total = coalesce(${indexed?.files ?? null}::int, files_total),
      bytes_done = coalesce(${indexed?.bytesRead ?? null}::bigint, bytes_done)
    where organization_id = ${sql.organizationId} and id = ${job.id} and state = 'running' and attempts = ${job.attempt}
    returning id`;
  return rows.length > 0;
}

/** Keeps the job's list of problems: every file of the snapshot that has one. */
export async function saveJobProblems(
  sql: OrganizationSql,
  id: JobId,
  snapshot: Pick<IndexedRef, "snapshot_id" | "base_snapshot_id">,
): Promise<void> {
  await sql`
    update public.index_jobs
    set problems = coalesce((
      select jsonb_agg(jsonb_build_object('path', f.path, 'reason', f.problem) order by f.path)
      from ${filesOf(sql, snapshot)} f
      where f.problem is not null), '[]')
    where organization_id = ${sql.organizationId} and id = ${id}`;
}

/** No type checker goes on with what these jobs built any more, nor with what earlier ones of their refs did. */
export async function endChecks(sql: OrganizationSql, ids: readonly JobId[]): Promise<void> {
  await sql`
    update public.index_jobs j
    set phase = 'done'
    from public.index_jobs o
    where o.organization_id = ${sql.organizationId} and o.id = any(${ids}::uuid[])
      and j.organization_id = o.organization_id and j.repository_id = o.repository_id and j.ref = o.ref
      and j.created_at <= o.created_at and j.phase = 'checking'`;
}

/** The same of jobs that have waited for it longer than any checker may take: its process is gone. */
export async function endAbandonedChecks(sql: Sql, { secondsMax }: { secondsMax: number }): Promise<void> {
  await sql`
    update public.index_jobs
    set phase = 'done'
    where phase = 'checking' and finished_at < now() - ${secondsMax} * interval '1 second'`;
}

/** Notes why this attempt ended, for the next one; the job keeps waiting for it. */
export async function requeueJob(
  sql: OrganizationSql,
  job: { id: JobId; attempt: number },
  error: string,
): Promise<void> {
  await sql`
    update public.index_jobs
    set error = ${error}, phase = 'waiting'
    where organization_id = ${sql.organizationId} and id = ${job.id} and state = 'running' and attempts = ${job.attempt}`;
}

/** Cancels the job unless it is over; its worker lets go at its next progress. True when it was cancelled by this. */
export async function cancelJob(sql: OrganizationSql, id: JobId): Promise<boolean> {
  const rows = await sql`
    update public.index_jobs
    set state = 'cancelled', finished_at = now()
    where organization_id = ${sql.organizationId} and id = ${id} and state in ('queued', 'running')
    returning id`;
  return rows.length > 0;
}

/** Cancels every job of the repository that is not over. */
export async function cancelJobsOf(sql: OrganizationSql, repositoryId: RepositoryId): Promise<void> {
  await sql`
    update public.index_jobs
    set state = 'cancelled', finished_at = now()
    where organization_id = ${sql.organizationId} and repository_id = ${repositoryId} and state in ('queued', 'running')`;
}

/** Whether a later job for the same repository and ref exists that was not cancelled: then this one has nothing to add. */
export async function hasLaterJob(
  sql: OrganizationSql,
  job: Pick<IndexJob, "id" | "repository_id" | "ref" | "created_at">,
): Promise<boolean> {
  const rows = await sql`
    select id
    from public.index_jobs
    where organization_id = ${sql.organizationId} and repository_id = ${job.repository_id} and ref = ${job.ref}
      and id <> ${job.id} and created_at > (select created_at from public.index_jobs where organization_id = ${sql.organizationId} and id = ${job.id})
      and state in ('running', 'succeeded')
    limit 1`;
  return rows.length > 0;
}

/** Jobs that say they run while the queue no longer has a message for them fail, with a reason. */
export async function failAbandonedJobs(sql: Sql): Promise<number> {
  const rows = await sql`
    update public.index_jobs j
    set state = 'failed', finished_at = now(),
      error = coalesce(j.error, 'Its worker died ' || j.attempts || ' times. Index again; if it happens again, the log of the worker says why.')
    where j.state in ('queued', 'running')
      and not exists (
        select from pgboss.job q
        where q.name = 'index-snapshot' and q.data ->> 'jobId' = j.id::text and q.state in ('created', 'retry', 'active'))
      and j.created_at < now() - interval '1 minute'
    returning j.id`;
  return rows.length;
}

/** Deletes jobs that ended JOB_DAYS_MAX ago, and of each ref all but the last JOBS_OF_REF_MAX. */
export async function deleteOldJobs(sql: Sql): Promise<void> {
  await sql`
    delete from public.index_jobs j
    using (
      select organization_id, id, row_number() over (partition by organization_id, repository_id, ref order by created_at desc) as place
      from public.index_jobs
      where state in ('succeeded', 'failed', 'cancelled')
    ) p
    where p.organization_id = j.organization_id and p.id = j.id
      and (p.place > ${JOBS_OF_REF_MAX} or (p.place > 1 and j.finished_at < now() - ${JOB_DAYS_MAX} * interval '1 day'))`;
}
