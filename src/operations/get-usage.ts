// get_usage: how much of its limits the organization has used.
import { z } from "zod";
import { windowsOf } from "../access/rate-limit.ts";
import { readUsage } from "../access/store.ts";
import { TIER_NAMES } from "../access/tiers.ts";
import { operation } from "../operation.ts";
import { timestamp } from "./wire.ts";

const windowField = z.object({
  used: z.int(),
  limit: z.int().nullable().describe("Null: no limit."),
  resets_at: timestamp,
});

export const getUsage = operation({
  name: "get_usage",
  title: "Get usage",
  description:
    "Tell how many requests the organization has used in this clock hour and UTC day, and how many its tier allows.",
  route: "GET /usage",
  effect: "read",
  scope: "read",
  input: z.strictObject({}),
  output: z.object({ tier: z.enum(TIER_NAMES), hour: windowField, day: windowField }),
  async handle(_input, { db, now, isLimited }) {
    const at = now();
    const { tier, hour_used: hourUsed, day_used: dayUsed } = await db.once((sql) => readUsage(sql, at));
    const { hour, day } = windowsOf({ tier, hourUsed, dayUsed }, at);
    return {
      tier,
      hour: { used: hourUsed, limit: isLimited ? hour.limit : null, resets_at: hour.resetsAt.toISOString() },
      day: { used: dayUsed, limit: isLimited ? day.limit : null, resets_at: day.resetsAt.toISOString() },
    };
  },
});
