// What a process remembers between requests of things that never change. Bounded in bytes, lost at any moment without
// harm. Keys begin with the organization, and nothing is looked up here that was not first found under row-level
// security in the same transaction: what nobody may see any more, nobody asks for.

/** A sort of value, with room of its own: one sort cannot push out another. */
export interface Sort<_Value> {
  name: string;
  bytesMax: number;
}

export interface Memory {
  of<Value>(sort: Sort<Value>): Remembered<Value>;
}

export function createMemory(): Memory {
  const sorts = new Map<Sort<unknown>, Remembered<unknown>>();
  return {
    of<Value>(sort: Sort<Value>) {
      const known = sorts.get(sort) ?? new Remembered<unknown>(sort.bytesMax);
      sorts.set(sort, known);
      // A sort's values are only ever put in as what its type says.
      return known as Remembered<Value>;
    },
  };
}

/** Roughly what an entry costs beside its value: the key, the map's slot, the objects around it. */
const ENTRY_BYTES = 200;

/** Values by key; beyond `bytesMax` the one unused for longest goes. */
class Remembered<Value> {
  readonly #bytesMax: number;
  readonly #entries = new Map<string, { value: Value; bytes: number }>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** `bytes` is what the value itself holds. One larger than an eighth of the room is not kept. */
  set(key: string, value: Value, bytes: number): void {
    const size = bytes + ENTRY_BYTES;
    if (size > this.#bytesMax / 8) return;
    const replaced = this.#entries.get(key);
    if (replaced) this.#bytes -= replaced.bytes;
    this.#entries.delete(key);
    this.#entries.set(key, { value, bytes: size });
    this.#bytes += size;
    for (const [oldest, { bytes: freed }] of this.#entries) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#entries.delete(oldest);
      this.#bytes -= freed;
    }
  }
}
