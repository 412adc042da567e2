// Tables organizations and api_keys. Key look-up and the making of organizations happen before anybody's
// organization is known, so those statements run on the connection that sees all.
import type { KeyId, OrganizationId } from "../platform/ids.ts";
import type { OrganizationSql, Sql } from "../platform/database.ts";
import type { StoredKey } from "./api-key.ts";
import type { Scope } from "./caller.ts";
import { TIER_NAMES, TIERS, type Tier } from "./tiers.ts";

export interface AdmittedKey {
  organization_id: OrganizationId;
  key_id: KeyId;
  scopes: Scope[];
  tier: Tier;
  allowed: boolean;
  /** Null where nothing is charged. */
  hour_used: number | null;
  day_used: number | null;
}

/** The key with that hash if it opens something, its organization charged `cost`. See kota.admit_key(). */
export async function admitKey(
  sql: Sql,
  { hash, cost, isLimited, now }: { hash: Buffer; cost: number; isLimited: boolean; now: Date },
): Promise<AdmittedKey | undefined> {
  const limits = Object.fromEntries(TIER_NAMES.map((name) => [name, [TIERS[name].perHour, TIERS[name].perDay]]));
  const rows = await sql<AdmittedKey>`
    select organization_id, key_id, scopes, tier, allowed, hour_used, day_used
    from kota.admit_key(${hash}, ${cost}, ${isLimited ? JSON.stringify(limits) : null}, ${now.toISOString()})`;
  return rows[0];
}

/** What the organization has used of the clock hour and the UTC day of `now`. */
export async function readUsage(
  sql: OrganizationSql,
  now: Date,
): Promise<{ tier: Tier; hour_used: number; day_used: number }> {
  const rows = await sql<{ tier: Tier; hour_used: number; day_used: number }>`
    select o.tier,
      coalesce((select c.used from public.rate_limit_counters c
        where c.organization_id = o.id and c.window_start = date_trunc('hour', ${now.toISOString()}::timestamptz, 'UTC')), 0) as hour_used,
      coalesce((select c.used from public.rate_limit_counters_daily c
        where c.organization_id = o.id and c.day = (${now.toISOString()}::timestamptz at time zone 'UTC')::date), 0) as day_used
    from public.organizations o
    where o.id = ${sql.organizationId}`;
  const [row] = rows;
  if (!row) throw new Error("the caller's organization is gone");
  return row;
}

/** Deletes counters of windows that are over: nobody asks for them again. */
export async function deleteOldCounters(sql: Sql): Promise<void> {
  await sql`delete from public.rate_limit_counters where window_start < now() - interval '2 hours'`;
  await sql`delete from public.rate_limit_counters_daily where day < (now() at time zone 'UTC')::date - 1`;
}

export async function setTier(sql: Sql, organizationId: OrganizationId, tier: Tier): Promise<void> {
  await sql`update public.organizations set tier = ${tier} where id = ${organizationId}`;
}

export async function findOrganization(sql: Sql, name: string): Promise<OrganizationId | undefined> {
  const rows = await sql<{ id: OrganizationId }>`
    select id from public.organizations where lower(name) = lower(${name})`;
  return rows[0]?.id;
}

/** The organization of that name (without case), made when it is not there. Safe to repeat. */
export async function ensureOrganization(sql: Sql, name: string): Promise<OrganizationId> {
  const rows = await sql<{ id: OrganizationId }>`
    insert into public.organizations (name) values (${name})
    on conflict (lower(name)) do update set name = organizations.name
    returning id`;
  const [row] = rows;
  if (!row) throw new Error("upsert of an organization returned no row");
  return row.id;
}

export interface NewKey {
  organizationId: OrganizationId;
  name: string;
  scopes: readonly Scope[];
  stored: StoredKey;
  expiresAt?: Date | undefined;
}

/** Saves a key; one that is already there (same hash) is left as it is. Answers its id and time of making. */
export async function saveKey(
  sql: Sql,
  { organizationId, name, scopes, stored, expiresAt }: NewKey,
): Promise<{ id: KeyId; created_at: Date }> {
  const rows = await sql<{ id: KeyId; created_at: Date }>`
    insert into public.api_keys (organization_id, name, hash, prefix, last_four, scopes, expires_at)
    values (${organizationId}, ${name}, ${stored.hash}, ${stored.prefix}, ${stored.lastFour}, ${scopes}, ${expiresAt?.toISOString() ?? null})
    on conflict (hash) do update set name = api_keys.name
    returning id, created_at`;
  const [row] = rows;
  if (!row) throw new Error("insert of a key returned no row");
  return row;
}

export interface ListedKey {
  id: KeyId;
  name: string;
  prefix: string;
  last_four: string;
  scopes: Scope[];
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

/** Keys of the organization, newest first; at most `limit`. */
export async function listKeys(sql: OrganizationSql, limit: number): Promise<ListedKey[]> {
  return sql<ListedKey>`
    select id, name, prefix, last_four, scopes, created_at, expires_at, last_used_at, revoked_at
    from public.api_keys
    where organization_id = ${sql.organizationId}
    order by created_at desc, id
    limit ${limit}`;
}

/** Ends the key; answers when, which is the first time it was asked for. Undefined: there is none of that id. */
export async function revokeKey(sql: OrganizationSql, id: KeyId): Promise<Date | undefined> {
  const rows = await sql<{ revoked_at: Date }>`
    update public.api_keys
    set revoked_at = coalesce(revoked_at, now())
    where organization_id = ${sql.organizationId} and id = ${id}
    returning revoked_at`;
  return rows[0]?.revoked_at;
}
