import fc from "fast-check";
import { expect, test } from "vitest";
import { factsOf } from "../../test/harness/linked-tree.ts";

const facts = (text: string, path = "a.ts") => factsOf(path, text);

test.each([
  ["parentheses", `${"(".repeat(20_000)}1${")".repeat(20_000)}`],
  ["unclosed braces", "{".repeat(20_000)],
  ["calls", `${"f(".repeat(3000)}1${")".repeat(3000)}`],
  ["a sum", Array(50_000).fill("a").join(" + ")],
  ["a chain", `a${".b()".repeat(20_000)}`],
  ["unary operators", `${"!".repeat(50_000)}a`],
  ["conditionals", `${"a ? b : ".repeat(20_000)}c`],
  ["arrows", `${"() => ".repeat(20_000)}1`],
  ["templates", `${"`${".repeat(5000)}1${"}`".repeat(5000)}`],
  ["generic types", `let x: ${"A<".repeat(5000)}B${">".repeat(5000)}`],
  ["elements", `${"<a>".repeat(5000)}${"</a>".repeat(5000)}`],
])("%s nested without end cost neither the process nor the rest of the file", (_, nested) => {
  for (const path of ["a.ts", "a.jsx"]) {
    const read = facts(`import { b } from "./b";\n;${nested}`, path);
    expect(read.imports.map(({ specifier }) => specifier)).toEqual(["./b"]);
  }
});

test("no text throws, and every position stands in the text", () => {
  const pieces = fc.constantFrom(
    "import",
    "export",
    "default",
    "class",
    "function",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "=>",
    "=",
    ":",
    ";",
    ",",
    ".",
    "...",
    "a",
    "B",
    "'s'",
    "`t${",
    "}`",
    "extends",
    "module.exports",
    "require('./x')",
    "await",
    "async",
    "type",
    "interface",
    "enum",
    "namespace",
    "declare",
    "@d",
    "#p",
    "get",
    "set",
    "static",
    "new",
    "this",
    "super",
    "\n",
    "/**",
    "*/",
    "//",
    "🎨",
    "<<<<<<< HEAD",
    "?.",
    "as const",
    "import.meta",
    "describe('x', () => {",
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 40 }),
      fc.constantFrom("a.ts", "a.tsx", "a.test.js", "a.vue"),
      (words, path) => {
        const text = words.join(" ");
        const wrapped = path.endsWith("vue") ? `<script>${text}</script>` : text;
        const lines = wrapped.split("\n").map((line) => Array.from(line).length);
        const read = facts(wrapped, path);
        for (const { line, column } of [...read.symbols, ...read.references, ...read.imports]) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? 0) + 1);
        }
        read.symbols.forEach(({ container, mergesWith }, number) => {
          expect(container ?? -1).toBeLessThan(number);
          expect(mergesWith ?? -1).toBeLessThan(number);
        });
      },
    ),
    { numRuns: 2000 },
  );
});

test("columns count code points, and documentation and signatures are cut", () => {
  const read = facts(`/** ${"x".repeat(900)} */\nconst s = "🎨🎨", long = ${"1 + ".repeat(200)}1;`);
  const [first, second] = read.symbols;
  expect([first?.column, second?.column]).toEqual([7, 17]);
  expect(first?.documentation).toHaveLength(400);
  expect(second?.signature).toHaveLength(200);
});

test("manifests are read with comments and trailing commas, and broken ones say nothing", () => {
  const read = (path: string, text: string) => facts(text, path).manifest?.content;
  expect(read("tsconfig.json", '// c\n{ "compilerOptions": { "baseUrl": "a//b", }, /* x */ }')).toEqual({
    baseUrl: "a//b",
    extends: [],
    references: [],
  });
  expect(read("package.json", '{ "name": "x", "version": "1.2.3", "dependencies": { "a": "^0.4.1" } }')).toEqual({
    name: "x",
    version: "1",
    dependencies: { a: "0.4" },
  });
  for (const text of ["", "[]", "{", "null", '{"name": 1, "dependencies": [], "exports": null}'])
    expect(() => read("package.json", text)).not.toThrow();
  expect(read("other.json", "{}")).toBeUndefined();
});
