import { expect, test } from "vitest";
import { columnOf, linesOf, shownLine } from "./snippet.ts";

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
