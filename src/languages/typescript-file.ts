// What the passes over one TypeScript or JavaScript file share: its tree, its text, and the facts found so far.
import { DOCUMENTATION_CHARACTERS_MAX, SIGNATURE_CHARACTERS_MAX, type Facts, type Target } from "./facts.ts";
import { bound, type BoundSymbol, is } from "./typescript-syntax.ts";
import type ts from "typescript-parser";

export interface TypescriptFile {
  text: string;
  source: ts.SourceFile;
  isJavascript: boolean;
  /** It has imports or exports: what it declares is its own. */
  isModule: boolean;
  facts: Facts;
  /** Number of the first declaration of a bound symbol. */
  numbers: Map<BoundSymbol, number>;
  /** Number of the symbol that a declaring node declares. */
  declared: Map<ts.Node, number>;
  /** Numbers of members that only their class can name. */
  hidden: Set<number>;
  /** What a name that an import declares stands for, by declaring node. */
  aliases: Map<ts.Node, Target>;
  /** Number of the import that a node with a module's name makes. */
  imports: Map<ts.Node, number>;
  /** Of locals, by declaring node; in the making while undefined. */
  locals: Map<ts.Node, Target | undefined>;
  /** Number of the import of the JSX runtime, once a tag has asked for it. */
  jsxRuntime: number | undefined;
  /** Targets that are being built inside one another. */
  depth: number;
  position(offset: number): { line: number; column: number };
}

/** Line and column of an offset, from 1, columns in code points. */
export function positions(text: string, lineStarts: readonly number[]): TypescriptFile["position"] {
  const hasAstral = /[\ud800-\udbff]/.test(text);
  return (offset) => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = lineStarts[low] ?? 0;
    const column = hasAstral ? Array.from(text.slice(start, offset)).length : offset - start;
    return { line: low + 1, column: column + 1 };
  };
}

/** The meaning of `name` at `node` by lexical scope; undefined for a name that the file does not declare. */
export function resolveName({
  name,
  node,
  meaning,
}: {
  name: string;
  node: ts.Node;
  meaning: number;
}): BoundSymbol | undefined {
  const wanted = meaning | is.flags.Alias;
  const key = is.keyOf(name);
  for (let scope: ts.Node | undefined = node; scope; scope = outOf(scope)) {
    const { locals, symbol } = bound(scope);
    const local = locals?.get(key);
    if (local && (local.flags & wanted || local.exportSymbol)) {
      const whole = local.exportSymbol ?? local;
      if (whole.flags & wanted) return whole;
    }
    if (!symbol) continue;
    if (is.isClass(scope) || is.isInterface(scope)) {
      const member = symbol.members?.get(key);
      if (member && member.flags & is.flags.TypeParameter & meaning) return member;
      if (is.isClassExpression(scope) && scope.name?.text === name) return symbol;
    } else if (is.isModule(scope) || is.isEnum(scope)) {
      const member = symbol.exports?.get(key);
      if (member && member.flags & wanted) return member;
    } else if (is.isFunctionExpression(scope) && scope.name?.text === name) return symbol;
  }
  return undefined;
}

/** The first node around operators of a sum, by each of them: from the last of 50,000 terms it is 50,000 steps. */
const aroundSums = new WeakMap<ts.Node, ts.Node>();

function outOf(node: ts.Node): ts.Node {
  if (!is.isBinary(node) || !is.isBinary(node.parent)) return node.parent;
  let around = aroundSums.get(node) ?? aroundSums.get(node.parent);
  if (!around) for (around = node.parent; is.isBinary(around);) around = around.parent;
  aroundSums.set(node, around);
  return around;
}

/** The declaration on one line, cut before `end`. */
export function signatureOf({ text }: TypescriptFile, start: number, end: number): string {
  const head = text.slice(start, Math.min(end, start + 4 * SIGNATURE_CHARACTERS_MAX));
  const line = head
    .replace(/\s+/g, " ")
    .replace(/\s*(?:\{|=>|=)?\s*$/, "")
    .replace(/[;,]$/, "");
  return line.length > SIGNATURE_CHARACTERS_MAX ? `${line.slice(0, SIGNATURE_CHARACTERS_MAX - 1)}…` : line;
}

/** The comment that ends right before `start`, without its signs; undefined where there is none. */
export function documentationOf({ text }: TypescriptFile, pos: number, start: number): string | undefined {
  if (start - pos < 3) return undefined;
  const ranges = is.leadingComments(text, pos) ?? [];
  const last = ranges.at(-1);
  if (!last || last.end > start || /\n[^\S\n]*\n/.test(text.slice(last.end, start))) return undefined;
  const isBlock = text.startsWith("/*", last.pos);
  let first = ranges.length - 1;
  if (!isBlock) {
    while (first > 0 && isNextLine(text, ranges[first - 1]?.end, ranges[first]?.pos)) first--;
  } else if (!text.startsWith("/**", last.pos)) return undefined;
  const words = text
    .slice(ranges[first]?.pos, last.end)
    .slice(0, 4 * DOCUMENTATION_CHARACTERS_MAX)
    .replace(/^\/\*\*|\*\/$/g, "")
    .replace(isBlock ? /^[^\S\n]*\*[^\S\n]?/gm : /^[^\S\n]*\/\/\/?[^\S\n]?/gm, "")
    .trim();
  if (!words || /^(?:eslint|prettier|@ts-|biome|oxlint|istanbul|c8|v8 |#(?:region|endregion|__))/.test(words))
    return undefined;
  return words.length > DOCUMENTATION_CHARACTERS_MAX ? `${words.slice(0, DOCUMENTATION_CHARACTERS_MAX - 1)}…` : words;
}

/** Line comments belong together where only one line break is between them. */
function isNextLine(text: string, end: number | undefined, pos: number | undefined): boolean {
  if (end === undefined || pos === undefined || text.startsWith("/*", end - 2)) return false;
  return /^[^\S\n]*\r?\n[^\S\n]*$/.test(text.slice(end, pos));
}
