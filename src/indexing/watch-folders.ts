// Watches the folders that are indexed as they are on disk, and asks for a job when something in them changes.
// What .gitignore leaves out is not watched: node_modules alone would be more watches than most systems allow.
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, posix } from "node:path";
import {
  listIgnored,
  listRealFolders,
  listUntrackedFolders,
  openWorktree,
  visitFolders,
  type Worktree,
} from "../git/worktree.ts";
import type { GitContext } from "../git/run-git.ts";
import type { OrganizationDatabase } from "../platform/database.ts";
import type { RepositoryId } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import { enqueueIndexJob, listFolders, listWorktreeRefs, type WorktreeRef } from "../repositories/store.ts";
import type { FolderMemory } from "./folder-memory.ts";
import { CHANGED_FILES_MAX, LOOK_ALL_MS, SETTLE_MS, WATCH_ROUND_MS } from "./limits.ts";
import { folderOf, NO_COMMIT, WORKTREE_REF } from "./source.ts";
import {
  beginAnew,
  closeAll,
  closeOne,
  closeTold,
  missFolders,
  newWatchedFolder,
  readFoldersMax,
  warnOnce,
  watchOne,
  type WatchedFolder,
} from "./watched-folder.ts";

export interface WatchContext {
  db: OrganizationDatabase;
  git: GitContext;
  log: Log;
  folders: FolderMemory;
}

/** Watches until stopped. Follows what is indexed: new folders are found within WATCH_ROUND_MS. */
export function watchFolders(context: WatchContext): { stop(): Promise<void> } {
  const watched = new Map<RepositoryId, WatchedFolder>();
  let isStopped = false;
  let round: Promise<void> | undefined;
  const look = async () => {
    const refs = await context.db((sql) => listWorktreeRefs(sql));
    const present = new Set(refs.map((ref) => ref.repository_id));
    for (const [id, folder] of watched) if (!present.has(id)) await stopWatching(context, { watched, id, folder });
    for (const ref of refs) {
      if (isStopped) return;
      await follow(context, watched, ref).catch((error: unknown) => {
        const folder = watched.get(ref.repository_id);
        if (folder) folder.missing = "anything";
        context.log.debug(`Watching could not follow ${ref.repository}`, { error });
      });
    }
  };
  const lookInTurn = () => {
    round ??= look()
      .catch((error: unknown) => context.log.debug("Watching could not look around", { error }))
      .finally(() => (round = undefined));
  };
  const timer = setInterval(lookInTurn, WATCH_ROUND_MS);
  lookInTurn();
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await round;
      await Promise.all([...watched].map(([id, folder]) => stopWatching(context, { watched, id, folder })));
    },
  };
}

async function stopWatching(
  { folders }: WatchContext,
  { watched, id, folder }: { watched: Map<RepositoryId, WatchedFolder>; id: RepositoryId; folder: WatchedFolder },
): Promise<void> {
  folder.isStopped = true;
  closeAll(folder);
  clearTimeout(folder.timer);
  clearTimeout(folder.lookAllTimer);
  watched.delete(id);
  folders.stopWatching(id);
  await folder.asking;
}

/** Brings the watches of one repository to the folders its newest snapshot has. */
async function follow(
  context: WatchContext,
  watched: Map<RepositoryId, WatchedFolder>,
  ref: WorktreeRef,
): Promise<void> {
  const known = watched.get(ref.repository_id);
  if (known?.snapshotId === ref.snapshot_id && known.missing === "nothing") return;
  const root = folderOf(ref.url);
  if (root === undefined) return;
  const worktree = await openWorktree(context.git, root).catch(() => undefined);
  if (!worktree) return;
  const folder = known ?? newWatchedFolder();
  watched.set(ref.repository_id, folder);
  const isAnew = folder.missing === "anything";
  folder.missing = "nothing";
  const foldersMax = await readFoldersMax();
  const wanted = withParents(await context.db((sql) => listFolders(sql, ref)));
  if (isAnew) beginAnew(folder);
  if (wanted.size > foldersMax) {
    folder.isComplete = false;
    warnOnce(folder, {
      log: context.log,
      message: `${ref.repository} has more than ${foldersMax} folders: edits beyond them are found by indexing again (on Linux fs.inotify.max_user_watches allows more)`,
    });
  }
  const around: Around = { context, folder, ref, root, worktree, foldersMax };
  const paths = new Set([...wanted].slice(0, foldersMax));
  let added = 0;
  for (const path of paths) if (watchInside(around, path)) added++;
  watchGit(around);
  try {
    if (isAnew) added += await watchBelow(around, await listUntrackedFolders(context.git, worktree));
    else await closeOthers(around, paths);
  } catch (error) {
    folder.isComplete = false;
    context.log.debug(`Watching could not list the folders of ${ref.repository}`, { error });
  }
  // What changed between the snapshot and the watch; a job that finds nothing costs some stats.
  if (isAnew || added > 0) onChange(around);
  folder.snapshotId = ref.snapshot_id;
}

interface Around {
  context: WatchContext;
  folder: WatchedFolder;
  ref: WorktreeRef;
  root: string;
  worktree: Worktree;
  foldersMax: number;
}

/** Answers whether that is new. */
function watchInside(around: Around, path: string): boolean {
  return watchOne(around.folder, {
    log: around.context.log,
    key: path,
    path: join(around.root, path),
    onEvent(event, name) {
      if (name === null) onChange(around);
      else if (name !== ".git") onChange(around, { path: posix.join(path, name), event });
      // The folder has become a repository of its own, or is none any more: its files go or come.
      else if (path !== "") onChange(around);
    },
  });
}

/** A commit or a checkout moves HEAD, or writes the index; info/exclude is one more .gitignore. */
function watchGit(around: Around): void {
  const { gitDirectory } = around.worktree;
  const names = new Map([
    [gitDirectory, ["HEAD", "index"]],
    [join(gitDirectory, "info"), ["exclude"]],
  ]);
  for (const [path, watched] of names)
    if (existsSync(path))
      watchOne(around.folder, {
        log: around.context.log,
        key: path,
        path,
        onEvent: (_event, name) => (name !== null && watched.includes(name) ? onChange(around) : undefined),
      });
}

/** Watches the folders and all in them, as far as there is room. Answers how many have come. */
async function watchBelow(around: Around, folders: readonly string[]): Promise<number> {
  const { context, folder, worktree, foldersMax } = around;
  let added = 0;
  const isAll = await visitFolders(context.git, {
    worktree,
    folders,
    foldersMax: foldersMax - folder.watchers.size,
    visit(path) {
      if (watchInside(around, path)) added++;
    },
  });
  if (!isAll) folder.isComplete = false;
  return added;
}

/** Of the watched folders that hold no indexed file any more, or never did, keeps those into which one may come, if there is room. */
async function closeOthers(
  { context, folder, worktree, foldersMax }: Around,
  wanted: ReadonlySet<string>,
): Promise<void> {
  // Others may be watched meanwhile.
  const others = [...folder.watchers].filter(([path]) => !wanted.has(path) && !isAbsolute(path));
  const real = await listRealFolders(
    worktree,
    others.map(([path]) => path),
  );
  const ignored = await listIgnored(context.git, worktree, real);
  const open = real.filter((path) => !ignored.has(path));
  const kept = new Set(open.slice(0, foldersMax - wanted.size));
  if (kept.size < open.length) folder.isComplete = false;
  for (const [path, watcher] of others) if (!kept.has(path)) closeOne(folder, { key: path, watcher });
}

/** Without a path: anything may have changed. */
function onChange(around: Around, change?: { path: string; event: string }): void {
  const { context, folder, ref } = around;
  if (folder.isStopped) return;
  context.folders.noteChange(ref.repository_id, folder.isComplete ? change?.path : undefined);
  // What comes or goes is a "rename"; other edits of a file make no folder.
  if (change?.event === "rename") folder.told.add(change.path);
  if (folder.told.size > CHANGED_FILES_MAX) {
    folder.told.clear();
    folder.missing = "anything";
    context.folders.noteChange(ref.repository_id, undefined);
  }
  settle(around, { isAll: change === undefined });
}

/** Watches what was told of and is a folder, with all in it. */
async function watchNew(around: Around): Promise<void> {
  const { context, folder, ref, worktree } = around;
  const told = new Set(folder.told);
  folder.told.clear();
  // Not all that come again are found below: those with files that git knows may be ignored.
  if (closeTold(folder, told)) missFolders(folder);
  const folders = await listRealFolders(
    worktree,
    [...told].filter((path) => !folder.watchers.has(path)),
  );
  if (folders.length === 0 || folder.isStopped) return;
  const added = await watchBelow(around, folders);
  // What came into them before they were watched.
  if (added > 0 && !folder.isStopped) context.folders.noteChange(ref.repository_id, undefined);
}

/**
 * Watches what is new and asks for a job once nothing has changed for SETTLE_MS; a save is several events. Another job looks at
 * the whole folder once it is quiet, for what came into a new folder just before it was watched.
 */
function settle(around: Around, { isAll }: { isAll: boolean }): void {
  const { context, folder, ref } = around;
  clearTimeout(folder.timer);
  folder.timer = setTimeout(() => askInTurn(around), SETTLE_MS);
  clearTimeout(folder.lookAllTimer);
  if (isAll) return;
  folder.lookAllTimer = setTimeout(() => {
    context.folders.noteChange(ref.repository_id, undefined);
    askInTurn(around);
  }, LOOK_ALL_MS);
}

function askInTurn(around: Around): void {
  const { context, folder, ref } = around;
  if (folder.isAskWaiting) return;
  folder.isAskWaiting = true;
  folder.asking = folder.asking
    .then(() => {
      folder.isAskWaiting = false;
      return askForJob(around);
    })
    .catch((error: unknown) => context.log.warn(`Edits in ${ref.repository} could not be sent to indexing`, { error }));
}

async function askForJob(around: Around): Promise<void> {
  const { context, folder, ref, root } = around;
  if (folder.isStopped) return;
  await watchNew(around).catch((error: unknown) => {
    folder.missing = "anything";
    context.log.debug(`Watching could not list new folders of ${ref.repository}`, { error });
  });
  if (folder.isStopped) return;
  // A job says why it finds no folder there.
  const commit = await openWorktree(context.git, root).then(
    (worktree) => worktree.commit,
    () => undefined,
  );
  if (folder.isStopped) return;
  await context.db((sql) =>
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
