// The rim of the grammars: loads tree-sitter's WASM grammars, each on first use and once for each thread.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Language, Parser } from "web-tree-sitter";
import type { GrammarParser } from "../languages/syntax-tree.ts";

/** Where the grammar of a language lies. */
const GRAMMARS: Record<string, string> = {
  python: "tree-sitter-python/tree-sitter-python.wasm",
};

const require = createRequire(import.meta.url);
let runtime: Promise<void> | undefined;
const parsers = new Map<string, Promise<GrammarParser>>();

/** Undefined: there is no grammar of that name. A parser takes one text at a time. */
export function loadParser(grammar: string): Promise<GrammarParser> | undefined {
  const file = GRAMMARS[grammar];
  if (file === undefined) return undefined;
  const known = parsers.get(grammar);
  if (known) return known;
  const loading = load(file);
  parsers.set(grammar, loading);
  return loading;
}

async function load(file: string): Promise<GrammarParser> {
  runtime ??= Parser.init();
  await runtime;
  const language = await Language.load(await readFile(require.resolve(file)));
  const parser = new Parser().setLanguage(language);
  return {
    // A progress callback returns whether to stop; the package's declaration says void.
    parse: (read, oldTree, options) => parser.parse(read, oldTree, options),
    reset: () => parser.reset(),
  };
}
