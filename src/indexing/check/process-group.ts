// How much memory a group of processes uses, where the system tells.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Resident memory of all its processes; 0 where it cannot be told, or none is left. */
export async function groupMegabytes(group: number): Promise<number> {
  const kilobytes = process.platform === "linux" ? await fromProc(group) : await fromPs(group);
  return kilobytes / 1024;
}

async function fromProc(group: number): Promise<number> {
  const names = await readdir("/proc").catch(() => []);
  const each = names.map(async (name) => {
    if (!/^\d+$/.test(name)) return 0;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    // After the command's name, in brackets: state, parent, group.
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]) !== group) return 0;
    const status = await readFile(`/proc/${name}/status`, "utf8").catch(() => "");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  });
  return (await Promise.all(each)).reduce((sum, one) => sum + one, 0);
}

/** macOS and the BSDs. */
async function fromPs(group: number): Promise<number> {
  const { stdout } = await promisify(execFile)("/bin/ps", ["-A", "-o", "pgid=,rss="]).catch(() => ({ stdout: "" }));
  const rows = stdout.split("\n").map((row) => row.trim().split(/\s+/).map(Number));
  return rows.reduce((sum, [pgid, rss = 0]) => (pgid === group ? sum + rss : sum), 0);
}
