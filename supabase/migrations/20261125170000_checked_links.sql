-- What a type checker adds to the links of a snapshot, once that is published: until then, and where it gives up, those of
-- linking stand alone. One row for each snapshot that a checker has looked at.
create table public.snapshot_checks (
  organization_id uuid not null,
  snapshot_id bigint not null,
  -- Of all that the checker's answer depends on: snapshots of one key have the same.
  key bytea not null,
  -- snapshot_graphs.data with the edges that it adds; null where it gave up.
  graph bytea,
  primary key (organization_id, snapshot_id),
  foreign key (organization_id, snapshot_id) references public.snapshots (organization_id, id) on delete cascade
);
alter table public.snapshot_checks alter column graph set storage external;

-- Links in place of, or beside, those of file_links and packed like them. A snapshot has all of its own.
create table public.checked_links (
  organization_id uuid not null,
  snapshot_id bigint not null,
  path text collate "C" not null,
  data bytea not null,
  primary key (organization_id, snapshot_id, path),
  foreign key (organization_id, snapshot_id) references public.snapshots (organization_id, id) on delete cascade
);
alter table public.checked_links alter column data set storage external;

do $$
declare
  owned text;
begin
  foreach owned in array array['snapshot_checks', 'checked_links'] loop
    execute format('alter table public.%I enable row level security', owned);
    execute format('alter table public.%I force row level security', owned);
    -- Supabase's default privileges give all of a new table to everybody who can name it.
    execute format('revoke all on public.%I from public, anon, authenticated', owned);
    execute format('grant all on public.%I to service_role', owned);
    execute format('grant select, insert, update, delete on public.%I to authenticated', owned);
    execute format('create policy service on public.%I for all to service_role using (true) with check (true)', owned);
    execute format(
      'create policy own_organization on public.%I for all to authenticated
         using (organization_id = (select kota.organization_id()))
         with check (organization_id = (select kota.organization_id()))', owned);
    execute format(
      'create policy member on public.%I for select to authenticated
         using (organization_id = any (array(select kota.member_organization_ids())))', owned);
  end loop;
end
$$;
