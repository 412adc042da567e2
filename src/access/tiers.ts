// What each tier may do (CONTRACT section 6). A limit is one row here.

export const TIERS = {
  free: { perHour: 1000, perDay: 5000 },
  solo: { perHour: 5000, perDay: 25_000 },
  team: { perHour: 25_000, perDay: 100_000 },
} as const;

export type Tier = keyof typeof TIERS;
// Object.keys forgets that the keys are these.
export const TIER_NAMES = Object.keys(TIERS) as Tier[];
