// Which of several functions of one name a call means, by how many arguments it has and what is known of their types.
// Nothing is known of subclasses here: of two classes one may stand for the other, of a literal and a class not.
import type { Definition } from "../../graph/links.ts";
import type { ReferenceFact, SymbolFact } from "../../languages/facts.ts";
import type { Tree } from "./tree.ts";

/** Types that values of a literal's type can be handed as. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  bool: ["object", "bool"],
  boolean: ["Boolean", "Object"],
  char: ["Character", "Object", "int", "long", "object"],
  Char: ["Any"],
  Class: ["Type", "Object", "AnnotatedElement", "GenericDeclaration"],
  double: ["Double", "Number", "Object", "object"],
  Double: ["Number", "Any"],
  float: ["double", "Float", "Number", "Object"],
  Float: ["Number", "Any"],
  int: [
    "long",
    "float",
    "double",
    "short",
    "byte",
    "uint",
    "ulong",
    "decimal",
    "Integer",
    "Number",
    "Object",
    "object",
  ],
  Int: ["Long", "Short", "Byte", "Number", "Any", "UInt"],
  long: ["float", "double", "decimal", "Long", "Number", "Object", "object"],
  Long: ["Number", "Any"],
  string: ["object", "ReadOnlySpan", "IEnumerable", "IComparable"],
  String: ["CharSequence", "Object", "Comparable", "Any", "Serializable"],
};
/** What a literal string of C++ is handed as, by its name: `std::string`, `string_view`, `StringRef`, `path`. */
const STRING = /str|char|path/i;
const TYPE_PARAMETER = /^[A-Z]\d?$|^T[A-Z]/;

/** Those of `found` that fit the call best, all where none does; several where nobody can tell. */
export function takingIt(found: Definition[], { arguments: given }: ReferenceFact, tree: Tree): Definition[] {
  if (found.length < 2 || !given) return found;
  let best = 0;
  let chosen: Definition[] = [];
  for (const one of found) {
    const isTemplate = tree.language(one.path) === "cpp" || tree.language(one.path) === "c";
    const fit = fitOf(tree.facts(one.path).symbols[one.symbol], { given, isTemplate });
    if (fit === undefined || fit < best) continue;
    if (fit > best) chosen = [];
    best = fit;
    chosen.push(one);
  }
  return chosen.length > 0 ? chosen : found;
}

/** How many arguments are of the very type that is taken. Undefined: it cannot be meant. */
function fitOf(
  symbol: SymbolFact | undefined,
  { given, isTemplate }: { given: readonly string[]; isTemplate: boolean },
): number | undefined {
  const { arity: [least, most] = [0, -1], takes = [] } = symbol ?? {};
  if (given.length < least || (most >= 0 && given.length > most)) return undefined;
  let fit = 0;
  // Of one that takes any number, the last type is that of all the rest.
  const isExact = most >= 0;
  for (const [index, type] of given.entries()) {
    const taken = takes[index];
    if (type === "" || taken === undefined || taken === "") continue;
    if (type === taken || (type === "char*" && STRING.test(taken))) fit++;
    else if (isExact && WIDER[type] && !WIDER[type].includes(taken) && !TYPE_PARAMETER.test(taken)) return undefined;
  }
  // What takes any number of any types fits no worse than what takes two.
  return isExact && !isTemplate ? fit + 0.5 : fit;
}
