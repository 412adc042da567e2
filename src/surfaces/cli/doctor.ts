// `kota doctor`: checks the set-up, one line each, and says what to fix. Exit code 1 when something is wrong.
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { admitApiKey } from "../../access/admit.ts";
import { issuerOf } from "../../access/tokens.ts";
import { AppError } from "../../errors.ts";
import { openWorktree } from "../../git/worktree.ts";
import { findExecutable } from "../../indexing/check/run-checker.ts";
import { folderOf } from "../../indexing/source.ts";
import { listRepositories as listRepositoriesOperation } from "../../operations/list-repositories.ts";
import type { Config } from "../../platform/config.ts";
import { createLog } from "../../platform/log.ts";
import { readServerVersion } from "../../platform/database.ts";
import { readQueueDepth } from "../../platform/queue.ts";
import { listRepositories } from "../../repositories/store.ts";
import type { CommandContext } from "./command-line.ts";
import { DISK_BYTES_MIN, JOB_WAITS_SECONDS_MAX, REPOSITORIES_CHECKED_MAX, SIGN_IN_SECONDS_MAX } from "./limits.ts";
import type { Kota } from "./launcher.ts";
import { formatBytes, paint, printLine } from "./terminal.ts";
import { findRunningServer } from "./running-server.ts";
import { callerOf, openSession } from "./session.ts";

/** What a check found. Without `fix` it is fine. */
interface Finding {
  what: string;
  detail: string;
  fix?: string;
}

type Check = (context: CommandContext) => Promise<Finding[]>;

export async function doctor(context: CommandContext): Promise<number> {
  const checks: Check[] = context.config.api
    ? [checkNode, checkServer]
    : [checkNode, checkGit, checkTypeChecker, checkDataDirectory, checkPort, checkProxies, checkDatabase, checkSignIn];
  let wrong = 0;
  for (const check of checks) {
    for (const { what, detail, fix } of await check(context)) {
      printLine(`${fix === undefined ? paint("green", "ok   ") : paint("red", "wrong")} ${what.padEnd(14)} ${detail}`);
      if (fix === undefined) continue;
      wrong++;
      printLine(`      ${"".padEnd(14)} → ${fix}`);
    }
  }
  printLine(wrong === 0 ? "\nEverything is in order." : `\n${wrong} to fix.`);
  return wrong === 0 ? 0 : 1;
}

const NODE_MIN = [20, 19] as const;

async function checkNode(): Promise<Finding[]> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isOld = major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]);
  return [{ what: "Node", detail: process.versions.node, ...(isOld && { fix: "Install Node 20.19 or later." }) }];
}

async function checkGit({ config }: CommandContext): Promise<Finding[]> {
  try {
    const { stdout } = await promisify(execFile)("git", ["--version"], { env: { PATH: config.searchPath } });
    return [{ what: "git", detail: stdout.trim() }];
  } catch (error) {
    return [{ what: "git", detail: messageOf(error), fix: "Install git and make sure that it is on PATH." }];
  }
}

async function checkTypeChecker({ config }: CommandContext): Promise<Finding[]> {
  const what = "Type checker";
  if (!config.isSemanticTierOn) return [{ what, detail: "off (KOTA_SEMANTIC_TIER)" }];
  if (findExecutable()) return [{ what, detail: "installed" }];
  const detail = `not installed for ${process.platform}-${process.arch}: usages are found without it`;
  return [{ what, detail, fix: "Install with npm's optional dependencies, or set KOTA_SEMANTIC_TIER=off." }];
}

async function checkDataDirectory({ config: { dataDirectory } }: CommandContext): Promise<Finding[]> {
  const what = "Data folder";
  try {
    await mkdir(dataDirectory, { recursive: true });
    await access(dataDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return [
      {
        what,
        detail: messageOf(error),
        fix: `Give this user the folder ${dataDirectory}, or set KOTA_DATA_DIR to one it may write.`,
      },
    ];
  }
  const { bavail, bsize } = await statfs(dataDirectory);
  const free = bavail * bsize;
  const findings: Finding[] = [
    {
      what,
      detail: `${dataDirectory}, ${formatBytes(free)} free`,
      ...(free < DISK_BYTES_MIN && {
        fix: `Free some space: less than ${formatBytes(DISK_BYTES_MIN)} is left, and indexing fails when it is gone.`,
      }),
    },
  ];
  for (const name of ["api-key", "pepper"]) {
    const mode = await stat(join(dataDirectory, name)).then(
      (file) => file.mode & 0o777,
      () => undefined,
    );
    if (mode !== undefined && (mode & 0o077) !== 0)
      findings.push({
        what: "Secrets",
        detail: `${name} may be read by others (mode ${mode.toString(8)})`,
        fix: `chmod 600 ${join(dataDirectory, name)}`,
      });
  }
  return findings;
}

async function checkPort({ config }: CommandContext): Promise<Finding[]> {
  const running = await findRunningServer(config.dataDirectory);
  if (running) return [{ what: "Server", detail: `runs at ${running.url} (process ${running.pid})` }];
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const probe = createServer();
    probe.once("error", resolve);
    probe.listen(config.port, config.host, () => probe.close(() => resolve(undefined)));
  });
  const place = `${config.host}:${config.port}`;
  if (!failure) return [{ what: "Server", detail: `not running; ${place} is free` }];
  const fix = "Stop the other program, or set PORT to a free port (0 takes any).";
  return [{ what: "Server", detail: `not running, and ${place} cannot be used: ${failure.code}`, fix }];
}

/** Kota speaks no TLS: an https address is a proxy's, and callers behind one that is not trusted count as one. */
async function checkProxies({ config: { mode, publicUrl, trustedProxies } }: CommandContext): Promise<Finding[]> {
  const what = "Proxies";
  if (mode === "local") return [];
  if (trustedProxies.length > 0) return [{ what, detail: `${trustedProxies.join(", ")} trusted` }];
  if (!publicUrl?.startsWith("https:")) return [];
  const fix =
    "Set KOTA_TRUSTED_PROXIES to the addresses that the proxy connects from; until then wrong keys of one caller shut out all.";
  return [{ what, detail: `none trusted, and KOTA_PUBLIC_URL is ${publicUrl}`, fix }];
}

async function checkServer({ config, launcher }: CommandContext): Promise<Finding[]> {
  const session = await openSession(config, launcher);
  const detail = config.api?.url ?? "";
  try {
    await session.call(listRepositoriesOperation, { limit: 1 });
    return [{ what: "Server", detail: `${detail} answers, and takes the key` }];
  } catch (error) {
    return [{ what: "Server", detail, fix: messageOf(error) }];
  }
}

async function checkDatabase({ config, launcher }: CommandContext): Promise<Finding[]> {
  const what = "Database";
  try {
    const kota = await launcher.openKota(config, createLog({ level: "error", write: () => undefined }), {
      readOnly: true,
    });
    try {
      return [
        await describeDatabase(kota, config),
        await checkKey(kota),
        ...(await checkQueue(kota)),
        ...(await checkRepositories(kota)),
      ];
    } finally {
      await kota.close();
    }
  } catch (error) {
    return [{ what, detail: config.databaseUrl === undefined ? "embedded" : "DATABASE_URL", fix: messageOf(error) }];
  }
}

/** Whether Supabase Auth publishes its keys, and takes ours. */
async function checkSignIn({ config: { supabase, mode } }: CommandContext): Promise<Finding[]> {
  if (!supabase || mode === "local") return [];
  const ask = async (what: string, path: string, variable: string, key?: string): Promise<Finding> => {
    const fix = `Check SUPABASE_URL${key === undefined ? "" : ` and ${variable}`}.`;
    try {
      const response = await fetch(`${issuerOf(supabase.url)}${path}`, {
        headers: key === undefined ? {} : { apikey: key, Authorization: `Bearer ${key}` },
        signal: AbortSignal.timeout(SIGN_IN_SECONDS_MAX * 1000),
      });
      return { what, detail: `${supabase.url} answers ${response.status}`, ...(!response.ok && { fix }) };
    } catch (error) {
      return { what, detail: messageOf(error), fix };
    }
  };
  const findings = [await ask("Sign-in", "/.well-known/jwks.json", "SUPABASE_URL")];
  if (supabase.publishableKey !== undefined)
    findings.push(await ask("Publishable key", "/settings", "SUPABASE_PUBLISHABLE_KEY", supabase.publishableKey));
  if (supabase.secretKey !== undefined)
    findings.push(await ask("Secret key", "/admin/users?per_page=1", "SUPABASE_SECRET_KEY", supabase.secretKey));
  return findings;
}

async function describeDatabase({ services }: Kota, config: Config): Promise<Finding> {
  const rows = await services.database.unsafeAllOrganizations.once((sql) => readServerVersion(sql));
  return {
    what: "Database",
    detail: `Postgres ${rows}, ${config.databaseUrl === undefined ? "embedded" : "DATABASE_URL"}, schema up to date`,
  };
}

async function checkKey(kota: Kota): Promise<Finding> {
  const { local, services, config } = kota;
  if (!local) {
    const organization = config.organization;
    if (organization === undefined)
      return { what: "Organization", detail: "hosted mode; KOTA_ORGANIZATION is not set, so questions need an API" };
    try {
      await callerOf(kota);
      return { what: "Organization", detail: organization };
    } catch (error) {
      return { what: "Organization", detail: organization, fix: messageOf(error) };
    }
  }
  try {
    await admitApiKey(services.database, {
      apiKey: local.apiKey,
      pepper: services.pepper,
      asked: undefined,
      cost: 0,
      isLimited: false,
      now: services.now(),
    });
    return { what: "API key", detail: "the local key opens the local organization" };
  } catch (error) {
    return {
      what: "API key",
      detail: messageOf(error),
      fix: `Delete ${join(config.dataDirectory, "api-key")}; the next command makes a new key.`,
    };
  }
}

async function checkQueue({ services }: Kota): Promise<Finding[]> {
  const { waiting, oldestWaitingSeconds } = await services.database.unsafeAllOrganizations.once((sql) =>
    readQueueDepth(sql),
  );
  const isStuck = oldestWaitingSeconds > JOB_WAITS_SECONDS_MAX;
  const detail = waiting === 0 ? "no job waits" : `${waiting} waiting, the oldest for ${oldestWaitingSeconds} s`;
  return [
    { what: "Jobs", detail, ...(isStuck && { fix: "No worker takes them: run `kota serve` (or --role worker)." }) },
  ];
}

/** Folders that were indexed and are no repository any more, refs whose last job failed. */
async function checkRepositories(kota: Kota): Promise<Finding[]> {
  if (!kota.local) return [];
  const { services, local } = kota;
  const rows = await services.database
    .forOrganization(local.organizationId)
    .once((sql) => listRepositories(sql, { afterName: undefined, limit: REPOSITORIES_CHECKED_MAX }));
  const findings: Finding[] = [];
  for (const { name, url, refs } of rows) {
    const folder = folderOf(url);
    const problem =
      folder === undefined ? undefined : await openWorktree(services.git, folder).then(() => undefined, messageOf);
    const failed = refs.find((ref) => ref.state === "failed");
    if (problem !== undefined)
      findings.push({
        what: "Repository",
        detail: `${name}: ${problem}`,
        fix: `Put the folder back, or: kota remove-repository ${name}`,
      });
    else if (failed)
      findings.push({
        what: "Repository",
        detail: `${name}: the last indexing of ${failed.ref} failed`,
        fix: `kota index ${folder ?? name}`,
      });
  }
  return findings.length > 0 ? findings : [{ what: "Repositories", detail: `${rows.length} indexed` }];
}

function messageOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
