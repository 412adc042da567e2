// What linking keeps of a snapshot for the next one, as one binary value: of every file with facts what its links were worked
// out from, and its overview. Pure.
//
// Before deflate: u32 bytes of texts | texts as JSON, sorted | of each file, by path: place of its path among the texts,
// whether it is ambient, and five lists; numbers as varints, lists as their length and the steps from one place to the next.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { LINK_STATE_BYTES_MAX } from "./limits.ts";
import type { Overview } from "./link/overview.ts";
import type { Reads } from "./link/tree.ts";

export interface FileState {
  reads: Reads;
  overview: Overview;
}

/** Deterministic: the same states give the same bytes, in whatever order they come. */
export function packState(states: readonly (FileState & { path: string })[]): Buffer {
  const lists = states.map(({ path, reads, overview }) => ({
    path,
    isAmbient: overview.isAmbient,
    lists: [reads.files, reads.places, reads.names, reads.augments ?? [], overview.memberNames],
  }));
  const texts = new Set<string>();
  for (const file of lists) {
    texts.add(file.path);
    for (const list of file.lists) for (const text of list) texts.add(text);
  }
  const table = [...texts].sort();
  const places = new Map(table.map((text, place) => [text, place]));
  const placeOf = (text: string) => places.get(text) ?? 0;
  const bytes: number[] = [];
  for (const file of lists.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    putVarint(bytes, placeOf(file.path));
    putVarint(bytes, Number(file.isAmbient));
    for (const list of file.lists) {
      putVarint(bytes, list.length);
      let before = 0;
      for (const text of list) {
        const place = placeOf(text);
        putVarint(bytes, place - before);
        before = place;
      }
    }
  }
  const json = Buffer.from(JSON.stringify(table));
  const header = Buffer.alloc(4);
  header.writeUInt32LE(json.length);
  return deflateRawSync(Buffer.concat([header, json, Buffer.from(bytes)]), { level: 1 });
}

export function openState(data: Uint8Array): Map<string, FileState> {
  const bytes = inflateRawSync(data, { maxOutputLength: LINK_STATE_BYTES_MAX });
  const start = 4 + bytes.readUInt32LE();
  // Written by packState alone.
  const texts = JSON.parse(bytes.toString("utf8", 4, start)) as string[];
  let at = start;
  const take = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const takeList = (): string[] => {
    let place = 0;
    return Array.from({ length: take() }, () => texts[(place += take())] ?? "");
  };
  const states = new Map<string, FileState>();
  while (at < bytes.length) {
    const path = texts[take()] ?? "";
    const isAmbient = take() === 1;
    const [files, places, names, augments] = [takeList(), takeList(), takeList(), takeList()];
    const reads: Reads = { files, places, names, ...(augments.length > 0 && { augments }) };
    states.set(path, { reads, overview: { isAmbient, memberNames: takeList() } });
  }
  return states;
}

function putVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}
