// package.json, pnpm-workspace.yaml, tsconfig.json and jsconfig.json: what they say about where imports lead. Comments and
// trailing commas are allowed, as the tools allow them; what cannot be read says nothing.
import { NO_FACTS, type Facts } from "./facts.ts";

export interface PackageManifest {
  name?: string;
  /** As `comparableVersion` leaves it, like those of dependencies. */
  version?: string;
  isPrivate?: boolean;
  main?: string;
  module?: string;
  types?: string;
  source?: string;
  exports?: unknown;
  imports?: Record<string, unknown>;
  /** Of all kinds, name → wanted version. */
  dependencies: Record<string, string>;
  /** Folders of the workspace's packages, as globs. */
  members?: string[];
}

interface PnpmWorkspace {
  members: string[];
}

export interface TsconfigManifest {
  extends: string[];
  references: string[];
  baseUrl?: string;
  paths?: Record<string, string[]>;
  outDir?: string;
  rootDir?: string;
  jsxImportSource?: string;
}

export type JavascriptManifest =
  | { kind: "package.json"; content: PackageManifest }
  | { kind: "pnpm-workspace.yaml"; content: PnpmWorkspace }
  | { kind: "tsconfig.json"; content: TsconfigManifest };

export function readPackageJson({ text }: { text: string }): Facts {
  return manifestFacts(text, (json) => ({ kind: "package.json", content: packageManifest(json) }));
}

/** The list under `packages:`, on lines of its own or in brackets. */
export function readPnpmWorkspace({ text }: { text: string }): Facts {
  const [, inline = "", block = ""] =
    /^packages:[ \t]*(?:\[([^\]]*)\])?[^\n]*\n?((?:[ \t]*(?:-[^\n]*|#[^\n]*)?(?:\r?\n|$))*)/m.exec(text) ?? [];
  const written =
    inline === "" ? [...block.matchAll(/^[ \t]*-[ \t]*(.*)$/gm)].map(([, one = ""]) => one) : inline.split(",");
  const members = written.map((one) => /^\s*(?:"([^"]*)"|'([^']*)'|([^\s#]*))/.exec(one)?.slice(1).find(Boolean) ?? "");
  const content: PnpmWorkspace = { members: members.filter(Boolean) };
  return { ...NO_FACTS, manifest: { kind: "pnpm-workspace.yaml", content } };
}

export function readTsconfig({ text }: { text: string }): Facts {
  return manifestFacts(text, (json) => ({ kind: "tsconfig.json", content: tsconfigManifest(json) }));
}

function manifestFacts(text: string, read: (json: Record<string, unknown>) => JavascriptManifest): Facts {
  const json = parseJsonWithComments(text);
  return isRecord(json) ? { ...NO_FACTS, manifest: read(json) } : NO_FACTS;
}

function packageManifest(json: Record<string, unknown>): PackageManifest {
  const dependencies: [string, string][] = [];
  // The first kind of dependency that names a package decides, so it is written last.
  for (const field of ["optionalDependencies", "peerDependencies", "devDependencies", "dependencies"])
    for (const [name, version] of Object.entries(isRecord(json[field]) ? json[field] : {}))
      if (typeof version === "string") dependencies.push([name, comparableVersion(version)]);
  const types = json["types"] ?? json["typings"];
  const workspaces = isRecord(json["workspaces"]) ? json["workspaces"]["packages"] : json["workspaces"];
  return {
    ...texts(json, ["name", "main", "module", "source"]),
    ...(typeof json["version"] === "string" && { version: comparableVersion(json["version"]) }),
    ...(json["private"] === true && { isPrivate: true }),
    ...(typeof types === "string" && { types }),
    ...(json["exports"] !== undefined && { exports: json["exports"] }),
    ...(isRecord(json["imports"]) && { imports: json["imports"] }),
    dependencies: Object.fromEntries(dependencies),
    ...(Array.isArray(workspaces) && { members: textList(workspaces) }),
  };
}

/**
 * The part of a version or range that breaking changes move: `^1.2.3` → `1`, `0.4.x` → `0.4`; anything else as it is.
 * A newer patch of a dependency then leaves the manifest as it was.
 */
function comparableVersion(version: string): string {
  const [, major, minor] = /^[\^~=v<>\s]*(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  if (major === undefined) return version;
  return major === "0" && minor !== undefined ? `0.${minor}` : major;
}

function tsconfigManifest(json: Record<string, unknown>): TsconfigManifest {
  const options = isRecord(json["compilerOptions"]) ? json["compilerOptions"] : {};
  const references = Array.isArray(json["references"]) ? json["references"] : [];
  const paths = isRecord(options["paths"])
    ? Object.entries(options["paths"]).map(([pattern, targets]) => [pattern, textList(targets)] as const)
    : undefined;
  return {
    extends: textList(typeof json["extends"] === "string" ? [json["extends"]] : json["extends"]),
    references: references.flatMap((one) => (isRecord(one) && typeof one["path"] === "string" ? [one["path"]] : [])),
    ...texts(options, ["baseUrl", "outDir", "rootDir", "jsxImportSource"]),
    ...(paths && { paths: Object.fromEntries(paths) }),
  };
}

function texts<Name extends string>(json: Record<string, unknown>, names: Name[]): { [name in Name]?: string } {
  const entries = names.map((name) => [name, json[name]] as const).filter(isTextEntry);
  // The entries are those of `names` that hold text.
  return Object.fromEntries(entries) as { [name in Name]?: string };
}

function isTextEntry(entry: readonly [string, unknown]): entry is readonly [string, string] {
  return typeof entry[1] === "string";
}

function textList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of JSON with comments and trailing commas; undefined for anything else. */
function parseJsonWithComments(text: string): unknown {
  const bare = text
    .replace(/^\ufeff/, "")
    .replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (match) => (match.startsWith('"') ? match : " "))
    .replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, (match) => (match.startsWith('"') ? match : ""));
  try {
    return JSON.parse(bare);
  } catch {
    return undefined;
  }
}
