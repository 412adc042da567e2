// Removes what nobody can ask for any more.
import { z } from "zod";
import { sweepAll } from "../indexing/sweep.ts";
import { job } from "../job.ts";

export const sweep = job({
  name: "sweep",
  concurrency: 1,
  data: z.object({}),
  idsOf: () => ({}),
  handle: (_data, { signal }, services) => sweepAll(services, signal),
});
