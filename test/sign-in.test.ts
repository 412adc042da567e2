// Signing in with Supabase Auth: tokens, members, invitations, and which organization somebody acts for.
import { afterAll, beforeAll, expect, test } from "vitest";
import { withClient } from "./harness/database.ts";
import { withinOneHour } from "./harness/clock.ts";
import { connectMcp, install, type Installation, type Served } from "./harness/installation.ts";
import { startSupabaseAuth, type FakeSupabaseAuth, type FakeUser } from "./harness/supabase-auth.ts";

let auth: FakeSupabaseAuth;
let kota: Installation;
let server: Served;

beforeAll(async () => {
  auth = await startSupabaseAuth();
  kota = await install({ KOTA_MODE: "hosted", ...auth.env });
  expect(await kota.kota("keys", "create", "--organization", "Acme", "--tier", "team")).toMatchObject({ exitCode: 0 });
  server = await kota.serve();
});
afterAll(async () => {
  await kota.remove();
  await auth.stop();
});

function user(email: string, isConfirmed = true): FakeUser {
  const made = { id: crypto.randomUUID(), email, isConfirmed };
  auth.users.push(made);
  return made;
}

async function call(
  token: string,
  path: string,
  { organization, ...init }: RequestInit & { organization?: string } = {},
) {
  const response = await fetch(`${server.url}${path}`, {
    ...init,
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      ...(organization !== undefined && { "X-Kota-Organization": organization }),
    },
  });
  const body = (await response.json()) as { data: Record<string, unknown>; error: { code: string; message: string } };
  return { status: response.status, headers: response.headers, ...body };
}

const usage = (token: string, organization?: string) =>
  call(token, "/api/v1/usage", organization === undefined ? {} : { organization });

test("a first sign-in makes an organization of one's own, once, whichever way the token is signed", async () => {
  await withinOneHour(async () => {
    const ann = user(`${crypto.randomUUID()}@example.com`);
    const tokens = await Promise.all(
      (["ES256", "RS256", "HS256"] as const).map((algorithm) => auth.token(ann, { algorithm })),
    );
    const answers = await Promise.all([...tokens, ...tokens].map((token) => usage(token)));
    for (const { status, data } of answers) {
      expect(status).toBe(200);
      expect(data["tier"]).toBe("free");
    }
    // All six were charged to the one organization.
    expect((await usage(tokens[0] ?? "")).data).toMatchObject({ hour: { used: 7 } });
    const { rows } = await withClient(kota.database.url, (client) =>
      client.query(
        "select o.name, m.role, m.email from organizations o join members m on m.organization_id = o.id where o.personal_of = $1",
        [ann.id],
      ),
    );
    expect(rows).toEqual([{ name: ann.email, role: "owner", email: ann.email }]);
  });
});

test("tokens of another key, issuer, audience, role or time open nothing", async () => {
  const eve = user("eve@example.com");
  const now = Math.floor(Date.now() / 1000);
  const good = await auth.token(eve);
  const [header = "", payload = "", signature = ""] = good.split(".");
  const other = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(payload, "base64url").toString()), sub: crypto.randomUUID() }),
  );
  const wrong: Record<string, string> = {
    forged: await auth.token(eve, { isForged: true }),
    "wrong secret": await auth.token(eve, { algorithm: "HS256", secret: "another secret of thirty-two characters" }),
    expired: await auth.token(eve, { expiresInSeconds: -60 }),
    "not yet": await auth.token(eve, { claims: { nbf: now + 120 } }),
    issuer: await auth.token(eve, { claims: { iss: "https://other.supabase.co/auth/v1" } }),
    audience: await auth.token(eve, { claims: { aud: "other" } }),
    "service role": await auth.token(eve, { claims: { role: "service_role" } }),
    anonymous: await auth.token(eve, { claims: { is_anonymous: true } }),
    "no user": await auth.token(eve, { claims: { sub: undefined } }),
    "no id": await auth.token(eve, { claims: { sub: "eve" } }),
    "no end": await auth.token(eve, { claims: { exp: undefined } }),
    altered: `${header}.${other.toString("base64url")}.${signature}`,
    unsigned: `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.x`,
    cut: good.slice(0, -8),
  };
  for (const [what, token] of Object.entries(wrong)) {
    const { status, error, headers } = await usage(token);
    expect({ status, code: error?.code }, what).toEqual({ status: 401, code: "unauthenticated" });
    expect(headers.get("www-authenticate"), what).toContain('error="invalid_token"');
  }
  // Within the allowed difference of clocks.
  expect((await usage(await auth.token(eve, { expiresInSeconds: -5 }))).status).toBe(200);
});

test("keys are remembered, and fetched again when they were rotated", async () => {
  const bob = user("bob@example.com");
  expect((await usage(await auth.token(bob))).status).toBe(200);
  const fetches = auth.keyFetches();
  for (let i = 0; i < 5; i++) expect((await usage(await auth.token(bob))).status).toBe(200);
  expect(auth.keyFetches()).toBe(fetches);
  const old = await auth.token(bob);
  await auth.rotate();
  // Unknown keys are asked for at most every ten seconds.
  await expect
    .poll(async () => (await usage(await auth.token(bob))).status, { timeout: 60_000, interval: 500 })
    .toBe(200);
  expect((await usage(old)).status).toBe(401);
});

test("an invited address joins when it is confirmed, and not before", async () => {
  const invited = await kota.kota(
    "members",
    "invite",
    "Carol@Example.com",
    "--organization",
    "acme",
    "--role",
    "admin",
  );
  expect(invited).toMatchObject({ exitCode: 0, stderr: "" });
  expect(auth.invited).toEqual(["Carol@Example.com"]);
  const carol = user("carol@example.com", false);
  const token = await auth.token(carol);
  expect((await usage(token)).data["tier"]).toBe("free");
  expect((await usage(token, "Acme")).error.code).toBe("not_found");
  carol.isConfirmed = true;
  // Another process: this one asks about a user once in a minute.
  const other = await kota.serve();
  const elsewhere = await fetch(`${other.url}/api/v1/usage`, {
    headers: { Authorization: `Bearer ${token}`, "X-Kota-Organization": "ACME" },
  });
  expect(await elsewhere.json()).toMatchObject({ data: { tier: "team" } });
  expect((await usage(token, "ACME")).data["tier"]).toBe("team");
  // Without a choice it stays their own.
  expect((await usage(token)).data["tier"]).toBe("free");
  const keys = await call(token, "/api/v1/keys", { organization: "Acme" });
  expect(keys.status).toBe(200);
  const listed = await kota.ask("members", "list", "--organization", "Acme");
  expect(listed["members"]).toMatchObject([{ email: "carol@example.com", role: "admin", invited_until: null }]);
});

test("while Supabase Auth is down an invitation waits, and nobody else does", async () => {
  const ida = user("ida@example.com");
  const token = await auth.token(ida);
  expect((await usage(token)).status).toBe(200);
  await kota.kota("members", "invite", ida.email, "--organization", "Acme");
  auth.breakDown(true);
  expect((await usage(token)).status).toBe(200);
  auth.breakDown(false);
});

test("an invitation whose mail cannot be sent says that it stands, and is sent by asking again", async () => {
  const invite = () => kota.kota("members", "invite", "kim@example.com", "--organization", "Acme");
  auth.breakDown(true);
  const failed = await invite();
  auth.breakDown(false);
  expect(failed).toMatchObject({ exitCode: 1, stdout: "" });
  expect(failed.stderr).toMatch(/^error\[upstream_failed\]: kim@example\.com is invited .* again\.$/m);
  const { members } = await kota.ask("members", "list", "--organization", "Acme");
  expect(members).toContainEqual(expect.objectContaining({ email: "kim@example.com", user_id: null }));
  expect(auth.invited).not.toContain("kim@example.com");
  expect(await invite()).toMatchObject({ exitCode: 0 });
  expect(auth.invited).toContain("kim@example.com");
});

test("an open invitation costs Supabase one question in a minute, and none over the limit", async () => {
  const jon = user("jon@example.com", false);
  const token = await auth.token(jon);
  expect((await usage(token)).status).toBe(200);
  await kota.kota("members", "invite", jon.email, "--organization", "Acme");
  const use = (used: number) =>
    withClient(kota.database.url, (client) =>
      client.query(
        `update rate_limit_counters c set used = $2 from organizations o
         where o.id = c.organization_id and o.personal_of = $1`,
        [jon.id, used],
      ),
    );
  await withinOneHour(async () => {
    expect((await usage(token)).status).toBe(200);
    await use(1000);
    const before = auth.lookUps();
    expect((await usage(token)).status).toBe(429);
    expect(auth.lookUps()).toBe(before);
  });
  await use(0);
  const ask = async () => {
    const start = auth.lookUps();
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await usage(token)).status));
    for (let i = 0; i < 5; i++) statuses.push((await usage(token)).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    return auth.lookUps() - start;
  };
  // A minute may end meanwhile.
  expect(await ask()).toBeLessThanOrEqual(2);
});

test("a member reads and writes, and is out with the next request after removal", async () => {
  const dan = user("dan@example.com");
  const again = await kota.kota("members", "invite", dan.email, "--organization", "Acme");
  expect(again.stderr).toContain("has an account already");
  const token = await auth.token(dan);
  const acme = { organization: "Acme" };
  expect((await call(token, "/api/v1/projects", { ...acme, method: "POST", body: '{"name":"of dan"}' })).status).toBe(
    200,
  );
  expect((await call(token, "/api/v1/keys", acme)).error).toMatchObject({ code: "forbidden" });
  expect(await kota.kota("members", "remove", dan.email, "--organization", "Acme")).toMatchObject({ exitCode: 0 });
  expect((await call(token, "/api/v1/projects", acme)).error).toMatchObject({ code: "not_found" });
  expect(await kota.kota("members", "remove", dan.email, "--organization", "Acme")).toMatchObject({ exitCode: 3 });
});

test("an organization is chosen by name or id; others' are as if they were not there", async () => {
  const fay = user("fay@example.com");
  const token = await auth.token(fay);
  expect((await usage(token)).status).toBe(200);
  const { rows } = await withClient(kota.database.url, (client) =>
    client.query<{ id: string; own: boolean }>(
      "select id, personal_of = $1 as own from organizations where personal_of = $1 or name = 'Acme'",
      [fay.id],
    ),
  );
  const own = rows.find((row) => row.own)?.id ?? "";
  const acme = rows.find((row) => !row.own)?.id ?? "";
  expect((await usage(token, own.toUpperCase())).status).toBe(200);
  const foreign = await usage(token, acme);
  const missing = await usage(token, "nobody's");
  for (const { status, headers } of [foreign, missing]) {
    expect(status).toBe(404);
    expect(headers.get("x-ratelimit-limit")).toBe("1000");
  }
  expect(foreign.error.message.replace(acme, "X")).toBe(missing.error.message.replace("nobody's", "X"));
});

test("a first request may name the organization that it makes", async () => {
  const email = `${crypto.randomUUID()}@example.com`;
  expect((await usage(await auth.token(user(email)), email)).status).toBe(200);
});

test("an organization is chosen by a name in any script, as clients send it", async () => {
  const gus = user("gus@example.com");
  const token = await auth.token(gus);
  expect((await usage(token)).status).toBe(200);
  await withClient(kota.database.url, (client) =>
    client.query(
      `with o as (insert into organizations (name) values ('Grün'), ('名前') returning id)
       insert into members (organization_id, user_id, role) select id, $1, 'member' from o`,
      [gus.id],
    ),
  );
  // As UTF-8, which fetch must be tricked into, and in Latin-1.
  const utf8 = (name: string) => Buffer.from(name, "utf8").toString("latin1");
  for (const name of [utf8("Grün"), utf8("GRÜN"), utf8("名前"), "grün"])
    expect((await usage(token, name)).status, name).toBe(200);
  expect((await usage(token, utf8("Größe"))).error.message).toContain("'Größe'");
});

test("MCP takes the token too, and a 401 says where to sign in", async () => {
  const gil = user("gil@example.com");
  const client = await connectMcp(server.url, { apiKey: await auth.token(gil), era: "2026" });
  expect((await client.listTools()).tools.length).toBeGreaterThan(5);
  await client.close();
  const refused = await fetch(`${server.url}/mcp`, {
    method: "POST",
    body: "{}",
    headers: { "Content-Type": "application/json" },
  });
  expect(refused.status).toBe(401);
  const pointer = /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "")?.[1] ?? "";
  expect(pointer).toBe(`${server.url}/.well-known/oauth-protected-resource/mcp`);
  expect(await (await fetch(pointer)).json()).toMatchObject({
    resource: `${server.url}/mcp`,
    authorization_servers: [`${auth.url}/auth/v1`],
    bearer_methods_supported: ["header"],
  });
  expect((await (await fetch(pointer.replace(/\/mcp$/, ""))).json()) as unknown).toMatchObject({
    resource: server.url,
  });
});

test("when the keys cannot be fetched nobody is told that their token is wrong", async () => {
  const other = await kota.serve();
  auth.breakDown(true);
  const token = await auth.token(user("hal@example.com"));
  const response = await fetch(`${other.url}/api/v1/usage`, { headers: { Authorization: `Bearer ${token}` } });
  auth.breakDown(false);
  expect(response.status).toBe(503);
});
