// Grams: three bytes of UTF-8 without a newline, case-sensitive, packed into 24 bits. A plan says which of them a
// text must have for a pattern to match in it; every text in which the pattern matches satisfies the plan.
import { PLAN_LEAVES_MAX, PLAN_PAGES_MAX, PLAN_POSITIONS_MAX, PLAN_SPELLINGS_MAX } from "./limits.ts";
import type { Pattern } from "./parse-query.ts";
import { distinct, type Piece, piecesOf } from "./regex/pieces.ts";
import type { Node } from "./regex/syntax.ts";

/** `all`: no constraint. `none`: no text matches. `any`: at least one of the grams, the spellings of one position. */
export type GramPlan =
  | { kind: "all" }
  | { kind: "none" }
  | { kind: "any"; grams: number[] }
  | { kind: "and" | "or"; children: GramPlan[] };

type Position = GramPlan & { kind: "any" };

/** Sound for texts searched line by line; not bound to what the text around a match is. At most PLAN_LEAVES_MAX positions. */
export function planGrams({ node }: Pattern): GramPlan {
  for (let positionsMax = PLAN_POSITIONS_MAX; positionsMax > 1; positionsMax >>= 1) {
    const plan = planNode(node, positionsMax);
    if (countLeaves(plan) <= PLAN_LEAVES_MAX) return plan;
  }
  return cut(planNode(node, 1));
}

function planNode(node: Node, positionsMax: number): GramPlan {
  const pieces = piecesOf(node);
  const parts: GramPlan[] = choose(positionsOf(pieces), positionsMax);
  for (const { variants, alternatives } of pieces) {
    if (variants?.length === 0) return { kind: "none" };
    if (alternatives) parts.push(anyOf(alternatives.map((alternative) => planNode(alternative, positionsMax))));
  }
  return allOf(parts);
}

function allOf(plans: readonly GramPlan[]): GramPlan {
  if (plans.some(({ kind }) => kind === "none")) return { kind: "none" };
  const children = plans.flatMap((plan) => (plan.kind === "and" ? plan.children : plan.kind === "all" ? [] : [plan]));
  if (children.length === 0) return { kind: "all" };
  return children.length === 1 && children[0] ? children[0] : { kind: "and", children };
}

function anyOf(plans: readonly GramPlan[]): GramPlan {
  if (plans.some(({ kind }) => kind === "all")) return { kind: "all" };
  const children = plans.flatMap((plan) => (plan.kind === "or" ? plan.children : plan.kind === "none" ? [] : [plan]));
  if (children.length === 0) return { kind: "none" };
  return children.length === 1 && children[0] ? children[0] : { kind: "or", children };
}

function countLeaves(plan: GramPlan): number {
  return "children" in plan ? plan.children.reduce((sum, child) => sum + countLeaves(child), 0) : 1;
}

/** Leaves constraints out until the plan is small: an alternation as a whole, since each of its branches is needed. */
function cut(plan: GramPlan): GramPlan {
  if (countLeaves(plan) <= PLAN_LEAVES_MAX) return plan;
  if (plan.kind !== "and") return { kind: "all" };
  let left = PLAN_LEAVES_MAX;
  const kept = plan.children.filter((child) => {
    const leaves = countLeaves(child);
    if (leaves > left) return false;
    left -= leaves;
    return true;
  });
  return allOf(kept);
}

/** Every three bytes that the pieces spell one after the other, whichever way each of them is spelled. */
function positionsOf(pieces: readonly Piece[]): Position[] {
  const backwards = pieces.toReversed();
  const found = new Map<string, Position>();
  const keep = (spellings: string[] | undefined) => {
    if (!spellings) return;
    const grams = spellings.map(pack).sort((a, b) => a - b);
    const isCheap = distinct(grams.map(foldGram)).length <= PLAN_PAGES_MAX;
    if (isCheap) found.set(grams.join(), { kind: "any", grams });
  };
  for (let i = 0; i < pieces.length; i++) {
    keep(spell(pieces, i, (before, next) => (before + next).slice(0, GRAM_BYTES)));
    keep(spell(backwards, backwards.length - 1 - i, (after, next) => (next + after).slice(-GRAM_BYTES)));
  }
  // What one gram of a position demands alone, the position does not add to.
  return [...found.values()].filter(
    ({ grams }) => grams.length === 1 || !grams.some((gram) => found.has(String(gram))),
  );
}

const GRAM_BYTES = 3;

/** The three bytes from piece `first` on, in the order of the list; undefined where there are too many, or too few. */
function spell(
  pieces: readonly Piece[],
  first: number,
  join: (spelling: string, variant: string) => string,
): string[] | undefined {
  let spellings = [""];
  for (let i = first; spellings.some(({ length }) => length < GRAM_BYTES); i++) {
    const variants = pieces[i]?.variants;
    if (!variants) return undefined;
    spellings = distinct(
      spellings.flatMap((text) => (text.length < GRAM_BYTES ? variants.map((variant) => join(text, variant)) : [text])),
    );
    if (spellings.length > PLAN_SPELLINGS_MAX) return undefined;
  }
  return spellings;
}

function pack(bytes: string): number {
  return (bytes.charCodeAt(0) << 16) | (bytes.charCodeAt(1) << 8) | bytes.charCodeAt(2);
}

/** The rarest of each of `count` equal stretches: spread, since grams that overlap occur together. */
function choose(positions: readonly Position[], count: number): Position[] {
  if (positions.length <= count) return [...positions];
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * positions.length) / count);
    const stretch = positions.slice(from, Math.floor(((i + 1) * positions.length) / count));
    return stretch.reduce((best, position) => (rarity(position) > rarity(best) ? position : best));
  });
}

/** A guess, by kind of byte; what has many spellings is less rare. */
function rarity({ grams }: Position): number {
  const bytes = grams.flatMap((gram) => [gram >>> 16, (gram >>> 8) & 0xff, gram & 0xff]);
  return bytes.reduce((sum, byte) => sum + rarityOfByte(byte), 0) / bytes.length - distinct(grams.map(foldGram)).length;
}

function rarityOfByte(byte: number): number {
  const char = String.fromCharCode(byte);
  if (char === " " || char === "\t") return 0;
  if (/[acdeilnoprstu]/.test(char)) return 1;
  if (/[jqxz]/i.test(char)) return 4;
  return /[a-z]/.test(char) ? 2 : 3;
}

/** The gram with ASCII letters in lower case: what decides its page. */
export function foldGram(gram: number): number {
  return (foldByte(gram >>> 16) << 16) | (foldByte((gram >>> 8) & 0xff) << 8) | foldByte(gram & 0xff);
}

function foldByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
