// What a run found, and the table people read.
import { quantile, round } from "./figures.ts";
import type { Reindexing, Setup } from "./kota.ts";
import type { Machine } from "./machine.ts";
import type { RowLevelSecurity } from "./postgres.ts";
import type { Query } from "./queries.ts";
import type { Csearch } from "./rivals.ts";
import type { Trigrams } from "./trigrams.ts";

export interface QueryTimes {
  query: Query;
  /** Milliseconds by tool. */
  samples: ReadonlyMap<string, readonly number[]>;
}

/** Of a tool over the medians of all queries. Ratios are Kota's time divided by the tool's: below 1 Kota is faster. */
interface Compared {
  p50_ms: number;
  p95_ms: number;
  kota_ratio_p50: number;
  kota_ratio_p95: number;
  /** Median and worst of the ratios query by query, and how many queries Kota took longer for. */
  paired_median: number;
  paired_worst: number;
  kota_slower_on: number;
}

interface Summary {
  tools: Record<string, Compared>;
  queries: { kind: string; text: string; ms: Record<string, number> }[];
}

export interface Exactness {
  equal: number;
  of: number;
  queries: {
    text: string;
    files: number;
    pages: number;
    missing: number;
    extra: number;
    repeated: number;
    kota_ms: number;
    rg_l_ms: number;
  }[];
}

/** Indexing the same bytes under names that no grammar reads: content and trigrams, neither facts nor links. */
export type SearchPart = Pick<Setup, "index_ms" | "index_mb_per_second" | "index_peak_memory_mb">;

export interface Report extends Summary {
  date: string;
  /** Commit. */
  code: string;
  machine: Machine;
  rounds: number;
  seed: number;
  /** `sources`: repositories with their commits, where it is made of several. */
  corpus: { name: string; files: number; bytes: number; sources: unknown };
  setup: Setup;
  search_part: SearchPart;
  edits: Reindexing & { edit_to_found_ms: number[] };
  csearch: Csearch;
  pg_trgm: Trigrams | undefined;
  row_level_security: RowLevelSecurity;
  /** Kota right after indexing, second time each query was asked. */
  just_indexed: Compared | undefined;
  exactness: Exactness;
}

export function summarize(times: readonly QueryTimes[]): Summary {
  const medians = times.map(({ samples }) => new Map([...samples].map(([name, of]) => [name, quantile(of, 0.5)])));
  const column = (name: string) => medians.map((row) => row.get(name) ?? Number.NaN);
  const ours = column("kota");
  const tools = [...(medians[0]?.keys() ?? [])].map((name): [string, Compared] => {
    const theirs = column(name);
    const paired = ours.map((ms, at) => ms / (theirs[at] ?? Number.NaN));
    return [
      name,
      {
        p50_ms: round(quantile(theirs, 0.5), 1),
        p95_ms: round(quantile(theirs, 0.95), 1),
        kota_ratio_p50: round(quantile(ours, 0.5) / quantile(theirs, 0.5), 3),
        kota_ratio_p95: round(quantile(ours, 0.95) / quantile(theirs, 0.95), 3),
        paired_median: round(quantile(paired, 0.5), 3),
        paired_worst: round(Math.max(...paired), 2),
        kota_slower_on: paired.filter((ratio) => ratio > 1).length,
      },
    ];
  });
  return {
    tools: Object.fromEntries(tools),
    queries: times.map(({ query }, at) => ({
      kind: query.kind,
      text: query.text,
      ms: Object.fromEntries([...(medians[at] ?? [])].map(([name, ms]) => [name, round(ms, 1)])),
    })),
  };
}

export function renderReport(report: Report): string {
  const { machine, corpus, setup, edits, csearch, tools, queries, exactness, row_level_security: security } = report;
  const { search_part: searchPart } = report;
  const besideCindex = ({ index_ms: ms }: Pick<Setup, "index_ms">) =>
    csearch.index_ms === undefined ? "" : `; Kota ÷ cindex ${round(ms / csearch.index_ms, 1)}`;
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const stored =
    setup.stored_bytes === undefined
      ? "not readable"
      : `${mb(setup.stored_bytes)}, ${setup.stored_to_corpus} of the corpus (text and index)`;
  const facts = [
    ["corpus", `${corpus.name}: ${corpus.files} files, ${mb(corpus.bytes)}`],
    ["machine", `${machine.cpus} × ${machine.model}, node ${machine.node}, load ${machine.load_at_start} at the start`],
    ["first start", `${setup.first_start_ms} ms with initdb and migrations`],
    [
      "index",
      `${setup.index_ms} ms, ${setup.index_mb_per_second} MB/s, peak memory ${setup.index_peak_memory_mb ?? "?"} MB`,
    ],
    [
      "search part",
      `${searchPart.index_ms} ms, ${searchPart.index_mb_per_second} MB/s, peak memory ${searchPart.index_peak_memory_mb ?? "?"} MB, without facts and links${besideCindex(searchPart)}`,
    ],
    ["stored", stored],
    ["index alone", `${mb(setup.index_bytes)}, ${setup.index_to_corpus} of the corpus`],
    [
      "row-level security",
      `on ÷ off ${security.nothing_remembered.paired_median} at the median, ${security.remembered.paired_median} as requests are served`,
    ],
    [
      "index again",
      `${median(edits.reindex_job_ms)} ms after one edit (${median(edits.reindex_command_ms)} ms the whole command)`,
    ],
    [
      "edit to found",
      edits.edit_to_found_ms.length > 0 ? `${median(edits.edit_to_found_ms)} ms in a watched folder` : "not in time",
    ],
    [
      "csearch",
      csearch.index_ms === undefined
        ? "not installed"
        : `cindex ${csearch.index_ms} ms, ${mb(csearch.index_bytes ?? 0)}${besideCindex(setup)}`,
    ],
    ["just indexed", `Kota p50 ${report.just_indexed?.p50_ms} ms, p95 ${report.just_indexed?.p95_ms} ms`],
    ["exact", `${exactness.equal} of ${exactness.of} queries page to the files of rg -l`],
  ].map((cells) => cells.map(String));
  const compared = Object.entries(tools).map(([name, figures]) => [name, ...Object.values(figures).map(String)]);
  const names = Object.keys(tools);
  const slowest = [...queries].sort((a, b) => (b.ms["kota"] ?? 0) - (a.ms["kota"] ?? 0)).slice(0, 8);
  return [
    renderTable(facts),
    `Warm first page of 20 files with lines, ${queries.length} queries, median of ${report.rounds}; ratio: Kota ÷ tool`,
    renderTable([["", "p50 ms", "p95 ms", "ratio p50", "ratio p95", "paired", "worst", "slower on"], ...compared]),
    "Kota's slowest queries, ms",
    renderTable([["", ...names], ...slowest.map(({ text, ms }) => [text, ...names.map((name) => String(ms[name]))])]),
    "",
  ].join("\n\n");
}

function renderTable(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function median(values: readonly number[]): number {
  return Math.round(quantile(values, 0.5));
}
