// A pattern compiled to instructions, as in Thompson's construction. The shapes of the loops are those of the Rust
// regex crate, because they decide which of several matches comes first.
import { invalidInput } from "../../errors.ts";
import { REGEX_INSTRUCTIONS_MAX } from "../limits.ts";
import type { CodePoints } from "./code-points.ts";
import { type Assertion, canBeEmpty, type Node } from "./syntax.ts";

type Instruction =
  | { op: "match" }
  | { op: "char"; set: CodePoints; next: number }
  | { op: "assert"; assertion: Assertion; next: number }
  /** `first` is preferred. */
  | { op: "split"; first: number; second: number };

export interface Program {
  instructions: readonly Instruction[];
  start: number;
}

/** Instruction 0 of every program. */
export const MATCH = 0;

/** Throws `invalid_input` for a pattern that needs more than REGEX_INSTRUCTIONS_MAX. */
export function compile(node: Node): Program {
  const instructions: Instruction[] = [{ op: "match" }];
  const start = emit(instructions, node, MATCH);
  return { instructions, start };
}

/** For each instruction those that come to it: `chars` over a character, `others` without one. */
export function arrowsInto({ instructions }: Program): { chars: number[][]; others: number[][] } {
  const chars: number[][] = instructions.map(() => []);
  const others: number[][] = instructions.map(() => []);
  for (const [at, instruction] of instructions.entries()) {
    if (instruction.op === "char") chars[instruction.next]?.push(at);
    else if (instruction.op === "assert") others[instruction.next]?.push(at);
    else if (instruction.op === "split") {
      others[instruction.first]?.push(at);
      others[instruction.second]?.push(at);
    }
  }
  return { chars, others };
}

/** Adds what matches `node` and then goes on at `next`; the answer is where it begins. */
function emit(out: Instruction[], node: Node, next: number): number {
  switch (node.kind) {
    case "empty":
      return next;
    case "chars":
      return add(out, { op: "char", set: node.set, next });
    case "assert":
      return add(out, { op: "assert", assertion: node.assertion, next });
    case "concat":
      return node.children.reduceRight((after, child) => emit(out, child, after), next);
    case "alternate":
      return node.children
        .slice(0, -1)
        .reduceRight(
          (second, child) => add(out, { op: "split", first: emit(out, child, next), second }),
          emit(out, node.children.at(-1) ?? { kind: "empty" }, next),
        );
    case "repeat":
      return emitRepeat(out, node, next);
  }
}

function emitRepeat(out: Instruction[], node: Node & { kind: "repeat" }, next: number): number {
  const { child, min, max, greedy } = node;
  const choose = (inside: number, outside: number): Instruction =>
    greedy ? { op: "split", first: inside, second: outside } : { op: "split", first: outside, second: inside };
  const emitPlus = (): number => {
    const loop = add(out, choose(next, next));
    const start = emit(out, child, loop);
    out[loop] = choose(start, next);
    return start;
  };
  let start = next;
  let copies = min;
  if (max === Infinity && min > 0) {
    start = emitPlus();
    copies--;
  } else if (max === Infinity && canBeEmpty(child)) {
    // x* as (x+)?: the plain loop would prefer leaving to an empty turn that comes first, as in (|a)*.
    start = add(out, choose(emitPlus(), next));
  } else if (max === Infinity) {
    start = add(out, choose(next, next));
    out[start] = choose(emit(out, child, start), next);
  } else for (let i = min; i < max; i++) start = add(out, choose(emit(out, child, start), next));
  for (let i = 0; i < copies; i++) start = emit(out, child, start);
  return start;
}

function add(out: Instruction[], instruction: Instruction): number {
  if (out.length >= REGEX_INSTRUCTIONS_MAX) {
    throw invalidInput("query", "The pattern is too large; use smaller repetitions or fewer classes of them.");
  }
  return out.push(instruction) - 1;
}
