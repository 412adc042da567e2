import { expect, test } from "vitest";
import { packJson, unpackJson } from "./packed-json.ts";

test("what was packed holds no more memory than its bytes, and opens to the same", () => {
  for (const value of [{ name: "a" }, [], Array.from({ length: 50_000 }, (_, i) => `text ${i}`)]) {
    const packed = packJson(value);
    expect(packed.buffer.byteLength).toBe(packed.length);
    expect(unpackJson(packed, { bytesMax: 10_000_000 })).toEqual(value);
  }
});
