// The packages of a tree by their package.json files, and which of them a name means: nothing is installed.
import { asideFolderOf, folderOf, nameOf, pathIn } from "../../graph/path-names.ts";
import type { PackageManifest } from "../../languages/manifest.ts";
import { groupBy } from "../../platform/group-by.ts";
import { manifestOf } from "./javascript-files.ts";
import type { Tree } from "./tree.ts";

/** Packages around one another that are asked in turn. */
const PACKAGES_AROUND_MAX = 16;

export interface Package {
  folder: string;
  manifest: PackageManifest;
}

export interface Workspaces {
  /** The innermost package that a folder belongs to. */
  packageOf(folder: string): Package | undefined;
  /** The package that files of the folder mean by the name. */
  find(name: string, folder: string): Package | undefined;
  /** Whether a package of that name is in the tree, and packages around the folder ask for it. */
  isAskedFor(name: string, folder: string): boolean;
}

export function listPackages(tree: Tree): Package[] {
  return tree.manifests("package.json").flatMap((path): Package[] => {
    const manifest = manifestOf(tree, path);
    return manifest?.kind === "package.json" ? [{ folder: folderOf(path), manifest: manifest.content }] : [];
  });
}

export function createWorkspaces(tree: Tree): Workspaces {
  const packages = listPackages(tree);
  const byName = groupBy(packages, ({ manifest }) => manifest.name || undefined);
  byName.delete(undefined);
  const nearestPackage = nearest(new Map(packages.map((one) => [one.folder, one])));

  function find(name: string, folder: string): Package | undefined {
    const candidates = byName.get(name);
    if (!candidates) return undefined;
    const importer = nearestPackage(folder);
    return importer?.manifest.name === name ? importer : chosenPackage(candidates, { name, folder });
  }

  /**
   * Several folders may hold a package of that name (fixtures, templates). One that the importer asks for by path or as
   * part of the workspace is meant; one that it asks for by a version is, if its own version can be that one.
   */
  function chosenPackage(
    candidates: Package[],
    { name, folder }: { name: string; folder: string },
  ): Package | undefined {
    const wanted = wantedVersion(name, folder);
    const linked = wanted && /^(?:file|link|portal):(.*)$/.exec(wanted.version)?.[1];
    if (wanted && linked !== undefined) {
      const target = pathIn(wanted.folder, linked);
      return candidates.find((one) => one.folder === target);
    }
    const fitting = candidates.filter(({ manifest }) => !wanted || fits(manifest.version, wanted.version));
    return fitting.sort(
      (a, b) => distance(a.folder, folder) - distance(b.folder, folder) || (a.folder < b.folder ? -1 : 1),
    )[0];
  }

  function wantedVersion(name: string, folder: string): { version: string; folder: string } | undefined {
    let one = nearestPackage(folder);
    for (let count = 0; one && count < PACKAGES_AROUND_MAX; count++) {
      const { dependencies } = one.manifest;
      const version = Object.hasOwn(dependencies, name) ? dependencies[name] : undefined;
      if (version !== undefined) return { version, folder: one.folder };
      one = one.folder ? nearestPackage(folderOf(one.folder)) : undefined;
    }
    return undefined;
  }

  return {
    packageOf: nearestPackage,
    find,
    isAskedFor: (name, folder) => byName.has(name) && wantedVersion(name, folder) !== undefined,
  };
}

/**
 * The folder of examples, fixtures or the like that the package stands in. `packages/testing` with `@acme/testing` is a
 * package like others.
 */
export function asideOf({ folder, manifest }: Package): string | undefined {
  const isNamedSo = manifest.name?.split("/").at(-1) === nameOf(folder);
  return asideFolderOf(isNamedSo ? folderOf(folder) : folder);
}

/** The folder whose files see the package, of one that stands among those that are installed. */
export function installedIn({ folder }: Package): string | undefined {
  const at = `/${folder}`.lastIndexOf("/node_modules/");
  return at < 0 ? undefined : folder.slice(0, Math.max(0, at - 1));
}

/** The nearest folder that has one, from a folder upwards. */
export function nearest<Value>(byFolder: Map<string, Value>): (folder: string) => Value | undefined {
  const known = new Map<string, Value | undefined>();
  return (folder) => {
    const passed: string[] = [];
    let at = folder;
    let found: Value | undefined;
    for (;;) {
      if (known.has(at)) {
        found = known.get(at);
        break;
      }
      passed.push(at);
      found = byFolder.get(at);
      if (found !== undefined || at === "") break;
      at = folderOf(at);
    }
    for (const one of passed) known.set(one, found);
    return found;
  };
}

/** Whether a package of this version can be what `wanted` asks for; what is no number is let through. */
function fits(version: string | undefined, wanted: string): boolean {
  return version === undefined || version === "0.0" || !/^\d/.test(wanted) || version === wanted || wanted === "0";
}

/** Steps from one folder to another through their nearest common folder. */
function distance(a: string, b: string): number {
  const left = a ? a.split("/") : [];
  const right = b ? b.split("/") : [];
  let same = 0;
  while (same < left.length && left[same] === right[same]) same++;
  return left.length + right.length - 2 * same;
}

/** A specifier as the name of a package and what of it is meant: "." or "./path". */
export function splitSpecifier(specifier: string): { name: string; subpath: string } {
  const segments = specifier.split("/");
  const count = specifier.startsWith("@") ? 2 : 1;
  const rest = segments.slice(count).join("/");
  return { name: segments.slice(0, count).join("/"), subpath: rest ? `./${rest}` : "." };
}
