// create_project: a named set of repositories, to search and ask about together.
import { z } from "zod";
import { operation } from "../operation.ts";
import { createProject as create, getProject, listMembers, replaceMembers } from "../projects/store.ts";
import { holdRepositories } from "../repositories/store.ts";
import {
  describeProject,
  projectDescriptionField,
  projectFields,
  projectNameField,
  projectRepositoriesField,
} from "./wire.ts";

export const createProject = operation({
  name: "create_project",
  title: "Create project",
  description: "Make a project: a named set of indexed repositories that can be searched and asked about together.",
  route: "POST /projects",
  toolset: "projects",
  effect: "write",
  scope: "write",
  positional: "name",
  input: z.strictObject({
    name: projectNameField,
    description: projectDescriptionField.default(""),
    repositories: projectRepositoriesField.default([]),
  }),
  output: projectFields,
  async handle({ name, description, repositories }, { db }) {
    return db(async (sql) => {
      const members = await holdRepositories(sql, repositories);
      const id = await create(sql, { name, description });
      await replaceMembers(
        sql,
        id,
        members.map((member) => member.id),
      );
      return { ...describeProject(await getProject(sql, id)), repositories: await listMembers(sql, id) };
    });
  },
});
