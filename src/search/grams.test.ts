import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type GramPlan, foldGram, planGrams } from "./grams.ts";
import { PLAN_LEAVES_MAX, PLAN_PAGES_MAX, PLAN_POSITIONS_MAX, PLAN_SPELLINGS_MAX } from "./limits.ts";
import { createMatcher } from "./match.ts";
import { parsePattern, type Query } from "./parse-query.ts";

const regex = (query: string): Query => ({ query, match: "regex", caseSensitive: true });
const literal = (query: string): Query => ({ query, match: "literal", caseSensitive: true });

/** The plan for people: `foo & (bar | baz/qux)`, a `/` between the spellings of one position. */
function show(plan: GramPlan): string {
  if (plan.kind === "any") return plan.grams.map(spellingOf).join("/");
  if (plan.kind === "and")
    return plan.children.map((child) => (child.kind === "or" ? `(${show(child)})` : show(child))).join(" & ");
  if (plan.kind === "or") return plan.children.map(show).join(" | ");
  return plan.kind;
}

function spellingOf(gram: number): string {
  const bytes = Buffer.of(gram >>> 16, (gram >>> 8) & 0xff, gram & 0xff);
  return bytes.every((byte) => byte < 0x80) ? bytes.toString() : bytes.toString("hex");
}

describe("the plan of", () => {
  test.each<[Query, string]>([
    [literal("fo"), "all"],
    [literal("foo"), "foo"],
    [literal("foo("), "foo & oo("],
    [literal("é1"), "c3a931"],
    [literal("中"), "e4b8ad"],
    [{ ...literal("A1b"), caseSensitive: false }, "A1B/A1b/a1B/a1b"],
    // The Kelvin sign is three bytes, which are a gram of their own.
    [{ ...literal("k12"), caseSensitive: false }, "K12/k12/e284aa & K12/k12/aa3132"],
    [{ ...literal("жя"), caseSensitive: false }, "d096d0/d096d1/d0b6d0/d0b6d1 & 96d0af/96d18f/b6d0af/b6d18f"],
    [regex("foo|bar"), "bar/foo"],
    [regex("function|const"), "con/fun & ion/nst & (fun & unc & nct & cti & tio & ion | con & ons & nst)"],
    [regex("a(b|c)d"), "abd/acd"],
    [regex("colou?r"), "col & olo & lor/lou & lor/our"],
    [regex("foo.*bar"), "foo & bar"],
    [regex("foo\\b\\.bar"), "foo & oo. & o.b & .ba & bar"],
    [regex("(foo)+"), "foo"],
    [regex("(foo)*bar|baz"), "bar | baz"],
    [regex("(foo)?"), "all"],
    [regex("a{3,}"), "aaa"],
    [regex("\\w+\\s"), "all"],
    [regex("abc|"), "all"],
    [regex("[^\\s\\S]"), "none"],
    [regex("abc[^\\s\\S]"), "none"],
    [regex("abc|d[^\\s\\S]"), "abc"],
    [literal("a\ud800"), "none"],
    [literal("abc\u0000"), "none"],
  ])("%j", (query, plan) => {
    expect(show(planGrams(parsePattern(query)))).toBe(plan);
  });
});

describe("bounds", () => {
  test("a long literal asks for grams all along it", () => {
    const query = "The quick brown fox jumps over the lazy dog, and then it walks home again to sleep";
    const plan = planGrams(parsePattern(literal(query)));
    const places = leavesOf(plan).map(({ grams }) => query.indexOf(spellingOf(grams[0] ?? 0)));
    expect(places).toHaveLength(PLAN_POSITIONS_MAX);
    expect(Math.max(...places)).toBeGreaterThan(query.length - 12);
  });

  test("case folds into grams of the same page, but for the few letters that fold out of ASCII", () => {
    const plan = planGrams(parsePattern({ query: "createServer", match: "literal", caseSensitive: false }));
    for (const { grams } of leavesOf(plan)) expect(new Set(grams.map(foldGram)).size).toBeLessThanOrEqual(3);
  });

  test.each([
    Array.from({ length: 250 }, (_, i) => i.toString(36).padStart(3, "z")).join("|"),
    Array.from({ length: 60 }, (_, i) => `alternative${i}`).join("|"),
    `${Array.from({ length: 60 }, (_, i) => `some${i}text.*`).join("|")}|last`,
    "(?:abc.*|def.*|ghi.*|jkl.*)".repeat(37),
    "(?i)[ks]{9}[ks]{9}[ks]{9}",
    "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "(?:a?b?c?d?){9}xyz",
  ])("%j has a small plan", (query) => {
    const leaves = leavesOf(planGrams(parsePattern(regex(query))));
    expect(leaves.length).toBeLessThanOrEqual(PLAN_LEAVES_MAX);
    for (const { grams } of leaves) {
      expect(grams.length).toBeLessThanOrEqual(PLAN_SPELLINGS_MAX);
      expect(new Set(grams.map(foldGram)).size).toBeLessThanOrEqual(PLAN_PAGES_MAX);
    }
  });
});

// Patterns made from a piece of the text, so that most match and have grams; match.test.ts has arbitrary ones.
test("every text that has a match satisfies the plan", () => {
  const runArb = fc.record({
    char: fc.constantFrom(..."aKksSſéÉσς中😀_1(. \u212aßẞiİ"),
    times: fc.integer({ min: 1, max: 3 }),
  });
  const quote = (char: string) => char.replace(/[.()]/, "\\$&");
  const disguises: ((char: string, times: number) => string)[] = [
    (char, times) => quote(char).repeat(times),
    (char, times) => quote(char).repeat(times),
    (char) => `${quote(char)}+`,
    (char) => `${quote(char)}{1,3}`,
    (char) => `${quote(char)}{2,}`,
    (char) => `(?:${quote(char)}|longer one)+`,
    (char, times) => `[${char}xy]`.repeat(times),
    (char, times) => `${quote(char)}?`.repeat(times),
    (char, times) => `(?i:${quote(char)})`.repeat(times),
    (char, times) => `(?:foo|${quote(char)})`.repeat(times),
    (_, times) => `.{${times}}`,
    () => "\\S*?",
    (char, times) => `(?:\\B|${quote(char)}){${times}}`,
  ];
  const disguisedArb = fc.record({ run: runArb, disguise: fc.constantFrom(...disguises) });
  let constrained = 0;
  const property = fc.property(
    fc.array(disguisedArb, { minLength: 3, maxLength: 20 }),
    fc.boolean(),
    (all, caseSensitive) => {
      const text = all.map(({ run }) => run.char.repeat(run.times)).join("");
      const query = all
        .slice(1, -1)
        .map(({ run, disguise }) => disguise(run.char, run.times))
        .join("");
      const pattern = parsePattern({ query, match: "regex", caseSensitive });
      if (createMatcher(pattern).matchText(text, { linesMax: 1 }).lineCount === 0) return;
      const plan = planGrams(pattern);
      if (plan.kind !== "all") constrained++;
      expect(isSatisfied(plan, Buffer.from(text)), `${query} in ${text}: ${show(plan)}`).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 4000, seed: 1 });
  expect(constrained).toBeGreaterThan(500);
});

function leavesOf(plan: GramPlan): { grams: number[] }[] {
  if (plan.kind === "any") return [plan];
  return "children" in plan ? plan.children.flatMap(leavesOf) : [];
}

function isSatisfied(plan: GramPlan, bytes: Buffer): boolean {
  if (plan.kind === "any")
    return plan.grams.some((gram) => bytes.includes(Buffer.of(gram >>> 16, (gram >>> 8) & 0xff, gram & 0xff)));
  if (plan.kind === "and") return plan.children.every((child) => isSatisfied(child, bytes));
  if (plan.kind === "or") return plan.children.some((child) => isSatisfied(child, bytes));
  return plan.kind === "all";
}
