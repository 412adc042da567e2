// add_repository_to_project: a repository joins a project.
import { z } from "zod";
import { operation } from "../operation.ts";
import { addMember, holdProject } from "../projects/store.ts";
import { holdRepository } from "../repositories/store.ts";
import { projectField, repositoryField } from "./wire.ts";

const member = z.object({ id: z.uuid(), name: z.string() });

export const addRepositoryToProject = operation({
  name: "add_repository_to_project",
  title: "Add repository to project",
  description: "Put an indexed repository into a project. Doing it again changes nothing.",
  route: "PUT /projects/{project}/repositories/{repository}",
  toolset: "projects",
  effect: "write",
  scope: "write",
  positional: "project",
  input: z.strictObject({ project: projectField, repository: repositoryField }),
  output: z.object({ project: member, repository: member, changed: z.boolean() }),
  async handle(asked, { db }) {
    return db(async (sql) => {
      const project = await holdProject(sql, asked.project);
      const repository = await holdRepository(sql, asked.repository);
      const changed = await addMember(sql, project.id, repository.id);
      return {
        project: { id: project.id, name: project.name },
        repository: { id: repository.id, name: repository.name },
        changed,
      };
    });
  },
});
