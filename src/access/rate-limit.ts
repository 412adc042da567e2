// The two windows of a rate limit, a clock hour and a UTC day, as callers are told about them. Pure.
import { TIERS, type Tier } from "./tiers.ts";

export interface Used {
  tier: Tier;
  hourUsed: number;
  dayUsed: number;
}

export interface Window {
  limit: number;
  remaining: number;
  resetsAt: Date;
}

export function windowsOf({ tier, hourUsed, dayUsed }: Used, now: Date): { hour: Window; day: Window } {
  const { perHour, perDay } = TIERS[tier];
  return {
    hour: { limit: perHour, remaining: Math.max(0, perHour - hourUsed), resetsAt: nextHour(now) },
    day: { limit: perDay, remaining: Math.max(0, perDay - dayUsed), resetsAt: nextDay(now) },
  };
}

/** The window that stops the caller first: the one with less left; the day when both have none, for it lasts longer. */
export function bindingWindow(used: Used, now: Date): Window {
  const { hour, day } = windowsOf(used, now);
  return hour.remaining < day.remaining ? hour : day;
}

function nextHour(now: Date): Date {
  return new Date(Math.floor(now.getTime() / 3_600_000 + 1) * 3_600_000);
}

function nextDay(now: Date): Date {
  return new Date(Math.floor(now.getTime() / 86_400_000 + 1) * 86_400_000);
}
