// read_file: the text of one indexed file, whole or some lines of it.
import { z } from "zod";
import { AppError, invalidInput } from "../errors.ts";
import { SYMBOLS_OF_FILE_MAX } from "../graph/limits.ts";
import { listSymbols } from "../graph/store.ts";
import { SYMBOL_KINDS } from "../languages/facts.ts";
import { grammarOf } from "../languages/grammar.ts";
import { PROBLEM_REASONS } from "../repositories/problems.ts";
import { operation } from "../operation.ts";
import type { BlobId } from "../platform/ids.ts";
import type { OrganizationSql } from "../platform/database.ts";
import { READ_CHARACTERS_MAX, READ_LINES_MAX } from "../repositories/limits.ts";
import {
  getFile,
  getIndexedRef,
  getLineCount,
  getOnlyRepository,
  listChunks,
  type FileRow,
  type IndexedRef,
} from "../repositories/store.ts";
import { linesOf } from "../search/snippet.ts";
import { commitField, dirtyField, freshnessField, freshnessOf, pathField, refField, repositoryField } from "./wire.ts";

export const readFile = operation({
  name: "read_file",
  title: "Read file",
  description:
    "Read an indexed file, or some lines of it, exactly as it was at the indexed commit. Use it after search_code to see more of a file without a checkout.",
  route: "GET /files",
  toolset: "search",
  effect: "read",
  scope: "read",
  positional: "path",
  input: z.strictObject({
    repository: repositoryField
      .optional()
      .describe("Repository (`owner/name` or id); needed when several are indexed."),
    path: pathField.describe("Path in the repository, e.g. src/index.ts."),
    ref: refField.optional(),
    start_line: z.int().min(1).default(1).describe("First line, from 1."),
    end_line: z.int().min(1).optional().describe(`Last line. At most ${READ_LINES_MAX} lines are given at once.`),
  }),
  output: z.object({
    repository: z.string(),
    path: z.string(),
    language: z.string(),
    commit: commitField,
    dirty: dirtyField,
    start_line: z.int(),
    end_line: z.int().describe("Last line given; 0 for an empty file."),
    total_lines: z.int(),
    text: z.string(),
    truncated: z
      .boolean()
      .describe(
        `There was more than fits one answer: go on at end_line + 1. A single line longer than ${READ_CHARACTERS_MAX} characters is cut.`,
      ),
    symbols: z
      .array(z.object({ name: z.string(), kind: z.enum(SYMBOL_KINDS), line: z.int() }))
      .describe("Definitions in these lines, members as `Container.name`."),
    freshness: freshnessField,
  }),
  async handle({ repository: name, path, ref, start_line: start, end_line: end }, { db }) {
    return db(async (sql) => {
      const repository = await getOnlyRepository(sql, name);
      const snapshot = await getIndexedRef(sql, repository, ref);
      const file = await getTextFile(sql, { snapshot, path });
      const total = await getLineCount(sql, file.blobId);
      if (start > Math.max(1, total)) throw invalidInput("start_line", `is beyond the end: ${path} has ${total} lines`);
      if (end !== undefined && end < start) throw invalidInput("end_line", "is before start_line");
      const wanted = Math.min(total, end ?? total);
      const read = await readLines(sql, {
        blobId: file.blobId,
        start,
        end: Math.min(wanted, start + READ_LINES_MAX - 1),
      });
      return {
        repository: repository.name,
        path,
        language: file.language,
        commit: snapshot.commit,
        dirty: snapshot.dirty,
        start_line: start,
        end_line: read.endLine,
        total_lines: total,
        text: read.text,
        truncated: read.isCut || read.endLine < wanted,
        symbols: await readSymbols(sql, { path, blobId: file.blobId, start, end: read.endLine }),
        freshness: freshnessOf([snapshot]),
      };
    });
  },
});

async function readSymbols(
  sql: OrganizationSql,
  { path, blobId, start, end }: { path: string; blobId: BlobId; start: number; end: number },
) {
  const grammar = grammarOf(path);
  if (grammar === undefined) return [];
  const rows = await listSymbols(sql, { blobId, grammar, startLine: start, endLine: end, limit: SYMBOLS_OF_FILE_MAX });
  return rows.map(({ name, container, kind, line }) => ({
    name: container === null ? name : `${container}.${name}`,
    kind,
    line,
  }));
}

async function getTextFile(
  sql: OrganizationSql,
  { snapshot, path }: { snapshot: IndexedRef; path: string },
): Promise<FileRow & { blobId: BlobId }> {
  const file = await getFile(sql, snapshot, path);
  if (file.blob_id === null || !file.has_text) {
    const reason = Object.entries(PROBLEM_REASONS).find(([name]) => name === file.problem)?.[1] ?? "it has no text";
    throw new AppError("not_found", `'${path}' is not indexed as text: ${reason}.`);
  }
  return { ...file, blobId: file.blob_id };
}

/** Whole lines while they fit READ_CHARACTERS_MAX; the first line is cut when it alone does not. */
async function readLines(
  sql: OrganizationSql,
  { blobId, start, end }: { blobId: BlobId; start: number; end: number },
): Promise<{ text: string; endLine: number; isCut: boolean }> {
  const chunks = await listChunks(sql, { blobId, startLine: start, endLine: end });
  const first = chunks[0]?.first_line ?? 1;
  const text = chunks.map((chunk) => chunk.content).join("");
  const lines = linesOf(text).slice(start - first, end - first + 1);
  let size = 0;
  let count = 0;
  for (const line of lines) {
    size += line.length + 1;
    if (size > READ_CHARACTERS_MAX) break;
    count++;
  }
  if (count === 0 && lines[0] !== undefined)
    return { text: withoutHalfCharacter(lines[0].slice(0, READ_CHARACTERS_MAX)), endLine: start, isCut: true };
  const endsInNewline = start - first + count < linesOf(text).length || text.endsWith("\n");
  const kept = lines.slice(0, count).join("\n");
  return {
    text: count > 0 && endsInNewline ? `${kept}\n` : kept,
    endLine: count === 0 ? 0 : start + count - 1,
    isCut: false,
  };
}

/** A cut may fall between the two halves of a character beyond U+FFFF. */
function withoutHalfCharacter(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, "");
}
