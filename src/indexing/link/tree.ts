// What linking knows: the paths of a snapshot and what each file says. Pure; the rim loads facts beforehand.
import type { Definition, Link, UnresolvedImport } from "../../graph/links.ts";
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

/**
 * Where an import leads. No path: a folder without a file of its own, which has members all the same. `isOpen`: a package
 * or namespace, of whose files only those are meant whose names are used; `findMember` knows its names.
 */
export type Resolution =
  | { kind: "files"; paths: readonly string[]; isOpen?: boolean }
  | { kind: "external"; package: string }
  | { kind: "builtin" }
  | { kind: "missing" }
  | { kind: "dynamic" };

/** How a family of languages finds files and names beyond one file. Made once for each tree. */
export interface Resolver {
  resolveImport(from: string, fact: ImportFact): Resolution;
  /**
   * Definitions that `name`, declared nowhere in `from`, can mean there without an import: those of the same package
   * or namespace, or of one of the `scopes` (see Target). Undefined: a name of the language itself. Star imports are looked through by the caller.
   */
  findFree?(from: string, name: string, scopes?: string): readonly Definition[] | undefined;
  /** Members `name` of a type that are declared apart from it: in other files of its package, in other parts of it. */
  findMembers?(type: Definition, name: string): readonly Definition[];
  /** Where what is only declared there is defined. Undefined: nowhere, or nobody can tell. */
  findDefinition?(declaration: Definition): Definition | undefined;
  /** For imports that lead to a folder, package or namespace: its member `name`, as a file or as definitions. */
  findMember?(paths: readonly string[], name: string): readonly Definition[] | { file: string } | undefined;
}

/** All that linking says about one file. */
export interface FileLinks {
  /** Files it depends on, by path, each kind once. */
  edges: { to: string; kinds: EdgeKind[] }[];
  links: Link[];
  unresolved: UnresolvedImport[];
}
