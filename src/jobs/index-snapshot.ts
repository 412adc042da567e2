// Builds the snapshot that an index job asks for.
import { z } from "zod";
import { runIndexJob } from "../indexing/run-index-job.ts";
import { job } from "../job.ts";
import { JOB_STATEMENT_SECONDS_MAX } from "../platform/database.ts";
import type { JobId, OrganizationId } from "../platform/ids.ts";

// The queue's messages are written by kota.send_index_job() alone; ids of another kind cannot get in.
const data = z.object({
  organizationId: z.uuid().transform((id) => id as OrganizationId),
  jobId: z.uuid().transform((id) => id as JobId),
});

/** Jobs at once in one process: while one waits for a remote or the database, another has the threads. */
const CONCURRENCY = 2;

export const indexSnapshot = job({
  name: "index-snapshot",
  concurrency: CONCURRENCY,
  data,
  idsOf: ({ jobId, organizationId }) => ({ jobId, organizationId }),
  handle: ({ organizationId, jobId }, run, services) => {
    const db = services.database.forOrganization(organizationId, { statementSecondsMax: JOB_STATEMENT_SECONDS_MAX });
    return runIndexJob({ ...services, db }, { jobId, ...run });
  },
});
