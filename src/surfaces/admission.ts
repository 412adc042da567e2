// Who may come in over HTTP: from an Authorization header to a caller, within the limits of its organization and of
// its address.
import { admitApiKey } from "../access/admit.ts";
import type { Caller } from "../access/caller.ts";
import { admitToken, type SignIn } from "../access/sign-in.ts";
import { isTokenShaped } from "../access/tokens.ts";
import { bindingWindow, type Used } from "../access/rate-limit.ts";
import { AppError } from "../errors.ts";
import type { Database } from "../platform/database.ts";
import { FAILURES_OF_ADDRESS_PER_MINUTE_MAX, FAILURES_PER_MINUTE_MAX } from "./limits.ts";
import { createThrottle } from "./throttle.ts";

export interface AdmissionOptions {
  database: Database;
  pepper: string;
  /** False in local mode: nothing is counted. */
  isLimited: boolean;
  /** Undefined: API keys alone. */
  signIn: SignIn | undefined;
  now: () => Date;
}

interface Asked {
  authorization: string | undefined;
  /** The organization that the caller means to act for, by name or id. */
  organization: string | undefined;
  /** Whose failures are counted. */
  address: string;
  /** Requests that this one counts for. */
  cost: number;
  /** Called with the headers for the answer, whether or not the caller is let in. */
  onLimit: (headers: Record<string, string>) => void;
}

/** Throws `unauthenticated`, `rate_limited`, and `not_found` for an organization that the caller is not in. */
export type Admit = (asked: Asked) => Promise<Caller>;

export function createAdmission({ database, pepper, isLimited, signIn, now }: AdmissionOptions): Admit {
  const throttle = createThrottle({
    what: "refused requests",
    countMax: FAILURES_PER_MINUTE_MAX,
    checkMax: FAILURES_OF_ADDRESS_PER_MINUTE_MAX,
  });
  return async ({ authorization, organization, address, cost, onLimit }) => {
    if (isLimited) throttle.check(address, now());
    let isCharged = false;
    try {
      const credential = bearerOf(authorization, signIn !== undefined);
      const charge = { asked: organization, cost, isLimited, now: now() };
      const admission =
        signIn && isTokenShaped(credential)
          ? await admitToken({ database, signIn }, { token: credential, ...charge })
          : await admitApiKey(database, { apiKey: credential, pepper, ...charge });
      const { used, isAllowed } = admission;
      isCharged = used !== undefined;
      // By the clock that it was charged by: a window later all of it would be another's.
      if (used) onLimit(headersOf(used, charge.now));
      if (used && !isAllowed) throw overLimit(used, charge.now);
      if ("refusal" in admission) throw admission.refusal;
      return admission.caller;
    } catch (error) {
      // What no organization pays for.
      if (isLimited && !isCharged && isCallers(error)) throttle.count(address, now());
      throw error;
    }
  };
}

/** A wrong credential, or a user who is in no organization. */
function isCallers(error: unknown): boolean {
  return error instanceof AppError && (error.code === "unauthenticated" || error.code === "not_found");
}

function bearerOf(authorization: string | undefined, hasSignIn: boolean): string {
  const token = /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (token !== undefined) return token;
  throw new AppError(
    "unauthenticated",
    hasSignIn
      ? "Send `Authorization: Bearer <API key or token of a signed-in user>`. `kota keys create` makes a key."
      : "Send `Authorization: Bearer <API key>`. `kota start` prints the local key; `kota keys create` makes one.",
  );
}

function headersOf(used: Used, now: Date): Record<string, string> {
  const { limit, remaining, resetsAt } = bindingWindow(used, now);
  return {
    "X-RateLimit-Limit": String(limit),
    "X-RateLimit-Remaining": String(remaining),
    "X-RateLimit-Reset": String(resetsAt.getTime() / 1000),
  };
}

function overLimit(used: Used, now: Date): AppError {
  const { limit, resetsAt } = bindingWindow(used, now);
  const seconds = Math.max(1, Math.ceil((resetsAt.getTime() - now.getTime()) / 1000));
  return new AppError(
    "rate_limited",
    `The ${limit.toLocaleString("en")} requests of tier '${used.tier}' are used up. Try again in ${seconds} s, at ${resetsAt.toISOString()}.`,
    { details: { retry_after: seconds } },
  );
}
