-- With an empty search_path Postgres looks for types and tables in pg_temp first, before pg_catalog: whoever may make a
-- temporary domain `bytea` had its check run with the rights of a security definer function. pg_temp named last is
-- looked at last.
alter function kota.organization_id() set search_path = pg_catalog, pg_temp;
alter function kota.member_organization_ids() set search_path = pg_catalog, pg_temp;
alter function kota.consume_rate_limit(uuid, int, int, int, timestamptz) set search_path = pg_catalog, pg_temp;
alter function kota.admit_key(bytea, int, jsonb, timestamptz) set search_path = pg_catalog, pg_temp;
alter function kota.admit_user(uuid, text, text, int, jsonb, timestamptz) set search_path = pg_catalog, pg_temp;
alter function public.increment_rate_limit(uuid, int, int, timestamptz) set search_path = pg_catalog, pg_temp;
alter function public.increment_rate_limit_daily(uuid, int, int, timestamptz) set search_path = pg_catalog, pg_temp;
do $$
begin
  -- Ours only where the database is no project of Supabase: theirs pins none.
  if exists (select from pg_proc p where p.oid = to_regprocedure('auth.uid()') and 'search_path=""' = any (p.proconfig)) then
    alter function auth.uid() set search_path = pg_catalog, pg_temp;
  end if;
  -- Beside it: then nothing temporary can be planted on a connection that the next request gets. The owner of the
  -- database may do this (as `postgres` is on Supabase); without it the paths above and of each transaction suffice.
  if (select pg_has_role(d.datdba, 'member') from pg_database d where d.datname = current_database()) then
    execute format('revoke temporary on database %I from public', current_database());
  end if;
end
$$;

-- As before, with every type and function of its body named in full: it is the one that runs with its owner's rights.
create or replace function kota.send_index_job(job_id uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
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
$$;

-- Identity columns need no right to their sequence, and `setval` would stop every organization's indexing. Supabase's
-- default privileges gave it.
revoke all on sequence public.snapshots_id_seq, public.blobs_id_seq, public.segments_id_seq from public, anon, authenticated;
