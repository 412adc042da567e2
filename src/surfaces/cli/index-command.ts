// `kota index`: asks for the job, works it off here, and shows it until it is over.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../errors.ts";
import { getIndexJobStatus, jobStatus, type JobStatus } from "../../operations/get-index-job-status.ts";
import { indexRepository } from "../../operations/index-repository.ts";
import type { JobId } from "../../platform/ids.ts";
import { cancelJob } from "../../repositories/store.ts";
import type { CommandContext } from "./command-line.ts";
import { JOB_POLL_MS } from "./limits.ts";
import { plural } from "./print-answer.ts";
import { openSession, type Session } from "./session.ts";
import { createProgressBar, note, paint, printJson, printLine } from "./terminal.ts";

export interface IndexOptions {
  repository: string;
  ref?: string;
  name?: string;
  json?: boolean;
}

/** Exit code 0 when the snapshot is ready; Ctrl-C cancels the job (130, as shells expect). */
export async function indexCommand({ config, launcher }: CommandContext, options: IndexOptions): Promise<number> {
  const session = await openSession(config, launcher);
  const worker = session.local && (await launcher.startWorker(session.local.kota));
  try {
    const job = await indexAndShow(session, { ...options, callerDirectory: config.callerDirectory });
    if (options.json) printJson(job);
    if (job.state === "cancelled") return 130;
    if (job.state !== "succeeded") {
      throw new AppError(
        "upstream_failed",
        `Indexing ${job.repository} ${job.state}: ${job.error ?? "see the server's log"}`,
      );
    }
    if (!options.json) printSummary(job);
    return 0;
  } finally {
    await worker?.stop();
    await session.close();
  }
}

/** Asks for the job and shows its progress on stderr until it is over. Ctrl-C cancels it. */
export async function indexAndShow(
  session: Session,
  { repository, ref, name, callerDirectory }: IndexOptions & { callerDirectory: string },
): Promise<JobStatus> {
  const where = session.local ? placeOf(repository, callerDirectory) : repository;
  const asked = await session.call(indexRepository, { repository: where, ...(ref && { ref }), ...(name && { name }) });
  const jobId = String(asked["job_id"]);
  const interrupted = new AbortController();
  const onInterrupt = () => interrupted.abort();
  process.once("SIGINT", onInterrupt);
  const bar = createProgressBar(() => Date.now());
  try {
    for (;;) {
      const job = jobStatus.parse(await session.call(getIndexJobStatus, { job_id: jobId }));
      if (isOver(job.state)) return job;
      bar.show({ label: labelOf(job), done: job.progress.files_done, total: job.progress.files_total });
      if (interrupted.signal.aborted) return await cancel(session, job);
      await sleep(JOB_POLL_MS, undefined, { signal: interrupted.signal }).catch(() => undefined);
    }
  } finally {
    process.off("SIGINT", onInterrupt);
    bar.clear();
  }
}

const isOver = (state: string) => state === "succeeded" || state === "failed" || state === "cancelled";

function labelOf({ state, progress, error }: JobStatus): string {
  if (state === "queued") return "waiting for a worker";
  return progress.phase === "waiting" && error !== undefined ? `waiting to try again: ${error}` : progress.phase;
}

async function cancel(session: Session, job: JobStatus): Promise<JobStatus> {
  const { local } = session;
  if (!local) {
    note("Stopped waiting; the server goes on indexing.");
    return { ...job, state: "cancelled" };
  }
  const db = local.kota.services.database.forOrganization(local.caller.organizationId);
  // The status operation gave this id.
  await db((sql) => cancelJob(sql, job.job_id as JobId));
  note("Cancelled. What was indexed before is unchanged; index again at any time.");
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
        `  ${plural(problems.length, "file is", "files are")} indexed as text only or left out; kota get-index-job-status lists them with --json`,
      ),
    );
}
