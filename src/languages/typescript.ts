// TypeScript and JavaScript text → facts, with the TypeScript compiler's parser and binder. Broken code gives the facts of
// what can be read; nothing here throws.
import type { Facts, ImportFact, ReferenceFact } from "./facts.ts";
import { findExports } from "./typescript-exports.ts";
import { positions, type TypescriptFile } from "./typescript-file.ts";
import { findReferences } from "./typescript-references.ts";
import { declareSymbols, describeSymbols } from "./typescript-symbols.ts";
import { parseTypescript, scanImports, type ScriptKind } from "./typescript-syntax.ts";
import type ts from "typescript-parser";

/** Brackets within one another that the parser's recursion surely bears; deeper text is read by its scanner alone. */
const NESTING_MAX = 500;

export function extractTypescript({ path, text }: { path: string; text: string }): Facts {
  if (nestingExceeds(text, NESTING_MAX)) return scannedImports(text);
  try {
    const scriptKind = scriptKindOf(path);
    return readFacts({ path, text, scriptKind });
  } catch (error) {
    if (error instanceof RangeError) return scannedImports(text);
    throw error;
  }
}

function readFacts({ path, text, scriptKind }: { path: string; text: string; scriptKind: ScriptKind }): Facts {
  const source = parseTypescript({ path, text, scriptKind });
  const file: TypescriptFile = {
    text,
    source,
    isJavascript: scriptKind === "JSX",
    // Set by the parser, absent from its public types.
    isModule: (source as ts.SourceFile & { externalModuleIndicator?: unknown }).externalModuleIndicator !== undefined,
    facts: { symbols: [], imports: [], exports: [], references: [] },
    numbers: new Map(),
    declared: new Map(),
    hidden: new Set(),
    aliases: new Map(),
    imports: new Map(),
    locals: new Map(),
    jsxRuntime: undefined,
    depth: 0,
    position: positions(text, source.getLineStarts()),
  };
  /** One statement that nests beyond the stack does not cost the others their facts. */
  const unlessTooDeep = (read: () => void) => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      file.facts.isCut = true;
    }
  };
  for (const statement of source.statements) unlessTooDeep(() => declareSymbols(file, statement, {}));
  unlessTooDeep(() => describeSymbols(file));
  findExports(file);
  for (const statement of source.statements) unlessTooDeep(() => findReferences(file, statement, undefined));
  file.facts.references.sort(byPlace);
  return file.facts;
}

export function byPlace(a: ReferenceFact, b: ReferenceFact): number {
  return a.line - b.line || a.column - b.column;
}

function scriptKindOf(path: string): ScriptKind {
  if (/\.tsx$/i.test(path)) return "TSX";
  if (/\.[cm]?ts$/i.test(path)) return "TS";
  // Plenty of plain .js holds JSX.
  return "JSX";
}

/** Whether brackets stand in one another deeper than `max`, strings and comments not told apart. */
function nestingExceeds(text: string, max: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 40 || code === 91 || code === 123) {
      if (++depth > max) return true;
    } else if ((code === 41 || code === 93 || code === 125) && depth > 0) depth--;
  }
  return false;
}

/** What the scanner finds without building a tree. */
function scannedImports(text: string): Facts {
  try {
    const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    const position = positions(text, lineStarts);
    const imports = scanImports(text).map(({ specifier, pos }) => ({
      specifier,
      kind: "import" as const,
      ...position(pos),
    }));
    return cutFacts(imports);
  } catch (error) {
    if (error instanceof RangeError) return cutFacts([]);
    throw error;
  }
}

/** Lists of its own: a component adds to them. */
function cutFacts(imports: ImportFact[]): Facts {
  return { symbols: [], imports, exports: [], references: [], isCut: true };
}
