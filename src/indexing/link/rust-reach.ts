// What a file of Rust gives on to others, and whom a change of it concerns beyond those that asked for its symbols.
import { folderOf, nameOf, pathIn } from "../../graph/path-names.ts";
import type { CargoManifest } from "../../languages/cargo-manifest.ts";
import { NO_FACTS, type Facts, type Target } from "../../languages/facts.ts";
import { addTo } from "../../platform/group-by.ts";
import type { Change } from "./seen-outside.ts";
import type { Reach } from "./tree.ts";

/** Paths that a file gives on, by name; and those of all of whose names it does, by its own module. */
export interface Given {
  names: Map<string, string>;
  stars: Map<string, string[]>;
}

/** What a module written in a file gives on by `use a::*` is exported as `module::*12`. */
const STAR_OF_MODULE = /::\*\d+$/;

/** Imports by which files are modules of others. */
export const isOfModule = (specifier: string) => specifier.startsWith("./") || specifier.startsWith("self::");

/** The file as a path of modules may name it. */
export function moduleOf(path: string): string {
  return path.replace(/(?:\/mod)?\.rs$/, "");
}

/**
 * A path leads through modules and what they give on, and whoever asked for it has noted its names: those of what is given on and
 * of modules, and of the files that `super` and `crate` led through. Files below one know it without a name.
 */
export function reachOfRust(
  { path, before = NO_FACTS, after = NO_FACTS }: Change,
  manifests: readonly { path: string; facts: Facts }[],
): Reach {
  const [old, now] = [givenIn(before), givenIn(after)];
  const given = [...new Set([...old.names.keys(), ...now.names.keys()])].filter(
    (name) => old.names.get(name) !== now.names.get(name),
  );
  const [modules, newer] = [modulesIn(before), modulesIn(after)];
  const moved = [...modules, ...newer].filter((one) => !modules.includes(one) || !newer.includes(one));
  const isWhole =
    before === NO_FACTS || after === NO_FACTS || JSON.stringify([...old.stars]) !== JSON.stringify([...now.stars]);
  const { isLibrary, isRoot } = roleOf(path, manifests);
  // Of the root of a crate nobody need say the name to see what is in it.
  const isNamed = !isRoot || nameOf(path) === "mod.rs";
  const own = nameOf(moduleOf(path));
  const folders = [moduleOf(path), ...(isRoot ? [folderOf(path)] : [])];
  const isFelt = isWhole || (isNamed && given.length > 0);
  const elsewhere = isWhole ? newer.filter((specifier) => specifier.startsWith("./")) : [];
  return {
    isAll: isLibrary && isWhole,
    names: [
      ...moved.map((specifier) => specifier.replace(/^(?:self::|\.\/)|\.rs$/g, "")),
      ...(isNamed ? [] : given),
      ...(isWhole ? [own] : []),
    ],
    ...(isNamed && { inside: { files: [own], names: given } }),
    beginnings: [
      ...[...moved, ...elsewhere].flatMap((specifier) => beginningsOf(specifier, path)),
      ...(isFelt ? folders.map((folder) => (folder === "" ? "" : `${folder}/`)) : []),
    ],
  };
}

const modulesIn = ({ imports }: Facts) => imports.map(({ specifier }) => specifier).filter(isOfModule);

/** Where the text of a module may stand, and that of its own modules: beside the file that has it, or in the folder of its name. */
function beginningsOf(specifier: string, path: string): string[] {
  if (specifier.startsWith("./")) {
    const file = pathIn(folderOf(path), specifier);
    return file === undefined ? [] : [file, file.replace(/[^/]*$/, "")];
  }
  const inside = specifier.split("::").slice(1).join("/");
  return [folderOf(path), path.replace(/\.rs$/, "")].flatMap((folder) => {
    const base = pathIn(folder, inside) ?? "";
    return [`${base}.rs`, `${base}/`];
  });
}

/** Whether it is the library of a crate, which others know by names of their own, and whether its modules may stand beside it. */
function roleOf(
  path: string,
  manifests: readonly { path: string; facts: Facts }[],
): { isLibrary: boolean; isRoot: boolean } {
  const isNamed = (files: (crate: CargoManifest) => readonly (string | undefined)[]) =>
    manifests.some(
      ({ path: at, facts: { manifest } }) =>
        manifest?.kind === "Cargo.toml" &&
        // Written by our own reader of Cargo.toml.
        files(manifest.content as CargoManifest).some(
          (file) => file !== undefined && pathIn(folderOf(at), file) === path,
        ),
    );
  const isLibrary = nameOf(path) === "lib.rs" || isNamed((crate) => [crate.libraryPath]);
  const isRoot =
    isLibrary ||
    /(?:^|\/)(?:(?:main|mod|build)\.rs|(?:src\/bin|tests|examples|benches)\/[^/]+\.rs)$/.test(path) ||
    isNamed((crate) => crate.binaryPaths);
  return { isLibrary, isRoot };
}

export function givenIn(facts: Facts): Given {
  const own: Given = { names: new Map(), stars: new Map() };
  for (const one of facts.exports) {
    const name = "star" in one ? "" : one.name.replace(STAR_OF_MODULE, "");
    const target: Target = "star" in one ? { kind: "imported", import: one.star, name: "*" } : one.target;
    const path = target.kind === "symbol" ? undefined : pathOf(facts, target);
    if (path === undefined || path === `self::${name}`) continue;
    if ("star" in one || name !== one.name) addTo(own.stars, name, path);
    else if (!own.names.has(name)) own.names.set(name, path);
  }
  return own;
}

/** The path of what a `use` leads to. */
function pathOf(facts: Facts, target: Target): string | undefined {
  if (target.kind === "imported") {
    const specifier = facts.imports[target.import]?.specifier;
    return target.name === "*" ? specifier : `${specifier}::${target.name}`;
  }
  if (target.kind === "member") {
    const object = pathOf(facts, target.object);
    return object === undefined ? undefined : `${object}::${target.name}`;
  }
  if (target.kind !== "symbol") return undefined;
  const names: string[] = [];
  for (let at = facts.symbols[target.symbol]; at; at = facts.symbols[at.container ?? -1]) names.unshift(at.name);
  return `self::${names.join("::")}`;
}
