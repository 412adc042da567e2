// Files that pin what outsiders see. `npm run golden` writes them; then read the difference.
import { readFile, writeFile } from "node:fs/promises";
import { expect } from "vitest";

export async function expectGolden(file: URL, actual: string): Promise<void> {
  if (process.env["KOTA_GOLDEN"] === "write") await writeFile(file, actual);
  expect(actual).toBe(await readFile(file, "utf8").catch(() => `${file.pathname} does not exist: run npm run golden`));
}
