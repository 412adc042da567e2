-- The dependency graph: what each blob says by itself, and how the files of a snapshot lead to one another.

-- Facts of a blob as one grammar reads it (the same bytes may stand in a .c and a .cpp file). `data` is packed by
-- src/indexing/facts-codec.ts; facts of another `version` of the extractors are made anew.
create table public.blob_facts (
  organization_id uuid not null,
  blob_id bigint not null,
  grammar text collate "C" not null,
  version int not null,
  data bytea not null,
  primary key (organization_id, blob_id, grammar),
  foreign key (organization_id, blob_id) references public.blobs (organization_id, id) on delete cascade
);
alter table public.blob_facts alter column data set storage external;

-- The named definitions among them, to be found by name. `number` is their place in the facts.
create table public.symbols (
  organization_id uuid not null,
  blob_id bigint not null,
  grammar text collate "C" not null,
  number int not null,
  name text collate "C" not null,
  container text collate "C",
  kind text not null,
  line int not null,
  end_line int not null,
  primary key (organization_id, blob_id, grammar, number),
  foreign key (organization_id, blob_id, grammar)
    references public.blob_facts (organization_id, blob_id, grammar) on delete cascade
);
create index symbols_name on public.symbols (organization_id, name);
create index symbols_folded_name on public.symbols (organization_id, lower(name));

-- Where the references of a file lead, packed by src/indexing/links-codec.ts. A snapshot has rows for the files whose
-- links differ from its base's, as with files.
create table public.file_links (
  organization_id uuid not null,
  snapshot_id bigint not null,
  path text collate "C" not null,
  data bytea not null,
  primary key (organization_id, snapshot_id, path),
  foreign key (organization_id, snapshot_id) references public.snapshots (organization_id, id) on delete cascade
);
alter table public.file_links alter column data set storage external;

-- All edges of a snapshot, packed by src/graph/pack.ts, and the packages that the repository publishes.
create table public.snapshot_graphs (
  organization_id uuid not null,
  snapshot_id bigint not null,
  -- Of extractors and linker together, as in blob_facts.
  version int not null,
  data bytea not null,
  packages text[] collate "C" not null default '{}',
  primary key (organization_id, snapshot_id),
  foreign key (organization_id, snapshot_id) references public.snapshots (organization_id, id) on delete cascade
);
alter table public.snapshot_graphs alter column data set storage external;

do $$
declare
  table_name text;
begin
  foreach table_name in array array['blob_facts', 'symbols', 'file_links', 'snapshot_graphs'] loop
    execute format('alter table public.%I enable row level security', table_name);
    execute format('alter table public.%I force row level security', table_name);
    execute format('revoke all on public.%I from public, anon', table_name);
    execute format('grant select, insert, update, delete on public.%I to authenticated', table_name);
    execute format('grant all on public.%I to service_role', table_name);
    execute format(
      'create policy own_organization on public.%I for all to authenticated
         using (organization_id = (select kota.organization_id()))
         with check (organization_id = (select kota.organization_id()))', table_name);
  end loop;
end
$$;
