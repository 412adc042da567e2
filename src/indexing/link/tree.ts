// What linking knows: the paths of a snapshot and what each file says. Pure; the rim loads facts beforehand.
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

/** Where an import leads. Several files: any of them may be meant (a package of several files, a namespace). */
export type Resolution =
  | { kind: "files"; paths: readonly string[] }
  | { kind: "external"; package: string }
  | { kind: "builtin" }
  | { kind: "missing" }
  | { kind: "dynamic" };

export interface Definition {
  path: string;
  /** Number of the symbol in its file. */
  symbol: number;
}

/** How a family of languages finds files and names beyond one file. Made once for each tree. */
export interface Resolver {
  resolveImport(from: string, fact: ImportFact): Resolution;
  /**
   * Definitions that `name`, declared nowhere in `from`, can mean there without an import: those of the same package
   * or namespace. Undefined: a name of the language itself. Star imports are looked through by the caller.
   */
  findFree?(from: string, name: string): readonly Definition[] | undefined;
  /** Members `name` of a type that are declared apart from it: in other files of its package, in other parts of it. */
  findMembers?(type: Definition, name: string): readonly Definition[];
  /** Where what is only declared there is defined. Undefined: nowhere, or nobody can tell. */
  findDefinition?(declaration: Definition): Definition | undefined;
  /** For imports that lead to a directory or namespace: its member `name`, as files or definitions. */
  findMember?(
    paths: readonly string[],
    name: string,
    fact: ImportFact,
  ): readonly Definition[] | { file: string } | undefined;
}

/** How sure a link is: the only thing it can be, the likeliest, or one of several. */
export const CONFIDENCES = ["exact", "inferred", "ambiguous"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** What became of reference number `reference` of a file. One definition unless `ambiguous`. */
export interface Link {
  reference: number;
  confidence: Confidence;
  definitions: Definition[];
}

export interface UnresolvedImport {
  specifier: string;
  line: number;
  reason: "external" | "builtin" | "missing" | "dynamic";
  package?: string;
}

/** All that linking says about one file. A pure function of the file, of `reads` and of the set of paths. */
export interface FileLinks {
  /** Files it depends on, by path, each kind once. */
  edges: { to: string; kinds: EdgeKind[] }[];
  links: Link[];
  unresolved: UnresolvedImport[];
}
