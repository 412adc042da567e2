// How many of the symbols that another reader finds in a folder Kota's outlines have, and what either has alone, to be read
// by hand: universal-ctags (Debian) for the languages that it knows, else the words that begin a definition at the start of a line.
// usage: node --import tsx bench/outlines.ts FOLDER --language NAME [--show 20]
import { execFile } from "node:child_process";
import { parseArgs, promisify } from "node:util";
import { groupBy } from "../src/platform/group-by.ts";
import { readTree } from "./graph/tree.ts";

/**
 * What ctags calls the language, and the kinds that are definitions and not parameters, heredocs or the like. `hasClauses`: a
 * function is written in several pieces, each a tag of ctags' and together one symbol of Kota's.
 */
const CTAGS: Record<string, { name: string; kinds: RegExp; hasClauses?: true }> = {
  bash: { name: "Sh", kinds: /^function$/ },
  elixir: {
    name: "Elixir",
    kinds: /^(?:macro|callback|delegate|function|guard|implementation|module|protocol|type)$/,
    hasClauses: true,
  },
  haskell: { name: "Haskell", kinds: /^(?:constructor|function|module|type)$/, hasClauses: true },
  lua: { name: "Lua", kinds: /^function$/ },
  ocaml: { name: "OCaml", kinds: /^(?:Module|class|Exception|function|method|val|type|var|Constructor)$/ },
};

const PATTERNS: Record<string, RegExp> = {
  hcl: /^(?:resource|data)\s+"[^"]+"\s+"([^"]+)"|^(?:module|variable|output|provider)\s+"([^"]+)"/,
  zig: /^\s*(?:pub |export |inline |extern )*fn\s+(\w+)\s*\(|^(?:pub )?const (\w+)\s*=\s*(?:packed |extern )?(?:struct|enum|union)\b/,
};

/** Lines that two readers may be apart: one takes the signature or the attribute before for the place. */
const LINES_APART_MAX = 3;

interface Named {
  path: string;
  name: string;
  line: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { language: { type: "string", default: "" }, show: { type: "string", default: "20" } },
});
const folder = positionals[0] ?? ".";
const { tree, texts } = await readTree(folder);
const paths = tree.paths.filter((path) => tree.language(path) === values.language);
const ours = paths.flatMap((path) => tree.facts(path).symbols.map(({ name, line }): Named => ({ path, name, line })));
const theirs = values.language in CTAGS ? await askCtags() : readLines();
const missed = lacking(theirs, ours);
const alone = lacking(ours, theirs);
const sizeBytes = paths.reduce((sum, path) => sum + (texts.get(path)?.length ?? 0), 0);
process.stdout.write(
  `${values.language}: ${paths.length} files, ${(sizeBytes / 1e6).toFixed(1)} MB, ${ours.length} symbols; of ${theirs.length} that ${
    values.language in CTAGS ? "ctags" : "the pattern"
  } finds ${theirs.length - missed.length} (${((theirs.length - missed.length) / theirs.length).toFixed(3)})\n`,
);
show("MISSED", missed);
show("KOTA ALONE", alone);

async function askCtags(): Promise<Named[]> {
  const { name, kinds } = CTAGS[values.language] ?? { name: "", kinds: /^$/ };
  const asked = ["--output-format=json", `--languages=${name}`, "--fields=+nK", "-R", "-f", "-", "."];
  const { stdout } = await promisify(execFile)("ctags", asked, { cwd: folder, maxBuffer: 2 ** 30 });
  const known = new Set(paths);
  return stdout.split("\n").flatMap((text): Named[] => {
    if (!text.startsWith("{")) return [];
    // A tag of ctags' own format.
    const tag = JSON.parse(text) as { path: string; name: string; line: number; kind: string };
    const path = tag.path.replace(/^\.\//, "");
    return kinds.test(tag.kind) && known.has(path) ? [{ path, name: tag.name, line: tag.line }] : [];
  });
}

function readLines(): Named[] {
  const pattern = PATTERNS[values.language];
  if (!pattern) throw new Error(`nothing is known to compare '${values.language}' with`);
  return paths.flatMap((path) =>
    (texts.get(path) ?? "").split("\n").flatMap((text, i): Named[] => {
      const name = pattern.exec(text)?.slice(1).find(Boolean);
      return name === undefined ? [] : [{ path, name, line: i + 1 }];
    }),
  );
}

/** Those that have no counterpart of their name nearby; of `a.b.c` the last part counts. */
function lacking(wanted: readonly Named[], found: readonly Named[]): Named[] {
  const last = (name: string) => name.split(/[.:]/).at(-1) ?? name;
  const apart = CTAGS[values.language]?.hasClauses ? Infinity : LINES_APART_MAX;
  const byName = groupBy(found, ({ path, name }) => `${path} ${last(name)}`);
  return wanted.filter(
    ({ path, name, line }) => !byName.get(`${path} ${last(name)}`)?.some((one) => Math.abs(one.line - line) <= apart),
  );
}

function show(title: string, all: readonly Named[]): void {
  process.stdout.write(`\n${title}: ${all.length}\n`);
  const count = Number(values.show);
  // Evenly over the whole list, the same at each run.
  for (let i = 0; i < Math.min(count, all.length); i++) {
    const one = all[Math.floor((i * all.length) / Math.min(count, all.length))];
    if (!one) continue;
    const text = (texts.get(one.path)?.split("\n")[one.line - 1] ?? "").trim().slice(0, 140);
    process.stdout.write(`${one.name}  ${one.path}:${one.line}  ${text}\n`);
  }
}
