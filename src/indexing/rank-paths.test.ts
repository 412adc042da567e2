import { expect, test } from "vitest";
import { rankPaths } from "./rank-paths.ts";

test("what a reader most likely wants comes first", () => {
  const ranked = [
    "src/a.ts",
    "src/deep/er/b.ts",
    "README.md",
    "src/a.test.ts",
    "package-lock.json",
    "docs/guide.md",
    "index.ts",
  ];
  expect(rankPaths([...ranked].reverse())).toEqual([
    "index.ts",
    "src/a.ts",
    "src/deep/er/b.ts",
    "README.md",
    "docs/guide.md",
    "src/a.test.ts",
    "package-lock.json",
  ]);
});

test("the order does not depend on the order of asking", () => {
  const paths = ["b.ts", "a.ts", "c/a.ts", "c/b.ts"];
  expect(rankPaths(paths)).toEqual(rankPaths([...paths].reverse()));
});
