// One type check of one snapshot: gathers what the checker's process is told, and stores what it answers. The snapshot is
// published already; what the check adds is seen at once.
import { createHash } from "node:crypto";
import { LINKS_PER_READ_MAX } from "../../graph/limits.ts";
import { openGraph } from "../../graph/pack.ts";
import { findGraph, listLinkedFiles, type LinkedRow } from "../../graph/store.ts";
import { FACTS_VERSION, grammarOf, manifestKindOf } from "../../languages/grammar.ts";
import { languageOf } from "../../languages/language.ts";
import type { OrganizationDatabase } from "../../platform/database.ts";
import type { SnapshotId } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";
import { listSnapshots, type IndexedRef, type IndexJob } from "../../repositories/store.ts";
import type { CheckRequest } from "./checker-process.ts";
import { CHECK_TEXT_BYTES_MAX, CHECK_WAIT_SECONDS_MAX, LOCK_LOOK_SECONDS, TEXTS_PER_STATEMENT_MAX } from "./limits.ts";
import { CheckerLost, runChecker, type CheckerOptions } from "./run-checker.ts";
import { copyCheck, findSameCheck, isChecked, listTexts, saveCheck, saveVainCheck } from "./store.ts";

interface CheckContext extends CheckerOptions {
  db: OrganizationDatabase;
  log: Log;
  /** See findExecutable. */
  executable: CheckRequest["executable"] | undefined;
}

interface Asked {
  snapshotId: SnapshotId;
  context: CheckContext;
}

type Job = Pick<IndexJob, "repository" | "ref" | "repository_id">;

/**
 * One check of a repository at a time, however many processes are asked: snapshots that follow one another mostly have the same.
 * Rejects with the signal's reason when that aborts. Does nothing for a snapshot that nobody reads any more.
 */
export async function checkSnapshot(job: Job, { snapshotId, context }: Asked): Promise<void> {
  const { db, signal } = context;
  const locks = [{ key: `check ${db.organizationId} ${job.repository_id}`, mode: "exclusive" as const }];
  for (let waited = 0; waited < CHECK_WAIT_SECONDS_MAX; waited += LOCK_LOOK_SECONDS) {
    signal.throwIfAborted();
    const isDone = await db.withLocks({ locks, waitSeconds: LOCK_LOOK_SECONDS }, async (kept) => {
      if (await db.once((sql) => isChecked(sql, snapshotId))) return true;
      await check(job, { snapshotId, context: { ...context, signal: AbortSignal.any([signal, kept]) } });
      return true;
    });
    if (isDone) return;
  }
}

async function check(
  { repository, ref, repository_id: repositoryId }: Job,
  { snapshotId, context }: Asked,
): Promise<void> {
  const { db, log, executable, signal } = context;
  const [snapshot] = await db((sql) => listSnapshots(sql, [snapshotId]));
  const graph = snapshot && (await db((sql) => findGraph(sql, { snapshotId, isChecked: false })));
  if (!graph) return;
  const { paths } = openGraph(graph);
  const rows = await readRows(snapshot, { paths, context });
  const key = keyOf(graph, rows);
  const same = await db.once((sql) => findSameCheck(sql, { repositoryId, key }));
  if (same !== undefined && (await db((sql) => copyCheck(sql, { from: same, to: snapshotId })))) return;
  const texts = await readTexts(rows, context);
  if (!executable || !texts || texts.size === 0) return db((sql) => saveVainCheck(sql, { snapshotId, key }));
  const files = rows.flatMap(({ path, facts, links }) =>
    facts ? [{ path, facts, links: links ?? undefined, text: texts.get(path) }] : [],
  );
  const startedMs = performance.now();
  try {
    const answer = await runChecker({ executable, paths, files, graph }, context);
    signal.throwIfAborted();
    await db((sql) => saveCheck(sql, { snapshotId, key, ...answer }));
    const durationMs = Math.round(performance.now() - startedMs);
    log.info(`Checked types of ${repository} ${ref}`, { repository, ref, sources: texts.size, durationMs });
  } catch (error) {
    if (!(error instanceof CheckerLost)) throw error;
    log.warn(`Types of ${repository} ${ref} are not checked: the checker ${error.message}`, { repository, ref });
    await db((sql) => saveVainCheck(sql, { snapshotId, key }));
  }
}

/** Sources whose references are asked about. Components (.vue and the like) are none: they are no programs as they stand. */
export function isCheckable(path: string): boolean {
  return /^(?:type|java)script$/.test(languageOf(path));
}

const MANIFESTS: ReadonlySet<string | undefined> = new Set(["package.json", "tsconfig.json"]);

/** Sources, and the manifests that say where their imports lead. */
async function readRows(
  snapshot: IndexedRef,
  { paths, context: { db, signal } }: { paths: readonly string[]; context: CheckContext },
): Promise<LinkedRow[]> {
  const wanted = paths.filter((path) => isCheckable(path) || MANIFESTS.has(manifestKindOf(path)));
  const rows: LinkedRow[] = [];
  for (let at = 0; at < wanted.length; at += LINKS_PER_READ_MAX) {
    signal.throwIfAborted();
    const some = wanted.slice(at, at + LINKS_PER_READ_MAX);
    const grammars = some.map((path) => grammarOf(path) ?? "");
    rows.push(...(await db((sql) => listLinkedFiles(sql, snapshot, { paths: some, grammars }))));
  }
  return rows;
}

/** All that the answer depends on: content, what linking says of it, and through the graph which other files there are. */
function keyOf(graph: Uint8Array, rows: readonly LinkedRow[]): Buffer {
  const key = createHash("sha256").update(`${FACTS_VERSION}\0`).update(graph);
  for (const { path, blob_id: blobId, links } of rows) {
    key.update(`\0${blobId} ${path}\0${links?.length ?? 0}\0`);
    if (links) key.update(links);
  }
  return key.digest();
}

/** By path, of what is checked; undefined when it is too much. */
async function readTexts(
  rows: readonly LinkedRow[],
  { db, signal }: CheckContext,
): Promise<Map<string, string> | undefined> {
  const sources = rows.filter(({ path, facts }) => facts && isCheckable(path));
  const ids = [...new Set(sources.map(({ blob_id: id }) => id))];
  const texts = new Map<number, string>();
  let sizeBytes = 0;
  for (let at = 0; at < ids.length; at += TEXTS_PER_STATEMENT_MAX) {
    signal.throwIfAborted();
    const some = ids.slice(at, at + TEXTS_PER_STATEMENT_MAX);
    for (const { blob_id: id, text } of await db.once((sql) => listTexts(sql, some))) {
      texts.set(id, text);
      sizeBytes += Buffer.byteLength(text);
    }
    if (sizeBytes > CHECK_TEXT_BYTES_MAX) return undefined;
  }
  return new Map(sources.map(({ path, blob_id: id }) => [path, texts.get(id) ?? ""]));
}
