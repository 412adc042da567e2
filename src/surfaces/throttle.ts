// Wrong keys from one address: after FAILURES_PER_MINUTE_MAX of them in a minute it waits for the next. Counted by each
// process for itself: guessing a key of 196 bits is hopeless anyway, this only keeps it from costing the database.
import { AppError } from "../errors.ts";
import { ADDRESSES_MAX, FAILURES_PER_MINUTE_MAX } from "./limits.ts";

export interface Throttle {
  /** Throws `rate_limited` for an address that failed too often in this minute. */
  check(address: string, now: Date): void;
  /** Notes a failure. */
  count(address: string, now: Date): void;
}

const MINUTE_MS = 60_000;

export function createThrottle(): Throttle {
  let minute = 0;
  const failures = new Map<string, number>();
  const turn = (now: Date) => {
    const current = Math.floor(now.getTime() / MINUTE_MS);
    if (current !== minute) failures.clear();
    minute = current;
  };
  return {
    check(address, now) {
      turn(now);
      if ((failures.get(address) ?? 0) < FAILURES_PER_MINUTE_MAX) return;
      const seconds = Math.ceil(((minute + 1) * MINUTE_MS - now.getTime()) / 1000);
      throw new AppError("rate_limited", `Too many wrong keys from this address. Try again in ${seconds} s.`, {
        details: { retry_after: seconds },
      });
    },
    count(address, now) {
      turn(now);
      // A flood from ever new addresses must not take memory; those beyond the bound go uncounted.
      if (failures.has(address) || failures.size < ADDRESSES_MAX)
        failures.set(address, (failures.get(address) ?? 0) + 1);
    },
  };
}
