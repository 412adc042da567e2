// list_repositories: what is indexed, at which refs, how fresh and how large.
import { z } from "zod";
import { operation } from "../operation.ts";
import { refusedCursor } from "../platform/cursor.ts";
import { getProject } from "../projects/store.ts";
import { listRepositories as listRows } from "../repositories/store.ts";
import { commitField, cursorField, dirtyField, nextCursorField, projectField, timestamp } from "./wire.ts";

const cursorPosition = z.object({ afterName: z.string() });

export const listRepositories = operation({
  name: "list_repositories",
  title: "List repositories",
  description:
    "List the indexed repositories with their refs, commits, freshness, languages and sizes. Call it first to learn the names that other tools take.",
  route: "GET /repositories",
  toolset: "index",
  effect: "read",
  scope: "read",
  input: z.strictObject({
    project: projectField.optional().describe("Only this project's repositories (name or id)."),
    limit: z.int().min(1).max(100).default(20).describe("Repositories per page."),
    cursor: cursorField.optional(),
  }),
  output: z.object({
    repositories: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        url: z.string(),
        default_ref: z.string(),
        refs: z.array(
          z.object({
            ref: z.string(),
            commit: commitField,
            dirty: dirtyField,
            state: z.enum(["current", "indexing", "stale", "failed"]),
            indexed_at: timestamp,
            files: z.int(),
            problems: z.int().describe("Files indexed as text only or left out; get_index_job_status names them."),
          }),
        ),
        languages: z.record(z.string(), z.int()).describe("Files of each language, at the default ref."),
        size_bytes: z.int(),
        projects: z.array(z.string()).describe("Names of the projects it is in."),
      }),
    ),
    next_cursor: nextCursorField,
  }),
  async handle({ project, limit, cursor }, { db, cursors, caller }) {
    const binding = { organizationId: caller.organizationId, operation: "list_repositories", input: { project } };
    const after = cursor === undefined ? undefined : cursorPosition.safeParse(cursors.open(binding, cursor));
    if (after && !after.success) throw refusedCursor(after.error);
    const page = { afterName: after?.data.afterName, limit: limit + 1 };
    const rows =
      project === undefined
        ? await db.once((sql) => listRows(sql, page))
        : await db(async (sql) => listRows(sql, { ...page, projectId: (await getProject(sql, project)).id }));
    const repositories = rows.slice(0, limit).map((row) => ({
      ...row,
      refs: row.refs.map((ref) => ({ ...ref, indexed_at: new Date(ref.indexed_at).toISOString() })),
    }));
    const last = repositories.at(-1);
    return {
      repositories,
      next_cursor: rows.length > limit && last ? cursors.seal(binding, { afterName: last.name }) : null,
    };
  },
});
