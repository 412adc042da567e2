// Ranking by words, over more than one ranking reads.
import { afterAll, beforeAll, expect, test } from "vitest";
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
