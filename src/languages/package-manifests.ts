// Manifests that decide where imports lead: go.mod, Cargo.toml, composer.json. Only the fields that matter; a manifest
// that cannot be read says nothing.
import type { ManifestFact } from "./facts.ts";

export function extractPackageManifest(path: string, text: string): ManifestFact | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name === "go.mod") return { kind: name, content: readGoModule(text) };
  if (name === "Cargo.toml") return { kind: name, content: readCargo(text) };
  if (name === "composer.json") return { kind: name, content: readComposer(text) };
  return undefined;
}

function readGoModule(text: string): { module: string; replace: Record<string, string> } {
  const lines = text.replace(/\/\/.*/g, "");
  const replace: Record<string, string> = {};
  // Alone on a line or in a block; only folders matter.
  for (const [, from = "", to = ""] of lines.matchAll(
    /^[ \t]*(?:replace[ \t(]+)?"?([^\s"()]+)"?(?:[ \t]+v\S+)?[ \t]*=>[ \t]*"?(\.{1,2}(?:\/[^\s"]*)?)/gm,
  ))
    replace[from] = to;
  return { module: /^\s*module\s+"?([^\s"]+)/m.exec(lines)?.[1] ?? "", replace };
}

export interface CargoManifest {
  /** Name of the crate's library in code. */
  crate?: string;
  libraryPath?: string;
  binaryPaths: string[];
  /** Names in code of dependencies that are other names elsewhere. */
  renames: Record<string, string>;
}

/** Reads the few keys that matter from TOML line by line; inline tables too. */
function readCargo(text: string): CargoManifest {
  const manifest: CargoManifest = { binaryPaths: [], renames: {} };
  let section = "";
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    const header = /^\[+([^\]]+)\]+/.exec(line);
    if (header) section = (header[1] ?? "").trim();
    const [, key = "", value = ""] = /^"?([\w.-]+)"?\s*=\s*(.*)$/.exec(line) ?? [];
    const string = /^["']([^"']*)["']/.exec(value)?.[1];
    if (section === "package" && key === "name" && string) manifest.crate ??= inCode(string);
    if (section === "lib" && key === "name" && string) manifest.crate = inCode(string);
    if (section === "lib" && key === "path" && string) manifest.libraryPath = string;
    if (/^(?:bin|example|test|bench)$/.test(section) && key === "path" && string) manifest.binaryPaths.push(string);
    const [, table] = /(?:^|\.)(?:dev-|build-)?dependencies(?:\.(.+))?$/.exec(section) ?? [];
    const renamed = table !== undefined && key === "package" ? string : /\bpackage\s*=\s*["']([^"']+)/.exec(value)?.[1];
    if (/dependencies/.test(section) && renamed) manifest.renames[inCode(table ?? key)] = inCode(renamed);
  }
  return manifest;
}

function inCode(name: string): string {
  return name.replaceAll("-", "_");
}

export interface ComposerManifest {
  /** Namespace prefix (with `\` at its end) → folders relative to the manifest. */
  namespaces: Record<string, string[]>;
}

function readComposer(text: string): ComposerManifest {
  const namespaces: Record<string, string[]> = {};
  const content = parseJson(text);
  for (const section of [content.autoload, content["autoload-dev"]])
    for (const [prefix, folders] of Object.entries(asRecord(asRecord(section)["psr-4"])))
      namespaces[prefix] = [
        ...(namespaces[prefix] ?? []),
        ...[folders].flat().filter((folder) => typeof folder === "string"),
      ];
  return { namespaces };
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return {};
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  // Any object of parsed JSON has string keys.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
