// What linking knows: the paths of a snapshot and what each file says. Pure; the rim loads facts beforehand.
import type { Link, UnresolvedImport } from "../../graph/links.ts";
import type { EdgeKind, Facts, ImportFact } from "../../languages/facts.ts";

/** All files of a snapshot. */
export interface Tree {
  /** Every path, sorted. */
  readonly paths: readonly string[];
  has(path: string): boolean;
  language(path: string): string;
  /** What the file says; NO_FACTS for one without symbols. */
  facts(path: string): Facts;
}

/** Where an import leads. No path: a folder without a file of its own, which has members all the same. */
export type Resolution =
  | { kind: "files"; paths: readonly string[] }
  | { kind: "external"; package: string }
  | { kind: "builtin" }
  | { kind: "missing" }
  | { kind: "dynamic" };

/** How a family of languages finds files. Made once for each tree. */
export interface Resolver {
  resolveImport(from: string, fact: ImportFact): Resolution;
  /** The file that a folder or package offers as its member `name`, where `paths` is what an import resolved to. */
  findMember?(paths: readonly string[], name: string): { file: string } | undefined;
}

/** All that linking says about one file. */
export interface FileLinks {
  /** Files it depends on, by path, each kind once. */
  edges: { to: string; kinds: EdgeKind[] }[];
  links: Link[];
  unresolved: UnresolvedImport[];
}
