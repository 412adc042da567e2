// What goes wrong in real life: each gets the contract's error with what to do next, the data stays whole, and the
// next try works.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withClient } from "./harness/database.ts";
import { runKota, startKota } from "./harness/command.ts";
import { connectMcp, install, type Installation, type Served } from "./harness/installation.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

let kota: Installation;
let server: Served;
let repository: TestRepository;

beforeAll(async () => {
  repository = await makeRepository({ "a.txt": "hello\n", "x.txt": `${"x".repeat(1_000_000)}\n` });
  kota = await install();
  expect(await kota.kota("index", repository.path, "--name", "t/whole")).toMatchObject({ exitCode: 0 });
  server = await kota.serve();
});
afterAll(async () => {
  await kota.remove();
  await repository.remove();
});

/** The data is whole: what was indexed is still found. */
async function expectWhole(): Promise<void> {
  const answer = await kota.ask("search-code", "hello", "--match", "literal");
  expect(answer["results"]).toMatchObject([{ path: "a.txt", match_count: 1 }]);
}

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "kota-bad-"));
}

async function errorOf(response: Response): Promise<{ status: number; code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, ...error };
}

test("a folder that is no git repository", async () => {
  const path = await folder();
  const result = await kota.kota("index", path);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toMatch(/error\[invalid_input\]: .*(?:not a git repository|no git repository)/i);
  await rm(path, { recursive: true });
  await expectWhole();
});

test("a folder that is not there", async () => {
  const result = await kota.kota("index", "/no/such/folder");
  expect(result.exitCode).toBeGreaterThanOrEqual(2);
  expect(result.stderr).toMatch(/error\[(?:invalid_input|not_found)\]: .*\/no\/such\/folder/);
});

test("an empty repository, and then its first commit", async () => {
  const empty = await makeRepository();
  const refused = await kota.kota("index", empty.path, "--name", "t/empty");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toMatch(/error\[\w+\]: .*(?:empty|no commits|nothing)/i);
  await empty.write({ "first.txt": "now there is something\n" });
  await empty.commit();
  expect(await kota.kota("index", empty.path, "--name", "t/empty")).toMatchObject({ exitCode: 0 });
  await empty.remove();
});

test("an unknown ref, and one that looks like an option", async () => {
  const unknown = await kota.kota("index", repository.path, "--name", "t/whole", "--ref", "no-such-branch");
  expect(unknown.exitCode).toBe(3);
  expect(unknown.stderr).toMatch(/error\[not_found\]: .*no-such-branch/);
  const option = await kota.kota("index", repository.path, "--name", "t/whole", "--ref=--upload-pack=touch /tmp/owned");
  expect(option.exitCode).toBe(2);
  await expectWhole();
});

test("the same name for another URL is a conflict", async () => {
  const other = await makeRepository({ "b.txt": "other\n" });
  const result = await kota.kota("index", other.path, "--name", "T/Whole");
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toMatch(/error\[conflict\]: .*--name/);
  await other.remove();
  await expectWhole();
});

test("a port that is taken, by another program or by a second serve", async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const address = blocker.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const refused = await kota.kota("serve", "--port", String(port));
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  expect(refused.stderr).toMatch(/error\[unavailable\]: Port \d+ .*taken.*--port/);
  await new Promise((resolve) => blocker.close(resolve));
  const second = await kota.kota("serve", "--port", new URL(server.url).port);
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toContain(`already serves this data folder at ${server.url}`);
  expect((await server.fetch("/health")).status).toBe(200);
});

test("no key, a wrong key, a mistyped key", async () => {
  const headers: Record<string, string>[] = [
    { Authorization: "" },
    { Authorization: "Bearer nonsense" },
    { Authorization: `Bearer ${(await kota.apiKey()).trim().slice(0, -1)}x` },
    { Authorization: "Basic eDp5" },
  ];
  for (const header of headers) {
    for (const [path, method] of [
      ["/api/v1/repositories", "GET"],
      ["/mcp", "POST"],
    ] as const) {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: header,
        ...(method === "POST" && { body: "{}" }),
      });
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer /);
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(await errorOf(response)).toMatchObject({ status: 401, code: "unauthenticated" });
    }
  }
});

test("a key without the scope", async () => {
  const { stdout } = await kota.kota("keys", "create", "--scopes", "read");
  const headers = { Authorization: `Bearer ${stdout.trim()}`, "Content-Type": "application/json" };
  const response = await server.fetch("/api/v1/repositories", {
    method: "POST",
    headers,
    body: JSON.stringify({ repository: "a/b" }),
  });
  expect(await errorOf(response)).toMatchObject({ status: 403, code: "forbidden" });
});

test("invalid JSON, a body that is no object, another media type", async () => {
  const post = (body: string, type = "application/json") =>
    server.fetch("/api/v1/repositories", { method: "POST", headers: { "Content-Type": type }, body });
  expect(await errorOf(await post("{"))).toMatchObject({ status: 400, code: "invalid_input" });
  expect(await errorOf(await post("[1]"))).toMatchObject({ status: 400, code: "invalid_input" });
  expect(await errorOf(await post("repository=a/b", "application/x-www-form-urlencoded"))).toMatchObject({
    status: 415,
    code: "unsupported_media_type",
  });
});

test("unknown fields and parameters, wrong types, wrong paths and methods", async () => {
  expect(await errorOf(await server.fetch("/api/v1/search?query=a&colour=red"))).toMatchObject({
    status: 400,
    code: "invalid_input",
    message: expect.stringContaining("colour") as string,
  });
  expect(await errorOf(await server.fetch("/api/v1/search?query=a&limit=many"))).toMatchObject({ status: 400 });
  expect(await errorOf(await server.fetch("/api/v1/search?query=a&query=b"))).toMatchObject({ status: 400 });
  expect(await errorOf(await server.fetch("/api/v1/nothing"))).toMatchObject({ status: 404, code: "not_found" });
  const wrongMethod = await server.fetch("/api/v1/search", { method: "PUT" });
  expect(wrongMethod.headers.get("allow")).toBe("GET");
  expect(await errorOf(wrongMethod)).toMatchObject({ status: 405, code: "method_not_allowed" });
  const command = await kota.kota("search-code", "a", "--colour", "red");
  expect(command).toMatchObject({ exitCode: 2, stdout: "" });
  expect(command.stderr).toMatch(/^error\[invalid_input\]: unknown option '--colour'/);
  expect(await kota.kota("frobnicate")).toMatchObject({ exitCode: 2 });
});

test("a folder is never accepted over HTTP", async () => {
  const response = await server.fetch("/api/v1/repositories", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ repository: repository.path }),
  });
  expect(await errorOf(response)).toMatchObject({ status: 400, code: "invalid_input" });
});

test("a regular expression that makes others explode answers at once", async () => {
  const startedMs = performance.now();
  const answer = await kota.ask("search-code", "(x+x+)+y", "--match", "regex");
  expect(answer["results"]).toEqual([]);
  expect(answer["next_cursor"]).toBeNull();
  // Backtracking over a million x would not end within the test's own time limit.
  expect(performance.now() - startedMs).toBeLessThan(30_000);
});

test("what regular expressions cannot do is named with its place", async () => {
  for (const query of ["(?=a)", "(a)\\1", "a**b)", "[z-a]", "a\nb"]) {
    const response = await server.fetch(`/api/v1/search?${new URLSearchParams({ query, match: "regex" })}`);
    expect(await errorOf(response), query).toMatchObject({ status: 400, code: "invalid_input" });
  }
});

test("a query of 2 MB, in the address, in the headers, in the body", async () => {
  const huge = "q".repeat(2_000_000);
  const inAddress = await server.fetch(`/api/v1/search?query=${huge}`).catch((error: unknown) => error);
  expect(inAddress).toBeInstanceOf(Response);
  expect(await errorOf(inAddress as Response)).toMatchObject({ status: 413, code: "payload_too_large" });
  const inBody = await server.fetch("/mcp", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: huge }),
  });
  expect(await errorOf(inBody)).toMatchObject({ status: 413, code: "payload_too_large" });
  const long = await kota.kota("search-code", "q".repeat(100_000));
  expect(long).toMatchObject({ exitCode: 2 });
  expect(long.stderr).toMatch(/^error\[invalid_input\]: query/);
});

test("a Host or Origin that is not ours", async () => {
  const foreign = await server.fetch("/mcp", {
    method: "POST",
    headers: { Origin: "https://evil.example" },
    body: "{}",
  });
  expect(await errorOf(foreign)).toMatchObject({ status: 403, code: "forbidden" });
  const { request } = await import("node:http");
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(`${server.url}/api/v1/repositories`, { headers: { Host: "rebound.example" } }, (answer) =>
      resolve(answer.resume().statusCode),
    )
      .on("error", reject)
      .end();
  });
  expect(status).toBe(403);
});

test("a full disk fails the job with words, keeps what was there, and the next try works", async () => {
  await repository.write({ "new.txt": "after the disk was full\n" });
  // Postgres' own code for a full disk, raised where text is stored.
  await withClient(kota.database.url, (client) =>
    client.query(`create function public.full_disk() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
      create trigger full_disk before insert on public.blob_chunks execute function public.full_disk()`),
  );
  const failing = startKota(["index", repository.path, "--name", "t/whole"], { env: kota.env });
  await failing.printed(/disk of the database is full/);
  failing.child.kill("SIGINT");
  expect(await failing.finished).toMatchObject({ exitCode: 1 });
  await expectWhole();
  await withClient(kota.database.url, (client) => client.query("drop trigger full_disk on public.blob_chunks"));
  expect(await kota.kota("index", repository.path, "--name", "t/whole")).toMatchObject({ exitCode: 0 });
  const found = await kota.ask("search-code", "after the disk was full");
  expect(found["results"]).toMatchObject([{ path: "new.txt" }]);
});

test("Ctrl-C cancels the job; the next try works", async () => {
  const big = await makeRepository(
    Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}.txt`, `file ${i}\n`.repeat(200)])),
  );
  const running = startKota(["index", big.path, "--name", "t/big"], { env: kota.env });
  await running.printed(/indexing/);
  running.child.kill("SIGINT");
  const stopped = await running.finished;
  expect(stopped.exitCode).toBe(1);
  expect(stopped.stderr).toContain("Cancelled");
  const { repositories } = (await kota.ask("list-repositories")) as {
    repositories: { name: string; refs: unknown[] }[];
  };
  expect(repositories.find(({ name }) => name === "t/big")?.refs).toEqual([]);
  expect(await kota.kota("index", big.path, "--name", "t/big")).toMatchObject({ exitCode: 0 });
  const found = await kota.ask("search-code", "file 2999", "--repository", "t/big");
  expect(found["results"]).toMatchObject([{ path: "f2999.txt", match_count: 200 }]);
  await big.remove();
});

test("a database that is not there", async () => {
  const result = await kota.kota("list-repositories");
  expect(result.exitCode).toBe(0);
  const gone = await runKota(["list-repositories"], {
    env: { ...kota.env, DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" },
  });
  expect(gone).toMatchObject({ exitCode: 1, stdout: "" });
  expect(gone.stderr).toMatch(/^error\[unavailable\]: The database cannot be reached .*DATABASE_URL/);
});

test("a wrong setting stops the start with its name", async () => {
  const result = await runKota(["serve"], { env: { ...kota.env, PORT: "eighty" } });
  expect(result).toMatchObject({ exitCode: 2, stdout: "" });
  expect(result.stderr).toMatch(/^error\[invalid_input\]: PORT is wrong: expected a port/);
});

test("a data folder that may not be written", async () => {
  const path = await folder();
  await writeFile(join(path, "file"), "in the way");
  const result = await runKota(["list-repositories"], {
    env: { ...kota.env, KOTA_DATA_DIR: join(path, "file", "data") },
  });
  expect(result).toMatchObject({ exitCode: 1 });
  expect(result.stderr).toMatch(/error\[unavailable\]: .*KOTA_DATA_DIR/);
  await rm(path, { recursive: true });
});

test("MCP's own errors are as the contract has them", async () => {
  const post = async (body: string, headers: Record<string, string> = {}) =>
    server.fetch("/mcp", {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream", ...headers },
    });
  const codeOf = async (response: Response) => ((await response.json()) as { error: { code: number } }).error.code;
  const invalid = await post("{nonsense");
  expect([invalid.status, await codeOf(invalid)]).toEqual([400, -32_700]);
  const unknown = await post(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/frobnicate" }));
  expect([unknown.status, await codeOf(unknown)]).toEqual([200, -32_601]);
  const noTool = await post(
    JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "frobnicate", arguments: {} } }),
  );
  expect([noTool.status, await codeOf(noTool)]).toEqual([200, -32_602]);
  for (const method of ["GET", "DELETE"]) expect((await server.fetch("/mcp", { method })).status).toBe(405);
  const client = await connectMcp(server.url, { apiKey: await kota.apiKey(), era: "2025" });
  const bad = await client.callTool({ name: "search_code", arguments: { query: "x", colour: "red" } });
  expect(bad).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^invalid_input: colour/) as string }],
  });
  await client.close();
});

test("doctor finds what is broken", async () => {
  const other = await install();
  expect(await other.kota("index", repository.path)).toMatchObject({ exitCode: 0 });
  const sound = await other.kota("doctor");
  expect(sound.stdout).toContain("Everything is in order.");
  expect(sound.exitCode).toBe(0);
  const check = async (env: Record<string, string>, expected: RegExp) => {
    const { exitCode, stdout } = await runKota(["doctor"], { env: { ...other.env, ...env } });
    expect(stdout).toMatch(expected);
    expect(exitCode).toBe(1);
  };
  await check({ PATH: "/nonexistent" }, /wrong git/);
  const hosted = { KOTA_MODE: "hosted", KOTA_PUBLIC_URL: "https://kota.example" };
  await check(hosted, /wrong Proxies .*kota\.example\n.*KOTA_TRUSTED_PROXIES/);
  const trusting = await runKota(["doctor"], { env: { ...other.env, ...hosted, KOTA_TRUSTED_PROXIES: "10.0.0.0/8" } });
  expect(trusting).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("10.0.0.0/8 trusted") as string });
  await check({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }, /wrong Database[^]*→ .*cannot be reached/);
  await check({ KOTA_API_URL: server.url, KOTA_API_KEY: "wrong" }, /wrong Server[^]*API key/);
  const blocked = await folder();
  await writeFile(join(blocked, "file"), "");
  await check({ KOTA_DATA_DIR: join(blocked, "file") }, /wrong Data folder/);
  await rm(blocked, { recursive: true });
  await other.remove();
});

test("doctor finds a taken port, a folder that is gone, and a job nobody takes", async () => {
  const other = await install();
  const gone = await makeRepository({ "a.txt": "a\n" });
  expect(await other.kota("index", gone.path, "--name", "t/gone")).toMatchObject({ exitCode: 0 });
  await gone.remove();
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const address = blocker.address();
  const PORT = String(typeof address === "object" && address ? address.port : 0);
  await withClient(other.database.url, async (client) => {
    await client.query(
      "update pgboss.job set state = 'created', created_on = now() - interval '5 minutes' where name = 'index-snapshot'",
    );
    await client.query("update pgboss.job set completed_on = null");
  });
  const { exitCode, stdout } = await runKota(["doctor"], { env: { ...other.env, PORT } });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/wrong Server .*EADDRINUSE/);
  expect(stdout).toMatch(/wrong Repository +t\/gone/);
  expect(stdout).toMatch(/wrong Jobs .*waiting/);
  await new Promise((resolve) => blocker.close(resolve));
  await other.remove();
});

test("a NUL character in any text is the caller's error, on every surface", async () => {
  for (const path of [
    "/api/v1/search?query=a%00b",
    "/api/v1/search?query=ab&path=a%00b",
    "/api/v1/search?query=ab&repository=t%00whole",
    "/api/v1/files?repository=t%2Fwhole&path=a%00b",
    "/api/v1/files?repository=t%2Fwhole&path=a.txt&ref=a%00b",
  ]) {
    const refused = await errorOf(await server.fetch(path));
    expect(refused, path).toMatchObject({ status: 400, code: "invalid_input" });
    expect(refused.message, path).toMatch(/^(?:query|path|repository|ref): .*NUL/);
  }
  const posted = await server.fetch("/api/v1/repositories", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ repository: "a/b", ref: "x\0y" }),
  });
  expect(await errorOf(posted)).toMatchObject({ status: 400, code: "invalid_input" });
});

test("messages name the field and what would be right", async () => {
  const messageOf = async (path: string) => (await errorOf(await server.fetch(path))).message;
  expect(await messageOf("/api/v1/search")).toBe("query: is required: text of 1–1000 characters");
  expect(await messageOf("/api/v1/search?query=a&limit=0")).toBe("limit: must be an integer from 1 to 100");
  expect(await messageOf("/api/v1/search?query=a&match=fuzzy")).toContain(
    "must be one of auto, literal, regex, relevance",
  );
  expect(await messageOf("/api/v1/jobs/17")).toBe("job_id: must be an id (a UUID)");
});

test("another pepper is refused, and takes nothing from the server that runs", async () => {
  const other = await runKota(["search-code", "hello"], { env: { ...kota.env, KOTA_KEY_PEPPER: "q".repeat(40) } });
  expect(other.exitCode).toBe(1);
  expect(other.stderr).toMatch(/error\[conflict\]: .*KOTA_KEY_PEPPER/);
  expect((await server.fetch("/api/v1/search?query=hello")).status).toBe(200);
});

test("with two connections everything still works, and questions wait for one another", async () => {
  const small = await install({ DATABASE_POOL_MAX: "2" });
  expect(await small.kota("index", repository.path)).toMatchObject({ exitCode: 0 });
  const served = await small.serve();
  const answers = await Promise.all(Array.from({ length: 60 }, () => served.fetch("/api/v1/search?query=hello")));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await small.remove();
});
