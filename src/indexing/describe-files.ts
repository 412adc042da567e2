// Every file of a snapshot as it is stored, with the reason where something of it is missing. Pure.
import { grammarOf } from "../languages/grammar.ts";
import { type Blobs, factsKey } from "./find-blobs.ts";
import { FACTS_TEXT_BYTES_MAX } from "./limits.ts";
import type { Previous } from "./previous-snapshot.ts";
import { pathFacts } from "./rank-paths.ts";
import type { Source } from "./source.ts";
import type { KnownBlob, NewFile } from "./store.ts";

/** Every file of the snapshot, problems included. */
export function describeFiles(
  source: Source,
  { previous, blobs, indexedAt }: { previous: Previous; blobs: Blobs; indexedAt: Date },
): NewFile[] {
  const files = source.files.map(({ path, stamp }): NewFile => {
    const { language, isTest, isGenerated } = pathFacts(path);
    const oid = blobs.oids.get(path);
    const blob = oid === undefined ? undefined : blobs.known.get(oid);
    const stored = previous.files.get(path);
    return {
      path,
      blobId: blob?.id,
      removed: false,
      language,
      isTest,
      sizeBytes: blob?.size_bytes ?? 0,
      // Without a blob and a reason, a twin of this working file changed while it was read: the next job mends it.
      problem:
        blobs.unreadable.get(path) ?? (blob ? problemOf(blob, { path, isGenerated, previous, blobs }) : "missing"),
      stamp: blob && stamp,
      indexedAt: blob && stored?.blob_id === blob.id ? stored.indexed_at : indexedAt,
    };
  });
  const problems = source.problems.map(({ path, reason }): NewFile => {
    const { language, isTest } = pathFacts(path);
    const isOld = previous.files.get(path)?.problem === reason;
    return {
      path,
      blobId: undefined,
      removed: false,
      language,
      isTest,
      sizeBytes: 0,
      problem: reason,
      stamp: undefined,
      indexedAt: isOld ? (previous.files.get(path)?.indexed_at ?? indexedAt) : indexedAt,
    };
  });
  return [...files, ...problems];
}

/** Why the text of a file has no symbols, or ranks last. */
function problemOf(
  blob: KnownBlob,
  { path, isGenerated, previous, blobs }: { path: string; isGenerated: boolean; previous: Previous; blobs: Blobs },
): string | undefined {
  if (blob.problem !== null) return blob.problem;
  if (isGenerated) return "generated";
  const grammar = grammarOf(path);
  if (grammar === undefined) return undefined;
  if (blob.size_bytes > FACTS_TEXT_BYTES_MAX) return "too_large_to_parse";
  if (blobs.unparsed.has(factsKey(blob.id, grammar))) return "not_parsed";
  // Of what the snapshot before has nothing was asked; and what took too long takes too long again, until its content, the
  // extractors or the linker are others.
  const stored = previous.isLinked ? previous.files.get(path) : undefined;
  const isSaid = stored?.problem === "not_parsed" || stored?.problem === "not_linked";
  return isSaid && stored.blob_id === blob.id ? (stored.problem ?? undefined) : undefined;
}
