// Bounds of projects.

/** Repositories of one project: as many as one question may be about. */
export const REPOSITORIES_OF_PROJECT_MAX = 1000;

/** Names that an error message lists. */
export const NAMES_IN_MESSAGE_MAX = 10;
