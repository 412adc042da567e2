// get_project: a project with its repositories.
import { z } from "zod";
import { operation } from "../operation.ts";
import { getProject as get, listMembers } from "../projects/store.ts";
import { describeProject, projectField, projectFields } from "./wire.ts";

export const getProject = operation({
  name: "get_project",
  title: "Get project",
  description: "Show a project and the repositories in it.",
  route: "GET /projects/{project}",
  toolset: "projects",
  effect: "read",
  scope: "read",
  positional: "project",
  input: z.strictObject({ project: projectField }),
  output: projectFields,
  async handle({ project: nameOrId }, { db }) {
    return db(async (sql) => {
      const project = await get(sql, nameOrId);
      return { ...describeProject(project), repositories: await listMembers(sql, project.id) };
    });
  },
});
