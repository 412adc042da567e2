// Manifests that decide where imports lead: go.mod, go.work and composer.json. Only the fields that matter; a manifest that cannot
// be read says nothing.
import { NO_FACTS, type Facts } from "./facts.ts";

export interface GoModule {
  module: string;
  /** Module path → folder, relative to the file. */
  replace: Record<string, string>;
}

export interface GoWorkspace {
  /** Folders of its modules, relative to the file. */
  use: string[];
  /** As of a module, and for all of its. */
  replace: Record<string, string>;
}

export function readGoModule({ text }: { text: string }): Facts {
  const lines = withoutComments(text);
  const content: GoModule = {
    module: /^\s*module\s+"?([^\s"]+)/m.exec(lines)?.[1] ?? "",
    replace: replacedIn(lines),
  };
  return { ...NO_FACTS, manifest: { kind: "go.mod", content } };
}

export function readGoWorkspace({ text }: { text: string }): Facts {
  const lines = withoutComments(text);
  const written = [...lines.matchAll(/^[ \t]*use[ \t]*(?:\(([^)]*)\)|([^\n(]+))/gm)].flatMap(([, block, one]) =>
    (block ?? one ?? "").split("\n"),
  );
  const use = written.map((one) => one.trim().replace(/^"(.*)"$/, "$1")).filter(Boolean);
  return {
    ...NO_FACTS,
    manifest: { kind: "go.work", content: { use, replace: replacedIn(lines) } satisfies GoWorkspace },
  };
}

const withoutComments = (text: string) => text.replace(/\/\/.*/g, "");

/** Alone on a line or in a block; only folders matter. */
function replacedIn(lines: string): Record<string, string> {
  const replace = new Map<string, string>();
  for (const [, from = "", to = ""] of lines.matchAll(
    /^[ \t]*(?:replace[ \t(]+)?"?([^\s"()]+)"?(?:[ \t]+v\S+)?[ \t]*=>[ \t]*"?(\.{1,2}(?:\/[^\s"]*)?)/gm,
  ))
    replace.set(from, to);
  return Object.fromEntries(replace);
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
