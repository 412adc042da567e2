// The facts of a snapshot's files while they are linked: read in pieces, and kept as long as there is room.
import { openFacts } from "../graph/packed-facts.ts";
import { NO_FACTS, type Facts } from "../languages/facts.ts";
import { ANNOUNCED_MAX, FACTS_OPENED_BYTES_MAX, FACTS_PACKED_BYTES_MAX, FACTS_PER_STATEMENT_MAX } from "./limits.ts";

/** Packed facts of files of the request, by their numbers; at most FACTS_PER_STATEMENT_MAX at once. */
export type ReadFacts = (files: readonly number[]) => readonly (Uint8Array | undefined)[];

export interface FactsSource {
  /** Read and opened when they are first asked for. */
  facts: (path: string) => Facts;
  /** Says that these will be asked for, most of them in this order: they are read together, which is cheaper. */
  announce: (paths: Iterable<string>) => void;
  packedBytes: (path: string) => number;
}

export function factsFrom(
  readFacts: ReadFacts,
  {
    numbers,
    hasFacts,
    known,
    onOpened,
  }: {
    numbers: ReadonlyMap<string, number>;
    hasFacts: (path: string) => boolean;
    known: ReadonlyMap<string, Facts>;
    onOpened: (path: string, facts: Facts) => void;
  },
): FactsSource {
  const packed = new RecentlyUsed<Uint8Array>(FACTS_PACKED_BYTES_MAX);
  const opened = new RecentlyUsed<Facts>(FACTS_OPENED_BYTES_MAX);
  const sizes = new Map<string, number>();
  const announced: { paths: readonly string[]; places: ReadonlyMap<string, number> }[] = [];

  function announce(paths: Iterable<string>): void {
    const wanted = [...new Set(paths)].filter((path) => hasFacts(path) && !known.has(path));
    announced.unshift({ paths: wanted, places: new Map(wanted.map((path, place) => [path, place])) });
    announced.splice(ANNOUNCED_MAX);
  }

  function packedFacts(path: string): Uint8Array | undefined {
    if (!hasFacts(path)) return undefined;
    const one = packed.get(path);
    if (one) return one;
    const { paths = [path], places } = announced.find((list) => list.places.has(path)) ?? {};
    const place = places?.get(path) ?? 0;
    const some = paths
      .slice(place, place + FACTS_PER_STATEMENT_MAX)
      .filter((next) => next === path || !packed.has(next));
    const read = readFacts(some.map((next) => numbers.get(next) ?? -1));
    for (const [index, next] of some.entries()) {
      const data = read[index];
      if (!data) continue;
      sizes.set(next, data.length);
      packed.set(next, data, data.length);
    }
    return read[some.indexOf(path)];
  }

  function facts(path: string): Facts {
    const one = known.get(path) ?? opened.get(path);
    if (one) return one;
    const data = packedFacts(path);
    const made = data ? openFacts(data) : NO_FACTS;
    opened.set(path, made, data?.length ?? 0);
    onOpened(path, made);
    return made;
  }

  return { facts, announce, packedBytes: (path) => sizes.get(path) ?? packedFacts(path)?.length ?? 0 };
}

/**
 * Values by path: those asked for last, of at most so many bytes, and at least half as many. Not `platform/memory.ts`: that moves an entry
 * at each look, of which linking has millions, and keeps none that is large, as a file's is that is being linked.
 */
class RecentlyUsed<Value> {
  readonly #bytesMax: number;
  #values = new Map<string, { value: Value; bytes: number }>();
  #before = new Map<string, { value: Value; bytes: number }>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  has(path: string): boolean {
    return this.#values.has(path) || this.#before.has(path);
  }

  get(path: string): Value | undefined {
    const one = this.#values.get(path);
    if (one) return one.value;
    const old = this.#before.get(path);
    if (old) this.set(path, old.value, old.bytes);
    return old?.value;
  }

  set(path: string, value: Value, bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#bytesMax / 2) {
      // What was not asked for since the last time is let go of.
      this.#before = this.#values;
      this.#values = new Map();
      this.#bytes = bytes;
    }
    this.#values.set(path, { value, bytes });
  }
}
