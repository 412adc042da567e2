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
import {
  COMPACT_BYTES_MAX,
  COMPACT_ROOM_BYTES_MAX,
  COMPACT_ROOM_SHARE_MAX,
  COMPACT_WAIT_MS_MAX,
  SWEEP_BLOBS_MAX,
} from "./limits.ts";
import { deletingBlobs, withRepository } from "./locks.ts";
import { deleteOldJobs, endAbandonedChecks, failAbandonedJobs } from "../repositories/store.ts";
import { compactTable, deleteOldSnapshots, deleteUnusedBlobs, hasSuperseded, listAllRepositories } from "./store.ts";

/** What is in use at this moment is left for the next round. */
const WAIT_SECONDS = 1;

/** One round over every organization; answers how many snapshots went. Safe beside running jobs, and safe to repeat. */
export async function sweepAll(
  { database, mirrorDirectory, log }: { database: Database; mirrorDirectory: string; log: Log },
  signal: AbortSignal,
): Promise<number> {
  let snapshots = 0;
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
        snapshots +=
          (await withRepository(db, { repositoryId, waitSeconds: WAIT_SECONDS }, () =>
            sweepRepository(db, repositoryId),
          )) ?? 0;
    }
    await deletingBlobs(db, { waitSeconds: WAIT_SECONDS }, () => sweepBlobs(db));
  }
  const known = new Set<string | null>(rows.map((row) => row.repository_id));
  for (const { path, repositoryId } of mirrors) if (!known.has(repositoryId)) await removeMirror(path);
  return snapshots;
}

/** What indexing over and over grows; each has its primary key for an order. */
const COMPACTED_TABLES = [
  "blob_chunks",
  "blob_facts",
  "blobs",
  "checked_links",
  "file_links",
  "files",
  "segment_documents",
  "segment_pages",
  "snapshot_checks",
  "snapshot_graphs",
  "symbols",
];

/**
 * Gives the room back that edits left in small tables, once it is quiet: as long as superseded snapshots wait for their end
 * the next ones use it. Answers the tables that were written anew.
 */
export async function compactTables(database: Database, signal: AbortSignal): Promise<string[]> {
  const compacted: string[] = [];
  const bounds = {
    bytesMax: COMPACT_BYTES_MAX,
    roomBytesMax: COMPACT_ROOM_BYTES_MAX,
    roomShareMax: COMPACT_ROOM_SHARE_MAX,
    waitMs: COMPACT_WAIT_MS_MAX,
  };
  for (const name of COMPACTED_TABLES) {
    signal.throwIfAborted();
    if (await database.unsafeAllOrganizations.read((sql) => hasSuperseded(sql))) break;
    if (await database.unsafeAllOrganizations((sql) => compactTable(sql, { name, ...bounds }))) compacted.push(name);
  }
  return compacted;
}

/** Snapshots, whose number it answers, and segments of one repository. Only under its lock. */
export async function sweepRepository(db: OrganizationDatabase, repositoryId: RepositoryId): Promise<number> {
  return db(async (sql) => {
    const snapshots = await deleteOldSnapshots(sql, repositoryId);
    await deleteUnusedSegments(sql, repositoryId);
    return snapshots;
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
