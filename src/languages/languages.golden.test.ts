// Facts of small sources, drawn under the source: `npm run golden` writes them, then the diff is read.
// A new language is a new folder below test/golden/languages; files whose name ends in `.golden` are the expected drawings.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import typescript from "typescript-parser";
import { expect, test } from "vitest";
import { extractFacts } from "./extract.ts";
import type { Facts, Target } from "./facts.ts";
import { languageOf } from "./language.ts";

const FOLDER = fileURLToPath(new URL("../../test/golden/languages", import.meta.url));
const sources = (await readdir(FOLDER, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && !entry.name.endsWith(".golden"))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();

test.each(sources.map((path) => [path.slice(FOLDER.length + 1), path]))("facts of %s", async (name, path) => {
  const text = await readFile(path, "utf8");
  const drawn = draw(text, extractFacts({ path: name, language: languageOf(name), text }, { typescript }));
  if (process.env["KOTA_GOLDEN"] === "write") await writeFile(`${path}.golden`, drawn);
  expect(drawn).toBe(await readFile(`${path}.golden`, "utf8"));
});

/** The source with a marked line below it for every definition and reference, then imports and exports. */
function draw(text: string, facts: Facts): string {
  const marks = new Map<number, { column: number; text: string }[]>();
  const mark = (at: { line: number; column: number; name: string }, note: string) => {
    const carets = `${" ".repeat(at.column - 1)}${"^".repeat(Math.max(1, Array.from(at.name).length))}`;
    marks.set(at.line, [...(marks.get(at.line) ?? []), { column: at.column, text: `${carets} ${note}` }]);
  };
  for (const one of facts.symbols) {
    const flags = [one.isExported && "exported", one.isStatic && "static", one.isTest && "test"].filter(Boolean);
    const details = [
      one.container !== undefined && `in ${label(facts, one.container)}`,
      one.mergesWith !== undefined && `merges with line ${facts.symbols[one.mergesWith]?.line}`,
      one.owner && `of ${one.owner}`,
      one.type && `: ${show(facts, one.type)}`,
      one.parameters && `(${one.parameters.map((type) => show(facts, type)).join(", ")})`,
      one.bases && `< ${one.bases.map((base) => show(facts, base)).join(", ")}`,
      `lines ${one.startLine}-${one.endLine}`,
      `\`${one.signature}\``,
      one.documentation && `"${one.documentation.replaceAll("\n", " ")}"`,
    ].filter(Boolean);
    mark(one, `def ${[one.kind, ...flags].join(" ")} ${details.join(" ")}`);
  }
  for (const one of facts.references) {
    const enclosing = one.enclosing === undefined ? "" : ` in ${label(facts, one.enclosing)}`;
    mark(one, `${one.kind} ${show(facts, one.target)}${enclosing}`);
  }
  const lines = text.split("\n").flatMap((line, index) => {
    const below = (marks.get(index + 1) ?? []).sort((a, b) => a.column - b.column);
    return [line, ...below.map((one) => one.text)];
  });
  const imports = facts.imports.map(
    ({ specifier, kind, line, column, ...flags }, number) =>
      `import ${number}: ${kind} ${specifier} at ${line}:${column}${Object.keys(flags)
        .map((flag) => ` ${flag}`)
        .join("")}`,
  );
  const exports = facts.exports.map((one) => {
    if ("star" in one) return `export * from import ${one.star}`;
    const where = one.isGlobal ? " globally" : one.augments === undefined ? "" : ` into import ${one.augments}`;
    return `export ${one.name}${where} = ${show(facts, one.target)}`;
  });
  return [...lines, "----", ...(facts.package ? [`package ${facts.package}`] : []), ...imports, ...exports, ""].join(
    "\n",
  );
}

function label(facts: Facts, number: number): string {
  const symbol = facts.symbols[number];
  return symbol?.container === undefined ? `${symbol?.name}` : `${label(facts, symbol.container)}.${symbol.name}`;
}

function show(facts: Facts, target: Target): string {
  const of = (inner: Target) => show(facts, inner);
  switch (target.kind) {
    case "symbol":
      return label(facts, target.symbol);
    case "imported":
      return `import ${target.import}#${target.name}`;
    case "free":
      return `free ${target.name}`;
    case "member":
      return `${of(target.object)}.${target.name}`;
    case "either":
      return `(${target.of.map(of).join(" | ")})`;
    case "function":
      return `function(${target.parameters.map(of).join(", ")}): ${of(target.type)}`;
    case "parameter":
      return `parameter ${target.index} of ${of(target.of)}`;
    case "receiver":
    case "unknown":
      return target.kind;
    default:
      return `${target.kind} ${of(target.of)}`;
  }
}
