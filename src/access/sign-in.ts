// From a token of Supabase Auth to a caller. Whoever signs in for the first time gets an organization of their own, and
// joins those that invited their address. Memberships are read each time, so that a removed member is out at once.
import { AppError } from "../errors.ts";
import type { Database } from "../platform/database.ts";
import { countedOf, type Admission, type Charge } from "./admit.ts";
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
 * `asked`: name or id of one of the user's organizations; without it their own counts. For one that they are not in they are
 * refused with `not_found`, and their own is charged: a token asks for nothing without a limit. Throws `unauthenticated`,
 * and `not_found` for who is in no organization any more.
 */
export async function admitToken(
  { database, signIn }: { database: Database; signIn: SignIn },
  { token, asked, ...charge }: { token: string; asked: string | undefined } & Charge,
): Promise<Admission> {
  const user = await signIn.verify(token);
  const { userId, email } = user;
  const admit = (organization: string | undefined) =>
    database.unsafeAllOrganizations.once((sql) => admitUser(sql, { userId, email, asked: organization, ...charge }));
  const admitToOwn = async () => {
    const admitted = await admit(undefined);
    if (admitted.membership) return { ...admitted, isNew: false };
    const isNew = await database.unsafeAllOrganizations((sql) => ensurePersonalOrganization(sql, { userId, email }));
    return { ...(await admit(undefined)), isNew };
  };
  const admitToAsked = () => (asked === undefined ? admitToOwn() : admit(asked));

  let { membership, isInvited } = await admitToAsked();
  // Until Supabase says that the address is the user's own, an invitation to it is somebody else's.
  const confirmed = isInvited ? await signIn.findConfirmedAddress?.(userId, charge.now) : undefined;
  if (confirmed !== undefined) {
    await database.unsafeAllOrganizations(async (sql) => {
      await acceptInvitations(sql, { userId, email: confirmed });
      await ensurePersonalOrganization(sql, { userId, email });
    });
    // Who was in none was not charged.
    if (!membership) ({ membership } = await admitToAsked());
  }
  let charged: typeof membership;
  if (!membership && asked !== undefined) {
    const own = await admitToOwn();
    charged = own.membership;
    // Who comes for the first time may name the organization that has just been made for them: this request counts twice.
    if (own.isNew) ({ membership } = await admit(asked));
  }
  if (membership) {
    const { organization_id: organizationId, role } = membership;
    return { caller: { organizationId, scopes: SCOPES_OF[role], keyId: undefined }, ...countedOf(membership) };
  }
  if (!charged) throw new AppError("not_found", "You are in no organization any more.");
  return {
    refusal: new AppError("not_found", `You are in no organization '${asked}'.`),
    ...countedOf(charged),
  };
}
