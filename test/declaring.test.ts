// What linking asks the database in a large tree after an edit, in place of looking through all of its files.
import { afterAll, beforeAll, expect, test } from "vitest";
import { DECLARING_FILES_MIN } from "../src/indexing/limits.ts";
import type { DeclarationsAsked } from "../src/indexing/link/tree.ts";
import { listBlobsDeclaring } from "../src/indexing/store.ts";
import { exportGraph } from "../src/operations/export-graph.ts";
import { findUsages } from "../src/operations/find-usages.ts";
import { openProcess, type KotaProcess } from "./harness/process.ts";
import { makeRepository } from "./harness/repository.ts";

let kota: KotaProcess;
beforeAll(async () => {
  kota = await openProcess();
});
afterAll(() => kota.close());

const TREE = {
  "inc/point.h": "struct point { int x; int y; };\nint reset(struct point *p);\nint twice(int n);\n",
  "src/point.c": '#include "../inc/point.h"\nint reset(struct point *p) { return p->x + twice(p->y); }\n',
  "src/twice.c": "int twice(int n) { return n + n; }\nstatic int reset(int n) { return n; }\n",
  "src/other.cpp":
    "namespace a::b { class point { public: int reset(); int x; }; }\nint a::b::point::reset() { return x; }\n",
};

test("in a large tree of C an edited file leads where it does when all are linked", async () => {
  const many = Object.fromEntries(
    Array.from({ length: DECLARING_FILES_MIN }, (_, i) => [
      `more/m${i}.c`,
      `static int reset${i % 7}(int n) { return n; }\n`,
    ]),
  );
  const repository = await makeRepository({ ...many, ...TREE });
  try {
    await kota.index(repository.path, { name: "d/edited" });
    await repository.write({
      "src/point.c":
        '#include "../inc/point.h"\nint reset(struct point *p) { return twice(p->y); }\nint reset7(void) { return 0; }\n',
    });
    await kota.index(repository.path, { name: "d/edited" });
    await kota.index(repository.path, { name: "d/whole" });
    const answers = async (name: string) => [
      (await kota.ask(exportGraph, { repository: name }))["edges"],
      ...(await Promise.all(
        ["twice", "reset", "x", "y", "point"].map(async (symbol) => {
          const { definitions, usages } = await kota.ask(findUsages, { symbol, repository: name });
          return { definitions, usages };
        }),
      )),
    ];
    const whole = await answers("d/whole");
    expect(JSON.stringify(whole)).toContain("src/twice.c");
    expect(JSON.stringify(await answers("d/edited")).replaceAll("d/edited", "d/whole")).toBe(JSON.stringify(whole));
  } finally {
    await repository.remove();
  }
});

test("texts are told that declare a name, but for members of what is not asked about", async () => {
  const cases: [asked: DeclarationsAsked, paths: string[]][] = [
    [{ names: ["reset"], containers: [] }, ["inc/point.h", "src/point.c", "src/twice.c"]],
    [{ names: ["reset"], containers: ["point"] }, ["inc/point.h", "src/other.cpp", "src/point.c", "src/twice.c"]],
    [{ names: ["x"], containers: [""] }, []],
    [{ names: ["x"], containers: ["point"] }, ["inc/point.h", "src/other.cpp"]],
    [{ names: ["x"], containers: undefined }, ["inc/point.h", "src/other.cpp"]],
    [{ names: ["b", "a::b"], containers: [] }, ["src/other.cpp"]],
    [{ names: ["Reset"], containers: undefined }, []],
  ];
  const repository = await makeRepository(TREE);
  try {
    await kota.index(repository.path, { name: "d/small" });
    for (const [asked, paths] of cases) {
      const found = await kota.db(async (sql) => {
        const ids = await listBlobsDeclaring(sql, { ...asked, limit: 100 });
        return sql<{ path: string }>`
          select f.path from public.files f
          join public.snapshots s on s.organization_id = f.organization_id and s.id = f.snapshot_id
          join public.repositories r on r.organization_id = s.organization_id and r.id = s.repository_id
          where f.organization_id = ${sql.organizationId} and r.name = 'd/small' and f.blob_id = any(${ids}::bigint[])
          order by f.path`;
      });
      expect(
        found.map(({ path }) => path),
        JSON.stringify(asked),
      ).toEqual(paths);
    }
  } finally {
    await repository.remove();
  }
});
