// What a backslash means, inside a class and outside: RE2's escapes, as far as ripgrep gives them the same meaning.
import { type CodePoints, CODE_POINT_MAX, EVERY, negate } from "./code-points.ts";
import { ahead, type Input, refuse } from "./input.ts";
import type { Assertion } from "./syntax.ts";
import { digitChars, findProperty, foldCase, spaceChars, wordChars } from "./unicode.ts";

export type Escape =
  | { kind: "char"; codePoint: number }
  | { kind: "set"; set: CodePoints }
  | { kind: "assert"; assertion: Assertion };

const CONTROLS: Readonly<Record<string, number>> = { a: 0x07, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b };

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: "line-start",
  z: "line-end",
  b: "word-boundary",
  B: "not-word-boundary",
};

const UNSUPPORTED: Readonly<Record<string, string>> = {
  C: "\\C (a single byte) is not supported",
  E: "\\E without \\Q before it",
  G: "\\G (end of the last match) is not supported",
  K: "\\K (match reset) is not supported; there is no look-behind",
  N: "\\N is not supported; write .",
  R: "\\R (any line end) is not supported; a match never spans lines",
  U: "\\U is not supported; write \\x{…}",
  X: "\\X (grapheme) is not supported",
  Z: "\\Z is not supported; write $",
  g: "\\g (back-reference or subroutine) is not supported",
  h: "\\h is not supported; write [\\t ]",
  k: "\\k (named back-reference) is not supported",
  u: "\\u is not supported; write \\x{…}",
  "<": "\\< is ambiguous: write < for the character, \\b for the edge of a word",
  ">": "\\> is ambiguous: write > for the character, \\b for the edge of a word",
};

/** Reads the escape at `input`, which stands on the backslash. */
export function parseEscape(input: Input, { foldsCase }: { foldsCase: boolean }): Escape {
  const offset = input.at;
  const letter = input.chars[input.at + 1];
  if (letter === undefined) throw refuse("A single \\ ends the pattern; write \\\\ for the character", offset);
  const control = CONTROLS[letter];
  if (control !== undefined) return charOf(input, 2, control);
  const assertion = ASSERTIONS[letter];
  if (assertion) return readAssertion(input, assertion);
  if (/[dDsSwW]/.test(letter)) return setOf(input, 2, perlClass(letter));
  if (letter === "p" || letter === "P") return readProperty(input, { foldsCase });
  if (letter === "x") return readHex(input);
  if (/[0-9]/.test(letter)) return readOctal(input);
  const unsupported = UNSUPPORTED[letter];
  if (unsupported) throw refuse(unsupported, offset);
  if (!/^[!-/:-@[-`{-~ \t\r\v\f]$/.test(letter)) throw refuse(`There is no escape \\${letter}`, offset);
  return charOf(input, 2, letter.charCodeAt(0));
}

function charOf(input: Input, length: number, codePoint: number): Escape {
  input.at += length;
  return { kind: "char", codePoint };
}

function setOf(input: Input, length: number, set: CodePoints): Escape {
  input.at += length;
  return { kind: "set", set };
}

function perlClass(letter: string): CodePoints {
  const lower = letter.toLowerCase();
  const set = lower === "d" ? digitChars() : lower === "s" ? spaceChars() : wordChars();
  return letter === lower ? set : negate(set);
}

function readAssertion(input: Input, assertion: Assertion): Escape {
  const special = /^\\b\{[a-zA-Z-]*\}/.exec(ahead(input))?.[0];
  if (special && special !== "\\b{}") throw refuse(`${special} is not supported; write \\b`, input.at);
  input.at += 2;
  return { kind: "assert", assertion };
}

function readProperty(input: Input, { foldsCase }: { foldsCase: boolean }): Escape {
  const found = /^\\([pP])(?:\{(\^?)([^}]*)\}|([a-zA-Z]))/u.exec(ahead(input));
  if (!found) throw refuse("\\p needs a letter or a name in braces, like \\p{Greek}", input.at);
  const [text, letter, caret, braced, single] = found;
  const name = braced ?? single ?? "";
  const set = name === "Any" ? EVERY : findProperty(name);
  if (!set) {
    const hint = "use a general category (Lu) or a script (Greek), spelled as in Unicode";
    throw refuse(`There is no Unicode class \\p{${name}}; ${hint}`, input.at);
  }
  const folded = foldsCase ? foldCase(set) : set;
  // \P{^Greek} negates twice.
  const isNegated = (letter === "P") !== (caret === "^");
  return setOf(input, Array.from(text).length, isNegated ? negate(folded) : folded);
}

function readHex(input: Input): Escape {
  const found = /^\\x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))/.exec(ahead(input));
  if (!found) throw refuse("\\x needs two hexadecimal digits or some in braces, like \\x{1F600}", input.at);
  const codePoint = Number.parseInt(found[1] ?? found[2] ?? "", 16);
  if (codePoint > CODE_POINT_MAX || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
    throw refuse(`${found[0]} is not a Unicode character`, input.at);
  }
  return charOf(input, found[0].length, codePoint);
}

/** RE2: \0 and up to two more digits, or two to three digits from 1 to 7; a digit alone refers back. */
function readOctal(input: Input): Escape {
  const found = /^\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(ahead(input));
  if (!found) {
    const reference = /^\\[0-9]+/.exec(ahead(input))?.[0] ?? "";
    throw refuse(`The back-reference ${reference} is not supported`, input.at);
  }
  return charOf(input, found[0].length, Number.parseInt(found[1] ?? "", 8));
}
