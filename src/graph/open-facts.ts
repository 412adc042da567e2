// What indexing stored of a text. A file of its own, for threads need it that have no database.
import type { Facts } from "../languages/facts.ts";
import { unpackJson } from "../platform/packed-json.ts";
import { FACTS_BYTES_MAX } from "./limits.ts";

/** Facts as indexing packed them. */
export function openFacts(data: Uint8Array): Facts {
  // Written by indexing, which packs nothing else into this column.
  return unpackJson(data, { bytesMax: FACTS_BYTES_MAX }) as Facts;
}
