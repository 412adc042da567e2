-- Members, invitations, and sign-in by Supabase Auth. From here on whoever comes through PostgREST, with a user's
-- token and the publishable key, may read what that user's organizations own; writing stays with Kota's own login,
-- where limits, scopes and checks are.

-- auth.users is on Supabase alone, so there is no foreign key to it.
create table public.members (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  role text not null check (role in ('owner', 'admin', 'member')),
  -- As the user's token said when they joined; for people who read the list.
  email text check (char_length(email) between 1 and 320),
  created_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index members_user on public.members (user_id);

-- Becomes a membership when somebody signs in whose confirmed address it is.
create table public.invitations (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  email text not null check (email = lower(email) and char_length(email) between 1 and 320),
  role text not null check (role in ('owner', 'admin', 'member')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (organization_id, email)
);
create index invitations_email on public.invitations (email);

-- The organization that a user has to themselves, made when they first sign in.
alter table public.organizations add column personal_of uuid unique;

-- Of the user in the claims. Reads members under its own policy, which names no function, so that nothing recurses.
-- Kota's own login sets no user, so there it is empty.
create function kota.member_organization_ids() returns setof uuid
language sql stable security invoker set search_path = ''
as $$
  select m.organization_id from public.members m where m.user_id = (select auth.uid())
$$;

do $$
declare
  owned text;
begin
  foreach owned in array array['members', 'invitations'] loop
    execute format('alter table public.%I enable row level security', owned);
    execute format('alter table public.%I force row level security', owned);
    execute format(
      'create policy own_organization on public.%I for all to authenticated
         using (organization_id = (select kota.organization_id()))
         with check (organization_id = (select kota.organization_id()))', owned);
  end loop;
  create policy own_membership on public.members for select to authenticated using (user_id = (select auth.uid()));

  for owned in
    select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relforcerowsecurity
  loop
    -- Supabase's default privileges give all of a new table, truncate too, to everybody who can name it.
    execute format('revoke all on public.%I from public, anon, authenticated', owned);
    execute format('grant all on public.%I to service_role', owned);
    -- The service key sees all, also where its role does not bypass row-level security.
    execute format('create policy service on public.%I for all to service_role using (true) with check (true)', owned);
    if owned in ('rate_limit_counters', 'rate_limit_counters_daily', 'members', 'invitations') then
      execute format('grant select on public.%I to authenticated', owned);
    else
      execute format('grant select, insert, update, delete on public.%I to authenticated', owned);
    end if;
    if owned not in ('api_keys', 'rate_limit_counters', 'rate_limit_counters_daily', 'members', 'invitations') then
      execute format(
        'create policy member on public.%I for select to authenticated
           using (%I = any (array(select kota.member_organization_ids())))',
        owned, case owned when 'organizations' then 'id' else 'organization_id' end);
    end if;
  end loop;
end
$$;

-- What a tier costs and who somebody is, requests do not decide.
revoke insert, update, delete on public.organizations from authenticated;

-- Which organization a signed-in user means, charged `cost` by its tier (as kota.admit_key). `asked` is a name or an id;
-- null is their own, or the one they joined first. Always one row; organization_id is null when they are in none such.
-- `is_invited`: an invitation waits for their address; then nothing is charged, for it has to be looked at first.
create function kota.admit_user(
  member uuid, address text, asked text, cost int, limits jsonb, at timestamptz,
  out organization_id uuid, out role text, out tier text, out is_invited boolean,
  out allowed boolean, out hour_used int, out day_used int)
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  is_invited := exists (select from public.invitations i where i.email = lower(address) and i.expires_at > at);
  if is_invited then
    return;
  end if;
  select o.id, m.role, o.tier
  into admit_user.organization_id, admit_user.role, admit_user.tier
  from public.members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id = member and (asked is null or lower(o.name) = lower(asked) or o.id::text = lower(asked))
  order by o.personal_of = member desc nulls last, m.created_at, o.id
  limit 1;
  allowed := true;
  if admit_user.organization_id is not null and limits is not null then
    select c.allowed, c.hour_used, c.day_used
    into admit_user.allowed, admit_user.hour_used, admit_user.day_used
    from kota.consume_rate_limit(admit_user.organization_id, cost, (limits -> admit_user.tier ->> 0)::int,
      (limits -> admit_user.tier ->> 1)::int, at) c;
  end if;
end
$$;

-- Supabase's default privileges name anon and authenticated too, not only public.
revoke execute on all functions in schema kota from public, anon, authenticated, service_role;
revoke execute on function public.increment_rate_limit(uuid, int, int, timestamptz) from public, anon, authenticated;
revoke execute on function public.increment_rate_limit_daily(uuid, int, int, timestamptz) from public, anon, authenticated;
grant execute on function kota.organization_id() to anon, authenticated, service_role;
grant execute on function kota.member_organization_ids() to anon, authenticated, service_role;
grant execute on function kota.send_index_job(uuid) to authenticated;
grant execute on function kota.consume_rate_limit(uuid, int, int, int, timestamptz) to service_role;
grant execute on function kota.admit_key(bytea, int, jsonb, timestamptz) to service_role;
grant execute on function kota.admit_user(uuid, text, text, int, jsonb, timestamptz) to service_role;
