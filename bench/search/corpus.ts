// A copy of what Kota holds searchable in a repository's working tree: valid UTF-8 without NUL up to 10 MiB. Every tool
// reads these bytes and no others, and edits are made here, never in the repository that was given.
import { execFile } from "node:child_process";
import { lstat, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const FILE_BYTES_MAX = 10 * 1024 * 1024;
const TEXT_BYTES_MAX = 64 * 1024 * 1024;

const run = promisify(execFile);

export interface Corpus {
  /** A git repository with one commit. */
  directory: string;
  files: number;
  bytes: number;
  /** Contents to draw queries from: every one, or about TEXT_BYTES_MAX spread over a large corpus. */
  texts: string[];
  /** Paths in that order. */
  paths: string[];
}

/** `ending` is appended to every path. */
export async function copyCorpus(repository: string, directory: string, { ending = "" } = {}): Promise<Corpus> {
  const { stdout } = await run("git", ["-C", repository, "ls-files", "-coz", "--exclude-standard"], {
    maxBuffer: 2 ** 28,
  });
  const corpus: Corpus = { directory, files: 0, bytes: 0, texts: [], paths: [] };
  let textBytes = 0;
  let step = 1;
  for (const source of [...new Set(stdout.split("\0"))].filter(Boolean).sort()) {
    const content = await readSearchable(join(repository, source));
    if (!content) continue;
    const path = `${source}${ending}`;
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content.bytes);
    corpus.files++;
    corpus.bytes += content.bytes.length;
    corpus.paths.push(path);
    if (corpus.texts.length * step === corpus.files - 1) {
      corpus.texts.push(content.text);
      textBytes += content.bytes.length;
    }
    if (textBytes > TEXT_BYTES_MAX) {
      corpus.texts = corpus.texts.filter((_, at) => at % 2 === 0);
      textBytes /= 2;
      step *= 2;
    }
  }
  await commitAll(directory);
  return corpus;
}

async function readSearchable(path: string): Promise<{ bytes: Buffer; text: string } | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats?.isFile() || stats.size > FILE_BYTES_MAX) return undefined;
  const bytes = await readFile(path);
  if (bytes.includes(0)) return undefined;
  try {
    return { bytes, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return undefined;
  }
}

/** With every file, ignored ones too: the given repository may track what its .gitignore names. */
async function commitAll(directory: string): Promise<void> {
  const settings = ["core.autocrlf=false", "core.safecrlf=false", "gc.auto=0", "user.name=bench"];
  const options = [...settings, "user.email=bench@example.com"].flatMap((setting) => ["-c", setting]);
  for (const command of [
    ["init", "--quiet"],
    ["add", "--force", "--all"],
    ["commit", "--quiet", "--no-verify", "--message", "Corpus"],
  ]) {
    await run("git", ["-C", directory, ...options, ...command], { maxBuffer: 2 ** 28 });
  }
}
