import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePattern } from "../parse-query.ts";
import { windowOf } from "./window.ts";

function windowOfPattern(query: string) {
  return windowOf(parsePattern({ query, match: "regex", caseSensitive: true }).node);
}

test("a window stands where its characters follow one another", () => {
  const date = windowOfPattern("\\d{4}-\\d{2}-\\d{2}");
  expect(date?.find("of 2024-1-1 and 2024-01-02", 0)).toBe(16);
  expect(date?.find("of 2024-01-02", 4)).toBe(-1);
  // Beyond ASCII it may be any digit there is.
  expect(date?.find("٢٠٢٤-٠١-٠٢", 0)).toBe(0);
  expect(windowOfPattern("[0-9a-f]{40}")?.find(`x${"0a".repeat(16)}`, 0)).toBe(1);
  expect(windowOfPattern("x*[0-9]{2}(a|b)?")?.find("ab17", 0)).toBe(2);
});

test.each(["\\w+", ".{20}", "[a-z]{3,}", "x|y", "(12)?", "\\s\\w", "7"])("%s has none that is worth it", (query) => {
  expect(windowOfPattern(query)).toBeUndefined();
});

const PARTS = ["\\d", "[0-9a-f]", "[A-Z]", "[A-Z_]", "-", "[^ a-z]", ".", "\\w", "[=:]", "é", "[a-zé]"];
/** Of a line: no match goes beyond one. */
const UNITS = [..."0189afAFZ_-=: xé0011afA-"];

test("it leaves out no match, whatever is asked and wherever it is looked for", () => {
  let matched = 0;
  const item = fc.tuple(fc.constantFrom(...PARTS), fc.constantFrom("", "", "{2}", "{3}", "+", "?", "*", "{2,}"));
  const pattern = fc.array(item, { minLength: 1, maxLength: 6 }).map((items) => items.flat().join(""));
  const text = fc.array(fc.constantFrom(...UNITS), { maxLength: 200 }).map((units) => units.join(""));
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 20, maxLength: 20 }), (query, texts) => {
      const window = windowOfPattern(query);
      if (!window) return;
      for (const one of texts) {
        for (const { index, 0: match } of one.matchAll(new RegExp(query, "gu"))) {
          matched++;
          const at = window.find(one, index);
          expect(at, `${query} in ${JSON.stringify(one)}`).toBeGreaterThanOrEqual(index);
          expect(at + 2, `${query} in ${JSON.stringify(one)}`).toBeLessThanOrEqual(index + match.length);
        }
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
  expect(matched).toBeGreaterThan(250);
});
