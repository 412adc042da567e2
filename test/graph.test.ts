// The graph of a real repository on real Postgres: dependencies, cycles, usages, export, and re-indexing.
import { basename } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ThreadLost } from "../src/indexing/analyse-pool.ts";
import { markOfFamily } from "../src/indexing/link-mark.ts";
import { familyNumberOf } from "../src/indexing/link/resolvers.ts";
import { exportGraph } from "../src/operations/export-graph.ts";
import { findUsages } from "../src/operations/find-usages.ts";
import { readFile } from "../src/operations/read-file.ts";
import { removeRepository } from "../src/operations/remove-repository.ts";
import { searchDependencies } from "../src/operations/search-dependencies.ts";
import { openProcess, type KotaProcess } from "./harness/process.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

let kota: KotaProcess;
let repository: TestRepository;

const FILES = {
  "src/shop.ts": `import { price } from "./price.ts";
import { log } from "./log.ts";
import fs from "node:fs";
import zod from "zod";
import "./gone.ts";
/** What it costs. */
export function total(count: number): number {
  log("total");
  return count * price();
}
`,
  "src/price.ts": `import { total } from "./shop.ts";
export const price = () => (total.length > 9 ? 1 : 2);
`,
  "src/log.ts": `export class Logger {
  write(text: string): void {}
}
export const log = (text: string) => new Logger().write(text);
`,
  "src/main.ts": `import { total } from "./index.ts";
export const main = () => total(3);
`,
  "src/index.ts": `export * from "./shop.ts";
`,
  "src/shop.test.ts": `import { total } from "./shop.ts";
test("total", () => total(1));
`,
  "README.md": "# Shop\n",
};

beforeAll(async () => {
  kota = await openProcess();
  repository = await makeRepository(FILES);
  await kota.index(repository.path, { name: "acme/shop" });
});
afterAll(async () => {
  await kota.close();
  await repository.remove();
});

const pathsOf = (answer: Record<string, unknown>, direction: string) =>
  (answer[direction] as { path: string; distance: number }[]).map(({ path, distance }) => `${path} ${distance}`);

async function edges(): Promise<string[]> {
  const { edges: rows } = await kota.ask(exportGraph, { repository: "acme/shop" });
  return (rows as { from: string; to: string; kinds: string[] }[]).map(
    ({ from, to, kinds }) => `${from} → ${to} ${kinds.join(",")}`,
  );
}

test("dependencies and dependents, with kinds, distances, cycles and what leads out", async () => {
  const direct = await kota.ask(searchDependencies, { file_path: "src/shop.ts" });
  expect(direct).toMatchObject({
    dependencies: [
      { path: "src/log.ts", distance: 1, kinds: ["import", "symbol"] },
      { path: "src/price.ts", distance: 1, kinds: ["import", "symbol"] },
    ],
    dependents: [
      { path: "src/index.ts", kinds: ["reexport"] },
      { path: "src/main.ts", kinds: ["symbol"] },
      { path: "src/price.ts", kinds: ["import", "symbol"] },
      { path: "src/shop.test.ts", kinds: ["import", "symbol"] },
    ],
    cycles: [["src/shop.ts", "src/price.ts"]],
    cycles_truncated: false,
    unresolved_imports: [
      { specifier: "node:fs", line: 3, reason: "builtin" },
      { specifier: "zod", line: 4, reason: "external" },
      { specifier: "./gone.ts", line: 5, reason: "missing" },
    ],
    truncated: false,
  });
  const far = await kota.ask(searchDependencies, { file_path: "src/log.ts", direction: "dependents", depth: 3 });
  expect(pathsOf(far, "dependents")).toEqual([
    "src/shop.ts 1",
    "src/index.ts 2",
    "src/main.ts 2",
    "src/price.ts 2",
    "src/shop.test.ts 2",
  ]);
  expect(far["dependencies"]).toBeUndefined();
  const untested = await kota.ask(searchDependencies, { file_path: "src/shop.ts", include_tests: false });
  expect(pathsOf(untested, "dependents")).not.toContain("src/shop.test.ts 1");
});

test("paging gives every file once", async () => {
  const seen: string[] = [];
  let cursor: unknown;
  do {
    const page = await kota.ask(searchDependencies, {
      file_path: "src/shop.ts",
      limit: 1,
      ...(cursor !== undefined && { cursor }),
    });
    for (const direction of ["dependents", "dependencies"])
      seen.push(...pathsOf(page, direction).map((path) => `${direction} ${path}`));
    cursor = page["next_cursor"];
  } while (cursor !== null);
  expect(seen).toHaveLength(6);
  expect(new Set(seen).size).toBe(6);
});

test("a file without edges, and one that is not there", async () => {
  expect(await kota.ask(searchDependencies, { file_path: "README.md" })).toMatchObject({
    dependents: [],
    dependencies: [],
  });
  await expect(kota.ask(searchDependencies, { file_path: "src/shopp.ts" })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("usages of a function through a barrel, with text, enclosing symbol and definition", async () => {
  const answer = await kota.ask(findUsages, { symbol: "total" });
  expect(answer).toMatchObject({
    definitions: [
      {
        path: "src/shop.ts",
        line: 7,
        column: 17,
        end_line: 10,
        kind: "function",
        signature: "export function total(count: number): number",
        documentation: "What it costs.",
      },
    ],
    ambiguous: false,
    truncated: false,
    next_cursor: null,
  });
  const usages = answer["usages"] as {
    path: string;
    line: number;
    kind: string;
    text: string;
    enclosing_symbol?: string;
  }[];
  expect(usages.map(({ path, line, kind }) => `${path}:${line} ${kind}`)).toEqual([
    "src/main.ts:1 import",
    "src/main.ts:2 call",
    "src/price.ts:1 import",
    "src/price.ts:2 read",
    "src/shop.test.ts:1 import",
    "src/shop.test.ts:2 call",
  ]);
  expect(usages[1]).toMatchObject({
    text: "export const main = () => total(3);",
    enclosing_symbol: "main",
    confidence: "exact",
    tier: "syntax",
  });
});

test("usages by kind, without tests, by confidence, paged, and of a member", async () => {
  const lines = async (input: Record<string, unknown>) =>
    ((await kota.ask(findUsages, input))["usages"] as { path: string; line: number }[]).map(
      ({ path, line }) => `${path}:${line}`,
    );
  expect(await lines({ symbol: "total", kinds: ["call"], include_tests: false })).toEqual(["src/main.ts:2"]);
  expect(await lines({ symbol: "Logger.write" })).toEqual(["src/log.ts:4"]);
  expect(await lines({ symbol: "Logger.write", min_confidence: "exact" })).toEqual([]);
  const first = await kota.ask(findUsages, { symbol: "total", limit: 4 });
  const rest = await kota.ask(findUsages, { symbol: "total", limit: 4, cursor: first["next_cursor"] });
  expect([first["truncated"], rest["truncated"]]).toEqual([true, false]);
  expect([...(first["usages"] as unknown[]), ...(rest["usages"] as unknown[])]).toEqual(
    (await kota.ask(findUsages, { symbol: "total" }))["usages"],
  );
});

test("a name that nothing has", async () => {
  await expect(kota.ask(findUsages, { symbol: "TOTAL" })).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("Did you mean total?") as string,
  });
  await expect(kota.ask(findUsages, { symbol: "total", path: "src/log.ts" })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("the graph as JSON, dot and Mermaid", async () => {
  expect(await edges()).toEqual([
    "src/index.ts → src/shop.ts reexport",
    "src/main.ts → src/index.ts import",
    "src/main.ts → src/shop.ts symbol",
    "src/price.ts → src/shop.ts import,symbol",
    "src/shop.test.ts → src/shop.ts import,symbol",
    "src/shop.ts → src/log.ts import,symbol",
    "src/shop.ts → src/price.ts import,symbol",
  ]);
  const text = async (format: string) =>
    (await kota.ask(exportGraph, { repository: "acme/shop", format }))["text"] as string;
  expect(await text("dot")).toContain('"src/main.ts" -> "src/index.ts" [label="import"];');
  expect(await text("mermaid")).toContain("graph LR");
});

test("read_file names the symbols of what it shows", async () => {
  const answer = await kota.ask(readFile, { path: "src/log.ts" });
  expect(answer["symbols"]).toEqual([
    { name: "Logger", kind: "class", line: 1 },
    { name: "Logger.write", kind: "method", line: 2 },
    { name: "log", kind: "function", line: 4 },
  ]);
});

test("after edits the graph equals that of a fresh index", async () => {
  await repository.write({
    "src/gone.ts": "export const back = 1;\n",
    "src/index.ts": `export { price as total } from "./price.ts";\n`,
  });
  await kota.index(repository.path, { name: "acme/shop" });
  const edited = await edges();
  expect(edited).toContain("src/shop.ts → src/gone.ts import");
  expect(edited).toContain("src/main.ts → src/price.ts symbol");
  expect(edited).not.toContain("src/main.ts → src/shop.ts symbol");
  const fresh = await makeRepository({
    ...FILES,
    "src/gone.ts": "export const back = 1;\n",
    "src/index.ts": `export { price as total } from "./price.ts";\n`,
  });
  await kota.index(fresh.path, { name: "acme/fresh" });
  const { edges: rows } = await kota.ask(exportGraph, { repository: "acme/fresh" });
  expect(rows).toEqual((await kota.ask(exportGraph, { repository: "acme/shop" }))["edges"]);
  await fresh.remove();
});

test("a Vue component is found by its name, used from TypeScript and using it", async () => {
  const components = await makeRepository({
    "src/Panel.vue": `<template>
  <p @click="load">{{ title }}</p>
</template>
<script setup lang="ts">
import { load } from "./api";
</script>
`,
    "src/api.ts": "export function load() {}\n",
    "src/main.ts": 'import Panel from "./Panel.vue";\nexport const app = [Panel];\n',
  });
  await kota.index(components.path, { name: "acme/components" });
  const usages = async (symbol: string) => {
    const answer = await kota.ask(findUsages, { symbol, repository: "acme/components" });
    return (answer.usages as { path: string; line: number; kind: string }[]).map(
      ({ path, line, kind }) => `${path}:${line} ${kind}`,
    );
  };
  expect(await usages("Panel")).toEqual(["src/main.ts:1 import", "src/main.ts:2 read"]);
  expect(await usages("load")).toEqual(["src/Panel.vue:2 read", "src/Panel.vue:5 import"]);
  await components.remove();
});

test("edit after edit, graph and usages equal those of a fresh index", async () => {
  const notes = (text: string) => Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`notes/${i}.txt`, text]));
  const edited = await makeRepository({
    ...notes("first\n"),
    "tsconfig.json": '{ "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }',
    "src/model.ts": "export class Item {\n  name = 1;\n}\nexport const item = new Item();\n",
    "src/use.ts": 'import { item } from "~/model";\nitem.name;\n',
    "src/other.ts": 'import { item } from "./barrel";\nitem.name;\nthing.name2;\n',
  });
  const answers = async (name: string) => {
    const { edges: rows, files } = await kota.ask(exportGraph, { repository: name });
    const usages = await Promise.all(
      ["Item", "Item.name", "item"].map(async (symbol) => {
        const answer = await kota.ask(findUsages, { symbol, repository: name, min_confidence: "ambiguous" });
        return (answer.usages as object[]).map((usage) => ({ ...usage, repository: "" }));
      }),
    );
    return { rows, files, usages };
  };
  const steps: [string, () => Promise<unknown>][] = [
    ["a new file", () => edited.write({ "src/barrel.ts": 'export * from "./model";\n' })],
    ["a body", () => edited.write({ "src/use.ts": '// why\nimport { item } from "~/model";\n\nitem.name;\n' })],
    ["many texts, so that the difference is told no more", () => edited.write(notes("second\n"))],
    [
      "an outside",
      () =>
        edited.write({
          "src/model.ts": "export class Item {\n  other = 2;\n  name = 1;\n}\nexport const item = new Item();\n",
        }),
    ],
    ["a renamed file", () => edited.git("mv", "src/model.ts", "src/models.ts")],
    ["configuration", () => edited.write({ "tsconfig.json": "{}", "src/model.ts": 'export * from "./models";\n' })],
    ["a deleted file", () => edited.git("rm", "-q", "-f", "src/barrel.ts")],
  ];
  await kota.index(edited.path, { name: "acme/edited" });
  for (const [step, apply] of steps) {
    await apply();
    await edited.commit();
    await kota.index(edited.path, { name: "acme/edited" });
    await kota.index(edited.path, { name: `acme/${step.replaceAll(/\W+/g, "-")}` });
    expect(await answers("acme/edited"), step).toEqual(await answers(`acme/${step.replaceAll(/\W+/g, "-")}`));
  }
  await edited.remove();
});

test("a package of one repository, imported by another, is an edge between them", async () => {
  const library = await makeRepository({
    "package.json": JSON.stringify({ name: "@acme/money", exports: "./dist/index.js" }),
    "src/index.ts": 'export { add } from "./add.ts";\n',
    "src/add.ts": "export const add = (a: number, b: number) => a + b;\n",
    "fixtures/app/package.json": JSON.stringify({ name: "app", private: true }),
  });
  const app = await makeRepository({
    "package.json": JSON.stringify({ name: "app", private: true }),
    "src/till.ts": 'import { add } from "@acme/money";\nexport const sum = add(1, 2);\n',
    "src/main.ts": 'import { sum } from "./till.ts";\nconsole.log(sum);\n',
    "src/till.test.ts": 'import { add } from "@acme/money";\nadd(1, 1);\n',
  });
  await kota.index(library.path, { name: "acme/money" });
  await kota.index(app.path, { name: "acme/app" });
  const ask = (name: string, file: string, more: object = {}) =>
    kota.ask(searchDependencies, { repository: name, file_path: file, ...more });
  const throughPackage = { kinds: ["package"] };
  expect((await ask("acme/app", "src/till.ts"))["dependencies"]).toEqual([
    { repository: "acme/money", path: "src/index.ts", distance: 1, ...throughPackage },
  ]);
  expect((await ask("acme/app", "src/main.ts", { depth: 2, direction: "dependencies" }))["dependencies"]).toMatchObject(
    [
      { path: "src/till.ts", distance: 1 },
      { repository: "acme/money", path: "src/index.ts", distance: 2, via: "src/till.ts", ...throughPackage },
    ],
  );
  expect((await ask("acme/money", "src/add.ts", { depth: 2 }))["dependents"]).toMatchObject([
    { path: "src/index.ts", distance: 1 },
    { repository: "acme/app", path: "src/till.test.ts", distance: 2, via: "src/index.ts", ...throughPackage },
    { repository: "acme/app", path: "src/till.ts", distance: 2, via: "src/index.ts", ...throughPackage },
  ]);
  expect(pathsOf(await ask("acme/money", "src/index.ts", { include_tests: false }), "dependents")).toEqual([
    "src/till.ts 1",
  ]);
  const { edges: exported } = await kota.ask(exportGraph, { repository: "acme/app" });
  expect(exported).toContainEqual({
    from: "src/till.ts",
    to: "src/index.ts",
    to_repository: "acme/money",
    ...throughPackage,
  });
  const { text } = await kota.ask(exportGraph, { repository: "acme/app", format: "dot" });
  expect(text).toContain('"src/till.ts" -> "acme/money:src/index.ts"');
  await library.remove();
  await app.remove();
});

/** A library and who uses it, in each place where packages have names: the import, what it leads to, and where it comes from. */
const ECOSYSTEMS: readonly {
  what: string;
  library: Record<string, string>;
  app: Record<string, string>;
  edges: string[];
}[] = [
  {
    what: "Go: all files of the folder, of the innermost module, but no tests",
    library: {
      "go.mod": "module example.org/money\n",
      "rate/rate.go": "package rate\n\nfunc Of() int { return 1 }\n",
      "rate/table.go": "package rate\n\nvar Table []int\n",
      "rate/rate_test.go": "package rate\n",
      "v2/go.mod": "module example.org/money/v2\n",
      "v2/rate/rate.go": "package rate\n\nfunc Of() int { return 2 }\n",
      "testdata/go.mod": "module example.org/fixture\n",
      "testdata/a.go": "package fixture\n",
    },
    app: {
      "go.mod": "module example.org/till\n",
      "main.go": 'package main\n\nimport "example.org/money/rate"\n\nfunc main() { rate.Of() }\n',
      "next.go": 'package main\n\nimport "example.org/money/v2/rate"\n\nvar _ = rate.Of()\n',
      "fixture.go": 'package main\n\nimport "example.org/fixture"\n\nvar _ = fixture.A\n',
    },
    edges: ["main.go → rate/rate.go", "main.go → rate/table.go", "next.go → v2/rate/rate.go"],
  },
  {
    what: "Python: the module, in any layout, but nothing of tests and loose folders",
    library: {
      "pyproject.toml": '[project]\nname = "acme-money"\n',
      "src/acme_money/__init__.py": "RATE = 1\n",
      "src/acme_money/rates/__init__.py": "",
      "src/acme_money/rates/daily.py": "def of(): ...\n",
      "src/acme/cloud/storage/__init__.py": "",
      "tests/helpers/__init__.py": "",
    },
    app: {
      "till.py": "from acme_money import RATE\nfrom acme_money.rates.daily import of\n",
      "store.py": "import acme.cloud.storage\n",
      "check.py": "import helpers\nimport acme_money.gone\n",
    },
    edges: [
      // Importing a module runs the packages around it, whether or not it is there.
      "check.py → src/acme_money/__init__.py",
      "store.py → src/acme/cloud/storage/__init__.py",
      "till.py → src/acme_money/__init__.py",
      "till.py → src/acme_money/rates/daily.py",
    ],
  },
  {
    what: "Rust: the library of the crate, by its name in code, renamed or not",
    library: {
      "Cargo.toml": '[package]\nname = "acme-money"\n',
      "src/lib.rs": "pub fn rate() {}\n",
    },
    app: {
      "Cargo.toml": '[package]\nname = "till"\n[dependencies]\ncash = { package = "acme-money", version = "1" }\n',
      "src/main.rs": "use acme_money::rate;\nfn main() { rate() }\n",
      "src/other.rs": "use cash::rate;\n",
    },
    edges: ["src/main.rs → src/lib.rs", "src/other.rs → src/lib.rs"],
  },
  {
    what: "Java, Kotlin and Scala: the type's file below a source folder, members and inner types too",
    library: {
      "core/src/main/java/org/acme/money/Rate.java":
        "package org.acme.money; public class Rate { public static int of() { return 1; } public static class Table {} }",
      "core/src/main/kotlin/org/acme/money/Purse.kt": "package org.acme.money\nclass Purse\n",
      "core/src/test/java/org/acme/money/Fake.java": "package org.acme.money; public class Fake {}",
    },
    app: {
      "src/main/java/org/acme/till/Till.java":
        "package org.acme.till; import org.acme.money.Rate; import static org.acme.money.Rate.of; class Till { Rate rate; }",
      "src/main/java/org/acme/till/Inner.java":
        "package org.acme.till; import org.acme.money.Rate.Table; class Inner {}",
      "src/main/scala/org/acme/till/Main.scala": "package org.acme.till\nimport org.acme.money.Purse\n",
      "src/main/java/org/acme/till/Fakes.java": "package org.acme.till; import org.acme.money.Fake; class Fakes {}",
    },
    edges: [
      "src/main/java/org/acme/till/Inner.java → core/src/main/java/org/acme/money/Rate.java",
      "src/main/java/org/acme/till/Till.java → core/src/main/java/org/acme/money/Rate.java",
      "src/main/scala/org/acme/till/Main.scala → core/src/main/kotlin/org/acme/money/Purse.kt",
    ],
  },
  {
    what: "PHP: what composer loads for the class",
    library: {
      "composer.json": JSON.stringify({ autoload: { "psr-4": { "Acme\\Money\\": "src/" } } }),
      "src/Rates/Daily.php": "<?php\nnamespace Acme\\Money\\Rates;\nclass Daily {}\n",
    },
    app: { "till.php": "<?php\nnamespace Acme\\Till;\nuse Acme\\Money\\Rates\\Daily;\nnew Daily();\n" },
    edges: ["till.php → src/Rates/Daily.php"],
  },
  {
    what: "Ruby: what a gem has in lib",
    library: {
      "acme-money.gemspec": "",
      "lib/acme/money.rb": "module Acme\nend\n",
      "lib/acme/money/rates.rb": "module Acme\nend\n",
    },
    app: { "till.rb": 'require "acme/money"\nrequire "acme/money/rates"\nrequire "acme/none"\n' },
    edges: ["till.rb → lib/acme/money.rb", "till.rb → lib/acme/money/rates.rb"],
  },
];

test.each(ECOSYSTEMS)("between repositories, $what", async ({ library, app, edges }) => {
  const [from, to] = [await makeRepository(app), await makeRepository(library)];
  const [fromName, toName] = [`shop/${basename(from.path)}`, `shop/${basename(to.path)}`];
  await kota.index(from.path, { name: fromName });
  await kota.index(to.path, { name: toName });
  const { edges: all } = await kota.ask(exportGraph, { repository: fromName });
  const across = (all as { from: string; to: string; kinds: string[]; to_repository?: string }[]).filter(
    ({ to_repository: repository }) => repository === toName,
  );
  expect(across.map((edge) => `${edge.from} → ${edge.to}`).sort()).toEqual(edges);
  for (const { kinds } of across) expect(kinds).toEqual(["package"]);
  for (const file of new Set(across.map((edge) => edge.to))) {
    const { dependents } = await kota.ask(searchDependencies, {
      repository: toName,
      file_path: file,
      direction: "dependents",
    });
    const ours = (dependents as { repository?: string; path: string }[]).filter((one) => one.repository === fromName);
    expect(ours.map(({ path }) => `${path} → ${file}`)).toEqual(edges.filter((edge) => edge.endsWith(` → ${file}`)));
  }
  // Neither shall meet the libraries of the other cases.
  await kota.ask(removeRepository, { repository: fromName });
  await kota.ask(removeRepository, { repository: toName });
  await from.remove();
  await to.remove();
});

test("a file that cannot be linked in time is a stated problem, and costs no other file its links", async () => {
  const stuck = await makeRepository({
    "a.ts": 'import { b } from "./b.ts";\nexport const a = b;\n',
    "b.ts": "export const b = 1;\n",
    "c.ts": 'import { a } from "./a.ts";\nconsole.log(a);\n',
  });
  const { run } = kota.pool;
  let lost = 0;
  // As a thread that is ended because it stays with one file, as the pool tells it.
  kota.pool.run = async (task, receiver, signal) => {
    if (task.kind !== "link" || task.request.skipped.includes("a.ts")) return run(task, receiver, signal);
    lost++;
    Atomics.store(new Int32Array(task.reading), 0, task.request.files.findIndex(({ path }) => path === "a.ts") + 1);
    throw new ThreadLost("an indexing thread ended");
  };
  try {
    const job = await kota.index(stuck.path, { name: "acme/stuck" });
    expect(job.problems).toEqual([{ path: "a.ts", reason: "not_linked" }]);
    const around = (path: string) => kota.ask(searchDependencies, { repository: "acme/stuck", file_path: path });
    expect(pathsOf(await around("a.ts"), "dependencies")).toEqual([]);
    expect(pathsOf(await around("a.ts"), "dependents")).toEqual(["c.ts 1"]);
    // It is not tried again until its content is another.
    await stuck.write({ "d.ts": "export {};\n" });
    await kota.index(stuck.path, { name: "acme/stuck" });
    expect(lost).toBe(1);
    kota.pool.run = run;
    await stuck.write({ "a.ts": 'import { b } from "./b.ts";\nexport const a = b + 1;\n' });
    expect((await kota.index(stuck.path, { name: "acme/stuck" })).problems).toEqual([]);
    expect(pathsOf(await around("a.ts"), "dependencies")).toEqual(["b.ts 1"]);
  } finally {
    kota.pool.run = run;
    await stuck.remove();
  }
});

test("a repository is linked by its own configuration, though another one differs in nothing else", async () => {
  const files = (folder: string) => ({
    "tsconfig.json": `{"compilerOptions":{"paths":{"@/*":["./${folder}/*"]}}}`,
    "src/x.ts": "export const x = 1;\n",
    "lib/x.ts": "export const x = 2;\n",
    "a.ts": "export const a = 1;\n",
  });
  const [first, second] = [await makeRepository(files("src")), await makeRepository(files("lib"))];
  try {
    await kota.index(first.path, { name: "acme/first" });
    await kota.index(second.path, { name: "acme/second" });
    await first.write({ "a.ts": 'import { x } from "@/x";\nexport const a = x;\n' });
    await kota.index(first.path, { name: "acme/first" });
    const around = await kota.ask(searchDependencies, { repository: "acme/first", file_path: "a.ts" });
    expect(pathsOf(around, "dependencies")).toEqual(["src/x.ts 1"]);
  } finally {
    await Promise.all([first.remove(), second.remove()]);
  }
});

test("files of a language that cannot be looked at in time are stated problems, and cost others no links", async () => {
  const stuck = await makeRepository({
    "a.ts": 'import { b } from "./b.ts";\nexport const a = b;\n',
    "b.ts": "export const b = 1;\n",
    "j/One.java": "package j; class One {}\n",
    "j/Two.kt": "package j\nclass Two : One()\n",
  });
  const { run } = kota.pool;
  // As a thread that is ended while it makes the resolver of the JVM's languages.
  kota.pool.run = async (task, receiver, signal) => {
    if (task.kind !== "link" || task.request.skipped.includes("j/One.java")) return run(task, receiver, signal);
    Atomics.store(new Int32Array(task.reading), 0, markOfFamily(familyNumberOf("java")));
    throw new ThreadLost("an indexing thread ended");
  };
  try {
    const job = await kota.index(stuck.path, { name: "acme/slow" });
    expect(job.problems).toEqual(["j/One.java", "j/Two.kt"].map((path) => ({ path, reason: "not_linked" })));
    const around = await kota.ask(searchDependencies, { repository: "acme/slow", file_path: "a.ts" });
    expect(pathsOf(around, "dependencies")).toEqual(["b.ts 1"]);
  } finally {
    kota.pool.run = run;
    await stuck.remove();
  }
});
