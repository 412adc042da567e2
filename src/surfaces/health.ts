// GET /health: whether this process can do its work. Reads only.
import type { Database } from "../platform/database.ts";
import { readQueueDepth, type QueueDepth } from "../platform/queue.ts";

/** A probe that takes longer is a failed one: balancers wait 5 s. */
const HEALTH_MS_MAX = 3000;

interface Health {
  status: "ok" | "degraded";
  api_version: "v1";
  version: string;
  checks: {
    database: { status: "ok" | "failed"; latency_ms: number };
    queue: { status: "ok" | "failed"; waiting: number; oldest_waiting_seconds: number };
  };
}

/**
 * Looks when it is asked; who asks meanwhile gets the same look. So probes are never counted or refused, and a stranger's
 * thousand cost one.
 */
export function createHealthCheck(
  database: Database,
  options: { version: string; now: () => Date },
): () => Promise<Health> {
  let running: Promise<Health> | undefined;
  return () => (running ??= checkHealth(database, options).finally(() => (running = undefined)));
}

async function checkHealth(
  database: Database,
  { version, now }: { version: string; now: () => Date },
): Promise<Health> {
  const startedMs = now().getTime();
  const depth = await withinLimit(database.unsafeProbe.once((sql) => readQueueDepth(sql)));
  const latencyMs = now().getTime() - startedMs;
  const status = depth ? "ok" : "failed";
  return {
    status: depth ? "ok" : "degraded",
    api_version: "v1",
    version,
    checks: {
      database: { status, latency_ms: latencyMs },
      queue: { status, waiting: depth?.waiting ?? 0, oldest_waiting_seconds: depth?.oldestWaitingSeconds ?? 0 },
    },
  };
}

async function withinLimit(reading: Promise<QueueDepth>): Promise<QueueDepth | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), HEALTH_MS_MAX)));
  try {
    return await Promise.race([reading.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
