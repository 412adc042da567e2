import { expect, test } from "vitest";
import { invalidInput } from "../errors.ts";
import { globToRegex, parsePathFilter } from "./glob.ts";

function check(glob: string, { matches = [], misses = [] }: { matches?: string[]; misses?: string[] }): void {
  const regex = new RegExp(globToRegex(glob), "s");
  for (const path of matches) expect(regex.test(path), `${glob} ~ ${path}`).toBe(true);
  for (const path of misses) expect(regex.test(path), `${glob} !~ ${path}`).toBe(false);
}

test("a glob without a slash matches at any depth", () => {
  check("*.ts", { matches: ["a.ts", "src/deep/a.ts"], misses: ["a.tsx", "ats", "src/a.js"] });
  check("README.md", { matches: ["README.md", "docs/README.md"], misses: ["README.mdx", "xREADME.md"] });
});

test("a glob with a slash is anchored at the root", () => {
  check("src/*.ts", { matches: ["src/a.ts"], misses: ["src/deep/a.ts", "lib/src/a.ts"] });
  check("/a.ts", { matches: ["a.ts"], misses: ["src/a.ts"] });
});

test("two stars cross folders, also none", () => {
  check("src/**/*.ts", { matches: ["src/a.ts", "src/x/y/a.ts"], misses: ["a.ts"] });
  check("**/test/**", { matches: ["test/a", "x/test/y/a"], misses: ["testing/a"] });
});

test("a folder means everything below it", () => {
  check("src", { matches: ["src/a.ts", "lib/src/b.ts", "src"], misses: ["srcs/a.ts"] });
  check("src/lib/", { matches: ["src/lib/a.ts"], misses: ["src/library.ts"] });
});

test("braces, brackets and question marks choose", () => {
  check("*.{ts,tsx}", { matches: ["a.ts", "a.tsx"], misses: ["a.js"] });
  check("a[0-9]?.c", { matches: ["a1x.c"], misses: ["ax1.c", "a1.c", "a1/.c"] });
  check("[!a]b", { matches: ["cb"], misses: ["ab"] });
});

test("characters of expressions are plain characters of paths", () => {
  check("a+(b)|c$.txt", { matches: ["a+(b)|c$.txt"], misses: ["aab.txt"] });
  check("\\*.md", { matches: ["*.md"], misses: ["a.md"] });
  check("odd\nname", { matches: ["odd\nname"] });
});

test("several globs include, an exclamation mark excludes", () => {
  const { include, exclude } = parsePathFilter("  src/**  *.md !**/*.test.ts ");
  expect(include).toHaveLength(2);
  expect(exclude).toHaveLength(1);
});

test("brackets choose as in .gitignore, whatever stands in them", () => {
  check("[a-c-e]", { matches: ["a", "b", "-", "e"], misses: ["d"] });
  check("[]-]x", { matches: ["]x", "-x"], misses: ["ax"] });
  check("[!]a]x", { matches: ["bx"], misses: ["]x", "ax"] });
  check("[\\]\\d]x", { matches: ["]x", "dx"], misses: ["1x", "\\x"] });
  check("[[:x]", { matches: ["[", ":", "x"], misses: ["y"] });
});

test("brackets of a path stand for themselves too", () => {
  check("app/[id]/page.tsx", { matches: ["app/[id]/page.tsx", "app/i/page.tsx"], misses: ["app/id/page.tsx"] });
  check("app/[[...slug]]/*.tsx", { matches: ["app/[[...slug]]/a.tsx"], misses: ["app/slug/a.tsx"] });
  check("[id].ts", { matches: ["deep/[id].ts"] });
});

test("a dot or a slash alone is the whole tree", () => {
  for (const glob of [".", "./", "/"]) check(glob, { matches: ["a.ts", "deep/.hidden/b"] });
});

test("a backslash makes a blank part of a path", () => {
  const { include, exclude } = parsePathFilter("my\\ folder/*.ts !a\\ b\\  x");
  expect(include).toEqual([globToRegex("my folder/*.ts"), globToRegex("x")]);
  expect(exclude).toEqual([globToRegex("a b ")]);
});

test("an open bracket or brace and a range backwards are the caller's mistakes", () => {
  for (const [glob, message] of [
    ["src/[a", "the bracket at character 5 of 'src/[a' does not close"],
    ["[]", "the bracket at character 1 of '[]' does not close"],
    ["{a,b", "a brace of '{a,b' does not close"],
    ["x[z-a].ts", "the range 'z-a' in the bracket at character 2 of 'x[z-a].ts' runs backwards"],
  ] as const)
    expect(() => parsePathFilter(glob), glob).toThrow(invalidInput("path", message));
});
