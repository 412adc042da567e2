// Bounds of access.

/** Keys of an organization that can be listed, and that can be in use. */
export const KEYS_MAX = 1000;

/** How far a token's clock may be off ours. */
export const CLOCK_SKEW_SECONDS = 30;
/** Published keys are fetched again after this, and for a token of an unknown one at most every JWKS_PAUSE_SECONDS. */
export const JWKS_AGE_SECONDS_MAX = 600;
export const JWKS_PAUSE_SECONDS = 10;
export const JWKS_WAIT_SECONDS_MAX = 5;

export const MEMBERS_MAX = 1000;
export const INVITATION_DAYS_MAX = 14;
