// revoke_api_key: the key opens nothing from the next request on.
import { z } from "zod";
import { revokeKey } from "../access/store.ts";
import { AppError } from "../errors.ts";
import { operation } from "../operation.ts";
import type { KeyId } from "../platform/ids.ts";
import { timestamp } from "./wire.ts";

export const revokeApiKey = operation({
  name: "revoke_api_key",
  title: "Revoke API key",
  description: "End an API key. The next request with it is refused, on every server. Doing it again changes nothing.",
  route: "DELETE /keys/{key_id}",
  effect: "delete",
  scope: "admin",
  positional: "key_id",
  input: z.strictObject({ key_id: z.uuid().describe("Id of the key, from list_api_keys.") }),
  output: z.object({ key_id: z.uuid(), revoked_at: timestamp }),
  async handle({ key_id: id }, { db }) {
    // A UUID that is no key's is not found below.
    const revokedAt = await db((sql) => revokeKey(sql, id as KeyId));
    if (!revokedAt) throw new AppError("not_found", `No key '${id}'. list_api_keys shows the keys there are.`);
    return { key_id: id, revoked_at: revokedAt.toISOString() };
  },
});
