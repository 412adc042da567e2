// Starts a keeper as a process of its own, that outlives whoever started it.
import { spawn, type ChildProcess } from "node:child_process";
import { open, rename, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { AppError } from "../../errors.ts";
import { compiledModule } from "../compiled.ts";
import { environmentOf } from "./binaries.ts";
import { codeOf, unavailable } from "./failure.ts";
import type { KeeperReport, KeeperTask } from "./keeper-task.ts";
import { KEEPER_REPORT_SECONDS_MAX, LOG_BYTES_MAX } from "./limits.ts";

const ENTRY = fileURLToPath(compiledModule("platform/embedded-postgres/keeper-entry.js"));

/**
 * Resolves when a server is ready, kept by the new keeper (`ready`) or by another that was faster (`superseded`).
 * Throws `unavailable` with the keeper's reason. `isAwaited: false` lets the calling process end meanwhile.
 */
export async function spawnKeeper(
  task: KeeperTask,
  { isAwaited }: { isAwaited: boolean },
): Promise<"ready" | "superseded"> {
  const { logFile } = task.place;
  try {
    await setOldLogAside(logFile);
    const log = await open(logFile, "a", 0o600);
    try {
      const child = spawn(process.execPath, [ENTRY, JSON.stringify(task)], {
        // Without Postgres' libraries: a system's Node may use others of the same names.
        ...environmentOf({ searchPath: task.searchPath }),
        // Holds no folder open that somebody may want to remove or unmount.
        cwd: "/",
        detached: true,
        stdio: ["ignore", log.fd, log.fd, "ipc"],
        windowsHide: true,
      });
      if (!isAwaited) release(child);
      return await reportOf(child, logFile).finally(() => letGo(child));
    } finally {
      await log.close();
    }
  } catch (error) {
    throw unavailable("The keeper of the embedded Postgres cannot be started", error);
  }
}

async function setOldLogAside(logFile: string): Promise<void> {
  try {
    if ((await stat(logFile)).size > LOG_BYTES_MAX) await rename(logFile, `${logFile}.1`);
  } catch (error) {
    // Not there yet, or another process set it aside first.
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

function reportOf(child: ChildProcess, logFile: string): Promise<"ready" | "superseded"> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(silent(logFile, "said nothing")), KEEPER_REPORT_SECONDS_MAX * 1000);
    // Its own start is bounded by less: the timer is for a machine that stands still, not worth staying alive for.
    timer.unref();
    const settle = (settleWith: () => void) => {
      clearTimeout(timer);
      settleWith();
    };
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code, signal) => settle(() => reject(silent(logFile, `ended (${signal ?? code})`))));
    child.once("message", (message) => {
      // The only message a keeper sends.
      const report = message as KeeperReport;
      if (report.state === "failed") settle(() => reject(new AppError("unavailable", report.message)));
      else settle(() => resolve(report.state));
    });
  });
}

function silent(logFile: string, what: string): AppError {
  return new AppError("unavailable", `The keeper of the embedded Postgres ${what}. See ${logFile} and try again.`);
}

function release(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

/** From here on neither process knows of the other. */
function letGo(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  child.unref();
}
