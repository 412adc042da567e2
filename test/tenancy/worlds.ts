// Two worlds: in `alone` there is Acme; in `shared` there are Acme and Beta, whose data look alike and who ask the same
// server. Whatever Acme asks must be answered alike in both.
import { withClient } from "../harness/database.ts";
import { startSupabaseAuth, type FakeSupabaseAuth } from "../harness/supabase-auth.ts";
import { runKota } from "../harness/command.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { install, type Installation, type Served } from "../harness/installation.ts";
import { makeRepository, type TestRepository } from "../harness/repository.ts";

/** REST twice: with a key, and with the token of a signed-in user who names the organization. */
export const SURFACES = ["REST", "signed in", "MCP", "command line"] as const;
export type Surface = (typeof SURFACES)[number];

/** What an organization has and could be asked for. */
interface Known {
  key: string;
  /** Of the one member, its owner. */
  token: string;
  repository: string;
  repositoryId: string;
  project: string;
  projectId: string;
  jobId: string;
  /** A key of its own for each surface, to be revoked there. */
  keyIds: Record<Surface, string>;
}

export interface World {
  kota: Installation;
  server: Served;
  /** For commands that act for Acme. */
  env: Record<string, string>;
  acme: Known;
  /** Of Beta; where Beta is not, ids of nothing. */
  beta: Known;
}

export interface Worlds {
  alone: World;
  shared: World;
  /** Texts that only Beta could know. */
  secrets: string[];
  remove(): Promise<void>;
}

/** Names below a surface's own, for what is removed on it. */
export function slug(surface: Surface): string {
  return surface.replace(" ", "-").toLowerCase();
}

const SAME_FILES = {
  "README.md": "# Same\n\nEverybody has this page about the lookalike.\n",
  "src/shared.ts": "export function lookalike(): number {\n  return 1;\n}\n",
  "src/main.ts": 'import { lookalike } from "./shared.js";\n\nexport const main = () => lookalike();\n',
  "src/main.test.ts": 'import { main } from "./main.js";\n\nmain();\n',
};
/** Only in Beta's repositories. */
const BETA_FILES = { "src/beta-only.ts": "// lookalike zebra-of-beta\nexport function betaOnlySymbol() {}\n" };

const ORGANIZATIONS = {
  acme: {
    organization: "Acme",
    userId: "00000000-0000-4000-8000-00000000000a",
    files: SAME_FILES,
    project: "Core",
    private: "acme/private",
  },
  beta: {
    organization: "Beta",
    userId: "00000000-0000-4000-8000-00000000000b",
    files: { ...SAME_FILES, ...BETA_FILES },
    project: "Beta secrets",
    private: "beta/private",
  },
} as const;
type Who = keyof typeof ORGANIZATIONS;

export async function makeWorlds(): Promise<Worlds> {
  const git = await startGitServer();
  const auth = await startSupabaseAuth();
  const repositories: TestRepository[] = [];
  for (const { files, private: name } of Object.values(ORGANIZATIONS)) {
    const repository = await makeRepository(files);
    repositories.push(repository);
    await git.publish(repository.path, name);
    for (const surface of SURFACES) await git.publish(repository.path, `${name}-${slug(surface)}`);
  }
  const [alone, shared] = [await makeWorld({ git, auth }, ["acme"]), await makeWorld({ git, auth }, ["beta", "acme"])];
  const { beta } = shared;
  return {
    alone,
    shared,
    secrets: [
      ...Object.values(beta.keyIds),
      beta.repositoryId,
      beta.projectId,
      beta.jobId,
      beta.key.slice(14),
      "zebra-of-beta",
      "betaOnlySymbol",
      "beta-only",
      "beta/private",
      "Beta secrets",
    ],
    async remove() {
      await Promise.all([alone.kota.remove(), shared.kota.remove()]);
      await git.stop();
      await auth.stop();
      await Promise.all(repositories.map((repository) => repository.remove()));
    },
  };
}

interface Outside {
  git: GitServer;
  auth: FakeSupabaseAuth;
}

async function makeWorld({ git, auth }: Outside, who: readonly Who[]): Promise<World> {
  const kota = await install({ KOTA_MODE: "hosted", KOTA_GIT_BASE_URL: git.url, ...auth.env });
  const server = await kota.serve();
  const known: Partial<Record<Who, Known>> = {};
  for (const name of who) known[name] = await settle(name, { kota, server, auth });
  if (!known.acme) throw new Error("Acme is in every world");
  return {
    kota,
    server,
    env: { ...kota.env, KOTA_ORGANIZATION: "Acme" },
    acme: known.acme,
    beta: known.beta ?? nobody(),
  };
}

async function settle(
  name: Who,
  { kota, server, auth }: { kota: Installation; server: Served; auth: FakeSupabaseAuth },
): Promise<Known> {
  const { organization, userId, project, private: repository } = ORGANIZATIONS[name];
  const made = await runKota(
    ["keys", "create", "--organization", organization, "--tier", "team", "--scopes", "read,write,admin", "--json"],
    { env: kota.env },
  );
  const key = (JSON.parse(made.stdout) as { api_key: string }).api_key;
  await withClient(kota.database.url, (client) =>
    client.query(
      "insert into members (organization_id, user_id, role) select id, $2, 'owner' from organizations where name = $1",
      [organization, userId],
    ),
  );
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { data: Record<string, string> };
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer.data;
  };
  const index = (source: string) => ask("POST", "/repositories", { repository: source, wait_seconds: 60 });
  const job = await index(repository);
  for (const surface of SURFACES) {
    await index(`${repository}-${slug(surface)}`);
    await ask("POST", "/projects", { name: `doomed ${slug(surface)}`, repositories: [repository] });
  }
  const { id: projectId = "" } = await ask("POST", "/projects", { name: project, repositories: [repository] });
  const keyIds: [Surface, string | undefined][] = [];
  for (const surface of SURFACES)
    keyIds.push([surface, (await ask("POST", "/keys", { name: `doomed ${surface}` }))["key_id"]]);
  const { repository: indexed } = job as unknown as { repository: { id: string } };
  return {
    key,
    token: await auth.token({ id: userId, email: `${name}@example.com` }),
    repository,
    repositoryId: indexed.id,
    project,
    projectId,
    jobId: job["job_id"] ?? "",
    keyIds: Object.fromEntries(keyIds) as Record<Surface, string>,
  };
}

function nobody(): Known {
  const id = () => crypto.randomUUID();
  return {
    key: "",
    token: "",
    repository: ORGANIZATIONS.beta.private,
    repositoryId: id(),
    project: ORGANIZATIONS.beta.project,
    projectId: id(),
    jobId: id(),
    keyIds: { REST: id(), "signed in": id(), MCP: id(), "command line": id() },
  };
}
