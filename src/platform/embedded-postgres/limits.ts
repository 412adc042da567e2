// Bounds of starting, watching and stopping the embedded Postgres.

/** From the first look to a usable server. Takes 0.2 s, after a crash as long as replaying 1 GB of log on a slow disk. */
export const START_SECONDS_MAX = 120;

/** From spawning a keeper to its report: a start, plus loading Node on a busy machine. */
export const KEEPER_REPORT_SECONDS_MAX = START_SECONDS_MAX + 30;

/** initdb takes 0.6 s, sync included; a hundred times that is a disk that cannot hold a database. */
export const INITDB_SECONDS_MAX = 60;

/** A connection to a server on this machine, or one statement of ours on it: milliseconds, unless it is overloaded. */
export const CONNECT_SECONDS_MAX = 10;

/** A fast shutdown writes a checkpoint of at most shared_buffers: 0.1 s. Then stronger signals follow. */
export const STOP_SECONDS_MAX = 30;

/** After the stronger signal, which writes nothing. */
export const STOP_AT_ONCE_SECONDS_MAX = 5;

/** Between two looks at a server that is starting or stopping: a tenth of a restart. */
export const LOOK_MS = 20;

/** Between two tries to start a server whose predecessor's last processes are still going away. */
export const RETRY_MS = 100;

/** Between two looks for sessions; a shorter grace is looked at twice. */
export const WATCH_MS_MAX = 1000;
export const WATCH_MS_MIN = 50;

/** How long at least a fresh server waits for its first session: whoever asked for it connects in milliseconds. */
export const FIRST_SESSION_SECONDS = 1;

/** How long a keeper that lost its connection may take to be back before another is started: 20 looks of its own. */
export const KEEPER_BACK_MS = 400;

/** Ports tried for one start: another program can take a free one between our look and Postgres' bind. */
export const PORTS_MAX = 5;

/** Log kept before it is set aside as `.1`: years of starts and stops. */
export const LOG_BYTES_MAX = 4 * 1024 * 1024;

/** End of the log, or of initdb's messages, that an error quotes. */
export const QUOTED_BYTES_MAX = 2000;
export const QUOTED_LINES_MAX = 8;

/** Age at which an unfinished folder was left by a killed process: ten times the longest initdb. */
export const LEFTOVER_SECONDS_MIN = 10 * INITDB_SECONDS_MAX;

/** Files of the binaries package synced at once. */
export const SYNCS_AT_ONCE = 16;

/** Answer of `ps` about one process: a command line. */
export const PS_BYTES_MAX = 64 * 1024;
