// What the figures were measured on, without anything that names the machine or its folders.
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
