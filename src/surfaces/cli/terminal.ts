// What people see: text on stdout, progress and errors on stderr, colour on a terminal only.
import { styleText } from "node:util";
import type { AppError, InputProblem } from "../../errors.ts";
import { PROGRESS_LINE_MS } from "./limits.ts";

type Style = "bold" | "dim" | "cyan" | "green" | "red" | "yellow";

/** Text in a style, where stdout is a terminal that wants it. */
export function paint(style: Style, text: string): string {
  return process.stdout.isTTY === true ? styleText(style, text) : text;
}

// Whoever reads our output may stop before its end, as `| head` does: then there is nobody to tell.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

export function printLine(text = ""): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** `error[code]: message`, and further wrong fields below it. */
export function printError({ code, message, details }: AppError): void {
  note(`error[${code}]: ${message}`);
  if (code !== "invalid_input" || !Array.isArray(details)) return;
  const problems: InputProblem[] = details;
  for (const { path, message: what } of problems.slice(1)) note(`  ${path}: ${what}`);
}

/** Rows as aligned columns; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map(String));
  const widths = header.map((name, i) => Math.max(name.length, ...texts.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[], isNumber: (i: number) => boolean) =>
    cells
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  const isNumber = (i: number) => rows.some((row) => typeof row[i] === "number");
  return [paint("dim", line(header, isNumber)), ...texts.map((row) => line(row, isNumber))].join("\n");
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** "3 minutes ago". */
export function formatAge(time: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - new Date(time).getTime()) / 1000));
  for (const [size, unit] of [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ] as const) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return seconds < 5 ? "now" : `${seconds} seconds ago`;
}

export interface Progress {
  label: string;
  done: number;
  total: number;
  unit: string;
}

const BAR_CELLS = 30;

/** A bar that redraws itself on a terminal, and now and then a line elsewhere. All on stderr. */
export function createProgressBar(now: () => number): { show(progress: Progress): void; clear(): void } {
  const isTerminal = process.stderr.isTTY === true;
  let last = { text: "", atMs: 0 };
  return {
    show({ label, done, total, unit }) {
      const share = total > 0 ? Math.min(1, done / total) : 0;
      const filled = Math.round(share * BAR_CELLS);
      const counts = total > 0 ? `${formatCount(done)} of ${formatCount(total)} ${unit}` : "";
      if (isTerminal) {
        const bar = `${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)}`;
        const text = `${bar} ${String(Math.floor(share * 100)).padStart(3)}%  ${label}  ${counts}`;
        process.stderr.write(`\r\x1b[2K${text.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))}`);
      } else {
        const text = `${label} ${counts}`.trim();
        const isDue = now() - last.atMs >= PROGRESS_LINE_MS;
        if (text === last.text || (!isDue && label === last.text.split(" ")[0])) return;
        note(text);
        last = { text, atMs: now() };
      }
    },
    clear() {
      if (isTerminal) process.stderr.write("\r\x1b[2K");
    },
  };
}

export function plural(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** 1234567 as 1,234,567. The first toLocaleString of a process takes 22 ms of CPU, and 90 on a busy machine. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
