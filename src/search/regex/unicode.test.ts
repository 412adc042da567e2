// Classes and folding are compared with ripgrep in match.test.ts; here is what random patterns seldom reach.
import { expect, test } from "vitest";
import { contains, countOf, membersOf } from "./code-points.ts";
import { findProperty, foldCase, spaceChars } from "./unicode.ts";

const folded = (char: string) =>
  membersOf(foldCase([char.codePointAt(0) ?? 0, char.codePointAt(0) ?? 0]))
    .map((codePoint) => String.fromCodePoint(codePoint))
    .join("");

test.each([
  ["k", "Kk\u212a"],
  ["\u212a", "Kk\u212a"],
  ["s", "Ssſ"],
  ["ſ", "Ssſ"],
  ["σ", "Σςσ"],
  ["ß", "ßẞ"],
  ["İ", "İ"],
  ["ı", "ı"],
  ["ǅ", "Ǆǅǆ"],
  ["ﬅ", "ﬅﬆ"],
  ["𐐀", "𐐀𐐨"],
  ["1", "1"],
])("%s folds with %s", (char, orbit) => {
  expect(folded(char)).toBe(orbit);
});

test("a class reaches all planes", () => {
  const isIn = (name: string, codePoint: number) => contains(findProperty(name) ?? [], codePoint);
  expect([0xe000, 0xf0000, 0x10fffd].every((codePoint) => isIn("Co", codePoint))).toBe(true);
  expect([0xffff, 0x50000, 0xffffe, 0x10ffff].every((codePoint) => isIn("Cn", codePoint))).toBe(true);
  expect(isIn("Han", 0x20000)).toBe(true);
  expect(countOf(spaceChars())).toBe(25);
});

test("there are general categories, scripts and binary properties, spelled as in Unicode", () => {
  for (const name of ["Lu", "Greek", "Grek", "Alphabetic"]) expect(findProperty(name)).toBeDefined();
  for (const name of ["Nope", "greek", "Script=Greek", ""]) expect(findProperty(name)).toBeUndefined();
});
