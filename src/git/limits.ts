// Bounds of everything that talks to git. Bounds of what is indexed (files, size of a file) belong to the caller.

/** Asking a remote for a few refs: GitHub answers in under a second; a server that needs longer is down. */
export const LS_REMOTE_SECONDS_MAX = 30;

/** Answer to such a question: a few lines each; 16 MiB is a quarter of a million branches when all are asked for. */
export const LS_REMOTE_BYTES_MAX = 16 * 1024 * 1024;

/** Commands that read one small thing from a repository on this machine: milliseconds, unless the disk is gone. */
export const LOCAL_SECONDS_MAX = 30;

/** Answer of such a command. */
export const LOCAL_BYTES_MAX = 1024 * 1024;

/** Listing a tree or a working folder: 100,000 files take about a second, a cold network disk a hundred times that. */
export const LIST_SECONDS_MAX = 600;

/** Folders looked at side by side: node does four at a time, and 50,000 promises need not wait for them. */
export const FOLDERS_AT_ONCE = 64;

/** Levels below a new folder that are looked at, each for one question to git: Linux has 12 of them, node_modules within each other 30. */
export const FOLDER_LEVELS_MAX = 100;

/** Reading all blobs of a commit, as slow as its consumer (analysis and the database) takes them. */
export const READ_SECONDS_MAX = 6 * 3600;

/** Packing a mirror that many fetches have left in pieces. */
export const REPACK_SECONDS_MAX = 600;

/** Silence after which curl gives a connection up. A server that packs a large repository says something every 5 s. */
export const SILENCE_SECONDS_MAX = 120;

/** Between asking git to stop and killing it: time to remove its own lock files. */
export const STOP_GRACE_MS = 2000;

/** End of git's messages that is kept to explain a failure. */
export const MESSAGES_BYTES_MAX = 16 * 1024;

/** One of git's lines, as quoted in an error. */
export const QUOTED_CHARS_MAX = 300;

/** Between two looks at the size of a mirror that is being fetched: at 100 MB/s a limit is overrun by 25 MB. */
export const SIZE_POLL_MS = 250;

/** Packs of a mirror before they are made one: each is a look-up for every object that is read. */
export const PACKS_MAX = 50;

/** Problems listed of one tree or folder; more say nothing new, and a job keeps them all. */
export const PROBLEMS_MAX = 100_000;

/** An address a person or agent writes; browsers stop at about the same. */
export const ADDRESS_CHARS_MAX = 2000;

/** `owner/name`: GitLab's longest full path is 255, twice that for comfort. */
export const NAME_CHARS_MAX = 500;

/** A ref's name: git keeps it as a file name, 255 bytes a segment; GitHub's limit. */
export const REF_CHARS_MAX = 255;

/** Addresses of a host that are handed to curl: it tries them in turn. */
export const ADDRESSES_MAX = 8;

/** Object ids written to `git cat-file` at once. */
export const OIDS_PER_WRITE = 1000;

/** Time for looking at files before others get their turn; a thousand are looked at in it. */
export const LOOK_SLICE_MS = 5;

/** How often, and after which pause each time, a fetch is tried that the git of a killed process is in the way of. */
export const ORPHAN_TRIES_MAX = 10;
export const ORPHAN_PAUSE_MS = 1000;
