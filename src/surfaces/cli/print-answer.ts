// Answers for people: aligned text with paths as `path:line`. `--json` prints the answer itself instead.
import type { Operation } from "../../operation.ts";
import type { JobStatus } from "../../operations/get-index-job-status.ts";
import { printDependencies, printGraph, printUsages } from "./print-graph.ts";
import {
  printKeys,
  printMembership,
  printNewKey,
  printProject,
  printProjects,
  printUsage,
} from "./print-organization.ts";
import { formatAge, formatBytes, paint, plural, printLine, table } from "./terminal.ts";

type Answer = Record<string, unknown>;

/** Prints an operation's answer; one that has no form of its own as indented fields. */
export function printAnswer(operation: Operation, answer: Answer, now: Date): void {
  const print = PRINTERS[operation.name] ?? printFields;
  // The operation checked its output against the schema that these shapes repeat.
  print(answer as never, now);
  const cursor = answer["next_cursor"];
  if (typeof cursor === "string") printLine(paint("dim", `\nMore: repeat with --cursor=${cursor}`));
}

interface SearchAnswer {
  strategy: string;
  results: {
    repository: string;
    path: string;
    match_count: number;
    matches: { line: number; column: number; text: string; before?: string[]; after?: string[] }[];
    symbols?: { name: string; kind: string; line: number }[];
  }[];
  truncated: boolean;
  freshness: { repository: string; commit: string; state: string }[];
}

function printSearch({ strategy, results, truncated, freshness }: SearchAnswer): void {
  const isSeveral = freshness.length > 1;
  if (strategy === "relevance" && results.length > 0)
    printLine(paint("dim", "Ranked by words; the exact text is --match literal, an expression --match regex."));
  if (results.length === 0 && !truncated)
    return printLine(`Nothing found (${strategy}, in ${freshness.map((f) => f.repository).join(", ")}).`);
  for (const result of results) {
    const { repository, path, match_count: count, matches } = result;
    const place = isSeveral ? `${repository} ${path}` : path;
    if (matches.length === 0) {
      printLine(`${paint("cyan", place)}  ${paint("dim", plural(count, "match", "matches"))}`);
      continue;
    }
    printLine(`${paint("bold", place)}  ${paint("dim", plural(count, "match", "matches"))}`);
    printMatches(path, result);
    printLine();
  }
  if (truncated) printLine(paint("yellow", "This page reached its work limit; there may be more."));
}

/** Matches with the lines around them, none of which is answered twice; a gap between two is shown as one. */
function printMatches(path: string, { matches, symbols = [] }: SearchAnswer["results"][number]): void {
  let shown = 0;
  const context = (line: number, text: string) => printLine(paint("dim", `  ${line}- ${text}`));
  for (const { line, column, text, before = [], after = [] } of matches) {
    const first = line - before.length;
    if (shown > 0 && first > shown + 1 && before.length + after.length > 0) printLine(paint("dim", "  …"));
    before.forEach((other, i) => context(first + i, other));
    const defined = symbols.filter((symbol) => symbol.line === line).map(({ kind, name }) => `${kind} ${name}`);
    const mark = defined.length > 0 ? `  ${paint("green", `‹${defined.join(", ")}›`)}` : "";
    printLine(`${paint("cyan", `${path}:${line}:${column}`)}: ${text}${mark}`);
    after.forEach((other, i) => context(line + 1 + i, other));
    shown = line + after.length;
  }
}

function printFile({
  path,
  start_line: start,
  end_line: end,
  total_lines: total,
  commit,
  text,
}: {
  path: string;
  start_line: number;
  end_line: number;
  total_lines: number;
  commit: string;
  text: string;
}): void {
  printLine(paint("dim", `${path}:${start}-${end} of ${total} lines at ${commit.slice(0, 12)}`));
  const width = String(end).length;
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text.split("\n");
  if (text !== "") lines.forEach((line, i) => printLine(`${paint("dim", String(start + i).padStart(width))}  ${line}`));
}

function printRepositories(
  {
    repositories,
  }: {
    repositories: {
      name: string;
      refs: {
        ref: string;
        commit: string;
        dirty: boolean;
        state: string;
        indexed_at: string;
        files: number;
        problems: number;
      }[];
      size_bytes: number;
    }[];
  },
  now: Date,
): void {
  if (repositories.length === 0)
    return printLine("Nothing is indexed yet. Add a repository: kota index PATH, or kota index OWNER/REPO.");
  const rows = repositories.flatMap(({ name, refs, size_bytes: size }) =>
    refs.length === 0
      ? [[name, "–", "–", "not indexed yet", 0, 0, "", ""]]
      : refs.map((ref) => [
          name,
          ref.ref,
          `${ref.commit.slice(0, 12)}${ref.dirty ? "+" : ""}`,
          ref.state,
          ref.files,
          ref.problems,
          formatBytes(size),
          formatAge(ref.indexed_at, now),
        ]),
  );
  printLine(table(["REPOSITORY", "REF", "COMMIT", "STATE", "FILES", "PROBLEMS", "SIZE", "INDEXED"], rows));
}

function printRecentFiles(
  {
    files,
  }: { files: { repository: string; path: string; language: string; size_bytes: number; indexed_at: string }[] },
  now: Date,
): void {
  if (files.length === 0) return printLine("No files are indexed yet.");
  printLine(
    table(
      ["INDEXED", "REPOSITORY", "PATH", "LANGUAGE", "SIZE"],
      files.map((file) => [
        formatAge(file.indexed_at, now),
        file.repository,
        file.path,
        file.language,
        formatBytes(file.size_bytes),
      ]),
    ),
  );
}

const PROBLEMS_SHOWN_MAX = 20;

function printJob({ job_id: id, repository, ref, commit, state, progress, error, problems }: JobStatus): void {
  const colour = state === "succeeded" ? "green" : state === "failed" ? "red" : "yellow";
  printLine(`${paint("bold", repository)} ${ref} ${commit?.slice(0, 12) ?? ""}  ${paint(colour, state)}`);
  if (state === "running") printLine(`  ${progress.phase}: ${progress.files_done} of ${progress.files_total} files`);
  if (error !== undefined) printLine(`  ${error}`);
  for (const { path, reason } of problems.slice(0, PROBLEMS_SHOWN_MAX))
    printLine(`  ${paint("dim", reason.padEnd(18))} ${path}`);
  if (problems.length > PROBLEMS_SHOWN_MAX)
    printLine(paint("dim", `  … and ${problems.length - PROBLEMS_SHOWN_MAX} more; --json lists all`));
  printLine(paint("dim", `  job ${id}`));
}

function printFields(answer: Answer): void {
  for (const [name, value] of Object.entries(answer)) {
    if (name === "next_cursor") continue;
    printLine(`${name}: ${typeof value === "object" ? JSON.stringify(value, null, 2) : String(value)}`);
  }
}

function printAsked({
  job_id: id,
  repository,
  ref,
  state,
}: {
  job_id: string;
  repository: { name: string };
  ref: string;
  state: string;
}): void {
  printLine(`${paint("bold", repository.name)} ${ref}  ${state}`);
  const hint = state === "queued" ? "A worker takes it: `kota serve` runs one; `kota index` works it off itself. " : "";
  printLine(paint("dim", `  ${hint}kota get-index-job-status ${id}`));
}

function printRemoved({ repository }: { repository: { name: string } }): void {
  printLine(`Removed ${repository.name} from the index.`);
}

const PRINTERS: Record<string, (answer: never, now: Date) => void> = {
  search_code: printSearch,
  read_file: printFile,
  list_repositories: printRepositories,
  list_recent_files: printRecentFiles,
  get_index_job_status: printJob,
  index_repository: printAsked,
  remove_repository: printRemoved,
  find_usages: printUsages,
  search_dependencies: printDependencies,
  export_graph: printGraph,
  create_project: printProject,
  get_project: printProject,
  update_project: printProject,
  list_projects: printProjects,
  add_repository_to_project: printMembership,
  remove_repository_from_project: printMembership,
  create_api_key: printNewKey,
  list_api_keys: printKeys,
  get_usage: printUsage,
};
