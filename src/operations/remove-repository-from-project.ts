// remove_repository_from_project: a repository leaves a project.
import { z } from "zod";
import { operation } from "../operation.ts";
import { removeMember, holdProject } from "../projects/store.ts";
import { getRepository } from "../repositories/store.ts";
import { projectField, repositoryField } from "./wire.ts";

const member = z.object({ id: z.uuid(), name: z.string() });

export const removeRepositoryFromProject = operation({
  name: "remove_repository_from_project",
  title: "Remove repository from project",
  description: "Take a repository out of a project; it stays indexed. Doing it again changes nothing.",
  route: "DELETE /projects/{project}/repositories/{repository}",
  toolset: "projects",
  effect: "delete",
  scope: "write",
  positional: "project",
  input: z.strictObject({ project: projectField, repository: repositoryField }),
  output: z.object({ project: member, repository: member, changed: z.boolean() }),
  async handle(asked, { db }) {
    return db(async (sql) => {
      const project = await holdProject(sql, asked.project);
      const repository = await getRepository(sql, asked.repository);
      const changed = await removeMember(sql, project.id, repository.id);
      return {
        project: { id: project.id, name: project.name },
        repository: { id: repository.id, name: repository.name },
        changed,
      };
    });
  },
});
