// Reading ahead of admission: while the database is asked who shows a credential, the work already runs for whom it let
// in the last time, and nothing of it gets out before the database has answered. A round trip less for every question;
// a credential that was revoked, or is over its limit, is refused exactly as before.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Caller } from "../access/caller.ts";
import type { Operation } from "../operation.ts";
import { CREDENTIALS_REMEMBERED_MAX } from "./limits.ts";

/** Questions about code. Not those about usage and keys: their answers tell what their own admission writes. */
export function mayStartEarly({ effect, toolset }: Pick<Operation, "effect" | "toolset">): boolean {
  return effect === "read" && toolset !== undefined;
}

interface Early<T> {
  /** All that says who asks, as it was sent. */
  credential: string;
  admit: () => Promise<Caller>;
  /** Only reads. Runs a second time when the caller is another one now. */
  work: (caller: Caller) => Promise<T>;
}

/** Answers what `work` answers for the caller that `admit` lets in; throws what `admit` throws before anything of `work`. */
export type StartEarly = <T>(early: Early<T>) => Promise<T>;

export function createEarlyStart(): StartEarly {
  /** By the hash of the credential, the one unused for longest first. Only whoever was let in is here. */
  const remembered = new Map<string, Caller>();
  return async ({ credential, admit, work }) => {
    const key = createHash("sha256").update(credential).digest("base64");
    const expected = remembered.get(key);
    const admitting = admit();
    const working = expected && work(expected);
    // Its failure is for those alone who are let in.
    working?.catch(() => undefined);
    const caller = await admitting.catch((refusal: unknown) => {
      remembered.delete(key);
      throw refusal;
    });
    remembered.delete(key);
    remembered.set(key, caller);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= CREDENTIALS_REMEMBERED_MAX) break;
      remembered.delete(oldest);
    }
    return working && isDeepStrictEqual(caller, expected) ? working : work(caller);
  };
}
