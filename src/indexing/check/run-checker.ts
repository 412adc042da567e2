// Starts the checker's process and gives it a bounded life: time, memory, and no longer than whoever asked. Whatever happens to
// it happens to it alone.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compiledModule } from "../../platform/compiled.ts";
import type { CheckAnswer, CheckRequest } from "./checker-process.ts";
import {
  CHECK_MEGABYTES_MAX,
  CHECK_SECONDS_MAX,
  EXECUTABLE_MEGABYTES,
  MEMORY_LOOK_MS,
  PROCESS_MEGABYTES_MAX,
} from "./limits.ts";
import { groupMegabytes } from "./process-group.ts";

const ENTRY = fileURLToPath(compiledModule("indexing/check/checker-entry.js"));

/** Why there is no answer. Nothing is wrong with who asked: the first tier's answer stands. */
export class CheckerLost extends Error {}

export interface CheckerLimits {
  secondsMax: number;
  megabytesMax: number;
}

export const CHECKER_LIMITS: CheckerLimits = { secondsMax: CHECK_SECONDS_MAX, megabytesMax: CHECK_MEGABYTES_MAX };

export interface CheckerOptions {
  signal: AbortSignal;
  limits: CheckerLimits;
  /** Told the id of the process, which is that of its group. */
  onStart?: (pid: number) => void;
}

/** Rejects with CheckerLost when the process dies, or exceeds its limits; with the signal's reason when that aborts. */
export async function runChecker(
  request: CheckRequest,
  { signal, limits, onStart }: CheckerOptions,
): Promise<CheckAnswer> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [`--max-old-space-size=${PROCESS_MEGABYTES_MAX}`, ENTRY, String(process.pid)], {
    // Nothing of ours: what it reads was written by others.
    env: { GOMEMLIMIT: `${EXECUTABLE_MEGABYTES}MiB` },
    cwd: "/",
    // A group of its own, so that the executable ends with it.
    detached: true,
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    windowsHide: true,
  });
  const over = new AbortController();
  try {
    if (child.pid !== undefined) onStart?.(child.pid);
    return await new Promise<CheckAnswer>((resolve, reject) => {
      // The only message that it sends.
      child.once("message", (message) => resolve(message as CheckAnswer));
      child.once("error", (error) => reject(new CheckerLost("could not be started", { cause: error })));
      child.once("disconnect", () => reject(new CheckerLost("ended without an answer")));
      signal.addEventListener("abort", () => reject(signal.reason), { signal: over.signal });
      watchLimits(child, { limits, over: over.signal, onExceeded: (what) => reject(new CheckerLost(what)) });
      // That it cannot be told is told above.
      child.send(request, () => undefined);
    });
  } finally {
    over.abort();
    endGroup(child);
  }
}

function watchLimits(
  { pid = 0 }: ChildProcess,
  {
    limits: { secondsMax, megabytesMax },
    over,
    onExceeded,
  }: { limits: CheckerLimits; over: AbortSignal; onExceeded: (what: string) => void },
): void {
  const timer = setTimeout(() => onExceeded(`took longer than ${secondsMax} s`), secondsMax * 1000);
  const looking = setInterval(() => {
    void groupMegabytes(pid).then((used) => {
      if (used > megabytesMax) onExceeded(`took more than ${megabytesMax} MB`);
    });
  }, MEMORY_LOOK_MS);
  over.addEventListener("abort", () => {
    clearTimeout(timer);
    clearInterval(looking);
  });
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // All of it has ended; or this system has no groups, and the executable ends with what it reads from.
    child.kill("SIGKILL");
  }
}

/** The executable of the `typescript` package for this platform; undefined where that was not installed. */
export function findExecutable(platform: string = process.platform): CheckRequest["executable"] | undefined {
  const requireHere = createRequire(import.meta.url);
  try {
    const ofPackage = createRequire(requireHere.resolve("typescript/package.json"));
    const folder = dirname(ofPackage.resolve(`@typescript/typescript-${platform}-${process.arch}/package.json`));
    const path = join(folder, "lib", platform === "win32" ? "tsc.exe" : "tsc");
    return existsSync(path) ? { path, libraryFolder: join(folder, "lib") } : undefined;
  } catch {
    // An optional dependency, that npm leaves out where there is none or where it was told to.
    return undefined;
  }
}
