// remove_repository: every row and file of a repository, gone.
import { z } from "zod";
import { operation } from "../operation.ts";
import { removeRepository as remove } from "../indexing/remove.ts";
import { getRepository } from "../repositories/store.ts";
import { repositoryField } from "./wire.ts";

export const removeRepository = operation({
  name: "remove_repository",
  title: "Remove repository",
  description:
    "Remove a repository from the index: its refs, text, jobs and mirror. The repository itself is not touched.",
  route: "DELETE /repositories/{repository}",
  effect: "delete",
  scope: "write",
  positional: "repository",
  input: z.strictObject({ repository: repositoryField }),
  output: z.object({ removed: z.literal(true), repository: z.object({ id: z.uuid(), name: z.string() }) }),
  async handle({ repository: name }, { db, mirrorDirectory }) {
    const repository = await db((sql) => getRepository(sql, name));
    await remove({ db, mirrorDirectory, repository });
    return { removed: true as const, repository: { id: repository.id, name: repository.name } };
  },
});
