// Two ways to do the same, in turns: who goes first changes, and one unmeasured round warms up.
import { quantile, round } from "./figures.ts";
import type { Query } from "./queries.ts";

/** Over the medians of each query; `paired_median` of the ratios query by query, the first way ÷ the second. */
export interface Pair {
  p50_ms: [number, number];
  p95_ms: [number, number];
  paired_median: number;
}

export async function timePair(
  ways: readonly [(query: Query) => Promise<void>, (query: Query) => Promise<void>],
  { queries, rounds }: { queries: readonly Query[]; rounds: number },
): Promise<Pair> {
  const samples = queries.map((): [number[], number[]] => [[], []]);
  for (let turn = 0; turn <= rounds; turn++) {
    for (const [at, query] of queries.entries()) {
      for (const way of (turn + at) % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const started = performance.now();
        await ways[way](query);
        if (turn > 0) samples[at]?.[way].push(performance.now() - started);
      }
    }
  }
  const medians = samples.map(([a, b]): [number, number] => [quantile(a, 0.5), quantile(b, 0.5)]);
  const over = (way: 0 | 1, share: number) =>
    round(
      quantile(
        medians.map((pair) => pair[way]),
        share,
      ),
      2,
    );
  return {
    p50_ms: [over(0, 0.5), over(1, 0.5)],
    p95_ms: [over(0, 0.95), over(1, 0.95)],
    paired_median: round(
      quantile(
        medians.map(([a, b]) => a / b),
        0.5,
      ),
      3,
    ),
  };
}
