import React, { useState as state, type FC } from "react";
import * as paths from "./paths.ts";
import type { Item } from "./item.ts";
export * from "./reexported.ts";
export { price as cost, Item as Thing } from "./price.ts";

/** A basket of items. */
export class Basket extends paths.Base implements Countable {
  static readonly empty = new Basket([]);
  #count = 0;
  constructor(private items: Item[]) {
    super();
  }
  get size(): number {
    return this.items.length + this.#count;
  }
  add(item: Item): Basket {
    this.#count++;
    return this.log(item) && this;
  }
  private log(item: Item) {
    return paths.write(item.name);
  }
}

interface Countable {
  size: number;
}

export enum Colour {
  Red,
  Green = Red + 1,
}

export const open = async (basket: Basket = Basket.empty) => {
  const local = basket.add(await load());
  const { size } = local;
  return size + Colour.Green;
};

async function load(): Promise<Item> {
  const { make } = await import("./make.ts");
  return make();
}

export const View: FC<{ basket: Basket }> = ({ basket }) => {
  const [count] = state(0);
  return <div title="x">{basket.size + count}<View basket={basket} /></div>;
};

export default Basket;
