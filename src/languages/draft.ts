// The facts of a file while its syntax tree is walked. Names are bound in scopes on the way down; where references lead
// is worked out at the end, when every name of the file is known, so that one walk does and order does not matter.
import {
  DOCUMENTATION_CHARACTERS_MAX,
  EITHER_MAX,
  partsOf,
  SIGNATURE_CHARACTERS_MAX,
  UNKNOWN,
  type ExportFact,
  type Facts,
  type ImportFact,
  type ReferenceFact,
  type Handed,
  type ReferenceKind,
  type SymbolFact,
  type SymbolKind,
  type Target,
} from "./facts.ts";
import type { Node, SyntaxTree } from "./syntax-tree.ts";

/** What a name stands for; a local variable of a function is no symbol, but may have a known value. */
export interface Binding {
  target: () => Target;
  isLocal?: boolean;
  /** It is a type parameter: `target` says what it stands for. */
  isTypeParameter?: boolean;
  /** Of a variable that is given values again and again: them. */
  values?: (() => Target)[];
  /** The symbol it is. */
  symbol?: number;
  /** It stands for a package and has no definition of its own. */
  isPackage?: boolean;
}

export interface Scope {
  readonly kind: "file" | "type" | "function";
  readonly parent: Scope | undefined;
  /** Innermost symbol around. */
  readonly symbol: number | undefined;
  readonly names: Map<string, Binding>;
  /** Name of the module, namespace or package that it is. */
  readonly module?: string | undefined;
  /** Type whose members are declared in it, where that is declared elsewhere. */
  readonly owner?: string;
  /** A class without a name: its members belong to no symbol. */
  readonly isAnonymous?: boolean;
  /** Names of type parameters, which lead nowhere. */
  readonly typeParameters?: ReadonlySet<string> | undefined;
  readonly isPrivate?: boolean;
  /** What is declared in it is known in its file alone. */
  readonly isHidden?: boolean;
  /** An ordinary build leaves out what is declared in it. */
  readonly isSecondary?: boolean | undefined;
  /** Where the macro stands that opened this namespace. */
  readonly opened?: number | undefined;
  /** What is declared in it needs no instance. */
  readonly isStatic?: boolean;
  /** It is that of a function written among arguments. */
  readonly lambda?: number;
}

export interface SymbolDraft {
  kind: SymbolKind;
  name: Node;
  /** When the name as written is not the name. */
  as?: string | undefined;
  /** The whole definition. */
  node: Node;
  /** Where it is no node. */
  at?: { start: number; end: number };
  /** Where the declaration starts, without decorators; default `node`. */
  from?: Node | undefined;
  /** Where the signature ends; default the first line of the definition. */
  body?: Node | undefined;
  container?: number | undefined;
  isExported: boolean;
  isStatic?: boolean;
  isTest?: boolean;
  isDeclaration?: boolean;
  isSecondary?: boolean;
  opens?: string | undefined;
  /** Number of the first declaration of the same thing. */
  mergesWith?: number | undefined;
  /** The type it is a member of, where that may be declared in another file. */
  owner?: string | undefined;
  documentation?: string | undefined;
  arity?: readonly [number, number] | undefined;
  takes?: (() => string[]) | undefined;
  typeParameters?: number;
  isTypeWritten?: boolean;
  type?: (() => Target | undefined) | undefined;
  /** Types of its parameters; kept where one of them is a function, or with `hasAliases` a name that may be one's. */
  parameters?: (() => Target)[];
  hasAliases?: boolean;
  /** Types of the parts of a tuple. */
  parts?: (() => Target)[];
  bases?: (() => Target)[];
}

function takesFunction(type: Target): boolean {
  return type.kind === "function" || (type.kind !== "list" && partsOf(type).some(takesFunction));
}

/** Longer chains of members and calls are not followed. */
const TARGET_DEPTH_MAX = 20;
/** Values of variables that depend on each other. */
const EVALUATION_DEPTH_MAX = 60;

export class Draft {
  readonly tree: SyntaxTree;
  readonly symbols: SymbolFact[] = [];
  readonly imports: ImportFact[] = [];
  readonly exports: ExportFact[] = [];
  readonly #references: {
    kind: ReferenceKind;
    at: number;
    name: string;
    enclosing: number | undefined;
    arguments: (() => Handed[]) | undefined;
    isNoFunction: boolean;
    typeArguments: number;
    target: () => Target;
  }[] = [];
  readonly #later: (() => void)[] = [];
  readonly #lambdas: (() => Target)[] = [];
  readonly #values = new Map<Node, Target>();
  readonly #lower: (node: Node, scope: Scope) => Target;
  #depth = 0;

  /** `lower` says what an expression or type leads to; it asks `value` for parts of it. */
  constructor(tree: SyntaxTree, lower: (node: Node, scope: Scope) => Target) {
    this.tree = tree;
    this.#lower = lower;
  }

  symbol(draft: SymbolDraft): number {
    const { tree } = this;
    const { kind, node, container } = draft;
    const number = this.symbols.length;
    const { type, bases, parts = [], parameters = parts, documentation } = draft;
    const at = draft.at?.start ?? tree.start(draft.name);
    const fact: SymbolFact = {
      name: draft.as ?? tree.textOf(draft.name),
      kind,
      ...(container !== undefined && { container }),
      line: tree.lineAt(at),
      column: tree.columnAt(at),
      startLine: draft.at ? tree.lineAt(draft.at.start) : tree.line(node),
      endLine: draft.at ? tree.lineAt(draft.at.end) : tree.endLine(node),
      signature: draft.at ? (draft.as ?? "") : this.#signature(draft),
      ...(documentation && { documentation }),
      isExported: draft.isExported,
      ...(draft.isStatic && { isStatic: true }),
      ...(draft.isDeclaration && { isDeclaration: true }),
      ...(draft.isSecondary && { isSecondary: true }),
      ...(draft.opens !== undefined && { opens: draft.opens }),
      ...(draft.mergesWith !== undefined && { mergesWith: draft.mergesWith }),
      ...(draft.isTest && { isTest: true }),
      ...(draft.owner !== undefined && { owner: draft.owner }),
      ...(draft.arity && { arity: draft.arity }),
      ...(draft.typeParameters && { typeParameters: draft.typeParameters }),
      ...(draft.isTypeWritten && { isTypeWritten: true }),
    };
    this.symbols.push(fact);
    if (type)
      this.#later.push(() => {
        const found = type();
        if (found && found.kind !== "unknown") fact.type = found;
      });
    const { takes } = draft;
    if (takes) this.#later.push(() => void (fact.takes = takes()));
    if (parameters.length > 0)
      this.#later.push(() => {
        const found = parameters.map((parameter) => parameter());
        const isKept = (type: Target): boolean =>
          parts.length > 0
            ? type.kind !== "unknown"
            : takesFunction(type) || (draft.hasAliases === true && canBeFunction(type));
        if (found.some(isKept)) fact.parameters = found;
      });
    if (bases?.length)
      this.#later.push(() => {
        const found = bases.map((base) => base()).filter(({ kind }) => kind !== "unknown");
        if (found.length > 0) fact.bases = found;
      });
    return number;
  }

  import(fact: Omit<ImportFact, "line" | "column">, at: Node): number {
    const offset = this.tree.start(at);
    this.imports.push({ ...fact, line: this.tree.lineAt(offset), column: this.tree.columnAt(offset) });
    return this.imports.length - 1;
  }

  /** A use of the name at `node`, leading where the name does in that scope unless told otherwise. */
  refer(
    kind: ReferenceKind,
    node: Node,
    {
      scope,
      target,
      name,
      offset = 0,
      arguments: handed,
      isNoFunction = false,
      typeArguments = 0,
    }: {
      scope: Scope;
      target?: () => Target;
      name?: string;
      offset?: number;
      arguments?: (() => Handed[]) | undefined;
      isNoFunction?: boolean;
      typeArguments?: number | undefined;
    },
  ): void {
    const known = name ?? this.tree.textOf(node);
    this.#references.push({
      kind,
      at: this.tree.start(node) + offset,
      name: known,
      enclosing: scope.symbol,
      arguments: handed,
      isNoFunction,
      typeArguments,
      target: target ?? (() => this.named(known, scope)),
    });
  }

  /** What a use of a name leads to: LOCAL for a function's own variable. */
  named(name: string, scope: Scope): Target {
    const binding = findBinding(scope, name);
    if (binding?.isLocal) return LOCAL;
    return binding?.target() ?? { kind: "free", name };
  }

  /** What a name means there: of a local variable its value. */
  valueOf(name: string, scope: Scope): Target {
    return findBinding(scope, name)?.target() ?? { kind: "free", name };
  }

  /** What an expression or type at `node` leads to. Never fails: what depends on itself is unknown. */
  value(node: Node | undefined, scope: Scope): Target {
    if (node === undefined) return UNKNOWN;
    const known = this.#values.get(node);
    if (known) return known;
    if (this.#depth > EVALUATION_DEPTH_MAX) return UNKNOWN;
    this.#values.set(node, UNKNOWN);
    this.#depth++;
    const found = this.#lower(node, scope);
    this.#depth--;
    const value = depthOf(found) > TARGET_DEPTH_MAX ? UNKNOWN : found;
    this.#values.set(node, value);
    return value;
  }

  /** What the fields of `node` lead to. See SyntaxTree.fieldOf. */
  partOf(node: Node, scope: Scope): (field: string) => Target {
    return (field) => this.value(this.tree.field(node, field), scope);
  }

  /** The type of a symbol, when its container is one. */
  isType(symbol: number | undefined): boolean {
    const kind = symbol === undefined ? undefined : this.symbols[symbol]?.kind;
    return (
      kind === "class" ||
      kind === "interface" ||
      kind === "struct" ||
      kind === "trait" ||
      kind === "enum" ||
      kind === "type"
    );
  }

  /** Number of a function written among arguments, for `type`. */
  lambda(type: () => Target): number {
    return this.#lambdas.push(type) - 1;
  }

  /** To be done when all names are known, before references are looked up. */
  later(act: () => void): void {
    this.#later.push(act);
  }

  finish(): Facts {
    for (const act of this.#later) act();
    const references: ReferenceFact[] = [];
    let last = -1;
    const sorted = this.#references.toSorted((one, other) => one.at - other.at);
    for (const { kind, at, name, enclosing, arguments: handed, isNoFunction, typeArguments, target } of sorted) {
      if (at === last) continue;
      const found = target();
      if (found === LOCAL) continue;
      last = at;
      references.push({
        name,
        kind: kind === "call" && found.kind === "symbol" && this.isType(found.symbol) ? "new" : kind,
        line: this.tree.lineAt(at),
        column: this.tree.columnAt(at),
        target: found,
        ...(enclosing !== undefined && { enclosing }),
        ...(isNoFunction && { isNoFunction }),
        ...(handed && { arguments: handed() }),
        ...(typeArguments > 0 && { typeArguments }),
      });
    }
    const { symbols, imports, exports } = this;
    const lambdas = this.#lambdas.map((type) => type());
    return { symbols, imports, exports, references, ...(lambdas.length > 0 && { lambdas }) };
  }

  #signature({ node, from = node, body }: SymbolDraft): string {
    const { tree } = this;
    const start = tree.start(from);
    const lineEnd = tree.text.indexOf("\n", start);
    const end =
      body !== undefined && tree.start(body) > start
        ? tree.start(body)
        : lineEnd < 0
          ? tree.end(node)
          : Math.min(lineEnd, tree.end(node));
    return clip(
      tree.text.slice(start, Math.min(end, start + 4 * SIGNATURE_CHARACTERS_MAX)).replace(/[\s{=:]+$/, ""),
      SIGNATURE_CHARACTERS_MAX,
    );
  }
}

/** What a reference to a function's own variable leads to: it is not kept. */
export const LOCAL: Target = { kind: "unknown" };

export function openScope(parent: Scope | undefined, kind: Scope["kind"], symbol = parent?.symbol): Scope {
  return { kind, parent, symbol, names: new Map() };
}

/** Values of one variable that are considered; the first that says anything counts. */
const VALUES_MAX = 4;

/** A function's own variable, or one more value of it. */
export function bindLocal(scope: Scope, name: string, value?: () => Target): void {
  const known = scope.names.get(name);
  if (known && !known.values) return;
  const values = known?.values ?? [];
  if (value && values.length < VALUES_MAX) values.push(value);
  if (known) return;
  scope.names.set(name, {
    isLocal: true,
    values,
    target: () => values.map((of) => of()).find(({ kind }) => kind !== "unknown") ?? UNKNOWN,
  });
}

/** The binding of a name in the nearest scope that has it. */
export function findBinding(scope: Scope | undefined, name: string): Binding | undefined {
  for (let at = scope; at; at = at.parent) {
    const found = at.names.get(name);
    if (found) return found;
  }
  return undefined;
}

export function symbolTarget(symbol: number): Target {
  return { kind: "symbol", symbol };
}

export function memberOf(object: Target, name: string): Target {
  return { kind: "member", object, name };
}

/** The type of a value. */
export function typeOf(value: Target): Target {
  return value.kind === "instance" ? value.of : value.kind === "unknown" ? UNKNOWN : { kind: "typeof", of: value };
}

/** The first of them that leads anywhere; those that say nothing are left out. */
export function firstOf(targets: Target[]): Target {
  const known = targets.filter(({ kind }) => kind !== "unknown").slice(0, EITHER_MAX);
  return known.length > 1 ? { kind: "first", of: known } : (known[0] ?? UNKNOWN);
}

/** All of them at once: several bounds of one type parameter. Those that say nothing are left out. */
export function eitherOf(targets: Target[]): Target {
  const known = targets.filter(({ kind }) => kind !== "unknown").slice(0, EITHER_MAX);
  return known.length > 1 ? { kind: "either", of: known } : (known[0] ?? UNKNOWN);
}

/** Of an unknown type there is no instance to know anything of. */
export function instanceOf(of: Target): Target {
  return of.kind === "unknown" ? UNKNOWN : { kind: "instance", of };
}

/** A collection of values of the type `of`. */
export function listOf(of: Target): Target {
  return of.kind === "unknown" ? UNKNOWN : { kind: "list", of };
}

/** One of the values that a collection holds. */
export function elementOf(of: Target): Target {
  return of.kind === "instance" && of.of.kind === "list"
    ? instanceOf(of.of.of)
    : of.kind === "unknown"
      ? UNKNOWN
      : { kind: "element", of };
}

export function resultOf(of: Target): Target {
  return of.kind === "unknown" ? UNKNOWN : { kind: "result", of };
}

/** A function, or a type that may turn out to be one. */
function canBeFunction(type: Target): boolean {
  return /^(?:applied|first|free|function|imported|member|symbol)$/.test(type.kind);
}

function depthOf(target: Target): number {
  switch (target.kind) {
    case "member":
      return 1 + depthOf(target.object);
    case "either":
    case "first":
      return 1 + Math.max(...target.of.map(depthOf));
    case "instance":
    case "typeof":
    case "list":
    case "element":
    case "context":
    case "parameter":
    case "result":
      return 1 + depthOf(target.of);
    case "applied":
      return 1 + Math.max(depthOf(target.of), ...target.types.map(depthOf));
    case "function":
      return 1 + Math.max(depthOf(target.type), ...target.parameters.map(depthOf));
    default:
      return 1;
  }
}

/** Text on one line, at most `charactersMax`. */
function clip(text: string, charactersMax: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= charactersMax) return line;
  const cut = line.slice(0, charactersMax);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** Of C#'s documentation. */
const XML_TAGS = /<\/?(?:summary|remarks|para|inheritdoc|value)\b[^>]*>/g;

/** A comment or several, without their signs. */
export function cleanComment(text: string): string | undefined {
  const lines = text
    .slice(0, 8 * DOCUMENTATION_CHARACTERS_MAX)
    .split("\n")
    .filter((line) => !line.startsWith("#!/"))
    .map((line) =>
      line
        .trim()
        .replace(/^(?:\/\*+!?|\/\/+[!<]?|#+!?|\(\*+|--+(?:\[=*\[)?\s*\|?|\{-\s*\|?|\*(?!\*|\/)|;+)\s?/, "")
        .replace(/\s*(?:\*+\/|\*\)|-\}|\]=*\])$/, ""),
    );
  return clip(lines.join("\n").replace(XML_TAGS, " "), DOCUMENTATION_CHARACTERS_MAX) || undefined;
}

/**
 * The comments right before a definition, on lines of their own with no empty line between, cleaned. What wraps the
 * definition alone (decorators, `export`, templates) and attributes before it are looked past.
 */
export function commentBefore(tree: SyntaxTree, node: Node): string | undefined {
  let at = tree.previous(node);
  let line = tree.line(node);
  let start: number | undefined;
  while (at !== undefined) {
    const type = tree.type(at);
    if (/attribute|annotation|decorator/.test(type)) line = tree.line(at);
    else if (type.includes("comment") || type === "haddock") {
      // `//!` is about the file.
      if (
        tree.text.startsWith("//!", tree.start(at)) ||
        tree.endLine(at) < line - 1 ||
        tree
          .lineText(tree.line(at))
          .slice(0, tree.columnAt(tree.start(at)) - 1)
          .trim()
      )
        break;
      start = tree.start(at);
      line = tree.line(at);
      if (tree.start(node) - start > 8 * DOCUMENTATION_CHARACTERS_MAX) break;
    } else break;
    at = tree.previous(at);
  }
  return start === undefined
    ? undefined
    : cleanComment(tree.text.slice(start, tree.start(node)).replace(ATTRIBUTES, ""));
}

const ATTRIBUTES = /^\s*(?:#!?\[.*\]|@\w.*|\[\w.*\])\s*$/gm;
