import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadParser } from "../indexing/parsers.ts";
import { extractFacts, parserOf } from "../languages/extract.ts";
import { NO_FACTS, type Facts, type Target } from "../languages/facts.ts";
import { grammarOf } from "../languages/grammar.ts";
import { openFacts, packFacts } from "./packed-facts.ts";

const SAMPLES = fileURLToPath(new URL("../../test/golden/languages/", import.meta.url));

/** All of them, what is opened late included; as JSON keeps it. */
function plain({ references, lambdas, ...others }: Facts): unknown {
  return JSON.parse(JSON.stringify({ ...others, references, lambdas }));
}

test("facts of every language come back as they were", async () => {
  const files = await readdir(SAMPLES, { recursive: true, withFileTypes: true });
  const samples = files.filter((entry) => entry.isFile() && !entry.name.endsWith(".facts"));
  let references = 0;
  let lambdas = 0;
  for (const { parentPath, name } of samples) {
    const path = `${parentPath}/${name}`;
    const text = await readFile(path, "utf8");
    const grammar = grammarOf(path) ?? "";
    const facts = extractFacts(grammar, { path, text }, await loadParser(parserOf(grammar, text)));
    expect(plain(openFacts(packFacts(facts))), path).toEqual(plain(facts));
    references += facts.references.length;
    lambdas += facts.lambdas?.length ?? 0;
  }
  expect(references).toBeGreaterThan(500);
  expect(lambdas).toBeGreaterThan(0);
});

test("a file may have no references, and positions may go up and down", () => {
  expect(openFacts(packFacts(NO_FACTS))).toEqual({ ...NO_FACTS, lambdas: undefined });
  const place = { column: 200, signature: "", isExported: false };
  const facts: Facts = {
    ...NO_FACTS,
    symbols: [
      { name: "b", kind: "class", line: 9, startLine: 8, endLine: 70_000, ...place },
      { name: "a", kind: "method", line: 2, startLine: 3, endLine: 3, container: 0, isStatic: true, ...place },
    ],
    isCut: true,
  };
  expect(plain(openFacts(packFacts(facts)))).toEqual(plain(facts));
});

test("targets that differ in anything stay apart", () => {
  const name = fc.constantFrom("", "a", "a b", "1 a", "f1", "{", "m1 a");
  const target: fc.Arbitrary<Target> = fc.letrec<{ target: Target }>((tie) => ({
    target: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: fc.constant("symbol" as const), symbol: fc.nat(12) }),
      fc.record({ kind: fc.constant("imported" as const), import: fc.nat(12), name }),
      fc.record({ kind: fc.constant("free" as const), name }),
      fc.record({ kind: fc.constant("free" as const), name, scopes: name }),
      fc.record({ kind: fc.constant("member" as const), object: tie("target"), name }),
      fc.record({ kind: fc.constant("instance" as const), of: tie("target") }),
    ),
  })).target;
  const reference = fc.record({
    name,
    kind: fc.constantFrom("call" as const, "read" as const),
    line: fc.integer({ min: 1, max: 100_000 }),
    column: fc.integer({ min: 1, max: 1000 }),
    target,
  });
  fc.assert(
    fc.property(fc.array(reference, { minLength: 1, maxLength: 60 }), fc.nat(60), (references, at) => {
      const enclosed = references.slice(at % references.length).map((one) => ({ ...one, enclosing: at }));
      const facts: Facts = { ...NO_FACTS, references: [...references, ...enclosed, ...references] };
      expect(plain(openFacts(packFacts(facts)))).toEqual(plain(facts));
    }),
    { numRuns: 300, seed: 1 },
  );
});
