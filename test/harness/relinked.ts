// Files linked in a test as a snapshot, all of them or after an edit, and all that is then stored: the two must be the same.
import { openFacts, packFacts } from "../../src/graph/packed-facts.ts";
import { symbolRows } from "../../src/indexing/facts-of.ts";
import type { DeclarationsAsked } from "../../src/indexing/link/tree.ts";
import { linkSnapshot, openLinks, type LinkedSnapshot, type OpenedLinks } from "../../src/indexing/link-snapshot.ts";
import { grammarOf } from "../../src/languages/grammar.ts";
import { isTestPath } from "../../src/languages/test-file.ts";
import { factsOf } from "./linked-tree.ts";

/** Texts by path. Undefined: there is no such file. */
export type Texts = Readonly<Record<string, string | undefined>>;

/** Packed facts by path; undefined for a file without any. */
export type Files = ReadonlyMap<string, Uint8Array | undefined>;

export interface Linked extends LinkedSnapshot {
  files: Files;
  facts: OpenedLinks["facts"];
  /** Links of all files by path, those kept from before included. */
  all: Map<string, string>;
}

export function packed(path: string, text: string): Uint8Array | undefined {
  return grammarOf(path) === undefined ? undefined : packFacts(factsOf(path, text));
}

/** The files with these texts in place of theirs. */
export function edited(files: Files, texts: Texts): Files {
  const after = new Map(files);
  for (const [path, text] of Object.entries(texts))
    if (text === undefined) after.delete(path);
    else after.set(path, packed(path, text));
  return after;
}

/** Links all files but those that are skipped, or after `previous` only those that the changes concern. */
export function link(files: Files, previous?: Linked, skipped: readonly string[] = []): Linked {
  const paths = previous ? [...new Set([...files.keys(), ...previous.files.keys()])] : [];
  const isSame = (path: string) =>
    files.has(path) === previous?.files.has(path) && String(files.get(path)) === String(previous.files.get(path));
  const changes = paths
    .filter((path) => !isSame(path))
    .map((path) => ({ path, wasThere: previous?.files.has(path) === true, facts: previous?.files.get(path) }));
  const described = [...files].map(([path, facts]) => ({
    path,
    content: facts === undefined ? "" : Buffer.from(facts).toString("base64"),
    isTest: isTestPath(path),
    hasFacts: facts !== undefined,
  }));
  const before = previous && openLinks(previous, previous.facts);
  let facts: Linked["facts"] = new Map();
  const linked = linkSnapshot(
    { skipped, files: described, previous: before && { key: before.key, changes } },
    {
      readLinks: (numbers) =>
        numbers.map((number) => {
          const links = previous?.all.get(described[number]?.path ?? "");
          return links === undefined ? undefined : Buffer.from(links, "base64");
        }),
      readFacts: (numbers) => numbers.map((number) => files.get(described[number]?.path ?? "")),
      findDeclaring: (asked) =>
        described.flatMap(({ path }, number) => (declares(files.get(path), asked) ? number : [])),
      before,
      onFacts: (kept) => (facts = kept),
    },
  );
  const kept = [...(previous?.all ?? [])].filter(([path]) => files.get(path));
  const again = linked.links.map(({ path, data }): [string, string] => [path, Buffer.from(data).toString("base64")]);
  return { ...linked, files, facts, all: new Map([...kept, ...again]) };
}

const rowsOf = new WeakMap<Uint8Array, ReturnType<typeof symbolRows>>();

/** Whether packed facts are among those that are asked for: as the database tells it of what is stored. */
export function declares(facts: Uint8Array | undefined, { names, containers }: DeclarationsAsked): boolean {
  if (!facts) return false;
  const rows = rowsOf.get(facts) ?? symbolRows(openFacts(facts));
  rowsOf.set(facts, rows);
  return rows.some(
    ({ name, container, kind }) =>
      names.includes(name) &&
      (container === undefined ||
        !containers ||
        containers.includes(container) ||
        !["property", "method", "constructor"].includes(kind)),
  );
}

/** All that is stored of a snapshot's links, as text. */
export function stored({ graph, state, packages, all }: Linked) {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return { graph: text(graph), state: text(state), packages, links: [...all].sort(([a], [b]) => (a < b ? -1 : 1)) };
}
