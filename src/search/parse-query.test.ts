import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { planGrams } from "./grams.ts";
import { createMatcher } from "./match.ts";
import { parsePattern, type Query } from "./parse-query.ts";

function problemOf(query: Query): string | undefined {
  try {
    createMatcher(parsePattern(query)).matchText("some text\n", { linesMax: 1 });
    planGrams(parsePattern(query));
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid_input") return error.message;
    throw error;
  }
}

const regex = (query: string): Query => ({ query, match: "regex", caseSensitive: true });

describe("what is refused", () => {
  const REFUSED: [query: string, named: string, offset: number][] = [
    ["a(?=b)", "look-ahead", 1],
    ["a(?!b)", "negative look-ahead", 1],
    ["(?<=b)a", "look-behind", 0],
    ["(?<!b)a", "negative look-behind", 0],
    ["x(?>a)", "atomic group", 1],
    ["(?|a|b)", "branch reset", 0],
    ["(?#note)a", "comment", 0],
    ["(?(1)a|b)", "condition", 0],
    ["(a)(?P=n)", "back-reference", 3],
    ["(?R)", "recursion", 0],
    ["(?1)", "recursion", 0],
    ["(a)\\1", "back-reference \\1", 3],
    ["(a)\\9", "back-reference \\9", 3],
    ["\\k<n>", "back-reference", 0],
    ["a\\C", "\\C", 1],
    ["\\Ga", "\\G", 0],
    ["a\\K", "\\K", 1],
    ["\\X", "\\X", 0],
    ["\\R", "\\R", 0],
    ["\\h", "\\h", 0],
    ["a\\Z", "\\Z", 1],
    ["\\u0041", "\\u", 0],
    ["\\<a", "\\<", 0],
    ["a\\>", "\\>", 1],
    ["\\b{start}a", "\\b{start}", 0],
    ["\\b{end-half}a", "\\b{end-half}", 0],
    ["\\y", "escape \\y", 0],
    ["a\\E", "\\E", 1],
    ["a++", "possessive", 2],
    ["a*+", "possessive", 2],
    ["a{2}+", "possessive", 4],
    ["a**", "quantifier of a quantifier", 2],
    ["a{2}{3}", "quantifier of a quantifier", 4],
    ["*a", "nothing to repeat", 0],
    ["a|*", "nothing to repeat", 2],
    ["(+)", "nothing to repeat", 1],
    ["(?i)*", "nothing to repeat", 4],
    ["é{2,1}", "backwards", 1],
    ["a{1001}", "too large", 1],
    ["a{2,99999999999}", "too large", 1],
    ["a{ 2 }", "{ 2 }", 1],
    ["(a", "not closed", 0],
    ["a)", "no ( for this", 1],
    ["(?:a", "not closed", 0],
    ["(?x)a", "(?x)", 0],
    ["(?u)a", "(?u)", 0],
    ["(?R:a)", "recursion", 0],
    ["(?)a", "(?", 0],
    ["(?-)a", "(?", 0],
    ["(?i-)a", "(?", 0],
    ["(?P<a.b>c)", "'a.b'", 0],
    ["(?P<a>b)(?P<a>c)", "two groups", 8],
    ["a\\", "single \\", 1],
    ["[a", "not closed", 0],
    ["[]", "not closed", 0],
    ["[^]", "not closed", 0],
    ["[z-a]", "backwards", 1],
    ["[a-\\d]", "end a range", 1],
    ["[]-a]", "cannot begin with ]", 1],
    ["[a[b]]", "nested classes", 2],
    ["[[:nope:]]", "[:nope:]", 1],
    ["[a&&b]", "&&", 2],
    ["[a--b]", "--", 2],
    ["[a~~b]", "~~", 2],
    ["[\\b]", "\\b", 1],
    ["\\pX", "\\p{X}", 0],
    ["\\p{Nope}", "\\p{Nope}", 0],
    ["\\p{", "\\p", 0],
    ["\\x{110000}", "\\x{110000}", 0],
    ["\\x{D800}", "\\x{D800}", 0],
    ["\\x4", "\\x", 0],
    ["a\\n", "\\n", 1],
    ["a\\x0A", "\\x0A", 1],
    ["a\\012", "\\012", 1],
    ["a[\\n]", "\\n", 1],
    ["a\nb", "newline", 1],
    ["(".repeat(251) + ")".repeat(251), "nested too deeply", 250],
  ];

  test.each(REFUSED)("%j names what it is and where", (query, named, offset) => {
    const problem = problemOf(regex(query));
    expect(problem).toContain(named);
    expect(problem).toContain(`at character offset ${offset})`);
  });

  test("a newline in a literal", () => {
    expect(problemOf({ query: "é\r\nb", match: "literal", caseSensitive: true })).toContain(
      "newline (at character offset 2)",
    );
  });

  test("a pattern that grows too large", () => {
    expect(problemOf(regex("(((a{1000}){1000}){1000}){1000}"))).toContain("too large");
    expect(problemOf(regex("((((|){1000}){1000}){1000}){1000}"))).toBeUndefined();
  });
});

describe("what is read as RE2 does", () => {
  const same = (query: string, text: string, expected: string[]) => {
    const { lines } = createMatcher(parsePattern(regex(query))).matchText(text, { linesMax: 100 });
    expect(lines.map(({ lineStart, start, end }) => text.slice(lineStart + start, lineStart + end))).toEqual(expected);
  };

  test.each<[string, string, string[]]>([
    ["\\Qa.b*\\E+", "a.b**\n", ["a.b**"]],
    ["\\Q[x", "a[xb", ["[x"]],
    ["\\101\\x{42}\\x43\\07?", "xABC", ["ABC"]],
    ["interface{}", "an interface{} b", ["interface{}"]],
    ["a{,2}", "aa a{,2}", ["a{,2}"]],
    ["f\\(.*{", "f(x) {", ["f(x) {"]],
    ["\\p{^Greek}\\P{^Greek}", "aα", ["aα"]],
    ["[\\d-z]+", "a1-z", ["1-z"]],
    ["[[:^alpha:]]+", "ab12", ["12"]],
    ["(?<name>a)(?P<other>b)", "ab", ["ab"]],
    ["(?U)a+", "aaa", ["a"]],
    ["(?U)a+?", "aaa", ["aaa"]],
    ["a]}", "a]}", ["a]}"]],
    ["\\_\\-\\/\\'", "_-/'", ["_-/'"]],
    ["[[:word:]]+\\z", "é_a1", ["_a1"]],
    ["\\A\\w+", "ab\ncd", ["ab", "cd"]],
    ["a(?i)b|C", "aB\nc", ["aB", "c"]],
    ["a(?i:b)c", "aBc\naBC", ["aBc"]],
  ])("%j", same);
});

test("every query is parsed, planned and matched, or refused as invalid_input", () => {
  const parts = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "*",
    "+",
    "?",
    "|",
    "\\",
    "^",
    "$",
    ".",
    "-",
    ":",
    "(?",
    "(?i)",
    "a",
    "1",
    ",",
  ];
  const more = [
    "\\p{",
    "\\pL",
    "\\x{",
    "\\Q",
    "\\E",
    "[[:alpha:]",
    "[[:constructor:]]",
    "&&",
    "😀",
    "\ud800",
    "\udc00",
    "\u0000",
    "K",
    "{2,3}",
    "(?:",
    "x{9}",
  ];
  const query = fc.oneof(
    fc.array(fc.constantFrom(...parts, ...more), { minLength: 1, maxLength: 60 }).map((all) => all.join("")),
    fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1000 }),
  );
  const match = fc.constantFrom<Query["match"]>("literal", "regex");
  const any = fc.record({ query, match, caseSensitive: fc.boolean() });
  fc.assert(
    fc.property(any, (query) => void problemOf(query)),
    { numRuns: 3000, seed: 1 },
  );
});

test("the worst queries of 1000 characters neither overflow the stack nor run away", () => {
  const repeated = (part: string, end = "") => part.repeat(Math.floor((1000 - end.length) / part.length)) + end;
  const nested = (open: string, close: string, depth: number) => open.repeat(depth) + "a" + close.repeat(depth);
  const worst = [
    ...[
      "(",
      "[",
      "\\Q",
      "a|",
      "(a|",
      "(?i)",
      "a?",
      "(a*)*",
      "\\w",
      "[^a]",
      ".{9}",
      "\\pL\\pN",
      "|",
      "(?:",
      "()",
      "^$\\b",
    ].map((part) => repeated(part)),
    nested("(", ")*", 249),
    nested("(?:", "{2}", 199),
    nested("(?:", "{0,3}", 150),
    nested("(?:", "|b)?", 140),
    nested("(?:k|", ")", 200),
    nested("(?:(?:", "){4})", 110),
    nested("(", "?){1000}", 60),
    `(?i)${repeated("[ks]{9}").slice(0, 990)}`,
    repeated("[ab]?"),
    repeated("(ab|c)?"),
    repeated("(?:a|b|c)"),
  ];
  for (const query of worst) {
    for (const caseSensitive of [true, false])
      problemOf({ query: query.slice(0, 1000), match: "regex", caseSensitive });
  }
});

describe("docs/search.md", () => {
  const text = readFileSync(new URL("../../docs/search.md", import.meta.url), "utf8");
  const table = (heading: string) => {
    const rows = text
      .slice(text.indexOf(`| ${heading} |`))
      .split("\n")
      .slice(2);
    const first = rows.slice(0, rows.indexOf("")).map((row) => row.split(/(?<!\\)\|/)[1] ?? "");
    return first.flatMap((cell) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, shown = ""]) => shown.replaceAll("\\|", "|")),
    );
  };

  test("every expression that it says is understood is", () => {
    const written = table("written");
    expect(written.length).toBeGreaterThan(40);
    for (const query of written) expect(problemOf(regex(query)), query).toBeUndefined();
  });

  test("every expression that it says is refused is, with its place", () => {
    const refused = table("refused");
    expect(refused.length).toBeGreaterThan(30);
    for (const query of refused) expect(problemOf(regex(query)), query).toMatch(/character offset \d/);
  });
});
