-- Names are unique by their folded form alone. A second unique index made an insert `on conflict (…, folded_name)` fail now and
-- then when two did it at once: the row of the other was met in the index that the clause does not name.
drop index public.organizations_name;
drop index public.projects_name;
drop index public.repositories_name;
