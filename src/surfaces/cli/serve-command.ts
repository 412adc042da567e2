// `kota serve` and `kota start`: a server until it is told to stop. stdout holds what people and scripts read
// (`Listening on URL` first); logs go to stderr.
import { AppError } from "../../errors.ts";
import { createLog } from "../../platform/log.ts";
import type { CommandContext } from "./command-line.ts";
import { describeEnd, indexAndShow, printSummary } from "./index-command.ts";
import type { Kota, Role, Running } from "./launcher.ts";
import { onInterrupt, type Interrupt } from "./interrupt.ts";
import { printClients } from "./print-clients.ts";
import { findRunningServer, noteRunningServer, type RunningServer } from "./running-server.ts";
import { refuseApi, sessionOf } from "./session.ts";
import { note, printLine } from "./terminal.ts";

export interface ServeOptions {
  port?: number;
  host?: string;
  role?: Role;
}

export async function serveCommand(
  { config, launcher }: CommandContext,
  { port = config.port, host = config.host, role = "all" }: ServeOptions,
): Promise<number> {
  refuseApi(config, "serve");
  const interrupt = onInterrupt();
  const kota = await launcher.openKota(config, createLog({ level: config.logLevel ?? "info" }));
  try {
    const server = await launcher
      .startServer(kota, { role, port, host })
      .catch((error: unknown) => explainTaken(error, config.dataDirectory));
    printLine(server.url === undefined ? "Working off jobs" : `Listening on ${server.url}`);
    await serveUntil(interrupt, { kota, server });
    return 0;
  } finally {
    await kota.close();
  }
}

/** The folder it stands in, or what is named, indexed and served. */
export async function startCommand(
  context: CommandContext,
  { repository = ".", port }: { repository?: string | undefined; port?: number },
): Promise<number> {
  const { config, launcher } = context;
  refuseApi(config, "start");
  const interrupt = onInterrupt();
  note("Starting Postgres …");
  const kota = await launcher.openKota(config, createLog({ level: config.logLevel ?? "warn" }));
  try {
    const running = await findRunningServer(config.dataDirectory);
    if (running) return await startBeside(context, { kota, running, repository, interrupt });
    const server = await launcher.startServer(kota, { role: "all", port: port ?? config.port, host: config.host });
    printLine(`Listening on ${server.url}`);
    await serveUntil(interrupt, { kota, server }, async () => {
      await indexForStart(kota, { repository, signal: interrupt.signal, awaitsCheck: false });
      if (interrupt.signal.aborted) return;
      printClients({ url: config.publicUrl ?? server.url ?? "", apiKey: kota.local?.apiKey });
      note("Serving until Ctrl-C.");
    });
    return 0;
  } finally {
    await kota.close();
  }
}

/** Another process serves this data folder. Jobs are worked off here, for that one may be an API alone. */
async function startBeside(
  { config, launcher }: CommandContext,
  {
    kota,
    running,
    repository,
    interrupt,
  }: { kota: Kota; running: RunningServer; repository: string; interrupt: Interrupt },
): Promise<number> {
  printLine(`Already serving at ${running.url}`);
  const worker = await launcher.startWorker(kota);
  try {
    // This worker stops with the command, and what it checks with it.
    const isIndexed = await indexForStart(kota, { repository, signal: interrupt.signal, awaitsCheck: true });
    if (!interrupt.signal.aborted) printClients({ url: config.publicUrl ?? running.url, apiKey: kota.local?.apiKey });
    return isIndexed ? 0 : 1;
  } finally {
    await worker.stop();
  }
}

/** A repository that cannot be indexed is said so, and the server serves what there is. */
async function indexForStart(
  kota: Kota,
  { repository, signal, awaitsCheck }: { repository: string; signal: AbortSignal; awaitsCheck: boolean },
): Promise<boolean> {
  const session = await sessionOf(kota);
  const { callerDirectory } = kota.config;
  const job = await indexAndShow(session, { repository, callerDirectory, signal, awaitsCheck }).catch(
    (error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      note(`error[${error.code}]: ${error.message}`);
      return undefined;
    },
  );
  if (!job) return false;
  if (job.state === "succeeded") printSummary(job);
  else note(describeEnd(job));
  return job.state === "succeeded";
}

/** Runs `meanwhile` and then waits; other commands find the server from the moment it listens. */
async function serveUntil(
  interrupt: Interrupt,
  { kota, server }: { kota: Kota; server: Running & { url: string | undefined } },
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { config, log } = kota;
  const forget =
    server.url === undefined || !kota.local ? undefined : await noteRunningServer(config.dataDirectory, server.url);
  try {
    await meanwhile();
    log.info(`Stopping on ${await interrupt.happened}`);
  } finally {
    await forget?.();
    await server.stop();
  }
}

async function explainTaken(error: unknown, dataDirectory: string): Promise<never> {
  const running: RunningServer | undefined =
    error instanceof AppError ? await findRunningServer(dataDirectory) : undefined;
  if (!running || !(error instanceof AppError)) throw error;
  throw new AppError(
    error.code,
    `${error.message} Kota already serves this data folder at ${running.url} (process ${running.pid}).`,
    { cause: error },
  );
}
