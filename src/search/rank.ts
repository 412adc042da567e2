// How well a file answers a query of words, from simple signals: how rare the terms are, how often they occur,
// whether they stand in the path or name what it defines, and what kind of file it is. Pure.
import { isGeneratedPath } from "../languages/generated.ts";
import { isCode } from "../languages/language.ts";
import { TERMS_MAX } from "./limits.ts";

/** Words of a question that say nothing about code. */
const STOP_WORDS = new Set(
  "a an and are as at be by can do does for from has have how i if in into is it its of on or should that the their then there these this to use used using was we what when where which why will with you".split(
    " ",
  ),
);

/** A word of the query in lower case. A part of a compound (`parse` of `parseQuery`) counts less than the whole. */
export interface Term {
  text: string;
  weight: number;
}

const PART_WEIGHT = 0.5;
const TERM_CHARACTERS_MIN = 2;

/** The terms of a query, each once, the first TERMS_MAX. */
export function termsOf(query: string): Term[] {
  const words = query.match(/[\p{L}\p{N}_$]+/gu) ?? [];
  const useful = words.filter((word) => !STOP_WORDS.has(word.toLowerCase()));
  const terms = new Map<string, number>();
  const add = (text: string, weight: number) => {
    if (text.length >= TERM_CHARACTERS_MIN) terms.set(text, Math.max(weight, terms.get(text) ?? 0));
  };
  const chosen = useful.length > 0 ? useful : words;
  for (const word of chosen) add(word.toLowerCase(), 1);
  for (const word of chosen) for (const part of partsOf(word)) add(part, PART_WEIGHT);
  return [...terms].slice(0, TERMS_MAX).map(([text, weight]) => ({ text, weight }));
}

/** `parseHTTPQuery_v2` → parse, http, query, v2. A single part is the word itself and adds nothing. */
function partsOf(word: string): string[] {
  const parts = word.split(/[_$]+|(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u).filter(Boolean);
  return parts.length > 1 ? parts.map((part) => part.toLowerCase()) : [];
}

/** What a term is worth that is in `documents` of `total` (the idf of BM25). */
export function rarity(documents: number, total: number): number {
  return Math.log(1 + (Math.max(0, total - documents) + 0.5) / (documents + 0.5));
}

export interface RankedFile {
  path: string;
  language: string;
  isTest: boolean;
  /** Occurrences of each term, by its place in the query's terms. */
  counts: readonly number[];
  /** Names of what it defines, in lower case, as far as they are terms. */
  defined: ReadonlySet<string>;
}

const SATURATION = 1.2;
const NAME_BONUS = 1.5;
const FOLDER_BONUS = 0.5;
const DEFINES_BONUS = 1;
const TEST_SHARE = 0.5;
const NOT_CODE_SHARE = 0.6;
const GENERATED_SHARE = 0.3;

/** Higher is better; 0 for a file with none of the terms. `values` are the terms' weights times rarity. */
export function scoreOf(
  file: RankedFile,
  { terms, values }: { terms: readonly Term[]; values: readonly number[] },
): number {
  const path = file.path.toLowerCase();
  const nameStart = path.lastIndexOf("/") + 1;
  let score = 0;
  terms.forEach(({ text }, i) => {
    const value = values[i] ?? 0;
    const count = file.counts[i] ?? 0;
    score += (value * count) / (count + SATURATION);
    if (path.includes(text, nameStart)) score += value * NAME_BONUS;
    else if (path.includes(text)) score += value * FOLDER_BONUS;
    if (file.defined.has(text)) score += value * DEFINES_BONUS;
  });
  if (file.isTest) score *= TEST_SHARE;
  if (!isCode(file.language)) score *= NOT_CODE_SHARE;
  if (isGeneratedPath(file.path)) score *= GENERATED_SHARE;
  return score;
}
