// Text that a grammar cannot read as it stands, made readable: what is in the way becomes blanks, so that every offset
// stays. Grammars know nothing of macros, and of conditional compilation only between whole statements.

/** Java's `String @Nullable ... rest`: its grammar knows annotations there not at all. */
export function withoutRestAnnotations(text: string): string {
  return text.replace(/@\w+(?=[ \t]*\.\.\.)/g, blank);
}

/** As if every condition held: without the lines of directives, and without what stands behind `#else` or `#elif`. */
export function withoutConditions(text: string): string {
  const open: { isLeftOut: boolean }[] = [];
  return text
    .split("\n")
    .map((line) => {
      const word = /^\s*#\s*(\w+)/.exec(line)?.[1];
      if (word === undefined) return open.some(({ isLeftOut }) => isLeftOut) ? blank(line) : line;
      const innermost = open.at(-1);
      if (word === "if") open.push({ isLeftOut: false });
      else if (word === "endif") open.pop();
      else if (innermost && (word === "else" || word === "elif")) innermost.isLeftOut = true;
      return blank(line);
    })
    .join("\n");
}

/** `name! {` around items: `mod`, `use`, functions, types. Not where what stands there only looks like them: `struct A: u32`, `static ref`. */
const WRAPPER =
  /^([ \t]*(?:\w+::)*\w+!)([ \t]*\{)(?=(?:\s|\/\/[^\n]*\n|#!?\[[^\n]*\](?=\s))*(?:pub\b|mod\s|use\s|(?:const\s+|async\s+|unsafe\s+|extern\s+"\w+"\s+)*fn\s|(?:struct|enum|union|trait|type)\s+\w+\s*[^\s:\w]|(?:unsafe\s+)?impl\b|const\s+\w+\s*:|static\s+(?!ref\s)|macro_rules!|if\s+#\[|(?:\w+::)*\w+!\s*\{))/gm;

/** Wrappers stand in one another a few deep; hopeless text must not be gone through for each of its lines. */
const WRAPPED_UNITS_PER_UNIT = 20;

/**
 * Rust's items in macros that let items through (`cfg_unix! { mod unix; }`), as if they stood there alone: an empty `name!{}`
 * stays. Of `cfg_if!` all branches stay.
 */
export function withoutWrappers(text: string): string {
  const wrappers = [...text.matchAll(WRAPPER)];
  if (wrappers.length === 0) return text;
  const units = text.split("");
  let unitsLeft = WRAPPED_UNITS_PER_UNIT * text.length;
  const clear = (from: number, to: number) => {
    for (let at = from; at < to; at++) if (!/[\r\n]/.test(units[at] ?? "")) units[at] = " ";
  };
  for (const { 1: name = "", 2: opening = "", index } of wrappers) {
    const start = index + name.length + opening.length;
    const body = bracesWithin(text, start);
    unitsLeft -= (body?.end ?? text.length) - start;
    if (!body || unitsLeft < 0) break;
    clear(start - opening.length, start);
    if (opening.length > 1) units.splice(start - opening.length, 2, "{", "}");
    else clear(index, start);
    clear(body.end, body.end + 1);
    if (!/^\s*if\s+#\[/.test(text.slice(start, start + 200))) continue;
    let outside = start;
    for (const { from, to } of body.blocks) {
      clear(outside, from + 1);
      clear(to, to + 1);
      outside = to + 1;
    }
  }
  return units.join("");
}

const RUST_LITERAL =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|r(#*)"[\s\S]*?(?:"\1|$)|"(?:[^"\\]|\\[\s\S])*(?:"|$)|'(?:[^'\\\n]|\\[^\n]{1,8})'|[{}]/g;

/** Where the brace that is open at `start` is closed, and the outermost blocks in between. */
function bracesWithin(
  text: string,
  start: number,
): { end: number; blocks: { from: number; to: number }[] } | undefined {
  const blocks: { from: number; to: number }[] = [];
  let depth = 0;
  let from = start;
  RUST_LITERAL.lastIndex = start;
  for (let found = RUST_LITERAL.exec(text); found; found = RUST_LITERAL.exec(text)) {
    if (found[0] === "{" && depth++ === 0) from = found.index;
    if (found[0] !== "}") continue;
    if (depth === 0) return { end: found.index, blocks };
    if (--depth === 0) blocks.push({ from, to: found.index });
  }
  return undefined;
}

/**
 * Kotlin's grammar takes a name that begins a line for a word of the language when it begins like one (`in1.close()`), and `set = 1`
 * after a property for its setter. Names are read from the text as it is written.
 */
const SOFT_KEYWORD =
  /^([ \t]*)(?:(?:in|as|else|by|where|instanceof|constructor)(?=[\d_])|[gs]et(?=[ \t]*(?:=(?!=)|[-+*/%]=|[.[?!]|\((?![ \t]*\w*[ \t]*(?::[^()\n]*)?\)))))/gm;

export function withoutSoftKeywords(text: string): string {
  return text.replace(SOFT_KEYWORD, (found, space: string) => `${space}x${found.slice(space.length + 1)}`);
}

/** As many units, and the same lines. */
export function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ");
}
