// Threads that read and analyse, one task each at a time. Started on first use, kept for the life of the process
// (a thread takes 0.1 s to start), and never what keeps a process alive.
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { AppError } from "../errors.ts";
import { compiledModule } from "../platform/compiled.ts";
import type { Segment } from "../search/segment.ts";
import { FACTS_SECONDS_MAX, PREPARING_SECONDS_MAX, THREAD_MEGABYTES_MAX } from "./limits.ts";
import type { LinkedSnapshot } from "./link-snapshot.ts";
import type { BlobBatch } from "./store.ts";
import type { BlobFacts, Outcome, SegmentDocuments, ThreadCommand, ThreadMessage, ThreadTask } from "./thread.ts";

/**
 * How much of a function V8 runs before it optimizes it. A thread meets thousands of functions of the parsers once each: by V8's
 * own 67,584 a quarter of the CPU of indexing 0.6 to 11 MB went into optimizing what did not run for much longer (11.3 s,
 * against 8.1 s); at 107 MB both take the same.
 */
const BYTECODE_BYTES_BEFORE_OPTIMIZING = 1_000_000;

/**
 * How much of a function of a grammar V8 runs before it optimizes it. The tables of a grammar are one function: optimizing
 * Python's took 1.2 s of CPU, half of reading flask (1.5 MB), which reading that faster never earned back. With 100 million
 * flask is read without; redis (10.7 MB of C) takes the same with 200 million and with V8's own 1.8 (10.5 and 10.2 s), more with 1,000.
 */
const GRAMMAR_BYTES_BEFORE_OPTIMIZING = 200_000_000;

/**
 * What a thread holds before V8 collects it whole for the first time. By itself it waits for 512 MB, most of it garbage: linking
 * c100 (107 MB) then peaked at 1,227 MB, and with this and a heap that grows less (THREAD_MEGABYTES_MAX) at 854, for 14
 * collections in 2.6 s in place of 10 in 2.3.
 */
const HEAP_MEGABYTES_BEFORE_COLLECTING = 128;

/** What a task gives back while it runs; the thread waits for each promise before it goes on. */
interface TaskReceiver {
  onBatch?: (batch: BlobBatch, told: BatchFacts) => Promise<void>;
  onSegment?: (segment: Segment, documents: SegmentDocuments) => Promise<void>;
  onHashed?: (outcomes: Outcome[]) => void;
  onLinked?: (links: LinkedSnapshot) => void;
  onMerged?: (segment: Segment) => void;
}

/** What a thread tells beside the texts of a batch. */
export interface BatchFacts {
  facts: BlobFacts[];
  outcomes: Outcome[];
  bytes: number;
}

export interface AnalysePool {
  readonly size: number;
  /**
   * Rejects with the signal's reason when aborted, with what failed in the thread or in a receiver, or with
   * ThreadLost when the thread died of the task: out of memory, or too long over one thing (FACTS_SECONDS_MAX).
   */
  run(task: ThreadTask, receiver: TaskReceiver, signal: AbortSignal): Promise<void>;
  /** Ends threads that do nothing, for the memory that they keep of a large task; others start when they are needed. */
  endIdle(): Promise<void>;
}

/** `size` threads at most; default one for each core. `fileSecondsMax`: see FACTS_SECONDS_MAX. */
export function createAnalysePool(
  size = availableParallelism(),
  { fileSecondsMax = FACTS_SECONDS_MAX }: { fileSecondsMax?: number } = {},
): AnalysePool {
  setFlagsFromString(`--interrupt-budget=${BYTECODE_BYTES_BEFORE_OPTIMIZING}`);
  setFlagsFromString(`--wasm-tiering-budget=${GRAMMAR_BYTES_BEFORE_OPTIMIZING}`);
  setFlagsFromString(`--initial-old-space-size=${HEAP_MEGABYTES_BEFORE_COLLECTING}`);
  const idle: Worker[] = [];
  let started = 0;
  const waiting: ((worker: Worker) => void)[] = [];

  const take = (): Promise<Worker> | Worker => {
    const worker = idle.pop();
    if (worker) return worker;
    if (started < size) {
      started++;
      return startThread();
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (worker: Worker) => {
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };
  return {
    size,
    async endIdle() {
      const ended = idle.splice(0);
      started -= ended.length;
      await Promise.all(ended.map((worker) => worker.terminate()));
    },
    async run(task, receiver, signal) {
      signal.throwIfAborted();
      const worker = await take();
      worker.ref();
      try {
        signal.throwIfAborted();
        await runTask(worker, { task, receiver, signal, fileSecondsMax });
        giveBack(worker);
      } catch (error) {
        if (error instanceof ThreadLost) {
          // A thread that died (out of memory, say) is replaced; its task failed.
          const next = waiting.shift();
          if (next) next(startThread());
          else started--;
        } else giveBack(worker);
        throw error;
      } finally {
        worker.unref();
      }
    },
  };
}

/** The thread is gone, and with it what it was doing. */
export class ThreadLost extends Error {}

function startThread(): Worker {
  const worker = new Worker(compiledModule("indexing/thread-entry.js"), {
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MEGABYTES_MAX },
  });
  // An idle thread that dies must not take the process with it; a busy one has its own listener.
  worker.on("error", () => undefined);
  worker.unref();
  return worker;
}

async function runTask(
  worker: Worker,
  {
    task,
    receiver,
    signal,
    fileSecondsMax,
  }: { task: ThreadTask; receiver: TaskReceiver; signal: AbortSignal; fileSecondsMax: number },
): Promise<void> {
  const tell = (command: ThreadCommand) => worker.postMessage(command);
  let failure: unknown;
  const ended = new Promise<void>((resolve, reject) => {
    const receive = async (message: ThreadMessage): Promise<void> => {
      if (message.kind === "done") return resolve();
      if (message.kind === "failed") return reject(failure ?? asError(message));
      if (message.kind === "hashed") return receiver.onHashed?.(message.outcomes);
      if (message.kind === "linked") return receiver.onLinked?.(message.links);
      if (message.kind === "merged") return receiver.onMerged?.(message.segment);
      try {
        if (failure === undefined) await deliver(message, receiver);
      } catch (error) {
        // The thread ends its task first, so that it can be given another.
        failure = error;
        tell({ kind: "cancel" });
      }
      tell({ kind: "acknowledge" });
    };
    worker.on("message", (message: ThreadMessage) => void receive(message));
    worker.once("error", (error) => reject(new ThreadLost("an indexing thread died", { cause: error })));
    worker.once("exit", (code) =>
      reject(
        new ThreadLost("an indexing thread ended", { cause: new Error(`an indexing thread exited with ${code}`) }),
      ),
    );
  });
  const cancel = () => {
    failure ??= signal.reason;
    tell({ kind: "cancel" });
  };
  signal.addEventListener("abort", cancel, { once: true });
  const watch = "reading" in task ? watchReading(worker, { reading: task.reading, fileSecondsMax }) : undefined;
  try {
    worker.postMessage({ kind: "task", task } satisfies ThreadCommand, "parent" in task ? [task.parent.port] : []);
    await ended;
    if (failure !== undefined) throw failure;
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", cancel);
    worker.removeAllListeners("message").removeAllListeners("exit").removeAllListeners("error");
    worker.on("error", () => undefined);
  }
}

/** Ends a thread that stays with one thing: whatever it does there, it does not end by itself. */
function watchReading(
  worker: Worker,
  { reading, fileSecondsMax }: { reading: SharedArrayBuffer; fileSecondsMax: number },
): NodeJS.Timeout {
  const item = new Int32Array(reading);
  let last = 0;
  let rounds = 0;
  return setInterval(() => {
    const now = Atomics.load(item, 0);
    rounds = now !== 0 && now === last ? rounds + 1 : 0;
    last = now;
    // One that is negative stands for many files: see LinkMark.
    if (rounds * fileSecondsMax >= (now < 0 ? PREPARING_SECONDS_MAX : fileSecondsMax)) void worker.terminate();
  }, fileSecondsMax * 1000);
}

async function deliver(
  message: Extract<ThreadMessage, { kind: "batch" | "segment" }>,
  receiver: TaskReceiver,
): Promise<void> {
  if (message.kind === "segment") await receiver.onSegment?.(message.segment, message.documents);
  else await receiver.onBatch?.(message.batch, message);
}

function asError({ code, message, stack }: Extract<ThreadMessage, { kind: "failed" }>): Error {
  if (code !== undefined) return new AppError(code, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
