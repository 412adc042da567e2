// Folders on this machine, as awkward as they come.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRepository, type TestRepository } from "../../test/harness/repository.ts";
import { blobOid, readBlobs } from "./blobs.ts";
import { type GitContext, runGit } from "./run-git.ts";
import { readTree, resolveLocalRef } from "./tree.ts";
import {
  differsFromTree,
  findOrigin,
  listRealFolders,
  listUntrackedFolders,
  listWorktree,
  openWorktree,
  readWorktreeFile,
  visitFolders,
} from "./worktree.ts";

const context: GitContext = { searchPath: process.env["PATH"] ?? "", gitBaseUrl: "https://github.com" };
const MIB = 1024 * 1024;

let scratch: string;
let repository: TestRepository;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "kota-worktree-"));
  await chmod(scratch, 0o755);
  repository = await makeRepository({ "a.txt": "one\n", "src/b.ts": "two\n" });
});

afterAll(async () => {
  await repository.remove();
  await rm(scratch, { recursive: true, force: true });
});

async function list(path: string, filesMax = 1000) {
  const { files, problems } = await listWorktree(context, await openWorktree(context, path), { filesMax });
  const byPath = problems.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    paths: files.map((file) => file.path),
    problems: byPath.map(({ path, reason }) => `${path}: ${reason}`),
    files,
  };
}

async function withRepository(files: Record<string, string>, work: (repository: TestRepository) => Promise<void>) {
  const made = await makeRepository(files);
  try {
    await work(made);
  } finally {
    await made.remove();
  }
}

test("a path anywhere inside leads to the top folder, its HEAD and its origin", async () => {
  await withRepository({ "deep/er/a.txt": "x" }, async ({ path, git }) => {
    await git("remote", "add", "origin", "https://user:s3cr3t@github.com/acme/app.git");
    const commit = await git("rev-parse", "HEAD");
    for (const inside of [path, join(path, "deep/er"), `${path}/`]) {
      expect(await openWorktree(context, inside)).toEqual({
        root: path,
        gitDirectory: join(path, ".git"),
        commit,
        objectFormat: "sha1",
      });
    }
    expect(await findOrigin(context, join(path, ".git"))).toBe("https://github.com/acme/app.git");
  });
});

test("a repository without commits, a linked worktree and SHA-256 are opened", async () => {
  await withRepository({}, async ({ path, write }) => {
    await write({ "new.txt": "x" });
    expect(await openWorktree(context, path)).toMatchObject({ root: path, commit: undefined });
    expect(await findOrigin(context, join(path, ".git"))).toBeUndefined();
    expect((await list(path)).paths).toEqual(["new.txt"]);
  });
  const linked = join(scratch, "linked");
  await repository.git("worktree", "add", "-q", "-b", "side", linked);
  await writeFile(join(linked, "only-here.txt"), "x");
  const worktree = await openWorktree(context, linked);
  expect(worktree.root).toBe(linked);
  expect(await resolveLocalRef(context, { gitDirectory: worktree.gitDirectory, ref: "main" })).toMatchObject({
    ref: "main",
  });
  expect((await list(linked)).paths).toEqual(["a.txt", "only-here.txt", "src/b.ts"]);
  await repository.git("worktree", "remove", "--force", linked);

  const sha256 = await mkdtemp(join(scratch, "sha256-"));
  await runGit(context, ["init", "-q", "--object-format=sha256", sha256], { subject: sha256 });
  expect(await openWorktree(context, sha256)).toMatchObject({ objectFormat: "sha256" });
});

test("what is no worktree is said plainly", async () => {
  const refused = (path: string, code: string, words: string) =>
    expect(openWorktree(context, path), path).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  await refused(join(scratch, "nowhere"), "not_found", "no folder");
  await refused(join(repository.path, "a.txt", "x"), "not_found", "no folder");
  await refused(join(repository.path, "a.txt"), "invalid_input", "is a file");
  const plain = await mkdtemp(join(scratch, "plain-"));
  await refused(plain, "invalid_input", "not a git repository");
  await refused(join(repository.path, ".git"), "invalid_input", "inside a .git folder");
  const bare = join(scratch, "bare.git");
  await runGit(context, ["init", "-q", "--bare", bare], { subject: bare });
  await refused(bare, "invalid_input", "bare repository");
  await withRepository({ "a.txt": "x" }, async ({ path, git }) => {
    await git("config", "core.worktree", "/");
    await refused(path, "invalid_input", "core.worktree");
  });
});

test("tracked and untracked files are listed once, ignored and deleted ones are not", async () => {
  await withRepository(
    { ".gitignore": "*.log\nbuild/\n", "a.txt": "x", "gone.txt": "x", "src/b.ts": "x" },
    async ({ path, git, write }) => {
      await write({ "new.ts": "x", "x.log": "x", "build/out.js": "x", "a.txt": "changed" });
      await rm(join(path, "gone.txt"));
      const { paths, problems, files } = await list(path);
      expect(paths).toEqual([".gitignore", "a.txt", "new.ts", "src/b.ts"]);
      expect(problems).toEqual([]);
      expect(files[1]).toMatchObject({
        path: "a.txt",
        sizeBytes: 7,
        stamp: expect.stringMatching(/^7-\d{19}-\d{19}-\d+$/),
      });
      expect(Math.abs(Date.now() - (files[1]?.changedMs ?? 0))).toBeLessThan(60_000);
      // A path in conflict is in the index three times.
      await git("checkout", "-q", "-f", "-b", "one");
      await write({ "a.txt": "1" });
      await git("commit", "-qam", "1");
      await git("checkout", "-q", "-f", "main");
      await write({ "a.txt": "2" });
      await git("commit", "-qam", "2");
      await git("merge", "-q", "one").catch(() => undefined);
      expect((await list(path)).paths.filter((name) => name === "a.txt")).toHaveLength(1);
    },
  );
});

test("odd names are listed and read", async () => {
  const names = ["-leading", "a b", 'quo"te', "new\nline", "ünï/cödé 日本.ts", "back\\slash", "trailing ", "..."];
  await withRepository(Object.fromEntries(names.map((name) => [name, name])), async ({ path, write }) => {
    await write({ "-untracked\n": "x" });
    const { paths } = await list(path);
    expect(paths).toEqual([...names, "-untracked\n"].sort());
    for (const name of names) expect(readWorktreeFile(path, name, 100)).toEqual({ bytes: Buffer.from(name) });
  });
});

test("links, pipes, sockets, nested repositories and submodules are problems and never followed", async () => {
  await withRepository(
    { "a.txt": "x", "linked/inner.txt": "tracked", "pipe.txt": "x", "was-file": "x" },
    async ({ path, git, write }) => {
      const outside = await mkdtemp(join(scratch, "outside-"));
      await writeFile(join(outside, "inner.txt"), "secret");
      await rm(join(path, "linked"), { recursive: true });
      await symlink(outside, join(path, "linked"));
      await symlink("/etc/passwd", join(path, "passwd"));
      await symlink("self", join(path, "self"));
      await symlink(".", join(path, "again"));
      await rm(join(path, "pipe.txt"));
      execFileSync("sh", ["-c", 'mkfifo "$@"', "sh", join(path, "pipe.txt"), join(path, "untracked-pipe")]);
      await rm(join(path, "was-file"));
      await mkdir(join(path, "was-file"));
      await write({ "was-file/now-folder.txt": "x" });
      const socket = createServer();
      await new Promise<void>((resolve) => socket.listen(join(path, "socket"), resolve));
      await git("init", "-q", "nested");
      await write({ "nested/inside.txt": "x" });
      await git("init", "-q", "module");
      await git("-C", "module", "commit", "-q", "--allow-empty", "-m", "x");
      await git("add", "module");
      const { paths, problems } = await list(path);
      expect(paths).toEqual(["a.txt", "was-file/now-folder.txt"]);
      expect(problems).toEqual([
        "again: symbolic_link",
        "linked: symbolic_link",
        "module: submodule",
        "nested: nested_repository",
        "passwd: symbolic_link",
        "pipe.txt: not_a_regular_file",
        "self: symbolic_link",
      ]);
      const problem = (name: string) => readWorktreeFile(path, name, MIB);
      expect(problem("linked/inner.txt")).toEqual({ problem: "symbolic_link" });
      expect(problem("passwd")).toEqual({ problem: "symbolic_link" });
      expect(problem("self")).toEqual({ problem: "symbolic_link" });
      expect(problem("pipe.txt")).toEqual({ problem: "not_a_regular_file" });
      expect(problem("socket")).toEqual({ problem: "not_a_regular_file" });
      expect(problem("module")).toEqual({ problem: "not_a_regular_file" });
      await new Promise((resolve) => socket.close(resolve));
    },
  );
});

test("a read stays inside the folder and within its limit", async () => {
  const { path } = repository;
  expect(readWorktreeFile(path, "a.txt", 4)).toEqual({ bytes: Buffer.from("one\n") });
  expect(readWorktreeFile(path, "a.txt", 3)).toEqual({ problem: "too_large" });
  expect(readWorktreeFile(path, "gone", 3)).toEqual({ problem: "missing" });
  expect(readWorktreeFile(path, "a.txt/x", 3)).toEqual({ problem: "missing" });
  for (const outside of ["../x", "src/../../x", "/etc/passwd", ".git/config", "a\0b", ".", ""]) {
    expect(readWorktreeFile(path, outside, MIB), outside).toEqual({ problem: "unreadable" });
  }
  const large = Buffer.alloc(10 * MIB, "large\n");
  await writeFile(join(path, "large.txt"), large);
  const read = readWorktreeFile(path, "large.txt", 10 * MIB);
  expect("bytes" in read && read.bytes.equals(large)).toBe(true);
  await rm(join(path, "large.txt"));
});

test("names that are not UTF-8 and files beyond the limit are problems", async () => {
  await withRepository({ "a.txt": "x", "b.txt": "x", "c.txt": "x" }, async ({ path }) => {
    await writeFile(Buffer.concat([Buffer.from(`${path}/caf`), Buffer.from([0xe9])]), "x");
    const { paths, problems } = await list(path, 2);
    expect(paths).toEqual(["a.txt", "b.txt"]);
    expect(problems).toEqual(["c.txt: too_many_files", "caf\\xe9: path_not_utf8"]);
  });
});

test("a stamp changes with the content, even when time and size are put back", async () => {
  await withRepository({ "a.txt": "one" }, async ({ path }) => {
    const before = (await list(path)).files[0]?.stamp;
    execFileSync("cp", ["-p", join(path, "a.txt"), join(path, ".git", "kept")]);
    await writeFile(join(path, "a.txt"), "two");
    execFileSync("touch", ["-r", join(path, ".git", "kept"), join(path, "a.txt")]);
    expect((await list(path)).files[0]?.stamp).not.toBe(before);
    expect((await list(path)).files[0]?.stamp).toBe((await list(path)).files[0]?.stamp);
  });
});

test("a folder differs from HEAD when a file is changed, added or gone", async () => {
  await withRepository({ "a.txt": "one", "b.txt": "two" }, async ({ path, write }) => {
    const { gitDirectory, commit = "" } = await openWorktree(context, path);
    const { entries } = await readTree(context, { gitDirectory, commit, filesMax: 10 });
    const differs = async () => {
      const oids = (await list(path)).paths.map((name): [string, string] => {
        const read = readWorktreeFile(path, name, MIB);
        return [name, "bytes" in read ? blobOid(read.bytes, "sha1") : ""];
      });
      return differsFromTree(new Map(oids), entries);
    };
    expect(await differs()).toBe(false);
    await write({ "a.txt": "changed" });
    expect(await differs()).toBe(true);
    await write({ "a.txt": "one", "c.txt": "new" });
    expect(await differs()).toBe(true);
    await rename(join(path, "c.txt"), join(path, "b.txt"));
    expect(await differs()).toBe(true);
    await rm(join(path, "b.txt"));
    expect(await differs()).toBe(true);
  });
});

test("nothing that a repository's configuration names is run, and its index is not written", async () => {
  await withRepository(
    { "a.txt": "one\n", ".gitattributes": "* filter=evil diff=evil merge=evil\n", "b.txt": "x" },
    async ({ path, git }) => {
      const marker = join(scratch, "marker");
      const evil = join(path, ".git", "evil.sh");
      await writeFile(evil, `#!/bin/sh\necho "$0 $*" >> ${marker}\ncat\n`);
      await chmod(evil, 0o755);
      const blob = await git("rev-parse", "HEAD:b.txt");
      const included = join(path, ".git", "included");
      await writeFile(included, `[core]\n\tfsmonitor = ${evil}\n\thooksPath = ${join(path, ".git", "hooks")}\n`);
      const settings = {
        "core.fsmonitor": evil,
        "core.sshCommand": evil,
        "core.pager": evil,
        "core.editor": evil,
        "core.askPass": evil,
        "core.gitProxy": evil,
        "core.alternateRefsCommand": evil,
        "pager.ls-files": evil,
        "pager.rev-parse": evil,
        "alias.ls-files": `!${evil}`,
        "alias.rev-parse": `!${evil}`,
        "filter.evil.clean": evil,
        "filter.evil.smudge": evil,
        "filter.evil.process": evil,
        "filter.evil.required": "true",
        "diff.evil.textconv": evil,
        "diff.evil.command": evil,
        "diff.external": evil,
        "merge.evil.driver": evil,
        "credential.helper": `!${evil}`,
        "gpg.program": evil,
        "uploadpack.packObjectsHook": evil,
        "include.path": included,
        "includeIf.gitdir:/.path": included,
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
        "remote.origin.url": `ext::${evil} %S`,
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "extensions.partialClone": "origin",
        "core.repositoryformatversion": "1",
        "trace2.eventTarget": marker,
      };
      for (const [key, value] of Object.entries(settings)) await git("config", "--add", key, value);
      for (const hook of [
        "post-index-change",
        "reference-transaction",
        "post-checkout",
        "fsmonitor-watchman",
        "pre-auto-gc",
      ]) {
        await mkdir(join(path, ".git", "hooks"), { recursive: true });
        await writeFile(join(path, ".git", "hooks", hook), `#!/bin/sh\necho ${hook} >> ${marker}\n`);
        await chmod(join(path, ".git", "hooks", hook), 0o755);
      }
      // A blob that only the "remote" would have, and a file younger than the index.
      await rm(join(path, ".git", "objects", blob.slice(0, 2), blob.slice(2)), { force: true });
      await writeFile(join(path, "a.txt"), "two\n");
      await rm(marker, { force: true });
      const index = await readFile(join(path, ".git", "index"));

      const worktree = await openWorktree(context, path);
      const { commit = "", gitDirectory } = worktree;
      expect((await listWorktree(context, worktree, { filesMax: 10 })).files).toHaveLength(3);
      const { entries } = await readTree(context, { gitDirectory, commit, filesMax: 10 });
      const problems: unknown[] = [];
      for await (const read of readBlobs(context, {
        gitDirectory,
        oids: entries.map(({ oid }) => oid),
        bytesMax: MIB,
      })) {
        if ("problem" in read) problems.push(read.problem);
      }
      expect(problems).toEqual(["missing"]);
      expect(await resolveLocalRef(context, { gitDirectory, ref: "main" })).toEqual({ ref: "main", commit });
      await expect(readFile(marker, "utf8")).rejects.toThrow("ENOENT");
      expect((await readFile(join(path, ".git", "index"))).equals(index)).toBe(true);
      // The trap was set: git on its own would have run it.
      spawnSync("git", ["-C", path, "diff-files"], { stdio: "ignore", timeout: 10_000 });
      expect(await readFile(marker, "utf8")).toContain("evil.sh");
    },
  );
});

test("no permission is said so, and an unreadable part is a problem", async () => {
  await withRepository({ "a.txt": "x", "secret.txt": "x" }, async ({ path, write }) => {
    await write({ "closed/inner.txt": "x" });
    const closed = await mkdtemp(join(scratch, "closed-"));
    await withRepository({ "a.txt": "x" }, async (other) => {
      await chmod(join(other.path, ".git"), 0);
      await chmod(closed, 0);
      await chmod(join(path, "secret.txt"), 0);
      await chmod(join(path, "closed"), 0);
      const answer = await asNobody({ path, closed, other: other.path });
      await chmod(join(path, "closed"), 0o755);
      await chmod(join(other.path, ".git"), 0o755);
      expect(answer).toEqual({
        closed: { code: "forbidden", message: expect.stringContaining(`No permission to read ${closed}`) },
        other: { code: "forbidden", message: expect.stringContaining(".git") },
        files: ["a.txt", "secret.txt"],
        problems: [{ path: "closed", reason: "unreadable" }],
        read: { problem: "unreadable" },
      });
    });
  });
});

test("10,000 working files are listed and read in seconds", { timeout: 60_000 }, async () => {
  await withRepository({}, async ({ path }) => {
    for (let folder = 0; folder < 100; folder += 1) {
      await mkdir(join(path, `d${folder}`));
      await Promise.all(
        Array.from({ length: 100 }, (_, file) => writeFile(join(path, `d${folder}`, `f${file}.ts`), `${file}`)),
      );
    }
    const worktree = await openWorktree(context, path);
    const startedMs = performance.now();
    const { files } = await listWorktree(context, worktree, { filesMax: 1e6 });
    const listedMs = performance.now();
    for (const file of files) readWorktreeFile(path, file.path, MIB);
    const readMs = performance.now();
    expect(files).toHaveLength(10_000);
    expect(listedMs - startedMs).toBeLessThan(10_000);
    expect(readMs - listedMs).toBeLessThan(10_000);
  });
});

/** The same from a process without root's rights. */
async function asNobody(paths: { path: string; closed: string; other: string }): Promise<unknown> {
  const isRoot = process.getuid?.() === 0;
  // tsx keeps what it compiled there.
  const temporary = await mkdtemp(join(scratch, "tmp-"));
  await chmod(temporary, 0o777);
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", NOBODY], {
    cwd: dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
    env: { PATH: context.searchPath, PATHS: JSON.stringify(paths), TMPDIR: temporary },
    stdio: ["ignore", "pipe", "inherit"],
    ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
  });
  let answer = "";
  for await (const chunk of child.stdout) answer += String(chunk);
  return JSON.parse(answer);
}

const NOBODY = `
  const { openWorktree, listWorktree, readWorktreeFile } = await import(${JSON.stringify(new URL("./worktree.ts", import.meta.url).href)});
  const context = { searchPath: process.env.PATH, gitBaseUrl: "https://github.com" };
  const { path, closed, other } = JSON.parse(process.env.PATHS);
  const errorOf = (answer) => answer.then(() => "opened", ({ code, message }) => ({ code, message }));
  const { files, problems } = await listWorktree(context, await openWorktree(context, path), { filesMax: 10 });
  console.log(JSON.stringify({
    closed: await errorOf(openWorktree(context, closed)),
    other: await errorOf(openWorktree(context, other)),
    files: files.map((file) => file.path),
    problems,
    read: readWorktreeFile(path, "secret.txt", 100),
  }));
`;

test("folders are visited before they are read, but for ignored ones, links and repositories of their own", async () => {
  const other = await makeRepository({ ".gitignore": "ignored/\n", "known/a.txt": "a\n" });
  for (const folder of ["new/one/two", "new/ignored/deep", "known/empty", "own/below"])
    await mkdir(join(other.path, folder), { recursive: true });
  await other.git("init", "-q", "own");
  await symlink("new", join(other.path, "link"));
  const worktree = await openWorktree(context, other.path);
  const paths = ["", "new/one", "link", "link/one", "own", "own/below", ".git/info", "known/a.txt", "gone"];
  expect(await listRealFolders(worktree, paths)).toEqual(["", "new/one"]);

  const visit = async (foldersMax: number) => {
    const visited: string[] = [];
    const isAll = await visitFolders(context, {
      worktree,
      folders: ["known/empty", "link/one", "new", "own"],
      foldersMax,
      visit(folder) {
        visited.push(folder);
        // As one who makes it just then.
        if (folder === "new/one/two") mkdirSync(join(other.path, folder, "late"), { recursive: true });
      },
    });
    return { visited, isAll };
  };
  const all = ["known/empty", "new", "new/one", "new/one/two", "new/one/two/late"];
  expect(await visit(5)).toEqual({ visited: all, isAll: true });
  expect(await visit(4)).toEqual({ visited: all.slice(0, 4), isAll: false });
  expect(await listUntrackedFolders(context, worktree)).toEqual(expect.arrayContaining(["known/empty", "new"]));
  await other.remove();
});
