// Where results are kept: bench/results, one file for each day, benchmark and corpus.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const RESULTS = fileURLToPath(new URL("../results", import.meta.url));

/** Keeps a result, in place of one of the same day. */
export async function saveResult(benchmark: string, result: { date: string; corpus: { name: string } }): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(
    join(RESULTS, `${result.date.slice(0, 10)}-${benchmark}-${result.corpus.name}.json`),
    `${JSON.stringify(result, null, 1)}\n`,
  );
}
