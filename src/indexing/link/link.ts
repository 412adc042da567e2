// Facts of all files → which files depend on which, and which definitions references lead to. Pure.
import type { Definition, Link, UnresolvedImport } from "../../graph/links.ts";
import {
  EDGE_KINDS,
  UNKNOWN,
  type EdgeKind,
  type Facts,
  type ReferenceFact,
  type SymbolKind,
  type Target,
} from "../../languages/facts.ts";
import { createEvaluator, type Evaluator } from "./evaluate.ts";
import type { Choice } from "./choice.ts";
import { OUTSIDE, type Found } from "./found.ts";
import { createMemory, type Memory } from "./memory.ts";
import { createMemberNames, type MemberNames } from "./member-names.ts";
import { isExtension, takingIt, type Call, type Chosen } from "./overloads.ts";
import { createTraitMethods, type TraitMethods } from "./rust-traits.ts";
import type { FileLinks, Resolver, Tree } from "./tree.ts";

/**
 * The links of each of `paths`, which must be files of the tree; `resolverOf` is that of a file's language. What is said of
 * one path does not depend on which others are asked for, or their order. `onFile` is told which is next, and of none at the
 * end.
 */
export function linkFiles(
  tree: Tree,
  paths: readonly string[],
  resolverOf: (path: string) => Resolver,
  onFile: (path: string | undefined) => void = () => undefined,
): Map<string, FileLinks> {
  const memory = createMemory();
  const evaluator = createEvaluator(tree, { memory, resolverOf });
  const memberNames = createMemberNames(tree);
  const traitMethods = createTraitMethods(tree, evaluator);
  const links = new Map<string, FileLinks>();
  for (const path of paths) {
    onFile(path);
    const { value, reads } = memory.record(() =>
      linkFile(path, { tree, evaluator, memory, memberNames, traitMethods }),
    );
    const augments = evaluator.augmented.get(path);
    links.set(path, { ...value, reads: augments ? { ...reads, augments } : reads });
  }
  onFile(undefined);
  return links;
}

/** What each file adds to others' definitions, as in its `reads.augments`: cheap, and what `affectedFiles` asks for. */
export function augmentedBy(
  tree: Tree,
  resolverOf: (path: string) => Resolver,
): ReadonlyMap<string, readonly string[]> {
  const memory = createMemory();
  return createEvaluator(tree, { memory, resolverOf }).augmented;
}

type Connect = (to: string, kind: EdgeKind) => void;

interface Tools {
  tree: Tree;
  evaluator: Evaluator;
  memory: Memory;
  memberNames: MemberNames;
  traitMethods: TraitMethods;
}

function linkFile(path: string, tools: Tools): Omit<FileLinks, "reads"> {
  const facts = tools.tree.facts(path);
  const kindsOf = new Map<string, Set<EdgeKind>>();
  const connect: Connect = (to, kind) => {
    if (to === path) return;
    const kinds = kindsOf.get(to) ?? new Set();
    kindsOf.set(to, kinds.add(kind));
  };
  const { unresolved, open } = linkImports(path, tools, connect);
  const links: Link[] = [];
  // A file means the same few things again and again, as equal targets, which opened facts hold once.
  const meanings = new Map<Target, Map<string, Meaning | undefined>>();
  facts.references.forEach((fact, reference) => {
    // Arguments decide as well, and differ nearly always.
    const known = fact.arguments ? undefined : (meanings.get(fact.target) ?? new Map<string, Meaning | undefined>());
    const key = `${fact.kind} ${fact.isNoFunction === true} ${fact.name}`;
    const isKnown = known?.has(key) === true;
    const found = isKnown ? known.get(key) : linkReference(path, { facts, fact, connect }, tools);
    if (known) meanings.set(fact.target, known.set(key, found));
    if (!found) return;
    links.push({ reference, ...found });
    if (isKnown || found.confidence === "ambiguous") return;
    const declared = found.definitions.filter((one) => !tools.evaluator.isAddition(one));
    // Whoever uses an interface does not depend on each file, tests among them, that adds a member to it.
    for (const { path: to } of declared.length > 0 ? declared : found.definitions) {
      connect(to, "symbol");
      if (open.has(to)) connect(to, "import");
    }
  });
  const edges = [...kindsOf].map(([to, kinds]) => ({
    to,
    kinds: EDGE_KINDS.filter((kind) => kinds.has(kind)),
  }));
  return { edges: edges.sort((a, b) => (a.to < b.to ? -1 : 1)), links, unresolved };
}

/** `open`: files of packages, of which only those are depended on whose names are used. */
function linkImports(
  path: string,
  { tree, evaluator }: Tools,
  connect: Connect,
): { unresolved: UnresolvedImport[]; open: Set<string> } {
  const unresolved: UnresolvedImport[] = [];
  const open = new Set<string>();
  tree.facts(path).imports.forEach(({ specifier, kind, line, isAugmentation, isImplicit }, number) => {
    if (isImplicit) return;
    const resolution = evaluator.resolution(path, number);
    // Of files of which nobody can tell which one is meant none is depended on.
    if (resolution.kind === "files" && resolution.isTied) return;
    if (resolution.kind === "files" && resolution.isOpen) for (const to of resolution.paths) open.add(to);
    else if (resolution.kind === "files")
      for (const to of resolution.paths) connect(to, isAugmentation ? "symbol" : kind);
    else if (!isAugmentation)
      unresolved.push({
        specifier,
        line,
        reason: resolution.kind,
        ...(resolution.kind === "external" && { package: resolution.package }),
      });
  });
  return { unresolved, open };
}

/** What becomes of a reference, wherever it stands in its file. */
type Meaning = Omit<Link, "reference">;

function linkReference(
  path: string,
  { facts, fact, connect }: { facts: Facts; fact: ReferenceFact; connect: Connect },
  { evaluator, memory, memberNames, traitMethods, tree }: Tools,
): Meaning | undefined {
  const { found, definitions: chosen, isSettled, isExtension } = findFitting(path, fact, { evaluator, tree });
  const definitions = chosen.map(({ path: to, symbol }): Definition => ({ path: to, symbol }));
  // `from package import module` depends on the module as on what it names. Where folders offer no members, the module
  // is one that some file has re-exported.
  if (fact.target.kind === "imported")
    for (const one of found)
      if (one.is === "module" && one.isMember && !one.isTied)
        for (const to of one.paths) connect(to, facts.imports[fact.target.import]?.kind ?? "import");
  // A namespace of C++ is no file's: its name before another says which name is meant, and that is linked.
  if (definitions.some((one) => one.path !== path && isNamespace({ tree, evaluator }, one))) return undefined;
  if (definitions.length) {
    const symbols = found.filter((one) => one.is === "symbol");
    // A member of a union is each part's; a key written for a union belongs to one of them, by what stands beside it.
    const [first, ...others] = fact.kind === "write" ? symbols : [];
    const isOfFirst = (one: Definition) =>
      first !== undefined && one.path === first.path && containerOf(evaluator, one) === containerOf(evaluator, first);
    if (!others.every(isOfFirst)) return { confidence: "ambiguous", definitions };
    if (!isSettled || (definitions.length > 1 && symbols.some(({ isTied }) => isTied))) {
      // Whichever it is, it is there.
      const [first] = definitions;
      if (first && !isExtension && definitions.every((one) => one.path === first.path)) connect(first.path, "symbol");
      return { confidence: "ambiguous", definitions };
    }
    const isSure = symbols.every((one) => one.isSure) && !chosen.some(({ isGuess }) => isGuess);
    if (definitions.length > 1 && DECLARES_ONCE.has(tree.language(path))) {
      // Which of them is meant depends on types or conditions; the file does not, where it is one.
      const [to, other] = new Set(definitions.map((definition) => definition.path));
      if (to !== undefined && other === undefined) connect(to, "symbol");
      return { confidence: "ambiguous", definitions };
    }
    return { confidence: isSure ? "exact" : "inferred", definitions };
  }
  if (tree.language(path) === "rust" && found.every(({ is }) => is === "outside")) {
    memory.readName(fact.name);
    const method = traitMethods(path, fact);
    if (method) {
      connect(method.path, "symbol");
      return { confidence: "inferred", definitions: [method] };
    }
  }
  // Only where nothing at all is known of the object does the name alone count.
  if (found.length || fact.target.kind !== "member" || isKnown(evaluator.evaluate(path, fact.target.object)))
    return undefined;
  memory.readName(fact.name);
  const candidates = memberNames(fact.name, tree.language(path));
  for (const one of candidates) memory.readFile(one.path);
  return candidates.length ? { confidence: "ambiguous", definitions: [...candidates] } : undefined;
}

interface Fitting extends Chosen {
  found: readonly Found[];
  /** It may be for something else than what it is used on. */
  isExtension: boolean;
}

/** What the target leads to; of places that are looked through in turn, the first whose functions take what is handed. */
function findFitting(path: string, fact: ReferenceFact, tools: Pick<Tools, "evaluator" | "tree">): Fitting {
  const { target } = fact;
  if (target.kind !== "first") return findIn(target, { path, fact, ...tools });
  const isInTurn =
    fact.arguments !== undefined || fact.isNoFunction === true || EXTENDING.has(tools.tree.language(path));
  let first: Fitting | undefined;
  for (const one of isInTurn ? target.of : [target]) {
    const found = findIn(one, { path, fact, ...tools });
    first ??= found;
    if (found.isFitting) return found;
    if (first.definitions.length === 0) first = found;
  }
  return first ?? findIn(UNKNOWN, { path, fact, ...tools });
}

function findIn(target: Target, call: Call): Fitting {
  const { path, fact, tree, evaluator } = call;
  let found = ofItsKind(evaluator.evaluate(path, target), fact, call);
  if (fact.isNoFunction) found = found.filter((one) => one.is !== "symbol" || !CALLABLE.has(kindOf(evaluator, one)));
  if (target.kind === "member" && EXTENDING.has(tree.language(path)))
    found = found.filter((each) => isSeen(path, each, call));
  const all = distinct(evaluator.definitions(found));
  if (all.length === 0) return { found, definitions: all, isSettled: true, isFitting: false, isExtension: false };
  const { definitions, isSettled, isFitting } = takingIt(all, call);
  // What is added to a type from outside is not all that there may be.
  const isAdded = (one: Found) => one.is === "symbol" && one.self === undefined && isOfOther(call, one);
  if (!isFitting && fact.arguments && target.kind === "member" && found.every(isAdded))
    return { found: [OUTSIDE], definitions: [], isSettled: true, isFitting: false, isExtension: false };
  // Whether an extension that anything may offer is for what it stands in, nobody has looked.
  const isAnyones =
    target.kind === "free" &&
    definitions.some((each) => isOfOther(call, each) && CALLABLE.has(kindOf(evaluator, each)));
  return { found, definitions, isSettled: isSettled && !isAnyones, isFitting, isExtension: isAnyones };
}

/** An extension: a function or property for a type that is declared elsewhere. */
function isOfOther({ tree, evaluator }: Pick<Tools, "tree" | "evaluator">, definition: Definition): boolean {
  const { path } = definition;
  const fact = evaluator.symbolAt(definition);
  if (tree.language(path) === "csharp") return isExtension(fact);
  return fact?.owner !== undefined && fact.container === undefined && EXTENDING.has(tree.language(path));
}

/** An extension is known in its package and where it is imported; all else that a member leads to is. */
function isSeen(path: string, found: Found, tools: Pick<Tools, "tree" | "evaluator">): boolean {
  const { tree, evaluator } = tools;
  if (found.is !== "symbol" || !isOfOther(tools, found) || found.path === path) return true;
  const { package: from } = tree.facts(path);
  const { package: own = "" } = tree.facts(found.path);
  const name = evaluator.symbolAt(found)?.name;
  return (
    from === own ||
    // Namespaces of C# and packages of Scala stand in one another.
    (tree.language(path) !== "kotlin" && from?.startsWith(`${own}.`) === true) ||
    tree
      .facts(path)
      // It can stand in a companion.
      .imports.some(({ specifier, isStar }) =>
        isStar ? specifier === own : specifier.startsWith(`${own}.`) && specifier.endsWith(`.${name}`),
      ) ||
    evaluator.sees(path, own)
  );
}

const EXTENDING: ReadonlySet<string> = new Set(["csharp", "kotlin", "scala"]);

/** Where a type has a field and a method of one name, a call means the method and anything else the field. */
function ofItsKind(
  found: readonly Found[],
  { kind }: ReferenceFact,
  { path, tree, evaluator }: Pick<Call, "path" | "tree" | "evaluator">,
): readonly Found[] {
  if (OF_TYPES.has(kind)) {
    const types = found.filter((one) => one.is !== "symbol" || !CALLABLE.has(kindOf(evaluator, one)));
    const isOther = (one: Found) => one.is !== "symbol" || !NEVER_TYPES.has(tree.language(one.path));
    return types.length || !found.some(isOther) ? types : found;
  }
  if (kind === "decorator" && tree.language(path) === "rust")
    return found.filter((one) => one.is !== "symbol" || NAMED_BY_ATTRIBUTES.has(kindOf(evaluator, one)));
  if (found.length < 2) return found;
  const isOfKind = (one: Found) => one.is !== "symbol" || CALLABLE.has(kindOf(evaluator, one)) === (kind === "call");
  const others = found.filter((one) => !isOfKind(one));
  if (others.length === 0 || others.length === found.length) return found;
  const placeOf = (one: Found) =>
    one.is === "symbol" && containerOf(evaluator, one) !== undefined
      ? `${containerOf(evaluator, one)} ${one.path}`
      : undefined;
  const places = new Set(found.filter(isOfKind).map(placeOf));
  places.delete(undefined);
  return found.filter((one) => isOfKind(one) || !places.has(placeOf(one)));
}

/** Languages where several definitions of one name are different things, of which a name means one. */
const DECLARES_ONCE: ReadonlySet<string> = new Set(["c", "cpp", "rust"]);

function kindOf(evaluator: Evaluator, definition: Definition): SymbolKind {
  return evaluator.symbolAt(definition)?.kind ?? "variable";
}

/** What of functions and types of one name can only mean the types. */
const OF_TYPES: ReadonlySet<ReferenceFact["kind"]> = new Set<ReferenceFact["kind"]>(["type", "inherit"]);
/** Languages where a function is no type, whatever it is called. */
const NEVER_TYPES: ReadonlySet<string> = new Set(["java", "kotlin", "scala"]);
/** Rust's macros have names of their own: `#[test]` is no function of that name. What is derived is called as its trait. */
const NAMED_BY_ATTRIBUTES: ReadonlySet<SymbolKind> = new Set<SymbolKind>(["macro", "trait"]);
const CALLABLE: ReadonlySet<SymbolKind> = new Set<SymbolKind>(["function", "method", "constructor"]);

function isNamespace({ tree, evaluator }: Pick<Tools, "tree" | "evaluator">, definition: Definition): boolean {
  return kindOf(evaluator, definition) === "module" && /^(?:c|cpp)$/.test(tree.language(definition.path));
}

function containerOf(evaluator: Evaluator, definition: Definition): number | undefined {
  return evaluator.symbolAt(definition)?.container;
}

function isKnown(found: readonly Found[]): boolean {
  return found.length > 0;
}

/** So few that looking through them beats a set of keys. */
function distinct(definitions: Choice[]): Choice[] {
  if (definitions.length < 2) return definitions;
  const found: Choice[] = [];
  for (const one of definitions)
    if (!found.some(({ symbol, path }) => symbol === one.symbol && path === one.path)) found.push(one);
  return found;
}
