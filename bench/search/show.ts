// What the README shows of search: a table and a chart, of the newest kept result for each size of corpus. Pure.

/** As far as it is shown of what bench/search.ts keeps. */
export interface ShownResult {
  date: string;
  machine: { cpus: number; model: string };
  corpus: { name: string; files: number; bytes: number };
  tools: Record<string, { p50_ms: number; p95_ms: number; paired_median: number }>;
  exactness: { equal: number; of: number };
}

const TOOLS: readonly { name: string; title: string; colour: string }[] = [
  { name: "kota", title: "Kota", colour: "kota" },
  { name: "csearch -l, all files", title: "csearch -l", colour: "other" },
  { name: "pg_trgm, 20 paths", title: "pg_trgm, 20 paths", colour: "other" },
  { name: "rg -l, all files", title: "rg -l", colour: "other" },
];

/** A Markdown table; `results` by size. */
export function renderTable(results: readonly ShownResult[]): string {
  const row = (title: string, cells: readonly string[]) => `| ${[title, ...cells].join(" | ")} |`;
  const of = (name: string, cell: (tool: ShownResult["tools"][string]) => string) =>
    results.map(({ tools }) => (tools[name] ? cell(tools[name]) : "–"));
  return [
    row(
      "median / 95th percentile, ms",
      results.map(({ corpus }) => `${corpus.files.toLocaleString("en-US")} files, ${size(corpus.bytes)}`),
    ),
    `|---|${results.map(() => "---|").join("")}`,
    ...TOOLS.map(({ name, title }) =>
      row(
        name === "kota" ? `**${title}**, first 20 files with lines` : title,
        of(name, ({ p50_ms: p50, p95_ms: p95 }) => `${p50} / ${p95}`),
      ),
    ),
    ...["rg -l, all files", "csearch -l, all files"].map((name) =>
      row(
        `faster than ${TOOLS.find((tool) => tool.name === name)?.title}, median of the queries`,
        of(name, ({ paired_median: ratio }) => `${Number((1 / ratio).toPrecision(2))}×`),
      ),
    ),
    row(
      "paged to the end: same files as rg",
      results.map(({ exactness }) => `${exactness.equal} of ${exactness.of} queries`),
    ),
  ].join("\n");
}

const WIDTH = 860;
const LEFT = 150;
const RIGHT = 40;
const BAR = 14;
const GROUP_GAP = 34;
const MS_MIN = 1;
const MS_MAX = 10_000;

/** An SVG: for each corpus a bar to the median of each tool, and a line on to its 95th percentile. Milliseconds, logarithmic. */
export function renderChart(results: readonly ShownResult[]): string {
  const x = (ms: number) =>
    Math.round(
      LEFT + ((WIDTH - LEFT - RIGHT) * Math.log10(Math.max(ms, MS_MIN) / MS_MIN)) / Math.log10(MS_MAX / MS_MIN),
    );
  const marks: string[] = [];
  let y = 30;
  for (const { corpus, tools } of results) {
    marks.push(
      text({ x: 12, y: y + 10, kind: "head" }, `${size(corpus.bytes)}, ${corpus.files.toLocaleString("en-US")} files`),
    );
    y += 20;
    for (const { name, title, colour } of TOOLS) {
      const tool = tools[name];
      if (!tool) continue;
      const [p50, p95] = [x(tool.p50_ms), x(tool.p95_ms)];
      marks.push(
        text({ x: LEFT - 8, y: y + 11, kind: "name" }, title),
        `<rect class="${colour}" x="${LEFT}" y="${y}" width="${Math.max(2, p50 - LEFT)}" height="${BAR}" rx="2"/>`,
        `<path class="line" d="M${p50} ${y + BAR / 2}H${p95}m0-4v8"/>`,
        text({ x: Math.max(p50, p95) + 6, y: y + 11, kind: "value" }, `${tool.p50_ms} / ${tool.p95_ms}`),
      );
      y += BAR + 6;
    }
    y += GROUP_GAP - BAR - 6;
  }
  const bottom = y;
  const axis = [1, 10, 100, 1000, 10_000].map(
    (ms) =>
      `<path class="grid" d="M${x(ms)} 24V${bottom}"/>${text({ x: x(ms), y: bottom + 16, kind: "tick" }, ms < 1000 ? `${ms} ms` : `${ms / 1000} s`)}`,
  );
  const title = "Search, median and 95th percentile in milliseconds, less is better";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom + 26}" viewBox="0 0 ${WIDTH} ${bottom + 26}" role="img" aria-labelledby="title">
<title id="title">${title}: Kota beside csearch, pg_trgm and ripgrep on ${results.length} sizes of corpus</title>
<style>text{font:12px system-ui,sans-serif;fill:#57606a}.head{font-weight:600;fill:#1f2328}.name{text-anchor:end}.tick{text-anchor:middle}.kota{fill:#1a7f5a}.other{fill:#afb8c1}.line{stroke:#57606a;fill:none}.grid{stroke:#d0d7de;stroke-width:.5}@media(prefers-color-scheme:dark){text{fill:#9198a1}.head{fill:#f0f6fc}.kota{fill:#3fb950}.other{fill:#59636e}.line{stroke:#9198a1}.grid{stroke:#3d444d}}</style>
${text({ x: 12, y: 16, kind: "head" }, title)}
${[...axis, ...marks].join("\n")}
</svg>
`;
}

function text({ x, y, kind }: { x: number; y: number; kind: string }, content: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${content}</text>`;
}

function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
