// Bounds of graph questions.

/** An open graph: 100,000 files with 1,000,000 edges are about 15 MB. */
export const GRAPH_BYTES_MAX = 512 * 1024 * 1024;

/** Open graphs that a process keeps, all organizations together. */
export const GRAPHS_KEPT_BYTES_MAX = 256 * 1024 * 1024;

/** Other repositories that one answer follows packages to. */
export const OTHER_REPOSITORIES_MAX = 100;

/** Cycles listed of one file (CONTRACT, search_dependencies). */
export const CYCLES_MAX = 20;

/** Steps taken to find them: less than 50 ms. */
export const CYCLE_STEPS_MAX = 100_000;

/** Links and facts of one file, opened. A file of 10 MiB that consists of names stays below. */
export const LINKS_BYTES_MAX = 128 * 1024 * 1024;
export const FACTS_BYTES_MAX = 256 * 1024 * 1024;

/** Definitions of one name whose usages are looked for: Linux has 2,000 functions named probe. */
export const DEFINITIONS_MAX = 100_000;

/** Definitions of one name that a page describes, or as many as it may have usages. */
export const DEFINITIONS_PER_PAGE = 100;

/** Declarations of one name in C or C++ that are looked into to tell whether they are of one thing. */
export const DECLARATIONS_MAX = 100;

/** Files whose links are read at once … */
export const LINKS_PER_READ_MAX = 200;
/** … and for one page of usages: about a second. */
export const LINKS_PER_PAGE_MAX = 2000;

/** Names suggested when there is no symbol of that name … */
export const SIMILAR_NAMES_MAX = 5;
/** … found among so many symbols of the organization that begin with it … */
export const SIMILAR_SYMBOLS_MAX = 5000;
/** … or that it begins with, of at least so many characters. */
export const SIMILAR_CHARACTERS_MIN = 3;

/** Symbols that read_file names. */
export const SYMBOLS_OF_FILE_MAX = 1000;
