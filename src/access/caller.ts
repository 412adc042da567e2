// Who asks now. Made by authentication, or by the command line for the local organization; believed by everything after.
import type { KeyId, OrganizationId } from "../platform/ids.ts";

export const SCOPES = ["read", "write", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** What somebody is in an organization, the highest first. */
export const ROLES = ["owner", "admin", "member"] as const;
export type Role = (typeof ROLES)[number];

export interface Caller {
  organizationId: OrganizationId;
  scopes: readonly Scope[];
  /** The key that was shown; undefined for the command line and for who signed in. */
  keyId: KeyId | undefined;
}
