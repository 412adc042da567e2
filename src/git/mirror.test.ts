// Over real HTTP, with a real git server on loopback.
import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeRepository, type TestRepository } from "../../test/harness/repository.ts";
import { type GitServer, startGitServer } from "../../test/harness/git-server.ts";
import { createLog } from "../platform/log.ts";
import { readBlobs } from "./blobs.ts";
import { fetchCommit, type FetchOptions, removeMirror, resolveRemoteRef } from "./mirror.ts";
import { type GitContext, runGit } from "./run-git.ts";
import { readTree } from "./tree.ts";

const searchPath = process.env["PATH"] ?? "";
const TOKEN = "s3cr3tT0ken0fTheTests";

let scratch: string;
let server: GitServer;
let repository: TestRepository;
let first: string;
let tip: string;
let context: GitContext;
let url: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "kota-mirror-"));
  server = await startGitServer();
  context = { searchPath, gitBaseUrl: server.url };
  url = `${server.url}/acme/app`;
  repository = await makeRepository({ "a.txt": "one\n" });
  first = await repository.git("rev-parse", "HEAD");
  await repository.git("tag", "-a", "v1", "-m", "one");
  await repository.git("branch", "old");
  await repository.write({ "a.txt": "two\n", "b/c.txt": "three\n" });
  tip = await repository.commit();
  await repository.git("tag", "light");
  await server.publish(repository.path, "acme/app");
});

afterEach(() => {
  server.options = {};
});

afterAll(async () => {
  await server.stop();
  await repository.remove();
  await rm(scratch, { recursive: true, force: true });
});

function options(more: Partial<FetchOptions> = {}): FetchOptions {
  const directory = join(scratch, `mirror-${Math.random().toString(36).slice(2)}`);
  return { directory, url, commit: tip, ref: "main", sizeBytesMax: 1e9, timeoutSeconds: 30, ...more };
}

async function pathsOf(directory: string, commit: string): Promise<string[]> {
  const { entries } = await readTree(context, { gitDirectory: directory, commit, filesMax: 1000 });
  return entries.map(({ path }) => path);
}

function resolveRef(ref?: string) {
  return resolveRemoteRef(context, { url, ref });
}

test("a ref is a branch, a tag or a commit, and the remote's HEAD when none is given", async () => {
  expect(await resolveRef()).toEqual({ ref: "main", commit: tip });
  expect(await resolveRef("HEAD")).toEqual({ ref: "main", commit: tip });
  expect(await resolveRef("old")).toEqual({ ref: "old", commit: first });
  expect(await resolveRef("refs/heads/old")).toEqual({ ref: "old", commit: first });
  expect(await resolveRef("v1")).toEqual({ ref: "v1", commit: first });
  expect(await resolveRef("light")).toEqual({ ref: "light", commit: tip });
  expect(await resolveRef("refs/tags/v1")).toEqual({ ref: "refs/tags/v1", commit: first });
  expect(await resolveRef(first)).toEqual({ ref: first, commit: first });
});

test("a branch wins over a tag of its name", async () => {
  await repository.git("tag", "old", "main");
  await server.publish(repository.path, "acme/clash");
  await repository.git("tag", "-d", "old");
  const answer = await resolveRemoteRef(context, { url: `${server.url}/acme/clash`, ref: "old" });
  expect(answer).toEqual({ ref: "old", commit: first });
});

test("main, then master stand in for a HEAD that names no branch", async () => {
  const copy = await server.publish(repository.path, "acme/headless");
  await runGit(context, [`--git-dir=${copy}`, "branch", "master", "old"], { subject: copy });
  await writeFile(join(copy, "HEAD"), "ref: refs/heads/gone\n");
  const address = `${server.url}/acme/headless`;
  expect(await resolveRemoteRef(context, { url: address })).toEqual({ ref: "main", commit: tip });
  await runGit(context, [`--git-dir=${copy}`, "branch", "-D", "main"], { subject: copy });
  expect(await resolveRemoteRef(context, { url: address })).toEqual({ ref: "master", commit: first });
  await runGit(context, [`--git-dir=${copy}`, "branch", "-D", "master"], { subject: copy });
  const answer = resolveRemoteRef(context, { url: address });
  await expect(answer).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("e.g. one of: old"),
  });
});

test("an unknown ref, an empty repository and no repository each say what to do", async () => {
  await expect(resolveRef("nope")).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("default branch is 'main'"),
  });
  const empty = await makeRepository();
  await server.publish(empty.path, "acme/empty");
  await empty.remove();
  for (const ref of [undefined, "main"]) {
    const answer = resolveRemoteRef(context, { url: `${server.url}/acme/empty`, ref });
    await expect(answer).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("no commits yet"),
    });
  }
  const missing = resolveRemoteRef(context, { url: `${server.url}/acme/nothing` });
  await expect(missing).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("acme/nothing, or it is private"),
  });
});

test("a ref is never an option, a pattern or an expression", async () => {
  const marker = join(scratch, "marker");
  for (const ref of [
    `--upload-pack=touch ${marker}`,
    `--upload-pack=touch${marker}`,
    "-x",
    "a b",
    "a..b",
    "main~1",
    "main^{tree}",
    "*",
    "refs/heads/*",
    "a\nb",
    "@",
    "a.lock",
    "",
    "x".repeat(256),
    "@{1}",
    "a:b",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a\u0000",
  ]) {
    await expect(resolveRef(ref), ref).rejects.toMatchObject({ code: "invalid_input" });
  }
  await expect(readFile(marker)).rejects.toThrow("ENOENT");
});

test("a commit is fetched with its files and without its history, and again costs no request", async () => {
  const wanted = options();
  expect(await fetchCommit(context, wanted)).toEqual({ fetched: true });
  expect(await pathsOf(wanted.directory, tip)).toEqual(["a.txt", "b/c.txt"]);
  await expect(pathsOf(wanted.directory, first)).rejects.toMatchObject({ code: "not_found" });
  const requests = server.requests.length;
  expect(await fetchCommit(context, wanted)).toEqual({ fetched: false });
  expect(server.requests.length).toBe(requests);
  expect(await fetchCommit(context, { ...wanted, commit: first, ref: "v1" })).toEqual({ fetched: true });
  expect(await pathsOf(wanted.directory, first)).toEqual(["a.txt"]);
  expect(await pathsOf(wanted.directory, tip)).toEqual(["a.txt", "b/c.txt"]);
  await removeMirror(wanted.directory);
  await removeMirror(wanted.directory);
  await expect(readdir(wanted.directory)).rejects.toThrow("ENOENT");
});

test("a commit nobody has is not found, and a blob's id is no commit", async () => {
  await expect(fetchCommit(context, options({ commit: "1".repeat(40) }))).rejects.toMatchObject({ code: "not_found" });
  const blob = await repository.git("rev-parse", "HEAD:a.txt");
  await expect(fetchCommit(context, options({ commit: blob }))).rejects.toMatchObject({ code: "invalid_input" });
  await expect(fetchCommit(context, options({ commit: "--x" }))).rejects.toMatchObject({ code: "invalid_input" });
});

test("a server may know a repository with or without .git, and answer the other with anything", async () => {
  for (const instead of [
    { status: 404, where: /app\.git\// },
    { status: 404, where: /app\// },
    { redirectTo: "http://127.0.0.1:1", where: /app\// },
    { status: 200, where: /app\.git\// },
  ]) {
    server.options = { instead };
    expect(await resolveRef()).toEqual({ ref: "main", commit: tip });
    expect(await fetchCommit(context, options())).toEqual({ fetched: true });
  }
});

test("a private repository needs its token, which shows up nowhere", async () => {
  server.options = { token: TOKEN };
  const refusal = { code: "not_found", message: expect.stringContaining("or it is private") };
  await expect(resolveRef()).rejects.toMatchObject(refusal);
  await expect(fetchCommit(context, options())).rejects.toMatchObject(refusal);
  await expect(resolveRemoteRef(context, { url, token: "wr0ngT0ken" })).rejects.toMatchObject(refusal);

  const recorder = await recordGit(scratch);
  const lines: string[] = [];
  const log = createLog({ level: "debug", write: (line) => void lines.push(line) });
  const recorded = { ...context, searchPath: `${recorder.folder}:${searchPath}`, log };
  const wanted = options({ token: TOKEN });
  expect(await resolveRemoteRef(recorded, { url, token: TOKEN })).toEqual({ ref: "main", commit: tip });
  await fetchCommit(recorded, wanted);
  const failure = await fetchCommit(recorded, options({ token: TOKEN, commit: "1".repeat(40) })).catch(
    (error: unknown) => error,
  );
  const errors = JSON.stringify([
    failure,
    failure instanceof Error && [failure.message, failure.stack, String(failure.cause)],
  ]);
  const seen = { argv: await recorder.read(), logs: lines.join(""), errors, disk: await allText(wanted.directory) };
  const encoded = Buffer.from(`x-access-token:${TOKEN}`).toString("base64");
  expect(seen.argv).toContain("fetch");
  expect(lines.length).toBeGreaterThan(3);
  for (const [where, text] of Object.entries(seen)) {
    for (const secret of [TOKEN, encoded]) expect(text.includes(secret), where).toBe(false);
  }
});

test("a redirect is not followed", async () => {
  const other = await startGitServer();
  await other.publish(repository.path, "acme/app");
  server.options = { instead: { redirectTo: other.url } };
  await expect(resolveRef()).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("redirect"),
  });
  await expect(fetchCommit(context, options())).rejects.toMatchObject({ code: "invalid_input" });
  expect(other.requests).toEqual([]);
  await other.stop();
});

test("a private address outside the base url is never connected to", async () => {
  const outside = { ...context, gitBaseUrl: "https://github.com" };
  await expect(resolveRemoteRef(outside, { url })).rejects.toMatchObject({ code: "invalid_input" });
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  const named = resolveRemoteRef({ ...outside, lookup }, { url: "https://git.example.org/a/b" });
  await expect(named).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("private network"),
  });
});

test("git connects to the pinned address", async () => {
  const { port } = new URL(server.url);
  const pinned = `http://pinned.invalid:${port}/acme/app.git`;
  const remote = {
    url: pinned,
    protocol: "http" as const,
    config: [["http.curloptResolve", `pinned.invalid:${port}:127.0.0.1`]] as const,
    secrets: [],
  };
  const { stdout } = await runGit(context, ["ls-remote", pinned], { subject: "x", remote });
  expect(stdout.toString()).toContain(tip);
});

test("what servers do to us has a clear error", async () => {
  const failure = async (status: number) => {
    server.options = { instead: { status } };
    return resolveRef().catch((error: unknown) => error);
  };
  expect(await failure(403)).toMatchObject({ code: "forbidden" });
  expect(await failure(500)).toMatchObject({ code: "upstream_failed" });
  expect(await failure(200)).toMatchObject({ code: "upstream_failed" });
  const closed = await startGitServer();
  await closed.stop();
  const refused = resolveRemoteRef({ ...context, gitBaseUrl: closed.url }, { url: `${closed.url}/a/b` });
  await expect(refused).rejects.toMatchObject({ code: "upstream_failed" });
});

test("a server that never answers is given up, and a caller may give up earlier", async () => {
  server.options = { instead: { hang: true } };
  const slow = resolveRemoteRef(context, { url, timeoutSeconds: 1 });
  await expect(slow).rejects.toMatchObject({
    code: "upstream_failed",
    message: expect.stringContaining("longer than 1 s"),
  });
  await expect(fetchCommit(context, options({ timeoutSeconds: 1 }))).rejects.toMatchObject({ code: "upstream_failed" });
  const abort = new AbortController();
  const waiting = resolveRemoteRef(context, { url, signal: abort.signal });
  setTimeout(() => abort.abort(new Error("cancelled by a test")), 200);
  await expect(waiting).rejects.toThrow("cancelled by a test");
});

test("a repository beyond the size limit is refused, whether it arrives slowly or at once", async () => {
  const large = await makeRepository({ "noise.bin": noise(3_000_000) });
  const commit = await large.git("rev-parse", "HEAD");
  await server.publish(large.path, "acme/large");
  await large.remove();
  const wanted = options({ url: `${server.url}/acme/large`, commit, sizeBytesMax: 500_000 });
  const tooLarge = { code: "payload_too_large", message: expect.stringContaining("limit") };
  await expect(fetchCommit(context, wanted)).rejects.toMatchObject(tooLarge);
  server.options = { chunkDelayMs: 100 };
  const startedMs = Date.now();
  await expect(fetchCommit(context, wanted)).rejects.toMatchObject(tooLarge);
  expect(Date.now() - startedMs).toBeLessThan(4000);
  server.options = {};
  expect(await fetchCommit(context, { ...wanted, sizeBytesMax: 1e9 })).toEqual({ fetched: true });
});

test("a mirror that old commits have filled is made anew", async () => {
  const changing = await makeRepository({ "noise.bin": noise(400_000) });
  const wanted = options({ url: `${server.url}/acme/changing`, sizeBytesMax: 1_000_000 });
  for (let round = 0; round < 4; round += 1) {
    await changing.write({ "noise.bin": noise(400_000 + round) });
    const commit = await changing.commit();
    await server.publish(changing.path, "acme/changing");
    await fetchCommit(context, { ...wanted, commit }).catch(async () => {
      // The third no longer fits beside the first two; the next attempt begins with an empty mirror.
      expect(await fetchCommit(context, { ...wanted, commit })).toEqual({ fetched: true });
    });
    expect(await pathsOf(wanted.directory, commit)).toEqual(["noise.bin"]);
  }
  await changing.remove();
});

test("after a kill in the middle of a fetch, and with every kind of leftover, the next one succeeds", async () => {
  const large = await makeRepository({ "noise.bin": noise(2_000_000) });
  const commit = await large.git("rev-parse", "HEAD");
  await server.publish(large.path, "acme/slow");
  await large.remove();
  const wanted = options({ url: `${server.url}/acme/slow`, commit });
  await fetchCommit(context, { ...wanted, url, commit: tip });
  server.options = { chunkDelayMs: 100 };
  const begun = server.nextFetch();
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", KILLED], {
    env: { PATH: searchPath, WANTED: JSON.stringify(wanted), BASE: server.url },
    stdio: ["ignore", "inherit", "inherit"],
  });
  await begun;
  await new Promise((resolve) => setTimeout(resolve, 400));
  child.kill("SIGKILL");
  server.options = {};
  for (const name of [
    "shallow.lock",
    "config.lock",
    "HEAD.lock",
    "packed-refs.lock",
    "objects/pack/tmp_pack_AAAAAA",
    "objects/pack/tmp_idx_B",
  ]) {
    await writeFile(join(wanted.directory, name), "left over");
  }
  expect(await fetchCommit(context, wanted)).toEqual({ fetched: true });
  expect(await pathsOf(wanted.directory, commit)).toEqual(["noise.bin"]);
  // The git of the killed process may live a moment longer, and leave something again.
  const left = async () => {
    await fetchCommit(context, wanted);
    return (await readdir(wanted.directory, { recursive: true })).filter((name) => /\.lock$|tmp_/.test(name));
  };
  await expect.poll(left, { timeout: 60_000 }).toEqual([]);
});

test("a damaged mirror is made anew", async () => {
  const wanted = options();
  await fetchCommit(context, wanted);
  for (const broken of ["config", "HEAD", "shallow"]) {
    await writeFile(join(wanted.directory, broken), "\0\0 nonsense [");
    await rm(join(wanted.directory, "refs", "kota"), { recursive: true, force: true });
    expect(await fetchCommit(context, wanted), broken).toEqual({ fetched: true });
    expect(await pathsOf(wanted.directory, tip)).toEqual(["a.txt", "b/c.txt"]);
  }
});

test("odd but harmless history is fetched; a tree with '..' is not", async () => {
  const odd = await makeRepository({ "a.txt": "x" });
  const blob = await odd.git("rev-parse", "HEAD:a.txt");
  const commitTree = async (entry: string) => {
    const tree = Buffer.concat([Buffer.from(`${entry}\0`), Buffer.from(blob, "hex")]);
    const file = join(odd.path, ".git", "tree");
    await writeFile(file, tree);
    const oid = await odd.git("hash-object", "-t", "tree", "-w", "--literally", file);
    const commit = await odd.git("commit-tree", oid, "-m", "odd");
    await odd.git("update-ref", "refs/heads/main", commit);
    await server.publish(odd.path, "acme/odd");
    return commit;
  };
  const padded = await commitTree("0100644 a.txt");
  const address = `${server.url}/acme/odd`;
  expect(await fetchCommit(context, options({ url: address, commit: padded }))).toEqual({ fetched: true });
  const evil = await commitTree("100644 ..");
  await expect(fetchCommit(context, options({ url: address, commit: evil }))).rejects.toThrow();
  await odd.remove();
});

test("a SHA-256 repository is mirrored, also over one that was SHA-1", async () => {
  const path = await mkdtemp(join(scratch, "sha256-"));
  const git = (...args: string[]) =>
    runGit(context, ["-C", path, "-c", "user.name=t", "-c", "user.email=t@t", ...args], { subject: path });
  await git("init", "-q", "-b", "main", "--object-format=sha256");
  await writeFile(join(path, "a.txt"), "hello\n");
  await git("add", ".");
  await git("commit", "-q", "-m", "x");
  await server.publish(path, "acme/sha256");
  const wanted = options();
  await fetchCommit(context, wanted);
  const address = `${server.url}/acme/sha256`;
  const { commit } = await resolveRemoteRef(context, { url: address });
  expect(commit).toHaveLength(64);
  expect(await fetchCommit(context, { ...wanted, url: address, commit })).toEqual({ fetched: true });
  const { entries } = await readTree(context, { gitDirectory: wanted.directory, commit, filesMax: 10 });
  const read = readBlobs(context, {
    gitDirectory: wanted.directory,
    oids: entries.map(({ oid }) => oid),
    bytesMax: 100,
  });
  expect((await read.next()).value).toMatchObject({ bytes: Buffer.from("hello\n") });
  await read.return();
});

test("many fetches end in few packs", async () => {
  const wanted = options();
  await fetchCommit(context, wanted);
  const pack = join(wanted.directory, "objects", "pack");
  const name = (await readdir(pack)).find((file) => file.endsWith(".pack")) ?? "";
  // Copies under other names count as packs of their own.
  for (let index = 0; index < 51; index += 1) {
    const stem = `pack-${index.toString(16).padStart(40, "0")}`;
    await writeFile(join(pack, `${stem}.pack`), await readFile(join(pack, name)));
    await writeFile(join(pack, `${stem}.idx`), await readFile(join(pack, name.replace(".pack", ".idx"))));
  }
  await fetchCommit(context, { ...wanted, commit: first, ref: "v1" });
  expect((await readdir(pack)).filter((file) => file.endsWith(".pack"))).toHaveLength(1);
  expect(await pathsOf(wanted.directory, tip)).toEqual(["a.txt", "b/c.txt"]);
});

/** A fetch in a process of its own, to be killed. */
const KILLED = `
  const { fetchCommit } = await import(${JSON.stringify(new URL("./mirror.ts", import.meta.url).href)});
  await fetchCommit({ searchPath: process.env.PATH, gitBaseUrl: process.env.BASE }, JSON.parse(process.env.WANTED));
`;

/** Bytes that do not compress, the same each time for one size. */
function noise(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  let state = sizeBytes >>> 0 || 1;
  for (let index = 0; index < sizeBytes; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** A folder for PATH with a `git` that writes down its arguments, and those of the helpers it starts. */
async function recordGit(place: string) {
  const folder = await mkdtemp(join(place, "path-"));
  const record = join(folder, "argv");
  // The real git runs its helpers from its own folder: their arguments are seen in the process table.
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> ${record}\nPATH=${searchPath} git "$@" &\nchild=$!\nfor i in 1 2 3 4 5; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' >> ${record}; done\nwait $child\n`;
  await writeFile(join(folder, "git"), script);
  await chmod(join(folder, "git"), 0o755);
  return { folder, read: () => readFile(record, "latin1") };
}

async function allText(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")))).join("\n");
}
