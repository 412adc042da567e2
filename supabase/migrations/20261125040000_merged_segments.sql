-- A segment that was merged from others waits here for the next snapshot, which lists it in their place. Snapshots that
-- are published keep the segments they have: a page that is being read never changes.
alter table public.segments add column replaces bigint[] check (cardinality(replaces) > 0);
