// From a text to its facts, by grammar: the one table of what is understood. Pure, and never throws.
import { NO_FACTS, type Facts } from "./facts.ts";
import { readPackageJson, readTsconfig } from "./manifest.ts";
import { extractTypescript } from "./typescript.ts";

const EXTRACTORS: Record<string, (file: { path: string; text: string }) => Facts> = {
  "d.ts": extractTypescript,
  javascript: extractTypescript,
  "package.json": readPackageJson,
  "tsconfig.json": readTsconfig,
  tsx: extractTypescript,
  typescript: extractTypescript,
};

/** Facts of the text as `grammar` (see grammarOf) reads it; none of one that overflows the stack. */
export function extractFacts(grammar: string, file: { path: string; text: string }): Facts {
  try {
    return EXTRACTORS[grammar]?.(file) ?? NO_FACTS;
  } catch (error) {
    // A chain of 50,000 operators, say: parsers recurse.
    if (error instanceof RangeError) return NO_FACTS;
    throw error;
  }
}
