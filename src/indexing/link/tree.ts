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
 * Where an import leads. Several files: any of them may be meant (a package of several files, a namespace). None: a folder
 * without a file of its own, which has members all the same (`Resolver.findMember`).
 */
export type Resolution =
  | { kind: "files"; paths: readonly string[] }
  | { kind: "external"; package: string }
  | { kind: "builtin" }
  | { kind: "missing" }
  | { kind: "dynamic" };

/** Called with every place in the tree where a file would have been taken: a path with or without its extension. */
export type NotePlace = (place: string) => void;

/** How a family of languages finds files and names beyond one file. Made once for each tree. */
export interface Resolver {
  /** A resolver that notes no place for an import has it resolved again whenever any file comes or goes. */
  resolveImport(from: string, fact: ImportFact, note: NotePlace): Resolution;
  /**
   * Definitions that `name`, declared nowhere in `from`, can mean there without an import: those of the same package
   * or namespace. Undefined: a name of the language itself. Star imports are looked through by the caller.
   */
  findFree?(from: string, name: string): readonly Definition[] | undefined;
  /** Members `name` of a type that are declared apart from it: in other files of its package, in other parts of it. */
  findMembers?(type: Definition, name: string): readonly Definition[];
  /** For imports that lead to a directory or namespace: its member `name`, as files or definitions. */
  findMember?(
    paths: readonly string[],
    name: string,
    fact: ImportFact,
  ): readonly Definition[] | { file: string } | undefined;
}

/** All that linking says about one file. A pure function of the file and of what `reads` names. */
export interface FileLinks {
  /** Files it depends on, by path, each kind once. */
  edges: { to: string; kinds: EdgeKind[] }[];
  links: Link[];
  unresolved: UnresolvedImport[];
  reads: Reads;
}

/** What a file's links depend on beyond the file itself; `affectedFiles` compares it with changes. Each sorted. */
export interface Reads {
  /** Files whose facts were looked at. More than READ_FILES_MAX are given as ANYTHING alone. */
  files: readonly string[];
  /** Places in the tree where a file was looked for (NotePlace), or ANYTHING. */
  places: readonly string[];
  /** Names that were looked up among all files. */
  names: readonly string[];
  /** Definitions of other files that this one adds to (`declare module`), as `symbol path`. */
  augments?: readonly string[];
}

/** In place of a path: whatever it is. */
export const ANYTHING = "*";
export const READ_FILES_MAX = 5000;
