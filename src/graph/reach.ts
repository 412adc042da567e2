// Which files a file reaches, and from which it is reached. Pure.
import { isEdge, type Graph } from "./pack.ts";

export interface Reached {
  file: number;
  /** Edges on the shortest way; 1 is a neighbour. */
  distance: number;
  /** Kinds of the edge that reached it, as a mask. */
  kinds: number;
  /** The file before it on that way; undefined when that is the start. */
  via: number | undefined;
}

export interface ReachOptions {
  direction: "dependents" | "dependencies";
  depthMax: number;
  /** false neither lists test files nor goes through them. */
  includeTests: boolean;
}

/** Every file within `depthMax` edges once, at its shortest distance; nearest first, then by path. Breadth first. */
export function reach(graph: Graph, start: number, { direction, depthMax, includeTests }: ReachOptions): Reached[] {
  const seen = new Set([start]);
  const reached: Reached[] = [];
  let level: number[] = [start];
  for (let distance = 1; distance <= depthMax && level.length > 0; distance++) {
    const found: Reached[] = [];
    for (const from of level) {
      for (const neighbour of graph[direction](from)) {
        const { file, kinds } = neighbour;
        if (seen.has(file) || !isEdge(neighbour) || (!includeTests && graph.isTest(file))) continue;
        seen.add(file);
        found.push({ file, distance, kinds, via: from === start ? undefined : from });
      }
    }
    // Numbers are in the order of paths.
    found.sort((a, b) => a.file - b.file);
    reached.push(...found);
    level = found.map(({ file }) => file);
  }
  return reached;
}
