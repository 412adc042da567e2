// From a plan over grams to the documents of one segment that may match. Pure.
import { groupBy } from "../platform/group-by.ts";
import { foldGram, type GramPlan } from "./grams.ts";
import { bucketOf, intersect, readPostings, union } from "./segment.ts";

/** A segment as far as its pages were read: those that the plan's grams need. */
export interface OpenSegment {
  documents: number;
  buckets: number;
  pages: ReadonlyMap<number, Buffer>;
}

/** The pages that hold `grams`, each once. */
export function bucketsOf(grams: readonly number[], buckets: number): Set<number> {
  return new Set(grams.map((gram) => bucketOf(gram, buckets)));
}

/** Every gram the plan asks for. */
export function gramsOf(plan: GramPlan): number[] {
  if (plan.kind === "any") return plan.grams;
  if (plan.kind === "and" || plan.kind === "or") return plan.children.flatMap(gramsOf);
  return [];
}

/** Ordinals of the documents that satisfy the plan, ascending. */
export function ordinalsOf(plan: GramPlan, segment: OpenSegment): Uint32Array {
  switch (plan.kind) {
    case "all":
      return Uint32Array.from({ length: segment.documents }, (_, ordinal) => ordinal);
    case "none":
      return new Uint32Array(0);
    case "any":
      return postingsOf(plan.grams, segment);
    case "or":
      return plan.children.map((child) => ordinalsOf(child, segment)).reduce(union, new Uint32Array(0));
    case "and":
      return (
        intersectAll(
          plan.children.filter((child) => child.kind !== "all").map((child) => ordinalsOf(child, segment)),
        ) ?? ordinalsOf({ kind: "all" }, segment)
      );
  }
}

/** The shortest first: what it leaves bounds all that follows. */
function intersectAll(lists: Uint32Array[]): Uint32Array | undefined {
  const [first, ...others] = lists.sort((a, b) => a.length - b.length);
  return first && others.reduce(intersect, first);
}

function postingsOf(grams: readonly number[], { buckets, pages }: OpenSegment): Uint32Array {
  const byFold = groupBy(grams, foldGram);
  let found: Uint32Array = new Uint32Array(0);
  for (const [folded, members] of byFold) {
    const page = pages.get(bucketOf(folded, buckets));
    if (page) found = union(found, readPostings(page, members));
  }
  return found;
}
