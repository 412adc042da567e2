// update_project: another name, description or set of repositories.
import { z } from "zod";
import { operation } from "../operation.ts";
import { getProject, holdProject, listMembers, replaceMembers, updateProject as update } from "../projects/store.ts";
import { holdRepositories } from "../repositories/store.ts";
import {
  describeProject,
  projectDescriptionField,
  projectField,
  projectFields,
  projectNameField,
  projectRepositoriesField,
} from "./wire.ts";

export const updateProject = operation({
  name: "update_project",
  title: "Update project",
  description: "Change a project's name or description, or replace its repositories. What is not given stays.",
  route: "PATCH /projects/{project}",
  toolset: "projects",
  effect: "write",
  scope: "write",
  positional: "project",
  input: z.strictObject({
    project: projectField,
    name: projectNameField.optional(),
    description: projectDescriptionField.optional(),
    repositories: projectRepositoriesField.optional(),
  }),
  output: projectFields,
  async handle({ project: nameOrId, name, description, repositories }, { db }) {
    return db(async (sql) => {
      const { id } = await holdProject(sql, nameOrId);
      if (repositories !== undefined) {
        const members = await holdRepositories(sql, repositories);
        await replaceMembers(
          sql,
          id,
          members.map((member) => member.id),
        );
      }
      if (name !== undefined || description !== undefined) await update(sql, id, { name, description });
      return { ...describeProject(await getProject(sql, id)), repositories: await listMembers(sql, id) };
    });
  },
});
