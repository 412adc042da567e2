// What linking keeps of a snapshot for the next one, as one binary value: of every file with facts what its links were worked
// out from, and its overview. Pure. Texts are numbers as long as nobody asks: after a small change the lists of nearly all files
// are packed again without having been read.
//
// The texts as JSON, sorted; as numbers of each file, by path: place of its path among the texts, which of OVERVIEW_FLAGS it has, and
// eight lists, as their length and the steps from one place to the next.
import { NumberWriter, packNumbers, unpackNumbers } from "../platform/packed-numbers.ts";
import { LINK_STATE_BYTES_MAX } from "./limits.ts";
import type { Overview } from "./link/overview.ts";
import type { Reads, TextTest } from "./link/tree.ts";

export interface FileState {
  reads: Reads;
  overview: Overview;
}

const LISTS = 8;
const TESTED = { files: 0, places: 1, names: 2, within: 3 } as const;
const AUGMENTS = 4;
const MEMBER_NAMES = 5;
const PACKAGE = 6;
const DECLARED = 7;
const OVERVIEW_FLAGS = ["isAmbient", "opensNamespaces", "extends", "shares"] as const;
type OverviewFlag = (typeof OVERVIEW_FLAGS)[number];

/** Deterministic: the same states give the same bytes, in whatever order they come, whether they were opened or made. */
export function packState(states: ReadonlyMap<string, FileState>): Uint8Array {
  const paths = [...states.keys()].sort();
  const files = paths.map((path) => {
    const state = states.get(path);
    return { path, state: state instanceof StoredFile ? state : listsOf(state) };
  });
  const old = files.find(({ state }) => state instanceof StoredFile)?.state;
  const table = mergeTexts(files, old instanceof StoredFile ? old.table : EMPTY);
  const packed = new NumberWriter();
  for (const { path, state } of files) {
    if (state instanceof StoredFile) state.write(packed, table.moved);
    else {
      packed.put(table.placeOf(path));
      packed.put(state.flags);
      for (const list of state.lists)
        putList(packed, { length: list.length, placeAt: (at) => table.placeOf(list[at] ?? "") });
    }
  }
  return packNumbers(table.texts, packed);
}

export function openState(data: Uint8Array): Map<string, FileState> {
  const { value, numbers: packed } = unpackNumbers(data, { bytesMax: LINK_STATE_BYTES_MAX });
  // Written by packState alone.
  const texts = value as string[];
  const numbers = new Uint32Array(packed.bytesLeft);
  const table = new Table(texts, numbers);
  const states = new Map<string, FileState>();
  let count = 0;
  while (!packed.isAtEnd) {
    const path = packed.take();
    const first = count;
    numbers[count++] = path;
    numbers[count++] = packed.take();
    for (let list = 0; list < LISTS; list++) {
      const length = packed.take();
      numbers[count++] = length;
      for (let i = 0, place = 0; i < length; i++) numbers[count++] = place += packed.take();
    }
    states.set(texts[path] ?? "", new StoredFile(table, first));
  }
  return states;
}

/** Whether both are packed as the same. */
export function isSameState(one: FileState, other: FileState): boolean {
  const [a, b] = [listsOf(one), listsOf(other)];
  const isSame = (list: readonly string[], as: readonly string[] = []) =>
    list.length === as.length && list.every((text, i) => text === as[i]);
  return a.flags === b.flags && a.lists.every((list, i) => isSame(list, b.lists[i]));
}

/** `numbers`: of each file the place of its path, which of OVERVIEW_FLAGS it has, as bits, and the lists, each after its length. */
class Table {
  readonly texts: readonly string[];
  readonly numbers: Uint32Array;
  readonly #passed = new WeakMap<TextTest, Int8Array>();

  constructor(texts: readonly string[], numbers: Uint32Array) {
    this.texts = texts;
    this.numbers = numbers;
  }

  /** Tests each text once: 60,000 files of C name 120 things each, most of them the same. */
  passes(place: number, test: TextTest): boolean {
    let passed = this.#passed.get(test);
    if (!passed) this.#passed.set(test, (passed = new Int8Array(this.texts.length)));
    if (passed[place] === 0) passed[place] = test(this.texts[place] ?? "") ? 1 : -1;
    return passed[place] === 1;
  }
}

const EMPTY = new Table([], new Uint32Array());

/** A file as it was stored. Its lists are made when somebody asks for them. */
class StoredFile implements FileState, Reads, Overview {
  readonly table: Table;
  readonly #first: number;

  constructor(table: Table, first: number) {
    this.table = table;
    this.#first = first;
  }

  get reads(): Reads {
    return this;
  }

  get files(): readonly string[] {
    return this.#list(TESTED.files);
  }

  get places(): readonly string[] {
    return this.#list(TESTED.places);
  }

  get names(): readonly string[] {
    return this.#list(TESTED.names);
  }

  get within(): readonly string[] {
    return this.#list(TESTED.within);
  }

  any(list: keyof typeof TESTED, test: TextTest): boolean {
    const { first, length } = this.#find(TESTED[list]);
    for (let at = first; at < first + length; at++)
      if (this.table.passes(this.table.numbers[at] ?? 0, test)) return true;
    return false;
  }

  get augments(): readonly string[] {
    return this.#list(AUGMENTS);
  }

  get overview(): Overview {
    return this;
  }

  get isAmbient(): boolean {
    return this.#has("isAmbient");
  }

  get opensNamespaces(): boolean {
    return this.#has("opensNamespaces");
  }

  get extends(): boolean {
    return this.#has("extends");
  }

  get shares(): boolean {
    return this.#has("shares");
  }

  get package(): string | undefined {
    return this.#list(PACKAGE)[0];
  }

  get declared(): readonly string[] {
    return this.#list(DECLARED);
  }

  get memberNames(): readonly string[] {
    return this.#list(MEMBER_NAMES);
  }

  /** Notes which texts it uses. */
  use(used: Uint8Array): void {
    const { numbers } = this.table;
    let at = this.#first;
    used[numbers[at] ?? 0] = 1;
    at += 2;
    for (let list = 0; list < LISTS; list++) {
      const end = at + 1 + (numbers[at] ?? 0);
      for (at++; at < end; at++) used[numbers[at] ?? 0] = 1;
    }
  }

  /** `moved`: the new place of each old one. */
  write(packed: NumberWriter, moved: Uint32Array): void {
    const { numbers } = this.table;
    let at = this.#first;
    packed.put(moved[numbers[at++] ?? 0] ?? 0);
    packed.put(numbers[at++] ?? 0);
    for (let list = 0; list < LISTS; list++) {
      const length = numbers[at++] ?? 0;
      const start = at;
      putList(packed, { length, placeAt: (i) => moved[numbers[start + i] ?? 0] ?? 0 });
      at += length;
    }
  }

  #has(flag: OverviewFlag): boolean {
    return (((this.table.numbers[this.#first + 1] ?? 0) >> OVERVIEW_FLAGS.indexOf(flag)) & 1) === 1;
  }

  #list(number: number): string[] {
    const { first, length } = this.#find(number);
    const { texts, numbers } = this.table;
    return Array.from({ length }, (_, i) => texts[numbers[first + i] ?? 0] ?? "");
  }

  /** Where the list begins among the numbers. */
  #find(number: number): { first: number; length: number } {
    const { numbers } = this.table;
    let at = this.#first + 2;
    for (let list = 0; list < number; list++) at += 1 + (numbers[at] ?? 0);
    return { first: at + 1, length: numbers[at] ?? 0 };
  }
}

interface Lists {
  flags: number;
  lists: (readonly string[])[];
}

function listsOf(state: FileState | undefined): Lists {
  const { files = [], places = [], names = [], within = [], augments = [] } = state?.reads ?? {};
  const flags = OVERVIEW_FLAGS.reduce((bits, flag, at) => bits | (Number(state?.overview[flag] ?? false) << at), 0);
  const { memberNames = [], declared = [], package: ofPackage } = state?.overview ?? {};
  const packages = ofPackage === undefined ? [] : [ofPackage];
  return { flags, lists: [files, places, names, within, augments, memberNames, packages, declared] };
}

/** The texts of all files, sorted, of which those of stored ones stand in `old`. */
function mergeTexts(
  files: readonly { path: string; state: StoredFile | Lists }[],
  old: Table,
): { texts: string[]; moved: Uint32Array; placeOf(text: string): number } {
  const used = new Uint8Array(old.texts.length);
  const others = new Set<string>();
  for (const { path, state } of files) {
    if (state instanceof StoredFile) state.use(used);
    else for (const list of [[path], ...state.lists]) for (const text of list) others.add(text);
  }
  const texts: string[] = [];
  const moved = new Uint32Array(old.texts.length);
  const added = [...others].sort();
  let next = 0;
  for (const [place, text] of old.texts.entries()) {
    if (used[place] === 0) continue;
    for (let one = added[next]; one !== undefined && one <= text; one = added[++next]) if (one < text) texts.push(one);
    moved[place] = texts.push(text) - 1;
  }
  for (const text of added.slice(next)) texts.push(text);
  const places = new Map<string, number>();
  for (const [place, text] of texts.entries()) if (others.has(text)) places.set(text, place);
  return { texts, moved, placeOf: (text) => places.get(text) ?? 0 };
}

/** Of sorted places the steps. */
function putList(
  numbers: NumberWriter,
  { length, placeAt }: { length: number; placeAt: (at: number) => number },
): void {
  numbers.put(length);
  for (let at = 0, before = 0; at < length; at++) {
    const place = placeAt(at);
    numbers.put(place - before);
    before = place;
  }
}
