// Text that a grammar cannot read as it stands, made readable: what is in the way becomes blanks, so that every offset
// stays. Grammars know nothing of macros, and of conditional compilation only between whole statements.

/** `class API Name` and `API int name(…)`: macros before what they mark. A type alone before a name is none. */
const MARK_BEFORE_CLASS =
  /\b(class|struct|union|enum(?:\s+class)?)([ \t]+)([A-Z][A-Z0-9_]{2,}(?:\([^()\n]*\))?)(?=[ \t]+[A-Za-z_]\w*\s*(?:final\s*)?[:{])/g;
const MARK_BEFORE_FUNCTION =
  /^([ \t]*(?:(?:static|inline|extern|virtual|friend)[ \t]+)*)([A-Z][A-Z0-9]*_[A-Z0-9_]*)(?=[ \t]+(?:const[ \t]+)?(?:(?:unsigned|signed|struct|enum)[ \t]+)?[a-z_][\w:]*(?:<[^<>()\n]*>)?[ \t*&]+\(?\w+\)?[ \t]*\()/gm;

export function withoutMarks(text: string): string {
  return text
    .replace(MARK_BEFORE_CLASS, (_, word: string, space: string, mark: string) => word + space + blank(mark))
    .replace(MARK_BEFORE_FUNCTION, (_, before: string, mark: string) => before + blank(mark));
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

/** As many units, and the same lines. */
function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ");
}
