// Tables projects and projects_repositories: named sets of an organization's repositories.
import { AppError } from "../errors.ts";
import { fragment, type Fragment, type OrganizationSql } from "../platform/database.ts";
import { isUuid, type ProjectId, type RepositoryId } from "../platform/ids.ts";
import { NAMES_IN_MESSAGE_MAX } from "./limits.ts";

export interface Project {
  id: ProjectId;
  name: string;
  description: string;
  repository_count: number;
  created_at: Date;
  updated_at: Date;
}

const PROJECT = fragment`
  select p.id, p.name, p.description, p.created_at, p.updated_at,
    (select count(*)::int from public.projects_repositories m
     where m.organization_id = p.organization_id and m.project_id = p.id) as repository_count
  from public.projects p`;

/** The project of that id or name (without case). Throws `not_found`, naming what the caller has. */
export async function getProject(sql: OrganizationSql, nameOrId: string): Promise<Project> {
  return findProject(sql, nameOrId, fragment``);
}

/** As getProject; nobody else changes or deletes it before the transaction ends. To be taken before its repositories. */
export async function holdProject(sql: OrganizationSql, nameOrId: string): Promise<Project> {
  return findProject(sql, nameOrId, fragment`for update of p`);
}

async function findProject(sql: OrganizationSql, nameOrId: string, lock: Fragment): Promise<Project> {
  const rows = await sql<Project>`
    ${PROJECT}
    where p.organization_id = ${sql.organizationId}
      and ${isUuid(nameOrId) ? fragment`p.id = ${nameOrId}` : fragment`p.folded_name = kota.folded(${nameOrId})`}
    ${lock}`;
  const [project] = rows;
  if (project) return project;
  const known = await listProjects(sql, { afterName: undefined, limit: NAMES_IN_MESSAGE_MAX });
  const hint =
    known.length > 0
      ? `There are: ${known.map(({ name }) => name).join(", ")}.`
      : "There are none; create_project makes one.";
  throw new AppError("not_found", `No project '${nameOrId}'. ${hint}`);
}

/** Projects by name without case, after `afterName`. */
export async function listProjects(
  sql: OrganizationSql,
  { afterName, limit }: { afterName: string | undefined; limit: number },
): Promise<Project[]> {
  return sql<Project>`
    ${PROJECT}
    where p.organization_id = ${sql.organizationId}
      and ${afterName === undefined ? fragment`true` : fragment`p.folded_name > kota.folded(${afterName})`}
    order by p.folded_name
    limit ${limit}`;
}

/** Throws `conflict` when there is one of that name. */
export async function createProject(
  sql: OrganizationSql,
  { name, description }: { name: string; description: string },
): Promise<ProjectId> {
  const rows = await sql<{ id: ProjectId }>`
    insert into public.projects (organization_id, name, description)
    values (${sql.organizationId}, ${name}, ${description})
    on conflict (organization_id, folded_name) do nothing
    returning id`;
  const [row] = rows;
  if (!row) throw nameTaken(name);
  return row.id;
}

/** Changes what is given. Throws `conflict` when another one has that name. */
export async function updateProject(
  sql: OrganizationSql,
  id: ProjectId,
  { name, description }: { name: string | undefined; description: string | undefined },
): Promise<void> {
  if (name !== undefined) {
    const others = await sql`
      select from public.projects
      where organization_id = ${sql.organizationId} and folded_name = kota.folded(${name}) and id <> ${id}`;
    if (others.length > 0) throw nameTaken(name);
  }
  await sql`
    update public.projects
    set name = coalesce(${name ?? null}, name), description = coalesce(${description ?? null}, description), updated_at = now()
    where organization_id = ${sql.organizationId} and id = ${id}`;
}

export async function deleteProject(sql: OrganizationSql, id: ProjectId): Promise<void> {
  await sql`delete from public.projects where organization_id = ${sql.organizationId} and id = ${id}`;
}

export interface Member {
  id: RepositoryId;
  name: string;
}

/** The project's repositories, by name. */
export async function listMembers(sql: OrganizationSql, projectId: ProjectId): Promise<Member[]> {
  return sql<Member>`
    select r.id, r.name
    from public.projects_repositories m
    join public.repositories r on r.organization_id = m.organization_id and r.id = m.repository_id
    where m.organization_id = ${sql.organizationId} and m.project_id = ${projectId}
    order by r.folded_name`;
}

/** True when it was none before. */
export async function addMember(
  sql: OrganizationSql,
  projectId: ProjectId,
  repositoryId: RepositoryId,
): Promise<boolean> {
  const rows = await sql`
    insert into public.projects_repositories (organization_id, project_id, repository_id)
    values (${sql.organizationId}, ${projectId}, ${repositoryId})
    on conflict do nothing
    returning repository_id`;
  if (rows.length > 0) await touch(sql, projectId);
  return rows.length > 0;
}

/** True when it was one before. */
export async function removeMember(
  sql: OrganizationSql,
  projectId: ProjectId,
  repositoryId: RepositoryId,
): Promise<boolean> {
  const rows = await sql`
    delete from public.projects_repositories
    where organization_id = ${sql.organizationId} and project_id = ${projectId} and repository_id = ${repositoryId}
    returning repository_id`;
  if (rows.length > 0) await touch(sql, projectId);
  return rows.length > 0;
}

/** Makes these the project's repositories, all of them. */
export async function replaceMembers(
  sql: OrganizationSql,
  projectId: ProjectId,
  repositoryIds: readonly RepositoryId[],
): Promise<void> {
  await sql`
    delete from public.projects_repositories
    where organization_id = ${sql.organizationId} and project_id = ${projectId} and not repository_id = any(${repositoryIds}::uuid[])`;
  await sql`
    insert into public.projects_repositories (organization_id, project_id, repository_id)
    select ${sql.organizationId}, ${projectId}, id
    from unnest(${repositoryIds}::uuid[]) as r(id)
    on conflict do nothing`;
  await touch(sql, projectId);
}

async function touch(sql: OrganizationSql, id: ProjectId): Promise<void> {
  await sql`update public.projects set updated_at = now() where organization_id = ${sql.organizationId} and id = ${id}`;
}

function nameTaken(name: string): AppError {
  return new AppError("conflict", `There is a project '${name}' already. Choose another name, or update_project.`);
}
