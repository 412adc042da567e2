// search_code: exact (literal, regex) or ranked search in the text of indexed repositories.
import { z } from "zod";
import { SYMBOL_KINDS } from "../languages/facts.ts";
import { LANGUAGES } from "../languages/language.ts";
import { operation, type OperationContext } from "../operation.ts";
import { refusedCursor, type CursorBinding } from "../platform/cursor.ts";
import type { OrganizationSql } from "../platform/database.ts";
import type { BlobId } from "../platform/ids.ts";
import { listSnapshots, type IndexedRef } from "../repositories/store.ts";
import { findDefinitions, type Definition } from "../search/definitions.ts";
import { searchExact, type ExactPosition, type FileHit } from "../search/exact.ts";
import { parsePathFilter } from "../search/glob.ts";
import { LINES_PER_FILE_MAX } from "../search/limits.ts";
import { parsePattern } from "../search/parse-query.ts";
import { searchByRelevance } from "../search/relevance.ts";
import type { FileFilter } from "../search/store.ts";
import { findSnapshots } from "./scope.ts";
import {
  cursorField,
  freshnessField,
  freshnessOf,
  nextCursorField,
  projectField,
  refField,
  repositoryField,
  textField,
} from "./wire.ts";

const STRATEGIES = ["literal", "regex", "relevance"] as const;
type Strategy = (typeof STRATEGIES)[number];

const input = z.strictObject({
  query: textField(1000).describe("What to find: text, a regular expression, or words."),
  match: z
    .enum(["auto", ...STRATEGIES])
    .default("auto")
    .describe(
      "literal: the exact string. regex: RE2 syntax, matched line by line. relevance: words or a sentence, ranked. auto: literal when the whole query occurs, else relevance.",
    ),
  case_sensitive: z.boolean().optional().describe("Default: true for literal and regex, false for auto and relevance."),
  repository: repositoryField.optional().describe("Search this repository alone (`owner/name` or id). Default: all."),
  project: projectField.optional().describe("Search this project's repositories alone (name or id)."),
  ref: refField.optional(),
  path: textField(1000)
    .optional()
    .describe(
      "Globs separated by spaces, `!` excludes: `src/**/*.ts !**/*.test.ts`. Without a slash it matches at any depth; `\\ ` is a blank.",
    ),
  language: z.enum(LANGUAGES).optional().describe("Files of this language alone, e.g. typescript."),
  include_tests: z.boolean().default(true).describe("false leaves out test files."),
  context_lines: z.int().min(0).max(10).default(1).describe("Lines shown before and after each match."),
  detail: z
    .enum(["paths", "matches"])
    .default("matches")
    .describe("paths: only files and counts, the shortest answer."),
  limit: z.int().min(1).max(100).default(20).describe("Files per page."),
  cursor: cursorField.optional(),
});
type Input = z.output<typeof input>;

const output = z.object({
  strategy: z.enum(STRATEGIES).describe("How the query was understood."),
  results: z.array(
    z.object({
      repository: z.string(),
      path: z.string(),
      language: z.string(),
      score: z.number().describe("relevance: higher is better. literal and regex: 1."),
      match_count: z.int().describe(`All matches of the file; at most ${LINES_PER_FILE_MAX} lines are shown.`),
      matches: z.array(
        z.object({
          line: z.int(),
          column: z.int(),
          text: z.string(),
          before: z.array(z.string()).optional(),
          after: z.array(z.string()).optional(),
        }),
      ),
      symbols: z
        .array(z.object({ name: z.string(), kind: z.enum(SYMBOL_KINDS), line: z.int() }))
        .optional()
        .describe("Definitions on lines of the matches, members as `Container.name`."),
    }),
  ),
  truncated: z
    .boolean()
    .describe(
      "The page spent its work budget and there may be more: go on with next_cursor. relevance: not everything was looked at; narrow the question.",
    ),
  next_cursor: nextCursorField,
  freshness: freshnessField,
});

export const searchCode = operation({
  name: "search_code",
  title: "Search code",
  description:
    "Find code in the indexed repositories: an exact string, a regular expression, or words that describe it. Literal and regex search is complete: paging to next_cursor null gives every matching file, as ripgrep would; files that define the name asked for come first. Use it instead of grep when you need files, lines and counts across repositories or without a checkout.",
  route: "GET /search",
  toolset: "search",
  effect: "read",
  scope: "read",
  positional: "query",
  input,
  output,
  async handle(asked, context) {
    return context.db.read(async (sql) => {
      const page =
        asked.cursor === undefined ? await firstPage(sql, asked, context) : await nextPage(sql, asked, context);
      const { strategy, snapshots, hits, truncated, next } = page;
      return {
        strategy,
        results: hits,
        truncated,
        next_cursor: next && context.cursors.seal(bindingOf(asked, context), positionOf(strategy, snapshots, next)),
        freshness: freshnessOf(snapshots),
      };
    });
  },
});

interface Page {
  strategy: Strategy;
  snapshots: readonly IndexedRef[];
  hits: FileHit[];
  truncated: boolean;
  next: Next | null;
}

/** In an exact search a place in the index, with what came first; in a ranking how many files were shown, and whether it is of all there is. */
type Next = { exact: ExactPosition; definitions: Definition[] } | { shown: number; isTruncated: boolean };

async function firstPage(sql: OrganizationSql, asked: Input, context: OperationContext): Promise<Page> {
  const snapshots = await findSnapshots(sql, asked);
  const read = async (strategy: Strategy) => {
    const from =
      strategy === "relevance"
        ? { shown: 0, isTruncated: false }
        : await startExact(sql, { asked, context, snapshots, strategy });
    return readPage(sql, { asked, context, snapshots, strategy, from });
  };
  if (asked.match !== "auto") return read(asked.match);
  const literal = await read("literal");
  return literal.hits.length > 0 || literal.next ? literal : read("relevance");
}

async function startExact(
  sql: OrganizationSql,
  {
    asked,
    context,
    snapshots,
    strategy,
  }: { asked: Input; context: OperationContext; snapshots: IndexedRef[]; strategy: Strategy },
): Promise<Next> {
  const question = { snapshots, query: asked.query, caseSensitive: isCaseSensitive(asked), filter: filterOf(asked) };
  const definitions = strategy === "literal" ? await findDefinitions({ sql, memory: context.memory }, question) : [];
  return { exact: { definition: 0, snapshot: 0, segment: 0, ordinal: 0 }, definitions };
}

async function nextPage(sql: OrganizationSql, asked: Input, context: OperationContext): Promise<Page> {
  const position = cursorPosition.safeParse(context.cursors.open(bindingOf(asked, context), asked.cursor ?? ""));
  if (!position.success) throw refusedCursor(position.error);
  const { strategy, snapshots: ids, next } = position.data;
  const snapshots = await listSnapshots(sql, ids);
  if (snapshots.length !== ids.length) throw refusedCursor();
  return readPage(sql, { asked, context, snapshots, strategy, from: next });
}

async function readPage(
  sql: OrganizationSql,
  {
    asked,
    context,
    snapshots,
    strategy,
    from,
  }: {
    asked: Input;
    context: OperationContext;
    snapshots: IndexedRef[];
    strategy: Strategy;
    from: Next;
  },
): Promise<Page> {
  const index = { sql, memory: context.memory };
  const filter = filterOf(asked);
  const clock = () => context.now().getTime();
  if ("shown" in from) {
    const page = await searchByRelevance(index, {
      snapshots,
      query: asked.query,
      filter,
      contextLines: asked.context_lines,
      shown: from.shown,
      filesMax: asked.limit,
      withLines: asked.detail !== "paths",
      clock,
    });
    const truncated = from.isTruncated || page.isTruncated;
    const next = page.isLast ? null : { shown: from.shown + asked.limit, isTruncated: truncated };
    return { strategy, snapshots: page.snapshots, hits: page.hits, truncated, next };
  }
  const { definitions } = from;
  const pattern = parsePattern({
    query: asked.query,
    match: strategy === "regex" ? "regex" : "literal",
    caseSensitive: isCaseSensitive(asked),
  });
  const page = await searchExact(index, {
    snapshots,
    pattern,
    filter,
    definitions,
    from: from.exact,
    filesMax: asked.limit,
    linesMax: asked.detail === "paths" ? 0 : LINES_PER_FILE_MAX,
    contextLines: asked.context_lines,
    clock,
  });
  return {
    strategy,
    snapshots,
    hits: page.hits,
    truncated: page.isTruncated,
    next: page.next ? { exact: page.next, definitions } : null,
  };
}

function isCaseSensitive({ case_sensitive: asked, match }: Input): boolean {
  return asked ?? match !== "auto";
}

function filterOf({ path, language, include_tests: includeTests }: Input): FileFilter {
  return { paths: path === undefined ? undefined : parsePathFilter(path), language, includeTests };
}

function bindingOf({ cursor: _cursor, limit: _limit, ...asked }: Input, { caller }: OperationContext): CursorBinding {
  return { organizationId: caller.organizationId, operation: "search_code", input: asked };
}

const cursorPosition = z.object({
  strategy: z.enum(STRATEGIES),
  snapshots: z.array(z.int()),
  next: z.union([
    z.object({
      exact: z.object({
        definition: z.int().optional(),
        snapshot: z.int(),
        segment: z.int(),
        ordinal: z.int(),
        path: z.string().optional(),
      }),
      // The cursor is sealed: it holds what we put in.
      definitions: z.array(
        z.object({ snapshot: z.int(), blobId: z.int().transform((id) => id as BlobId), lines: z.array(z.int()) }),
      ),
    }),
    z.object({ shown: z.int(), isTruncated: z.boolean() }),
  ]),
});

function positionOf(strategy: Strategy, snapshots: readonly IndexedRef[], next: Next): z.input<typeof cursorPosition> {
  return { strategy, snapshots: snapshots.map(({ snapshot_id }) => snapshot_id), next };
}
