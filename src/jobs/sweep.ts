// Removes what nobody can ask for any more.
import { z } from "zod";
import { deleteOldCounters } from "../access/store.ts";
import { compactTables, sweepAll } from "../indexing/sweep.ts";
import { job } from "../job.ts";

export const sweep = job({
  name: "sweep",
  concurrency: 1,
  data: z.object({}),
  idsOf: () => ({}),
  async handle(_data, { signal }, services) {
    await services.database.unsafeAllOrganizations((sql) => deleteOldCounters(sql));
    const snapshots = await sweepAll(services, signal);
    // Only edits leave room, and the last snapshot that they superseded goes here: otherwise there is nothing to look for.
    if (snapshots === 0) return;
    const tables = await compactTables(services.database, signal);
    if (tables.length > 0) services.log.info(`Gave back the room in ${tables.join(", ")}`, { tables });
  },
});
