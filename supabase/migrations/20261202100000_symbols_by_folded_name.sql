-- Symbols are looked up by their folded name alone: an index for names beside it was a quarter of what the table's indexes took. Who
-- stores a symbol folds its name, and who looks for one does the same: lower() of this column in "C" left Ü as it is, lower() of a
-- parameter did not.
drop index public.symbols_name;
alter table public.symbols alter column folded_name drop expression;
