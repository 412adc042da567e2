// A checkout compiles itself: whoever starts it, however many at once, runs what the sources say now.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const AT_ONCE = 4;

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kota-build-"));
  for (const name of ["bin", "src", "package.json"])
    await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function version(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "bin/kota"), "--version"]);
  return stdout.trim();
}

const several = () => Promise.all(Array.from({ length: AT_ONCE }, version));
const outputs = async () => (await readdir(folder)).filter((name) => name.startsWith("dist"));

test("several first starts at once all run, and leave one output", async () => {
  expect(new Set(await several()).size).toBe(1);
  expect(await outputs()).toEqual(["dist"]);
});

test("an edit is in the next start, for several at once too", async () => {
  await writeFile(join(folder, "src/main.ts"), `export const main = () => (console.log("edited"), 0);\n`);
  expect(await several()).toEqual(Array.from({ length: AT_ONCE }, () => "edited"));
  expect(await outputs()).toEqual(["dist"]);
});

test("what cannot be compiled is told with its place, and is not run", async () => {
  const main = join(folder, "src/main.ts");
  const before = await readFile(main, "utf8");
  await writeFile(main, "export const main: = 1;\n");
  await expect(version()).rejects.toThrow(/cannot be compiled[^]*src\/main\.ts:1:19/);
  await writeFile(main, before);
  expect(await version()).toBe("edited");
});
