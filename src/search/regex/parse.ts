// RE2's syntax with ripgrep's default meaning. What the two read differently, and what neither has (look-around,
// back-references, possessive quantifiers), is refused by name and place, never approximated.
import { REGEX_NESTING_MAX, REGEX_REPEAT_MAX } from "../limits.ts";
import { CODE_POINT_MAX } from "./code-points.ts";
import { parseEscape } from "./escape.ts";
import { ahead, type Input, inputOf, refuse, startsWith } from "./input.ts";
import { parseClass } from "./parse-class.ts";
import { alternate, chars, concat, type Node, repeat } from "./syntax.ts";
import { foldCase } from "./unicode.ts";

interface Flags {
  foldsCase: boolean;
  /** (?U): a quantifier is lazy, and greedy with `?` after it. */
  swapsGreed: boolean;
}

/** Throws `invalid_input` that names what is wrong or not supported, and where. Linear in the pattern. */
export function parseRegex(query: string, { foldsCase }: { foldsCase: boolean }): Node {
  const input = inputOf(query);
  const node = parseAlternatives(input, { flags: { foldsCase, swapsGreed: false }, depth: 0 });
  if (input.at < input.chars.length) throw refuse("There is no ( for this ); write \\) for the character", input.at);
  return node;
}

/** The characters as they are. */
export function literalNode(text: string, { foldsCase }: { foldsCase: boolean }): Node {
  return concat(Array.from(text, (char) => charNode(char.codePointAt(0) ?? 0, foldsCase)));
}

function charNode(codePoint: number, foldsCase: boolean): Node {
  const set = [codePoint, codePoint];
  return chars(foldsCase ? foldCase(set) : set);
}

/** Until the end or the `)` of the group. `flags` is this group's own: `(?i)` inside changes the rest of it. */
function parseAlternatives(input: Input, { flags, depth }: { flags: Flags; depth: number }): Node {
  const alternatives: Node[] = [];
  let sequence: Sequence = { nodes: [], state: "start" };
  while (input.at < input.chars.length && !startsWith(input, ")")) {
    if (startsWith(input, "|")) {
      input.at++;
      alternatives.push(concat(sequence.nodes));
      sequence = { nodes: [], state: "start" };
    } else parseTerm(input, { sequence, flags, depth });
  }
  return alternate([...alternatives, concat(sequence.nodes)]);
}

interface Sequence {
  nodes: Node[];
  /** What a quantifier that comes next would stand behind. */
  state: "start" | "atom" | "quantifier";
}

function parseTerm(
  input: Input,
  { sequence, flags, depth }: { sequence: Sequence; flags: Flags; depth: number },
): void {
  const char = input.chars[input.at] ?? "";
  const push = (node: Node) => {
    sequence.nodes.push(node);
    sequence.state = "atom";
  };
  const quantifier = parseQuantifier(input);
  if (quantifier) applyQuantifier(input, { sequence, flags, quantifier });
  else if (startsWith(input, "\\Q")) for (const node of parseQuote(input, flags)) push(node);
  else if (char === "(") {
    const group = parseGroup(input, { flags, depth });
    if (group) push(group);
    else sequence.state = "start";
  } else if (char === "[") push(chars(parseClass(input, flags)));
  else if (char === "\\") push(parseEscaped(input, flags));
  else {
    input.at++;
    if (char === ".") push(chars([0, CODE_POINT_MAX]));
    else if (char === "^") push({ kind: "assert", assertion: "line-start" });
    else if (char === "$") push({ kind: "assert", assertion: "line-end" });
    else push(charNode(char.codePointAt(0) ?? 0, flags.foldsCase));
  }
}

function parseQuote(input: Input, { foldsCase }: Flags): Node[] {
  const nodes: Node[] = [];
  for (input.at += 2; input.at < input.chars.length && !startsWith(input, "\\E"); input.at++) {
    nodes.push(charNode(input.chars[input.at]?.codePointAt(0) ?? 0, foldsCase));
  }
  if (input.at < input.chars.length) input.at += 2;
  return nodes;
}

function parseEscaped(input: Input, { foldsCase }: Flags): Node {
  const offset = input.at;
  const escape = parseEscape(input, { foldsCase });
  if (escape.kind === "assert") return escape;
  if (escape.kind === "set") return chars(escape.set);
  if (escape.codePoint !== 0x0a) return charNode(escape.codePoint, foldsCase);
  throw refuse(`${input.chars.slice(offset, input.at).join("")} is not supported: a match never spans lines`, offset);
}

interface Quantifier {
  text: string;
  offset: number;
  min: number;
  max: number;
}

/** RE2: a `{` that begins no count is the character itself. */
function parseQuantifier(input: Input): Quantifier | undefined {
  const offset = input.at;
  const char = input.chars[offset] ?? "";
  if (char === "*" || char === "+" || char === "?") {
    input.at++;
    return { text: char, offset, min: char === "+" ? 1 : 0, max: char === "?" ? 1 : Infinity };
  }
  if (char !== "{") return undefined;
  const counted = /^\{([0-9]+)(?:(,)([0-9]*))?\}/.exec(ahead(input));
  if (!counted) {
    const spaced = /^\{\s*[0-9]+\s*(,\s*[0-9]*\s*)?\}/.exec(ahead(input))?.[0];
    if (spaced)
      throw refuse(`${spaced} is ambiguous: write the count without spaces, or \\{ for the character`, offset);
    return undefined;
  }
  const [text, low, comma, high] = counted;
  const min = Number(low);
  const max = comma ? (high ? Number(high) : Infinity) : min;
  if (min > REGEX_REPEAT_MAX || (max !== Infinity && max > REGEX_REPEAT_MAX)) {
    throw refuse(`The repetition ${text} is too large: at most ${REGEX_REPEAT_MAX}`, offset);
  }
  if (max < min) throw refuse(`The repetition ${text} is backwards`, offset);
  input.at += text.length;
  return { text, offset, min, max };
}

function applyQuantifier(
  input: Input,
  { sequence, flags, quantifier }: { sequence: Sequence; flags: Flags; quantifier: Quantifier },
): void {
  const { text, offset, min, max } = quantifier;
  const child = sequence.state === "atom" ? sequence.nodes.pop() : undefined;
  if (!child) {
    if (sequence.state === "start")
      throw refuse(`${text} has nothing to repeat; write \\${text} for the characters`, offset);
    const name = text === "+" ? "a possessive quantifier" : "a quantifier of a quantifier";
    throw refuse(`${text} after a quantifier (${name}) is not supported; write (?:…)${text} to repeat again`, offset);
  }
  const isLazy = startsWith(input, "?");
  if (isLazy) input.at++;
  sequence.nodes.push(repeat(child, { min, max, greedy: isLazy === flags.swapsGreed }));
  sequence.state = "quantifier";
}

const UNSUPPORTED_GROUPS: readonly [RegExp, string][] = [
  [/^\(\?=/, "The look-ahead (?= is not supported"],
  [/^\(\?!/, "The negative look-ahead (?! is not supported"],
  [/^\(\?<=/, "The look-behind (?<= is not supported"],
  [/^\(\?<!/, "The negative look-behind (?<! is not supported"],
  [/^\(\?>/, "The atomic group (?> is not supported"],
  [/^\(\?\|/, "The branch reset (?| is not supported"],
  [/^\(\?#/, "The comment (?# is not supported"],
  [/^\(\?\(/, "The condition (?( is not supported"],
  [/^\(\?P=/, "The named back-reference (?P= is not supported"],
  [/^\(\?(?:R|[+-]?[0-9]|&|P>)/, "The recursion (?R), (?1) or (?&name) is not supported"],
  [/^\(\*[A-Z]/, "The verb (*…) is not supported"],
];

/** Reads a group; undefined for one that only sets flags, such as `(?i)`, which it sets. */
function parseGroup(input: Input, { flags, depth }: { flags: Flags; depth: number }): Node | undefined {
  const offset = input.at;
  if (depth >= REGEX_NESTING_MAX) {
    throw refuse(`Groups are nested too deeply: at most ${REGEX_NESTING_MAX} levels`, offset);
  }
  const opening = readOpening(input, flags);
  if (!opening) return undefined;
  const node = parseAlternatives(input, { flags: opening, depth: depth + 1 });
  if (input.at >= input.chars.length) throw refuse("The group ( is not closed; write \\( for the character", offset);
  input.at++;
  return node;
}

/** The flags inside the group. */
function readOpening(input: Input, flags: Flags): Flags | undefined {
  const offset = input.at;
  const text = ahead(input);
  for (const [opening, problem] of UNSUPPORTED_GROUPS) if (opening.test(text)) throw refuse(problem, offset);
  if (!text.startsWith("(?")) {
    input.at++;
    return { ...flags };
  }
  const named = /^\(\?P?<([^>]*)>/u.exec(text);
  if (named) {
    readName(input, named[1] ?? "");
    return { ...flags };
  }
  const found = /^\(\?([a-zA-Z]*)(-[a-zA-Z]+)?([:)])/.exec(text);
  if (!found || found[0] === "(?)") throw refuse("(? begins no group that is known; write (?:…)", offset);
  const [all, on = "", off = "", end] = found;
  const changed = { ...flags };
  for (const flag of on) setFlag(changed, { flag, isOn: true, offset });
  for (const flag of off.slice(1)) setFlag(changed, { flag, isOn: false, offset });
  input.at += all.length;
  if (end === ":") return changed;
  Object.assign(flags, changed);
  return undefined;
}

function readName(input: Input, name: string): void {
  if (!/^[A-Za-z0-9_]+$/.test(name)) throw refuse(`'${name}' cannot name a group: use letters, digits and _`, input.at);
  if (input.groupNames.has(name)) throw refuse(`There are two groups named '${name}'`, input.at);
  input.groupNames.add(name);
  input.at = input.chars.indexOf(">", input.at) + 1;
}

function setFlag(flags: Flags, { flag, isOn, offset }: { flag: string; isOn: boolean; offset: number }): void {
  if (flag === "i") flags.foldsCase = isOn;
  else if (flag === "U") flags.swapsGreed = isOn;
  else if (flag !== "m" && flag !== "s")
    throw refuse(`The flag (?${flag}) is not supported; there are i, m, s and U`, offset);
}
