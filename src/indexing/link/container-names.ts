// Symbols by the names of what contains them.
import { keyOfSymbol, type Facts, type SymbolFact } from "../../languages/facts.ts";

/** The symbol whose containers and own name are `names`; names of files' modules are not among them. */
export function symbolPath(facts: Facts, names: readonly string[]): number | undefined {
  let container: number | undefined;
  for (const name of names) {
    const within: number | undefined = container;
    const is = (symbol: SymbolFact) =>
      symbol.container === within && keyOfSymbol(symbol) === name && symbol.owner === undefined;
    const built = facts.symbols.findIndex((symbol) => is(symbol) && !symbol.isSecondary);
    const found = built < 0 ? facts.symbols.findIndex(is) : built;
    if (found < 0) return undefined;
    container = found;
  }
  return container;
}
