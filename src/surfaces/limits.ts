// Bounds of what comes in over HTTP.

/** Body of a request (CONTRACT section 3). */
export const BODY_BYTES_MAX = 1024 * 1024;

/** Request line and headers together (CONTRACT section 3); a query string of 1,000 characters is far below. */
export const HEADER_BYTES_MAX = 64 * 1024;

/** How long requests at hand may take once the server stops; orchestrators kill after 30 s. */
export const DRAIN_SECONDS_MAX = 20;

/** Wrong keys from one address in a clock minute, and addresses remembered for that minute. */
export const FAILURES_PER_MINUTE_MAX = 60;
export const ADDRESSES_MAX = 100_000;
