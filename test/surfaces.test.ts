// The same question over every surface: the spawned command, REST, MCP over HTTP in both eras, MCP over stdio.
import { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { runKota } from "./harness/command.ts";
import { withClient } from "./harness/database.ts";
import { connectMcp, connectStdio, install, type Installation, type Served } from "./harness/installation.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

type Answer = Record<string, unknown>;
type Ask = (operation: string, input: Answer) => Promise<Answer>;

let kota: Installation;
let server: Served;
let repository: TestRepository;
const clients: Client[] = [];
const surfaces: Record<string, Ask> = {};

const ROUTES: Record<string, (input: Answer) => string> = {
  search_code: () => "/search",
  read_file: () => "/files",
  list_recent_files: () => "/files/recent",
  list_repositories: () => "/repositories",
  get_index_job_status: (input) => `/jobs/${String(input["job_id"])}`,
};

beforeAll(async () => {
  const files = Object.fromEntries(
    Array.from({ length: 25 }, (_, i) => [
      `src/part${String(i).padStart(2, "0")}.ts`,
      `export const part${i} = () => "needle ${i}";\n// needle again\n`,
    ]),
  );
  repository = await makeRepository({
    ...files,
    "README.md": "# Needles\n\nA needle.\n",
    "logo.bin": Buffer.from([0, 1, 2]),
  });
  kota = await install();
  const indexed = await kota.kota("index", repository.path, "--name", "acme/needles");
  expect(indexed).toMatchObject({ exitCode: 0 });
  server = await kota.serve();
  // The server looks at the folder once when it begins to watch; until then answers may change their freshness.
  await jobsEnded(2);
  const apiKey = await kota.apiKey();
  surfaces["REST"] = async (operation, input) => {
    const query = new URLSearchParams(
      Object.entries(input)
        .filter(([name]) => name !== "job_id")
        .map(([name, value]): [string, string] => [name, String(value)]),
    );
    const response = await server.fetch(`/api/v1${ROUTES[operation]?.(input)}?${query}`);
    const body = (await response.json()) as { data: Answer };
    expect(response.status, JSON.stringify(body)).toBe(200);
    return body.data;
  };
  surfaces["command line"] = (operation, input) =>
    kota.ask(
      operation.replaceAll("_", "-"),
      ...Object.entries(input).map(([name, value]) => `--${name.replaceAll("_", "-")}=${String(value)}`),
    );
  for (const era of ["2025", "2026"] as const)
    surfaces[`MCP ${era}`] = askOver(await connectMcp(server.url, { apiKey, era }));
  surfaces["MCP stdio"] = askOver(await connectStdio(kota.env));
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await kota.remove();
  await repository.remove();
});

function askOver(client: Client): Ask {
  clients.push(client);
  return async (name, input) => {
    const result = await client.callTool({ name, arguments: input });
    const content = result.content as { type: string; text: string }[];
    expect(result.isError ?? false, content[0]?.text).toBe(false);
    expect(content).toHaveLength(1);
    expect(JSON.parse(content[0]?.text ?? "")).toEqual(result.structuredContent);
    return result.structuredContent as Answer;
  };
}

async function askAll(operation: string, input: Answer): Promise<Answer> {
  const answers = await Promise.all(
    Object.entries(surfaces).map(async ([name, ask]) => [name, await ask(operation, input)] as const),
  );
  expect(answers).toHaveLength(5);
  const [[, first] = ["", {}]] = answers;
  for (const [name, answer] of answers)
    expect(withoutCursor(answer), `${operation} over ${name}`).toEqual(withoutCursor(first));
  return first;
}

/** Cursors are opaque and need not be equal; that they go on at the same place is asked by following them. */
/** Waits until so many jobs have succeeded and none is left. */
async function jobsEnded(count: number): Promise<void> {
  await withClient(kota.database.url, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ ended: number; left: number }>(
        `select count(*) filter (where state = 'succeeded')::int as ended,
           count(*) filter (where state in ('queued', 'running'))::int as left from index_jobs`,
      );
      if (rows[0] && rows[0].ended >= count && rows[0].left === 0) return;
      await sleep(50);
    }
  });
}

function withoutCursor({ next_cursor: cursor, ...answer }: Answer): Answer {
  return { ...answer, hasMore: typeof cursor === "string" };
}

test("search gives equal pages, on and on, and a cursor of one surface works on every other", async () => {
  const question = { query: "needle", match: "literal", limit: 10, context_lines: 1 };
  const seen: string[] = [];
  let cursor: unknown;
  let pages = 0;
  do {
    const answer = await askAll("search_code", { ...question, ...(typeof cursor === "string" && { cursor }) });
    const results = answer["results"] as { path: string; match_count: number; matches: unknown[] }[];
    expect(results.length).toBeGreaterThan(0);
    for (const result of results) expect(result.matches.length).toBeGreaterThan(0);
    seen.push(...results.map((result) => result.path));
    cursor = answer["next_cursor"];
    pages++;
  } while (typeof cursor === "string");
  expect(pages).toBe(3);
  expect(seen).toHaveLength(26);
  expect(new Set(seen).size).toBe(26);
});

test("regex, words, files, lists and jobs give equal answers", async () => {
  const regex = await askAll("search_code", {
    query: "part\\d+ = \\(\\)",
    match: "regex",
    path: "src/** !**/part1*",
    detail: "matches",
  });
  expect(regex["results"]).toHaveLength(15);
  const words = await askAll("search_code", { query: "where is the part number seven", limit: 5 });
  expect(words["strategy"]).toBe("relevance");
  const file = await askAll("read_file", { path: "src/part03.ts", start_line: 2 });
  expect(file).toMatchObject({
    text: "// needle again\n",
    total_lines: 2,
    start_line: 2,
    end_line: 2,
    truncated: false,
  });
  const recent = await askAll("list_recent_files", { limit: 7 });
  expect(recent["files"]).toHaveLength(7);
  const repositories = await askAll("list_repositories", {});
  expect(repositories["repositories"]).toMatchObject([
    { name: "acme/needles", refs: [{ ref: "worktree", files: 27, problems: 1 }] },
  ]);
});

test("a job's status is the same everywhere, problems included", async () => {
  const again = await kota.ask("index", repository.path, "--name", "acme/needles");
  const job = await askAll("get_index_job_status", { job_id: again["job_id"] });
  expect(job).toMatchObject({ state: "succeeded", problems: [{ path: "logo.bin", reason: "binary" }], dirty: false });
});

test("every surface refuses the same things in the same words", async () => {
  const cases: { input: Answer; code: string; exitCode: number; status: number }[] = [
    { input: { query: "x", limit: 0 }, code: "invalid_input", exitCode: 2, status: 400 },
    { input: { query: "x", cursor: "nonsense" }, code: "invalid_input", exitCode: 2, status: 400 },
    { input: { query: "(", match: "regex" }, code: "invalid_input", exitCode: 2, status: 400 },
    { input: { query: "x", repository: "no/such" }, code: "not_found", exitCode: 3, status: 404 },
  ];
  for (const { input, code, exitCode, status } of cases) {
    const query = new URLSearchParams(
      Object.entries(input).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const rest = await server.fetch(`/api/v1/search?${query}`);
    const { error } = (await rest.json()) as { error: { code: string; message: string } };
    expect({ status: rest.status, code: error.code }).toEqual({ status, code });
    const command = await kota.kota(
      "search-code",
      ...Object.entries(input).map(([name, value]) => `--${name}=${String(value)}`),
    );
    expect(command).toMatchObject({ exitCode, stdout: "" });
    expect(command.stderr).toContain(`error[${code}]: ${error.message}\n`);
    for (const client of clients) {
      const result = await client.callTool({ name: "search_code", arguments: input });
      expect(result).toMatchObject({ isError: true, content: [{ type: "text", text: `${code}: ${error.message}` }] });
    }
  }
});

test("tools are listed with truthful hints, schemas and titles, and toolsets narrow the list", async () => {
  const apiKey = await kota.apiKey();
  for (const client of clients) {
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual([
      "search_code",
      "find_usages",
      "read_file",
      "list_recent_files",
      "search_dependencies",
      "index_repository",
      "get_index_job_status",
      "list_repositories",
      "create_project",
      "list_projects",
      "get_project",
      "update_project",
      "delete_project",
      "add_repository_to_project",
      "remove_repository_from_project",
    ]);
    for (const tool of tools) {
      expect(tool.title && tool.description && tool.outputSchema && tool.annotations).toBeTruthy();
      expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      const isRead = !/^(?:index|create|update|delete|add|remove)_/.test(tool.name);
      expect(tool.annotations?.readOnlyHint, tool.name).toBe(isRead);
      expect(tool.annotations?.destructiveHint, tool.name).toBe(/^(?:delete|remove)_/.test(tool.name));
    }
  }
  const narrowed = await fetch(`${server.url}/mcp?toolsets=search`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${apiKey.trim()}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
  });
  const listed = (await narrowed.json()) as { result: { tools: { name: string }[] } };
  expect(listed.result.tools.map((tool) => tool.name)).toEqual([
    "search_code",
    "find_usages",
    "read_file",
    "list_recent_files",
  ]);
});

test("the command line reaches a server through KOTA_API_URL with the same answer", async () => {
  const input = ["search-code", "needle", "--limit", "3"];
  const here = await kota.ask(...input);
  const there = await runKota([...input, "--json"], {
    env: { KOTA_API_URL: server.url, KOTA_API_KEY: (await kota.apiKey()).trim() },
  });
  expect(there.exitCode, there.stderr).toBe(0);
  expect(withoutCursor(JSON.parse(there.stdout) as Answer)).toEqual(withoutCursor(here));
});
