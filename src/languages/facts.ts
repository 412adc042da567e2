// What one file says by itself: its symbols, imports, exports and references, as a pure function of text, language
// and path. Nothing here knows another file. Where a name leads is written down as a Target, a small expression
// that indexing/link evaluates once all files of a snapshot are known; each language lowers its own rules into it.
// Lines and columns start at 1; columns count code points.

/** What a symbol can be. A closed set that callers see. */
export const SYMBOL_KINDS = [
  "class",
  "constant",
  "constructor",
  "enum",
  "enum_member",
  "function",
  "interface",
  "macro",
  "method",
  "module",
  "property",
  "struct",
  "trait",
  "type",
  "variable",
] as const;
export type SymbolKind = (typeof SYMBOL_KINDS)[number];

/** What a reference does with the name. A closed set that callers see (CONTRACT section 5). */
export const REFERENCE_KINDS = [
  "import",
  "reexport",
  "call",
  "new",
  "type",
  "inherit",
  "read",
  "write",
  "member",
  "jsx",
  "decorator",
] as const;
export type ReferenceKind = (typeof REFERENCE_KINDS)[number];

/** How an import names its file or package. */
const IMPORT_KINDS = ["import", "type-import", "reexport", "dynamic-import", "require", "include"] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** Why one file depends on another, or on a package. A closed set that callers see (CONTRACT section 5). */
export const EDGE_KINDS = [...IMPORT_KINDS, "symbol", "package"] as const;
export type EdgeKind = (typeof EDGE_KINDS)[number];

/**
 * Where a name leads, as far as its own file can tell.
 * - `symbol`: the file's own symbol of that number.
 * - `imported`: what import number `import` offers as `name`; `*` is the imported module itself, `default` its default.
 *   `isExtension`: as far as that extends a type from outside.
 * - `free`: declared nowhere in this file; the package, namespace or language may know it. `scopes`: whole names of what
 *   it stands in, innermost first, divided by spaces, of which it can be a member without being written so.
 * - `member`: `name` of whatever `object` is: a member of a module, class, namespace or enum, or of a value's type.
 * - `instance`: a value of the type `of`.
 * - `result`: what a call of `of` gives.
 * - `typeof`: the type of the value `of`; what `instance` undoes.
 * - `either`: any of them: a union, an intersection, several `return`s. At most EITHER_MAX.
 * - `first`: the first of them that leads anywhere, as scopes are looked through. At most EITHER_MAX.
 * - `list`: a collection of values of the type `of`, with `isRecord` under names of their own; `name` is what it is called, `[]`
 *   an array. `isHeld`: it holds one value and mostly stands for that (`Optional<T>`). `element`: one of the values that the
 *   collection `of` holds.
 * - `builtin`: a type of the language itself.
 * - `function`: a function type written in place; `context` is what it has for `this`, `name` that of an interface it stands for.
 * - `parameter`: the value that a function `of` is handed at position `index`; -1 is the last.
 * - `lambda`: the function type that number `lambda` of the functions written among arguments is for; `context`: what a
 *   function of that type has for `this`.
 * - `applied`: the generic type `of` with type arguments; `type-parameter`: parameter number `index` of the symbol `owner`,
 *   which without arguments stands for `bound`.
 * - `receiver`: the type of whatever a member is taken from: TypeScript's `this`, Rust's `Self`.
 * - `unknown`: not to be found by names alone.
 */
export type Target =
  | { kind: "symbol"; symbol: number }
  | { kind: "imported"; import: number; name: string; isExtension?: boolean }
  | { kind: "free"; name: string; scopes?: string }
  | { kind: "member"; object: Target; name: string }
  | { kind: "instance"; of: Target }
  | { kind: "result"; of: Target }
  | { kind: "typeof"; of: Target }
  | { kind: "either"; of: Target[] }
  | { kind: "list"; of: Target; isRecord?: boolean; name?: string; isHeld?: boolean }
  | { kind: "builtin"; name: string }
  | { kind: "first"; of: Target[] }
  | { kind: "element"; of: Target }
  | { kind: "function"; parameters: Target[]; type: Target; context?: Target; name?: string }
  | { kind: "lambda"; lambda: number }
  | { kind: "context"; of: Target }
  | { kind: "parameter"; of: Target; index: number }
  | { kind: "applied"; of: Target; types: Target[] }
  | { kind: "type-parameter"; owner: number; index: number; bound?: Target }
  | { kind: "receiver" }
  | { kind: "unknown" };

export const UNKNOWN: Target = { kind: "unknown" };

/** The targets that a target is made of. */
export function partsOf(target: Target): readonly Target[] {
  switch (target.kind) {
    case "member":
      return [target.object];
    case "either":
    case "first":
      return target.of;
    case "function":
      return [...target.parameters, target.type, ...(target.context ? [target.context] : [])];
    case "applied":
      return [target.of, ...target.types];
    case "type-parameter":
      return target.bound ? [target.bound] : [];
    case "symbol":
    case "imported":
    case "free":
    case "builtin":
    case "lambda":
    case "receiver":
    case "unknown":
      return [];
    default:
      return [target.of];
  }
}

/** A named definition. Locals of functions are none, unless they are functions or classes themselves. */
export interface SymbolFact {
  name: string;
  kind: SymbolKind;
  /** Number of the symbol it is a member of. A container stands before its members. */
  container?: number;
  /** Position of its name. */
  line: number;
  column: number;
  /** First and last line of the whole definition, its documentation not included. */
  startLine: number;
  endLine: number;
  /** The declaration up to its body on one line, at most SIGNATURE_CHARACTERS_MAX. */
  signature: string;
  /** Its documentation without comment signs, at most DOCUMENTATION_CHARACTERS_MAX. */
  documentation?: string;
  /** Other files can name it (member symbols: if their container can be named and they are not private). */
  isExported: boolean;
  /**
   * Name of the type it is a member of, as far as it is written, when that has no container here: a method of a type that
   * is declared in another file. `Resolver.findMembers` finds it from there.
   */
  owner?: string;
  /** It is a member of the class itself, not of its instances. */
  isStatic?: boolean;
  /** It only says that the thing exists: a prototype, `extern`. `Resolver.findDefinition` finds the definition. */
  isDeclaration?: boolean;
  /** Of several of one name another is meant: an ordinary build leaves this out, or it is for special arguments only. */
  isSecondary?: boolean;
  /** It is a test or a test suite. */
  isTest?: boolean;
  /** Number of the first declaration of the same thing: overloads, merged interfaces, a getter and its setter. */
  mergesWith?: number;
  /** Of a variable, property or parameter: its type. Of a function or method: the type of its result. Of a
   * callable interface: the functions it can be called as. */
  type?: Target;
  /** Of a function or method: the types of its parameters, as far as they are written down. Of a tuple with a name: of its parts. */
  parameters?: Target[];
  /** Of a function where several of one name differ in it: the fewest and most arguments it takes; -1 is any number. */
  arity?: readonly [number, number];
  /** And the types of its parameters, without what they hold: `List`, `int[]`; of a type parameter its bound, else `*`. */
  takes?: readonly string[];
  /** Of a macro: the namespace that it opens, "" of one whose names are also those of what is around it. */
  opens?: string;
  /** How many type parameters it has, where a language tells things of one name apart by that. */
  typeParameters?: number;
  /** Its parameters do not tell its type arguments: they are written wherever it is called. */
  isTypeWritten?: boolean;
  /** Superclasses, interfaces, traits, embedded structs, in order. */
  bases?: Target[];
}

/** Name of what a symbol is a member of, also where that is declared in another file: of an owner the last name. */
export function containerName(symbols: readonly SymbolFact[], number: number): string | undefined {
  const { container, owner } = symbols[number] ?? {};
  if (container !== undefined) return symbols[container]?.name;
  return owner?.split(/::|[.\\]/).at(-1);
}

/** What a symbol is looked up by: C#'s `Map<K, V>` is no `Map<K>`. Arguments tell which of several methods is meant. */
export function keyOfSymbol({ name, kind, typeParameters = 0 }: SymbolFact): string {
  return typeParameters === 0 || kind === "method" || kind === "function" ? name : keyOfGeneric(name, typeParameters);
}

export function keyOfGeneric(name: string, typeParameters: number): string {
  return `${name}\`${typeParameters}`;
}

/** The name in a key. */
export function nameInKey(key: string): string {
  const end = key.lastIndexOf("`");
  return end < 0 ? key : key.slice(0, end);
}

export type Handed = string | Target;

export interface ImportFact {
  /** As written, without quotes; C's angle brackets are kept. A Python relative import keeps its dots. */
  specifier: string;
  kind: ImportKind;
  line: number;
  column: number;
  /** Every name it offers can be used without naming it here: `import a.b.*`, `using N`, `from m import *`, includes. */
  isStar?: boolean;
  /** It holds in other files as well: those of the same project (`global using`). */
  isShared?: boolean;
  /** The module's name is computed: `specifier` is the expression, and nobody knows where it leads. */
  isComputed?: boolean;
  /** It only adds declarations to the module (`declare module "./x"`): no import, but its symbols are meant. */
  isAugmentation?: boolean;
  /** Nobody wrote it: the module is there for what the language does with JSX. No dependency by itself. */
  isImplicit?: boolean;
}
/** Specifier of the implicit import of a JSX runtime that configuration names. */
export const JSX_RUNTIME = "jsx-runtime";

/**
 * What other files get from this one under `name`; with `star` everything that import offers. `isGlobal`: without any
 * import. `augments`: it is added to what the file of that import offers under `name` (`declare module "./x"`).
 * JavaScript's whole-module value (`module.exports =`, `export =`) is named EXPORT_ASSIGNMENT.
 */
export type ExportFact = { name: string; target: Target; isGlobal?: boolean; augments?: number } | { star: number };
export const EXPORT_ASSIGNMENT = "export=";

/** A use of a name. Of function-local variables only what leads out of the function is kept. */
export interface ReferenceFact {
  name: string;
  kind: ReferenceKind;
  line: number;
  column: number;
  target: Target;
  /** Number of the innermost symbol it stands in. */
  enclosing?: number;
  /** A function cannot be meant: Java's and what members are taken from are values, types or packages. */
  isNoFunction?: boolean;
  /**
   * Of a call where functions of one name differ in them: the types of its arguments. A text is a type of the language, `null`,
   * `=>2` a function of two parameters, or "" for what nobody knows; else the value.
   */
  arguments?: readonly Handed[];
  /** Of a call the number of its type arguments, where these are written and tell functions apart. */
  typeArguments?: number;
}

/** What a configuration file says that decides where imports lead. `kind` is the file's role, e.g. `package.json`. */
interface ManifestFact {
  kind: string;
  /** Plain JSON, only the fields that matter. */
  content: unknown;
}

export interface Facts {
  symbols: SymbolFact[];
  imports: ImportFact[];
  exports: ExportFact[];
  references: ReferenceFact[];
  /** By the number of a function written among a call's arguments, what it is handed as. */
  lambdas?: Target[] | undefined;
  /** Declared package or namespace of the whole file (Go, Java, Kotlin, Scala, C#, PHP). */
  package?: string;
  manifest?: ManifestFact;
  /** Some or all of what the text says is missing: reading it takes more time, memory or depth than it may. */
  isCut?: boolean;
}

export const NO_FACTS: Facts = { symbols: [], imports: [], exports: [], references: [] };
/** Of a text that cannot be read. */
export const CUT_FACTS: Facts = { ...NO_FACTS, isCut: true };

/** Alternatives of one `either`: enough for the overloads of a callable interface. */
export const EITHER_MAX = 24;
export const SIGNATURE_CHARACTERS_MAX = 200;
export const DOCUMENTATION_CHARACTERS_MAX = 400;
