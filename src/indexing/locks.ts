// Who may change what at once. One job builds a repository at a time; while any job of an organization builds, its
// blobs are not deleted, for a job counts on those it found.
import type { OrganizationDatabase } from "../platform/database.ts";
import type { RepositoryId } from "../platform/ids.ts";

interface Waiting {
  waitSeconds: number;
}

/** Runs `work` as the only writer of the repository; undefined when the wait was in vain. */
export function withRepository<T>(
  db: OrganizationDatabase,
  { repositoryId, waitSeconds }: Waiting & { repositoryId: RepositoryId },
  work: () => Promise<T>,
): Promise<T | undefined> {
  return db.withLock({ key: `repository ${db.organizationId} ${repositoryId}`, mode: "exclusive", waitSeconds }, work);
}

/** Runs `work` while no blob of the organization is deleted. */
export function keepingBlobs<T>(
  db: OrganizationDatabase,
  { waitSeconds }: Waiting,
  work: () => Promise<T>,
): Promise<T | undefined> {
  return db.withLock({ key: `blobs ${db.organizationId}`, mode: "shared", waitSeconds }, work);
}

/** Runs `work` while no job of the organization builds. */
export function deletingBlobs<T>(
  db: OrganizationDatabase,
  { waitSeconds }: Waiting,
  work: () => Promise<T>,
): Promise<T | undefined> {
  return db.withLock({ key: `blobs ${db.organizationId}`, mode: "exclusive", waitSeconds }, work);
}
