// Bounds of the command line.

/** Longest wait for a server: wait_seconds may be 600. */
export const REMOTE_SECONDS_MAX = 660;

/** Between two looks at a job, each 5 ms of CPU: a share of the time waited so far, at least and at most so long. */
export const JOB_POLL_SHARE = 0.1;
export const JOB_POLL_MS_MIN = 100;
export const JOB_POLL_MS_MAX = 500;

/** Between two lines of progress where no bar can be drawn. */
export const PROGRESS_LINE_MS = 5000;

/** How long `start` waits for a server that may be there. */
export const PROBE_MS_MAX = 2000;

/** `doctor` warns below this: a write-ahead log segment is 16 MB, and a small repository takes some of them. */
export const DISK_BYTES_MIN = 500_000_000;

/** A job that waits longer has no worker. */
export const JOB_WAITS_SECONDS_MAX = 60;

/** Repositories `doctor` looks at. */
export const REPOSITORIES_CHECKED_MAX = 100;

/** `kota doctor`: longest a request to Supabase may take. */
export const SIGN_IN_SECONDS_MAX = 5;

/** Cycles shown to people, who read the shortest. */
export const CYCLES_SHOWN_MAX = 5;
