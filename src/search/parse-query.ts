// A search query as a pattern: what `grams.ts` plans and `match.ts` matches.
import { invalidInput } from "../errors.ts";
import { literalNode, parseRegex } from "./regex/parse.ts";
import { compile, type Program } from "./regex/program.ts";
import type { Node } from "./regex/syntax.ts";

export interface Pattern {
  node: Node;
  program: Program;
  /** The pattern matches exactly this text, which is not empty, and nothing else. */
  literal?: string;
}

export interface Query {
  query: string;
  match: "literal" | "regex";
  caseSensitive: boolean;
}

/**
 * Lines are matched one by one, without their `\n` but with a `\r` before it. Throws `invalid_input` that names the
 * construct and its place for what is not supported, is wrong or is too large. Linear in the query and its size.
 */
export function parsePattern({ query, match, caseSensitive }: Query): Pattern {
  if (query === "") throw invalidInput("query", "The query is empty.");
  const newline = query.indexOf("\n");
  if (newline >= 0) {
    const offset = Array.from(query.slice(0, newline)).length;
    const advice = "Lines are searched one by one: search for one of its lines.";
    throw invalidInput("query", `The query holds a newline (at character offset ${offset}). ${advice}`);
  }
  const foldsCase = !caseSensitive;
  const node = match === "literal" ? literalNode(query, { foldsCase }) : parseRegex(query, { foldsCase });
  const literal = literalOf(node);
  return { node, program: compile(node), ...(literal === undefined ? {} : { literal }) };
}

function literalOf(node: Node): string | undefined {
  let text = "";
  for (const part of node.kind === "concat" ? node.children : [node]) {
    if (part.kind !== "chars" || part.set.length !== 2 || part.set[0] !== part.set[1]) return undefined;
    text += String.fromCodePoint(part.set[0] ?? 0);
  }
  return text;
}
