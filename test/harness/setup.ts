// One embedded Postgres for the whole run, with a migrated template that each test copies.
import "../../bin/build.mjs";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { joinEmbeddedPostgres } from "../../src/platform/embedded-postgres.ts";
import { createLog } from "../../src/platform/log.ts";
import { authenticatorPasswordOf } from "../../src/platform/login.ts";
import { migrate } from "../../src/platform/migrate.ts";

export const TEMPLATE = "kota_template";
/** Of `authenticator`, as PostgREST logs in. */
export const AUTHENTICATOR_PASSWORD = "authenticator";

declare module "vitest" {
  interface ProvidedContext {
    /** The server: a connection string of its superuser, without a database, and the pepper that all tests share. */
    postgres: { serverUrl: string; pepper: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "kota-test-"));
  const log = createLog({ level: "warn" });
  const postgres = await joinEmbeddedPostgres({ dataDirectory, log, graceSeconds: 1 });
  const pepper = randomBytes(32).toString("hex");
  const serverUrl = postgres.connectionString.replace(/\/[^/]*$/, "");
  const client = new pg.Client({ connectionString: postgres.connectionString });
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  await makeLikeSupabase(`${serverUrl}/${TEMPLATE}`);
  await migrate({
    mayChangePassword: true,
    connectionString: `${serverUrl}/${TEMPLATE}`,
    authenticatorPassword: authenticatorPasswordOf(pepper),
    log,
  });
  project.provide("postgres", { serverUrl, pepper });
  return async () => {
    await postgres.leave();
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  };
}

/**
 * What a new project of Supabase has before our migrations: its roles, PostgREST's login `authenticator`, and default
 * privileges that give every new table and function of `public` to everybody.
 */
async function makeLikeSupabase(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`
    create role anon nologin noinherit;
    create role authenticated nologin noinherit;
    create role service_role nologin noinherit bypassrls;
    create role authenticator login noinherit password '${AUTHENTICATOR_PASSWORD}';
    grant anon, authenticated, service_role to authenticator;
    grant usage on schema public to anon, authenticated, service_role;
    alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
    alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
    alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;`);
  await client.end();
}
