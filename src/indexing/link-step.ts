// Linking as a step of the pipeline: gathers the facts of a snapshot's files and what the snapshot before it left, has a thread
// link, and stores the links.
import { FACTS_VERSION, grammarOf } from "../languages/grammar.ts";
import { addTo } from "../platform/group-by.ts";
import type { BlobId, SnapshotId } from "../platform/ids.ts";
import { createParent } from "./ask-parent.ts";
import { ThreadLost } from "./analyse-pool.ts";
import {
  DECLARATIONS_TOLD_MAX,
  FACTS_PER_STATEMENT_MAX,
  LOST_THREADS_MAX,
  PROGRESS_MS,
  ROWS_PER_STATEMENT_MAX,
} from "./limits.ts";
import { pathsMarked } from "./link-mark.ts";
import type { DeclarationsAsked } from "./link/tree.ts";
import type { LinkedSnapshot, LinkRequest, PackedLinks, PreviousLinks } from "./link-snapshot.ts";
import type { PipelineContext } from "./pipeline.ts";
import type { Previous } from "./previous-snapshot.ts";
import {
  copyLinks,
  findLinkState,
  findLinkStateKey,
  listBlobsDeclaring,
  listFacts,
  listLinks,
  saveGraph,
  saveLinks,
  type NewFile,
} from "./store.ts";
import type { LinkQuestion } from "./thread.ts";

interface Context extends Pick<PipelineContext, "db" | "pool" | "signal"> {
  /** Told every PROGRESS_MS how many files are linked. */
  onLinked: (files: number) => void;
}

export interface LinkedFiles extends LinkedSnapshot {
  /** Paths whose links are not those of the snapshot before; undefined: of all. */
  renewed: string[] | undefined;
  /** Paths whose own links were given up. */
  skipped: string[];
}

/** The links of all files that have content. Only what a difference from `previous` can concern is linked again. */
export async function linkFiles(
  files: readonly NewFile[],
  { previous, hasFacts, context }: { previous: Previous; hasFacts: (file: NewFile) => boolean; context: Context },
): Promise<LinkedFiles> {
  const before = await findPreviousLinks(files, { previous, context });
  const present = files.filter(({ blobId }) => blobId !== undefined);
  const skipped = files.filter(({ problem }) => problem === "not_linked").map(({ path }) => path);
  let numbers: Map<BlobId, number[]> | undefined;
  const byBlob = () => (numbers ??= numbersByBlob(present));
  const request = {
    files: present.map((file) => ({
      path: file.path,
      content: file.blobId ?? "",
      isTest: file.isTest,
      hasFacts: hasFacts(file),
    })),
    skipped,
    previous: before,
  };
  const linked = await linkOrSkip(request, {
    context,
    async answer(question) {
      if (question === "links") return previous.snapshot && findLinks(previous.snapshot.snapshot_id, context);
      if ("names" in question) return findDeclaring(question, { byBlob: byBlob(), context });
      if ("linksOf" in question) {
        const paths = question.linksOf.map((number) => present[number]?.path ?? "");
        return previous.snapshot && readLinks(paths, { snapshot: previous.snapshot, context });
      }
      const asked = question.flatMap((number) => present[number] ?? []);
      const facts = await readFacts(asked, context);
      return asked.map(({ path, blobId }) => facts.get(keyOf(path, blobId)));
    },
  });
  const paths = [...linked.links.map(({ path }) => path), ...skipped];
  const renewed = before && [...new Set([...paths, ...before.changes.map(({ path }) => path)])];
  return { ...linked, renewed, skipped };
}

/** Again without the files that a thread died of, which are added to `request.skipped`. */
async function linkOrSkip(
  request: LinkRequest & { skipped: string[] },
  { context, answer }: { context: Context; answer: (question: LinkQuestion) => Promise<unknown> },
): Promise<LinkedSnapshot> {
  for (let lost = 0; ; lost++) {
    let linked: LinkedSnapshot | undefined;
    const reading = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
    const state = new Int32Array(reading);
    const { parent, close } = createParent(answer);
    const timer = setInterval(() => context.onLinked(Atomics.load(state, 1)), PROGRESS_MS);
    try {
      const receiver = { onLinked: (links: LinkedSnapshot) => (linked = links) };
      await context.pool.run({ kind: "link", request, reading, parent }, receiver, context.signal);
    } catch (error) {
      const left = new Set(request.skipped);
      const paths = request.files.map(({ path }) => path);
      const killers = pathsMarked(Atomics.load(state, 0), paths).filter((path) => !left.has(path));
      if (!(error instanceof ThreadLost) || killers.length === 0 || lost >= LOST_THREADS_MAX) throw error;
      for (const path of killers) request.skipped.push(path);
      continue;
    } finally {
      clearInterval(timer);
      close();
    }
    if (!linked) throw new Error("linking ended without a result");
    return linked;
  }
}

/** Undefined: there is no snapshot before, or other extractors or another linker made it. */
async function findPreviousLinks(
  files: readonly NewFile[],
  { previous, context }: { previous: Previous; context: Context },
): Promise<PreviousLinks | undefined> {
  const { snapshot } = previous;
  if (!snapshot || !previous.isLinked) return undefined;
  const key = await context.db.once((sql) => findLinkStateKey(sql, snapshot.snapshot_id));
  if (key === undefined) return undefined;
  const blobThen = (path: string) => previous.files.get(path)?.blob_id ?? undefined;
  const changed = files.flatMap(({ path, blobId }) => (blobId === blobThen(path) ? [] : [path]));
  const now = new Set(files.map(({ path }) => path));
  for (const path of previous.files.keys()) if (!now.has(path) && blobThen(path) !== undefined) changed.push(path);
  const had = changed.map((path) => ({ path, blobId: blobThen(path) }));
  const facts = await readFacts(had, context);
  const changes = had.map(({ path, blobId }) => ({
    path,
    wasThere: blobId !== undefined,
    facts: facts.get(keyOf(path, blobId)),
  }));
  const isComplete = changes.every(
    (change) => !change.wasThere || change.facts || grammarOf(change.path) === undefined,
  );
  return isComplete ? { key, changes } : undefined;
}

function findLinks(snapshotId: SnapshotId, { db }: Pick<Context, "db">): Promise<PackedLinks | undefined> {
  return db.once((sql) => findLinkState(sql, snapshotId));
}

/** Packed links of the snapshot, in the order of `paths`. */
async function readLinks(
  paths: readonly string[],
  {
    snapshot,
    context: { db, signal },
  }: { snapshot: NonNullable<Previous["snapshot"]>; context: Pick<Context, "db" | "signal"> },
): Promise<(Buffer | undefined)[]> {
  signal.throwIfAborted();
  const found = await db.once((sql) => listLinks(sql, { from: sourcesOf(snapshot), paths }));
  const links = new Map(found.map(({ path, data }) => [path, data]));
  return paths.map((path) => links.get(path));
}

/** Snapshots that hold its links, of which those of the newest count. */
function sourcesOf(snapshot: NonNullable<Previous["snapshot"]>): SnapshotId[] {
  return [snapshot.snapshot_id, snapshot.base_snapshot_id].filter((id) => id !== null);
}

function numbersByBlob(files: readonly NewFile[]): Map<BlobId, number[]> {
  const numbers = new Map<BlobId, number[]>();
  for (const [number, { blobId }] of files.entries()) if (blobId !== undefined) addTo(numbers, blobId, number);
  return numbers;
}

/** See Tree.declaring. Undefined: it is declared too often in the organization, not only in this repository. */
async function findDeclaring(
  { names, containers }: DeclarationsAsked,
  {
    byBlob,
    context: { db, signal },
  }: { byBlob: ReadonlyMap<BlobId, readonly number[]>; context: Pick<Context, "db" | "signal"> },
): Promise<number[] | undefined> {
  signal.throwIfAborted();
  const asked = { names, containers, limit: DECLARATIONS_TOLD_MAX + 1 };
  const found = await db.once((sql) => listBlobsDeclaring(sql, asked));
  if (found.length > DECLARATIONS_TOLD_MAX) return undefined;
  return [...new Set(found)].flatMap((blobId) => byBlob.get(blobId) ?? []);
}

/** Packed facts by `keyOf`; none of files that have no grammar, or are not there. */
async function readFacts(
  files: readonly { path: string; blobId: BlobId | undefined }[],
  { db, signal }: Pick<Context, "db" | "signal">,
): Promise<Map<string, Buffer>> {
  const places = files.flatMap(({ path, blobId }) => {
    const grammar = grammarOf(path);
    return blobId === undefined || grammar === undefined ? [] : [{ blobId, grammar }];
  });
  const facts = new Map<string, Buffer>();
  for (let at = 0; at < places.length; at += FACTS_PER_STATEMENT_MAX) {
    signal.throwIfAborted();
    const asked = { version: FACTS_VERSION, places: places.slice(at, at + FACTS_PER_STATEMENT_MAX) };
    for (const { blob_id: id, grammar, data } of await db.once((sql) => listFacts(sql, asked)))
      facts.set(`${id} ${grammar}`, data);
  }
  return facts;
}

const keyOf = (path: string, blobId: BlobId | undefined) => `${blobId} ${grammarOf(path)}`;

/** Stores the links of a snapshot that nobody sees yet, `baseSnapshotId` being what it is told as a difference from. */
export async function saveLinkedFiles(
  { links, renewed, graph, state, packages, imported }: LinkedFiles,
  {
    snapshotId,
    baseSnapshotId,
    previous: { snapshot },
    context: { db, signal },
  }: {
    snapshotId: SnapshotId;
    baseSnapshotId: SnapshotId | undefined;
    previous: Previous;
    context: Pick<Context, "db" | "signal">;
  },
): Promise<void> {
  for (let at = 0; at < links.length; at += ROWS_PER_STATEMENT_MAX) {
    signal.throwIfAborted();
    await db((sql) => saveLinks(sql, { snapshotId, baseSnapshotId }, links.slice(at, at + ROWS_PER_STATEMENT_MAX)));
  }
  if (renewed && snapshot) {
    const from = sourcesOf(snapshot).filter((id) => baseSnapshotId === undefined || id > baseSnapshotId);
    if (from.length > 0) await db((sql) => copyLinks(sql, { from, to: snapshotId, except: renewed }));
  }
  await db((sql) => saveGraph(sql, { snapshotId, version: FACTS_VERSION, data: graph, state, packages, imported }));
}
