// How a match is shown: its line with number and column, and the lines around it. Pure.
import type { SymbolKind } from "../languages/facts.ts";
import { LINE_CHARACTERS_MAX, LINE_LEAD_CHARACTERS } from "./limits.ts";

/** A matching line as callers get it; lines and columns from 1, columns in code points. */
export interface Match {
  line: number;
  column: number;
  text: string;
  before?: string[];
  after?: string[];
}

/** A definition on a line that is shown; a member is named `Container.name`. */
export interface MarkedSymbol {
  name: string;
  kind: SymbolKind;
  line: number;
}

/** Code points before `offset`, plus one. */
export function columnOf(line: string, offset: number): number {
  let column = 1;
  for (let i = 0; i < offset; i += (line.codePointAt(i) ?? 0) > 0xffff ? 2 : 1) column++;
  return column;
}

/** The line without a carriage return at its end, cut around `offset` when it is very long. */
export function shownLine(line: string, offset = 0): string {
  const whole = line.endsWith("\r") ? line.slice(0, -1) : line;
  if (whole.length <= LINE_CHARACTERS_MAX) return whole;
  const start = atCodePoint(whole, Math.max(0, Math.min(offset, whole.length) - LINE_LEAD_CHARACTERS));
  const end = atCodePoint(whole, Math.min(whole.length, start + LINE_CHARACTERS_MAX));
  return `${start > 0 ? "…" : ""}${whole.slice(start, end)}${end < whole.length ? "…" : ""}`;
}

/**
 * The matches of a file, by line, with each line around them shown once: after the match before it rather than before
 * the match after it, and not at all where it is a match itself. What stays in `after` follows its match directly, what
 * stays in `before` directly precedes it.
 */
export function mergeContext(matches: readonly Match[]): Match[] {
  let shown = 0;
  return matches.map(({ before, after, ...match }, i) => {
    const next = matches[i + 1]?.line ?? Infinity;
    const from = match.line - (before?.length ?? 0);
    const rest = {
      ...(before && { before: before.slice(Math.max(0, shown + 1 - from)) }),
      ...(after && { after: after.slice(0, next - match.line - 1) }),
    };
    shown = match.line + (rest.after?.length ?? 0);
    return { ...match, ...rest };
  });
}

/** Lines of a text as an editor counts them: nothing comes after a newline at its end. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Never between the halves of a surrogate pair. */
function atCodePoint(text: string, offset: number): number {
  const unit = text.charCodeAt(offset);
  return unit >= 0xdc00 && unit <= 0xdfff ? offset - 1 : offset;
}
