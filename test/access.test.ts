// Keys, tiers and rate limits of a hosted server, over real HTTP and on several processes.
import { afterAll, beforeAll, expect, test } from "vitest";
import { isWellFormedApiKey, mintApiKey } from "../src/access/api-key.ts";
import { runKota } from "./harness/command.ts";
import { withClient } from "./harness/database.ts";
import { withinOneHour } from "./harness/clock.ts";
import { connectMcp, install, type Installation, type Served } from "./harness/installation.ts";

let kota: Installation;
let servers: [Served, Served];
let admin: string;

beforeAll(async () => {
  kota = await install({ KOTA_MODE: "hosted" });
  admin = await makeKey("Acme", "--scopes", "read,write,admin", "--tier", "solo");
  servers = [await kota.serve(), await kota.serve()];
});
afterAll(() => kota.remove());

async function makeKey(organization: string, ...options: string[]): Promise<string> {
  const made = await runKota(["keys", "create", "--organization", organization, "--json", ...options], {
    env: kota.env,
  });
  expect(made.exitCode, made.stderr).toBe(0);
  return (JSON.parse(made.stdout) as { api_key: string }).api_key;
}

async function call(key: string, path: string, init: RequestInit = {}, server = servers[0]) {
  const response = await fetch(`${server.url}${path}`, {
    ...init,
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", ...init.headers },
  });
  const body = (await response.json()) as { data: Record<string, unknown>; error: { code: string; message: string } };
  return { status: response.status, headers: response.headers, ...body };
}

/** As if so many requests had been made in this hour and day, and none before. */
async function use(organization: string, hour: number, day: number): Promise<void> {
  await withClient(kota.database.url, async (client) => {
    for (const table of ["rate_limit_counters", "rate_limit_counters_daily"])
      await client.query(
        `delete from ${table} c using organizations o where o.id = c.organization_id and o.name = $1`,
        [organization],
      );
    await client.query(
      `with o as (select id from organizations where name = $1),
       h as (insert into rate_limit_counters select id, date_trunc('hour', now(), 'UTC'), $2 from o)
       insert into rate_limit_counters_daily select id, (now() at time zone 'UTC')::date, $3 from o`,
      [organization, hour, day],
    );
  });
}

test("a key is made, listed without its text, used, and revoked on every process at once", async () => {
  const made = await call(admin, "/api/v1/keys", {
    method: "POST",
    body: JSON.stringify({ name: "reader", scopes: ["read"] }),
  });
  expect(made.status).toBe(200);
  const { api_key: key, key_id: id } = made.data as { api_key: string; key_id: string };
  expect((await call(key, "/api/v1/usage")).status).toBe(200);
  expect((await call(key, "/api/v1/keys")).status).toBe(403);
  const listed = (await call(admin, "/api/v1/keys")).data["keys"] as Record<string, unknown>[];
  const shown = listed.find((one) => one["key_id"] === id);
  expect(shown).toMatchObject({ name: "reader", scopes: ["read"], revoked_at: null });
  expect(shown?.["last_used_at"]).not.toBeNull();
  expect(JSON.stringify(listed)).not.toContain(key);
  expect((await call(admin, `/api/v1/keys/${id}`, { method: "DELETE" })).status).toBe(200);
  for (const server of servers) expect((await call(key, "/api/v1/usage", {}, server)).status).toBe(401);
  const again = await call(admin, `/api/v1/keys/${id}`, { method: "DELETE" });
  expect(again.status).toBe(200);
  const unknown = await call(admin, "/api/v1/keys/00000000-0000-4000-8000-000000000000", { method: "DELETE" });
  expect(unknown).toMatchObject({ status: 404, error: { code: "not_found" } });
});

test("a question begun for whom a key opened before is answered by what the key is now", async () => {
  const made = await call(admin, "/api/v1/keys", {
    method: "POST",
    body: JSON.stringify({ name: "changing", scopes: ["read"] }),
  });
  const { api_key: key } = made.data as { api_key: string };
  const change = (assignment: string) =>
    withClient(kota.database.url, (client) =>
      client.query(`update api_keys set ${assignment} where name = 'changing'`),
    );
  const statuses = async () =>
    Promise.all(servers.map(async (server) => (await call(key, "/api/v1/repositories", {}, server)).status));
  expect(await statuses()).toEqual([200, 200]);
  expect(await statuses()).toEqual([200, 200]);
  await change("scopes = '{write}'");
  expect(await statuses()).toEqual([403, 403]);
  await change("scopes = '{read}'");
  expect(await statuses()).toEqual([200, 200]);
  await change("revoked_at = now()");
  expect(await statuses()).toEqual([401, 401]);
});

test("a well-formed key that nobody was given opens nothing, also beside one that was just used", async () => {
  const known = await makeKey("Guessed");
  for (const server of servers) expect((await call(known, "/api/v1/usage", {}, server)).status).toBe(200);
  const guessed = mintApiKey();
  expect(isWellFormedApiKey(guessed)).toBe(true);
  for (const server of servers)
    expect(await call(guessed, "/api/v1/usage", {}, server)).toMatchObject({
      status: 401,
      error: { code: "unauthenticated" },
    });
});

test("a key of another organization cannot be revoked or seen", async () => {
  const other = await makeKey("Other", "--scopes", "admin");
  const theirs = (await call(other, "/api/v1/keys")).data["keys"] as { key_id: string }[];
  expect(theirs).toHaveLength(1);
  expect((await call(admin, `/api/v1/keys/${theirs[0]?.key_id}`, { method: "DELETE" })).status).toBe(404);
  expect((await call(other, "/api/v1/keys")).status).toBe(200);
});

test("a key that is sent for another organization writes into none", async () => {
  const own = await makeKey("Grün", "--scopes", "read,write");
  const { rows } = await withClient(kota.database.url, (client) =>
    client.query<{ id: string }>("select id from organizations where name = 'Grün'"),
  );
  const id = rows[0]?.id ?? "";
  const create = (organization: string) =>
    call(own, "/api/v1/projects", {
      method: "POST",
      body: JSON.stringify({ name: `sent for ${organization}` }),
      headers: { "X-Kota-Organization": Buffer.from(organization, "utf8").toString("latin1") },
    });
  for (const organization of ["Acme", "nobody's", crypto.randomUUID()]) {
    const refused = await create(organization);
    expect(refused, organization).toMatchObject({ status: 404, error: { code: "not_found" } });
    expect(refused.error.message.replace(organization, "X"), organization).toContain("of no organization 'X'");
    expect(refused.headers.get("x-ratelimit-limit"), organization).toBe("1000");
  }
  for (const organization of ["GRÜN", id]) expect((await create(organization)).status, organization).toBe(200);
  expect((await create(id.toUpperCase())).error.code).toBe("conflict");
  const listed = (await call(own, "/api/v1/projects")).data["projects"] as { name: string }[];
  expect(listed.map(({ name }) => name).sort()).toEqual(["sent for GRÜN", `sent for ${id}`].sort());
});

test("a key expires", async () => {
  const make = (expires: string) =>
    call(admin, "/api/v1/keys", { method: "POST", body: JSON.stringify({ name: "x", expires_at: expires }) });
  for (const expires of ["2001-01-01T00:00:00Z", "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
    expect(await make(expires), expires).toMatchObject({
      status: 400,
      error: { code: "invalid_input", details: [{ path: "expires_at" }] },
    });
  for (const expires of ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59+01:00"])
    expect((await make(expires)).data["expires_at"], expires).toBe(new Date(expires).toISOString());
  const soon = { name: "soon", expires_at: new Date(Date.now() + 60_000).toISOString() };
  const made = await call(admin, "/api/v1/keys", { method: "POST", body: JSON.stringify(soon) });
  const key = String(made.data["api_key"]);
  expect((await call(key, "/api/v1/usage")).status).toBe(200);
  await withClient(kota.database.url, (client) =>
    client.query("update api_keys set expires_at = now() - interval '1 second' where name = 'soon'"),
  );
  expect((await call(key, "/api/v1/usage")).status).toBe(401);
});

test("every authenticated answer tells the limit, errors too; unauthenticated ones do not", async () => {
  await withinOneHour(async () => {
    await use("Acme", 0, 0);
    const found = await call(admin, "/api/v1/usage");
    expect(found.data).toMatchObject({ tier: "solo", hour: { used: 1, limit: 5000 }, day: { used: 1, limit: 25_000 } });
    expect(found.headers.get("x-ratelimit-limit")).toBe("5000");
    expect(found.headers.get("x-ratelimit-remaining")).toBe("4999");
    const reset = Number(found.headers.get("x-ratelimit-reset"));
    expect(reset % 3600).toBe(0);
    expect(reset * 1000).toBeGreaterThan(Date.now());
    expect((await call(admin, "/api/v1/search")).headers.get("x-ratelimit-remaining")).toBe("4998");
    expect((await call("wrong", "/api/v1/usage")).headers.get("x-ratelimit-limit")).toBeNull();
  });
});

test("over either window: 429 with Retry-After over REST and MCP, and nothing is charged", async () => {
  const key = await makeKey("Full", "--tier", "free");
  await withinOneHour(async () => {
    await use("Full", 999, 10);
    expect((await call(key, "/api/v1/usage")).status).toBe(200);
    const refused = await call(key, "/api/v1/usage");
    expect(refused).toMatchObject({ status: 429, error: { code: "rate_limited" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    const overMcp = await call(key, "/mcp", {
      method: "POST",
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
    expect(overMcp.status).toBe(429);
    expect(overMcp.headers.get("retry-after")).not.toBeNull();
    await use("Full", 0, 5000);
    const daily = await call(key, "/api/v1/usage");
    expect(daily.status).toBe(429);
    expect(daily.headers.get("x-ratelimit-limit")).toBe("5000");
    const { rows } = await withClient(kota.database.url, (client) =>
      client.query<{ hour: number; day: number }>(
        `select h.used as hour, d.used as day from organizations o
       join rate_limit_counters h on h.organization_id = o.id
       join rate_limit_counters_daily d on d.organization_id = o.id where o.name = 'Full'`,
      ),
    );
    expect(rows).toEqual([{ hour: 0, day: 5000 }]);
  });
});

test("200 callers at once on two processes are counted exactly", async () => {
  const key = await makeKey("Crowd", "--tier", "free");
  await withinOneHour(async () => {
    await use("Crowd", 900, 0);
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => (await call(key, "/api/v1/usage", {}, servers[i % 2])).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(100);
    const { rows } = await withClient(kota.database.url, (client) =>
      client.query<{ hour: number; day: number }>(
        `select (select max(h.used) from rate_limit_counters h where h.organization_id = o.id) as hour,
         (select max(d.used) from rate_limit_counters_daily d where d.organization_id = o.id) as day
       from organizations o where o.name = 'Crowd'`,
      ),
    );
    // Refused ones charged neither window.
    expect(rows).toEqual([{ hour: 1000, day: 100 }]);
  });
});

test("a tool call costs what its operation does", async () => {
  const key = await makeKey("Costly");
  await withinOneHour(async () => {
    await use("Costly", 0, 0);
    const client = await connectMcp(servers[0].url, { apiKey: key, era: "2026" });
    await use("Costly", 0, 0);
    await client.callTool({ name: "index_repository", arguments: { repository: "not a repository" } });
    await client.close();
    expect((await call(key, "/api/v1/usage")).data).toMatchObject({ hour: { used: 6 } });
  });
});

test("counters and keys are out of reach of a request's own login", async () => {
  const url = new URL(kota.database.url);
  await withClient(url.href, async (client) => {
    await client.query("set role authenticated");
    for (const statement of [
      "update rate_limit_counters set used = 0",
      "delete from rate_limit_counters_daily",
      "select increment_rate_limit(gen_random_uuid(), 1, 1)",
      "select kota.admit_key('x', 1, null, now())",
    ])
      await expect(client.query(statement)).rejects.toThrow(/permission denied/);
    const { rows } = await client.query("select * from api_keys");
    expect(rows).toEqual([]);
  });
});

test("wrong keys from one address are throttled; good ones still come in, until it is far too many", async () => {
  const ask = async (key: string) => (await call(key, "/api/v1/usage", {}, servers[1])).status;
  // A minute that ends meanwhile begins the count anew, so the whole is tried again.
  const attempt = async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 61; i++) statuses.push(await ask("kota_live_wrong"));
    return { first: statuses[0], last: statuses.at(-1), good: await ask(admin) };
  };
  await expect.poll(attempt, { timeout: 150_000 }).toEqual({ first: 401, last: 429, good: 200 });
  const flood = async () => {
    await Promise.all(Array.from({ length: 650 }, () => ask("kota_live_wrong")));
    return ask(admin);
  };
  await expect.poll(flood, { timeout: 150_000 }).toBe(429);
});
