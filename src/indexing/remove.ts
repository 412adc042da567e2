// Removing a repository: its jobs let go, then its rows, its mirror, and the content nobody else has.
import { AppError } from "../errors.ts";
import { removeMirror } from "../git/mirror.ts";
import type { OrganizationDatabase } from "../platform/database.ts";
import type { RepositoryId } from "../platform/ids.ts";
import { cancelJobsOf, deleteRefs, deleteRepository, type Repository } from "../repositories/store.ts";
import { deleteSegmentOf } from "../search/store.ts";
import { REMOVE_BLOBS_WAIT_SECONDS_MAX, REMOVE_FILES_MAX, REMOVE_WAIT_SECONDS_MAX } from "./limits.ts";
import { deletingBlobs, withRepository } from "./locks.ts";
import { mirrorPathOf } from "./source.ts";
import { deleteFilesOf } from "./store.ts";
import { sweepBlobs } from "./sweep.ts";

/**
 * Removes every row and file of the repository. Content that another repository shares stays. While other jobs of
 * the organization run, content is left to the sweeper. Throws `unavailable` when a job does not let go in time.
 */
export async function removeRepository({
  db,
  mirrorDirectory,
  repository,
}: {
  db: OrganizationDatabase;
  mirrorDirectory: string;
  repository: Repository;
}): Promise<void> {
  await db((sql) => cancelJobsOf(sql, repository.id));
  const isRemoved = await withRepository(
    db,
    { repositoryId: repository.id, waitSeconds: REMOVE_WAIT_SECONDS_MAX },
    async () => {
      await deleteInPieces(db, repository.id);
      await removeMirror(
        mirrorPathOf(mirrorDirectory, { organizationId: db.organizationId, repositoryId: repository.id }),
      );
      return true;
    },
  );
  if (!isRemoved)
    throw new AppError(
      "unavailable",
      `'${repository.name}' is still being indexed. Its job was cancelled; try again in a minute.`,
    );
  await deletingBlobs(db, { waitSeconds: REMOVE_BLOBS_WAIT_SECONDS_MAX }, () => sweepBlobs(db));
}

/** Nobody sees the repository's snapshots once its refs are gone; then what may be much, then the rest. */
async function deleteInPieces(db: OrganizationDatabase, repositoryId: RepositoryId): Promise<void> {
  await db((sql) => deleteRefs(sql, repositoryId));
  while ((await db((sql) => deleteFilesOf(sql, repositoryId, REMOVE_FILES_MAX))) > 0);
  while ((await db((sql) => deleteSegmentOf(sql, repositoryId))) > 0);
  await db((sql) => deleteRepository(sql, repositoryId));
}
