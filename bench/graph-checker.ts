// What the semantic tier costs and adds on a folder: the checker's process alone, from its start to its answer, without a
// database. CPU and memory are looked at ten times a second, of the process and the executable together (Linux).
// usage: node --import tsx bench/graph-checker.ts FOLDER [--sample N [--of added|corrected]]
import { readFileSync, readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { CHECKER_LIMITS, findExecutable, runChecker } from "../src/indexing/check/run-checker.ts";
import { isCheckable } from "../src/indexing/check/check-snapshot.ts";
import { linkSnapshot } from "../src/indexing/link-snapshot.ts";
import { openLinks, type Definition } from "../src/graph/links.ts";
import { qualifiedName } from "../src/graph/usages.ts";
import { isTestPath } from "../src/languages/test-file.ts";
import { packFacts } from "../src/graph/packed-facts.ts";
import { readTree } from "./graph/tree.ts";

const LOOK_MS = 100;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: "string", default: "0" }, of: { type: "string", default: "added" } },
});
const { factsOf, texts } = await readTree(positionals[0] ?? ".");
const executable = findExecutable();
if (!executable) throw new Error("typescript is installed without its executable");
const packed = new Map([...factsOf].map(([path, facts]) => [path, packFacts(facts)]));
const described = [...packed.keys()].map((path) => ({ path, content: path, isTest: isTestPath(path), hasFacts: true }));
const linked = linkSnapshot(
  { files: described, skipped: [], previous: undefined },
  {
    readLinks: () => [],
    readFacts: (numbers) => numbers.map((number) => packed.get(described[number]?.path ?? "")),
  },
);
const links = new Map(linked.links.map(({ path, data }) => [path, data]));
const isManifest = (path: string) => factsOf.get(path)?.manifest !== undefined;
const files = [...packed].flatMap(([path, facts]) =>
  isCheckable(path) || isManifest(path)
    ? [{ path, facts, links: links.get(path), text: isCheckable(path) ? texts.get(path) : undefined }]
    : [],
);

const seen = { cpuSeconds: new Map<string, number>(), megabytes: 0 };
let looking: NodeJS.Timeout | undefined;
const started = performance.now();
const answer = await runChecker(
  { executable, paths: [...packed.keys()], files, graph: linked.graph },
  {
    signal: new AbortController().signal,
    limits: CHECKER_LIMITS,
    onStart: (group) => (looking = setInterval(() => look(group), LOOK_MS)),
  },
).finally(() => clearInterval(looking));
const seconds = (performance.now() - started) / 1000;

const checked = answer.links.flatMap(({ path, data }) => {
  const own = links.get(path);
  const before = new Map((own ? openLinks(own).links : []).map((link) => [link.reference, link]));
  return openLinks(data).links.map((link) => ({ path, link, before: before.get(link.reference) }));
});
const isCertain = ({ before }: (typeof checked)[number]) => before !== undefined && before.confidence !== "ambiguous";
const added = checked.filter((one) => !isCertain(one) && one.link.definitions.length > 0);
const corrected = checked.filter(isCertain);
const sampled = values.of === "corrected" ? corrected : added.filter(leadsAway);
const report = {
  sources: files.filter(({ text }) => text !== undefined).length,
  sources_mb: round(files.reduce((sum, { text = "" }) => sum + Buffer.byteLength(text), 0) / 1e6),
  references: [...factsOf].reduce(
    (sum, [path, { references }]) => sum + (isCheckable(path) ? references.length : 0),
    0,
  ),
  added: added.length,
  added_across_files: added.filter(leadsAway).length,
  corrected: corrected.length,
  corrected_to_outside: corrected.filter(({ link }) => link.definitions.length === 0).length,
  seconds: round(seconds),
  cpu_seconds: round([...seen.cpuSeconds.values()].reduce((sum, one) => sum + one, 0)),
  peak_mb: Math.round(seen.megabytes),
};
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
const sample = Number(values.sample);
for (let i = 0; i < sample; i++) {
  const one = sampled[Math.floor((i * sampled.length) / sample)];
  if (one) process.stdout.write(`${describe(one)}\n`);
}

function leadsAway({ path, link }: (typeof checked)[number]): boolean {
  return link.definitions.some((one) => one.path !== path);
}

function describe({ path, link, before }: (typeof checked)[number]): string {
  const fact = factsOf.get(path)?.references[link.reference];
  const line = texts.get(path)?.split("\n")[(fact?.line ?? 1) - 1]?.trim().slice(0, 120);
  const namesOf = (all: readonly Definition[]) =>
    all.map((one) => {
      const symbols = factsOf.get(one.path)?.symbols ?? [];
      return `${one.path}:${symbols[one.symbol]?.line} ${qualifiedName(symbols, one.symbol)}`;
    });
  const [now, then] = [namesOf(link.definitions), namesOf(before?.definitions ?? [])].map((all) => all.join(" & "));
  return `${path}:${fact?.line} ${fact?.kind} ${fact?.name} | ${line} | ${now || "outside"}${then ? ` | before: ${then}` : ""}`;
}

function look(group: number): void {
  let kilobytes = 0;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = readOrNothing(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(fields[2]) !== group) continue;
    // Ticks of user and system, of which Linux has 100 a second.
    seen.cpuSeconds.set(pid, (Number(fields[11]) + Number(fields[12])) / 100);
    kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1] ?? 0);
  }
  seen.megabytes = Math.max(seen.megabytes, kilobytes / 1024);
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
