// export_graph: every edge of a repository, for other programs.
import { z } from "zod";
import { crossingsOut, pageOf, readOthers } from "../graph/across.ts";
import { listEdges, type Edge } from "../graph/list-edges.ts";
import { readGraph } from "../graph/read-graph.ts";
import { EDGE_KINDS } from "../languages/facts.ts";
import { operation } from "../operation.ts";
import { refusedCursor } from "../platform/cursor.ts";
import { EDGES_PER_PAGE } from "../repositories/limits.ts";
import { getIndexedRef, getRepository, listSnapshots } from "../repositories/store.ts";
import { cursorField, nextCursorField, repositoryField } from "./wire.ts";

const FORMATS = ["json", "dot", "mermaid"] as const;

const cursorPosition = z.object({
  snapshot: z.int(),
  file: z.int(),
  others: z.array(z.int()),
  checked: z.array(z.int()),
});

export const exportGraph = operation({
  name: "export_graph",
  title: "Export graph",
  description:
    "Give every edge between the files of a repository, as JSON or as text for Graphviz (dot) or Mermaid, a page at a time.",
  route: "GET /repositories/{repository}/graph",
  effect: "read",
  scope: "read",
  positional: "repository",
  input: z.strictObject({
    repository: repositoryField,
    format: z
      .enum(FORMATS)
      .default("json")
      .describe("json: `edges`. dot, mermaid: `text`; each page is a graph by itself."),
    cursor: cursorField.optional(),
  }),
  output: z.object({
    repository: z.string(),
    files: z.int().describe("Files in the graph, all pages together."),
    edges: z
      .array(
        z.object({
          from: z.string(),
          to: z.string(),
          kinds: z.array(z.enum(EDGE_KINDS)),
          to_repository: z.string().optional(),
        }),
      )
      .optional(),
    text: z.string().optional(),
    next_cursor: nextCursorField,
  }),
  async handle({ repository: name, format, cursor }, { db, caller, cursors, memory }) {
    const binding = { organizationId: caller.organizationId, operation: "export_graph", input: { name, format } };
    const position = cursor === undefined ? undefined : cursorPosition.safeParse(cursors.open(binding, cursor));
    if (position && !position.success) throw refusedCursor(position.error);
    return db(async (sql) => {
      const snapshot = position
        ? (await listSnapshots(sql, [position.data.snapshot]))[0]
        : await getIndexedRef(sql, await getRepository(sql, name), undefined);
      if (!snapshot) throw refusedCursor();
      const { snapshot_id: snapshotId } = snapshot;
      const { graph, isChecked } = await readGraph(sql, memory, { snapshotId, checked: position?.data.checked });
      const { others } = await readOthers(sql, memory, { graph, snapshotId, page: position?.data });
      const around = { graph, crossings: crossingsOut(graph, others) };
      const from = { file: position?.data.file ?? 0, edgesMin: EDGES_PER_PAGE };
      const { edges, nextFile } = listEdges(around, from);
      const next = { snapshot: snapshotId, file: nextFile, ...pageOf({ snapshotId, isChecked }, others) };
      return {
        repository: snapshot.repository,
        files: graph.paths.length,
        ...(format === "json" ? { edges } : { text: format === "dot" ? toDot(edges) : toMermaid(edges) }),
        next_cursor: nextFile < graph.paths.length ? cursors.seal(binding, next) : null,
      };
    });
  },
});

/** A file of another repository is named with it. */
function targetOf({ to, to_repository: repository }: Edge): string {
  return repository === undefined ? to : `${repository}:${to}`;
}

function toDot(edges: readonly Edge[]): string {
  const lines = edges.map(
    (edge) => `  ${quoted(edge.from)} -> ${quoted(targetOf(edge))} [label=${quoted(edge.kinds.join(", "))}];`,
  );
  return ["digraph {", "  rankdir=LR;", "  node [shape=box];", ...lines, "}", ""].join("\n");
}

const quoted = (text: string) => `"${text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`;

/** Mermaid takes few characters in an id, so files are numbered and labelled. */
function toMermaid(edges: readonly Edge[]): string {
  const ids = new Map<string, string>();
  const idOf = (path: string) => {
    const known = ids.get(path);
    if (known !== undefined) return known;
    const id = `f${ids.size}`;
    ids.set(path, id);
    return id;
  };
  const arrows = edges.map((edge) => `  ${idOf(edge.from)} --> ${idOf(targetOf(edge))}`);
  const labels = [...ids].map(
    ([path, id]) => `  ${id}["${path.replace(/["#]/g, (char) => `#${char.charCodeAt(0)};`)}"]`,
  );
  return ["graph LR", ...labels, ...arrows, ""].join("\n");
}
