// From a token of Supabase Auth to a caller. Whoever signs in for the first time gets an organization of their own, and
// joins those that invited their address. Memberships are read each time, so that a removed member is out at once.
import { AppError } from "../errors.ts";
import type { Database } from "../platform/database.ts";
import { admissionOf, type Admission, type Charge } from "./admit.ts";
import type { Role, Scope } from "./caller.ts";
import type { FindConfirmedAddress } from "./confirmed-address.ts";
import { acceptInvitations, admitUser, ensurePersonalOrganization } from "./store.ts";
import type { VerifyToken } from "./verify-token.ts";

export interface SignIn {
  verify: VerifyToken;
  /** Undefined without Supabase's secret key: nobody can be invited then. */
  findConfirmedAddress: FindConfirmedAddress | undefined;
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
  { database, signIn }: { database: Database; signIn: SignIn },
  { token, asked, ...charge }: { token: string; asked: string | undefined } & Charge,
): Promise<Admission> {
  const user = await signIn.verify(token);
  const { userId, email } = user;
  const admit = () =>
    database.unsafeAllOrganizations.once((sql) => admitUser(sql, { userId, email, asked, ...charge }));
  let row = await admit();
  const isNew = row.organization_id === null && asked === undefined;
  // Until Supabase says that the address is the user's own, an invitation to it is somebody else's.
  const confirmed = row.is_invited ? await signIn.findConfirmedAddress?.(userId, charge.now) : undefined;
  if (isNew || confirmed !== undefined) {
    await database.unsafeAllOrganizations(async (sql) => {
      if (confirmed !== undefined) await acceptInvitations(sql, { userId, email: confirmed });
      await ensurePersonalOrganization(sql, { userId, email });
    });
    // Who was in none was not charged.
    if (row.organization_id === null) row = await admit();
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
