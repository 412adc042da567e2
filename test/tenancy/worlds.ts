// Two worlds: in `alone` there is Acme; in `shared` there are Acme and Beta, whose data look alike and who ask the same
// server. Whatever Acme asks must be answered alike in both.
import { runKota } from "../harness/command.ts";
import { startGitServer, type GitServer } from "../harness/git-server.ts";
import { install, type Installation, type Served } from "../harness/installation.ts";
import { makeRepository, type TestRepository } from "../harness/repository.ts";

export const SURFACES = ["REST", "MCP", "command line"] as const;
export type Surface = (typeof SURFACES)[number];

/** What an organization has and could be asked for. */
interface Known {
  key: string;
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
  acme: { organization: "Acme", files: SAME_FILES, project: "Core", private: "acme/private" },
  beta: {
    organization: "Beta",
    files: { ...SAME_FILES, ...BETA_FILES },
    project: "Beta secrets",
    private: "beta/private",
  },
} as const;
type Who = keyof typeof ORGANIZATIONS;

export async function makeWorlds(): Promise<Worlds> {
  const git = await startGitServer();
  const repositories: TestRepository[] = [];
  for (const { files, private: name } of Object.values(ORGANIZATIONS)) {
    const repository = await makeRepository(files);
    repositories.push(repository);
    await git.publish(repository.path, name);
    for (const surface of SURFACES) await git.publish(repository.path, `${name}-${slug(surface)}`);
  }
  const [alone, shared] = [await makeWorld(git, ["acme"]), await makeWorld(git, ["beta", "acme"])];
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
      await Promise.all(repositories.map((repository) => repository.remove()));
    },
  };
}

async function makeWorld(git: GitServer, who: readonly Who[]): Promise<World> {
  const kota = await install({ KOTA_MODE: "hosted", KOTA_GIT_BASE_URL: git.url });
  const server = await kota.serve();
  const known: Partial<Record<Who, Known>> = {};
  for (const name of who) known[name] = await settle(name, kota, server);
  if (!known.acme) throw new Error("Acme is in every world");
  return {
    kota,
    server,
    env: { ...kota.env, KOTA_ORGANIZATION: "Acme" },
    acme: known.acme,
    beta: known.beta ?? nobody(),
  };
}

async function settle(name: Who, kota: Installation, server: Served): Promise<Known> {
  const { organization, project, private: repository } = ORGANIZATIONS[name];
  const made = await runKota(
    ["keys", "create", "--organization", organization, "--tier", "team", "--scopes", "read,write,admin", "--json"],
    { env: kota.env },
  );
  const key = (JSON.parse(made.stdout) as { api_key: string }).api_key;
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
    repository: ORGANIZATIONS.beta.private,
    repositoryId: id(),
    project: ORGANIZATIONS.beta.project,
    projectId: id(),
    jobId: id(),
    keyIds: { REST: id(), MCP: id(), "command line": id() },
  };
}
