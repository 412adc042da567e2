// What language a file is in, by its name alone. The names are a closed set that callers filter by.

const BY_EXTENSION: Record<string, readonly string[]> = {
  assembly: ["asm", "s"],
  astro: ["astro"],
  bash: ["sh", "bash", "zsh", "ksh", "bats"],
  batch: ["bat", "cmd"],
  c: ["c", "h"],
  clojure: ["clj", "cljs", "cljc", "edn"],
  cmake: ["cmake"],
  cpp: ["cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "ipp", "inl", "cu", "cuh"],
  csharp: ["cs", "csx"],
  css: ["css", "scss", "sass", "less", "styl", "pcss"],
  dart: ["dart"],
  diff: ["diff", "patch"],
  elixir: ["ex", "exs", "heex"],
  elm: ["elm"],
  erlang: ["erl", "hrl"],
  fortran: ["f", "f90", "f95", "f03"],
  fsharp: ["fs", "fsi", "fsx"],
  go: ["go"],
  graphql: ["graphql", "gql"],
  groovy: ["groovy", "gradle"],
  haskell: ["hs", "lhs"],
  hcl: ["hcl", "tf", "tfvars", "nomad"],
  html: ["html", "htm", "xhtml", "ejs", "hbs", "handlebars", "mustache", "njk", "erb", "liquid"],
  ini: ["ini", "cfg", "conf", "properties", "editorconfig"],
  java: ["java"],
  javascript: ["js", "jsx", "mjs", "cjs"],
  json: ["json", "jsonc", "json5", "webmanifest", "geojson", "map"],
  julia: ["jl"],
  kotlin: ["kt", "kts"],
  lisp: ["lisp", "lsp", "el", "scm", "rkt"],
  lua: ["lua"],
  make: ["mk", "mak"],
  markdown: ["md", "mdx", "markdown"],
  matlab: ["m"],
  nim: ["nim"],
  nix: ["nix"],
  ocaml: ["ml", "mli"],
  pascal: ["pas", "pp"],
  perl: ["pl", "pm"],
  php: ["php", "phtml"],
  powershell: ["ps1", "psm1", "psd1"],
  prisma: ["prisma"],
  protobuf: ["proto"],
  python: ["py", "pyi", "pyx", "pxd"],
  r: ["r"],
  restructuredtext: ["rst"],
  ruby: ["rb", "rake", "gemspec", "ru"],
  rust: ["rs"],
  scala: ["scala", "sc", "sbt"],
  solidity: ["sol"],
  sql: ["sql"],
  starlark: ["bzl", "bazel", "star"],
  svelte: ["svelte"],
  swift: ["swift"],
  tcl: ["tcl"],
  tex: ["tex", "sty", "bib"],
  text: ["txt", "csv", "tsv", "log", "adoc", "org"],
  thrift: ["thrift"],
  toml: ["toml"],
  typescript: ["ts", "tsx", "mts", "cts"],
  verilog: ["v", "sv", "svh"],
  vim: ["vim"],
  vue: ["vue"],
  wgsl: ["wgsl", "glsl", "vert", "frag", "hlsl"],
  xml: ["xml", "xsd", "xsl", "svg", "plist", "csproj", "vbproj", "fsproj", "props", "targets", "resx"],
  yaml: ["yaml", "yml"],
  zig: ["zig", "zon"],
};

const BY_NAME: Record<string, string> = {
  "cmakelists.txt": "cmake",
  brewfile: "ruby",
  build: "starlark",
  "cargo.lock": "toml",
  "composer.lock": "json",
  containerfile: "dockerfile",
  dockerfile: "dockerfile",
  gemfile: "ruby",
  gnumakefile: "make",
  jenkinsfile: "groovy",
  justfile: "make",
  makefile: "make",
  podfile: "ruby",
  "poetry.lock": "toml",
  rakefile: "ruby",
  "tsconfig.json": "json",
  vagrantfile: "ruby",
  workspace: "starlark",
  ".babelrc": "json",
  ".bash_profile": "bash",
  ".bashrc": "bash",
  ".eslintrc": "json",
  ".prettierrc": "json",
  ".swcrc": "json",
  ".zshrc": "bash",
};

/** The language of a file that is in none of the others. */
const NO_LANGUAGE = "other";

/** Every language a file can have, sorted. */
export const LANGUAGES: readonly string[] = [
  ...new Set([...Object.keys(BY_EXTENSION), ...Object.values(BY_NAME), NO_LANGUAGE]),
].sort();

const LANGUAGE_OF_EXTENSION = new Map(
  Object.entries(BY_EXTENSION).flatMap(([language, extensions]) =>
    extensions.map((extension) => [extension, language] as const),
  ),
);

const LANGUAGE_OF_NAME = new Map(Object.entries(BY_NAME));

export function languageOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const extension = name.slice(name.lastIndexOf(".") + 1);
  return (
    LANGUAGE_OF_NAME.get(name) ??
    (name.startsWith("dockerfile.") ? "dockerfile" : undefined) ??
    LANGUAGE_OF_EXTENSION.get(extension) ??
    NO_LANGUAGE
  );
}

/** Prose and data: they mention everything, and are seldom what somebody looks for. */
const NOT_CODE = new Set([
  "diff",
  "html",
  "ini",
  "json",
  "markdown",
  "restructuredtext",
  "tex",
  "text",
  "toml",
  "xml",
  "yaml",
  NO_LANGUAGE,
]);

export function isCode(language: string): boolean {
  return !NOT_CODE.has(language);
}
