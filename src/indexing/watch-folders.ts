// Watches the folders that are indexed as they are on disk, and asks for a job when something in them changes.
// What .gitignore leaves out is not watched: node_modules alone would be more watches than most systems allow.
import { existsSync, watch, type FSWatcher } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, posix } from "node:path";
import { listFoldersBelow, listIgnored, listUntrackedFolders, openWorktree, type Worktree } from "../git/worktree.ts";
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
  /** By path within the folder; of git's own folder by its whole path. */
  watchers: Map<string, FSWatcher>;
  /** Paths of which something was told since the last job was asked for. */
  told: Set<string>;
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
    told: new Set(),
    timer: undefined,
    lookAllTimer: undefined,
    isComplete: TELLS_EVERY_CHANGE,
  };
  folder.snapshotId = ref.snapshot_id;
  watched.set(ref.repository_id, folder);
  const foldersMax = await readFoldersMax();
  const wanted = withParents(await context.db((sql) => listFolders(sql, ref)));
  const around = { context, folder, worktree, foldersMax };
  for (const path of await (known ? keptFolders(around, wanted) : emptyFolders(around))) wanted.add(path);
  folder.isComplete &&= wanted.size <= foldersMax;
  if (wanted.size > foldersMax)
    context.log.warn(
      `${ref.repository} has more than ${foldersMax} folders: edits beyond them are found by indexing again (on Linux fs.inotify.max_user_watches allows more)`,
    );
  const onChange = (path?: string) => {
    context.folders.noteChange(ref.repository_id, folder.isComplete ? path : undefined);
    if (path !== undefined) folder.told.add(path);
    settle(context, { folder, ref, root, isAll: path === undefined, watchNew });
  };
  const watchInside = (path: string) => {
    const onName = (name: string | null) => onChange(name === null ? undefined : posix.join(path, name));
    watchOne(context, { folder, key: path, path: join(root, path), onChange: onName });
  };
  async function watchNew(): Promise<void> {
    const before = folder.watchers.size;
    for (const path of await newFolders(around)) watchInside(path);
    // What came into them before they were watched.
    if (folder.watchers.size > before) context.folders.noteChange(ref.repository_id, undefined);
  }
  const before = folder.watchers.size;
  const paths = new Set([...wanted].slice(0, foldersMax));
  for (const path of paths) watchInside(path);
  // A commit or a checkout moves HEAD, or writes the index; info/exclude is one more .gitignore.
  const git = new Map([
    [worktree.gitDirectory, ["HEAD", "index"]],
    [join(worktree.gitDirectory, "info"), ["exclude"]],
  ]);
  for (const [path, names] of git)
    if (existsSync(path))
      watchOne(context, {
        folder,
        key: path,
        path,
        onChange: (name) => (name !== null && names.includes(name) ? onChange() : undefined),
      });
  // What changed between the snapshot and the watch; a job that finds nothing costs some stats.
  if (folder.watchers.size > before) onChange();
  for (const [path, watcher] of folder.watchers) {
    if (paths.has(path) || git.has(path)) continue;
    watcher.close();
    folder.watchers.delete(path);
  }
}

interface Around {
  context: WatchContext;
  folder: WatchedFolder;
  worktree: Worktree;
  foldersMax: number;
}

/** Folders without an indexed file, into which one may come. */
async function emptyFolders({ context, worktree, foldersMax }: Around): Promise<string[]> {
  const folders = await listUntrackedFolders(context.git, worktree);
  return listFoldersBelow(context.git, { worktree, folders, foldersMax });
}

/** Watched folders that are still there, though they hold no indexed file any more or never did. */
async function keptFolders({ context, folder, worktree }: Around, wanted: ReadonlySet<string>): Promise<string[]> {
  const others = [...folder.watchers.keys()].filter(
    (path) => !wanted.has(path) && !isAbsolute(path) && existsSync(join(worktree.root, path)),
  );
  const ignored = await listIgnored(context.git, worktree, others);
  return others.filter((path) => !ignored.has(path));
}

/** What was told of and is a folder that nobody watches, with all in it. */
async function newFolders({ context, folder, worktree, foldersMax }: Around): Promise<string[]> {
  const told = [...folder.told].filter((path) => !folder.watchers.has(path));
  folder.told.clear();
  const folders: string[] = [];
  for (const path of told) {
    const stats = await lstat(join(worktree.root, path)).catch(() => undefined);
    if (stats?.isDirectory()) folders.push(path);
  }
  const room = foldersMax - folder.watchers.size;
  return folders.length === 0 ? [] : listFoldersBelow(context.git, { worktree, folders, foldersMax: room });
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
  {
    folder,
    key,
    path,
    onChange,
  }: { folder: WatchedFolder; key: string; path: string; onChange: (name: string | null) => void },
): void {
  if (folder.watchers.has(key)) return;
  try {
    const watcher = watch(path, { persistent: false }, (_event, name) => onChange(name));
    watcher.on("error", () => {
      // The folder is gone; its parent has said so.
      watcher.close();
      folder.watchers.delete(key);
      onChange(null);
    });
    folder.watchers.set(key, watcher);
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
 * Watches what is new and asks for a job once nothing has changed for SETTLE_MS; a save is several events. Another job looks at
 * the whole folder once it is quiet, for what came into a new folder just before it was watched.
 */
function settle(
  context: WatchContext,
  {
    folder,
    ref,
    root,
    isAll,
    watchNew,
  }: { folder: WatchedFolder; ref: WorktreeRef; root: string; isAll: boolean; watchNew: () => Promise<void> },
): void {
  const ask = () =>
    watchNew()
      .then(() => askForJob(context, { ref, root }))
      .catch((error: unknown) =>
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
  // A job says why it finds no folder there.
  const commit = await openWorktree(git, root).then(
    (worktree) => worktree.commit,
    () => undefined,
  );
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
