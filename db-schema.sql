-- The schema after all migrations. Written by `npm run golden`; read the difference before you commit it.

create table api_keys (
  organization_id uuid not null,
  id uuid not null default gen_random_uuid(),
  name text not null,
  hash bytea not null,
  prefix text not null,
  last_four text not null,
  scopes text[] not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_keys_hash_check CHECK ((octet_length(hash) = 32)),
  constraint api_keys_last_four_check CHECK ((char_length(last_four) = 4)),
  constraint api_keys_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
  constraint api_keys_scopes_check CHECK (((scopes <@ ARRAY['read'::text, 'write'::text, 'admin'::text]) AND (cardinality(scopes) > 0))),
  constraint api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint api_keys_pkey PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX api_keys_hash ON public.api_keys USING btree (hash);
-- row-level security: enabled, forced
create policy own_organization on api_keys for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on api_keys for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table blob_chunks (
  organization_id uuid not null,
  blob_id bigint not null,
  number integer not null,
  first_line integer not null,
  content text not null,
  constraint blob_chunks_organization_id_blob_id_fkey FOREIGN KEY (organization_id, blob_id) REFERENCES blobs(organization_id, id) ON DELETE CASCADE,
  constraint blob_chunks_pkey PRIMARY KEY (organization_id, blob_id, number)
);
-- row-level security: enabled, forced
create policy member on blob_chunks for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on blob_chunks for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on blob_chunks for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table blob_facts (
  organization_id uuid not null,
  blob_id bigint not null,
  grammar text collate "C" not null,
  version integer not null,
  data bytea not null,
  problem text,
  constraint blob_facts_organization_id_blob_id_fkey FOREIGN KEY (organization_id, blob_id) REFERENCES blobs(organization_id, id) ON DELETE CASCADE,
  constraint blob_facts_pkey PRIMARY KEY (organization_id, blob_id, grammar)
);
-- row-level security: enabled, forced
create policy member on blob_facts for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on blob_facts for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on blob_facts for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table blobs (
  organization_id uuid not null,
  id bigint not null generated always as identity,
  oid text collate "C" not null,
  size_bytes bigint not null,
  lines integer not null,
  chunks integer not null,
  problem text,
  constraint blobs_oid_check CHECK ((oid ~ '^[0-9a-f]{40,64}$'::text)),
  constraint blobs_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint blobs_pkey PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX blobs_oid ON public.blobs USING btree (organization_id, oid);
-- row-level security: enabled, forced
create policy member on blobs for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on blobs for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on blobs for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table checked_links (
  organization_id uuid not null,
  snapshot_id bigint not null,
  path text collate "C" not null,
  data bytea not null,
  constraint checked_links_organization_id_snapshot_id_fkey FOREIGN KEY (organization_id, snapshot_id) REFERENCES snapshots(organization_id, id) ON DELETE CASCADE,
  constraint checked_links_pkey PRIMARY KEY (organization_id, snapshot_id, path)
);
-- row-level security: enabled, forced
create policy member on checked_links for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on checked_links for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on checked_links for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table file_links (
  organization_id uuid not null,
  snapshot_id bigint not null,
  path text collate "C" not null,
  data bytea not null,
  constraint file_links_organization_id_snapshot_id_fkey FOREIGN KEY (organization_id, snapshot_id) REFERENCES snapshots(organization_id, id) ON DELETE CASCADE,
  constraint file_links_pkey PRIMARY KEY (organization_id, snapshot_id, path)
);
-- row-level security: enabled, forced
create policy member on file_links for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on file_links for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on file_links for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table files (
  organization_id uuid not null,
  snapshot_id bigint not null,
  path text collate "C" not null,
  blob_id bigint,
  removed boolean not null default false,
  language text not null,
  is_test boolean not null,
  size_bytes bigint not null,
  problem text,
  stamp text,
  indexed_at timestamp with time zone not null,
  constraint files_organization_id_blob_id_fkey FOREIGN KEY (organization_id, blob_id) REFERENCES blobs(organization_id, id),
  constraint files_organization_id_snapshot_id_fkey FOREIGN KEY (organization_id, snapshot_id) REFERENCES snapshots(organization_id, id) ON DELETE CASCADE,
  constraint files_pkey PRIMARY KEY (organization_id, snapshot_id, path)
);
CREATE INDEX files_blob ON public.files USING btree (organization_id, blob_id, snapshot_id) WHERE (blob_id IS NOT NULL);
-- row-level security: enabled, forced
create policy member on files for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on files for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on files for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table index_jobs (
  organization_id uuid not null,
  id uuid not null default gen_random_uuid(),
  repository_id uuid not null,
  ref text collate "C" not null,
  is_default boolean not null default false,
  commit text collate "C" not null,
  dirty boolean,
  state text not null default 'queued'::text,
  phase text not null default 'waiting'::text,
  files_done integer not null default 0,
  files_total integer not null default 0,
  bytes_done bigint not null default 0,
  attempts integer not null default 0,
  error text,
  problems jsonb not null default '[]'::jsonb,
  created_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  constraint index_jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text]))),
  constraint index_jobs_organization_id_repository_id_fkey FOREIGN KEY (organization_id, repository_id) REFERENCES repositories(organization_id, id) ON DELETE CASCADE,
  constraint index_jobs_pkey PRIMARY KEY (organization_id, id)
);
CREATE INDEX index_jobs_repository ON public.index_jobs USING btree (organization_id, repository_id, ref, created_at DESC);
CREATE UNIQUE INDEX index_jobs_waiting ON public.index_jobs USING btree (organization_id, repository_id, ref) WHERE (state = 'queued'::text);
-- row-level security: enabled, forced
create policy member on index_jobs for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on index_jobs for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on index_jobs for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table invitations (
  organization_id uuid not null,
  email text not null,
  role text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint invitations_email_check CHECK (((email = lower(email)) AND ((char_length(email) >= 1) AND (char_length(email) <= 320)))),
  constraint invitations_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text]))),
  constraint invitations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint invitations_pkey PRIMARY KEY (organization_id, email)
);
CREATE INDEX invitations_email ON public.invitations USING btree (email);
-- row-level security: enabled, forced
create policy own_organization on invitations for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on invitations for all to service_role using (true) with check (true);
grant select to authenticated;

create table members (
  organization_id uuid not null,
  user_id uuid not null,
  role text not null,
  email text,
  created_at timestamp with time zone not null default now(),
  constraint members_email_check CHECK (((char_length(email) >= 1) AND (char_length(email) <= 320))),
  constraint members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text]))),
  constraint members_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint members_pkey PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX members_user ON public.members USING btree (user_id);
-- row-level security: enabled, forced
create policy own_membership on members for r to authenticated using ((user_id = ( SELECT auth.uid() AS uid))) with check ();
create policy own_organization on members for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on members for all to service_role using (true) with check (true);
grant select to authenticated;

create table organizations (
  id uuid not null default gen_random_uuid(),
  name text not null,
  created_at timestamp with time zone not null default now(),
  tier text not null default 'free'::text,
  personal_of uuid,
  folded_name text collate "C" not null generated always as (kota.folded(name)) stored,
  constraint organizations_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
  constraint organizations_tier_check CHECK ((tier = ANY (ARRAY['free'::text, 'solo'::text, 'team'::text]))),
  constraint organizations_pkey PRIMARY KEY (id),
  constraint organizations_personal_of_key UNIQUE (personal_of)
);
CREATE UNIQUE INDEX organizations_folded_name ON public.organizations USING btree (folded_name);
-- row-level security: enabled, forced
create policy member on organizations for r to authenticated using ((id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on organizations for all to authenticated using ((id = ( SELECT kota.organization_id() AS organization_id))) with check ((id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on organizations for all to service_role using (true) with check (true);
grant select to authenticated;

create table projects (
  organization_id uuid not null,
  id uuid not null default gen_random_uuid(),
  name text collate "C" not null,
  description text not null default ''::text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  folded_name text collate "C" not null generated always as (kota.folded(name)) stored,
  constraint projects_description_check CHECK ((char_length(description) <= 2000)),
  constraint projects_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
  constraint projects_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint projects_pkey PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX projects_folded_name ON public.projects USING btree (organization_id, folded_name);
-- row-level security: enabled, forced
create policy member on projects for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on projects for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on projects for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table projects_repositories (
  organization_id uuid not null,
  project_id uuid not null,
  repository_id uuid not null,
  added_at timestamp with time zone not null default now(),
  constraint projects_repositories_organization_id_project_id_fkey FOREIGN KEY (organization_id, project_id) REFERENCES projects(organization_id, id) ON DELETE CASCADE,
  constraint projects_repositories_organization_id_repository_id_fkey FOREIGN KEY (organization_id, repository_id) REFERENCES repositories(organization_id, id) ON DELETE CASCADE,
  constraint projects_repositories_pkey PRIMARY KEY (organization_id, project_id, repository_id)
);
CREATE INDEX projects_repositories_repository ON public.projects_repositories USING btree (organization_id, repository_id);
-- row-level security: enabled, forced
create policy member on projects_repositories for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on projects_repositories for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on projects_repositories for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table rate_limit_counters (
  organization_id uuid not null,
  window_start timestamp with time zone not null,
  used integer not null,
  constraint rate_limit_counters_used_check CHECK ((used >= 0)),
  constraint rate_limit_counters_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint rate_limit_counters_pkey PRIMARY KEY (organization_id, window_start)
);
-- row-level security: enabled, forced
create policy own_organization on rate_limit_counters for r to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ();
create policy service on rate_limit_counters for all to service_role using (true) with check (true);
grant select to authenticated;

create table rate_limit_counters_daily (
  organization_id uuid not null,
  day date not null,
  used integer not null,
  constraint rate_limit_counters_daily_used_check CHECK ((used >= 0)),
  constraint rate_limit_counters_daily_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint rate_limit_counters_daily_pkey PRIMARY KEY (organization_id, day)
);
-- row-level security: enabled, forced
create policy own_organization on rate_limit_counters_daily for r to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ();
create policy service on rate_limit_counters_daily for all to service_role using (true) with check (true);
grant select to authenticated;

create table refs (
  organization_id uuid not null,
  repository_id uuid not null,
  ref text collate "C" not null,
  snapshot_id bigint not null,
  constraint refs_organization_id_repository_id_fkey FOREIGN KEY (organization_id, repository_id) REFERENCES repositories(organization_id, id) ON DELETE CASCADE,
  constraint refs_organization_id_snapshot_id_fkey FOREIGN KEY (organization_id, snapshot_id) REFERENCES snapshots(organization_id, id) ON DELETE CASCADE,
  constraint refs_pkey PRIMARY KEY (organization_id, repository_id, ref)
);
CREATE INDEX refs_snapshot ON public.refs USING btree (organization_id, snapshot_id);
-- row-level security: enabled, forced
create policy member on refs for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on refs for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on refs for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table repositories (
  organization_id uuid not null,
  id uuid not null default gen_random_uuid(),
  name text collate "C" not null,
  url text collate "C" not null,
  default_ref text collate "C" not null,
  created_at timestamp with time zone not null default now(),
  folded_name text collate "C" not null generated always as (kota.folded(name)) stored,
  constraint repositories_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 500))),
  constraint repositories_url_check CHECK (((char_length(url) >= 1) AND (char_length(url) <= 2000))),
  constraint repositories_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint repositories_pkey PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX repositories_folded_name ON public.repositories USING btree (organization_id, folded_name);
-- row-level security: enabled, forced
create policy member on repositories for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on repositories for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on repositories for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table segment_documents (
  organization_id uuid not null,
  segment_id bigint not null,
  ordinal integer not null,
  blob_id bigint not null,
  chunk_number integer not null,
  constraint segment_documents_organization_id_segment_id_fkey FOREIGN KEY (organization_id, segment_id) REFERENCES segments(organization_id, id) ON DELETE CASCADE,
  constraint segment_documents_pkey PRIMARY KEY (organization_id, segment_id, ordinal)
);
CREATE INDEX segment_documents_blob ON public.segment_documents USING btree (organization_id, blob_id);
-- row-level security: enabled, forced
create policy member on segment_documents for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on segment_documents for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on segment_documents for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table segment_pages (
  organization_id uuid not null,
  segment_id bigint not null,
  bucket integer not null,
  data bytea not null,
  constraint segment_pages_organization_id_segment_id_fkey FOREIGN KEY (organization_id, segment_id) REFERENCES segments(organization_id, id) ON DELETE CASCADE,
  constraint segment_pages_pkey PRIMARY KEY (organization_id, segment_id, bucket)
);
-- row-level security: enabled, forced
create policy member on segment_pages for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on segment_pages for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on segment_pages for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table segments (
  organization_id uuid not null,
  id bigint not null generated always as identity,
  repository_id uuid not null,
  documents integer not null,
  buckets integer not null,
  created_at timestamp with time zone not null default now(),
  replaces bigint[],
  constraint segments_buckets_check CHECK (((buckets > 0) AND ((buckets & (buckets - 1)) = 0))),
  constraint segments_replaces_check CHECK ((cardinality(replaces) > 0)),
  constraint segments_organization_id_repository_id_fkey FOREIGN KEY (organization_id, repository_id) REFERENCES repositories(organization_id, id) ON DELETE CASCADE,
  constraint segments_pkey PRIMARY KEY (organization_id, id)
);
CREATE INDEX segments_repository ON public.segments USING btree (organization_id, repository_id);
-- row-level security: enabled, forced
create policy member on segments for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on segments for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on segments for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table snapshot_checks (
  organization_id uuid not null,
  snapshot_id bigint not null,
  key bytea not null,
  graph bytea,
  constraint snapshot_checks_organization_id_snapshot_id_fkey FOREIGN KEY (organization_id, snapshot_id) REFERENCES snapshots(organization_id, id) ON DELETE CASCADE,
  constraint snapshot_checks_pkey PRIMARY KEY (organization_id, snapshot_id)
);
-- row-level security: enabled, forced
create policy member on snapshot_checks for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on snapshot_checks for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on snapshot_checks for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table snapshot_graphs (
  organization_id uuid not null,
  snapshot_id bigint not null,
  version integer not null,
  data bytea not null,
  packages text[] collate "C" not null default '{}'::text[],
  state bytea,
  imported text[] collate "C" not null default '{}'::text[],
  constraint snapshot_graphs_organization_id_snapshot_id_fkey FOREIGN KEY (organization_id, snapshot_id) REFERENCES snapshots(organization_id, id) ON DELETE CASCADE,
  constraint snapshot_graphs_pkey PRIMARY KEY (organization_id, snapshot_id)
);
-- row-level security: enabled, forced
create policy member on snapshot_graphs for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on snapshot_graphs for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on snapshot_graphs for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table snapshots (
  organization_id uuid not null,
  id bigint not null generated always as identity,
  repository_id uuid not null,
  ref text collate "C" not null,
  commit text collate "C" not null,
  dirty boolean not null default false,
  base_snapshot_id bigint,
  segment_ids bigint[] not null default '{}'::bigint[],
  files integer not null default 0,
  problems integer not null default 0,
  size_bytes bigint not null default 0,
  languages jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  ready_at timestamp with time zone,
  superseded_at timestamp with time zone,
  rows_since_base integer not null default 0,
  constraint snapshots_commit_check CHECK ((commit ~ '^[0-9a-f]{40,64}$'::text)),
  constraint snapshots_organization_id_base_snapshot_id_fkey FOREIGN KEY (organization_id, base_snapshot_id) REFERENCES snapshots(organization_id, id),
  constraint snapshots_organization_id_repository_id_fkey FOREIGN KEY (organization_id, repository_id) REFERENCES repositories(organization_id, id) ON DELETE CASCADE,
  constraint snapshots_pkey PRIMARY KEY (organization_id, id)
);
CREATE INDEX snapshots_base ON public.snapshots USING btree (organization_id, base_snapshot_id) WHERE (base_snapshot_id IS NOT NULL);
CREATE INDEX snapshots_repository ON public.snapshots USING btree (organization_id, repository_id, ref);
-- row-level security: enabled, forced
create policy member on snapshots for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on snapshots for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on snapshots for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

create table symbols (
  organization_id uuid not null,
  blob_id bigint not null,
  grammar text collate "C" not null,
  number integer not null,
  name text collate "C" not null,
  container text collate "C",
  kind text not null,
  line integer not null,
  end_line integer not null,
  folded_name text collate "C" not null default ''::text,
  constraint symbols_organization_id_blob_id_grammar_fkey FOREIGN KEY (organization_id, blob_id, grammar) REFERENCES blob_facts(organization_id, blob_id, grammar) ON DELETE CASCADE,
  constraint symbols_pkey PRIMARY KEY (organization_id, blob_id, grammar, number)
);
CREATE INDEX symbols_folded_name ON public.symbols USING btree (organization_id, folded_name, name);
-- row-level security: enabled, forced
create policy member on symbols for r to authenticated using ((organization_id = ANY (ARRAY( SELECT kota.member_organization_ids() AS member_organization_ids)))) with check ();
create policy own_organization on symbols for all to authenticated using ((organization_id = ( SELECT kota.organization_id() AS organization_id))) with check ((organization_id = ( SELECT kota.organization_id() AS organization_id)));
create policy service on symbols for all to service_role using (true) with check (true);
grant delete to authenticated;
grant insert to authenticated;
grant select to authenticated;
grant update to authenticated;

CREATE OR REPLACE FUNCTION public.increment_rate_limit(organization uuid, cost integer, maximum integer, at timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  insert into public.rate_limit_counters as c (organization_id, window_start, used)
  select organization, date_trunc('hour', at, 'UTC'), cost
  where cost <= maximum
  on conflict (organization_id, window_start) do update
    set used = c.used + excluded.used
    where c.used + excluded.used <= maximum
  returning used
$function$
grant execute to service_role

CREATE OR REPLACE FUNCTION public.increment_rate_limit_daily(organization uuid, cost integer, maximum integer, at timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  insert into public.rate_limit_counters_daily as c (organization_id, day, used)
  select organization, (at at time zone 'UTC')::date, cost
  where cost <= maximum
  on conflict (organization_id, day) do update
    set used = c.used + excluded.used
    where c.used + excluded.used <= maximum
  returning used
$function$
grant execute to service_role

CREATE OR REPLACE FUNCTION kota.admit_key(key_hash bytea, cost integer, limits jsonb, at timestamp with time zone, OUT organization_id uuid, OUT key_id uuid, OUT scopes text[], OUT tier text, OUT allowed boolean, OUT hour_used integer, OUT day_used integer)
 RETURNS SETOF record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  seen timestamptz;
begin
  select k.organization_id, k.id, k.scopes, o.tier, k.last_used_at
  into admit_key.organization_id, key_id, admit_key.scopes, admit_key.tier, seen
  from public.api_keys k
  join public.organizations o on o.id = k.organization_id
  where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > at);
  if not found then
    return;
  end if;
  -- How exact last_used_at is. A write for each request would cost more than the request.
  if seen is null or seen < at - interval '1 minute' then
    update public.api_keys k
    set last_used_at = at
    where (k.organization_id, k.id) in (
      select d.organization_id, d.id
      from public.api_keys d
      where d.organization_id = admit_key.organization_id and d.id = admit_key.key_id
        and (d.last_used_at is null or d.last_used_at < at - interval '1 minute')
      for no key update skip locked);
  end if;
  allowed := true;
  if limits is not null then
    select c.allowed, c.hour_used, c.day_used
    into admit_key.allowed, admit_key.hour_used, admit_key.day_used
    from kota.consume_rate_limit(admit_key.organization_id, cost, (limits -> admit_key.tier ->> 0)::int,
      (limits -> admit_key.tier ->> 1)::int, at) c;
  end if;
  return next;
end
$function$
grant execute to service_role

CREATE OR REPLACE FUNCTION kota.admit_user(member uuid, address text, asked text, cost integer, limits jsonb, at timestamp with time zone, OUT organization_id uuid, OUT role text, OUT tier text, OUT is_invited boolean, OUT allowed boolean, OUT hour_used integer, OUT day_used integer)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  select o.id, m.role, o.tier
  into admit_user.organization_id, admit_user.role, admit_user.tier
  from public.members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id = member
    and (asked is null or o.folded_name = kota.folded(asked) or o.id::text = lower(asked))
  order by o.personal_of = member desc nulls last, m.created_at, o.id
  limit 1;
  allowed := true;
  if admit_user.organization_id is not null and limits is not null then
    select c.allowed, c.hour_used, c.day_used
    into admit_user.allowed, admit_user.hour_used, admit_user.day_used
    from kota.consume_rate_limit(admit_user.organization_id, cost, (limits -> admit_user.tier ->> 0)::int,
      (limits -> admit_user.tier ->> 1)::int, at) c;
  end if;
  is_invited := admit_user.allowed
    and exists (select from public.invitations i where i.email = lower(address) and i.expires_at > at);
end
$function$
grant execute to service_role

CREATE OR REPLACE FUNCTION kota.compact_table(table_name text, bytes_max bigint, room_bytes_max bigint, room_share_max double precision, wait_ms integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  -- Of a row beside its columns: its header and its place in the page.
  row_bytes constant int := 28;
  target regclass := format('public.%I', table_name)::regclass;
  key text;
  columns text;
  used bigint;
begin
  if pg_table_size(target) > bytes_max
    or not pg_has_role((select c.relowner from pg_class c where c.oid = target), 'usage') then
    return false;
  end if;
  select string_agg(format('coalesce(pg_column_size(t.%I), 0)', a.attname), ' + ') into columns
  from pg_attribute a
  where a.attrelid = target and a.attnum > 0 and not a.attisdropped;
  -- Of a value that is kept apart this is its size there: it is not read.
  execute format('select coalesce(sum(%s + %s), 0) from public.%I t', columns, row_bytes, table_name) into used;
  if pg_table_size(target) - used <= greatest(room_bytes_max, room_share_max * pg_table_size(target)) then
    return false;
  end if;
  select i.relname into key
  from pg_index x
  join pg_class i on i.oid = x.indexrelid
  where x.indrelid = target and x.indisprimary;
  perform set_config('lock_timeout', format('%sms', wait_ms), true);
  -- Unlike `vacuum full` it may run in a transaction; both write the table and its indexes anew under a lock.
  execute format('cluster public.%I using %I', table_name, key);
  return true;
exception
  when lock_not_available then
    return false;
end
$function$
grant execute to service_role

CREATE OR REPLACE FUNCTION kota.consume_rate_limit(organization uuid, cost integer, hour_maximum integer, day_maximum integer, at timestamp with time zone, OUT allowed boolean, OUT hour_used integer, OUT day_used integer)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  day_used := public.increment_rate_limit_daily(organization, cost, day_maximum, at);
  if day_used is not null then
    hour_used := public.increment_rate_limit(organization, cost, hour_maximum, at);
    if hour_used is null then
      update public.rate_limit_counters_daily c
      set used = c.used - cost
      where c.organization_id = organization and c.day = (at at time zone 'UTC')::date
      returning c.used into day_used;
      allowed := false;
    else
      allowed := true;
      return;
    end if;
  end if;
  allowed := false;
  select coalesce(max(c.used), 0) into hour_used from public.rate_limit_counters c
  where c.organization_id = organization and c.window_start = date_trunc('hour', at, 'UTC');
  select coalesce(max(c.used), 0) into day_used from public.rate_limit_counters_daily c
  where c.organization_id = organization and c.day = (at at time zone 'UTC')::date;
end
$function$
grant execute to service_role

CREATE OR REPLACE FUNCTION kota.folded(name text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select normalize(lower(upper(normalize(name, NFC) collate pg_catalog."und-x-icu")), NFC)
$function$
grant execute to authenticated
grant execute to service_role

CREATE OR REPLACE FUNCTION kota.member_organization_ids()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select m.organization_id from public.members m where m.user_id = (select auth.uid())
$function$
grant execute to anon
grant execute to authenticated
grant execute to service_role

CREATE OR REPLACE FUNCTION kota.organization_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select case when session_user = 'kota_authenticator'
    then (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id')::uuid
  end
$function$
grant execute to anon
grant execute to authenticated
grant execute to service_role

CREATE OR REPLACE FUNCTION kota.send_index_job(job_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if not exists (
    select from public.index_jobs j where j.id = job_id and j.organization_id = kota.organization_id()
  ) then
    raise exception 'no such job';
  end if;
  insert into pgboss.job (
    name, data, policy, retry_limit, retry_delay, retry_backoff, expire_seconds, deletion_seconds, keep_until,
    heartbeat_seconds, dead_letter)
  select q.name, pg_catalog.jsonb_build_object('organizationId', kota.organization_id(), 'jobId', job_id), q.policy,
    q.retry_limit, q.retry_delay, q.retry_backoff, q.expire_seconds, q.deletion_seconds,
    pg_catalog.now() + q.retention_seconds * interval '1 second', q.heartbeat_seconds, q.dead_letter
  from pgboss.queue q
  where q.name = 'index-snapshot';
  if not found then
    raise exception 'queue index-snapshot is missing: run kota migrate';
  end if;
  perform pg_catalog.pg_notify(
    'pgboss_' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha224('pgboss'::pg_catalog.bytea), 'hex'), 24),
    'index-snapshot');
end
$function$
grant execute to authenticated

-- sequences: nothing granted to requests
