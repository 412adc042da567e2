// Answers that are worked out once for all files, each remembering what it was worked out from. An answer is a pure function of
// its key, whatever was asked before: what a cycle cut short is not kept, and what nests too deep has no answer at all.
import { ANYTHING, READ_FILES_MAX, type Reads } from "./tree.ts";

/** Questions that may lead to one another; real code stays below 30. */
const HEIGHT_MAX = 100;

interface Source {
  files: Set<string>;
  places: Set<string>;
  names: Set<string>;
  answers: Set<Answer>;
}

interface Answer extends Source {
  value: unknown;
  /** Position among the questions being worked out; undefined once it is answered. */
  open: number | undefined;
  /** How many questions deep it was. */
  height: number;
  /** The earliest open question that it came back to. */
  lowest: number;
  /** It only passes another answer on, and does not count as deeper. */
  isStep: boolean;
}

export interface Memory {
  /** The answer to the question `key`; `otherwise` where it leads back to itself or too deep. `key` decides `work`. */
  ask<Value>(key: string, otherwise: Value, work: () => Value): Value;
  /** The same for one that only passes another answer on: chains of such may be of any length. */
  pass<Value>(key: string, otherwise: Value, work: () => Value): Value;
  isKnown(key: string): boolean;
  readFile(path: string): void;
  readPlace(place: string): void;
  readName(name: string): void;
  /** What all that is asked within `work` depends on. */
  record<Value>(work: () => Value): { value: Value; reads: Reads };
}

export function createMemory(): Memory {
  const answers = new Map<string, Answer>();
  const open: Answer[] = [];
  let isTooDeep = false;
  let top: Source = newSource();
  const current = (): Source => open.at(-1) ?? top;

  return {
    ask: (key, otherwise, work) => answerOf({ key, otherwise, work, isStep: false }),
    pass: (key, otherwise, work) => answerOf({ key, otherwise, work, isStep: true }),
    isKnown: (key) => answers.has(key),
    readFile: (path) => void current().files.add(path),
    readPlace: (place) => void current().places.add(place),
    readName: (name) => void current().names.add(name),
    record(work) {
      top = newSource();
      const value = work();
      return { value, reads: readsOf(top) };
    },
  };

  function answerOf<Value>({ key, otherwise, work, isStep }: Question<Value>): Value {
    if (isTooDeep) return otherwise;
    const asking = open.at(-1);
    const known = answers.get(key);
    if (known) {
      current().answers.add(known);
      if (known.open !== undefined) {
        if (asking) asking.lowest = Math.min(asking.lowest, known.open);
        return otherwise;
      }
      rise(asking, known);
      // The same key always holds the same kind of value.
      return known.value as Value;
    }
    if (open.length >= HEIGHT_MAX) {
      isTooDeep = true;
      return otherwise;
    }
    const depth = open.length;
    const answer: Answer = { ...newSource(), value: otherwise, open: depth, height: 1, lowest: depth, isStep };
    answers.set(key, answer);
    current().answers.add(answer);
    open.push(answer);
    const value = work();
    open.pop();
    return close(key, answer, asking, value) ? value : otherwise;
  }

  /** Keeps the answer if it is final. False where it has none. */
  function close(key: string, answer: Answer, asking: Answer | undefined, value: unknown): boolean {
    const position = answer.open ?? 0;
    answer.open = undefined;
    const isRoot = asking === undefined;
    if (isTooDeep || answer.height > HEIGHT_MAX) {
      // Only of the outermost question is it known that it is too deep: the others were cut on the way.
      answer.height = HEIGHT_MAX + 1;
      if (isTooDeep && !isRoot) answers.delete(key);
      rise(asking, answer);
      if (isRoot) isTooDeep = false;
      return false;
    }
    answer.value = value;
    rise(asking, answer);
    if (asking && answer.lowest < position) {
      asking.lowest = Math.min(asking.lowest, answer.lowest);
      answers.delete(key);
    }
    return true;
  }
}

interface Question<Value> {
  key: string;
  otherwise: Value;
  work: () => Value;
  isStep: boolean;
}

function rise(asking: Answer | undefined, answer: Answer): void {
  if (asking) asking.height = Math.max(asking.height, answer.height + (asking.isStep ? 0 : 1));
}

function newSource(): Source {
  return { files: new Set(), places: new Set(), names: new Set(), answers: new Set() };
}

/** All that a source and the answers it used were worked out from. */
function readsOf(top: Source): Reads {
  const files = new Set(top.files);
  const places = new Set(top.places);
  const names = new Set(top.names);
  const seen = new Set<Source>([top]);
  const queue: Source[] = [top];
  for (let source = queue.pop(); source; source = queue.pop()) {
    for (const path of source.files) files.add(path);
    for (const place of source.places) places.add(place);
    for (const name of source.names) names.add(name);
    if (files.size > READ_FILES_MAX) return { files: [ANYTHING], places: [ANYTHING], names: [] };
    for (const answer of source.answers)
      if (!seen.has(answer)) {
        seen.add(answer);
        queue.push(answer);
      }
  }
  return { files: [...files].sort(), places: [...places].sort(), names: [...names].sort() };
}
