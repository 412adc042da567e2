// Puts a process together: configuration, database, services, roles; and takes it apart in reverse order.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureLocalAccess, readLocalPepper } from "./access/local.ts";
import { createAnalysePool } from "./indexing/analyse-pool.ts";
import { watchFolders } from "./indexing/watch-folders.ts";
import { workOff, type JobServices } from "./job.ts";
import { JOBS } from "./jobs/index.ts";
import type { Services } from "./operation.ts";
import { OPERATIONS } from "./operations/index.ts";
import { createCursorCodec } from "./platform/cursor.ts";
import type { Config } from "./platform/config.ts";
import { openDatabase, type Database } from "./platform/database.ts";
import { joinEmbeddedPostgres, type EmbeddedPostgres } from "./platform/embedded-postgres.ts";
import type { Log } from "./platform/log.ts";
import { createMemory } from "./platform/memory.ts";
import { authenticatorPasswordOf, migrate } from "./platform/migrate.ts";
import { startQueue, type Queue } from "./platform/queue.ts";
import { runCommandLine } from "./surfaces/cli/command-line.ts";
import type { Kota, Role, Running } from "./surfaces/cli/launcher.ts";
import { startHttpServer } from "./surfaces/http.ts";

/** Runs one command; resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  return runCommandLine(argv, { version: await readVersion(), openKota, startWorker, startServer });
}

/** Opens the database, embedded or DATABASE_URL's, and brings it to the newest schema. */
async function openKota(config: Config, log: Log): Promise<Kota> {
  const postgres =
    config.databaseUrl === undefined
      ? await joinEmbeddedPostgres({ dataDirectory: config.dataDirectory, searchPath: config.searchPath, log })
      : undefined;
  try {
    return await connect({ config, log, postgres });
  } catch (error) {
    await postgres?.leave();
    throw error;
  }
}

async function connect({
  config,
  log,
  postgres,
}: {
  config: Config;
  log: Log;
  postgres: EmbeddedPostgres | undefined;
}): Promise<Kota> {
  const pepper = config.keyPepper ?? (await readLocalPepper(config.dataDirectory));
  const connectionString = postgres?.connectionString ?? config.databaseUrl ?? "";
  const authenticatorPassword = authenticatorPasswordOf(pepper);
  await migrate({ connectionString, authenticatorPassword, log });
  const database = openDatabase({
    connectionString,
    authenticatorPassword,
    poolMax: config.databasePoolMax,
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
      pepper,
      version: await readVersion(),
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
    mirrorDirectory: join(config.dataDirectory, "mirrors"),
    cursors: createCursorCodec(pepper),
    memory: createMemory(),
    now: () => new Date(),
  };
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "0.0.0";
}

/** How often the sweeper goes its round, however many processes there are. */
const SWEEP_SECONDS = 300;

/** Takes jobs off the queue until stopped. */
async function startWorker(kota: Kota): Promise<Running> {
  const { config, log, services } = kota;
  const queue = await startQueue({ connectionString: services.database.connectionString(), log });
  const jobServices: JobServices = {
    ...services,
    pool: createAnalysePool(config.workerConcurrency),
    mayReadFolders: config.mode === "local",
  };
  await workOff(queue, JOBS, jobServices);
  const timer = setInterval(() => void askForSweep(queue, log), SWEEP_SECONDS * 1000);
  await askForSweep(queue, log);
  return {
    async stop() {
      clearInterval(timer);
      await queue.stop();
    },
  };
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
  const { config, services, pepper, version } = kota;
  const http =
    role === "worker"
      ? undefined
      : await startHttpServer({
          operations: OPERATIONS,
          services,
          pepper,
          version,
          port,
          host,
          publicUrl: config.publicUrl,
          allowedOrigins: config.allowedOrigins,
        });
  try {
    const worker = role === "api" ? undefined : await startWorker(kota);
    const watch =
      worker &&
      kota.local &&
      watchFolders({ ...services, db: services.database.forOrganization(kota.local.organizationId) });
    return {
      url: http?.url,
      async stop() {
        await watch?.stop();
        await http?.stop();
        await worker?.stop();
      },
    };
  } catch (error) {
    await http?.stop();
    throw error;
  }
}
