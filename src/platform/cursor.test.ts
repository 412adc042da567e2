import { expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { createCursorCodec, type CursorBinding } from "./cursor.ts";

const codec = createCursorCodec("a secret of the tests");
const binding: CursorBinding = {
  organizationId: "o1",
  operation: "search_code",
  input: { query: "a", limit: undefined },
};

test("a position comes back as it was", () => {
  const position = { next: { exact: { ordinal: 7 } }, snapshots: Array.from({ length: 1000 }, (_, i) => 10_000 + i) };
  expect(codec.open(binding, codec.seal(binding, position))).toEqual(position);
});

test("a short position comes back as it was too", () => {
  for (const position of [7, { next: { shown: 20 }, snapshots: [1, 2] }, { path: "ü".repeat(300) }])
    expect(codec.open(binding, codec.seal(binding, position))).toEqual(position);
});

test("the order of the input's fields does not matter", () => {
  const one = { ...binding, input: { a: 1, b: { c: 2, d: 3 } } };
  const other = { ...binding, input: { b: { d: 3, c: 2 }, a: 1 } };
  expect(codec.open(other, codec.seal(one, 5))).toBe(5);
});

test("another organization, operation, input or key refuses the cursor", () => {
  const cursor = codec.seal(binding, { a: 1 });
  const foreign = [
    { ...binding, organizationId: "o2" },
    { ...binding, operation: "list_recent_files" },
    { ...binding, input: { query: "b" } },
  ];
  for (const other of foreign) expect(() => codec.open(other, cursor)).toThrow(AppError);
  expect(() => createCursorCodec("another").open(binding, cursor)).toThrow(AppError);
});

test("a cursor that was changed anywhere is refused", () => {
  const bytes = Buffer.from(codec.seal(binding, { a: 1 }), "base64url");
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8((changed[i] ?? 0) ^ 1, i);
    expect(() => codec.open(binding, changed.toString("base64url"))).toThrow(AppError);
  }
  for (const text of ["", "x", "!!!", "A".repeat(2000)]) expect(() => codec.open(binding, text)).toThrow(AppError);
});
