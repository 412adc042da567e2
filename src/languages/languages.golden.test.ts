// Every language in source form: each line of a sample, and under it what was found there. `npm run golden` writes the
// listings anew; read the difference.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadParser } from "../indexing/parsers.ts";
import { extractFacts, parserOf } from "./extract.ts";
import type { Facts, Target } from "./facts.ts";
import { grammarOf } from "./grammar.ts";

const SAMPLES = fileURLToPath(new URL("../../test/golden/languages/", import.meta.url));

const samples = (await readdir(SAMPLES, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && !entry.name.endsWith(".facts"))
  .map((entry) => `${entry.parentPath}/${entry.name}`)
  .sort();

test.each(samples)("%s", async (path) => {
  const text = await readFile(path, "utf8");
  const grammar = grammarOf(path);
  if (grammar === undefined) throw new Error(`${path} is in no language`);
  const rendered = render(text, extractFacts(grammar, { path, text }, await loadParser(parserOf(grammar, text))));
  if (process.env["KOTA_GOLDEN"] === "write") await writeFile(`${path}.facts`, rendered);
  expect(rendered).toBe(await readFile(`${path}.facts`, "utf8"));
});

function render(text: string, { symbols, imports, exports, references, package: name, manifest }: Facts): string {
  const notes = [
    ...symbols.map((symbol, i) => ({
      ...symbol,
      note: [
        `#${i} ${symbol.isExported ? "exported " : ""}${symbol.isStatic ? "static " : ""}${symbol.isTest ? "test " : ""}${symbol.isDeclaration ? "declared " : ""}${symbol.kind}`,
        symbol.owner === undefined ? "" : ` of ${symbol.owner}`,
        symbol.container === undefined ? "" : ` in #${symbol.container}`,
        symbol.mergesWith === undefined ? "" : ` merges with #${symbol.mergesWith}`,
        symbol.parameters ? ` (${symbol.parameters.map(show).join(", ")})` : "",
        symbol.type ? `: ${show(symbol.type)}` : "",
        symbol.bases ? ` extends ${symbol.bases.map(show).join(", ")}` : "",
        ` ${symbol.startLine}–${symbol.endLine} \`${symbol.signature}\``,
        symbol.documentation === undefined ? "" : ` "${symbol.documentation}"`,
      ].join(""),
    })),
    ...imports.map(({ specifier, kind, line, column }, i) => ({
      name: specifier,
      line,
      column,
      note: `@${i} ${kind}`,
    })),
    ...references.map(({ name, line, column, kind, target, enclosing }) => ({
      name,
      line,
      column,
      note: `${kind} → ${show(target)}${enclosing === undefined ? "" : ` in #${enclosing}`}`,
    })),
  ].sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = text.split("\n").flatMap((line, i) => [
    line,
    ...notes
      .filter((note) => note.line === i + 1)
      .map(
        ({ column, name, note }) =>
          `${[...line]
            .slice(0, column - 1)
            .join("")
            .replace(/[^\t]/gu, " ")}${"^".repeat(Math.max(1, [...name].length))} ${note}`,
      ),
  ]);
  const offered = exports.map((one) => ("star" in one ? `* of @${one.star}` : `${one.name} = ${show(one.target)}`));
  return [
    ...lines,
    `exports: ${offered.join("; ")}`,
    ...(name === undefined ? [] : [`package: ${name}`]),
    ...(manifest ? [`manifest: ${JSON.stringify(manifest.content)}`] : []),
    "",
  ].join("\n");
}

function show(target: Target): string {
  switch (target.kind) {
    case "symbol":
      return `#${target.symbol}`;
    case "imported":
      return `@${target.import}.${target.name}`;
    case "free":
      return target.scopes === undefined ? target.name : `${target.name} in ${target.scopes.replaceAll(" ", "/")}`;
    case "member":
      return `${show(target.object)}.${target.name}`;
    case "instance":
      return `(${show(target.of)})`;
    case "result":
      return `${show(target.of)}()`;
    case "either":
    case "first":
      return `${target.kind}(${target.of.map(show).join(", ")})`;
    case "typeof":
    case "list":
    case "element":
      return `${target.kind}(${show(target.of)})`;
    case "function":
      return `function(${target.parameters.map(show).join(", ")}): ${show(target.type)}`;
    case "parameter":
      return `parameter ${target.index} of ${show(target.of)}`;
    case "applied":
      return `${show(target.of)}<${target.types.map(show).join(", ")}>`;
    case "type-parameter":
      return `parameter ${target.index} of #${target.owner}${target.bound ? ` extends ${show(target.bound)}` : ""}`;
    case "builtin":
      return target.name;
    case "lambda":
      return `lambda ${target.lambda}`;
    case "context":
      return `this of ${show(target.of)}`;
    case "receiver":
      return "receiver";
    default:
      return "?";
  }
}

test("nothing that a file holds makes it throw or take long", async () => {
  const nasty = [
    "(".repeat(20_000),
    `${"{".repeat(20_000)}`,
    `const x = ${"a(".repeat(3000)}`,
    `const x = ${"1 + ".repeat(50_000)}1`,
    `${"a.".repeat(50_000)}b`,
    "export const = ; import from; class { get } enum { export * as",
    '\u{1f600} const \u{1f600}a = 1; export { nothing as default, x as "string name" };',
    "export const [a, { b: [c] }, ...d] = e; const { [computed]: f, ...g } = h;",
  ];
  for (const text of nasty)
    for (const grammar of ["typescript", "tsx", "javascript", "python", "package.json", "tsconfig.json"])
      expect(
        extractFacts(grammar, { path: "a.ts", text }, await loadParser(parserOf(grammar, text))).references,
      ).toBeInstanceOf(Array);
});

test("columns count code points", () => {
  const text = 'import { a } from "./a.ts";\nconst s = "😀😀" + a;\n';
  const { references } = extractFacts("typescript", { path: "x.ts", text });
  expect(references).toContainEqual(expect.objectContaining({ name: "a", kind: "read", line: 2, column: 18 }));
});
