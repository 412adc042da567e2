// A syntax tree of tree-sitter, copied into flat arrays in one walk of a cursor: a node is a number, so a file of 1 MB
// costs a few typed arrays and not a million objects. Parsers are handed in, so nothing here does IO.
// Punctuation is left out. Offsets count UTF-16 units.

/** What is used of web-tree-sitter's Parser. */
export interface GrammarParser {
  parse(
    read: (offset: number) => string,
    oldTree: null,
    options: { progressCallback: () => boolean },
  ): { language: Grammar; walk(): Cursor; delete(): void } | null;
  reset(): void;
}

interface Grammar {
  readonly types: readonly string[];
  readonly fields: readonly (string | null)[];
  nodeTypeIsNamed(type: number): boolean;
}

export interface Cursor {
  /** Of the node it began at, itself included. */
  readonly descendantCount: number;
  readonly nodeTypeId: number;
  readonly currentFieldId: number;
  readonly startIndex: number;
  readonly endIndex: number;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
  delete(): void;
}

export type Node = number;

/** Larger texts are not parsed: a megabyte takes about half a second and 100 MB. */
const TEXT_UNITS_MAX = 1024 * 1024;

/** What is nested deeper is left out, so that recursion over a tree never ends the stack. */
const DEPTH_MAX = 400;

/**
 * Work a parse may take: steps of the parser (hundreds, as its progress callback is called) and units of text that its
 * lexer asks for, which hopeless text makes it do again and again (60 s for 500 kB were seen). Ordinary code takes 0.02
 * steps and 1.2 units for each unit. Counted, not timed, so that facts depend on the text alone; together below 2 s.
 */
const STEPS_MIN = 20_000;
const STEPS_PER_UNIT = 0.2;
const READ_UNITS_MIN = 20_000_000;
const READ_UNITS_PER_UNIT = 40;
const READ_UNITS_AT_ONCE = 1024;

/** Undefined: the text is too large, or too hard to parse. `readable`: what is parsed instead, with the same offsets. */
export function readSyntaxTree(parser: GrammarParser, text: string, readable = text): SyntaxTree | undefined {
  if (text.length > TEXT_UNITS_MAX) return undefined;
  let steps = Math.max(STEPS_MIN, text.length * STEPS_PER_UNIT);
  let units = Math.max(READ_UNITS_MIN, text.length * READ_UNITS_PER_UNIT);
  const read = (offset: number) => {
    const piece = units < 0 ? "" : readable.slice(offset, offset + READ_UNITS_AT_ONCE);
    units -= piece.length;
    return piece;
  };
  const parsed = parser.parse(read, null, { progressCallback: () => --steps < 0 || units < 0 });
  if (!parsed) {
    parser.reset();
    return undefined;
  }
  const { language } = parsed;
  // Before there is a cursor, which wants nothing else to be asked meanwhile.
  const isKept = keptTypes(language);
  const cursor = parsed.walk();
  try {
    return units < 0 ? undefined : new SyntaxTree(text, copyNodes(cursor, isKept), language);
  } finally {
    cursor.delete();
    parsed.delete();
  }
}

/** Of each node, in the order of the text, one number per column; -1 where there is none. */
const TYPE = 0;
const FIELD = 1;
const START = 2;
const END = 3;
const PARENT = 4;
const FIRST = 5;
const NEXT = 6;
const PREVIOUS = 7;
const COLUMNS = 8;

interface Nodes {
  rows: Int32Array;
  count: number;
}

/** `isKept`: by the number of a type. */
function copyNodes(cursor: Cursor, isKept: readonly boolean[]): Nodes {
  const rows = new Int32Array(cursor.descendantCount * COLUMNS);
  const open: Node[] = [];
  const lastChild: Node[] = [];
  let depth = 0;
  let count = 0;
  for (;;) {
    const type = cursor.nodeTypeId;
    const field = cursor.currentFieldId;
    if (depth < DEPTH_MAX && (field !== 0 || (isKept[type] ?? true))) {
      const node = count++;
      const row = node * COLUMNS;
      const parent = open[depth - 1] ?? -1;
      const before = lastChild[depth] ?? -1;
      rows[row + TYPE] = type;
      rows[row + FIELD] = field;
      rows[row + START] = cursor.startIndex;
      rows[row + END] = cursor.endIndex;
      rows[row + PARENT] = parent;
      rows[row + FIRST] = -1;
      rows[row + NEXT] = -1;
      rows[row + PREVIOUS] = before;
      if (before >= 0) rows[before * COLUMNS + NEXT] = node;
      else if (parent >= 0) rows[parent * COLUMNS + FIRST] = node;
      lastChild[depth] = node;
      if (cursor.gotoFirstChild()) {
        open[depth++] = node;
        lastChild[depth] = -1;
        continue;
      }
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent() || --depth <= 0) return { rows, count };
    }
  }
}

/** Whether nodes of a type are copied, by its number. */
function keptTypes(grammar: Grammar): boolean[] {
  let kept = keptTypesOf.get(grammar);
  if (!kept) {
    kept = grammar.types.map((type, id) => grammar.nodeTypeIsNamed(id) || /^\w/.test(type));
    keptTypesOf.set(grammar, kept);
  }
  return kept;
}

const keptTypesOf = new WeakMap<Grammar, boolean[]>();

export class SyntaxTree {
  readonly text: string;
  readonly root: Node = 0;
  readonly #rows: Int32Array;
  readonly #count: number;
  readonly #types: readonly string[];
  readonly #fields: readonly (string | null)[];
  readonly #lineStarts: number[] = [0];
  readonly #hasSurrogates: boolean;

  constructor(text: string, { rows, count }: Nodes, grammar: Grammar) {
    this.text = text;
    this.#rows = rows;
    this.#count = count;
    this.#types = grammar.types;
    this.#fields = grammar.fields;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lineStarts.push(at + 1);
    this.#hasSurrogates = /[\ud800-\udbff]/.test(text);
  }

  /** How many places could not be read. */
  errors(): number {
    let errors = 0;
    for (let node = 0; node < this.#count; node++) if (this.type(node) === "ERROR") errors++;
    return errors;
  }

  type(node: Node): string {
    return this.#types[this.#rows[node * COLUMNS + TYPE] ?? -1] ?? "ERROR";
  }

  is(node: Node, ...types: string[]): boolean;
  is(node: Node | undefined, ...types: string[]): node is Node;
  is(node: Node | undefined, ...types: string[]): boolean {
    return node !== undefined && types.includes(this.type(node));
  }

  /** Name of the field of its parent that it is. */
  fieldName(node: Node): string | undefined {
    return this.#fields[this.#rows[node * COLUMNS + FIELD] ?? 0] ?? undefined;
  }

  start(node: Node): number {
    return this.#rows[node * COLUMNS + START] ?? 0;
  }

  end(node: Node): number {
    return this.#rows[node * COLUMNS + END] ?? 0;
  }

  textOf(node: Node | undefined): string {
    return node === undefined ? "" : this.text.slice(this.start(node), this.end(node));
  }

  parent(node: Node): Node | undefined {
    return present(this.#rows[node * COLUMNS + PARENT]);
  }

  next(node: Node): Node | undefined {
    return present(this.#rows[node * COLUMNS + NEXT]);
  }

  previous(node: Node): Node | undefined {
    return present(this.#rows[node * COLUMNS + PREVIOUS]);
  }

  children(node: Node | undefined): Node[] {
    const children: Node[] = [];
    if (node === undefined) return children;
    for (let child = present(this.#rows[node * COLUMNS + FIRST]); child !== undefined; child = this.next(child))
      children.push(child);
    return children;
  }

  /** First child in that field. */
  field(node: Node | undefined, name: string): Node | undefined {
    if (node === undefined) return undefined;
    let child = present(this.#rows[node * COLUMNS + FIRST]);
    while (child !== undefined && this.fieldName(child) !== name) child = this.next(child);
    return child;
  }

  /** Reads fields of one node. Made here and not where it is asked: tsx names every function that has a name, on each making. */
  fieldOf(node: Node): (name: string) => Node | undefined {
    return (name) => this.field(node, name);
  }

  fields(node: Node | undefined, name: string): Node[] {
    return this.children(node).filter((child) => this.fieldName(child) === name);
  }

  /** First child of one of the types. */
  child(node: Node | undefined, ...types: string[]): Node | undefined {
    if (node === undefined) return undefined;
    let child = present(this.#rows[node * COLUMNS + FIRST]);
    while (child !== undefined && !types.includes(this.type(child))) child = this.next(child);
    return child;
  }

  /** Nearest node around it of one of the types. */
  ancestor(node: Node, ...types: string[]): Node | undefined {
    let at = this.parent(node);
    while (at !== undefined && !types.includes(this.type(at))) at = this.parent(at);
    return at;
  }

  /** Every node below, itself first, in the order of the text. */
  descendants(node: Node): Node[] {
    const found = [node];
    const parent = this.parent(node);
    for (let at = node + 1; at < this.#count; at++) {
      const above = this.parent(at) ?? -1;
      if (above < node || above === parent) break;
      found.push(at);
    }
    return found;
  }

  /** Every node that begins after `from` and before `to`, in the order of the text. */
  between(from: Node, to: Node): Node[] {
    return Array.from({ length: Math.max(0, to - from - 1) }, (_, index) => from + 1 + index);
  }

  /** From 1. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  line(node: Node): number {
    return this.lineAt(this.start(node));
  }

  /** Line of its last character. */
  endLine(node: Node): number {
    const end = this.end(node);
    const isAfterNewline = end > this.start(node) && this.text[end - 1] === "\n";
    return this.lineAt(isAfterNewline ? end - 1 : end);
  }

  /** From 1, in code points. */
  columnAt(offset: number): number {
    const lineStart = this.#lineStarts[this.lineAt(offset) - 1] ?? 0;
    if (!this.#hasSurrogates) return offset - lineStart + 1;
    let column = 1;
    for (let at = lineStart; at < offset; column++) at += (this.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    return column;
  }

  lineText(line: number): string {
    return this.text.slice(this.#lineStarts[line - 1] ?? 0, this.#lineStarts[line] ?? this.text.length);
  }
}

function present(node: number | undefined): Node | undefined {
  return node === undefined || node < 0 ? undefined : node;
}
