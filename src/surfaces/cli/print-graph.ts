// What people see of usages, dependencies and graphs.
import { CYCLES_SHOWN_MAX } from "./limits.ts";
import { paint, plural, printLine } from "./terminal.ts";

interface Place {
  repository: string;
  path: string;
  line: number;
  column: number;
}

export function printUsages({
  definitions,
  usages,
  ambiguous,
  truncated,
}: {
  definitions: (Place & { name: string; kind: string; signature: string })[];
  usages: (Place & {
    kind: string;
    text: string;
    enclosing_symbol?: string;
    confidence: string;
    tier: string;
    candidates?: { path: string; line: number; name: string }[];
  })[];
  ambiguous: boolean;
  truncated: boolean;
}): void {
  for (const { path, line, column, kind, name, signature } of definitions) {
    printLine(`${paint("cyan", `${path}:${line}:${column}`)}  ${paint("green", `${kind} ${name}`)}`);
    printLine(`  ${signature}`);
  }
  if (ambiguous)
    printLine(paint("yellow", "Several definitions have that name: --path and --line say which is meant."));
  if (usages.length === 0) return printLine(truncated ? "" : "\nNo usages.");
  let shown = "";
  for (const {
    path,
    line,
    column,
    kind,
    text,
    enclosing_symbol: within,
    confidence,
    tier,
    candidates = [],
  } of usages) {
    if (path !== shown) printLine(`\n${paint("bold", path)}`);
    shown = path;
    const by = tier === "checker" ? " by the type checker" : "";
    const sure = confidence === "exact" ? "" : ` ${paint("yellow", `${confidence}${by}`)}`;
    const inside = within === undefined ? "" : paint("dim", `  in ${within}`);
    printLine(`${paint("cyan", `${path}:${line}:${column}`)}: ${text.trim()}  ${paint("dim", kind)}${sure}${inside}`);
    for (const other of candidates) printLine(paint("dim", `  may be ${other.name} at ${other.path}:${other.line}`));
  }
}

interface Reached {
  repository?: string;
  path: string;
  distance: number;
  kinds: string[];
  via?: string;
}

export function printDependencies({
  file_path: file,
  dependents,
  dependencies,
  cycles,
  cycles_truncated: areCyclesTruncated,
  unresolved_imports: unresolved,
}: {
  file_path: string;
  dependents?: Reached[];
  dependencies?: Reached[];
  cycles: string[][];
  cycles_truncated: boolean;
  unresolved_imports: { specifier: string; line: number; reason: string }[];
}): void {
  printReached(`What depends on ${file}`, dependents);
  printReached(`What ${file} depends on`, dependencies);
  if (cycles.length > 0) {
    printLine(paint("bold", `\nCycles${cycles.length > CYCLES_SHOWN_MAX ? ", the shortest" : ""}`));
    for (const cycle of cycles.slice(0, CYCLES_SHOWN_MAX)) printLine(`  ${[...cycle, file].join(paint("dim", " → "))}`);
    const more = cycles.length - CYCLES_SHOWN_MAX;
    if (more > 0)
      printLine(paint("dim", `  and ${more}${areCyclesTruncated ? " or more" : ""} longer ones: --json lists them`));
  }
  // Packages and the platform's own modules are no finding.
  const open = unresolved.filter(({ reason }) => reason === "missing" || reason === "dynamic");
  if (open.length > 0) printLine(paint("bold", "\nImports that lead nowhere"));
  for (const { specifier, line, reason } of open)
    printLine(`${paint("cyan", `${file}:${line}`)}: ${specifier}  ${paint("yellow", reason)}`);
}

function printReached(title: string, files: readonly Reached[] | undefined): void {
  if (!files) return;
  printLine(paint("bold", `${title}${files.length === 0 ? ": nothing" : ""}`));
  for (const { repository, path, distance, kinds, via } of files) {
    const way = `${kinds.join(", ")}${distance > 1 ? `, ${distance} steps` : ""}${via === undefined ? "" : ` via ${via}`}`;
    printLine(`  ${repository === undefined ? "" : `${repository} `}${paint("cyan", path)}  ${paint("dim", way)}`);
  }
}

export function printGraph({
  files,
  edges,
  text,
}: {
  files: number;
  edges?: { from: string; to: string; kinds: string[]; to_repository?: string }[];
  text?: string;
}): void {
  if (text !== undefined) return printLine(text);
  printLine(paint("dim", plural(files, "file", "files")));
  for (const { from, to, kinds, to_repository: repository } of edges ?? []) {
    const target = repository === undefined ? to : `${repository} ${to}`;
    printLine(`${from} ${paint("dim", "→")} ${target}  ${paint("dim", kinds.join(", "))}`);
  }
}
