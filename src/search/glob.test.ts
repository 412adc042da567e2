import { expect, test } from "vitest";
import { AppError } from "../errors.ts";
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

test("an open bracket or brace is the caller's mistake", () => {
  for (const glob of ["src/[a", "{a,b"]) expect(() => parsePathFilter(glob)).toThrow(AppError);
});
