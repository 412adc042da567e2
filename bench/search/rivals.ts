// ripgrep and csearch as an agent runs them: a fresh process for every question, its output read to the end, or until
// the lines of as many files have come as a page of Kota holds.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { rgPath } from "@vscode/ripgrep";
import { FILES_PER_PAGE, type Query } from "./queries.ts";

const runToEnd = promisify(execFile);

export interface Tool {
  name: string;
  run(query: Query, directory: string): Promise<unknown>;
}

export interface Csearch {
  /** undefined: it is not installed. */
  index_ms: number | undefined;
  index_bytes: number | undefined;
}

/** The tools that are compared with; csearch only where Debian's `codesearch` is installed, which builds its index here. */
export async function findTools(directory: string, csearchIndex: string): Promise<{ tools: Tool[]; csearch: Csearch }> {
  const ripgrep: Tool[] = [
    { name: "rg, 20 files with lines", run: (query, cwd) => readFiles(rgPath, { args: rgLines(query), cwd }) },
    { name: "rg -l, all files", run: listRipgrepFiles },
    { name: "rg --version (starting a process)", run: () => runToEnd(rgPath, ["--version"]) },
  ];
  const env = { PATH: process.env["PATH"] ?? "", CSEARCHINDEX: csearchIndex };
  const started = performance.now();
  try {
    await runToEnd("cindex", [directory], { env, maxBuffer: 2 ** 28 });
  } catch {
    process.stderr.write("csearch is not installed (Debian: codesearch): comparing with ripgrep alone\n");
    return { tools: ripgrep, csearch: { index_ms: undefined, index_bytes: undefined } };
  }
  const indexMs = Math.round(performance.now() - started);
  const csearch: Tool[] = [
    {
      name: "csearch, 20 files with lines",
      run: (query) => readFiles("csearch", { args: ["-n", ...csearchArguments(query)], env }),
    },
    {
      name: "csearch -l, all files",
      run: (query) => readFiles("csearch", { args: ["-l", ...csearchArguments(query)], env, filesMax: Infinity }),
    },
  ];
  return {
    tools: [...ripgrep, ...csearch],
    csearch: { index_ms: indexMs, index_bytes: (await stat(csearchIndex)).size },
  };
}

export async function listRipgrepFiles(query: Query, directory: string): Promise<Set<string>> {
  return readFiles(rgPath, { args: ["-l", ...rgArguments(query)], cwd: directory, filesMax: Infinity });
}

function rgLines(query: Query): string[] {
  return ["--no-heading", "--with-filename", "--line-number", "--column", ...rgArguments(query)];
}

function rgArguments({ text, isRegex, ignoresCase }: Query): string[] {
  const how = [...(isRegex ? [] : ["--fixed-strings"]), ...(ignoresCase ? ["--ignore-case"] : [])];
  return ["--no-config", "--no-ignore", "--hidden", "--glob=!/.git", ...how, "-e", text, "."];
}

function csearchArguments({ text, isRegex, ignoresCase }: Query): string[] {
  return [...(ignoresCase ? ["-i"] : []), isRegex ? text : text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&")];
}

/**
 * The files named by the lines of a command's output (`path:…`, or `path` alone). Both tools write all lines of a file
 * in one go, so that those of `filesMax` files are complete once one more is named; then the command is stopped.
 */
async function readFiles(
  command: string,
  {
    args,
    cwd,
    env,
    filesMax = FILES_PER_PAGE,
  }: { args: string[]; cwd?: string; env?: Record<string, string>; filesMax?: number },
): Promise<Set<string>> {
  const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ["ignore", "pipe", "ignore"] });
  const closed = once(child, "close");
  const files = new Set<string>();
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (files.size > filesMax) return;
      const path = line.split(":", 1)[0] ?? "";
      files.add(path.startsWith("./") ? path.slice(2) : path);
    }
    if (files.size > filesMax) child.kill("SIGKILL");
  });
  await closed;
  return files;
}
