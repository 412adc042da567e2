// The queue: pg-boss on the same Postgres. What runs on it is declared in src/jobs; this file knows queues,
// workers and their timing only.
import pg from "pg";
import type { ConstructorOptions, JobWithMetadata, PgBoss } from "pg-boss";
import type { Sql } from "./database.ts";
import type { Log } from "./log.ts";
import { readManifest } from "./manifest.ts";

/** Queues, and how a message of theirs is treated. `index-snapshot` is enqueued by kota.send_index_job() too. */
const QUEUES = {
  "index-snapshot": { retryLimit: 3, expireInSeconds: 86_400 - 1, heartbeatSeconds: 10 },
  sweep: { retryLimit: 0, expireInSeconds: 3600, heartbeatSeconds: 10 },
} as const;
export type QueueName = keyof typeof QUEUES;

/** Behind LISTEN/NOTIFY, which wakes a worker within 25 ms. */
const POLL_SECONDS = 1;
const STOP_SECONDS_MAX = 25;
/** After the n-th failure by error; a lost heartbeat is taken over at once instead. */
const RETRY_DELAY_SECONDS = 60;

/** Thrown by a handler whose job cannot run yet: the message comes again after `seconds`, as if for the first time. */
export class TryLater extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super(`the job cannot run yet; again in ${seconds} s`);
    this.name = "TryLater";
    this.seconds = seconds;
  }
}

export interface QueuedJob {
  data: unknown;
  /** 1 for the first try. */
  attempt: number;
  isLastAttempt: boolean;
  /** Aborts when this worker must let go: it is stopping, or the job was given to another. */
  signal: AbortSignal;
}

export interface Queue {
  work(name: QueueName, options: { concurrency: number }, handle: (job: QueuedJob) => Promise<void>): Promise<void>;
  /** A message at most every `seconds`, however many processes ask. */
  sendThrottled(name: QueueName, data: object, seconds: number): Promise<void>;
  /** Takes no new job, gives running ones `STOP_SECONDS_MAX` and hands back what is left. */
  stop(): Promise<void>;
}

/** Loaded where it is needed: most commands ask a question and end. */
async function newBoss(options: ConstructorOptions): Promise<PgBoss> {
  const { PgBoss: Boss } = await import("pg-boss");
  return new Boss(options);
}

/** Settings of a queue beside those above. */
const SETTINGS = { retryDelay: 0, retryBackoff: false, deleteAfterSeconds: 3600, notify: true } as const;

/** Written on the queue's schema: by which library its tables were made, and with which settings its queues. */
async function markOfQueues(): Promise<string> {
  const { dependencies } = await readManifest();
  return `pg-boss ${dependencies["pg-boss"]} ${JSON.stringify({ ...SETTINGS, ...QUEUES })}`;
}

/** The tables and the queues are there, as this version makes them. */
export async function areQueuesMade(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ mark: string | null }>(
    "select obj_description(to_regnamespace('pgboss')::oid, 'pg_namespace') as mark",
  );
  return rows[0]?.mark === (await markOfQueues());
}

/** Makes the queue's tables and the queues, where missing. */
export async function createQueues(client: pg.Client, connectionString: string): Promise<void> {
  const boss = await newBoss({ connectionString, max: 2, supervise: false, schedule: false });
  boss.on("error", () => undefined);
  await boss.start();
  try {
    for (const [name, options] of Object.entries(QUEUES)) {
      const settings = { ...options, ...SETTINGS };
      if (await boss.getQueue(name)) await boss.updateQueue(name, settings);
      else await boss.createQueue(name, { ...settings, policy: "standard" });
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  // COMMENT takes no parameters.
  await client.query(`comment on schema pgboss is ${pg.escapeLiteral(await markOfQueues())}`);
}

/** Starts working off queues; `connectionString` is the service login, `isPooled` as for the database. */
export async function startQueue({
  connectionString,
  isPooled,
  superviseSeconds,
  log,
}: {
  connectionString: string;
  isPooled: boolean;
  /** A worker that died is noticed after its heartbeat (10 s) plus at most this. */
  superviseSeconds: number;
  log: Log;
}): Promise<Queue> {
  const boss = await newBoss({
    connectionString,
    max: 4,
    migrate: false,
    schedule: false,
    // Nothing is heard through a pooler; polling takes a second at most.
    useListenNotify: !isPooled,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
  });
  boss.on("error", (error) => log.warn("The queue reported a failure", { error }));
  await boss.start();
  const stopping = new AbortController();

  async function runOne(
    name: QueueName,
    job: JobWithMetadata<unknown>,
    handle: (job: QueuedJob) => Promise<void>,
  ): Promise<void> {
    const attempt = job.retryCount + 1;
    const isLastAttempt = job.retryCount >= job.retryLimit;
    try {
      await handle({ data: job.data, attempt, isLastAttempt, signal: AbortSignal.any([job.signal, stopping.signal]) });
    } catch (error) {
      if (error instanceof TryLater) {
        // A crash between this and the end of the handler leaves two messages; a job is safe to repeat.
        await boss.send(name, job.data ?? {}, { startAfter: error.seconds });
        return;
      }
      // The queue reads retry_delay when it puts a failed message back. It is 0 until here, so that a lost
      // heartbeat, which never comes by here, is taken over at once.
      const delay = stopping.signal.aborted ? 0 : RETRY_DELAY_SECONDS * attempt;
      await boss
        .getDb()
        .executeSql("update pgboss.job set retry_delay = $1 where name = $2 and id = $3", [delay, name, job.id]);
      throw error;
    }
  }

  return {
    async work(name, { concurrency }, handle) {
      await boss.work(
        name,
        {
          localConcurrency: concurrency,
          includeMetadata: true,
          pollingIntervalSeconds: POLL_SECONDS,
          // A notification that came before this worker listened is lost; the default is to look again after 30 s.
          notifyPollingIntervalSeconds: POLL_SECONDS,
        },
        async (jobs) => {
          for (const job of jobs) await runOne(name, job, handle);
        },
      );
    },
    async sendThrottled(name, data, seconds) {
      await boss.send(name, data, { singletonSeconds: seconds });
    },
    async stop() {
      stopping.abort();
      await boss.stop({ graceful: true, timeout: STOP_SECONDS_MAX * 1000 });
    },
  };
}

export interface QueueDepth {
  waiting: number;
  oldestWaitingSeconds: number;
}

/** Messages that nobody has taken yet. */
export async function readQueueDepth(sql: Sql): Promise<QueueDepth> {
  const rows = await sql<{ waiting: number; oldest: number }>`
    select count(*)::int as waiting, coalesce(extract(epoch from now() - min(created_on)), 0)::int as oldest
    from pgboss.job
    where state in ('created', 'retry') and name = 'index-snapshot'`;
  return { waiting: rows[0]?.waiting ?? 0, oldestWaitingSeconds: rows[0]?.oldest ?? 0 };
}
