-- Facts and links are packed in another way (docs/adr/0019): what was packed before cannot be opened. All of it is made from the
-- stored text the next time that a repository is indexed; until then search finds text alone, and the graph is empty.
truncate public.checked_links, public.snapshot_checks, public.file_links, public.snapshot_graphs, public.symbols,
  public.blob_facts;
