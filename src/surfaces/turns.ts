// When a request that came in is begun. Node takes one connection in each turn of its event loop (measured: libuv 1.46),
// so 500 new callers at once would wait for 500 turns: 2–6 s when each of those turns also works for earlier ones,
// health probes among them. Work is therefore begun once nobody is left at the door, and a little in each turn.
import type { EventEmitter } from "node:events";
import { BEGUN_PER_TURN_MAX, DOOR_MS_MAX } from "./limits.ts";

export interface Turns {
  /** Resolves when the request may begin: in the order of asking, later than now, mostly in the next turn. */
  next(): Promise<void>;
}

/** `server` emits `connection` for each that it takes. */
export function createTurns(server: EventEmitter, nowMs = () => performance.now()): Turns {
  const waiting: { begin: () => void; sinceMs: number }[] = [];
  let hasNewConnection = false;
  server.on("connection", () => (hasNewConnection = true));

  function turn(): void {
    const [first] = waiting;
    const isPatient = hasNewConnection && first !== undefined && nowMs() - first.sinceMs < DOOR_MS_MAX;
    hasNewConnection = false;
    if (!isPatient) for (const { begin } of waiting.splice(0, BEGUN_PER_TURN_MAX)) begin();
    if (waiting.length > 0) setImmediate(turn);
  }

  return {
    next: () =>
      new Promise((resolve) => {
        waiting.push({ begin: resolve, sinceMs: nowMs() });
        if (waiting.length === 1) setImmediate(turn);
      }),
  };
}
