// 50 organizations on two processes, 10,000 random calls, while keys are revoked and members come and go: whoever is let
// in sees their own organization's marker and no other, and whoever is out is out with the next request.
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
async function fill({ name, marker, keys }: Organization): Promise<void> {
  const repository = await makeRepository({
    "a.ts": `export const same = "${marker}";\n`,
    "b.ts": 'import { same } from "./a.js";\nuse(same);\n',
  });
  repositories.push(repository);
  await git.publish(repository.path, `${marker}/app`);
  const made = [
    await request(keys[0]?.text ?? "", "/repositories", {
      repository: `${marker}/app`,
      name: "same/app",
      wait_seconds: 120,
    }),
    await request(keys[0]?.text ?? "", "/projects", { name: "Same", description: marker, repositories: ["same/app"] }),
  ];
  expect(
    made.map(({ status }) => status),
    name,
  ).toEqual([202, 200]);
}

interface Way {
  organization?: string;
  address?: string;
  server?: Served | undefined;
}

async function request(
  credential: string,
  path: string,
  body?: object,
  { organization, address, server = servers[0] }: Way = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server?.url}/api/v1${path}`, {
    method: body ? "POST" : "GET",
    headers: {
      Authorization: `Bearer ${credential}`,
      "Content-Type": "application/json",
      ...(organization !== undefined && { "X-Kota-Organization": organization }),
      ...(address !== undefined && { "X-Forwarded-For": address }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** Questions whose answers hold the asker's marker. */
const QUESTIONS = [
  "/search?query=same&match=literal",
  "/search?query=marker%5Cd%2B&match=regex",
  "/search?query=same",
  "/files?path=a.ts",
  "/files?path=a.ts&repository=same%2Fapp",
  "/usages?symbol=same&repository=same%2Fapp",
  "/repositories",
  "/projects",
  "/projects/same",
];

const even = (max: number) => fc.noBias(fc.nat(max));
/** One call: who asks what, where, and with which credential. */
const aCall = fc.record({
  organization: even(ORGANIZATIONS - 1),
  question: fc.constantFrom(...QUESTIONS),
  server: even(1),
  isUser: fc.boolean(),
  key: even(1000),
  /** Somebody else's organization is asked for by name; a key does not care. */
  foreign: fc.option(even(ORGANIZATIONS - 1), { freq: 5 }),
  /** Where it comes from, for wrong keys are counted by address. */
  address: fc.tuple(even(255), even(255)).map(([one, two]) => `10.0.${one}.${two}`),
  change: even(999).map((one) => one < CHANGES_PER_MILLE),
});
type ACall = typeof aCall extends fc.Arbitrary<infer T> ? T : never;

test(`${CALLS} calls of ${ORGANIZATIONS} organizations: each sees its own`, { timeout: 900_000 }, async () => {
  const calls = fc.sample(aCall, { numRuns: CALLS, seed: 7 });
  const seen = { allowed: 0, refused: 0 };
  const leaks: string[] = [];
  for (let start = 0; start < calls.length; start += AT_ONCE) {
    const batch = calls.slice(start, start + AT_ONCE);
    leaks.push(...(await Promise.all(batch.map((call) => askOne(call, seen)))).flat());
    // Between batches, so that what each call should meet is known.
    for (const call of batch.filter(({ change }) => change)) await changeAccess(call);
  }
  expect(leaks).toEqual([]);
  expect(seen.allowed).toBeGreaterThan(CALLS / 4);
  expect(seen.refused).toBeGreaterThan(CALLS / 100);
});

async function askOne(call: ACall, seen: { allowed: number; refused: number }): Promise<string[]> {
  const asker = at(call.organization);
  const key = asker.keys[call.key % asker.keys.length];
  const target = call.foreign === null ? asker : at(call.foreign);
  const { status, text } = await request(call.isUser ? asker.token : (key?.text ?? ""), call.question, undefined, {
    organization: target.name,
    address: call.address,
    server: servers[call.server],
  });
  const expected = call.isUser ? (asker.isMember && target === asker ? 200 : 404) : key?.isRevoked ? 401 : 200;
  seen[expected === 200 ? "allowed" : "refused"]++;
  const about = `${asker.name} ${call.isUser ? "user" : "key"} asks ${call.question} of ${target.name}`;
  const markers = new Set(text.match(/marker\d{3}/g));
  if (status !== expected) return [`${about}: ${status} instead of ${expected}: ${text}`];
  if (status === 200 && !markers.has(asker.marker)) return [`${about}: nothing of its own: ${text}`];
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
