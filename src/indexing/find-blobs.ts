// Which content the files of a source have, and what of it is stored already: blobs and their facts.
import { FACTS_VERSION, grammarOf } from "../languages/grammar.ts";
import type { BlobId } from "../platform/ids.ts";
import type { ProblemReason } from "../repositories/problems.ts";
import type { IndexJob } from "../repositories/store.ts";
import { inPieces } from "./in-pieces.ts";
import { HASHED_FILES_MIN, ROWS_PER_STATEMENT_MAX } from "./limits.ts";
import type { PipelineContext } from "./pipeline.ts";
import type { Previous } from "./previous-snapshot.ts";
import type { Source, SourceFile } from "./source.ts";
import { type KnownBlob, type NewFile, type StoredFile, listBlobsWithFacts, listKnownBlobs } from "./store.ts";
import type { Reader } from "./thread.ts";
import { together } from "./together.ts";

/** What is known of the content of each file. Filled further while blobs are read. */
export interface Blobs {
  /** Object id of each path that has content. */
  oids: Map<string, string>;
  /** By object id: stored blobs. */
  known: Map<string, KnownBlob>;
  /** Paths that could not be read after all. */
  unreadable: Map<string, ProblemReason>;
  /** Texts whose facts are not all there, by `factsKey`. */
  unparsed: Set<string>;
}

export interface Step {
  job: IndexJob;
  previous: Previous;
  context: PipelineContext;
}

export async function findBlobs(source: Source, { previous, context }: Step): Promise<Blobs> {
  const oids = new Map<string, string>();
  const unreadable = new Map<string, ProblemReason>();
  const unknown: SourceFile[] = [];
  for (const file of source.files) {
    const stored = previous.files.get(file.path);
    // A working file whose stamp is unchanged still has the content it had.
    const oid = file.oid ?? (stored?.stamp && stored.stamp === file.stamp ? stored.oid : undefined);
    if (oid) oids.set(file.path, oid);
    else unknown.push(file);
  }
  await hashFiles(source.reader, { files: unknown, oids, unreadable, context });
  // The snapshot before keeps its blobs: only others need be asked for.
  const known = new Map<string, KnownBlob>();
  for (const file of previous.files.values()) {
    const blob = blobOf(file);
    if (blob) known.set(blob.oid, blob);
  }
  const others = [...new Set(oids.values())].filter((oid) => !known.has(oid));
  for (const some of inPieces(others, ROWS_PER_STATEMENT_MAX)) {
    for (const blob of await context.db.once((sql) => listKnownBlobs(sql, some))) known.set(blob.oid, blob);
  }
  return { oids, known, unreadable, unparsed: new Set() };
}

function blobOf({ blob_id: id, oid, size_bytes, chunks, blob_problem: problem }: StoredFile): KnownBlob | undefined {
  return id === null || oid === null || size_bytes === null || chunks === null
    ? undefined
    : { oid, id, size_bytes, chunks, problem };
}

async function hashFiles(
  reader: Reader,
  {
    files,
    oids,
    unreadable,
    context,
  }: {
    files: readonly SourceFile[];
    oids: Map<string, string>;
    unreadable: Map<string, ProblemReason>;
    context: PipelineContext;
  },
): Promise<void> {
  if (files.length === 0) return;
  if (reader.kind !== "worktree") throw new Error("only working files come without an object id");
  const { root, format } = reader;
  let done = 0;
  const pieces = inPieces(files, Math.max(HASHED_FILES_MIN, Math.ceil(files.length / (context.pool.size * 4))));
  await together(pieces, context.signal, (some, signal) =>
    context.pool.run(
      { kind: "hash", root, format, paths: some.map(({ path }) => path) },
      {
        onHashed(outcomes) {
          for (const outcome of outcomes) {
            const path = some[outcome.index]?.path ?? "";
            if ("oid" in outcome) oids.set(path, outcome.oid);
            else unreadable.set(path, outcome.problem);
          }
          done += some.length;
          context.onProgress({ phase: "reading", filesDone: done, filesTotal: files.length, bytesDone: 0 });
        },
      },
      signal,
    ),
  );
}

/** Tells of a path with a stored blob whether its facts are stored, by these extractors. */
export async function findFacts(
  source: Source,
  { previous, blobs, context }: Step & { blobs: Blobs },
): Promise<(path: string, blob: KnownBlob) => boolean> {
  // A snapshot that is linked has all facts of its files.
  const wasLinked = (path: string, { id }: KnownBlob) => previous.isLinked && previous.files.get(path)?.blob_id === id;
  const ids = new Set<BlobId>();
  for (const file of source.files) {
    const blob = blobs.known.get(blobs.oids.get(file.path) ?? "");
    if (blob && !wasLinked(file.path, blob) && hasFacts(blobs, file)) ids.add(blob.id);
  }
  const found = new Set<string>();
  for (const blobIds of inPieces([...ids], ROWS_PER_STATEMENT_MAX)) {
    const rows = await context.db.once((sql) => listBlobsWithFacts(sql, { version: FACTS_VERSION, blobIds }));
    for (const { blob_id: id, grammar, problem } of rows) {
      found.add(factsKey(id, grammar));
      if (problem !== null) blobs.unparsed.add(factsKey(id, grammar));
    }
  }
  return (path, blob) => wasLinked(path, blob) || found.has(factsKey(blob.id, grammarOf(path)));
}

export const factsKey = (id: BlobId, grammar: string | undefined) => `${id} ${grammar}`;

/** Whether facts of the file are stored, once all that were wanted are: of every text that there is a grammar for. */
export function hasFacts({ oids, known }: Blobs, { path }: Pick<NewFile, "path">): boolean {
  return (known.get(oids.get(path) ?? "")?.chunks ?? 0) > 0 && grammarOf(path) !== undefined;
}
