-- Why some or all facts of a text are missing: the text is named as a problem by each job that takes them from here, and not
-- only by the one that read it.
alter table public.blob_facts add column problem text;
