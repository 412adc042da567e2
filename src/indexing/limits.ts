// Bounds of indexing. Each over-the-bound is a `problem` of the job, never a failure of it.

/** Largest text that is searchable (CONTRACT, "What is searchable"). */
export const BLOB_BYTES_MAX = 10 * 1024 * 1024;

/** Files of one snapshot. The Linux kernel has 90,000, Chromium 450,000. */
export const FILES_MAX = 500_000;

/** Documents of one segment: a posting list then fits a page or two, and 1 GB of code has about 17 segments. */
export const SEGMENT_DOCUMENTS_MAX = 16_384;

/** Text handed from a thread to the database at once: large enough to amortise a statement, small enough to hold twice. */
export const BATCH_BYTES = 4 * 1024 * 1024;

/** Blobs in one such batch, for trees of many tiny files. */
export const BATCH_BLOBS_MAX = 2000;

/** Rows of one insert. */
export const ROWS_PER_STATEMENT_MAX = 10_000;

/** A snapshot is stored as its difference from its base while that stays below this share of the base. */
export const OVERLAY_SHARE_MAX = 0.2;

/** Every query reads pages of each segment, so smaller ones are merged, so many at once at least … */
export const MERGED_SEGMENTS_MIN = 4;
/** … a larger one with them when it holds at most so many times what they hold … */
export const MERGE_GROWTH_MAX = 2;
/** … up to this many documents: about a second's work, and 100 MB, which a stopping worker can wait for. */
export const MERGED_DOCUMENTS_MAX = 8192;

/** Share of a segment's documents that may belong to files the snapshot no longer has, before it is packed without them. */
export const DEAD_DOCUMENTS_SHARE_MAX = 0.25;

/** Between two notes of progress, which also ask whether the job is still wanted. */
export const PROGRESS_MS = 250;

/** How long a job holds a worker while another job has its repository … */
export const LOCK_WAIT_SECONDS_MAX = 2;
/** … before it goes back into the queue for so long. One repository must not hold every worker. */
export const LOCK_RETRY_SECONDS = 3;

/** A working file this young may change again within the same tick of the file system's clock: it is read again next time. */
export const STAMP_AGE_MS_MIN = 2000;

/** From so many new blobs on, each thread packs a segment of its own; below, one segment keeps queries cheap. */
export const SEGMENT_PARALLEL_BLOBS_MIN = 2048;

/** Longest path that is stored: an index row of Postgres must stay below 2,704 bytes. */
export const PATH_BYTES_MAX = 2000;

/** Fetched objects of one repository (the Linux kernel's newest tree is 0.3 GB packed). */
export const MIRROR_BYTES_MAX = 4 * 1024 ** 3;

/** Time for one fetch. */
export const FETCH_SECONDS_MAX = 3600;

/** Blobs deleted in one statement by the sweeper. */
export const SWEEP_BLOBS_MAX = 5000;

/**
 * A table up to this size is written anew to give back room: nobody reads it meanwhile, for a second at most. In a larger one
 * the room that edits leave is a small part, and the next ones use it …
 */
export const COMPACT_BYTES_MAX = 64 * 1024 * 1024;
/** … when more of it is room than this share, and than the pages that Postgres keeps beside any table … */
export const COMPACT_ROOM_SHARE_MAX = 0.2;
export const COMPACT_ROOM_BYTES_MAX = 128 * 1024;
/** … and nobody makes it wait for longer, for others then wait behind it. */
export const COMPACT_WAIT_MS_MAX = 100;

/** Files of a removed repository deleted in one statement: about a second. */
export const REMOVE_FILES_MAX = 50_000;

/** How long a removal waits for a job of the repository to let go, and for others to finish before it frees content. */
export const REMOVE_WAIT_SECONDS_MAX = 60;
export const REMOVE_BLOBS_WAIT_SECONDS_MAX = 10;

/** How long a watched folder must be still before a job is asked for: an editor's save is several events a few ms apart. */
export const SETTLE_MS = 50;

/** How long after the last change a watched folder is looked at as a whole, for what watching does not tell. */
export const LOOK_ALL_MS = 5000;

/** Changed files that are looked at by themselves; after more, among which some may have got lost, all are looked at. */
export const CHANGED_FILES_MAX = 500;

/** Files of watched folders that are remembered from one job to the next: 0.2 GB. */
export const REMEMBERED_FILES_MAX = 200_000;

/** Files whose stamp alone is new, up to which that is no reason for another snapshot: they are read again by each job. */
export const RESTAMPED_FILES_MAX = 100;

/** How often watching looks for newly indexed folders. */
export const WATCH_ROUND_MS = 2000;

/** Folders watched of one repository, Linux and what stands beside it being 9,000 … */
export const WATCHED_FOLDERS_MAX = 50_000;
/** … and at most so much of what Linux allows a user, whose editor watches as well: 65,536 mostly, 8,192 on old systems … */
export const WATCHES_SHARE_MAX = 0.5;
/** … or so many where nothing says what is allowed. */
export const WATCHED_FOLDERS_ELSEWHERE_MAX = 8000;

/** Largest text whose symbols and references are read; 1 MB of TypeScript takes 0.3 s. */
export const FACTS_TEXT_BYTES_MAX = 1024 * 1024;

/**
 * How long reading the facts of one text, or linking one file, may take before its thread is given up; it is then indexed
 * without symbols, or without links.
 */
export const FACTS_SECONDS_MAX = 20;

/**
 * The same for what linking does for all files of a language at once, or of the snapshot: reading what they declare, telling what a
 * change concerns. A few seconds for 100,000 files; past it those of the language have no links.
 */
export const PREPARING_SECONDS_MAX = 300;

/**
 * Memory of an indexing thread, beyond which it is given up in the same way. From 2,048 on V8 lets a heap grow to four times what
 * was in use before it collects again, and to twice that below.
 */
export const THREAD_MEGABYTES_MAX = 2000;

/** Having read more than this, threads end before linking and after: each keeps up to 0.5 GB of what it worked on. */
export const IDLE_THREADS_BYTES_MAX = 50_000_000;

/** Texts of one share that may kill a thread before the job fails. */
export const LOST_THREADS_MAX = 20;

/** Blobs whose facts are read from the database at once: a few megabytes. */
export const FACTS_PER_STATEMENT_MAX = 500;

/**
 * From so many files on linking asks who declares a name, a millisecond or two each and 200 to 700 for an edited file of C, in place of
 * looking through them all, which takes C 0.25 ms for each of its files …
 */
export const DECLARING_FILES_MIN = 5000;
/** … unless a change brings more files than this: then the questions take longer … */
export const ASKING_FILES_MAX = 100;
/** … or a name has more declarations than this in all repositories of the organization. */
export const DECLARATIONS_TOLD_MAX = 20_000;

/** Lists of files whose facts are to be read together that are remembered, each of at most all files: what a file includes is one for each step away. */
export const ANNOUNCED_MAX = 32;

/** Files linked with one memory of what was worked out, and packed facts of theirs: a few hundred megabytes. */
export const LINKED_AT_ONCE_MAX = 2000;
export const LINKED_AT_ONCE_BYTES_MAX = 8_000_000;

/** Facts kept as they are packed: those of 28,000 files are 80 MB, of 100,000 files, Linux among them, 290 MB. */
export const FACTS_PACKED_BYTES_MAX = 100_000_000;

/** Facts kept open, as they are packed; opened they are some fifteen times as large. */
export const FACTS_OPENED_BYTES_MAX = 8_000_000;

/** How long a thread waits for what it asked of its parent: longer than any statement of a request may take. */
export const ASK_SECONDS_MAX = 60;

/**
 * What a thread keeps, packed, of what it linked last: 4 MB are of 22,000 files, and 50 MB once they are opened; 20 MB of 100,000,
 * Linux among them, which take 1 s to open, and a few hundred megabytes.
 */
export const KEPT_LINKS_BYTES_MAX = 32 * 1024 * 1024;

/** Files whose facts it keeps beside that, opened: 20 MB. */
export const KEPT_FACTS_MAX = 2000;

/** What linking keeps of a snapshot, opened: 100,000 files with 200 reads each are about 60 MB. */
export const LINK_STATE_BYTES_MAX = 1024 * 1024 * 1024;

/** Files that a thread reads and hashes at once, at least: 0.1 s, as long as it takes to start another thread. */
export const HASHED_FILES_MIN = 1000;
