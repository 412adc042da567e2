// Stops a Postgres that may be another process' child: by signals, and by looking until its process is gone.
import { setTimeout as sleep } from "node:timers/promises";
import { LOOK_MS, STOP_AT_ONCE_SECONDS_MAX, STOP_SECONDS_MAX } from "./limits.ts";
import type { Place } from "./place.ts";
import { identifyPostmaster } from "./postmaster-process.ts";

/** Postgres' own meanings: SIGINT writes a checkpoint, SIGQUIT drops everything, and the next start recovers. */
const STEPS = [
  ["SIGINT", STOP_SECONDS_MAX],
  ["SIGQUIT", STOP_AT_ONCE_SECONDS_MAX],
  ["SIGKILL", STOP_AT_ONCE_SECONDS_MAX],
] as const;

/** Resolves when the postmaster `pid` of `place` is gone. Nothing acknowledged is lost whichever step ends it. */
export async function stopServer(pid: number, place: Place): Promise<void> {
  for (const [signal, seconds] of STEPS) {
    // Looked at right before each signal: an id that was freed may be anybody's by now.
    if (!(await isThere(pid, place))) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = performance.now() + seconds * 1000;
    while (performance.now() < deadline) {
      if (!(await isThere(pid, place))) return;
      await sleep(LOOK_MS);
    }
  }
}

async function isThere(pid: number, place: Place): Promise<boolean> {
  const identity = await identifyPostmaster(pid, place.clusterDirectory);
  return identity === "postmaster" || identity === "unknown";
}
