// Bounds of the type checker's process. Beyond any of them the first tier's answer stands, whole: part of an answer would
// depend on how busy the machine was.

/** From its start to its answer; hono (2.6 MB of sources) takes 4 s on two busy cores, playwright (24 MB) 13 s. */
export const CHECK_SECONDS_MAX = 300;

/** Resident memory of the process and the executable it starts, together; playwright takes 2,000. */
export const CHECK_MEGABYTES_MAX = 4096;
/** Of these the executable's heap, which it then collects harder … */
export const EXECUTABLE_MEGABYTES = 2560;
/** … and the process's own, which holds the sources and their facts. */
export const PROCESS_MEGABYTES_MAX = 1024;

/** Between two looks at the memory: at 1 GB a second it is overdrawn by a quarter. */
export const MEMORY_LOOK_MS = 250;

/** Sources that are checked as one; their types take some ten times as much memory. */
export const CHECK_TEXT_BYTES_MAX = 64 * 1024 * 1024;

/** Blobs whose text is read from the database at once: a few megabytes. */
export const TEXTS_PER_STATEMENT_MAX = 500;

/** While another process checks the repository, between two looks at whether the check is still wanted. */
export const LOCK_LOOK_SECONDS = 1;

/** How long a job says that it is checked, and a command that indexes waits for it: others may stand before it. */
export const CHECK_WAIT_SECONDS_MAX = 600;
