// find_usages: where a symbol is defined and every place that uses it.
import { z } from "zod";
import { AppError, invalidInput } from "../errors.ts";
import { DECLARATIONS_MAX, DEFINITIONS_MAX, DEFINITIONS_PER_PAGE } from "../graph/limits.ts";
import { CONFIDENCES, type Definition } from "../graph/links.ts";
import { readGraph } from "../graph/read-graph.ts";
import { listDefinitions, listLinkedFiles, listSimilarNames, type SymbolRow } from "../graph/store.ts";
import { openFacts } from "../graph/packed-facts.ts";
import {
  areOneThing,
  declarationsOf,
  definitionOf,
  isAddition,
  listUsages,
  qualifiedName,
  TIERS,
  type Declared,
  type Usage,
} from "../graph/usages.ts";
import { REFERENCE_KINDS, SYMBOL_KINDS, type Facts } from "../languages/facts.ts";
import { grammarOf } from "../languages/grammar.ts";
import { operation, type OperationContext } from "../operation.ts";
import { refusedCursor, type CursorBinding } from "../platform/cursor.ts";
import type { OrganizationSql } from "../platform/database.ts";
import { getIndexedRef, getOnlyRepository, listLines, listSnapshots, type IndexedRef } from "../repositories/store.ts";
import { shownLine } from "../search/snippet.ts";
import {
  cursorField,
  freshnessField,
  freshnessOf,
  nextCursorField,
  pathField,
  refField,
  repositoryField,
  textField,
} from "./wire.ts";

const place = { repository: z.string(), path: z.string(), line: z.int() };

const input = z.strictObject({
  symbol: textField(500).describe("Name, or `Container.name` for a member, e.g. Router.add."),
  path: pathField.optional().describe("File that defines it, where several do."),
  line: z.int().min(1).optional().describe("Line of its definition, where the file has several."),
  repository: repositoryField.optional().describe("Repository (`owner/name` or id); needed when several are indexed."),
  kinds: z.array(z.enum(REFERENCE_KINDS)).max(REFERENCE_KINDS.length).default([]).describe("Only these. Default: all."),
  min_confidence: z
    .enum(CONFIDENCES)
    .default("inferred")
    .describe("exact: certain only. inferred: also the likeliest. ambiguous: also what may mean something else."),
  include_tests: z.boolean().default(true).describe("false leaves out uses in test files."),
  ref: refField.optional(),
  limit: z.int().min(1).max(500).default(100).describe("Usages per page."),
  cursor: cursorField.optional(),
});
type Input = z.output<typeof input>;

export const findUsages = operation({
  name: "find_usages",
  title: "Find usages",
  description:
    "Find the definition of a function, class, method, type or variable and every place that uses it, resolved through imports, re-exports and inheritance rather than by name. Use it before renaming or changing something, and instead of a text search when a name is common.",
  route: "GET /usages",
  toolset: "search",
  effect: "read",
  scope: "read",
  positional: "symbol",
  input,
  output: z.object({
    definitions: z
      .array(
        z.object({
          ...place,
          column: z.int(),
          end_line: z.int(),
          name: z.string().describe("With its container: `Router.add`."),
          kind: z.enum(SYMBOL_KINDS),
          signature: z.string(),
          documentation: z.string().optional(),
        }),
      )
      .describe(
        `By path and line; where there are more than ${DEFINITIONS_PER_PAGE} and limit, further ones on each page.`,
      ),
    usages: z
      .array(
        z.object({
          ...place,
          column: z.int(),
          kind: z.enum(REFERENCE_KINDS),
          text: z.string(),
          enclosing_symbol: z.string().optional(),
          confidence: z.enum(CONFIDENCES),
          tier: z.enum(TIERS).describe("syntax: names, imports and types as written. checker: a type checker."),
          candidates: z
            .array(z.object({ path: z.string(), line: z.int(), name: z.string() }))
            .optional()
            .describe("What an ambiguous one may mean."),
        }),
      )
      .describe("By path and line. The definition itself is not among them."),
    ambiguous: z.boolean().describe("Several definitions have this name: pass path and line to pin one."),
    truncated: z
      .boolean()
      .describe(
        `There is or may be more, even after a page without usages: go on with next_cursor. Of one name ${DEFINITIONS_MAX} definitions count.`,
      ),
    next_cursor: nextCursorField,
    freshness: freshnessField,
  }),
  async handle(asked, context) {
    return context.db(async (sql) => {
      const { snapshot, shown, from, checked } = await findPlace(sql, asked, context);
      const defined = await findDefinitions(sql, snapshot, { ...asked, shown });
      const query = {
        snapshot,
        ...(await readGraph(sql, context.memory, { snapshotId: snapshot.snapshot_id, checked })),
        definitions: defined.targets,
        additions: defined.additions,
        kinds: asked.kinds,
        minConfidence: asked.min_confidence,
        includeTests: asked.include_tests,
        limit: asked.limit,
      };
      const isEnd = from === null;
      const { usages, next } = isEnd ? { usages: [], next: undefined } : await listUsages(sql, { ...query, from });
      const position = {
        snapshot: snapshot.snapshot_id,
        checked: query.isChecked ? [snapshot.snapshot_id] : [],
        shown: defined.end,
        from: next ?? null,
      };
      const isMore = next !== undefined || defined.isMore;
      return {
        definitions: defined.shown,
        usages: await describeUsages(sql, snapshot, usages),
        ambiguous: defined.isAmbiguous,
        truncated: isMore || defined.isCut,
        next_cursor: isMore ? context.cursors.seal(bindingOf(asked, context), position) : null,
        freshness: freshnessOf([snapshot]),
      };
    });
  },
});

// ── definitions ───────────────────────────────────────────────────────────────────────────────────────────────

/** The definitions that are meant, and of these the page from the one numbered `shown` on. */
async function findDefinitions(sql: OrganizationSql, snapshot: IndexedRef, asked: Input & { shown: number }) {
  const { rows, isCut } = await findRows(sql, snapshot, asked);
  const pinned = asked.line === undefined ? rows : pin(rows, asked.line);
  if (pinned.length === 0) throw await nothingSoNamed(sql, snapshot, asked);
  const perPage = Math.max(DEFINITIONS_PER_PAGE, asked.limit);
  // Where all have been shown, and fit into one page, they are shown with each.
  const start = pinned.length > perPage || asked.shown < pinned.length ? asked.shown : 0;
  const page = pinned.slice(start, start + perPage);
  const [path = "", ...others] = new Set(pinned.map((row) => row.path));
  const facts = await readFacts(sql, snapshot, others.length > 0 ? [...new Set(page.map((row) => row.path))] : [path]);
  const chosen = {
    shown: page.map((row) => describeDefinition(snapshot, row, facts.get(row.path))),
    end: start + page.length,
    isMore: start + page.length < pinned.length,
    isCut,
  };
  const named = pinned.map(({ path, number }): Definition => ({ path, symbol: number }));
  const declared = await declaredAs(sql, snapshot, pinned);
  const isOne = declared.length === pinned.length && areOneThing(declared);
  // Those of a name in all files are already all of its declarations, and what they add to has the name as well.
  if (others.length > 0) return { ...chosen, targets: named, additions: [], isAmbiguous: !isOne };
  const declarations = named.map(({ symbol }) => declarationsOf(facts.get(path), symbol));
  const symbols = [...new Set(declarations.flat())];
  // What uses a declaration leads to the definition.
  const defined = asked.path === undefined ? [] : await findDefinitionsOf(sql, snapshot, { declared, rows: pinned });
  return {
    ...chosen,
    targets: [...symbols.map((symbol): Definition => ({ path, symbol })), ...defined],
    additions: isAddition(facts.get(path), symbols) ? [path] : [],
    // Overloads and merged declarations are one thing.
    isAmbiguous: new Set(declarations.map(([first]) => first)).size > 1 && !isOne,
  };
}

const DECLARING_GRAMMARS = new Set(["c", "cpp", "h", "hpp"]);

/** Of these those of C and C++, which are declared in one file and defined in another; none where there are many. */
async function declaredAs(sql: OrganizationSql, snapshot: IndexedRef, rows: readonly SymbolRow[]): Promise<Declared[]> {
  const own = rows.filter(({ grammar }) => DECLARING_GRAMMARS.has(grammar));
  if (own.length === 0 || own.length > DECLARATIONS_MAX) return [];
  const facts = await readFacts(sql, snapshot, [...new Set(own.map(({ path }) => path))]);
  return own.map(({ path, number }) => ({ path, symbol: number, symbols: facts.get(path)?.symbols ?? [] }));
}

/** In other files. */
async function findDefinitionsOf(
  sql: OrganizationSql,
  snapshot: IndexedRef,
  { declared, rows: [row] }: { declared: readonly Declared[]; rows: readonly SymbolRow[] },
): Promise<Definition[]> {
  if (!row || declared.length === 0) return [];
  const asked = { name: row.name, container: row.container ?? undefined, path: undefined, limit: DECLARATIONS_MAX + 1 };
  const all = await declaredAs(sql, snapshot, (await listDefinitions(sql, snapshot, asked)).filter(isReadSo));
  return declared.flatMap((one) => definitionOf(one, all) ?? []).map(({ path, symbol }) => ({ path, symbol }));
}

/** A text that stands under two endings has symbols of both grammars. */
function isReadSo({ path, grammar }: SymbolRow): boolean {
  return grammarOf(path) === grammar;
}

async function findRows(
  sql: OrganizationSql,
  snapshot: IndexedRef,
  { symbol, path }: Input,
): Promise<{ rows: SymbolRow[]; isCut: boolean }> {
  for (const named of [splitName(symbol), { container: undefined, name: symbol }]) {
    if (named.container === "" || named.name === "") continue;
    const rows = await listDefinitions(sql, snapshot, { ...named, path, limit: DEFINITIONS_MAX + 1 });
    const found = rows.slice(0, DEFINITIONS_MAX).filter(isReadSo);
    if (found.length > 0) return { rows: found, isCut: rows.length > DEFINITIONS_MAX };
  }
  return { rows: [], isCut: false };
}

/** `a.Router.add`, `a::Router::add`, `Router<T>::add`: the last name, and the one before it. */
function splitName(symbol: string): { container: string | undefined; name: string } {
  const [, around, name] = /^(.*)(?:\.|::)(.*)$/s.exec(symbol) ?? [];
  if (around === undefined || name === undefined) return { container: undefined, name: symbol };
  const container = around.replace(/<.*>$/s, "").split(/\.|::/).at(-1);
  return { container: around === "" && symbol.startsWith("::") ? undefined : container, name };
}

/** The definition whose name stands on that line, else the innermost that contains it. */
function pin(rows: readonly SymbolRow[], line: number): SymbolRow[] {
  const exact = rows.filter((row) => row.line === line);
  if (exact.length > 0) return exact;
  return rows
    .filter((row) => row.line <= line && line <= row.end_line)
    .sort((a, b) => a.end_line - a.line - (b.end_line - b.line))
    .slice(0, 1);
}

async function nothingSoNamed(sql: OrganizationSql, snapshot: IndexedRef, { symbol, path, line }: Input) {
  const where = `${snapshot.repository} at ${snapshot.ref}`;
  if (path !== undefined || line !== undefined)
    return new AppError(
      "not_found",
      `No definition of '${symbol}' ${path === undefined ? "" : `in ${path} `}${line === undefined ? "" : `at line ${line} `}of ${where}. Leave out path and line to see all definitions.`,
    );
  const similar = (await listSimilarNames(sql, snapshot, splitName(symbol).name)).filter((name) => name !== symbol);
  const hint = similar.length > 0 ? `Did you mean ${similar.join(", ")}?` : "search_code finds it as text.";
  return new AppError("not_found", `No definition of '${symbol}' in ${where}. ${hint}`);
}

async function readFacts(sql: OrganizationSql, snapshot: IndexedRef, paths: string[]): Promise<Map<string, Facts>> {
  const rows = await listLinkedFiles(sql, snapshot, { paths, grammars: paths.map((path) => grammarOf(path) ?? "") });
  return new Map(rows.flatMap(({ path, facts }) => (facts ? [[path, openFacts(facts)] as const] : [])));
}

function describeDefinition({ repository }: IndexedRef, row: SymbolRow, facts: Facts | undefined) {
  const symbol = facts?.symbols[row.number];
  if (!symbol) throw new Error("a symbol's row has no facts");
  return {
    repository,
    path: row.path,
    line: symbol.line,
    column: symbol.column,
    end_line: symbol.endLine,
    name: qualifiedName(facts.symbols, row.number),
    kind: symbol.kind,
    signature: symbol.signature,
    ...(symbol.documentation !== undefined && { documentation: symbol.documentation }),
  };
}

// ── usages ────────────────────────────────────────────────────────────────────────────────────────────────────

async function describeUsages(sql: OrganizationSql, snapshot: IndexedRef, usages: readonly Usage[]) {
  const lines = await listLines(
    sql,
    usages.map(({ blobId, line }) => ({ blobId, line })),
  );
  const facts = await readFacts(sql, snapshot, [
    ...new Set(usages.flatMap(({ candidates }) => candidates.map(({ path }) => path))),
  ]);
  return usages.map((usage, i) => ({
    repository: snapshot.repository,
    path: usage.path,
    line: usage.line,
    column: usage.column,
    kind: usage.kind,
    text: shownLine(lines[i] ?? ""),
    ...(usage.enclosing !== undefined && { enclosing_symbol: usage.enclosing }),
    confidence: usage.confidence,
    tier: usage.tier,
    ...(usage.candidates.length > 0 && {
      candidates: usage.candidates.flatMap((one) => describeCandidate(one, facts)),
    }),
  }));
}

function describeCandidate({ path, symbol: number }: Definition, facts: ReadonlyMap<string, Facts>) {
  const symbols = facts.get(path)?.symbols ?? [];
  const symbol = symbols[number];
  return symbol ? [{ path, line: symbol.line, name: qualifiedName(symbols, number) }] : [];
}

// ── paging ────────────────────────────────────────────────────────────────────────────────────────────────────

const cursorPosition = z.object({
  snapshot: z.int(),
  /** See readGraphs. */
  checked: z.array(z.int()),
  /** Definitions. */
  shown: z.int(),
  /** null: there are no more usages. */
  from: z.object({ path: z.string(), reference: z.int() }).nullable(),
});

async function findPlace(sql: OrganizationSql, asked: Input, context: OperationContext) {
  if (asked.line !== undefined && asked.path === undefined) throw invalidInput("path", "is required with line");
  if (asked.cursor === undefined) {
    const repository = await getOnlyRepository(sql, asked.repository);
    return { snapshot: await getIndexedRef(sql, repository, asked.ref), checked: undefined, shown: 0, from: undefined };
  }
  const position = cursorPosition.safeParse(context.cursors.open(bindingOf(asked, context), asked.cursor));
  if (!position.success) throw refusedCursor(position.error);
  const [snapshot] = await listSnapshots(sql, [position.data.snapshot]);
  if (!snapshot) throw refusedCursor();
  return { ...position.data, snapshot };
}

function bindingOf({ cursor: _cursor, limit: _limit, ...asked }: Input, { caller }: OperationContext): CursorBinding {
  return { organizationId: caller.organizationId, operation: "find_usages", input: asked };
}
