// Tables organizations and api_keys. Key look-up and the making of organizations happen before anybody's
// organization is known, so those statements run on the connection that sees all.
import type { KeyId, OrganizationId } from "../platform/ids.ts";
import type { Sql } from "../platform/database.ts";
import type { StoredKey } from "./api-key.ts";
import type { Scope } from "./caller.ts";

export interface KeyRow {
  organization_id: OrganizationId;
  id: KeyId;
  scopes: Scope[];
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

/** The key with that hash, whether or not it still opens anything. One read of a unique index. */
export async function findKeyByHash(sql: Sql, hash: Buffer): Promise<KeyRow | undefined> {
  const rows = await sql<KeyRow>`
    select organization_id, id, scopes, expires_at, revoked_at, last_used_at
    from public.api_keys
    where hash = ${hash}`;
  return rows[0];
}

/** Notes that the key is used now. */
export async function touchKey(sql: Sql, key: { organizationId: OrganizationId; keyId: KeyId }): Promise<void> {
  await sql`
    update public.api_keys
    set last_used_at = now()
    where organization_id = ${key.organizationId} and id = ${key.keyId}`;
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
}

/** Saves a key; one that is already there (same hash) is left as it is. Answers its id and time of making. */
export async function saveKey(
  sql: Sql,
  { organizationId, name, scopes, stored }: NewKey,
): Promise<{ id: KeyId; created_at: Date }> {
  const rows = await sql<{ id: KeyId; created_at: Date }>`
    insert into public.api_keys (organization_id, name, hash, prefix, last_four, scopes)
    values (${organizationId}, ${name}, ${stored.hash}, ${stored.prefix}, ${stored.lastFour}, ${scopes})
    on conflict (hash) do update set name = api_keys.name
    returning id, created_at`;
  const [row] = rows;
  if (!row) throw new Error("insert of a key returned no row");
  return row;
}
