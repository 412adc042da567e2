// What a laptop needs and a hosted server must be given: the pepper, the one organization, and its key. Made on
// first run, kept in the data folder with mode 0600, and put back into a database that lost them.
import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "../errors.ts";
import type { Database } from "../platform/database.ts";
import type { OrganizationId } from "../platform/ids.ts";
import { isWellFormedApiKey, mintApiKey, storedKeyOf } from "./api-key.ts";
import { SCOPES } from "./caller.ts";
import { ensureOrganization, saveKey } from "./store.ts";

const LOCAL_ORGANIZATION = "local";

/** The pepper of this data folder, made when there is none. */
export async function readLocalPepper(dataDirectory: string): Promise<string> {
  return readOrMake(join(dataDirectory, "pepper"), () => randomBytes(32).toString("hex"));
}

/** The local organization and its key, both made or restored when missing. Safe in several processes at once. */
export async function ensureLocalAccess(
  database: Database,
  { dataDirectory, pepper }: { dataDirectory: string; pepper: string },
): Promise<{ organizationId: OrganizationId; apiKey: string }> {
  const path = join(dataDirectory, "api-key");
  const apiKey = await readOrMake(path, () => mintApiKey());
  if (!isWellFormedApiKey(apiKey)) {
    throw new AppError("unavailable", `${path} does not hold an API key. Delete the file to have a new key made.`);
  }
  return database.unsafeAllOrganizations(async (sql) => {
    const organizationId = await ensureOrganization(sql, LOCAL_ORGANIZATION);
    await saveKey(sql, { organizationId, name: "local", scopes: SCOPES, stored: storedKeyOf(apiKey, pepper) });
    return { organizationId, apiKey };
  });
}

/** The file's text, or a new one written whole or not at all: of two processes at once one wins, and both read it. */
async function readOrMake(path: string, make: () => string): Promise<string> {
  const existing = await readIfThere(path);
  if (existing) return existing;
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await writeFile(draft, make(), { mode: 0o600, flag: "wx", flush: true });
    // A link, unlike a rename, fails when the other process was first.
    await link(draft, path);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw unusable(path, "written", error);
  } finally {
    await rm(draft, { force: true });
  }
  const text = await readIfThere(path);
  if (!text) throw new AppError("unavailable", `${path} is empty. Delete it and start again.`);
  return text;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim() || undefined;
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw unusable(path, "read", error);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function unusable(path: string, done: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError("unavailable", `${path} cannot be ${done}: ${reason}. Check KOTA_DATA_DIR and its permissions.`, {
    cause,
  });
}
