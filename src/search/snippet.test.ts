import { expect, test } from "vitest";
import { columnOf, linesOf, mergeContext, shownLine } from "./snippet.ts";

test("columns count code points from 1", () => {
  expect(columnOf("abc", 0)).toBe(1);
  expect(columnOf("äöx", 2)).toBe(3);
  expect(columnOf("😀😀x", 4)).toBe(3);
});

test("a carriage return at the end is not shown", () => {
  expect(shownLine("a\r")).toBe("a");
  expect(shownLine("a\rb")).toBe("a\rb");
});

test("a long line is cut around its match", () => {
  const line = `${"x".repeat(5000)}NEEDLE${"y".repeat(5000)}`;
  const shown = shownLine(line, 5000);
  expect(shown).toContain("NEEDLE");
  expect(shown.length).toBeLessThan(450);
  expect(shown.startsWith("…") && shown.endsWith("…")).toBe(true);
});

test("a surrogate pair is never cut in two", () => {
  const line = "😀".repeat(2000);
  for (let offset = 0; offset < 400; offset++) expect(() => encodeURIComponent(shownLine(line, offset))).not.toThrow();
});

test("nothing comes after a newline at the end", () => {
  expect(linesOf("a\nb\n")).toEqual(["a", "b"]);
  expect(linesOf("a\n\nb")).toEqual(["a", "", "b"]);
  expect(linesOf("")).toEqual([]);
});

test("a line around several matches is shown once", () => {
  const match = (line: number, before: string[], after: string[]) => ({
    line,
    column: 1,
    text: `${line}`,
    before,
    after,
  });
  expect(mergeContext([match(3, ["1", "2"], ["4", "5"])])).toEqual([match(3, ["1", "2"], ["4", "5"])]);
  expect(
    mergeContext([
      match(2, ["1"], ["3", "4"]),
      match(3, ["1", "2"], ["4", "5"]),
      match(7, ["5", "6"], ["8", "9"]),
      match(20, ["18", "19"], ["21"]),
    ]),
  ).toEqual([
    match(2, ["1"], []),
    match(3, [], ["4", "5"]),
    match(7, ["6"], ["8", "9"]),
    match(20, ["18", "19"], ["21"]),
  ]);
  expect(mergeContext([{ line: 1, column: 1, text: "1" }])).toEqual([{ line: 1, column: 1, text: "1" }]);
});
