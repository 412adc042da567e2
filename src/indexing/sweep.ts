// Removes what nobody can ask for any more: superseded and half-built snapshots, segments without a snapshot,
// content without a file, mirrors without a repository, and jobs whose message is gone.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { removeMirror } from "../git/mirror.ts";
import { groupBy } from "../platform/group-by.ts";
import { JOB_STATEMENT_SECONDS_MAX, type Database, type OrganizationDatabase } from "../platform/database.ts";
import type { RepositoryId } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import { deleteUnusedSegments } from "../search/store.ts";
import { CHECK_WAIT_SECONDS_MAX } from "./check/limits.ts";
import { SWEEP_BLOBS_MAX } from "./limits.ts";
import { deletingBlobs, withRepository } from "./locks.ts";
import { deleteOldJobs, endAbandonedChecks, failAbandonedJobs } from "../repositories/store.ts";
import { deleteOldSnapshots, deleteUnusedBlobs, listAllRepositories } from "./store.ts";

/** What is in use at this moment is left for the next round. */
const WAIT_SECONDS = 1;

/** One round over every organization. Safe beside running jobs, and safe to repeat. */
export async function sweepAll(
  { database, mirrorDirectory, log }: { database: Database; mirrorDirectory: string; log: Log },
  signal: AbortSignal,
): Promise<void> {
  const failed = await database.unsafeAllOrganizations((sql) => failAbandonedJobs(sql));
  if (failed > 0) log.warn(`Failed ${failed} jobs whose worker died too often`, { failed });
  await database.unsafeAllOrganizations((sql) => deleteOldJobs(sql));
  await database.unsafeAllOrganizations((sql) => endAbandonedChecks(sql, { secondsMax: CHECK_WAIT_SECONDS_MAX }));
  // Mirrors are listed first: one that a repository gets after that is not among them.
  const mirrors = await listMirrors(mirrorDirectory);
  const rows = await database.unsafeAllOrganizations((sql) => listAllRepositories(sql));
  for (const [organizationId, members] of groupBy(rows, (row) => row.organization_id)) {
    const db = database.forOrganization(organizationId, { statementSecondsMax: JOB_STATEMENT_SECONDS_MAX });
    for (const { repository_id: repositoryId } of members) {
      signal.throwIfAborted();
      if (repositoryId)
        await withRepository(db, { repositoryId, waitSeconds: WAIT_SECONDS }, () => sweepRepository(db, repositoryId));
    }
    await deletingBlobs(db, { waitSeconds: WAIT_SECONDS }, () => sweepBlobs(db));
  }
  const known = new Set<string | null>(rows.map((row) => row.repository_id));
  for (const { path, repositoryId } of mirrors) if (!known.has(repositoryId)) await removeMirror(path);
}

/** Snapshots and segments of one repository. Only under its lock. */
export async function sweepRepository(db: OrganizationDatabase, repositoryId: RepositoryId): Promise<void> {
  await db(async (sql) => {
    await deleteOldSnapshots(sql, repositoryId);
    await deleteUnusedSegments(sql, repositoryId);
  });
}

/** Content without a file. Only under the organization's exclusive lock. */
export async function sweepBlobs(db: OrganizationDatabase): Promise<void> {
  while ((await db((sql) => deleteUnusedBlobs(sql, SWEEP_BLOBS_MAX))) > 0);
}

async function listMirrors(mirrorDirectory: string): Promise<{ path: string; repositoryId: string }[]> {
  const organizations = await readdir(mirrorDirectory).catch(() => []);
  const lists = organizations.map(async (organization) => {
    const names = await readdir(join(mirrorDirectory, organization)).catch(() => []);
    return names.map((name) => ({
      path: join(mirrorDirectory, organization, name),
      repositoryId: name.replace(/\.git$/, ""),
    }));
  });
  return (await Promise.all(lists)).flat();
}
