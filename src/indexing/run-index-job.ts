// The life of an index job: taken by a worker, alone in its repository, telling how far it is, ended once.
import { AppError, type ErrorCode } from "../errors.ts";
import type { GitContext } from "../git/run-git.ts";
import type { OrganizationDatabase } from "../platform/database.ts";
import type { JobId } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import { TryLater } from "../platform/queue.ts";
import {
  findJob,
  finishJob,
  hasLaterJob,
  requeueJob,
  saveProgress,
  startJob,
  type IndexJob,
  type Progress,
} from "../repositories/store.ts";
import type { AnalysePool } from "./analyse-pool.ts";
import type { Checks } from "./check/checks.ts";
import type { FolderMemory, KnownFolder } from "./folder-memory.ts";
import { LOCK_RETRY_SECONDS, LOCK_WAIT_SECONDS_MAX, PROGRESS_MS } from "./limits.ts";
import { building } from "./locks.ts";
import { mergeRepository } from "./merge-repository.ts";
import { buildSnapshot, type Built, describeJobFailure } from "./pipeline.ts";
import { readPrevious } from "./previous-snapshot.ts";
import { endIfCurrent, JobLost } from "./publish-snapshot.ts";
import { openSource, WORKTREE_REF } from "./source.ts";
import { sweepRepository } from "./sweep.ts";

export interface IndexContext {
  db: OrganizationDatabase;
  git: GitContext;
  mirrorDirectory: string;
  mayReadFolders: boolean;
  pool: AnalysePool;
  checks: Checks | undefined;
  folders: FolderMemory;
  log: Log;
  now: () => Date;
}

/** Trying again would not help with these. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  "invalid_input",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "payload_too_large",
]);

interface Run {
  jobId: JobId;
  isLastAttempt: boolean;
  signal: AbortSignal;
}

/**
 * Runs the job to its end. Safe to repeat; does nothing for a job that is over. Throws to be tried again, having
 * noted why; on the last attempt, and for what cannot be mended by repeating, the job is marked failed. Throws
 * TryLater while another job has the repository.
 */
export async function runIndexJob(context: IndexContext, run: Run): Promise<void> {
  const { db } = context;
  const job = await db((sql) => findJob(sql, run.jobId));
  if (!job) return;
  const asked = { repositoryId: job.repository_id, waitSeconds: LOCK_WAIT_SECONDS_MAX };
  const isDone = await building(db, asked, async (kept) => {
    await attempt(context, { ...run, kept });
    return true;
  });
  if (!isDone) throw new TryLater(LOCK_RETRY_SECONDS);
}

/** One attempt, alone in the repository while `kept` is not aborted. */
async function attempt(
  context: IndexContext,
  { jobId, isLastAttempt, signal, kept }: Run & { kept: AbortSignal },
): Promise<void> {
  const { db, log } = context;
  const started = await db((sql) => startJob(sql, jobId));
  const job = started && (await db((sql) => findJob(sql, jobId)));
  if (!job) return;
  const mine = { id: jobId, attempt: started.attempt };
  const { repository, ref, commit } = job;
  const startedMs = context.now().getTime();
  const watch = watchJob(context, { mine, signal: AbortSignal.any([signal, kept]) });
  try {
    const built = await build(context, { job, mine, signal: watch.signal }, watch.report);
    await sweepRepository(db, job.repository_id);
    const durationMs = context.now().getTime() - startedMs;
    log.info(`Indexed ${repository} ${ref} at ${commit.slice(0, 12)}`, { repository, ref, commit, durationMs });
    // Nobody waits for this, and it ends by itself: a worker that stops does not cut it short, or a command that
    // indexes and exits would never merge.
    if (built?.next) await mergeRepository(context, { repositoryId: job.repository_id, built, signal: kept });
  } catch (error) {
    if (error instanceof JobLost)
      return log.info(`Let go of the job for ${repository} ${ref}: it is not wanted any more`);
    const message = describeJobFailure(error);
    if (signal.aborted) {
      await db((sql) => requeueJob(sql, mine, "Its worker stopped; another one takes it."));
      throw error;
    }
    if (isFinal(error)) {
      await db((sql) => finishJob(sql, mine, { state: "failed", error: message }));
      return log.warn(`Could not index ${repository} ${ref}: ${message}`);
    }
    await db(async (sql) => {
      if (isLastAttempt) await finishJob(sql, mine, { state: "failed", error: message });
      else await requeueJob(sql, mine, message);
    });
    throw error;
  } finally {
    watch.stop();
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof AppError && FINAL.has(error.code);
}

interface Taken {
  job: IndexJob;
  mine: { id: JobId; attempt: number };
  signal: AbortSignal;
}

async function build(
  context: IndexContext,
  { job, mine, signal }: Taken,
  report: (progress: Progress) => void,
): Promise<Built | undefined> {
  const { db } = context;
  signal.throwIfAborted();
  if (await db((sql) => hasLaterJob(sql, job))) {
    await db((sql) => finishJob(sql, mine, { state: "cancelled", error: "A later job has indexed this ref." }));
    throw new JobLost();
  }
  report({ phase: "fetching", filesDone: 0, filesTotal: 0, bytesDone: 0 });
  const onFetch = ({ done, total }: { done: number; total: number }) =>
    report({ phase: "fetching", filesDone: done, filesTotal: total, bytesDone: 0 });
  const open = (known?: KnownFolder) =>
    openSource(job, { ...context, organizationId: db.organizationId, signal, known, onFetch });
  const isFolder = job.ref === WORKTREE_REF;
  const known = isFolder ? context.folders.take(job.repository_id) : undefined;
  // A folder is looked at in any case: git and the database can work at the same time.
  const opening = isFolder ? open(known) : undefined;
  // Its failure is thrown where it is waited for; the database may fail before that.
  opening?.catch(() => undefined);
  const previous = await readPrevious(db, { job, remembered: known?.remembered });
  if (await endIfCurrent({ job, attempt: mine.attempt, previous }, context)) return undefined;
  // Another process may have indexed the folder since.
  const isRemembered = known?.remembered.snapshotId === previous.snapshot?.snapshot_id;
  const source = await (opening && (isRemembered || !known) ? opening : open());
  const built = await buildSnapshot(
    { job, attempt: mine.attempt, source, previous },
    { ...context, signal, onProgress: report },
  );
  const { files, baseFiles, held, snapshot } = previous;
  const next = built.next ?? (snapshot && { snapshotId: snapshot.snapshot_id, files, baseFiles, held });
  if (isFolder && next) context.folders.remember(job.repository_id, { ...next, source });
  return built;
}

/** Notes progress now and then, which also tells whether the job is still wanted: if not, the signal aborts. */
function watchJob({ db, log }: IndexContext, { mine, signal }: Omit<Taken, "job">) {
  const lost = new AbortController();
  let latest: Progress = { phase: "waiting", filesDone: 0, filesTotal: 0, bytesDone: 0 };
  let isSaving = false;
  const timer = setInterval(() => {
    if (isSaving) return;
    isSaving = true;
    db.once((sql) => saveProgress(sql, mine, latest))
      .then((isOurs) => {
        if (!isOurs) lost.abort(new JobLost());
      })
      // The database may be gone for a moment; the work itself will tell when it matters.
      .catch((error: unknown) => log.debug("Progress could not be noted", { error }))
      .finally(() => (isSaving = false));
  }, PROGRESS_MS);
  return {
    signal: AbortSignal.any([signal, lost.signal]),
    report: (progress: Progress) => void (latest = progress),
    stop: () => clearInterval(timer),
  };
}
