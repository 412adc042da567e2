// Replays the commits of a history and compares links that were brought up to date with links made from scratch.
// usage: node --import tsx bench/graph/replay.ts GIT_DIRECTORY [--commits 60] [--until REF]
import { execFileSync } from "node:child_process";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { affectedFiles, outsideOf, type Change } from "../../src/indexing/link/affected.ts";
import { javascriptResolver } from "../../src/indexing/link/javascript.ts";
import { augmentedBy, linkFiles } from "../../src/indexing/link/link.ts";
import type { FileLinks } from "../../src/indexing/link/tree.ts";
import { NO_FACTS, type Facts } from "../../src/languages/facts.ts";
import { languageOf } from "../../src/languages/language.ts";
import { factsOfText, LANGUAGES, treeOf } from "./tree.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { commits: { type: "string", default: "60" }, until: { type: "string", default: "HEAD" } },
});
const git = (...parameters: string[]) =>
  execFileSync("git", ["--git-dir", positionals[0] ?? ".git", ...parameters], { maxBuffer: 1 << 30, encoding: "utf8" });

const blobs = new Map<string, Facts>();
const commits = git("rev-list", "--first-parent", "--max-count", values.commits, values.until)
  .trim()
  .split("\n")
  .reverse();
let files = new Map<string, { blob: string; facts: Facts }>();
let links = new Map<string, FileLinks>();
const shares: number[] = [];
let bodyOnly = 0;
let different = 0;
let incrementalMs = 0;

for (const commit of commits) {
  const next = readCommit(commit);
  const changes: Change[] = [];
  for (const path of new Set([...files.keys(), ...next.keys()])) {
    const [before, after] = [files.get(path), next.get(path)];
    if (before?.blob !== after?.blob)
      changes.push({ path, ...(before && { before: before.facts }), ...(after && { after: after.facts }) });
  }
  const facts = new Map([...next].map(([path, one]) => [path, one.facts]));
  const isFirst = files.size === 0;
  const started = performance.now();
  const affected = isFirst
    ? [...facts.keys()]
    : affectedFiles(new Map([...links].map(([path, one]) => [path, one.reads])), changes, linker(facts).augmented());
  const updated = linker(facts).link(affected);
  if (!isFirst) incrementalMs += performance.now() - started;
  const known = new Set(affected);
  const kept = [...links].filter(([path]) => facts.has(path) && !known.has(path));
  links = new Map([...kept, ...updated]);
  const fresh = linker(facts).link([...facts.keys()]);
  for (const [path, one] of fresh) if (!isDeepStrictEqual(one, links.get(path))) report(commit, path);
  if (!isFirst) {
    shares.push(affected.length / facts.size);
    if (changes.every(({ before, after }) => before && after && outsideOf(before) === outsideOf(after))) bodyOnly++;
  }
  files = next;
}

const sorted = shares.sort((a, b) => a - b);
const share = (q: number) => Number((sorted[Math.floor(q * sorted.length)] ?? 0).toFixed(4));
process.stdout.write(
  `${JSON.stringify({ commits: commits.length, files: files.size, different, body_only: bodyOnly, relinked_share: { p50: share(0.5), p90: share(0.9) }, update_ms_mean: Math.round(incrementalMs / Math.max(1, shares.length)) })}\n`,
);

function linker(facts: ReadonlyMap<string, Facts>) {
  const tree = treeOf(facts);
  const resolver = javascriptResolver(tree);
  const resolvers = Object.fromEntries([...LANGUAGES].map((language) => [language, resolver]));
  return {
    link: (paths: readonly string[]): Map<string, FileLinks> => linkFiles(tree, paths, resolvers),
    augmented: () => augmentedBy(tree, resolvers),
  };
}

function report(commit: string, path: string): void {
  different++;
  process.stderr.write(`${commit} ${path}\n`);
}

function readCommit(commit: string): Map<string, { blob: string; facts: Facts }> {
  const read = new Map<string, { blob: string; facts: Facts }>();
  for (const row of git("ls-tree", "-r", "-z", commit).split("\0")) {
    const [about = "", path = ""] = row.split("\t");
    const [, type, blob = ""] = about.split(" ");
    if (type !== "blob") continue;
    const key = `${path} ${blob}`;
    let facts = blobs.get(key);
    if (!facts)
      blobs.set(
        key,
        (facts = LANGUAGES.has(languageOf(path)) ? factsOfText(path, git("cat-file", "blob", blob)) : NO_FACTS),
      );
    read.set(path, { blob, facts });
  }
  return read;
}
