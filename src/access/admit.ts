// From the text of an API key to a caller, charged for what it asks. One statement, and nothing is cached: a revoked
// key is refused by the next request of every process. When the database does not answer, nobody is let in.
import { AppError } from "../errors.ts";
import type { Database } from "../platform/database.ts";
import { isWellFormedApiKey, storedKeyOf } from "./api-key.ts";
import type { Caller } from "./caller.ts";
import type { Used } from "./rate-limit.ts";
import { admitKey, type Charged } from "./store.ts";

export interface Admission {
  caller: Caller;
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

/** Throws `unauthenticated`, the same for a key that never was, expired or was revoked. */
export async function admitApiKey(
  database: Database,
  { apiKey, pepper, ...charge }: { apiKey: string; pepper: string } & Charge,
): Promise<Admission> {
  if (!isWellFormedApiKey(apiKey)) throw refused();
  const { hash } = storedKeyOf(apiKey, pepper);
  const row = await database.unsafeAllOrganizations.once((sql) => admitKey(sql, { hash, ...charge }));
  if (!row) throw refused();
  return admissionOf({ organizationId: row.organization_id, scopes: row.scopes, keyId: row.key_id }, row);
}

/** A caller with what the statement that let them in says about their organization's limits. */
export function admissionOf(caller: Caller, { tier, allowed, hour_used, day_used }: Charged): Admission {
  const used = hour_used === null || day_used === null ? undefined : { tier, hourUsed: hour_used, dayUsed: day_used };
  return { caller, used, isAllowed: allowed };
}

function refused(): AppError {
  return new AppError(
    "unauthenticated",
    "This API key opens nothing: it is mistyped, expired or revoked. Send `Authorization: Bearer <key>`; `kota keys create` makes a new one.",
  );
}
