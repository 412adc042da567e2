// The protocol as its makers check it: the official suite of today and of tomorrow, and the official Inspector, against
// the real handler. `.ci/run` installs them (test/system/conformance/package.json).
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { mintApiKey, storedKeyOf } from "../../src/access/api-key.ts";
import { SCOPES } from "../../src/access/caller.ts";
import { ensureOrganization, saveKey } from "../../src/access/store.ts";
import { AppError } from "../../src/errors.ts";
import { createAnalysePool } from "../../src/indexing/analyse-pool.ts";
import { operation, run as call, type Operation, type Services } from "../../src/operation.ts";
import { createProject } from "../../src/operations/create-project.ts";
import { OPERATIONS } from "../../src/operations/index.ts";
import { fieldsOf } from "../../src/surfaces/fields.ts";
import { startHttpServer, type HttpServer } from "../../src/surfaces/http.ts";
import { createTestDatabase, type TestDatabase } from "../harness/database.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { indexAs } from "../harness/process.ts";
import { makeRepository, type TestRepository } from "../harness/repository.ts";
import { makeServices } from "../harness/services.ts";

const HERE = fileURLToPath(new URL("conformance/", import.meta.url));

/** What the suite calls, as operations: mounted for these tests alone. */
const FIXTURES: Operation[] = [
  fixture("test_simple_text", () => ({ text: "This is a simple text response for testing." })),
  fixture("test_error_handling", () => {
    throw new AppError("conflict", "This tool intentionally returns an error for testing");
  }),
  fixture("test_tool_with_progress", ({ onProgress }) => {
    for (const done of [0, 50, 100]) onProgress({ message: `Completed step ${done} of 100`, done, total: 100 });
    return { text: "done" };
  }),
];

function fixture(name: string, handle: (context: Parameters<Operation["call"]>[1]) => { text: string }): Operation {
  return operation({
    name,
    title: name,
    description: "For the conformance suite.",
    route: `GET /fixtures/${name}`,
    toolset: "search",
    effect: "read",
    scope: "read",
    input: z.strictObject({}),
    output: z.object({ text: z.string() }),
    handle: (_input, context) => Promise.resolve(handle(context)),
  });
}

let database: TestDatabase;
let folder: string;
let services: Services;
let server: HttpServer;
let proxy: Server;
let git: GitServer;
let repository: TestRepository;
let jobId: string;
let key: string;
/** Of the proxy: the suite cannot send an Authorization header. */
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), "kota-conformance-"));
  git = await startGitServer();
  services = makeServices(database, { mirrorDirectory: folder, isLimited: false, gitBaseUrl: git.url });
  key = mintApiKey();
  const organizationId = await services.database.unsafeAllOrganizations(async (sql) => {
    const made = await ensureOrganization(sql, "Acme");
    await saveKey(sql, {
      organizationId: made,
      name: "all",
      scopes: SCOPES,
      stored: storedKeyOf(key, services.pepper),
    });
    return made;
  });
  repository = await makeRepository({
    "src/shared.ts": "export function lookalike(): number {\n  return 1;\n}\n",
    "src/main.ts": 'import { lookalike } from "./shared.js";\n\nexport const main = () => lookalike();\n',
  });
  await git.publish(repository.path, "acme/app");
  const caller = { organizationId, scopes: SCOPES, keyId: undefined };
  jobId = (await indexAs({ services, pool: createAnalysePool(1), caller }, "acme/app")).job_id;
  for (const name of ["Core", "Doomed"])
    await call(services, createProject, { name, repositories: ["acme/app"] }, { caller });
  let target = "";
  proxy = createServer((incoming, response) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${key}` };
    const forwarded = request(new URL(incoming.url ?? "/", target), { method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  server = await startHttpServer({
    operations: [...OPERATIONS, ...FIXTURES],
    services,
    version: "0.0.0",
    port: 0,
    host: "127.0.0.1",
    publicUrl: url,
    allowedOrigins: [],
    trustedProxies: [],
    supabase: undefined,
  });
  target = server.url;
});

afterAll(async () => {
  await server.stop();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await services.database.close();
  await git.stop();
  await repository.remove();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

function run(...args: string[]): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: folder, maxBuffer: 64 * 1024 * 1024, timeout: 240_000 },
      (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}\n${stderr}` }),
    );
  });
}

for (const [name, module] of [
  ["current", "@modelcontextprotocol/conformance"],
  ["alpha", "conformance-alpha"],
] as const) {
  test(
    `the ${name} suite passes, but for what conformance/expected-${name}.yml argues`,
    { timeout: 300_000 },
    async () => {
      const { exitCode, output } = await run(
        "--import",
        join(HERE, "node20.mjs"),
        join(HERE, "node_modules", module, "dist", "index.js"),
        "server",
        "--url",
        `${url}/mcp`,
        "--suite",
        "all",
        "--expected-failures",
        join(HERE, `expected-${name}.yml`),
      );
      const summary = output.slice(output.indexOf("=== SUMMARY"));
      expect(exitCode, summary).toBe(0);
      expect(summary).toContain("✓ tools-call-simple-text");
    },
  );
}

test("the Inspector lists every tool, calls each, and is answered", { timeout: 300_000 }, async () => {
  const inspect = async (...args: string[]) => {
    const { output } = await run(
      join(HERE, "node_modules", ".bin", "mcp-inspector"),
      "--cli",
      `${server.url}/mcp`,
      "--transport",
      "http",
      "--header",
      `Authorization: Bearer ${key}`,
      ...args,
    );
    return output;
  };
  const listed = await inspect("--method", "tools/list");
  for (const effect of ["read", "write", "delete"]) {
    for (const one of OPERATIONS.filter((known) => known.toolset !== undefined && known.effect === effect)) {
      expect(listed).toContain(`"${one.name}"`);
      const given = argumentsOf(one).flatMap((argument) => ["--tool-arg", argument]);
      const called = await inspect("--method", "tools/call", "--tool-name", one.name, ...given);
      expect(called, one.name).toContain('"structuredContent"');
      expect(called, one.name).not.toMatch(/"isError": *true/);
    }
  }
});

/** What a tool is asked so that it answers: for each field that it needs, by `operation.field` or `field`. */
function argumentsOf(one: Operation): string[] {
  const values: Record<string, string> = {
    query: "lookalike",
    symbol: "lookalike",
    path: "src/main.ts",
    file_path: "src/main.ts",
    repository: "acme/app",
    job_id: jobId,
    project: "Core",
    "delete_project.project": "Doomed",
    name: "Made by the Inspector",
  };
  const needed = fieldsOf(one).filter(({ isRequired }) => isRequired);
  return needed.map(({ name }) => {
    const value = values[`${one.name}.${name}`] ?? values[name];
    if (value === undefined) throw new Error(`this test does not say what to put into ${one.name}.${name}`);
    return `${name}=${value}`;
  });
}
