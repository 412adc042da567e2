// Path globs as callers write them (`src/**/*.ts !**/*.test.ts`), turned into regular expressions that Postgres
// understands, so that they filter in the plan. Pure.
import { invalidInput } from "../errors.ts";

/** What passes: a path that matches one of `include` (or there is none) and none of `exclude`. */
export interface PathFilter {
  include: string[];
  exclude: string[];
}

/**
 * Reads globs separated by white space, which a backslash makes part of one; `!` in front excludes. As in .gitignore: a glob
 * without a slash matches at any depth, one that names a folder matches all below it, `*` and `?` stay within a segment, `**`
 * does not, `[a-z]` and `{a,b}` choose; `.` and `/` are the whole tree. Brackets also stand for themselves, for paths have them: `app/[id]/page.tsx`.
 * Throws `invalid_input` for brackets that do not close, and for a range that runs backwards.
 */
export function parsePathFilter(text: string): PathFilter {
  const filter: PathFilter = { include: [], exclude: [] };
  for (const [glob] of text.matchAll(/(?:\\.|\S)+/gs)) {
    const isExcluding = glob.startsWith("!");
    const pattern = isExcluding ? glob.slice(1) : glob;
    if (pattern) filter[isExcluding ? "exclude" : "include"].push(globToRegex(pattern));
  }
  return filter;
}

/** One glob as an anchored regular expression, valid alike in Postgres and in JavaScript. */
export function globToRegex(glob: string): string {
  const trimmed = glob.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  if (trimmed === "" || trimmed === ".") return "^";
  const isAnchored = glob.startsWith("/") || glob.startsWith("./") || trimmed.includes("/");
  return `^${isAnchored ? "" : "(?:.*/)?"}${translate(trimmed)}(?:/.*)?$`;
}

function translate(glob: string): string {
  let out = "";
  let depth = 0;
  for (let i = 0; i < glob.length;) {
    const rest = glob.slice(i);
    const character = glob.charAt(i);
    const whole = /^\*\*\//.exec(rest)?.[0] ?? /^\*+/.exec(rest)?.[0];
    if (whole !== undefined) {
      out += whole === "**/" ? "(?:.*/)?" : whole.length > 1 ? ".*" : "[^/]*";
      i += whole.length;
    } else if (character === "[") {
      const { regex, length } = readBrackets(glob, i);
      out += `(?:${regex}|${escapeAll(glob.slice(i, i + length))})`;
      i += length;
    } else {
      if (character === "\\" && i + 1 < glob.length) out += escape(glob.charAt(++i));
      else if (character === "?") out += "[^/]";
      else if (character === "{") {
        out += "(?:";
        depth++;
      } else if (character === "}" && depth > 0) {
        out += ")";
        depth--;
      } else if (character === "," && depth > 0) out += "|";
      else out += escape(character);
      i++;
    }
  }
  if (depth > 0) throw invalidInput("path", `a brace of '${glob}' does not close`);
  return out;
}

/** The class that begins at `start`, and how long it is. */
function readBrackets(glob: string, start: number): { regex: string; length: number } {
  const parts = /^\[([!^]?)((?:\\.|[^\\])(?:\\.|[^\\\]])*)\]/su.exec(glob.slice(start));
  const [whole = "", negation = "", body = ""] = parts ?? [];
  const place = `at character ${start + 1} of '${glob}'`;
  if (!parts) throw invalidInput("path", `the bracket ${place} does not close`);
  // A hyphen between two members makes a range; of `a-c-e` the second one is itself.
  const members = body.replaceAll(/(\\.|[^\\])(?:-(\\.|[^\\]))?/gsu, (written: string, from: string, to?: string) => {
    const first = memberOf(from);
    if (to === undefined) return escapeMember(first);
    const last = memberOf(to);
    if ((first.codePointAt(0) ?? 0) > (last.codePointAt(0) ?? 0))
      throw invalidInput("path", `the range '${written}' in the bracket ${place} runs backwards`);
    return `${escapeMember(first)}-${escapeMember(last)}`;
  });
  return { regex: negation ? `[^/${members}]` : `[${members}]`, length: whole.length };
}

function memberOf(written: string): string {
  return written.length > 1 && written.startsWith("\\") ? written.slice(1) : written;
}

function escapeMember(member: string): string {
  return /[\\\]^[-]/.test(member) ? `\\${member}` : member;
}

function escapeAll(text: string): string {
  return [...text].map(escape).join("");
}

function escape(character: string): string {
  return /[\\^$.|?*+()[\]{}]/.test(character) ? `\\${character}` : character;
}
