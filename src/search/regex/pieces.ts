// What every match of a pattern is made of, piece by piece and in order, as far as it can be written out: the bytes
// of its characters where there are few ways to spell them. Strings here hold one byte of UTF-8 in each unit.
import { PLAN_VARIANTS_MAX } from "../limits.ts";
import { countOf, membersOf } from "./code-points.ts";
import type { Node } from "./syntax.ts";

export interface Piece {
  /** One of these spellings stands here, directly after the piece before; without them anything may. None: nothing can. */
  variants?: readonly string[];
  /** One of these matches here, each to be looked into on its own. */
  alternatives?: readonly Node[];
}

const ANYTHING: Piece = {};

/** Copies of a repeated part that are written out: four give every gram of a part of one byte, and seams besides. */
const COPIES_MAX = 4;

/** Pieces of a repeated part that is copied at all; nested repetitions would multiply. */
const COPIED_PIECES_MAX = 1000;

/** Bytes of a spelling; a longer alternative is looked into on its own. */
const VARIANT_BYTES_MAX = 32;

export function piecesOf(node: Node): Piece[] {
  switch (node.kind) {
    case "empty":
    case "assert":
      return [];
    case "chars": {
      const variants = variantsOf(node);
      return variants ? bytewise(variants) : [ANYTHING];
    }
    case "concat":
      return node.children.flatMap(piecesOf);
    case "alternate":
      return [piecesOfAlternatives(node.children, variantsOf(node))];
    case "repeat":
      return piecesOfRepeat(node);
  }
}

/** Up to three bytes a spelling says it all; longer ones have grams inside, besides the seams. */
function piecesOfAlternatives(alternatives: readonly Node[], variants: readonly string[] | undefined): Piece {
  if (!variants) return { alternatives };
  return variants.some((variant) => variant.length > 3) ? { variants, alternatives } : { variants };
}

function piecesOfRepeat({ child, min, max }: Node & { kind: "repeat" }): Piece[] {
  if (min === 0) {
    const variants = max === 1 ? variantsOf(child) : undefined;
    return variants ? [{ variants: distinct([...variants, ""]) }] : [ANYTHING];
  }
  const once = piecesOf(child);
  const copies = once.length * min <= COPIED_PIECES_MAX ? Math.min(min, COPIES_MAX) : 1;
  const all = Array.from({ length: copies }, () => once).flat();
  return copies === max ? all : [...all, ANYTHING];
}

/** The same spellings in pieces of a byte as far as they are alike, so that а and А share the byte they begin with. */
function bytewise(variants: readonly string[]): Piece[] {
  const [first = ""] = variants;
  let shared = 0;
  while (shared < first.length && variants.every((variant) => variant[shared] === first[shared])) shared++;
  const pieces: Piece[] = Array.from(first.slice(0, shared), (byte) => ({ variants: [byte] }));
  const isDone = variants.length === 1 && shared === first.length;
  return isDone ? pieces : [...pieces, { variants: variants.map((variant) => variant.slice(shared)) }];
}

/** Every way to spell the node, where they are few and short. */
function variantsOf(node: Node): readonly string[] | undefined {
  switch (node.kind) {
    case "empty":
    case "assert":
      return [""];
    case "chars":
      return countOf(node.set) > PLAN_VARIANTS_MAX ? undefined : membersOf(node.set).map(utf8Of);
    case "concat":
      return product(node.children);
    case "alternate": {
      const all: string[] = [];
      for (const child of node.children) {
        const variants = variantsOf(child);
        if (!variants || all.length + variants.length > 2 * PLAN_VARIANTS_MAX) return undefined;
        all.push(...variants);
      }
      return bounded(distinct(all));
    }
    case "repeat": {
      const { child, min, max } = node;
      if (min === 0 && max === 1) return product([{ kind: "alternate", children: [child, { kind: "empty" }] }]);
      return min === max && min <= VARIANT_BYTES_MAX ? product(Array.from({ length: min }, () => child)) : undefined;
    }
  }
}

function product(parts: readonly Node[]): readonly string[] | undefined {
  let all: readonly string[] = [""];
  for (const part of parts) {
    const variants = variantsOf(part);
    if (!variants) return undefined;
    const longer = bounded(distinct(all.flatMap((before) => variants.map((after) => before + after))));
    if (!longer) return undefined;
    all = longer;
  }
  return all;
}

function bounded(variants: readonly string[]): readonly string[] | undefined {
  const isFew = variants.length <= PLAN_VARIANTS_MAX && variants.every(({ length }) => length <= VARIANT_BYTES_MAX);
  return isFew ? variants : undefined;
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function utf8Of(codePoint: number): string {
  return Buffer.from(String.fromCodePoint(codePoint)).toString("latin1");
}

/** The longest text that stands in every match as it is; undefined when there is none of two characters. */
export function requiredTextOf(node: Node): string | undefined {
  let longest = "";
  let run = "";
  for (const { variants } of [...piecesOf(node), ANYTHING]) {
    if (variants?.length === 1) run += variants[0] ?? "";
    else {
      // A piece that is not alone may still begin or end in the middle of a character.
      const text = wholeCharacters(run);
      if (text.length > longest.length) longest = text;
      run = "";
    }
  }
  return longest.length > 1 ? longest : undefined;
}

/**
 * The longest text of ASCII, in lower case, that stands in every match in any case, as `foldText` folds it; undefined when
 * there is none of two characters.
 */
export function requiredFoldedTextOf(node: Node): string | undefined {
  let longest = "";
  let run = "";
  for (const { variants } of [...piecesOf(node), ANYTHING]) {
    const folded = distinct((variants ?? []).map((bytes) => foldText(Buffer.from(bytes, "latin1").toString())));
    run = folded.length === 1 && /^[\x20-\x7e]+$/.test(folded[0] ?? "") ? run + (folded[0] ?? "") : "";
    if (run.length > longest.length) longest = run;
  }
  return longest.length > 1 ? longest : undefined;
}

/** Equal for texts that differ in the case of ASCII letters alone, of which K (Kelvin) and ſ are cases as well. */
export function foldText(text: string): string {
  return text.toLowerCase().replaceAll("ſ", "s");
}

function wholeCharacters(bytes: string): string {
  const whole = bytes
    .replace(/^[\x80-\xbf]+/, "")
    .replace(/(?:[\xc0-\xff]|[\xe0-\xff][\x80-\xbf]|[\xf0-\xff][\x80-\xbf]{2})$/, "");
  return Buffer.from(whole, "latin1").toString();
}
