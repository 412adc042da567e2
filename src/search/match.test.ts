// Matching against the real ripgrep: the same lines, the same counts, the same first match of each line.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rgPath } from "@vscode/ripgrep";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GramPlan, planGrams } from "./grams.ts";
import { createMatcher, type TextMatches } from "./match.ts";
import { parsePattern, type Query } from "./parse-query.ts";

const SEED = Number(process.env["KOTA_SEARCH_SEED"] ?? 20_240_917);
/** Patterns of each kind; each is one process of ripgrep over all texts. */
const PATTERNS = Number(process.env["KOTA_SEARCH_PATTERNS"] ?? 350);
const TEXTS = 60;

const UNITS = [
  "a",
  "b",
  "A",
  "k",
  "K",
  "\u212a",
  "s",
  "S",
  "ſ",
  "é",
  "É",
  "e\u0301",
  "σ",
  "ς",
  "Σ",
  "İ",
  "i",
  "ı",
  "I",
];
const OTHERS = ["😀", "中", "ß", "ẞ", "_", "1", "٣", "(", ".", "-", "foo", "Foo", "bar", "x", "\u00a0", "\t", " ", " "];
const LINE_ENDS = ["\n", "\n", "\n", "\r\n", "\n\n", "\r", "\u2028"];

const CLASSES = [
  ..."[ab] [^ab] [a-z] [^a-z\\s] [A-Zk] [[:alpha:]_] [^[:^space:]] [[:^alpha:]] [[:^lower:]_] [\\w-] [^\\W] [σé] [i-ı]".split(
    " ",
  ),
  ..."[\\x{1F300}-\\x{1FFFF}] [\\s\\S] [^\\s\\S] [\\n\\t\\x20] []a] [^\\n]".split(" "),
];

const textArb = fc
  .array(fc.oneof(fc.constantFrom(...UNITS), fc.constantFrom(...OTHERS), fc.constantFrom(...LINE_ENDS)), {
    maxLength: 60,
  })
  .map((parts) => parts.join(""));

const quote = (text: string) => text.replace(/[.()[\]{}*+?|^$\\-]/g, "\\$&");

const itemArb = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...UNITS, ...OTHERS).map(quote) },
  { weight: 3, arbitrary: fc.constantFrom("\\w", "\\W", "\\d", "\\D", "\\s", "\\S", ".", ".", "\\r", "\\t", "\\x41") },
  { weight: 2, arbitrary: fc.constantFrom("\\pL", "\\PL", "\\p{Greek}", "\\p{Lu}", "\\P{Ll}", "\\x{1F600}") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...CLASSES),
  },
  { weight: 2, arbitrary: fc.constantFrom("^", "$", "\\b", "\\B", "\\z", "\\b", "$") },
);

const quantifierArb = fc.constantFrom("", "", "", ..."* + ? *? +? ?? {2} {1,3} {2,} {0,2}? {3} {0} {1,}?".split(" "));

const patternArb = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc
    .array(
      fc.array(
        fc.oneof(
          { depthSize: "small" },
          { weight: 25, arbitrary: fc.tuple(itemArb, quantifierArb).map((parts) => parts.join("")) },
          {
            weight: 5,
            arbitrary: fc
              .tuple(fc.constantFrom("(", "(?:", "(?i:", "(?-i:", "(?U:", "(?P<n>"), tie("pattern"), quantifierArb)
              .map(([open, inner, quantifier]) => `${open}${inner})${quantifier}`),
          },
          { weight: 1, arbitrary: fc.constantFrom("(?i)", "(?U)", "(?s)", "(?m)") },
        ),
        { maxLength: 4 },
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((alternatives) => alternatives.map((parts) => parts.join("")).join("|")),
})).pattern;

const regexArb = fc
  .record({ query: patternArb, caseSensitive: fc.boolean() })
  .map(({ query, caseSensitive }): Query => ({
    // Names of groups must differ.
    query: [...query.matchAll(/\(\?P<n>|[^]/gu)].map(([part], i) => (part === "(?P<n>" ? `(?P<n${i}>` : part)).join(""),
    match: "regex",
    caseSensitive,
  }));

const literalArb = fc
  .record({
    query: fc.array(fc.constantFrom(...UNITS, ...OTHERS), { minLength: 1, maxLength: 4 }),
    caseSensitive: fc.boolean(),
  })
  .map(({ query, caseSensitive }): Query => ({ query: query.join(""), match: "literal", caseSensitive }));

let folder = "";
const texts = fc.sample(textArb, { numRuns: TEXTS, seed: SEED });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kota-match-"));
  texts.forEach((text, i) => writeFileSync(join(folder, `${i}.txt`), text));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface RipgrepLine {
  type: string;
  data: {
    path: { text: string };
    lines: { text: string };
    line_number: number;
    submatches: { start: number; end: number }[];
  };
}

type Found = { matchCount: number; lines: { line: number; start: number; end: number }[] };

/** What ripgrep finds, by number of the text; undefined when it refuses the pattern. */
function askRipgrep({ query, match, caseSensitive }: Query, cwd = folder): Promise<Map<number, Found> | undefined> {
  const options = [
    "--no-config",
    "-uuu",
    "--json",
    ...(match === "literal" ? ["-F"] : []),
    ...(caseSensitive ? [] : ["-i"]),
  ];
  return new Promise((resolve, reject) => {
    execFile(rgPath, [...options, "-e", query, "."], { cwd, maxBuffer: 1 << 28 }, (error, stdout) => {
      if (error?.code === 2) resolve(undefined);
      else if (error && error.code !== 1) reject(error);
      else resolve(readRipgrep(stdout));
    });
  });
}

function readRipgrep(output: string): Map<number, Found> {
  const found = new Map<number, Found>();
  for (const row of output.split("\n").slice(0, -1)) {
    const { type, data }: RipgrepLine = JSON.parse(row);
    if (type !== "match") continue;
    const text = Number(/(\d+)\.txt$/.exec(data.path.text)?.[1]);
    const of = found.get(text) ?? { matchCount: 0, lines: [] };
    found.set(text, of);
    of.matchCount += Math.max(1, data.submatches.length);
    const bytes = Buffer.from(data.lines.text);
    const unitAt = (byte: number) => bytes.subarray(0, byte).toString().length;
    // An empty match at the end of a text without newline is not among them.
    const first = data.submatches[0] ?? { start: bytes.length, end: bytes.length };
    of.lines.push({ line: data.line_number - 1, start: unitAt(first.start), end: unitAt(first.end) });
  }
  return found;
}

function summaryOf({ matchCount, lines }: TextMatches): Found {
  return { matchCount, lines: lines.map(({ lineIndex, start, end }) => ({ line: lineIndex, start, end })) };
}

async function compare(queries: Query[]): Promise<{ refused: number; matched: number }> {
  const counts = { refused: 0, matched: 0 };
  const waiting = queries.values();
  const work = async () => {
    for (const query of waiting) {
      const theirs = await askRipgrep(query);
      if (!theirs) {
        counts.refused++;
        continue;
      }
      const pattern = parsePattern(query);
      const matcher = createMatcher(pattern);
      const plan = planGrams(pattern);
      for (const [i, text] of texts.entries()) {
        const ours = matcher.matchText(text, { linesMax: 1000 });
        const context = JSON.stringify({ query, text });
        expect(summaryOf(ours), context).toEqual(theirs.get(i) ?? { matchCount: 0, lines: [] });
        expect(ours.lineCount, context).toBe(ours.lines.length);
        if (ours.lineCount === 0) continue;
        counts.matched++;
        expect(isSatisfied(plan, gramsOf(text)), `plan of ${context}`).toBe(true);
        for (const line of ours.lines) {
          const required = matcher.requiredLiteral?.text ?? "";
          expect(text.slice(line.lineStart, line.lineEnd), context).toContain(required);
        }
      }
    }
  };
  await Promise.all([work(), work(), work()]);
  return counts;
}

function gramsOf(text: string): Set<number> {
  const bytes = Buffer.from(text);
  const grams = new Set<number>();
  for (let i = 0; i + 2 < bytes.length; i++) {
    if (!bytes.subarray(i, i + 3).includes(0x0a)) grams.add(bytes.readUIntBE(i, 3));
  }
  return grams;
}

function isSatisfied(plan: GramPlan, grams: ReadonlySet<number>): boolean {
  if (plan.kind === "any") return plan.grams.some((gram) => grams.has(gram));
  if (plan.kind === "and") return plan.children.every((child) => isSatisfied(child, grams));
  if (plan.kind === "or") return plan.children.some((child) => isSatisfied(child, grams));
  return plan.kind === "all";
}

describe("like ripgrep", () => {
  test("random regular expressions find the same lines, counts and first matches", async () => {
    const queries = fc.sample(regexArb, { numRuns: PATTERNS, seed: SEED }).filter(({ query }) => query !== "");
    const { refused, matched } = await compare(queries);
    expect(refused).toBeLessThan(queries.length / 20);
    expect(matched).toBeGreaterThan(queries.length);
  });

  test("random literals, with case and without, find the same", async () => {
    const { refused, matched } = await compare(fc.sample(literalArb, { numRuns: PATTERNS / 2, seed: SEED }));
    expect(refused).toBe(0);
    expect(matched).toBeGreaterThan(PATTERNS / 2);
  });

  test("a byte order mark is skipped: the caller strips it", async () => {
    const marked = mkdtempSync(join(tmpdir(), "kota-bom-"));
    writeFileSync(join(marked, "0.txt"), "\ufefffoo\nfoo\n");
    const theirs = await askRipgrep({ query: "^.", match: "regex", caseSensitive: true }, marked);
    rmSync(marked, { recursive: true, force: true });
    const matcher = createMatcher(parsePattern({ query: "^.", match: "regex", caseSensitive: true }));
    expect(summaryOf(matcher.matchText("foo\nfoo\n", { linesMax: 9 }))).toEqual(theirs?.get(0));
  });
});

describe("the answer", () => {
  const find = (query: string, text: string, linesMax = 100) =>
    createMatcher(parsePattern({ query, match: "regex", caseSensitive: true })).matchText(text, { linesMax });

  test("gives lines by index and offsets, and matches by offset in the line", () => {
    expect(find("b+", "a\r\n😀bb b\r\nc\nb")).toEqual({
      matchCount: 3,
      lineCount: 2,
      lines: [
        { lineIndex: 1, lineStart: 3, lineEnd: 10, start: 2, end: 4 },
        { lineIndex: 3, lineStart: 13, lineEnd: 14, start: 0, end: 1 },
      ],
    });
  });

  test.each(["foo", "fo+"])("counts all of %s and shows the first lines", (query) => {
    const { matchCount, lineCount, lines } = find(query, "foo foo\n\nfoo\nfoo", 2);
    expect({ matchCount, lineCount, indexes: lines.map(({ lineIndex }) => lineIndex) }).toEqual({
      matchCount: 4,
      lineCount: 3,
      indexes: [0, 2],
    });
    expect(find(query, "foo foo\n\nfoo\nfoo", 0)).toEqual({ matchCount: 4, lineCount: 3, lines: [] });
  });

  test("an empty text has no line", () => {
    expect(find("^", "")).toEqual({ matchCount: 0, lineCount: 0, lines: [] });
  });

  test.each<[string, string | undefined]>([
    ["\\bfoo\\w+\\(", "foo"],
    ["x?bar.*bazqux\\s+", "bazqux"],
    ["(?:ab){2}", "abab"],
    ["a|b", undefined],
    ["(?i)foo_bar", undefined],
    ["(?i:k)éé[é中]", "éé"],
    ["[中丮]é😀", "é😀"],
  ])("a line that matches %s holds %s", (query, text) => {
    const { requiredLiteral } = createMatcher(parsePattern({ query, match: "regex", caseSensitive: true }));
    expect(requiredLiteral?.text).toBe(text);
  });
});

describe("work is linear in the text", () => {
  const stepsOf = (query: string, text: string) => {
    const matcher = createMatcher(parsePattern({ query, match: "regex", caseSensitive: true }));
    matcher.matchText(text, { linesMax: 1 });
    return matcher.steps;
  };

  test.each(["(x+x+)+y", "(x*)*y", "(x|xx)+y", "x.*y|x", "(x?){50}x{50}y", "(.*)(.*)(.*)(.*)z"])(
    "%s learns nothing more from a longer line of x",
    (query) => {
      const steps = stepsOf(query, "x".repeat(20_000));
      expect(steps).toBeLessThan(20_000);
      expect(stepsOf(query, "x".repeat(500_000))).toBe(steps);
    },
  );

  test("where every position is new, a character costs at most the size of the program", () => {
    const values = fc.sample(fc.constantFrom("x", "y"), { numRuns: 10_000, seed: SEED });
    const query = "(x[xy]{100}x)+y";
    const { program } = parsePattern({ query, match: "regex", caseSensitive: true });
    const steps = (length: number) => stepsOf(query, values.slice(0, length).join(""));
    expect(steps(10_000)).toBeLessThan(10_000 * 4 * program.instructions.length);
    expect(steps(10_000)).toBeLessThan(4.4 * steps(2_500));
  });

  test("a line that would take too long is refused, and names its length", () => {
    const text = fc.sample(fc.constantFrom("x", "y"), { numRuns: 100_000, seed: SEED }).join("");
    expect(() => stepsOf("(x[xy]{900}x|y[xy]{901}y)+x", text)).toThrow(/on a line of 100000 characters/);
  });
});
