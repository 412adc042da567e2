// Queries of every kind: forty that people ask of any code, and about forty-five drawn from the corpus itself; the same
// ones for the same corpus and seed.

type QueryKind =
  | "common identifier"
  | "rare identifier"
  | "call"
  | "punctuation"
  | "phrase"
  | "ignoring case"
  | "regex"
  | "2 characters"
  | "absent";

/** One page of results, as Kota and the tools beside it are asked for it. */
export const FILES_PER_PAGE = 20;

export interface Query {
  kind: QueryKind;
  text: string;
  isRegex: boolean;
  ignoresCase: boolean;
}

/** Lines of a file that pieces are cut from: enough for variety, and a large file counts no more than others. */
const LINES_PER_FILE = 40;

/** What agents and people look for whatever the code base: [kind, text], in regular expressions as ripgrep reads them. */
const ASKED: readonly [QueryKind, string][] = [
  ["common identifier", "error"],
  ["common identifier", "import"],
  ["common identifier", "test"],
  ["common identifier", "TODO"],
  ["common identifier", "FIXME"],
  ["common identifier", "deprecated"],
  ["rare identifier", "TrieRouter"],
  ["rare identifier", "ErrServerClosed"],
  ["rare identifier", "handleHotUpdate"],
  ["rare identifier", "copy_from_user"],
  ["rare identifier", "resolve_completion_edits"],
  ["call", "JSON.parse("],
  ["call", "fmt.Errorf("],
  ["call", "addEventListener("],
  ["call", "console.log("],
  ["call", "mutex_lock(&"],
  ["punctuation", "=>"],
  ["punctuation", "::<"],
  ["punctuation", "});"],
  ["punctuation", "/**"],
  ["phrase", "if err != nil {"],
  ["phrase", "export default"],
  ["phrase", "from '../"],
  ["phrase", "Copyright (c)"],
  ["phrase", "not found"],
  ["ignoring case", "httpclient"],
  ["ignoring case", "timeout exceeded"],
  ["ignoring case", "MAX_RETRIES"],
  ["ignoring case", "content-security-policy"],
  ["2 characters", "fM"],
  ["2 characters", "?."],
  ["regex", "func \\(\\w+ \\*?\\w+\\) String\\(\\)"],
  ["regex", "class \\w+ extends \\w+"],
  ["regex", "\\bv?\\d+\\.\\d+\\.\\d+-beta"],
  ["regex", "https?://[a-z.]+/[a-z]+\\.json"],
  ["regex", "(?i)api[_-]?key"],
  ["regex", "^import .* from ['\"]node:"],
  ["regex", "[0-9a-f]{32}"],
  ["regex", "TODO\\(\\w+\\)"],
  ["regex", "process\\.env\\.[A-Z_]+"],
];

export function drawQueries(texts: readonly string[], seed: number): Query[] {
  const random = seededRandom(seed);
  const pick = (candidates: Iterable<string>, count: number) => sample([...new Set(candidates)], { count, random });
  const files = countFiles(texts);
  const identifiers = [...files.keys()].sort();
  const byUse = [...identifiers].sort((a, b) => (files.get(b) ?? 0) - (files.get(a) ?? 0));
  const common = pick(byUse.slice(0, 200), 9);
  const rare = pick(
    identifiers.filter((name) => name.length >= 6 && (files.get(name) ?? 0) <= 3),
    12,
  );
  const lines = texts
    .flatMap((text) => sample(text.split("\n"), { count: LINES_PER_FILE, random }))
    .map((line) => line.trim())
    .filter((line) => line.length >= 12 && line.length <= 160 && /^[\x20-\x7e]+$/.test(line));
  const found = (pattern: RegExp) => lines.flatMap((line) => line.match(pattern) ?? []);
  const literals: [QueryKind, string[]][] = [
    ["common identifier", common.slice(0, 6)],
    ["rare identifier", rare.slice(0, 6)],
    ["call", pick(found(/\b[A-Za-z_]\w*\.[A-Za-z_]\w*\(/g), 5)],
    ["punctuation", pick(found(/[^\w\s]{3,6}/g), 5)],
    ["phrase", pick(found(/\w+\W{1,3}\w+\W{1,3}\w+\W?$/g), 6)],
    ["2 characters", pick(found(/\w\w|\W\w/g), 3)],
    ["absent", rare.slice(0, 2).map((name) => `${name}Zq${name.length}`)],
  ];
  return [
    ...ASKED.map(([kind, text]): Query => ({
      kind,
      text,
      isRegex: kind === "regex",
      ignoresCase: kind === "ignoring case",
    })),
    ...literals.flatMap(([kind, found]) =>
      found.map((text): Query => ({ kind, text, isRegex: false, ignoresCase: false })),
    ),
    ...[...rare.slice(6, 8), ...common.slice(6, 8)].map((name): Query => ({
      kind: "ignoring case",
      text: name.toUpperCase(),
      isRegex: false,
      ignoresCase: true,
    })),
    ...regexes({ common, rare }).map((text): Query => ({ kind: "regex", text, isRegex: true, ignoresCase: false })),
  ];
}

function regexes({ common, rare }: { common: readonly string[]; rare: readonly string[] }): string[] {
  const [often = "", oftenToo = ""] = common;
  const [a = "", b = "", c = ""] = rare.slice(8);
  return [
    `\\b${a}\\b`,
    `(${b}|${c})`,
    `(?i)${c}`,
    `${b.slice(0, 4)}\\w+${b.slice(-2)}\\b`,
    `^\\s*\\w+ ${often}\\b`,
    `${oftenToo}\\s*[(:=]`,
    "\\b[A-Z]{3,}(_[A-Z0-9]+){2,}\\b",
    "\\d{4}-\\d{2}-\\d{2}",
  ];
}

/** In how many files each identifier of at least four characters is. */
function countFiles(texts: readonly string[]): Map<string, number> {
  const files = new Map<string, number>();
  for (const text of texts)
    for (const name of new Set(text.match(/\b[A-Za-z_]\w{3,40}\b/g) ?? [])) files.set(name, (files.get(name) ?? 0) + 1);
  return files;
}

/** `count` of the items, each at most once, by a shuffle that stops there. */
export function sample<Item>(
  items: readonly Item[],
  { count, random }: { count: number; random: () => number },
): Item[] {
  const rest = [...items];
  const chosen: Item[] = [];
  while (chosen.length < count && rest.length > 0) {
    const at = Math.floor(random() * rest.length);
    const [item, last] = [rest[at], rest.pop()];
    if (item !== undefined) chosen.push(item);
    if (at < rest.length && last !== undefined) rest[at] = last;
  }
  return chosen;
}

/** mulberry32: small, and the same numbers on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
