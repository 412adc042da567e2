-- Names of organizations, projects and repositories are unique, looked up, sorted and paged without case by one key:
-- upper, then lower case by ICU's root rules, in normal form C. So Ä is ä, ß is ss, and Σ, σ and ς are one. It is stored,
-- for lower() folds by the collation of what it is given: a column in "C" and a parameter were folded differently. Needs a Postgres
-- built with ICU, as Debian's, Supabase's and the embedded one are.

create function kota.folded(name text) returns text
language sql immutable strict parallel safe security invoker set search_path = pg_catalog, pg_temp
as $$
  select normalize(lower(upper(normalize(name, NFC) collate pg_catalog."und-x-icu")), NFC)
$$;
revoke execute on function kota.folded(text) from public, anon, authenticated, service_role;
grant execute on function kota.folded(text) to authenticated, service_role;

alter table public.organizations
  add column folded_name text collate "C" not null generated always as (kota.folded(name)) stored;
alter table public.projects
  add column folded_name text collate "C" not null generated always as (kota.folded(name)) stored;
alter table public.repositories
  add column folded_name text collate "C" not null generated always as (kota.folded(name)) stored;

-- Of names that were two and now are one, the oldest keeps it; the others get the beginning of their id behind.
update public.organizations o
set name = left(o.name, 91) || ' ' || left(o.id::text, 8)
where exists (
  select from public.organizations older
  where older.folded_name = o.folded_name and (older.created_at, older.id) < (o.created_at, o.id));
update public.projects p
set name = left(p.name, 91) || ' ' || left(p.id::text, 8)
where exists (
  select from public.projects older
  where older.organization_id = p.organization_id and older.folded_name = p.folded_name
    and (older.created_at, older.id) < (p.created_at, p.id));
update public.repositories r
set name = left(r.name, 491) || '-' || left(r.id::text, 8)
where exists (
  select from public.repositories older
  where older.organization_id = r.organization_id and older.folded_name = r.folded_name
    and (older.created_at, older.id) < (r.created_at, r.id));

-- Those on lower(name) stay beside them: servers of the version before name them in `on conflict`.
create unique index organizations_folded_name on public.organizations (folded_name);
create unique index projects_folded_name on public.projects (organization_id, folded_name);
create unique index repositories_folded_name on public.repositories (organization_id, folded_name);
