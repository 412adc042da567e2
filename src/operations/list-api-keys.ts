// list_api_keys: the keys there are, without their text.
import { z } from "zod";
import { SCOPES } from "../access/caller.ts";
import { KEYS_MAX } from "../access/limits.ts";
import { listKeys } from "../access/store.ts";
import { operation } from "../operation.ts";
import { timestamp } from "./wire.ts";

export const listApiKeys = operation({
  name: "list_api_keys",
  title: "List API keys",
  description:
    "List this organization's API keys, those in use first, then newest first: what each may do and when it was last used. Never their text.",
  route: "GET /keys",
  effect: "read",
  scope: "admin",
  input: z.strictObject({}),
  output: z.object({
    keys: z
      .array(
        z.object({
          key_id: z.uuid(),
          name: z.string(),
          prefix: z.string(),
          last_four: z.string(),
          scopes: z.array(z.enum(SCOPES)),
          created_at: timestamp,
          expires_at: timestamp.nullable(),
          last_used_at: timestamp.nullable().describe("To the minute."),
          revoked_at: timestamp.nullable(),
        }),
      )
      .describe(`All that are in use, and of the others the newest: ${KEYS_MAX} in all.`),
  }),
  async handle(_input, { db }) {
    const rows = await db.once((sql) => listKeys(sql, KEYS_MAX));
    return {
      keys: rows.map(({ id, created_at, expires_at, last_used_at, revoked_at, ...rest }) => ({
        key_id: id,
        ...rest,
        created_at: created_at.toISOString(),
        expires_at: expires_at?.toISOString() ?? null,
        last_used_at: last_used_at?.toISOString() ?? null,
        revoked_at: revoked_at?.toISOString() ?? null,
      })),
    };
  },
});
