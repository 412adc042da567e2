// From the text of an API key to a caller. Nothing is cached: a revoked key is refused by the next request of
// every process, and the look-up is one read of a unique index.
import { AppError } from "../errors.ts";
import type { Database } from "../platform/database.ts";
import { isWellFormedApiKey, storedKeyOf } from "./api-key.ts";
import type { Caller } from "./caller.ts";
import { findKeyByHash, touchKey } from "./store.ts";

/** How exact `last_used_at` is. A write for each request would cost more than the request. */
const LAST_USED_SECONDS = 60;

/** Throws `unauthenticated`, the same for a key that never was, expired or was revoked. */
export async function authenticateApiKey(
  database: Database,
  { apiKey, pepper, now }: { apiKey: string; pepper: string; now: Date },
): Promise<Caller> {
  if (!isWellFormedApiKey(apiKey)) throw refused();
  const { hash } = storedKeyOf(apiKey, pepper);
  const key = await database.unsafeAllOrganizations.once((sql) => findKeyByHash(sql, hash));
  if (!key || key.revoked_at || (key.expires_at && key.expires_at <= now)) throw refused();
  if (!key.last_used_at || now.getTime() - key.last_used_at.getTime() > LAST_USED_SECONDS * 1000) {
    await database.unsafeAllOrganizations.once((sql) =>
      touchKey(sql, { organizationId: key.organization_id, keyId: key.id }),
    );
  }
  return { organizationId: key.organization_id, scopes: key.scopes, keyId: key.id };
}

function refused(): AppError {
  return new AppError(
    "unauthenticated",
    "This API key opens nothing: it is mistyped, expired or revoked. Send `Authorization: Bearer <key>`; `kota keys create` makes a new one.",
  );
}
