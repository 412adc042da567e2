// The tools that Kota's graph is measured beside, of pinned versions, in a folder of their own; and what they say of a tree.
import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Command } from "./cost.ts";
import type { Said } from "./score.ts";

/** dependency-cruiser reads TypeScript with whatever compiler stands beside it. */
export const VERSIONS = { "@colbymchenry/codegraph": "1.6.1", "dependency-cruiser": "17.4.3", typescript: "5.9.3" };

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 2 ** 30;

export async function installRivals(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: VERSIONS }));
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
}

/** A full index of `tree`, which gets a folder `.codegraph`. */
export function codegraphIndex(rivals: string, tree: string): Command {
  const file = join(rivals, "node_modules/.bin/codegraph");
  return { file, args: ["init", "-i", "."], cwd: tree, env: { CODEGRAPH_TELEMETRY: "0", HOME: rivals } };
}

const codegraphSchema = z.object({
  edges: z.array(z.tuple([z.string(), z.string(), z.string()])),
  uses: z.array(z.tuple([z.string(), z.number(), z.string(), z.string(), z.number(), z.number()])),
});

/** Its tables are read by the Node that it brings, which has SQLite. */
const READ_TABLES = `
const { DatabaseSync } = require("node:sqlite");
const database = new DatabaseSync(process.argv[1]);
const rows = (sql) => database.prepare(sql).all().map(Object.values);
const from = "from edges e join nodes s on s.id = e.source join nodes t on t.id = e.target where s.file_path <> t.file_path";
process.stdout.write(JSON.stringify({
  edges: rows("select distinct s.file_path as a, t.file_path as b, e.kind as c " + from),
  uses: rows("select s.file_path as a, e.line as b, t.name as c, t.file_path as d, t.start_line as e, t.end_line as f " + from + " and e.line is not null and t.kind not in ('file', 'import')"),
}));`;

/** What codegraph's index of `tree` says. Its `imports` lead to the file that defines a name, past those that pass it on. */
export async function readCodegraph(rivals: string, tree: string): Promise<Said> {
  const shim = join(rivals, "node_modules/@colbymchenry", `codegraph-${process.platform}-${process.arch}`);
  const { stdout } = await run(
    join(shim, "node"),
    ["--no-warnings", "-e", READ_TABLES, join(tree, ".codegraph/codegraph.db")],
    { maxBuffer: OUTPUT_BYTES_MAX },
  );
  const { edges, uses } = codegraphSchema.parse(JSON.parse(stdout));
  return {
    imports: new Set(edges.filter(([, , kind]) => kind === "imports").map(([from, to]) => `${from} -> ${to}`)),
    edges: new Set(edges.map(([from, to]) => `${from} -> ${to}`)),
    // It keeps no line of a name alone: any line of the definition counts, which favours it.
    usagesOf({ path, line, name }) {
      const found = uses.filter(
        ([, , target, file, start, end]) => target === name && file === path && start <= line && line <= end,
      );
      return new Set(found.map(([from, at]) => `${from}:${at}`));
    },
  };
}

/** All modules of `tree`, types included; `tsconfig.json` at its root, where there is one, for its paths. */
export function cruise(rivals: string, tree: string): Command {
  const config = existsSync(join(tree, "tsconfig.json")) ? ["--ts-config", "tsconfig.json"] : [];
  const file = join(rivals, "node_modules/.bin/depcruise");
  const options = ["--no-config", "--ts-pre-compilation-deps", "-x", "(^|/)(node_modules|\\.git)/", "-T", "json"];
  return { file, args: [...options, ...config, "."], cwd: tree, env: { HOME: rivals } };
}

const cruiseSchema = z.object({
  modules: z.array(
    z.object({
      source: z.string(),
      dependencies: z.array(z.object({ resolved: z.string(), couldNotResolve: z.boolean(), coreModule: z.boolean() })),
    }),
  ),
});

export function readCruise(stdout: string, tree: string): Said {
  const edges = new Set<string>();
  const root = realpathSync(tree);
  for (const { source, dependencies } of cruiseSchema.parse(JSON.parse(stdout)).modules)
    for (const { resolved, couldNotResolve, coreModule } of dependencies) {
      const path = join(root, resolved);
      if (couldNotResolve || coreModule || !existsSync(path)) continue;
      edges.add(`${source} -> ${relative(root, realpathSync(path))}`);
    }
  return { imports: edges, edges };
}

/** Bytes of what codegraph keeps. */
export async function codegraphBytes(tree: string): Promise<number> {
  return (await stat(join(tree, ".codegraph/codegraph.db"))).size;
}
