// index_repository: add a repository, or bring it up to date; optionally wait for the result.
import { z } from "zod";
import { basename, isAbsolute } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { invalidInput } from "../errors.ts";
import { checkRepositoryName, parseAddress, repositoryNameOfOrigin } from "../git/address.ts";
import { resolveRemoteRef } from "../git/mirror.ts";
import { resolveLocalRef } from "../git/tree.ts";
import { findOrigin, listWorktree, openWorktree } from "../git/worktree.ts";
import { NO_COMMIT, WORKTREE_REF } from "../indexing/source.ts";
import { operation, type OperationContext, type OperationProgress } from "../operation.ts";
import { PHASES } from "../repositories/problems.ts";
import { JOB_POLL_MS, WAIT_SECONDS_MAX } from "../repositories/limits.ts";
import { enqueueIndexJob, ensureRepository, getJob, type IndexJob, type JobState } from "../repositories/store.ts";
import type { JobId } from "../platform/ids.ts";
import { addMember, holdProject } from "../projects/store.ts";
import { JOB_STATES } from "./get-index-job-status.ts";
import { projectField, refField, textField } from "./wire.ts";

export const indexRepository = operation({
  name: "index_repository",
  title: "Index repository",
  description:
    "Index a git repository, or bring its index up to date with the remote. Answers the id of a job at once; follow it with get_index_job_status, or pass wait_seconds to wait for it. Asking again is cheap: what is unchanged is not read again.",
  route: "POST /repositories",
  status: 202,
  toolset: "index",
  effect: "write",
  isOpenWorld: true,
  scope: "write",
  cost: 5,
  positional: "repository",
  input: z.strictObject({
    repository: textField(2000).describe(
      "`owner/name`, or the https URL of a git repository. On the local command line also a folder.",
    ),
    ref: refField.optional().describe("Branch, tag or commit. Default: the remote's HEAD, then main, then master."),
    name: textField(500).optional().describe("Name to index it under, `owner/name`. Default: from its URL."),
    project: projectField.optional().describe("Also put it into this project (name or id)."),
    wait_seconds: z
      .int()
      .min(0)
      .max(WAIT_SECONDS_MAX)
      .default(0)
      .describe("How long to wait for the job to end before answering."),
  }),
  output: z.object({
    job_id: z.uuid(),
    repository: z.object({ id: z.uuid(), name: z.string() }),
    ref: z.string(),
    state: z.enum(JOB_STATES),
  }),
  async handle(asked, context) {
    const found = isAbsolute(asked.repository) ? await findFolder(asked, context) : await findRemote(asked, context);
    const { url, ref, commit, isDefault } = found;
    const name = checkRepositoryName(found.name);
    const { repository, job } = await context.db(async (sql) => {
      const project = asked.project === undefined ? undefined : await holdProject(sql, asked.project);
      const repository = await ensureRepository(sql, { name, url, ref });
      if (project) await addMember(sql, project.id, repository.id);
      return { repository, job: await enqueueIndexJob(sql, { repositoryId: repository.id, ref, isDefault, commit }) };
    });
    const state = asked.wait_seconds > 0 ? await waitForJob(job.id, asked.wait_seconds, context) : job.state;
    return { job_id: job.id, repository: { id: repository.id, name: repository.name }, ref, state };
  },
});

interface Asked {
  repository: string;
  ref?: string | undefined;
  name?: string | undefined;
}

interface Found {
  name: string;
  url: string;
  ref: string;
  commit: string;
  /** The ref is the one that questions without a ref are about. */
  isDefault: boolean;
}

async function findRemote(asked: Asked, { git, signal }: OperationContext): Promise<Found> {
  const address = parseAddress(asked.repository, { gitBaseUrl: git.gitBaseUrl });
  const { ref, commit } = await resolveRemoteRef(git, { url: address.url, ref: asked.ref, signal });
  return { name: asked.name ?? address.name, url: address.url, ref, commit, isDefault: asked.ref === undefined };
}

async function findFolder(asked: Asked, { git, mayReadFolders, signal }: OperationContext): Promise<Found> {
  if (!mayReadFolders)
    throw invalidInput(
      "repository",
      "a folder can be indexed from the local command line alone: `kota index PATH`. Give owner/name or an https URL",
    );
  const { root, commit, gitDirectory } = await openWorktree(git, asked.repository);
  if (
    commit === undefined &&
    (await listWorktree(git, { root, gitDirectory }, { filesMax: 1, signal })).files.length === 0
  )
    throw invalidInput(
      "repository",
      `${root} is empty: it has no commits and no files yet. Add some, then index again`,
    );
  const originUrl = asked.name === undefined ? await findOrigin(git, gitDirectory) : undefined;
  const name = asked.name ?? (originUrl && repositoryNameOfOrigin(originUrl, git)) ?? `local/${folderName(root)}`;
  const url = pathToFileURL(root).href;
  if (asked.ref === undefined) return { name, url, ref: WORKTREE_REF, commit: commit ?? NO_COMMIT, isDefault: true };
  return { name, url, ...(await resolveLocalRef(git, { gitDirectory, ref: asked.ref })), isDefault: false };
}

/** The folder's own name, in the characters a repository name may have. */
function folderName(root: string): string {
  return (
    basename(root)
      .replace(/[^\w.-]+/g, "-")
      .replace(/^[-.]+/, "") || "repository"
  );
}

const isOver = (state: JobState) => state === "succeeded" || state === "failed" || state === "cancelled";

/** The job's state once it is over, the time is up, or the caller went away: that ends the wait, never the job. */
async function waitForJob(
  id: JobId,
  waitSeconds: number,
  { db, signal, onProgress, now }: OperationContext,
): Promise<JobState> {
  const endMs = now().getTime() + waitSeconds * 1000;
  for (;;) {
    const job = await db((sql) => getJob(sql, id));
    onProgress(describeProgress(job));
    if (isOver(job.state) || now().getTime() >= endMs || signal.aborted) return job.state;
    await sleep(JOB_POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** On one scale that only grows: a phase is one step. */
function describeProgress({ state, phase, files_done: done, files_total: total }: IndexJob): OperationProgress {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const unit = phase === "fetching" ? "objects" : "files";
  const counts = total > 0 ? `: ${done} of ${total} ${unit}` : "";
  return {
    message: state === "running" ? `${phase}${counts}` : state,
    done: isOver(state) ? PHASES.length - 1 : PHASES.indexOf(phase) + share,
    total: PHASES.length - 1,
  };
}
