-- Tiers, rate limits, and the one statement that lets a key in.

alter table public.organizations
  add column tier text not null default 'free' check (tier in ('free', 'solo', 'team'));

-- Requests of a clock hour and of a UTC day. How many a tier allows stands in src/access/tiers.ts.
create table public.rate_limit_counters (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  window_start timestamptz not null,
  used int not null check (used >= 0),
  primary key (organization_id, window_start)
);
create table public.rate_limit_counters_daily (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  day date not null,
  used int not null check (used >= 0),
  primary key (organization_id, day)
);

-- Requests may read their own organization's counters (get_usage) and change none.
do $$
declare
  table_name text;
begin
  foreach table_name in array array['rate_limit_counters', 'rate_limit_counters_daily'] loop
    execute format('alter table public.%I enable row level security', table_name);
    execute format('alter table public.%I force row level security', table_name);
    execute format('revoke all on public.%I from public, anon, authenticated', table_name);
    execute format('grant select on public.%I to authenticated', table_name);
    execute format('grant all on public.%I to service_role', table_name);
    execute format(
      'create policy own_organization on public.%I for select to authenticated
         using (organization_id = (select kota.organization_id()))', table_name);
  end loop;
end
$$;

-- Charges `cost` to the hour of `at` unless that would go over `maximum`; answers what is used then, null when refused.
create function public.increment_rate_limit(organization uuid, cost int, maximum int, at timestamptz default now())
returns int
language sql volatile security invoker set search_path = ''
as $$
  insert into public.rate_limit_counters as c (organization_id, window_start, used)
  select organization, date_trunc('hour', at, 'UTC'), cost
  where cost <= maximum
  on conflict (organization_id, window_start) do update
    set used = c.used + excluded.used
    where c.used + excluded.used <= maximum
  returning used
$$;

-- The same for the UTC day of `at`.
create function public.increment_rate_limit_daily(organization uuid, cost int, maximum int, at timestamptz default now())
returns int
language sql volatile security invoker set search_path = ''
as $$
  insert into public.rate_limit_counters_daily as c (organization_id, day, used)
  select organization, (at at time zone 'UTC')::date, cost
  where cost <= maximum
  on conflict (organization_id, day) do update
    set used = c.used + excluded.used
    where c.used + excluded.used <= maximum
  returning used
$$;

-- Charges both windows or neither. The day's row is taken first, always, so that two callers cannot wait for one
-- another in a circle. Answers what is used of each, whether or not it was allowed.
create function kota.consume_rate_limit(
  organization uuid, cost int, hour_maximum int, day_maximum int, at timestamptz,
  out allowed boolean, out hour_used int, out day_used int)
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  day_used := public.increment_rate_limit_daily(organization, cost, day_maximum, at);
  if day_used is not null then
    hour_used := public.increment_rate_limit(organization, cost, hour_maximum, at);
    if hour_used is null then
      update public.rate_limit_counters_daily c
      set used = c.used - cost
      where c.organization_id = organization and c.day = (at at time zone 'UTC')::date
      returning c.used into day_used;
      allowed := false;
    else
      allowed := true;
      return;
    end if;
  end if;
  allowed := false;
  select coalesce(max(c.used), 0) into hour_used from public.rate_limit_counters c
  where c.organization_id = organization and c.window_start = date_trunc('hour', at, 'UTC');
  select coalesce(max(c.used), 0) into day_used from public.rate_limit_counters_daily c
  where c.organization_id = organization and c.day = (at at time zone 'UTC')::date;
end
$$;

-- Whose key has this hash, with its organization's tier now, charged `cost` by the limits of that tier in `limits`
-- ({"free": [hour, day], …}; null: nothing is charged). No row: no such key, or it opens nothing any more. One round
-- trip, and nothing is remembered, so that a revoked key is refused by the next request of every process.
create function kota.admit_key(
  key_hash bytea, cost int, limits jsonb, at timestamptz,
  out organization_id uuid, out key_id uuid, out scopes text[], out tier text,
  out allowed boolean, out hour_used int, out day_used int)
returns setof record
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  seen timestamptz;
begin
  select k.organization_id, k.id, k.scopes, o.tier, k.last_used_at
  into admit_key.organization_id, key_id, admit_key.scopes, admit_key.tier, seen
  from public.api_keys k
  join public.organizations o on o.id = k.organization_id
  where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > at);
  if not found then
    return;
  end if;
  -- How exact last_used_at is. A write for each request would cost more than the request.
  if seen is null or seen < at - interval '1 minute' then
    update public.api_keys k
    set last_used_at = at
    where k.organization_id = admit_key.organization_id and k.id = admit_key.key_id;
  end if;
  allowed := true;
  if limits is not null then
    select c.allowed, c.hour_used, c.day_used
    into admit_key.allowed, admit_key.hour_used, admit_key.day_used
    from kota.consume_rate_limit(admit_key.organization_id, cost, (limits -> admit_key.tier ->> 0)::int,
      (limits -> admit_key.tier ->> 1)::int, at) c;
  end if;
  return next;
end
$$;

revoke execute on all functions in schema kota from public;
revoke execute on function public.increment_rate_limit(uuid, int, int, timestamptz) from public;
revoke execute on function public.increment_rate_limit_daily(uuid, int, int, timestamptz) from public;
grant execute on function public.increment_rate_limit(uuid, int, int, timestamptz) to service_role;
grant execute on function public.increment_rate_limit_daily(uuid, int, int, timestamptz) to service_role;
grant execute on function kota.consume_rate_limit(uuid, int, int, int, timestamptz) to service_role;
grant execute on function kota.admit_key(bytea, int, jsonb, timestamptz) to service_role;
