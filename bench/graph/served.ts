// A Kota of its own in a temporary folder for the graph benchmark: indexed by the command, its Postgres counted; then what
// its tables take and how long it takes to answer.
import { readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { KOTA, runKota, startKota } from "../../test/harness/command.ts";
import { quantile, round } from "../search/figures.ts";
import { openPostgres } from "../search/postgres.ts";
import { costOf, parentOf, type Cost } from "./cost.ts";

/** What is told of code, beside its text and its trigrams. */
const GRAPH_TABLES = ["blob_facts", "symbols", "file_links", "snapshot_graphs"];

export interface GraphKota {
  /** A full index: nothing of the tree is known when it begins. `tier`: TypeScript's type checker as well. */
  index(tier: "on" | "off"): Promise<Cost>;
  /** Bytes of facts, symbols, links and graphs, with indexes and TOAST. */
  graphBytes(): Promise<Record<string, number>>;
  /** Milliseconds of search_dependencies over REST, each of `paths` once after one unmeasured time. */
  timeDependencies(
    paths: readonly string[],
    depth: number,
  ): Promise<{ p50_ms: number; p95_ms: number; max_ms: number }>;
  close(): Promise<void>;
}

export async function openGraphKota(dataDirectory: string, tree: string): Promise<GraphKota> {
  const env = { KOTA_DATA_DIR: dataDirectory };
  const command = async (...args: string[]) => {
    const { exitCode, stderr } = await runKota(args, { env });
    if (exitCode !== 0) throw new Error(`kota ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
  };
  await command("migrate");
  const { database, leave } = await openPostgres(dataDirectory);
  const one = async <Row>(
    query: (sql: Parameters<Parameters<typeof database.unsafeAllOrganizations>[0]>[0]) => Promise<Row[]>,
  ) => {
    const [row] = await database.unsafeAllOrganizations(query);
    if (!row) throw new Error("no row came");
    return row;
  };
  const { pid } = await one((sql) => sql<{ pid: number }>`select pg_backend_pid() as pid`);
  const postmaster = parentOf(pid);
  let isIndexed = false;
  return {
    async index(tier) {
      if (isIndexed) await command("remove-repository", "bench/tree");
      const { blobs } = await one((sql) => sql<{ blobs: number }>`select count(*)::int as blobs from public.blobs`);
      if (blobs > 0) throw new Error(`${blobs} blobs are left of the last round`);
      isIndexed = true;
      const args = [KOTA, "index", tree, "--name", "bench/tree"];
      const indexing = { file: process.execPath, args, cwd: tree, env: { ...env, KOTA_SEMANTIC_TIER: tier } };
      const { stdout: _, ...cost } = await costOf(indexing, postmaster);
      return cost;
    },
    async graphBytes() {
      const rows = await database.unsafeAllOrganizations(
        (sql) => sql<{ name: string; bytes: string }>`
          select relname as name, pg_total_relation_size(oid)::text as bytes
          from pg_class
          where relnamespace = 'public'::regnamespace and relkind = 'r' and relname = any(${GRAPH_TABLES})
          order by relname`,
      );
      return Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)]));
    },
    async timeDependencies(paths, depth) {
      const running = startKota(["serve", "--port", "0"], { env: { ...env, LOG_LEVEL: "error" } });
      try {
        const [, url = ""] = await running.printed(/^Listening on (\S+)$/m);
        const key = (await readFile(join(dataDirectory, "api-key"), "utf8")).trim();
        const times: number[] = [];
        for (const isMeasured of [false, true])
          for (const path of paths) {
            const asked = new URLSearchParams({ repository: "bench/tree", file_path: path, depth: String(depth) });
            const started = performance.now();
            await get(`${url}/api/v1/dependencies?${asked.toString()}`, key);
            if (isMeasured) times.push(performance.now() - started);
          }
        const at = (share: number) => round(quantile(times, share), 1);
        return { p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
      } finally {
        running.child.kill("SIGTERM");
        await running.finished;
      }
    },
    async close() {
      await leave();
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

const CONNECTION = new Agent({ keepAlive: true, maxSockets: 1 });

function get(url: string, key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { agent: CONNECTION, headers: { authorization: `Bearer ${key}` } }, (response) => {
      response
        .resume()
        .on("end", () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${response.statusCode}`)),
        )
        .on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}
