// create_api_key: a key for another client; the only time its text is shown.
import { z } from "zod";
import { mintApiKey, storedKeyOf } from "../access/api-key.ts";
import { SCOPES } from "../access/caller.ts";
import { createKey } from "../access/store.ts";
import { invalidInput } from "../errors.ts";
import { operation } from "../operation.ts";
import { textField, timestamp } from "./wire.ts";

export const createApiKey = operation({
  name: "create_api_key",
  title: "Create API key",
  description: "Make an API key for this organization. Its text is in this answer alone: keep it safe.",
  route: "POST /keys",
  effect: "write",
  scope: "admin",
  positional: "name",
  input: z.strictObject({
    name: textField(100).describe("What it is for."),
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).default(["read", "write"]).describe("What it may do."),
    expires_at: z.iso.datetime({ offset: true }).optional().describe("When it stops working. Default: never."),
  }),
  output: z.object({
    key_id: z.uuid(),
    api_key: z.string(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: timestamp,
    expires_at: timestamp.nullable(),
  }),
  async handle({ name, scopes, expires_at: expires }, { db, pepper, now }) {
    const expiresAt = expires === undefined ? undefined : new Date(expires);
    if (expiresAt && expiresAt <= now()) throw invalidInput("expires_at", "is over already: give a time to come");
    // With an offset the last hours of 9999 are in a year of five digits, which no timestamp of ours can be written with.
    if (expiresAt && expiresAt.getUTCFullYear() > 9999)
      throw invalidInput("expires_at", "is after the year 9999 (UTC): leave it out for a key that never expires");
    const apiKey = mintApiKey();
    const stored = storedKeyOf(apiKey, pepper);
    const distinct = [...new Set(scopes)];
    const saved = await db((sql) =>
      createKey(sql, { organizationId: sql.organizationId, name, scopes: distinct, stored, expiresAt }),
    );
    return {
      key_id: saved.id,
      api_key: apiKey,
      name,
      prefix: stored.prefix,
      scopes: distinct,
      created_at: saved.created_at.toISOString(),
      expires_at: expiresAt?.toISOString() ?? null,
    };
  },
});
