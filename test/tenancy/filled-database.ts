// A database in which two organizations have rows in every table, and the logins that reach it.
import { realpathSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { SCOPES } from "../../src/access/caller.ts";
import { ensureOrganization } from "../../src/access/store.ts";
import { createAnalysePool } from "../../src/indexing/analyse-pool.ts";
import { createChecks } from "../../src/indexing/check/checks.ts";
import { run } from "../../src/operation.ts";
import { createProject } from "../../src/operations/create-project.ts";
import type { Database } from "../../src/platform/database.ts";
import type { OrganizationId } from "../../src/platform/ids.ts";
import { authenticatorPasswordOf } from "../../src/platform/login.ts";
import { createTestDatabase, withClient, type TestDatabase } from "../harness/database.ts";
import { indexAs } from "../harness/process.ts";
import { makeRepository, type TestRepository } from "../harness/repository.ts";
import { makeServices } from "../harness/services.ts";
import { AUTHENTICATOR_PASSWORD } from "../harness/setup.ts";

export interface FilledDatabase {
  testDatabase: TestDatabase;
  database: Database;
  acme: OrganizationId;
  other: OrganizationId;
  /** Where an organization's one repository came from. */
  urlOf(organization: OrganizationId): string;
  /** The one member of an organization. */
  userOf(organization: OrganizationId): string;
  /** A session as the login of requests, which has done nothing yet. */
  asAuthenticator<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** As PostgREST does it: its login, then role and claims of the request, then the statement. */
  throughPostgrest<T>(
    request: { role: string; claims: object | undefined },
    work: (client: pg.Client) => Promise<T>,
  ): Promise<T>;
  remove(): Promise<void>;
}

/** Tables of ours, by name. */
export const TABLES = `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r' order by 1`;

export async function makeFilledDatabase(): Promise<FilledDatabase> {
  const testDatabase = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), "kota-tenancy-"));
  const services = makeServices(testDatabase, { mirrorDirectory: folder, isLimited: false });
  const { database } = services;
  const [acme, other] = await database.unsafeAllOrganizations(async (sql) => [
    await ensureOrganization(sql, "Acme"),
    await ensureOrganization(sql, "Other"),
  ]);
  const userOf = (organization: OrganizationId) =>
    organization === acme ? "00000000-0000-4000-8000-00000000000a" : "00000000-0000-4000-8000-00000000000b";
  const repositories = new Map<OrganizationId, TestRepository>();
  const pool = createAnalysePool(1);
  const checks = createChecks(services);
  for (const organizationId of [acme, other]) {
    const repository = await makeRepository({
      "a.ts":
        "export class Box {\n  same(): number {\n    return 1;\n  }\n}\nexport const box = () => ({ inner: new Box() });\n",
      // What `same` is here only a type checker finds.
      "b.ts": 'import { box } from "./a.js";\n\nconst { inner: one } = box();\nexport const two = one.same() + 1;\n',
    });
    repositories.set(organizationId, repository);
    const caller = { organizationId, scopes: SCOPES, keyId: undefined };
    await indexAs({ services, pool, checks, caller }, repository.path, { name: "same/name" });
    await run(services, createProject, { name: "same project", repositories: ["same/name"] }, { caller });
    await withClient(testDatabase.url, async (client) => {
      await client.query("insert into members (organization_id, user_id, role) values ($1, $2, 'member')", [
        organizationId,
        userOf(organizationId),
      ]);
      await client.query("insert into rate_limit_counters values ($1, now(), 1)", [organizationId]);
      await client.query("insert into rate_limit_counters_daily values ($1, now(), 1)", [organizationId]);
      await client.query(
        "insert into invitations values ($1, 'x@example.com', 'member', now(), now() + interval '1 day')",
        [organizationId],
      );
      await client.query(
        "insert into api_keys (organization_id, name, hash, prefix, last_four, scopes) values ($1, 'k', sha256($2), 'kota', 'last', '{read}')",
        [organizationId, organizationId],
      );
    });
  }
  await checks.stop();
  const asLogin = <T>(login: { username: string; password: string }, work: (client: pg.Client) => Promise<T>) =>
    withClient(Object.assign(new URL(testDatabase.url), login).href, work);
  return {
    testDatabase,
    database,
    acme,
    other,
    urlOf: (organization) => pathToFileURL(realpathSync(repositories.get(organization)?.path ?? "")).href,
    userOf,
    asAuthenticator: (work) =>
      asLogin({ username: "kota_authenticator", password: authenticatorPasswordOf(testDatabase.pepper) }, work),
    throughPostgrest: ({ role, claims }, work) =>
      asLogin({ username: "authenticator", password: AUTHENTICATOR_PASSWORD }, async (client) => {
        await client.query("begin");
        await client.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
          role,
          claims === undefined ? "" : JSON.stringify({ role, ...claims }),
        ]);
        return work(client);
      }),
    async remove() {
      await database.close();
      await testDatabase.drop();
      await rm(folder, { recursive: true, force: true });
      await Promise.all([...repositories.values()].map((repository) => repository.remove()));
    },
  };
}
