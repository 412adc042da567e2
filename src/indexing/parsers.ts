// The rim of the grammars: loads tree-sitter's WASM grammars, each on first use and once for each thread.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Language, Parser, type Tree } from "web-tree-sitter";
import type { Cursor, GrammarParser } from "../languages/syntax-tree.ts";
import { cursorsOf } from "./tree-cursor.ts";

/** Where the grammar of a language lies. */
const GRAMMARS: Record<string, string> = {
  bash: "tree-sitter-bash/tree-sitter-bash.wasm",
  c: "tree-sitter-c/tree-sitter-c.wasm",
  cpp: "tree-sitter-cpp/tree-sitter-cpp.wasm",
  csharp: "tree-sitter-c-sharp/tree-sitter-c_sharp.wasm",
  elixir: "tree-sitter-elixir/tree-sitter-elixir.wasm",
  go: "tree-sitter-go/tree-sitter-go.wasm",
  haskell: "tree-sitter-haskell/tree-sitter-haskell.wasm",
  hcl: "@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm",
  java: "tree-sitter-java/tree-sitter-java.wasm",
  kotlin: "@tree-sitter-grammars/tree-sitter-kotlin/tree-sitter-kotlin.wasm",
  lua: "@tree-sitter-grammars/tree-sitter-lua/tree-sitter-lua.wasm",
  ocaml: "tree-sitter-ocaml/tree-sitter-ocaml.wasm",
  "ocaml-interface": "tree-sitter-ocaml/tree-sitter-ocaml_interface.wasm",
  php: "tree-sitter-php/tree-sitter-php.wasm",
  python: "tree-sitter-python/tree-sitter-python.wasm",
  ruby: "tree-sitter-ruby/tree-sitter-ruby.wasm",
  rust: "tree-sitter-rust/tree-sitter-rust.wasm",
  scala: "tree-sitter-scala/tree-sitter-scala.wasm",
  zig: "@tree-sitter-grammars/tree-sitter-zig/tree-sitter-zig.wasm",
};

const packages = createRequire(import.meta.url);
let runtime: Promise<(tree: Tree) => Cursor> | undefined;
const parsers = new Map<string, Promise<GrammarParser>>();

/** Undefined: there is no grammar of that name. A parser takes one text at a time. */
export function loadParser(grammar: string): Promise<GrammarParser> | undefined {
  const file = GRAMMARS[grammar];
  if (file === undefined) return undefined;
  const known = parsers.get(grammar);
  if (known) return known;
  const loading = load(file);
  parsers.set(grammar, loading);
  return loading;
}

async function load(file: string): Promise<GrammarParser> {
  runtime ??= loadRuntime();
  const walk = await runtime;
  const language = await Language.load(await readFile(packages.resolve(file)));
  const parser = new Parser().setLanguage(language);
  return {
    // A progress callback returns whether to stop; the package's declaration says void.
    parse: (read, oldTree, options) => {
      const tree = parser.parse(read, oldTree, options);
      return tree && { language, walk: () => walk(tree), delete: () => tree.delete() };
    },
    reset: () => parser.reset(),
  };
}

async function loadRuntime(): Promise<(tree: Tree) => Cursor> {
  const module = {};
  await Parser.init(module);
  return cursorsOf(module);
}
