// delete_project: the set is gone, its repositories stay.
import { z } from "zod";
import { operation } from "../operation.ts";
import { deleteProject as remove, holdProject } from "../projects/store.ts";
import { projectField } from "./wire.ts";

export const deleteProject = operation({
  name: "delete_project",
  title: "Delete project",
  description: "Delete a project. Its repositories stay indexed.",
  route: "DELETE /projects/{project}",
  toolset: "projects",
  effect: "delete",
  scope: "write",
  positional: "project",
  input: z.strictObject({ project: projectField }),
  output: z.object({ deleted: z.literal(true) }),
  async handle({ project: nameOrId }, { db }) {
    await db(async (sql) => remove(sql, (await holdProject(sql, nameOrId)).id));
    return { deleted: true as const };
  },
});
