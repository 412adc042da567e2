import { expect, test } from "vitest";
import { isWellFormedApiKey, mintApiKey, storedKeyOf } from "./api-key.ts";

test("keys are unlike each other and pass their own check", () => {
  const keys = new Set(Array.from({ length: 1000 }, () => mintApiKey()));
  expect(keys.size).toBe(1000);
  for (const key of keys) expect(isWellFormedApiKey(key), key).toBe(true);
});

test("a single wrong character fails the checksum", () => {
  const key = mintApiKey();
  for (let i = 0; i < key.length; i++) {
    const wrong = key.slice(0, i) + (key[i] === "a" ? "b" : "a") + key.slice(i + 1);
    expect(isWellFormedApiKey(wrong), wrong).toBe(false);
  }
  for (const text of ["", "kota_live_", `${key}x`, key.slice(1), key.toUpperCase()])
    expect(isWellFormedApiKey(text)).toBe(false);
});

test("what is kept tells the key apart without giving it away", () => {
  const key = mintApiKey();
  const stored = storedKeyOf(key, "pepper");
  expect(stored.hash).toHaveLength(32);
  expect(stored.hash.equals(storedKeyOf(key, "other pepper").hash)).toBe(false);
  expect(key.startsWith(stored.prefix) && key.endsWith(stored.lastFour)).toBe(true);
  expect(stored.prefix.length + stored.lastFour.length).toBeLessThan(key.length / 2);
});
