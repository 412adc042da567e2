// search_dependencies: what a file depends on, what depends on it, and the cycles it is part of.
import { z } from "zod";
import { crossingsIn, crossingsOut, readOthers, type Crossing, type OtherRepository } from "../graph/across.ts";
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
  depth: z.int().min(1).max(5).default(1).describe("Edges to follow; 1 is direct neighbours only."),
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
      const { snapshot, shown, others } = await findPlace(sql, asked, context);
      const graph = await readGraph(sql, context.memory, snapshot.snapshot_id);
      const file = await getFile(sql, snapshot, asked.file_path);
      const start = graph.find(file.path);
      const around = { graph, snapshotId: snapshot.snapshot_id, snapshots: others };
      const { others: repositories, isCut } = await readOthers(sql, context.memory, around);
      const found = start === undefined ? NOTHING : lookAround({ graph, others: repositories }, start, asked);
      const page = cut(found, { shown, limit: asked.limit });
      const links = await readLinks(sql, snapshot, file.path);
      const position = {
        snapshot: snapshot.snapshot_id,
        shown: page.end,
        others: repositories.map(({ snapshotId }) => snapshotId),
      };
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
    const crossings = way === "dependents" ? crossingsIn(graph, others, { includeTests }) : crossingsOut(graph, others);
    const across = throughPackages(graph, { start, reached, crossings, depth });
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

/** Files of other repositories one edge beyond those that were reached, each once, by repository and path. */
function throughPackages(
  graph: Graph,
  {
    start,
    reached,
    crossings,
    depth,
  }: { start: number; reached: readonly Reached[]; crossings: readonly Crossing[]; depth: number },
): Found["dependents"] {
  const distances = new Map([[start, 0], ...reached.map(({ file, distance }): [number, number] => [file, distance])]);
  const nearest = new Map<string, Found["dependents"][number]>();
  for (const { file, repository, path } of crossings) {
    const distance = (distances.get(file) ?? depth) + 1;
    const key = `${repository} ${path}`;
    if (distance > depth || distance >= (nearest.get(key)?.distance ?? depth + 1)) continue;
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

const cursorPosition = z.object({ snapshot: z.int(), shown: z.int(), others: z.array(z.int()) });

async function findPlace(
  sql: OrganizationSql,
  asked: Input,
  context: OperationContext,
): Promise<{ snapshot: IndexedRef; shown: number; others: readonly number[] | undefined }> {
  if (asked.cursor === undefined) {
    const repository = await getOnlyRepository(sql, asked.repository);
    return { snapshot: await getIndexedRef(sql, repository, undefined), shown: 0, others: undefined };
  }
  const position = cursorPosition.safeParse(context.cursors.open(bindingOf(asked, context), asked.cursor));
  if (!position.success) throw refusedCursor(position.error);
  const [snapshot] = await listSnapshots(sql, [position.data.snapshot]);
  if (!snapshot) throw refusedCursor();
  return { snapshot, shown: position.data.shown, others: position.data.others };
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
