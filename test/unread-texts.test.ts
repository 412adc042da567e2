// Texts that cannot be read in full, each in the real thread that meets it: stated problems, which cost no other file anything.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAnalysePool } from "../src/indexing/analyse-pool.ts";
import { findUsages } from "../src/operations/find-usages.ts";
import { indexAs, openProcess, type KotaProcess } from "./harness/process.ts";
import { makeRepository } from "./harness/repository.ts";

let kota: KotaProcess;
beforeAll(async () => {
  kota = await openProcess();
});
afterAll(() => kota.close());

test("a text whose symbols cannot all be read is a stated problem, wherever it is found again", async () => {
  const nested = `import "./good";\nexport const deep = ${"[".repeat(600)}1${"]".repeat(600)};\n`;
  const arrows = `export const before = 1;\nexport const arrows =\n${"() =>\n".repeat(20_000)}1;\n`;
  const hard = "<\n".repeat(20_000);
  const files = { "good.ts": "export {};\n", "nested.ts": nested, "arrows.ts": arrows, "hard.kt": hard };
  const repository = await makeRepository(files);
  const index = async (name: string, ref?: string) => {
    const { problems } = await kota.index(repository.path, { name, ...(ref !== undefined && { ref }) });
    return problems.map(({ path, reason }) => `${path} ${reason}`).sort();
  };
  const named = (...paths: string[]) => paths.map((path) => `${path} not_parsed`);
  expect(await index("t/unread")).toEqual(named("arrows.ts", "hard.kt", "nested.ts"));
  // What the snapshot before has is not looked at again.
  await repository.write({ "good.ts": "export const good = 1;\n" });
  expect(await index("t/unread")).toEqual(named("arrows.ts", "hard.kt", "nested.ts"));
  // Nor is what is stored of the content.
  await repository.write({ "good.ts": `${nested}\n`, "moved.ts": nested, "nested.ts": "export {};\n" });
  await repository.commit();
  for (const ref of [undefined, "main"])
    expect(await index("t/unread", ref)).toEqual(named("arrows.ts", "good.ts", "hard.kt", "moved.ts"));
  await repository.remove();
});

test("a text that breaks the memory of the parsers costs no other file its symbols", async () => {
  const repository = await makeRepository({
    "a.cpp": "int beforeIt(int x) { return x; }\n",
    "breaks.cpp": "a<b>(\n".repeat(20_000),
    "c.cpp": "int afterIt(int x) { return x; }\n",
    "d.py": "def of_another_grammar(): ...\n",
  });
  const job = await kota.index(repository.path, { name: "t/breaks" });
  expect(job.problems).toEqual([{ path: "breaks.cpp", reason: "not_parsed" }]);
  for (const symbol of ["beforeIt", "afterIt", "of_another_grammar"])
    expect((await kota.ask(findUsages, { symbol, repository: "t/breaks" }))["definitions"]).toHaveLength(1);
  await repository.remove();
});

test("a file whose analysis does not end is given up, and the thread replaced", async () => {
  const repository = await makeRepository({
    "endless.hs": "<<A\n".repeat(60_000),
    "good.ts": "export const kept = 1;\n",
  });
  const pool = createAnalysePool(1, { fileSecondsMax: 3 });
  const job = await indexAs({ ...kota, pool }, repository.path, { name: "t/endless" });
  expect(job.problems).toEqual([{ path: "endless.hs", reason: "not_parsed" }]);
  await repository.write({ "good.ts": "export const kept = 1;\nexport const added = 2;\n" });
  expect((await indexAs({ ...kota, pool }, repository.path, { name: "t/endless" })).problems).toEqual(job.problems);
  for (const symbol of ["kept", "added"])
    expect((await kota.ask(findUsages, { symbol, repository: "t/endless" }))["definitions"]).toHaveLength(1);
  await repository.remove();
});
