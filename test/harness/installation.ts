// A Kota as a person has it: a data folder, a database of its own, the executable, a server.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { KOTA, runKota, startKota, type Finished, type RunningCommand } from "./command.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

export interface Installation {
  database: TestDatabase;
  dataDirectory: string;
  env: Record<string, string>;
  kota(...args: string[]): Promise<Finished>;
  /** The answer of an operation on the command line, as `--json` prints it. */
  ask(...args: string[]): Promise<Record<string, unknown>>;
  serve(...args: string[]): Promise<Served>;
  apiKey(): Promise<string>;
  remove(): Promise<void>;
}

export interface Served {
  url: string;
  running: RunningCommand;
  /** REST with the local key. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<Finished>;
}

/** Local mode on a database of the shared server; `env` is added to and wins. */
export async function install(env: Record<string, string> = {}): Promise<Installation> {
  const database = await createTestDatabase();
  const dataDirectory = await mkdtemp(join(tmpdir(), "kota-data-"));
  const all = {
    DATABASE_URL: database.url,
    KOTA_MODE: "local",
    KOTA_KEY_PEPPER: database.pepper,
    KOTA_DATA_DIR: dataDirectory,
    ...env,
  };
  const apiKey = () => readFile(join(dataDirectory, "api-key"), "utf8");
  const servers: Served[] = [];
  return {
    database,
    dataDirectory,
    env: all,
    apiKey,
    kota: (...args) => runKota(args, { env: all }),
    async ask(...args) {
      const { exitCode, stdout, stderr } = await runKota([...args, "--json"], { env: all });
      if (exitCode !== 0) throw new Error(`kota ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    async serve(...args) {
      const served = await serveKota(all, { args, apiKey });
      servers.push(served);
      return served;
    },
    async remove() {
      await Promise.all(servers.map((server) => server.stop()));
      await database.drop();
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function serveKota(
  env: Record<string, string>,
  { args, apiKey }: { args: string[]; apiKey: () => Promise<string> },
): Promise<Served> {
  const running = startKota(["serve", "--port", "0", ...args], { env: { LOG_LEVEL: "error", ...env } });
  const [, url = ""] = await running.printed(/^Listening on (\S+)$/m);
  return {
    url,
    running,
    async fetch(path, init = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has("authorization")) headers.set("authorization", `Bearer ${(await apiKey()).trim()}`);
      return fetch(`${url}${path}`, { ...init, headers });
    },
    stop() {
      if (running.child.exitCode === null) running.child.kill("SIGTERM");
      return running.finished;
    },
  };
}

/** A connected MCP client of the given era. */
export async function connectMcp(
  url: string,
  { apiKey, era }: { apiKey: string; era: "2025" | "2026" },
): Promise<Client> {
  const client = new Client(
    { name: "test", version: "1" },
    era === "2026" ? { versionNegotiation: { mode: { pin: "2026-07-28" } } } : {},
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
      requestInit: { headers: { Authorization: `Bearer ${apiKey.trim()}` } },
    }),
  );
  return client;
}

/** A connected MCP client of `kota mcp`. */
export async function connectStdio(env: Record<string, string>): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [KOTA, "mcp"],
      env: { PATH: process.env["PATH"] ?? "", ...env },
    }),
  );
  return client;
}
