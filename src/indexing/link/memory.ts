// Answers that are worked out once for all files, each remembering what it was worked out from. An answer that is kept from one
// file to the next is a pure function of its key, whatever was asked before: what a cycle cut short is not kept, and what
// nests too deep has no answer at all.
import { nameInKey } from "../../languages/facts.ts";
import { ANYTHING, READ_FILES_MAX, type Reads } from "./tree.ts";

/** Questions that may lead to one another; real code stays below 30. */
const HEIGHT_MAX = 100;

/** A file, place or name that was looked at. One object for each. */
interface Look {
  of: "files" | "places" | "names" | "within";
  text: string;
}

/** What something was worked out from, in the order it was asked; the same may come again. */
type Sources = (Look | Answer)[];

interface Answer {
  sources: Sources;
  value: unknown;
  /** Position among the questions being worked out; undefined once it is answered. */
  open: number | undefined;
  /** How many questions deep it was. */
  height: number;
  /** The earliest open question that it came back to. */
  lowest: number;
  /** It only passes another answer on, and does not count as deeper. */
  isStep: boolean;
  /** It has to do with questions that lead to one another: which of them was asked first may decide what it is. */
  isCyclic: boolean;
}

export interface Memory {
  /** The answer to the question `key`; `otherwise` where it leads back to itself or too deep. `key` decides `work`. */
  ask<Value>(key: string, otherwise: Value, work: () => Value): Value;
  /** The same for one that only passes another answer on: chains of such may be of any length. */
  pass<Value>(key: string, otherwise: Value, work: () => Value): Value;
  /**
   * What `step` makes of `of`, which decide `work`: made once in a `record`, where nothing is being asked. Of 71,000 references of
   * hono 16,000 differ within their file, and what a chain of calls begins with is part of each that follows.
   */
  once<Value>(of: object | string, step: string, work: () => Value): Value;
  isKnown(key: string): boolean;
  readFile(path: string): void;
  readPlace(place: string): void;
  readName(name: string): void;
  /** The name was looked up in a file that is read. */
  readWithin(name: string): void;
  /** What all that is asked within `work` depends on. */
  record<Value>(work: () => Value): { value: Value; reads: Reads };
}

export function createMemory(): Memory {
  const answers = new Map<string, Answer>();
  const open: Answer[] = [];
  /** Those of answers that are not kept for the next file. */
  const cyclic = new Set<string>();
  let isTooDeep = false;
  let top: Sources = [];
  let current: Sources = top;
  let steps = new Map<object | string, Map<string, unknown>>();
  const files = new Map<string, Look>();
  const places = new Map<string, Look>();
  const names = new Map<string, Look>();
  const within = new Map<string, Look>();

  return {
    ask: (key, otherwise, work) => answerOf({ key, otherwise, work, isStep: false }),
    pass: (key, otherwise, work) => answerOf({ key, otherwise, work, isStep: true }),
    once(of, step, work) {
      // A question notes for itself what it was worked out from.
      if (open.length > 0) return work();
      let known = steps.get(of);
      if (!known) steps.set(of, (known = new Map()));
      // The same step of the same holds the same kind of value.
      if (known.has(step)) return known.get(step) as ReturnType<typeof work>;
      const value = work();
      known.set(step, value);
      return value;
    },
    isKnown: (key) => answers.has(key),
    readFile: (path) => use(lookAt(files, "files", path)),
    readPlace: (place) => use(lookAt(places, "places", place)),
    readName: (name) => use(lookAt(names, "names", nameInKey(name))),
    readWithin: (name) => use(lookAt(within, "within", nameInKey(name))),
    record(work) {
      top = current = [];
      steps = new Map();
      for (const key of cyclic) answers.delete(key);
      cyclic.clear();
      const value = work();
      return { value, reads: readsOf(top) };
    },
  };

  function use(source: Look | Answer): void {
    if (current.at(-1) !== source) current.push(source);
  }

  function answerOf<Value>({ key, otherwise, work, isStep }: Question<Value>): Value {
    if (isTooDeep) return otherwise;
    const asking = open.at(-1);
    const known = answers.get(key);
    if (known) {
      use(known);
      if (known.open !== undefined) {
        if (asking) {
          asking.lowest = Math.min(asking.lowest, known.open);
          asking.isCyclic = true;
        }
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
    const answer: Answer = {
      sources: [],
      value: otherwise,
      open: depth,
      height: 1,
      lowest: depth,
      isStep,
      isCyclic: false,
    };
    answers.set(key, answer);
    use(answer);
    open.push(answer);
    current = answer.sources;
    const value = work();
    open.pop();
    current = asking?.sources ?? top;
    return close({ key, answer, asking, value }) ? value : otherwise;
  }

  /** Keeps the answer if it is final. False where it has none. */
  function close({ key, answer, asking, value }: Closing): boolean {
    const position = answer.open ?? 0;
    answer.open = undefined;
    if (answer.isCyclic) cyclic.add(key);
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

interface Closing {
  key: string;
  answer: Answer;
  asking: Answer | undefined;
  value: unknown;
}

function lookAt(known: Map<string, Look>, of: Look["of"], text: string): Look {
  let look = known.get(text);
  if (!look) known.set(text, (look = { of, text }));
  return look;
}

function rise(asking: Answer | undefined, answer: Answer): void {
  if (!asking) return;
  asking.height = Math.max(asking.height, answer.height + (asking.isStep ? 0 : 1));
  asking.isCyclic ||= answer.isCyclic;
}

/** All that sources and the answers among them were worked out from. */
function readsOf(top: Sources): Reads {
  const looks: Record<Look["of"], string[]> = { files: [], places: [], names: [], within: [] };
  const seen = new Set<Look | Answer>();
  const queue: Sources[] = [top];
  for (let sources = queue.pop(); sources; sources = queue.pop())
    for (const source of sources) {
      if (seen.has(source)) continue;
      seen.add(source);
      if ("sources" in source) queue.push(source.sources);
      else looks[source.of].push(source.text);
      if (looks.files.length > READ_FILES_MAX)
        return { files: [ANYTHING], places: [ANYTHING], names: [], within: [ANYTHING] };
    }
  const { files, places, names, within } = looks;
  return { files: files.sort(), places: places.sort(), names: names.sort(), within: within.sort() };
}
