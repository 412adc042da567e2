// Watches the folders that are indexed as they are on disk, and asks for a job when something in them changes.
// Only folders that hold indexed files are watched, not what .gitignore leaves out: node_modules alone would be more
// watches than most systems allow.
import { watch, type FSWatcher } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { openWorktree } from "../git/worktree.ts";
import type { GitContext } from "../git/run-git.ts";
import type { OrganizationDatabase } from "../platform/database.ts";
import type { RepositoryId, SnapshotId } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import { enqueueIndexJob, listFolders, listWorktreeRefs, type WorktreeRef } from "../repositories/store.ts";
import type { FolderMemory } from "./folder-memory.ts";
import {
  LOOK_ALL_MS,
  SETTLE_MS,
  WATCH_ROUND_MS,
  WATCHED_FOLDERS_ELSEWHERE_MAX,
  WATCHED_FOLDERS_MAX,
  WATCHES_SHARE_MAX,
} from "./limits.ts";
import { folderOf, NO_COMMIT, WORKTREE_REF } from "./source.ts";

export interface WatchContext {
  db: OrganizationDatabase;
  git: GitContext;
  log: Log;
  folders: FolderMemory;
}

/** Watches until stopped. Follows what is indexed: new folders are found within WATCH_ROUND_MS. */
export function watchFolders(context: WatchContext): { stop(): Promise<void> } {
  const watched = new Map<RepositoryId, WatchedFolder>();
  let round: Promise<void> = Promise.resolve();
  const look = async () => {
    const refs = await context.db((sql) => listWorktreeRefs(sql));
    const present = new Set(refs.map((ref) => ref.repository_id));
    for (const [id, folder] of watched) if (!present.has(id)) stopWatching(context, { watched, id, folder });
    for (const ref of refs) await follow(context, watched, ref);
  };
  const timer = setInterval(() => {
    round = round.then(look).catch((error: unknown) => context.log.debug("Watching could not look around", { error }));
  }, WATCH_ROUND_MS);
  round = look().catch((error: unknown) => context.log.debug("Watching could not look around", { error }));
  return {
    async stop() {
      clearInterval(timer);
      await round;
      for (const [id, folder] of watched) stopWatching(context, { watched, id, folder });
    },
  };
}

interface WatchedFolder {
  snapshotId: SnapshotId;
  watchers: Map<string, FSWatcher>;
  timer: NodeJS.Timeout | undefined;
  lookAllTimer: NodeJS.Timeout | undefined;
  /** Each of its folders is watched, by what tells of every change which path it is. */
  isComplete: boolean;
}

function stopWatching(
  { folders }: WatchContext,
  { watched, id, folder }: { watched: Map<RepositoryId, WatchedFolder>; id: RepositoryId; folder: WatchedFolder },
): void {
  for (const watcher of folder.watchers.values()) watcher.close();
  clearTimeout(folder.timer);
  clearTimeout(folder.lookAllTimer);
  watched.delete(id);
  folders.stopWatching(id);
}

/** inotify tells of each change in its order; what others of its kind leave out nobody has tried. */
const TELLS_EVERY_CHANGE = process.platform === "linux";

/** Brings the watches of one repository to the folders its newest snapshot has. */
async function follow(
  context: WatchContext,
  watched: Map<RepositoryId, WatchedFolder>,
  ref: WorktreeRef,
): Promise<void> {
  const known = watched.get(ref.repository_id);
  if (known?.snapshotId === ref.snapshot_id) return;
  const root = folderOf(ref.url);
  if (root === undefined) return;
  const worktree = await openWorktree(context.git, root).catch(() => undefined);
  if (!worktree) return;
  const folder: WatchedFolder = known ?? {
    snapshotId: ref.snapshot_id,
    watchers: new Map(),
    timer: undefined,
    lookAllTimer: undefined,
    isComplete: TELLS_EVERY_CHANGE,
  };
  folder.snapshotId = ref.snapshot_id;
  watched.set(ref.repository_id, folder);
  const wanted = withParents(await context.db((sql) => listFolders(sql, ref)));
  const foldersMax = await readFoldersMax();
  folder.isComplete &&= wanted.size <= foldersMax;
  if (wanted.size > foldersMax)
    context.log.warn(
      `${ref.repository} has more than ${foldersMax} folders: edits beyond them are found by indexing again (on Linux fs.inotify.max_user_watches allows more)`,
    );
  const paths = new Map([...wanted].slice(0, foldersMax).map((path) => [join(root, path), path]));
  const onChange = (path?: string) => {
    context.folders.noteChange(ref.repository_id, folder.isComplete ? path : undefined);
    settle(context, { folder, ref, root, isAll: path === undefined });
  };
  const before = folder.watchers.size;
  for (const [path, inside] of paths) {
    const onName = (name: string | null) => onChange(name === null ? undefined : posix.join(inside, name));
    watchOne(context, { folder, path, onChange: onName });
  }
  // A commit or a checkout moves HEAD, or writes the index.
  watchOne(context, {
    folder,
    path: worktree.gitDirectory,
    onChange: (name) => (name === "HEAD" || name === "index" ? onChange() : undefined),
  });
  // What changed between the snapshot and the watch; a job that finds nothing costs some stats.
  if (folder.watchers.size > before) onChange();
  for (const [path, watcher] of folder.watchers) {
    if (paths.has(path) || path === worktree.gitDirectory) continue;
    watcher.close();
    folder.watchers.delete(path);
  }
}

/** How many folders of one repository may be watched here. */
async function readFoldersMax(): Promise<number> {
  // Other systems have no such file, and no such limit.
  const allowed = await readFile("/proc/sys/fs/inotify/max_user_watches", "utf8").catch(() => undefined);
  const watches = Number(allowed);
  if (!(watches > 0)) return WATCHED_FOLDERS_ELSEWHERE_MAX;
  return Math.min(WATCHED_FOLDERS_MAX, Math.floor(watches * WATCHES_SHARE_MAX));
}

function watchOne(
  { log }: WatchContext,
  { folder, path, onChange }: { folder: WatchedFolder; path: string; onChange: (name: string | null) => void },
): void {
  if (folder.watchers.has(path)) return;
  try {
    const watcher = watch(path, { persistent: false }, (_event, name) => onChange(name));
    watcher.on("error", () => {
      // The folder is gone; its parent has said so.
      watcher.close();
      folder.watchers.delete(path);
      onChange(null);
    });
    folder.watchers.set(path, watcher);
  } catch (error) {
    folder.isComplete = false;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOSPC" || code === "EMFILE")
      log.warn(
        "This system allows no more watches: edits in some folders are found by indexing again (raise fs.inotify.max_user_watches)",
      );
  }
}

/**
 * Asks for a job once nothing has changed for SETTLE_MS; a save is several events. Another job looks at the whole folder once it
 * is quiet: a new folder is watched only when it holds indexed files, and until then nothing tells of what comes into it.
 */
function settle(
  context: WatchContext,
  { folder, ref, root, isAll }: { folder: WatchedFolder; ref: WorktreeRef; root: string; isAll: boolean },
): void {
  const ask = () =>
    askForJob(context, { ref, root }).catch((error: unknown) =>
      context.log.warn(`Edits in ${ref.repository} could not be sent to indexing`, { error }),
    );
  clearTimeout(folder.timer);
  folder.timer = setTimeout(() => void ask(), SETTLE_MS);
  clearTimeout(folder.lookAllTimer);
  if (isAll) return;
  folder.lookAllTimer = setTimeout(() => {
    context.folders.noteChange(ref.repository_id, undefined);
    void ask();
  }, LOOK_ALL_MS);
}

async function askForJob({ db, git }: WatchContext, { ref, root }: { ref: WorktreeRef; root: string }): Promise<void> {
  const { commit } = await openWorktree(git, root);
  await db((sql) =>
    enqueueIndexJob(sql, {
      repositoryId: ref.repository_id,
      ref: WORKTREE_REF,
      isDefault: false,
      commit: commit ?? NO_COMMIT,
    }),
  );
}

function withParents(folders: readonly string[]): Set<string> {
  const all = new Set([""]);
  for (const folder of folders)
    for (let path = folder; path !== "." && path !== ""; path = dirname(path)) all.add(path);
  return all;
}
