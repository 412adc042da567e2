// The semantic tier on real Postgres with the real checker: what it adds to answers, that it says so, that edits end where a
// fresh index ends, and that nothing depends on it.
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createChecks } from "../src/indexing/check/checks.ts";
import { CHECKER_LIMITS, findExecutable } from "../src/indexing/check/run-checker.ts";
import { exportGraph } from "../src/operations/export-graph.ts";
import { findUsages } from "../src/operations/find-usages.ts";
import { searchDependencies } from "../src/operations/search-dependencies.ts";
import { getIndexJobStatus } from "../src/operations/get-index-job-status.ts";
import { endAbandonedChecks } from "../src/repositories/store.ts";
import { indexAs, openProcess, type KotaProcess } from "./harness/process.ts";
import { makeRepository, type Files, type TestRepository } from "./harness/repository.ts";

const FILES: Files = {
  "src/context.ts": `export class Context {
  text(value: string): string { return value }
}
`,
  "src/each.ts": `export const each = <T>(values: Iterable<T>, to: (value: T) => unknown) => [...values].map(to);
`,
  "src/all.ts": `import { Context } from "./context.ts";
export const contexts = new Map([["a", new Context()]]).values();
`,
  "src/use.ts": `import { contexts } from "./all.ts";
import { each } from "./each.ts";
each(contexts, (c) => c.text(""));
`,
  "src/plain.ts": `import { Context } from "./context.ts";
export const plain = new Context().text("");
`,
};

let kota: KotaProcess;
const repositories: TestRepository[] = [];

beforeAll(async () => {
  kota = await openProcess({ makeChecks: (services) => createChecks(services) });
});
afterAll(async () => {
  await kota.close();
  for (const repository of repositories) await repository.remove();
});

async function repositoryOf(files: Files): Promise<TestRepository> {
  const repository = await makeRepository(files);
  repositories.push(repository);
  return repository;
}

async function usages(asked: KotaProcess, repository: string, symbol = "Context.text"): Promise<string[]> {
  const answer = await asked.ask(findUsages, { repository, symbol });
  const rows = answer["usages"] as { path: string; line: number; confidence: string; tier: string }[];
  return rows.map(({ path, line, confidence, tier }) => `${path}:${line} ${confidence} ${tier}`);
}

/** All that export_graph and find_usages say. */
async function answers(repository: string) {
  const graph = await kota.ask(exportGraph, { repository });
  return { graph: JSON.stringify(graph["edges"]), usages: await usages(kota, repository) };
}

const SYNTAX = "src/plain.ts:2 inferred syntax";
const CHECKER = "src/use.ts:3 inferred checker";

test("what the checker found is told beside the rest, as what it is", async () => {
  const repository = await repositoryOf(FILES);
  const job = await kota.index(repository.path, { name: "t/told" });
  expect(job.progress.phase).toBe("done");
  expect(await usages(kota, "t/told")).toEqual([SYNTAX, CHECKER]);
  const { edges } = await kota.ask(exportGraph, { repository: "t/told" });
  expect(edges).toContainEqual({ from: "src/use.ts", to: "src/context.ts", kinds: ["symbol"] });
});

test("edits end where a fresh index ends, in all that is told", async () => {
  const repository = await repositoryOf(FILES);
  await kota.index(repository.path, { name: "t/edited" });
  const edits: Files[] = [
    // Symbols of a file that is used move, those that use it stay.
    { "src/context.ts": `export const before = 1;\n\n${String(FILES["src/context.ts"])}` },
    // What flows through a file that is neither the definition's nor the use's.
    { "src/all.ts": `export const contexts = [{ text(value: string) { return value } }];\n` },
    { "src/all.ts": String(FILES["src/all.ts"]), "src/more.ts": String(FILES["src/use.ts"]) },
    // Nothing that is checked; and something that only the graph knows of.
    { "README.md": "# t\n", "src/use.py": "import os\n" },
    { "src/each.ts": `export const each = (values: unknown, to: (value: any) => unknown) => to(values);\n` },
    { "src/each.ts": String(FILES["src/each.ts"]), "src/plain.ts": "export const plain = 1;\n" },
  ];
  const seen: string[] = [];
  const files = { ...FILES };
  for (const [number, edit] of edits.entries()) {
    Object.assign(files, edit);
    await repository.write(edit);
    await kota.index(repository.path, { name: "t/edited" });
    const name = `t/fresh-${number}`;
    const copy = await repositoryOf(files);
    await kota.index(copy.path, { name });
    const told = await answers("t/edited");
    expect(told).toEqual(await answers(name));
    seen.push(told.usages.filter((usage) => usage.endsWith("checker")).join(", "));
  }
  expect(seen).toEqual([
    CHECKER,
    "",
    `src/more.ts:3 inferred checker, ${CHECKER}`,
    `src/more.ts:3 inferred checker, ${CHECKER}`,
    "",
    `src/more.ts:3 inferred checker, ${CHECKER}`,
  ]);
});

test("pages go on from the tier that they began with, and a new question has the other", async () => {
  const [use, plain] = [String(FILES["src/use.ts"]), String(FILES["src/plain.ts"])];
  const repository = await repositoryOf({ ...FILES, "src/a.ts": use, "src/y.ts": plain, "src/z.ts": use });
  await indexAs({ ...kota, checks: undefined }, repository.path, { name: "t/paged" });
  const asked = { repository: "t/paged", limit: 1 };
  const questions = [
    { operation: searchDependencies, input: { ...asked, file_path: "src/context.ts", direction: "dependents" } },
    { operation: findUsages, input: { ...asked, symbol: "Context.text" } },
  ];
  const list = (answer: Record<string, unknown>) => [answer["dependents"], answer["usages"]].flat().filter(Boolean);
  for (const { operation, input } of questions) {
    const before = list(await kota.ask(operation, { ...input, limit: 100 }));
    const first = await kota.ask(operation, input);
    await kota.index(repository.path, { name: "t/paged" });
    const pages = [first];
    for (let cursor = first["next_cursor"]; cursor; cursor = pages.at(-1)?.["next_cursor"])
      pages.push(await kota.ask(operation, { ...input, cursor }));
    expect(pages.flatMap(list)).toEqual(before);
    expect(list(await kota.ask(operation, { ...input, limit: 100 })).length).toBeGreaterThan(before.length);
    await repository.write({ "note.md": "another snapshot\n" });
    await indexAs({ ...kota, checks: undefined }, repository.path, { name: "t/paged" });
  }
});

test("the first tier answers while the checker works, and for good where that is lost or absent", async () => {
  const repository = await repositoryOf(FILES);
  const hanging = { path: process.execPath, libraryFolder: "" };
  const without = [
    { find: () => undefined },
    { find: () => hanging },
    { limits: { ...CHECKER_LIMITS, secondsMax: 0 } },
  ];
  for (const options of without) {
    const process = await openProcess({ makeChecks: (services) => createChecks(services, options) });
    try {
      const job = await process.index(repository.path, { name: "t/without" });
      expect(job).toMatchObject({ state: "succeeded", problems: [] });
      expect(await usages(process, "t/without")).toEqual([SYNTAX]);
      // It is not tried again for what it gave up on.
      const { job_id: id, progress } = await process.index(repository.path, { name: "t/without" });
      expect(progress.phase).toBe("done");
      expect(await process.ask(getIndexJobStatus, { job_id: id })).toMatchObject({ state: "succeeded" });
    } finally {
      await process.close();
    }
  }
});

test("a newer snapshot ends the check of the older, and a process that stops ends its own", async () => {
  const repository = await repositoryOf(FILES);
  const installed = findExecutable();
  if (!installed) throw new Error("typescript was installed without its executable");
  const folder = await mkdtemp(join(tmpdir(), "kota-hanging-"));
  const flag = join(folder, "hang");
  const path = join(folder, "checker");
  await writeFile(path, `#!/bin/sh\nif [ -e '${flag}' ]; then exec sleep 600; fi\nexec '${installed.path}' "$@"\n`);
  await chmod(path, 0o755);
  const process = await openProcess({
    makeChecks: (services) => createChecks(services, { find: () => ({ ...installed, path }) }),
  });
  const answered = () =>
    expect.poll(() => usages(process, "t/newer").catch(() => []), { timeout: 60_000 }).toEqual([SYNTAX]);
  try {
    await writeFile(flag, "");
    const older = process.index(repository.path, { name: "t/newer" });
    await answered();
    await rm(flag);
    await repository.write({ "src/more.ts": "export const more = 1;\n" });
    await process.index(repository.path, { name: "t/newer" });
    expect(await usages(process, "t/newer")).toEqual([SYNTAX, CHECKER]);
    expect((await older).progress.phase).toBe("done");
    await writeFile(flag, "");
    await repository.write({ "src/more.ts": "export const more = 2;\n" });
    process.index(repository.path, { name: "t/newer" }).catch(() => undefined);
    await answered();
  } finally {
    await process.close();
    await rm(folder, { recursive: true });
  }
});

test("what a process did not come to is checked once the ref is indexed again", async () => {
  const repository = await repositoryOf(FILES);
  let isComing = false;
  const process = await openProcess({
    makeChecks(services) {
      const checks = createChecks(services);
      return { ...checks, request: (asked) => isComing && checks.request(asked) };
    },
  });
  try {
    const first = process.index(repository.path, { name: "t/later" });
    await expect.poll(() => usages(process, "t/later").catch(() => []), { timeout: 60_000 }).toEqual([SYNTAX]);
    isComing = true;
    const again = await process.index(repository.path, { name: "t/later" });
    expect(again.progress.phase).toBe("done");
    expect(await usages(process, "t/later")).toEqual([SYNTAX, CHECKER]);
    expect((await first).progress.phase).toBe("done");
    // A process that died does not make others wait for ever.
    isComing = false;
    await repository.write({ "src/more.ts": "export const more = 1;\n" });
    const last = process.index(repository.path, { name: "t/later" });
    await expect.poll(() => usages(process, "t/later"), { timeout: 60_000 }).toEqual([SYNTAX]);
    await process.services.database.unsafeAllOrganizations((sql) => endAbandonedChecks(sql, { secondsMax: 0 }));
    expect((await last).progress.phase).toBe("done");
  } finally {
    await process.close();
  }
});
