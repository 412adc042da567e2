// Symbols by the names of what contains them.
import type { Facts } from "../../languages/facts.ts";

/** The symbol whose containers and own name are `names`; names of files' modules are not among them. */
export function symbolPath(facts: Facts, names: readonly string[]): number | undefined {
  let container: number | undefined;
  for (const name of names) {
    const found = facts.symbols.findIndex(
      (symbol) => symbol.container === container && symbol.name === name && symbol.owner === undefined,
    );
    if (found < 0) return undefined;
    container = found;
  }
  return container;
}
