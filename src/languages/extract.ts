// From a text to its facts, by grammar: the one table of what is understood. Pure, and never throws.
import { readCargo } from "./cargo-manifest.ts";
import { extractCFamily, isCppHeader } from "./c-family.ts";
import { extractCSharp } from "./csharp.ts";
import { CUT_FACTS, NO_FACTS, type Facts } from "./facts.ts";
import { extractGo } from "./go.ts";
import { extractJava } from "./java.ts";
import { extractKotlin } from "./kotlin.ts";
import { readPackageJson, readPnpmWorkspace, readTsconfig } from "./manifest.ts";
import { extractOutline } from "./outline.ts";
import { readComposer, readGoModule, readGoWorkspace } from "./package-manifests.ts";
import { extractPhp } from "./php.ts";
import { readPyproject, readRequirements, readSetupCfg } from "./python-manifests.ts";
import { extractPython } from "./python.ts";
import { withoutBranches, withoutMacros, withoutMarks } from "./c-macros.ts";
import { withoutConditions, withoutRestAnnotations, withoutSoftKeywords, withoutWrappers } from "./repair.ts";
import { extractRuby } from "./ruby.ts";
import { extractRust } from "./rust.ts";
import { extractScala } from "./scala.ts";
import { readSyntaxTree, type GrammarParser, type SyntaxTree } from "./syntax-tree.ts";
import { extractComponent } from "./script-blocks.ts";
import { extractTypescript } from "./typescript.ts";

type Source = { path: string; text: string };

const EXTRACTORS: Record<string, (file: Source) => Facts> = {
  astro: extractComponent,
  "Cargo.toml": readCargo,
  "composer.json": readComposer,
  "d.ts": extractTypescript,
  "go.mod": readGoModule,
  "go.work": readGoWorkspace,
  javascript: extractTypescript,
  "package.json": readPackageJson,
  "pnpm-workspace.yaml": readPnpmWorkspace,
  "pyproject.toml": readPyproject,
  "requirements.txt": readRequirements,
  "setup.cfg": readSetupCfg,
  "tsconfig.json": readTsconfig,
  svelte: extractComponent,
  tsx: extractTypescript,
  typescript: extractTypescript,
  vue: extractComponent,
};

/** Languages that are read from the syntax tree of a parser of that name, unless `PARSERS` has another. */
const OF_TREES: Record<string, (source: { path: string; tree: SyntaxTree }) => Facts> = {
  bash: extractOutline("bash"),
  c: extractCFamily,
  cpp: extractCFamily,
  csharp: extractCSharp,
  elixir: extractOutline("elixir"),
  go: extractGo,
  "go-test": extractGo,
  h: extractCFamily,
  haskell: extractOutline("haskell"),
  hcl: extractOutline("hcl"),
  hpp: extractCFamily,
  java: extractJava,
  kotlin: extractKotlin,
  lua: extractOutline("lua"),
  ocaml: extractOutline("ocaml"),
  "ocaml-interface": extractOutline("ocaml"),
  php: extractPhp,
  python: extractPython,
  ruby: extractRuby,
  rust: extractRust,
  scala: extractScala,
  zig: extractOutline("zig"),
};

const PARSERS: Record<string, string | ((text: string) => string)> = {
  "go-test": "go",
  h: (text) => (isCppHeader(text) ? "cpp" : "c"),
  hpp: "cpp",
};

/** Texts that their grammar reads better when something is left out. */
const READERS: Record<string, (parser: GrammarParser, text: string) => SyntaxTree | undefined> = {
  c: readWithoutMarks,
  cpp: readWithoutMarks,
  csharp: readCSharp,
  h: readWithoutMarks,
  hpp: readWithoutMarks,
  java: (parser, text) => readSyntaxTree(parser, text, withoutRestAnnotations(text)),
  kotlin: (parser, text) => readSyntaxTree(parser, text, withoutSoftKeywords(text)),
  rust: readRust,
};

function readWithoutMarks(parser: GrammarParser, text: string): SyntaxTree | undefined {
  let plain = withoutMarks(text);
  let tree = readSyntaxTree(parser, text, plain);
  // Each reading loses something, and is tried where the one before it failed; the last where all was lost.
  for (const read of [withoutMacros, withoutBranches]) {
    const errors = tree?.errors() ?? 0;
    if (!tree || errors === 0 || (read === withoutBranches && !tree.is(tree.root, "ERROR"))) return tree;
    const next = read(text);
    const other = next === plain ? undefined : readSyntaxTree(parser, text, next);
    if (other && (other.errors() < errors || !other.is(other.root, "ERROR"))) [tree, plain] = [other, next];
  }
  return tree;
}

function readCSharp(parser: GrammarParser, text: string): SyntaxTree | undefined {
  const tree = readSyntaxTree(parser, text);
  const errors = tree?.errors() ?? 0;
  if (errors === 0 || !/^\s*#\s*if\b/m.test(text)) return tree;
  const other = readSyntaxTree(parser, text, withoutConditions(text));
  return other && other.errors() < errors ? other : tree;
}

function readRust(parser: GrammarParser, text: string): SyntaxTree | undefined {
  const plain = withoutWrappers(text);
  const tree = readSyntaxTree(parser, text, plain);
  const errors = tree?.errors() ?? 0;
  if (errors === 0 || plain === text) return tree;
  const other = readSyntaxTree(parser, text);
  return other && other.errors() < errors ? other : tree;
}

/** Name of the parser that such a text is read with as `grammar`; of a grammar without one the grammar's own. */
export function parserOf(grammar: string, text: string): string {
  const parser = PARSERS[grammar] ?? grammar;
  return typeof parser === "string" ? parser : parser(text);
}

/**
 * Facts of the text as `grammar` (see grammarOf) reads it; CUT_FACTS of one that overflows the stack or is too hard to
 * parse. Throws WebAssembly.RuntimeError for a text that breaks the parser, and with it all parsers of the process or thread.
 * `parser` is that of `parserOf`, where there is one.
 */
export function extractFacts(grammar: string, file: Source, parser?: GrammarParser): Facts {
  try {
    const extract = OF_TREES[grammar];
    if (!extract || !parser) return EXTRACTORS[grammar.replace(/ .*/s, "")]?.(file) ?? NO_FACTS;
    const tree = READERS[grammar]?.(parser, file.text) ?? readSyntaxTree(parser, file.text);
    return tree ? extract({ path: file.path, tree }) : CUT_FACTS;
  } catch (error) {
    // A chain of 50,000 operators, say: parsers recurse.
    if (error instanceof RangeError) return CUT_FACTS;
    throw error;
  }
}
