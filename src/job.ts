// What a background job is, and runJob(), the only way in: data parsed, ids on every log line, failures reported
// once. The queue itself is platform/queue.ts.
import { z } from "zod";
import type { AnalysePool } from "./indexing/analyse-pool.ts";
import type { Checks } from "./indexing/check/checks.ts";
import type { FolderMemory } from "./indexing/folder-memory.ts";
import { reportUnexpected, type Services } from "./operation.ts";
import { withLogContext, type LogContext } from "./platform/log.ts";
import { TryLater, type Queue, type QueuedJob, type QueueName } from "./platform/queue.ts";

export interface JobServices extends Services {
  pool: AnalysePool;
  /** Undefined: no type checker is asked. */
  checks: Checks | undefined;
  folders: FolderMemory;
  /** Folders of this machine may be read: local mode. */
  mayReadFolders: boolean;
}

interface JobRun {
  /** 1 for the first try. */
  attempt: number;
  isLastAttempt: boolean;
  /** Aborts when this worker must let go. */
  signal: AbortSignal;
}

export interface JobDefinition<Data extends z.ZodObject> {
  name: QueueName;
  concurrency: number;
  data: Data;
  /** Ids for the log lines of the job. */
  idsOf(data: z.output<Data>): LogContext;
  /** Throws to be tried again. */
  handle(data: z.output<Data>, run: JobRun, services: JobServices): Promise<void>;
}

/** A definition whose types are forgotten: what a worker works with. */
export interface Job {
  name: QueueName;
  concurrency: number;
  call(run: QueuedJob, services: JobServices): Promise<void>;
}

/** Declares a job. */
export function job<Data extends z.ZodObject>(definition: JobDefinition<Data>): Job {
  return {
    name: definition.name,
    concurrency: definition.concurrency,
    async call({ data, ...run }, services) {
      const parsed = definition.data.parse(data);
      await withLogContext(definition.idsOf(parsed), () => definition.handle(parsed, run, services));
    },
  };
}

/** Takes messages for every job until the queue stops. */
export async function workOff(queue: Queue, jobs: readonly Job[], services: JobServices): Promise<void> {
  for (const job of jobs) {
    await queue.work(job.name, { concurrency: job.concurrency }, (message) => runJob(job, message, services));
  }
}

async function runJob(job: Job, message: QueuedJob, services: JobServices): Promise<void> {
  try {
    await job.call(message, services);
  } catch (error) {
    // A job that lets go because its worker stops, or that has to wait, has not failed.
    if (message.signal.aborted || error instanceof TryLater) throw error;
    throw reportUnexpected(error, services.log, `Job ${job.name}`);
  }
}
