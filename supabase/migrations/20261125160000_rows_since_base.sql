-- How much a ref has stored as differences from one base: a new base is made when that outgrows it.
alter table public.snapshots add column rows_since_base int not null default 0;
