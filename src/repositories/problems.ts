// Why a file is left out or indexed as text only: a closed set that callers can rely on.

export const PROBLEM_REASONS = {
  binary: "contains a NUL byte",
  generated: "written by a program: ranked last",
  minified: "long lines: searchable as text, without symbols, ranked last",
  missing: "its content is not in the repository",
  nested_repository: "a repository of its own: index it by itself",
  not_linked: "finding where its names lead took too long or too much memory: what it uses is not known",
  not_parsed:
    "reading it takes too long, too much memory or nests too deep: searchable as text, with few symbols or none",
  not_a_regular_file: "a device, socket or pipe",
  not_utf8: "not valid UTF-8",
  path_too_long: "its path is longer than 2,000 bytes",
  path_not_utf8: "its name is not valid UTF-8",
  submodule: "a submodule: index its repository by itself",
  symbolic_link: "a symbolic link, never followed",
  too_large: "larger than 10 MiB",
  too_large_to_parse: "larger than 1 MiB: searchable as text, without symbols",
  too_many_files: "beyond the first 500,000 files",
  unreadable: "no permission to read it",
} as const;

export type ProblemReason = keyof typeof PROBLEM_REASONS;
// Object.keys forgets that the keys are these.
export const PROBLEM_NAMES = Object.keys(PROBLEM_REASONS) as ProblemReason[];

/** Phases of a job, in their order. `checking`: it has succeeded, and a type checker looks for what more there is to know. */
export const PHASES = ["waiting", "fetching", "reading", "indexing", "linking", "saving", "checking", "done"] as const;
export type Phase = (typeof PHASES)[number];
