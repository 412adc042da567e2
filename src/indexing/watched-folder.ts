// One watched folder: its watches, by the paths they were made for, and what is known of their being all.
import { watch, type FSWatcher } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAbsolute, posix } from "node:path";
import type { SnapshotId } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import { WATCHED_FOLDERS_ELSEWHERE_MAX, WATCHED_FOLDERS_MAX, WATCHES_SHARE_MAX } from "./limits.ts";

export interface WatchedFolder {
  /** What is watched is what this has, and more; undefined before the first time. */
  snapshotId: SnapshotId | undefined;
  /** What may have to be watched beside that, though it is no new snapshot. */
  missing: "nothing" | "folders with files" | "anything";
  /** By path within the folder; of git's own folder by its whole path. */
  watchers: Map<string, FSWatcher>;
  /** Paths that have come or gone since that was last looked at: at most CHANGED_FILES_MAX. */
  told: Set<string>;
  timer: NodeJS.Timeout | undefined;
  lookAllTimer: NodeJS.Timeout | undefined;
  /** The job that is being asked for, after those before it … */
  asking: Promise<void>;
  /** … and whether it waits for them, so that it will see all that was told until then. */
  isAskWaiting: boolean;
  /** Each of its folders is watched, by what tells of every change which path it is. */
  isComplete: boolean;
  /** The system gave it no more watches. */
  isOutOfWatches: boolean;
  hasWarned: boolean;
  /** Nobody owns it any more: it gets no watch and asks for no job. */
  isStopped: boolean;
}

/** inotify tells of each change in its order; what others of its kind leave out nobody has tried. */
const TELLS_EVERY_CHANGE = process.platform === "linux";

export function newWatchedFolder(): WatchedFolder {
  return {
    snapshotId: undefined,
    missing: "anything",
    watchers: new Map(),
    told: new Set(),
    timer: undefined,
    lookAllTimer: undefined,
    asking: Promise.resolve(),
    isAskWaiting: false,
    isComplete: TELLS_EVERY_CHANGE,
    isOutOfWatches: false,
    hasWarned: false,
    isStopped: false,
  };
}

/** Closes all its watches, to make them again: among them may be some of folders that are gone. */
export function beginAnew(folder: WatchedFolder): void {
  closeAll(folder);
  folder.isComplete = TELLS_EVERY_CHANGE;
  folder.isOutOfWatches = false;
}

/** Has the folders of its snapshot watched again that are not. */
export function missFolders(folder: WatchedFolder): void {
  if (folder.missing === "nothing") folder.missing = "folders with files";
}

/** Answers whether that is new. */
export function watchOne(
  folder: WatchedFolder,
  {
    log,
    key,
    path,
    onEvent,
  }: { log: Log; key: string; path: string; onEvent: (event: "rename" | "change", name: string | null) => void },
): boolean {
  if (folder.isStopped || folder.isOutOfWatches || folder.watchers.has(key)) return false;
  try {
    const watcher = watch(path, { persistent: false }, onEvent);
    watcher.on("error", () => {
      // The folder is gone; its parent has said so.
      closeOne(folder, { key, watcher });
      onEvent("rename", null);
    });
    folder.watchers.set(key, watcher);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // It is gone; should it come again before the next snapshot is made, that one wants it as this one does.
    if (code === "ENOENT" || code === "ENOTDIR") {
      missFolders(folder);
      return false;
    }
    folder.isComplete = false;
    folder.isOutOfWatches = code === "ENOSPC" || code === "EMFILE";
    if (folder.isOutOfWatches)
      warnOnce(folder, {
        log,
        message: `This system allows no more watches for ${path}: edits in some folders are found by indexing again (raise fs.inotify.max_user_watches)`,
      });
    return false;
  }
}

export function warnOnce(folder: WatchedFolder, { log, message }: { log: Log; message: string }): void {
  if (!folder.hasWarned) log.warn(message);
  folder.hasWarned = true;
}

export function closeAll({ watchers }: WatchedFolder): void {
  for (const watcher of watchers.values()) watcher.close();
  watchers.clear();
}

export function closeOne(folder: WatchedFolder, { key, watcher }: { key: string; watcher: FSWatcher }): void {
  watcher.close();
  if (folder.watchers.get(key) === watcher) folder.watchers.delete(key);
}

/**
 * A watch is of the folder that had the path when it began: one that was told of may have gone, and another have come in its
 * place. Closes the watches of such and of all below them, and answers whether there were any.
 */
export function closeTold(folder: WatchedFolder, told: ReadonlySet<string>): boolean {
  if (![...told].some((path) => folder.watchers.has(path))) return false;
  for (const [key, watcher] of folder.watchers) {
    if (isAbsolute(key)) continue;
    for (let path = key; path !== "" && path !== "."; path = posix.dirname(path))
      if (told.has(path)) {
        closeOne(folder, { key, watcher });
        break;
      }
  }
  return true;
}

/** How many folders of one repository may be watched here. */
export async function readFoldersMax(): Promise<number> {
  // Other systems have no such file, and no such limit.
  const allowed = await readFile("/proc/sys/fs/inotify/max_user_watches", "utf8").catch(() => undefined);
  const watches = Number(allowed);
  if (!(watches > 0)) return WATCHED_FOLDERS_ELSEWHERE_MAX;
  return Math.min(WATCHED_FOLDERS_MAX, Math.floor(watches * WATCHES_SHARE_MAX));
}
