-- Symbols by name without case. An index on lower(name) serves nobody whom row-level security confines: lower() is not leakproof,
-- so the condition was a filter over all symbols of the organization. Compared byte by byte, a beginning is a range.
drop index public.symbols_folded_name;
alter table public.symbols
  add column folded_name text collate "C" not null generated always as (lower(name) collate "C") stored;
create index symbols_folded_name on public.symbols (organization_id, folded_name);
