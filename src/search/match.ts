// Matching a text line by line: which lines, how many matches, where the first of each line is. As `rg` does by
// default: a `\r` before the newline belongs to the line, and text that ends in a newline has no line after it.
import type { Pattern } from "./parse-query.ts";
import { Automaton } from "./regex/automaton.ts";
import { foldText, requiredFoldedTextOf, requiredTextOf } from "./regex/pieces.ts";
import { windowOf, type Window } from "./regex/window.ts";

export interface Matcher {
  /** What every line with a match holds, to leave texts out beforehand. Never given without case. */
  requiredLiteral?: RequiredLiteral;
  /**
   * Counts of the whole text, and its first `linesMax` lines with a match. Linear in the text; throws `invalid_input`
   * when a pattern with large repetitions would take too long on one line (REGEX_LINE_WORK_MAX) or on the texts since
   * `beginFile` (REGEX_FILE_WORK_MAX).
   */
  matchText: (text: string, bounds: { linesMax: number }) => TextMatches;
  /** The texts that follow are another file's. */
  beginFile: (path: string) => void;
  /** Work so far that was not a mere look-up, over all texts. */
  readonly steps: number;
}

interface RequiredLiteral {
  text: string;
  caseSensitive: true;
}

export interface TextMatches {
  matchCount: number;
  lineCount: number;
  lines: LineMatch[];
}

/** A line with a match. Offsets count UTF-16 units. */
interface LineMatch {
  /** From 0. */
  lineIndex: number;
  /** Offsets in the text; the end is before the newline. */
  lineStart: number;
  lineEnd: number;
  /** Offsets in the line of its first match. */
  start: number;
  end: number;
}

export function createMatcher(pattern: Pattern): Matcher {
  const { literal } = pattern;
  const required = literal ?? requiredTextOf(pattern.node);
  const requiredLiteral =
    required === undefined ? {} : { requiredLiteral: { text: required, caseSensitive: true } as const };
  if (literal !== undefined) {
    const matchText: Matcher["matchText"] = (text, bounds) => matchLiteral(text, { literal, ...bounds });
    return { ...requiredLiteral, matchText, beginFile: () => undefined, steps: 0 };
  }
  const automaton = new Automaton(pattern.program);
  const folded = required === undefined ? requiredFoldedTextOf(pattern.node) : undefined;
  const window = required === undefined && folded === undefined ? windowOf(pattern.node) : undefined;
  return {
    ...requiredLiteral,
    matchText: (text, bounds) =>
      matchRegex(text, { automaton, find: finderOf(text, { required, folded, window }), ...bounds }),
    beginFile: (path) => automaton.beginFile(path),
    get steps() {
      return automaton.steps;
    },
  };
}

function matchLiteral(text: string, { literal, linesMax }: { literal: string; linesMax: number }): TextMatches {
  const found: TextMatches = { matchCount: 0, lineCount: 0, lines: [] };
  const cursor = { index: 0, start: 0 };
  let lineEnd = -1;
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length)) {
    found.matchCount++;
    if (at < lineEnd) continue;
    lineEnd = endOfLine(text, at);
    found.lineCount++;
    if (found.lines.length >= linesMax) continue;
    goToLine(text, cursor, at);
    const start = at - cursor.start;
    const end = start + literal.length;
    found.lines.push({ lineIndex: cursor.index, lineStart: cursor.start, lineEnd, start, end });
  }
  return found;
}

/** The first offset at or after `from` of what stands in every match, or -1. */
type Find = (from: number) => number;

/** Undefined where every line is to be looked at. */
function finderOf(
  text: string,
  parts: { required: string | undefined; folded: string | undefined; window: Window | undefined },
): Find | undefined {
  const { required, folded, window } = parts;
  if (required !== undefined) return (from) => text.indexOf(required, from);
  if (folded !== undefined) {
    const lower = foldText(text);
    // İ becomes two characters.
    return lower.length === text.length ? (from) => lower.indexOf(folded, from) : undefined;
  }
  return window && !SURROGATE.test(text) ? (from) => window.find(text, from) : undefined;
}

const SURROGATE = /[\ud800-\udfff]/;

function matchRegex(
  text: string,
  { automaton, find, linesMax }: { automaton: Automaton; find: Find | undefined; linesMax: number },
): TextMatches {
  const found: TextMatches = { matchCount: 0, lineCount: 0, lines: [] };
  const cursor = { index: 0, start: 0 };
  let isOpen = false;
  for (let at = 0; at < text.length;) {
    if (find) {
      at = find(at);
      if (at < 0) break;
      goToLine(text, cursor, at);
    }
    if (!isOpen) automaton.open(text);
    isOpen = true;
    const lineStart = cursor.start;
    const lineEnd = endOfLine(text, at);
    if (automaton.scan(lineStart, lineEnd)) {
      const { count, start, end } = matchesOfLine(text, { automaton, lineStart, lineEnd });
      found.matchCount += count;
      found.lineCount++;
      if (found.lines.length < linesMax) found.lines.push({ lineIndex: cursor.index, lineStart, lineEnd, start, end });
    }
    at = lineEnd + 1;
    cursor.index++;
    cursor.start = at;
  }
  return found;
}

/**
 * Counts as `rg --count-matches` does: matches do not overlap, an empty one does not directly follow another, and
 * none is empty at the end of a text without a final newline. A line with a match counts once at least.
 */
function matchesOfLine(
  text: string,
  { automaton, lineStart, lineEnd }: { automaton: Automaton; lineStart: number; lineEnd: number },
): { count: number; start: number; end: number } {
  const length = lineEnd - lineStart;
  const start = automaton.nextStart(0);
  const firstEnd = automaton.matchEnd(start);
  let count = 0;
  let lastEnd = -1;
  let end = firstEnd;
  for (let at = start; at >= 0 && (at < length || lineEnd < text.length); at = automaton.nextStart(at)) {
    end = automaton.matchEnd(at);
    if (end > at || end !== lastEnd) count++;
    lastEnd = end;
    if (end > at) {
      at = end;
      continue;
    }
    const codePoint = text.codePointAt(lineStart + at) ?? 0;
    if (codePoint > 0x7f && at < length && automaton.matchesInsideCharacters) {
      // ripgrep goes on byte by byte, and nothing is found between any two.
      count += utf8Length(codePoint) - 1;
      lastEnd = -1;
    }
    at += codePoint > 0xffff ? 2 : 1;
  }
  return { count: Math.max(1, count), start, end: firstEnd };
}

function utf8Length(codePoint: number): number {
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}

function endOfLine(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline;
}

/** Moves the cursor on to the line that holds `at`. */
function goToLine(text: string, cursor: { index: number; start: number }, at: number): void {
  for (let newline = text.indexOf("\n", cursor.start); newline >= 0 && newline < at;) {
    cursor.index++;
    cursor.start = newline + 1;
    newline = text.indexOf("\n", cursor.start);
  }
}
