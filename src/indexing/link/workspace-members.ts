// Which packages a workspace has: of npm, Yarn and Bun by `workspaces` in package.json, of pnpm by pnpm-workspace.yaml.
import { folderOf, foldersAround } from "../../graph/path-names.ts";
import type { JavascriptManifest } from "../../languages/manifest.ts";
import type { Tree } from "./tree.ts";

interface Root {
  includes: RegExp[];
  excludes: RegExp[];
}

export interface WorkspaceMembers {
  /** The root, by its folder, of the workspace that the package in this folder belongs to. */
  rootOf(folder: string): string | undefined;
  /** Whether a workspace around the folder is declared at all. */
  isDeclaredAround(folder: string): boolean;
}

export function createWorkspaceMembers(tree: Tree): WorkspaceMembers {
  const roots = new Map<string, Root>();
  for (const path of [...tree.manifests("package.json"), ...tree.manifests("pnpm-workspace.yaml")]) {
    // Only manifest.ts writes manifests of these kinds.
    const manifest = tree.facts(path).manifest as JavascriptManifest | undefined;
    const patterns = manifest && "members" in manifest.content ? manifest.content.members : undefined;
    if (patterns) roots.set(folderOf(path), rootOfPatterns(patterns));
  }

  return {
    rootOf: (folder) => foldersAround(folder).find((root) => isMember(folder, root)),
    isDeclaredAround: (folder) => foldersAround(folder).some((root) => roots.has(root)),
  };

  function isMember(folder: string, root: string): boolean {
    const declared = roots.get(root);
    if (!declared) return false;
    const inside = folder.slice(root === "" ? 0 : root.length + 1);
    if (folder === root) return true;
    return (
      declared.includes.some((pattern) => pattern.test(inside)) &&
      !declared.excludes.some((pattern) => pattern.test(inside))
    );
  }
}

function rootOfPatterns(patterns: readonly string[]): Root {
  const compiled = patterns.map((one) => ({ isNegated: one.startsWith("!"), pattern: matcherOf(one) }));
  return {
    includes: compiled.flatMap(({ isNegated, pattern }) => (isNegated ? [] : [pattern])),
    excludes: compiled.flatMap(({ isNegated, pattern }) => (isNegated ? [pattern] : [])),
  };
}

/** Globs of folders: `*`, `**` and `{a,b}`. */
function matcherOf(pattern: string): RegExp {
  const bare = pattern.replace(/^!/, "").replace(/^\.\//, "").replace(/\/+$/, "");
  const source = bare.replace(/\*\*\/?|\*|\{[^{}]*\}|[^*{}]+|[{}]/g, (part) => {
    if (part === "**/") return "(?:[^/]+/)*";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (/^\{.+\}$/.test(part)) return `(?:${part.slice(1, -1).split(",").map(escaped).join("|")})`;
    return escaped(part);
  });
  return new RegExp(`^${source}$`);
}

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}
