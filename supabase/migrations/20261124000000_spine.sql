-- The spine: roles, organizations and keys, repositories, immutable snapshots over content-addressed blobs,
-- packed trigram segments, and indexing jobs.
--
-- Every table carries organization_id (organizations: id), has row-level security enabled and forced, and one
-- policy. Every primary key starts with organization_id, so that the database can be distributed by it.

do $$
declare
  role_name text;
begin
  foreach role_name in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      execute format('create role %I nologin noinherit', role_name);
    end if;
  end loop;
  -- The login of requests and jobs. It inherits nothing: without `set role` in the transaction it may do
  -- nothing, and it can never become service_role. `kota migrate` gives it its password.
  if not exists (select from pg_roles where rolname = 'kota_authenticator') then
    create role kota_authenticator nologin noinherit;
  end if;
  grant anon, authenticated to kota_authenticator;
end
$$;

-- Supabase has both; a plain Postgres gets the same names.
do $$
begin
  create schema if not exists auth;
  if to_regprocedure('auth.uid()') is null then
    execute $fn$
      create function auth.uid() returns uuid language sql stable set search_path = '' as
      'select (nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'')::uuid'
    $fn$;
    grant usage on schema auth to anon, authenticated, service_role;
  end if;
end
$$;

create schema kota;
grant usage on schema kota to anon, authenticated, service_role;

-- The organization a transaction may see, or null. Only Kota's own login is believed: it sets the claim itself
-- after checking a key. The same claim in a token that came through another login says nothing.
create function kota.organization_id() returns uuid
language sql stable security invoker set search_path = ''
as $$
  select case when session_user = 'kota_authenticator'
    then (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id')::uuid
  end
$$;

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null check (char_length(name) between 1 and 100),
  created_at timestamptz not null default now()
);
create unique index organizations_name on public.organizations (lower(name));

create table public.api_keys (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null default gen_random_uuid(),
  name text not null check (char_length(name) between 1 and 100),
  hash bytea not null check (octet_length(hash) = 32),
  prefix text not null,
  last_four text not null check (char_length(last_four) = 4),
  scopes text[] not null check (scopes <@ array['read', 'write', 'admin'] and cardinality(scopes) > 0),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (organization_id, id)
);
create unique index api_keys_hash on public.api_keys (hash);

create table public.repositories (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null default gen_random_uuid(),
  name text collate "C" not null check (char_length(name) between 1 and 500),
  -- https URL, or file:// of a folder on this machine (local mode only)
  url text collate "C" not null check (char_length(url) between 1 and 2000),
  default_ref text collate "C" not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, id)
);
create unique index repositories_name on public.repositories (organization_id, lower(name));

-- The index of one repository at one commit. Written once; readable by anyone who holds its id until it is swept.
create table public.snapshots (
  organization_id uuid not null,
  id bigint generated always as identity,
  repository_id uuid not null,
  ref text collate "C" not null,
  commit text collate "C" not null check (commit ~ '^[0-9a-f]{40,64}$'),
  dirty boolean not null default false,
  -- Files are those of the base, except where this snapshot has a row of its own for the path.
  base_snapshot_id bigint,
  segment_ids bigint[] not null default '{}',
  files int not null default 0,
  problems int not null default 0,
  size_bytes bigint not null default 0,
  languages jsonb not null default '{}',
  created_at timestamptz not null default now(),
  ready_at timestamptz,
  superseded_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, repository_id) references public.repositories (organization_id, id) on delete cascade,
  foreign key (organization_id, base_snapshot_id) references public.snapshots (organization_id, id)
);
create index snapshots_repository on public.snapshots (organization_id, repository_id, ref);
create index snapshots_base on public.snapshots (organization_id, base_snapshot_id) where base_snapshot_id is not null;

create table public.refs (
  organization_id uuid not null,
  repository_id uuid not null,
  ref text collate "C" not null,
  snapshot_id bigint not null,
  primary key (organization_id, repository_id, ref),
  foreign key (organization_id, repository_id) references public.repositories (organization_id, id) on delete cascade,
  foreign key (organization_id, snapshot_id) references public.snapshots (organization_id, id) on delete cascade
);
create index refs_snapshot on public.refs (organization_id, snapshot_id);

-- Content by git object id, stored and analysed once in an organization. `problem` says why there is no text.
create table public.blobs (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  id bigint generated always as identity,
  oid text collate "C" not null check (oid ~ '^[0-9a-f]{40,64}$'),
  size_bytes bigint not null,
  lines int not null,
  chunks int not null,
  problem text,
  primary key (organization_id, id)
);
create unique index blobs_oid on public.blobs (organization_id, oid);

-- A blob's text in line-aligned pieces, so that a match never lies in two of them.
create table public.blob_chunks (
  organization_id uuid not null,
  blob_id bigint not null,
  number int not null,
  first_line int not null,
  content text not null,
  primary key (organization_id, blob_id, number),
  foreign key (organization_id, blob_id) references public.blobs (organization_id, id) on delete cascade
) with (toast_tuple_target = 8160);

create table public.files (
  organization_id uuid not null,
  snapshot_id bigint not null,
  path text collate "C" not null,
  -- null: this path of the base is gone here, or it never had content (`problem` says why)
  blob_id bigint,
  removed boolean not null default false,
  language text not null,
  is_test boolean not null,
  size_bytes bigint not null,
  problem text,
  -- Working trees only: size, times and inode, so that an untouched file is not read again.
  stamp text,
  indexed_at timestamptz not null,
  primary key (organization_id, snapshot_id, path),
  foreign key (organization_id, snapshot_id) references public.snapshots (organization_id, id) on delete cascade,
  foreign key (organization_id, blob_id) references public.blobs (organization_id, id)
);
create index files_blob on public.files (organization_id, blob_id, snapshot_id) where blob_id is not null;

-- A packed trigram index over some blobs of a repository; immutable. `src/search/segment.ts` has the format.
create table public.segments (
  organization_id uuid not null,
  id bigint generated always as identity,
  repository_id uuid not null,
  documents int not null,
  buckets int not null check (buckets > 0 and buckets & (buckets - 1) = 0),
  created_at timestamptz not null default now(),
  primary key (organization_id, id),
  foreign key (organization_id, repository_id) references public.repositories (organization_id, id) on delete cascade
);
create index segments_repository on public.segments (organization_id, repository_id);

create table public.segment_pages (
  organization_id uuid not null,
  segment_id bigint not null,
  bucket int not null,
  data bytea not null,
  primary key (organization_id, segment_id, bucket),
  foreign key (organization_id, segment_id) references public.segments (organization_id, id) on delete cascade
);
alter table public.segment_pages alter column data set storage external;

-- ordinal → chunk, in static rank order; the chunks of one blob follow one another.
create table public.segment_documents (
  organization_id uuid not null,
  segment_id bigint not null,
  ordinal int not null,
  blob_id bigint not null,
  chunk_number int not null,
  primary key (organization_id, segment_id, ordinal),
  foreign key (organization_id, segment_id) references public.segments (organization_id, id) on delete cascade
);
create index segment_documents_blob on public.segment_documents (organization_id, blob_id);

create table public.index_jobs (
  organization_id uuid not null,
  id uuid not null default gen_random_uuid(),
  repository_id uuid not null,
  ref text collate "C" not null,
  -- The ref becomes the repository's default together with its snapshot.
  is_default boolean not null default false,
  commit text collate "C" not null,
  -- Working trees: whether the indexed files differed from the commit; known once they were read.
  dirty boolean,
  state text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  phase text not null default 'waiting',
  files_done int not null default 0,
  files_total int not null default 0,
  bytes_done bigint not null default 0,
  attempts int not null default 0,
  error text,
  problems jsonb not null default '[]',
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, repository_id) references public.repositories (organization_id, id) on delete cascade
);
create index index_jobs_repository on public.index_jobs (organization_id, repository_id, ref, created_at desc);
-- A waiting job for the same repository and ref is returned, not doubled.
create unique index index_jobs_waiting on public.index_jobs (organization_id, repository_id, ref) where state = 'queued';

do $$
declare
  table_name text;
begin
  foreach table_name in array array[
    'organizations', 'api_keys', 'repositories', 'snapshots', 'refs', 'blobs', 'blob_chunks', 'files',
    'segments', 'segment_pages', 'segment_documents', 'index_jobs'
  ] loop
    execute format('alter table public.%I enable row level security', table_name);
    execute format('alter table public.%I force row level security', table_name);
    execute format('revoke all on public.%I from public, anon', table_name);
    execute format('grant select, insert, update, delete on public.%I to authenticated', table_name);
    execute format('grant all on public.%I to service_role', table_name);
    execute format(
      'create policy own_organization on public.%I for all to authenticated
         using (%s = (select kota.organization_id())) with check (%2$s = (select kota.organization_id()))',
      table_name, case table_name when 'organizations' then 'id' else 'organization_id' end);
  end loop;
end
$$;

-- Puts the message for one of the caller's own indexing jobs into the queue, in the caller's transaction.
-- Security definer because `authenticated` must not reach the queue's tables: they hold every organization's
-- messages. It takes a job id alone and looks the job up under the caller's own organization, so it can enqueue
-- nothing else. The columns are those pg-boss 12 writes itself; the NOTIFY wakes a waiting worker.
create function kota.send_index_job(job_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if not exists (
    select from public.index_jobs j where j.id = job_id and j.organization_id = kota.organization_id()
  ) then
    raise exception 'no such job';
  end if;
  insert into pgboss.job (
    name, data, policy, retry_limit, retry_delay, retry_backoff, expire_seconds, deletion_seconds, keep_until,
    heartbeat_seconds, dead_letter)
  select q.name, jsonb_build_object('organizationId', kota.organization_id(), 'jobId', job_id), q.policy,
    q.retry_limit, q.retry_delay, q.retry_backoff, q.expire_seconds, q.deletion_seconds,
    now() + q.retention_seconds * interval '1 second', q.heartbeat_seconds, q.dead_letter
  from pgboss.queue q
  where q.name = 'index-snapshot';
  if not found then
    raise exception 'queue index-snapshot is missing: run kota migrate';
  end if;
  perform pg_notify('pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24), 'index-snapshot');
end
$$;

revoke execute on all functions in schema kota from public;
grant execute on function kota.organization_id() to anon, authenticated, service_role;
grant execute on function kota.send_index_job(uuid) to authenticated;
