import { expect, test } from "vitest";
import { Pen } from "./pen";

describe("a pen", () => {
  const pen = new Pen();
  it.each([1, 2])("writes %s", (n) => {
    expect(pen.write(n)).toBe(n);
  });
});
