// No text makes a reader throw or go on for ever, whatever the language: a file that is half written, broken, generated
// or no text at all still has facts that point into it.
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { loadParser } from "../indexing/parsers.ts";
import { extractFacts, parserOf } from "./extract.ts";
import type { Facts } from "./facts.ts";
import { grammarOf } from "./grammar.ts";

const SAMPLES = fileURLToPath(new URL("../../test/golden/languages/", import.meta.url));

/** A golden sample of each grammar. */
const samples = new Map<string, { path: string; text: string }>();
const entries = await readdir(SAMPLES, { recursive: true, withFileTypes: true });
for (const entry of entries) {
  const grammar = entry.isFile() && !entry.name.endsWith(".facts") ? grammarOf(entry.name) : undefined;
  if (grammar !== undefined) samples.set(grammar, { path: `${entry.parentPath}/${entry.name}`, text: "" });
}

beforeAll(async () => {
  for (const sample of samples.values()) sample.text = await readFile(sample.path, "utf8");
});

async function read(grammar: string, text: string): Promise<Facts> {
  const { path = "" } = samples.get(grammar) ?? {};
  return extractFacts(grammar, { path, text }, await loadParser(parserOf(grammar, text)));
}

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

describe.each([...samples.keys()].sort())("%s", (grammar) => {
  const sample = () => samples.get(grammar)?.text ?? "";

  test("half-typed: cut off anywhere, or with a piece missing", async () => {
    const text = sample();
    for (let part = 1; part < 24; part++) {
      const at = Math.floor((text.length * part) / 24);
      for (const broken of [text.slice(0, at), text.slice(at), text.slice(0, at) + text.slice(at + 7)])
        expectWithin(await read(grammar, broken), broken);
    }
  });

  test("conflict markers", async () => {
    const lines = sample().split("\n");
    const middle = lines.length >> 1;
    const [before, ours, after] = [
      lines.slice(0, middle - 2),
      lines.slice(middle - 2, middle + 2),
      lines.slice(middle + 2),
    ];
    const text = [...before, "<<<<<<< HEAD", ...ours, "=======", ...ours, ">>>>>>> theirs", ...after].join("\n");
    expectWithin(await read(grammar, text), text);
  });

  test("what is no text", async () => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7919 + (i >> 3)) % 256);
    for (const text of [
      Buffer.from(bytes).toString("utf8"),
      Buffer.from(sample()).toString("utf16le"),
      sample().replaceAll("e", "\ud83d"),
      `\ufeff${sample().replaceAll("\n", "\r\n")}`,
      sample().replaceAll("\n", "\r"),
      "\u0000".repeat(5000),
      "",
    ])
      expectWithin(await read(grammar, text), text);
  });

  test("deep nesting", async () => {
    for (const deep of [
      "(".repeat(20_000),
      "{".repeat(20_000),
      `${"[".repeat(5000)}1${"]".repeat(5000)}`,
      "a(".repeat(3000),
      "a.b".repeat(20_000),
      "if x { ".repeat(2000),
      "a + ".repeat(20_000),
      "<".repeat(5000),
      `"${"\\".repeat(20_001)}`,
      "class A extends ".repeat(2000),
      "def f():\n ".repeat(1000),
    ])
      expectWithin(await read(grammar, deep), deep);
  });

  test("minified megabytes and 50,000 lines", async () => {
    const minified = sample()
      .replaceAll("\n", " ")
      .repeat(Math.ceil(300_000 / (sample().length + 1)));
    const lines = sample().split("\n");
    const long = Array.from({ length: 50_000 }, (_, i) => (i % 5 === 0 ? lines[i % lines.length] : "")).join("\n");
    for (const text of [minified, long, "x".repeat(900_000), `${sample()}\n${"// comment\n".repeat(2000)}`])
      expectWithin(await read(grammar, text), text);
  }, 120_000);
});
