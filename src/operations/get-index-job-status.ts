// get_index_job_status: how far a job is, how it ended, and what it could not index.
import { z } from "zod";
import { PHASES, PROBLEM_NAMES } from "../repositories/problems.ts";
import { operation } from "../operation.ts";
import { getJob, type IndexJob } from "../repositories/store.ts";
import { commitField, timestamp } from "./wire.ts";

export const JOB_STATES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

/** How a job stands, as outsiders see it. */
export const jobStatus = z.object({
  job_id: z.uuid(),
  repository: z.string(),
  ref: z.string(),
  commit: commitField.optional(),
  dirty: z.boolean().optional().describe("The working tree differed from that commit."),
  state: z.enum(JOB_STATES),
  progress: z.object({
    phase: z.enum(PHASES),
    files_done: z.int().describe("While fetching: objects of the remote that have arrived."),
    files_total: z.int(),
    bytes_done: z.int(),
  }),
  attempts: z.int(),
  error: z.string().optional(),
  problems: z.array(
    z.object({ path: z.string(), reason: z.enum(PROBLEM_NAMES).describe("Why it has no symbols, or no text.") }),
  ),
  created_at: timestamp,
  started_at: timestamp.optional(),
  finished_at: timestamp.optional(),
});
export type JobStatus = z.output<typeof jobStatus>;

export const getIndexJobStatus = operation({
  name: "get_index_job_status",
  title: "Get index job status",
  description:
    "Tell how far an indexing job is, how it ended, and which files it indexed as text only or left out, and why. Takes the job_id that index_repository answered.",
  route: "GET /jobs/{job_id}",
  toolset: "index",
  effect: "read",
  scope: "read",
  positional: "job_id",
  input: z.strictObject({ job_id: z.uuid().describe("Id of the job, from index_repository.") }),
  output: jobStatus,
  async handle({ job_id: id }, { db }) {
    return statusOf(await db((sql) => getJob(sql, id)));
  },
});

function statusOf(job: IndexJob) {
  return {
    job_id: job.id,
    repository: job.repository,
    ref: job.ref,
    commit: job.commit,
    ...(job.dirty !== null && { dirty: job.dirty }),
    state: job.state,
    progress: {
      phase: job.phase,
      files_done: job.files_done,
      files_total: job.files_total,
      bytes_done: job.bytes_done,
    },
    attempts: job.attempts,
    ...(job.error !== null && { error: job.error }),
    problems: job.problems,
    created_at: job.created_at.toISOString(),
    ...(job.started_at && { started_at: job.started_at.toISOString() }),
    ...(job.finished_at && { finished_at: job.finished_at.toISOString() }),
  };
}
