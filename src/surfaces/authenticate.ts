// From an Authorization header to a caller.
import { authenticateApiKey } from "../access/authenticate.ts";
import type { Caller } from "../access/caller.ts";
import { AppError } from "../errors.ts";
import type { Database } from "../platform/database.ts";

/** What a 401 says about how to come in (RFC 6750). */
export const CHALLENGE = 'Bearer realm="kota"';

/** Throws `unauthenticated` when the header is missing, is no bearer token, or opens nothing. */
export async function authenticate(
  database: Database,
  { authorization, pepper, now }: { authorization: string | undefined; pepper: string; now: Date },
): Promise<Caller> {
  const apiKey = /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (apiKey === undefined) {
    throw new AppError(
      "unauthenticated",
      "Send `Authorization: Bearer <API key>`. `kota start` prints the local key; `kota keys create` makes one.",
    );
  }
  return authenticateApiKey(database, { apiKey, pepper, now });
}
