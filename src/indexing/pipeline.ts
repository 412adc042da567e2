// Commit → snapshot, in a straight line: what is there, what is new, read and pack the new, say what the snapshot
// consists of, flip. Everything before the flip is invisible, and safe to repeat; what a crash leaves is swept.
import { AppError } from "../errors.ts";
import type { OrganizationDatabase } from "../platform/database.ts";
import type { IndexJob, Progress } from "../repositories/store.ts";
import type { AnalysePool } from "./analyse-pool.ts";
import type { Checks } from "./check/checks.ts";
import type { ListedSegment } from "./choose-segments.ts";
import { describeFiles } from "./describe-files.ts";
import { findBlobs, hasFacts } from "./find-blobs.ts";
import type { RememberedFolder } from "./folder-memory.ts";
import { indexBlobs } from "./index-blobs.ts";
import { IDLE_THREADS_BYTES_MAX } from "./limits.ts";
import { linkFiles } from "./link-step.ts";
import { type Previous, nextOf } from "./previous-snapshot.ts";
import { endUnchanged, isUnchanged, saveAndFlip } from "./publish-snapshot.ts";
import type { Source } from "./source.ts";
import type { NewFile } from "./store.ts";

export interface PipelineContext {
  db: OrganizationDatabase;
  pool: AnalysePool;
  signal: AbortSignal;
  /** Undefined: no type checker is asked. */
  checks: Checks | undefined;
  onProgress: (progress: Progress) => void;
  now: () => Date;
}

/** What a new snapshot consists of. */
export interface Built {
  segments: ListedSegment[];
  files: NewFile[];
  /** For the next snapshot to start from; undefined: nothing differs from the previous one. */
  next: Omit<RememberedFolder, "source"> | undefined;
}

/** Builds the snapshot and makes it the ref's, ending the job in the same transaction; not when it would be the same. */
export async function buildSnapshot(
  { job, attempt, source, previous }: { job: IndexJob; attempt: number; source: Source; previous: Previous },
  context: PipelineContext,
): Promise<Built> {
  const blobs = await findBlobs(source, { job, previous, context });
  const { segments, held, bytesRead } = await indexBlobs(source, { job, previous, blobs, context });
  const files = describeFiles(source, { previous, blobs, indexedAt: context.now() });
  const dirty = await source.differs(blobs.oids);
  const indexed = { commit: source.commit, dirty };
  if (isUnchanged({ job, previous, files, indexed })) {
    await endUnchanged({ job, attempt, previous, indexed }, context);
    return { segments: [], files, next: undefined };
  }
  const isLarge = bytesRead > IDLE_THREADS_BYTES_MAX;
  if (isLarge) await context.pool.endIdle();
  const onLinked = (done: number) =>
    context.onProgress({ phase: "linking", filesDone: done, filesTotal: files.length, bytesDone: bytesRead });
  onLinked(0);
  const links = await linkFiles(files, {
    previous,
    hasFacts: (file) => hasFacts(blobs, file),
    context: { ...context, onLinked },
  });
  if (isLarge) await context.pool.endIdle();
  const skipped = new Set(links.skipped);
  for (const file of files) if (skipped.has(file.path)) file.problem ??= "not_linked";
  context.onProgress({ phase: "saving", filesDone: files.length, filesTotal: files.length, bytesDone: bytesRead });
  const segmentIds = segments.map(({ id }) => id);
  const told = await saveAndFlip({ job, attempt, previous, files, segmentIds, links, bytesRead, indexed }, context);
  return { segments, files, next: nextOf(files, { previous, blobs, held, ...told }) };
}

/** For a person: why an attempt failed. Nothing of an unexpected failure leaks. */
export function describeJobFailure(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return "Something failed on our side; it has been reported.";
}
