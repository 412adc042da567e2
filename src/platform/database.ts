// The door to Postgres. Requests and jobs get a handle that is confined to one organization: each transaction
// logs in as a role that may do nothing, becomes `authenticated` and sets its claims in the same round trip, so
// a forgotten filter meets row-level security. The other handle is called unsafeAllOrganizations, and
// test/architecture.test.ts lists who may hold it.
import pg from "pg";
import { AppError } from "../errors.ts";
import type { OrganizationId } from "./ids.ts";
import type { Log } from "./log.ts";

/** Longest a statement of a request or job may take. Above any page of results; below what a caller waits for. */
const STATEMENT_SECONDS_MAX = 30;
const CONNECT_SECONDS_MAX = 10;

/** Part of a statement, to be put into another one. */
export class Fragment {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.strings = strings;
    this.values = values;
  }
}

export function fragment(strings: TemplateStringsArray, ...values: unknown[]): Fragment {
  return new Fragment(strings, values);
}

/** Runs one statement in the transaction at hand; every `${value}` is a parameter, a Fragment is spliced in. */
export interface Sql {
  <Row extends object>(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>;
}

/** A transaction confined to one organization, whose id stands first in every primary key. */
export interface OrganizationSql extends Sql {
  readonly organizationId: OrganizationId;
}

/** `work` in one transaction: commits when it resolves, rolls back when it rejects. */
interface Transact<S extends Sql> {
  <T>(work: (sql: S) => Promise<T>): Promise<T>;
  /**
   * As above in a single round trip, for reads that issue all their statements before they first wait: begin,
   * claims, statements and commit travel together. A later statement is refused.
   */
  once<T>(work: (sql: S) => Promise<T>): Promise<T>;
}

export interface OrganizationDatabase extends Transact<OrganizationSql> {
  readonly organizationId: OrganizationId;
  /**
   * Runs `work` while holding the session-level advisory lock `key`, on a connection of its own; undefined when
   * `waitSeconds` pass without getting it. Fails when the connection, and with it the lock, is lost.
   */
  withLock<T>(
    lock: { key: string; mode: "shared" | "exclusive"; waitSeconds: number },
    work: () => Promise<T>,
  ): Promise<T | undefined>;
}

export interface Database {
  forOrganization(organizationId: OrganizationId): OrganizationDatabase;
  /** Sees every organization. For migrations, the queue, webhooks, key look-up and sweeping alone. */
  readonly unsafeAllOrganizations: Transact<Sql>;
  /** Where the service login connects now; changes when the embedded Postgres was started again. */
  connectionString(): string;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  connectionString: string;
  /** Password of kota_authenticator, the login of requests and jobs. */
  authenticatorPassword: string;
  poolMax: number;
  log: Log;
  /** Brings a Postgres of ours back after it was killed; resolves to where it is now. */
  recover?: () => Promise<string>;
}

/** Connects lazily: the first transaction opens the first connection. */
export function openDatabase({
  connectionString,
  authenticatorPassword,
  poolMax,
  log,
  recover,
}: DatabaseOptions): Database {
  let pools = openPools(connectionString);
  let recovering: Promise<void> | undefined;

  function openPools(url: string) {
    const pool = (connection: string, max: number) => {
      const opened = new pg.Pool({
        connectionString: connection,
        max,
        pipeline: true,
        types: TYPES,
        connectionTimeoutMillis: CONNECT_SECONDS_MAX * 1000,
        idleTimeoutMillis: 10_000,
        allowExitOnIdle: true,
        application_name: "kota",
      });
      // An idle connection that breaks is replaced by the next caller; without a listener it would end the process.
      opened.on("error", (error) => log.debug("An idle database connection broke", { error }));
      // A busy one says so to its statements, and once more here.
      opened.on("connect", (client) => client.on("error", () => undefined));
      return opened;
    };
    const serviceMax = Math.max(2, Math.floor(poolMax / 4));
    return {
      url,
      requests: pool(asAuthenticator(url, authenticatorPassword), poolMax),
      service: pool(url, serviceMax),
    };
  }

  async function connect(which: "requests" | "service"): Promise<pg.PoolClient> {
    try {
      return await pools[which].connect();
    } catch (error) {
      if (!recover || !isUnreachable(error)) throw unavailable(error);
      recovering ??= reopen(recover).finally(() => (recovering = undefined));
      await recovering;
      return await pools[which].connect().catch((again: unknown) => Promise.reject(unavailable(again)));
    }
  }

  async function reopen(bringBack: () => Promise<string>): Promise<void> {
    const broken = pools;
    pools = openPools(await bringBack());
    await Promise.allSettled([broken.requests.end(), broken.service.end()]);
  }

  const transactor = <S extends Sql>(
    which: "requests" | "service",
    settings: Settings,
    makeSql: (client: pg.PoolClient) => S,
  ): Transact<S> => {
    const inTransaction = async <T>(work: (sql: S) => Promise<T>, isOnce: boolean): Promise<T> => {
      const attempt = async () => {
        const client = await connect(which);
        return transact({ client, settings, sql: makeSql(client), isOnce, work });
      };
      // Idle connections may have died unnoticed. Nothing was begun on them, so another one may be tried.
      for (let tries = 0; ; tries++) {
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof NeverBegun)) throw error;
          if (tries >= poolMax) throw error.cause;
        }
      }
    };
    const run = <T>(work: (sql: S) => Promise<T>) => inTransaction(work, false);
    return Object.assign(run, { once: <T>(work: (sql: S) => Promise<T>) => inTransaction(work, true) });
  };

  return {
    unsafeAllOrganizations: transactor("service", {}, (client) => tag(client)),
    forOrganization(organizationId) {
      const claims = JSON.stringify({ role: "authenticated", organization_id: organizationId });
      const settings = {
        role: "authenticated",
        "request.jwt.claims": claims,
        statement_timeout: `${STATEMENT_SECONDS_MAX}s`,
      };
      const run = transactor("requests", settings, (client) => Object.assign(tag(client), { organizationId }));
      return Object.assign(run, { organizationId, withLock: lockWith(() => connect("requests")) });
    },
    connectionString: () => pools.url,
    async close() {
      await Promise.allSettled([pools.requests.end(), pools.service.end()]);
    },
  };
}

type Settings = Record<string, string>;

interface Transaction<S extends Sql, T> {
  client: pg.PoolClient;
  settings: Settings;
  sql: S;
  isOnce: boolean;
  work: (sql: S) => Promise<T>;
}

async function transact<S extends Sql, T>({ client, settings, sql, isOnce, work }: Transaction<S, T>): Promise<T> {
  const names = Object.keys(settings);
  const opening = Promise.all([
    client.query("begin"),
    names.length === 0
      ? undefined
      : client.query(
          `select ${names.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`).join(", ")}`,
          names.flatMap((name) => [name, settings[name]]),
        ),
  ]);
  // The statements of `work` travel right behind; a failure here fails them too and is thrown below.
  opening.catch(() => undefined);
  let hasBegun = false;
  void opening.then(
    () => (hasBegun = true),
    () => undefined,
  );
  let broken: Error | undefined;
  try {
    const working = work(sql);
    if (isOnce) {
      // After a failed statement this COMMIT acts as a ROLLBACK, and `working` rejects.
      const closing = client.query("commit");
      closing.catch(() => undefined);
      const [result] = await Promise.all([working, opening, closing]);
      return result;
    }
    const result = await working;
    await opening;
    await client.query("commit");
    return result;
  } catch (error) {
    if (isLost(error)) broken = error instanceof Error ? error : new Error(String(error));
    else await client.query("rollback").catch((failure: Error) => (broken = failure));
    if (isLost(error) && !hasBegun) throw new NeverBegun(asAppError(error));
    throw asAppError(error);
  } finally {
    client.release(broken);
  }
}

/** The connection was lost before the transaction began. */
class NeverBegun extends Error {
  constructor(cause: unknown) {
    super("the connection was lost before the transaction began", { cause });
  }
}

function tag(client: pg.PoolClient): Sql {
  return async <Row extends object>(strings: TemplateStringsArray, ...values: unknown[]) => {
    const result = await client.query<Row>(compile(new Fragment(strings, values)));
    return result.rows;
  };
}

function compile(root: Fragment): { text: string; values: unknown[] } {
  const parameters: unknown[] = [];
  const write = ({ strings, values }: Fragment): string =>
    strings.reduce((text, string, i) => {
      const value = values[i - 1];
      if (value instanceof Fragment) return `${text}${write(value)}${string}`;
      parameters.push(value);
      return `${text}$${parameters.length}${string}`;
    });
  // The reduce above starts at the first string, so a fragment without values is that string alone.
  return { text: write(root), values: parameters };
}

function lockWith(connect: () => Promise<pg.PoolClient>): OrganizationDatabase["withLock"] {
  return async ({ key, mode, waitSeconds }, work) => {
    const client = await connect();
    let broken: Error | undefined;
    let lose: (error: Error) => void = () => undefined;
    const lost = new Promise<never>((_resolve, reject) => (lose = reject));
    lost.catch(() => undefined);
    const onError = (error: Error) => {
      broken = error;
      lose(unavailable(error));
    };
    client.on("error", onError);
    const suffix = mode === "shared" ? "_shared" : "";
    try {
      await client.query(`select set_config('lock_timeout', $1, false)`, [`${Math.max(1, waitSeconds * 1000)}ms`]);
      await client.query(`select pg_advisory_lock${suffix}(hashtextextended($1, 0))`, [key]);
    } catch (error) {
      client.off("error", onError);
      client.release(true);
      if (codeOf(error) === "55P03") return undefined;
      throw asAppError(error);
    }
    try {
      return await Promise.race([work(), lost]);
    } finally {
      client.off("error", onError);
      // Closing the session gives the lock back whatever state the connection is in.
      client.release(broken ?? true);
    }
  };
}

/** The server's version, e.g. `17.10`. */
export async function readServerVersion(sql: Sql): Promise<string> {
  const rows = await sql<{ version: string }>`select split_part(current_setting('server_version'), ' ', 1) as version`;
  return rows[0]?.version ?? "unknown";
}

/** bigint and bigint[] as numbers: ids and sizes stay below 2^53. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [20, Number],
  [1016, (text) => (text === "{}" ? [] : text.slice(1, -1).split(",").map(Number))],
]);
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => PARSERS.get(oid) ?? pg.types.getTypeParser(oid, format),
};

function asAuthenticator(connectionString: string, password: string): string {
  const url = new URL(connectionString);
  // A pooler such as Supavisor names the project behind the role: postgres.PROJECT → kota_authenticator.PROJECT.
  const project = /\.(.+)$/.exec(decodeURIComponent(url.username))?.[1];
  url.username = project === undefined ? "kota_authenticator" : `kota_authenticator.${project}`;
  url.password = password;
  return url.href;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const UNREACHABLE_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "ETIMEDOUT",
  "ENOTFOUND",
  "57P01",
  "57P02",
  "57P03",
]);

/** Nobody answers at that address, or the server is going down. */
function isUnreachable(error: unknown): boolean {
  return UNREACHABLE_CODES.has(codeOf(error) ?? "") || isLost(error);
}

/** The connection itself is gone: nothing more can be said on it. */
function isLost(error: unknown): boolean {
  const code = codeOf(error) ?? "";
  if (code.startsWith("08") || code.startsWith("57P") || code === "ECONNRESET" || code === "EPIPE") return true;
  return (
    error instanceof Error &&
    /Connection terminated|connection error|not queryable|Client was closed|timeout exceeded when trying to connect/i.test(
      error.message,
    )
  );
}

function unavailable(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError(
    "unavailable",
    "The database cannot be reached. Try again in a few seconds; `kota doctor` checks the set-up.",
    { cause },
  );
}

function asAppError(error: unknown): unknown {
  const code = codeOf(error);
  if (isLost(error)) return unavailable(error);
  if (code === "57014")
    return new AppError(
      "unavailable",
      "The question took too long and was stopped. Narrow it (repository, path, language) and try again.",
      { cause: error },
    );
  if (code === "53100")
    return new AppError(
      "unavailable",
      "The disk of the database is full. Free some space and try again; nothing was lost.",
      { cause: error },
    );
  if (code === "53300") return unavailable(error);
  return error;
}
