// Which conditions of Rust's `cfg` hold in an ordinary build: all features, on Linux, no tests, none of the flags that
// projects invent for themselves. Only told where definitions of one name have to be chosen from.

const HOLD = /^(?:unix|debug_assertions|target_has_atomic|target_thread_local)$/;
const VALUES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    panic: "unwind",
    target_arch: "x86_64",
    target_endian: "little",
    target_env: "gnu",
    target_family: "unix",
    target_os: "linux",
    target_pointer_width: "64",
    target_vendor: "unknown",
  }),
);
const DEPTH_MAX = 20;

/** Whether attributes, as written, have a `cfg` that does not hold. */
export function isLeftOut(attributes: string): boolean {
  return [...attributes.matchAll(/#!?\[\s*cfg\s*\(/g)].some(({ index, 0: opening }) => {
    const tokens = attributes.slice(index + opening.length).match(/\w+|"[^"]*"|[(),=]/g) ?? [];
    return !holds(tokens, 0);
  });
}

/** Takes one condition from the tokens. */
function holds(tokens: string[], depth: number): boolean {
  const word = tokens.shift() ?? "";
  if (depth > DEPTH_MAX) return true;
  if (tokens.at(0) === "(") {
    tokens.shift();
    const parts: boolean[] = [];
    while (tokens.length > 0 && tokens.at(0) !== ")") {
      parts.push(holds(tokens, depth + 1));
      if (tokens.at(0) === ",") tokens.shift();
    }
    tokens.shift();
    if (word === "not") return parts.every((part) => !part);
    return word === "any" ? parts.includes(true) : !parts.includes(false);
  }
  if (tokens.at(0) === "=") {
    tokens.shift();
    const value = (tokens.shift() ?? "").replaceAll('"', "");
    return word === "feature" || word.startsWith("target_has") || VALUES.get(word) === value;
  }
  return HOLD.test(word);
}
