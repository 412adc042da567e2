// Stores a snapshot and makes it the one that readers get, ending its job in the same transaction; or ends the job of one that
// changes nothing.
import { groupBy } from "../platform/group-by.ts";
import type { SegmentId, SnapshotId } from "../platform/ids.ts";
import { type IndexJob, finishJob, saveJobProblems, setRef } from "../repositories/store.ts";
import { copyCheck, isChecked } from "./check/store.ts";
import { inPieces } from "./in-pieces.ts";
import { OVERLAY_SHARE_MAX, RESTAMPED_FILES_MAX, ROWS_PER_STATEMENT_MAX } from "./limits.ts";
import { type LinkedFiles, saveLinkedFiles } from "./link-step.ts";
import type { PipelineContext } from "./pipeline.ts";
import { type Previous, differs } from "./previous-snapshot.ts";
import { WORKTREE_REF } from "./source.ts";
import { type NewFile, createSnapshot, publishSnapshot, saveFiles } from "./store.ts";

export async function saveAndFlip(
  {
    job,
    attempt,
    previous,
    files,
    segmentIds,
    links,
    bytesRead,
    indexed,
  }: {
    job: IndexJob;
    attempt: number;
    previous: Previous;
    files: NewFile[];
    segmentIds: SegmentId[];
    links: LinkedFiles;
    bytesRead: number;
    indexed: { commit: string; dirty: boolean };
  },
  { db, signal, checks }: PipelineContext,
): Promise<{ snapshotId: SnapshotId; isBase: boolean }> {
  const { rows, ...told } = chooseRows(files, { job, previous });
  const { baseSnapshotId } = told;
  const snapshotId = await db((sql) =>
    createSnapshot(sql, { repositoryId: job.repository_id, ref: job.ref, ...indexed, ...told, segmentIds }),
  );
  for (const some of inPieces(rows, ROWS_PER_STATEMENT_MAX)) {
    signal.throwIfAborted();
    await db((sql) => saveFiles(sql, snapshotId, some));
  }
  await saveLinkedFiles(links, { snapshotId, baseSnapshotId, previous, context: { db, signal } });
  // Nothing changed that a checker looks at: what it found before is there from the start.
  const sameAs = links.renewed?.length === 0 ? previous.snapshot?.snapshot_id : undefined;
  const isCopied = sameAs !== undefined && (await db((sql) => copyCheck(sql, { from: sameAs, to: snapshotId })));
  const isChecking = checks !== undefined && !isCopied;
  await db(async (sql) => {
    // First, for it locks the job's row: a cancelled or taken over job changes nothing below.
    const isOurs = await finishJob(
      sql,
      { id: job.id, attempt },
      { state: "succeeded", isChecking, indexed: { ...indexed, files: files.length, bytesRead } },
    );
    if (!isOurs) throw new JobLost();
    await publishSnapshot(sql, snapshotId, totalsOf(files));
    await setRef(sql, { repositoryId: job.repository_id, ref: job.ref, isDefault: job.is_default, snapshotId });
    await saveJobProblems(sql, job.id, { snapshot_id: snapshotId, base_snapshot_id: baseSnapshotId ?? null });
  });
  if (isChecking) checks.request({ organizationId: db.organizationId, job, snapshotId, sameAs });
  return { snapshotId, isBase: baseSnapshotId === undefined };
}

/** A folder in which nothing changed: the snapshot that is there stays. */
export function isUnchanged({
  job,
  previous,
  files,
  indexed,
}: {
  job: IndexJob;
  previous: Previous;
  files: readonly NewFile[];
  indexed: { commit: string; dirty: boolean };
}): boolean {
  const { snapshot, files: before } = previous;
  const isSame =
    snapshot &&
    previous.isLinked &&
    snapshot.ref === job.ref &&
    snapshot.commit === indexed.commit &&
    snapshot.dirty === indexed.dirty;
  if (isSame !== true || files.length !== before.size) return false;
  let restamped = 0;
  for (const file of files) {
    const stored = before.get(file.path);
    if (!differs(file, stored)) continue;
    // It was too young for one when it was read.
    const isRestamped = stored?.stamp === null && !differs({ ...file, stamp: undefined }, stored);
    if (!isRestamped || ++restamped > RESTAMPED_FILES_MAX) return false;
  }
  return true;
}

export async function endUnchanged(
  {
    job,
    attempt,
    previous,
    indexed,
  }: { job: IndexJob; attempt: number; previous: Previous; indexed: { commit: string; dirty: boolean } },
  { db, checks }: Pick<PipelineContext, "db" | "checks">,
): Promise<void> {
  const { snapshot } = previous;
  const snapshotId = snapshot?.snapshot_id;
  const isChecking =
    checks !== undefined && snapshotId !== undefined && !(await db.once((sql) => isChecked(sql, snapshotId)));
  await db(async (sql) => {
    const isOurs = await finishJob(
      sql,
      { id: job.id, attempt },
      { state: "succeeded", isChecking, indexed: { ...indexed, files: previous.files.size, bytesRead: 0 } },
    );
    if (!isOurs) throw new JobLost();
    if (!snapshot) return;
    const { repository_id: repositoryId, ref, is_default: isDefault } = job;
    await setRef(sql, { repositoryId, ref, isDefault, snapshotId: snapshot.snapshot_id });
    await saveJobProblems(sql, job.id, snapshot);
  });
  if (isChecking) checks.request({ organizationId: db.organizationId, job, snapshotId, sameAs: undefined });
}

/** The previous snapshot already is this commit: there is nothing to read. Folders always have to be looked at. */
export async function endIfCurrent(
  { job, attempt, previous }: { job: IndexJob; attempt: number; previous: Previous },
  context: Pick<PipelineContext, "db" | "checks">,
): Promise<boolean> {
  const { snapshot } = previous;
  if (!previous.isLinked || snapshot?.ref !== job.ref || snapshot.commit !== job.commit || job.ref === WORKTREE_REF)
    return false;
  await endUnchanged({ job, attempt, previous, indexed: { commit: job.commit, dirty: false } }, context);
  return true;
}

/** The job was cancelled or given to another worker: what this attempt did is not wanted. */
export class JobLost extends Error {
  constructor() {
    super("the job is no longer this worker's");
    this.name = "JobLost";
  }
}

/**
 * The rows to store: only the difference from the previous snapshot's base, until all that the ref has stored as differences
 * from it would outgrow the base. Then all files, which is a base for the next: of single edits each n-th among n²/2 files.
 */
function chooseRows(
  files: NewFile[],
  { job, previous: { snapshot, baseFiles } }: { job: IndexJob; previous: Previous },
): { baseSnapshotId: SnapshotId | undefined; rowsSinceBase: number; rows: NewFile[] } {
  const whole = { baseSnapshotId: undefined, rowsSinceBase: 0, rows: files };
  if (!snapshot || baseFiles.size === 0) return whole;
  const paths = new Set(files.map((file) => file.path));
  const changed = files.filter((file) => differs(file, baseFiles.get(file.path)));
  const gone = [...baseFiles.keys()].filter((path) => !paths.has(path)).map(goneFile);
  const rows = [...changed, ...gone];
  // What another ref has stored is no reason to give this one files of its own.
  const rowsSinceBase = rows.length + (snapshot.ref === job.ref ? snapshot.rows_since_base : 0);
  if (rowsSinceBase > baseFiles.size || rows.length > baseFiles.size * OVERLAY_SHARE_MAX) return whole;
  return { baseSnapshotId: snapshot.base_snapshot_id ?? snapshot.snapshot_id, rowsSinceBase, rows };
}

function goneFile(path: string): NewFile {
  return {
    path,
    blobId: undefined,
    removed: true,
    language: "",
    isTest: false,
    sizeBytes: 0,
    problem: undefined,
    stamp: undefined,
    indexedAt: new Date(0),
  };
}

function totalsOf(files: readonly NewFile[]) {
  const withContent = files.filter((file) => file.blobId !== undefined);
  const byLanguage = groupBy(withContent, (file) => file.language);
  return {
    files: files.length,
    problems: files.filter((file) => file.problem !== undefined).length,
    sizeBytes: withContent.reduce((sum, file) => sum + file.sizeBytes, 0),
    languages: Object.fromEntries([...byLanguage].map(([language, members]) => [language, members.length])),
  };
}
