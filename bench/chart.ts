// Draws what the README shows of search from bench/results: its table, and docs/search-speed.svg.
// node --import tsx bench/chart.ts
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RESULTS } from "./search/results.ts";
import { renderChart, renderTable, type ShownResult } from "./search/show.ts";

const CORPORA = ["c10", "c100", "c1000"];
const BEGIN = "<!-- bench/chart.ts -->";
const END = "<!-- /bench/chart.ts -->";

const results = await Promise.all(CORPORA.map(readNewest));
const readme = new URL("../README.md", import.meta.url);
const page = await readFile(readme, "utf8");
const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`README.md has no ${BEGIN} … ${END}`);
await writeFile(new URL("../docs/search-speed.svg", import.meta.url), renderChart(results));
await writeFile(readme, `${page.slice(0, begin + BEGIN.length)}\n${renderTable(results)}\n${page.slice(end)}`);

async function readNewest(name: string): Promise<ShownResult> {
  const files = (await readdir(RESULTS)).filter((file) => file.endsWith(`-search-${name}.json`)).sort();
  const newest = files.at(-1);
  if (newest === undefined) throw new Error(`there is no result of ${name}: run bench/search.ts --name ${name}`);
  // What bench/search.ts wrote.
  return JSON.parse(await readFile(join(RESULTS, newest), "utf8")) as ShownResult;
}
