// The states of the automaton that reads a line backwards, made when they are first needed. A state is the set of
// instructions from which a match can be reached at a position; a way leads to it from the state after it.
import { invalidInput } from "../../errors.ts";
import { REGEX_FILE_WORK_MAX, REGEX_LINE_WORK_MAX, REGEX_TABLE_CELLS_MAX } from "../limits.ts";
import { type Alphabet, alphabetOf } from "./alphabet.ts";
import { arrowsInto, MATCH, type Program } from "./program.ts";
import type { Assertion } from "./syntax.ts";

/** What stands beside a position: the end of the line, a word character, or another one. */
export const EDGE = 0;
const OTHER = 1;
const WORD = 2;

interface State {
  /** Instructions from which a match can be reached, ascending. */
  viable: Uint16Array;
  /** For an instruction of `viable`: the character or match that its preferred way comes to. */
  leaves: Map<number, number>;
}

const TABLE_ROWS_FIRST = 16;

/** Keeps what it learned from one line to the next, up to REGEX_TABLE_CELLS_MAX. */
export class LazyStates {
  readonly #program: Program;
  readonly alphabet: Alphabet;
  /** Which set, as an index into the alphabet's members, an instruction compares; -1 for others. */
  readonly #setOf: Int32Array;
  /** For each instruction the characters that lead to it, and the others that do without one. */
  readonly #charsInto: readonly (readonly number[])[];
  readonly #othersInto: readonly (readonly number[])[];
  /** 3 when it matters what stands before a position, else 1. */
  readonly sides: number;
  readonly #stride: number;
  readonly sideOfSymbol: Uint8Array;

  /**
   * Ways, by (row of the state + symbol * sides + side before the symbol). A way is (row of the next state) * 2 + (1
   * if a match can start there); 0 where it was not yet asked for.
   */
  table = new Int32Array(0);
  #states: State[] = [];
  #byHash = new Map<number, number[]>();
  /** The way at the end of a line, by what stands before it. */
  readonly #endWays = new Int32Array(3);
  /** Instructions in all states. */
  #kept = 0;

  #lineLength = 0;
  #work = 0;
  #workBefore = 0;
  #path = "";
  #stepsBeforeFile = 0;

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
    this.alphabet = alphabetOf(sets, { tellsWords });
    this.sides = assertions.size > 0 ? 3 : 1;
    this.#stride = this.alphabet.size * this.sides;
    this.sideOfSymbol = this.alphabet.isWord.map((isWord) => (this.sides === 1 ? 0 : isWord ? WORD : OTHER));
    const arrows = arrowsInto(program);
    this.#charsInto = arrows.chars;
    this.#othersInto = arrows.others;
    this.#mark = new Uint32Array(instructions.length);
    this.#forget();
    this.matchesInsideCharacters = this.#reaching([], undefined).includes(program.start);
  }

  /** Visits of instructions and new cells so far: what grows at most linearly with the text. */
  get steps(): number {
    return this.#workBefore + this.#work;
  }

  /** Before the lines of another file: the bound of a file's work begins anew. `path` is for messages. */
  beginFile(path: string): void {
    this.#path = path;
    this.#stepsBeforeFile = this.steps;
  }

  /** Before the ways of another line are asked for; those of the last one may be forgotten. */
  beginLine(length: number): void {
    this.#workBefore += this.#work;
    this.#work = 0;
    this.#lineLength = length;
    if (Math.max(this.#states.length * this.#stride, this.#kept) > REGEX_TABLE_CELLS_MAX) this.#forget();
  }

  /** The way at the end of a line, after something of the side `before`. */
  endWay(before: number): number {
    const known = this.#endWays[before] ?? 0;
    if (known !== 0) return known;
    return (this.#endWays[before] = this.#wayTo(this.#reaching([], { before, after: EDGE })));
  }

  /** Over a character, backwards: the instructions that compare it and lead on, and what leads to those. */
  step({ from, cell, symbol, side }: { from: number; cell: number; symbol: number; side: number }): number {
    const { members } = this.alphabet;
    const viable = this.#states[from / this.#stride - 1]?.viable ?? new Uint16Array(0);
    const readers: number[] = [];
    for (const target of viable) {
      for (const reader of this.#charsInto[target] ?? []) {
        if (members[this.#setOf[reader] ?? 0]?.[symbol] === 1) readers.push(reader);
      }
    }
    this.#charge(viable.length);
    const way = this.#wayTo(this.#reaching(readers, { before: side, after: this.sideOfSymbol[symbol] ?? 0 }));
    this.table[cell] = way;
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
      if (cells > this.table.length) {
        const larger = new Int32Array(Math.ceil(cells * 1.5));
        larger.set(this.table);
        this.table = larger;
      }
    }
    const canStart = viable.includes(this.#program.start);
    return index * this.#stride * 2 + (canStart ? 1 : 0);
  }

  /** The first character or match, in the order of preference, that comes from `from` and is viable at the end of `way`. */
  leafOf(way: number, from: number): number {
    const state = this.#states[(way >> 1) / this.#stride - 1];
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

  #forget(): void {
    this.table = new Int32Array(TABLE_ROWS_FIRST * this.#stride);
    this.#states = [];
    this.#byHash.clear();
    this.#endWays.fill(0);
    this.#kept = 0;
  }

  #charge(work: number): void {
    this.#work += work;
    const isOver = this.#work > REGEX_LINE_WORK_MAX || this.steps - this.#stepsBeforeFile > REGEX_FILE_WORK_MAX;
    if (!isOver) return;
    const where = this.#work > REGEX_LINE_WORK_MAX ? "a line" : "a file with lines";
    const advice = "Use smaller repetitions, or leave files with such lines out (path).";
    const length = `${where} of ${this.#lineLength} characters`;
    throw invalidInput("query", `The pattern takes too long on ${length} in ${this.#path}. ${advice}`);
  }
}

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

function isSame(a: Uint16Array | undefined, b: Uint16Array): boolean {
  return a !== undefined && a.length === b.length && a.every((value, i) => value === b[i]);
}
