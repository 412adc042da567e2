// The packages of a tree by their package.json files, and which of them a name means: nothing is installed.
import { asideFolderOf, folderOf, nameOf, pathIn } from "../../graph/path-names.ts";
import type { PackageManifest } from "../../languages/manifest.ts";
import { groupBy } from "../../platform/group-by.ts";
import { manifestOf } from "./javascript-files.ts";
import type { Tree } from "./tree.ts";
import { createWorkspaceMembers } from "./workspace-members.ts";

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
  const members = createWorkspaceMembers(tree);
  const nearestPackage = nearest(new Map(packages.map((one) => [one.folder, one])));

  function find(name: string, folder: string): Package | undefined {
    const candidates = byName.get(name);
    if (!candidates) return undefined;
    const importer = nearestPackage(folder);
    if (importer?.manifest.name !== name) return chosenPackage(candidates, { name, folder });
    // An example that is called like what it shows asks for that, and is not it.
    if (!Object.hasOwn(importer.manifest.dependencies, name)) return importer;
    const others = candidates.filter((one) => one !== importer);
    return chosenPackage(others, { name, folder });
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
    const places = candidates.map((one) => ({ one, ...placeOf(one, folder) }));
    const fitting = places.filter((place) => fits(place, wanted?.version));
    return fitting.sort(
      (a, b) =>
        Number(b.isMember) - Number(a.isMember) ||
        distance(a.one.folder, folder) - distance(b.one.folder, folder) ||
        (a.one.folder < b.one.folder ? -1 : 1),
    )[0]?.one;
  }

  function placeOf(one: Package, folder: string): Place {
    const root = members.rootOf(one.folder);
    const installed = installedIn(one);
    const aside = asideOf(one);
    return {
      version: one.manifest.version,
      ...(installed !== undefined && { isInstalled: isWithin(folder, installed) }),
      isBeside: aside === undefined || isWithin(folder, aside),
      isMember: root !== undefined && members.rootOf(nearestPackage(folder)?.folder ?? folder) === root,
      isUndeclared: root === undefined && members.isDeclaredAround(folder),
    };
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

/** Where a package stands, seen from a folder that asks for one of its name. */
interface Place {
  version: string | undefined;
  /** It is in node_modules, and the folder sees it there. */
  isInstalled?: boolean;
  /** It does not stand among examples or fixtures, or the folder does too. */
  isBeside: boolean;
  /** It is of the folder's workspace. */
  isMember: boolean;
  /** There is a workspace around the folder, which it is not of. */
  isUndeclared: boolean;
}

/** Whether the package can be what `wanted` asks for; undefined: nobody said that there is one. */
function fits({ version, isInstalled, isBeside, isMember, isUndeclared }: Place, wanted: string | undefined): boolean {
  if (isInstalled !== undefined) return isInstalled;
  if (wanted === undefined) return isBeside && !isUndeclared;
  if (wanted.startsWith("workspace:")) return true;
  // Aliases of packages, git and archives.
  if (/[:/]/.test(wanted) && !wanted.startsWith("catalog:")) return false;
  if (!/^\d/.test(wanted) || version === wanted || wanted === "0") return isBeside || isMember;
  // Packages that are never published, or get their version when they are.
  return isMember && isBeside && (version === undefined || version === "0.0" || !/^\d/.test(version));
}

function isWithin(folder: string, around: string): boolean {
  return around === "" || folder === around || folder.startsWith(`${around}/`);
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
