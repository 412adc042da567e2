// All matches in a line, in linear time however many there are and whatever the pattern. Two passes (Frisch and
// Cardelli, "Greedy regular expression matching", 2004): from the end to the beginning a lazy deterministic
// automaton finds, for each position, the instructions from which a match can be reached; from the beginning to the
// end a match then follows the preferred one of those, and never has to turn back.
import { invalidInput } from "../../errors.ts";
import { REGEX_LINE_WORK_MAX, REGEX_TABLE_CELLS_MAX } from "../limits.ts";
import { type Alphabet, alphabetOf, PAIR } from "./alphabet.ts";
import { arrowsInto, MATCH, type Program } from "./program.ts";
import type { Assertion } from "./syntax.ts";

/** What stands beside a position: the end of the line, a word character, or another one. */
const EDGE = 0;
const OTHER = 1;
const WORD = 2;

interface State {
  /** Instructions from which a match can be reached, ascending. */
  viable: Uint16Array;
  /** For an instruction of `viable`: the character or match that its preferred way comes to. */
  leaves: Map<number, number>;
}

/** A way that is no way: the middle of a surrogate pair. */
const NOWHERE = 0;

/**
 * `open` a text, `scan` a line, then ask for its matches. Keeps what it learned from one line to the next, up to
 * REGEX_TABLE_CELLS_MAX; throws `invalid_input` when one line would take more than REGEX_LINE_WORK_MAX.
 */
export class Automaton {
  readonly #program: Program;
  readonly #alphabet: Alphabet;
  /** Which set, as an index into the alphabet's members, an instruction compares; -1 for others. */
  readonly #setOf: Int32Array;
  /** For each instruction the characters that lead to it, and the others that do without one. */
  readonly #charsInto: readonly (readonly number[])[];
  readonly #othersInto: readonly (readonly number[])[];
  /** 3 when it matters what stands before a position, else 1. */
  readonly #sides: number;
  readonly #stride: number;
  readonly #sideOfSymbol: Uint8Array;

  // A way is (first cell of the state's row) * 2 + (1 if a match can start); 0 where not yet computed.
  #table = new Int32Array(0);
  #states: State[] = [];
  #byHash = new Map<number, number[]>();
  /** The way at the end of a line, by what stands before it. */
  readonly #endWays = new Int32Array(3);
  /** Instructions in all states. */
  #kept = 0;

  /** For each position of the scanned line the way that leads to it from the end. */
  #ways = new Int32Array(256);
  #length = 0;
  #units = new Uint16Array(0);
  #work = 0;
  #stepsBefore = 0;

  // Scratch of one step: `#mark[i] === #round` says that instruction i is in the set being built.
  readonly #mark: Uint32Array;
  #round = 0;

  /** A match of nothing needs no assertion, so it is also found inside the bytes of a character, as ripgrep does. */
  readonly matchesInsideCharacters: boolean;

  constructor(program: Program) {
    this.#program = program;
    const { instructions } = program;
    const assertions = new Set(instructions.flatMap((i) => (i.op === "assert" ? [i.assertion] : [])));
    const tellsWords = assertions.has("word-boundary") || assertions.has("not-word-boundary");
    const setNumbers = new Map<string, number>();
    const sets = [];
    this.#setOf = new Int32Array(instructions.length).fill(-1);
    for (const [at, instruction] of instructions.entries()) {
      if (instruction.op !== "char") continue;
      const key = instruction.set.join();
      if (!setNumbers.has(key)) setNumbers.set(key, sets.push(instruction.set) - 1);
      this.#setOf[at] = setNumbers.get(key) ?? -1;
    }
    this.#alphabet = alphabetOf(sets, { tellsWords });
    this.#sides = assertions.size > 0 ? 3 : 1;
    this.#stride = this.#alphabet.size * this.#sides;
    this.#sideOfSymbol = this.#alphabet.isWord.map((isWord) => (this.#sides === 1 ? 0 : isWord ? WORD : OTHER));
    const arrows = arrowsInto(program);
    this.#charsInto = arrows.chars;
    this.#othersInto = arrows.others;
    this.#mark = new Uint32Array(instructions.length);
    this.#forget();
    this.matchesInsideCharacters = this.#reaching([], undefined).includes(program.start);
  }

  /** Visits of instructions and new cells so far, over all lines: what grows at most linearly with the text. */
  get steps(): number {
    return this.#stepsBefore + this.#work;
  }

  /** Takes the text whose lines are scanned next. It holds no half of a surrogate pair. */
  open(text: string): void {
    // Units in an array are read twice as fast as those of a string, whose representation is looked up each time.
    if (this.#units.length < text.length) this.#units = new Uint16Array(Math.max(UNITS_FIRST, text.length));
    Buffer.from(this.#units.buffer).write(text, "utf16le");
  }

  /** Reads the line from `from` to `to` backwards and answers whether it has a match. */
  scan(from: number, to: number): boolean {
    this.#begin(to - from);
    const units = this.#units;
    const ways = this.#ways;
    const sides = this.#sides;
    const sideOfSymbol = this.#sideOfSymbol;
    const { symbolOfUnit } = this.#alphabet;
    let table = this.#table;
    let width = to > from ? this.#widthBefore(to) : 0;
    let symbol = width === 0 ? 0 : this.#symbolAt(to - width, width);
    let way = this.#endWay(width === 0 ? EDGE : (sideOfSymbol[symbol] ?? 0));
    let found = (ways[to - from] = way);
    table = this.#table;
    // Each turn takes the character that ends at `end`, knowing the one before it, on which assertions depend.
    for (let end = to; end > from;) {
      if (width === 2) ways[--end - from] = NOWHERE;
      end--;
      let before = 0;
      let side = EDGE;
      width = 1;
      if (end > from) {
        before = symbolOfUnit[units[end - 1] ?? 0] ?? 0;
        if (before === PAIR) {
          width = this.#widthBefore(end);
          before = this.#symbolAt(end - width, width);
        }
        side = sideOfSymbol[before] ?? 0;
      }
      const cell = (way >> 1) + symbol * sides + side;
      const known = table[cell] ?? 0;
      if (known === 0) {
        way = this.#step({ from: way >> 1, cell, symbol, side });
        table = this.#table;
      } else way = known;
      ways[end - from] = way;
      found |= way;
      symbol = before;
    }
    return (found & 1) === 1;
  }

  /** Where the first match at or after `at` starts, or -1. Offsets within the scanned line, here and below. */
  nextStart(at: number): number {
    while (at <= this.#length && ((this.#ways[at] ?? 0) & 1) === 0) at++;
    return at <= this.#length ? at : -1;
  }

  /** Where the match ends that starts at `at`, an answer of `nextStart`. */
  matchEnd(at: number): number {
    const { instructions, start } = this.#program;
    for (let from = start; ;) {
      const instruction = instructions[this.#leafOf(at, from)];
      if (instruction?.op !== "char") return at;
      from = instruction.next;
      at += at + 1 < this.#length && this.#ways[at + 1] === NOWHERE ? 2 : 1;
    }
  }

  #begin(length: number): void {
    this.#stepsBefore += this.#work;
    this.#work = 0;
    this.#length = length;
    if (this.#states.length * this.#stride > REGEX_TABLE_CELLS_MAX || this.#kept > REGEX_TABLE_CELLS_MAX)
      this.#forget();
    if (length >= this.#ways.length) this.#ways = new Int32Array(2 * (length + 1));
  }

  #forget(): void {
    this.#table = new Int32Array(TABLE_ROWS_FIRST * this.#stride);
    this.#states = [];
    this.#byHash.clear();
    this.#endWays.fill(0);
    this.#kept = 0;
  }

  #charge(work: number): void {
    this.#work += work;
    if (this.#work <= REGEX_LINE_WORK_MAX) return;
    const advice = "Use smaller repetitions, or leave files with such lines out.";
    throw invalidInput("query", `The pattern takes too long on a line of ${this.#length} characters. ${advice}`);
  }

  /** UTF-16 units of the character that ends at `end`. */
  #widthBefore(end: number): number {
    return isSecondOfPair(this.#units[end - 1]) && end > 1 && !isSecondOfPair(this.#units[end - 2]) ? 2 : 1;
  }

  #symbolAt(at: number, width: number): number {
    const [first = 0, second = 0] = [this.#units[at], this.#units[at + 1]];
    return this.#alphabet.symbolOfCodePoint(width === 1 ? first : ((first - 0xd800) << 10) + second - 0xdc00 + 0x10000);
  }

  #endWay(before: number): number {
    const known = this.#endWays[before] ?? 0;
    if (known !== 0) return known;
    return (this.#endWays[before] = this.#wayTo(this.#reaching([], { before, after: EDGE })));
  }

  /** Over a character, backwards: the instructions that compare it and lead on, and what leads to those. */
  #step({ from, cell, symbol, side }: { from: number; cell: number; symbol: number; side: number }): number {
    const { members } = this.#alphabet;
    const viable = this.#states[from / this.#stride - 1]?.viable ?? new Uint16Array(0);
    const readers: number[] = [];
    for (const target of viable) {
      for (const reader of this.#charsInto[target] ?? []) {
        if (members[this.#setOf[reader] ?? 0]?.[symbol] === 1) readers.push(reader);
      }
    }
    this.#charge(viable.length);
    const way = this.#wayTo(this.#reaching(readers, { before: side, after: this.#sideOfSymbol[symbol] ?? 0 }));
    this.#table[cell] = way;
    return way;
  }

  /** The instructions from which `readers` or the end of a match is reached without a character. */
  #reaching(readers: readonly number[], sides: Sides | undefined): Uint16Array {
    const round = ++this.#round;
    const reached = [MATCH, ...readers];
    for (const at of reached) this.#mark[at] = round;
    for (const at of reached) {
      for (const source of this.#othersInto[at] ?? []) {
        if (this.#mark[source] === round) continue;
        const instruction = this.#program.instructions[source];
        if (instruction?.op === "assert" && !(sides && holds(instruction.assertion, sides))) continue;
        this.#mark[source] = round;
        reached.push(source);
      }
    }
    this.#charge(reached.length);
    return Uint16Array.from(reached).sort();
  }

  /** The way to the state of these instructions, which is added when it is new. */
  #wayTo(viable: Uint16Array): number {
    let hash = 0;
    for (const at of viable) hash = (Math.imul(hash, 0x01000193) ^ at) | 0;
    const alike = this.#byHash.get(hash) ?? [];
    let index = alike.find((index) => isSame(this.#states[index - 1]?.viable, viable));
    if (index === undefined) {
      this.#charge(this.#stride);
      index = this.#states.push({ viable, leaves: new Map() });
      this.#kept += viable.length;
      this.#byHash.set(hash, [...alike, index]);
      const cells = (index + 1) * this.#stride;
      if (cells > this.#table.length) {
        const larger = new Int32Array(cells * 2);
        larger.set(this.#table);
        this.#table = larger;
      }
    }
    const canStart = viable.includes(this.#program.start);
    return index * this.#stride * 2 + (canStart ? 1 : 0);
  }

  /** The first character or match, in the order of preference, that comes from `from` and is viable at `at`. */
  #leafOf(at: number, from: number): number {
    const state = this.#states[((this.#ways[at] ?? 0) >> 1) / this.#stride - 1];
    const known = state?.leaves.get(from);
    if (known !== undefined || !state) return known ?? MATCH;
    const round = ++this.#round;
    for (const instruction of state.viable) this.#mark[instruction] = round;
    const waiting = [from];
    let leaf = MATCH;
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (this.#mark[next] !== round) continue;
      // Once only: an empty turn of a loop comes back here.
      this.#mark[next] = 0;
      const instruction = this.#program.instructions[next];
      if (instruction?.op === "split") waiting.push(instruction.second, instruction.first);
      else if (instruction?.op === "assert") waiting.push(instruction.next);
      else {
        leaf = next;
        break;
      }
    }
    this.#charge(state.viable.length);
    state.leaves.set(from, leaf);
    return leaf;
  }
}

const TABLE_ROWS_FIRST = 16;
const UNITS_FIRST = 16_384;

interface Sides {
  before: number;
  after: number;
}

function holds(assertion: Assertion, { before, after }: Sides): boolean {
  switch (assertion) {
    case "line-start":
      return before === EDGE;
    case "line-end":
      return after === EDGE;
    case "word-boundary":
      return (before === WORD) !== (after === WORD);
    case "not-word-boundary":
      return (before === WORD) === (after === WORD);
  }
}

function isSecondOfPair(unit: number | undefined): boolean {
  return unit !== undefined && (unit & 0xfc00) === 0xdc00;
}

function isSame(a: Uint16Array | undefined, b: Uint16Array): boolean {
  return a !== undefined && a.length === b.length && a.every((value, i) => value === b[i]);
}
