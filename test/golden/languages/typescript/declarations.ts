import type { Base } from "./base.js";
import Whole, { type Shape, make as build } from "./shapes";
import * as everything from "@scope/lib/deep";

/** Draws a shape. */
export function draw(shape: Shape, times = 1): Promise<Base> {
  const local = build(shape);
  return local.finish(times);
}
export function over(a: string): string;
export function over(a: number): number;
export function over(a: unknown): unknown {
  return a;
}

// A pen
// with ink.
@Injectable()
export default class Pen<T extends Base> extends Whole.Inner implements Shape {
  static count = 0;
  #ink = new Ink();
  constructor(private readonly nib: Nib, width: number) {
    super(width);
  }
  get color(): Color {
    return this.nib.color;
  }
  set color(value: Color) {
    this.nib.color = value;
  }
  write = (text: string): this => this;
  static of(nib: Nib): Pen<Base> {
    return new Pen(nib, Pen.count);
  }
}
class Ink {}
interface Nib {
  color: Color;
  bend(by: { degrees: number }): Nib[];
}
interface Nib {
  size?: number;
}
export enum Color {
  Red = 1,
  Blue = Red << 1,
}
export type Pair = { left: Nib; right: Nib } | null;
export interface Handler {
  (pen: Pen<Base>, ...more: Nib[]): void;
}
export const handler: Handler = (pen, nib) => pen.write(nib.color.toString());
export const options = { depth: { max: 3 }, start() {}, Color } as const;
export let { first, nested: [second] } = everything.load();
namespace Outer.Inner {
  export const value = options.depth.max;
}
const café = "🎨", after = café;
