// Database.read: what only reads does not wait for its commit.
import { expect, test } from "vitest";
import { openProcess } from "./harness/process.ts";

test("work that only reads may not write, and its connection serves the next", async () => {
  const kota = await openProcess();
  const { database } = kota.services;
  const read = database.unsafeAllOrganizations.read;
  const name = (count: number) =>
    read((sql) => sql<{ name: string }>`select name from public.organizations limit ${count}`);
  // Many more than there are connections, each of which is given back after its answer.
  const answers = await Promise.all(Array.from({ length: 40 }, () => name(1)));
  expect(answers.every(([row]) => row?.name === "test")).toBe(true);
  await expect(read((sql) => sql`insert into public.organizations (name) values ('other')`)).rejects.toThrow();
  await expect(read(() => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
  expect(await name(5)).toEqual([{ name: "test" }]);
  await kota.close();
});
