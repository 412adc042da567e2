// Bounds of access.

/** Keys of an organization that can be in use, so that all of them are listed: that many, those in use first. */
export const KEYS_MAX = 1000;

/** How far a token's clock may be off ours. */
export const CLOCK_SKEW_SECONDS = 30;
/** Published keys are fetched again after this, and for a token of an unknown one, or when that failed, at most every JWKS_PAUSE_SECONDS. */
export const JWKS_AGE_SECONDS_MAX = 600;
export const JWKS_PAUSE_SECONDS = 10;
export const JWKS_WAIT_SECONDS_MAX = 5;
/** Old ones count while they cannot be: as long as a token lives, for nobody gets a new one then either. */
export const JWKS_STALE_SECONDS_MAX = 3600;

export const MEMBERS_MAX = 1000;
/** Users of whom one process remembers for a minute that Supabase Auth was asked about them; others wait. */
export const LOOKED_AT_MAX = 10_000;
export const INVITATION_DAYS_MAX = 14;
