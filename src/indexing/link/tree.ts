// What linking knows: the paths of a snapshot and what each file says. Pure; the rim loads facts beforehand.
import type { Definition, Link, UnresolvedImport } from "../../graph/links.ts";
import type { EdgeKind, Facts, ImportFact } from "../../languages/facts.ts";
import type { ManifestKind } from "../../languages/grammar.ts";
import type { Choice } from "./choice.ts";
import type { Overview } from "./overview.ts";

/** All files of a snapshot. */
export interface Tree {
  /** Every path, sorted. */
  readonly paths: readonly string[];
  has(path: string): boolean;
  language(path: string): string;
  /** Files that are manifests of that kind, sorted. */
  manifests(kind: ManifestKind): readonly string[];
  /** What the file says; NO_FACTS for one without symbols. */
  facts(path: string): Facts;
  /** Says that the facts of these will be asked for, most of them in this order: reading them together is cheaper. */
  announce(paths: readonly string[]): void;
  /** Files in these languages, sorted. */
  filesIn(languages: ReadonlySet<string>): readonly string[];
  /** What the file says at a glance; facts need not be opened for it where the file was there before. */
  overview(path: string): Overview;
  /** Files that declare something for others that do not import them, sorted. */
  ambient(): readonly string[];
  /** Files with a type that has a member of that name, sorted. */
  withMember(name: string): readonly string[];
  /** A macro of one of the files opens a namespace. */
  opensNamespaces(): boolean;
  /**
   * Files that declare what is asked for, beside others; undefined where there are too many to tell, and all are to be looked through.
   * Absent where that is done in any case, as when all files are linked.
   */
  readonly declaring: ((asked: DeclarationsAsked) => readonly string[] | undefined) | undefined;
}

/** Whatever is called one of `names`, but for members of types that are called none of `containers`, where these are given. */
export interface DeclarationsAsked {
  names: readonly string[];
  containers: readonly string[] | undefined;
}

/**
 * Where an import leads. No path: a folder without a file of its own, which has members all the same. `isOpen`: a package
 * or namespace, of whose files only those are meant whose names are used; `findMember` knows its names. `isGuess` and
 * `isTied`: as of a Choice.
 */
export type Resolution =
  | { kind: "files"; paths: readonly string[]; isOpen?: boolean; isGuess?: true; isTied?: true }
  | { kind: "external"; package: string }
  | { kind: "builtin" }
  | { kind: "missing" }
  | { kind: "dynamic" };

/**
 * Called with every place in the tree where a file would have been taken: a path with or without its extensions, `folder` for
 * any file that stands in it, `folder/` for any below it, and wherever it stands, with that name, whole or before its first dot, or
 * in a folder of that name, for `?/name`; `?/name/` where it only matters whether there is such a folder. Languages whose files are
 * looked through by name (`resolvers.ts`) also say what names an answer depends on beside the one that was asked for.
 */
export type Note = (what: string | { name: string }) => void;

/** Whom a change concerns, of files of its family of languages. */
export interface Reach {
  /** All of them. */
  isAll?: boolean;
  /** Those that asked for one of these names, or for one made of one of their words. */
  names: readonly string[];
  /** Those that asked for one of each, where both are given: a file by its name and something in it. */
  inside?: { files: readonly string[]; names: readonly string[] };
  /** Those of these paths, and in these folders, which end with a slash, or below; `""` is all. */
  beginnings: readonly string[];
}

/** How a family of languages finds files and names beyond one file. Made once for each tree. */
export interface Resolver {
  /** Several definitions that it finds are overloads, of which arguments decide: all of them are meant until then. */
  hasOverloads?: boolean;
  /** Of an import for which nothing is noted it is assumed that it depends on every file there is. */
  resolveImport(from: string, fact: ImportFact, note: Note): Resolution;
  /**
   * Definitions that `name`, declared nowhere in `from`, can mean there without an import: those of the same package
   * or namespace, or of one of the `scopes` (see Target), likeliest first. Undefined: a name of the language itself. Star
   * imports are looked through by the caller.
   */
  findFree?(from: string, name: string, scopes?: string): readonly Choice[] | undefined;
  /**
   * Members `name` of a type that are declared apart from it: in other files of its package, in other parts of it.
   * `isStatic`: of the type itself, not of its instances.
   */
  findMembers?(type: Definition, name: string, isStatic: boolean): readonly Choice[];
  /** Other places where the same type is declared with superclasses or mixins. */
  findParts?(type: Definition): readonly Definition[];
  /** It only adds to what the language or a package defines, so that the name itself means that. */
  isAddition?(definition: Definition, note: Note): boolean;
  /** Methods of a type and of its instances have nothing to do with each other, and a module's own are never inherited. */
  hasSeparateStatics?: boolean;
  /** A package or namespace is in use in a file although the file does not say so. */
  sees?(from: string, namespace: string): boolean;
  /** Members `name` that something adds to a type that is not in the tree. */
  findExtensions?(type: string, name: string): readonly Definition[];
  /** Where what is only declared there is defined. Undefined: nowhere, or nobody can tell. */
  findDefinition?(declaration: Definition): Choice | undefined;
  /**
   * For imports of `from` that lead to a folder, package or namespace: its member `name`, as a file, or as definitions, likeliest
   * first. Definitions come before what its files export. Of a type what that has under `name`, which it can have inherited.
   */
  findMember?(
    paths: readonly string[],
    name: string,
    note: Note,
    from: string,
  ): readonly Choice[] | { file: string } | MemberOfType | undefined;
}

export interface MemberOfType {
  types: readonly Choice[];
  name: string;
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
  /** Files whose facts were looked at. More than READ_FILES_MAX are given as ANYTHING alone, and as ANYTHING within them. */
  files: readonly string[];
  /** Places in the tree where a file was looked for (Note), or ANYTHING. */
  places: readonly string[];
  /** Names that were looked up among all files. */
  names: readonly string[];
  /** Names that were looked up in those of `files` whose languages are searched by name (`resolvers.ts`). */
  within: readonly string[];
  /** Definitions of other files that this one adds to (`declare module`), as `symbol path`. */
  augments?: readonly string[];
  /** Whether one of a list passes. Absent: each is looked at. */
  any?(list: "files" | "places" | "names" | "within", test: TextTest): boolean;
}

/** The same for the same text, however often it is asked. */
export type TextTest = (text: string) => boolean;

/** In place of a path: whatever it is. */
export const ANYTHING = "*";
export const READ_FILES_MAX = 5000;
