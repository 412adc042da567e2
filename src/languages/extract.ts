// From a text to its facts, by grammar: the one table of what is understood. Pure, and never throws.
import { NO_FACTS, type Facts } from "./facts.ts";
import { extractPython } from "./python.ts";
import { readSyntaxTree, type GrammarParser, type SyntaxTree } from "./syntax-tree.ts";
import { readPackageJson, readTsconfig } from "./manifest.ts";
import { extractComponent } from "./script-blocks.ts";
import { extractTypescript } from "./typescript.ts";

type Source = { path: string; text: string };

const EXTRACTORS: Record<string, (file: Source) => Facts> = {
  astro: extractComponent,
  "d.ts": extractTypescript,
  javascript: extractTypescript,
  "package.json": readPackageJson,
  "tsconfig.json": readTsconfig,
  svelte: extractComponent,
  tsx: extractTypescript,
  typescript: extractTypescript,
  vue: extractComponent,
};

/** Languages that are read with a tree-sitter grammar of that name. */
const OF_TREES: Record<string, (source: { path: string; tree: SyntaxTree }) => Facts> = {
  python: extractPython,
};

/**
 * Facts of the text as `grammar` (see grammarOf) reads it; none of one that overflows the stack or is too hard to
 * parse. `parser` is the grammar's, where it has one.
 */
export function extractFacts(grammar: string, file: Source, parser?: GrammarParser): Facts {
  try {
    const extract = OF_TREES[grammar];
    if (!extract || !parser) return EXTRACTORS[grammar.replace(/ .*/s, "")]?.(file) ?? NO_FACTS;
    const tree = readSyntaxTree(parser, file.text);
    return tree ? extract({ path: file.path, tree }) : NO_FACTS;
  } catch (error) {
    // A chain of 50,000 operators, say: parsers recurse.
    if (error instanceof RangeError) return NO_FACTS;
    throw error;
  }
}
