// `kota index`: asks for the job, works it off here, and shows it until it is over.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getIndexJobStatus, jobStatus, type JobStatus } from "../../operations/get-index-job-status.ts";
import { indexRepository } from "../../operations/index-repository.ts";
import type { JobId } from "../../platform/ids.ts";
import { cancelJob } from "../../repositories/store.ts";
import { CHECK_WAIT_SECONDS_MAX } from "../../indexing/check/limits.ts";
import type { CommandContext } from "./command-line.ts";
import { onInterrupt } from "./interrupt.ts";
import type { Running } from "./launcher.ts";
import { JOB_POLL_MS_MAX, JOB_POLL_MS_MIN, JOB_POLL_SHARE } from "./limits.ts";
import { openSession, type Session } from "./session.ts";
import { createProgressBar, note, paint, printJson, printLine, plural } from "./terminal.ts";

export interface IndexOptions {
  repository: string;
  ref?: string;
  name?: string;
  json?: boolean;
}

/** Exit code 0 when the snapshot is ready. Ctrl-C cancels the job. */
export async function indexCommand({ config, launcher }: CommandContext, options: IndexOptions): Promise<number> {
  const { signal } = onInterrupt();
  const session = await openSession(config, launcher);
  let worker: Running | undefined;
  try {
    worker = session.local && (await launcher.startWorker(session.local.kota));
    const job = await indexAndShow(session, {
      ...options,
      callerDirectory: config.callerDirectory,
      signal,
      awaitsCheck: true,
    });
    if (options.json) printJson(job);
    else if (job.state === "succeeded") printSummary(job);
    else note(describeEnd(job));
    return job.state === "succeeded" ? 0 : 1;
  } finally {
    await worker?.stop();
    await session.close();
  }
}

/** How a job that did not succeed ended. */
export function describeEnd({ job_id: id, repository, ref, state, error }: JobStatus): string {
  if (!isOver(state)) return `Stopped waiting; the server goes on: kota get-index-job-status ${id}`;
  if (state === "cancelled") return `Cancelled indexing ${repository} ${ref}. What was indexed before is untouched.`;
  const reason = error === undefined ? "the log of its worker says why" : error;
  return `${paint("red", "error[upstream_failed]")}: indexing ${repository} ${ref} ${state}: ${reason}`;
}

/**
 * Asks for the job and shows its progress on stderr until it is over. Aborting `signal` cancels it, or where a
 * server works it off only ends the wait.
 */
export async function indexAndShow(
  session: Session,
  {
    repository,
    ref,
    name,
    callerDirectory,
    signal,
    awaitsCheck,
  }: IndexOptions & {
    callerDirectory: string;
    signal: AbortSignal;
    /** A snapshot that is there is not enough: a type checker shall have looked at it too. */
    awaitsCheck: boolean;
  },
): Promise<JobStatus> {
  const where = session.local ? placeOf(repository, callerDirectory) : repository;
  const asked = await session.call(
    indexRepository,
    { repository: where, ...(ref && { ref }), ...(name && { name }) },
    { signal },
  );
  const jobId = String(asked["job_id"]);
  const bar = createProgressBar(() => Date.now());
  const startedMs = performance.now();
  try {
    for (;;) {
      const job = jobStatus.parse(await session.call(getIndexJobStatus, { job_id: jobId }));
      if (isOver(job.state) && !(awaitsCheck && isChecking(job) && !signal.aborted)) return job;
      bar.show({
        label: labelOf(job),
        done: job.progress.files_done,
        total: job.progress.files_total,
        unit: job.progress.phase === "fetching" ? "objects" : "files",
      });
      if (signal.aborted && !isOver(job.state)) return await cancel(session, job);
      await sleep(pauseMs(performance.now() - startedMs), undefined, { signal }).catch(() => undefined);
    }
  } finally {
    bar.clear();
  }
}

/** Short jobs are seen to end soon, and of long ones the progress bar moves twice a second. */
function pauseMs(waitedMs: number): number {
  return Math.max(JOB_POLL_MS_MIN, Math.min(JOB_POLL_MS_MAX, waitedMs * JOB_POLL_SHARE));
}

/** Not for ever: who checks may have died. */
function isChecking({ progress, finished_at: finished }: JobStatus): boolean {
  const ageMs = Date.now() - new Date(finished ?? 0).getTime();
  return progress.phase === "checking" && ageMs < CHECK_WAIT_SECONDS_MAX * 1000;
}

const isOver = (state: string) => state === "succeeded" || state === "failed" || state === "cancelled";

function labelOf({ state, progress, error }: JobStatus): string {
  if (state === "queued") return "waiting for a worker";
  return progress.phase === "waiting" && error !== undefined ? `waiting to try again: ${error}` : progress.phase;
}

async function cancel(session: Session, job: JobStatus): Promise<JobStatus> {
  const { local } = session;
  if (!local) return job;
  const db = local.kota.services.database.forOrganization(local.caller.organizationId);
  // The status operation gave this id.
  await db((sql) => cancelJob(sql, job.job_id as JobId));
  return { ...job, state: "cancelled" };
}

/** A folder as an absolute path, anything else as it is. What exists as a folder is one, unless it is a URL. */
function placeOf(text: string, callerDirectory: string): string {
  const isUrl = /^[a-z][a-z+.-]*:\/\//i.test(text) || /^[\w.-]+@[\w.-]+:/.test(text);
  const looksLikePath = /^(?:[./~\\]|[a-z]:[\\/])/i.test(text);
  const path = resolve(callerDirectory, text);
  return !isUrl && (looksLikePath || existsSync(path)) ? path : text;
}

export function printSummary({
  job_id: id,
  repository,
  ref,
  commit,
  progress,
  problems,
  started_at: started,
  finished_at: finished,
}: JobStatus): void {
  const seconds = started && finished ? (new Date(finished).getTime() - new Date(started).getTime()) / 1000 : 0;
  const files = plural(progress.files_total, "file", "files");
  printLine(
    `${paint("green", "✓")} ${paint("bold", repository)} ${ref} at ${commit?.slice(0, 12) ?? ""}: ${files} in ${seconds.toFixed(1)} s`,
  );
  if (problems.length > 0)
    printLine(
      paint(
        "dim",
        `  ${plural(problems.length, "file is", "files are")} indexed as text only or left out: kota get-index-job-status ${id} --json`,
      ),
    );
}
