-- As before, but last_used_at: of many requests at once, after a minute, one writes it and nobody waits for that.
create or replace function kota.admit_key(
  key_hash bytea, cost int, limits jsonb, at timestamptz,
  out organization_id uuid, out key_id uuid, out scopes text[], out tier text,
  out allowed boolean, out hour_used int, out day_used int)
returns setof record
language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
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
    where (k.organization_id, k.id) in (
      select d.organization_id, d.id
      from public.api_keys d
      where d.organization_id = admit_key.organization_id and d.id = admit_key.key_id
        and (d.last_used_at is null or d.last_used_at < at - interval '1 minute')
      for no key update skip locked);
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

-- As before, but charged first: `is_invited` says beside it that an invitation waits for their address, and says so only
-- to who is within the limits, for it makes the caller ask Supabase Auth.
create or replace function kota.admit_user(
  member uuid, address text, asked text, cost int, limits jsonb, at timestamptz,
  out organization_id uuid, out role text, out tier text, out is_invited boolean,
  out allowed boolean, out hour_used int, out day_used int)
language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
as $$
begin
  select o.id, m.role, o.tier
  into admit_user.organization_id, admit_user.role, admit_user.tier
  from public.members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id = member
    and (asked is null or o.folded_name = kota.folded(asked) or o.id::text = lower(asked))
  order by o.personal_of = member desc nulls last, m.created_at, o.id
  limit 1;
  allowed := true;
  if admit_user.organization_id is not null and limits is not null then
    select c.allowed, c.hour_used, c.day_used
    into admit_user.allowed, admit_user.hour_used, admit_user.day_used
    from kota.consume_rate_limit(admit_user.organization_id, cost, (limits -> admit_user.tier ->> 0)::int,
      (limits -> admit_user.tier ->> 1)::int, at) c;
  end if;
  is_invited := admit_user.allowed
    and exists (select from public.invitations i where i.email = lower(address) and i.expires_at > at);
end
$$;
