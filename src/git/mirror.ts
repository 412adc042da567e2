// Bare mirrors: what was fetched of a remote, and nothing that is not needed to read its indexed commits. A
// mirror is a cache: it may be removed at any time, and a damaged one is made anew. One call at a time for each
// directory: the caller holds the lock.
import { createHash } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../errors.ts";
import { displayUrl } from "./address.ts";
import { DamagedRepositoryError } from "./failure.ts";
import { ORPHAN_PAUSE_MS, ORPHAN_TRIES_MAX, PACKS_MAX, REPACK_SECONDS_MAX, SIZE_POLL_MS } from "./limits.ts";
import { atEitherAddress, checkRemote } from "./network.ts";
import { OBJECT_ID } from "./ref-name.ts";
import { type GitContext, runGit } from "./run-git.ts";

export { resolveRemoteRef, type RemoteRef } from "./remote-ref.ts";

export interface FetchProgress {
  phase: "receiving" | "resolving";
  objectsDone: number;
  objectsTotal: number;
}

export interface FetchOptions {
  directory: string;
  /** As parseAddress gives it. */
  url: string;
  commit: string;
  /** Keeps the commit until the same ref brings another. */
  ref: string;
  token?: string | undefined;
  /** Of the whole mirror on disk. */
  sizeBytesMax: number;
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: FetchProgress) => void;
}

/**
 * Brings `commit` and its files into the mirror, without its history. Safe to repeat, also after a kill at any
 * point; says `fetched: false` where it was there already (then nobody is asked).
 * `payload_too_large`: beyond `sizeBytesMax`; `not_found`: no such commit, or private; `upstream_failed`: network, time.
 */
export async function fetchCommit(context: GitContext, options: FetchOptions): Promise<{ fetched: boolean }> {
  if (!OBJECT_ID.test(options.commit)) throw new AppError("invalid_input", "A commit is a full object id.");
  const isNew = await prepare(context, options);
  try {
    if (await hasCommit(context, options)) return { fetched: false };
    await fetchPastOrphans(context, options);
  } catch (error) {
    if (isNew || !(error instanceof DamagedRepositoryError)) throw error;
    context.log?.warn(`Mirror of ${displayUrl(options.url)} is damaged; making it anew`, { error });
    await removeMirror(options.directory);
    await prepare(context, options);
    await fetchAtEither(context, options);
  }
  await repackWhenInPieces(context, options);
  return { fetched: true };
}

/**
 * The git of a process that was killed outright lives on until its pipe breaks, and may lock the mirror again after its
 * leftovers were removed. Nobody else does: the caller is the only writer.
 */
async function fetchPastOrphans(context: GitContext, options: FetchOptions): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await fetchAtEither(context, options);
    } catch (error) {
      const isLocked = error instanceof AppError && /\.lock': File exists/.test(error.message);
      if (!isLocked || tries >= ORPHAN_TRIES_MAX) throw error;
      await sleep(ORPHAN_PAUSE_MS, undefined, { signal: options.signal });
      await removeLeftovers(options.directory);
    }
  }
}

/** Removes a mirror and all it holds; one that is not there is fine. */
export async function removeMirror(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

/** An empty or existing bare repository in which nothing of a killed fetch is in the way. → whether it is new. */
async function prepare(context: GitContext, options: FetchOptions): Promise<boolean> {
  const { directory, commit, sizeBytesMax } = options;
  await removeLeftovers(directory);
  // Commits that nobody needs any more have filled it: beginning anew costs one fetch.
  if ((await packedBytes(directory)) > sizeBytesMax) await removeMirror(directory);
  const isNew = await stat(join(directory, "HEAD")).then(
    () => false,
    () => true,
  );
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const format = commit.length === 64 ? "sha256" : "sha1";
  const init = ["init", "--quiet", "--bare", "--template=", `--object-format=${format}`, "--", directory];
  try {
    await runGit(context, init, { subject: "the mirror", signal: options.signal });
    return isNew;
  } catch (error) {
    // Made with the other hash, or its configuration was cut off by a crash.
    if (isNew || !(error instanceof DamagedRepositoryError)) throw error;
    await removeMirror(directory);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await runGit(context, init, { subject: "the mirror", signal: options.signal });
    return true;
  }
}

/** Locks and half-written packs: git waits for the first and never removes the second. */
async function removeLeftovers(directory: string): Promise<void> {
  const isLock = (name: string) => name.endsWith(".lock") || name === "gc.pid";
  const isTemporary = (name: string) => name.startsWith("tmp_") || name.startsWith(".tmp-") || isLock(name);
  const places: [string, (name: string) => boolean][] = [
    [directory, isLock],
    [join(directory, "refs", "kota"), isLock],
    [join(directory, "objects", "pack"), isTemporary],
    [join(directory, "objects"), isTemporary],
  ];
  for (const [place, isLeftover] of places) {
    const names = await namesIn(place);
    await Promise.all(names.filter(isLeftover).map((name) => rm(join(place, name), { recursive: true, force: true })));
  }
}

/** Whether the ref already keeps this commit, completely: git moves a ref only after all objects are there. */
async function hasCommit(context: GitContext, { directory, ref, commit, signal }: FetchOptions): Promise<boolean> {
  const args = [`--git-dir=${directory}`, "rev-parse", refFor(ref), `${refFor(ref)}^{tree}`];
  const options = { subject: "the mirror", exitCodes: [0, 1, 128], signal };
  const { stdout, exitCode } = await runGit(context, args, options);
  return exitCode === 0 && stdout.toString("utf8").startsWith(`${commit}\n`);
}

function fetchAtEither(context: GitContext, options: FetchOptions): Promise<void> {
  return atEitherAddress(options.url.replace(/\.git$/, ""), (url) => fetchInto(context, { ...options, url }));
}

async function fetchInto(context: GitContext, options: FetchOptions): Promise<void> {
  const { directory, url, commit, ref } = options;
  const subject = displayUrl(url.replace(/\.git$/, ""));
  const remote = await checkRemote(context, options);
  const overSize = new AbortController();
  const poll = watchSize(options, () => {
    const message = `${subject} exceeds the limit of ${Math.floor(options.sizeBytesMax / 1e6)} MB for one repository.`;
    overSize.abort(new AppError("payload_too_large", message));
  });
  const flags = "--depth=1 --no-tags --no-recurse-submodules --no-write-fetch-head --no-auto-maintenance --progress";
  const refspec = `+${commit}:${refFor(ref)}`;
  try {
    await runGit(context, [`--git-dir=${directory}`, "fetch", ...flags.split(" "), "--end-of-options", url, refspec], {
      subject,
      remote,
      timeoutSeconds: options.timeoutSeconds,
      signal: options.signal ? AbortSignal.any([options.signal, overSize.signal]) : overSize.signal,
      onMessage: (text) => reportProgress(text, options.onProgress),
    });
  } finally {
    await poll.stop();
    await removeLeftovers(directory);
  }
  // A fetch that was faster than the poll.
  if (overSize.signal.aborted) {
    await removeMirror(directory);
    throw overSize.signal.reason;
  }
  const type = await runGit(context, [`--git-dir=${directory}`, "cat-file", "-t", commit], { subject });
  if (type.stdout.toString("utf8").trim() !== "commit") {
    await runGit(context, [`--git-dir=${directory}`, "update-ref", "-d", refFor(ref)], { subject });
    throw new AppError(
      "invalid_input",
      `${commit} of ${subject} is not a commit. Give a branch, a tag or a commit id.`,
    );
  }
}

/** Looks at what has arrived every SIZE_POLL_MS, and once more at the end. */
function watchSize({ directory, sizeBytesMax }: FetchOptions, onOver: () => void): { stop: () => Promise<void> } {
  let look: Promise<void> = Promise.resolve();
  const see = async () => {
    if ((await packedBytes(directory)) > sizeBytesMax) onOver();
  };
  const timer = setInterval(() => {
    look = see();
  }, SIZE_POLL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await look;
      await see();
    },
  };
}

/** Bytes of the mirror's packs, finished or arriving: all of its objects, since none is stored loose. */
async function packedBytes(directory: string): Promise<number> {
  const place = join(directory, "objects", "pack");
  const sizes = await Promise.all(
    (await namesIn(place)).map((name) =>
      stat(join(place, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Every fetch adds a pack. A failure is only slower reading. */
async function repackWhenInPieces(context: GitContext, { directory, signal }: FetchOptions): Promise<void> {
  const packs = (await namesIn(join(directory, "objects", "pack"))).filter((name) => name.endsWith(".pack"));
  if (packs.length <= PACKS_MAX) return;
  const options = { subject: "the mirror", timeoutSeconds: REPACK_SECONDS_MAX, signal };
  await runGit(context, [`--git-dir=${directory}`, "repack", "-a", "-d", "--quiet"], options).catch(
    (error: unknown) => {
      signal?.throwIfAborted();
      context.log?.warn("A mirror could not be repacked", { error });
    },
  );
}

/** The last count in what git says: `Receiving objects:  45% (123/456), 1.2 MiB`. */
function reportProgress(text: string, onProgress: FetchOptions["onProgress"]): void {
  const counts = [...text.matchAll(/(Receiving|Resolving) \w+:\s+\d+% \((\d+)\/(\d+)\)/g)];
  const [, what, done, total] = counts.at(-1) ?? [];
  if (!what || !onProgress) return;
  const phase = what === "Receiving" ? "receiving" : "resolving";
  onProgress({ phase, objectsDone: Number(done), objectsTotal: Number(total) });
}

/** A ref's name may clash with another's folder (`a` and `a/b`); its hash cannot. */
function refFor(ref: string): string {
  return `refs/kota/${createHash("sha256").update(ref).digest("hex").slice(0, 32)}`;
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
