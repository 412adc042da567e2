// Which languages are read with a tree-sitter grammar, and by what.
import { NO_FACTS, type Facts } from "./facts.ts";
import { extractCFamily, isCppHeader } from "./c-family.ts";
import { extractCSharp } from "./csharp.ts";
import { extractGo } from "./go.ts";
import { extractJava } from "./java.ts";
import { extractKotlin } from "./kotlin.ts";
import { extractOutline } from "./outline.ts";
import { extractPhp } from "./php.ts";
import { extractPython } from "./python.ts";
import { extractRuby } from "./ruby.ts";
import { extractRust } from "./rust.ts";
import { extractScala } from "./scala.ts";
import { readSyntaxTree, type GrammarParser, type SyntaxTree } from "./syntax-tree.ts";

interface Extractor {
  /** Name of the grammar for a file; default the language's. */
  grammar?: (source: { path: string; text: string }) => string;
  extract: (source: { path: string; tree: SyntaxTree }) => Facts;
}

const EXTRACTORS: Record<string, Extractor> = {
  bash: { extract: extractOutline("bash") },
  c: { grammar: (source) => (isCppHeader(source) ? "cpp" : "c"), extract: extractCFamily },
  cpp: { extract: extractCFamily },
  csharp: { extract: extractCSharp },
  elixir: { extract: extractOutline("elixir") },
  go: { extract: extractGo },
  haskell: { extract: extractOutline("haskell") },
  hcl: { extract: extractOutline("hcl") },
  java: { extract: extractJava },
  kotlin: { extract: extractKotlin },
  lua: { extract: extractOutline("lua") },
  ocaml: {
    grammar: ({ path }) => (path.endsWith(".mli") ? "ocaml_interface" : "ocaml"),
    extract: extractOutline("ocaml"),
  },
  php: { extract: extractPhp },
  python: { extract: extractPython },
  ruby: { extract: extractRuby },
  rust: { extract: extractRust },
  scala: { extract: extractScala },
  zig: { extract: extractOutline("zig") },
};

/** The grammar that a file of the language needs; undefined when it is read without one, or not at all. */
export function grammarOf(language: string, source: { path: string; text: string }): string | undefined {
  const extractor = EXTRACTORS[language];
  return extractor && (extractor.grammar?.(source) ?? language);
}

/** Undefined: the text is too large or too hard to parse. */
export function extractWithGrammar(
  parser: GrammarParser,
  { language, path, text }: { language: string; path: string; text: string },
): Facts | undefined {
  const tree = readSyntaxTree(parser, text);
  return tree && (EXTRACTORS[language]?.extract({ path, tree }) ?? NO_FACTS);
}
