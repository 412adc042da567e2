// Bounds of building and asking the index.

/** A chunk: small enough that a candidate is cheap to verify, large enough that most files are one (design: 16 KB). */
export const CHUNK_BYTES_MAX = 16_384;

/** A page of a segment. Two TOAST chunks; larger pages read more than they use, smaller ones cost a row each. */
export const PAGE_BYTES = 4096;

/** Distinct (gram, document) pairs of one segment: 4 bytes each, twice while packing, so about 200 MB a thread. */
export const SEGMENT_PAIRS_MAX = 16_000_000;

/**
 * Chunks one page of exact results may read, a line of more than 16 KB counted as the chunks that it fills: 64 MB, about 2 s
 * here. Then it answers what it has.
 */
export const CHUNKS_PER_PAGE_MAX = 4000;

/** Bytes of texts that are read at once; what is beyond waits for the next time. Only lines of megabytes come to that. */
export const BATCH_BYTES_MAX = 32 * 1024 * 1024;

/** Time after which a page answers what it has. Callers wait; an agent's turn is worth more than a fuller page. */
export const PAGE_MS_MAX = 2000;

/**
 * The first batch of candidates is a page of files and so many more; each further one doubles, because a selective
 * query is done with the first.
 */
export const BATCH_CHUNKS_SPARE = 12;
export const BATCH_CHUNKS_MAX = 512;

/**
 * Segments whose pages are read in one statement: 32 × 12 grams × 4 KB = 1.5 MB. Of a single snapshot that has more all are
 * read: 50 KB for each.
 */
export const SEGMENTS_PER_READ_MAX = 32;
/** … and the pages: all words of a long question have hundreds of grams. 8 MB. */
export const PAGES_PER_READ_MAX = 2048;
/** … the first time: a common pattern fills its page from the first segment. */
export const SEGMENTS_FIRST_READ_MAX = 4;

/** A filter that leaves so few blobs is applied before the grams, by looking up where those blobs are. */
export const FEW_BLOBS_MAX = 2000;

/** What a process remembers of indexes: the pages of 300 MB of code, of which queries ask for a part … */
export const REMEMBERED_PAGE_BYTES = 96 * 1024 * 1024;
/** … the documents of 1 GB (12 bytes each), its segments, and where blobs are in them … */
export const REMEMBERED_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** … which files have a blob (about 300 bytes each), and what narrow filters leave … */
export const REMEMBERED_FILE_BYTES = 24 * 1024 * 1024;
/** … what texts define, and which of them define a name … */
export const REMEMBERED_SYMBOL_BYTES = 16 * 1024 * 1024;
/** … and texts that were matched. */
export const REMEMBERED_TEXT_BYTES = 64 * 1024 * 1024;

/** Texts of a larger batch than this are a scan's, and are not remembered. */
export const TEXTS_REMEMBERED_MAX = 128;

/** Matching lines shown of one file; `match_count` has them all. */
export const LINES_PER_FILE_MAX = 50;

/** Symbols of a name that are looked at for those in the files asked about: a whole organization's, `main` has thousands … */
export const DEFINING_SYMBOLS_MAX = 20_000;
/** … and the blobs there that define it: a name with more is no help in telling files apart … */
export const DEFINING_BLOBS_MAX = 200;
/** … each with the first lines on which it does, which are shown whatever else matches … */
export const DEFINING_LINES_MAX = 5;
/** … and of these so many come before the other files; a cursor holds their ids and lines. */
export const DEFINITIONS_FIRST_MAX = 20;

/** Symbols of one text among which those of its shown lines are looked for: the first ones of a text with more. */
export const SYMBOLS_OF_BLOB_MAX = 5000;

/** Characters shown of one line. A longer one is cut around its match: some lines are 10 MB. */
export const LINE_CHARACTERS_MAX = 400;
/** Characters of a cut line before its match. */
export const LINE_LEAD_CHARACTERS = 100;

/** Terms of a relevance query; further ones are left out, the first ones say most. */
export const TERMS_MAX = 24;

/** Best chunks by the index alone that are read to rank by relevance, and the files such a ranking holds at most. */
export const RANKED_CHUNKS_MAX = 400;
export const RANKED_FILES_MAX = 200;

/**
 * … and the best chunks looked at for those that pass a filter which leaves many; 400 take about 10 ms. Where a narrow one
 * leaves few, only these are candidates.
 */
export const RANKED_FILTERED_MAX = 12_000;

/** Files found by their path alone in such a ranking. */
export const RANKED_PATHS_MAX = 100;

/** Lines shown of one file found by relevance. */
export const RANKED_LINES_MAX = 5;

/** Groups within groups, as in ripgrep; parsing and compiling recurse that deep. */
export const REGEX_NESTING_MAX = 250;

/** `x{n}`: RE2's bound. */
export const REGEX_REPEAT_MAX = 1000;

/** Compiled size: `.{0,1000}` takes 2,000. An uncached step of the matcher costs at most this many visits. */
export const REGEX_INSTRUCTIONS_MAX = 20_000;

/** Cells of the matcher's transition table (4 bytes each) that are kept from one line to the next. */
export const REGEX_TABLE_CELLS_MAX = 2_000_000;

/**
 * Work on one line, in visits of instructions and new cells of the table: 0.25 s (60 ns each) and 40 MB. Ordinary patterns
 * stay below 100,000 on any line, because what was computed once is looked up.
 */
export const REGEX_LINE_WORK_MAX = 4_000_000;
/** The same on all lines of a page: it ends before the next file once so much is done … */
export const REGEX_PAGE_WORK_MAX = 4_000_000;
/** … and is refused when a single file takes so much: 0.7 s. */
export const REGEX_FILE_WORK_MAX = 12_000_000;
/** Work after which others have their turn, 30 ms. */
export const REGEX_TURN_WORK_MAX = 500_000;

/** Positions of a pattern whose grams are asked for; with 12 of them p50 was best (design/search §2). */
export const PLAN_POSITIONS_MAX = 16;

/** Spellings of three bytes at one position; three letters without case have 8, with k and s up to 27. */
export const PLAN_SPELLINGS_MAX = 64;

/** Pages read for one position: spellings that differ in more than ASCII case. */
export const PLAN_PAGES_MAX = 16;

/** Spellings that a part of a pattern may have to be written out, such as `[0-9]` or `(get|set)`. */
export const PLAN_VARIANTS_MAX = 16;

/** Positions in a whole plan, all alternatives together. */
export const PLAN_LEAVES_MAX = 128;
