// Bounds of building and asking the index.

/** A chunk: small enough that a candidate is cheap to verify, large enough that most files are one (design: 16 KB). */
export const CHUNK_BYTES_MAX = 16_384;

/** A page of a segment. Two TOAST chunks; larger pages read more than they use, smaller ones cost a row each. */
export const PAGE_BYTES = 4096;

/** Distinct (gram, document) pairs of one segment: 4 bytes each, twice while packing, so about 200 MB a thread. */
export const SEGMENT_PAIRS_MAX = 24_000_000;
