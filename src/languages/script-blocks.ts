// Vue, Svelte and Astro components: the script of the file is TypeScript or JavaScript, the file itself its default export,
// and capitalised tags of the template are uses of what the script imports.
import type { Facts, ReferenceFact, SymbolFact, Target } from "./facts.ts";
import { positions } from "./typescript-file.ts";
import { extractTypescript } from "./typescript.ts";

const SCRIPT = /<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi;
const FRONTMATTER = /^(\s*---[^\S\n]*\r?\n)([\s\S]*?)\r?\n---/;
const TAG = /<([A-Z][\w$]*)/g;
const TAGS_MAX = 2000;

export function extractComponent({ path, text }: { path: string; text: string }): Facts {
  const { script, template, isTypescript } = split(path, text);
  const facts = extractTypescript({ path: `${path}.${isTypescript ? "ts" : "js"}`, text: script });
  const position = positions(text, [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]);
  const symbols = [...facts.symbols, ...(hasDefault(facts) ? [] : [componentSymbol(path, text)])];
  const exports = hasDefault(facts)
    ? facts.exports
    : [...facts.exports, { name: "default", target: { kind: "symbol", symbol: facts.symbols.length } as const }];
  const known = namesOf(facts);
  const tags: ReferenceFact[] = [];
  for (const { 1: name = "", index } of template.matchAll(TAG)) {
    const target = known.get(name);
    if (target && tags.length < TAGS_MAX) tags.push({ name, kind: "jsx", ...position(index + 1), target });
  }
  return { ...facts, symbols, exports, references: [...facts.references, ...tags] };
}

/** The text twice: with all but the scripts blank, and with the scripts blank. Offsets stay. */
function split(path: string, text: string): { script: string; template: string; isTypescript: boolean } {
  let script = "";
  let template = "";
  let at = 0;
  let isTypescript = path.endsWith(".astro");
  const take = (start: number, end: number) => {
    script += blank(text.slice(at, start)) + text.slice(start, end);
    template += text.slice(at, start) + blank(text.slice(start, end));
    at = end;
  };
  if (path.endsWith(".astro")) {
    const { 1: fence = "", 2: body = "" } = FRONTMATTER.exec(text) ?? [];
    take(fence.length, fence.length + body.length);
  } else
    for (const { 0: whole, 1: attributes = "", 2: body = "", index } of text.matchAll(SCRIPT)) {
      const start = index + whole.indexOf(">", attributes.length) + 1;
      if (/\blang\s*=\s*["']?tsx?\b/i.test(attributes)) isTypescript = true;
      take(start, start + body.length);
      // A file's two scripts are one module, but not one statement.
      if (body && at < text.length) {
        script += ";";
        template += " ";
        at++;
      }
    }
  return { script: script + blank(text.slice(at)), template: template + text.slice(at), isTypescript };
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ");
}

function hasDefault(facts: Facts): boolean {
  return facts.exports.some((one) => "name" in one && one.name === "default");
}

function componentSymbol(path: string, text: string): SymbolFact {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
  const endLine = text.split("\n").length;
  return { name, kind: "class", line: 1, column: 1, startLine: 1, endLine, signature: name, isExported: true };
}

/** Names that the script imports, and where they lead. */
function namesOf(facts: Facts): Map<string, Target> {
  const names = new Map<string, Target>();
  for (const { name, kind, target } of facts.references) if (kind === "import") names.set(name, target);
  return names;
}
