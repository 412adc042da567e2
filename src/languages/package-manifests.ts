// Manifests that decide where imports lead: go.mod, Cargo.toml, composer.json. Only the fields that matter; a manifest
// that cannot be read says nothing.
import { NO_FACTS, type Facts } from "./facts.ts";

export interface GoModule {
  module: string;
  /** Module path → folder, relative to the file. */
  replace: Record<string, string>;
}

export function readGoModule({ text }: { text: string }): Facts {
  const lines = text.replace(/\/\/.*/g, "");
  const replace = new Map<string, string>();
  // Alone on a line or in a block; only folders matter.
  for (const [, from = "", to = ""] of lines.matchAll(
    /^[ \t]*(?:replace[ \t(]+)?"?([^\s"()]+)"?(?:[ \t]+v\S+)?[ \t]*=>[ \t]*"?(\.{1,2}(?:\/[^\s"]*)?)/gm,
  ))
    replace.set(from, to);
  const content: GoModule = {
    module: /^\s*module\s+"?([^\s"]+)/m.exec(lines)?.[1] ?? "",
    replace: Object.fromEntries(replace),
  };
  return { ...NO_FACTS, manifest: { kind: "go.mod", content } };
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
export function readCargo({ text }: { text: string }): Facts {
  const manifest: CargoManifest = { binaryPaths: [], renames: {} };
  const renames = new Map<string, string>();
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
    if (/dependencies/.test(section) && renamed) renames.set(inCode(table ?? key), inCode(renamed));
  }
  manifest.renames = Object.fromEntries(renames);
  return { ...NO_FACTS, manifest: { kind: "Cargo.toml", content: manifest } };
}

function inCode(name: string): string {
  return name.replaceAll("-", "_");
}

export interface ComposerManifest {
  /** Namespace prefix (with `\` at its end) → folders relative to the manifest. */
  namespaces: Record<string, string[]>;
}

export function readComposer({ text }: { text: string }): Facts {
  const namespaces = new Map<string, string[]>();
  const json = parseJson(text);
  for (const section of [json["autoload"], json["autoload-dev"]])
    for (const [prefix, folders] of Object.entries(asRecord(asRecord(section)["psr-4"])))
      namespaces.set(prefix, [
        ...(namespaces.get(prefix) ?? []),
        ...[folders].flat().filter((folder) => typeof folder === "string"),
      ]);
  const content: ComposerManifest = { namespaces: Object.fromEntries(namespaces) };
  return { ...NO_FACTS, manifest: { kind: "composer.json", content } };
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
