// Which snapshots a question over several repositories is about.
import { AppError, invalidInput } from "../errors.ts";
import type { OrganizationSql } from "../platform/database.ts";
import { getProject } from "../projects/store.ts";
import { getIndexedRef, getRepository, listIndexedRefs, type IndexedRef } from "../repositories/store.ts";

interface Scope {
  repository?: string | undefined;
  project?: string | undefined;
  ref?: string | undefined;
}

/**
 * The named repository's snapshot, those of a project, or all, at `ref` or each at its default. Throws `not_found`
 * for what is not there, and when nothing is indexed at that ref.
 */
export async function findSnapshots(
  sql: OrganizationSql,
  { repository, project: projectName, ref }: Scope,
): Promise<IndexedRef[]> {
  if (repository !== undefined && projectName !== undefined)
    throw invalidInput("project", "cannot stand beside repository: ask about one or the other");
  if (repository !== undefined) {
    const found = await listIndexedRefs(sql, { repository, ref });
    // Which of the two is missing, and what there is instead, only matters when nothing was found.
    return found.length > 0 ? found : [await getIndexedRef(sql, await getRepository(sql, repository), ref)];
  }
  const project = projectName === undefined ? undefined : await getProject(sql, projectName);
  const snapshots = await listIndexedRefs(sql, { projectId: project?.id, ref });
  if (snapshots.length > 0) return snapshots;
  if (ref !== undefined)
    throw new AppError(
      "not_found",
      `No repository is indexed at '${ref}'. list_repositories shows the refs there are.`,
    );
  throw new AppError(
    "not_found",
    project
      ? `Project '${project.name}' has no indexed repository. add_repository_to_project adds one.`
      : "Nothing is indexed yet. Add a repository with index_repository.",
  );
}
