// Puts a process together: configuration, database, services, roles; and takes it apart in reverse order.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ensureLocalAccess, readLocalPepper } from "./access/local.ts";
import { createConfirmedAddress } from "./access/confirmed-address.ts";
import { createAnalysePool } from "./indexing/analyse-pool.ts";
import { createFolderMemory, type FolderMemory } from "./indexing/folder-memory.ts";
import { createChecks } from "./indexing/check/checks.ts";
import { watchFolders } from "./indexing/watch-folders.ts";
import { workOff, type JobServices } from "./job.ts";
import { JOBS } from "./jobs/index.ts";
import type { Services } from "./operation.ts";
import { OPERATIONS } from "./operations/index.ts";
import { createCursorCodec } from "./platform/cursor.ts";
import type { Config, SupabaseConfig } from "./platform/config.ts";
import { openDatabase, type Database } from "./platform/database.ts";
import { joinEmbeddedPostgres, type EmbeddedPostgres } from "./platform/embedded-postgres.ts";
import type { Log } from "./platform/log.ts";
import { authenticatorPasswordOf } from "./platform/login.ts";
import { readManifest } from "./platform/manifest.ts";
import { checkMigrated, migrate } from "./platform/migrate.ts";
import { createMemory } from "./platform/memory.ts";
import { startQueue, type Queue } from "./platform/queue.ts";
import { runCommandLine } from "./surfaces/cli/command-line.ts";
import type { Kota, OpenOptions, Role, Running } from "./surfaces/cli/launcher.ts";

/** Runs one command; resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  return runCommandLine(argv, {
    version: (await readManifest()).version,
    openKota,
    startServer,
    startWorker: (kota) => startWorker(kota, { superviseSeconds: COMMAND_SUPERVISE_SECONDS }),
  });
}

/** Opens the database, embedded or DATABASE_URL's, and brings it to the newest schema, or only looks whether it is. */
async function openKota(config: Config, log: Log, options: OpenOptions = {}): Promise<Kota> {
  const postgres =
    config.databaseUrl === undefined
      ? await joinEmbeddedPostgres({ dataDirectory: config.dataDirectory, searchPath: config.searchPath, log })
      : undefined;
  try {
    return await connect({ config, log, postgres, options });
  } catch (error) {
    await postgres?.leave();
    throw error;
  }
}

async function connect({
  config,
  log,
  postgres,
  options,
}: {
  config: Config;
  log: Log;
  postgres: EmbeddedPostgres | undefined;
  options: OpenOptions;
}): Promise<Kota> {
  const pepper = config.keyPepper ?? (await readLocalPepper(config.dataDirectory));
  const connectionString = postgres?.connectionString ?? config.databaseUrl ?? "";
  const authenticatorPassword = authenticatorPasswordOf(pepper);
  // The embedded server is this data folder's own, as its pepper is.
  const mayChangePassword = postgres !== undefined || options.isNewPepper === true;
  const bring = options.readOnly && !postgres ? checkMigrated : migrate;
  await bring({ connectionString, authenticatorPassword, mayChangePassword, log });
  const database = openDatabase({
    connectionString,
    authenticatorPassword,
    poolMax: config.databasePoolMax,
    isPooled: config.isDatabasePooled,
    log,
    ...(postgres && { recover: () => postgres.rejoin() }),
  });
  try {
    const local =
      config.mode === "local"
        ? await ensureLocalAccess(database, { dataDirectory: config.dataDirectory, pepper })
        : undefined;
    return {
      config,
      log,
      services: servicesOf({ config, log, database, pepper }),
      version: (await readManifest()).version,
      local,
      async close() {
        await database.close();
        await postgres?.leave();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function servicesOf({
  config,
  log,
  database,
  pepper,
}: {
  config: Config;
  log: Log;
  database: Database;
  pepper: string;
}): Services {
  return {
    database,
    log,
    git: { searchPath: config.searchPath, gitBaseUrl: config.gitBaseUrl, log },
    mirrorDirectory: join(config.dataDirectory, "mirrors", nameOfDatabase(config.databaseUrl)),
    cursors: createCursorCodec(pepper),
    pepper,
    isLimited: config.mode === "hosted",
    memory: createMemory(),
    now: () => new Date(),
  };
}

/** A folder for each database that this data folder is used with: sweeping one must not remove another's mirrors. */
function nameOfDatabase(databaseUrl: string | undefined): string {
  if (databaseUrl === undefined) return "embedded";
  const { host, pathname } = new URL(databaseUrl);
  return createHash("sha256").update(`${host}${pathname}`).digest("hex").slice(0, 16);
}

/** How often the sweeper goes its round, however many processes there are. */
const SWEEP_SECONDS = 300;

/** How often a server looks for workers that died … */
const SERVER_SUPERVISE_SECONDS = 1;
/** … and a command, which mostly is alone and has ended by then. */
const COMMAND_SUPERVISE_SECONDS = 5;

/** Takes jobs off the queue until stopped. */
async function startWorker(
  kota: Kota,
  { superviseSeconds, folders = createFolderMemory() }: { superviseSeconds: number; folders?: FolderMemory },
): Promise<Running> {
  const { config, log, services } = kota;
  const queue = await startQueue({
    connectionString: services.database.connectionString(),
    isPooled: config.isDatabasePooled,
    superviseSeconds,
    log,
  });
  const checks = config.isSemanticTierOn ? createChecks(services) : undefined;
  const jobServices: JobServices = {
    ...services,
    pool: createAnalysePool(config.workerConcurrency),
    checks,
    folders,
    mayReadFolders: config.mode === "local",
  };
  await workOff(queue, JOBS, jobServices);
  const timer = setInterval(() => void askForSweep(queue, log), SWEEP_SECONDS * 1000);
  await askForSweep(queue, log);
  return {
    async stop() {
      clearInterval(timer);
      await queue.stop();
      // After the last job, which may have asked for one.
      await checks?.stop();
    },
  };
}

async function signInOf({ url, secretKey, jwtSecret }: SupabaseConfig, log: Log) {
  const [{ openUserDirectory }, { createTokenVerifier }] = await Promise.all([
    import("./platform/supabase.ts"),
    import("./access/verify-token.ts"),
  ]);
  const findConfirmedAddress =
    secretKey === undefined ? undefined : createConfirmedAddress(openUserDirectory({ url, secretKey }), log);
  return { url, signIn: { verify: createTokenVerifier({ url, jwtSecret }), findConfirmedAddress } };
}

async function askForSweep(queue: Queue, log: Log): Promise<void> {
  await queue
    .sendThrottled("sweep", {}, SWEEP_SECONDS)
    .catch((error: unknown) => log.warn("The sweeper could not be asked for", { error }));
}

/** Starts the roles of a server; `url` is undefined for a worker alone. */
async function startServer(
  kota: Kota,
  { role, port, host }: { role: Role; port: number; host: string },
): Promise<Running & { url: string | undefined }> {
  const { config, services, version } = kota;
  // Most commands serve nothing: what only servers need is loaded here.
  const http =
    role === "worker"
      ? undefined
      : await (
          await import("./surfaces/http.ts")
        ).startHttpServer({
          operations: OPERATIONS,
          services,
          version,
          port,
          host,
          publicUrl: config.publicUrl,
          allowedOrigins: config.allowedOrigins,
          trustedProxies: config.trustedProxies,
          supabase:
            config.mode === "hosted" ? config.supabase && (await signInOf(config.supabase, services.log)) : undefined,
        });
  try {
    const folders = createFolderMemory();
    const worker =
      role === "api" ? undefined : await startWorker(kota, { superviseSeconds: SERVER_SUPERVISE_SECONDS, folders });
    const watch =
      worker &&
      kota.local &&
      watchFolders({ ...services, folders, db: services.database.forOrganization(kota.local.organizationId) });
    return {
      url: http?.url,
      async stop() {
        await watch?.stop();
        // Side by side: each may take its whole time, and orchestrators kill after 30 s.
        await Promise.all([http?.stop(), worker?.stop()]);
      },
    };
  } catch (error) {
    await http?.stop();
    throw error;
  }
}
