// `kota members`: who belongs to an organization. For the operator, who holds the database's URL.
import { z } from "zod";
import { ROLES, type Role } from "../../access/caller.ts";
import { INVITATION_DAYS_MAX, MEMBERS_MAX } from "../../access/limits.ts";
import { findOrganization, listMembers, removeMember, saveInvitation } from "../../access/store.ts";
import { AppError, invalidInput } from "../../errors.ts";
import type { OrganizationId } from "../../platform/ids.ts";
import type { UserDirectory } from "../../platform/supabase.ts";
import type { CommandContext } from "./command-line.ts";
import type { Kota } from "./launcher.ts";
import { commandLog, refuseApi } from "./session.ts";
import { note, printJson, printLine } from "./terminal.ts";

export interface MembersOptions {
  organization?: string;
  role?: string;
  force?: boolean;
  json?: boolean;
}

/** Whoever signs in with this address, confirmed, joins. */
export async function membersInvite(context: CommandContext, email: string, options: MembersOptions): Promise<void> {
  const role = parseRole(options.role ?? "member");
  if (!z.email().max(320).safeParse(email).success) throw invalidInput("email", `'${email}' is no mail address`);
  const directory = await directoryOf(context);
  await inOrganization(context, options, async ({ services, config }, organizationId) => {
    const expiresAt = new Date(services.now().getTime() + INVITATION_DAYS_MAX * 86_400_000);
    await services.database.unsafeAllOrganizations((sql) =>
      saveInvitation(sql, { organizationId, email, role, expiresAt }),
    );
    const isMailed = await directory.invite(email, config.publicUrl).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      const stands = `${email} is invited as ${role}, and joins when it signs in, but got no mail.`;
      throw new AppError(error.code, `${stands} ${error.message} The same command sends it again.`, { cause: error });
    });
    if (options.json) printJson({ email, role, expires_at: expiresAt.toISOString(), mailed: isMailed });
    else printLine(`Invited ${email} as ${role}, until ${expiresAt.toISOString()}.`);
    if (!isMailed) note("The address has an account already and got no mail: it joins at its next sign-in.");
  });
}

export async function membersList(context: CommandContext, options: MembersOptions): Promise<void> {
  await inOrganization(context, options, async ({ services }, organizationId) => {
    const rows = await services.database.unsafeAllOrganizations.once((sql) =>
      listMembers(sql, organizationId, MEMBERS_MAX),
    );
    if (options.json) {
      return printJson({
        members: rows.map((row) => ({
          user_id: row.user_id,
          email: row.email,
          role: row.role,
          created_at: row.created_at.toISOString(),
          invited_until: row.expires_at?.toISOString() ?? null,
        })),
      });
    }
    if (rows.length === 0) note("Nobody yet: `kota members invite EMAIL --organization NAME`.");
    for (const { email, user_id: userId, role, expires_at: expiresAt } of rows)
      printLine(`${role.padEnd(7)} ${email ?? userId ?? ""}${expiresAt ? "  (invited)" : ""}`);
  });
}

/** Takes effect with their next request. */
export async function membersRemove(context: CommandContext, who: string, options: MembersOptions): Promise<void> {
  await inOrganization(context, options, async ({ services }, organizationId) => {
    const isGone = await services.database.unsafeAllOrganizations((sql) =>
      removeMember(sql, { organizationId, who, mayLeaveNoOwner: options.force === true }),
    );
    if (!isGone) throw new AppError("not_found", `'${who}' is neither a member nor invited. \`kota members list\`.`);
    printLine(`${who} is out.`);
  });
}

async function inOrganization(
  { config, launcher }: CommandContext,
  options: MembersOptions,
  work: (kota: Kota, organizationId: OrganizationId) => Promise<void>,
): Promise<void> {
  refuseApi(config, "members");
  const name = options.organization ?? config.organization;
  if (config.mode === "local") throw new AppError("not_configured", "Local mode has no members; set KOTA_MODE=hosted.");
  if (name === undefined) throw invalidInput("organization", "is needed: --organization NAME");
  const kota = await launcher.openKota(config, commandLog(config));
  try {
    const found = await kota.services.database.unsafeAllOrganizations.once((sql) => findOrganization(sql, name));
    if (!found) throw new AppError("not_found", `No organization '${name}'. \`kota keys create\` makes one.`);
    await work(kota, found);
  } finally {
    await kota.close();
  }
}

async function directoryOf({ config }: CommandContext): Promise<UserDirectory> {
  const secretKey = config.supabase?.secretKey;
  if (!config.supabase || secretKey === undefined)
    throw new AppError("not_configured", "Nobody can be invited without SUPABASE_URL and SUPABASE_SECRET_KEY.");
  // Every command loads this module, and none but this one needs the package.
  const { openUserDirectory } = await import("../../platform/supabase.ts");
  return openUserDirectory({ url: config.supabase.url, secretKey });
}

function parseRole(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (!role) throw invalidInput("role", `'${text}' is none of ${ROLES.join(", ")}`);
  return role;
}
