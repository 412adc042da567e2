// What one address does without a credential that is good, in a clock minute. Counted by each process for itself:
// guessing a key of 196 bits is hopeless anyway, this only keeps it from costing the database.
import { AppError } from "../errors.ts";
import { ADDRESSES_MAX } from "./limits.ts";

export interface Throttle {
  /** Throws `rate_limited` for an address that did it far too often in this minute, whatever it brings. */
  check(address: string, now: Date): void;
  /** Notes that it was done. Throws `rate_limited` when it was too often. */
  count(address: string, now: Date): void;
}

export interface Bounds {
  /** What is counted, in the plural. */
  what: string;
  /** In a minute from one address, before `count` throws, and before `check` does. */
  countMax: number;
  checkMax: number;
}

const MINUTE_MS = 60_000;
/** Who comes when ADDRESSES_MAX are remembered: a flood from ever new addresses must not take memory. */
const OTHERS = "others";

export function createThrottle({ what, countMax, checkMax }: Bounds): Throttle {
  let minute = 0;
  const counts = new Map<string, number>();
  const bucketOf = (address: string, now: Date): string => {
    const current = Math.floor(now.getTime() / MINUTE_MS);
    if (current !== minute) counts.clear();
    minute = current;
    return counts.has(address) || counts.size < ADDRESSES_MAX ? address : OTHERS;
  };
  const refused = (now: Date): AppError => {
    const seconds = Math.ceil(((minute + 1) * MINUTE_MS - now.getTime()) / 1000);
    return new AppError("rate_limited", `Too many ${what} from this address. Try again in ${seconds} s.`, {
      details: { retry_after: seconds },
    });
  };
  return {
    check(address, now) {
      const bucket = bucketOf(address, now);
      // The others are not refused whatever they bring: a flood must not shut out those who come after it.
      if (bucket !== OTHERS && (counts.get(bucket) ?? 0) >= checkMax) throw refused(now);
    },
    count(address, now) {
      const bucket = bucketOf(address, now);
      const before = counts.get(bucket) ?? 0;
      counts.set(bucket, before + 1);
      if (before >= countMax) throw refused(now);
    },
  };
}
