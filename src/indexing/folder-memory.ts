// What this process knows of the folders that it watches: which files may have changed since all were looked at, and what was
// found then. Looking at 22,000 files for the sake of one takes most of the time until an edit is found.
import type { RepositoryId, SnapshotId } from "../platform/ids.ts";
import { CHANGED_FILES_MAX, REMEMBERED_FILES_MAX } from "./limits.ts";
import type { SegmentBlobs } from "./choose-segments.ts";
import type { Source } from "./source.ts";
import type { StoredFile } from "./store.ts";

/** The folder as it was when the snapshot was made. */
export interface RememberedFolder {
  snapshotId: SnapshotId;
  source: Source;
  /** As in Previous. */
  files: Map<string, StoredFile>;
  baseFiles: Map<string, StoredFile>;
  /** Of its segments, but those that it added. */
  held: SegmentBlobs;
}

export interface KnownFolder {
  remembered: RememberedFolder;
  /** Paths that may be another now than they were; of all others it is known that they are not. */
  changed: ReadonlySet<string>;
}

export interface FolderMemory {
  /** Something happened to this path; undefined: anything may have happened. From the first call on the folder is watched. */
  noteChange(id: RepositoryId, path: string | undefined): void;
  /** The folder is watched no more. */
  stopWatching(id: RepositoryId): void;
  /** For a job that now looks at the folder; undefined: it must look at all of it. What it finds is to be remembered. */
  take(id: RepositoryId): KnownFolder | undefined;
  remember(id: RepositoryId, folder: RememberedFolder): void;
}

interface Watched {
  /** Undefined: anything. */
  changed: Set<string> | undefined;
  remembered: RememberedFolder | undefined;
}

export function createFolderMemory(): FolderMemory {
  /** The one that was used last is the last. */
  const watched = new Map<RepositoryId, Watched>();
  return {
    noteChange(id, path) {
      const folder = watched.get(id) ?? { changed: undefined, remembered: undefined };
      watched.set(id, folder);
      if (path === undefined || (folder.changed?.size ?? 0) >= CHANGED_FILES_MAX) folder.changed = undefined;
      else folder.changed?.add(path);
    },
    stopWatching: (id) => void watched.delete(id),
    take(id) {
      const folder = watched.get(id);
      if (!folder) return undefined;
      const { changed, remembered } = folder;
      // A job that fails remembers nothing, and the next one looks at everything.
      watched.delete(id);
      watched.set(id, { changed: new Set(), remembered: undefined });
      return changed && remembered && { changed, remembered };
    },
    remember(id, remembered) {
      const folder = watched.get(id);
      if (!folder) return;
      folder.remembered = remembered;
      let files = 0;
      for (const one of [...watched.values()].reverse()) {
        files += one.remembered?.files.size ?? 0;
        if (files > REMEMBERED_FILES_MAX) one.remembered = undefined;
      }
    },
  };
}
