// What the figures were measured on, without anything that names the machine or its folders.
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

export interface Machine {
  cpus: number;
  model: string;
  memory_gb: number;
  platform: string;
  node: string;
  /** One minute's average when the run began: how busy others kept the machine. */
  load_at_start: number;
}

export function describeMachine(): Machine {
  return {
    cpus: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? "unknown",
    memory_gb: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${release().split("-", 1)[0]}`,
    node: process.version,
    load_at_start: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

const MEMORY_POLL_MS = 200;

/** Follows the peak of a process's resident memory, in MB, as Linux counts it; elsewhere `stop` answers undefined. */
export function watchMemory(pid: number | undefined): { stop(): number | undefined } {
  let peakMb: number | undefined;
  const look = () => {
    try {
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
      if (peak !== undefined) peakMb = Math.round((Number(peak) * 1024) / 1e6);
    } catch {
      // It has ended, or this is no Linux.
    }
  };
  const timer = setInterval(look, MEMORY_POLL_MS);
  return {
    stop() {
      clearInterval(timer);
      return peakMb;
    },
  };
}
