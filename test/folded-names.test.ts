// Names without case, in any script: one key for uniqueness, look-up, order and pages.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureOrganization, findOrganization } from "../src/access/store.ts";
import { addRepositoryToProject } from "../src/operations/add-repository-to-project.ts";
import { createProject } from "../src/operations/create-project.ts";
import { deleteProject } from "../src/operations/delete-project.ts";
import { getProject } from "../src/operations/get-project.ts";
import { listProjects } from "../src/operations/list-projects.ts";
import { listRepositories } from "../src/operations/list-repositories.ts";
import { removeRepositoryFromProject } from "../src/operations/remove-repository-from-project.ts";
import { updateProject } from "../src/operations/update-project.ts";
import type { Operation } from "../src/operation.ts";
import { Fragment } from "../src/platform/database.ts";
import { ensureRepository } from "../src/repositories/store.ts";
import { createTestDatabase, withClient } from "./harness/database.ts";
import { openProcess, type KotaProcess } from "./harness/process.ts";

/** A name, and the same in other letters. */
const SAME: readonly [string, string][] = [
  ["ÄPFEL", "äpfel"],
  ["É", "é"],
  ["É", "e\u0301"],
  ["ΟΔΟΣ", "οδοσ"],
  ["ΟΔΟΣ", "οδος"],
  ["İstanbul", "i\u0307stanbul"],
  ["ДОМ", "дом"],
  ["STRASSE", "straße"],
];

let kota: KotaProcess;
beforeAll(async () => {
  kota = await openProcess();
});
afterAll(() => kota.close());

async function listAll(operation: Operation, field: string): Promise<string[]> {
  const names: string[] = [];
  let cursor: unknown;
  do {
    const page = await kota.ask(operation, { limit: 1, ...(cursor !== undefined && { cursor }) });
    names.push(...(page[field] as { name: string }[]).map(({ name }) => name));
    cursor = page["next_cursor"];
  } while (cursor !== null);
  return names;
}

test.each(SAME)("a project %s is the one that is asked for as %s, in all seven operations", async (name, other) => {
  await kota.db((sql) => ensureRepository(sql, { name: "a/b", url: "https://example.com/a/b", ref: "main" }));
  const made = await kota.ask(createProject, { name });
  await kota.ask(createProject, { name: "zz" });
  await expect(kota.ask(createProject, { name: other })).rejects.toMatchObject({ code: "conflict" });
  await expect(kota.ask(updateProject, { project: "zz", name: other })).rejects.toMatchObject({ code: "conflict" });
  for (const asked of [name, other]) {
    expect(await kota.ask(getProject, { project: asked })).toMatchObject({ id: made["id"], name });
    expect(await kota.ask(addRepositoryToProject, { project: asked, repository: "A/B" })).toMatchObject({
      changed: true,
    });
    expect(await kota.ask(removeRepositoryFromProject, { project: asked, repository: "a/b" })).toMatchObject({
      changed: true,
    });
  }
  expect(new Set(await listAll(listProjects, "projects"))).toEqual(new Set([name, "zz"]));
  expect(await kota.ask(updateProject, { project: name, name: other })).toMatchObject({ id: made["id"], name: other });
  await kota.ask(deleteProject, { project: name });
  expect(await listAll(listProjects, "projects")).toEqual(["zz"]);
  await kota.ask(deleteProject, { project: "zz" });
});

test("every page of a list of names in several scripts is reached, each name once", async () => {
  const names = ["b", "Ähre", "äpfel", "Übung", "Éclair", "eclair", "ΣΑΣ", "zebra", "İ", "i", "ж", "Щ"];
  for (const name of names) {
    await kota.ask(createProject, { name });
    await kota.db((sql) => ensureRepository(sql, { name: `team/${name}`, url: `https://x.org/${name}`, ref: "main" }));
  }
  expect((await listAll(listProjects, "projects")).sort()).toEqual([...names].sort());
  const repositories = names.map((name) => `team/${name}`);
  expect((await listAll(listRepositories, "repositories")).filter((name) => name !== "a/b").sort()).toEqual(
    repositories.sort(),
  );
});

test("repositories and organizations are found in other letters too, and are not made twice", async () => {
  const { database } = kota.services;
  for (const [name, other] of SAME) {
    const ensure = (asked: string) =>
      kota.db((sql) => ensureRepository(sql, { name: `o/${asked}`, url: "https://x.org/same", ref: "main" }));
    expect((await ensure(other)).id).toBe((await ensure(name)).id);
    const added = await kota.ask(createProject, { name: "p", repositories: [`O/${other}`, `o/${name}`] });
    expect(added).toMatchObject({ repository_count: 1 });
    await kota.ask(deleteProject, { project: "p" });
    const [made, again, found] = await database.unsafeAllOrganizations(async (sql) => [
      await ensureOrganization(sql, name),
      await ensureOrganization(sql, other),
      await findOrganization(sql, other),
    ]);
    expect([again, found]).toEqual([made, made]);
  }
});

test("whoever adds the same repository at the same moment is told the same, and nobody is refused", async () => {
  // Often enough that of two inserts one meets the other between looking and writing.
  for (let round = 0; round < 100; round++) {
    const name = `at-once/r${round}`;
    const added = await Promise.all(
      Array.from({ length: 6 }, () =>
        kota.db((sql) => ensureRepository(sql, { name, url: "https://x.org/once", ref: "main" })),
      ),
    );
    expect(new Set(added.map(({ id }) => id)).size).toBe(1);
  }
});

test.each([
  ["a name", "folded_name = lower('Router')"],
  ["a beginning", "folded_name >= lower('Rout') and folded_name < lower('Rout') || '\u{10ffff}'"],
])(
  "symbols are found by %s without case from an index, by whom row-level security confines too",
  async (_, condition) => {
    const plan = await kota.db(async (sql) => {
      await sql`set local enable_seqscan = off`;
      return sql<{ "QUERY PLAN": string }>`
      explain select blob_id from public.symbols
      where organization_id = ${sql.organizationId} and ${new Fragment([condition], [])}`;
    });
    const conditions = plan.map((row) => row["QUERY PLAN"]).filter((line) => line.includes("Index Cond"));
    expect(conditions.join()).toContain("folded_name");
  },
);

test("names that were two before are kept apart when the key comes in", async () => {
  const database = await createTestDatabase();
  const file = new URL("../supabase/migrations/20261125144000_folded_names.sql", import.meta.url);
  try {
    const names = await withClient(database.url, async (client) => {
      for (const table of ["organizations", "projects", "repositories"])
        await client.query(`alter table ${table} drop column folded_name`);
      await client.query("drop function kota.folded(text)");
      await client.query(`
        insert into organizations (id, name, created_at) values
          ('11111111-0000-4000-8000-000000000000', 'STRASSE', now()), ('22222222-0000-4000-8000-000000000000', 'straße', now() - interval '1 day');
        insert into projects (organization_id, id, name, created_at) select '11111111-0000-4000-8000-000000000000',
          ('33333333-0000-4000-8000-00000000000' || n)::uuid, name, now() + n * interval '1 day'
          from unnest(array['É', 'é', 'b']) with ordinality as x(name, n);
        insert into repositories (organization_id, id, name, url, default_ref, created_at)
          select '11111111-0000-4000-8000-000000000000', ('44444444-0000-4000-8000-00000000000' || n)::uuid, name, 'https://x', 'main',
            now() + n * interval '1 day' from unnest(array['o/é', 'O/É']) with ordinality as x(name, n)`);
      await client.query(await readFile(file, "utf8"));
      const { rows } = await client.query<{ name: string }>(
        "select name from organizations union all select name from projects union all select name from repositories",
      );
      return rows.map(({ name }) => name).sort();
    });
    expect(names).toEqual(["b", "STRASSE 11111111", "É", "o/é", "O/É-44444444", "straße", "é 33333333"].sort());
  } finally {
    await database.drop();
  }
});
