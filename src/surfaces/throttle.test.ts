import { expect, test } from "vitest";
import { ADDRESSES_MAX } from "./limits.ts";
import { createThrottle } from "./throttle.ts";

const NOW = new Date("2026-01-01T00:00:10Z");
const LATER = new Date("2026-01-01T00:01:00Z");
const open = () => createThrottle({ what: "wrong keys", countMax: 2, checkMax: 4 });

test("an address is refused what it did too often, then everything, until the minute is over", () => {
  const throttle = open();
  throttle.count("a", NOW);
  throttle.count("a", NOW);
  throttle.check("a", NOW);
  const refused = { code: "rate_limited", details: { retry_after: 50 } };
  for (let i = 0; i < 2; i++) expect(() => throttle.count("a", NOW)).toThrow(expect.objectContaining(refused));
  expect(() => throttle.check("a", NOW)).toThrow(expect.objectContaining(refused));
  throttle.check("b", NOW);
  throttle.check("a", LATER);
  throttle.count("a", LATER);
});

test("beyond the addresses that are remembered, new ones are counted together; who brings a good key still comes in", () => {
  const throttle = open();
  for (let i = 0; i < ADDRESSES_MAX; i++) throttle.count(`known ${i}`, NOW);
  throttle.count("new 1", NOW);
  throttle.count("new 2", NOW);
  for (let i = 3; i < 10; i++) expect(() => throttle.count(`new ${i}`, NOW)).toThrow(/Too many wrong keys/);
  throttle.check("new 11", NOW);
  throttle.count("known 1", NOW);
  expect(() => throttle.count("known 1", NOW)).toThrow();
});
