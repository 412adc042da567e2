// Which conditions of C's preprocessor hold in an ordinary build: a current compiler on Linux that is told of no options.
// Only told where definitions of one name have to be chosen from; all branches are read.
import type { CFile } from "./c-family.ts";
import type { Node } from "./syntax-tree.ts";

const DEFINED =
  /^(?:__linux__|__linux|linux|__unix__|__unix|unix|__GNUC__|__x86_64__|__amd64__|__LP64__|_LP64|__GLIBC__)$/;
/** Numbers that are larger than any that they are compared with. */
const RECENT = /^(?:__cplusplus|__STDC_VERSION__|__GNUC__|_MSVC_LANG|__GLIBC__|__SIZEOF_POINTER__)$/;
const TOKENS = /\w+|&&|\|\||[!<>=]=|[<>!()]/g;
const DEPTH_MAX = 40;

/** Undefined: nobody can tell. */
export function conditionHolds({ tree, isCpp }: CFile, node: Node): boolean | undefined {
  const condition = tree.field(node, "condition");
  if (condition !== undefined) return either({ tokens: tree.textOf(condition).match(TOKENS) ?? [], isCpp, depth: 0 });
  const name = tree.textOf(tree.field(node, "name"));
  const holds = isDefined(name, isCpp);
  return tree.textOf(node).startsWith("#ifndef") ? negated(holds) : holds;
}

/** Of headers nobody knows whether C++ reads them as well; and `extern "C" {` there has the rest of the file in it. */
function isDefined(name: string, isCpp: boolean): boolean | undefined {
  return name === "__cplusplus" ? isCpp || undefined : DEFINED.test(name);
}

function negated(holds: boolean | undefined): boolean | undefined {
  return holds === undefined ? undefined : !holds;
}

interface Reading {
  tokens: string[];
  isCpp: boolean;
  depth: number;
}

function either(of: Reading): boolean | undefined {
  let holds = both(of);
  while (of.tokens.at(0) === "||") {
    of.tokens.shift();
    const other = both(of);
    holds = holds === true || other === true ? true : holds === false && other === false ? false : undefined;
  }
  return holds;
}

function both(of: Reading): boolean | undefined {
  let holds = one(of);
  while (of.tokens.at(0) === "&&") {
    of.tokens.shift();
    const other = one(of);
    holds = holds === false || other === false ? false : holds === true && other === true ? true : undefined;
  }
  return holds;
}

function one(of: Reading): boolean | undefined {
  const { tokens, isCpp } = of;
  const word = tokens.shift() ?? "";
  if (++of.depth > DEPTH_MAX) return undefined;
  if (word === "!") return negated(one(of));
  if (word === "(") {
    const holds = either(of);
    if (tokens.at(0) === ")") tokens.shift();
    return holds;
  }
  if (word === "defined") {
    const isOpen = tokens.at(0) === "(";
    if (isOpen) tokens.shift();
    const name = tokens.shift() ?? "";
    if (isOpen) tokens.shift();
    return isDefined(name, isCpp);
  }
  if (/^[<>=!]=?$/.test(tokens.at(0) ?? "")) {
    const sign = tokens.shift() ?? "";
    tokens.shift();
    if (!RECENT.test(word) || (word === "__cplusplus" && !isCpp)) return undefined;
    return sign.startsWith(">") ? true : sign.startsWith("<") ? false : undefined;
  }
  return /^\d/.test(word) ? Number.parseInt(word, 10) !== 0 : undefined;
}
