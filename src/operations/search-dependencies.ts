// search_dependencies: what a file depends on, what depends on it, and the cycles it is part of.
import { z } from "zod";
import {
  crossingsIn,
  crossingsOut,
  pageOf,
  readOthers,
  type Crossing,
  type OtherRepository,
  type Page,
} from "../graph/across.ts";
import { cyclesThrough } from "../graph/cycles.ts";
import { OTHER_REPOSITORIES_MAX } from "../graph/limits.ts";
import { openLinks, UNRESOLVED_REASONS } from "../graph/links.ts";
import { readGraph } from "../graph/read-graph.ts";
import { kindsOf, type Graph } from "../graph/pack.ts";
import { reach, type Reached } from "../graph/reach.ts";
import { listLinkedFiles } from "../graph/store.ts";
import { EDGE_KINDS } from "../languages/facts.ts";
import { grammarOf } from "../languages/grammar.ts";
import { operation, type OperationContext } from "../operation.ts";
import { refusedCursor, type CursorBinding } from "../platform/cursor.ts";
import type { OrganizationSql } from "../platform/database.ts";
import { getFile, getIndexedRef, getOnlyRepository, listSnapshots, type IndexedRef } from "../repositories/store.ts";
import { cursorField, freshnessField, freshnessOf, nextCursorField, pathField, repositoryField } from "./wire.ts";

const DIRECTIONS = ["dependents", "dependencies", "both"] as const;

const reachedField = z.array(
  z.object({
    repository: z.string().optional().describe("Only where it is another repository."),
    path: z.string(),
    distance: z.int().describe("Edges on the shortest way; 1 is direct."),
    kinds: z
      .array(z.enum(EDGE_KINDS))
      .describe(
        "Why there is an edge: how it is imported, symbol: its symbols are used, package: another repository publishes it.",
      ),
    via: z.string().optional().describe("The file before it on that way, where it is not direct."),
  }),
);

const input = z.strictObject({
  file_path: pathField.describe("File in the repository, e.g. src/index.ts."),
  repository: repositoryField.optional().describe("Repository (`owner/name` or id); needed when several are indexed."),
  direction: z
    .enum(DIRECTIONS)
    .default("both")
    .describe("dependents: files that use it. dependencies: files that it uses."),
  depth: z
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe(
      "Edges to follow; 1 is direct neighbours only. An edge into another repository is the last: ask there to go on.",
    ),
  include_tests: z.boolean().default(true).describe("false leaves test files out, and does not go through them."),
  limit: z.int().min(1).max(1000).default(200).describe("Files of each direction per page."),
  cursor: cursorField.optional(),
});
type Input = z.output<typeof input>;

export const searchDependencies = operation({
  name: "search_dependencies",
  title: "Search dependencies",
  description:
    "Tell which files depend on a file and which it depends on, directly or through others, with cycles and the imports that lead out of the repository. Use it before changing or moving a file, to see what could break.",
  route: "GET /dependencies",
  toolset: "graph",
  effect: "read",
  scope: "read",
  positional: "file_path",
  input,
  output: z.object({
    repository: z.string(),
    file_path: z.string(),
    direction: z.enum(DIRECTIONS),
    depth: z.int(),
    dependents: reachedField.optional().describe("Nearest first, then by path."),
    dependencies: reachedField.optional().describe("Nearest first, then by path."),
    cycles: z
      .array(z.array(z.string()))
      .describe("Elementary cycles through the file, each written from it, shortest first, whatever depth is."),
    cycles_truncated: z.boolean(),
    unresolved_imports: z.array(z.object({ specifier: z.string(), line: z.int(), reason: z.enum(UNRESOLVED_REASONS) })),
    truncated: z
      .boolean()
      .describe(
        `There are more files: go on with next_cursor. Packages are followed to ${OTHER_REPOSITORIES_MAX} repositories.`,
      ),
    next_cursor: nextCursorField,
    freshness: freshnessField,
  }),
  async handle(asked, context) {
    return context.db(async (sql) => {
      const { snapshot, shown, page: before } = await findPlace(sql, asked, context);
      const { snapshot_id: snapshotId } = snapshot;
      const { graph, isChecked } = await readGraph(sql, context.memory, { snapshotId, checked: before?.checked });
      const file = await getFile(sql, snapshot, asked.file_path);
      const start = graph.find(file.path);
      const { others, isCut } = await readOthers(sql, context.memory, { graph, snapshotId, page: before });
      const found = start === undefined ? NOTHING : lookAround({ graph, others }, start, asked);
      const page = cut(found, { shown, limit: asked.limit });
      const links = await readLinks(sql, snapshot, file.path);
      const position = { snapshot: snapshotId, shown: page.end, ...pageOf({ snapshotId, isChecked }, others) };
      return {
        repository: snapshot.repository,
        file_path: file.path,
        direction: asked.direction,
        depth: asked.depth,
        ...(asked.direction !== "dependencies" && { dependents: page.dependents }),
        ...(asked.direction !== "dependents" && { dependencies: page.dependencies }),
        cycles: found.cycles,
        cycles_truncated: found.areCyclesTruncated,
        unresolved_imports: links.map(({ specifier, line, reason }) => ({ specifier, line, reason })),
        truncated: page.isCut || isCut,
        next_cursor: page.isCut ? context.cursors.seal(bindingOf(asked, context), position) : null,
        freshness: freshnessOf([snapshot]),
      };
    });
  },
});

interface Found {
  dependents: z.output<typeof reachedField>;
  dependencies: z.output<typeof reachedField>;
  cycles: string[][];
  areCyclesTruncated: boolean;
}

const NOTHING: Found = { dependents: [], dependencies: [], cycles: [], areCyclesTruncated: false };

interface Surroundings {
  graph: Graph;
  others: readonly OtherRepository[];
}

function lookAround({ graph, others }: Surroundings, start: number, asked: Input): Found {
  const { direction, depth, include_tests: includeTests } = asked;
  const look = (way: "dependents" | "dependencies") => {
    if (direction !== "both" && direction !== way) return [];
    const reached = reach(graph, start, { direction: way, depthMax: depth, includeTests });
    const near = reached.flatMap(({ file, distance }): [number, number][] =>
      distance < depth ? [[file, distance]] : [],
    );
    const files = new Map([[start, 0], ...near]);
    const crossings =
      way === "dependents" ? crossingsIn(graph, others, { files, includeTests }) : crossingsOut(graph, others, files);
    const across = throughPackages(graph, { start, files, crossings });
    return [...reached.map((one) => describe(graph, one)), ...across].sort((a, b) => a.distance - b.distance);
  };
  const { cycles, isTruncated } = cyclesThrough(graph, start);
  const named = cycles.map((cycle) => cycle.map((file) => graph.paths[file] ?? ""));
  return {
    dependents: look("dependents"),
    dependencies: look("dependencies"),
    cycles: named,
    areCyclesTruncated: isTruncated,
  };
}

function describe(graph: Graph, { file, distance, kinds, via }: Reached): Found["dependents"][number] {
  return {
    path: graph.paths[file] ?? "",
    distance,
    kinds: kindsOf(kinds),
    ...(via !== undefined && { via: graph.paths[via] ?? "" }),
  };
}

/** Files of other repositories one edge beyond `files`, which have their distances; each once, by repository and path. */
function throughPackages(
  graph: Graph,
  { start, files, crossings }: { start: number; files: ReadonlyMap<number, number>; crossings: readonly Crossing[] },
): Found["dependents"] {
  const nearest = new Map<string, Found["dependents"][number]>();
  for (const { file, repository, path } of crossings) {
    const distance = (files.get(file) ?? 0) + 1;
    const key = `${repository} ${path}`;
    if (distance >= (nearest.get(key)?.distance ?? Infinity)) continue;
    const via = file === start ? {} : { via: graph.paths[file] ?? "" };
    nearest.set(key, { repository, path, distance, kinds: ["package"], ...via });
  }
  return [...nearest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** The next `limit` files of each direction. */
function cut({ dependents, dependencies }: Found, { shown, limit }: { shown: number; limit: number }) {
  const end = shown + limit;
  return {
    dependents: dependents.slice(shown, end),
    dependencies: dependencies.slice(shown, end),
    end,
    isCut: end < Math.max(dependents.length, dependencies.length),
  };
}

const cursorPosition = z.object({
  snapshot: z.int(),
  shown: z.int(),
  others: z.array(z.int()),
  checked: z.array(z.int()),
});

async function findPlace(
  sql: OrganizationSql,
  asked: Input,
  context: OperationContext,
): Promise<{ snapshot: IndexedRef; shown: number; page: Page | undefined }> {
  if (asked.cursor === undefined) {
    const repository = await getOnlyRepository(sql, asked.repository);
    return { snapshot: await getIndexedRef(sql, repository, undefined), shown: 0, page: undefined };
  }
  const position = cursorPosition.safeParse(context.cursors.open(bindingOf(asked, context), asked.cursor));
  if (!position.success) throw refusedCursor(position.error);
  const [snapshot] = await listSnapshots(sql, [position.data.snapshot]);
  if (!snapshot) throw refusedCursor();
  return { snapshot, shown: position.data.shown, page: position.data };
}

function bindingOf({ cursor: _cursor, limit: _limit, ...asked }: Input, { caller }: OperationContext): CursorBinding {
  return { organizationId: caller.organizationId, operation: "search_dependencies", input: asked };
}

async function readLinks(sql: OrganizationSql, snapshot: IndexedRef, path: string) {
  const grammar = grammarOf(path);
  if (grammar === undefined) return [];
  const [row] = await listLinkedFiles(sql, snapshot, { paths: [path], grammars: [grammar] });
  return row?.links ? openLinks(row.links).unresolved : [];
}
