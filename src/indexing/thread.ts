// What an indexing thread does: read blobs, analyse them, hand their text to the main thread in batches, and pack
// the segment of a share of the tree. It has no database; each batch waits for an acknowledgement, so that text
// never piles up.
import { parentPort } from "node:worker_threads";
import { AppError, type ErrorCode } from "../errors.ts";
import { blobOid, readBlobs, type ObjectFormat } from "../git/blobs.ts";
import type { GitContext } from "../git/run-git.ts";
import { readWorktreeFile } from "../git/worktree.ts";
import { mergeSegments, type MergeInput } from "../search/merge-segments.ts";
import { SegmentBuilder, type Segment } from "../search/segment.ts";
import { analyseBlob } from "./analyse.ts";
import { ALL_FILES } from "./link-mark.ts";
import { BATCH_BLOBS_MAX, BATCH_BYTES, BLOB_BYTES_MAX, DECLARING_FILES_MIN, KEPT_LINKS_BYTES_MAX } from "./limits.ts";
import type { ProblemReason } from "../repositories/problems.ts";
import { factsOf } from "./facts-of.ts";
import type { ReadFacts } from "./facts-source.ts";
import { askParent, type Parent } from "./ask-parent.ts";
import type { DeclarationsAsked } from "./link/tree.ts";
import {
  linkSnapshot,
  openLinks,
  type LinkedSnapshot,
  type LinkRequest,
  type OpenedLinks,
  type PackedLinks,
  type ReadLinks,
} from "./link-snapshot.ts";
import type { BlobBatch, NewFacts } from "./store.ts";

/** Where blobs are read: objects of a repository, or files of a working tree. */
export type Reader =
  | { kind: "objects"; git: GitContext; directory: string }
  | { kind: "worktree"; root: string; format: ObjectFormat };

/** A blob to be indexed. */
export interface Item {
  path: string;
  oid: string;
  /** Its text is stored already. */
  isStored: boolean;
  /** Its grams are in no segment of the snapshot yet. */
  isUnpacked: boolean;
  /** Grammars that its facts are wanted in, each with a path that is read so. */
  factsOf: { grammar: string; path: string }[];
  /** Reading its facts has killed a thread. */
  isUnreadable?: boolean;
}

export type ThreadTask =
  | {
      kind: "segment";
      reader: Reader;
      items: Item[];
      /** One Int32: the item whose facts are being read, plus one; 0 while there is none. Tells who killed a thread. */
      reading: SharedArrayBuffer;
    }
  | { kind: "hash"; root: string; format: ObjectFormat; paths: string[] }
  /** `reading`: a LinkMark; then how many files were begun. The parent is asked LinkQuestions. */
  | { kind: "link"; request: LinkRequest; reading: SharedArrayBuffer; parent: Parent }
  | { kind: "merge"; inputs: MergeInput[]; documents: number };

/** For facts, see ReadFacts; for links, see ReadLinks; for files that declare something, see Tree.declaring; for what the snapshot before left, see PackedLinks. */
export type LinkQuestion =
  | Parameters<ReadFacts>[0]
  | { linksOf: Parameters<ReadLinks>[0] }
  | DeclarationsAsked
  | "links";

/** What became of item `index`: what it really holds, or why it could not be read. */
export type Outcome = { index: number; oid: string } | { index: number; problem: ProblemReason };

/** The documents of a segment, by ordinal: chunk `numbers[i]` of item `items[i]`. */
export interface SegmentDocuments {
  items: number[];
  numbers: number[];
}

/** Facts of a blob on their way to the database. */
export type BlobFacts = Omit<NewFacts, "blobId"> & { oid: string };

export type ThreadMessage =
  | { kind: "batch"; batch: BlobBatch; facts: BlobFacts[]; outcomes: Outcome[]; bytes: number }
  | { kind: "linked"; links: LinkedSnapshot }
  | { kind: "merged"; segment: Segment }
  | { kind: "segment"; segment: Segment; documents: SegmentDocuments }
  | { kind: "hashed"; outcomes: Outcome[] }
  | { kind: "done" }
  | { kind: "failed"; code: ErrorCode | undefined; message: string; stack: string | undefined };

export type ThreadCommand = { kind: "task"; task: ThreadTask } | { kind: "acknowledge" } | { kind: "cancel" };

/** Serves tasks, one at a time, for as long as the process lives. */
export function serveThread(): void {
  const port = parentPort;
  if (!port) throw new Error("an indexing thread needs a parent");
  const builder = new SegmentBuilder();
  const kept: Kept = { links: undefined, next: undefined, facts: undefined };
  let cancelling = new AbortController();
  let acknowledged: () => void = () => undefined;
  const send = (message: ThreadMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  /** Sends and waits until the main thread has dealt with it. */
  const hand = (message: ThreadMessage, transfer: ArrayBuffer[]) =>
    new Promise<void>((resolve) => {
      acknowledged = resolve;
      send(message, transfer);
    });
  port.on("message", (command: ThreadCommand) => {
    if (command.kind === "acknowledge") return acknowledged();
    if (command.kind === "cancel") return cancelling.abort();
    cancelling = new AbortController();
    const { signal } = cancelling;
    perform(command.task, { builder, kept, send, hand, signal }).then(
      () => {
        send({ kind: "done" });
        openKept(kept);
      },
      (error: unknown) => {
        // A text broke the memory that all parsers of this thread share: none can be trusted again, and the text is known.
        if (error instanceof Error && error.name === "RuntimeError") process.exit(1);
        builder.clear();
        send(describeFailure(error));
      },
    );
  });
}

async function perform(task: ThreadTask, handover: Handover): Promise<void> {
  if (task.kind === "hash") return hashFiles(task, handover);
  if (task.kind === "segment") return buildSegments(task, handover);
  if (task.kind === "merge")
    return handover.send({ kind: "merged", segment: mergeSegments(task.inputs.map(asBuffers), task.documents) });
  return link(task, handover);
}

function link(
  { request, reading, parent }: Extract<ThreadTask, { kind: "link" }>,
  { kept, send }: Pick<Handover, "kept" | "send">,
): void {
  const linkingNow = new Int32Array(reading);
  linkingNow[0] = ALL_FILES;
  // link-step.ts answers what LinkQuestion says.
  const ask = <Answer>(question: LinkQuestion) => askParent(parent, question) as Answer;
  const { previous } = request;
  let before = previous && kept.links?.key === previous.key ? kept.links : undefined;
  if (previous && !before) before = openLinks(ask<PackedLinks>("links"));
  kept.links = kept.next = kept.facts = undefined;
  const links = linkSnapshot(request, {
    readFacts: (files) => ask(files),
    readLinks: (files) => ask({ linksOf: files }),
    ...(request.files.length >= DECLARING_FILES_MIN && { findDeclaring: (asked) => ask(asked) }),
    before,
    onFacts: (facts) => (kept.facts = facts),
    onMark(mark) {
      linkingNow[0] = mark;
      if (mark > 0) linkingNow[1] = (linkingNow[1] ?? 0) + 1;
    },
  });
  linkingNow[0] = 0;
  const isSame = before?.graph === links.graph && before.state === links.state;
  if (links.graph.length + links.state.length <= KEPT_LINKS_BYTES_MAX) {
    if (before && isSame) kept.links = { ...before, facts: kept.facts ?? before.facts };
    else kept.next = links;
  }
  // Handed over, for a copy of them all is as large again.
  send(
    { kind: "linked", links },
    links.links.map(({ data }) => data.buffer),
  );
}

/** What a thread keeps of the snapshot that it linked last: the next edit is mostly one of the same. */
interface Kept {
  links: OpenedLinks | undefined;
  /** To be opened, with these facts. */
  next: PackedLinks | undefined;
  facts: OpenedLinks["facts"] | undefined;
}

/** Once nobody waits for it: opening that of 22,000 files takes 0.1 s. */
function openKept(kept: Kept): void {
  const { next } = kept;
  if (next) kept.links = openLinks({ graph: next.graph, state: next.state }, kept.facts);
  kept.next = undefined;
}

/** A buffer arrives from another thread as the plain array it is. */
function asBuffers({ pages, ordinals }: MergeInput): MergeInput {
  return { pages: pages.map((page) => Buffer.from(page.buffer, page.byteOffset, page.length)), ordinals };
}

function describeFailure(error: unknown): ThreadMessage {
  const known = error instanceof Error ? error : new Error(String(error));
  return {
    kind: "failed",
    code: known instanceof AppError ? known.code : undefined,
    message: known.message,
    stack: known.stack,
  };
}

async function hashFiles(
  { root, format, paths }: Extract<ThreadTask, { kind: "hash" }>,
  { send, signal }: Pick<Handover, "send" | "signal">,
): Promise<void> {
  const outcomes: Outcome[] = [];
  for (const [index, path] of paths.entries()) {
    signal.throwIfAborted();
    const read = await readWorktreeFile(root, path, BLOB_BYTES_MAX);
    outcomes.push("problem" in read ? { index, problem: read.problem } : { index, oid: blobOid(read.bytes, format) });
  }
  send({ kind: "hashed", outcomes });
}

interface Handover {
  builder: SegmentBuilder;
  kept: Kept;
  send: (message: ThreadMessage, transfer?: ArrayBuffer[]) => void;
  hand: (message: ThreadMessage, transfer: ArrayBuffer[]) => Promise<void>;
  signal: AbortSignal;
}

async function buildSegments(
  { reader, items, reading }: Extract<ThreadTask, { kind: "segment" }>,
  { builder, hand, signal }: Handover,
): Promise<void> {
  const readingNow = new Int32Array(reading);
  let batch = new Batch();
  let documents: SegmentDocuments = { items: [], numbers: [] };
  const handBatch = async () => {
    const { message, transfer } = batch.seal();
    batch = new Batch();
    await hand(message, transfer);
  };
  const handSegment = async () => {
    if (builder.documents === 0) return;
    const segment = builder.finish();
    await hand({ kind: "segment", segment, documents }, []);
    documents = { items: [], numbers: [] };
  };
  for await (const read of readItems(reader, { items, signal })) {
    signal.throwIfAborted();
    const { index } = read;
    if (read.oid === undefined) {
      batch.outcomes.push({ index, problem: read.problem });
      continue;
    }
    const analysed = read.bytes
      ? analyseBlob(read.bytes)
      : { text: EMPTY, chunks: [], lines: 0, problem: read.problem };
    batch.outcomes.push({ index, oid: read.oid });
    batch.bytes += read.sizeBytes;
    const item = items[index];
    if (!item) throw new Error("a blob came that was not asked for");
    // A working file may have changed since it was hashed; then it is not what is stored.
    if (!item.isStored || item.oid !== read.oid) batch.add({ oid: read.oid, sizeBytes: read.sizeBytes, ...analysed });
    if (analysed.chunks.length > 0) {
      readingNow[0] = index + 1;
      for (const wanted of item.factsOf)
        batch.facts.push(await factsOf(read.oid, { ...wanted, analysed, isUnreadable: item.isUnreadable === true }));
      readingNow[0] = 0;
    }
    if (!item.isUnpacked) {
      if (batch.isFull) await handBatch();
      continue;
    }
    for (const [number, { start, end }] of analysed.chunks.entries()) {
      builder.add(analysed.text.subarray(start, end));
      documents.items.push(index);
      documents.numbers.push(number);
    }
    if (batch.isFull) await handBatch();
    if (builder.isFull) await handBatch().then(handSegment);
  }
  await handBatch();
  await handSegment();
}

const EMPTY = new Uint8Array(0);

/** A blob as it was read; without bytes and with a problem when it is too large, without oid when it is not there. */
type Read =
  | { index: number; oid: string; sizeBytes: number; bytes: Uint8Array | undefined; problem: ProblemReason | undefined }
  | { index: number; oid: undefined; problem: ProblemReason };

async function* readItems(
  reader: Reader,
  { items, signal }: { items: readonly Item[]; signal: AbortSignal },
): AsyncGenerator<Read> {
  if (reader.kind === "worktree") {
    for (const [index, { path }] of items.entries()) {
      const read = await readWorktreeFile(reader.root, path, BLOB_BYTES_MAX);
      if ("problem" in read) yield { index, oid: undefined, problem: read.problem };
      else
        yield {
          index,
          oid: blobOid(read.bytes, reader.format),
          sizeBytes: read.bytes.length,
          bytes: read.bytes,
          problem: undefined,
        };
    }
    return;
  }
  const oids = items.map(({ oid }) => oid);
  let index = 0;
  for await (const read of readBlobs(reader.git, {
    gitDirectory: reader.directory,
    oids,
    bytesMax: BLOB_BYTES_MAX,
    signal,
  })) {
    if (read.bytes) yield { index, oid: read.oid, sizeBytes: read.sizeBytes, bytes: read.bytes, problem: undefined };
    else if (read.problem === "missing") yield { index, oid: undefined, problem: "missing" };
    else yield { index, oid: read.oid, sizeBytes: read.sizeBytes, bytes: undefined, problem: read.problem };
    index++;
  }
}

/** Blobs with their text on the way to the database. */
class Batch {
  readonly outcomes: Outcome[] = [];
  readonly facts: BlobFacts[] = [];
  bytes = 0;
  readonly #blobs: BlobBatch["blobs"] = [];
  readonly #texts: Uint8Array[] = [];
  readonly #rows = {
    chunkBlobs: [] as number[],
    numbers: [] as number[],
    firstLines: [] as number[],
    starts: [] as number[],
    lengths: [] as number[],
  };
  #size = 0;

  get isFull(): boolean {
    return this.#size >= BATCH_BYTES || this.outcomes.length >= BATCH_BLOBS_MAX;
  }

  add({
    oid,
    sizeBytes,
    text,
    chunks,
    lines,
    problem,
  }: { oid: string; sizeBytes: number } & ReturnType<typeof analyseBlob>): void {
    const rows = this.#rows;
    for (const [number, { firstLine, start, end }] of chunks.entries()) {
      rows.chunkBlobs.push(this.#blobs.length);
      rows.numbers.push(number);
      rows.firstLines.push(firstLine);
      rows.starts.push(this.#size + start);
      rows.lengths.push(end - start);
    }
    this.#blobs.push({ oid, sizeBytes, lines, chunks: chunks.length, problem });
    this.#texts.push(text);
    this.#size += text.length;
  }

  seal(): { message: ThreadMessage; transfer: ArrayBuffer[] } {
    const buffer = new ArrayBuffer(this.#size);
    const text = new Uint8Array(buffer);
    let offset = 0;
    for (const piece of this.#texts) {
      text.set(piece, offset);
      offset += piece.length;
    }
    const batch: BlobBatch = { blobs: this.#blobs, ...this.#rows, text };
    const { facts, outcomes, bytes } = this;
    return { message: { kind: "batch", batch, facts, outcomes, bytes }, transfer: [buffer] };
  }
}
