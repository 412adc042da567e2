// Who may change what, in every table and with every function there is: a new one is tried by existing.
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OrganizationId } from "../../src/platform/ids.ts";
import { withClient } from "../harness/database.ts";
import { makeFilledDatabase, TABLES, type FilledDatabase } from "./filled-database.ts";

let filled: FilledDatabase;
let acme: OrganizationId;
let other: OrganizationId;

beforeAll(async () => {
  filled = await makeFilledDatabase();
  ({ acme, other } = filled);
});
afterAll(() => filled.remove());

function asOwner<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  return withClient(filled.testDatabase.url, async (client) => (await client.query<Row>(text, values)).rows);
}

/** Rows that a statement changed or gave, or the code of its error; what it did is undone, and the transaction goes on. */
async function outcomeOf(client: pg.Client, statement: string): Promise<{ rows: unknown[]; count: number } | string> {
  await client.query("savepoint attempt");
  try {
    const { rows, rowCount } = await client.query<Record<string, unknown>>(statement);
    return { rows, count: rowCount ?? 0 };
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code !== undefined) return error.code;
    throw error;
  } finally {
    await client.query("rollback to attempt");
  }
}

/** No grant, or a policy's check. */
const DENIED = "42501";
const HAS_DEPENDENTS = "23503";

interface Table {
  name: string;
  /** Its column that says whose a row is. */
  owner: string;
  /** Of each organization, an insert of what is there already: where nobody stops it, it is a duplicate. */
  inserts: Map<OrganizationId, string>;
  /** Its rows of Acme. */
  rows: number;
}

async function listTables(): Promise<Table[]> {
  const tables: Table[] = [];
  for (const { name } of await asOwner<{ name: string }>(TABLES)) {
    const owner = name === "organizations" ? "id" : "organization_id";
    const columns = await asOwner<{ name: string }>(
      `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
         and attgenerated = '' order by attnum`,
      [`public.${name}`],
    );
    const list = columns.map((column) => `"${column.name}"`).join(", ");
    const inserts = new Map<OrganizationId, string>();
    for (const organization of [acme, other]) {
      const rows = await asOwner<{ row: string }>(
        `select quote_literal(to_jsonb(t)::text) as row from public.${name} t where t.${owner} = $1 limit 1`,
        [organization],
      );
      const [first] = rows;
      if (!first) throw new Error(`${name} has no row of ${organization}`);
      inserts.set(
        organization,
        `insert into public.${name} (${list}) overriding system value
           select ${list} from jsonb_populate_record(null::public.${name}, ${first.row}::jsonb)`,
      );
    }
    const [count] = await asOwner<{ rows: number }>(
      `select count(*)::int as rows from public.${name} where ${owner} = $1`,
      [acme],
    );
    tables.push({ name, owner, inserts, rows: count?.rows ?? 0 });
  }
  expect(tables.length).toBeGreaterThan(10);
  return tables;
}

/** Neither names a column that is read, so no policy of reading hides what is changed. */
const updateOf = ({ name, owner }: Table, to: OrganizationId) => `update public.${name} set ${owner} = '${to}'`;
const deleteOf = ({ name }: Table) => `delete from public.${name}`;
const truncateOf = ({ name }: Table) => `truncate public.${name} cascade`;

/** Own, own with a forged organization, a foreign one, forged alone, of nobody, and none. */
const claimsToTry = (): (object | undefined)[] => [
  { sub: filled.userOf(acme) },
  { sub: filled.userOf(acme), organization_id: acme },
  { sub: filled.userOf(acme), organization_id: other },
  { sub: filled.userOf(other) },
  { sub: acme },
  { sub: crypto.randomUUID() },
  { sub: null },
  { organization_id: acme },
  {},
  undefined,
];

async function writesThroughPostgrest(): Promise<string[]> {
  const tables = await listTables();
  const written: string[] = [];
  for (const role of ["authenticated", "anon"]) {
    for (const claims of claimsToTry()) {
      await filled.throughPostgrest({ role, claims }, async (client) => {
        for (const table of tables) {
          for (const statement of [
            ...table.inserts.values(),
            updateOf(table, acme),
            updateOf(table, other),
            deleteOf(table),
            truncateOf(table),
          ]) {
            const outcome = await outcomeOf(client, statement);
            // A truncate does not say how many rows there were.
            const isNothing = typeof outcome !== "string" && outcome.count === 0 && statement !== truncateOf(table);
            if (outcome === DENIED || isNothing) continue;
            written.push(`${role} ${JSON.stringify(claims)}: ${statement}: ${JSON.stringify(outcome)}`);
          }
        }
        await client.query("rollback");
      });
    }
  }
  return written;
}

test("through PostgREST nobody writes into any table, whatever the claims say", async () => {
  expect(await writesThroughPostgrest()).toEqual([]);
});

test("a table that a policy opens to its members would be seen", async () => {
  await asOwner(`create table public.careless (organization_id uuid not null references public.organizations (id))`);
  try {
    await asOwner("insert into public.careless values ($1), ($2)", [acme, other]);
    for (const opening of [
      "alter table public.careless enable row level security",
      `create policy member on public.careless for all to authenticated
         using (organization_id in (select kota.member_organization_ids()))`,
    ])
      await asOwner(opening);
    const written = await writesThroughPostgrest();
    for (const start of ["insert into", "update", "delete from", "truncate"])
      expect(written, start).toContainEqual(expect.stringContaining(`: ${start} public.careless`));
    expect(written.filter((line) => !line.includes("public.careless"))).toEqual([]);
  } finally {
    await asOwner("drop table public.careless");
  }
});

test("a request changes its own organization's rows alone, in every table, and gives none away", async () => {
  const tables = await listTables();
  await filled.asAuthenticator(async (client) => {
    const asRequest = async (claims: object | undefined) => {
      await client.query("begin");
      await client.query("select set_config('role', 'authenticated', true)");
      if (claims) await client.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)]);
    };
    await asRequest({ role: "authenticated", organization_id: acme });
    for (const table of tables) {
      for (const statement of [table.inserts.get(other) ?? "", updateOf(table, other), truncateOf(table)])
        expect(await outcomeOf(client, statement), statement).toBe(DENIED);
      const gone = await outcomeOf(client, deleteOf(table));
      if (typeof gone === "string") expect([DENIED, HAS_DEPENDENTS], table.name).toContain(gone);
      else expect(gone.count, table.name).toBe(table.rows);
    }
    await client.query("rollback");
    for (const claims of [undefined, {}, { organization_id: null }]) {
      await asRequest(claims);
      for (const table of tables) {
        for (const statement of table.inserts.values())
          expect(await outcomeOf(client, statement), statement).toBe(DENIED);
        for (const statement of [updateOf(table, acme), deleteOf(table)]) {
          const outcome = await outcomeOf(client, statement);
          if (outcome !== DENIED) expect(outcome, statement).toMatchObject({ count: 0 });
        }
      }
      await client.query("rollback");
    }
  });
});

/** Each with nulls of its own types, so that one of several of a name is meant; as constants, strict ones would not be called. */
const CALLS = `
  select p.oid::regprocedure::text as name,
    format('select %I.%I(%s) as value', n.nspname, p.proname,
      (select string_agg(format('(select null::%s)', format_type(a.type, null)), ', ' order by a.i)
       from unnest(p.proargtypes) with ordinality as a (type, i))) as call
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('public', 'kota') order by 1`;

/** What a call may tell, beside being denied. */
const TELLS: Record<string, (claims: { sub?: unknown } | undefined) => unknown> = {
  "kota.folded(text)": () => [null],
  "kota.organization_id()": () => [null],
  "kota.member_organization_ids()": (claims) =>
    [acme, other].filter((organization) => claims?.sub === filled.userOf(organization)),
  "kota.send_index_job(uuid)": () => "P0001",
};

test("through PostgREST no function changes anything or tells of others, whatever the claims say", async () => {
  const functions = await asOwner<{ name: string; call: string }>(CALLS);
  expect(functions.length).toBeGreaterThan(6);
  const told = new Set<string>();
  for (const role of ["authenticated", "anon"]) {
    for (const claims of claimsToTry()) {
      await filled.throughPostgrest({ role, claims }, async (client) => {
        for (const { name, call } of functions) {
          const outcome = await outcomeOf(client, call);
          if (outcome === DENIED) continue;
          told.add(`${role} ${name}`);
          const seen =
            typeof outcome === "string" ? outcome : outcome.rows.map((row) => (row as { value: unknown }).value);
          expect(seen, `${role} ${JSON.stringify(claims)}: ${call}`).toEqual(
            (TELLS[name] ?? (() => "to be denied"))(claims),
          );
        }
        await client.query("rollback");
      });
    }
  }
  expect([...told].sort()).toEqual([
    "anon kota.organization_id()",
    "authenticated kota.folded(text)",
    "authenticated kota.member_organization_ids()",
    "authenticated kota.organization_id()",
    "authenticated kota.send_index_job(uuid)",
  ]);
});
