// Projects: named sets of repositories, in every question that takes one.
import { afterAll, beforeAll, expect, test } from "vitest";
import { addRepositoryToProject } from "../src/operations/add-repository-to-project.ts";
import { createProject } from "../src/operations/create-project.ts";
import { deleteProject } from "../src/operations/delete-project.ts";
import { getProject } from "../src/operations/get-project.ts";
import { indexRepository } from "../src/operations/index-repository.ts";
import { listProjects } from "../src/operations/list-projects.ts";
import { listRecentFiles } from "../src/operations/list-recent-files.ts";
import { listRepositories } from "../src/operations/list-repositories.ts";
import { removeRepository } from "../src/operations/remove-repository.ts";
import { removeRepositoryFromProject } from "../src/operations/remove-repository-from-project.ts";
import { searchCode } from "../src/operations/search-code.ts";
import { updateProject } from "../src/operations/update-project.ts";
import { holdProject } from "../src/projects/store.ts";
import type { Operation } from "../src/operation.ts";
import { withClient } from "./harness/database.ts";
import { openProcess, type KotaProcess } from "./harness/process.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

let kota: KotaProcess;
const repositories: TestRepository[] = [];

beforeAll(async () => {
  kota = await openProcess();
  for (const name of ["one", "two", "three"]) {
    const repository = await makeRepository({ [`${name}.txt`]: `needle of ${name}\n` });
    repositories.push(repository);
    await kota.index(repository.path, { name: `acme/${name}` });
  }
});
afterAll(async () => {
  await kota.close();
  await Promise.all(repositories.map((repository) => repository.remove()));
});

const namesOf = (answer: Record<string, unknown>) =>
  (answer["repositories"] as { name: string }[]).map(({ name }) => name);

test("a project is made, shown, changed and deleted; its repositories stay", async () => {
  const made = await kota.ask(createProject, { name: "Shop", repositories: ["acme/one", "ACME/One", "acme/two"] });
  expect(made).toMatchObject({ name: "Shop", description: "", repository_count: 2 });
  expect(namesOf(made)).toEqual(["acme/one", "acme/two"]);
  expect(await kota.ask(getProject, { project: "shop" })).toEqual(made);
  expect(await kota.ask(getProject, { project: made["id"] })).toEqual(made);
  await expect(kota.ask(createProject, { name: "SHOP" })).rejects.toMatchObject({ code: "conflict" });
  const changed = await kota.ask(updateProject, { project: "shop", name: "Store", repositories: ["acme/three"] });
  expect(changed).toMatchObject({ id: made["id"], name: "Store", repository_count: 1 });
  expect(namesOf(changed)).toEqual(["acme/three"]);
  await expect(kota.ask(getProject, { project: "shop" })).rejects.toMatchObject({ code: "not_found" });
  await kota.ask(createProject, { name: "Other" });
  await expect(kota.ask(updateProject, { project: "other", name: "store" })).rejects.toMatchObject({
    code: "conflict",
  });
  expect(await kota.ask(deleteProject, { project: "Store" })).toEqual({ deleted: true });
  await kota.ask(deleteProject, { project: "Other" });
  expect(namesOf(await kota.ask(listRepositories, {}))).toEqual(["acme/one", "acme/three", "acme/two"]);
});

test("a project with a repository that is not there is not made", async () => {
  await expect(kota.ask(createProject, { name: "Half", repositories: ["acme/one", "acme/nil"] })).rejects.toMatchObject(
    {
      code: "not_found",
    },
  );
  await expect(kota.ask(getProject, { project: "Half" })).rejects.toMatchObject({ code: "not_found" });
});

test("adding and removing say whether they changed anything", async () => {
  await kota.ask(createProject, { name: "Set" });
  const change = async (operation: typeof addRepositoryToProject) =>
    (await kota.ask(operation, { project: "set", repository: "acme/one" }))["changed"];
  expect([await change(addRepositoryToProject), await change(addRepositoryToProject)]).toEqual([true, false]);
  expect(await kota.ask(getProject, { project: "Set" })).toMatchObject({ repository_count: 1 });
  expect([await change(removeRepositoryFromProject), await change(removeRepositoryFromProject)]).toEqual([true, false]);
  await kota.ask(deleteProject, { project: "Set" });
});

test("questions about a project see its repositories alone", async () => {
  await kota.ask(createProject, { name: "Pair", repositories: ["acme/one", "acme/three"] });
  const found = await kota.ask(searchCode, { query: "needle of", match: "literal", project: "pair" });
  expect((found["results"] as { path: string }[]).map(({ path }) => path)).toEqual(["one.txt", "three.txt"]);
  expect(namesOf(await kota.ask(listRepositories, { project: "Pair" }))).toEqual(["acme/one", "acme/three"]);
  const recent = await kota.ask(listRecentFiles, { project: "Pair" });
  expect((recent["files"] as { path: string }[]).map(({ path }) => path)).toEqual(["three.txt", "one.txt"]);
  await expect(kota.ask(searchCode, { query: "x", project: "pair", repository: "acme/one" })).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(kota.ask(searchCode, { query: "x", project: "none" })).rejects.toMatchObject({ code: "not_found" });
  await kota.ask(createProject, { name: "Empty" });
  await expect(kota.ask(searchCode, { query: "x", project: "empty" })).rejects.toMatchObject({ code: "not_found" });
});

test("index_repository puts a repository into a project; removing it takes it out", async () => {
  const fourth = await makeRepository({ "four.txt": "needle of four\n" });
  repositories.push(fourth);
  await kota.ask(indexRepository, { repository: fourth.path, name: "acme/four", project: "pair" });
  expect(namesOf(await kota.ask(getProject, { project: "pair" }))).toEqual(["acme/four", "acme/one", "acme/three"]);
  const shown = (await kota.ask(listRepositories, {}))["repositories"] as { name: string; projects: string[] }[];
  expect(shown.find(({ name }) => name === "acme/one")?.projects).toEqual(["Pair"]);
  await kota.ask(removeRepository, { repository: "acme/four" });
  expect(await kota.ask(getProject, { project: "pair" })).toMatchObject({ repository_count: 2 });
});

test("projects are listed by name, a page at a time", async () => {
  for (const name of ["b", "C", "a"]) await kota.ask(createProject, { name });
  const names: string[] = [];
  let cursor: unknown;
  do {
    const page = await kota.ask(listProjects, { limit: 2, ...(cursor !== undefined && { cursor }) });
    names.push(...(page["projects"] as { name: string }[]).map(({ name }) => name));
    cursor = page["next_cursor"];
  } while (cursor !== null);
  expect(names).toEqual(["a", "b", "C", "Empty", "Pair"]);
});

/** Asks while the statement is done and not yet committed, and once everybody waits for it commits. */
async function during(statement: string, asking: (() => Promise<unknown>)[]): Promise<unknown[]> {
  return withClient(kota.testDatabase.url, async (client) => {
    await client.query("begin");
    await client.query(statement);
    const answers = asking.map((ask) => ask().catch((error: unknown) => error));
    const waiting = async () =>
      withClient(
        kota.testDatabase.url,
        async (other) =>
          (
            await other.query<{ n: number }>(
              "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
            )
          ).rows[0]?.n,
      );
    await expect.poll(waiting, { timeout: 60_000 }).toBe(asking.length);
    await client.query("commit");
    return Promise.all(answers);
  });
}

test("whoever changes a project while it is deleted is told that it is not there", async () => {
  await kota.ask(createProject, { name: "race", repositories: ["acme/one"] });
  const change = (operation: Operation, input: object) => () => kota.ask(operation, { project: "race", ...input });
  const answers = await during("delete from projects where name = 'race'", [
    change(updateProject, { repositories: ["acme/two", "acme/three"] }),
    change(updateProject, { name: "raced" }),
    change(addRepositoryToProject, { repository: "acme/two" }),
    change(removeRepositoryFromProject, { repository: "acme/one" }),
    change(deleteProject, {}),
    change(indexRepository, { repository: repositories[0]?.path, name: "acme/one" }),
  ]);
  expect(answers).toMatchObject(answers.map(() => ({ code: "not_found" })));
});

test("whoever puts a repository into a project while it is removed is told that it is not there", async () => {
  await kota.ask(createProject, { name: "race" });
  const doomed = await makeRepository({ "a.txt": "a\n" });
  repositories.push(doomed);
  await kota.ask(indexRepository, { repository: doomed.path, name: "acme/doomed" });
  const answers = await during("delete from repositories where name = 'acme/doomed'", [
    () => kota.ask(updateProject, { project: "race", repositories: ["acme/doomed"] }),
    () => kota.ask(createProject, { name: "raced", repositories: ["acme/doomed"] }),
  ]);
  expect(answers).toMatchObject(answers.map(() => ({ code: "not_found" })));
  await kota.ask(deleteProject, { project: "race" });
});

test("of two transactions that wait for one another one is told to try again", async () => {
  for (const name of ["left", "right"]) await kota.ask(createProject, { name });
  let arrived = 0;
  let open = () => {};
  const both = new Promise<void>((resolve) => (open = resolve));
  const take = (first: string, second: string) =>
    kota.db(async (sql) => {
      await holdProject(sql, first);
      if (++arrived === 2) open();
      await both;
      await holdProject(sql, second);
    });
  const outcomes = await Promise.allSettled([take("left", "right"), take("right", "left")]);
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(refused).toMatchObject([{ reason: { code: "unavailable" } }]);
  for (const name of ["left", "right"]) await kota.ask(deleteProject, { project: name });
});

test("a name that nobody could use or see is refused, with the reason", async () => {
  const id = crypto.randomUUID();
  for (const [name, reason] of [
    [id, "form of an id"],
    [id.toUpperCase(), "form of an id"],
    ["   ", "blank"],
    [" x", "blank"],
    ["x\u00a0", "blank"],
    ["a\nb", "line breaks"],
    ["a\u2028b", "line breaks"],
    ["a\u0007b", "control characters"],
    ["\ud800", "surrogate"],
    ["a\0", "NUL"],
  ] as const) {
    const refusal = { code: "invalid_input", message: expect.stringContaining(reason) as string };
    await expect(kota.ask(createProject, { name })).rejects.toMatchObject(refusal);
    await expect(kota.ask(updateProject, { project: "pair", name })).rejects.toMatchObject(refusal);
  }
  await expect(kota.ask(createProject, { name: "x", description: "\udfff" })).rejects.toMatchObject({
    code: "invalid_input",
  });
  for (const name of ["👩‍👩‍👧", "a b", "x".repeat(100)]) {
    await kota.ask(createProject, { name });
    await kota.ask(deleteProject, { project: name });
  }
});
