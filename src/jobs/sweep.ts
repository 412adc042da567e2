// Removes what nobody can ask for any more.
import { z } from "zod";
import { deleteOldCounters } from "../access/store.ts";
import { sweepAll } from "../indexing/sweep.ts";
import { job } from "../job.ts";

export const sweep = job({
  name: "sweep",
  concurrency: 1,
  data: z.object({}),
  idsOf: () => ({}),
  async handle(_data, { signal }, services) {
    await services.database.unsafeAllOrganizations((sql) => deleteOldCounters(sql));
    await sweepAll(services, signal);
  },
});
