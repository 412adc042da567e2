// What runs by itself.
import type { Job } from "../job.ts";
import { indexSnapshot } from "./index-snapshot.ts";
import { sweep } from "./sweep.ts";

export const JOBS: readonly Job[] = [indexSnapshot, sweep];
