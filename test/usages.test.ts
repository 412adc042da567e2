// What find_usages says where there is much of it, or where it is not where one looks first.
import { afterAll, beforeAll, expect, test } from "vitest";
import { findUsages } from "../src/operations/find-usages.ts";
import { withClient } from "./harness/database.ts";
import { openProcess, type KotaProcess } from "./harness/process.ts";
import { makeRepository } from "./harness/repository.ts";

let kota: KotaProcess;
beforeAll(async () => {
  kota = await openProcess();
});
afterAll(() => kota.close());

interface Page {
  definitions: { path: string }[];
  usages: { path: string; line: number; kind: string }[];
  ambiguous: boolean;
  truncated: boolean;
  next_cursor: string | null;
}

/** Every page up to the end. */
async function pagesOf(input: Record<string, unknown>): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | null | undefined; cursor !== null; cursor = pages.at(-1)?.next_cursor) {
    // The shape is findUsages' own.
    pages.push((await kota.ask(findUsages, { ...input, ...(cursor !== undefined && { cursor }) })) as unknown as Page);
    if (pages.length > 20) throw new Error("paging does not end");
  }
  return pages;
}

async function withRepository(name: string, files: Record<string, string>, work: () => Promise<void>): Promise<void> {
  const repository = await makeRepository(files);
  try {
    await kota.index(repository.path, { name });
    await work();
  } finally {
    await repository.remove();
  }
}

const numbered = (count: number, fileOf: (number: string) => [path: string, text: string]) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => fileOf(String(i).padStart(4, "0"))));

test("a name with more definitions than a page has gives them all, each once, and the usages of all", async () => {
  const files = {
    ...numbered(115, (n) => [`lib/${n}.ts`, `export const get = ${Number(n)};\n`]),
    // Of the same texts, which have the symbol twice: as each is read.
    ...numbered(115, (n) => [`plain/${n}.js`, `export const get = ${Number(n)};\n`]),
    "a.ts": 'import { get } from "./lib/0000";\nget;\n',
    "z.ts": 'import { get } from "./plain/0114";\nget;\n',
  };
  await withRepository("u/many", files, async () => {
    const paths = Object.keys(files).filter((path) => path.includes("/"));
    for (const limit of [1, 100, 500]) {
      const pages = await pagesOf({ symbol: "get", repository: "u/many", limit });
      expect(pages.flatMap(({ definitions }) => definitions.map(({ path }) => path))).toEqual(paths);
      expect(pages.flatMap(({ usages }) => usages.map(({ path, line }) => `${path}:${line}`))).toEqual([
        "a.ts:1",
        "a.ts:2",
        "z.ts:1",
        "z.ts:2",
      ]);
      expect(pages.map(({ truncated }) => truncated)).toEqual(pages.map((_, i) => i < pages.length - 1));
      expect(pages.every(({ ambiguous }) => ambiguous)).toBe(true);
    }
  });
});

test("a page stops after so many files, and the next one goes on", async () => {
  const files = {
    "lib.ts": "export class Rare {}\n",
    ...numbered(2100, (n) => [`use/${n}.ts`, 'import { Rare } from "../lib";\nexport let rare: Rare;\n']),
    "use/0007.ts": 'import { Rare } from "../lib";\nexport const first = new Rare();\n',
    "z.ts": 'import { Rare } from "./lib";\nexport const last = new Rare();\n',
  };
  await withRepository("u/rare", files, async () => {
    const pages = await pagesOf({ symbol: "Rare", repository: "u/rare", kinds: ["new"] });
    expect(pages.map(({ usages }) => usages.map(({ path }) => path))).toEqual([["use/0007.ts"], ["z.ts"]]);
    expect(pages.map(({ truncated }) => truncated)).toEqual([true, false]);
  });
});

test.each([
  ["the file that declares it", "./a"],
  ["a file that re-exports it", "./barrel"],
])("an addition to %s has the usages of what it adds to", async (_, module) => {
  const files = {
    "a.ts": "export interface Options {\n  a: 1;\n}\n",
    "barrel.ts": 'export * from "./a";\n',
    "more.ts": `import "${module}";\ndeclare module "${module}" {\n  interface Options {\n    c: 3;\n  }\n}\n`,
    "use.ts": 'import type { Options } from "./a";\nexport const c = (options: Options) => options.c;\n',
  };
  await withRepository(`u/${module.slice(2)}`, files, async () => {
    const asked = { symbol: "Options", repository: `u/${module.slice(2)}` };
    const usages = async (path: string) =>
      (await pagesOf({ ...asked, path })).flatMap((page) => page.usages.map((one) => `${one.path}:${one.line}`));
    expect(await usages("more.ts")).toEqual(["use.ts:1", "use.ts:2"]);
    expect(await usages("more.ts")).toEqual(await usages("a.ts"));
  });
});

test("members that are defined apart from their type are found by it, in every language that has such", async () => {
  const files = {
    "a.h": "class Group {\npublic:\n  int find(int p) const;\n};\nnamespace ns { class In { public: void go(); }; }\n",
    "a.cpp": '#include "a.h"\nint Group::find(int p) const { return p; }\nvoid ns::In::go() {}\n',
    "b.cpp": '#include "a.h"\nvoid f(Group &g, ns::In &i) { g.find(1); i.go(); }\n',
    "box/box.go": "package box\ntype Box struct{}\nfunc Use(b Box) { b.Open() }\n",
    "box/open.go": "package box\nfunc (b *Box) Open() {}\n",
    "src/lib.rs": "mod seal;\npub struct Lid;\npub fn close(lid: Lid) { lid.shut() }\n",
    "src/seal.rs": "use crate::Lid;\nimpl Lid { pub fn shut(&self) {} }\n",
    "Cargo.toml": '[package]\nname = "lid"\n',
    "k/Cup.kt": "package k\nclass Cup\nfun Cup.fill() {}\n",
    "k/Use.kt": "package k\nfun use(cup: Cup) { cup.fill() }\n",
  };
  await withRepository("u/apart", files, async () => {
    const used = async (symbol: string) => {
      const [page] = await pagesOf({ symbol, repository: "u/apart" });
      return page?.usages.filter(({ kind }) => kind === "call").map(({ path, line }) => `${path}:${line}`);
    };
    for (const symbol of ["Group.find", "Group::find", "::Group::find"])
      expect(await used(symbol)).toEqual(["b.cpp:2"]);
    for (const symbol of ["In.go", "ns::In::go", "ns::In.go"]) expect(await used(symbol)).toEqual(["b.cpp:2"]);
    expect(await used("Box.Open")).toEqual(["box/box.go:3"]);
    expect(await used("Lid.shut")).toEqual(["src/lib.rs:3"]);
    expect(await used("Lid::shut")).toEqual(["src/lib.rs:3"]);
    expect(await used("Cup.fill")).toEqual(["k/Use.kt:2"]);
  });
});

test("a declaration of C or C++ and its definition are one thing", async () => {
  const files = {
    "inc/api.h": "typedef struct blob blob;\nint blob_open(blob **out, int n);\nint other(void);\nextern int count;\n",
    "src/blob.c":
      '#include "api.h"\nstruct blob { int x; };\nint count = 1;\nint blob_open(blob **out, int n) { return 0; }\nint other(void) { return 1; }\nstatic int local(void) { return 1; }\n',
    "src/main.c":
      '#include "api.h"\nstatic int local(void) { return 2; }\nint main(void) { blob *b; return blob_open(&b, count) + other() + local(); }\n',
    "test/other.c": "int other(void) { return 2; }\n",
    "group.h": "class Group {\npublic:\n  int find(int p) const;\n  int find(const char *p) const;\n};\n",
    "group.cpp":
      '#include "group.h"\nint Group::find(int p) const { return p; }\nint Group::find(const char *p) const { return find(1); }\n',
  };
  await withRepository("u/declared", files, async () => {
    const ask = async (input: Record<string, unknown>) => {
      const [page] = await pagesOf({ ...input, repository: "u/declared" });
      const places = (all: readonly { path: string; line: number }[] = []) =>
        all.map(({ path, line }) => `${path}:${line}`);
      return { ambiguous: page?.ambiguous, usages: places(page?.usages) };
    };
    const opened = { ambiguous: false, usages: ["src/main.c:3"] };
    expect(await ask({ symbol: "blob_open" })).toEqual(opened);
    expect(await ask({ symbol: "blob_open", path: "inc/api.h", line: 2 })).toEqual(opened);
    expect(await ask({ symbol: "blob_open", path: "src/blob.c" })).toEqual(opened);
    expect(await ask({ symbol: "count", path: "inc/api.h" })).toEqual(opened);
    expect((await ask({ symbol: "blob" })).ambiguous).toBe(false);
    // Definitions of two programs, functions of one file, and overloads are several things.
    expect((await ask({ symbol: "other" })).ambiguous).toBe(true);
    expect((await ask({ symbol: "local" })).ambiguous).toBe(true);
    expect((await ask({ symbol: "Group.find" })).ambiguous).toBe(true);
    expect(await ask({ symbol: "Group::find", path: "group.h", line: 3 })).toEqual({
      ambiguous: false,
      usages: ["group.cpp:3"],
    });
    expect((await ask({ symbol: "Group::find", path: "group.h", line: 4 })).usages).toEqual([]);
  });
});

test("names are suggested that the repository has, and that are near", async () => {
  await withRepository("u/other", { "a.ts": "export const findTotalElsewhere = 1, FINDTOTAL = 2;\n" }, async () => {
    const own = "export const findTotal = 1, findTotalOfAll = 2, findOther = 3, find = 4, findTota_x = 5;\n";
    await withRepository("u/own", { "a.ts": own }, async () => {
      const hint = (symbol: string) =>
        kota.ask(findUsages, { symbol, repository: "u/own" }).then(
          () => "",
          (error: Error) => /\. (.*)$/.exec(error.message)?.[1],
        );
      expect(await hint("findtotal")).toBe("Did you mean findTotal, find, findTotalOfAll?");
      expect(await hint("FindTotals")).toBe("Did you mean findTotal, find?");
      expect(await hint("findTotalElsewhere")).toBe("Did you mean findTotal, find?");
      expect(await hint("findTota_")).toBe("Did you mean findTota_x, find?");
      expect(await hint("fi")).toBe("search_code finds it as text.");
    });
  });
});

/** As if a version of Kota had packed what is in these tables. */
const setVersion = (version: number, tables: string[]) =>
  withClient(kota.testDatabase.url, async (client) => {
    for (const table of tables) await client.query(`update public.${table} set version = $1, data = ''`, [version]);
  });

test("of what another version has packed it says so, and indexing again mends what an earlier one has", async () => {
  const files = { "a.ts": "export const one = 1;\n", "b.ts": 'import { one } from "./a";\none;\n' };
  const repository = await makeRepository(files);
  try {
    await kota.index(repository.path, { name: "u/version" });
    const asked = { symbol: "one", repository: "u/version" };
    const lines = async () => (await pagesOf(asked)).flatMap(({ usages }) => usages.map(({ line }) => line));
    const again = { code: "conflict", message: expect.stringContaining("Index the repository again") };
    for (const tables of [["snapshot_graphs", "blob_facts"], ["snapshot_graphs"]]) {
      await setVersion(0, tables);
      await expect(lines()).rejects.toMatchObject(again);
      await kota.index(repository.path, { name: "u/version" });
      expect(await lines()).toEqual([1, 2]);
    }
    await setVersion(1_000_000, ["blob_facts"]);
    await expect(lines()).rejects.toMatchObject(again);
    await repository.write({ "b.ts": `${files["b.ts"]}one;\n` });
    await expect(kota.index(repository.path, { name: "u/version" })).rejects.toThrow("Restart what is older");
  } finally {
    await repository.remove();
  }
});
