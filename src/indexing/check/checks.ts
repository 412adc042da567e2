// The type checks of this process, one at a time: a checker takes a core, and up to CHECK_MEGABYTES_MAX. They run after a
// snapshot was published and hold up neither its job nor the next; what a process does not come to is asked for again by the
// next job of that ref.
import { JOB_STATEMENT_SECONDS_MAX, type Database } from "../../platform/database.ts";
import type { JobId, OrganizationId, SnapshotId } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";
import { endChecks, type IndexJob } from "../../repositories/store.ts";
import { checkSnapshot } from "./check-snapshot.ts";
import { CHECKER_LIMITS, findExecutable, type CheckerLimits } from "./run-checker.ts";

interface AskedCheck {
  organizationId: OrganizationId;
  /** The job that built the snapshot, or found it there. */
  job: Pick<IndexJob, "id" | "repository_id" | "repository" | "ref">;
  snapshotId: SnapshotId;
  /** An earlier one with the same content: what is found of that is found of this. */
  sameAs: SnapshotId | undefined;
}

export interface Checks {
  /** To be checked once those asked for before are. One of the same ref whose snapshot nobody reads any more is given up. */
  request(asked: AskedCheck): void;
  /** Gives up what is left. */
  stop(): Promise<void>;
}

interface Check extends AskedCheck {
  /** Others that wait for it too. */
  jobs: JobId[];
  controller: AbortController;
}

export function createChecks(
  { database, log }: { database: Database; log: Log },
  { find = findExecutable, limits = CHECKER_LIMITS }: { find?: typeof findExecutable; limits?: CheckerLimits } = {},
): Checks {
  const executable = find();
  if (!executable) log.info("The type checker is not installed for this platform: references are found without it");
  /** By ref; of each the newest. */
  const current = new Map<string, Check>();
  const stopping = new AbortController();
  let last: Promise<void> = Promise.resolve();

  /** Never rejects: whatever happens, the first tier's answer stands. */
  async function perform(check: Check, onEnd: () => void): Promise<void> {
    const { organizationId, job, jobs, snapshotId, controller } = check;
    const signal = AbortSignal.any([controller.signal, stopping.signal]);
    const db = database.forOrganization(organizationId, { statementSecondsMax: JOB_STATEMENT_SECONDS_MAX });
    try {
      if (!signal.aborted) await checkSnapshot(job, { snapshotId, context: { db, log, executable, limits, signal } });
    } catch (error) {
      if (!signal.aborted) log.warn(`Types of ${job.repository} ${job.ref} could not be checked`, { error });
    }
    // From here on a job that asks for it waits for another one.
    onEnd();
    await db((sql) => endChecks(sql, jobs)).catch((error: unknown) =>
      log.debug("The end of a check could not be noted", { error }),
    );
  }

  return {
    request(asked) {
      const key = `${asked.organizationId} ${asked.job.repository_id} ${asked.job.ref}`;
      const known = current.get(key);
      if (known?.snapshotId === asked.snapshotId) return void known.jobs.push(asked.job.id);
      if (known?.snapshotId !== asked.sameAs) known?.controller.abort();
      const check = { ...asked, jobs: [asked.job.id], controller: new AbortController() };
      current.set(key, check);
      last = last.then(() => perform(check, () => current.get(key) === check && current.delete(key)));
    },
    async stop() {
      stopping.abort();
      await last;
    },
  };
}
