// Numbers by name, for millions of names.

const NONE: readonly number[] = [];

/** In the order they came. Most names have one, which is kept without an array. */
export class IdsByName {
  readonly #ids = new Map<string, number | number[]>();

  add(name: string, id: number): void {
    const known = this.#ids.get(name);
    if (known === undefined) this.#ids.set(name, id);
    else if (typeof known === "number") this.#ids.set(name, [known, id]);
    else known.push(id);
  }

  of(name: string): readonly number[] {
    const known = this.#ids.get(name);
    return known === undefined ? NONE : typeof known === "number" ? [known] : known;
  }
}
