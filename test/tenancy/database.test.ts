// Isolation where it is enforced: in the database, by the login, the role and the policies.
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/platform/database.ts";
import type { OrganizationId } from "../../src/platform/ids.ts";
import { getRepository, listRepositories } from "../../src/repositories/store.ts";
import { withClient, type TestDatabase } from "../harness/database.ts";
import { makeFilledDatabase, TABLES, type FilledDatabase } from "./filled-database.ts";

let filled: FilledDatabase;
let testDatabase: TestDatabase;
let database: Database;
let acme: OrganizationId;
let other: OrganizationId;

beforeAll(async () => {
  filled = await makeFilledDatabase();
  ({ testDatabase, database, acme, other } = filled);
});
afterAll(() => filled.remove());

const urlOf = (organization: OrganizationId) => filled.urlOf(organization);
const userOf = (organization: OrganizationId) => filled.userOf(organization);
const asAuthenticator: FilledDatabase["asAuthenticator"] = (work) => filled.asAuthenticator(work);
const throughPostgrest: FilledDatabase["throughPostgrest"] = (request, work) => filled.throughPostgrest(request, work);

const FUNCTIONS = `select p.oid::regprocedure::text as name, p.oid::int as oid, p.prosecdef as definer, p.proconfig as config
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('public', 'kota') order by 1`;

/** Rows that a statement shows, or `denied`; the transaction goes on. */
async function attempt(client: pg.Client, statement: string): Promise<Record<string, unknown>[] | "denied"> {
  await client.query("savepoint attempt");
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    await client.query("release attempt");
    return rows;
  } catch (error) {
    await client.query("rollback to attempt");
    // insufficient_privilege: no grant, or a policy's check.
    if (error instanceof pg.DatabaseError && error.code === "42501") return "denied";
    throw error;
  }
}

test("an organization sees its own repositories only", async () => {
  for (const id of [acme, other]) {
    const rows = await database
      .forOrganization(id)
      .once((sql) => listRepositories(sql, { afterName: undefined, limit: 10 }));
    expect(rows.map((row) => row.url)).toEqual([urlOf(id)]);
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
  expect(rows).toEqual([{ url: urlOf(acme) }]);
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

/** Tables of which a signed-in user sees nothing through PostgREST. */
const HIDDEN = new Set(["api_keys", "invitations", "rate_limit_counters", "rate_limit_counters_daily"]);

/** Whose rows of a table the session sees; throws when it may not ask. */
async function ownersOf(client: pg.Client, table: string): Promise<unknown[]> {
  const id = table === "organizations" ? "id" : "organization_id";
  const rows = await attempt(client, `select distinct ${id} as organization from public.${table}`);
  if (rows === "denied") throw new Error(`${table} cannot be read`);
  return rows.map(({ organization }) => organization).sort();
}

const listTables = () =>
  withClient(testDatabase.url, async (client) =>
    (await client.query<{ name: string }>(TABLES)).rows.map(({ name }) => name),
  );

test("in every table both organizations have rows, so that the tests here say something of each", async () => {
  const both = [acme, other].sort();
  await withClient(testDatabase.url, async (client) => {
    await client.query("begin");
    for (const table of await listTables()) expect(await ownersOf(client, table), table).toEqual(both);
  });
});

test("a request sees its own organization's rows in every table, without a filter, and no others", async () => {
  await asAuthenticator(async (client) => {
    await client.query("begin");
    await client.query("select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({ role: "authenticated", organization_id: acme }),
    ]);
    for (const table of await listTables()) expect(await ownersOf(client, table), table).toEqual([acme]);
  });
});

test("a user's token through PostgREST shows that user's rows, in every table, and no others", async () => {
  await throughPostgrest({ role: "authenticated", claims: { sub: userOf(acme) } }, async (client) => {
    for (const table of await listTables())
      expect(await ownersOf(client, table), table).toEqual(HIDDEN.has(table) ? [] : [acme]);
  });
});

test("forged, missing and foreign claims show nothing, and anon may not ask", async () => {
  const tables = await withClient(
    testDatabase.url,
    async (client) => (await client.query<{ name: string }>(TABLES)).rows,
  );
  for (const claims of [
    undefined,
    {},
    { sub: null },
    { sub: crypto.randomUUID() },
    { organization_id: acme },
    { sub: acme },
  ]) {
    await throughPostgrest({ role: "authenticated", claims }, async (client) => {
      for (const { name } of tables)
        expect(await attempt(client, `select 1 from public.${name}`), `${name} ${JSON.stringify(claims)}`).toEqual([]);
      expect(await attempt(client, "select * from kota.member_organization_ids()")).toEqual([]);
      expect(await attempt(client, "select kota.organization_id() as id")).toEqual([{ id: null }]);
      expect(await attempt(client, `select kota.send_index_job(id) from public.index_jobs`)).toEqual([]);
    });
    await throughPostgrest({ role: "anon", claims }, async (client) => {
      for (const { name } of tables) expect(await attempt(client, `select 1 from public.${name}`), name).toBe("denied");
    });
  }
});

test("the service key sees all, with and without the right to bypass row-level security", async () => {
  for (const bypass of ["bypassrls", "nobypassrls"]) {
    await withClient(testDatabase.url, async (client) => {
      await client.query("begin");
      await client.query(`alter role service_role ${bypass}`);
      await client.query("set local role service_role");
      for (const table of ["organizations", "repositories", "api_keys", "members", "rate_limit_counters"])
        expect((await client.query(`select 1 from public.${table}`)).rows.length, table).toBeGreaterThanOrEqual(2);
      await client.query("rollback");
    });
  }
});

test("functions: search_path pinned, rights of the caller, closed to the public; each exception is known", async () => {
  const functions = await withClient(
    testDatabase.url,
    async (client) =>
      (await client.query<{ name: string; oid: number; definer: boolean; config: string[] | null }>(FUNCTIONS)).rows,
  );
  expect(functions.length).toBeGreaterThan(6);
  // pg_temp named last: left out, as in an empty path, types and tables are looked for there first.
  const unpinned = functions.filter(({ config }) => !config?.includes("search_path=pg_catalog, pg_temp"));
  expect(unpinned.map(({ name }) => name)).toEqual([]);
  expect(functions.filter(({ definer }) => definer).map(({ name }) => name)).toEqual(["kota.send_index_job(uuid)"]);
  const open = async (role: string) =>
    withClient(testDatabase.url, async (client) => {
      const { rows } = await client.query<{ oid: number }>(
        "select oid::int from unnest($1::int[]) as oid where has_function_privilege($2, oid, 'execute')",
        [functions.map(({ oid }) => oid), role],
      );
      return functions.filter(({ oid }) => rows.some((row) => row.oid === oid)).map(({ name }) => name);
    });
  for (const role of ["public", "kota_authenticator", "authenticator"]) expect(await open(role), role).toEqual([]);
  expect(await open("anon")).toEqual(["kota.member_organization_ids()", "kota.organization_id()"]);
  expect(await open("authenticated")).toEqual([
    "kota.folded(text)",
    "kota.member_organization_ids()",
    "kota.organization_id()",
    "kota.send_index_job(uuid)",
  ]);
});

test("a request cannot climb, whatever SQL it could run", async () => {
  const climbs = [
    "set role postgres",
    "set role service_role",
    "set session authorization postgres",
    "reset role; select 1 from public.repositories",
    "select set_config('role', 'none', true); select 1 from public.repositories",
    "select set_config('role', 'service_role', true)",
    "alter role kota_authenticator bypassrls",
    "alter table public.repositories disable row level security",
    "create policy all_of_it on public.repositories using (true)",
    "grant service_role to authenticated",
    "create function public.climb() returns int language sql security definer as 'select 1'",
    "select * from pgboss.job",
    "copy public.repositories to program 'cat'",
    "select pg_read_file('/etc/passwd')",
    "select kota.admit_key('x', 0, null, now())",
    "select kota.admit_user(gen_random_uuid(), null, null, 0, null, now())",
    "select public.increment_rate_limit(gen_random_uuid(), 1, 1)",
  ];
  for (const climb of climbs) {
    await asAuthenticator(async (client) => {
      await client.query("begin");
      await client.query(
        "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
        [JSON.stringify({ role: "authenticated", organization_id: acme })],
      );
      await expect(client.query(climb), climb).rejects.toMatchObject({ code: "42501" });
    });
  }
});
