// Whether a user's address is their own, as Supabase Auth knows it. An open invitation makes each of their requests want
// to know; Supabase is asked once in a minute for each user, by each process.
import type { UserId } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import type { UserDirectory } from "../platform/supabase.ts";
import { LOOKED_AT_MAX } from "./limits.ts";

/** The user's confirmed address; undefined where there is none, it cannot be known, or was asked for in this minute. */
export type FindConfirmedAddress = (userId: UserId, now: Date) => Promise<string | undefined>;

const MINUTE_MS = 60_000;
const ASKED = Promise.resolve(undefined);

export function createConfirmedAddress(
  directory: Pick<UserDirectory, "findConfirmedEmail">,
  log: Log,
): FindConfirmedAddress {
  let minute = 0;
  const looks = new Map<UserId, Promise<string | undefined>>();
  return (userId, now) => {
    const current = Math.floor(now.getTime() / MINUTE_MS);
    if (current !== minute) looks.clear();
    minute = current;
    const known = looks.get(userId);
    if (known) return known;
    if (looks.size >= LOOKED_AT_MAX) return ASKED;
    // Requests at the same time share one look.
    const look = directory.findConfirmedEmail(userId).catch((error: unknown) => {
      log.warn("An invitation could not be looked at; it waits", { error });
      return undefined;
    });
    looks.set(userId, look);
    void look.then(() => looks.get(userId) === look && looks.set(userId, ASKED));
    return look;
  };
}
