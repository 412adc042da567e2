-- Packages that files of the snapshot import from outside the repository, to find those of an organization's
-- repositories that lead to one another. Where a published package begins stands in the packed graph.
alter table public.snapshot_graphs add column imported text[] collate "C" not null default '{}';
