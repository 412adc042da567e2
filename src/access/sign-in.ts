// From a token of Supabase Auth to a caller. Whoever signs in for the first time gets an organization of their own, and
// joins those that invited their address. Memberships are read each time, so that a removed member is out at once.
import { AppError } from "../errors.ts";
import type { Database } from "../platform/database.ts";
import type { Log } from "../platform/log.ts";
import type { UserDirectory } from "../platform/supabase.ts";
import { admissionOf, type Admission, type Charge } from "./admit.ts";
import type { Role, Scope } from "./caller.ts";
import { acceptInvitations, admitUser, ensurePersonalOrganization } from "./store.ts";
import type { SignedIn, VerifyToken } from "./verify-token.ts";

export interface SignIn {
  verify: VerifyToken;
  /** Undefined without its key: nobody can be invited then. */
  directory: UserDirectory | undefined;
}

/** What a member's role lets their token do. */
const SCOPES_OF: Record<Role, readonly Scope[]> = {
  owner: ["read", "write", "admin"],
  admin: ["read", "write", "admin"],
  member: ["read", "write"],
};

/**
 * `asked`: name or id of one of the user's organizations; without it their own counts. Throws `unauthenticated`, and
 * `not_found` for an organization that they are not in.
 */
export async function admitToken(
  { database, log, signIn }: { database: Database; log: Log; signIn: SignIn },
  { token, asked, ...charge }: { token: string; asked: string | undefined } & Charge,
): Promise<Admission> {
  const user = await signIn.verify(token);
  const admit = (email: string | undefined) =>
    database.unsafeAllOrganizations.once((sql) => admitUser(sql, { userId: user.userId, email, asked, ...charge }));
  let row = await admit(user.email);
  if (row.is_invited || (row.organization_id === null && asked === undefined)) {
    await welcome(user, { database, log, signIn, isInvited: row.is_invited });
    row = await admit(undefined);
  }
  if (row.organization_id === null || row.role === null || row.tier === null)
    throw new AppError(
      "not_found",
      asked === undefined ? "You are in no organization any more." : `You are in no organization '${asked}'.`,
    );
  return admissionOf(
    { organizationId: row.organization_id, scopes: SCOPES_OF[row.role], keyId: undefined },
    { ...row, tier: row.tier },
  );
}

async function welcome(
  { userId, email }: SignedIn,
  { database, log, signIn, isInvited }: { database: Database; log: Log; signIn: SignIn; isInvited: boolean },
): Promise<void> {
  // Until Supabase says that the address is the user's own, an invitation to it is somebody else's.
  const confirmed = isInvited
    ? await signIn.directory?.findConfirmedEmail(userId).catch((error: unknown) => {
        log.warn("An invitation could not be looked at; it waits", { error });
        return undefined;
      })
    : undefined;
  await database.unsafeAllOrganizations(async (sql) => {
    if (confirmed !== undefined) await acceptInvitations(sql, { userId, email: confirmed });
    await ensurePersonalOrganization(sql, { userId, email });
  });
}
