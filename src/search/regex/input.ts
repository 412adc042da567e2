// The pattern being read, character by character, and how its mistakes are told.
import { type AppError, invalidInput } from "../../errors.ts";

export interface Input {
  /** One code point each. */
  chars: readonly string[];
  at: number;
  /** Names of capture groups so far: RE2 and ripgrep want them different. */
  groupNames: Set<string>;
}

export function inputOf(query: string): Input {
  return { chars: Array.from(query), at: 0, groupNames: new Set() };
}

export function startsWith(input: Input, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (input.chars[input.at + i] !== text[i]) return false;
  return true;
}

/** What follows, for a regular expression to look at. No construct of the syntax is longer. */
export function ahead(input: Input): string {
  return input.chars.slice(input.at, input.at + LOOK_AHEAD_CHARS).join("");
}

const LOOK_AHEAD_CHARS = 1000;

/** `problem` names the construct; `offset` counts characters of the query from 0. */
export function refuse(problem: string, offset: number): AppError {
  return invalidInput("query", `${problem} (at character offset ${offset}).`);
}
