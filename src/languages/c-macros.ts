// Macros of C and C++ that the grammar takes for something else, made blank so that every offset stays. What a macro is for is
// told by its name, in capitals with an underscore, and by what stands around it; what stands for a value remains.
// Every pattern begins with what is rare, and counts what it looks past: text of one line or of nothing but blanks costs no more.
import { blank, withoutConditions } from "./repair.ts";

/** `class API Name` and `API int name(…)`: macros before what they mark. A type alone before a name is none. */
const MARK_BEFORE_CLASS =
  /\b(class|struct|union|enum(?:\s+class)?)([ \t]+)([A-Z][A-Z0-9_]{2,}(?:\([^()\n]*\))?(?:[ \t]+[A-Z][A-Z0-9]*_[A-Z0-9_]*(?:\([^()\n]*\))?)*)(?=[ \t]+[A-Za-z_]\w*\s*(?:final\s*)?(?:[:{]|(?<=\bclass[ \t].*);))/g;
const MARK_BEFORE_FUNCTION =
  /^([ \t]*(?:template[ \t]*<[^\n]*>[ \t]*)?(?:(?:static|inline|extern|virtual|friend|explicit|constexpr)[ \t]+)*)(_{0,2}[A-Z][A-Z0-9]*_[A-Z0-9_]*)(?=(?:\s|\/\*(?:[^*/]|\*(?!\/)|\/(?!\*)){0,9999}\*\/|\/\/[^\n]*\n)+(?:(?:void|bool|char|short|int|long|float|double|auto|unsigned|signed|const|constexpr|inline|static|extern|virtual|explicit|friend|template|class|struct|union|enum|typename|typedef)\b|(?:std::)?[a-z_][\w:]*(?:<[^<>()\n]*>)?[ \t*&]+\(?(?:\w+(?:<[^<>()\n]*>)?::)*~?\w+\)?[ \t]*\(|(?:\w+(?:<[^<>()\n]*>)?::)+~?\w+[ \t]*\(|[A-Z][A-Z0-9]*_[A-Z0-9_]*\(\w+\)\s*\{))/gm;

export function withoutMarks(text: string): string {
  return withoutNamespaceMacros(text)
    .replace(MARK_BEFORE_CLASS, (_, word: string, space: string, mark: string) => word + space + blank(mark))
    .replace(MARK_BEFORE_FUNCTION, (_, before: string, mark: string) => before + blank(mark));
}

const MACRO = String.raw`\b_{0,2}[A-Z][A-Z0-9]*_[A-Z0-9_]*\b`;
const HANDED = String.raw`(?:\((?:[^()\n]|\((?:[^()\n]|\([^()\n]{0,200}\)){0,200}\)){0,300}\))`;
const PLAIN_TYPE = "void|bool|char|short|int|long|float|double|auto|unsigned|signed";
const SPECIFIER =
  "const|constexpr|inline|static|virtual|explicit|friend|extern|template|class|struct|enum|union|typename|typedef|using|namespace|operator";

/** `MACRO type name`, `MACRO Type& name`, `MACRO Name(…) : a(…)`, `MACRO ~Name()`: what is marked has a type of its own or none. */
const MARK = new RegExp(
  [
    String.raw`(?=[A-Z_])(?<![\w.>"])${MACRO}${HANDED}?(?=\s{1,80}(?:`,
    String.raw`(?<=\)\s{1,80})\w+\s{0,9}\(|(?:${PLAIN_TYPE}|${SPECIFIER})\b|~\w|${MACRO}${HANDED}?\s+\w|`,
    String.raw`(?:std::)?\w+(?:<[^<>;\n]{0,200}>)?(?:\s{0,9}[*&]+\s{0,9}|\s{1,80})[A-Za-z_]\w*\s{0,9}[;=({[,]|`,
    String.raw`(?:\w+::)+~?\w+\(|\w+\((?:[^;{}()]|\([^;{}()]{0,200}\)){0,400}\)\s{0,80}(?:noexcept\s*)?:(?!:)))`,
  ].join(""),
  "g",
);
/** A macro alone on its line or before a block, behind something finished and before something that begins. */
const STATEMENT = new RegExp(
  [
    String.raw`([;{}:>]|\*/|//[^\n]*|^)(\s{0,200}?\n[ \t]*|(?<![^])[ \t]*)`,
    String.raw`(${MACRO}(?=[ \t]*\{[^\n]*\n)|${MACRO}${HANDED}?(?=[ \t]*\n\s{0,200}(?:[A-Za-z_~#]|//|/\*))|${MACRO}${HANDED}(?=[ \t]*\n\s{0,200}\}))`,
  ].join(""),
  "g",
);
/** `template <typename T, ENABLE_IF(…)>`. */
const TEMPLATE_PARAMETER = new RegExp(String.raw`(?=[A-Z_])(?<=[,<]\s{0,80})${MACRO}${HANDED}(?=\s{0,80}>)`, "g");
/** `if MACRO (…)`, `enum kind MACRO(char) {`, `f() NOEXCEPT_IF(x) {`. */
const MARK_BEHIND = new RegExp(
  [
    String.raw`(?=[A-Z_])(?:(?<=\bif\s{1,9})${MACRO}(?=\s{0,9}\()|`,
    String.raw`(?<=\b(?:enum|class|struct)[ \t]{1,9}\w{1,80}[ \t]{1,9}|\)\s{0,80}(?:const\s{1,9})?)${MACRO}${HANDED}?`,
    String.raw`(?=\s{0,80}[{;:]|\s{0,80}->|\s{1,80}(?:noexcept|override|final)\b|\s{1,80}${MACRO}))`,
  ].join(""),
  "g",
);
/** `#if` and `#elif`, with what they ask whether it can be included. */
const CONDITION = /^[ \t]*#[ \t]*(?:el)?if\b[^\n]{0,400}/gm;
const INCLUDE_ASKED = /\b\w{1,80}\([ \t]*[<"][^>"\n]*[>"][ \t]*\)/g;
const DIRECTIVE = /^([ \t]*#[^\n]*(?:\\\r?\n[^\n]*)*)/m;

/** As if macros of C and C++ that mark, tell or ask something stood for nothing. */
export function withoutMacros(text: string): string {
  return (
    withoutMarks(text)
      .replace(CONDITION, (line) => line.replace(INCLUDE_ASKED, (asked) => `0${blank(asked.slice(1))}`))
      // Code and directives in turns: what a directive says of macros remains.
      .split(DIRECTIVE)
      .map((piece, index) => (index % 2 === 1 ? piece : withoutMacrosIn(piece)))
      .join("")
  );
}

function withoutMacrosIn(code: string): string {
  let plain = code.replace(TEMPLATE_PARAMETER, (mark) => `int${blank(mark.slice(3))}`);
  plain = replaceTwice(plain, MARK_BEHIND, blank);
  // The grammar knows no casts to it, and reads calls of anything else.
  plain = plain.replace(/\bunsigned(?=\()/g, "Unsigned");
  plain = replaceTwice(plain, STATEMENT, (found, before = "", space = "", macro = "", at, code) => {
    const isTyping = /^\s+\w+\s*\(/.test(code.slice(at + found.length, at + found.length + NAME_UNITS_MAX));
    return before + space + (isTyping ? handedType(macro, SURE_TYPE) : blank(macro));
  });
  return replaceTwice(plain, MARK, (macro, at, code) =>
    BEGINNING.test(code.slice(Math.max(0, at - NAME_UNITS_MAX), at)) &&
    /^[ \t]+(?![A-Z][A-Z0-9]*_[A-Z0-9_]*\s*\()\w+\s*\(/.test(
      code.slice(at + macro.length, at + macro.length + NAME_UNITS_MAX),
    )
      ? handedType(macro, TYPE)
      : blank(macro),
  );
}

const NAME_UNITS_MAX = 100;
/** Behind something finished, up to the type of what is declared. */
const BEGINNING = /(?:^|[;{}:]|\*\/|\/\/[^\n]*\n)\s*(?:(?:static|extern|inline|virtual)\s+)*$/;
const TYPE =
  /^\s*(?:(?:const|struct|union|enum|unsigned|signed|long|short)\s+)*[A-Za-z_][\w:]*(?:<[^<>]*>)?(?:\s+const)?[\s*&]*$/;
const SURE_TYPE = new RegExp(
  String.raw`^\s*(?:(?:const|struct|union|enum|unsigned|signed|long|short)\s|(?:${PLAIN_TYPE})\s*$|[\w\s:]+\*[\s*]*$)`,
);

/** What `MACRO(type)` before a function's name is handed, where that is the only type the function has. */
function handedType(macro: string, type: RegExp): string {
  const { 1: name = "", 2: handed = "" } = /^(\w+\()([^()]*)\)$/.exec(macro) ?? [];
  return type.test(handed) ? `${blank(name)}${handed} ` : blank(macro);
}

/** Of several in a row the first is told by the next, and so what tells one is looked for twice: most pieces have none. */
function replaceTwice(code: string, pattern: RegExp, replace: Parameters<typeof code.replace>[1]): string {
  const once = code.replace(pattern, replace);
  return once === code ? code : once.replace(pattern, replace);
}

/** The same without conditions: of what stands in branches only the first. Lines that include or define remain. */
export function withoutBranches(text: string): string {
  const kept = withoutConditions(text).split("\n");
  const lines = text.split("\n");
  let isContinued = false;
  return withoutMacros(
    kept
      .map((line, at) => {
        const written = lines[at] ?? "";
        const isDirective = isContinued || /^\s*#\s*(?:include|define)\b/.test(written);
        isContinued = isDirective && written.trimEnd().endsWith("\\");
        return isDirective ? written : line;
      })
      .join("\n"),
  );
}

/** A line that is nothing but a macro that opens or closes a namespace: `FMT_BEGIN_NAMESPACE`, `NS_CORE_END`. */
const NAMESPACE_MACRO =
  /^[ \t]*((?=[A-Z0-9_]*(?:NAMESPACE|NS_|_NS))(?:[A-Z0-9]+_)*(?:BEGIN|OPEN|START|END|CLOSE|STOP)(?:_[A-Z0-9]+)*_*)(?:\([^()\n]*\))?[ \t]*;?[ \t]*(?:\/\/[^\n]*|\/\*[^\n]*\*\/[ \t]*)?\r?$/gm;

const NAMESPACES_MAX = 100;

export interface MacroNamespace {
  /** Offsets of the macro that opens it, and of the one that closes it. */
  start: number;
  end: number;
  opening: string;
  closing: string;
}

/** Parts of C++ between two macros whose names say that they open and close a namespace. */
export function macroNamespaces(text: string): MacroNamespace[] {
  const found: MacroNamespace[] = [];
  let open: { start: number; opening: string } | undefined;
  for (const { 0: line, 1: name = "", index } of text.matchAll(NAMESPACE_MACRO)) {
    const at = index + line.indexOf(name);
    if (/(?:^|_)(?:BEGIN|OPEN|START)(?:_|$)/.test(name)) open ??= { start: at, opening: name };
    else if (open && found.length < NAMESPACES_MAX) {
      found.push({ ...open, end: at, closing: name });
      open = undefined;
    }
  }
  return found;
}

/** Without the macros that open and close them: what they hold is read as if it stood there alone. */
function withoutNamespaceMacros(text: string): string {
  let plain = "";
  let done = 0;
  for (const { start, end, opening, closing } of macroNamespaces(text)) {
    plain += text.slice(done, start) + blank(opening) + text.slice(start + opening.length, end) + blank(closing);
    done = end + closing.length;
  }
  return plain + text.slice(done);
}
