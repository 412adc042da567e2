// From a plan over grams to the documents of one segment that may match. Pure.
import { groupBy } from "../platform/group-by.ts";
import type { GramPlan } from "./grams.ts";
import { bucketOf, findPostings, intersect, intersectPostings, readPostings, union, type Postings } from "./segment.ts";

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
      return NOTHING;
    case "any":
      return readAll(postingsOf(plan.grams, segment));
    case "or":
      return plan.children.reduce((found, child) => union(found, ordinalsOf(child, segment)), NOTHING);
    case "and":
      return ordinalsOfAll(plan.children, segment);
  }
}

const NOTHING: Uint32Array = new Uint32Array(0);

/** The shortest posting lists first: what they leave bounds all that follows. Alternatives come last. */
function ordinalsOfAll(plans: readonly GramPlan[], segment: OpenSegment): Uint32Array {
  const lists = plans
    .flatMap((plan) => (plan.kind === "any" ? [postingsOf(plan.grams, segment)] : []))
    .map((postings) => ({ postings, bytes: postings.reduce((sum, { start, end }) => sum + end - start, 0) }))
    .sort((a, b) => a.bytes - b.bytes);
  let found: Uint32Array | undefined;
  for (const { postings } of lists) {
    const [only, ...others] = postings;
    if (!found) found = readAll(postings);
    else if (only && others.length === 0) found = intersectPostings(found, only);
    else found = intersect(found, readAll(postings));
    if (found.length === 0) return found;
  }
  for (const plan of plans) {
    if (plan.kind === "any" || plan.kind === "all") continue;
    const ordinals = ordinalsOf(plan, segment);
    found = found ? intersect(found, ordinals) : ordinals;
    if (found.length === 0) return found;
  }
  return found ?? ordinalsOf({ kind: "all" }, segment);
}

function postingsOf(grams: readonly number[], { buckets, pages }: OpenSegment): Postings[] {
  const [only, ...others] = grams;
  if (only !== undefined && others.length === 0) return postingsOfPage(pages.get(bucketOf(only, buckets)), grams);
  return [...groupBy(grams, (gram) => bucketOf(gram, buckets))].flatMap(([bucket, members]) =>
    postingsOfPage(pages.get(bucket), members),
  );
}

function postingsOfPage(page: Buffer | undefined, grams: readonly number[]): Postings[] {
  return page ? findPostings(page, grams) : [];
}

function readAll(postings: readonly Postings[]): Uint32Array {
  return postings.reduce((found, list) => union(found, readPostings(list)), NOTHING);
}
