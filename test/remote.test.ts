// Repositories of a remote, over real HTTP, as the hosted service indexes them: by the API, with keys of several
// organizations, waiting with progress, and re-indexing what was pushed.
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runKota } from "./harness/command.ts";
import { withClient } from "./harness/database.ts";
import { startGitServer, type GitServer } from "./harness/git-server.ts";
import { connectMcp, connectStdio, install, type Installation, type Served } from "./harness/installation.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

let remote: GitServer;
let repository: TestRepository;
let kota: Installation;
let server: Served;
const keys: Record<string, string> = {};

beforeAll(async () => {
  remote = await startGitServer();
  repository = await makeRepository({ "src/app.ts": "export const app = 'first push';\n" });
  await remote.publish(repository.path, "acme/app");
  kota = await install({ KOTA_MODE: "hosted", KOTA_GIT_BASE_URL: remote.url });
  for (const organization of ["Acme", "Other"]) {
    const made = await runKota(["keys", "create", "--organization", organization, "--json"], { env: kota.env });
    expect(made.exitCode, made.stderr).toBe(0);
    keys[organization] = (JSON.parse(made.stdout) as { api_key: string }).api_key;
  }
  server = await kota.serve();
});
afterAll(async () => {
  await kota.remove();
  await remote.stop();
  await repository.remove();
});

async function call(
  organization: string,
  path: string,
  { method = "GET", body }: { method?: string; body?: unknown } = {},
) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${keys[organization]}`, "Content-Type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    body: (await response.json()) as { data: Record<string, unknown>; error: { code: string } },
  };
}

test("index_repository answers 202 and a job that runs to its end", async () => {
  const asked = await call("Acme", "/repositories", {
    method: "POST",
    body: { repository: "acme/app", wait_seconds: 60 },
  });
  expect(asked).toMatchObject({
    status: 202,
    body: { data: { ref: "main", state: "succeeded", repository: { name: "acme/app" } } },
  });
  const found = await call("Acme", "/search?query=first+push");
  expect(found.body.data["results"]).toMatchObject([{ repository: "acme/app", path: "src/app.ts" }]);
  expect(found.body.data["freshness"]).toMatchObject([
    { commit: await repository.git("rev-parse", "HEAD"), state: "current", dirty: false },
  ]);
});

test("another organization sees nothing of it, by any way of asking", async () => {
  const { body } = await call("Acme", "/repositories");
  const [{ id } = { id: "" }] = body.data["repositories"] as { id: string }[];
  const job = await call("Acme", "/repositories", { method: "POST", body: { repository: "acme/app" } });
  const jobId = String(job.body.data["job_id"]);
  for (const path of [
    `/search?query=app&repository=${id}`,
    "/search?query=app&repository=acme/app",
    `/files?path=src/app.ts&repository=${id}`,
    `/jobs/${jobId}`,
    "/search?query=app",
  ]) {
    expect(await call("Other", path), path).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
  }
  expect((await call("Other", "/repositories")).body.data["repositories"]).toEqual([]);
  for (const name of [id, "acme%2Fapp"])
    expect((await call("Other", `/repositories/${name}`, { method: "DELETE" })).status).toBe(404);
  expect((await call("Acme", `/jobs/${jobId}`)).status).toBe(200);
});

test("a push is indexed by its difference, and a cursor of before still pages through before", async () => {
  await repository.write(
    Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`src/more${i}.ts`, `export const more${i} = 'second push';\n`]),
    ),
  );
  await repository.commit();
  await remote.publish(repository.path, "acme/app");
  await call("Acme", "/repositories", { method: "POST", body: { repository: "acme/app", wait_seconds: 60 } });
  const first = await call("Acme", "/search?query=second+push&match=literal&limit=4");
  expect(first.body.data["results"]).toHaveLength(4);
  await repository.git("rm", "-q", "-r", "src");
  await repository.write({ "only.txt": "third push\n" });
  await repository.commit();
  await remote.publish(repository.path, "acme/app");
  await call("Acme", "/repositories", { method: "POST", body: { repository: "acme/app", wait_seconds: 60 } });
  expect((await call("Acme", "/search?query=second+push&match=literal")).body.data["results"]).toEqual([]);
  const cursor = encodeURIComponent(String(first.body.data["next_cursor"]));
  const rest = await call("Acme", `/search?query=second+push&match=literal&limit=4&cursor=${cursor}`);
  expect(rest.body.data["results"]).toHaveLength(4);
  expect(await call("Other", `/search?query=second+push&match=literal&limit=4&cursor=${cursor}`)).toMatchObject({
    status: 400,
  });
});

test("waiting with a progress token streams progress in both eras, and ends with the result", async () => {
  for (const era of ["2025", "2026"] as const) {
    await repository.write({ [`progress${era}.txt`]: "more to index\n" });
    await repository.commit();
    await remote.publish(repository.path, "acme/app");
    const client = await connectMcp(server.url, { apiKey: keys["Acme"] ?? "", era });
    const messages: string[] = [];
    const result = await client.callTool(
      { name: "index_repository", arguments: { repository: "acme/app", wait_seconds: 60 } },
      { onprogress: ({ message }) => messages.push(message ?? "") },
    );
    expect(result.structuredContent, era).toMatchObject({ state: "succeeded" });
    expect(messages.length, era).toBeGreaterThan(0);
    await client.close();
  }
});

test("closing the stream ends the wait, not the job; a server that stops ends the wait too", async () => {
  remote.options.chunkDelayMs = 300;
  await repository.write({ "slow.txt": "fetched slowly\n" });
  await repository.commit();
  await remote.publish(repository.path, "acme/app");
  const leaving = new AbortController();
  const client = await connectMcp(server.url, { apiKey: keys["Acme"] ?? "", era: "2025" });
  const waiting = client.callTool(
    { name: "index_repository", arguments: { repository: "acme/app", wait_seconds: 600 } },
    { onprogress: () => leaving.abort(), signal: leaving.signal },
  );
  await expect(waiting).rejects.toThrow();
  await client.close();
  const rest = call("Acme", "/repositories", { method: "POST", body: { repository: "acme/app", wait_seconds: 600 } });
  remote.options.chunkDelayMs = 0;
  expect((await rest).body.data["state"]).toBe("succeeded");
  expect((await call("Acme", "/search?query=fetched+slowly&match=literal")).body.data["results"]).toHaveLength(1);
});

test("a waiting job for the same repository and ref is returned, not doubled", async () => {
  const ask = () => call("Acme", "/repositories", { method: "POST", body: { repository: "acme/app", ref: "main" } });
  const answers = await Promise.all(Array.from({ length: 6 }, ask));
  const ids = new Set(answers.map(({ body }) => body.data["job_id"]));
  expect(answers.every(({ status }) => status === 202)).toBe(true);
  expect(ids.size).toBeLessThan(6);
});

test("a remote that is unknown, or a branch it does not have", async () => {
  expect(await call("Acme", "/repositories", { method: "POST", body: { repository: "acme/none" } })).toMatchObject({
    status: 404,
    body: { error: { code: "not_found" } },
  });
  expect(
    await call("Acme", "/repositories", { method: "POST", body: { repository: "acme/app", ref: "none" } }),
  ).toMatchObject({ status: 404 });
  expect(
    await call("Acme", "/repositories", {
      method: "POST",
      body: { repository: "http://169.254.169.254/latest/meta-data" },
    }),
  ).toMatchObject({ status: 400 });
  expect(await call("Acme", "/repositories", { method: "POST", body: { repository: "/etc" } })).toMatchObject({
    status: 400,
    body: { error: { code: "invalid_input" } },
  });
  expect(await call("Acme", "/repositories", { method: "POST", body: { repository: "file:///etc" } })).toMatchObject({
    status: 400,
  });
});

test("a key stops working the moment it is revoked", async () => {
  expect((await call("Other", "/repositories")).status).toBe(200);
  await withClient(kota.database.url, (client) =>
    client.query(
      "update public.api_keys set revoked_at = now() where organization_id = (select id from public.organizations where name = 'Other')",
    ),
  );
  expect((await call("Other", "/repositories")).status).toBe(401);
});

test("the command line acts for the organization of KOTA_ORGANIZATION", async () => {
  const named = await runKota(["list-repositories", "--json"], { env: { ...kota.env, KOTA_ORGANIZATION: "acme" } });
  expect(JSON.parse(named.stdout)).toMatchObject({ repositories: [{ name: "acme/app" }] });
  const unnamed = await runKota(["list-repositories"], { env: kota.env });
  expect(unnamed).toMatchObject({ exitCode: 2 });
  expect(unnamed.stderr).toContain("KOTA_ORGANIZATION");
  const unknown = await runKota(["list-repositories"], { env: { ...kota.env, KOTA_ORGANIZATION: "nobody" } });
  expect(unknown).toMatchObject({ exitCode: 3 });
});

test("what is default changes with its snapshot, not before", async () => {
  await repository.git("checkout", "-q", "-b", "next");
  await repository.write({ "src/app.ts": "export const app = 'next';\n" });
  await repository.commit();
  await repository.git("checkout", "-q", "main");
  await remote.publish(repository.path, "acme/app");
  const refOf = async () =>
    ((await call("Acme", "/repositories")).body.data["repositories"] as { default_ref: string }[])[0]?.default_ref;
  const named = await call("Acme", "/repositories", {
    method: "POST",
    body: { repository: "acme/app", ref: "next", wait_seconds: 60 },
  });
  expect(named).toMatchObject({ body: { data: { state: "succeeded", ref: "next" } } });
  expect(await refOf()).toBe("main");
  await repository.git("checkout", "-q", "next");
  await remote.publish(repository.path, "acme/app");
  const asked = await call("Acme", "/repositories", {
    method: "POST",
    body: { repository: "acme/app", wait_seconds: 60 },
  });
  expect(asked).toMatchObject({ body: { data: { state: "succeeded", ref: "next" } } });
  expect(await refOf()).toBe("next");
});

test("kota mcp and kota doctor use the server of KOTA_API_URL", async () => {
  const env = { ...kota.env, KOTA_API_URL: server.url, KOTA_API_KEY: keys["Acme"] ?? "" };
  const client = await connectStdio(env);
  const answer = await client.callTool({ name: "search_code", arguments: { query: "app", match: "literal" } });
  expect(answer.structuredContent).toMatchObject({ results: [{ repository: "acme/app", path: "src/app.ts" }] });
  await client.close();
  const refused = await runKota(["serve"], { env });
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.stderr).toContain("error[not_configured]");
});

test("removing the repository over REST takes its mirror too", async () => {
  const mirrors = async () =>
    (await readdir(kota.dataDirectory, { recursive: true })).filter((name) => name.endsWith(".git"));
  expect(await mirrors()).toHaveLength(1);
  expect(await call("Acme", "/repositories/acme%2Fapp", { method: "DELETE" })).toMatchObject({
    status: 200,
    body: { data: { removed: true } },
  });
  expect(await mirrors()).toEqual([]);
  expect((await call("Acme", "/search?query=app")).status).toBe(404);
});
