// Compiles src/ into dist/ whenever the sources are not those that dist/ was made from, so that a checkout always runs what
// it holds. A published package brings dist/ without src/, and there is nothing to do.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUTPUT = join(ROOT, "dist");
const COMPILER = join(ROOT, "node_modules", "typescript", "bin", "tsc");
/** In `dist/`: what it was made from. */
const MADE_FROM = "made-from";

build();

/** Throws what the compiler says. Several processes may do it at once. */
function build() {
  if (!existsSync(join(ROOT, "src"))) return;
  const sources = describeSources();
  if (isMadeFrom(sources)) return;
  if (!existsSync(COMPILER)) {
    process.stderr.write("Kota's packages are not installed. Run `npm ci` first.\n");
    process.exit(1);
  }
  // Beside dist/ and then in its place: nobody runs half of it.
  const scratch = `${OUTPUT}-${process.pid}`;
  try {
    compile(scratch);
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
  const files = readdirSync(join(ROOT, "src"), { recursive: true }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
  for (const file of [...files.sort().map((name) => join("src", name)), "tsconfig.json", "tsconfig.build.json"]) {
    const { size, mtimeMs } = statSync(join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function compile(folder) {
  const options = ["-p", "tsconfig.build.json", "--outDir", folder];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [COMPILER, ...options], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`Kota's sources cannot be compiled (${status}):\n${stdout}${stderr}`);
}
