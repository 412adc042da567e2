// The edges of a graph in the order of paths, a page at a time. Pure.
import type { EdgeKind } from "../languages/facts.ts";
import { groupBy } from "../platform/group-by.ts";
import type { Crossing } from "./across.ts";
import { isEdge, kindsOf, type Graph } from "./pack.ts";

export interface Edge {
  from: string;
  to: string;
  kinds: EdgeKind[];
  to_repository?: string;
}

/** Edges by path from `file` on, of whole files: at least `edgesMin` unless there are no more. `nextFile`: where the next page begins. */
export function listEdges(
  { graph, crossings }: { graph: Graph; crossings: readonly Crossing[] },
  { file, edgesMin }: { file: number; edgesMin: number },
): { edges: Edge[]; nextFile: number } {
  const edges: Edge[] = [];
  const across = groupBy(crossings, (crossing) => crossing.file);
  let number = file;
  for (; number < graph.paths.length && edges.length < edgesMin; number++) {
    for (const neighbour of graph.dependencies(number)) {
      if (isEdge(neighbour))
        edges.push({
          from: graph.paths[number] ?? "",
          to: graph.paths[neighbour.file] ?? "",
          kinds: kindsOf(neighbour.kinds),
        });
    }
    for (const { path, repository } of across.get(number) ?? [])
      edges.push({ from: graph.paths[number] ?? "", to: path, kinds: ["package"], to_repository: repository });
  }
  return { edges, nextFile: number };
}
