// Names of packages and namespaces, each of which lies in many files. The overviews of files say who declares what, so that of 10,000
// files only those are opened that declare a name that is asked for.
import type { Definition } from "../../graph/links.ts";
import { addTo } from "../../platform/group-by.ts";
import { declaredIn } from "./overview.ts";
import type { Tree } from "./tree.ts";

export interface PackageNames {
  /** Files by package, sorted; "" is that of files without one. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** What files of the package declare for it under the name: by path, in the order of each. */
  declared(ofPackage: string, name: string): readonly Definition[];
}

/** `fold`: what of names of packages and of their own counts. */
export function createPackageNames(
  tree: Tree,
  paths: readonly string[],
  fold: (name: string) => string = (name) => name,
): PackageNames {
  const files = new Map<string, string[]>();
  const declaring = new Map<string, Map<string, string[]>>();
  const definitions = new Map<string, readonly Definition[]>();
  for (const path of paths) {
    const { package: ofPackage = "", declared } = tree.overview(path);
    addTo(files, ofPackage, path);
    const key = fold(ofPackage);
    let names = declaring.get(key);
    if (!names) declaring.set(key, (names = new Map()));
    for (const name of new Set(declared.map(fold))) addTo(names, name, path);
  }
  return {
    files,
    declared(ofPackage, name) {
      const wanted = fold(name);
      const key = `${fold(ofPackage)} ${wanted}`;
      let known = definitions.get(key);
      if (!known) {
        const found = declaring.get(fold(ofPackage))?.get(wanted) ?? [];
        if (found.length > 1) tree.announce(found);
        known = found.flatMap((path) => {
          const facts = tree.facts(path);
          return declaredIn(facts, tree.language(path)).flatMap((symbol) =>
            fold(facts.symbols[symbol]?.name ?? "") === wanted ? [{ path, symbol }] : [],
          );
        });
        definitions.set(key, known);
      }
      return known;
    },
  };
}
