// Texts that no reader expects, made of a golden sample of each grammar: half written, broken, generated, or no text at all.
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { grammarOf } from "../../src/languages/grammar.ts";

const SAMPLES = fileURLToPath(new URL("../golden/languages/", import.meta.url));

/** By grammar, one of each. */
export const samples = new Map<string, { name: string; text: string }>();
for (const entry of await readdir(SAMPLES, { recursive: true, withFileTypes: true })) {
  const grammar = entry.isFile() && !entry.name.endsWith(".facts") ? grammarOf(entry.name) : undefined;
  if (grammar === undefined) continue;
  samples.set(grammar, {
    name: basename(entry.name),
    text: await readFile(join(entry.parentPath, entry.name), "utf8"),
  });
}

/** By what is wrong with them. */
export const BROKEN: Record<string, (sample: string) => string[]> = {
  "half-typed: cut off anywhere, or with a piece missing": (text) =>
    Array.from({ length: 23 }, (_, i) => Math.floor((text.length * (i + 1)) / 24)).flatMap((at) => [
      text.slice(0, at),
      text.slice(at),
      text.slice(0, at) + text.slice(at + 7),
    ]),

  "conflict markers": (text) => {
    const lines = text.split("\n");
    const middle = lines.length >> 1;
    const ours = lines.slice(middle - 2, middle + 2);
    const conflict = ["<<<<<<< HEAD", ...ours, "=======", ...ours, ">>>>>>> theirs"];
    return [[...lines.slice(0, middle - 2), ...conflict, ...lines.slice(middle + 2)].join("\n")];
  },

  "what is no text": (text) => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7919 + (i >> 3)) % 256);
    return [
      Buffer.from(bytes).toString("utf8"),
      Buffer.from(text).toString("utf16le"),
      text.replaceAll("e", "\ud83d"),
      `\ufeff${text.replaceAll("\n", "\r\n")}`,
      text.replaceAll("\n", "\r"),
      "\u0000".repeat(5000),
      "",
    ];
  },

  "deep nesting": () => [
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
  ],

  "minified megabytes and 50,000 lines": (text) => {
    const minified = text.replaceAll("\n", " ").repeat(Math.ceil(300_000 / (text.length + 1)));
    const lines = text.split("\n");
    const long = Array.from({ length: 50_000 }, (_, i) => (i % 5 === 0 ? lines[i % lines.length] : "")).join("\n");
    return [minified, long, "x".repeat(900_000), `${text}\n${"// comment\n".repeat(2000)}`];
  },
};
