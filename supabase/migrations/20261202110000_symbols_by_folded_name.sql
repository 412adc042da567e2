-- Symbols are looked up by their folded name, and among those by the name itself, with one index where there were two. Who stores a
-- symbol folds its name, and who looks for one does the same: lower() of this column in "C" left Ü as it is, lower() of a parameter
-- did not. The default is for workers of the version before: what they store is read by theirs alone, and made anew by later ones.
drop index public.symbols_name, public.symbols_folded_name;
alter table public.symbols alter column folded_name drop expression;
alter table public.symbols alter column folded_name set default '';
create index symbols_folded_name on public.symbols (organization_id, folded_name, name);
