// Tables organizations, api_keys, members, invitations and the counters. Letting in and the making of organizations
// happen before anybody's organization is known, so those statements run on the connection that sees all.
import { AppError } from "../errors.ts";
import { isUuid, type KeyId, type OrganizationId, type UserId } from "../platform/ids.ts";
import { fragment, type OrganizationSql, type Sql } from "../platform/database.ts";
import type { StoredKey } from "./api-key.ts";
import { ROLES, type Role, type Scope } from "./caller.ts";
import { KEYS_MAX } from "./limits.ts";
import { TIER_NAMES, TIERS, type Tier } from "./tiers.ts";

export interface Charged {
  tier: Tier;
  allowed: boolean;
  /** Null where nothing is charged. */
  hour_used: number | null;
  day_used: number | null;
}

export interface AdmittedKey extends Charged {
  organization_id: OrganizationId;
  key_id: KeyId;
  scopes: Scope[];
}

/** The key with that hash if it opens something, its organization charged `cost`. See kota.admit_key(). */
export async function admitKey(
  sql: Sql,
  { hash, cost, isLimited, now }: { hash: Buffer; cost: number; isLimited: boolean; now: Date },
): Promise<AdmittedKey | undefined> {
  const rows = await sql.kept<AdmittedKey>`
    select organization_id, key_id, scopes, tier, allowed, hour_used, day_used
    from kota.admit_key(${hash}, ${cost}, ${isLimited ? LIMITS : null}, ${now.toISOString()})`;
  return rows[0];
}

/** Whether the organization has that name, without case. */
export async function isNameOf(
  sql: Sql,
  { organizationId, name }: { organizationId: OrganizationId; name: string },
): Promise<boolean> {
  const rows = await sql`
    select from public.organizations where id = ${organizationId} and folded_name = kota.folded(${name})`;
  return rows.length > 0;
}

interface Membership extends Charged {
  organization_id: OrganizationId;
  role: Role;
}

export interface AdmittedUser {
  /** Undefined: they are in no such organization, and nothing was charged. */
  membership: Membership | undefined;
  /** An invitation waits for the address, and the user is within the limits. */
  isInvited: boolean;
}

/** The organization that a user means, charged `cost`. See kota.admit_user(). */
export async function admitUser(
  sql: Sql,
  {
    userId,
    email,
    asked,
    cost,
    isLimited,
    now,
  }: {
    userId: UserId;
    email: string | undefined;
    asked: string | undefined;
    cost: number;
    isLimited: boolean;
    now: Date;
  },
): Promise<AdmittedUser> {
  const rows = await sql.kept<{ is_invited: boolean } & (Membership | { organization_id: null })>`
    select organization_id, role, tier, is_invited, allowed, hour_used, day_used
    from kota.admit_user(${userId}, ${email ?? null}, ${asked ?? null}, ${cost}, ${isLimited ? LIMITS : null},
      ${now.toISOString()})`;
  const [row] = rows;
  if (!row) throw new Error("kota.admit_user returned no row");
  return { membership: row.organization_id === null ? undefined : row, isInvited: row.is_invited };
}

/** What each tier allows in an hour and in a day, as the functions of the database take it. */
const LIMITS = JSON.stringify(
  Object.fromEntries(TIER_NAMES.map((name) => [name, [TIERS[name].perHour, TIERS[name].perDay]])),
);

/** The user's own organization and their membership as its owner, where there is none → whether there was none. Safe to repeat, and at once. */
export async function ensurePersonalOrganization(
  sql: Sql,
  { userId, email }: { userId: UserId; email: string | undefined },
): Promise<boolean> {
  let isNew = false;
  const name = email?.slice(0, 60) ?? "personal";
  // The name may be somebody else's; with the whole id it is nobody's. Each line does nothing where one before did it.
  for (const candidate of [name, `${name} ${userId}`]) {
    const made = await sql<{ role: Role }>`
      with made as (
        insert into public.organizations (name, personal_of) values (${candidate}, ${userId})
        on conflict do nothing
        returning id)
      insert into public.members (organization_id, user_id, role, email)
      select id, ${userId}, 'owner', ${email ?? null} from made
      returning role`;
    isNew ||= made.length > 0;
  }
  return isNew;
}

/** Makes memberships of the invitations to an address that is known to be the user's. A higher role is kept. */
export async function acceptInvitations(sql: Sql, { userId, email }: { userId: UserId; email: string }): Promise<void> {
  await sql`
    with taken as (
      delete from public.invitations where email = lower(${email}) returning organization_id, role, expires_at)
    insert into public.members as m (organization_id, user_id, role, email)
    select organization_id, ${userId}, role, ${email} from taken where expires_at > now()
    on conflict (organization_id, user_id) do update
      set email = excluded.email,
        role = case when array_position(${ROLES}::text[], excluded.role) < array_position(${ROLES}::text[], m.role)
          then excluded.role else m.role end`;
}

/** Invites an address, or changes what it was invited as. */
export async function saveInvitation(
  sql: Sql,
  {
    organizationId,
    email,
    role,
    expiresAt,
  }: { organizationId: OrganizationId; email: string; role: Role; expiresAt: Date },
): Promise<void> {
  await sql`
    insert into public.invitations (organization_id, email, role, expires_at)
    values (${organizationId}, lower(${email}), ${role}, ${expiresAt.toISOString()})
    on conflict (organization_id, email) do update set role = excluded.role, expires_at = excluded.expires_at`;
}

export interface ListedMember {
  user_id: UserId | null;
  email: string | null;
  role: Role;
  created_at: Date;
  /** Of an invitation that nobody has taken yet. */
  expires_at: Date | null;
}

/** Members, then open invitations; at most `limit`. */
export async function listMembers(sql: Sql, organizationId: OrganizationId, limit: number): Promise<ListedMember[]> {
  return sql<ListedMember>`
    select user_id, email, role, created_at, null as expires_at
    from public.members where organization_id = ${organizationId}
    union all
    select null, email, role, created_at, expires_at
    from public.invitations where organization_id = ${organizationId} and expires_at > now()
    order by expires_at nulls first, created_at
    limit ${limit}`;
}

/**
 * Ends a membership or an invitation, named by address or user id; false when there is none. A member's open invitation
 * goes too: with it they would be back with their next request. Throws `conflict` rather than leave an organization that has
 * owners without one, unless `mayLeaveNoOwner`.
 */
export async function removeMember(
  sql: Sql,
  { organizationId, who, mayLeaveNoOwner }: { organizationId: OrganizationId; who: string; mayLeaveNoOwner: boolean },
): Promise<boolean> {
  const meant = fragment`(lower(email) = lower(${who}) or user_id::text = lower(${who}))`;
  // Locked, so that of two owners who remove one another one stays.
  const owners = await sql<{ is_meant: boolean }>`
    select coalesce(${meant}, false) as is_meant
    from public.members
    where organization_id = ${organizationId} and role = 'owner'
    order by user_id
    for update`;
  if (!mayLeaveNoOwner && owners.length > 0 && owners.every((owner) => owner.is_meant))
    throw new AppError("conflict", `'${who}' is its last owner. Invite another one first, or give --force.`);
  const rows = await sql`
    with gone as (
      delete from public.members where organization_id = ${organizationId} and ${meant} returning email),
    withdrawn as (
      delete from public.invitations
      where organization_id = ${organizationId} and (email = lower(${who}) or email in (select lower(g.email) from gone g))
      returning 1)
    select from gone union all select from withdrawn`;
  return rows.length > 0;
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

/**
 * The organization of that id, or that name without case. One that a user has to themselves goes by its id alone: its
 * name is an address that nobody may have confirmed.
 */
export async function findOrganization(sql: Sql, nameOrId: string): Promise<OrganizationId | undefined> {
  const rows = await sql<{ id: OrganizationId }>`
    select id from public.organizations
    where ${isUuid(nameOrId) ? fragment`id = ${nameOrId}` : fragment`folded_name = kota.folded(${nameOrId}) and personal_of is null`}`;
  return rows[0]?.id;
}

/** As findOrganization, and one of that name is made when it is not there. Safe to repeat. Throws `conflict`, `not_found`. */
export async function ensureOrganization(sql: Sql, nameOrId: string): Promise<OrganizationId> {
  if (!isUuid(nameOrId))
    await sql`insert into public.organizations (name) values (${nameOrId}) on conflict (folded_name) do nothing`;
  const id = await findOrganization(sql, nameOrId);
  if (id) return id;
  if (isUuid(nameOrId)) throw new AppError("not_found", `No organization has the id ${nameOrId}.`);
  throw new AppError("conflict", `'${nameOrId}' is the organization of a user alone. To mean that one, give its id.`);
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

/** As saveKey, in turn with others of the organization. Throws `conflict` when KEYS_MAX keys are in use. */
export async function createKey(sql: Sql, key: NewKey): Promise<{ id: KeyId; created_at: Date }> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`api_keys ${key.organizationId}`}, 0))`;
  const rows = await sql<{ in_use: number }>`
    select count(*)::int as in_use from public.api_keys where organization_id = ${key.organizationId} and ${IN_USE}`;
  if (rows[0] && rows[0].in_use >= KEYS_MAX)
    throw new AppError("conflict", `${KEYS_MAX} keys are in use already. Revoke some with revoke_api_key.`);
  return saveKey(sql, key);
}

const IN_USE = fragment`(revoked_at is null and (expires_at is null or expires_at > now()))`;

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

/** Keys of the organization, those in use first, then newest first; at most `limit`. */
export async function listKeys(sql: OrganizationSql, limit: number): Promise<ListedKey[]> {
  return sql<ListedKey>`
    select id, name, prefix, last_four, scopes, created_at, expires_at, last_used_at, revoked_at
    from public.api_keys
    where organization_id = ${sql.organizationId}
    order by ${IN_USE} desc, created_at desc, id
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
