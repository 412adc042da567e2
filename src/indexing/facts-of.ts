// A blob's facts, packed, with its symbols as rows. Runs in an indexing thread.
import { extractFacts, parserOf } from "../languages/extract.ts";
import { containerName, CUT_FACTS, NO_FACTS, type Facts } from "../languages/facts.ts";
import { packFacts } from "../graph/packed-facts.ts";
import type { AnalysedBlob } from "./analyse.ts";
import { FACTS_TEXT_BYTES_MAX } from "./limits.ts";
import { loadParser } from "./parsers.ts";
import type { NewSymbol } from "./store.ts";
import type { BlobFacts } from "./thread.ts";

/**
 * Facts of the text as `grammar` reads it; none of a text that is minified, larger than FACTS_TEXT_BYTES_MAX,
 * or known to kill a thread.
 */
export async function factsOf(
  oid: string,
  {
    grammar,
    path,
    analysed,
    isUnreadable,
  }: { grammar: string; path: string; analysed: AnalysedBlob; isUnreadable: boolean },
): Promise<BlobFacts> {
  const facts = isUnreadable ? CUT_FACTS : await read(grammar, { path, analysed });
  const problem = facts.isCut ? "not_parsed" : undefined;
  return { oid, grammar, data: packFacts(facts), symbols: symbolRows(facts), problem };
}

async function read(
  grammar: string,
  { path, analysed: { text: bytes, problem } }: { path: string; analysed: AnalysedBlob },
): Promise<Facts> {
  if (problem === "minified" || bytes.length > FACTS_TEXT_BYTES_MAX) return NO_FACTS;
  const text = Buffer.from(bytes).toString("utf8");
  return extractFacts(grammar, { path, text }, await loadParser(parserOf(grammar, text)));
}

export function symbolRows({ symbols }: Facts): NewSymbol[] {
  return symbols.map(({ name, kind, line, endLine }, number) => ({
    number,
    name,
    container: containerName(symbols, number),
    kind,
    line,
    endLine,
  }));
}
