// list_recent_files: what came into the index last.
import { z } from "zod";
import { operation } from "../operation.ts";
import { refusedCursor } from "../platform/cursor.ts";
import type { OrganizationSql } from "../platform/database.ts";
import { findSnapshots } from "./scope.ts";
import { listRecentFiles as listFiles, listSnapshots, type IndexedRef } from "../repositories/store.ts";
import {
  commitField,
  cursorField,
  dirtyField,
  nextCursorField,
  projectField,
  repositoryField,
  timestamp,
} from "./wire.ts";

const cursorPosition = z.object({
  snapshots: z.array(z.int()),
  after: z.object({ indexedAt: timestamp, repository: z.string(), path: z.string() }),
});

export const listRecentFiles = operation({
  name: "list_recent_files",
  title: "List recent files",
  description:
    "List the files whose content was indexed last, newest first: what changed lately, and whether an edit has arrived in the index.",
  route: "GET /files/recent",
  toolset: "search",
  effect: "read",
  scope: "read",
  positional: "repository",
  input: z.strictObject({
    repository: repositoryField.optional().describe("Only this repository (`owner/name` or id). Default: all."),
    project: projectField.optional().describe("Only this project's repositories (name or id)."),
    limit: z.int().min(1).max(100).default(10).describe("Files per page."),
    cursor: cursorField.optional(),
  }),
  output: z.object({
    files: z.array(
      z.object({
        repository: z.string(),
        path: z.string(),
        language: z.string(),
        size_bytes: z.int(),
        commit: commitField,
        dirty: dirtyField,
        indexed_at: timestamp.describe("When this content was first indexed at this path."),
      }),
    ),
    next_cursor: nextCursorField,
  }),
  async handle({ repository: name, project, limit, cursor }, { db, cursors, caller }) {
    const binding = { organizationId: caller.organizationId, operation: "list_recent_files", input: { name, project } };
    const position = cursor === undefined ? undefined : cursorPosition.safeParse(cursors.open(binding, cursor));
    if (position && !position.success) throw refusedCursor(position.error);
    const { snapshots, rows } = await db(async (sql) => {
      const snapshots = position
        ? await reopen(sql, position.data.snapshots)
        : await findSnapshots(sql, { repository: name, project });
      return { snapshots, rows: await listFiles(sql, { snapshots, after: position?.data.after, limit: limit + 1 }) };
    });
    const files = rows.slice(0, limit).map((row) => ({ ...row, indexed_at: row.indexed_at.toISOString() }));
    const last = files.at(-1);
    const next = last && {
      snapshots: snapshots.map(({ snapshot_id }) => snapshot_id),
      after: { indexedAt: last.indexed_at, repository: last.repository, path: last.path },
    };
    return { files, next_cursor: rows.length > limit ? cursors.seal(binding, next) : null };
  },
});

async function reopen(sql: OrganizationSql, ids: readonly number[]): Promise<IndexedRef[]> {
  const snapshots = await listSnapshots(sql, ids);
  if (snapshots.length !== ids.length) throw refusedCursor();
  return snapshots;
}
