// The graph of a real repository on real Postgres: dependencies, cycles, usages, export, and re-indexing.
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportGraph } from "../src/operations/export-graph.ts";
import { findUsages } from "../src/operations/find-usages.ts";
import { readFile } from "../src/operations/read-file.ts";
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
