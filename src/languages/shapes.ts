// What a node of a language with classes is, in words that these languages share. Each says it of its own grammar
// (`Grammar.read`); read-shapes.ts makes facts of it.
import type { SymbolKind, Target } from "./facts.ts";
import type { DocumentedType } from "./php-types.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

export interface Variable {
  name: Node;
  /** What it is looked up by; default the name's text. */
  key?: string | undefined;
  type?: Node | undefined;
  /** What documentation says of its type, where no type is written that says more. */
  documented?: DocumentedType | undefined;
  value?: Node | undefined;
  /** It goes through what this holds. */
  each?: Node | undefined;
  /** What it is handed when nothing is written about it. */
  handed?: (() => Target) | undefined;
  /** It is an array of values of its type. */
  isRest?: boolean;
  /** It is no symbol, wherever it stands. */
  isLocal?: boolean;
  /** It is one of the class's, although it stands elsewhere. */
  isMember?: boolean;
  /** Type that it extends from outside. */
  receiver?: Node | undefined;
  /** The whole of it; default the node of the shape. */
  node?: Node | undefined;
}

export type Shape =
  /** Nothing in it is a name that counts. */
  | { kind: "skip" }
  /** Nothing but this in it is. */
  | { kind: "only"; of: Node | undefined }
  /** Members of the class around it that need no instance: a companion object without a name. */
  | { kind: "statics" }
  | {
      kind: "type";
      as: SymbolKind;
      name: Node | undefined;
      /** Those whose members come first stand first. */
      bases?: Node[];
      /** What `super` means, where that is not the first of them. */
      superclass?: Node | undefined;
      typeParameters?: Node | undefined;
      /** Of its primary constructor. */
      parameters?: Variable[];
      body?: Node | undefined;
      /** Its members need no instance: Kotlin's and Scala's objects. */
      isObject?: boolean;
      /** What it is another name for. */
      alias?: Node | undefined;
    }
  | {
      kind: "function";
      as: SymbolKind;
      /** None: an anonymous one. */
      name?: Node | undefined;
      typeParameters?: Node | undefined;
      parameters: Variable[];
      /** See SymbolFact. */
      arity?: readonly [number, number];
      result?: Node | undefined;
      /** What documentation says of the type of its result. */
      documented?: DocumentedType | undefined;
      /** Its value, where that is all it has for a body. */
      value?: Node | undefined;
      body?: Node | undefined;
      /** Type that it extends from outside. */
      receiver?: Node | undefined;
    }
  /** `hasScope`: they are known within it alone. */
  | { kind: "variables"; variables: Variable[]; as?: SymbolKind; hasScope?: boolean }
  /** Names within it are not seen outside. */
  | { kind: "scope" }
  | { kind: "name"; name: Node; key?: string | undefined }
  /**
   * `isObjectAround`: the object is a node around it, which is being visited already. `isFree`: where that has no such
   * member, the name is any other.
   */
  | { kind: "member"; object: Node; name: Node; key?: string | undefined; isObjectAround?: boolean; isFree?: boolean }
  /** Either `callee`, or `name` with or without its `object`. */
  | {
      kind: "call";
      callee?: Node | undefined;
      object?: Node | undefined;
      name?: Node | undefined;
      key?: string;
      arguments?: Node[];
      typeArguments?: number;
    }
  /** `isImplicit`: the type is written elsewhere. */
  | { kind: "new"; type: Node | undefined; body?: Node | undefined; arguments?: Node[]; isImplicit?: boolean }
  /** A value of that type: casts. */
  | { kind: "typed"; type: Node | undefined }
  /** Has the value of another: parentheses, `await`. */
  | { kind: "same"; of: Node | undefined }
  | { kind: "element"; of: Node | undefined }
  /** Has the value of one of these: a condition, arithmetic. */
  | { kind: "either"; of: Node[] }
  /** A new array of `dimensions`, one as a rule. */
  | { kind: "array"; type: Node | undefined; dimensions: number }
  | { kind: "assign"; left: Node | undefined; right: Node | undefined }
  | { kind: "this" }
  | { kind: "super" }
  /** These of its children are types. */
  | { kind: "types"; types: Node[] }
  | { kind: "decorator"; name: Node | undefined }
  /** Brings in the file that a string in it names. */
  | { kind: "include"; of: Node };

export type TypeShape =
  /** `path`: the whole of a qualified name that is written as one. `key`: what it is looked up by; default the name's text. */
  | { kind: "named"; name: Node; key?: string | undefined; qualifier?: Node | undefined; path?: string }
  /** The class that it stands in. */
  | { kind: "own" }
  | { kind: "generic"; of: Node | undefined; arguments: Node[] }
  | { kind: "array"; of: Node | undefined; dimensions?: number }
  | { kind: "same"; of: Node | undefined }
  | { kind: "function"; parameters: Node[]; result?: Node | undefined; context?: Node | undefined }
  /** The language's own. */
  | { kind: "builtin"; name: string }
  /** One without a name. */
  | { kind: "none" };

export interface Modifiers {
  isExported: boolean;
  isStatic: boolean;
  isTest: boolean;
}

export interface Grammar {
  read(tree: SyntaxTree, node: Node): Shape | undefined;
  /** Undefined: whatever is below it are types. */
  readType(tree: SyntaxTree, node: Node): TypeShape | undefined;
  modifiers(tree: SyntaxTree, node: Node): Modifiers;
  /** Names of generic types that hold values of their last argument. */
  collections: RegExp;
  /** Those of them that are the language's own wherever they are not declared or imported. */
  standardCollections?: RegExp;
  /** Names of generic types that stand for their argument. */
  holders: RegExp;
  /** Methods of collections that give one of their values. */
  elementMethods: RegExp;
  /** Methods that hand each value of a collection to the function they are given. */
  handsElements?: RegExp;
  /** Methods that hand what they are called on to the function they are given. */
  handsItself?: RegExp;
  /** Methods that give what they are called on; called alone, `this`. */
  givesItself?: RegExp;
  /** Methods within whose function that is `this`; and functions where it is the first argument. */
  entersItself?: RegExp;
  entersFirst?: RegExp;
  /** Names of generic types that are functions, and of those that give their last argument. */
  functionTypes?: RegExp;
  givingTypes?: RegExp;
  /** A function can have a `this` of its own, whose members are known by their names. */
  hasContexts?: boolean;
  /** Where a name cannot mean a function: before a member, or wherever it is not called. */
  noFunctions?: "objects" | "values";
  /** `f()` in a class can be one of its methods, or of its superclass. */
  hasImplicitThis: boolean;
  /** The type that a test says the value at `node` is of there. */
  testedType?(tree: SyntaxTree, node: Node): Node | undefined;
  /** The type of a literal and what is as plain; `null`, or `=>2` for a function of two parameters. */
  literalType?(tree: SyntaxTree, node: Node): string | undefined;
  /** Words in value position that are no names. */
  words: ReadonlySet<string>;
  /** How a path of packages is recognised before the name of a type. */
  packagePath?: RegExp;
  /** Packages hold more than types: `os.read` can be a function by its whole name. */
  hasPackageMembers?: boolean;
  /** What the name of a class has at its end that is used as a decorator by the rest of it. */
  decoratorEnding?: string;
  /** Whether a type of that name, which a superclass declares, is known by its name alone. */
  inheritsTypes?(name: string): boolean;
  /** What type parameters without a bound are once they are gone; default any type. */
  anyType?: string;
  /** Names that are imported can be members of anything: extensions. */
  hasImportedMembers?: boolean;
  /** Parts of a class lie in several files. */
  hasParts?: boolean;
  /** Types and functions of one name are told apart by how many type parameters they have. */
  countsTypeParameters?: boolean;
}
