// Pieces of input and output that several operations share, as outsiders see them.
import { z } from "zod";
import { CURSOR_CHARACTERS_MAX } from "../platform/cursor.ts";
import { isUuid } from "../platform/ids.ts";
import { REPOSITORIES_OF_PROJECT_MAX } from "../projects/limits.ts";
import type { Project } from "../projects/store.ts";
import type { IndexedRef } from "../repositories/store.ts";

/** Postgres cannot hold NUL, and would store half of a surrogate pair as another character. No text of ours needs either. */
const isStorable = (text: string) => !/[\0\p{Cs}]/u.test(text);
const UNSTORABLE = "must not contain a NUL character or half of a surrogate pair";

/** Text of `max` characters at most. */
export const textField = (max: number) => z.string().min(1).max(max).refine(isStorable, UNSTORABLE);

export const repositoryField = textField(500).describe(
  "Repository: `owner/name` as list_repositories shows it, or its id.",
);

export const projectField = textField(100).describe("Project: its name (without case) or id.");

export const refField = textField(255).describe(
  "Branch, tag or commit that was indexed. Default: the repository's default ref.",
);

export const cursorField = z
  .string()
  .min(1)
  .max(CURSOR_CHARACTERS_MAX)
  .regex(/^[\w-]+$/, "is no cursor: pass next_cursor of the previous page as it is")
  .describe("`next_cursor` of the previous page, with the same other input.");

export const pathField = textField(4096);

export const timestamp = z.iso.datetime();
export const commitField = z.string().describe("Commit id.");
export const dirtyField = z.boolean().describe("The working tree differed from that commit.");
export const nextCursorField = z.string().nullable().describe("Ask again with it for the next page; null at the end.");

export const freshnessField = z
  .array(
    z.object({
      repository: z.string(),
      ref: z.string(),
      commit: commitField,
      dirty: dirtyField,
      indexed_at: timestamp,
      state: z
        .enum(["current", "indexing", "stale", "failed"])
        .describe(
          "current; indexing: a newer index is being built; stale: known to be behind; failed: the last attempt to renew it failed",
        ),
      behind: z.int().optional().describe("Commits it is behind, where known."),
    }),
  )
  .describe("What the answer was read from.");

export type Freshness = z.input<typeof freshnessField>;

export function freshnessOf(refs: readonly IndexedRef[]): Freshness {
  return refs.map(({ repository, ref, commit, dirty, indexed_at, state }) => ({
    repository,
    ref,
    commit,
    dirty,
    indexed_at: indexed_at.toISOString(),
    state,
  }));
}

const memberField = z.object({ id: z.uuid(), name: z.string() });

const projectSummaryShape = {
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  repository_count: z.int(),
  created_at: timestamp,
  updated_at: timestamp,
};

/** A project as lists show it. */
export const projectSummary = z.object(projectSummaryShape);

/** A project with its repositories. */
export const projectFields = z.object({ ...projectSummaryShape, repositories: z.array(memberField) });

/** A project goes by its name or id, on one line: so a name is visible, and no id. */
export const projectNameField = textField(100)
  .refine((name) => name === name.trim(), "must not begin or end with a blank")
  .refine((name) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name), "must not contain line breaks or control characters")
  .refine((name) => !isUuid(name), "must not have the form of an id")
  .describe("Name, unique in the organization without case.");
export const projectDescriptionField = z.string().max(2000).refine(isStorable, UNSTORABLE).describe("What it is for.");
export const projectRepositoriesField = z
  .array(repositoryField)
  .max(REPOSITORIES_OF_PROJECT_MAX)
  .describe("Its repositories (`owner/name` or id), all of them.");

export function describeProject(project: Project): z.input<typeof projectSummary> {
  const { id, name, description, repository_count, created_at, updated_at } = project;
  return {
    id,
    name,
    description,
    repository_count,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
  };
}
