// Which of several functions of one name a call of C++ means, by how many arguments it has and what type literals among them are.
// Conversions and templates can make any type of nearly any other, so that little is excluded.
import type { Choice } from "./choice.ts";
import type { Handed, ReferenceFact, SymbolFact } from "../../languages/facts.ts";
import type { Tree } from "./tree.ts";

const NUMBERS = new Set(["bool", "char", "double", "float", "int", "long"]);
/** What no number is handed as, but for 0. */
const NO_NUMBER = /\*$|[sS]tring|(?:^|_)str(?:_|$)|Str(?![a-z])|[pP]ath/;
/** What a literal string is handed as, by its name: `std::string`, `string_view`, `StringRef`, `path`. */
const STRING = /char|[sS]tring|(?:^|_)str(?:_|$)|Str(?![a-z])|[pP]ath/;

/** Those of `found` that fit the call best, all where none does; several where nobody can tell. */
export function takingItInC(found: Choice[], { arguments: given }: ReferenceFact, tree: Tree): Choice[] {
  if (found.length < 2 || !given) return found;
  let best = 0;
  let chosen: Choice[] = [];
  for (const one of found) {
    const fit = fitOf(tree.facts(one.path).symbols[one.symbol], given);
    if (fit === undefined || fit < best) continue;
    if (fit > best) chosen = [];
    best = fit;
    chosen.push(one);
  }
  return chosen.length > 0 ? chosen : found;
}

/** How many arguments are of the very type that is taken. Undefined: it cannot be meant. */
function fitOf(symbol: SymbolFact | undefined, given: readonly Handed[]): number | undefined {
  const { arity: [least, most] = [0, -1], takes = [] } = symbol ?? {};
  if (given.length < least || (most >= 0 && given.length > most)) return undefined;
  let fit = 0;
  for (const [index, type] of given.entries()) {
    const taken = takes[index];
    if (typeof type !== "string" || type === "" || taken === undefined || taken === "") continue;
    if (type === taken || (type === "char*" && STRING.test(taken))) fit++;
    else if (NUMBERS.has(type) && NO_NUMBER.test(taken)) return undefined;
  }
  return fit;
}
