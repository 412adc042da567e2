// No text makes a reader throw or go on for ever, whatever the language: a file that is half written, broken, generated
// or no text at all still has facts that point into it.
import { describe, expect, test } from "vitest";
import { BROKEN, samples } from "../../test/harness/broken-texts.ts";
import { loadParser } from "../indexing/parsers.ts";
import { extractFacts, parserOf } from "./extract.ts";
import type { Facts } from "./facts.ts";

/** All that is found lies in the text, and there is no more of it than text. */
function expectWithin(facts: Facts, text: string): void {
  const lines = text.split(/\r\n?|[\n\u2028\u2029]/).length;
  const outside = [
    ...facts.symbols.filter(({ line, endLine, startLine, container }) => {
      const isWithin = 1 <= startLine && startLine <= line && line <= endLine && endLine <= lines;
      return !isWithin || (container !== undefined && !facts.symbols[container]);
    }),
    ...[...facts.references, ...facts.imports].filter(({ line, column }) => line < 1 || line > lines || column < 1),
  ];
  expect(outside).toEqual([]);
  // A component is a symbol without any text.
  expect(facts.symbols.length + facts.references.length).toBeLessThanOrEqual(text.length + 1);
}

describe.each([...samples].sort())("%s", (grammar, { name, text: sample }) => {
  test.each(Object.entries(BROKEN))("%s", async (_, broken) => {
    for (const text of broken(sample)) {
      const facts = extractFacts(grammar, { path: name, text }, await loadParser(parserOf(grammar, text)));
      expectWithin(facts, text);
    }
  });
});
