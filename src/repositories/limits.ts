// Bounds of lists and messages about repositories.

/** Names listed in an error's hint: enough to recognise the right one, short enough to read. */
export const NAMES_IN_MESSAGE_MAX = 10;

/** Repositories one question may span. A cursor holds a snapshot id for each: 1,000 make about 4 KB. */
export const REPOSITORIES_IN_QUESTION_MAX = 1000;
