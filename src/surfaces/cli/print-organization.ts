// What people see of projects, keys and usage.
import { formatAge, formatCount, paint, plural, printLine, table } from "./terminal.ts";

interface Project {
  id: string;
  name: string;
  description: string;
  repository_count: number;
  repositories?: { name: string }[];
}

export function printProject({ id, name, description, repositories = [] }: Project): void {
  printLine(`${paint("bold", name)}  ${paint("dim", id)}`);
  if (description !== "") printLine(`  ${description}`);
  printLine(`  ${plural(repositories.length, "repository", "repositories")}`);
  for (const repository of repositories) printLine(`  ${paint("cyan", repository.name)}`);
}

export function printProjects({ projects }: { projects: Project[] }): void {
  if (projects.length === 0) return printLine("No projects yet: kota create-project NAME --repositories A,B.");
  printLine(
    table(
      ["PROJECT", "REPOSITORIES", "DESCRIPTION"],
      projects.map(({ name, repository_count: count, description }) => [name, count, description]),
    ),
  );
}

export function printMembership({
  project,
  repository,
  changed,
}: {
  project: { name: string };
  repository: { name: string };
  changed: boolean;
}): void {
  printLine(`${project.name}, ${repository.name}: ${changed ? "done" : "it was so already"}.`);
}

export function printNewKey({ api_key: key }: { api_key: string }): void {
  printLine(key);
  printLine(paint("dim", "Keep it safe: it is not shown again."));
}

export function printKeys(
  {
    keys,
  }: {
    keys: {
      key_id: string;
      name: string;
      prefix: string;
      last_four: string;
      scopes: string[];
      expires_at: string | null;
      last_used_at: string | null;
      revoked_at: string | null;
    }[];
  },
  now: Date,
): void {
  const stateOf = ({
    revoked_at: revoked,
    expires_at: expires,
  }: {
    revoked_at: string | null;
    expires_at: string | null;
  }) => (revoked !== null ? "revoked" : expires !== null && new Date(expires) <= now ? "expired" : "in use");
  const rows = keys.map((key) => [
    key.name,
    `${key.prefix}…${key.last_four}`,
    key.scopes.join(", "),
    stateOf(key),
    key.last_used_at === null ? "never" : formatAge(key.last_used_at, now),
    key.key_id,
  ]);
  printLine(table(["NAME", "KEY", "SCOPES", "STATE", "LAST USED", "ID"], rows));
}

interface Window {
  used: number;
  limit: number | null;
  resets_at: string;
}

export function printUsage({ tier, hour, day }: { tier: string; hour: Window; day: Window }): void {
  const row = (name: string, { used, limit, resets_at: resets }: Window) => [
    name,
    used,
    limit === null ? "no limit" : formatCount(limit),
    resets,
  ];
  printLine(paint("dim", `Tier ${tier}`));
  printLine(table(["WINDOW", "USED", "LIMIT", "BEGINS ANEW"], [row("hour", hour), row("day", day)]));
}
