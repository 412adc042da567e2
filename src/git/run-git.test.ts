import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { explainFailure } from "./failure.ts";
import { type GitContext, runGit, startGit } from "./run-git.ts";

const searchPath = process.env["PATH"] ?? "";
const gitBaseUrl = "https://github.com";

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "kota-run-git-"));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A PATH on which `git` is this shell script. */
async function pretendGit(script: string): Promise<GitContext> {
  const folder = await mkdtemp(join(scratch, "bin-"));
  await writeFile(join(folder, "git"), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, "git"), 0o755);
  return { searchPath: `${folder}:${searchPath}`, gitBaseUrl };
}

test("git gets PATH and our settings, and nothing of this process's environment", async () => {
  process.env["GIT_DIR"] = "/elsewhere";
  try {
    const context = await pretendGit("env");
    const { stdout } = await runGit(context, ["x"], { subject: "x" });
    const names = stdout
      .toString()
      .split("\n")
      .map((line) => line.replace(/=.*/s, ""));
    const known = /^(?:|PATH|HOME|XDG_CONFIG_HOME|LC_ALL|SSH_ASKPASS|GIT_.*|PWD|SHLVL|_|OLDPWD)$/;
    expect(names.filter((name) => !known.test(name))).toEqual([]);
    expect(names).not.toContain("GIT_DIR");
  } finally {
    delete process.env["GIT_DIR"];
  }
});

test("no git on PATH is said so", async () => {
  const answer = runGit({ searchPath: "/nonexistent", gitBaseUrl }, ["version"], { subject: "x" });
  await expect(answer).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("Install git") });
});

test("too much output and too much time end the whole group", async () => {
  const loud = await pretendGit("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
  const large = runGit(loud, ["x"], { subject: "x", stdoutBytesMax: 1000 });
  await expect(large).rejects.toMatchObject({ code: "payload_too_large" });
  const pidFile = join(scratch, "pid");
  const deaf = await pretendGit(`trap '' TERM; sh -c 'trap "" TERM; echo $$ > ${pidFile}; sleep 60'`);
  const slow = runGit(deaf, ["x"], { subject: "x", timeoutSeconds: 0.5 });
  await expect(slow).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("longer than 0.5 s"),
  });
  const pid = Number(await readFile(pidFile, "utf8"));
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("an aborted signal starts nothing, and a later one stops what runs", async () => {
  const context = await pretendGit("sleep 60");
  const aborted = AbortSignal.abort(new Error("enough"));
  await expect(runGit(context, ["x"], { subject: "x", signal: aborted })).rejects.toThrow("enough");
  const abort = new AbortController();
  const git = startGit(context, ["x"], { subject: "x", signal: abort.signal });
  abort.abort(new Error("enough"));
  await expect(git.ended).rejects.toThrow("enough");
});

test("what git says becomes an error to act on, without secrets", () => {
  const check = (stderr: string, code: string, isRemote = true) =>
    expect(explainFailure(stderr, { subject: "https://h/a/b", isRemote, secrets: [] }).code, stderr).toBe(code);
  check("fatal: could not read Username for 'https://h': terminal prompts disabled", "not_found");
  check("fatal: Authentication failed for 'https://h/a/b/'", "not_found");
  check("remote: Repository not found.\nfatal: repository 'https://h/a/b/' not found", "not_found");
  check("fatal: unable to access 'https://h/a/b/': The requested URL returned error: 403", "forbidden");
  check("fatal: unable to access 'https://h/a/b/': The requested URL returned error: 302", "invalid_input");
  check("fatal: unable to access 'https://h/a/b/': The requested URL returned error: 503", "upstream_failed");
  check("fatal: unable to access 'https://h/a/b/': Could not resolve host: h", "upstream_failed");
  check("fatal: unable to access 'https://h/a/b/': SSL certificate problem: self signed", "upstream_failed");
  check("fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output", "unavailable");
  check("fatal: transport 'ext' not allowed", "invalid_input");
  check("fatal: something new", "upstream_failed");
  check("fatal: something new", "unavailable", false);
  check("error: object file .git/objects/aa/bb is empty", "unavailable", false);
  const secrets = ["t0ken"];
  const error = explainFailure("fatal: bad t0ken https://u:pw@h/", { subject: "x", isRemote: true, secrets });
  expect(`${error.message} ${String(error.cause)}`).not.toMatch(/t0ken|pw@/);
});

/** A process that was killed and that nobody reaps (no init in a container) counts as gone. */
async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  if (/^\d+ \(.*\) Z/.test(state)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
