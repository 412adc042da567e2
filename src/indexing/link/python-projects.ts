// What Python projects of the tree are called, and which packages the files of a folder ask for.
import { folderOf, foldersAround, isAside, nameOf } from "../../graph/path-names.ts";
import { distributionName, type PythonProject } from "../../languages/python-manifests.ts";
import { addTo } from "../../platform/group-by.ts";
import type { Tree } from "./tree.ts";

export interface PythonProjects {
  /** Whether a manifest of the folder or around it asks for a package that is called like the module. */
  isAskedFor(module: string, folder: string): boolean;
  /** Folders of the projects that are called like the module. */
  named(module: string): readonly string[];
}

export function createPythonProjects(tree: Tree): PythonProjects {
  const dependencies = new Map<string, Set<string>>();
  const byName = new Map<string, string[]>();
  for (const path of (["pyproject.toml", "requirements.txt", "setup.cfg"] as const).flatMap((kind) =>
    tree.manifests(kind),
  )) {
    const { manifest } = tree.facts(path);
    if (!manifest) continue;
    // Written by our own readers of these.
    const content = manifest.content as PythonProject;
    const within = folderOf(path);
    const folder = nameOf(within) === "requirements" ? folderOf(within) : within;
    const known = dependencies.get(folder) ?? new Set();
    for (const one of content.dependencies) known.add(one);
    dependencies.set(folder, known);
    if (content.name !== undefined && !isAside(path)) addTo(byName, content.name, folder);
  }
  return {
    isAskedFor: (module, folder) =>
      foldersAround(folder).some((one) => dependencies.get(one)?.has(distributionName(module))),
    named: (module) => byName.get(distributionName(module)) ?? [],
  };
}
