// What must hold of search for any corpus, any pattern and any history: ripgrep's files, lines and columns; a scan's
// counts; updates that end where a fresh build does; pages that neither lose nor repeat while the index moves on.
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { rgPath } from "@vscode/ripgrep";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { searchCode } from "../src/operations/search-code.ts";
import { openProcess, type KotaProcess } from "./harness/process.ts";
import { makeRepository, type TestRepository } from "./harness/repository.ts";

let kota: KotaProcess;
let indexed = 0;

beforeAll(async () => {
  kota = await openProcess();
});
afterAll(() => kota.close());

interface Result {
  path: string;
  match_count: number;
  matches: { line: number; column: number; text: string }[];
}

interface Pattern {
  query: string;
  match: "literal" | "regex";
  case_sensitive: boolean;
}

const WORDS = [
  "foo",
  "Foo",
  "FOO",
  "bar",
  "fooBar",
  "x",
  "ab",
  "é",
  "σς",
  "Kelvin",
  "straße",
  "😀",
  "12",
  "2024-01-02",
];
const MARKS = [" ", " ", "\t", ".", "(", ")", "=>", "_", "-", "::", "'", "\\"];
const LINE_ENDS = ["\n", "\n", "\n\n", "\r\n"];
const DEFINITIONS = ["\nexport const foo = 1;\n", "\nfunction fooBar() {}\n", "\ndef bar():\n  pass\n"];

const part = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 4, arbitrary: fc.constantFrom(...MARKS) },
  { weight: 2, arbitrary: fc.constantFrom(...LINE_ENDS) },
  { weight: 1, arbitrary: fc.constantFrom(...DEFINITIONS) },
);
const shortText = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(""));
/** Longer than two chunks: the text over and over with numbered lines between. */
const longText = shortText.map((text) =>
  Array.from({ length: Math.ceil(40_000 / (text.length + 8)) }, (_, i) => `${text}\n${i}`).join(" "),
);
const textArb = fc.oneof({ weight: 12, arbitrary: shortText }, { weight: 1, arbitrary: longText });
const pathArb = fc
  .tuple(
    fc.constantFrom("", "src/", "src/deep/", "test/", "docs/"),
    fc.nat(14),
    fc.constantFrom(".ts", ".py", ".txt", ""),
  )
  .map(([folder, number, extension]) => `${folder}f${number}${extension}`);
const corpusArb = fc.dictionary(pathArb, textArb, { minKeys: 3, maxKeys: 30, noNullPrototype: true });

const literalArb = fc
  .array(fc.constantFrom(...WORDS, ...MARKS), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(""));
const regexArb = fc
  .array(
    fc.constantFrom(
      "foo",
      "Fo+",
      "b.r",
      "\\w+",
      "\\d{2}",
      "(?:foo|bar)",
      "[a-z]+",
      "x?",
      "\\.",
      "\\(",
      "\\s",
      "^",
      "$",
      "\\b",
      "é",
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(""));
const patternArb: fc.Arbitrary<Pattern> = fc.oneof(
  fc.record({ query: literalArb, match: fc.constant("literal" as const), case_sensitive: fc.boolean() }),
  fc.record({ query: regexArb, match: fc.constant("regex" as const), case_sensitive: fc.boolean() }),
);

/** Every page, of `limit` files each; `between` happens after each but the last. */
async function search(
  name: string,
  pattern: Pattern,
  { limit = 100, between }: { limit?: number; between?: () => Promise<void> } = {},
): Promise<Result[]> {
  const results: Result[] = [];
  let cursor: unknown;
  for (;;) {
    const asked = { repository: name, ...pattern, limit, context_lines: 0 };
    const page = await kota.ask(searchCode, { ...asked, ...(typeof cursor === "string" && { cursor }) });
    results.push(...(page["results"] as Result[]));
    cursor = page["next_cursor"];
    if (typeof cursor !== "string") return results;
    await between?.();
  }
}

/** `path:line:column` of the first match of each line, as ripgrep finds them; its offsets count bytes. */
async function ripgrep(directory: string, { query, match, case_sensitive: isExact }: Pattern): Promise<string[]> {
  const how = [...(match === "literal" ? ["-F"] : []), ...(isExact ? [] : ["-i"])];
  const fixed = ["--no-config", "--no-ignore", "--hidden", "--glob=!/.git", "--json"];
  const { stdout } = await promisify(execFile)(rgPath, [...fixed, ...how, "-e", query, "."], {
    cwd: directory,
    maxBuffer: 2 ** 28,
  }).catch((error: { code: number; stdout: string }) => {
    if (error.code === 1) return { stdout: "" };
    throw error;
  });
  return stdout
    .split("\n")
    .filter((line) => line.startsWith('{"type":"match"'))
    .map((line) => {
      const { path, lines, line_number: number, submatches } = (JSON.parse(line) as RipgrepMatch).data;
      // It lists a line without naming a match where that is empty, at the very end of a text without a newline.
      const before = Buffer.from(lines.text).subarray(0, submatches[0]?.start);
      return `${path.text.slice(2)}:${number}:${Array.from(before.toString()).length + 1}`;
    });
}

/** A line of `rg --json`. */
interface RipgrepMatch {
  data: { path: { text: string }; lines: { text: string }; line_number: number; submatches: { start: number }[] };
}

/** At most 50 lines of a file are shown. */
const LINES_MAX = 50;

async function checkAgainstRipgrep(name: string, directory: string, pattern: Pattern): Promise<void> {
  const perFile = new Map<string, number>();
  const theirs = (await ripgrep(directory, pattern)).filter((place) => {
    const path = place.slice(0, place.indexOf(":"));
    perFile.set(path, (perFile.get(path) ?? 0) + 1);
    return (perFile.get(path) ?? 0) <= LINES_MAX;
  });
  const results = await search(name, pattern, { limit: 7 });
  expect(results.map(({ path }) => path).sort(), JSON.stringify(pattern)).toEqual([...perFile.keys()].sort());
  const ours = results.flatMap(({ path, matches }) => matches.map(({ line, column }) => `${path}:${line}:${column}`));
  expect(ours.sort(), JSON.stringify(pattern)).toEqual(theirs.sort());
}

/** Files of a text with how often it is in each, by looking at every line of every file. */
function scan(corpus: Record<string, string>, literal: string): [string, number][] {
  return Object.entries(corpus)
    .map(([path, text]): [string, number] => [
      path,
      text.split("\n").reduce((sum, line) => sum + line.split(literal).length - 1, 0),
    ])
    .filter(([, count]) => count > 0)
    .sort();
}

async function index(repository: TestRepository): Promise<string> {
  const name = `t/${++indexed}`;
  await kota.index(repository.path, { name });
  return name;
}

test("any corpus and pattern: ripgrep's files, lines and columns, and a scan's counts", async () => {
  await fc.assert(
    fc.asyncProperty(corpusArb, fc.array(patternArb, { minLength: 15, maxLength: 15 }), async (corpus, patterns) => {
      const repository = await makeRepository();
      await repository.write(corpus);
      const name = await index(repository);
      for (const pattern of patterns) {
        await checkAgainstRipgrep(name, repository.path, pattern);
        if (pattern.match === "regex" || !pattern.case_sensitive) continue;
        const found = (await search(name, pattern)).map(({ path, match_count: count }) => [path, count]);
        expect(found.sort(), pattern.query).toEqual(scan(corpus, pattern.query));
      }
      await repository.remove();
    }),
    { numRuns: 12 },
  );
}, 300_000);

/** Writes these files, and removes the ones without a text. */
const changeArb = fc.dictionary(pathArb, fc.option(textArb), { minKeys: 1, maxKeys: 6, noNullPrototype: true });
type Change = Record<string, string | null>;

async function apply(repository: TestRepository, change: Change): Promise<void> {
  for (const [path, text] of Object.entries(change)) {
    if (text === null) await rm(join(repository.path, path), { force: true });
    else await repository.write({ [path]: text });
  }
}

test("any sequence of updates ends where a fresh build does", async () => {
  await fc.assert(
    fc.asyncProperty(
      corpusArb,
      fc.array(changeArb, { minLength: 1, maxLength: 14 }),
      fc.array(patternArb, { minLength: 8, maxLength: 8 }),
      async (corpus, changes, patterns) => {
        const repository = await makeRepository();
        await repository.write(corpus);
        const updated = await index(repository);
        for (const change of changes) {
          await apply(repository, change);
          await kota.index(repository.path, { name: updated });
        }
        const other = await makeRepository();
        const { stdout } = await promisify(execFile)("git", ["-C", repository.path, "ls-files", "-coz"]);
        for (const path of new Set(stdout.split("\0").filter(Boolean))) {
          const text = await readFile(join(repository.path, path)).catch(() => undefined);
          if (text) await other.write({ [path]: text });
        }
        const fresh = await index(other);
        for (const pattern of patterns) {
          const sorted = async (name: string) =>
            (await search(name, pattern))
              .map(({ path, match_count, matches }) => ({ path, match_count, matches }))
              .sort((a, b) => (a.path < b.path ? -1 : 1));
          expect(await sorted(updated), JSON.stringify(pattern)).toEqual(await sorted(fresh));
        }
        await Promise.all([repository.remove(), other.remove()]);
      },
    ),
    { numRuns: 6 },
  );
}, 300_000);

test("paging neither loses nor repeats a file while the repository is indexed again and again", async () => {
  await fc.assert(
    fc.asyncProperty(
      corpusArb,
      fc.array(changeArb, { minLength: 1, maxLength: 5 }),
      patternArb,
      fc.integer({ min: 1, max: 3 }),
      async (corpus, changes, pattern, limit) => {
        const repository = await makeRepository();
        await repository.write(corpus);
        const name = await index(repository);
        const before = await search(name, pattern);
        const waiting = [...changes];
        const paged = await search(name, pattern, {
          limit,
          async between() {
            const change = waiting.shift();
            if (!change) return;
            await apply(repository, change);
            await kota.index(repository.path, { name });
          },
        });
        expect(paged).toEqual(before);
        await repository.remove();
      },
    ),
    { numRuns: 12 },
  );
}, 300_000);
