// In which turn of the event loop a request is begun.
import { EventEmitter } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { BEGUN_PER_TURN_MAX, DOOR_MS_MAX } from "./limits.ts";
import { createTurns } from "./turns.ts";

function ask(count: number) {
  const server = new EventEmitter();
  const clock = { ms: 0 };
  const turns = createTurns(server, () => clock.ms);
  const begun: number[] = [];
  for (let i = 0; i < count; i++) void turns.next().then(() => begun.push(i));
  return { server, clock, begun };
}

test("Requests are begun in the order they came, a few in each turn", async () => {
  const { begun } = ask(BEGUN_PER_TURN_MAX + 1);
  expect(begun).toEqual([]);
  const all = Array.from({ length: BEGUN_PER_TURN_MAX + 1 }, (_, i) => i);
  await turn();
  expect(begun).toEqual(all.slice(0, -1));
  await turn();
  expect(begun).toEqual(all);
});

test("Connections that still come in are taken first, though not for ever", async () => {
  const { server, clock, begun } = ask(1);
  for (let i = 0; i < 20; i++) {
    server.emit("connection");
    await turn();
  }
  expect(begun).toEqual([]);
  clock.ms = DOOR_MS_MAX;
  server.emit("connection");
  await turn();
  expect(begun).toEqual([0]);
});

test("A request is begun in the turn after the last connection was taken", async () => {
  const { server, begun } = ask(1);
  server.emit("connection");
  await turn();
  expect(begun).toEqual([]);
  await turn();
  expect(begun).toEqual([0]);
});
