// A database of its own for each test file, copied from the migrated template.
import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { TEMPLATE } from "./setup.ts";

export interface TestDatabase {
  /** The service login's connection string. */
  url: string;
  pepper: string;
  drop(): Promise<void>;
}

export async function createTestDatabase({ template = TEMPLATE }: { template?: string } = {}): Promise<TestDatabase> {
  const { serverUrl, pepper } = inject("postgres");
  const name = `test_${randomBytes(8).toString("hex")}`;
  // Postgres copies a template only while nobody is connected to it: tests in parallel take turns.
  await onServer(serverUrl, async (client) => {
    await client.query("select pg_advisory_lock(4242)");
    await client.query(`create database ${name} template ${template}`);
  });
  return {
    url: `${serverUrl}/${name}`,
    pepper,
    drop: () =>
      onServer(serverUrl, async (client) => void (await client.query(`drop database if exists ${name} with (force)`))),
  };
}

/** Runs `work` with one connection as the service login. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function onServer<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return withClient(`${serverUrl}/postgres`, work);
}
