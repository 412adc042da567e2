// Real git repositories in temporary folders.
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

export type Files = Record<string, string | Buffer>;

export interface TestRepository {
  path: string;
  git(...args: string[]): Promise<string>;
  write(files: Files): Promise<void>;
  /** Adds everything and commits; answers the commit id. */
  commit(message?: string): Promise<string>;
  remove(): Promise<void>;
}

export async function makeRepository(files: Files = {}, { origin }: { origin?: string } = {}): Promise<TestRepository> {
  const path = await mkdtemp(join(tmpdir(), "kota-repository-"));
  // Tests may read it as another user.
  await chmod(path, 0o755);
  const git = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)("git", ["-C", path, ...args], {
      env: GIT_ENVIRONMENT,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.trim();
  };
  const repository: TestRepository = {
    path,
    git,
    async write(more) {
      for (const [name, content] of Object.entries(more)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), content);
      }
    },
    async commit(message = "change") {
      await git("add", "-A", "-f");
      await git("commit", "-q", "--allow-empty", "-m", message);
      return git("rev-parse", "HEAD");
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
  await git("init", "-q", "-b", "main");
  if (origin !== undefined) await git("remote", "add", "origin", origin);
  if (Object.keys(files).length > 0) {
    await repository.write(files);
    await repository.commit("first");
  }
  return repository;
}

const GIT_ENVIRONMENT = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.com",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.com",
};
