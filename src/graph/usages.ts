// Where a symbol is used: the files whose edges lead to its file are read one batch after the other, and of their
// references those are kept that lead to it.
import {
  containerName,
  type EdgeKind,
  type ExportFact,
  type Facts,
  type ReferenceKind,
  type SymbolFact,
} from "../languages/facts.ts";
import { grammarOf } from "../languages/grammar.ts";
import type { OrganizationSql } from "../platform/database.ts";
import type { BlobId } from "../platform/ids.ts";
import type { IndexedRef } from "../repositories/store.ts";
import { LINKS_PER_PAGE_MAX, LINKS_PER_READ_MAX } from "./limits.ts";
import { CONFIDENCES, openLinks, type Confidence, type Definition, type Link } from "./links.ts";
import { openFacts } from "./packed-facts.ts";
import { kindsOf, type Graph, type Neighbour } from "./pack.ts";
import { nearestPaths, stemOf } from "./path-names.ts";
import { listLinkedFiles, type LinkedRow } from "./store.ts";

/** Who said where a reference leads: linking, or a type checker. */
export const TIERS = ["syntax", "checker"] as const;
type Tier = (typeof TIERS)[number];

export interface Usage {
  path: string;
  blobId: BlobId;
  line: number;
  column: number;
  kind: ReferenceKind;
  /** Symbol it stands in, with its container: `Router.add`. */
  enclosing: string | undefined;
  confidence: Confidence;
  tier: Tier;
  /** Definitions it may lead to instead, when ambiguous. */
  candidates: Definition[];
}

/** Where a page goes on: at this reference of this file. */
export interface UsagePosition {
  path: string;
  reference: number;
}

export interface UsageQuery {
  snapshot: IndexedRef;
  graph: Graph;
  /** Links that a type checker gave count. */
  isChecked: boolean;
  definitions: readonly Definition[];
  /** Files of theirs that add to what other files define: whoever uses that has no edge to these. */
  additions: readonly string[];
  /** All when empty. */
  kinds: readonly ReferenceKind[];
  minConfidence: Confidence;
  includeTests: boolean;
  from: UsagePosition | undefined;
  limit: number;
}

/** A page of usages by path and place, perhaps none, and where the next one begins. Looks at LINKS_PER_PAGE_MAX files. */
export async function listUsages(
  sql: OrganizationSql,
  query: UsageQuery,
): Promise<{ usages: Usage[]; next: UsagePosition | undefined }> {
  const files = filesThatMayUse(query);
  const usages: Usage[] = [];
  for (let done = 0; done < files.length; done += LINKS_PER_READ_MAX) {
    const paths = files.slice(done, done + LINKS_PER_READ_MAX);
    if (done >= LINKS_PER_PAGE_MAX) return { usages, next: { path: paths[0] ?? "", reference: 0 } };
    const grammars = paths.map((path) => grammarOf(path) ?? "");
    const rows = await listLinkedFiles(sql, query.snapshot, { paths, grammars });
    const byPath = new Map(rows.map((row) => [row.path, row]));
    for (const row of paths.flatMap((path) => byPath.get(path) ?? [])) {
      for (const { reference, usage } of usagesIn(row, query)) {
        if (usages.length === query.limit) return { usages, next: { path: row.path, reference } };
        usages.push(usage);
      }
    }
  }
  return { usages, next: undefined };
}

/** Files that define one of them or have an edge to such a file, from the position on, sorted. */
function filesThatMayUse({ graph, definitions, additions, minConfidence, includeTests, from }: UsageQuery): string[] {
  const isWanted = ({ kinds }: Neighbour) => minConfidence === "ambiguous" || kindsOf(kinds).includes("symbol");
  const files = new Set<number>();
  const defining = new Set(definitions.flatMap(({ path }) => graph.find(path) ?? []));
  for (const path of additions) for (const file of addedTo(graph, path)) defining.add(file);
  for (const file of defining) {
    files.add(file);
    for (const neighbour of graph.dependents(file)) if (isWanted(neighbour)) files.add(neighbour.file);
  }
  return [...files]
    .filter((file) => includeTests || !graph.isTest(file))
    .map((file) => graph.paths[file] ?? "")
    .filter((path) => from === undefined || path >= from.path)
    .sort();
}

/** Files that may define what the file adds to: those whose symbols it uses, and what these re-export. */
function addedTo(graph: Graph, path: string): Set<number> {
  const neighbours = (file: number, kind: EdgeKind) =>
    graph.dependencies(file).flatMap((one) => (kindsOf(one.kinds).includes(kind) ? [one.file] : []));
  const files = new Set(neighbours(graph.find(path) ?? -1, "symbol"));
  for (const file of files) for (const exported of neighbours(file, "reexport")) files.add(exported);
  return files;
}

function usagesIn(row: LinkedRow, query: UsageQuery): { reference: number; usage: Usage }[] {
  if (!row.facts) return [];
  const { isChecked, definitions, kinds, minConfidence, from } = query;
  const wanted = new Set(definitions.map(keyOf));
  const rank = CONFIDENCES.indexOf(minConfidence);
  const first = from?.path === row.path ? from.reference : 0;
  const links = linksOf(isChecked ? row : { ...row, checked: null }).filter(
    (link) =>
      link.reference >= first &&
      CONFIDENCES.indexOf(link.confidence) <= rank &&
      link.definitions.some((definition) => wanted.has(keyOf(definition))),
  );
  if (links.length === 0) return [];
  const facts = openFacts(row.facts);
  return links
    .sort((a, b) => a.reference - b.reference)
    .flatMap((link) => {
      const usage = describe(row, { facts, link });
      if (!usage || (kinds.length > 0 && !kinds.includes(usage.kind))) return [];
      return { reference: link.reference, usage };
    });
}

/** Where a type checker has an answer, it stands in place of linking's. */
function linksOf({ links, checked }: LinkedRow): TieredLink[] {
  const byChecker = checked ? openLinks(checked).links : [];
  const answered = new Set(byChecker.map(({ reference }) => reference));
  const byLinking = (links ? openLinks(links).links : []).filter(({ reference }) => !answered.has(reference));
  return [
    ...byLinking.map((link) => ({ ...link, tier: "syntax" as const })),
    ...byChecker.map((link) => ({ ...link, tier: "checker" as const })),
  ];
}

type TieredLink = Link & { tier: Tier };

function describe(row: LinkedRow, { facts, link }: { facts: Facts; link: TieredLink }): Usage | undefined {
  const reference = facts.references[link.reference];
  if (!reference) return undefined;
  const { line, column, kind, enclosing } = reference;
  return {
    path: row.path,
    blobId: row.blob_id,
    line,
    column,
    kind,
    enclosing: enclosing === undefined ? undefined : qualifiedName(facts.symbols, enclosing),
    confidence: link.confidence,
    tier: link.tier,
    candidates: link.confidence === "ambiguous" ? link.definitions : [],
  };
}

/** A symbol's name with that of its container, as find_usages takes it. */
export function qualifiedName(symbols: readonly SymbolFact[], number: number): string {
  const name = symbols[number]?.name ?? "";
  const container = containerName(symbols, number);
  return container === undefined ? name : `${container}.${name}`;
}

/** All declarations of the same thing (overloads, merged interfaces), the first one first. */
export function declarationsOf(facts: Facts | undefined, number: number): number[] {
  const symbols = facts?.symbols ?? [];
  const first = symbols[number]?.mergesWith ?? number;
  return [first, ...symbols.flatMap(({ mergesWith }, i) => (mergesWith === first && i !== first ? [i] : []))];
}

/** A symbol of C or C++ with what its file declares. */
export interface Declared extends Definition {
  symbols: readonly SymbolFact[];
}

/** Prototypes in headers and the one definition that they are of. */
export function areOneThing(all: readonly Declared[]): boolean {
  const [first] = all;
  return !!first && all.every((one) => isSameThing(first, one)) && all.filter(isDefined).length < 2;
}

/** Where what is only declared there is defined, as linking would have it: in the file of the same stem, else in the nearest. */
export function definitionOf(declared: Declared, all: readonly Declared[]): Declared | undefined {
  if (isDefined(declared)) return undefined;
  const defined = all.filter((one) => isDefined(one) && isSameThing(declared, one));
  const twins = defined.filter(({ path }) => stemOf(path) === stemOf(declared.path));
  const chosen = twins.length > 0 ? twins : defined;
  const [path, other] = nearestPaths(declared.path, [...new Set(chosen.map((one) => one.path))]);
  return other === undefined ? chosen.find((one) => one.path === path) : undefined;
}

/** `typedef struct x x;` defines nothing either. */
function isDefined({ symbols, symbol }: Declared): boolean {
  const { name, kind, type, isDeclaration } = symbols[symbol] ?? {};
  const isAlias =
    (type?.kind === "free" && type.name === `struct ${name}`) ||
    (type?.kind === "symbol" && symbols[type.symbol]?.name === name);
  return isDeclaration !== true && !(kind === "type" && isAlias);
}

function isSameThing(one: Declared, other: Declared): boolean {
  if (one.path === other.path && one.symbol === other.symbol) return true;
  const [whole, takes] = wholeOf(one);
  const [otherWhole, otherTakes] = wholeOf(other);
  return whole !== undefined && whole === otherWhole && (takes === otherTakes || !takes || !otherTakes);
}

/** Its name with those of all that it stands in, undefined for what its file has for itself; and what it takes. */
function wholeOf({ symbols, symbol: number }: Declared): [whole: string | undefined, takes?: string | undefined] {
  const symbol = symbols[number];
  if (!symbol || symbol.kind === "macro") return [undefined];
  const names = [symbol.name];
  let at: SymbolFact | undefined = symbol;
  while (at) {
    if (at.owner !== undefined) names.push(at.owner);
    at = at.container === undefined || at.owner !== undefined ? undefined : symbols[at.container];
    if (at) names.push(at.name);
  }
  const isHidden = names.length === 1 && !symbol.isExported;
  return [isHidden ? undefined : names.reverse().join("::"), symbol.takes && `(${symbol.takes.join()})`];
}

/** Whether one of these symbols of a file adds to what another file defines: `declare module "./a" { interface A {} }`. */
export function isAddition(facts: Facts | undefined, symbols: readonly number[]): boolean {
  const adds = (one: ExportFact) =>
    "name" in one && one.augments !== undefined && one.target.kind === "symbol" && symbols.includes(one.target.symbol);
  return facts?.exports.some(adds) === true;
}

const keyOf = ({ path, symbol }: Definition) => `${symbol} ${path}`;
