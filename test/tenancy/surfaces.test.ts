// Isolation as callers see it: every operation, over every surface, with what is one's own and with what is another's.
import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { ensureOrganization } from "../../src/access/store.ts";
import { operation, run, type Operation, type OperationContext, type Services } from "../../src/operation.ts";
import { OPERATIONS } from "../../src/operations/index.ts";
import { connectMcp } from "../harness/installation.ts";
import { withClient } from "../harness/database.ts";
import { makeServices } from "../harness/services.ts";
import { ask, askRest, masked, type Answer, type Asker } from "./ask.ts";
import { callsOf, type Call } from "./calls.ts";
import { makeWorlds, SURFACES, type Surface, type World, type Worlds } from "./worlds.ts";

let worlds: Worlds;
let askers: { alone: Asker; shared: Asker; beta: Asker };
const clients: Client[] = [];

beforeAll(async () => {
  worlds = await makeWorlds();
  const connect = async (world: World, who: "acme" | "beta"): Promise<Asker> => {
    const { key, token } = world[who];
    const mcp = await connectMcp(world.server.url, { apiKey: key, era: "2026" });
    clients.push(mcp);
    return { world, key, token, organization: who, mcp };
  };
  const { alone, shared } = worlds;
  askers = {
    alone: await connect(alone, "acme"),
    shared: await connect(shared, "acme"),
    beta: await connect(shared, "beta"),
  };
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await worlds.remove();
});

/** Reads first, then what adds, then what takes away: so that there is something to read. */
const EFFECTS = ["read", "write", "delete"] as const;

/** On the command line, where a call is a process: as usual, a foreign value of each field, and a page that goes on. */
function isCalled({ about }: Call, surface: Surface): boolean {
  return surface !== "command line" || / (?:as usual|foreign \w+ 0|within limit 0)$/.test(about);
}

interface Asked {
  about: string;
  alone: Answer;
  shared: Answer;
}

async function askBoth(surface: Surface, inAlone: Call, inShared: Call): Promise<Asked> {
  const [alone, shared] = await Promise.all([
    ask(askers.alone, surface, inAlone),
    ask(askers.shared, surface, inShared),
  ]);
  return { about: `${inShared.about} over ${surface}`, alone, shared };
}

/** What shows Beta to Acme: a difference between the worlds, or a text that only Beta could know. */
function leakOf({ about, alone, shared }: Asked, echoed: string): string[] {
  const known = worlds.secrets.filter((secret) => shared.text.includes(secret) && !echoed.includes(secret));
  const leaks = known.map((secret) => `${about}: tells '${secret}'`);
  const [one, other] = [alone, shared].map(({ text }) => masked(withoutCounts(text)));
  if (one !== other) leaks.push(`${about}: differs\n  alone:  ${one}\n  shared: ${other}`);
  return leaks;
}

const startedHour = new Date().getUTCHours();

/** Once a new hour began, each world has counted since its own first call in it. */
function withoutCounts(text: string): string {
  return new Date().getUTCHours() === startedHour ? text : text.replace(/"used":\s*\d+/g, '"used":0');
}

/** A list with something in it, or an answer about one thing, which has an id or a name. */
function hasData({ isSuccess, data }: Answer): boolean {
  if (!isSuccess || !data) return false;
  const { freshness: _freshness, strategy: _strategy, next_cursor: _cursor, ...rest } = data;
  return Object.values(rest).some((value) => (Array.isArray(value) ? value.length > 0 : typeof value === "string"));
}

test("nothing of another organization shows, in any call over any surface", { timeout: 600_000 }, async () => {
  const leaks: string[] = [];
  const made: string[] = [];
  let withData = 0;
  const note = (asked: Asked, input: object) => {
    made.push(asked.about);
    if (hasData(asked.shared)) withData++;
    leaks.push(...leakOf(asked, JSON.stringify(input)));
  };
  for (const effect of EFFECTS) {
    for (const surface of SURFACES) {
      for (const one of OPERATIONS.filter((known) => known.effect === effect)) {
        const inShared = callsOf(one, worlds.shared, surface);
        const inAlone = callsOf(one, worlds.alone, surface);
        for (const [i, call] of inShared.entries()) {
          const twin = inAlone[i];
          if (!twin || !isCalled(call, surface)) continue;
          // Beta asks the same first: whatever is remembered of it must not answer Acme.
          if (effect === "read" && surface !== "command line") await ask(askers.beta, surface, call);
          const asked = await askBoth(surface, twin, call);
          note(asked, call.input);
          await goOn(surface, { call, twin, asked, note });
        }
      }
    }
  }
  expect(leaks).toEqual([]);
  expect(made.length).toBeGreaterThan(300);
  expect(withData / made.length).toBeGreaterThan(0.6);
  for (const surface of SURFACES)
    expect(made, surface).toContain(`search_code within limit 0, Beta's cursor over ${surface}`);
});

test("who names Beta is told the same as if there were none, in any call, with a token and with a key", async () => {
  const leaks: string[] = [];
  for (const one of OPERATIONS) {
    const [inShared, inAlone] = [worlds.shared, worlds.alone].map((world) =>
      callsOf(one, world, "REST").find(({ about }) => about.endsWith(" as usual")),
    );
    if (!inShared || !inAlone) throw new Error(`${one.name} has no usual call`);
    for (const credential of ["token", "key"] as const) {
      const [alone, shared] = await Promise.all([
        askRest(worlds.alone, { credential: worlds.alone.acme[credential], organization: "Beta" }, inAlone),
        askRest(worlds.shared, { credential: worlds.shared.acme[credential], organization: "Beta" }, inShared),
      ]);
      expect(shared.text, one.name).toMatch(/^\{"status":404.*"not_found"/);
      leaks.push(...leakOf({ about: `${one.name} with a ${credential} for Beta`, alone, shared }, ""));
    }
  }
  expect(leaks).toEqual([]);
});

/** Follows a page's cursor, and tries Beta's cursor for the same question, once for each operation. */
async function goOn(
  surface: Surface,
  { call, twin, asked, note }: { call: Call; twin: Call; asked: Asked; note: (asked: Asked, input: object) => void },
): Promise<void> {
  const cursors = [asked.alone.data?.["next_cursor"], asked.shared.data?.["next_cursor"]];
  if (typeof cursors[0] !== "string" || typeof cursors[1] !== "string") return;
  const page = (from: Call, about: string, cursor: unknown): Call => ({
    ...from,
    about,
    input: { ...from.input, cursor },
  });
  note(
    await askBoth(
      surface,
      page(twin, `${call.about}, next page`, cursors[0]),
      page(call, `${call.about}, next page`, cursors[1]),
    ),
    call.input,
  );
  if (!call.about.endsWith("within limit 0")) return;
  const theirs = (await ask(askers.beta, surface === "command line" ? "REST" : surface, call)).data?.["next_cursor"];
  if (typeof theirs !== "string") return;
  const about = `${call.about}, Beta's cursor`;
  note(await askBoth(surface, page(twin, about, theirs), page(call, about, theirs)), { ...call.input, theirs });
}

/** An operation made for this test, asked by Acme in both worlds. */
async function askPlanted(planted: (services: Services) => Operation): Promise<Asked> {
  const answer = async ({ kota }: World): Promise<Answer> => {
    const services = makeServices(kota.database, { mirrorDirectory: kota.dataDirectory, isLimited: true });
    const { database } = services;
    try {
      const organizationId = await database.unsafeAllOrganizations((sql) => ensureOrganization(sql, "Acme"));
      const caller = { organizationId, scopes: ["read"] as const, keyId: undefined };
      const data = await run(services, planted(services), {}, { caller });
      return { isSuccess: true, data, text: JSON.stringify(data) };
    } finally {
      await database.close();
    }
  };
  return { about: "planted", alone: await answer(worlds.alone), shared: await answer(worlds.shared) };
}

function listProjectsBy(list: (context: OperationContext) => Promise<{ name: string }[]>): Operation {
  return operation({
    name: "planted",
    title: "Planted",
    description: "",
    route: "GET /planted",
    effect: "read",
    scope: "read",
    input: z.strictObject({}),
    output: z.object({ names: z.array(z.string()) }),
    handle: async (_input, context) => ({ names: (await list(context)).map(({ name }) => name).sort() }),
  });
}

test("a leak planted in an operation is seen", async () => {
  const leaky = await askPlanted(({ database }) =>
    listProjectsBy(() =>
      database.unsafeAllOrganizations((sql) => sql<{ name: string }>`select name from public.projects`),
    ),
  );
  expect(leakOf(leaky, "").length).toBeGreaterThan(0);
});

test("an operation that forgets its filter leaks nothing, until row-level security is off", async () => {
  const forgetful = () =>
    askPlanted(() =>
      listProjectsBy(({ db }) => db.once((sql) => sql<{ name: string }>`select name from public.projects`)),
    );
  const asked = await forgetful();
  expect(leakOf(asked, "")).toEqual([]);
  const set = (state: string) =>
    withClient(worlds.shared.kota.database.url, (client) =>
      client.query(`alter table public.projects ${state} row level security`),
    );
  await set("disable");
  try {
    expect(leakOf(await forgetful(), "").length).toBeGreaterThan(0);
  } finally {
    await set("enable");
  }
});
