// The elementary cycles through one file: closed ways that visit no other file twice. Pure.
import { CYCLE_STEPS_MAX, CYCLES_MAX } from "./limits.ts";
import { isEdge, type Graph } from "./pack.ts";

export interface Cycles {
  /** Each once, written from the file without repeating it at the end; shortest first, then by path. */
  cycles: number[][];
  /** There are, or may be, more than CYCLES_MAX. */
  isTruncated: boolean;
}

/**
 * Deepening by one edge at a time, so that the shortest come first. A way is followed only while the start can still
 * be reached within the length at hand, which leaves no dead ends but those that would visit a file twice. Stops
 * after CYCLE_STEPS_MAX steps: the number of elementary cycles grows exponentially with the size of a component.
 */
export function cyclesThrough(graph: Graph, start: number): Cycles {
  const back = distancesTo(graph, start);
  const cycles: number[][] = [];
  let steps = 0;
  let isSpent = false;
  for (let length = 2; length <= back.size && cycles.length <= CYCLES_MAX && !isSpent; length++) {
    const way = [start];
    const onWay = new Set(way);
    const pending = [nextOn(graph, { from: start, back, left: length - 1 })];
    while (pending.length > 0 && cycles.length <= CYCLES_MAX) {
      if (++steps > CYCLE_STEPS_MAX) {
        isSpent = true;
        break;
      }
      const next = pending.at(-1)?.pop();
      if (next === undefined) {
        pending.pop();
        onWay.delete(way.pop() ?? start);
        continue;
      }
      if (onWay.has(next)) continue;
      if (way.length === length - 1) {
        // The last file of a cycle of this length: it must lead straight back.
        if (back.get(next) === 1) cycles.push([...way, next]);
        continue;
      }
      way.push(next);
      onWay.add(next);
      pending.push(nextOn(graph, { from: next, back, left: length - way.length }));
    }
  }
  return { cycles: cycles.slice(0, CYCLES_MAX), isTruncated: isSpent || cycles.length > CYCLES_MAX };
}

/** Neighbours from which the start is at most `left` edges away, the first by path last: they are popped. */
function nextOn(
  graph: Graph,
  { from, back, left }: { from: number; back: ReadonlyMap<number, number>; left: number },
): number[] {
  return graph
    .dependencies(from)
    .filter((neighbour) => isEdge(neighbour) && (back.get(neighbour.file) ?? Infinity) <= left)
    .map(({ file }) => file)
    .reverse();
}

/** Edges from each file to `start`, for the files of its strongly connected component, the start with 0. */
function distancesTo(graph: Graph, start: number): Map<number, number> {
  const forward = new Set([start]);
  for (const file of forward) {
    for (const neighbour of graph.dependencies(file)) if (isEdge(neighbour)) forward.add(neighbour.file);
  }
  const distances = new Map([[start, 0]]);
  for (const [file, distance] of distances) {
    for (const neighbour of graph.dependents(file)) {
      if (isEdge(neighbour) && forward.has(neighbour.file) && !distances.has(neighbour.file))
        distances.set(neighbour.file, distance + 1);
    }
  }
  return distances;
}
