// What an edit takes until a server that watches the folder answers from it, text and graph: a declaration in a file that many
// use, a body there, a file that comes and goes.
// node --import tsx bench/edits.ts --repository PATH --file PATH --before TEXT --declaration TEXT --body TEXT --new TEXT [--rounds 5] [--name NAME]
// KOTA in the texts is a new name in each round; --declaration is put before the line that begins with --before, --body behind it.
import { mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { runKota, startKota } from "../test/harness/command.ts";
import { copyCorpus } from "./search/corpus.ts";
import { quantile } from "./search/figures.ts";
import { describeMachine } from "./search/machine.ts";
import { saveResult } from "./search/results.ts";

const FOUND_SECONDS_MAX = 120;
/** The server has then looked at the folder as a whole, and nothing else is under way. */
const QUIET_MS = 8000;
const POLL_MS = 10;

const { values } = parseArgs({
  options: {
    repository: { type: "string" },
    file: { type: "string" },
    before: { type: "string" },
    declaration: { type: "string" },
    body: { type: "string" },
    new: { type: "string" },
    rounds: { type: "string", default: "5" },
    name: { type: "string" },
  },
});
const { repository, file, before, declaration, body, new: added } = values;
if (!repository || !file || !before || !declaration || !body || !added) {
  process.stderr.write("usage: see the head of bench/edits.ts\n");
  process.exitCode = 2;
} else {
  const name = values.name ?? basename(resolve(repository));
  const directory = await mkdtemp(join(tmpdir(), "kota-bench-"));
  const env = { KOTA_DATA_DIR: join(directory, "data"), LOG_LEVEL: "error" };
  const corpus = await copyCorpus(resolve(repository), join(directory, "corpus"));
  const machine = describeMachine();
  const indexed = await runKota(["index", corpus.directory, "--name", `bench/${name}`], { env });
  if (indexed.exitCode !== 0) throw new Error(indexed.stderr);
  const server = startKota(["serve", "--port", "0"], { env });
  try {
    const [, url = ""] = await server.printed(/^Listening on (\S+)$/m);
    const key = (await readFile(join(env.KOTA_DATA_DIR, "api-key"), "utf8")).trim();
    await sleep(QUIET_MS);
    const path = join(corpus.directory, file);
    const original = await readFile(path, "utf8");
    const at = original.indexOf(`\n${before}`) + 1;
    if (at === 0) throw new Error(`no line of ${file} begins with '${before}'`);
    const end = original.indexOf("\n", at) + 1;
    const other = join(dirname(path), `kota_new${extname(path)}`);
    const withAt = (place: number, text: string) => `${original.slice(0, place)}${text}\n${original.slice(place)}`;
    const edits: Record<string, { apply: (word: string) => Promise<void>; undo: () => Promise<void> }> = {
      declaration: {
        apply: (word) => writeFile(path, withAt(at, declaration.replaceAll("KOTA", word))),
        undo: () => writeFile(path, original),
      },
      body: {
        apply: (word) => writeFile(path, withAt(end, body.replaceAll("KOTA", word))),
        undo: () => writeFile(path, original),
      },
      new_file: { apply: (word) => writeFile(other, added.replaceAll("KOTA", word)), undo: () => unlink(other) },
    };
    const measured: Record<string, { median_ms: number; found_ms: number[]; undone_ms: number[] }> = {};
    for (const [kind, { apply, undo }] of Object.entries(edits)) {
      const [found, undone]: [number[], number[]] = [[], []];
      for (let i = 0; i < Number(values.rounds); i++) {
        const word = `Kota${Date.now().toString(36)}`;
        found.push(await timed(() => apply(word), { url, key, word, isThere: true }));
        undone.push(await timed(undo, { url, key, word, isThere: false }));
      }
      measured[kind] = { median_ms: quantile([...found, ...undone], 0.5), found_ms: found, undone_ms: undone };
    }
    const { files, bytes } = corpus;
    const date = new Date().toISOString();
    const result = { date, machine, corpus: { name, files, bytes }, file, edits: measured };
    await saveResult("edits", result);
    process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
  } finally {
    server.child.kill("SIGTERM");
    await server.finished;
    await rm(directory, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
  }
}

/** Milliseconds from the edit until search finds the word, or does not any more. */
async function timed(
  edit: () => Promise<void>,
  { url, key, word, isThere }: { url: string; key: string; word: string; isThere: boolean },
): Promise<number> {
  const query = new URLSearchParams({ query: word, match: "literal", detail: "paths" });
  const startedMs = performance.now();
  await edit();
  while (performance.now() - startedMs < FOUND_SECONDS_MAX * 1000) {
    const response = await fetch(`${url}/api/v1/search?${query}`, { headers: { authorization: `Bearer ${key}` } });
    const answer = (await response.json()) as { data: { results: unknown[] } };
    if (answer.data.results.length > 0 === isThere) return Math.round(performance.now() - startedMs);
    await sleep(POLL_MS);
  }
  throw new Error(`the edit was not found within ${FOUND_SECONDS_MAX} s`);
}
