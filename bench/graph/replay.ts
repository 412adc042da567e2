// Replays the commits of a history: links brought up to date from commit to commit, compared byte by byte with links made
// from scratch, and the time that both take.
// usage: node --import tsx bench/graph/replay.ts GIT_DIRECTORY [--commits 60] [--until REF] [--check-every 1]
import { execFileSync } from "node:child_process";
import { isDeepStrictEqual, parseArgs } from "node:util";
import {
  linkSnapshot,
  openLinks,
  type LinkedSnapshot,
  type OpenedLinks,
  type PreviousLinks,
} from "../../src/indexing/link-snapshot.ts";
import type { LinkMark } from "../../src/indexing/link-mark.ts";
import { declares } from "../../test/harness/relinked.ts";
import { grammarOf } from "../../src/languages/grammar.ts";
import { isTestPath } from "../../src/languages/test-file.ts";
import { packFacts } from "../../src/graph/packed-facts.ts";
import { factsOfText } from "./tree.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    commits: { type: "string", default: "60" },
    until: { type: "string", default: "HEAD" },
    "check-every": { type: "string", default: "1" },
  },
});
const git = (...parameters: string[]) =>
  execFileSync("git", ["--git-dir", positionals[0] ?? ".git", ...parameters], { maxBuffer: 1 << 30 });

type Files = Map<string, { blob: string; facts: Uint8Array | undefined }>;

const packed = new Map<string, Uint8Array>();
const commits = git("rev-list", "--first-parent", "--max-count", values.commits, values.until)
  .toString()
  .trim()
  .split("\n")
  .reverse();
let files: Files = new Map();
let last: LinkedSnapshot | undefined;
let links = new Map<string, string>();
let different = 0;
const again: number[] = [];
const renumbered: number[] = [];
const updateMs: number[] = [];
const wholeMs: number[] = [];

for (const [number, commit] of commits.entries()) {
  const next = await readCommit(commit);
  const paths = [...new Set([...files.keys(), ...next.keys()])];
  const changes = paths
    .filter((path) => files.get(path)?.blob !== next.get(path)?.blob)
    .map((path) => ({ path, wasThere: files.has(path), facts: files.get(path)?.facts }));
  const started = performance.now();
  const marks = new Set<LinkMark>();
  const linked = link(next, last && { before: openLinks(last), changes }, (mark) => mark > 0 && marks.add(mark));
  if (last) {
    updateMs.push(performance.now() - started);
    again.push(marks.size);
    renumbered.push(linked.links.length - marks.size);
  }
  const kept = [...links].filter(([path]) => next.has(path));
  links = new Map([...kept, ...textsOf(linked)]);
  if (number % Number(values["check-every"]) === 0) {
    const from = performance.now();
    const whole = link(next);
    wholeMs.push(performance.now() - from);
    if (!isDeepStrictEqual([whole.graph, whole.state, textsOf(whole)], [linked.graph, linked.state, links])) {
      different++;
      process.stderr.write(`${commit}\n`);
    }
  }
  [files, last] = [next, linked];
}

const quantile = (list: number[], q: number) =>
  Math.round(list.toSorted((a, b) => a - b)[Math.floor(q * (list.length - 1))] ?? 0);
const spread = (list: number[]) => ({ p50: quantile(list, 0.5), p90: quantile(list, 0.9), max: quantile(list, 1) });
const report = {
  commits: commits.length,
  files: files.size,
  files_with_facts: [...files.values()].filter(({ facts }) => facts).length,
  different,
  linked_again: spread(again),
  renumbered: spread(renumbered),
  update_ms: spread(updateMs),
  whole_ms: spread(wholeMs),
  graph_bytes: last?.graph.length,
  state_bytes: last?.state.length,
  facts_bytes: [...files.values()].reduce((sum, { facts }) => sum + (facts?.length ?? 0), 0),
};
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);

function link(
  of: Files,
  last?: { before: OpenedLinks; changes: PreviousLinks["changes"] },
  onMark: (mark: LinkMark) => unknown = () => undefined,
): LinkedSnapshot {
  const { before, changes } = last ?? {};
  const previous = before && changes && { key: before.key, changes };
  const described = [...of].map(([path, { blob, facts }]) => ({
    path,
    content: blob,
    isTest: isTestPath(path),
    hasFacts: facts !== undefined,
  }));
  return linkSnapshot(
    { files: described, skipped: [], previous },
    {
      // Those of the commit before, until this one is linked.
      readLinks: (numbers) =>
        numbers.map((number) => {
          const data = links.get(described[number]?.path ?? "");
          return data === undefined ? undefined : Buffer.from(data, "base64");
        }),
      onMark,
      readFacts: (numbers) => numbers.map((number) => of.get(described[number]?.path ?? "")?.facts),
      findDeclaring: (asked) =>
        described.flatMap(({ path }, number) => (declares(of.get(path)?.facts, asked) ? number : [])),
      before,
    },
  );
}

function textsOf(linked: LinkedSnapshot): Map<string, string> {
  return new Map(linked.links.map(({ path, data }) => [path, Buffer.from(data).toString("base64")]));
}

async function readCommit(commit: string): Promise<Files> {
  const read: Files = new Map();
  for (const row of git("ls-tree", "-r", "-z", commit).toString().split("\0")) {
    const [about = "", path = ""] = row.split("\t");
    const [, type, blob = ""] = about.split(" ");
    if (type !== "blob") continue;
    const grammar = grammarOf(path);
    if (grammar === undefined) {
      read.set(path, { blob, facts: undefined });
      continue;
    }
    const key = `${blob} ${grammar}`;
    const facts = packed.get(key) ?? packFacts(await factsOfText(path, git("cat-file", "blob", blob).toString()));
    packed.set(key, facts);
    read.set(path, { blob, facts });
  }
  return read;
}
