// Bounds of lists and messages about repositories.

/** Names listed in an error's hint: enough to recognise the right one, short enough to read. */
export const NAMES_IN_MESSAGE_MAX = 10;

/** Repositories one question may span. A cursor holds a snapshot id for each: 1,000 make about 4 KB. */
export const REPOSITORIES_IN_QUESTION_MAX = 1000;

/** How long a superseded snapshot can still be paged through (CONTRACT, cursors). */
export const SUPERSEDED_MINUTES = 15;

/** … and how long it is kept: what was asked for at the last moment is answered before it goes. */
export const KEPT_MINUTES = SUPERSEDED_MINUTES + 1;

/** Lines and characters of one read_file answer: about 60,000 tokens, more than an agent wants to read at once. */
export const READ_LINES_MAX = 5000;
export const READ_CHARACTERS_MAX = 200_000;

/** How long index_repository may wait for its job (CONTRACT section 5), and how often it looks. */
export const WAIT_SECONDS_MAX = 600;
export const JOB_POLL_MS = 250;

/** Jobs that are remembered: a watched folder makes one for each edit. */
export const JOBS_OF_REF_MAX = 50;
export const JOB_DAYS_MAX = 30;

/** Edges of one page of export_graph: about 1 MB of JSON. */
export const EDGES_PER_PAGE = 5000;

/** Of a line that listLines reads: what is shown is cut further. */
export const LINE_CHARACTERS_MAX = 10_000;
