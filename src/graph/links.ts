// Where the references of one file lead, as linking says it and as it is stored. Definitions are named by path and
// by their number among the symbols of that file. Pure.
import { NumberWriter, packNumbers, unpackNumbers } from "../platform/packed-numbers.ts";
import { LINKS_BYTES_MAX } from "./limits.ts";

/** How sure a link is: the only thing it can be, the likeliest, or one of several. */
export const CONFIDENCES = ["exact", "inferred", "ambiguous"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export interface Definition {
  path: string;
  /** Number of the symbol in its file. */
  symbol: number;
}

/**
 * What became of reference number `reference` of a file. Unless `ambiguous`, all definitions are meant: the declarations
 * of one merged thing, or the members of a union's parts.
 */
export interface Link {
  reference: number;
  confidence: Confidence;
  definitions: Definition[];
}

/** Why an import leads to no file of the repository. A closed set that callers see. */
export const UNRESOLVED_REASONS = ["external", "builtin", "missing", "dynamic"] as const;

export interface UnresolvedImport {
  specifier: string;
  line: number;
  reason: (typeof UNRESOLVED_REASONS)[number];
  /** Of an external one: its name across repositories (packages.ts). */
  package?: string;
}

export interface StoredLinks {
  links: Link[];
  unresolved: UnresolvedImport[];
}

/**
 * Definitions are numbers in a table of paths: a file refers to few others, and often. Of each link: how many references further
 * down it is, confidence, number of definitions, then path and symbol of each.
 */
interface Packed {
  count: number;
  paths: string[];
  unresolved: UnresolvedImport[];
}

/** What the numbers of one link mostly take. */
const LINK_BYTES = 8;

export function packLinks({ links, unresolved }: StoredLinks): Uint8Array<ArrayBuffer> {
  const places = new Map<string, number>();
  const numbers = new NumberWriter(links.length * LINK_BYTES);
  let before = 0;
  for (const { reference, confidence, definitions } of links) {
    numbers.putSigned(reference - before);
    numbers.put(CONFIDENCES.indexOf(confidence));
    numbers.put(definitions.length);
    for (const { path, symbol } of definitions) {
      const place = places.get(path) ?? places.size;
      if (place === places.size) places.set(path, place);
      numbers.put(place);
      numbers.put(symbol);
    }
    before = reference;
  }
  return packNumbers({ count: links.length, paths: [...places.keys()], unresolved } satisfies Packed, numbers);
}

/**
 * The same links after symbols have come or gone in files that they lead to. Undefined: one of their symbols has no number now.
 * `numbersOf`: of a path its new numbers by the old ones, where they are others; a negative one for what is gone.
 */
export function renumberLinks(
  data: Uint8Array,
  numbersOf: (path: string) => readonly number[] | undefined,
): Uint8Array<ArrayBuffer> | undefined {
  const stored = openLinks(data);
  for (const { definitions } of stored.links)
    for (const definition of definitions) {
      const numbers = numbersOf(definition.path);
      if (!numbers) continue;
      const number = numbers[definition.symbol] ?? -1;
      if (number < 0) return undefined;
      definition.symbol = number;
    }
  return packLinks(stored);
}

export function openLinks(data: Uint8Array): StoredLinks {
  const { value, numbers } = unpackNumbers(data, { bytesMax: LINKS_BYTES_MAX });
  // Written by packLinks alone.
  const { count, paths, unresolved } = value as Packed;
  let reference = 0;
  const links = Array.from({ length: count }, (): Link => {
    reference += numbers.takeSigned();
    const confidence = CONFIDENCES[numbers.take()] ?? "ambiguous";
    const definitions = Array.from({ length: numbers.take() }, (): Definition => {
      const path = paths[numbers.take()] ?? "";
      return { path, symbol: numbers.take() };
    });
    return { reference, confidence, definitions };
  });
  return { links, unresolved };
}
