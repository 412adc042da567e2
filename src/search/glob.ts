// Path globs as callers write them (`src/**/*.ts !**/*.test.ts`), turned into regular expressions that Postgres
// understands, so that they filter in the plan. Pure.
import { invalidInput } from "../errors.ts";

/** What passes: a path that matches one of `include` (or there is none) and none of `exclude`. */
export interface PathFilter {
  include: string[];
  exclude: string[];
}

/**
 * Reads globs separated by white space; `!` in front excludes. As in .gitignore: a glob without a slash matches at
 * any depth, one that names a folder matches all below it, `*` and `?` stay within a segment, `**` does not, `[a-z]`
 * and `{a,b}` choose. Throws `invalid_input` for brackets that do not close.
 */
export function parsePathFilter(text: string): PathFilter {
  const filter: PathFilter = { include: [], exclude: [] };
  for (const glob of text.trim().split(/\s+/).filter(Boolean)) {
    const isExcluding = glob.startsWith("!");
    const pattern = isExcluding ? glob.slice(1) : glob;
    if (pattern) filter[isExcluding ? "exclude" : "include"].push(globToRegex(pattern));
  }
  return filter;
}

/** One glob as an anchored regular expression, valid alike in Postgres and in JavaScript. */
export function globToRegex(glob: string): string {
  const trimmed = glob.replace(/^\.?\/+/, "").replace(/\/+$/, "");
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
      const end = glob.indexOf("]", i + 2);
      if (end < 0) throw invalidInput("path", `the bracket at character ${i + 1} of '${glob}' does not close`);
      out += characterClass(glob.slice(i + 1, end));
      i = end + 1;
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

function characterClass(body: string): string {
  const isNegated = body.startsWith("!") || body.startsWith("^");
  const members = (isNegated ? body.slice(1) : body).replace(/[\\\]^[]/g, "\\$&");
  return isNegated ? `[^/${members}]` : `[${members}]`;
}

function escape(character: string): string {
  return /[\\^$.|?*+()[\]{}]/.test(character) ? `\\${character}` : character;
}
