// The real executable in its real process: what it finds, what it never sees, and that it ends in every case.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { serialize } from "node:v8";
import { afterAll, beforeAll, expect, test } from "vitest";
import { factsOf } from "../../../test/harness/linked-tree.ts";
import { openLinks } from "../../graph/links.ts";
import { openGraph, unpackGraph } from "../../graph/pack.ts";
import { packFacts } from "../../graph/packed-facts.ts";
import { linkSnapshot } from "../link-snapshot.ts";
import type { CheckRequest } from "./checker-process.ts";
import { groupMegabytes } from "./process-group.ts";
import { CHECKER_LIMITS, CheckerLost, findExecutable, runChecker, type CheckerOptions } from "./run-checker.ts";

const installed = findExecutable();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kota-checker-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function requestOf(sources: Record<string, string>, executable = installed): CheckRequest {
  if (!executable) throw new Error("typescript was installed without its executable");
  const facts = Object.entries(sources).map(([path, text]) => ({ path, facts: packFacts(factsOf(path, text)) }));
  const linked = linkSnapshot(
    {
      files: facts.map(({ path }) => ({ path, content: path, isTest: false, hasFacts: true })),
      skipped: [],
      previous: undefined,
    },
    { readLinks: () => [], readFacts: (numbers) => numbers.map((number) => facts[number]?.facts) },
  );
  const links = new Map(linked.links.map(({ path, data }) => [path, data]));
  const textOf = (path: string) => (/\.[cm]?[jt]sx?$/.test(path) ? sources[path] : undefined);
  return {
    executable,
    paths: Object.keys(sources),
    files: facts.map((file) => ({ ...file, links: links.get(file.path), text: textOf(file.path) })),
    graph: linked.graph,
  };
}

const run = (request: CheckRequest, options: Partial<CheckerOptions> = {}) =>
  runChecker(request, { signal: new AbortController().signal, limits: CHECKER_LIMITS, ...options });

/** What the checker adds, as `path:line name -> path:symbol & …`, and the edges that the graph then has. */
async function check(sources: Record<string, string>): Promise<{ links: string[]; edges: string[] }> {
  const answer = await run(requestOf(sources));
  const facts = (path: string) => factsOf(path, sources[path] ?? "");
  return {
    links: answer.links.flatMap(({ path, data }) =>
      openLinks(data).links.map(({ reference, confidence, definitions }) => {
        expect(confidence).toBe("inferred");
        const fact = facts(path).references[reference];
        const found = definitions.map((one) => {
          const { symbols } = facts(one.path);
          const symbol = symbols[one.symbol];
          return `${one.path}:${symbols[symbol?.container ?? -1]?.name ?? ""}.${symbol?.name}`;
        });
        return `${path}:${fact?.line} ${fact?.name} -> ${found.join(" & ")}`;
      }),
    ),
    edges: unpackGraph(openGraph(answer.graph)).flatMap(({ path, edges }) =>
      edges.filter(({ kinds }) => kinds.includes("symbol")).map(({ to }) => `${path} -> ${to}`),
    ),
  };
}

const CONTEXT = `export class Context { text(value: string): string { return value } }
/** What the callback is given only follows from the other argument. */
export const each = <T>(values: Iterable<T>, to: (value: T) => unknown) => [...values].map(to);
export const contexts = new Map([["a", new Context()]]).values();
`;

test("members of what only a checker can infer lead to their definitions, and to those alone", async () => {
  const { links, edges } = await check({
    "context.ts": CONTEXT,
    "use.ts": `import { contexts, each } from "./context.js";
/* 😀 */ each(contexts, (c) => c.text("é")); each([...contexts], (c) => c.text("😀").trim());
`,
  });
  expect(links).toEqual(["use.ts:2 text -> context.ts:Context.text", "use.ts:2 text -> context.ts:Context.text"]);
  expect(edges).toContain("use.ts -> context.ts");
});

test("a member of a union is each part's, of overloads all are meant, and what is of the language is nobody's", async () => {
  const { links } = await check({
    "shapes.ts": `export interface Circle { area(): number; area(unit: string): number }
export interface Square { area(): number }
export class List { map() {} }
export type Each = <T>(values: T[], to: (value: T) => unknown) => void;
export declare const each: Each;
export declare const both: Map<string, Circle | Square>;
declare global { interface Array<T> { ours(): T } }
`,
    "use.ts": `import { each, both } from "./shapes";
each([...both.values()], (one) => one.area());
each([[1]], (one) => one.map(String));
each([["x"]], (one) => one.ours());
each(["x"], (one) => one.length);
`,
  });
  expect(links).toEqual([
    "use.ts:2 area -> shapes.ts:Circle.area & shapes.ts:Circle.area & shapes.ts:Square.area",
    "use.ts:4 ours -> shapes.ts:Array.ours",
  ]);
});

test("where linking named too much or the wrong thing, what the checker says stands in its place", async () => {
  const { links, edges } = await check({
    "either.ts": `export interface Good { ok: true; data: string }
export interface Bad { ok: false; data?: undefined; error: Error }
export interface Holder { value: string }
`,
    "use.ts": `import type { Bad, Good, Holder } from "./either";
export const read = (one: Good | Bad) => (one.ok ? one.data : one.error);
export const expando = (() => 1) as unknown as Holder;
expando.value = "x";
export const values = (one: Holder): Holder => ({ "value": one.value });
`,
    "error.ts": `export interface Described { message: string }\n`,
    "failure.ts": `import type { Described } from "./error";
export class Failure extends Error implements Described {}
export const why = (failure: Failure) => failure.message;
`,
  });
  expect(links).toEqual(["use.ts:2 data -> either.ts:Good.data", "failure.ts:3 message -> "]);
  expect(edges).toContain("failure.ts -> error.ts");
});

test("modules lead where linking finds them: workspaces, paths of configurations, imports of packages, JavaScript", async () => {
  const use = (specifier: string) =>
    `import { contexts, each } from "${specifier}";\neach(contexts, (c) => c.text(""));\n`;
  const { links } = await check({
    "packages/core/package.json": `{ "name": "@acme/core", "exports": { ".": "./dist/index.js" } }`,
    "packages/core/src/index.ts": CONTEXT,
    "packages/app/package.json": `{ "name": "app", "imports": { "#core": "./lib/own.ts" } }`,
    "packages/app/tsconfig.json": `{ "compilerOptions": { "paths": { "~/*": ["./lib/*"] } } }`,
    "packages/app/lib/own.ts": CONTEXT,
    "packages/app/src/workspace.ts": use("@acme/core"),
    "packages/app/src/alias.tsx": use("~/own"),
    "packages/app/src/imports.mts": use("#core"),
    "packages/app/src/plain.js": use("../lib/own.js"),
  });
  expect(links.sort()).toEqual([
    "packages/app/src/alias.tsx:2 text -> packages/app/lib/own.ts:Context.text",
    "packages/app/src/imports.mts:2 text -> packages/app/lib/own.ts:Context.text",
    "packages/app/src/plain.js:2 text -> packages/app/lib/own.ts:Context.text",
    "packages/app/src/workspace.ts:2 text -> packages/core/src/index.ts:Context.text",
  ]);
});

test("nothing of the machine is read, whatever sources and configurations ask for", async () => {
  // Opening a pipe that nobody writes to never ends: who reads it is stuck, and there is no answer.
  const pipe = join(folder, "secret.ts");
  await promisify(execFile)("mkfifo", [pipe, join(folder, "tsconfig.json"), join(folder, "index.d.ts")]);
  const manifest = {
    extends: join(folder, "tsconfig.json"),
    compilerOptions: {
      typeRoots: [folder],
      types: [folder, "*"],
      paths: { "@secret": [pipe], "*": [join(folder, "*")] },
      baseUrl: folder,
      rootDirs: [folder, "/"],
      plugins: [{ name: pipe }, { transform: pipe }],
      tsBuildInfoFile: join(folder, "written"),
      outDir: folder,
    },
    files: [pipe, "/etc/passwd"],
    include: [`${folder}/**/*`, "/etc/*"],
    references: [{ path: folder }],
  };
  const upwards = "../".repeat(20);
  const { links } = await check({
    "tsconfig.json": JSON.stringify(manifest),
    "jsconfig.json": JSON.stringify(manifest),
    "package.json": JSON.stringify({
      name: "x",
      types: pipe,
      imports: { "#s": pipe },
      dependencies: { s: `file:${folder}` },
    }),
    "context.ts": CONTEXT,
    "use.ts": `/// <reference path="${pipe}" />
/// <reference path="${upwards}${pipe.slice(1)}" />
/// <reference types="${folder}" />
/// <reference lib="${upwards}${pipe.slice(1)}" />
import { contexts, each } from "./context";
import { a } from "${pipe}";
import { b } from "${upwards}${pipe.slice(1)}";
import { c } from "@secret";
import { d } from "#s";
import e = require("${pipe}");
import type { f } from "file://${pipe}";
import "node_modules/${upwards}${pipe.slice(1)}";
each(contexts, (c) => c.text(""));
a.x; b.x; c.x; d.x; e.x;
`,
  });
  expect(links).toEqual(["use.ts:13 text -> context.ts:Context.text"]);
});

/** Waits until no process of the group has memory. */
const gone = (pid: number) => expect.poll(() => groupMegabytes(pid), { timeout: 60_000 }).toBe(0);

async function lose(request: CheckRequest, options: Partial<CheckerOptions>): Promise<string> {
  let pid = 0;
  const onStart = (started: number) => {
    pid = started;
    options.onStart?.(started);
  };
  const error: unknown = await run(request, { ...options, onStart }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(pid).toBeGreaterThan(0);
  await gone(pid);
  if (!(error instanceof CheckerLost)) throw error;
  return error.message;
}

async function hangingExecutable(): Promise<CheckRequest["executable"]> {
  const path = join(folder, "hanging");
  await writeFile(path, "#!/bin/sh\nexec sleep 600\n");
  await chmod(path, 0o755);
  return { path, libraryFolder: folder };
}

const SMALL = {
  "a.ts": CONTEXT,
  "b.ts": `import { contexts, each } from "./a";\neach(contexts, (c) => c.text(""));\n`,
};

test("one that is killed, dies or takes too long is lost, and nothing of it is left", async () => {
  expect(await lose(requestOf(SMALL), { onStart: (pid) => process.kill(pid, "SIGKILL") })).toBe(
    "ended without an answer",
  );
  const dying = { path: process.execPath, libraryFolder: folder };
  expect(await lose(requestOf(SMALL, dying), {})).toBe("ended without an answer");
  const limits = { ...CHECKER_LIMITS, secondsMax: 2 };
  expect(await lose(requestOf(SMALL, await hangingExecutable()), { limits })).toBe("took longer than 2 s");
});

test("one whose asker was killed ends by itself", async () => {
  const hanging = await hangingExecutable();
  const asker = join(folder, "asker.mjs");
  const runner = JSON.stringify(new URL("run-checker.ts", import.meta.url));
  const asked = { request: requestOf(SMALL, hanging), limits: CHECKER_LIMITS };
  await writeFile(
    asker,
    `import { deserialize } from "node:v8";
const { register } = await import(${JSON.stringify(import.meta.resolve("tsx/esm/api"))});
register();
const { runChecker } = await import(${runner});
const asked = deserialize(Buffer.from("${serialize(asked).toString("base64")}", "base64"));
await runChecker(asked.request, { ...asked, signal: new AbortController().signal, onStart: (pid) => console.log(pid) });
`,
  );
  const child = spawn(process.execPath, [asker], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  const pid = Number(line);
  await expect.poll(() => groupMegabytes(pid), { timeout: 60_000 }).toBeGreaterThan(0);
  child.kill("SIGKILL");
  await gone(pid);
});

test("one that takes too much memory is lost", async () => {
  const limits = { ...CHECKER_LIMITS, megabytesMax: 10 };
  // One that hangs is still there when its memory is looked at.
  expect(await lose(requestOf(SMALL, await hangingExecutable()), { limits })).toBe("took more than 10 MB");
});

test("one that nobody waits for any more is ended", async () => {
  const controller = new AbortController();
  const options = { signal: controller.signal, onStart: () => controller.abort(new Error("enough")) };
  await expect(lose(requestOf(SMALL), options)).rejects.toThrow("enough");
});

test("there is none for a platform that it was not installed for", () => {
  expect(findExecutable("plan9")).toBeUndefined();
});
