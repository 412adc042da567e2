// Vue, Svelte and Astro components: the script of the file is TypeScript or JavaScript, the file itself its default export,
// and the template's tags and expressions use what the script imports and declares.
import type { Facts, ImportFact, ReferenceFact, SymbolFact, Target } from "./facts.ts";
import { positions } from "./typescript-file.ts";
import { byPlace, extractTypescript } from "./typescript.ts";

const SCRIPT = /<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi;
const FRONTMATTER = /^(\s*---[^\S\n]*\r?\n)([\s\S]*?)\r?\n---/;
const TEMPLATE_USES_MAX = 5000;

/** A text in three: the scripts, the template, and what a script takes from elsewhere. Offsets are those of the whole. */
interface Parts {
  script: string;
  /** Extension that the script is read with. */
  extension: "ts" | "tsx" | "js";
  template: string;
  /** Offsets and names of `<script src="…">`. */
  sources: { offset: number; specifier: string }[];
}

export function extractComponent({ path, text }: { path: string; text: string }): Facts {
  const { script, extension, template, sources } = split(path, text);
  const facts = extractTypescript({ path: `component.${extension}`, text: script });
  const position = positions(text, [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]);
  nameComponent(facts, path, text);
  const imports = sources.map(({ offset, specifier }): ImportFact => ({
    specifier,
    kind: "import",
    ...position(offset),
  }));
  const known = namesOf(facts);
  const uses: ReferenceFact[] = [];
  for (const { name, kind, offset } of usesIn(template, path.endsWith(".vue"))) {
    const target = known.get(name) ?? known.get(pascalCase(name));
    if (target && uses.length < TEMPLATE_USES_MAX) uses.push({ name, kind, ...position(offset), target });
  }
  const references = [...facts.references, ...uses].sort(byPlace);
  // The script of a component is a module even where it neither imports nor exports.
  const exports = facts.exports.filter((one) => "star" in one || !one.isGlobal);
  return { ...facts, exports, imports: [...facts.imports, ...imports], references };
}

/** The text twice: with all but the scripts blank, and with the scripts blank. */
function split(path: string, text: string): Parts {
  const isAstro = path.endsWith(".astro");
  const parts: Parts = { script: "", template: "", extension: isAstro ? "ts" : "js", sources: [] };
  let at = 0;
  const take = (start: number, end: number) => {
    parts.script += blank(text.slice(at, start)) + text.slice(start, end);
    parts.template += text.slice(at, start) + blank(text.slice(start, end));
    at = end;
  };
  if (isAstro) {
    const { 1: fence = "", 2: body = "" } = FRONTMATTER.exec(text) ?? [];
    take(fence.length, fence.length + body.length);
  } else
    for (const { 1: attributes = "", 2: body = "", index } of text.matchAll(SCRIPT)) {
      const start = index + "<script>".length + attributes.length;
      const language = /\blang\s*=\s*["']?(tsx?)\b/i.exec(attributes)?.[1]?.toLowerCase();
      if (language === "ts" || language === "tsx") parts.extension = language;
      const source = /\bsrc\s*=\s*(["'])(.*?)\1/d.exec(attributes);
      const offset = source?.indices?.[2]?.[0];
      if (source?.[2] && offset !== undefined)
        parts.sources.push({ offset: index + "<script".length + offset, specifier: source[2] });
      take(start, start + body.length);
      // A file's two scripts are one module, but not one statement.
      if (body && at < text.length) {
        parts.script += ";";
        parts.template += " ";
        at++;
      }
    }
  parts.script += blank(text.slice(at));
  parts.template += text.slice(at);
  return parts;
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ");
}

/** The default export is the component, named as its file is; without one the file is it. */
function nameComponent(facts: Facts, path: string, text: string): void {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
  const exported = facts.exports.find((one) => "name" in one && one.name === "default");
  if (!exported || "star" in exported) {
    const endLine = text.split("\n").length;
    const symbol: SymbolFact = {
      name,
      kind: "class",
      line: 1,
      column: 1,
      startLine: 1,
      endLine,
      signature: name,
      isExported: true,
    };
    facts.exports.push({ name: "default", target: { kind: "symbol", symbol: facts.symbols.length } });
    facts.symbols.push(symbol);
    return;
  }
  const symbol = exported.target.kind === "symbol" ? facts.symbols[exported.target.symbol] : undefined;
  if (symbol?.name === "default") symbol.name = name;
}

/** Names that the script imports or declares for the whole file, and where they lead. */
function namesOf(facts: Facts): Map<string, Target> {
  const names = new Map<string, Target>();
  for (const [symbol, { name, container, isTest }] of facts.symbols.entries())
    if (container === undefined && !isTest && !names.has(name)) names.set(name, { kind: "symbol", symbol });
  for (const { name, kind, target } of facts.references) if (kind === "import") names.set(name, target);
  return names;
}

/** Tags, and names in the expressions of a template: `{{ … }}` and bound attributes in Vue, `{ … }` elsewhere. */
function usesIn(template: string, isVue: boolean): { name: string; kind: "jsx" | "read"; offset: number }[] {
  const uses: { name: string; kind: "jsx" | "read"; offset: number }[] = [];
  const bare = template.replace(/<!--[\s\S]*?-->|<style\b[\s\S]*?<\/style\s*>/gi, blank);
  for (const { 1: name = "", index } of bare.matchAll(isVue ? /<([A-Za-z][\w$-]*)/g : /<([A-Z][\w$]*)/g))
    if (/[A-Z-]/.test(name)) uses.push({ name, kind: "jsx", offset: index + 1 });
  const expressions = isVue
    ? /\{\{([\s\S]*?)\}\}|\s(?:v-[\w.:[\]-]+|[:@#][\w.:[\]-]+)\s*=\s*"([^"]*)"/dg
    : /\{([^{}]*)\}/dg;
  for (const match of bare.matchAll(expressions)) {
    const [start, end] = match.indices?.[1] ?? match.indices?.[2] ?? [0, 0];
    const code = bare.slice(start, end).replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, blank);
    // Not a member's name, nor the key of an object.
    for (const { 0: name, index } of code.matchAll(/(?<![\w$.]|\.\s)[A-Za-z_$][\w$]*(?![\w$])(?!\s*:(?![^{}]*\?))/g))
      uses.push({ name, kind: "read", offset: start + index });
  }
  return uses.sort((a, b) => a.offset - b.offset);
}

/** As Vue writes tags: `<user-card>` is `UserCard`. */
function pascalCase(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
