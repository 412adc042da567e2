// 50 organizations on two processes, 10,000 random calls, reads and writes, by name, id and cursor, over REST and MCP, while
// keys are revoked and members come and go: whoever is let in sees their own organization's marker and no other, whoever's ids
// they give, and whoever is out is out with the next request.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mintApiKey, storedKeyOf } from "../../src/access/api-key.ts";
import { SCOPES } from "../../src/access/caller.ts";
import { ensureOrganization, revokeKey, saveKey, setTier } from "../../src/access/store.ts";
import type { KeyId, OrganizationId } from "../../src/platform/ids.ts";
import type { Services } from "../../src/operation.ts";
import { withClient } from "../harness/database.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { install, type Installation, type Served } from "../harness/installation.ts";
import { makeRepository, type TestRepository } from "../harness/repository.ts";
import { makeServices } from "../harness/services.ts";
import { startSupabaseAuth, type FakeSupabaseAuth } from "../harness/supabase-auth.ts";

const ORGANIZATIONS = 50;
const CALLS = 10_000;
const AT_ONCE = 20;
/** Of 1,000 calls, how many are followed by a change of who may come in. */
const CHANGES_PER_MILLE = 20;

interface Key {
  text: string;
  id: KeyId;
  isRevoked: boolean;
}
interface Organization {
  id: OrganizationId;
  name: string;
  /** In every text of its own, and in no other's. */
  marker: string;
  keys: Key[];
  userId: string;
  token: string;
  isMember: boolean;
  repositoryId: string;
  projectId: string;
  jobId: string;
  /** Of the second page of PAGE. */
  cursor: string;
}

let auth: FakeSupabaseAuth;
let git: GitServer;
let kota: Installation;
let servers: Served[];
let services: Services;
let organizations: Organization[];
const repositories: TestRepository[] = [];

beforeAll(async () => {
  auth = await startSupabaseAuth();
  git = await startGitServer();
  kota = await install({
    KOTA_MODE: "hosted",
    KOTA_GIT_BASE_URL: git.url,
    KOTA_TRUSTED_PROXIES: "127.0.0.1",
    ...auth.env,
  });
  servers = [await kota.serve(), await kota.serve()];
  services = makeServices(kota.database, { mirrorDirectory: kota.dataDirectory, isLimited: true });
  organizations = [];
  for (let i = 0; i < ORGANIZATIONS; i++) organizations.push(await makeOrganization(i));
  for (const organization of organizations) await fill(organization);
});
afterAll(async () => {
  await services.database.close();
  await kota.remove();
  await git.stop();
  await auth.stop();
  await Promise.all(repositories.map((repository) => repository.remove()));
});

async function makeOrganization(i: number): Promise<Organization> {
  const name = `Organization ${i}`;
  const userId = crypto.randomUUID();
  const id = await services.database.unsafeAllOrganizations(async (sql) => {
    const made = await ensureOrganization(sql, name);
    await setTier(sql, made, "team");
    return made;
  });
  const organization: Organization = {
    id,
    name,
    marker: `marker${String(i).padStart(3, "0")}`,
    keys: [],
    userId,
    token: await auth.token({ id: userId, email: `user${i}@example.com` }),
    isMember: false,
    repositoryId: "",
    projectId: "",
    jobId: "",
    cursor: "",
  };
  await addKey(organization);
  await setMember(organization, true);
  return organization;
}

async function addKey({ id, keys }: Organization): Promise<void> {
  const text = mintApiKey();
  const saved = await services.database.unsafeAllOrganizations((sql) =>
    saveKey(sql, { organizationId: id, name: "k", scopes: SCOPES, stored: storedKeyOf(text, services.pepper) }),
  );
  keys.push({ text, id: saved.id, isRevoked: false });
}

async function setMember(organization: Organization, isMember: boolean): Promise<void> {
  await withClient(kota.database.url, (client) =>
    isMember
      ? client.query("insert into members (organization_id, user_id, role) values ($1, $2, 'member')", [
          organization.id,
          organization.userId,
        ])
      : client.query("delete from members where organization_id = $1 and user_id = $2", [
          organization.id,
          organization.userId,
        ]),
  );
  organization.isMember = isMember;
}

/** A repository and a project, alike in every organization but for the marker. */
async function fill(organization: Organization): Promise<void> {
  const { name, marker, keys } = organization;
  const key = keys[0]?.text ?? "";
  const repository = await makeRepository({
    "a.ts": `export const same = "${marker}";\n`,
    "b.ts": `import { same } from "./a.js";\nuse(same, "${marker}");\n`,
  });
  repositories.push(repository);
  await git.publish(repository.path, `${marker}/app`);
  const ask = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const { status, text } = await request(key, { path, ...(body && { method: "POST", body }) });
    expect(status, `${name} ${path}: ${text}`).toBeLessThan(300);
    return (JSON.parse(text) as { data: Record<string, unknown> }).data;
  };
  const indexed = await ask("/repositories", { repository: `${marker}/app`, name: "same/app", wait_seconds: 120 });
  const project = await ask("/projects", { name: "Same", description: marker, repositories: ["same/app"] });
  organization.jobId = String(indexed["job_id"]);
  organization.repositoryId = (indexed["repository"] as { id: string }).id;
  organization.projectId = String(project["id"]);
  organization.cursor = String((await ask(PAGE))["next_cursor"]);
}

interface Asked {
  path: string;
  method?: string;
  body?: object;
}

interface Way {
  organization?: string;
  address?: string;
  server?: Served | undefined;
}

async function request(
  credential: string,
  { path, method = "GET", body }: Asked,
  { organization, address, server = servers[0] }: Way = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server?.url}${path === "/mcp" ? "" : "/api/v1"}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${credential}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(path === "/mcp" && { "MCP-Protocol-Version": "2025-06-18" }),
      ...(organization !== undefined && { "X-Kota-Organization": organization }),
      ...(address !== undefined && { "X-Forwarded-For": address }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** Has two pages. */
const PAGE = "/search?query=same&match=literal&limit=1";

/** What is asked, with the ids of `owner`; `asker` is told nothing when that is somebody else. */
interface Question {
  asked(owner: Organization, asker: Organization): Asked;
  /** Whether the answer holds the asker's marker. */
  isTelling: boolean;
  /** Status where the ids are another's; undefined where there are none in it. */
  strange?: number;
}

const get = (path: string): Question => ({ asked: () => ({ path }), isTelling: true });
const tool = (name: string, input: (owner: Organization) => object): Omit<Question, "isTelling"> => ({
  asked: (owner) => ({
    path: "/mcp",
    method: "POST",
    body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: input(owner) } },
  }),
});
const QUESTIONS: readonly Question[] = [
  get("/search?query=same&match=literal"),
  get("/search?query=marker%5Cd%2B&match=regex"),
  get("/search?query=same"),
  get("/files?path=a.ts"),
  get("/files?path=a.ts&repository=same%2Fapp"),
  get("/usages?symbol=same&repository=same%2Fapp"),
  get("/repositories"),
  get("/projects"),
  get("/projects/same"),
  { asked: ({ cursor }) => ({ path: `${PAGE}&cursor=${cursor}` }), isTelling: true, strange: 400 },
  { asked: ({ projectId }) => ({ path: `/projects/${projectId}` }), isTelling: true, strange: 404 },
  { asked: ({ repositoryId: id }) => ({ path: `/files?path=b.ts&repository=${id}` }), isTelling: true, strange: 404 },
  { asked: ({ repositoryId: id }) => ({ path: `/repositories/${id}/graph` }), isTelling: false, strange: 404 },
  { asked: ({ jobId }) => ({ path: `/jobs/${jobId}` }), isTelling: false, strange: 404 },
  {
    asked: ({ projectId }, { marker: description }) => ({
      path: `/projects/${projectId}`,
      method: "PATCH",
      body: { description },
    }),
    isTelling: true,
    strange: 404,
  },
  {
    asked: ({ repositoryId }) => ({ path: `/projects/same/repositories/${repositoryId}`, method: "PUT" }),
    isTelling: false,
    strange: 404,
  },
  { ...tool("search_code", () => ({ query: "same" })), isTelling: true },
  { ...tool("list_projects", () => ({})), isTelling: true },
  // A failure of a tool is no failure of HTTP.
  { ...tool("get_project", ({ projectId }) => ({ project: projectId })), isTelling: true, strange: 200 },
];

const even = (max: number) => fc.noBias(fc.nat(max));
/** A value in one of `n` cases, else null. */
const oneIn = <T>(n: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: n - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
/** One call: who asks what, where, and with which credential. */
const aCall = fc.record({
  organization: even(ORGANIZATIONS - 1),
  question: fc.constantFrom(...QUESTIONS),
  server: even(1),
  isUser: fc.boolean(),
  key: even(1000),
  /** Whose ids are in the question, where they are not the asker's. */
  owner: oneIn(2, even(ORGANIZATIONS - 1)),
  /** Somebody else's organization is asked for by name. */
  foreign: oneIn(4, even(ORGANIZATIONS - 1)),
  /** Where it comes from, for wrong keys are counted by address. */
  address: fc.tuple(even(255), even(255)).map(([one, two]) => `10.0.${one}.${two}`),
  change: even(999).map((one) => one < CHANGES_PER_MILLE),
});
type ACall = typeof aCall extends fc.Arbitrary<infer T> ? T : never;

test(`${CALLS} calls of ${ORGANIZATIONS} organizations: each sees its own`, { timeout: 900_000 }, async () => {
  const calls = fc.sample(aCall, { numRuns: CALLS, seed: 7 });
  const seen = { allowed: 0, refused: 0, during: 0 };
  const leaks: string[] = [];
  for (let start = 0; start < calls.length; start += AT_ONCE) {
    const batch = calls.slice(start, start + AT_ONCE);
    const changes = batch.filter(({ change }) => change);
    // Each once, so that what holds after the batch is known.
    const changing = new Map(changes.map((call) => [at(call.organization), call]));
    const asking = batch.map((call) => askOne(call, { isChanging: changing.has(at(call.organization)), seen }));
    const [answers] = await Promise.all([Promise.all(asking), Promise.all([...changing.values()].map(changeAccess))]);
    leaks.push(...answers.flat());
  }
  expect(leaks).toEqual([]);
  expect(seen.allowed).toBeGreaterThan(CALLS / 4);
  expect(seen.refused).toBeGreaterThan(CALLS / 100);
  expect(seen.during).toBeGreaterThan(CALLS / 100);
});

/** `isChanging`: who may come in changes meanwhile, so both answers are right; what they tell is bound as ever. */
async function askOne(
  call: ACall,
  { isChanging, seen }: { isChanging: boolean; seen: { allowed: number; refused: number; during: number } },
): Promise<string[]> {
  const asker = at(call.organization);
  const key = asker.keys[call.key % asker.keys.length];
  const target = call.foreign === null ? asker : at(call.foreign);
  const owner = call.owner === null ? asker : at(call.owner);
  const { question } = call;
  const isStrange = question.strange !== undefined && owner !== asker;
  const isOwn = target === asker;
  const isRefused = call.isUser ? !asker.isMember : key?.isRevoked !== false;
  const asked = question.asked(owner, asker);
  const { status, text } = await request(call.isUser ? asker.token : (key?.text ?? ""), asked, {
    organization: target.name,
    address: call.address,
    server: servers[call.server],
  });
  const inside = isStrange ? (question.strange ?? 0) : 200;
  // Who is out is told so before which organization they mean.
  const outside = call.isUser ? 404 : 401;
  const settled = isOwn ? inside : 404;
  const expected = isChanging ? [settled, outside] : [isRefused ? outside : settled];
  seen[isChanging ? "during" : isOwn && !isRefused && !isStrange ? "allowed" : "refused"]++;
  const who = call.isUser ? "user" : "key";
  const about = `${asker.name} ${who} asks ${JSON.stringify(asked)} of ${target.name} with ids of ${owner.name}`;
  const markers = new Set(text.match(/marker\d{3}/g));
  if (!expected.includes(status)) return [`${about}: ${status} instead of ${expected.join(" or ")}: ${text}`];
  if (status === 200 && !isStrange && question.isTelling && !markers.has(asker.marker))
    return [`${about}: nothing of its own: ${text}`];
  markers.delete(asker.marker);
  return [...markers].map((marker) => `${about}: tells ${marker}`);
}

async function changeAccess(call: ACall): Promise<void> {
  const organization = at(call.organization);
  if (call.isUser) return setMember(organization, !organization.isMember);
  const key = organization.keys.find(({ isRevoked }) => !isRevoked);
  if (!key) return;
  await services.database.forOrganization(organization.id)((sql) => revokeKey(sql, key.id));
  key.isRevoked = true;
  await addKey(organization);
}

function at(i: number): Organization {
  const organization = organizations[i];
  if (!organization) throw new Error(`there is no organization ${i}`);
  return organization;
}
