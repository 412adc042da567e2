// Text of a file → its facts. One line for each language that has any; parsers are handed in, so that nothing here does IO.
import { NO_FACTS, type Facts } from "./facts.ts";
import { manifestFacts } from "./manifest.ts";
import { scriptBlocks } from "./script-blocks.ts";
import { typescriptFacts } from "./typescript.ts";
import type { TypescriptParser } from "./typescript-syntax.ts";

export interface Parsers {
  typescript: TypescriptParser;
}

export interface SourceText {
  path: string;
  language: string;
  text: string;
}

type Extractor = (source: SourceText, parsers: Parsers) => Facts;

const typescript: Extractor = (source, parsers) => typescriptFacts(source, parsers.typescript);
const component: Extractor = (source, parsers) => scriptBlocks(source, parsers.typescript);

const EXTRACTORS: Record<string, Extractor> = {
  astro: component,
  javascript: typescript,
  json: manifestFacts,
  svelte: component,
  typescript,
  vue: component,
};

/** What the file says by itself; NO_FACTS in a language without an extractor. Never throws. */
export function extractFacts(source: SourceText, parsers: Parsers): Facts {
  return EXTRACTORS[source.language]?.(source, parsers) ?? NO_FACTS;
}
