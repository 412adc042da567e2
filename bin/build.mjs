// Bundles src/ into dist/ whenever the sources are not those that dist/ was made from, so that a checkout always runs what
// it holds. A published package brings dist/ without src/, and there is nothing to do.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUTPUT = join(ROOT, "dist");
/** The modules that a process or a thread starts from. */
const ENTRIES = /(?:^|[/\\])main\.ts$|-entry\.ts$/;
/** Not part of the bundle: what looks for files beside itself, what Postgres' driver has no need of, and what is seldom needed. */
const EXTERNAL = ["typescript", "typescript-parser", "web-tree-sitter", "pg-native"];
/** Packages that are CommonJS call it for Node's own modules. */
const REQUIRE = `import { createRequire as createRequireOfBundle } from "node:module";
const require = createRequireOfBundle(import.meta.url);`;
/** In `dist/`: what it was made from. */
const MADE_FROM = "made-from";

await build();

/** Throws what the bundler says. Several processes may do it at once. */
async function build() {
  if (!existsSync(join(ROOT, "src"))) return;
  const sources = describeSources();
  if (isMadeFrom(sources)) return;
  // Beside dist/ and then in its place: nobody runs half of it.
  const scratch = `${OUTPUT}-${process.pid}`;
  try {
    await bundle(scratch);
    writeFileSync(join(scratch, MADE_FROM), sources);
    // Another process that was faster already runs what it made: that stays.
    if (!isMadeFrom(sources)) replaceOutput(scratch);
  } catch (error) {
    if (!isMadeFrom(sources)) throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where nothing is there, the first of several processes wins, and the others throw. */
function replaceOutput(made) {
  const old = `${made}-old`;
  if (existsSync(OUTPUT)) renameSync(OUTPUT, old);
  try {
    renameSync(made, OUTPUT);
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}

function isMadeFrom(sources) {
  try {
    return readFileSync(join(OUTPUT, MADE_FROM), "utf8") === sources;
  } catch {
    return false;
  }
}

/** A hash of names, sizes and times: reading 300 states takes 4 ms, reading the files would take 20. */
function describeSources() {
  const hash = createHash("sha256");
  // Which versions of packages are in it: npm writes this file with each installation.
  const installed = join("node_modules", ".package-lock.json");
  const others = ["package.json", join("bin", "build.mjs"), ...(existsSync(join(ROOT, installed)) ? [installed] : [])];
  for (const file of [...listSources().map((name) => join("src", name)), ...others]) {
    const { size, mtimeMs } = statSync(join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/** With types, for without them Node 20 asks once more of each entry what it is: 3 ms in place of 8. */
function listSources() {
  const source = join(ROOT, "src");
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map(({ parentPath, name }) => relative(source, join(parentPath, name)))
    .sort();
}

/** Packages and all: a command starts in half the time when it opens 10 files in place of 500 (docs/adr/0014). */
async function bundle(folder) {
  const { build: esbuild, formatMessages } = await loadBundler();
  const source = join(ROOT, "src");
  try {
    await esbuild({
      absWorkingDir: ROOT,
      entryPoints: listSources()
        .filter((name) => ENTRIES.test(name))
        .map((name) => join(source, name)),
      outbase: source,
      outdir: folder,
      chunkNames: "chunks/[name]-[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      external: EXTERNAL,
      banner: { js: REQUIRE },
      sourcemap: true,
      logLevel: "silent",
    });
  } catch (error) {
    if (!Array.isArray(error?.errors)) throw error;
    const told = await formatMessages(error.errors, { kind: "error", color: false });
    throw new Error(`Kota's sources cannot be compiled:\n${told.join("")}`, { cause: error });
  }
}

async function loadBundler() {
  try {
    return await import("esbuild");
  } catch (error) {
    if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
    process.stderr.write("Kota's packages are not installed. Run `npm ci` first.\n");
    process.exit(1);
  }
}
