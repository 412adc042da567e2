// Bounds of what comes in over HTTP.

/** Body of a request (CONTRACT section 3). */
export const BODY_BYTES_MAX = 1024 * 1024;

/** Request line and headers together (CONTRACT section 3); a query string of 1,000 characters is far below. */
export const HEADER_BYTES_MAX = 64 * 1024;

/** Longest that headers, and a whole request, may take to arrive; looked at every CONNECTIONS_LOOK_SECONDS. */
export const HEADERS_SECONDS_MAX = 15;
export const REQUEST_SECONDS_MAX = 30;
export const CONNECTIONS_LOOK_SECONDS = 5;

/** Messages of one JSON-RPC batch, as @modelcontextprotocol/server has it. */
export const MESSAGES_OF_BATCH_MAX = 100;

/** Requests begun in one turn of the event loop: each takes 0.2–2 ms of it before it first waits. */
export const BEGUN_PER_TURN_MAX = 1;
/** Longest that requests wait for further connections to be taken first: 500 take about 50 ms. */
export const DOOR_MS_MAX = 200;

/** How long requests at hand may take once the server stops; orchestrators kill after 30 s. */
export const DRAIN_SECONDS_MAX = 20;

/**
 * Wrong credentials from one address in a clock minute: after the first bound further ones are answered 429,
 * while good ones from the same address, an office say, still come in; after the second nothing does. An expired token is
 * a wrong credential too: a page that goes on with one counts for its whole office.
 */
export const FAILURES_PER_MINUTE_MAX = 60;
export const FAILURES_OF_ADDRESS_PER_MINUTE_MAX = 600;
/** Documents for everybody (/docs, /openapi.json, sign-in metadata) for one address in a clock minute, an office say. */
export const DOCUMENTS_PER_MINUTE_MAX = 120;
/** Addresses remembered for that minute. */
export const ADDRESSES_MAX = 100_000;

/** Credentials whose last caller a process remembers: about 300 bytes each. */
export const CREDENTIALS_REMEMBERED_MAX = 10_000;
