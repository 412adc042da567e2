// Where the references of one file lead, as linking says it and as it is stored. Definitions are named by path and
// by their number among the symbols of that file. Pure.
import { packJson, unpackJson } from "../platform/packed-json.ts";
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

/** Definitions as numbers in a table of paths: a file refers to few others, and often. */
interface Packed {
  paths: string[];
  /** For each link: reference, confidence, number of definitions, then path and symbol of each. */
  links: number[];
  unresolved: UnresolvedImport[];
}

export function packLinks({ links, unresolved }: StoredLinks): Uint8Array {
  const numbers = new Map<string, number>();
  const numberOf = (path: string) => {
    const known = numbers.get(path) ?? numbers.size;
    numbers.set(path, known);
    return known;
  };
  const flat = links.flatMap(({ reference, confidence, definitions }) => [
    reference,
    CONFIDENCES.indexOf(confidence),
    definitions.length,
    ...definitions.flatMap(({ path, symbol }) => [numberOf(path), symbol]),
  ]);
  return packJson({ paths: [...numbers.keys()], links: flat, unresolved } satisfies Packed);
}

export function openLinks(data: Uint8Array): StoredLinks {
  // Written by packLinks alone.
  const { paths, links: flat, unresolved } = unpackJson(data, { bytesMax: LINKS_BYTES_MAX }) as Packed;
  const links: Link[] = [];
  for (let at = 0; at < flat.length;) {
    const [reference = 0, confidence = 0, count = 0] = flat.slice(at, at + 3);
    at += 3;
    const definitions: Definition[] = [];
    for (; definitions.length < count; at += 2)
      definitions.push({ path: paths[flat[at] ?? 0] ?? "", symbol: flat[at + 1] ?? 0 });
    links.push({ reference, confidence: CONFIDENCES[confidence] ?? "ambiguous", definitions });
  }
  return { links, unresolved };
}
