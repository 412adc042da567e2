// Character classes: [a-z], [^\s"], [[:alpha:]_]. What RE2 and ripgrep read differently (a bare `[`, `&&`, `--` and
// `~~`, which ripgrep takes for nesting and set operations) is refused rather than guessed.
import { type CodePoints, contains, countOf, fromRanges, negate } from "./code-points.ts";
import { parseEscape } from "./escape.ts";
import { ahead, type Input, refuse, startsWith } from "./input.ts";
import { foldCase } from "./unicode.ts";

/** ASCII only, in RE2 and ripgrep alike. */
const POSIX: ReadonlyMap<string, CodePoints> = new Map(
  Object.entries({
    alnum: [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a],
    alpha: [0x41, 0x5a, 0x61, 0x7a],
    ascii: [0x00, 0x7f],
    blank: [0x09, 0x09, 0x20, 0x20],
    cntrl: [0x00, 0x1f, 0x7f, 0x7f],
    digit: [0x30, 0x39],
    graph: [0x21, 0x7e],
    lower: [0x61, 0x7a],
    print: [0x20, 0x7e],
    punct: [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e],
    space: [0x09, 0x0d, 0x20, 0x20],
    upper: [0x41, 0x5a],
    word: [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a],
    xdigit: [0x30, 0x39, 0x41, 0x46, 0x61, 0x66],
  }),
);

/** Reads the class at `input`, which stands on its `[`. */
export function parseClass(input: Input, { foldsCase }: { foldsCase: boolean }): CodePoints {
  const offset = input.at++;
  const isNegated = startsWith(input, "^");
  if (isNegated) input.at++;
  const ranges: number[] = [];
  for (let isFirst = true; isFirst || !startsWith(input, "]"); isFirst = false) {
    if (input.at >= input.chars.length) throw refuse("The class [ is not closed; write \\[ for the character", offset);
    readItem(input, { ranges, foldsCase });
  }
  input.at++;
  const set = fromRanges(ranges);
  if (!isNegated && countOf(set) === 1 && contains(set, 0x0a)) {
    throw refuse("\\n is not supported: a match never spans lines", offset);
  }
  const folded = foldsCase ? foldCase(set) : set;
  return isNegated ? negate(folded) : folded;
}

function readItem(input: Input, { ranges, foldsCase }: { ranges: number[]; foldsCase: boolean }): void {
  if (startsWith(input, "[")) {
    ranges.push(...readPosix(input, { foldsCase }));
    return;
  }
  const offset = input.at;
  // Anywhere but at the beginning it would have ended the class.
  const isBracket = startsWith(input, "]");
  refuseSetOperation(input);
  const from = readMember(input, { foldsCase });
  if (typeof from !== "number") {
    for (const bound of from) ranges.push(bound);
    return;
  }
  const isRange = startsWith(input, "-") && input.at + 1 < input.chars.length && input.chars[input.at + 1] !== "]";
  if (!isRange) {
    ranges.push(from, from);
    return;
  }
  // RE2 reads a range here, ripgrep three characters.
  if (isBracket) throw refuse("A range cannot begin with ]; write \\] for the character", offset);
  refuseSetOperation(input);
  input.at++;
  if (startsWith(input, "[")) throw refuseBracket(input);
  const to = readMember(input, { foldsCase });
  if (typeof to !== "number") throw refuse("A class such as \\d cannot end a range", offset);
  if (to < from) throw refuse(`The range ${input.chars.slice(offset, input.at).join("")} is backwards`, offset);
  ranges.push(from, to);
}

function readMember(input: Input, { foldsCase }: { foldsCase: boolean }): number | CodePoints {
  if (!startsWith(input, "\\")) return input.chars[input.at++]?.codePointAt(0) ?? 0;
  const offset = input.at;
  const escape = parseEscape(input, { foldsCase });
  if (escape.kind === "assert") {
    throw refuse(`${input.chars.slice(offset, offset + 2).join("")} has no meaning in a class`, offset);
  }
  return escape.kind === "char" ? escape.codePoint : escape.set;
}

function readPosix(input: Input, { foldsCase }: { foldsCase: boolean }): CodePoints {
  const found = /^\[:(\^?)([a-z]+):\]/.exec(ahead(input));
  const set = POSIX.get(found?.[2] ?? "");
  if (!found || !set) throw refuseBracket(input);
  input.at += found[0].length;
  // Folded first: of what is no letter, the other case is no letter either.
  const folded = foldsCase ? foldCase(set) : set;
  return found[1] ? negate(folded) : folded;
}

function refuseBracket(input: Input) {
  const name = /^\[:[^\]]*:\]/.exec(ahead(input))?.[0];
  if (name) return refuse(`There is no class ${name}`, input.at);
  return refuse("[ inside a class (nested classes) is not supported; write \\[ for the character", input.at);
}

function refuseSetOperation(input: Input): void {
  const operator = ["&&", "--", "~~"].find((text) => startsWith(input, text));
  if (!operator) return;
  const escaped = `\\${operator[0] ?? ""}`;
  throw refuse(
    `${operator} inside a class (set operation) is not supported; write ${escaped} for the character`,
    input.at,
  );
}
