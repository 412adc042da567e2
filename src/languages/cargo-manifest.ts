// Cargo.toml: the few keys that decide where paths of Rust lead, read from TOML line by line, inline tables too.
import { NO_FACTS, type Facts } from "./facts.ts";

export interface CargoManifest {
  /** Name of the crate's library in code. */
  crate?: string;
  libraryPath?: string;
  binaryPaths: string[];
  /** Of all kinds, by name in code. */
  dependencies: Record<string, CargoDependency>;
  /** Of the root of a workspace, what its members may ask for. */
  workspace?: Record<string, CargoDependency>;
  /** What comes from elsewhere than those who ask for it say. */
  patches: Record<string, CargoDependency>;
}

/** Without a folder it comes from a registry or another repository. */
export interface CargoDependency {
  /** What it is called elsewhere, in code. */
  package?: string;
  /** Folder, relative to the manifest. */
  path?: string;
  /** As the workspace says. */
  isOfWorkspace?: true;
}

export function readCargo({ text }: { text: string }): Facts {
  const content: CargoManifest = { binaryPaths: [], dependencies: {}, patches: {} };
  const [dependencies, workspace, patches] = [newTable(), newTable(), newTable()];
  let hasWorkspace = false;
  let section: string[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    const header = /^\[+((?:"[^"]*"|'[^']*'|[^\]"'])+)\]+/.exec(line)?.[1];
    if (header !== undefined) section = partsOf(header);
    hasWorkspace ||= section[0] === "workspace";
    const [, key = "", value = ""] = (header === undefined && /^((?:"[^"]*"|[\w.-])+)\s*=\s*(.*)$/.exec(line)) || [];
    const string = textOf(value);
    const [outer = "", inner = ""] = section;
    if (section.length === 1 && string !== undefined) {
      if (outer === "package" && key === "name") content.crate ??= inCode(string);
      if (outer === "lib" && key === "name") content.crate = inCode(string);
      if (outer === "lib" && key === "path") content.libraryPath = string;
      if (/^(?:bin|example|test|bench)$/.test(outer) && key === "path") content.binaryPaths.push(string);
    }
    const at = section.findIndex((part) => /^(?:dev-|build-)?dependencies$/.test(part));
    const table = outer === "patch" ? patches : at < 0 ? undefined : outer === "workspace" ? workspace : dependencies;
    if (!table) continue;
    // `[dependencies.name]` alone says that there is one; `[patch.registry]` holds names.
    const names = section.slice(outer === "patch" && inner !== "" ? 2 : at + 1);
    const [name, field] = [...names, ...(key === "" ? [] : partsOf(key))];
    if (name !== undefined) table.add(name, field, value);
  }
  content.dependencies = table(dependencies);
  content.patches = table(patches);
  if (hasWorkspace) content.workspace = table(workspace);
  return { ...NO_FACTS, manifest: { kind: "Cargo.toml", content } };
}

const table = ({ known }: ReturnType<typeof newTable>) => Object.fromEntries(known);

function newTable() {
  const known = new Map<string, CargoDependency>();
  return {
    known,
    /** `name.field = value`, or without a field what the inline table or version says. */
    add(name: string, field: string | undefined, value: string) {
      const one = known.get(inCode(name)) ?? {};
      known.set(inCode(name), one);
      const written = (wanted: string) =>
        field === wanted
          ? value
          : field === undefined
            ? new RegExp(`[{,]\\s*${wanted}\\s*=\\s*(.*)`).exec(value)?.[1]
            : "";
      const [elsewhere, path] = [textOf(written("package") ?? ""), textOf(written("path") ?? "")];
      if (elsewhere !== undefined) one.package = inCode(elsewhere);
      if (path !== undefined) one.path = path;
      if (written("workspace")?.startsWith("true")) one.isOfWorkspace = true;
    },
  };
}

function textOf(value: string): string | undefined {
  return /^["']([^"']*)["']/.exec(value)?.[1];
}

/** `target.'cfg(unix)'.dependencies` → its three parts. */
function partsOf(key: string): string[] {
  return [...key.matchAll(/"([^"]*)"|'([^']*)'|([^\s.]+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

function inCode(name: string): string {
  return name.replaceAll("-", "_");
}
