// Whether a process id still is the Postgres of a cluster. Ids are reused, by another container's processes too,
// and where nobody reaps, a killed Postgres stays a zombie that `kill(pid, 0)` calls alive.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { codeOf } from "./failure.ts";
import { CONNECT_SECONDS_MAX, PS_BYTES_MAX } from "./limits.ts";

/** `gone`: no such process. `other`: a zombie or another program. `unknown`: this system does not tell. */
export type Identity = "postmaster" | "gone" | "other" | "unknown";

/** Judges by the command line, `postgres -D <clusterDirectory> …`, which only the postmaster has, not its children. */
export async function identifyPostmaster(pid: number, clusterDirectory: string): Promise<Identity> {
  if (process.platform === "linux") return identifyInProc(pid, clusterDirectory);
  if (process.platform === "win32") return isThere(pid) ? "unknown" : "gone";
  return identifyByPs(pid, clusterDirectory);
}

/** `stat` and `cmdline` may be read for any user's process; `cwd` and `exe` not, by root in a container. */
async function identifyInProc(pid: number, clusterDirectory: string): Promise<Identity> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may itself hold some: the state follows the last one.
    const state = stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
    if (state === "Z" || state === "X") return "other";
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
    const isOurs =
      basename(words[0] ?? "").startsWith("postgres") && words[words.indexOf("-D") + 1] === clusterDirectory;
    return isOurs ? "postmaster" : "other";
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ESRCH") return "gone";
    return "unknown";
  }
}

async function identifyByPs(pid: number, clusterDirectory: string): Promise<Identity> {
  const options = { timeout: CONNECT_SECONDS_MAX * 1000, maxBuffer: PS_BYTES_MAX, env: { LC_ALL: "C" } };
  const line = await new Promise<string | undefined>((resolve) => {
    execFile("/bin/ps", ["-ww", "-o", "stat=,command=", "-p", String(pid)], options, (error, stdout) => {
      // `ps` fails with code 1 and says nothing when there is no such process.
      resolve(error && error.code !== 1 ? undefined : stdout.trim());
    });
  });
  if (line === undefined) return "unknown";
  if (line === "") return "gone";
  if (line.startsWith("Z")) return "other";
  return line.includes("postgres -D ") && `${line} `.includes(` -D ${clusterDirectory} `) ? "postmaster" : "other";
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
