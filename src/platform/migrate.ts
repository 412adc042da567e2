// Brings a database to the newest schema: our SQL files, the queue's tables, and the password of the login that
// requests use. Safe to repeat, and safe when two processes do it at once (an advisory lock lets one go first).
import { readFile, readdir } from "node:fs/promises";
import pg from "pg";
import { AppError } from "../errors.ts";
import { INSTALLATION } from "./installation.ts";
import type { Log } from "./log.ts";
import { asAuthenticator } from "./login.ts";
import { areQueuesMade, createQueues } from "./queue.ts";

const MIGRATIONS = new URL("supabase/migrations/", INSTALLATION);
const LOCK_SECONDS_MAX = 120;
const SERVER_VERSION_MIN = 150_000;

interface Migration {
  version: string;
  name: string;
  sql: string;
}

/** The migration files, oldest first. */
async function readMigrations(): Promise<Migration[]> {
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith(".sql")).sort();
  return Promise.all(
    files.map(async (file) => {
      const match = /^(\d{14})_(\w+)\.sql$/.exec(file);
      if (!match?.[1] || !match[2]) throw new Error(`Migration ${file} is not named <14 digits>_<what>.sql`);
      return { version: match[1], name: match[2], sql: await readFile(new URL(file, MIGRATIONS), "utf8") };
    }),
  );
}

export interface MigrateOptions {
  /** The owner's login. */
  connectionString: string;
  /** Of kota_authenticator, the login of requests and jobs. */
  authenticatorPassword: string;
  /** Give that login this password even if it has another: every process that knows the old one is locked out. */
  mayChangePassword: boolean;
  log: Log;
}

/**
 * Applies what is missing, each file in a transaction of its own, and answers the versions applied. History stands
 * in supabase_migrations.schema_migrations, where the Supabase command line looks for it. Throws `unavailable`
 * when the server is too old, its login lacks the rights, or it cannot be reached; `conflict` when the login of
 * requests has another password.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { log } = options;
  return withOwner(options, async (client) => {
    // Mostly there is nothing to do, and every command asks: neither a lock nor the queue's library is needed to see that.
    const isDone = (await listMissing(client)).length === 0 && (await areQueuesMade(client));
    if (isDone && (await canLogIn(options))) return [];
    // The lock has a transaction of its own, for each file is another, and a pooler gives each another session.
    return withOwner(options, async (lock) => {
      await lock.query("begin");
      await lock.query(`set local lock_timeout = '${LOCK_SECONDS_MAX}s'`);
      await lock.query("select pg_advisory_xact_lock(hashtextextended('kota migrate', 0))");
      const applied = await applyMissing(client, log);
      await createQueues(client, options.connectionString);
      await ensureLogin(client, options);
      return applied;
    });
  });
}

/** As migrate, but writes nothing: throws `unavailable` when something is missing. */
export async function checkMigrated(options: MigrateOptions): Promise<void> {
  await withOwner(options, async (client) => {
    const missing = await listMissing(client);
    if (missing.length > 0)
      throw new AppError(
        "unavailable",
        `The database lacks ${missing.length} of this version's migrations. Run \`kota migrate\`.`,
      );
    if (!(await canLogIn(options))) throw wrongPassword();
  });
}

async function withOwner<T>(
  { connectionString, log }: MigrateOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: "kota migrate" });
  client.on("error", (error) => log.warn("The connection of the migration broke", { error }));
  try {
    await client.connect();
  } catch (error) {
    throw new AppError(
      "unavailable",
      `The database cannot be reached (${describe(error)}). Check DATABASE_URL and that Postgres is running.`,
      { cause: error },
    );
  }
  try {
    await checkServer(client);
    return await work(client);
  } finally {
    await client.end().catch((error: Error) => log.debug("Closing the migration's connection failed", { error }));
  }
}

async function applyMissing(client: pg.Client, log: Log): Promise<string[]> {
  await client.query(`create schema if not exists supabase_migrations`);
  await client.query(
    `create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text)`,
  );
  await client.query(`revoke all on schema supabase_migrations from public`);
  const missing = await listMissing(client);
  for (const { version, name, sql } of missing) {
    try {
      await client.query("begin");
      await client.query(sql);
      await client.query(
        "insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, $2, $3)",
        [version, [sql], name],
      );
      await client.query("commit");
    } catch (error) {
      await client.query("rollback").catch(() => undefined);
      throw new AppError(
        "unavailable",
        `Migration ${version}_${name} failed: ${describe(error)}. Nothing of it was kept; the login needs CREATEROLE and BYPASSRLS, or superuser.`,
        { cause: error },
      );
    }
    log.info(`Applied migration ${version}_${name}`, { version });
  }
  return missing.map(({ version }) => version);
}

async function listMissing(client: pg.Client): Promise<Migration[]> {
  const known = await readHistory(client);
  return (await readMigrations()).filter(({ version }) => !known.has(version));
}

async function readHistory(client: pg.Client): Promise<Set<string>> {
  const exists = await client.query<{ found: boolean }>(
    "select to_regclass('supabase_migrations.schema_migrations') is not null as found",
  );
  if (!exists.rows[0]?.found) return new Set();
  const { rows } = await client.query<{ version: string }>(
    "select version from supabase_migrations.schema_migrations order by version",
  );
  return new Set(rows.map(({ version }) => version));
}

async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; allowed: boolean }>(
    `select current_setting('server_version_num')::int as version, rolsuper or (rolcreaterole and rolbypassrls) as allowed
     from pg_roles where rolname = current_user`,
  );
  const server = rows[0];
  if (server && server.version < SERVER_VERSION_MIN)
    throw new AppError(
      "unavailable",
      `Postgres 15 or later is needed; this server is ${Math.floor(server.version / 10_000)}.`,
    );
  if (server && !server.allowed)
    throw new AppError(
      "unavailable",
      "The login of DATABASE_URL needs CREATEROLE and BYPASSRLS (Supabase's `postgres` has them), or superuser.",
    );
}

/**
 * Lets kota_authenticator log in. The role belongs to the whole server: a second database on it, or a process with
 * another pepper, must not lock out those that run.
 */
async function ensureLogin(client: pg.Client, options: MigrateOptions): Promise<void> {
  const { rows } = await client.query<{ is_new: boolean }>(
    "select not rolcanlogin as is_new from pg_roles where rolname = 'kota_authenticator'",
  );
  if (!rows[0]?.is_new) {
    if (await canLogIn(options)) return;
    if (!options.mayChangePassword) throw wrongPassword();
  }
  // ALTER ROLE takes no parameters; the password is base64url, so quoting it is safe.
  if (!/^[\w-]+$/.test(options.authenticatorPassword))
    throw new Error("The password of kota_authenticator must be base64url");
  await client.query(`alter role kota_authenticator with login password '${options.authenticatorPassword}'`);
}

async function canLogIn({ connectionString, authenticatorPassword, log }: MigrateOptions): Promise<boolean> {
  const client = new pg.Client({
    connectionString: asAuthenticator(connectionString, authenticatorPassword),
    connectionTimeoutMillis: 10_000,
    application_name: "kota migrate",
  });
  client.on("error", (error) => log.debug("The connection that tries the login broke", { error }));
  try {
    await client.connect();
    return true;
  } catch (error) {
    // invalid_password, invalid_authorization_specification; a pooler has words of its own.
    if (error instanceof pg.DatabaseError || /password|authenti/i.test(describe(error))) return false;
    throw new AppError("unavailable", `The database cannot be reached (${describe(error)}).`, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function wrongPassword(): AppError {
  return new AppError(
    "conflict",
    "The login kota_authenticator of this Postgres server was made with another KOTA_KEY_PEPPER. Set the one that the running servers have. To change it for good, stop them and run `kota migrate --new-pepper`: every API key made before then stops working.",
  );
}

function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join("; ");
  return error instanceof Error ? error.message : String(error);
}
