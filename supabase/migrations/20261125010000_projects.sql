-- Named sets of an organization's repositories.

create table public.projects (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null default gen_random_uuid(),
  name text collate "C" not null check (char_length(name) between 1 and 100),
  description text not null default '' check (char_length(description) <= 2000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, id)
);
create unique index projects_name on public.projects (organization_id, lower(name));

-- Both sides carry the organization, so neither can be another's.
create table public.projects_repositories (
  organization_id uuid not null,
  project_id uuid not null,
  repository_id uuid not null,
  added_at timestamptz not null default now(),
  primary key (organization_id, project_id, repository_id),
  foreign key (organization_id, project_id) references public.projects (organization_id, id) on delete cascade,
  foreign key (organization_id, repository_id) references public.repositories (organization_id, id) on delete cascade
);
create index projects_repositories_repository on public.projects_repositories (organization_id, repository_id);

do $$
declare
  table_name text;
begin
  foreach table_name in array array['projects', 'projects_repositories'] loop
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
