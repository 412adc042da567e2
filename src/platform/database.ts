// The door to Postgres. Requests and jobs get a handle that is confined to one organization: each transaction
// logs in as a role that may do nothing, becomes `authenticated` and sets its claims in the same round trip, so
// a forgotten filter meets row-level security. The other handle is called unsafeAllOrganizations, and
// test/architecture.test.ts lists who may hold it.
import pg from "pg";
import { AppError } from "../errors.ts";
import type { OrganizationId } from "./ids.ts";
import type { Log } from "./log.ts";
import { asAuthenticator } from "./login.ts";

/** Longest a statement of a request may take. Above any page of results; below what a caller waits for. */
const STATEMENT_SECONDS_MAX = 30;
/** Of a job: deleting a snapshot of 500,000 files takes about a minute. */
export const JOB_STATEMENT_SECONDS_MAX = 900;
/**
 * Longest wait for a connection: for a server to take it, or for a free one of the pool. With 500 requests in flight on
 * two busy cores the last waits for 10 s; whoever has waited for longer than a statement may take is told to come back.
 */
const CONNECT_SECONDS_MAX = 30;
/** Sessions that hold locks, beyond DATABASE_POOL_MAX: a holder must never wait for one that its own work needs. */
const LOCK_SESSIONS_MAX = 8;
/** An idle connection is closed after this … */
const IDLE_SECONDS_MAX = 10;
/**
 * … but for so many of a pool: a request that must connect first waits for a new session, and agents pause for longer
 * than IDLE_SECONDS_MAX between two of theirs.
 */
const IDLE_CONNECTIONS_KEPT = 2;
/** Statements that a connection has Postgres keep; any beyond are planned each time. */
const STATEMENTS_KEPT_MAX = 100;

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
  /**
   * As above, and the session keeps the statement's plan, which then serves whatever the values: for what requests ask
   * all the time, written so that there is one good plan. Planning took half the time of the look-up of refs.
   */
  kept<Row extends object>(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>;
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
  /**
   * As the first, for work that only reads, which the database checks, and all of it what was there when it began:
   * resolves as soon as `work` does. The commit follows, with nobody waiting for it: a round trip less.
   */
  read<T>(work: (sql: S) => Promise<T>): Promise<T>;
}

type Way = "run" | "once" | "read";

export interface OrganizationDatabase extends Transact<OrganizationSql> {
  readonly organizationId: OrganizationId;
  /**
   * Runs `work` while holding advisory locks, taken in the order given in one transaction that does nothing else, and
   * so hinders nobody; undefined when `waitSeconds` pass without getting one of them. `kept` aborts when the connection,
   * and with it the locks, is lost.
   */
  withLocks<T>(
    asked: { locks: readonly Lock[]; waitSeconds: number },
    work: (kept: AbortSignal) => Promise<T>,
  ): Promise<T | undefined>;
}

export interface Lock {
  key: string;
  mode: "shared" | "exclusive";
}

export interface Database {
  /** `statementSecondsMax` is STATEMENT_SECONDS_MAX where it is not given. */
  forOrganization(organizationId: OrganizationId, limits?: { statementSecondsMax: number }): OrganizationDatabase;
  /** Sees every organization. For migrations, the queue, webhooks, key look-up and sweeping alone. */
  readonly unsafeAllOrganizations: Transact<Sql>;
  /** As above on a connection kept for it, so that requests that wait for theirs do not make a probe wait. */
  readonly unsafeProbe: Transact<Sql>;
  /** Where the service login connects now; changes when the embedded Postgres was started again. */
  connectionString(): string;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  connectionString: string;
  /** Password of kota_authenticator, the login of requests and jobs. */
  authenticatorPassword: string;
  poolMax: number;
  /** The connection string leads to a pooler that gives each transaction another session. */
  isPooled?: boolean;
  log: Log;
  /** Brings a Postgres of ours back after it was killed; resolves to where it is now. */
  recover?: () => Promise<string>;
}

/** Connects lazily: the first transaction opens the first connection. */
export function openDatabase({
  connectionString,
  authenticatorPassword,
  poolMax,
  isPooled = false,
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
        // Poolers may hand a session on before the last of several statements that travel together is answered.
        pipeline: !isPooled,
        types: TYPES,
        connectionTimeoutMillis: CONNECT_SECONDS_MAX * 1000,
        idleTimeoutMillis: IDLE_SECONDS_MAX * 1000,
        min: Math.min(max, IDLE_CONNECTIONS_KEPT),
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
      locks: pool(asAuthenticator(url, authenticatorPassword), LOCK_SESSIONS_MAX),
      service: pool(url, serviceMax),
      probe: pool(url, 1),
    };
  }

  async function connect(which: PoolName): Promise<pg.PoolClient> {
    const pool = pools[which];
    try {
      return await pool.connect();
    } catch (error) {
      // pg-pool says the same for a server that does not answer and for a pool that has no connection to spare.
      if (isConnectTimeout(error) && pool.totalCount >= pool.options.max) throw busy(error);
      if (!recover || !isUnreachable(error)) throw unavailable(error);
      recovering ??= reopen(recover).finally(() => (recovering = undefined));
      await recovering;
      return await pools[which].connect().catch((again: unknown) => Promise.reject(unavailable(again)));
    }
  }

  async function reopen(bringBack: () => Promise<string>): Promise<void> {
    const broken = pools;
    pools = openPools(await bringBack());
    await end(broken);
  }

  async function end({ requests, locks, service, probe }: typeof pools): Promise<void> {
    await Promise.allSettled([requests, locks, service, probe].map((pool) => pool.end()));
  }

  const transactor = <S extends Sql>(which: PoolName, settings: Settings, makeSql: (send: Send) => S): Transact<S> => {
    const inTransaction = async <T>(work: (sql: S) => Promise<T>, way: Way): Promise<T> => {
      const attempt = async () => {
        const client = await connect(which);
        const send = isPooled ? inTurn(client) : together(client);
        return transact({ client, send, settings, makeSql, way, work });
      };
      // Idle connections may have died unnoticed, so another one is tried.
      for (let tries = 0; ; tries++) {
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof NeverBegun)) throw error;
          if (tries >= poolMax) throw error.cause;
        }
      }
    };
    const run = <T>(work: (sql: S) => Promise<T>) => inTransaction(work, "run");
    return Object.assign(run, {
      once: <T>(work: (sql: S) => Promise<T>) => inTransaction(work, "once"),
      read: <T>(work: (sql: S) => Promise<T>) => inTransaction(work, "read"),
    });
  };

  return {
    unsafeAllOrganizations: transactor("service", {}, tag),
    unsafeProbe: transactor("probe", {}, tag),
    forOrganization(organizationId, { statementSecondsMax } = { statementSecondsMax: STATEMENT_SECONDS_MAX }) {
      const claims = JSON.stringify({ role: "authenticated", organization_id: organizationId });
      const settings = {
        role: "authenticated",
        "request.jwt.claims": claims,
        // Of this transaction too: what somebody left in pg_temp or set for the session must not be met by the next.
        search_path: "pg_catalog, pg_temp",
        statement_timeout: `${statementSecondsMax}s`,
      };
      const run = transactor("requests", settings, (send) => Object.assign(tag(send), { organizationId }));
      return Object.assign(run, { organizationId, withLocks: lockWith(() => connect("locks")) });
    },
    connectionString: () => pools.url,
    close: () => end(pools),
  };
}

type PoolName = "requests" | "locks" | "service" | "probe";

type Settings = Record<string, string>;

/** Sends a statement, and answers its rows. */
type Send = <Row extends object>(statement: Statement) => Promise<Row[]>;

interface Statement {
  text: string;
  values?: unknown[];
  /** Under which the session keeps it. */
  name?: string | undefined;
}

/**
 * Statements travel as they are asked for, without waiting for one another; those asked for in one turn of the event
 * loop in one packet. A write for each was a third of what a request cost this process.
 */
function together(client: pg.PoolClient): Send {
  const { stream } = client.connection;
  let isHeld = false;
  return async <Row extends object>(statement: Statement) => {
    if (!isHeld) {
      isHeld = true;
      stream.cork();
      process.nextTick(() => {
        isHeld = false;
        stream.uncork();
      });
    }
    return (await client.query<Row>(statement)).rows;
  };
}

/** Each statement waits for the answer to the one before, and none is kept: the next may run in another session. */
function inTurn(client: pg.PoolClient): Send {
  const send = together(client);
  let last: Promise<unknown> = Promise.resolve();
  return <Row extends object>({ text, values }: Statement) => {
    const next = last.then(() => send<Row>({ text, ...(values && { values }) }));
    last = next.catch(() => undefined);
    return next;
  };
}

interface Transaction<S extends Sql, T> {
  client: pg.PoolClient;
  send: Send;
  settings: Settings;
  makeSql: (send: Send) => S;
  way: Way;
  work: (sql: S) => Promise<T>;
}

/**
 * Each answer is a packet that wakes this process: 0.1–0.2 ms where processors sleep in between. So begin and claims are
 * one statement, and a single statement of the service, a transaction already, goes without.
 */
async function transact<S extends Sql, T>(transaction: Transaction<S, T>): Promise<T> {
  const { client, send, settings, makeSql, way, work } = transaction;
  let hasBegun = false;
  const open = (): Promise<void> => {
    const opening = send({ text: openingOf(settings, way) }).then(() => void (hasBegun = true));
    // The statements of `work` travel right behind; a failure here fails them too and is thrown below.
    opening.catch(() => undefined);
    return opening;
  };
  let broken: Error | undefined;
  let closing: Promise<unknown> | undefined;
  try {
    if (way === "once") {
      const { working, issued } = hold(send, (held) => work(makeSql(held)));
      const isAlone = issued.length === 1 && Object.keys(settings).length === 0;
      const opening = isAlone ? undefined : open();
      for (const go of issued) go();
      // After a failed statement this COMMIT acts as a ROLLBACK, and `working` rejects.
      const committing = isAlone ? undefined : send({ text: "commit" });
      const [result] = await Promise.all([working, opening, committing]);
      return result;
    }
    const opening = open();
    const result = await work(makeSql(send));
    await opening;
    if (way === "run") await send({ text: "commit" });
    // After the answer, which is on its way out now.
    else closing = afterThisTurn().then(() => send({ text: "commit" }));
    return result;
  } catch (error) {
    if (isLost(error)) broken = error instanceof Error ? error : new Error(String(error));
    else await send({ text: "rollback" }).catch((failure: Error) => (broken = failure));
    if (isLost(error) && !hasBegun) throw new NeverBegun(asAppError(error));
    throw asAppError(error);
  } finally {
    if (closing) {
      closing.then(
        () => client.release(),
        (error: Error) => client.release(error),
      );
    } else client.release(broken);
  }
}

/** A simple query, for such a one alone may hold several statements; it has no parameters. */
function openingOf(settings: Settings, way: Way): string {
  const begin = way === "read" ? "begin isolation level repeatable read, read only" : "begin";
  const calls = Object.entries(settings).map(
    ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`,
  );
  return calls.length === 0 ? begin : `${begin}; select ${calls.join(", ")}`;
}

/** Begins `work`; the statements that it issues before it first waits go once they are told to, later ones at once. */
function hold<T>(send: Send, work: (held: Send) => Promise<T>): { working: Promise<T>; issued: (() => void)[] } {
  const issued: (() => void)[] = [];
  let isHolding = true;
  const working = work(<Row extends object>(statement: Statement) =>
    isHolding
      ? new Promise<Row[]>((resolve, reject) => issued.push(() => send<Row>(statement).then(resolve, reject)))
      : send<Row>(statement),
  );
  isHolding = false;
  return { working, issued };
}

function afterThisTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * The connection was lost before anything was answered: an idle one had died, mostly. If not, a statement alone may have
 * been carried out all the same, and is repeated: a request is then charged twice.
 */
class NeverBegun extends Error {
  constructor(cause: unknown) {
    super("the connection was lost before the transaction began", { cause });
  }
}

function tag(send: Send): Sql {
  return Object.assign(
    <Row extends object>(strings: TemplateStringsArray, ...values: unknown[]) =>
      send<Row>(compile(new Fragment(strings, values))),
    {
      kept: <Row extends object>(strings: TemplateStringsArray, ...values: unknown[]) =>
        send<Row>(kept(compile(new Fragment(strings, values)))),
    },
  );
}

/** Names by text: a statement has the same one in every session. */
const NAMES = new Map<string, string>();

function kept(statement: Statement): Statement {
  const { text } = statement;
  if (!NAMES.has(text) && NAMES.size < STATEMENTS_KEPT_MAX) NAMES.set(text, `kota_${NAMES.size}`);
  return { ...statement, name: NAMES.get(text) };
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

function lockWith(connect: () => Promise<pg.PoolClient>): OrganizationDatabase["withLocks"] {
  return async ({ locks, waitSeconds }, work) => {
    const client = await connect();
    const losing = new AbortController();
    const onError = (error: Error) => losing.abort(unavailable(error));
    client.on("error", onError);
    try {
      // Of a transaction, not of a session: behind a pooler the next statement may run in another one.
      await client.query("begin");
      await client.query(`select set_config('lock_timeout', $1, true)`, [`${Math.max(1, waitSeconds * 1000)}ms`]);
      for (const { key, mode } of locks) {
        const suffix = mode === "shared" ? "_shared" : "";
        await client.query(`select pg_advisory_xact_lock${suffix}(hashtextextended($1, 0))`, [key]);
      }
      return await work(losing.signal);
    } catch (error) {
      if (codeOf(error) === "55P03") return undefined;
      throw asAppError(error);
    } finally {
      client.off("error", onError);
      // Closing the connection gives the locks back whatever state it is in.
      client.release(true);
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
    (/Connection terminated|connection error|not queryable|Client was closed/i.test(error.message) ||
      isConnectTimeout(error))
  );
}

function isConnectTimeout(error: unknown): boolean {
  return error instanceof Error && /timeout exceeded when trying to connect/i.test(error.message);
}

function busy(cause: unknown): AppError {
  return new AppError(
    "unavailable",
    `Too much is asked at once: no database connection came free for ${CONNECT_SECONDS_MAX} s. Try again in a few seconds.`,
    { cause },
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
  // Two callers at once: each waits for the other, or one removes what the other refers to. Nothing of this one was kept.
  if (code === "40P01" || code === "40001" || code === "23503")
    return new AppError("unavailable", "Somebody changed or removed the same things at this moment. Try again.", {
      cause: error,
    });
  // Two callers at once: whoever looks first is told by name.
  if (code === "23505")
    return new AppError("conflict", "Somebody made the same thing at this moment. Look again, then try again.", {
      cause: error,
    });
  if (code === "2201B")
    return new AppError("invalid_input", "A pattern is more than Postgres can match. Write it more simply.", {
      cause: error,
    });
  // Text that Postgres cannot hold, in a field that has no stricter rule of its own.
  if (code === "22021" || code === "22P05")
    return new AppError("invalid_input", "A text contains a NUL character or is not valid Unicode. Leave it out.", {
      cause: error,
    });
  return error;
}
