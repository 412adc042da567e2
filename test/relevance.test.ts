// Ranking by words, over more than one ranking reads.
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../src/operation.ts";
import { searchCode } from "../src/operations/search-code.ts";
import { RANKED_CHUNKS_MAX } from "../src/search/limits.ts";
import { openProcess, type KotaProcess } from "./harness/process.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

let kota: KotaProcess;
const repositories: TestRepository[] = [];

beforeAll(async () => {
  kota = await openProcess();
});
afterAll(async () => {
  await kota.close();
  await Promise.all(repositories.map((repository) => repository.remove()));
});

async function index(name: string, files: Record<string, string>): Promise<void> {
  const repository = await makeRepository(files);
  repositories.push(repository);
  await kota.index(repository.path, { name });
}

interface Result {
  path: string;
  match_count: number;
}

test("a file that defines the name stands before those that use it more", async () => {
  await index("t/defining", {
    "a/uses.ts": "settleAccount();\n".repeat(20),
    "z/last.ts": "export function settleAccount() {}\n",
    "z/other.ts": "export const other = settleAccount;\n",
  });
  const found = await ask({ repository: "t/defining", query: "what does settleAccount do" });
  expect(found.map(({ path }) => path)).toEqual(["z/last.ts", "a/uses.ts", "z/other.ts"]);
});

test("a ranking whose time is up says so, and its pages are of what it looked at", async () => {
  for (let i = 0; i < 9; i++) await index(`t/late-${i}`, { "b.txt": `lateword ${i}\n`, "lateword.txt": `${i}\n` });
  // So many grams that the segments of all repositories are too much for one read.
  const words = Array.from(
    { length: 23 },
    (_, i) => `${"abcdefghijklmnopqrstuvwxyz".slice(i)}${"0123456789".repeat(2)}`,
  );
  const input = { query: `lateword ${words.join(" ")}`, match: "relevance", path: "b.txt lateword.txt", limit: 3 };
  let now = Date.now();
  // Every look at the clock is an hour later.
  const hurried = { ...kota.services, now: () => new Date((now += 3_600_000)) };
  const page = (more: object) =>
    run(hurried, searchCode, { ...input, ...more }, { caller: kota.caller, mayReadFolders: true });
  const first = await page({});
  const searched = (first["freshness"] as { repository: string }[]).map(({ repository }) => repository);
  expect(first["truncated"]).toBe(true);
  const found = [...(first["results"] as (Result & { repository: string })[])];
  for (let cursor = first["next_cursor"]; typeof cursor === "string";) {
    const next = await page({ cursor });
    expect(next).toMatchObject({ truncated: true, freshness: first["freshness"] });
    found.push(...(next["results"] as typeof found));
    cursor = next["next_cursor"];
  }
  const late = searched.filter((name) => name.startsWith("t/late"));
  expect(late.length).toBeLessThan(9);
  expect(found.map(({ repository, path }) => `${repository} ${path}`).sort()).toEqual(
    late.flatMap((name) => [`${name} b.txt`, `${name} lateword.txt`]).sort(),
  );
  expect(await kota.ask(searchCode, { ...input, limit: 20 })).toMatchObject({ truncated: false, next_cursor: null });
});

async function ask(input: Record<string, unknown>): Promise<Result[]> {
  return (await kota.ask(searchCode, { match: "relevance", ...input }))["results"] as Result[];
}

test("what a filter leaves is found, however much that is better it leaves out", async () => {
  const better = Array.from({ length: RANKED_CHUNKS_MAX + 50 }, (_, i) => [
    `src/n${i}.test.ts`,
    `// ${i}\nhandle(request, error);\n`,
  ]);
  await index("t/filtered", {
    ...Object.fromEntries(better),
    "lib/one.py": "def one(request):\n    raise error\n",
  });
  const query = "handle request error";
  // One filter leaves little and is looked up first, the other might leave nearly everything.
  for (const filter of [{ language: "python" }, { include_tests: false }]) {
    expect(await ask({ repository: "t/filtered", query, ...filter }), JSON.stringify(filter)).toMatchObject([
      { path: "lib/one.py", match_count: 2 },
    ]);
  }
});
