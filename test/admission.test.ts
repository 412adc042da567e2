// What letting in writes and counts, at the database: keys, members, organizations of one's own.
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { mintApiKey, storedKeyOf } from "../src/access/api-key.ts";
import { SCOPES, type Role } from "../src/access/caller.ts";
import { KEYS_MAX } from "../src/access/limits.ts";
import {
  acceptInvitations,
  deleteOldCounters,
  ensureOrganization,
  ensurePersonalOrganization,
  findOrganization,
  listMembers,
  removeMember,
  saveInvitation,
  saveKey,
} from "../src/access/store.ts";
import { AppError } from "../src/errors.ts";
import { createApiKey } from "../src/operations/create-api-key.ts";
import { listApiKeys } from "../src/operations/list-api-keys.ts";
import { revokeApiKey } from "../src/operations/revoke-api-key.ts";
import type { Sql } from "../src/platform/database.ts";
import type { OrganizationId, UserId } from "../src/platform/ids.ts";
import { createAdmission } from "../src/surfaces/admission.ts";
import { FAILURES_PER_MINUTE_MAX } from "../src/surfaces/limits.ts";
import { createTokenVerifier } from "../src/access/verify-token.ts";
import { startSupabaseAuth } from "./harness/supabase-auth.ts";
import { weigh } from "../src/surfaces/mcp.ts";
import { OPERATIONS } from "../src/operations/index.ts";
import { withClient } from "./harness/database.ts";
import { openProcess, type KotaProcess } from "./harness/process.ts";

let kota: KotaProcess;
let acme: OrganizationId;
beforeAll(async () => {
  kota = await openProcess();
});
afterAll(() => kota.close());
beforeEach(async () => {
  acme = await service((sql) => ensureOrganization(sql, `Acme ${crypto.randomUUID().slice(0, 8)}`));
});

function service<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
  return kota.services.database.unsafeAllOrganizations(work);
}

function query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  return withClient(kota.testDatabase.url, async (client) => (await client.query<Row>(text, values)).rows);
}

async function makeKey(): Promise<string> {
  const key = mintApiKey();
  const { pepper } = kota.services;
  await service((sql) =>
    saveKey(sql, { organizationId: acme, name: "k", scopes: SCOPES, stored: storedKeyOf(key, pepper) }),
  );
  return key;
}

test("of many first uses at once one writes last_used_at, and none waits for it", async () => {
  const hash = storedKeyOf(await makeKey(), kota.services.pepper).hash;
  await query(`create table kept_writes (at timestamptz default clock_timestamp())`);
  await query(`create function note_write() returns trigger language plpgsql as
    $$ begin insert into public.kept_writes default values; return null; end $$`);
  await query(`create trigger note_write after update on api_keys for each row execute function note_write()`);
  const admit = () =>
    withClient(kota.testDatabase.url, async (client) => {
      await client.query("set lock_timeout = '20s'");
      const { rows } = await client.query("select 1 from kota.admit_key($1, 1, null, now())", [hash]);
      return rows.length;
    });
  const crowd = () => Promise.all(Array.from({ length: 10 }, admit));
  try {
    // Somebody has the row: whoever waited for it would wait until this ends.
    await withClient(kota.testDatabase.url, async (client) => {
      await client.query("begin");
      await client.query("select 1 from api_keys where hash = $1 for update", [hash]);
      expect(await crowd()).toEqual(Array(10).fill(1));
      await client.query("rollback");
    });
    expect(await query("select 1 from kept_writes")).toHaveLength(0);
    await crowd();
    await crowd();
    expect(await query("select 1 from kept_writes")).toHaveLength(1);
  } finally {
    await query("drop trigger note_write on api_keys");
    await query("drop function note_write()");
    await query("drop table kept_writes");
  }
});

test("a refusal tells the window that it was charged in", async () => {
  const key = await makeKey();
  const hour = "2026-01-02T12:00:00Z";
  await query("insert into rate_limit_counters values ($1, $2, 1000)", [acme, hour]);
  const times = [new Date("2026-01-02T12:59:59.900Z"), new Date("2026-01-02T12:59:59.990Z")];
  const admit = createAdmission({
    ...kota.services,
    isLimited: true,
    signIn: undefined,
    // Later than the charge it is the next hour.
    now: () => times.shift() ?? new Date("2026-01-02T13:00:00.010Z"),
  });
  let headers: Record<string, string> = {};
  const refused = await admit({
    authorization: `Bearer ${key}`,
    organization: undefined,
    address: "192.0.2.1",
    cost: 1,
    onLimit: (told) => (headers = told),
  }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "rate_limited", details: { retry_after: 1 } });
  expect(headers["X-RateLimit-Reset"]).toBe(String(Date.parse("2026-01-02T13:00:00Z") / 1000));
});

/** What a user's requests end in, by a clock that stands still: codes, and what is left of their limit. */
async function signedIn(): Promise<{
  userId: UserId;
  ask: (organization: string | undefined) => Promise<[string, string | undefined]>;
}> {
  const auth = await startSupabaseAuth();
  onTestFinished(() => auth.stop());
  const userId = newUser();
  const token = await auth.token({ id: userId, email: `${userId}@example.com` });
  const now = new Date();
  const admit = createAdmission({
    ...kota.services,
    isLimited: true,
    signIn: { verify: createTokenVerifier({ url: auth.url, jwtSecret: undefined }), findConfirmedAddress: undefined },
    now: () => now,
  });
  return {
    userId,
    async ask(organization) {
      let headers: Record<string, string> = {};
      const outcome = await admit({
        authorization: `Bearer ${token}`,
        organization,
        address: "192.0.2.1",
        cost: 1,
        onLimit: (told) => (headers = told),
      }).then(
        () => "in",
        (error: unknown) => (error instanceof AppError ? error.code : String(error)),
      );
      return [outcome, headers["X-RateLimit-Remaining"]];
    },
  };
}

test("naming organizations that one is not in is charged to one's own, from the first request on", async () => {
  const { userId, ask } = await signedIn();
  expect(await ask("nonsense")).toEqual(["not_found", "999"]);
  expect(await ask(acme)).toEqual(["not_found", "998"]);
  await query(
    "update rate_limit_counters set used = 999 where organization_id = (select id from organizations where personal_of = $1)",
    [userId],
  );
  expect(await ask("nonsense")).toEqual(["not_found", "0"]);
  expect(await ask("nonsense")).toEqual(["rate_limited", "0"]);
  expect(await ask(undefined)).toEqual(["rate_limited", "0"]);
});

test("who is in no organization any more is counted by address", async () => {
  const { userId, ask } = await signedIn();
  expect(await ask(undefined)).toEqual(["in", "999"]);
  await query("delete from members where user_id = $1", [userId]);
  for (let i = 0; i < FAILURES_PER_MINUTE_MAX; i++)
    expect(await ask(i % 2 ? "nonsense" : undefined)).toEqual(["not_found", undefined]);
  for (const organization of ["nonsense", undefined])
    expect(await ask(organization)).toEqual(["rate_limited", undefined]);
});

test("keys in use are bounded, whoever asks at once, and every one of them is listed", async () => {
  const { caller } = kota;
  await query(
    `insert into api_keys (organization_id, name, hash, prefix, last_four, scopes, created_at, expires_at, revoked_at)
     select $1, 'many', sha256(n::text::bytea), 'kota', 'last', '{read}', now() - n * interval '1 second',
       case when n <= 40 then now() - interval '1 hour' end, case when n between 41 and 80 then now() end
     from generate_series(1, $2) as n`,
    [caller.organizationId, KEYS_MAX - 1 + 80],
  );
  const make = () =>
    kota.ask(createApiKey, { name: "one more" }).then(
      ({ key_id: id }) => String(id),
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    );
  const made = await Promise.all(Array.from({ length: 5 }, make));
  expect(made.filter((outcome) => outcome === "conflict")).toHaveLength(4);
  const listed = (await kota.ask(listApiKeys, {}))["keys"] as Record<string, unknown>[];
  expect(listed).toHaveLength(KEYS_MAX);
  const isInUse = (key: Record<string, unknown>) => key["revoked_at"] === null && key["expires_at"] === null;
  expect(listed.filter(isInUse)).toHaveLength(KEYS_MAX);
  await kota.ask(revokeApiKey, { key_id: listed.at(-1)?.["key_id"] });
  const next = (await kota.ask(listApiKeys, {}))["keys"] as Record<string, unknown>[];
  expect(next.map(isInUse)).toEqual([...Array(KEYS_MAX - 1).fill(true), false]);
  expect(await make()).not.toBe("conflict");
});

async function join(email: string, role: Role, userId: UserId): Promise<void> {
  const expiresAt = new Date(Date.now() + 60_000);
  await service((sql) => saveInvitation(sql, { organizationId: acme, email, role, expiresAt }));
  await service((sql) => acceptInvitations(sql, { userId, email }));
}

// Any UUID may be a user's.
const newUser = () => crypto.randomUUID() as UserId;
const membersOf = async () =>
  (await service((sql) => listMembers(sql, acme, 10))).map(({ email, role }) => `${email}: ${role}`);

test("an invitation gives rights and takes none", async () => {
  const ann = newUser();
  for (const [role, then] of [
    ["member", "member"],
    ["owner", "owner"],
    ["member", "owner"],
    ["admin", "owner"],
  ] as const) {
    await join("ann@example.com", role, ann);
    expect(await membersOf()).toEqual([`ann@example.com: ${then}`]);
  }
});

test("who is removed does not come back with an invitation, however they are named", async () => {
  const ann = newUser();
  for (const who of [ann, ann.toUpperCase(), "ann@EXAMPLE.com"]) {
    await join("Ann@example.com", "member", ann);
    const expiresAt = new Date(Date.now() + 60_000);
    for (const email of ["ann@example.com", "bob@example.com"])
      await service((sql) => saveInvitation(sql, { organizationId: acme, email, role: "admin", expiresAt }));
    expect(await service((sql) => removeMember(sql, { organizationId: acme, who, mayLeaveNoOwner: false }))).toBe(true);
    expect(await membersOf(), who).toEqual(["bob@example.com: admin"]);
  }
});

test("the last owner stays unless it is forced, also when two remove one another at once", async () => {
  const remove = (who: string, mayLeaveNoOwner = false) =>
    service((sql) => removeMember(sql, { organizationId: acme, who, mayLeaveNoOwner })).catch((error: unknown) =>
      error instanceof AppError ? error.code : String(error),
    );
  await join("ann@example.com", "owner", newUser());
  await join("eve@example.com", "member", newUser());
  expect(await remove("ANN@example.com")).toBe("conflict");
  await join("bob@example.com", "owner", newUser());
  const both = await Promise.all([remove("ann@example.com"), remove("bob@example.com")]);
  expect(both.filter((outcome) => outcome === true)).toHaveLength(1);
  expect(both.filter((outcome) => outcome === "conflict")).toHaveLength(1);
  expect(await remove("eve@example.com")).toBe(true);
  expect(await remove("ann@example.com", true)).toBe(both[0] !== true);
  expect(await remove("bob@example.com", true)).toBe(both[1] !== true);
  expect(await membersOf()).toEqual([]);
});

test("everybody gets an organization of their own, whatever names are taken, also at once", async () => {
  const twins = ["00000000-0000-4000-8000-", "00000000-0000-4000-8000-"].map(
    (start) => `${start}${crypto.randomUUID().slice(-12)}` as UserId,
  );
  // Without an address, with the same first digits, and with an address that another organization is named by.
  const people = [
    ...twins.map((userId) => ({ userId, email: undefined })),
    ...Array.from({ length: 6 }, () => ({ userId: newUser(), email: "taken@example.com" })),
  ];
  await service((sql) => ensureOrganization(sql, "Taken@example.com"));
  await Promise.all([...people, ...people].map((one) => service((sql) => ensurePersonalOrganization(sql, one))));
  const rows = await query<{ personal_of: string; role: string }>(
    `select o.personal_of, m.role from organizations o join members m on m.organization_id = o.id and m.user_id = o.personal_of
     where o.personal_of = any($1)`,
    [people.map(({ userId }) => userId)],
  );
  expect(rows).toHaveLength(people.length);
});

test("an operator does not mean a user's own organization by an address", async () => {
  const userId = newUser();
  await service((sql) => ensurePersonalOrganization(sql, { userId, email: "boss@example.com" }));
  expect(await service((sql) => findOrganization(sql, "boss@example.com"))).toBeUndefined();
  await expect(service((sql) => ensureOrganization(sql, "Boss@example.com"))).rejects.toMatchObject({
    code: "conflict",
  });
  const [own] = await query<{ id: string }>("select id from organizations where personal_of = $1", [userId]);
  expect(await service((sql) => ensureOrganization(sql, own?.id ?? ""))).toBe(own?.id);
  await expect(service((sql) => ensureOrganization(sql, crypto.randomUUID()))).rejects.toMatchObject({
    code: "not_found",
  });
});

test("counters of windows that are over are deleted, and no others", async () => {
  await query(
    `insert into rate_limit_counters select $1, date_trunc('hour', now(), 'UTC') - n * interval '1 hour', 1 from unnest(array[0, 1, 3, 30]) n`,
    [acme],
  );
  await query(
    `insert into rate_limit_counters_daily select $1, (now() at time zone 'UTC')::date - n, 1 from unnest(array[0, 1, 2, 9]) n`,
    [acme],
  );
  await service((sql) => deleteOldCounters(sql));
  const [hours, days] = await Promise.all([
    query(
      "select window_start from rate_limit_counters where organization_id = $1 and window_start < now() - interval '2 hours'",
      [acme],
    ),
    query(
      "select day from rate_limit_counters_daily where organization_id = $1 and day < (now() at time zone 'UTC')::date - 1",
      [acme],
    ),
  ]);
  expect([hours, days]).toEqual([[], []]);
  const [kept] = await query<{ hours: number; days: number }>(
    `select (select count(*)::int from rate_limit_counters where organization_id = $1) as hours,
       (select count(*)::int from rate_limit_counters_daily where organization_id = $1) as days`,
    [acme],
  );
  // The one before is kept too, unless an hour or a day ended meanwhile.
  for (const n of [kept?.hours, kept?.days]) expect([1, 2]).toContain(n);
});

test("a batch that is refused whole counts as one request", () => {
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "index_repository", arguments: {} } };
  const batch = (n: number) => weigh(JSON.stringify(Array.from({ length: n }, () => call)), OPERATIONS).cost;
  expect(batch(100)).toBe(100 * batch(1));
  expect(batch(101)).toBe(1);
});
