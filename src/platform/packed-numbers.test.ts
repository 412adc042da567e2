import { expect, test } from "vitest";
import { NumberWriter, packNumbers, unpackNumbers } from "./packed-numbers.ts";

test("numbers of every size come back as they were, after the value that they stand beside", () => {
  const unsigned = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1];
  const signed = [0, -1, 1, -64, 64, -8192, 2 ** 31 - 1, -(2 ** 31) + 1];
  const numbers = new NumberWriter(1);
  for (const one of unsigned) numbers.put(one);
  for (const one of signed) numbers.putSigned(one);
  const packed = packNumbers({ name: "ä" }, numbers);
  expect(packed.buffer.byteLength).toBe(packed.length);
  const opened = unpackNumbers(packed, { bytesMax: 1000 });
  expect(opened.value).toEqual({ name: "ä" });
  expect(unsigned.map(() => opened.numbers.take())).toEqual(unsigned);
  expect(opened.numbers.isAtEnd).toBe(false);
  expect(signed.map(() => opened.numbers.takeSigned())).toEqual(signed);
  expect(opened.numbers.isAtEnd).toBe(true);
});

test("what opens to more bytes than it may is refused", () => {
  const packed = packNumbers("x".repeat(100_000), new NumberWriter());
  expect(() => unpackNumbers(packed, { bytesMax: 1000 })).toThrow("Cannot create a Buffer larger than 1000 bytes");
});
