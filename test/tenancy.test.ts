// Isolation where it is enforced: in the database, by the login, the role and the policies.
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureOrganization } from "../src/access/store.ts";
import { openDatabase, type Database } from "../src/platform/database.ts";
import type { OrganizationId } from "../src/platform/ids.ts";
import { createLog } from "../src/platform/log.ts";
import { authenticatorPasswordOf } from "../src/platform/login.ts";
import { ensureRepository, getRepository, listRepositories } from "../src/repositories/store.ts";
import { createTestDatabase, withClient, type TestDatabase } from "./harness/database.ts";

let testDatabase: TestDatabase;
let database: Database;
let acme: OrganizationId;
let other: OrganizationId;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({
    connectionString: testDatabase.url,
    authenticatorPassword: authenticatorPasswordOf(testDatabase.pepper),
    poolMax: 4,
    log: createLog({ level: "error" }),
  });
  [acme, other] = await database.unsafeAllOrganizations(async (sql) => [
    await ensureOrganization(sql, "Acme"),
    await ensureOrganization(sql, "Other"),
  ]);
  for (const id of [acme, other]) {
    await database.forOrganization(id)((sql) =>
      ensureRepository(sql, { name: "same/name", url: `https://example.com/${id}`, ref: "main" }),
    );
  }
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** A session as the login of requests, which has done nothing yet. */
async function asAuthenticator<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(testDatabase.url);
  url.username = "kota_authenticator";
  url.password = authenticatorPasswordOf(testDatabase.pepper);
  return withClient(url.href, work);
}

const TABLES = `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r' order by 1`;

test("an organization sees its own repositories only", async () => {
  for (const id of [acme, other]) {
    const rows = await database
      .forOrganization(id)
      .once((sql) => listRepositories(sql, { afterName: undefined, limit: 10 }));
    expect(rows.map((row) => row.url)).toEqual([`https://example.com/${id}`]);
  }
});

test("what belongs to another organization is not found, by name or by id", async () => {
  const [row] = await database
    .forOrganization(other)
    .once((sql) => listRepositories(sql, { afterName: undefined, limit: 1 }));
  await expect(database.forOrganization(acme)((sql) => getRepository(sql, row?.id ?? ""))).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a statement without a filter of its own still shows one organization", async () => {
  const rows = await database
    .forOrganization(acme)
    .once((sql) => sql<{ url: string }>`select url from public.repositories`);
  expect(rows).toEqual([{ url: `https://example.com/${acme}` }]);
});

test("a row cannot be written into another organization", async () => {
  const writing = database.forOrganization(acme)(
    (sql) =>
      sql`insert into public.repositories (organization_id, name, url, default_ref) values (${other}, 'x/y', 'https://x', 'main')`,
  );
  await expect(writing).rejects.toThrow(/row-level security/);
});

test("the login of requests may do nothing before it takes the role", async () => {
  await asAuthenticator(async (client) => {
    const { rows } = await client.query<{ name: string }>(TABLES);
    expect(rows.length).toBeGreaterThan(10);
    for (const { name } of rows)
      await expect(client.query(`select 1 from public.${name}`), name).rejects.toThrow(/permission denied/);
    for (const role of ["service_role", "postgres"])
      await expect(client.query(`set role ${role}`), role).rejects.toThrow(/permission denied/);
  });
});

test("without claims, with empty ones and with others every table is empty", async () => {
  await asAuthenticator(async (client) => {
    const { rows } = await client.query<{ name: string }>(TABLES);
    for (const claims of [undefined, "", "{}", JSON.stringify({ organization_id: null })]) {
      await client.query("begin");
      await client.query("set local role authenticated");
      if (claims !== undefined) await client.query("select set_config('request.jwt.claims', $1, true)", [claims]);
      for (const { name } of rows)
        expect((await client.query(`select 1 from public.${name}`)).rows, `${name} with ${claims}`).toEqual([]);
      await client.query("rollback");
    }
  });
});

test("the claim is believed from the login of requests alone", async () => {
  await withClient(testDatabase.url, async (client) => {
    await client.query("begin");
    await client.query("set local role authenticated");
    await client.query("select set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({ organization_id: acme }),
    ]);
    expect((await client.query("select 1 from public.repositories")).rows).toEqual([]);
    await client.query("rollback");
  });
});

test("anon, the queue and the migrations are closed to requests", async () => {
  await asAuthenticator(async (client) => {
    await client.query("begin");
    await client.query("set local role anon");
    await expect(client.query("select 1 from public.repositories")).rejects.toThrow(/permission denied/);
    await client.query("rollback");
    for (const table of ["pgboss.job", "supabase_migrations.schema_migrations"]) {
      await client.query("begin");
      await client.query("set local role authenticated");
      await expect(client.query(`select 1 from ${table}`), table).rejects.toThrow(/permission denied/);
      await client.query("rollback");
    }
  });
});

test("a message can be sent for one's own job only", async () => {
  const sending = database.forOrganization(acme)((sql) => sql`select kota.send_index_job(gen_random_uuid())`);
  await expect(sending).rejects.toThrow(/no such job/);
});

test("begin, claims, statement and commit take one round trip", async () => {
  // A second statement after the first answer would have to be a second trip: it is refused, not run outside.
  const twice = database.forOrganization(acme).once(async (sql) => {
    await sql`select 1`;
    return sql<{ url: string }>`select url from public.repositories`;
  });
  await expect(twice).rejects.toThrow();
});
