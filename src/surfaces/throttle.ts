// Wrong credentials from one address. Counted by each process for itself: guessing a key of 196 bits is hopeless anyway,
// this only keeps it from costing the database.
import { AppError } from "../errors.ts";
import { ADDRESSES_MAX, FAILURES_OF_ADDRESS_PER_MINUTE_MAX, FAILURES_PER_MINUTE_MAX } from "./limits.ts";

export interface Throttle {
  /** Throws `rate_limited` for an address that failed far too often in this minute, whatever it brings. */
  check(address: string, now: Date): void;
  /** Notes a failure. Throws `rate_limited` when there were too many. */
  count(address: string, now: Date): void;
}

const MINUTE_MS = 60_000;

export function createThrottle(): Throttle {
  let minute = 0;
  const failures = new Map<string, number>();
  const failuresOf = (address: string, now: Date): number => {
    const current = Math.floor(now.getTime() / MINUTE_MS);
    if (current !== minute) failures.clear();
    minute = current;
    return failures.get(address) ?? 0;
  };
  const refused = (now: Date): AppError => {
    const seconds = Math.ceil(((minute + 1) * MINUTE_MS - now.getTime()) / 1000);
    return new AppError("rate_limited", `Too many wrong keys from this address. Try again in ${seconds} s.`, {
      details: { retry_after: seconds },
    });
  };
  return {
    check(address, now) {
      if (failuresOf(address, now) >= FAILURES_OF_ADDRESS_PER_MINUTE_MAX) throw refused(now);
    },
    count(address, now) {
      const before = failuresOf(address, now);
      // A flood from ever new addresses must not take memory; those beyond the bound go uncounted.
      if (before > 0 || failures.size < ADDRESSES_MAX) failures.set(address, before + 1);
      if (before >= FAILURES_PER_MINUTE_MAX) throw refused(now);
    },
  };
}
