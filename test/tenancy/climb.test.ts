// A request whose SQL is somebody else's: what it may make for its session (types, tables, functions and operators of
// pg_temp) must neither run with more rights than its own nor stay for whoever has the connection next.
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureOrganization } from "../../src/access/store.ts";
import { openDatabase, type Database } from "../../src/platform/database.ts";
import type { OrganizationId } from "../../src/platform/ids.ts";
import { createLog } from "../../src/platform/log.ts";
import { authenticatorPasswordOf } from "../../src/platform/login.ts";
import { createTestDatabase, withClient, type TestDatabase } from "../harness/database.ts";
import { TEMPLATE } from "../harness/setup.ts";

let testDatabase: TestDatabase;
let database: Database;
let acme: OrganizationId;
let job: string;

beforeAll(async () => {
  // A copy has the privileges of a new database, so here requests may make temporary things: the worst case.
  testDatabase = await createTestDatabase();
  database = openDatabase({
    connectionString: testDatabase.url,
    authenticatorPassword: authenticatorPasswordOf(testDatabase.pepper),
    poolMax: 1,
    log: createLog({ level: "error" }),
  });
  acme = await database.unsafeAllOrganizations((sql) => ensureOrganization(sql, "Acme"));
  const made = await withClient(testDatabase.url, (client) =>
    client.query<{ id: string }>(
      `with r as (
         insert into repositories (organization_id, name, url, default_ref)
         values ($1, 'a/b', 'https://example.com/a/b', 'main') returning organization_id, id)
       insert into index_jobs (organization_id, repository_id, ref, commit)
       select organization_id, id, 'main', repeat('a', 40) from r returning id`,
      [acme],
    ),
  );
  job = made.rows[0]?.id ?? "";
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** Types that a statement could name, and tables that a function could. */
const BAIT_TYPES = `select typname as name from pg_type
  where typnamespace = 'pg_catalog'::regnamespace and typtype = 'b' and typelem = 0
    and typname = any(array['bytea', 'bool', 'int2', 'int4', 'int8', 'text', 'varchar', 'uuid', 'json', 'jsonb', 'date',
      'timestamptz', 'timestamp', 'interval', 'numeric', 'float8', 'oid', 'bpchar'])`;
const BAIT_TABLES = `select distinct relname as name from pg_class
  where relkind = 'r' and (relnamespace in ('public'::regnamespace, 'pgboss'::regnamespace)
    or relname in ('pg_proc', 'pg_class', 'pg_roles', 'pg_authid', 'pg_namespace'))`;

/** Everything that pg_temp can hold in front of what a function means; each says who ran it. */
async function plant(client: pg.ClientBase): Promise<void> {
  const { rows: types } = await client.query<{ name: string }>(BAIT_TYPES);
  const { rows: tables } = await client.query<{ name: string }>(BAIT_TABLES);
  expect(types.length).toBeGreaterThan(15);
  expect(tables.length).toBeGreaterThan(20);
  await client.query(`
    create function pg_temp.spring(who pg_catalog.name) returns pg_catalog.bool language plpgsql as
      $$ begin raise exception 'sprung as %', who using errcode = 'ZZ001'; end $$`);
  for (const { name } of types)
    await client.query(
      `create domain pg_temp.${name} as pg_catalog.${name} check (value is null or pg_temp.spring(current_user));
       grant usage on type pg_temp.${name} to public`,
    );
  for (const { name } of tables)
    await client.query(`create temporary table ${name} (id pg_catalog.int4); grant all on pg_temp.${name} to public`);
  for (const [name, parameters] of [
    ["now", ""],
    ["encode", "pg_catalog.bytea, pg_catalog.text"],
    ["sha224", "pg_catalog.bytea"],
    ["pg_notify", "pg_catalog.text, pg_catalog.text"],
    ["current_setting", "pg_catalog.text, pg_catalog.bool"],
  ])
    await client.query(
      `create function pg_temp.${name}(${parameters}) returns pg_catalog.text language sql as
         'select pg_temp.spring(current_user)::pg_catalog.text'`,
    );
  await client.query(
    `create function pg_temp.equal(pg_catalog.uuid, pg_catalog.uuid) returns pg_catalog.bool language sql as
       'select pg_temp.spring(current_user)';
     create operator pg_temp.= (leftarg = pg_catalog.uuid, rightarg = pg_catalog.uuid, function = pg_temp.equal)`,
  );
}

async function asRequest<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(testDatabase.url);
  url.username = "kota_authenticator";
  url.password = authenticatorPasswordOf(testDatabase.pepper);
  return withClient(url.href, async (client) => {
    await client.query("begin");
    await client.query("select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({ role: "authenticated", organization_id: acme }),
    ]);
    return work(client);
  });
}

test("the bait springs where a path lets it", async () => {
  await withClient(testDatabase.url, (client) =>
    client.query(`create function public.careless() returns text language plpgsql security definer set search_path = ''
      as $$ begin return encode('x'::bytea, 'hex'); end $$`),
  );
  try {
    await asRequest(async (client) => {
      await plant(client);
      await expect(client.query("select public.careless()")).rejects.toMatchObject({
        code: "ZZ001",
        message: "sprung as postgres",
      });
    });
  } finally {
    await withClient(testDatabase.url, (client) => client.query("drop function public.careless()"));
  }
});

test("no function that runs with its owner's rights meets what a request planted", async () => {
  const { rows: definers } = await withClient(testDatabase.url, (client) =>
    client.query<{ name: string }>(
      `select p.oid::regprocedure::text as name from pg_proc p
       where p.prosecdef and p.pronamespace in ('kota'::regnamespace, 'public'::regnamespace)`,
    ),
  );
  // Each with a call that reaches its last line; a new one is added here.
  const calls: Record<string, string> = { "kota.send_index_job(uuid)": `select kota.send_index_job('${job}')` };
  expect(definers.map(({ name }) => name)).toEqual(Object.keys(calls));
  for (const call of Object.values(calls)) {
    const before = await countMessages();
    await asRequest(async (client) => {
      await plant(client);
      await client.query(call);
      await client.query("commit");
    });
    expect(await countMessages()).toBe(before + 1);
  }
});

async function countMessages(): Promise<number> {
  const { rows } = await withClient(testDatabase.url, (client) =>
    client.query<{ n: number }>("select count(*)::int as n from pgboss.job"),
  );
  return rows[0]?.n ?? 0;
}

test("what is planted on a pooled connection does not reach the request that has it next", async () => {
  const db = database.forOrganization(acme);
  const sessionOf = async (sql: Parameters<Parameters<typeof db>[0]>[0]) =>
    (await sql<{ pid: number }>`select pg_catalog.pg_backend_pid() as pid`)[0]?.pid;
  const injected = await db(async (sql) => {
    const run = (text: string) => sql(Object.assign([text], { raw: [text] }));
    await run(`create function pg_temp.spring(who pg_catalog.name) returns pg_catalog.bool language plpgsql as
      $$ begin raise exception 'sprung as %', who; end $$`);
    for (const name of ["uuid", "int4", "timestamptz", "text"])
      await run(
        `create domain pg_temp.${name} as pg_catalog.${name} check (value is null or pg_temp.spring(current_user))`,
      );
    await run(`select set_config('search_path', 'pg_temp, pg_catalog', false)`);
    return sessionOf(sql);
  });
  const next = await db(async (sql) => ({
    rows: await sql`select ${acme}::uuid as id, 1::int4 as one, 'x'::text as text, now()::timestamptz <= now() as now`,
    pid: await sessionOf(sql),
  }));
  expect(next).toEqual({ rows: [{ id: acme, one: 1, text: "x", now: true }], pid: injected });
});

test("after a migration requests may make nothing temporary at all", async () => {
  const { rows } = await withClient(testDatabase.url, (client) =>
    client.query("select has_database_privilege('kota_authenticator', $1, 'temporary') as may", [TEMPLATE]),
  );
  expect(rows).toEqual([{ may: false }]);
});
