-- What linking a snapshot keeps for the next one, packed by src/indexing/link-state.ts, so that after a small change only
-- the files are linked again that it can concern.
alter table public.snapshot_graphs add column state bytea;
alter table public.snapshot_graphs alter column state set storage external;
