// Starts the git binary: with the environment of environment.ts, within a time and a size, in a process group
// of its own that is stopped as a whole. What it prints never reaches our own output.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { LookupAddress } from "node:dns";
import type { Readable, Writable } from "node:stream";
import { AppError } from "../errors.ts";
import type { Log } from "../platform/log.ts";
import { gitEnvironment, type RemoteAccess } from "./environment.ts";
import { explainFailure, hide } from "./failure.ts";
import { LOCAL_BYTES_MAX, LOCAL_SECONDS_MAX, MESSAGES_BYTES_MAX, STOP_GRACE_MS } from "./limits.ts";

export interface GitContext {
  /** PATH on which `git` is found. */
  searchPath: string;
  /** Base of `owner/repo`; the one place where plain http and private addresses are allowed. */
  gitBaseUrl: string;
  log?: Log;
  /** Host name → all its addresses; the system's resolver unless a test says otherwise. */
  lookup?: (host: string) => Promise<LookupAddress[]>;
}

export interface GitOptions {
  /** What the command is about, for messages: a folder, or a URL without credentials. */
  subject: string;
  /** Default LOCAL_SECONDS_MAX. */
  timeoutSeconds?: number;
  signal?: AbortSignal | undefined;
  /** The checked remote the command may talk to. */
  remote?: RemoteAccess;
  /** Exit codes that are answers, not failures. Default [0]. */
  exitCodes?: readonly number[];
  /** Progress and warnings as they come, secrets masked. */
  onMessage?: (text: string) => void;
}

export interface GitProcess {
  stdin: Writable;
  stdout: Readable;
  /** The exit code; rejects with an `AppError` that explains the failure, or the signal's reason. */
  ended: Promise<number>;
  /** Stops the process and all it started; `ended` rejects with `reason`. */
  stop(reason: Error): void;
}

/** Runs git to its end → what it printed. `stdoutBytesMax` (default LOCAL_BYTES_MAX) beyond is `payload_too_large`. */
export async function runGit(
  context: GitContext,
  args: readonly string[],
  options: GitOptions & { stdoutBytesMax?: number; input?: string },
): Promise<{ stdout: Buffer; exitCode: number }> {
  const git = startGit(context, args, options);
  const bytesMax = options.stdoutBytesMax ?? LOCAL_BYTES_MAX;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  git.stdin.end(options.input ?? "");
  git.stdout.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= bytesMax) chunks.push(chunk);
    else
      git.stop(new AppError("payload_too_large", `git's answer about ${options.subject} exceeds ${bytesMax} bytes.`));
  });
  const exitCode = await git.ended;
  return { stdout: Buffer.concat(chunks), exitCode };
}

/** Starts git for a caller that streams. Whoever calls it reads `stdout` to its end or calls `stop`. */
export function startGit(context: GitContext, args: readonly string[], options: GitOptions): GitProcess {
  options.signal?.throwIfAborted();
  const startedMs = performance.now();
  const child = spawn("git", [...args], {
    cwd: "/",
    env: gitEnvironment(context.searchPath, options.remote),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const secrets = options.remote?.secrets ?? [];
  const messages = keepMessages(child, (text) => options.onMessage?.(hide(text, secrets)));
  // A child that died early closes its end: its exit code says why, not the broken pipe.
  child.stdin.on("error", () => undefined);
  child.stdout.on("error", () => undefined);
  let stopped: Error | undefined;
  const stop = (reason: Error) => {
    if (stopped) return;
    stopped = reason;
    stopGroup(child, reason);
  };
  const release = stopOn(options, stop);
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(explainSpawnFailure(error)));
    child.on("close", (code) => {
      context.log?.debug(`git ${args.find((arg) => !arg.startsWith("-")) ?? ""} of ${options.subject} ended`, {
        exitCode: code,
        durationMs: Math.round(performance.now() - startedMs),
      });
      if (stopped) reject(stopped);
      else if (code !== null && (options.exitCodes ?? [0]).includes(code)) resolve(code);
      else reject(explainFailure(messages(), { ...options, isRemote: options.remote !== undefined, secrets }));
    });
  }).finally(release);
  // A caller that stops reading early need not wait for the end.
  ended.catch(() => undefined);
  return { stdin: child.stdin, stdout: child.stdout, ended, stop };
}

/** Groups of their own outlive us unless they are told: one listener, since there may be many at a time. */
const running = new Set<(reason: Error) => void>();
process.once("exit", () => {
  for (const stop of running) stop(new Error("this process exits"));
});

/** Calls `stop` when time is up, on the caller's signal, and when this process exits. → undoes all three. */
function stopOn({ signal, subject, timeoutSeconds, remote }: GitOptions, stop: (reason: Error) => void): () => void {
  const seconds = timeoutSeconds ?? LOCAL_SECONDS_MAX;
  const code = remote ? "upstream_failed" : "unavailable";
  const advice = remote ? "Try again later, or check the server." : "Check the disk it is on.";
  const timer = setTimeout(
    () => stop(new AppError(code, `git took longer than ${seconds} s on ${subject}. ${advice}`)),
    seconds * 1000,
  );
  const onAbort = () => stop(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal?.addEventListener("abort", onAbort, { once: true });
  running.add(stop);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    running.delete(stop);
  };
}

/** First politely, so that git removes its lock files, then for good. Nothing of its output is wanted any more. */
function stopGroup(child: ChildProcessWithoutNullStreams, reason: Error): void {
  // Whoever is reading learns why there is no more.
  child.stdout.destroy(reason);
  child.stderr.destroy();
  // Its number may belong to another process by now.
  if (child.exitCode !== null || child.signalCode !== null) return;
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_GRACE_MS);
  child.on("exit", () => {
    clearTimeout(timer);
    // Helpers it started are of no use without it.
    signalGroup(child, "SIGKILL");
  });
}

function signalGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group, or this system has no groups.
    child.kill(signal);
  }
}

/** The end of what the child says on stderr. */
function keepMessages(child: ChildProcessWithoutNullStreams, onMessage: (text: string) => void): () => string {
  let kept = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (text: string) => {
    kept = (kept + text).slice(-MESSAGES_BYTES_MAX);
    onMessage(text);
  });
  return () => kept;
}

function explainSpawnFailure(error: Error): Error {
  const isMissing = "code" in error && error.code === "ENOENT";
  return isMissing
    ? new AppError("unavailable", "git was not found on PATH. Install git 2.38 or later.", { cause: error })
    : new AppError("unavailable", "git could not be started on this machine.", { cause: error });
}
