// Contents by object id, in order, through one `git cat-file` that is never more than a pipe ahead of its reader.
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { OIDS_PER_WRITE, READ_SECONDS_MAX } from "./limits.ts";
import { type GitContext, startGit } from "./run-git.ts";

export type ObjectFormat = "sha1" | "sha256";

export type BlobRead =
  | { oid: string; sizeBytes: number; bytes: Buffer }
  | { oid: string; sizeBytes: number; bytes: undefined; problem: "too_large" }
  | { oid: string; sizeBytes: 0; bytes: undefined; problem: "missing" };

export interface BlobsWanted {
  gitDirectory: string;
  oids: readonly string[];
  /** Larger ones are named, not read. */
  bytesMax: number;
  signal?: AbortSignal | undefined;
}

/**
 * The blobs of `oids`, one for each, in their order. A first pass asks for sizes only, so that a large blob is
 * never unpacked. Holds one blob at a time. Stopping the iteration ends git. Missing: not in the repository
 * (nothing is fetched), or not a blob.
 */
export async function* readBlobs(context: GitContext, wanted: BlobsWanted): AsyncGenerator<BlobRead, void, undefined> {
  const { oids, bytesMax } = wanted;
  const sizes = await readSizes(context, wanted);
  const isRead = (_oid: string, index: number) => (sizes[index] ?? -1) >= 0 && (sizes[index] ?? 0) <= bytesMax;
  const contents = readContents(context, { ...wanted, oids: oids.filter(isRead) });
  try {
    for (const [index, oid] of oids.entries()) {
      const sizeBytes = sizes[index] ?? -1;
      if (sizeBytes < 0) yield missing(oid);
      else if (sizeBytes > bytesMax) yield { oid, sizeBytes, bytes: undefined, problem: "too_large" };
      else {
        const next = await contents.next();
        const bytes = next.done ? undefined : next.value;
        yield bytes ? { oid, sizeBytes, bytes } : missing(oid);
      }
    }
  } finally {
    await contents.return(undefined);
  }
}

function missing(oid: string): BlobRead {
  return { oid, sizeBytes: 0, bytes: undefined, problem: "missing" };
}

/** The id git gives to a file of these bytes. */
export function blobOid(bytes: Uint8Array, objectFormat: ObjectFormat): string {
  return createHash(objectFormat).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Size of each blob, -1 for what is missing or no blob. */
async function readSizes(context: GitContext, wanted: BlobsWanted): Promise<Float64Array> {
  const sizes = new Float64Array(wanted.oids.length).fill(-1);
  if (wanted.oids.length === 0) return sizes;
  const git = startCatFile(context, wanted, "--batch-check=%(objecttype) %(objectsize)");
  let rest = "";
  let index = 0;
  try {
    for await (const chunk of git.stdout as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString("latin1")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("blob ")) sizes[index] = Number(line.slice("blob ".length));
        index += 1;
      }
    }
    await git.ended;
  } finally {
    git.stop(new Error("no more is wanted"));
  }
  return sizes;
}

async function* readContents(
  context: GitContext,
  wanted: BlobsWanted,
): AsyncGenerator<Buffer | undefined, undefined, undefined> {
  if (wanted.oids.length === 0) return undefined;
  const git = startCatFile(context, wanted, "--batch");
  const reader = createReader(git.stdout);
  try {
    for (let index = 0; index < wanted.oids.length; index += 1) {
      const header = await reader.line();
      if (header === undefined) break;
      const [, type, size] = header.split(" ");
      // "OID missing", or "OID TYPE SIZE", the content and a newline.
      if (size === undefined) {
        yield undefined;
        continue;
      }
      const bytes = await reader.take(Number(size));
      // Cut off: git's exit code below says why.
      if (!bytes || !(await reader.take(1))) break;
      yield type === "blob" ? bytes : undefined;
    }
    await git.ended;
  } finally {
    git.stop(new Error("no more is wanted"));
  }
  return undefined;
}

function startCatFile(context: GitContext, { gitDirectory, oids, signal }: BlobsWanted, batch: string) {
  const git = startGit(context, [`--git-dir=${gitDirectory}`, "cat-file", batch, "--buffer"], {
    subject: gitDirectory,
    timeoutSeconds: READ_SECONDS_MAX,
    signal,
  });
  void writeOids(git.stdin, oids);
  return git;
}

/** Writes as fast as git reads; git waits in turn for the reader of its answers. */
async function writeOids(stdin: Writable, oids: readonly string[]): Promise<void> {
  try {
    for (let index = 0; index < oids.length; index += OIDS_PER_WRITE) {
      const isFull = !stdin.write(`${oids.slice(index, index + OIDS_PER_WRITE).join("\n")}\n`);
      if (isFull) await once(stdin, "drain");
    }
    stdin.end();
  } catch {
    // git has ended: its exit code tells the reader of its answers why.
  }
}

/** Lines and byte counts out of a stream's chunks; undefined where the stream ends before. */
function createReader(stdout: Readable) {
  const chunks = (stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const more = async () => {
    const next = await chunks.next();
    return next.done ? undefined : next.value;
  };
  return {
    async line(): Promise<string | undefined> {
      let end = rest.indexOf(0x0a);
      while (end === -1) {
        const chunk = await more();
        if (!chunk) return undefined;
        rest = Buffer.concat([rest, chunk]);
        end = rest.indexOf(0x0a);
      }
      const line = rest.toString("latin1", 0, end);
      rest = rest.subarray(end + 1);
      return line;
    },
    async take(sizeBytes: number): Promise<Buffer | undefined> {
      const bytes = Buffer.allocUnsafe(sizeBytes);
      let filled = 0;
      while (filled < sizeBytes) {
        if (rest.length === 0) {
          const chunk = await more();
          if (!chunk) return undefined;
          rest = chunk;
        }
        const count = rest.copy(bytes, filled);
        filled += count;
        rest = rest.subarray(count);
      }
      return bytes;
    },
  };
}
