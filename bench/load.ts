// A hosted server under more callers than it has cores: errors, latency, memory, and whether health still answers.
// usage: node --import tsx bench/load.ts --repository PATH [--in-flight 500] [--seconds 60] [--name NAME]
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { runKota, startKota } from "../test/harness/command.ts";
import { startGitServer } from "../test/harness/git-server.ts";
import { describeMachine } from "./search/machine.ts";

const HEALTH_EVERY_MS = 100;
const ORGANIZATIONS = 4;

const { values } = parseArgs({
  options: {
    repository: { type: "string" },
    "in-flight": { type: "string", default: "500" },
    seconds: { type: "string", default: "60" },
    name: { type: "string", default: "load" },
  },
});
const repository = values.repository;
if (repository === undefined) throw new Error("--repository PATH is needed");
const [inFlight, seconds] = [Number(values["in-flight"]), Number(values.seconds)];

const machine = describeMachine();
const dataDirectory = await mkdtemp(join(tmpdir(), "kota-load-"));
const git = await startGitServer();
await git.publish(repository, "bench/load");
const env = {
  KOTA_DATA_DIR: dataDirectory,
  KOTA_MODE: "hosted",
  KOTA_KEY_PEPPER: "p".repeat(40),
  KOTA_GIT_BASE_URL: git.url,
  LOG_LEVEL: "error",
};
const keys: string[] = [];
for (let i = 0; i < ORGANIZATIONS; i++) {
  const { stdout } = await runKota(["keys", "create", "--organization", `load ${i}`, "--tier", "team", "--json"], {
    env,
  });
  keys.push((JSON.parse(stdout) as { api_key: string }).api_key);
}
const serving = startKota(["serve", "--port", "0"], { env });
const [, url = ""] = await serving.printed(/^Listening on (\S+)$/m);

const agent = new Agent({ keepAlive: true, maxSockets: inFlight });

interface Outcome {
  status: number;
  ms: number;
}

function ask(path: string, { key, body }: { key: string; body?: object }): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const headers = {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      Authorization: `Bearer ${key}`,
    };
    const sent = request(`${url}${path}`, { method: body ? "POST" : "GET", agent, headers }, (response) => {
      response.resume();
      response.once("end", () => resolve({ status: response.statusCode ?? 0, ms: performance.now() - started }));
    });
    sent.once("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

for (const key of keys) {
  const { status } = await ask("/api/v1/repositories", { key, body: { repository: "bench/load", wait_seconds: 600 } });
  if (status !== 202) throw new Error(`indexing answered ${status}`);
}

const tool = (name: string, input: object) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name, arguments: input },
});
/** What agents ask in turn: text, words, files, lists; over REST and MCP. */
const QUESTIONS: { path: string; body?: object }[] = [
  { path: "/api/v1/search?query=import&match=literal" },
  { path: "/api/v1/search?query=return%20new&match=literal" },
  { path: "/api/v1/search?query=%5Cbclass%20%5Cw%2B&match=regex" },
  { path: "/api/v1/search?query=parse%20the%20request%20body" },
  { path: "/api/v1/repositories" },
  { path: "/api/v1/files/recent" },
  { path: "/api/v1/usage" },
  { path: "/mcp", body: tool("search_code", { query: "export", match: "literal" }) },
  { path: "/mcp", body: tool("list_repositories", {}) },
];

const outcomes: Outcome[] = [];
const failures = new Map<string, number>();
const healthMs: number[] = [];
const memoryMb: number[] = [];
const probe = fork(new URL("load/probe.mjs", import.meta.url), [url, String(HEALTH_EVERY_MS)]);
probe.on("message", (ms) => healthMs.push(Number(ms)));
await once(probe, "message");
const until = performance.now() + seconds * 1000;
let asked = 0;

async function caller(): Promise<void> {
  while (performance.now() < until) {
    const i = asked++;
    const question = QUESTIONS[i % QUESTIONS.length];
    const key = keys[i % keys.length];
    if (!question || key === undefined) return;
    await ask(question.path, { key, ...(question.body && { body: question.body }) }).then(
      (outcome) => outcomes.push(outcome),
      (error: Error) => failures.set(error.message, (failures.get(error.message) ?? 0) + 1),
    );
  }
}

async function watchMemory(): Promise<void> {
  while (performance.now() < until) {
    const status = await readFile(`/proc/${serving.child.pid}/status`, "latin1").catch(() => "");
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kb !== undefined) memoryMb.push(Math.round((Number(kb) * 1024) / 1e6));
    await sleep(1000);
  }
}

await Promise.all([...Array.from({ length: inFlight }, caller), watchMemory()]);
probe.disconnect();
serving.child.kill("SIGTERM");
await serving.finished;
await git.stop();
await rm(dataDirectory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });

const quantile = (numbers: readonly number[], q: number) =>
  Math.round([...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))] ?? 0);
const half = Math.floor(memoryMb.length / 2);
const report = {
  date: new Date().toISOString(),
  machine,
  in_flight: inFlight,
  seconds,
  requests: outcomes.length,
  statuses: Object.fromEntries(countStatuses()),
  connection_failures: Object.fromEntries(failures),
  p50_ms: quantile(
    outcomes.map(({ ms }) => ms),
    0.5,
  ),
  p99_ms: quantile(
    outcomes.map(({ ms }) => ms),
    0.99,
  ),
  health_p50_ms: quantile(healthMs, 0.5),
  health_p99_ms: quantile(healthMs, 0.99),
  health_max_ms: quantile(healthMs, 1),
  memory_mb: {
    first_half_max: Math.max(...memoryMb.slice(0, half)),
    second_half_max: Math.max(...memoryMb.slice(half)),
  },
};
const results = new URL("results/", import.meta.url);
await mkdir(results, { recursive: true });
await writeFile(
  new URL(`${report.date.slice(0, 10)}-${values.name}.json`, results),
  `${JSON.stringify(report, null, 1)}\n`,
);
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);

function countStatuses(): [string, number][] {
  const counts = new Map<string, number>();
  for (const { status } of outcomes) counts.set(String(status), (counts.get(String(status)) ?? 0) + 1);
  return [...counts];
}
