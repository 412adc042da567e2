// Who may change what at once. One job builds a repository at a time; while any job of an organization builds, its
// blobs are not deleted, for a job counts on those it found.
import type { Lock, OrganizationDatabase } from "../platform/database.ts";
import type { RepositoryId } from "../platform/ids.ts";

interface Asked {
  repositoryId: RepositoryId;
  waitSeconds: number;
}

/** Runs `work` as the only writer of the repository; undefined when the wait was in vain. */
export function withRepository<T>(
  db: OrganizationDatabase,
  { repositoryId, waitSeconds }: Asked,
  work: (kept: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  return db.withLocks({ locks: [repository(db, repositoryId)], waitSeconds }, work);
}

/** Runs `work` as the only writer of the repository, while no blob of the organization is deleted. */
export function building<T>(
  db: OrganizationDatabase,
  { repositoryId, waitSeconds }: Asked,
  work: (kept: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  return db.withLocks({ locks: [repository(db, repositoryId), blobs(db, "shared")], waitSeconds }, work);
}

/** Runs `work` while no job of the organization builds. */
export function deletingBlobs<T>(
  db: OrganizationDatabase,
  { waitSeconds }: Pick<Asked, "waitSeconds">,
  work: (kept: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  return db.withLocks({ locks: [blobs(db, "exclusive")], waitSeconds }, work);
}

const repository = (db: OrganizationDatabase, id: RepositoryId): Lock => ({
  key: `repository ${db.organizationId} ${id}`,
  mode: "exclusive",
});

const blobs = (db: OrganizationDatabase, mode: Lock["mode"]): Lock => ({ key: `blobs ${db.organizationId}`, mode });
