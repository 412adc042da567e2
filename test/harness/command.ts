// The real executable, in a process of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const KOTA = fileURLToPath(new URL("../../bin/kota", import.meta.url));

export interface Finished {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  env: Record<string, string>;
  cwd?: string;
  input?: string;
}

/** Runs `kota ARGS` to its end. The environment is what is given, PATH, and no type checker, which takes a second each time. */
export async function runKota(args: readonly string[], options: CommandOptions): Promise<Finished> {
  const running = startKota(args, options);
  if (options.input !== undefined) running.child.stdin?.end(options.input);
  return running.finished;
}

export interface RunningCommand {
  child: ChildProcess;
  finished: Promise<Finished>;
  /** Resolves to the first match on stdout or stderr; rejects when the command ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

export function startKota(args: readonly string[], { env, cwd }: CommandOptions): RunningCommand {
  const child = spawn(process.execPath, [KOTA, ...args], {
    env: { PATH: process.env["PATH"] ?? "", KOTA_SEMANTIC_TIER: "off", ...env },
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const finished = once(child, "close").then(([exitCode]) => ({
    exitCode: typeof exitCode === "number" ? exitCode : null,
    stdout,
    stderr,
  }));
  return {
    child,
    finished,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(stdout) ?? pattern.exec(stderr);
          if (!match) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        look();
        void finished.then(() =>
          reject(new Error(`kota ${args.join(" ")} ended without printing ${pattern}:\n${stdout}\n${stderr}`)),
        );
      }),
  };
}
