// `kota keys create`: for the operator, who holds the database's URL.
import { mintApiKey, storedKeyOf } from "../../access/api-key.ts";
import { SCOPES, type Scope } from "../../access/caller.ts";
import { ensureOrganization, createKey, setTier } from "../../access/store.ts";
import { TIER_NAMES, type Tier } from "../../access/tiers.ts";
import { invalidInput } from "../../errors.ts";
import type { CommandContext } from "./command-line.ts";
import { commandLog, refuseApi } from "./session.ts";
import { note, printJson, printLine } from "./terminal.ts";

const DEFAULT_SCOPES: readonly Scope[] = ["read", "write"];
const NAME_CHARACTERS_MAX = 100;

export interface KeysCreateOptions {
  name: string;
  organization?: string;
  tier?: string;
  scopes?: string[];
  json?: boolean;
}

export async function keysCreate({ config, launcher }: CommandContext, options: KeysCreateOptions): Promise<void> {
  refuseApi(config, "keys create");
  const scopes = options.scopes === undefined ? DEFAULT_SCOPES : parseScopes(options.scopes);
  const name = checkName("name", options.name);
  const tier = options.tier === undefined ? undefined : parseTier(options.tier);
  const kota = await launcher.openKota(config, commandLog(config));
  try {
    const { local, services } = kota;
    const organization = options.organization ?? config.organization;
    if (local && options.organization !== undefined)
      throw invalidInput("organization", "local mode has one organization; set KOTA_MODE=hosted for more");
    if (!local && organization === undefined)
      throw invalidInput("organization", "is needed in hosted mode: --organization NAME");
    if (local && tier !== undefined) throw invalidInput("tier", "local mode has no limits; set KOTA_MODE=hosted");
    const apiKey = mintApiKey();
    const stored = storedKeyOf(apiKey, services.pepper);
    const saved = await services.database.unsafeAllOrganizations(async (sql) => {
      const organizationId =
        local?.organizationId ?? (await ensureOrganization(sql, checkName("organization", organization ?? "")));
      if (tier !== undefined) await setTier(sql, organizationId, tier);
      return createKey(sql, { organizationId, name, scopes, stored });
    });
    if (options.json) {
      printJson({
        key_id: saved.id,
        api_key: apiKey,
        name,
        prefix: stored.prefix,
        scopes,
        created_at: saved.created_at.toISOString(),
        expires_at: null,
      });
    } else {
      printLine(apiKey);
      note("Keep it safe: it is not shown again.");
    }
  } finally {
    await kota.close();
  }
}

function parseScopes(texts: readonly string[]): Scope[] {
  const scopes = texts.map((text) => {
    const scope = SCOPES.find((known) => known === text);
    if (!scope) throw invalidInput("scopes", `'${text}' is none of ${SCOPES.join(", ")}`);
    return scope;
  });
  if (scopes.length === 0) throw invalidInput("scopes", "at least one is needed");
  return [...new Set(scopes)];
}

function parseTier(text: string): Tier {
  const tier = TIER_NAMES.find((known) => known === text);
  if (!tier) throw invalidInput("tier", `'${text}' is none of ${TIER_NAMES.join(", ")}`);
  return tier;
}

function checkName(field: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > NAME_CHARACTERS_MAX)
    throw invalidInput(field, `must have 1–${NAME_CHARACTERS_MAX} characters`);
  return trimmed;
}
