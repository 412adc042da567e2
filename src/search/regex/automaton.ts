// All matches in a line, in linear time however many there are and whatever the pattern. Two passes (Frisch and
// Cardelli, "Greedy regular expression matching", 2004): from the end to the beginning a lazy deterministic
// automaton finds, for each position, the instructions from which a match can be reached; from the beginning to the
// end a match then follows the preferred one of those, and never has to turn back.
import { PAIR } from "./alphabet.ts";
import { EDGE, LazyStates } from "./lazy-states.ts";
import type { Program } from "./program.ts";

/** A way that is no way: the middle of a surrogate pair. */
const NOWHERE = 0;

const UNITS_FIRST = 16_384;

/**
 * `open` a text, `scan` a line, then ask for its matches. Throws `invalid_input` when one line would take more work
 * than REGEX_LINE_WORK_MAX, or all since `beginFile` more than REGEX_FILE_WORK_MAX.
 */
export class Automaton {
  readonly #program: Program;
  readonly #states: LazyStates;
  #units = new Uint16Array(0);
  /** For each position of the scanned line the way that leads to it from the end. */
  #ways = new Int32Array(0);
  #length = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#states = new LazyStates(program);
  }

  get steps(): number {
    return this.#states.steps;
  }

  get matchesInsideCharacters(): boolean {
    return this.#states.matchesInsideCharacters;
  }

  beginFile(path: string): void {
    this.#states.beginFile(path);
  }

  /** Takes the text whose lines are scanned next. It holds no half of a surrogate pair. */
  open(text: string): void {
    // Units in an array are read twice as fast as those of a string, whose representation is looked up each time.
    if (this.#units.length < text.length) this.#units = new Uint16Array(Math.max(UNITS_FIRST, text.length));
    Buffer.from(this.#units.buffer).write(text, "utf16le");
  }

  /** Reads the line from `from` to `to` backwards and answers whether it has a match. */
  scan(from: number, to: number): boolean {
    this.#states.beginLine(to - from);
    this.#length = to - from;
    if (this.#length >= this.#ways.length) this.#ways = new Int32Array(2 * this.#length + 256);
    const units = this.#units;
    const ways = this.#ways;
    const { sides, sideOfSymbol } = this.#states;
    const { symbolOfUnit } = this.#states.alphabet;
    let { symbol, side, width } = this.#characterBefore(to, from);
    let way = this.#states.endWay(side);
    let found = (ways[to - from] = way);
    // Each turn takes the character that ends at `end`, knowing the one before it, on which assertions depend.
    for (let end = to; end > from;) {
      const { table } = this.#states;
      // The common case by itself: a loop without a call runs twice as fast, for what it reads stays in registers.
      const last = width === 1 ? from + 1 : end;
      while (end > last) {
        const before = symbolOfUnit[units[end - 2] ?? 0] ?? 0;
        if (before === PAIR) break;
        const next = table[(way >> 1) + symbol * sides + (sideOfSymbol[before] ?? 0)] ?? 0;
        if (next === 0) break;
        end--;
        way = next;
        ways[end - from] = way;
        found |= way;
        symbol = before;
      }
      if (width === 2) ways[--end - from] = NOWHERE;
      end--;
      const before = this.#characterBefore(end, from);
      const cell = (way >> 1) + symbol * sides + before.side;
      way = table[cell] || this.#states.step({ from: way >> 1, cell, symbol, side: before.side });
      ways[end - from] = way;
      found |= way;
      ({ symbol, side, width } = before);
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
      const instruction = instructions[this.#states.leafOf(this.#ways[at] ?? 0, from)];
      if (instruction?.op !== "char") return at;
      from = instruction.next;
      at += at + 1 < this.#length && this.#ways[at + 1] === NOWHERE ? 2 : 1;
    }
  }

  /** The character that ends at `end`; at the beginning of the line an edge. */
  #characterBefore(end: number, from: number): { symbol: number; side: number; width: number } {
    if (end === from) return { symbol: 0, side: EDGE, width: 0 };
    const { symbolOfUnit, symbolOfCodePoint } = this.#states.alphabet;
    const last = this.#units[end - 1] ?? 0;
    let symbol = symbolOfUnit[last] ?? 0;
    let width = 1;
    if (symbol === PAIR) {
      const first = end - 1 > from ? (this.#units[end - 2] ?? 0) : 0;
      width = isFirstOfPair(first) ? 2 : 1;
      symbol = symbolOfCodePoint(width === 2 ? ((first - 0xd800) << 10) + last - 0xdc00 + 0x10000 : last);
    }
    return { symbol, side: this.#states.sideOfSymbol[symbol] ?? 0, width };
  }
}

function isFirstOfPair(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
