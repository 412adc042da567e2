// A blob's facts, packed, with its symbols as rows. Runs in an indexing thread.
import { extractFacts, parserOf } from "../languages/extract.ts";
import { NO_FACTS, type Facts } from "../languages/facts.ts";
import { packJson } from "../platform/packed-json.ts";
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
  const { text, problem } = analysed;
  const isRead = !isUnreadable && problem !== "minified" && text.length <= FACTS_TEXT_BYTES_MAX;
  const file = { path, text: isRead ? Buffer.from(text).toString("utf8") : "" };
  const facts = isRead ? extractFacts(grammar, file, await loadParser(parserOf(grammar, file.text))) : NO_FACTS;
  return { oid, grammar, data: packJson(facts), symbols: rowsOf(facts) };
}

function rowsOf({ symbols }: Facts): NewSymbol[] {
  return symbols.map(({ name, container, kind, line, endLine }, number) => ({
    number,
    name,
    container: container === undefined ? undefined : symbols[container]?.name,
    kind,
    line,
    endLine,
  }));
}
