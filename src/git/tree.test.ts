import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRepository, type TestRepository } from "../../test/harness/repository.ts";
import { blobOid, type BlobRead, readBlobs } from "./blobs.ts";
import { type GitContext, runGit } from "./run-git.ts";
import { headBranch, headCommit, readTree, resolveLocalRef } from "./tree.ts";

const context: GitContext = { searchPath: process.env["PATH"] ?? "", gitBaseUrl: "https://github.com" };
const ODD_NAMES = [
  "-leading",
  "a b",
  'quo"te',
  "new\nline",
  "tab\t",
  "ünï/cödé 日本.ts",
  "back\\slash",
  ":(glob)*",
  "C:x",
];

let scratch: string;
let repository: TestRepository;
let gitDirectory: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "kota-tree-"));
  repository = await makeRepository({ "a.txt": "one\n" });
  gitDirectory = join(repository.path, ".git");
});

afterAll(async () => {
  await repository.remove();
  await rm(scratch, { recursive: true, force: true });
});

/** Feeds `git fast-import`; the fastest way to a large or odd repository. → its directory. */
async function importRepository(stream: string | Buffer, format = "sha1"): Promise<string> {
  const directory = await mkdtemp(join(scratch, "import-"));
  await runGit(context, ["init", "-q", "--bare", "-b", "main", `--object-format=${format}`, directory], {
    subject: directory,
  });
  const child = spawn("git", [`--git-dir=${directory}`, "fast-import", "--quiet"], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  child.stdin.end(stream);
  const [code] = await once(child, "close");
  expect(code).toBe(0);
  return directory;
}

const COMMIT = "commit refs/heads/main\ncommitter T <t@t> 1 +0000\ndata 1\nx\n";
const EMPTY = "M 100644 inline";

async function tree(directory: string, filesMax = 1e6) {
  const commit = (await headCommit(context, directory)) ?? "";
  return readTree(context, { gitDirectory: directory, commit, filesMax });
}

async function collect(blobs: AsyncIterable<BlobRead>): Promise<BlobRead[]> {
  const all: BlobRead[] = [];
  for await (const blob of blobs) all.push(blob);
  return all;
}

test("odd names are files like others", async () => {
  const odd = await makeRepository(Object.fromEntries(ODD_NAMES.map((name) => [name, name])));
  const { entries, problems } = await tree(join(odd.path, ".git"));
  expect(entries.map(({ path }) => path).sort()).toEqual([...ODD_NAMES].sort());
  expect(problems).toEqual([]);
  const oids = entries.map(({ oid }) => oid);
  const blobs = await collect(readBlobs(context, { gitDirectory: join(odd.path, ".git"), oids, bytesMax: 100 }));
  expect(blobs.map(({ bytes }) => bytes?.toString())).toEqual(entries.map(({ path }) => path));
  await odd.remove();
});

test("what is no file is a problem with its reason", async () => {
  const latin1 = Buffer.concat([Buffer.from(`${EMPTY} "caf\\351.txt"\ndata 1\nx\n`)]);
  const stream = Buffer.concat([
    Buffer.from(`${COMMIT}${EMPTY} run.sh\ndata 1\nx\nM 100755 inline exec.sh\ndata 1\nx\n`),
    Buffer.from(`M 120000 inline link\ndata 11\n/etc/passwd\nM 160000 ${"1".repeat(40)} vendor/sub\n`),
    latin1,
  ]);
  const { entries, problems } = await tree(await importRepository(stream));
  expect(entries.map(({ path }) => path)).toEqual(["exec.sh", "run.sh"]);
  expect(problems.sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: "caf\\xe9.txt", reason: "path_not_utf8" },
    { path: "link", reason: "symbolic_link" },
    { path: "vendor/sub", reason: "submodule" },
  ]);
});

test("files beyond the limit are named", async () => {
  const directory = await importRepository(
    `${COMMIT}${["a", "b", "c"].map((name) => `${EMPTY} ${name}\ndata 1\nx\n`).join("")}`,
  );
  const { entries, problems } = await tree(directory, 2);
  expect(entries.map(({ path }) => path)).toEqual(["a", "b"]);
  expect(problems).toEqual([{ path: "c", reason: "too_many_files" }]);
});

test("100,000 files are listed in seconds, and their blobs read in order", { timeout: 60_000 }, async () => {
  const files = Array.from(
    { length: 100_000 },
    (_, index) => `${EMPTY} src/d${index % 300}/module-${index}.ts\ndata 8\n${String(index).padStart(8)}\n`,
  );
  const directory = await importRepository(COMMIT + files.join(""));
  const startedMs = performance.now();
  const { entries } = await tree(directory);
  const listedMs = performance.now();
  expect(entries).toHaveLength(100_000);
  let count = 0;
  for await (const blob of readBlobs(context, {
    gitDirectory: directory,
    oids: entries.map(({ oid }) => oid),
    bytesMax: 100,
  })) {
    const expected = /(\d+)\.ts$/.exec(entries[count]?.path ?? "")?.[1];
    if (blob.bytes?.toString().trim() !== expected) throw new Error(`blob ${count} is out of order`);
    count += 1;
  }
  expect(count).toBe(100_000);
  expect(listedMs - startedMs).toBeLessThan(5000);
});

test("a missing commit is not found, and no commit is an option", async () => {
  await expect(readTree(context, { gitDirectory, commit: "1".repeat(40), filesMax: 10 })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(readTree(context, { gitDirectory, commit: "--help", filesMax: 10 })).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("a local ref is a branch, a tag, a remote's branch or a commit", async () => {
  const commit = await repository.git("rev-parse", "HEAD");
  await repository.git("tag", "-a", "v1", "-m", "x");
  await repository.git("update-ref", "refs/remotes/origin/dev", commit);
  const resolve = (ref: string) => resolveLocalRef(context, { gitDirectory, ref });
  expect(await resolve("main")).toEqual({ ref: "main", commit });
  expect(await resolve("refs/heads/main")).toEqual({ ref: "main", commit });
  expect(await resolve("v1")).toEqual({ ref: "v1", commit });
  expect(await resolve("origin/dev")).toEqual({ ref: "origin/dev", commit });
  expect(await resolve("HEAD")).toEqual({ ref: "main", commit });
  expect(await resolve(commit)).toEqual({ ref: commit, commit });
  expect(await resolve(commit.slice(0, 8))).toEqual({ ref: commit, commit });
  await expect(resolve("nope")).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("'main'"),
  });
  await expect(resolve("1".repeat(40))).rejects.toMatchObject({ code: "not_found" });
  for (const ref of ["--output=/tmp/x", "main~1", "a b", ":/x", "@{-1}"]) {
    await expect(resolve(ref), ref).rejects.toMatchObject({ code: "invalid_input" });
  }
});

test("an empty repository has a branch and no commit", async () => {
  const empty = await makeRepository();
  const directory = join(empty.path, ".git");
  expect(await headCommit(context, directory)).toBeUndefined();
  expect(await headBranch(context, directory)).toBe("main");
  const answer = resolveLocalRef(context, { gitDirectory: directory, ref: "main" });
  await expect(answer).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("no commits yet"),
  });
  await empty.remove();
});

test("blobs come in order, with large and missing ones named in their place", async () => {
  const large = Buffer.alloc(10 * 1024 * 1024, "large\n");
  const odd = await makeRepository({ "large.txt": large, "small.txt": "small", empty: "", "nul.bin": "a\0b\nc\n" });
  const directory = join(odd.path, ".git");
  const oid = (bytes: string | Buffer) => blobOid(Buffer.from(bytes), "sha1");
  const missing = "1".repeat(40);
  const commit = await odd.git("rev-parse", "HEAD");
  const oids = [oid("small"), missing, oid(large), oid(""), commit, oid("a\0b\nc\n"), oid("small")];
  const small = { oid: oid("small"), sizeBytes: 5, bytes: Buffer.from("small") };
  const around = (read: BlobRead): BlobRead[] => [
    small,
    { oid: missing, sizeBytes: 0, bytes: undefined, problem: "missing" },
    read,
    { oid: oid(""), sizeBytes: 0, bytes: Buffer.alloc(0) },
    { oid: commit, sizeBytes: 0, bytes: undefined, problem: "missing" },
    { oid: oid("a\0b\nc\n"), sizeBytes: 6, bytes: Buffer.from("a\0b\nc\n") },
    small,
  ];
  const whole = await collect(readBlobs(context, { gitDirectory: directory, oids, bytesMax: large.length }));
  expect(whole[2]?.bytes?.equals(large)).toBe(true);
  expect(whole.toSpliced(2, 1)).toEqual(around(small).toSpliced(2, 1));
  const without = await collect(readBlobs(context, { gitDirectory: directory, oids, bytesMax: large.length - 1 }));
  expect(without).toEqual(around({ oid: oid(large), sizeBytes: large.length, bytes: undefined, problem: "too_large" }));
  expect(await collect(readBlobs(context, { gitDirectory: directory, oids: [], bytesMax: 1 }))).toEqual([]);
  await odd.remove();
});

test("a reader that stops early, or is aborted, ends git", async () => {
  const oids = Array.from({ length: 50_000 }, () => blobOid(Buffer.from("one\n"), "sha1"));
  for await (const { bytes } of readBlobs(context, { gitDirectory, oids, bytesMax: 10 })) {
    expect(bytes?.toString()).toBe("one\n");
    break;
  }
  const abort = new AbortController();
  const reading = (async () => {
    for await (const { bytes } of readBlobs(context, { gitDirectory, oids, bytesMax: 10, signal: abort.signal })) {
      if (bytes) abort.abort(new Error("enough"));
    }
  })();
  await expect(reading).rejects.toThrow("enough");
});

test("ids are computed as git does, for both hashes", async () => {
  for (const format of ["sha1", "sha256"] as const) {
    const directory = await importRepository(`${COMMIT}${EMPTY} a.txt\ndata 6\nhello\n\n`, format);
    const { entries } = await tree(directory);
    expect(entries).toEqual([{ path: "a.txt", oid: blobOid(Buffer.from("hello\n"), format) }]);
    const oids = entries.map(({ oid }) => oid);
    const [blob] = await collect(readBlobs(context, { gitDirectory: directory, oids, bytesMax: 100 }));
    expect(blob?.bytes?.toString()).toBe("hello\n");
  }
});
