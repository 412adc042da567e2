// From the text of an API key to a caller, charged for what it asks. One statement, and nothing is cached: a revoked
// key is refused by the next request of every process. When the database does not answer, nobody is let in.
import { AppError } from "../errors.ts";
import type { Database } from "../platform/database.ts";
import type { OrganizationId } from "../platform/ids.ts";
import { isWellFormedApiKey, storedKeyOf } from "./api-key.ts";
import type { Caller } from "./caller.ts";
import type { Used } from "./rate-limit.ts";
import { admitKey, isNameOf, type Charged } from "./store.ts";

/** Who comes in, or why they do not although an organization was charged for it. */
export type Admission = Counted & ({ caller: Caller } | { refusal: AppError });

interface Counted {
  /** What is used of the organization's limits; undefined where there are none. */
  used: Used | undefined;
  /** Within the limits; if not, nothing was charged. */
  isAllowed: boolean;
}

/** What a request counts for, and when. */
export interface Charge {
  /** Requests; charged unless `isLimited` is false (local mode). */
  cost: number;
  isLimited: boolean;
  now: Date;
}

/**
 * `asked`: name or id of an organization; for another than the key's it is refused with `not_found`, for the client would
 * write into one that it does not mean. Throws `unauthenticated`, the same for a key that never was, expired or was revoked.
 */
export async function admitApiKey(
  database: Database,
  { apiKey, pepper, asked, ...charge }: { apiKey: string; pepper: string; asked: string | undefined } & Charge,
): Promise<Admission> {
  if (!isWellFormedApiKey(apiKey)) throw refused();
  const { hash } = storedKeyOf(apiKey, pepper);
  const row = await database.unsafeAllOrganizations.once((sql) => admitKey(sql, { hash, ...charge }));
  if (!row) throw refused();
  const caller: Caller = { organizationId: row.organization_id, scopes: row.scopes, keyId: row.key_id };
  const counted = countedOf(row);
  // Who is over the limit is told so without another statement.
  if (asked === undefined || !counted.isAllowed || (await isOf(database, row.organization_id, asked)))
    return { caller, ...counted };
  return {
    refusal: new AppError(
      "not_found",
      `This key is of no organization '${asked}'. Leave X-Kota-Organization out, or send a key of that organization.`,
    ),
    ...counted,
  };
}

async function isOf(database: Database, organizationId: OrganizationId, asked: string): Promise<boolean> {
  if (asked.toLowerCase() === organizationId) return true;
  return database.unsafeAllOrganizations.once((sql) => isNameOf(sql, { organizationId, name: asked }));
}

/** What the statement that charged an organization says about its limits. */
export function countedOf({ tier, allowed, hour_used, day_used }: Charged): Counted {
  const used = hour_used === null || day_used === null ? undefined : { tier, hourUsed: hour_used, dayUsed: day_used };
  return { used, isAllowed: allowed };
}

function refused(): AppError {
  return new AppError(
    "unauthenticated",
    "This API key opens nothing: it is mistyped, expired or revoked. Send `Authorization: Bearer <key>`; `kota keys create` makes a new one.",
  );
}
