// The rules of ARCHITECTURE.md that must hold, read from the sources themselves.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Source {
  /** Below the project's root, e.g. `src/search/plan.ts`. */
  path: string;
  text: string;
  /** Project files it imports. */
  imports: string[];
  /** Packages and node: modules it imports. */
  packages: string[];
}

const sources: Source[] = [];
/** The folder of src/ a file belongs to; a file of src/ itself is its own. */
const partOf = (path: string) => path.split("/")[1] ?? "";
const isTest = (path: string) => path.endsWith(".test.ts");

beforeAll(async () => {
  for (const entry of await readdir(join(ROOT, "src"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    const specifiers = [...text.matchAll(/(?:\bfrom\s+|(?<!")\bimport\s*\(?\s*|new URL\(\s*)"([^"\s]+)"/g)].map(
      (match) => match[1] ?? "",
    );
    sources.push({
      path: relative(ROOT, file),
      text,
      imports: specifiers
        .filter((name) => name.startsWith("."))
        .map((name) => relative(ROOT, resolve(dirname(file), name)))
        .concat([...text.matchAll(/compiledModule\("([^"]+)\.js"\)/g)].map((match) => `src/${match[1]}.ts`)),
      packages: specifiers.filter((name) => !name.startsWith(".")),
    });
  }
  expect(sources.length).toBeGreaterThan(50);
});

const production = () => sources.filter(({ path }) => !isTest(path));

/** Each part and those it may import; its own files always. Downwards alone. */
const MAY_IMPORT: Record<string, string[]> = {
  "main.ts": ["access", "indexing", "job.ts", "jobs", "operation.ts", "operations", "platform", "surfaces"],
  surfaces: ["access", "errors.ts", "git", "indexing", "operation.ts", "operations", "platform", "repositories"],
  jobs: ["access", "indexing", "job.ts", "platform"],
  operations: [
    "access",
    "errors.ts",
    "git",
    "graph",
    "indexing",
    "languages",
    "operation.ts",
    "platform",
    "projects",
    "repositories",
    "search",
  ],
  "job.ts": ["indexing", "operation.ts", "platform"],
  "operation.ts": ["access", "errors.ts", "git", "parse-input.ts", "platform"],
  "parse-input.ts": ["errors.ts"],
  graph: ["errors.ts", "languages", "platform", "repositories"],
  indexing: ["errors.ts", "git", "graph", "languages", "platform", "repositories", "search"],
  search: ["errors.ts", "languages", "platform", "repositories"],
  projects: ["errors.ts", "platform"],
  repositories: ["errors.ts", "platform"],
  git: ["errors.ts", "platform"],
  access: ["errors.ts", "platform"],
  languages: [],
  platform: ["errors.ts"],
  "errors.ts": [],
};

test("imports point down", () => {
  const wrong = production().flatMap(({ path, imports }) => {
    const part = partOf(path);
    const allowed = MAY_IMPORT[part];
    if (!allowed) return [`${path}: '${part}' is not in the table`];
    return imports
      .filter((target) => target.startsWith("src/") && partOf(target) !== part && !allowed.includes(partOf(target)))
      .map((target) => `${path} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test("no file of src/ is imported by nobody", () => {
  const imported = new Set(sources.flatMap(({ path, imports }) => (isTest(path) ? [] : imports)));
  const entry = "src/main.ts";
  const lonely = production()
    .map(({ path }) => path)
    .filter((path) => !imported.has(path) && path !== entry);
  expect(lonely).toEqual([]);
});

test("only store.ts files and the platform hold SQL", () => {
  const holdsSql = /\bsql(?:<[^`]*>)?`|\bfragment`|\.query\(/;
  const wrong = production().filter(
    ({ path, text }) => holdsSql.test(text) && !path.endsWith("/store.ts") && !path.startsWith("src/platform/"),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("a table is written by one folder", () => {
  const writers = new Map<string, Set<string>>();
  for (const { path, text } of production()) {
    for (const match of text.matchAll(/\b(?:insert into|update|delete from) public\.(\w+)/g)) {
      const table = match[1] ?? "";
      writers.set(table, (writers.get(table) ?? new Set()).add(partOf(path)));
    }
  }
  expect(writers.size).toBeGreaterThan(8);
  const shared = [...writers]
    .filter(([, folders]) => folders.size > 1)
    .map(([table, folders]) => `${table}: ${[...folders].join(", ")}`);
  expect(shared).toEqual([]);
});

test("only platform/config.ts reads the environment", () => {
  const wrong = production().filter(
    ({ path, text }) => /process\.env\b/.test(text) && path !== "src/platform/config.ts",
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("only surfaces/mcp.ts knows the MCP SDK", () => {
  const wrong = production().filter(
    ({ path, packages }) =>
      packages.some((name) => name.startsWith("@modelcontextprotocol/")) && path !== "src/surfaces/mcp.ts",
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("who may see all organizations", () => {
  const holders = production()
    .filter(({ text }) => /\bunsafe(?:AllOrganizations|Probe)\b/.test(text))
    .map(({ path }) => path)
    .sort();
  expect(holders).toEqual([
    "src/access/admit.ts",
    "src/access/local.ts",
    "src/access/sign-in.ts",
    "src/indexing/sweep.ts",
    "src/jobs/sweep.ts",
    "src/platform/database.ts",
    "src/surfaces/cli/doctor.ts",
    "src/surfaces/cli/keys-command.ts",
    "src/surfaces/cli/members-command.ts",
    "src/surfaces/cli/session.ts",
    "src/surfaces/cli/status-command.ts",
    "src/surfaces/health.ts",
  ]);
});

test("a thread loads neither the database's driver nor the log: they take 0.1 s of CPU, in each", () => {
  expect([...packagesLoadedBy("src/indexing/thread-entry.ts")]).toEqual(["web-tree-sitter"]);
});

test("a command loads neither the type checker nor the servers' packages: they take 0.1 s of CPU, in each", () => {
  const loaded = packagesLoadedBy("src/main.ts");
  expect([...loaded].sort()).toEqual(["commander", "pg", "pino", "zod"]);
});

/** Packages that are there before the first line of that file runs. */
function packagesLoadedBy(entry: string): Set<string> {
  const reached = new Set([entry]);
  const packages = new Set<string>();
  for (const path of reached) {
    const text = (sources.find((source) => source.path === path)?.text ?? "").replace(/^import type [^;]*;/gm, "");
    for (const [, name = ""] of text.matchAll(/^(?:import|export)\s[^;="]*\sfrom\s"([^"\s]+)";/gm))
      if (name.startsWith(".")) reached.add(relative(ROOT, resolve(ROOT, dirname(path), name)));
      else if (!name.startsWith("node:")) packages.add(name);
  }
  expect(reached.size).toBeGreaterThan(50);
  return packages;
}

test("knowledge is pure: no IO in languages, links, ranks, plan, glob, snippet, parse-query, grams and match", () => {
  const pure =
    /^src\/languages\/|^src\/indexing\/(?:rank-paths|analyse|link\/.*)\.ts$|^src\/search\/(?:chunk|glob|grams|match|merge-segments|parse-query|plan|rank|segment|snippet|regex\/.*)\.ts$/;
  const wrong = production()
    .filter(({ path }) => pure.test(path))
    .flatMap(({ path, packages, text }) => [
      ...packages
        // node:module in one place: the parser is required there, as an import costs three times as much.
        .filter((name) => name !== "node:module" || path !== "src/languages/typescript-syntax.ts")
        .filter((name) => !["node:buffer", "node:path", "typescript-parser"].includes(name))
        .map((name) => `${path} imports ${name}`),
      ...(/\b(?:Date\.now|Math\.random|process\.)/.test(text) ? [`${path} asks for time, chance or the process`] : []),
    ]);
  expect(wrong).toEqual([]);
});

test("nothing of the machine or the workplace stands in the project", async () => {
  const files = [
    ...sources.map(({ path }) => path),
    "README.md",
    "ARCHITECTURE.md",
    "CONVENTIONS.md",
    "package.json",
    ".ci/run",
  ];
  const texts = await Promise.all(
    files.map(async (path) => ({ path, text: await readFile(join(ROOT, path), "utf8") })),
  );
  const wrong = texts.filter(({ text }) => /\/work\/|\.\.\/shared\b|\.mirror\//.test(text)).map(({ path }) => path);
  expect(wrong).toEqual([]);
});
