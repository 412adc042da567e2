// The service client of Supabase, for the administration of users alone. Rows are read and written by our own
// connections, under row-level security.
import { GoTrueAdminApi, isAuthApiError } from "@supabase/supabase-js";
import { AppError } from "../errors.ts";
import type { UserId } from "./ids.ts";

/** Longest a request to Supabase may take. */
const REQUEST_SECONDS_MAX = 10;

export interface UserDirectory {
  /** The user's address, if they have shown that it is theirs. Throws `upstream_failed`. */
  findConfirmedEmail(userId: UserId): Promise<string | undefined>;
  /** Sends the mail; false when the address has an account already, and gets none. Throws `upstream_failed`. */
  invite(email: string, redirectTo: string | undefined): Promise<boolean>;
}

export function openUserDirectory({ url, secretKey }: { url: string; secretKey: string }): UserDirectory {
  // Without the rest of the client, which on Node 20 refuses to be made for want of a WebSocket.
  const admin = new GoTrueAdminApi({
    url: `${url}/auth/v1`,
    headers: { apikey: secretKey, Authorization: `Bearer ${secretKey}` },
    fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(REQUEST_SECONDS_MAX * 1000) }),
  });
  return {
    async findConfirmedEmail(userId) {
      const { data, error } = await admin.getUserById(userId);
      if (error) throw failed(error);
      return data.user.email_confirmed_at === undefined ? undefined : data.user.email;
    },
    async invite(email, redirectTo) {
      const { error } = await admin.inviteUserByEmail(email, redirectTo === undefined ? {} : { redirectTo });
      if (!error) return true;
      if (isAuthApiError(error) && error.code === "email_exists") return false;
      throw failed(error);
    },
  };
}

function failed(cause: Error): AppError {
  return new AppError("upstream_failed", `Supabase Auth did not do it: ${cause.message}. Check SUPABASE_SECRET_KEY.`, {
    cause,
  });
}
