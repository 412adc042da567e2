// list_projects: the projects there are.
import { z } from "zod";
import { operation } from "../operation.ts";
import { refusedCursor } from "../platform/cursor.ts";
import { listProjects as listRows } from "../projects/store.ts";
import { cursorField, describeProject, nextCursorField, projectSummary } from "./wire.ts";

const cursorPosition = z.object({ afterName: z.string() });

export const listProjects = operation({
  name: "list_projects",
  title: "List projects",
  description: "List the projects: named sets of repositories that other tools take as `project`.",
  route: "GET /projects",
  toolset: "projects",
  effect: "read",
  scope: "read",
  input: z.strictObject({
    limit: z.int().min(1).max(100).default(20).describe("Projects per page."),
    cursor: cursorField.optional(),
  }),
  output: z.object({ projects: z.array(projectSummary), next_cursor: nextCursorField }),
  async handle({ limit, cursor }, { db, cursors, caller }) {
    const binding = { organizationId: caller.organizationId, operation: "list_projects", input: {} };
    const after = cursor === undefined ? undefined : cursorPosition.safeParse(cursors.open(binding, cursor));
    if (after && !after.success) throw refusedCursor(after.error);
    const rows = await db.once((sql) => listRows(sql, { afterName: after?.data.afterName, limit: limit + 1 }));
    const projects = rows.slice(0, limit).map(describeProject);
    const last = projects.at(-1);
    return {
      projects,
      next_cursor: rows.length > limit && last ? cursors.seal(binding, { afterName: last.name }) : null,
    };
  },
});
