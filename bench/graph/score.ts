// Scores links against an oracle file: import edges of a compiler, file edges and usages of symbol indexers.
import { z } from "zod";
import type { FileLinks, Tree } from "../../src/indexing/link/tree.ts";

const pairs = z.array(z.tuple([z.number(), z.number()]));
const lines = z.record(z.string(), z.array(z.number()));
const oracleSchema = z.object({
  files: z.array(z.string()),
  import_edges: pairs.optional(),
  import_edges_optional: pairs.optional(),
  symbol_file_edges: pairs.optional(),
  references: z.array(
    z.object({ path: z.number(), line: z.number(), symbol: z.string(), member: z.number(), must: lines, may: lines }),
  ),
});
export type Oracle = z.infer<typeof oracleSchema>;

export const readOracle = (text: string): Oracle => oracleSchema.parse(JSON.parse(text));

/** What a tool says of a tree. Edges are `path -> path`, usages `path:line`. */
export interface Said {
  imports: ReadonlySet<string>;
  /** For whatever reason, imports too. */
  edges: ReadonlySet<string>;
  usagesOf?(definition: { path: string; line: number; name: string }): ReadonlySet<string>;
  /** Those that it is unsure of. */
  guessesOf?(definition: { path: string; line: number; name: string }): ReadonlySet<string>;
}

export function score(said: Said, { oracle, missesMax }: { oracle: Oracle; missesMax: number }) {
  return {
    ...scoreEdges(said, oracle, missesMax),
    ...(said.usagesOf && oracle.references.length > 0 && scoreReferences(said, oracle, missesMax)),
  };
}

/** Both ends of an edge must be files that the oracle saw. */
function scoreEdges({ imports: ownImports, edges }: Said, oracle: Oracle, missesMax: number) {
  const known = new Set(oracle.files);
  const amongKnown = (all: ReadonlySet<string>) =>
    new Set([...all].filter((edge) => edge.split(" -> ").every((path) => known.has(path))));
  const [imports, all] = [amongKnown(ownImports), amongKnown(edges)];
  const named = (list: [number, number][] = []) =>
    new Set(list.map(([a, b]) => `${oracle.files[a]} -> ${oracle.files[b]}`));
  const gold = named(oracle.import_edges);
  const symbols = named(oracle.symbol_file_edges);
  const optional = named(oracle.import_edges_optional);
  return {
    import_edges: setScore(imports, gold, optional),
    ...(oracle.symbol_file_edges && {
      symbol_file_edges: setScore(all, symbols, new Set()),
    }),
    ...(missesMax &&
      oracle.symbol_file_edges && {
        symbol_edges_missing: [...symbols].filter((edge) => !all.has(edge)).slice(0, missesMax),
        symbol_edges_wrong: [...all].filter((edge) => !symbols.has(edge)).slice(0, missesMax),
      }),
    ...(missesMax && {
      edges_missing: [...gold].filter((edge) => !imports.has(edge)).slice(0, missesMax),
      edges_wrong: [...imports].filter((edge) => !gold.has(edge) && !optional.has(edge)).slice(0, missesMax),
    }),
  };
}

function setScore(found: Set<string>, gold: Set<string>, optional: Set<string>) {
  const judged = [...found].filter((one) => gold.has(one) || !optional.has(one));
  const right = judged.filter((one) => gold.has(one)).length;
  const precision = judged.length ? right / judged.length : 0;
  const recall = gold.size ? right / gold.size : 0;
  const f1 = precision + recall ? (2 * precision * recall) / (precision + recall) : 0;
  return { precision: rounded(precision), recall: rounded(recall), f1: rounded(f1) };
}

interface Tally {
  right: number;
  wrong: number;
  gold: number;
}

/** Usages in other files of definitions pinned by path and line; those that are `ambiguous` count apart. */
function scoreReferences({ usagesOf, guessesOf }: Said, oracle: Oracle, missesMax: number) {
  const tallies = { nonmember: newTally(), member: newTally(), member_with_ambiguous: newTally() };
  const missing: string[] = [];
  const wrong: string[] = [];
  const known = new Set(oracle.files);
  for (const one of oracle.references) {
    const path = oracle.files[one.path] ?? "";
    const must = linesOf(oracle, one.must);
    const may = linesOf(oracle, one.may);
    const groups = one.member ? (["member", "member_with_ambiguous"] as const) : (["nonmember"] as const);
    for (const group of groups) {
      const key = `${path}:${one.line}:${one.symbol}`;
      const definition = { path, line: one.line, name: one.symbol };
      const all = [
        ...(usagesOf?.(definition) ?? []),
        ...(group === "member_with_ambiguous" ? (guessesOf?.(definition) ?? []) : []),
      ];
      const found = new Set(
        all.filter((line) => known.has(line.slice(0, line.lastIndexOf(":"))) && !line.startsWith(`${path}:`)),
      );
      const tally = tallies[group];
      tally.gold += must.size;
      for (const line of found) {
        if (must.has(line)) tally.right++;
        else if (!may.has(line)) {
          tally.wrong++;
          if (group !== "member_with_ambiguous") wrong.push(`${key} <- ${line}`);
        }
      }
      if (group !== "member_with_ambiguous")
        for (const line of must) if (!found.has(line)) missing.push(`${one.member ? "member " : ""}${key} <- ${line}`);
    }
  }
  const rates = ({ right, wrong: bad, gold }: Tally) => ({
    precision: rounded(right + bad ? right / (right + bad) : 0),
    recall: rounded(gold ? right / gold : 0),
    right,
    wrong: bad,
    gold,
  });
  return {
    nonmember: rates(tallies.nonmember),
    member: rates(tallies.member),
    member_with_ambiguous: rates(tallies.member_with_ambiguous),
    ...(missesMax && { references_wrong: spread(wrong, missesMax), references_missing: spread(missing, missesMax) }),
  };
}

/** What Kota's links say. */
export function saidByLinks(tree: Tree, links: ReadonlyMap<string, FileLinks>): Said {
  const [imports, edges] = [new Set<string>(), new Set<string>()];
  // `path:line:name` of each definition → `path:line` of what leads there.
  const sure = new Map<string, Set<string>>();
  const guessed = new Map<string, Set<string>>();
  for (const [path, file] of links) {
    for (const { to, kinds } of file.edges) {
      edges.add(`${path} -> ${to}`);
      if (kinds.some((kind) => kind !== "symbol")) imports.add(`${path} -> ${to}`);
    }
    const { references } = tree.facts(path);
    for (const { reference, confidence, definitions } of file.links)
      for (const definition of definitions) {
        const symbol = tree.facts(definition.path).symbols[definition.symbol];
        const key = `${definition.path}:${symbol?.line}:${symbol?.name}`;
        const into = confidence === "ambiguous" ? guessed : sure;
        into.set(key, (into.get(key) ?? new Set()).add(`${path}:${references[reference]?.line}`));
      }
  }
  const none: ReadonlySet<string> = new Set();
  return {
    imports,
    edges,
    usagesOf: ({ path, line, name }) => sure.get(`${path}:${line}:${name}`) ?? none,
    guessesOf: ({ path, line, name }) => guessed.get(`${path}:${line}:${name}`) ?? none,
  };
}

function linesOf(oracle: Oracle, byFile: Record<string, number[]>): Set<string> {
  return new Set(
    Object.entries(byFile).flatMap(([file, numbers]) => numbers.map((line) => `${oracle.files[Number(file)]}:${line}`)),
  );
}

/** An even sample, so that one definition does not fill it. */
function spread(list: string[], max: number): string[] {
  const step = Math.max(1, list.length / max);
  return Array.from({ length: Math.min(max, list.length) }, (_, i) => list[Math.floor(i * step)] ?? "");
}

const newTally = (): Tally => ({ right: 0, wrong: 0, gold: 0 });
const rounded = (value: number) => Number(value.toFixed(4));
