// Which of several functions of one name a call means, by how many arguments it has and what is known of their types: the
// rules of Java, which those of Kotlin, Scala and C# are near enough to. Types are told apart by their names.
import type { Definition } from "../../graph/links.ts";
import { keyOfSymbol, nameInKey, type Handed, type ReferenceFact, type SymbolFact } from "../../languages/facts.ts";
import type { Choice } from "./choice.ts";
import { takingItInC } from "./c-overloads.ts";
import type { Evaluator } from "./evaluate.ts";
import type { Found } from "./found.ts";
import {
  FUNCTION_PARAMETERS,
  isReference,
  PRIMITIVE_WIDER,
  STANDARD_BASES,
  standardNames,
  UNWRAPPED,
  WRAPPED,
} from "./standard-types.ts";
import type { Tree } from "./tree.ts";

/** `isSettled`: those that are left are what is meant, and no guess. */
export interface Chosen {
  definitions: Choice[];
  isSettled: boolean;
  /** They take what they are handed. */
  isFitting: boolean;
}

interface Candidate {
  definition: Choice;
  /** How far each argument is from what is taken; undefined where nobody knows what is handed. */
  costs: (number | undefined)[];
  takes: string[];
  phase: number;
}

/** Those of `found`, or of what these hide, that fit the call best; all where none does. */
export function takingIt(found: Choice[], call: Call): Chosen {
  const { path, tree, evaluator } = call;
  const { arguments: given, kind } = call.fact;
  if (found.length < 2 && !given) return { definitions: found, isSettled: true, isFitting: found.length > 0 };
  if (/^c(?:pp)?$/.test(tree.language(path))) {
    const definitions = takingItInC(found, call.fact, tree);
    return { definitions, isSettled: true, isFitting: definitions.length > 0 };
  }
  const all = { definitions: found, isSettled: true, isFitting: found.length > 0 };
  const symbolOf = (one: Definition) => evaluator.symbolAt(one);
  const functions = found.filter((one) => symbolOf(one)?.arity !== undefined);
  if (functions.length === 0) return all;
  if (functions.length < found.length) {
    // A function that is called like a type makes values of it: where one takes the arguments, nobody need make them else.
    const chosen = given && takingIt(functions, call);
    return chosen?.isFitting ? chosen : all;
  }
  if (!given) return { ...all, isSettled: kind === "import" || takesOf(found, evaluator).size < 2 };
  const isMember = isTakenFromValue(call);
  const handed = given.map((one) => typesOf(one, path, evaluator));
  const candidates: Candidate[] = [];
  const counted: Choice[] = [];
  const overridden = new Set<string>();
  const seen = new Set(functions.map(keyOf));
  let level = found;
  for (let height = 0; level.length > 0 && height < HEIGHT_MAX; height++) {
    const fitting = level.filter((one) => {
      const symbol = symbolOf(one);
      if (!symbol || !takesSoMany(symbol, given.length, isMember) || !hasTypeArguments(symbol, call.fact)) return false;
      if (!symbol.isExported && one.path !== path) return false;
      if (height === 0) return true;
      const takes = symbol.takes?.join() ?? "";
      return !overridden.has(takes) && overridden.add(takes);
    });
    if (height === 0) for (const one of fitting) overridden.add(symbolOf(one)?.takes?.join() ?? "");
    candidates.push(
      ...fitting.flatMap((one) => candidateOf(one, symbolOf(one), { handed, evaluator, isMember }) ?? []),
    );
    counted.push(...fitting);
    if (candidates.some(isExact)) break;
    level = level
      .flatMap((one) => evaluator.definitions(evaluator.inherited(one)))
      .filter((one) => !seen.has(keyOf(one)) && seen.add(keyOf(one)));
  }
  const best = candidates.length > 0 ? bestOf(candidates, evaluator) : counted;
  const isFitting = candidates.length > 0;
  return best.length > 0
    ? { definitions: best, isSettled: takesOf(best, evaluator).size < 2, isFitting }
    : { ...all, isFitting };
}

const keyOf = ({ path, symbol }: Definition) => `${symbol} ${path}`;

function isExact({ costs, phase }: Candidate): boolean {
  return phase === 0 && costs.every((cost) => cost === 0);
}

export interface Call {
  path: string;
  fact: ReferenceFact;
  tree: Tree;
  evaluator: Evaluator;
}

function bestOf(candidates: readonly Candidate[], evaluator: Evaluator): Choice[] {
  const best = candidates.filter(
    (one) => !candidates.some((other) => other !== one && isBetter(other, { than: one, evaluator })),
  );
  // Of those that take the same one without type parameters is meant.
  const isGeneric = ({ definition }: Candidate) => evaluator.symbolAt(definition)?.typeParameters !== undefined;
  const isSame = (one: Candidate, other: Candidate) => one.takes.join() === other.takes.join();
  const meant = best.filter((one) => !isGeneric(one) || !best.some((other) => !isGeneric(other) && isSame(one, other)));
  return meant.map(({ definition }) => definition);
}

/** Overloads are those that take different things: what overrides another does not. */
function takesOf(found: readonly Definition[], evaluator: Evaluator): Set<string> {
  return new Set(
    found.map((one) => {
      const { owner = "", takes = [], typeParameters = 0 } = evaluator.symbolAt(one) ?? {};
      return `${owner}(${takes.join()})${typeParameters}`;
    }),
  );
}

function takesSoMany(symbol: SymbolFact, count: number, isMember: boolean): boolean {
  const [least, most] = symbol.arity ?? [0, -1];
  const own = isExtension(symbol) ? 1 : 0;
  const total = count + (isMember ? own : 0);
  return total >= least + own && (most < 0 || total <= most);
}

/** Of C#: type arguments that are written are as many as the parameters, and some cannot be told otherwise. */
function hasTypeArguments({ typeParameters, isTypeWritten }: SymbolFact, { typeArguments }: ReferenceFact): boolean {
  return typeArguments === undefined ? !isTypeWritten : typeParameters === typeArguments;
}

/** Of C#. */
export function isExtension(symbol: SymbolFact | undefined): boolean {
  return symbol?.isStatic === true && /\(\s*this\s/.test(symbol.signature);
}

/** Not from a type, by whose name an extension is called like any function. */
function isTakenFromValue({ path, fact: { target }, evaluator }: Call): boolean {
  if (target.kind !== "member") return false;
  return !evaluator.evaluate(path, target.object).some((one) => one.is === "symbol" && isType(evaluator.symbolAt(one)));
}

const isType = (symbol: SymbolFact | undefined) => symbol?.kind === "class" || symbol?.kind === "struct";

const BOXING = 100;
const ANY = 50;
/** Phases as in Java: without boxing, with it, with any number of arguments. */
const VARIADIC = 2;

function candidateOf(
  definition: Choice,
  symbol: SymbolFact | undefined,
  { handed, evaluator, isMember }: { handed: readonly Handing[]; evaluator: Evaluator; isMember: boolean },
): Candidate | undefined {
  const { arity: [, most] = [0, -1], takes: all = [] } = symbol ?? {};
  // An extension that is called as a member is handed what it is taken from as well.
  const takes = isMember && isExtension(symbol) ? all.slice(1) : all;
  const costsOf = (wanted: string[]) =>
    costsOfAll(handed, wanted, (type, taken) => costOf(type, { taken, by: definition, evaluator }));
  const plain = costsOf(handed.map((_, index) => takes[index] ?? ""));
  if (most >= 0) return plain && { definition, ...plain };
  // An array can be handed as it is.
  if (plain && handed.length === takes.length && plain.costs.at(-1) !== undefined) return { definition, ...plain };
  const rest = takes.at(-1)?.replace(/\[\]$/, "") ?? "";
  const spread = costsOf(handed.map((_, index) => (index < takes.length - 1 ? takes[index] : rest) ?? ""));
  return spread && { definition, ...spread, phase: VARIADIC };
}

function costsOfAll(
  handed: readonly Handing[],
  takes: string[],
  costOf: (type: Type, taken: string) => number | undefined,
): Omit<Candidate, "definition"> | undefined {
  const costs: (number | undefined)[] = [];
  let phase = 0;
  for (const [index, types] of handed.entries()) {
    const taken = takes[index] ?? "";
    if (types === undefined || taken === "") {
      costs.push(types === undefined ? undefined : ANY);
      continue;
    }
    const near = types.flatMap((type) => costOf(type, taken) ?? []);
    if (near.length === 0) return undefined;
    const cost = Math.min(...near);
    if (cost >= BOXING) phase = 1;
    costs.push(cost);
  }
  return { costs, takes, phase };
}

/** Whether `one` is meant rather than `than` whatever the arguments are that nobody knows. */
function isBetter(one: Candidate, { than: other, evaluator }: { than: Candidate; evaluator: Evaluator }): boolean {
  let isNearer = one.phase < other.phase;
  if (one.phase > other.phase) return false;
  for (const [index, cost] of one.costs.entries()) {
    const theirs = other.costs[index];
    if (cost === undefined || theirs === undefined) {
      if (one.takes[index] !== other.takes[index]) return false;
    } else if (one.phase === other.phase) {
      if (cost > theirs) return false;
      if (cost < theirs) isNearer = true;
      // Of `null` and of functions the narrower type decides.
      else if (cost === 0 && one.takes[index] !== other.takes[index]) {
        if (isBelow(one, { other, index, evaluator })) isNearer = true;
        else if (isBelow(other, { other: one, index, evaluator })) return false;
        else return false;
      }
    }
  }
  return isNearer;
}

function isBelow(
  one: Candidate,
  { other, index, evaluator }: { other: Candidate; index: number; evaluator: Evaluator },
): boolean {
  const own = one.takes[index] ?? "";
  const above = other.takes[index] ?? "";
  const types = evaluator.typesNamed(one.definition.path, nameInKey(own));
  const names =
    types.length > 0
      ? types.map((type) => declared({ is: "instance", isSure: false, ...type }, evaluator))
      : [standard(nameInKey(own))];
  return names.some((type) => type.names.has(above));
}

/** One type that a value can have: its names, each with how far up it is. */
interface Type {
  names: Map<string, number>;
  /** Those of them that the tree declares. */
  inTree?: Set<string>;
  /** It can be more than is known: something above it is not in the tree. */
  isOpen: boolean;
  /** How many parameters a function has that was written in place; -1 for one that is only named. */
  parameters?: number;
  isNull?: boolean;
  isOutside?: boolean;
}

/** The types that an argument can have, any of which may hold. Undefined: nobody knows. */
type Handing = readonly Type[] | undefined;

function typesOf(handed: Handed, path: string, evaluator: Evaluator): Handing {
  if (handed === "") return undefined;
  if (handed === "null") return [{ names: new Map(), isOpen: true, isNull: true }];
  if (typeof handed === "string" && handed.startsWith("=>"))
    return [{ names: new Map(), isOpen: true, parameters: handed === "=>" ? -1 : Number(handed.slice(2)) }];
  if (typeof handed === "string") return [standard(handed)];
  const values = evaluator.valuesOf(path, handed);
  if (values.length === 0) return undefined;
  const types = values.map((value) => typesOfFound(value, evaluator));
  if (types.some((type) => type === undefined)) return undefined;
  return promoted(types.flatMap((type) => type ?? []));
}

/** Of numbers that are added the widest; of text and anything text. */
function promoted(types: readonly Type[]): readonly Type[] {
  if (types.length < 2) return types;
  const numbers = types.map(({ names }) => [...names.keys()][0] ?? "");
  if (numbers.includes("String") && numbers.some((name) => PRIMITIVE_WIDER.has(name))) return [standard("String")];
  if (!numbers.every((name) => PRIMITIVE_WIDER.has(name))) return types;
  const widest = numbers.reduce((one, other) => (PRIMITIVE_WIDER.get(one)?.includes(other) ? other : one));
  return [standard(widest)];
}

const HEIGHT_MAX = 12;

function typesOfFound(found: Found, evaluator: Evaluator): readonly Type[] | undefined {
  switch (found.is) {
    case "outside":
      return found.name === undefined ? undefined : [standard(found.name)];
    case "list": {
      if (found.name === undefined) return undefined;
      if (found.name === "[]") return arraysOf(evaluator.elementOf(found), evaluator);
      const whole = standard(found.name);
      return found.isHeld
        ? [whole, ...evaluator.elementOf(found).flatMap((one) => typesOfFound(one, evaluator) ?? [])]
        : [whole];
    }
    case "function":
      return found.name === undefined
        ? [{ names: new Map(), isOpen: true, parameters: found.parameters.length }]
        : [standard(found.name)];
    case "list-member":
      return found.name === "length" ? [standard("int")] : undefined;
    case "instance":
      return [declared(found, evaluator)];
    default:
      return undefined;
  }
}

function arraysOf(elements: readonly Found[], evaluator: Evaluator): readonly Type[] | undefined {
  const types = elements.map((element) => typesOfFound(element, evaluator));
  if (types.length === 0 || types.some((type) => type === undefined))
    return [{ names: new Map([["[]", 0]]), isOpen: true }];
  return types.flatMap((each) =>
    (each ?? []).map(({ names, isOpen }) => ({
      isOpen,
      names: new Map([...[...names].map(([name, height]) => [`${name}[]`, height] as const), ["[]", ANY] as const]),
    })),
  );
}

/** A type of the tree, with all that it is declared to be as well. */
function declared(type: Found & { is: "instance" }, evaluator: Evaluator): Type {
  const names = new Map<string, number>();
  const inTree = new Set<string>();
  let isOpen = false;
  let level: readonly Found[] = [type];
  for (let height = 0; level.length > 0 && height < HEIGHT_MAX; height++) {
    const above: Found[] = [];
    for (const one of level) {
      if (one.is === "instance" || one.is === "symbol") {
        const symbol = evaluator.symbolAt(one);
        const name = symbol ? keyOfSymbol(symbol) : "";
        if (names.has(name)) continue;
        names.set(name, height);
        inTree.add(nameInKey(name));
        above.push(...evaluator.basesOf(one));
      } else {
        const outside = one.is === "outside" ? one.name : one.is === "list" ? one.name : undefined;
        const known = standard(outside ?? "");
        isOpen ||= known.isOpen;
        for (const [name, more] of known.names) if (!names.has(name)) names.set(name, height + more);
      }
    }
    level = above;
  }
  return { names, inTree, isOpen };
}

/** A type of the language, its library or a package. */
function standard(name: string): Type {
  return { ...standardNames(name), isOutside: true };
}

interface Taking {
  taken: string;
  by: Definition;
  evaluator: Evaluator;
}

/** How far `type` is from being `taken`. Undefined: it cannot be handed as that. */
function costOf(type: Type, { taken: key, by, evaluator }: Taking): number | undefined {
  const taken = nameInKey(key);
  if (taken === "*") return 0.5;
  if (taken.startsWith("=>") && type.parameters === undefined)
    return type.isOpen && !type.isOutside ? ANY - 1 : undefined;
  if (type.isNull) return isReference(taken) ? heightOf(taken) : undefined;
  if (type.parameters !== undefined) return functionCost(type.parameters, { taken, by, evaluator });
  const known = type.names.get(type.inTree?.has(taken) ? key : taken);
  if (known !== undefined) return known;
  const [own = ""] = type.names.keys();
  if (TOP.has(taken)) return PRIMITIVE_WIDER.has(own) ? BOXING + ANY : ANY;
  const wider = PRIMITIVE_WIDER.get(own);
  if (wider) {
    const at = wider.indexOf(taken);
    if (at >= 0) return at + 1;
    const boxed = WRAPPED.get(own);
    const above = boxed === undefined ? undefined : standard(boxed).names.get(taken);
    return above === undefined ? undefined : BOXING + above;
  }
  const unboxed = UNWRAPPED.get(own);
  if (unboxed !== undefined) {
    const at = [unboxed, ...(PRIMITIVE_WIDER.get(unboxed) ?? [])].indexOf(taken);
    return at < 0 ? undefined : BOXING + at;
  }
  if (taken.endsWith("[]")) return arrayCost(type, taken);
  if (own.endsWith("[]")) return ARRAY_BASES.has(taken) ? ANY - 1 : undefined;
  if (!type.isOpen || !isReference(taken) || FINAL.has(taken)) return undefined;
  // What comes from outside the tree is nothing that the tree declares.
  return type.isOutside && evaluator.typesNamed(by.path, taken).length > 0 ? undefined : ANY - 1;
}

const TOP = new Set(["Object", "Any", "object", "AnyRef"]);
const ARRAY_BASES = new Set(["Cloneable", "Serializable", "IEnumerable", "IList", "ICollection", "Array"]);
/** Nothing else can be these. */
const FINAL = new Set(["String", "string", "Class", "Optional", ...WRAPPED.values()]);

/** Arrays of what any reference is take arrays of references. */
function arrayCost(type: Type, taken: string): number | undefined {
  if (!type.names.has("[]")) return undefined;
  const [own = ""] = type.names.keys();
  if (own === "[]") return ANY;
  const element = own.slice(0, -2);
  if (TOP.has(taken.slice(0, -2))) return PRIMITIVE_WIDER.has(element) ? undefined : ANY - 1;
  return taken === "*[]" ? 1 : undefined;
}

/** `null` means the lowest of the types that take it, of those that are known. */
function heightOf(taken: string): number {
  return TOP.has(taken) ? ANY : 0;
}

function functionCost(parameters: number, { taken, by, evaluator }: Taking): number | undefined {
  if (taken.startsWith("=>")) {
    const wanted = Number(taken.slice(2));
    return parameters < 0 || wanted === parameters ? 0 : undefined;
  }
  if (!isReference(taken) || TOP.has(taken) || taken.endsWith("[]") || STANDARD_BASES.has(taken)) return undefined;
  const [declaring] = evaluator.typesNamed(by.path, taken);
  const wanted = declaring ? evaluator.functionParameters(declaring) : (FUNCTION_PARAMETERS.get(taken) ?? -1);
  if (wanted === undefined) return undefined;
  return wanted < 0 || parameters < 0 || wanted === parameters ? 0 : undefined;
}
