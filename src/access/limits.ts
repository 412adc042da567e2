// Bounds of access.

/** Keys of an organization that can be listed, and that can be in use. */
export const KEYS_MAX = 1000;
