// One embedded Postgres for the whole run, with a migrated template that each test copies.
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
