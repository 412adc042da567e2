// Database.read: what only reads does not wait for its commit, and sees one state. Sql.kept: what is asked all the time is planned once.
import { expect, test } from "vitest";
import type { OrganizationId } from "../src/platform/ids.ts";
import { openProcess } from "./harness/process.ts";

test("work that only reads may not write, and its connection serves the next", async () => {
  const kota = await openProcess();
  const { database } = kota.services;
  const read = database.unsafeAllOrganizations.read;
  const name = (count: number) =>
    read((sql) => sql<{ name: string }>`select name from public.organizations limit ${count}`);
  // Many more than there are connections, each of which is given back after its answer.
  const answers = await Promise.all(Array.from({ length: 40 }, () => name(1)));
  expect(answers.every(([row]) => row?.name === "test")).toBe(true);
  await expect(read((sql) => sql`insert into public.organizations (name) values ('other')`)).rejects.toThrow();
  await expect(read(() => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
  await expect(read((sql) => sql`select 'a' ~ ${"[z-a]"}`)).rejects.toMatchObject({ code: "invalid_input" });
  expect(await name(5)).toEqual([{ name: "test" }]);
  await kota.close();
});

test("work that only reads sees what was there when it began, whatever goes meanwhile", async () => {
  const kota = await openProcess();
  const { unsafeAllOrganizations: all } = kota.services.database;
  const name = `passing ${NOBODY}`;
  await all((sql) => sql`insert into public.organizations (name) values (${name})`);
  const seen = await all.read(async (sql) => {
    const count = async () => (await sql`select from public.organizations where name = ${name}`).length;
    const before = await count();
    await all((other) => other`delete from public.organizations where name = ${name}`);
    return [before, await count()];
  });
  expect(seen).toEqual([1, 1]);
  await kota.close();
});

test("a kept statement is planned once in a session, confined like any other, and stays after one that failed", async () => {
  const kota = await openProcess();
  const { database } = kota.services;
  const [own] = await database.unsafeAllOrganizations(
    (sql) => sql<{ id: OrganizationId }>`select id from public.organizations limit 1`,
  );
  const names = (organizationId: OrganizationId, divisor: number) =>
    database.forOrganization(organizationId)(async (sql) => ({
      rows: await sql.kept<{ id: OrganizationId }>`select id from public.organizations where 1 / ${divisor}::int = 1`,
      kept: await sql<{ uses: number }>`
        select (generic_plans + custom_plans)::int as uses
        from pg_prepared_statements where statement like '%public.organizations where 1 /%'`,
    }));
  const id = own?.id ?? NOBODY;
  expect(await names(id, 1)).toEqual({ rows: [{ id }], kept: [{ uses: 1 }] });
  await expect(names(id, 0)).rejects.toThrow("division by zero");
  expect(await names(NOBODY, 1)).toMatchObject({ rows: [], kept: [{}] });
  const { rows, kept } = await names(id, 1);
  expect(rows).toEqual([{ id }]);
  expect(kept[0]?.uses).toBeGreaterThan(1);
  await kota.close();
});

// An id of the right form that no organization has.
const NOBODY = "00000000-0000-4000-8000-000000000000" as OrganizationId;
