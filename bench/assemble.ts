// A corpus out of several repositories: each one's tree at a commit becomes a folder, and beside the result stands a
// list of what it was made of, so that anybody can make the same one. Plain folders are copied as they are.
// node --import tsx bench/assemble.ts --into FOLDER NAME=REPOSITORY[@COMMIT]…
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";

const run = promisify(execFile);

const { values, positionals } = parseArgs({ options: { into: { type: "string" } }, allowPositionals: true });
if (values.into === undefined || positionals.length === 0) {
  process.stderr.write("usage: node --import tsx bench/assemble.ts --into FOLDER NAME=REPOSITORY[@COMMIT]…\n");
  process.exitCode = 2;
} else await assemble(resolve(values.into), positionals);

async function assemble(into: string, sources: readonly string[]): Promise<void> {
  const made = [];
  for (const source of sources) {
    const [, name = "", repository = "", commit = "HEAD"] = /^([^=]+)=([^@]+)(?:@(.+))?$/.exec(source) ?? [];
    if (name === "") throw new Error(`'${source}' is not NAME=REPOSITORY[@COMMIT]`);
    process.stderr.write(`${name}\n`);
    const folder = join(into, name);
    await mkdir(folder, { recursive: true });
    const git = await findGitDirectory(repository);
    if (git === undefined) await cp(repository, folder, { recursive: true });
    made.push({ name, ...(git === undefined ? {} : { commit: await extract({ git, commit, folder }) }) });
  }
  await run("git", ["init", "--quiet", into]);
  // By force: what a source tracks may be named by a .gitignore of its own, Debian's kernel sources wholly so.
  await run("git", ["-C", into, "add", "--force", "--all"], { maxBuffer: 2 ** 28 });
  const { stdout } = await run("git", ["-C", into, "ls-files", "-z"], { maxBuffer: 2 ** 28 });
  for (const { name } of made) {
    const files = stdout.split("\0").filter((path) => path.startsWith(`${name}/`)).length;
    process.stderr.write(`${name}: ${files} files\n`);
    if (files === 0) throw new Error(`nothing of ${name} is in the corpus`);
  }
  await writeFile(`${into}.sources.json`, `${JSON.stringify(made, null, 1)}\n`);
}

/** Undefined for a folder that is not a repository itself. */
async function findGitDirectory(repository: string): Promise<string | undefined> {
  const isBare = (await readdir(repository)).includes("HEAD");
  const inside = join(repository, ".git");
  return isBare
    ? repository
    : await stat(inside).then(
        () => inside,
        () => undefined,
      );
}

async function extract({ git, commit, folder }: { git: string; commit: string; folder: string }): Promise<string> {
  const { stdout } = await run("git", ["--git-dir", git, "rev-parse", `${commit}^{commit}`]);
  const id = stdout.trim();
  const without = (await listMissing(git, id)).map((path) => `:(exclude,literal)${path}`);
  const paths = without.length > 0 ? ["--", ".", ...without] : [];
  const archive = spawn("git", ["--git-dir", git, "archive", id, ...paths], { stdio: ["ignore", "pipe", "inherit"] });
  const tar = spawn("tar", ["-x", "-C", folder], { stdio: [archive.stdout, "ignore", "inherit"] });
  // "exit", for the pipe between them is not ours to close.
  const [[fromGit], [fromTar]] = await Promise.all([once(archive, "exit"), once(tar, "exit")]);
  if (fromGit !== 0 || fromTar !== 0) throw new Error(`${git} at ${id} could not be unpacked`);
  return id;
}

/** Paths whose content a partial copy of the repository does not have. */
async function listMissing(git: string, commit: string): Promise<string[]> {
  const tree = await run("git", ["--git-dir", git, "ls-tree", "-rz", commit], { maxBuffer: 2 ** 28 });
  const files = tree.stdout
    .split("\0")
    .map((line) => /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line))
    .filter((match) => match !== null);
  const checking = run("git", ["--git-dir", git, "cat-file", "--batch-check"], { maxBuffer: 2 ** 28 });
  checking.child.stdin?.end(files.map(([, oid]) => `${oid}\n`).join(""));
  const answers = (await checking).stdout.split("\n");
  return files.flatMap(([, , path = ""], i) => (answers[i]?.endsWith(" missing") ? [path] : []));
}
