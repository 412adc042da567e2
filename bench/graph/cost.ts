// What a command costs with everything that it starts: processor seconds and memory. Linux alone tells.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { round } from "../search/figures.ts";

export interface Cost {
  /** User and system time of the command, of its descendants that it waited for, and of `beside`. */
  cpu_s: number;
  wall_s: number;
  /** Most memory held at one time; pages that processes share count once. */
  peak_memory_mb: number;
}

export interface Command {
  file: string;
  args: readonly string[];
  cwd: string;
  env?: Record<string, string>;
}

const MEMORY_POLL_MS = 100;

/** Clock ticks a second in /proc: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** `beside`: a process that works for the command without being its child, counted with its own children. */
export async function costOf({ file, args, cwd, env }: Command, beside?: number): Promise<Cost & { stdout: string }> {
  const before = beside === undefined ? 0 : ticksOf(beside);
  const started = performance.now();
  // bash's own clock knows descendants that have ended, which nothing under /proc of this process tells.
  const script = `TIMEFORMAT='%U %S'; time "$0" "$@" 2>/dev/null`;
  const running = promisify(execFile)("bash", ["-c", script, file, ...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    maxBuffer: 2 ** 30,
  });
  const ended = new AbortController();
  const peak = watchTrees([running.child.pid, beside], ended.signal);
  const { stdout, stderr } = await running.finally(() => ended.abort());
  const elapsed = performance.now() - started;
  const own = stderr.trim().split(/\s+/).slice(-2).map(Number);
  const besides = beside === undefined ? 0 : (ticksOf(beside) - before) / TICKS_PER_SECOND;
  return {
    cpu_s: round(
      own.reduce((sum, seconds) => sum + seconds, besides),
      2,
    ),
    wall_s: round(elapsed / 1000, 2),
    peak_memory_mb: Math.round((await peak) / 1e6),
    stdout,
  };
}

export function parentOf(pid: number): number {
  return Number(statOf(pid)?.[1]);
}

async function watchTrees(roots: readonly (number | undefined)[], signal: AbortSignal): Promise<number> {
  let peak = 0;
  while (!signal.aborted) {
    const pids = treeOf(roots.flatMap((pid) => pid ?? []));
    peak = Math.max(
      peak,
      pids.reduce((sum, pid) => sum + memoryOf(pid), 0),
    );
    await sleep(MEMORY_POLL_MS);
  }
  return peak;
}

function treeOf(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const fields = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (!fields) continue;
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = new Set(roots);
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  return [...found];
}

/** Ticks that the process, its living children and those that ended have used. */
function ticksOf(pid: number): number {
  const ended = statOf(pid);
  const gone = Number(ended?.[13] ?? 0) + Number(ended?.[14] ?? 0);
  return treeOf([pid]).reduce((sum, one) => {
    const fields = statOf(one);
    return sum + Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
  }, gone);
}

/** Of /proc/PID/stat what follows the name: state, parent, … */
function statOf(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function memoryOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "")?.[1] ?? 0) * 1024;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // It has ended.
    return undefined;
  }
}
